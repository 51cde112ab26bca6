package analyzers

import (
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestGuessedZones: where nobody said in which zone a log is written, no clock is
// said for certain to be wrong.
func TestGuessedZones(t *testing.T) {
	for name, story := range map[string]struct {
		o    evidence.ClockOffset
		want string
	}{
		"wrong":                      {evidence.ClockOffset{Ahead: 910, Low: 909, High: 911, Bounded: true}, "confirmed b"},
		"wrong, or of another zone":  {evidence.ClockOffset{Ahead: 910, Low: 909, High: 911, Bounded: true, Guessed: true}, "suspected b"},
		"a zone":                     {evidence.ClockOffset{Ahead: 3600, Low: 3599, High: 3601, Bounded: true, Guessed: true}, "suspected b"},
		"agrees":                     {evidence.ClockOffset{Low: -0.7, High: 0.7, Bounded: true, Guessed: true}, "excluded b"},
		"at least so much":           {evidence.ClockOffset{Low: 909}, "suspected b"},
		"at least so much, or zones": {evidence.ClockOffset{Low: 909, Guessed: true}, "could-not-tell b"},
	} {
		story.o.Server, story.o.Against, story.o.Sent, story.o.Back = "b", "a", 10, 10
		if got := judged(clockSkews(), diag.Give(evidence.Clocks, []evidence.ClockOffset{story.o})); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}
