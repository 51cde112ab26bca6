package exlog

import (
	"bytes"
	"io"
)

// input cuts what it reads into lines. A line stays in the buffer, together with
// a block of bytes behind it that the splitter may look at.
type input struct {
	in   io.Reader
	err  error // why there is no more to read
	buf  []byte
	end  int   // what is read: buf[:end]
	base int64 // where buf[0] stands in the input

	pos   int   // the line begins here
	stop  int   // and its text ends here
	next  int   // and the next one begins here
	line  int64 // its number
	ended int64 // line ends before pos
	torn  bool  // the input ends without ending it
	zero  int   // the first zero byte that is known, or noZero
}

const noZero = int(^uint(0) >> 1)

// What seek found.
type found int

const (
	lineFound found = iota
	zeroFound       // zero bytes are in the line
	longFound       // the line does not fit into a buffer of maxLine bytes
	endFound
)

// seek finds the line at in.next.
func (in *input) seek() found {
	in.pos, in.torn = in.next, false
	in.line = in.ended + 1
	return in.extend(0)
}

// extend finds the first line end at least n bytes behind pos.
func (in *input) extend(n int) found {
	for {
		if i := bytes.IndexByte(in.buf[in.pos+n:in.end], '\n'); i >= 0 {
			return in.close(in.pos+n+i, 1)
		}
		if in.zero < in.end {
			return zeroFound
		}
		if n = in.end - in.pos; in.fill() {
			continue
		}
		switch {
		case in.err == nil:
			return longFound
		case n == 0:
			return endFound
		}
		in.torn = true
		return in.close(in.end, 0)
	}
}

// close ends a line at stop, with a line feed of so many bytes.
func (in *input) close(stop, feed int) found {
	if in.zero < stop {
		return zeroFound
	}
	in.stop, in.next = stop, stop+feed
	in.ended += int64(feed)
	if stop > in.pos && in.buf[stop-1] == '\r' {
		in.stop--
	}
	return lineFound
}

// fill reads on behind the line that is begun. False means that there is nothing
// more (err says why) or no room.
func (in *input) fill() bool {
	if in.err != nil || !in.room() {
		return false
	}
	for range 100 { // as patient as bufio with a reader that gives nothing
		n, err := in.in.Read(in.buf[in.end : len(in.buf)-block])
		in.err = err
		if n > 0 {
			in.end += n
			in.look(in.end - n)
			return true
		}
		if err != nil {
			return false
		}
	}
	in.err = io.ErrNoProgress
	return false
}

// look finds the first zero byte behind from, unless one is known before it.
func (in *input) look(from int) {
	if in.zero == noZero {
		if z := bytes.IndexByte(in.buf[from:in.end], 0); z >= 0 {
			in.zero = from + z
		}
	}
}

// room makes place behind what is read: by moving the line that is begun to the
// front, or in a larger buffer. Nobody reads on while a zero byte is known, so
// its place need not move.
func (in *input) room() bool {
	if in.pos > 0 {
		copy(in.buf, in.buf[in.pos:in.end])
		in.base += int64(in.pos)
		in.end -= in.pos
		in.pos = 0
	}
	if in.end < len(in.buf)-block {
		return true
	}
	if in.end >= maxLine {
		return false
	}
	larger := make([]byte, min(2*in.end, maxLine)+block)
	copy(larger, in.buf[:in.end])
	in.buf = larger
	return true
}

// pastZeros goes to the first byte at or behind pos that is not zero, and says
// how many are. They are what a crash or a copy of a file in use leaves of space
// that was allotted and never written.
func (in *input) pastZeros() int64 {
	count := int64(0)
	in.pos = in.zero
	for {
		for in.pos < in.end && in.buf[in.pos] == 0 {
			in.pos++
			count++
		}
		if in.pos < in.end || !in.fill() {
			break
		}
	}
	in.next, in.zero = in.pos, noZero
	in.look(in.pos)
	return count
}

// pastLine drops the rest of a line that is too long, up to its end or to a zero
// byte, behind which another line may begin.
func (in *input) pastLine() {
	for {
		upTo := min(in.zero, in.end)
		if i := bytes.IndexByte(in.buf[in.pos:upTo], '\n'); i >= 0 {
			in.next = in.pos + i + 1
			in.ended++
			return
		}
		in.pos, in.next = upTo, upTo
		if upTo < in.end || !in.fill() {
			return
		}
		in.next = in.pos
	}
}
