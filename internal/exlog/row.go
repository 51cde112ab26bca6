package exlog

import (
	"bytes"
	"errors"
)

const byteOrderMark = "\uFEFF"

// advance goes to the next line that is there as a whole.
func (r *Reader) advance() bool {
	for {
		switch r.seek() {
		case lineFound:
			return true
		case endFound:
			return false
		case longFound:
			r.skip(r.line, "longer than 1 MiB")
			r.pastLine()
		case zeroFound:
			r.tear()
		}
	}
}

// tear leaves out a line up to its zero bytes, and them.
func (r *Reader) tear() {
	if head := r.buf[r.pos:r.zero]; r.line == 1 && (bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF"))) {
		r.pos, r.next, r.end, r.zero = 0, 0, 0, noZero
		r.err = errors.New("the log is UTF-16 text: convert it to UTF-8 first")
		return
	}
	if r.zero > r.pos {
		r.skip(r.line, "zero bytes break this line off")
	}
	line := r.line
	r.doubt(line, "%d zero bytes, as a crash leaves them", r.pastZeros())
}

// accept says whether the line is a row that can be trusted.
func (r *Reader) accept() bool {
	from := r.pos
	if r.buf[from] == byteOrderMark[0] && bytes.HasPrefix(r.buf[from:r.stop], []byte(byteOrderMark)) {
		from += len(byteOrderMark) // joined files have it in the middle
	}
	switch {
	case from >= r.stop:
		return false
	case r.buf[from] == '#':
		r.heading(r.buf[from:r.stop])
		return false
	case r.columns == 0 && !r.guess(r.buf[from:r.stop]):
		r.skip(r.line, "no #Fields line before it, and the columns are not clear from its shape")
		return false
	case r.stamped && !stamp(r.buf[from:r.stop]):
		r.skip(r.line, "does not begin with a time")
		return false
	}
	return r.divide(from) && r.counted()
}

// divide splits the row, together with the lines behind it that belong to it.
func (r *Reader) divide(from int) bool {
	switch r.split(r.buf, from, r.stop) {
	case whole:
		return true
	case strayed:
		r.skip(r.line, "text behind a closing quotation mark")
		return false
	}
	if r.join(from - r.pos) {
		return true
	}
	if r.torn {
		r.skip(r.line, "the file ends inside this line")
	} else {
		r.skip(r.line, "a quotation mark is never closed")
	}
	return false
}

// join adds lines to a row until its open quotation mark is closed. Exchange is
// not known to write line ends into a value; so a line that begins like a row
// ends the attempt, and the damage stays with the first line.
func (r *Reader) join(skip int) bool {
	stop, next, ended, torn := r.stop-r.pos, r.next-r.pos, r.ended, r.torn
	for n := 1; n < maxLines && !r.torn; n++ {
		behind := r.next - r.pos
		if r.extend(behind) != lineFound || r.begins(r.buf[r.pos+behind:r.stop]) {
			break
		}
		if how := r.split(r.buf, r.pos+skip, r.stop); how != open {
			if how == whole {
				return true
			}
			break
		}
	}
	r.stop, r.next, r.ended, r.torn = r.pos+stop, r.pos+next, ended, torn
	return false
}

// begins says that a line is one that begins something, whatever stands before it.
func (r *Reader) begins(line []byte) bool {
	return r.stamped && stamp(line) || bytes.HasPrefix(line, []byte("#Software:")) || bytes.HasPrefix(line, []byte("#Fields:"))
}

// stamp recognises the time that each row of Exchange's tables begins with.
func stamp(line []byte) bool {
	return len(line) > 19 && line[0]-'0' <= 9 && line[4] == '-' && line[7] == '-' && line[10] == 'T' && line[13] == ':' && line[16] == ':'
}

// counted checks that the row has a field for each column.
func (r *Reader) counted() bool {
	fits := r.count == r.columns-1 || r.count >= r.columns && !r.surplus()
	switch {
	case !fits && r.torn:
		r.skip(r.line, "the file ends inside this line")
	case !fits:
		r.skip(r.line, "has %d fields where the header names %d", int64(r.count)+1, int64(r.columns))
	case r.torn:
		r.doubt(r.line, "the file ends inside this line; its last value may be cut short")
	}
	if fits && r.looked < maxUnsettled {
		r.settle()
	}
	if fits && r.date < 0 && r.clock >= 0 {
		r.days.see(r.cell(r.clock))
	}
	return fits
}

// cell is the value of a column of the row.
func (r *Reader) cell(c int32) []byte {
	from, to := r.bounds(int(c))
	switch v := r.text[from:to:to]; {
	case r.quotes && to-from > 1 && v[0] == '"':
		return r.unquote(v[1 : len(v)-1])
	case r.dash && to-from == 1 && v[0] == '-':
		return v[:0]
	default:
		return v
	}
}

// unquote makes one quotation mark of two. Most values have none.
func (r *Reader) unquote(v []byte) []byte {
	i := bytes.IndexByte(v, '"')
	if i < 0 {
		return v
	}
	start := len(r.scratch)
	for ; i >= 0; i = bytes.IndexByte(v, '"') {
		r.scratch = append(r.scratch, v[:i+1]...)
		v = v[i+2:]
	}
	r.scratch = append(r.scratch, v...)
	return r.scratch[start:len(r.scratch):len(r.scratch)]
}
