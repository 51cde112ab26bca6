package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailflow/diag"
)

func caseFile(t testing.TB, events []diag.Event) string {
	return printed(t, view{"jsonl", Lines}, events)
}

// plain is the case file with its JSON in one form: which characters are
// escaped, and the order of fields, do not count.
func plain(t testing.TB, events []diag.Event) string {
	t.Helper()
	var out strings.Builder
	in := json.NewDecoder(strings.NewReader(caseFile(t, events)))
	in.UseNumber()
	for in.More() {
		var v any
		if err := in.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out.Write(raw(t, v))
		out.WriteByte('\n')
	}
	return out.String()
}

// differ shows where two texts begin to differ; "" if they do not.
func differ(got, want string) string {
	if got == want {
		return ""
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Sprintf("at byte %d\ngot  %q\nwant %q", i, clip(got[from:], 160), clip(want[from:], 160))
}

// TestRoundTrip: XML and the case file give the same events and so the same
// report in every format, whatever was said.
func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	all := [][]diag.Event{founding(t), healthy(t)}
	for _, s := range hostile() {
		all = append(all, saying(t, s))
	}
	thorough := len(all)
	for range random() {
		all = append(all, saying(t, randomText(rng)))
	}
	for i, events := range all {
		for _, v := range []view{{"xml", XML}, {"jsonl", Lines}} {
			back, err := Read(strings.NewReader(printed(t, v, events)))
			if err != nil {
				t.Fatalf("%s: %v", v.ending, err)
			}
			if d := differ(plain(t, back), plain(t, events)); d != "" {
				t.Fatalf("%s changed the events %s", v.ending, d)
			}
			for _, view := range views() {
				if i >= thorough && view.ending != "json" {
					continue
				}
				if d := differ(printed(t, view, back), printed(t, view, events)); d != "" && view.ending != "jsonl" {
					t.Fatalf("%s read back gives another %s %s", v.ending, view.ending, d)
				}
			}
		}
	}
}

// smallest is the smallest report that can be read.
func smallest(record string) string {
	return `<report xmlns="urn:mailflow:report:1" version="1"><record>` + record + `</record></report>`
}

const openEvent = `<event><string name="at">2026-10-20T03:04:05Z</string><object name="opened"><string name="schema">mailflow-case/1</string></object></event>`

func TestReadRefuses(t *testing.T) {
	deep := strings.Repeat(`<array name="a">`, 100)
	for name, c := range map[string]struct{ in, want string }{
		"nothing":        {"", "nothing in it"},
		"text":           {"hello", "neither a case file nor an XML report"},
		"json report":    {printed(t, view{"json", JSON}, founding(t)), "JSON report cannot be read back"},
		"html":           {printed(t, view{"html", HTML}, founding(t)), "HTML report cannot be read back"},
		"doctype":        {"<!DOCTYPE r [<!ENTITY a 'b'>]>\n" + smallest(openEvent), "line 1: a document type"},
		"entity":         {"\n" + smallest(strings.Replace(openEvent, "mailflow-case/1", "&lol;", 1)), "line 2"},
		"other root":     {"<report version='1'/>", "not a mailflow report"},
		"version":        {`<report xmlns="urn:mailflow:report:1" version="2"/>`, `version "2"`},
		"no record":      {`<report xmlns="urn:mailflow:report:1" version="1"/>`, "no event"},
		"no opening":     {smallest(strings.Replace(openEvent, "opened", "closed", 1)), "does not open a case"},
		"other case":     {smallest(strings.Replace(openEvent, "case/1", "case/9", 1)), "does not open a case"},
		"two records":    {strings.Replace(smallest(openEvent), "<record>", "<record>"+openEvent+"</record>\n<record>", 1), "line 2: a second record"},
		"two at once":    {smallest(openEvent + `<event><object name="opened"/><object name="closed"/></event>`), "2 things at once"},
		"none":           {smallest(openEvent + `<event/>`), "0 things at once"},
		"deep":           {smallest(openEvent + "<event>" + deep), "within each other"},
		"deep elsewhere": {`<report xmlns="urn:mailflow:report:1" version="1">` + strings.Repeat("<a>", 200), "within each other"},
		"torn":           {smallest(openEvent)[:150], "line 1"},
		"two roots":      {smallest(openEvent) + smallest(openEvent), "something stands after"},
		"text between":   {smallest(openEvent + "boo"), "text between"},
		"mixed":          {smallest(openEvent + `<event><string name="a">x<null/></string></event>`), "within a text"},
		"number":         {smallest(openEvent + `<event><number name="a">1,2</number></event>`), "number cannot be"},
		"true":           {smallest(openEvent + `<event><true name="a">x</true></event>`), "true cannot be"},
		"escape":         {smallest(openEvent + `<event><string name="a" escaped="backslash">\q</string></event>`), "no escape"},
		"escaped":        {smallest(openEvent + `<event><string name="a" escaped="rot13">\q</string></event>`), "escaped cannot be"},
		"element":        {smallest(openEvent + `<event><blink name="a"/></event>`), "blink is no value"},
		"space":          {smallest(openEvent + `<event><true xmlns="urn:x" name="a"/></event>`), "is not of"},
		"not an event":   {smallest(openEvent + `<finding/>`), "finding is no event"},
		"wrong type":     {smallest(openEvent + `<event><string name="judged">x</string></event>`), "not an event of a case"},
		"case file":      {"{\"at\":\"2026-10-20T03:04:05Z\",\"closed\":{}}\n", "line 1"},
		"utf-16":         {"\xff\xfe<\x00", `begins with "\\xff\\xfe`},
	} {
		events, err := Read(strings.NewReader(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d events, %v; want %q", name, len(events), err, c.want)
		}
	}
}

func TestReadTakes(t *testing.T) {
	for name, in := range map[string]string{
		"smallest":      smallest(openEvent),
		"byte order":    "\ufeff" + smallest(openEvent),
		"case with bom": "\ufeff" + caseFile(t, founding(t)),
		"comments":      "<?xml version='1.0'?>\n<?style x?><!-- a -->" + smallest("<!-- b -->"+openEvent+"\n"),
		"other section": strings.Replace(smallest(openEvent), "<record>", "<later><a>text <b/></a></later><record>", 1),
		"prefix":        `<m:report xmlns:m="urn:mailflow:report:1" version="1"><m:record><m:event><m:string name="at">2026-10-20T03:04:05Z</m:string><m:object name="opened"><m:string name="schema">mailflow-case/1</m:string></m:object></m:event></m:record></m:report>`,
	} {
		if events, err := Read(strings.NewReader(in)); err != nil || len(events) == 0 {
			t.Errorf("%s: %d events, %v", name, len(events), err)
		}
	}
}

// endless never stops saying the same.
type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

func TestReadIsBounded(t *testing.T) {
	const root = `<report xmlns="urn:mailflow:report:1" version="1">`
	for name, c := range map[string]struct {
		begin, then string
		left, most  int64
	}{
		"one token": {root + "<a ", " ", 1 << 40, 1 << 20},
		"one text":  {root + "<a>", "x", 1 << 40, 1 << 20},
		"the whole": {root, "<a></a>", 1 << 20, 1 << 19},
	} {
		in := io.MultiReader(strings.NewReader(c.begin), endless(c.then))
		if _, err := readXML(&bounded{from: in, left: c.left, most: c.most}); err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTooMuchIsAnError: what cannot be read back is not written as if it could.
func TestTooMuchIsAnError(t *testing.T) {
	events := founding(t)
	events = append(events, gathered(9, diag.Item{Kind: "deep", Value: []byte(strings.Repeat("[", 80) + strings.Repeat("]", 80))}))
	if err := XML(&bytes.Buffer{}, reportOf(events)); err == nil || !strings.Contains(err.Error(), "too deep") {
		t.Errorf("error: %v", err)
	}
	events[len(events)-1] = gathered(9, diag.Item{Kind: "long", Value: raw(t, strings.Repeat("x", maxText+1))})
	if err := XML(&bytes.Buffer{}, reportOf(events)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("error: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	golden, _ := filepath.Glob("testdata/*.golden")
	for _, name := range golden {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(smallest(openEvent)))
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		r := reportOf(events)
		for _, v := range views() {
			v.print(&bytes.Buffer{}, r)
		}
		var first bytes.Buffer
		if XML(&first, r) != nil {
			return
		}
		back, err := Read(&first)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if d := differ(plain(t, back), plain(t, r.Events())); d != "" {
			t.Fatalf("changed %s", d)
		}
	})
}
