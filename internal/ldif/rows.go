package ldif

import (
	"bufio"
	"bytes"
)

// A row ends with its line, but for a line feed between quotation marks. A mark
// that is still open after this many lines is damage, not text.
const maxLines = 64

// rows cuts a table into rows. It does so itself because encoding/csv follows
// an open quotation mark to the end of the file, whatever its length.
type rows struct {
	in   *bufio.Reader
	held []byte // lines that were read with a row and are no part of it
	line int    // lines read
	err  error  // why there are no more

	record []byte // the row, without its line end
	at     int    // the line it begins on
	long   bool   // it was too long and is not there
	torn   bool   // the file ends without ending it
}

// next reads a row. When a quotation mark stays open, its first line is the row.
func (r *rows) next() bool {
	r.record, r.at, r.long = r.record[:0], r.line+1, false
	inside := false
	for n := 1; ; n++ {
		from := len(r.record)
		if !r.take() || r.long {
			break
		}
		if inside = quoted(r.record[from:], inside); !inside || n == maxLines {
			break
		}
	}
	r.torn = !bytes.HasSuffix(r.record, []byte("\n")) && !r.long
	if inside && !r.long {
		r.retreat()
	}
	r.record = trimCR(bytes.TrimSuffix(r.record, []byte("\n")))
	return len(r.record) > 0 || r.long || r.line >= r.at
}

// retreat leaves of a row its first line, and the others to be read again.
func (r *rows) retreat() {
	first := bytes.IndexByte(r.record, '\n') + 1
	if first == 0 || first == len(r.record) {
		return
	}
	r.held = append(bytes.Clone(r.record[first:]), r.held...)
	r.record, r.line, r.torn = r.record[:first], r.at, false
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
		if len(r.record)+len(piece) > maxEntry {
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
		line, _, whole := bytes.Cut(r.held, []byte("\n"))
		if whole {
			line = r.held[:len(line)+1]
		}
		r.held = r.held[len(line):]
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
func quoted(s []byte, inside bool) bool {
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
		start = !inside && s[i] == ','
	}
	return inside
}
