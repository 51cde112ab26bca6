package rhythm

import (
	"testing"
	"time"
)

// bursts are attempts of a queue at these times, in seconds.
func bursts(at ...int64) (all []burst) {
	for _, s := range at {
		all = append(all, burst{at: s * second})
	}
	return all
}

// every is so many times, each so many seconds behind the one before.
func every(n int, from, gap int64) (at []int64) {
	for i := range n {
		at = append(at, from+int64(i)*gap)
	}
	return at
}

// TestPaceOfBursts: a timer drifts where its interval is surely no whole number of
// minutes; where a gap is no multiple of it nothing is said.
func TestPaceOfBursts(t *testing.T) {
	odd := every(12, 0, 907)
	skipped := append(every(6, 0, 907), every(6, 7*907, 907)...)
	broken := append(every(6, 0, 907), every(6, 5*907+1200, 907)...)
	for name, story := range map[string]struct {
		at     []int64
		p      int64
		drifts bool
		fitted int64 // seconds; 0 where nothing is said
	}{
		"on the minute":                {every(12, 0, 900), 900, false, 900},
		"seven seconds more":           {odd, 907, true, 907},
		"seven less":                   {every(12, 0, 893), 893, true, 893},
		"with one left out":            {skipped, 907, true, 907},
		"broken off and begun anew":    {broken, 907, false, 0},
		"less than a clock may be off": {every(12, 0, 901)[:4], 901, false, 901},
		"an interval below a minute":   {every(12, 0, 50), 50, false, 0},
	} {
		fitted, drift := (&hop{grain: second}).pace(bursts(story.at...), story.p*second)
		if drift != story.drifts || time.Duration(fitted)*time.Microsecond/time.Second != time.Duration(story.fitted) {
			t.Errorf("%s: %v, drifts %v", name, time.Duration(fitted)*time.Microsecond, drift)
		}
	}
}

// TestRunsOfBursts: which gaps are of the interval, and how often a run of three of them
// begins at another phase than the one before ended.
func TestRunsOfBursts(t *testing.T) {
	const p, near = 900 * second, 18 * second
	for name, story := range map[string]struct {
		at             []int64
		same, restarts int
	}{
		"one run":                           {every(6, 0, 900), 5, 0},
		"two, at another phase":             {append(every(6, 0, 900), every(6, 5000, 900)...), 10, 1},
		"two, at the same":                  {append(every(6, 0, 900), every(6, 6300, 900)...), 10, 0},
		"two, at nearly the same":           {append(every(6, 0, 900), every(6, 6390, 900)...), 10, 0},
		"two, a little further":             {append(every(6, 0, 900), every(6, 6391, 900)...), 10, 1},
		"the second too short":              {append(every(6, 0, 900), every(3, 5000, 900)...), 7, 0},
		"the first too short":               {append(every(3, 0, 900), every(6, 5000, 900)...), 7, 0},
		"three runs":                        {append(append(every(6, 0, 900), every(6, 5000, 900)...), every(6, 10000, 900)...), 15, 2},
		"gaps that are nearly the interval": {[]int64{0, 918, 1800, 2719}, 2, 0},
	} {
		if same, restarts := runs(bursts(story.at...), p, near); same != story.same || restarts != story.restarts {
			t.Errorf("%s: %d gaps, %d restarts", name, same, restarts)
		}
	}
}

// TestWindowsAreTold: a hop that stays open for a while is said to, and for how long;
// one that only lets go what has gathered is not.
func TestWindowsAreTold(t *testing.T) {
	for _, open := range []time.Duration{0, 30 * time.Minute, 40 * time.Minute} {
		told, right := 0, 0
		for seed := range uint64(8) {
			w := newWorld(500 + seed)
			w.length = 72 * time.Hour
			w.steadily(800)
			w.open(time.Hour, open, 5*time.Second, 1, 0)
			if f := Judge(w.all, Options{}); f.Verdict == ClockGrid {
				told++
				if (f.Window - open).Abs() <= 2*time.Minute {
					right++
				}
			}
		}
		if told < 6 || right < told {
			t.Errorf("open for %v: a clock in %d of 8, with the window in %d", open, told, right)
		}
	}
}
