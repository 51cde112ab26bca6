package ldif

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// reader is what both formats are read with.
type reader func(io.Reader, func(Problem)) iter.Seq[*Entry]

// show writes what a reader makes of a text, problems in their place.
func show(read reader, r io.Reader) string {
	var b strings.Builder
	problem := func(p Problem) { fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What) }
	for e := range read(r, problem) {
		fmt.Fprintf(&b, "%d %s\n", e.Line, e.DN)
		for name, value := range e.All() {
			fmt.Fprintf(&b, "  %s=%q\n", name, value)
		}
	}
	return b.String()
}

// lines joins lines.
func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

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

func TestEntries(t *testing.T) {
	export := lines("dn: CN=A,DC=x", "changetype: add", "cn: Überseegroße 𝄞", "", "dn: CN=B,DC=x", "cost: 1")
	exported := lines("1 CN=A,DC=x", `  cn="Überseegroße 𝄞"`, "5 CN=B,DC=x", `  cost="1"`)
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"UTF-8", export, exported},
		{"UTF-8 with mark", "\uFEFF" + export, exported},
		{"CRLF", strings.ReplaceAll(export, "\n", "\r\n"), exported},
		{"CRCRLF", strings.ReplaceAll(export, "\n", "\r\r\n"), exported},
		{"UTF-16LE", wideText(export, true, false), exported},
		{"UTF-16BE", wideText(export, true, true), exported},
		{"UTF-16LE without mark", wideText(export, false, false), exported},
		{"UTF-16BE without mark", wideText(export, false, true), exported},
		{"half a character in UTF-16", "\xFF\xFEd\x00n\x00:\x00a\x00\n\x00a\x00:\x00\x00\xD8b\x00\n\x00x",
			lines("! 3 the file ends inside this line; its value may be cut short", "! 3 not an attribute and a value: left out", "1 a", "  a=\"\uFFFDb\"")},
		{"ANSI", lines("dn: CN=K\xF6ln", "price: 5 \x80", "open: \x81"), lines("1 CN=Köln", `  price="5 €"`, "  open=\"\uFFFD\"")},
		{"version and comments", lines("# by hand", " folded", "version: 1", "dn: a", "# note", " more of it", "b: c", "#", "d: e"),
			lines("4 a", `  b="c"`, `  d="e"`)},
		{"version with its own paragraph", lines("version: 1", "", "dn: a", "b: c"), lines("3 a", `  b="c"`)},
		{"folded", lines("dn: CN=A,", " DC=x", "na", " me: v", " a", "  l", " ", " ue"), lines("1 CN=A,DC=x", `  name="va lue"`)},
		{"base64", lines("dn:: Q049S8O2bG4=", "b:: AP8=", "f:: AA", " E", " C", "t:: YQ==  "), lines("1 CN=Köln", `  b="\x00\xff"`, `  f="\x00\x01\x02"`, `  t="a"`)},
		{"base64 ANSI stays binary", lines("dn: a", "b:: /w=="), lines("1 a", `  b="\xff"`)},
		{"base64 ANSI name", lines("dn:: S/ZsbmU="), "1 Kölne\n"},
		{"empty values", lines("dn:", "a:", "b: ", "c::"), lines("1 ", `  a=""`, `  b=""`, `  c=""`)},
		{"options", lines("dn: a", "member;range=0-1499: b", "member;range=1500-*: c", "userCertificate;binary:: AA=="),
			lines("1 a", `  member;range=0-1499="b"`, `  member;range=1500-*="c"`, `  userCertificate;binary="\x00"`)},
		{"reference", lines("dn: a", "photo:< file:///etc/passwd", "b: c"), lines("! 2 a reference to a file elsewhere: left out", "1 a", `  b="c"`)},
		{"reference as a name", lines("dn:< file:///etc/passwd", "b: c"), "! 1 the name of this entry: a reference to a file elsewhere: left out\n"},
		{"damaged base64", lines("dn: a", "b:: A=B", "c:: AA", "d: e"), lines("! 2 damaged base64: left out", "! 3 damaged base64: left out", "1 a", `  d="e"`)},
		{"damaged lines", lines("dn: a", "garbage", ": b", "a b: c", ";o: c", "d: e"), lines("! 2 not an attribute and a value: left out",
			"! 3 not an attribute and a value: left out", "! 4 not an attribute and a value: left out", "! 5 not an attribute and a value: left out", "1 a", `  d="e"`)},
		{"continuation of nothing", lines(" a", " b", "dn: a", "b: c", "", " d"), lines("! 1 a continuation of nothing: left out", "3 a", `  b="c"`, "! 6 a continuation of nothing: left out")},
		{"blank lines of blanks", lines("", " ", "dn: a", "b: c", "", "   "), lines("3 a", `  b="c"`)},
		{"values without a name", lines("a: b", "c: d", " e", "dn: f", "g: h"), lines("! 1 values without a dn: left out up to the next entry", "4 f", `  g="h"`)},
		{"lost empty line", lines("dn: a", "b: c", "dn: d", "e: f"), lines("! 3 no empty line before this entry", "1 a", `  b="c"`, "3 d", `  e="f"`)},
		{"damaged name", lines("dn:: =", "b: c", "", "dn: d", "e: f"), lines("! 1 the name of this entry: damaged base64: left out", "4 d", `  e="f"`)},
		{"changes", lines("dn: a", "changetype: modify", "add: b", "b: c", "-", "", "dn: d", "changetype: delete", "", "dn: e", "control: 1.2 true", "changetype: ADD", "f: g"),
			lines("! 2 a change, not an export: the entry is left out", "! 8 a change, not an export: the entry is left out", "10 e", `  f="g"`)},
		{"ldapsearch", lines("dn: a", "b: c", "", "# search result", "search: 2", "result: 0 Success"), lines("1 a", `  b="c"`)},
		{"torn", "dn: a\nb: c\nd: e", lines("! 3 the file ends inside this line; its value may be cut short", "1 a", `  b="c"`, `  d="e"`)},
		{"torn in a name", "dn: a\nb: c\ncos", lines("! 3 the file ends inside this line; its value may be cut short", "! 3 not an attribute and a value: left out", "1 a", `  b="c"`)},
		{"torn behind a carriage return", "dn: a\r\n\r", lines("1 a")},
		{"names only", lines("dn: a", "", "dn: b"), lines("1 a", "3 b")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(Entries, strings.NewReader(tt.in))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.want, show(Entries, iotest.OneByteReader(strings.NewReader(tt.in)))); diff != "" {
				t.Error("byte by byte:", diff)
			}
		})
	}
}

// A line longer than the buffer comes in pieces; wherever they part, the value is the same.
func TestLongLines(t *testing.T) {
	for length := bufferSize - 12; length <= bufferSize+2; length++ {
		value := strings.Repeat("x", length)
		in := "dn: a\r\nb: " + value + "\r\n c\r\nd: e\r\n"
		if diff := cmp.Diff(lines("1 a", fmt.Sprintf("  b=%q", value+"c"), `  d="e"`), show(Entries, strings.NewReader(in))); diff != "" {
			t.Fatal(length, diff)
		}
	}
}

func TestBounds(t *testing.T) {
	big := strings.Repeat("x", maxEntry-16)
	got := show(Entries, strings.NewReader(lines("dn: a", "b: "+big, "c: "+big, " "+big, "# "+big, "d: e", "", "dn: f", "g: h")))
	want := lines("! 3 the entry is larger than 16 MiB: this line is left out", "1 a", fmt.Sprintf("  b=%q", big), `  d="e"`, "8 f", `  g="h"`)
	if got != want {
		t.Errorf("a large entry: %d bytes, %.300q", len(got), strings.ReplaceAll(got, big, "BIG"))
	}
	n := 0
	for e := range Entries(strings.NewReader("dn: a\n"+strings.Repeat("b:\n", maxValues+2)), func(Problem) { n++ }) {
		if len(e.Get("b")) != maxValues || n != 1 {
			t.Errorf("%d values, %d problems", len(e.Get("b")), n)
		}
	}
	var last Problem
	n = 0
	for range Entries(strings.NewReader("dn: a\n"+strings.Repeat("?\n", 5000)), func(p Problem) { last, n = p, n+1 }) {
		if n != maxProblems {
			t.Errorf("%d problems", n)
		}
	}
	if want := (Problem{5001, "4000 more problems up to here are not listed"}); last != want || n != maxProblems+1 {
		t.Error(last, n)
	}
}

func TestReadingStops(t *testing.T) {
	in := io.MultiReader(strings.NewReader("dn: a\nb: c\n\ndn: d\ne"), iotest.ErrReader(errors.New("the disk is gone")))
	if diff := cmp.Diff(lines("1 a", `  b="c"`, "! 5 reading stopped: the disk is gone", "! 5 not an attribute and a value: left out", "4 d"), show(Entries, in)); diff != "" {
		t.Error(diff)
	}
	for e := range Entries(strings.NewReader("dn: a\ndn: b\ndn: c\n"), nil) { // the last one is begun by the time of the break
		if e.DN == "b" {
			break
		}
	}
}

func TestEntry(t *testing.T) {
	in := lines("dn: a", "member;range=0-1: x", "Member;range=0-1: y", "members: z", "cost: 1", "certificate;binary: c",
		"all;range=0-1: 1", "all;range=2-*: 2", "", "dn: overwrites the memory", "member;range=0-1: oooooooooooooooo")
	var e *Entry
	for next := range Entries(strings.NewReader(in), nil) {
		if e == nil {
			e = next.Clone()
		}
	}
	got := fmt.Sprintf("%q %q %q %q %q %v %v %v %s", e.Get("MEMBER"), e.Get("member;RANGE=0-1"), e.Get("member;x"), e.Text("certificate"), e.Text("none"),
		e.Partial("member"), e.Partial("all"), e.Partial("cost"), Base("member;range=0-1"))
	if want := `["x" "y"] ["x" "y"] [] "c" "" true false false member`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
