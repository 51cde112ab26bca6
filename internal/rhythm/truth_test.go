package rhythm

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	worlds = flag.Int("worlds", 6, "simulated hops of each kind")
	only   = flag.String("kind", "", "kinds of hops whose names contain this")
)

// wrong says what a finding claims that is not so.
func wrong(k kind, w *world, f Finding) string {
	switch {
	case slices.Contains(silent, f.Verdict):
		return ""
	case !slices.Contains(k.may, f.Verdict):
		return "is not what decides"
	case f.Period > 0 && w.period > 0:
		return wrongGrid(w, f)
	case f.Verdict == RetryLadder && len(w.sums) > 0:
		return wrongLadder(w, f)
	}
	return ""
}

func wrongGrid(w *world, f Finding) string {
	if w.quarters != nil {
		return wrongTimes(w, f)
	}
	if f.Period != w.period && f.Verdict != RetryLadder {
		return fmt.Sprintf("the period is %s", w.period)
	}
	for _, got := range f.Phases {
		near := w.phases == nil
		for _, p := range w.phases {
			// Truncate counts from year 1 and Unix from 1970: the same for what divides a day.
			off := (got - p + w.period) % w.period
			near = near || (24*time.Hour)%w.period != 0 || min(off, w.period-off) < 65*time.Second
		}
		if !near {
			return fmt.Sprintf("the phases are %s", w.phases)
		}
	}
	if off := (f.Window - w.window).Abs(); f.Window > 0 && off > w.period/8 {
		return fmt.Sprintf("the window is %s", w.window)
	}
	return ""
}

// wrongTimes: mail never leaves at a time that is told. A timetable may be told as
// less than it is, if hardly any mail leaves at the rest.
func wrongTimes(w *world, f Finding) string {
	for at := f.Phase; at < 24*time.Hour; at += f.Period {
		if quarter := int(at / (15 * time.Minute)); !w.quarters[quarter] || at%(15*time.Minute) > 5*time.Second {
			return fmt.Sprintf("the quarters of the day are %v", w.quarters)
		}
	}
	return ""
}

func wrongLadder(w *world, f Finding) string {
	for _, got := range f.Sums {
		near := false
		for i, s := range w.sums {
			off := got - s
			near = near || off > -2*time.Minute && off < time.Duration(i+1)*20*time.Second+2*time.Minute
		}
		if !near {
			return fmt.Sprintf("the sums are %s", w.sums[:min(8, len(w.sums))])
		}
	}
	return ""
}

// TestTruth judges many simulated hops. Silence is allowed, within limits; a false
// claim is not.
func TestTruth(t *testing.T) {
	verdicts := []Verdict{ClockGrid, RetryLadder, FixedWait, Backlog, Prompt, Mixed, TooLittle, NoRhythm}
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-36s", "")
	for _, v := range verdicts {
		fmt.Fprintf(&table, "%16s", v)
	}
	for i, k := range kinds {
		if !strings.Contains(k.name, *only) {
			continue
		}
		seen := map[Verdict]int{}
		for n := range *worlds {
			seed := uint64(i*1000000 + n)
			w := newWorld(seed)
			k.make(w)
			f := Judge(w.all, Options{Ladders: ladders})
			seen[f.Verdict]++
			if why := wrong(k, w, f); why != "" {
				t.Errorf("%s, seed %d: %s: %s %s %s: %s", k.name, seed, why, f.Verdict, f.Phases, f.Sums, f.Why)
			}
		}
		if quiet := seen[TooLittle] + seen[NoRhythm]; float64(quiet) > k.most*float64(*worlds)+1 {
			t.Errorf("%s: silent in %d of %d worlds", k.name, quiet, *worlds)
		}
		fmt.Fprintf(&table, "\n%-36s", k.name)
		for _, v := range verdicts {
			fmt.Fprintf(&table, "%16d", seen[v])
		}
	}
	t.Log(table.String())
}
