package charset

import (
	"bufio"
	"unicode/utf16"
	"unicode/utf8"
)

// wide turns UTF-16 into UTF-8. It holds at most what BufferSize bytes become:
// half as many again.
type wide struct {
	in    *bufio.Reader
	form  form
	high  rune   // first half of a surrogate pair, or 0
	ready []byte // converted and not yet read
	room  []byte
	err   error
}

func (w *wide) Read(p []byte) (int, error) {
	for len(w.ready) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		w.fill()
	}
	n := copy(p, w.ready)
	w.ready = w.ready[n:]
	return n, nil
}

// fill converts what the input has at hand.
func (w *wide) fill() {
	w.room = w.room[:0]
	if _, w.err = w.in.Peek(2); w.err != nil {
		if w.high != 0 || w.in.Buffered() > 0 {
			w.room = utf8.AppendRune(w.room, utf8.RuneError)
		}
		w.high, w.ready = 0, w.room
		return
	}
	raw, _ := w.in.Peek(w.in.Buffered() &^ 1)
	w.convert(raw)
	_, _ = w.in.Discard(len(raw)) // peeked before
	w.ready = w.room
}

// convert appends to the room what an even number of bytes says. ASCII, nearly
// all of it, takes the short way.
func (w *wide) convert(raw []byte) {
	low, high := 0, 1
	if w.form == bigEndian {
		low, high = 1, 0
	}
	for ; len(raw) >= 2; raw = raw[2:] {
		if raw[high] == 0 && raw[low] < utf8.RuneSelf && w.high == 0 {
			w.room = append(w.room, raw[low])
			continue
		}
		w.unit(rune(raw[high])<<8 | rune(raw[low]))
	}
}

// unit converts 16 bits (RFC 2781, section 2.2).
func (w *wide) unit(u rune) {
	if w.high != 0 {
		pair := utf16.DecodeRune(w.high, u)
		w.high = 0
		w.room = utf8.AppendRune(w.room, pair) // U+FFFD when they are no pair
		if pair != utf8.RuneError {
			return
		}
	}
	if 0xD800 <= u && u < 0xDC00 {
		w.high = u
		return
	}
	w.room = utf8.AppendRune(w.room, u)
}
