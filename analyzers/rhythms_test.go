package analyzers

import (
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestBesideTheClock: mail that leaves on the clock rules nothing out that looks the
// same: a timer beneath runs of the queue, and a limit for each hour.
func TestBesideTheClock(t *testing.T) {
	failed := []evidence.Deferral{{Text: "421 too busy", Count: 3}}
	for name, story := range map[string]struct {
		deferrals []evidence.Deferral
		waited    int
		window    evidence.Duration
		want      string
	}{
		"a gate":                                   {nil, 95, 0, "confirmed b to c, excluded b to c, excluded b to c"},
		"a gate that stays open":                   {nil, 60, 1500, "confirmed b to c, excluded b to c, excluded b to c"},
		"a gate, and attempts that failed":         {failed, 95, 0, "suspected b to c, could-not-tell b to c, excluded b to c"},
		"while much else left at once":             {nil, 60, 0, "confirmed b to c, excluded b to c, could-not-tell b to c"},
		"more than a gate lets go that stays open": {nil, 30, 1500, "confirmed b to c, excluded b to c, could-not-tell b to c"},
		"both": {failed, 60, 0, "suspected b to c, could-not-tell b to c, could-not-tell b to c"},
	} {
		h := evidence.HopTraffic{Server: "b", To: "c", Count: 100, Late: story.waited, Deferrals: story.deferrals}
		r := evidence.HopRhythm{Server: "b", To: "c", Is: evidence.RhythmClock, Count: 100, Waited: story.waited, Period: 3600, Phases: []evidence.Duration{0}, Window: story.window, Strength: 1}
		if got := judged(rhythms(), diag.Give(evidence.Traffic, []evidence.HopTraffic{h}), diag.Give(evidence.Rhythms, []evidence.HopRhythm{r})); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}
