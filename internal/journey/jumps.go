package journey

import (
	"math"
	"slices"
	"time"

	"mailflow/evidence"
)

// fewestJumped is how many messages in a row it takes to say that a clock was off
// for a while. A single one may be a wrong pair of rows.
const fewestJumped = 2

// jumped finds a while in which transmissions contradict all others, and agree among
// themselves: one of the clocks was off then. Only those count of which both sides
// name the id, as an id that was used twice makes a wrong pair.
func (m span) jumped(list []bound) *evidence.ClockJump {
	list = slices.DeleteFunc(slices.Clone(list), func(b bound) bool { return !b.sure })
	best := m.longest(list, func(b bound) time.Time { return b.at })
	if other := m.longest(list, func(b bound) time.Time { return b.there }); len(other) > len(best) {
		best = other // the clock of the first was off, whose times are then out of order
	}
	if len(best) < fewestJumped {
		return nil
	}
	low, high := math.Inf(-1), math.Inf(1)
	for _, b := range best {
		low, high = max(low, b.low), min(high, b.high)
	}
	by := low
	if math.IsInf(low, 0) || !math.IsInf(high, 0) && m.low > high {
		by = high
	}
	return &evidence.ClockJump{From: best[0].at.UTC(), To: best[len(best)-1].at.UTC(), By: round(by - m.best), Messages: len(best), Where: best[0].where}
}

// longest is the longest row of transmissions that contradict the others. Those that
// say too little to do either are passed over.
func (m span) longest(list []bound, by func(bound) time.Time) (best []bound) {
	slices.SortStableFunc(list, func(a, b bound) int { return by(a).Compare(by(b)) })
	var run []bound
	low, high := math.Inf(-1), math.Inf(1)
	for _, b := range list {
		fits := max(low, b.low) <= min(high, b.high)
		switch {
		case m.against(b) && fits:
			run, low, high = append(run, b), max(low, b.low), min(high, b.high)
		case m.against(b):
			run, low, high = []bound{b}, b.low, b.high
		case !fits:
			run, low, high = nil, math.Inf(-1), math.Inf(1)
		}
		if len(run) > len(best) {
			best = slices.Clone(run)
		}
	}
	return best
}

// against says whether a transmission contradicts what the others have in common, by
// more than clocks that agree may differ.
func (m span) against(b bound) bool { return b.low > m.high+agree || b.high < m.low-agree }
