package cmdlet

import (
	"bytes"
	"testing"
	"time"
	"unicode/utf8"
)

// check holds a reader to what it promises for any input: it ends, its objects
// are in the order of lines and within the bounds, and all text is UTF-8.
func check(t *testing.T, f Format, in []byte) {
	last, problems := 0, 0
	for o := range Objects(bytes.NewReader(in), f, func(p Problem) {
		if problems++; p.Line < 0 || p.Line > len(in)+1 || p.What == "" || !utf8.ValidString(p.What) {
			t.Error(p)
		}
	}) {
		if o.Line < max(last, 1) || o.Line > len(in) || len(o.Props) == 0 || len(o.Props) > maxProps {
			t.Errorf("an object on line %d behind line %d, %d properties", o.Line, last, len(o.Props))
		}
		last = o.Line
		size := 0
		for _, p := range o.Props {
			if p.Name == "" || !utf8.ValidString(p.Name) || !o.Has(p.Name) || p.Null && len(p.Values) > 0 || len(p.Values) > maxValues {
				t.Errorf("%+v", p)
			}
			if Truncated(p.Values) && f != CLIXML && !p.Lost {
				t.Errorf("cut short and not said so: %+v", p)
			}
			for _, v := range p.Values {
				if size += len(v); !utf8.ValidString(v) {
					t.Errorf("no UTF-8: %q", v)
				}
			}
			List(p.Values)
		}
		if size > 2*maxObject {
			t.Errorf("%d bytes", size)
		}
	}
	if problems > maxProblems+1 {
		t.Errorf("%d problems", problems)
	}
	Sniff(in)
}

func FuzzCLIXML(f *testing.F) {
	for _, s := range []string{
		doc(props(`<S N="a">b</S><Nil N="c"/><TS N="d">PT5M</TS><DT N="e">2021-08-21T10:43:54+02:00</DT><C N="f">65</C>`)),
		doc(props(`<Obj N="a" RefId="1"><TN RefId="0"><T>X.Y[]</T></TN><LST><S>x_x000D_</S><Obj RefId="2"><ToString>t</ToString><Props><S N="DistinguishedName">CN=x</S></Props></Obj></LST></Obj><Ref N="b" RefId="1"/>`)),
		doc(`<Obj><LST>`+props(`<Obj N="a"><DCT><En><S N="Key">k</S><S N="Value">v</S></En></DCT></Obj>`)+`</LST></Obj>`, `<!-- --><![CDATA[x]]>&#65;`),
		"<Objs><Obj><\xFF></0>",
		wideText(doc(props(`<S N="a">_xD83D__xDE00_</S>`)), true, false),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { check(t, CLIXML, in) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"#TYPE A.B\r\n\"Name\",\"x\"\r\n\"a\",\"{b, c...}\"\r\n", "a;b\n\"1\n2\";System.String[]\n#TYPE x\nc\n1", "a,b\nx\",\"y\",\"z\nx\",\"y\",\"z\n\x80,1",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { check(t, CSV, in) })
}

func FuzzList(f *testing.F) {
	for _, s := range []string{
		"[PS] C:\\>Get-SendConnector | fl\r\n\r\nName    : a\r\nTo      : {b, c,\r\n          d...}\r\n\r\n", "a : b\n\n    c\nd : \x80\na : 1", "a : b\nc\n\nPS x:\\>get-|\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { check(t, FL, in) })
}

// A span that can be read is written so that it reads the same; a size is not
// below zero; no text is both.
func FuzzSizeDuration(f *testing.F) {
	for _, s := range []string{"35 MB (36,700,160 bytes)", "1.5GB", "Unlimited", "PT10M", "P2DT1H", "2.00:00:00", "-00:00:30.5", "99999999.00:00:00", "{a, b}", "$true"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := Duration(s)
		if again, sure := Duration(span(s)); ok && (!sure || again/100 != d/100) {
			t.Errorf("%q: %v, %q: %v", s, d, span(s), again)
		}
		if !ok && d != 0 {
			t.Errorf("%q: %v", s, d)
		}
		n, unlimited, fine := Size(s)
		if n < 0 || !fine && (n != 0 || unlimited) || unlimited && n != 0 || fine && ok {
			t.Errorf("%q: %d %v %v", s, n, unlimited, fine)
		}
		if _, ok := Bool(s); ok && fine {
			t.Errorf("%q", s)
		}
		for _, item := range List([]string{s}) {
			if len(item) > len(s)+len(more) {
				t.Errorf("%q: %q", s, item)
			}
		}
		if d > 0 && d < time.Nanosecond {
			t.Error(d)
		}
	})
}
