package maillog

import (
	"bytes"
	"fmt"
)

// Problem is a line that the reader left out, or that it doubts.
type Problem struct {
	Line int64 // counted from 1
	What string
}

// journal keeps problems, but not without end: a file of another kind has one on
// every line.
type journal struct {
	problems []Problem
	more     int64 // problems that are not in the list
	skipped  int64
}

// Problems lists what was left out or is in doubt so far: the first hundred, and
// behind them how many there are besides.
func (j *journal) Problems() []Problem {
	list := j.problems[:len(j.problems):len(j.problems)]
	if j.more > 0 {
		list = append(list, Problem{list[len(list)-1].Line, fmt.Sprintf("%d more problems behind this line are not listed", j.more)})
	}
	return list
}

// Skipped counts the lines that were left out so far. Lines that are passed over
// because they bear on no message are not among them.
func (j *journal) Skipped() int64 { return j.skipped }

func (j *journal) doubt(line int64, what string) {
	if len(j.problems) == maxProblems {
		j.more++
		return
	}
	j.problems = append(j.problems, Problem{line, what})
}

// skip leaves a line out.
func (j *journal) skip(line int64, what string) {
	j.skipped++
	j.doubt(line, what+": left out")
}

// trim takes away what stands before a line without being part of it: a byte
// order mark, and the zero bytes that a crash leaves of space that was allotted
// and never written.
func (r *Reader) trim(line []byte) []byte {
	if r.torn {
		r.doubt(r.number, "the file ends inside this line; what it says may be cut short")
	}
	if line[0] == 0 {
		r.doubt(r.number, "zero bytes before this line, as a crash leaves them")
		line = bytes.TrimLeft(line, "\x00")
	}
	if r.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\uFEFF"))
	}
	return line
}
