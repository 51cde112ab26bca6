package bpa

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

// FuzzData holds the reader to what it promises for any input: it ends, keeps to
// its bounds, gives text that can be shown, and lines that the file has.
func FuzzData(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(wideText(sample[:600], true, false)))
	f.Add([]byte("<r><Object Type='DNS'><Instance><Setting Key1='A'><Value>\xff&#1;<![CDATA[]]></Setting><Message>"))
	f.Fuzz(func(t *testing.T, in []byte) {
		problems := 0
		doc, _ := Read(bytes.NewReader(in), func(p Problem) {
			if problems++; p.Line < 1 || p.Line > len(in)+1 || p.What == "" {
				t.Error(p)
			}
		})
		if problems > maxProblems+1 || len(doc.Issues)+len(doc.Facts)+len(doc.Runs) > len(in) {
			t.Error(problems, "problems", len(doc.Issues), "issues", len(doc.Facts), "facts from", len(in), "bytes")
		}
		for _, i := range doc.Issues {
			if i.Line < 1 || i.Line > len(in)+1 || !utf8.ValidString(i.Text+i.Title+i.Object+i.Group) || len(i.Object) > maxText || len(i.Text) > maxText {
				t.Errorf("%+v", i)
			}
			Mail(i)
		}
		for _, f := range doc.Facts {
			if f.Setting == "" && f.Object != "dns" && f.Object != "port" || len(f.Values) > maxValues || f.Line < 1 {
				t.Errorf("%+v", f)
			}
		}
		Sniff(in)
	})
}
