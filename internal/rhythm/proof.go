package rhythm

import (
	"math"
	"slices"
)

// A doubt is why a grid that the search found is not told as one.
type doubt int

const (
	none      doubt = iota
	halves          // half the period, or the period: the times would be the same
	moves           // one phase comes after the other, or the phase drifts
	timetable       // some openings of the day are never used, though mail waits
	perQueue        // a retry timer of the queue would look the same
)

// An opening is what left in one cycle of a grid.
type opening struct {
	cycle  int64
	first  int64 // departure, in microseconds after the arc begins
	oldest int64 // longest wait
}

// doubts weighs a grid against what would look like it.
func (h *hop) doubts(g grid) doubt {
	switch {
	case !h.steady(g):
		return moves
	case !h.wholePeriod(g) || h.longer(g):
		return halves
	case g.mass < onTime && h.finer(g):
		return halves
	case h.timetable(g):
		return timetable
	case len(g.starts) > 1:
		return none
	}
	all := h.openings(g)
	if drifts(all, g.period, h.grain) {
		return moves
	}
	if !h.clockNotQueue(g, all) {
		return perQueue
	}
	return none
}

// slices of the time, in most of which a rhythm has to be seen.
const slicesOfTime = 8

// steady: every arc is in use in at least three of four slices of the time. Phases
// that follow each other are restarts of a timer, not servers side by side.
func (h *hop) steady(g grid) bool {
	used := make([][slicesOfTime]int, len(g.starts))
	var all [slicesOfTime]int
	from, long := h.late[0].left, h.span()/slicesOfTime+1
	for _, t := range h.late {
		if t.wait() <= h.longEnough(g.period) {
			continue
		}
		i := (t.left - from) / long
		all[i]++
		if arc, _ := g.at(t.left); arc >= 0 {
			used[arc][i]++
		}
	}
	for _, arc := range used {
		if !mostly(arc, all, g.mass/float64(2*len(g.starts))) {
			return false
		}
	}
	return true
}

// mostly: in three of four slices in which there is anything, at least this share.
func mostly(in, all [slicesOfTime]int, share float64) bool {
	good, some := 0, 0
	for i := range in {
		if all[i] > 0 {
			some++
			if float64(in[i]) >= share*float64(all[i]) {
				good++
			}
		}
	}
	return 4*good >= 3*some
}

// wholePeriod: the hop does not open in the middle of the period as well. That is
// shown by messages that waited across the middle, or by openings in number none of
// which stands there, though mail comes at all times.
func (h *hop) wholePeriod(g grid) bool {
	across, all := map[int64]bool{}, map[int64]bool{}
	n, over := 0, 0
	for _, t := range h.late {
		arc, cycle := g.at(t.left)
		if arc < 0 || t.wait() <= h.longEnough(g.period) {
			continue
		}
		n++
		all[cycle] = true
		if t.wait() > g.period/2+g.width+2*h.grain {
			over++
			across[cycle] = true
		}
	}
	if len(across) >= 3 && float64(over) >= 0.05*float64(n) {
		return true
	}
	return math.Pow(h.fullerHalf(g.period), float64(len(all)-1)) < byChance
}

// finer: what does not stand on the grid stands on one of a part of its period.
func (h *hop) finer(g grid) bool {
	for _, m := range [...]int64{2, 3, 5} {
		f := g
		f.period /= m
		in, n := 0, 0
		for _, t := range sample(h.late, searched) {
			if t.wait() > h.longEnough(g.period) {
				n++
				if arc, _ := f.at(t.left); arc >= 0 {
					in++
				}
			}
		}
		byChance := (1 - g.mass) * float64(g.width) / float64(f.period)
		if float64(in)/float64(max(1, n)) > g.mass+byChance+0.1 {
			return true
		}
	}
	return false
}

// mostPassed is how many messages may wait at an opening of the day that nobody uses.
const mostPassed = 5

// timetable: openings at which mail waits but never leaves. So few, or so irregular,
// openings a day make other periods fit by chance. Of short periods with one opening
// it is let pass: it is how a hop looks that rests at night.
func (h *hop) timetable(g grid) bool {
	if len(g.starts) == 1 && g.period <= 60*minute || day%g.period != 0 || g.period == day {
		return false
	}
	for _, start := range g.starts {
		used, passed := make([]bool, day/g.period), make([]int, day/g.period)
		for _, t := range sample(h.late, searched) {
			first := floorDiv(t.came+h.longEnough(g.period)-start, g.period) + 1
			last := floorDiv(t.left-start, g.period)
			if t.left-start-last*g.period < g.width {
				used[floorMod(last, int64(len(used)))] = true
				last--
			}
			for c := first; c <= min(last, first+int64(len(used))); c++ {
				passed[floorMod(c, int64(len(used)))]++
			}
		}
		for i := range used {
			if !used[i] && passed[i] > mostPassed {
				return true
			}
		}
	}
	return false
}

// longer: all openings seen stand on a period that is a multiple as well, though the
// search did not take it for one.
func (h *hop) longer(g grid) bool {
	if len(g.starts) > 1 {
		return false
	}
	for _, m := range [...]int64{2, 3, 5, 7} {
		cycles := make([]int, m)
		n := 0
		for _, o := range h.openings(g) {
			cycles[floorMod(o.cycle, m)]++
			n++
		}
		if 10*slices.Max(cycles) >= 9*n {
			return true
		}
	}
	return false
}

// fullerHalf is the largest share of all arrivals in half a period.
func (h *hop) fullerHalf(period int64) float64 {
	var came [bins]int32
	all := sample(h.trips, searched)
	for _, t := range all {
		came[h.bin(t.came, period)]++
	}
	_, most := busiest(came[:], bins/2)
	return float64(most) / float64(len(all))
}

// openings of the only arc, by time.
func (h *hop) openings(g grid) (all []opening) {
	for _, t := range h.late {
		arc, cycle := g.at(t.left)
		if arc < 0 || t.wait() <= h.longEnough(g.period) {
			continue
		}
		if len(all) == 0 || all[len(all)-1].cycle != cycle {
			all = append(all, opening{cycle: cycle, first: t.left - g.starts[0] - cycle*g.period})
		}
		last := &all[len(all)-1]
		last.oldest = max(last.oldest, t.wait())
	}
	return all
}

// loose is the rate from which a timer does not follow the clock: a computer's
// own clock is off by some 100 in a million at most.
const loose = 300e-6

// drifts: the phase moves steadily, by more than clocks do.
func drifts(all []opening, period, grain int64) bool {
	b, se := trend(all)
	total := math.Abs(b) * float64(all[len(all)-1].cycle-all[0].cycle)
	return math.Abs(b) > 4*se && math.Abs(b) > loose*float64(period) && total > float64(3*second+2*grain)
}

// trend is how far the phase moves per cycle, in microseconds.
func trend(all []opening) (b, se float64) {
	x, y := make([]float64, len(all)), make([]float64, len(all))
	for i, o := range all {
		x[i], y[i] = float64(o.cycle-all[0].cycle), float64(o.first)
	}
	return slope(x, y)
}

// clockNotQueue: a retry timer that the first message of a burst starts is no
// explanation. With it, that message always waits the same, and the phase moves on
// each time by as long as the next message lets wait for itself.
func (h *hop) clockNotQueue(g grid, all []opening) bool {
	var firsts, oldest []int64
	for _, o := range all {
		firsts = append(firsts, o.first)
		oldest = append(oldest, o.oldest)
	}
	tick := float64(max(h.grain, second/2))
	clock, queue := max(spread(firsts), tick), spread(oldest)
	if queue > 3*clock {
		return true
	}
	// The timer would walk: by chance as far as the gaps before the first arrivals
	// vary, and on the whole by their mean, if it counts whole minutes.
	n := float64(all[len(all)-1].cycle - all[0].cycle + 1)
	if clock < 0.3*queue*math.Sqrt(n/6) {
		return true
	}
	mean := float64(g.period - median(oldest))
	b, se := trend(all)
	return mean > tick && math.Abs(b)+4*se < mean/2
}

// phases of the openings, counted from midnight. An opening begins when the first
// messages of its cycles leave; a tenth of the cycles may be early by chance.
func (h *hop) phases(g grid) (all []int64) {
	for i, start := range g.starts {
		one := g
		one.starts = []int64{start}
		var firsts []int64
		for _, o := range h.openings(one) {
			firsts = append(firsts, o.first)
		}
		slices.Sort(firsts)
		all = append(all, floorMod(g.starts[i]+quantile(firsts, 0.1), g.period))
	}
	return all
}

// window is how long the hop stays open after an opening: the part of the period
// in which nothing that came had to wait, though mail came.
func (h *hop) window(g grid, phase int64) int64 {
	var lag []int64
	for _, t := range h.late {
		if arc, _ := g.at(t.left); arc >= 0 && t.wait() > h.longEnough(g.period) {
			lag = append(lag, floorMod(t.came-phase, g.period))
		}
	}
	slices.Sort(lag)
	open := quantile(lag, 0.02)
	closed := 1 - float64(open)/float64(g.period)
	if math.Pow(closed, float64(len(lag))*0.98) > 1e-3 || open < g.width {
		return 0
	}
	in, waited := 0, 0
	for _, t := range h.trips {
		if floorMod(t.came-phase, g.period) < open {
			in++
			if t.wait() > h.longEnough(g.period) {
				waited++
			}
		}
	}
	if in < least || waited*20 > in {
		return 0
	}
	return open
}
