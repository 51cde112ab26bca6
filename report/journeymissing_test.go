package report

import (
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestMissingOnce: how to get a log is said once for its server, those that can be
// fetched first, with how many messages want it; and of servers elsewhere no path.
func TestMissingOnce(t *testing.T) {
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var all []evidence.Journey
	for i := range 3 {
		hour := at.Add(time.Duration(i) * time.Hour)
		all = append(all, evidence.Journey{Message: "m", Began: at, State: evidence.JourneyLost, Missing: []evidence.Missing{
			{Server: "mx.example.com", From: hour, To: hour.Add(time.Hour), Why: "no", Get: evidence.AskPostmaster + " about it"},
			{Server: "HUB02", From: hour, To: hour.Add(time.Hour), Why: "HUB01 handed it over", Get: "on HUB02: its log"}}})
	}
	all[2].Missing = all[2].Missing[:1]
	got := strings.Join(journeyText(all, Times{}, 5, 100), "\n")
	for text, want := range map[string]int{
		"no log  HUB02": 2, "HUB01 handed it over": 2, "on HUB02: its log": 1, "no log  mx.example.com": 0,
		"  - no log of HUB02 for 2 messages: on HUB02: its log (for all of them: 2026-01-05 10:00 to\n    2026-01-05 12:00 UTC)": 1,
		"\n  - no log of mx.example.com for 3 messages: ask its postmaster about it":                                             1,
	} {
		if n := strings.Count(got, text); n != want {
			t.Errorf("%q stands there %d times, not %d:\n%s", text, n, want, got)
		}
	}
	if strings.Index(got, "log of HUB02 for") > strings.Index(got, "log of mx") {
		t.Error("what can be fetched does not come first:\n" + got)
	}
}

// TestAskedIsShown: the message that was asked for is told, late or not.
func TestAskedIsShown(t *testing.T) {
	all := []evidence.Journey{{Message: "asked", Asked: true, Sample: true}, {Message: "late"}, {Message: "prompt", Sample: true}}
	worst, left := worstOf(all, 5)
	if len(worst) != 2 || worst[0].Message != "asked" || left != 1 {
		t.Errorf("%+v, %d left", worst, left)
	}
}
