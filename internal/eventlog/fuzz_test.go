package eventlog

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// check holds a reader to what it promises for any input: it ends, its events are
// in the order of lines and within the bounds, and all text is UTF-8.
func check(t *testing.T, f Format, in []byte) {
	last, problems := 0, 0
	for e := range Events(bytes.NewReader(in), f, func(p Problem) {
		if problems++; p.Line < 0 || p.Line > len(in)+1 || p.What == "" || !utf8.ValidString(p.What) {
			t.Error(p)
		}
	}) {
		if e.Line < max(last, 1) || e.Line > len(in) || e.ID < 0 || e.ID > 0xFFFF || e.Source == "" || e.Level == "" {
			t.Errorf("behind line %d: %+v", last, e)
		}
		last = e.Line
		for _, s := range []string{e.Server, e.Log, e.Source, e.Text} {
			if !utf8.ValidString(s) || len(s) > maxText || strings.ContainsAny(s[:min(len(s), 1)], " \n") {
				t.Errorf("%q", s)
			}
		}
	}
	if problems > maxProblems+1 {
		t.Errorf("%d problems", problems)
	}
	Sniff(in)
}

func seeds(f *testing.F, format Format) {
	all := []entry{{time.Date(2026, 2, 13, 10, 0, 0, 0, time.UTC), "MSExchangeTransport", 15004, 2, []string{"a \"b\"", "c,d"}}, {time.Date(2026, 2, 14, 10, 0, 0, 0, time.UTC), "ESE", 1, 4, []string{"<x>"}}}
	for _, s := range written(all)[format] {
		f.Add([]byte(s))
		f.Add([]byte(wide(s)))
	}
}

func FuzzTable(f *testing.F) {
	seeds(f, Table)
	f.Add([]byte("a;1.2.2026 1:00:00;b;1;c;\"x\n\"y\nb\t\n\xff"))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, Table, in) })
}

func FuzzXML(f *testing.F) {
	seeds(f, XML)
	f.Add([]byte("<Event >\n<Event><System>\xff</Event></Event><Event "))
	f.Fuzz(func(t *testing.T, in []byte) { check(t, XML, in) })
}

func FuzzObjects(f *testing.F) {
	seeds(f, CLIXML)
	seeds(f, CSV)
	seeds(f, List)
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, format := range []Format{CLIXML, CSV, List} {
			check(t, format, in)
		}
	})
}
