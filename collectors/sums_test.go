package collectors

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"mailflow/diag"
)

// A file on a disk is known by its head; its hash comes beside, and is that of the
// whole. What is in an archive has its hash from the walk.
func TestFileSums(t *testing.T) {
	name := filepath.Join(t.TempDir(), "track.log")
	text := make([]byte, 3*maxHead)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	w := diag.World{Open: func(name string) (io.ReadCloser, error) { return os.Open(name) }}
	found := walked(t.Context(), w, name)
	if len(found) != 1 || found[0].Bytes != int64(len(text)) || found[0].SHA256 != "" {
		t.Fatalf("%+v", found)
	}
	want := sha256.Sum256(text)
	if got, err := sumOf(t.Context(), w, name); err != nil || got != hex.EncodeToString(want[:]) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := sumOf(t.Context(), w, name+".gone"); err == nil {
		t.Error("a file that is gone has no hash")
	}
}
