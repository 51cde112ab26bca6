package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// lookPatience is how long the screen waits for a disk to say whether a path is
// there: a server that is down may take half a minute, and the run tells it too.
const lookPatience = 2 * time.Second

// look asks the disk whether the paths of the answer are there. It is done when
// the field is left, not with each letter. Those of an earlier run are left alone:
// they may be of another machine.
func (f *field) look() {
	if !f.browse {
		return
	}
	f.faults = map[string]error{}
	for _, path := range strings.Split(f.value(), "\n") {
		if path == "" || slices.Contains(f.known, path) {
			continue
		}
		if err := lookAt(path); err != nil {
			f.faults[path] = fmt.Errorf("%w (%s)", err, f.remedy())
		}
	}
}

// lookAt says why a path cannot be read.
func lookAt(path string) error {
	answer := make(chan error, 1)
	go func() {
		_, err := os.Stat(path)
		answer <- err
	}()
	select {
	case err := <-answer:
		if of := new(fs.PathError); errors.As(err, &of) {
			err = fmt.Errorf("%s cannot be read: %w", path, of.Err)
		}
		return err
	case <-time.After(lookPatience):
		return nil
	}
}

// remedy says how a wrong path is got rid of.
func (f *field) remedy() string {
	if f.many {
		return "Backspace takes the last path out, ctrl+n all of them"
	}
	return "correct it, or ctrl+n leaves the answer empty"
}

// missing is what was wrong with the first path of the answer when the field was
// left.
func (f *field) missing() error {
	if len(f.faults) == 0 {
		return nil
	}
	for _, path := range strings.Split(f.value(), "\n") {
		if err := f.faults[path]; err != nil {
			return err
		}
	}
	return nil
}
