package maillog

import (
	"bytes"
	"io"
)

// lines cuts what it reads into lines. The buffer has room for more than one of
// maxLine bytes.
type lines struct {
	in     io.Reader
	err    error // why there is no more to read
	buf    []byte
	from   int // what is read and not yet given: buf[from:end]
	end    int
	base   int64 // where buf[0] stands in the input
	start  int64 // where the line does
	number int64 // of the line, counted from 1
	torn   bool  // the input ends inside the line
}

// What next found.
type found int

const (
	lineFound found = iota
	longFound       // a line of more than maxLine bytes, which is not given
	endFound
)

// next gives the next line without its end.
func (l *lines) next() ([]byte, found) {
	l.number++
	l.start = l.base + int64(l.from)
	if i := bytes.IndexByte(l.buf[l.from:l.end], '\n'); i >= 0 {
		line := l.buf[l.from : l.from+i]
		l.from += i + 1
		return finish(line)
	}
	return l.across()
}

// across gives a line that is not whole in the buffer yet.
func (l *lines) across() ([]byte, found) {
	long := false
	seen := l.end - l.from
	for {
		if seen > maxLine {
			l.base += int64(l.end)
			long, seen, l.from, l.end = true, 0, 0, 0
		}
		if !l.fill() {
			break
		}
		if i := bytes.IndexByte(l.buf[l.from+seen:l.end], '\n'); i >= 0 {
			line := l.buf[l.from : l.from+seen+i]
			l.from += seen + i + 1
			if long {
				return nil, longFound
			}
			return finish(line)
		}
		seen = l.end - l.from
	}
	if long {
		return nil, longFound
	}
	return l.last()
}

// last gives what stands behind the last line end.
func (l *lines) last() ([]byte, found) {
	line := l.buf[l.from:l.end]
	l.from = l.end
	if len(line) == 0 {
		return nil, endFound
	}
	l.torn = true
	return finish(line)
}

// finish takes the carriage return off a line and looks at its length.
func finish(line []byte) ([]byte, found) {
	if len(line) > maxLine {
		return nil, longFound
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line[:len(line):len(line)], lineFound
}

// fill reads on behind the line that is begun. False means that there is nothing
// more; err says why.
func (l *lines) fill() bool {
	if l.err != nil {
		return false
	}
	if l.from > 0 {
		copy(l.buf, l.buf[l.from:l.end])
		l.base += int64(l.from)
		l.end -= l.from
		l.from = 0
	}
	for range 100 { // as patient as bufio with a reader that gives nothing
		n, err := l.in.Read(l.buf[l.end:])
		l.err = err
		if n > 0 {
			l.end += n
			return true
		}
		if err != nil {
			return false
		}
	}
	l.err = io.ErrNoProgress
	return false
}
