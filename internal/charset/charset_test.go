package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// wideText is UTF-16 with or without its mark.
func wideText(s string, mark, big bool) string {
	if mark {
		s = "\uFEFF" + s
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		pair := [2]byte{byte(u), byte(u >> 8)}
		if big {
			pair[0], pair[1] = pair[1], pair[0]
		}
		b.Write(pair[:])
	}
	return b.String()
}

func TestNewReader(t *testing.T) {
	const text = "Queue: Größe 5 €\r\n𝄞\n"
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"one byte", "a", "a"},
		{"UTF-8", text, text},
		{"UTF-8 with mark", "\uFEFF" + text, text},
		{"UTF-16LE", wideText(text, true, false), text},
		{"UTF-16BE", wideText(text, true, true), text},
		{"UTF-16LE without mark", wideText(text, false, false), text},
		{"UTF-16BE without mark", wideText(text, false, true), text},
		{"a line end in front, without mark", wideText("\r\n"+text, false, true), "\r\n" + text},
		{"a mark and no more", "\uFEFF", ""},
		{"a mark of UTF-16 and no more", "\xFF\xFE", ""},
		{"a mark of UTF-16 that stands inside stays", wideText("a\uFEFFb", true, false), "a\uFEFFb"},
		{"half a mark", "\xEF\xBB", "\xEF\xBB"},
		{"ANSI stays as it is", "Gr\xF6\xDFe", "Gr\xF6\xDFe"},
		{"a zero later on is no UTF-16", "ab\x00c", "ab\x00c"},
		{"zeros", "\x00\x00\x00a", "\x00\x00\x00a"},
		{"a second half alone", "\xFF\xFE\x00\xDCa\x00", "\uFFFDa"},
		{"a first half alone", "\xFF\xFE\x00\xD8a\x00", "\uFFFDa"},
		{"two first halves", "\xFF\xFE\x34\xD8\x34\xD8\x1E\xDD", "\uFFFD𝄞"},
		{"half a pair at the end", "\xFF\xFEa\x00\x34\xD8", "a\uFFFD"},
		{"half of 16 bits at the end", "\xFF\xFEa\x00b", "a\uFFFD"},
		{"both", "\xFF\xFEa\x00\x34\xD8\x1E", "a\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, by := range map[string]func(io.Reader) io.Reader{"bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "the end with the data": iotest.DataErrReader} {
				got, err := io.ReadAll(NewReader(by(strings.NewReader(tt.in))))
				if diff := cmp.Diff(tt.want, string(got)); diff != "" || err != nil {
					t.Error(name, err, diff)
				}
			}
		})
	}
}

// Wherever the buffer ends, in a character or a pair, the text is the same.
func TestBufferEnds(t *testing.T) {
	for before := BufferSize/2 - 4; before < BufferSize/2+2; before++ {
		want := strings.Repeat("x", before) + strings.Repeat("𝄞€\n", BufferSize/4)
		for _, big := range []bool{false, true} {
			got, err := io.ReadAll(NewReader(strings.NewReader(wideText(want, true, big))))
			if err != nil || string(got) != want {
				t.Errorf("%d characters in front, big-endian %v: %d bytes of %d, %v", before, big, len(got), len(want), err)
			}
		}
	}
}

// What was read before the reading failed is there, and then why.
func TestReadingFails(t *testing.T) {
	gone := errors.New("the disk is gone")
	for name, in := range map[string]string{"UTF-8": "a\nb", "UTF-16": wideText("a\nb", true, false)} {
		got, err := io.ReadAll(NewReader(io.MultiReader(strings.NewReader(in), iotest.ErrReader(gone))))
		if string(got) != "a\nb" || !errors.Is(err, gone) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestUTF8(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"K\xF6ln":                        "Köln",
		"Köln":                           "Köln",
		"Köln K\xF6ln":                   "KÃ¶ln Köln", // one piece is in one code page
		"5 \x80 \x93x\x94 \x85\xA0\xFF":  "5 € “x” …\u00A0ÿ",
		"\x81\x8D\x8F\x90\x9D":           strings.Repeat("\uFFFD", 5),
		"a\x00\xE9":                      "a\x00é",
		"\xED\xA0\x80 no half of a pair": "í\u00A0€ no half of a pair",
	} {
		if got := string(UTF8([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := string(AppendANSI([]byte("a "), []byte("\xE4"))); got != "a ä" {
		t.Errorf("%q", got)
	}
}

func TestHead(t *testing.T) {
	long := strings.Repeat("x", BufferSize-1)
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"UTF-8", "\uFEFFa €", "a €"},
		{"UTF-16", wideText("a €", true, true), "a €"},
		{"ANSI", "K\xF6ln", "Köln"},
		{"the end cuts a character off", "ö €"[:len("ö €")-1], "ö "},
		{"the end cuts two thirds of one off", "ö €"[:len("ö €")-2], "ö "},
		{"the end cuts a pair off", wideText("a𝄞", true, false)[:6], "a\uFFFD"},
		{"ANSI that ends like UTF-8 cut off", "K\xF6ln \xC3", "Köln Ã"},
		{"nothing but the end of a character", "\x80\x80\x80\x80", "€€€€"},
		{"a bound in a character", long + "ö" + long, long},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(Head([]byte(tt.in))); got != tt.want {
				t.Errorf("%.40q, want %.40q", got, tt.want)
			}
		})
	}
	start := []byte("DN,a\n")
	Head(start)[0] = 'x' // the caller may write over what it got
	if string(start) != "DN,a\n" {
		t.Errorf("%q", start)
	}
}

// chunks gives a text in pieces of the sizes that sizes names.
type chunks struct {
	text, sizes []byte
	n           int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	size := 1
	if len(c.sizes) > 0 {
		size += int(c.sizes[c.n%len(c.sizes)])
		c.n++
	}
	n := copy(p, c.text[:min(size, len(c.text))])
	c.text = c.text[n:]
	return n, nil
}

// reference is what a text says, by another way: all at once, with unicode/utf16.
func reference(in []byte) string {
	f, mark := recognise(in[:min(len(in), 3)])
	in = in[mark:]
	if f == bytewise {
		return string(in)
	}
	var units []uint16
	for ; len(in) >= 2; in = in[2:] {
		if u := uint16(in[0]) | uint16(in[1])<<8; f == littleEndian {
			units = append(units, u)
		} else {
			units = append(units, u<<8|u>>8)
		}
	}
	half := len(units) > 0 && units[len(units)-1]&0xFC00 == 0xD800
	if len(in) > 0 && !half { // the half and what follows are one piece of damage
		units = append(units, utf8.RuneError)
	}
	return string(utf16.Decode(units))
}

// FuzzReader: any bytes in pieces of any size give the same text as in one, with
// as many lines. It is UTF-8 if the bytes are, or UTF-16; a line of it always
// becomes UTF-8, and stays one line.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"a\nK\xF6ln €\n", "\uFEFFa\r\n𝄞", wideText("a\n𝄞€\r\n", true, false), wideText("a\n𝄞€", false, true), "\xFF\xFE\x34\xD8\x34\xD8\x1E\xDDb", "\xFE\xFF\x0A\x0A\x00\x0A\xD8", "\x00a", "\x80\x81\xC3",
	} {
		f.Add([]byte(s), []byte{0, 2, 1})
	}
	f.Fuzz(func(t *testing.T, in, sizes []byte) {
		whole, want := bytes.Clone(in), reference(in)
		got, err := io.ReadAll(NewReader(&chunks{text: in, sizes: sizes}))
		if string(got) != want || err != nil {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
		form, _ := recognise(in[:min(len(in), 3)])
		if (form != bytewise || utf8.Valid(in)) && !utf8.Valid(got) {
			t.Errorf("no UTF-8: %q", got)
		}
		for line := range bytes.Lines(got) {
			text := UTF8(line)
			if !utf8.Valid(text) || bytes.Count(text, []byte("\n")) != bytes.Count(line, []byte("\n")) || len(text) > 3*len(line) {
				t.Errorf("%q became %q", line, text)
			}
		}
		if head := Head(in); !utf8.Valid(head) || utf8.ValidString(want) && len(in) <= BufferSize && string(head) != want {
			t.Errorf("the head is %q, want %q", head, want)
		}
		if !bytes.Equal(in, whole) {
			t.Errorf("%q was written over", whole)
		}
	})
}
