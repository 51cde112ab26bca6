package regfile

import (
	"bytes"
	"testing"
)

// FuzzRegfile holds the reader to what it promises for any input: it ends, values
// stand behind the header of their key, and no more comes out than went in.
func FuzzRegfile(f *testing.F) {
	for _, s := range []string{
		"REGEDIT4\n[HKEY_USERS\\a]\n@=\"b\\\"\n\"\n\"c\"=hex(7):61,00,\\\n  00\n\"d\"=dword:1\n\"e\"=-\n[-HKEY_USERS]\n",
		"! REG.EXE VERSION 3.0\n\nHKEY_USERS\\a\n    b\tREG_DWORD\t0x1\n    c    REG_MULTI_SZ    a\\0b\n",
		"\\\\EX03A\\HKEY_USERS\n    b    REG_SZ    x\nEnd of search: 1\n", "\xFF\xFE[\x00\x00\xD8", "[HKEY_USERS]\n\"\x80\"=hex(b):\n\"x\"=\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		size, problems, last := 0, 0, 0
		var header Value
		for v := range Values(bytes.NewReader(in), func(p Problem) {
			if problems++; p.Line < 1 || p.Line > len(in)+1 || p.What == "" {
				t.Error(p)
			}
		}) {
			if v.Line < last || v.Line == last && v.Kind != "listed" || v.Line > len(in) {
				t.Errorf("line %d behind line %d", v.Line, last)
			}
			switch last = v.Line; v.Kind {
			case "key", "listed":
				header = v
			case "dword", "qword", "string", "binary", "multi", "expand":
				size += len(v.Name) + len(v.Text)
			default:
				t.Errorf("kind %q", v.Kind)
			}
			if v.Key != header.Key || v.Machine != header.Machine || !Under(v.Key, v.Key) {
				t.Errorf("%q stands under %q", v.Key, header.Key)
			}
		}
		if size > 3*len(in) || problems > maxProblems+1 { // a byte of ANSI is up to three of UTF-8
			t.Errorf("%d bytes of values, %d problems from %d bytes", size, problems, len(in))
		}
		Sniff(in)
	})
}
