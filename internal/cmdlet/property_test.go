package cmdlet

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// made is an object as a test makes it up.
type made []Prop

// objects makes up objects that all three formats can hold: a list of them has
// items without commas, a text no line ends, no blanks at its ends, no braces.
func objects(r *rand.Rand) []made {
	var all []made
	for range 1 + r.IntN(5) {
		var o made
		for i := range 2 + r.IntN(8) {
			p := Prop{Name: fmt.Sprintf("%s%d", []string{"Name", "AddressSpaces", "X", "MaxMessageSize"}[r.IntN(4)], i)}
			for range r.IntN(4) {
				if s := content(r); s != "" {
					p.Values = append(p.Values, s)
				}
			}
			o = append(o, p)
		}
		o[0].Values = []string{"one"} // a row with nothing in it is no row
		all = append(all, o)
	}
	return all
}

func content(r *rand.Rand) string {
	pieces := []string{"a", "Z", " ", "\\", ";", "\"", "'", "é", "€", "😀", "0123456789", ": x", "<", "&lt;", "_x000D_", "_", "]]>", "true", "SMTP:*;1", "{", "}", "(", "#"}
	var b strings.Builder
	for range r.IntN(1 << r.IntN(5)) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	s := strings.TrimSpace(b.String())
	if strings.ContainsAny(s, "{}(") || strings.Count(s, "\"")%2 > 0 || strings.HasSuffix(s, "\\") {
		return "plain" // a list could not hold it
	}
	return s
}

// text is a value in CSV and in Format-List.
func text(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "{" + strings.Join(values, ", ") + "}"
}

func writeCLIXML(all []made) string {
	var b strings.Builder
	b.WriteString(opening + "\r\n")
	ref := 0
	for _, o := range all {
		ref++
		fmt.Fprintf(&b, "  <Obj RefId=\"%d\">\r\n    <TN RefId=\"%d\"><T>Contoso.Thing</T></TN>\r\n    <Props>\r\n", ref, ref)
		for _, p := range o {
			ref++
			if len(p.Values) == 1 {
				fmt.Fprintf(&b, "      <S N=\"%s\">%s</S>\r\n", p.Name, escaped(p.Values[0]))
				continue
			}
			fmt.Fprintf(&b, "      <Obj N=\"%s\" RefId=\"%d\"><LST>", p.Name, ref)
			for _, v := range p.Values {
				fmt.Fprintf(&b, "\r\n<S>%s</S>", escaped(v))
			}
			b.WriteString("</LST></Obj>\r\n")
		}
		b.WriteString("    </Props>\r\n  </Obj>\r\n")
	}
	return b.String() + "</Objs>"
}

// escaped writes a text as CLIXML has it.
func escaped(s string) string {
	s = strings.ReplaceAll(s, "_x", "_x005F_x")
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	var b strings.Builder
	for _, r := range s {
		if hi, lo := utf16.EncodeRune(r); r > 0xFFFF {
			fmt.Fprintf(&b, "_x%04X__x%04X_", hi, lo)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// writeCSV writes a table for each object: they have not the same properties.
func writeCSV(t *testing.T, all []made) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, o := range all {
		b.WriteString("#TYPE Contoso.Thing\r\n")
		var names, row []string
		for _, p := range o {
			names, row = append(names, p.Name), append(row, text(p.Values))
		}
		if err := w.WriteAll([][]string{names, row}); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// writeList cuts lines at the width of a console, inside of words too.
func writeList(all []made, width int) string {
	var b strings.Builder
	b.WriteString("[PS] C:\\>Get-Thing | fl\r\n")
	for _, o := range all {
		column := 0
		for _, p := range o {
			column = max(column, len(p.Name))
		}
		b.WriteString("\r\n")
		for _, p := range o {
			line := []rune(fmt.Sprintf("%-*s : %s", column, p.Name, text(p.Values)))
			for len(line) > width {
				b.WriteString(string(line[:width]) + "\r\n")
				line = append([]rune(strings.Repeat(" ", column+3)), line[width:]...)
			}
			b.WriteString(string(line) + "\r\n")
		}
	}
	return b.String()
}

// One object reads the same, whichever way it was exported.
func TestThreeFormats(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(1, seed))
		want := objects(r)
		for f, text := range map[Format]string{CLIXML: writeCLIXML(want), CSV: writeCSV(t, want), FL: writeList(want, 10_000)} {
			if diff := cmp.Diff(want, read(t, strings.NewReader(text), f)); diff != "" {
				t.Fatalf("seed %d, %s: %s\n%s", seed, f, diff, text)
			}
			if got := Sniff([]byte(text)); got != f {
				t.Fatalf("seed %d: %s is taken for %q", seed, f, got)
			}
		}
	}
}

func read(t *testing.T, r io.Reader, f Format) (all []made) {
	t.Helper()
	for o := range Objects(r, f, func(p Problem) { t.Error(p.Line, p.What) }) {
		if o.Type != "thing" {
			t.Errorf("type %q", o.Type)
		}
		all = append(all, o.Props)
	}
	return all
}

// A value without blanks comes back whole from a console of any width.
func TestConsoleWidths(t *testing.T) {
	for width := minWidth; width < 200; width++ {
		want := []made{{{Name: "Name", Values: []string{"a"}}, {Name: "DistinguishedName", Values: []string{"CN=" + strings.Repeat("abcdefghij-", 30) + ",DC=example,DC=com"}}}}
		if diff := cmp.Diff(want, read(t, strings.NewReader(writeList(want, width)), FL)); diff != "" {
			t.Fatal(width, diff)
		}
	}
}

// An English console cuts at blanks and leaves them there: that comes back as it
// was, whatever stands in the lines.
func TestWordWrap(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(8, seed))
		var words []string
		for range 1 + r.IntN(60) {
			words = append(words, strings.Repeat("w", 1+r.IntN(30)))
		}
		value, width := strings.Join(words, " "), 50+r.IntN(80)
		var b strings.Builder
		b.WriteString("[PS] C:\\>Get-Thing\r\nText : ")
		left := width - 7
		for i, w := range words {
			if i < len(words)-1 {
				w += " "
			}
			if len(w) > left {
				b.WriteString("\r\n       ")
				left = width - 7
			}
			b.WriteString(w)
			left -= len(w)
		}
		want := []made{{{Name: "Text", Values: []string{value}}}}
		if diff := cmp.Diff(want, read(t, strings.NewReader(b.String()+"\r\n"), FL)); diff != "" {
			t.Fatalf("seed %d: %s\n%s", seed, diff, b.String())
		}
	}
}

// encoding/xml finds the same tags and texts.
func TestTagsOracle(t *testing.T) {
	for seed := range uint64(200) {
		in := writeCLIXML(objects(rand.New(rand.NewPCG(2, seed))))
		var want, got []string
		d := xml.NewDecoder(strings.NewReader(in))
		for text := ""; ; {
			token, err := d.Token()
			if err != nil {
				break
			}
			switch e := token.(type) {
			case xml.StartElement:
				want, text = append(want, e.Name.Local+attribute(e, "N")+attribute(e, "RefId")), ""
			case xml.CharData:
				text += string(e)
			case xml.EndElement:
				want, text = append(want, strings.TrimSpace(text)+"/"+e.Name.Local), ""
			}
		}
		x := tags{in: open(strings.NewReader(in)), line: 1}
		for x.next() {
			if x.closes {
				got = append(got, strings.TrimSpace(string(x.text))+"/"+string(x.name))
			} else {
				got = append(got, string(x.name)+string(x.n)+string(x.ref))
			}
		}
		if x.bad != "" || x.line != 1+strings.Count(in, "\n") || !slices.Equal(want, got) {
			t.Fatalf("seed %d, %d lines, %s: %s", seed, x.line, x.bad, cmp.Diff(want, got))
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// endless repeats a text until so many bytes are read.
type endless struct {
	text string
	at   int
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	e.left -= n
	return n, nil
}

// However long the file, a reader holds one object; a hostile one is no exception.
func TestMemory(t *testing.T) {
	all := objects(rand.New(rand.NewPCG(3, 3)))
	for name, run := range map[string]struct {
		f    Format
		text string
		size int
		few  bool
	}{
		"clixml":                  {CLIXML, writeCLIXML(all), 20 << 20, false},
		"csv":                     {CSV, writeCSV(t, all), 20 << 20, false},
		"list":                    {FL, writeList(all, 120), 20 << 20, false},
		"utf-16":                  {FL, wideText(writeList(all, 120), false, false), 20 << 20, false},
		"one text":                {CLIXML, opening + props(`<S N="a">`) + strings.Repeat("x", 1<<20), 20 << 20, true},
		"one tag":                 {CLIXML, "<" + strings.Repeat("x", 1<<20), 20 << 20, true},
		"objects without end":     {CLIXML, opening + strings.Repeat(`<Obj RefId="1"><Props><Obj N="a">`, 1000), 20 << 20, true},
		"properties without end":  {CLIXML, `<Objs><Obj RefId="1"><Props>` + strings.Repeat(`<S N="a">b</S>`, 10000), 20 << 20, true},
		"references without end":  {CLIXML, `<Objs><Obj><Props><Obj N="a" RefId="1"><LST>` + strings.Repeat("<S>abcdefghijklmno</S>", 5000) + `</LST></Obj>` + strings.Repeat(`<Ref N="a" RefId="1"/>`, 10000), 20 << 20, true},
		"open quotation marks":    {CSV, "a,b\n" + strings.Repeat("x\",\"y\",\"z\n", 1<<16), 20 << 20, true},
		"one line":                {FL, "Name : " + strings.Repeat("x", 1<<20), 20 << 20, true},
		"one list block":          {FL, "Name : a\n" + strings.Repeat("       x\n", 1<<16), 20 << 20, true},
		"one row with one column": {CSV, strings.Repeat("a,", 1<<16), 20 << 20, true},
	} {
		t.Run(name, func(t *testing.T) {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			before, peak, n := m.HeapAlloc, uint64(0), 0
			look := func() {
				runtime.ReadMemStats(&m)
				if m.HeapAlloc > before+16<<20 { // it may be garbage: the race detector makes more of it
					runtime.GC()
					runtime.ReadMemStats(&m)
				}
				peak = max(peak, m.HeapAlloc)
			}
			for range Objects(&endless{text: run.text, left: run.size}, run.f, nil) {
				if n++; n%1000 == 0 {
					look()
				}
			}
			look()
			if !run.few && n < 1000 || peak > before+16<<20 {
				t.Errorf("%d objects, %d bytes before, %d at most", n, before, peak)
			}
		})
	}
}
