package diag

import (
	"testing"
	"time"
)

// judgedAs folds findings of causes of severity delayed.
func judgedAs(causes []*Cause, findings ...Finding) *Report {
	for _, c := range causes {
		c.Severity = Delayed
	}
	r := NewReport(&Catalog{Symptoms: []*Symptom{{Name: "late", Analyzers: []*Analyzer{{Name: "a", Causes: causes}}}}})
	r.Add(Event{Judged: &Judged{Analyzer: "a", Findings: findings}})
	return r
}

func TestTheCheapestTestBetweenTheFirstTwo(t *testing.T) {
	look := Test{Do: "look at the queue", Takes: time.Minute}
	send := Test{Do: "send two messages", Takes: time.Hour, Against: []string{"TIMER"}}
	read := Test{Do: "read the settings", Takes: 5 * time.Minute, Against: []string{"CLOCK"}}
	clock, timer, place := func() *Cause { return &Cause{Code: "CLOCK", Tests: []Test{look, send}} }, func() *Cause { return &Cause{Code: "TIMER", Tests: []Test{read}} },
		func() *Cause { return &Cause{Code: "PLACE", Place: true, Tests: []Test{look}} }
	of := func(code string, v Verdict) Finding { return Finding{Code: code, Verdict: v, Subject: "hub"} }
	for name, c := range map[string]struct {
		findings    []Finding
		of, against string
		do          string
	}{
		"two that tests are made for":                {[]Finding{of("CLOCK", Suspected), of("TIMER", Suspected)}, "CLOCK", "TIMER", "read the settings"},
		"one alone":                                  {[]Finding{of("CLOCK", Suspected), of("TIMER", Excluded)}, "CLOCK", "", "look at the queue"},
		"none that would settle the one":             {[]Finding{of("TIMER", Suspected)}, "", "", ""},
		"a cause is confirmed: nothing to find out":  {[]Finding{of("CLOCK", Suspected), of("TIMER", Confirmed)}, "", "", ""},
		"a place is confirmed, its cause is not":     {[]Finding{of("PLACE", Confirmed), of("TIMER", Excluded)}, "PLACE", "", "look at the queue"},
		"could not tell, and a test would":           {[]Finding{of("CLOCK", Unknown)}, "CLOCK", "", "look at the queue"},
		"nothing found":                              {nil, "", "", ""},
		"all ruled out":                              {[]Finding{of("CLOCK", Excluded)}, "", "", ""},
		"a place, and a cause that is confirmed too": {[]Finding{of("PLACE", Suspected), of("TIMER", Confirmed)}, "", "", ""},
	} {
		next, ok := judgedAs([]*Cause{clock(), timer(), place()}, c.findings...).NextTest()
		if ok != (c.do != "") || next.Of != c.of || next.Against != c.against || next.Do != c.do {
			t.Errorf("%s: %+v, %v", name, next, ok)
		}
	}
}
