package cmdlet

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

const bufferSize = 64 << 10

// open gives the text of an export without its byte order mark: UTF-16, which
// Windows PowerShell writes by default, as UTF-8; anything else as it is (see
// plain for ANSI).
func open(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, bufferSize)
	head, _ := in.Peek(3)
	order, mark := encoding(head)
	_, _ = in.Discard(mark) // peeked before
	if order == nil {
		return in
	}
	return bufio.NewReaderSize(&wide{in: in, order: order}, bufferSize)
}

// encoding tells the byte order of UTF-16, nil for anything else, and how long
// the mark is. Every format begins with an ASCII character or a line end, so
// that a zero beside it gives away UTF-16 without a mark.
func encoding(head []byte) (order binary.ByteOrder, mark int) {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return nil, 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return binary.LittleEndian, 2
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return binary.BigEndian, 2
	case len(head) >= 2 && head[0] != 0 && head[1] == 0:
		return binary.LittleEndian, 0
	case len(head) >= 2 && head[0] == 0 && head[1] != 0:
		return binary.BigEndian, 0
	}
	return nil, 0
}

// wide turns UTF-16 into UTF-8. Half a character becomes U+FFFD.
type wide struct {
	in    *bufio.Reader
	order binary.ByteOrder
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
	for i := 0; i < len(raw); i += 2 {
		w.unit(rune(w.order.Uint16(raw[i:])))
	}
	_, _ = w.in.Discard(len(raw))
	w.ready = w.room
}

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

// plain gives text in UTF-8: as it is, or read as windows-1252. Nothing in an
// export names its code page; western Windows wrote this one.
func plain(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	const open = utf8.RuneError // the five that the code page leaves open
	from80 := [32]rune{
		'€', open, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', open, 'Ž', open,
		open, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', open, 'ž', 'Ÿ',
	}
	var read []byte
	for _, c := range text {
		r := rune(c)
		if 0x80 <= c && c < 0xA0 {
			r = from80[c-0x80]
		}
		read = utf8.AppendRune(read, r)
	}
	return read
}
