package rhythm

import (
	"math"
	"slices"
)

// A burst is messages that left together.
type burst struct {
	at     int64 // first departure
	oldest int64 // longest wait
	n      int
}

const (
	leastBursts = 8
	together    = 10 * second // between the departures of a burst
)

func (h *hop) bursts() (all []burst) {
	gap := max(together, 2*h.grain)
	var last int64
	for i, t := range h.late {
		if i == 0 || t.left-last > gap {
			all = append(all, burst{at: t.left})
		}
		last = t.left
		b := &all[len(all)-1]
		b.oldest, b.n = max(b.oldest, t.wait()), b.n+1
	}
	return all
}

// A retry is the timer of a queue: all that waits for one next hop leaves together
// when it ends (knowledge/exchange.md 1.3: Exchange retries queues, not messages).
type retry struct {
	interval int64
	mass, p  float64
	why      string
}

// queueTimer finds a timer that the first message of each burst started, or one that
// runs on and drifts or starts anew. A timer that shows neither may be a clock.
func (h *hop) queueTimer() (retry, bool) {
	all := h.bursts()
	if len(all) < leastBursts || len(h.late) < 3*len(all)/2 {
		return retry{}, false
	}
	if r, ok := h.startedByFirst(all); ok {
		return r, true
	}
	return h.running(all)
}

// startedByFirst: the oldest message of each burst waited the same, the others less,
// and the gaps between bursts vary, as the timer rests until mail comes.
func (h *hop) startedByFirst(all []burst) (retry, bool) {
	var oldest, gaps []int64
	for i, b := range all {
		oldest = append(oldest, b.oldest)
		if i > 0 {
			gaps = append(gaps, b.at-all[i-1].at)
		}
	}
	r := median(oldest)
	near := max(r/50, 5*second, 2*h.grain)
	same, within := 0, 0
	for _, o := range oldest {
		if max(o-r, r-o) <= near {
			same++
		}
	}
	others := 0
	for _, t := range h.late {
		if t.wait() <= r+near {
			within++
		}
		if t.wait() < r-2*near {
			others++
		}
	}
	p := min(1, 100*tail(float64(len(all)), float64(same), 0.2))
	mass := float64(within) / float64(len(h.late))
	if r < 2*minute || float64(same) < 0.8*float64(len(all)) || mass < 0.9 || 5*others < len(h.late) || p > byChance || h.even(all, gaps, oldest) {
		return retry{}, false
	}
	return retry{interval: r, mass: mass, p: p, why: "the oldest message of each burst had waited the same"}, true
}

// even: the bursts may as well follow a clock. Then they follow each other no less
// evenly than their oldest messages wait, and without a drift.
func (h *hop) even(all []burst, gaps, oldest []int64) bool {
	tick := float64(max(h.grain, second))
	if spread(gaps) > 3*max(spread(oldest), tick) && !h.multiples(gaps) {
		return false
	}
	_, drift := h.pace(all, median(gaps))
	return !drift
}

// multiples: the gaps are whole numbers of the shortest usual one, as on a clock
// whose openings are not all in use.
func (h *hop) multiples(gaps []int64) bool {
	sorted := slices.Clone(gaps)
	slices.Sort(sorted)
	p := quantile(sorted, 0.25)
	n := 0
	for _, g := range gaps {
		if off := floorMod(g+p/2, p) - p/2; max(off, -off) <= max(p/16, h.grain) {
			n++
		}
	}
	return p > 0 && 2*n > len(gaps)
}

// pace counts cycles from burst to burst, fits a line, and says whether its slope is
// surely not a whole number of minutes.
func (h *hop) pace(all []burst, p int64) (fitted float64, drift bool) {
	if p < minute {
		return 0, false
	}
	x, y := []float64{0}, []float64{0}
	at := 0.0
	for i := 1; i < len(all); i++ {
		gap := float64(all[i].at - all[i-1].at)
		n := math.Round(gap / float64(p))
		if n < 1 || math.Abs(gap-n*float64(p)) > 0.1*float64(p) {
			return 0, false
		}
		at += n
		x, y = append(x, at), append(y, float64(all[i].at-all[0].at))
	}
	b, se := slope(x, y)
	off := math.Abs(b - math.Round(b/float64(minute))*float64(minute))
	return b, off > 4*se && off > loose*b && off*at > float64(5*second+2*h.grain)
}

// running: most bursts follow each other at one interval, which drifts against the
// clock or is broken off and starts anew at another phase.
func (h *hop) running(all []burst) (retry, bool) {
	var gaps []int64
	for i := 1; i < len(all); i++ {
		gaps = append(gaps, all[i].at-all[i-1].at)
	}
	p := median(gaps)
	near := max(p/50, 5*second, 2*h.grain)
	same, restarts := runs(all, p, near)
	short := 0
	for _, t := range h.late {
		if t.wait() <= p+near+together {
			short++
		}
	}
	r := retry{interval: p, mass: float64(short) / float64(len(h.late))}
	r.p = min(1, 100*tail(float64(len(gaps)), float64(same), 0.2))
	if p < 2*minute || float64(same) < share*float64(len(gaps)) || r.mass < share || r.p > byChance {
		return retry{}, false
	}
	if fitted, drift := h.pace(all, p); drift {
		r.interval, r.why = int64(fitted), "their interval drifts against the clock"
		return r, true
	}
	r.why = "their interval starts anew at other times"
	return r, restarts >= leastRestarts
}

// leastRestarts is how often a phase has to change that is no clock's: someone may
// change a schedule, or daylight saving begin, once or twice.
const leastRestarts = 3

// runs counts the gaps of one interval, and the runs of three of them that begin at
// another phase than the run before them ended.
func runs(all []burst, p, near int64) (same, restarts int) {
	length := 0
	var ended int64
	for i := 1; i < len(all); i++ {
		if off := all[i].at - all[i-1].at - p; max(off, -off) > near {
			length = 0
			continue
		}
		same++
		if length++; length == 3 && ended != 0 {
			if off := floorMod(all[i-3].at-ended+p/2, p) - p/2; max(off, -off) > p/10 {
				restarts++
			}
		}
		if length >= 3 {
			ended = all[i].at
		}
	}
	return same, restarts
}
