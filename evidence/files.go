package evidence

import "mailflow/diag"

// Files is what the operator handed over.
var Files = diag.NewKey[[]File]("files", "the evidence files: what each is, and which nobody here can read yet")

// A File is one file of the evidence that the operator named.
type File struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"` // of what is in an archive; of files see FileSums
	Format string `json:"format,omitempty"` // what it was read as; "" when unread
	Unread string `json:"unread,omitempty"` // why it was not read
}

// FileSums are the hashes of the files, so that everybody can tell which ones a
// report is about.
var FileSums = diag.NewKey[[]FileSum]("files.sums", "the SHA-256 of each evidence file")

// A FileSum is the hash of one file.
type FileSum struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}
