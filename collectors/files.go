package collectors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/ldif"
)

// Bounds of the evidence that an operator hands over.
const (
	maxFiles = 10000
	maxDepth = 16
)

// files lists what the operator handed over and says of each file what it is.
// A format that nobody here reads is listed as unread, never passed over.
func files() *diag.Collector {
	col := diag.NewCollector("files", "reads the evidence files that you named", evidence.Files,
		[]diag.AnyKey{evidence.Paths}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.File, error) {
			walk := &walk{ctx: ctx, w: w}
			for _, path := range evidence.Paths.In(e) {
				walk.visit(path, 0)
			}
			return walk.found, nil
		})
	col.Offline = true
	return col
}

type walk struct {
	ctx   context.Context
	w     diag.World
	found []evidence.File
}

func (k *walk) visit(path string, depth int) {
	if k.full(path) || k.ctx.Err() != nil {
		return
	}
	f, err := k.w.Open(path)
	if err != nil {
		k.unread(path, err.Error())
		return
	}
	defer f.Close()
	if stat, ok := f.(interface{ Stat() (fs.FileInfo, error) }); ok {
		info, err := stat.Stat()
		switch {
		case err == nil && info.IsDir():
			k.folder(path, f, depth)
			return
		case err == nil && !info.Mode().IsRegular():
			k.unread(path, "no ordinary file")
			return
		}
	}
	k.found = append(k.found, identify(k.ctx, path, f))
}

// full ends the walk where enough is found, and says so once.
func (k *walk) full(path string) bool {
	if len(k.found) == maxFiles {
		k.unread(path, fmt.Sprintf("this and what comes behind it: more than %d files", maxFiles))
	}
	return len(k.found) > maxFiles
}

func (k *walk) unread(path, why string) {
	k.found = append(k.found, evidence.File{Path: path, Unread: why})
}

func (k *walk) folder(path string, f io.Reader, depth int) {
	dir, ok := f.(fs.ReadDirFile)
	if !ok || depth == maxDepth {
		k.unread(path, fmt.Sprintf("a folder %d levels down", depth))
		return
	}
	entries, err := dir.ReadDir(maxFiles + 1)
	if err != nil && err != io.EOF {
		k.unread(path, err.Error())
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return bytes.Compare([]byte(a.Name()), []byte(b.Name())) })
	for _, entry := range entries {
		name := filepath.Join(path, entry.Name())
		switch {
		case k.full(name):
			return
		case entry.Type()&fs.ModeSymlink != 0: // it may lead in a circle, or out of the folder
			k.unread(name, "a symbolic link, which is not followed: name its target")
		case entry.IsDir() || entry.Type().IsRegular():
			k.visit(name, depth+1)
		default: // opening a pipe would wait for its writer
			k.unread(name, "no ordinary file")
		}
	}
}

// identify reads a file once: its size, its hash and what it is.
func identify(ctx context.Context, path string, f io.Reader) evidence.File {
	file := evidence.File{Path: path, Unread: "no reader here knows this format yet"}
	sum, start := sha256.New(), &head{}
	n, err := io.Copy(io.MultiWriter(sum, start), &stoppable{ctx, f})
	file.Bytes, file.SHA256 = n, hex.EncodeToString(sum.Sum(nil))
	if err != nil {
		file.Unread, file.SHA256 = err.Error(), ""
	} else if n == 0 {
		file.Unread = "empty"
	} else if format := recognise(start.kept); format != "" {
		file.Format, file.Unread = format, ""
	}
	return file
}

// recognise says what a file is by how it begins; "" when nobody here reads it.
func recognise(start []byte) string {
	switch ldif.Sniff(start) {
	case "ldif":
		return formatLDIF
	case "csvde":
		return formatCSVDE
	}
	return ""
}

// What a file may be read as.
const (
	formatLDIF  = "LDIF"
	formatCSVDE = "CSVDE"
)

// maxHead is how much of a file says what it is.
const maxHead = 8 << 10

// A head keeps how a file begins.
type head struct{ kept []byte }

func (h *head) Write(b []byte) (int, error) {
	h.kept = append(h.kept, b[:min(len(b), maxHead-len(h.kept))]...)
	return len(b), nil
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}
