package regfile

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"mailflow/internal/charset"
)

// feed reads line by line, and can give the last one back.
type feed struct {
	in    *bufio.Reader
	line  int // lines begun
	long  bool
	torn  bool // the file ends inside this line
	again bool // the line was given back
	text  []byte
	err   error
}

// next goes on to the next line. What is beyond maxLine of it is thrown away.
func (l *feed) next() bool {
	if l.again {
		l.again = false
		return true
	}
	if l.err != nil {
		return false
	}
	l.text, l.long, l.torn = l.text[:0], false, false
	for {
		var piece []byte
		piece, l.err = l.in.ReadSlice('\n')
		if l.long = l.long || len(l.text)+len(piece) > maxLine; !l.long {
			l.text = append(l.text, piece...)
		}
		if l.err != bufio.ErrBufferFull {
			break
		}
	}
	if l.err == nil || len(l.text) > 0 || l.long {
		l.line++
	}
	l.torn = l.err == io.EOF && len(l.text) > 0
	return l.err == nil || len(l.text) > 0 || l.long
}

// back makes next give the same line once more.
func (l *feed) back() { l.again = true }

// current is the line in UTF-8 without its end, and without the mark that
// another file brought along.
func (l *feed) current() string {
	return strings.TrimPrefix(strings.TrimRight(string(charset.UTF8(l.text)), "\r\n"), "\uFEFF")
}

// journal hands problems on, but not without end: a file of another kind has
// one on every line.
type journal struct {
	report func(Problem)
	count  int
}

func (j *journal) add(line int, what string) {
	j.count++
	if j.report != nil && j.count <= maxProblems {
		j.report(Problem{line, what})
	}
}

// close says how many problems were not reported.
func (j *journal) close(line int) {
	if more := j.count - maxProblems; j.report != nil && more > 0 {
		j.report(Problem{line, fmt.Sprintf("%d more problems up to here are not listed", more)})
	}
}
