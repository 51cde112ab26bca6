package diag

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

func minutes(from, to int) *Span {
	base := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return &Span{base.Add(time.Duration(from) * time.Minute), base.Add(time.Duration(to) * time.Minute)}
}

func judged(findings ...Finding) *Report {
	r := NewReport(small(green, sees("")))
	r.Add(Event{Judged: &Judged{Analyzer: "eye", Findings: findings}})
	return r
}

func TestWaitsCountOverlapsOnceAndPerMessage(t *testing.T) {
	r := judged(
		Finding{Code: "DARK", Verdict: Confirmed, Subject: "a", Message: "<1@x>", Wait: minutes(0, 30)},
		Finding{Code: "DARK", Verdict: Confirmed, Subject: "b", Message: "<1@x>", Wait: minutes(20, 40)},
		Finding{Code: "DARK", Verdict: Suspected, Subject: "a", Message: "<2@x>", Wait: minutes(0, 10)},
		Finding{Code: "DARK", Verdict: Excluded, Subject: "a", Message: "<3@x>", Wait: minutes(0, 90)},
	)
	h := r.Hypotheses()[0]
	if h.Waited != 40*time.Minute || h.Typical != 25*time.Minute || h.Messages != 2 {
		t.Errorf("waited %s, typical %s, %d messages", h.Waited, h.Typical, h.Messages)
	}
}

func TestBehindHidesPerSubject(t *testing.T) {
	for _, c := range []struct {
		what         string
		above, below Finding
		explained    string
	}{
		{"the same subject", Finding{Verdict: Confirmed, Subject: "hub"}, Finding{Subject: "hub"}, "DARK"},
		{"a host explains its address", Finding{Verdict: Confirmed, Subject: "hub"}, Finding{Subject: "hub [192.0.2.1]"}, "DARK"},
		{"an address does not explain its host", Finding{Verdict: Confirmed, Subject: "hub [192.0.2.1]"}, Finding{Subject: "hub"}, ""},
		{"another host", Finding{Verdict: Confirmed, Subject: "hub2"}, Finding{Subject: "hub"}, ""},
		{"a name that only begins alike", Finding{Verdict: Confirmed, Subject: "hub"}, Finding{Subject: "hub2 [192.0.2.1]"}, ""},
		{"a mere suspicion", Finding{Verdict: Suspected, Subject: "hub"}, Finding{Subject: "hub"}, ""},
	} {
		c.above.Code, c.below.Code, c.below.Verdict = "DARK", "DIM", Confirmed
		for _, h := range judged(c.above, c.below).Hypotheses() {
			if h.Code == "DIM" && h.ExplainedBy != c.explained {
				t.Errorf("%s: explained by %q, want %q", c.what, h.ExplainedBy, c.explained)
			}
		}
	}
}

func TestRankAndWorst(t *testing.T) {
	r := judged(
		Finding{Code: "DIM", Verdict: Confirmed, Subject: "x", Severity: Delayed},
		Finding{Code: "DARK", Verdict: Suspected, Subject: "y"},
	)
	hs := r.Hypotheses()
	if hs[0].Code != "DIM" || hs[0].Severity != Delayed {
		t.Errorf("first is %s (%s)", hs[0].Code, hs[0].Severity)
	}
	if r.Worst() != Stopped {
		t.Errorf("worst is %s", r.Worst())
	}
	if w := judged(Finding{Code: "DARK", Verdict: Unknown, Subject: "y"}).Worst(); w != Unset {
		t.Errorf("what could not be told counts as %s", w)
	}
}

func TestWhatHoldsMailUpComesFirst(t *testing.T) {
	dimNote := Finding{Code: "DIM", Verdict: Confirmed, Subject: "x", Severity: Note}
	hs := judged(dimNote, Finding{Code: "DARK", Verdict: Suspected, Subject: "y"}).Hypotheses()
	if hs[0].Code != "DARK" {
		t.Error("a confirmed note stands before a suspected stop")
	}
	hs = judged(dimNote, Finding{Code: "DARK", Verdict: Excluded, Subject: "y"}).Hypotheses()
	if hs[0].Code != "DIM" {
		t.Error("what is excluded stands before a confirmed note")
	}
}

func TestInvalidBytesDoNotReachACaseFile(t *testing.T) {
	if got := string(PlainJSON([]byte("\"a\x9bb\""))); got != `"a\ufffdb"` {
		t.Errorf("got %q", got)
	}
}

func TestSentence(t *testing.T) {
	f := Finding{Code: "DARK", Verdict: Confirmed, Subject: "the [cellar] {long}"}
	if got := Sentence(dark, f); got != "the [cellar] {long} is dark" {
		t.Errorf("without the argument: %q", got)
	}
	f.Args = []Arg{Duration("long", 90*time.Second)}
	if got := Sentence(dark, f); got != "the [cellar] {long} is dark for 90 s" {
		t.Errorf("with the argument: %q", got)
	}
	f.Verdict = Excluded
	if got := Sentence(dark, f); got != "the [cellar] {long} is lit" {
		t.Errorf("excluded: %q", got)
	}
}

// TestTwoAnalyzersOneCause: two analyzers may report one cause; it is in the
// catalog once.
func TestTwoAnalyzersOneCause(t *testing.T) {
	cat := small(green, sees(""))
	before := len(cat.Causes())
	cat.Symptoms[0].Analyzers[1].Causes = append(cat.Symptoms[0].Analyzers[1].Causes, dark)
	if err := cat.Validate(); err != nil || len(cat.Causes()) != before {
		t.Errorf("%d causes instead of %d: %v", len(cat.Causes()), before, err)
	}
}

func TestValidateFindsWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Catalog){
		"collector sensor: twice":      func(c *Catalog) { c.Collectors[1].Name = "sensor" },
		"cause DARK: twice":            func(c *Catalog) { c.Symptoms[0].Analyzers[1].Causes = []*Cause{{Code: "DARK"}} },
		"which nothing provides":       func(c *Catalog) { c.Inputs = c.Inputs[1:] },
		"is made from itself":          func(c *Catalog) { c.Collectors[0].Needs = []AnyKey{colour} },
		"which no analyzer reports":    func(c *Catalog) { c.Symptoms[0].Analyzers[0].Causes = []*Cause{dim} },
		"or the severity is missing":   func(c *Catalog) { c.Symptoms[0].Analyzers[1].Causes = []*Cause{{Code: "X"}} },
		"no doc, no Run":               func(c *Catalog) { c.Symptoms[0].Analyzers[0].Doc = "" },
		"symptom odd: no title or pla": func(c *Catalog) { c.Symptoms[0].Title = "" },
	} {
		cat := small(green, sees(""))
		spoil(cat)
		if err := cat.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got: %v", want, err)
		}
	}
}

func TestNamesOfVerdictsAndSeverities(t *testing.T) {
	for v := Excluded; v <= Confirmed; v++ {
		b, _ := v.MarshalText()
		var back Verdict
		if err := back.UnmarshalText(b); err != nil || back != v {
			t.Errorf("%s does not read back: %v", b, err)
		}
	}
	var s Severity
	if s.UnmarshalText([]byte("terrible")) == nil {
		t.Error("an unknown severity is taken")
	}
}

func TestPlainJSONHidesNothingAndMovesNothing(t *testing.T) {
	var out bytes.Buffer
	hostile := "a\u009b31m\u202e\u200b\U000e0041\x7fé\x1b[2J"
	if err := WriteEvent(&out, Event{Noted: &Noted{Node: "x", Text: hostile}}); err != nil {
		t.Fatal(err)
	}
	for _, r := range strings.TrimSuffix(out.String(), "\n") {
		if Unprintable(r) {
			t.Errorf("%U is in the case file", r)
		}
	}
	first := Event{Opened: &Opened{Schema: SchemaVersion}}
	var file bytes.Buffer
	WriteEvent(&file, first)
	file.Write(out.Bytes())
	events, err := ReadEvents(&file)
	if err != nil || events[1].Noted.Text != hostile {
		t.Errorf("reads back as %+v, %v", events, err)
	}
}

func TestReadEvents(t *testing.T) {
	opened := `{"at":"2026-11-22T10:00:00Z","opened":{"schema":"mailflow-case/1","tool":"t","plan":{"analyzers":null}}}` + "\n"
	closed := `{"at":"2026-11-22T10:00:01Z","closed":{"took_ns":5}}` + "\n"
	for _, c := range []struct {
		what, file string
		events     int
		ok         bool
	}{
		{"a whole file", opened + closed, 2, true},
		{"a torn last line", opened + closed[:20], 1, true},
		{"an empty line", opened + "\n" + closed, 2, true},
		{"a damaged line in the middle", opened + "{}\n" + closed, 1, false},
		{"two things in one event", opened + `{"noted":{"node":"a","text":"b"},"closed":{"took_ns":1}}` + "\n" + closed, 1, false},
		{"another schema", strings.Replace(opened, "case/1", "case/9", 1), 0, false},
		{"no head", closed, 0, false},
		{"nothing", "", 0, false},
		{"something else", "Received: from x\n\n", 0, false},
	} {
		events, err := ReadEvents(strings.NewReader(c.file))
		if len(events) != c.events || (err == nil) != c.ok {
			t.Errorf("%s: %d events, error %v", c.what, len(events), err)
		}
	}
}

// FuzzReadEvents: whatever it takes, it writes and reads back the same.
func FuzzReadEvents(f *testing.F) {
	f.Add([]byte(`{"at":"2026-11-22T10:00:00Z","opened":{"schema":"mailflow-case/1","tool":"t","plan":{"analyzers":null}}}` + "\n" +
		`{"at":"2026-11-22T10:00:01Z","judged":{"analyzer":"eye","findings":[{"code":"DARK","verdict":"confirmed","subject":"x"}]}}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := ReadEvents(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		r := NewReport(small(green, sees("")))
		for _, ev := range events {
			if err := WriteEvent(&out, ev); err != nil {
				t.Fatal(err)
			}
			r.Add(ev)
		}
		r.Hypotheses()
		r.NotChecked()
		again, err := ReadEvents(&out)
		if err != nil || len(again) != len(events) {
			t.Fatalf("does not read back: %v", err)
		}
		var second bytes.Buffer
		for _, ev := range again {
			WriteEvent(&second, ev)
		}
		third, _ := ReadEvents(&second)
		if !reflect.DeepEqual(again, third) {
			t.Fatal("reads back differently")
		}
	})
}
