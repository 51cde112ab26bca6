package ldif

import (
	"bytes"
	"testing"
)

// check holds a reader to what it promises for any input: it ends, its entries
// lie inside their memory, in the order of lines, and no more than the input has.
func check(t *testing.T, read reader, in []byte) {
	size, last, problems := 0, 0, 0
	for e := range read(bytes.NewReader(in), func(p Problem) {
		if problems++; p.Line < 0 || p.Line > len(in)+1 || p.What == "" {
			t.Error(p)
		}
	}) {
		if e.Line <= last || e.Line > len(in) {
			t.Errorf("an entry on line %d behind line %d", e.Line, last)
		}
		last = e.Line
		kept := e.Clone()
		for name, value := range kept.All() {
			if len(name) == 0 || len(kept.Get(string(name))) == 0 {
				t.Errorf("no name, or not found: %q", name)
			}
			kept.Partial(Base(string(name)))
			size += len(value)
		}
		size += len(e.DN)
	}
	if size > 3*len(in) || problems > maxProblems+1 { // a byte of ANSI is up to three of UTF-8
		t.Errorf("%d bytes of values, %d problems from %d bytes", size, problems, len(in))
	}
	Sniff(in)
}

func FuzzEntries(f *testing.F) {
	for _, s := range []string{
		"version: 1\n\ndn: DC=x\nchangetype: add\na: b\n c\nd:: AA==\ne:< file:///x\n\ndn:: REM9eA==\n# c\nmember;range=0-1499: x\n",
		"\xFF\xFEd\x00n\x00:\x00a\x00\n\x00a\x00:\x00\x00\xD8", "dn: a\n\x80: \x80\nb: \x80\n", "a: b\n-\n\r\n\r", "dn: a\nchangetype: modify\nadd: x\n-\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { check(t, Entries, in) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"DN,a,b\r\n\"CN=x,DC=y\",top;person,X'00ff'\r\nx,\"1\"\"\n2\",\"\n", "\xFE\xFF\x00D\x00N\x00,\x00a", "a,dn\n1,\"2\n3,4\n\"", "DN,a\n\x80,\x80\\;\x81;\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { check(t, CSV, in) })
}
