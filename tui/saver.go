package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mailflow/diag"
)

// A saver writes the events of a run to a case file as they happen, so that a
// crash or a closed window loses nothing. It never stops a run: what went wrong
// is told at the end.
type saver struct {
	file *os.File
	path string
	err  error
}

// createCase makes a new case file. Only its owner may read it: it says who
// writes to whom.
func createCase(folder, name string) *saver {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return &saver{err: err}
	}
	for n := 1; n < 100; n++ {
		path := filepath.Join(folder, name+".jsonl")
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s-%d.jsonl", name, n))
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			return &saver{file: f, path: path}
		}
		if !errors.Is(err, os.ErrExist) {
			return &saver{err: err}
		}
	}
	return &saver{err: errors.New("too many cases of that name")}
}

func (s *saver) write(ev diag.Event) {
	if s.err == nil {
		s.err = diag.WriteEvent(s.file, ev)
	}
}

func (s *saver) close() {
	if s.file != nil {
		s.err = errors.Join(s.err, s.file.Close())
	}
}
