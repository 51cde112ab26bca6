package collectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mailflow/diag"
	"mailflow/evidence"
)

// Bounds on what is kept of an export: the case file holds it in one line.
const (
	maxKept         = 56 << 20 // bytes in the case file, in the entries or in the model made of them
	maxShown        = 50       // problems of one export
	maxShownInAll   = 2000     // problems of all exports, but for one of each
	maxLinksOfOne   = 2000     // values of one attribute
	maxBytesOfValue = 4 << 10
)

const tooMuch = "too much configuration for one case: what follows is left out"

// An exports reads files of one sort and says how that went.
type exports struct {
	*opener
	list  []evidence.Export
	file  io.Reader // that is read
	shown int       // problems of all of them
}

func newExports(ctx context.Context, w diag.World) *exports {
	return &exports{opener: newOpener(ctx, w)}
}

// read reads one file. What is damaged is left out and said.
func (s *exports) read(file evidence.File, take func(x *evidence.Export, r io.Reader)) {
	s.list = append(s.list, evidence.Export{Path: file.Path, Format: file.Format})
	x := &s.list[len(s.list)-1]
	f, err := s.openEvidence(file.Path)
	if err != nil {
		x.Problems = append(x.Problems, evidence.Problem{Text: err.Error()})
	} else {
		defer f.Close()
		s.file = f
		take(x, newMeter(s.w, &stoppable{s.ctx, f}, file.Path, file.Bytes))
	}
	if n := len(x.Problems) + x.More; n > 0 {
		s.w.Note(fmt.Sprintf("%s could not be read in %d places, the first is %s", file.Path, n, problem(x.Problems[0])))
		s.few(x)
	}
}

// few keeps one problem of a file, once those before it have many.
func (s *exports) few(x *evidence.Export) {
	if s.shown > maxShownInAll {
		x.More += len(x.Problems) - 1
		x.Problems = x.Problems[:1]
	}
	s.shown += len(x.Problems)
}

func problem(p evidence.Problem) string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// verdict is why there is nothing, where nothing was kept: what the files have,
// what none of that does, and what a file would have to be.
func (s *exports) verdict(kept int, things, none, wanted string) error {
	if kept > 0 {
		return nil
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	var without []string
	for _, x := range s.list {
		why := fmt.Sprintf("%s has %d %s, and none of them %s", x.Path, x.Objects, things, none)
		if len(x.Problems) > 0 {
			why += " (" + problem(x.Problems[0]) + ")"
		}
		without = append(without, why)
	}
	if more := len(without) - maxReasons; more > 0 {
		without = append(without[:maxReasons], fmt.Sprintf("and so %d more files", more))
	}
	if len(without) > 0 {
		return errors.New(strings.Join(without, "; "))
	}
	return errors.New("none of the evidence files is " + wanted)
}

// maxReasons is how many files are named that were of no use.
const maxReasons = 10

func note(x *evidence.Export, line int, what string) {
	if len(x.Problems) == maxShown {
		x.More++
		return
	}
	x.Problems = append(x.Problems, evidence.Problem{Line: line, Text: what})
}

// cost is how long a text is in a case file, which escapes some characters.
func cost(text string) int {
	n := 2
	for _, r := range text {
		switch {
		case strings.ContainsRune("<>&", r), diag.Unprintable(r):
			n += 12
		case r == '"', r == '\\':
			n += 2
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}
