package cmdlet

import (
	"bufio"
	"bytes"
)

// rows cuts a table into rows. A row ends with its line, but for a line end
// between quotation marks. encoding/csv would follow an open quotation mark to
// the end of the file, whatever its length.
type rows struct {
	in        *bufio.Reader
	separator byte
	held      []byte // lines that were read with a row and are no part of it
	line      int    // lines read
	err       error  // why there are no more

	record []byte   // the row, without its line end
	at     int      // the line it begins on
	long   bool     // a line of it was too long and is not there
	open   bool     // a quotation mark in it is never closed
	whole  bool     // its line has an end
	fields [][]byte // what split made of it
}

// maxRow bounds a row of several lines. Twice of it is still no more than one
// line may have.
const maxRow = maxObject / 2

// next reads a row. When a quotation mark stays open, its first line is the row,
// and the others are rows of their own: to look for the end of each of them
// anew could take the square of the time.
func (r *rows) next() bool {
	r.record, r.at, r.long, r.open = r.record[:0], r.line+1, false, false
	single := len(r.held) > 0
	for more := true; more && len(r.record) <= maxRow; {
		from := len(r.record)
		if !r.take() {
			break
		}
		if r.long {
			r.record = append(r.record[:from], '\n') // in its place, to count lines right
			break
		}
		r.open = quoted(r.record[from:], r.open, r.separator)
		more = r.open && !single
	}
	if r.open {
		r.retreat()
	}
	r.whole = bytes.HasSuffix(r.record, []byte("\n"))
	r.record = bytes.TrimRight(r.record, "\r\n")
	return r.line >= r.at
}

// retreat leaves of a row its first line, and the others to be read again.
func (r *rows) retreat() {
	first := bytes.IndexByte(r.record, '\n') + 1
	if first == 0 || first == len(r.record) {
		return
	}
	r.held = bytes.Clone(r.record[first:])
	r.record, r.line = r.record[:first], r.at
}

// take appends a line to the row. What goes over the bound is read and dropped.
func (r *rows) take() bool {
	begun := false
	for {
		piece, whole := r.piece()
		if len(piece) == 0 {
			break
		}
		begun = true
		if len(r.record)+len(piece) > maxObject {
			r.long = true
		} else {
			r.record = append(r.record, piece...)
		}
		if whole {
			break
		}
	}
	if begun {
		r.line++
	}
	return begun
}

// piece gives the next piece of a line and whether it ends it.
func (r *rows) piece() ([]byte, bool) {
	if len(r.held) > 0 {
		end := bytes.IndexByte(r.held, '\n') + 1
		whole := end > 0
		if !whole {
			end = len(r.held)
		}
		line := r.held[:end]
		r.held = r.held[end:]
		return line, whole
	}
	if r.err != nil {
		return nil, true
	}
	piece, err := r.in.ReadSlice('\n')
	if err != nil && err != bufio.ErrBufferFull {
		r.err = err
	}
	return piece, err == nil
}

// quoted says whether a line ends between quotation marks, when it begins so or
// not. A mark opens a field only at its first character.
func quoted(s []byte, inside bool, separator byte) bool {
	start := !inside
	for i := 0; i < len(s); i++ {
		switch {
		case !inside:
			inside = start && s[i] == '"'
		case s[i] == '"' && i+1 < len(s) && s[i+1] == '"':
			i++
		case s[i] == '"':
			inside = false
		}
		start = !inside && s[i] == separator
	}
	return inside
}

// split cuts the row into fields, over itself.
func (r *rows) split() {
	r.fields = r.fields[:0]
	for rest, more := r.record, true; more && len(r.fields) <= maxProps; {
		var field []byte
		field, rest, more = cutField(rest, r.separator)
		r.fields = append(r.fields, field)
	}
}

// cutField takes the first field of a row and writes over it. Two quotation
// marks inside of two stand for one.
func cutField(s []byte, separator byte) (field, rest []byte, more bool) {
	if len(s) == 0 || s[0] != '"' {
		return bytes.Cut(s, []byte{separator})
	}
	n := 0
	for i := 1; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 == len(s) || s[i+1] != '"' {
				behind, rest, more := bytes.Cut(s[i+1:], []byte{separator}) // no writer has anything behind
				n += copy(s[n:], behind)
				return s[:n], rest, more
			}
			i++
		}
		s[n] = s[i]
		n++
	}
	return s[:n], nil, false
}
