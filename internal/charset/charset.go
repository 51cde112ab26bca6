// Package charset reads text as Windows and Unix programs write it, as UTF-8:
// UTF-8 and UTF-16 with or without a byte order mark, and windows-1252.
//
// That takes two steps. UTF-16 shows at the beginning of a file, and NewReader
// converts it on the way. Bytes of UTF-8 and of a code page come out of it as
// they are, because only the piece of text that belongs together can tell one
// from the other: writers of LDIF fold lines inside of a character, base64 and
// hexadecimal digits hide bytes, and in files put together each part has its own.
// UTF8 judges such a piece. Neither step adds or takes a line feed, so that lines
// keep their numbers.
package charset

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"
)

// BufferSize is how many bytes of a text a reader holds, and how many Head looks
// at. A longer line comes out of a reader in pieces.
const BufferSize = 64 << 10

// NewReader gives a text without its byte order mark: UTF-16 as UTF-8, where half
// a character is U+FFFD, and anything else as it is (see UTF8). Errors are those
// of r.
func NewReader(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, BufferSize)
	head, _ := in.Peek(3)
	form, mark := recognise(head)
	_, _ = in.Discard(mark) // peeked before
	if form == bytewise {
		return in
	}
	return bufio.NewReaderSize(&wide{in: in, form: form}, BufferSize)
}

// Bytewise says whether a text comes out of NewReader with each byte where it stood,
// by how it begins.
func Bytewise(head []byte) bool {
	form, mark := recognise(head[:min(len(head), 3)])
	return form == bytewise && mark == 0
}

// Head gives the text that a file starts with, in UTF-8 whatever the file is, to
// tell its kind by. It does not write over start. A character that the end of
// start cuts off is left out, or is U+FFFD.
func Head(start []byte) []byte {
	text, _ := io.ReadAll(NewReader(bytes.NewReader(start[:min(len(start), BufferSize)]))) // memory gives no errors
	if all := uncut(text); utf8.Valid(all) {
		return all
	}
	return AppendANSI(nil, text)
}

// uncut leaves out a character of UTF-8 that the end cuts off.
func uncut(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if rest := text[len(text)-n:]; utf8.RuneStart(rest[0]) {
			if utf8.FullRune(rest) {
				return text
			}
			return text[:len(text)-n]
		}
	}
	return text
}

// UTF8 gives a piece of text in UTF-8: the piece itself if that is what it is,
// otherwise what it says in windows-1252 (see AppendANSI), in memory of its own.
func UTF8(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	return AppendANSI(nil, text)
}

// AppendANSI appends to dst, in UTF-8, what text says in windows-1252: up to three
// bytes for one. Nothing in an export names its code page; western Windows wrote
// this one. The five bytes that it leaves open are U+FFFD. Source: the WHATWG
// Encoding standard, index windows-1252, which fills the five with controls.
func AppendANSI(dst, text []byte) []byte {
	const open = utf8.RuneError
	from80 := [32]rune{
		'€', open, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', open, 'Ž', open,
		open, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', open, 'ž', 'Ÿ',
	}
	for _, c := range text {
		r := rune(c)
		if 0x80 <= c && c < 0xA0 {
			r = from80[c-0x80]
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// form is how characters are put into bytes.
type form int

const (
	bytewise     form = iota // UTF-8 or a code page
	littleEndian             // UTF-16, the low byte first
	bigEndian                // UTF-16, the high byte first
)

// recognise tells the form of a text from its first three bytes, and how long its
// mark is. The formats that are read here begin with an ASCII character or a line
// end, so that a zero beside it gives away UTF-16 without a mark.
func recognise(head []byte) (f form, mark int) {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return bytewise, 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return littleEndian, 2
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return bigEndian, 2
	case len(head) >= 2 && head[0] != 0 && head[1] == 0:
		return littleEndian, 0
	case len(head) >= 2 && head[0] == 0 && head[1] != 0:
		return bigEndian, 0
	}
	return bytewise, 0
}
