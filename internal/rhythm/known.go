package rhythm

import (
	"slices"
	"strings"
	"time"
)

// mostRungs bounds how far a ladder is climbed: two days in minutes.
const mostRungs = 2880

// match names the known ladders on which all sums stand, and gives the steps if it
// is one. A ladder with rungs so close that any sums would stand on it is not named.
func match(sums []int64, ladders []Ladder) (name string, steps []time.Duration) {
	best := 0.0
	var names []string
	for _, l := range ladders {
		switch score := fit(sums, l.Steps); {
		case score == 0 || score < best:
		case score > best:
			best, names, steps = score, []string{l.Name}, slices.Clone(l.Steps)
		default:
			names, steps = append(names, l.Name), nil
		}
	}
	return strings.Join(names, " or "), steps
}

// fit is the share of rungs up to the last sum that are in use; 0 if a sum stands
// beside the ladder.
func fit(sums []int64, steps []time.Duration) float64 {
	rungs, covered := climb(steps, sums[len(sums)-1])
	used := 0
	for _, s := range sums {
		on := false
		for _, r := range rungs {
			on = on || s >= r-early(r) && s <= r+late(r)
		}
		if !on {
			return 0
		}
		used++
	}
	if covered > 0.5 || used > len(rungs) || 2*used < len(rungs) {
		return 0
	}
	return float64(used) / float64(len(rungs))
}

// A timer is hardly ever early, and late by the work it finds.
func early(rung int64) int64 { return rung/100 + 2*second }
func late(rung int64) int64  { return rung*3/100 + 20*second }

// climb gives the rungs up to a wait, and the share of all waits that stands on them.
func climb(steps []time.Duration, top int64) (rungs []int64, covered float64) {
	at, sum := int64(0), int64(0)
	for i := 0; len(steps) > 0 && i < mostRungs; i++ {
		step := steps[min(i, len(steps)-1)].Microseconds()
		if step <= 0 || at+step-early(at+step) > top {
			break
		}
		at += step
		rungs = append(rungs, at)
		sum += early(at) + late(at)
	}
	return rungs, float64(sum) / float64(max(1, at))
}
