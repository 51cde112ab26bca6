package rhythm

import (
	"math"
	"slices"
)

const (
	least        = 8          // waiting messages, and
	leastCycles  = 4          // openings, below which nothing is said
	searched     = 8192       // messages that the search looks at: 1440 periods times these take a tenth of a second
	bins         = 1024       // of a period
	widestArc    = 6 * minute // a hop that opens by the clock does so within minutes; in wider arcs other timetables fit by chance
	mostOpenings = 4          // in a period: more is as good as no grid
	mostMinutes  = 1440
	byChance     = 1e-4 // what is less probable than this was not chance
	share        = 0.7  // of the messages that a timer has to explain; healthy mail that was slow is in the rest
	onTime       = 0.85 // the same of a clock with one opening in a period, and
	onTimes      = 0.9  // with several: three of four openings are no better described so
	part         = 0.3  // the same of two rhythms mixed
	mostSkips    = 0.35 // share of messages that may let openings pass: nights and weekends; with the period taken too short it is half at least
)

// usual is the periods in minutes that people and timers take. The others are
// searched as well, with a stricter test, as there are more of them.
var usual = [...]int64{1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440}

// A grid is openings at fixed times: arcs of a circle whose length is the period.
type grid struct {
	period int64
	starts []int64 // of each arc, from the hop's origin; the busiest first
	width  int64   // of each arc
	mass   float64 // share of the waiting messages that left in an arc
	p      float64
}

func (g grid) found() bool { return g.period > 0 }

// at says in which arc a departure stands, and in which cycle; -1 outside.
func (g grid) at(left int64) (arc int, cycle int64) {
	from := floorMod(left-g.starts[0], g.period)
	cycle = floorDiv(left-g.starts[0], g.period)
	for i, s := range g.starts {
		if floorMod(from-(s-g.starts[0]), g.period) < g.width {
			return i, cycle
		}
	}
	return -1, cycle
}

// longEnough is the wait from which a message counts for a period: slow healthy
// mail is no evidence about an hourly opening.
func (h *hop) longEnough(period int64) int64 { return max(h.least, period/20) }

// searchGrid gives the grid with the fewest openings per period, and of these the
// longest period, that explains enough of the departures.
func (h *hop) searchGrid(parts bool) (best grid) {
	s, openings := newSearch(h), mostOpenings
	if s.parts = parts; parts {
		openings = 1
	}
	for k := 1; k <= openings && !best.found(); k++ {
		for m := int64(1); m <= mostMinutes; m++ {
			if g := s.try(m, k); g.found() && (!best.found() || better(g, best)) {
				best = g
			}
		}
	}
	return best
}

// better: a longer period, unless it explains less. A grid of 30 minutes is one of
// 15, 10 and 5 minutes as well.
func better(g, than grid) bool {
	if g.period == than.period {
		return g.p < than.p
	}
	if g.period > than.period {
		return g.mass >= 0.9*than.mass
	}
	return g.mass*0.9 > than.mass
}

// try looks for k openings in a period of so many minutes.
func (s search) try(minutes int64, k int) (best grid) {
	common := slices.Contains(usual[:], minutes)
	period := minutes * minute
	if k > 1 && !common || period < 8*s.grain || s.span() < (leastCycles-1)*period {
		return best
	}
	n, widest := s.counted(period), widestBins(period, k)
	if n < least || float64(n) < s.wanted(0)*float64(len(s.late)) || s.hopeless(period, n, widest, k, s.wanted(k)*float64(n)) {
		return best
	}
	left, _ := s.phases(period, func(t trip) int64 { return t.left })
	if _, most := busiest(left[:], widest); float64(k*most) < s.wanted(k)*float64(n) { // narrower arcs hold no more
		return best
	}
	for wide := narrowest; wide <= widest; wide *= 2 {
		if s.hopeless(period, n, wide, k, s.tellable(n, wide, k, common)) {
			continue
		}
		g := s.arcs(&left, n, wide, k, period)
		if !s.blind {
			g = g.shortest()
		}
		if g.mass < s.wanted(k) || !s.blind && !g.separate() || !s.sharp(g) {
			continue
		}
		g.p = s.chance(g, s.crowding(period, wide)*float64(k), choose(2*bins/float64(wide), k), common)
		if g.p < byChance && (!best.found() || g.p < best.p) {
			best = g
		}
	}
	return best
}

// narrowest is the bins of the narrowest arc; the others are two, four, ... times
// as wide.
const narrowest = 4

// widestBins is the bins of the widest arc that makes sense for so many openings
// in a period; below narrowest where none does.
func widestBins(period int64, k int) int {
	most := bins / 8
	if k > 1 {
		most = bins / 32
	}
	wide := narrowest / 2
	for 2*wide <= most && period*int64(2*wide)/bins <= widestArc {
		wide *= 2
	}
	return wide
}

// wanted is the share that so many openings have to explain; of 0, that of messages
// which wait so long that the period is worth a thought.
func (s search) wanted(k int) float64 {
	switch {
	case s.parts:
		return part
	case k == 0:
		return 0.5
	case s.blind:
		return share
	case k > 1:
		return onTimes
	}
	return onTime
}

func (h *hop) span() int64 {
	if len(h.late) == 0 {
		return 0
	}
	return h.late[len(h.late)-1].left - h.late[0].left
}

func (h *hop) bin(at, period int64) int {
	return int(floorMod(at-h.origin, period) * bins / period)
}

// arcs takes the busiest k arcs that do not overlap.
func (s search) arcs(count *[bins]int32, n, wide, k int, period int64) grid {
	rest := *count
	g := grid{period: period, width: period * int64(wide) / bins}
	for range k {
		start, in := busiest(rest[:], wide)
		if k > 1 && float64(in) < 0.1*float64(n) {
			return grid{}
		}
		for i := range wide {
			rest[(start+i)%bins] = math.MinInt16 // so that no other arc takes it
		}
		g.starts = append(g.starts, s.origin+int64(start)*period/bins)
		g.mass += float64(in) / float64(n)
	}
	return g
}

// shortest takes openings that stand evenly in the period for what they are:
// openings of a shorter one.
func (g grid) shortest() grid {
	for k := len(g.starts); k > 1; k-- {
		if len(g.starts)%k == 0 && g.repeats(g.period/int64(k)) {
			g.period /= int64(k)
			var rest []int64
			for _, s := range g.starts {
				if !slices.ContainsFunc(rest, func(o int64) bool { return apart(s, o, g.period) <= g.width }) {
					rest = append(rest, s)
				}
			}
			g.starts = rest
			return g
		}
	}
	return g
}

// separate: no two arcs are one opening whose queue takes long to drain.
func (g grid) separate() bool {
	for i, s := range g.starts {
		for _, o := range g.starts[:i] {
			if apart(s, o, g.period) < 2*g.width {
				return false
			}
		}
	}
	return true
}

// repeats: each arc, moved on, comes to stand on one.
func (g grid) repeats(by int64) bool {
	for _, s := range g.starts {
		if !slices.ContainsFunc(g.starts, func(o int64) bool { return apart(s+by, o, g.period) <= g.width }) {
			return false
		}
	}
	return true
}

// apart is the distance of two positions on the circle.
func apart(a, b, period int64) int64 {
	d := floorMod(a-b, period)
	return min(d, period-d)
}

// busiest is the arc of so many bins with the most in it.
func busiest(count []int32, wide int) (start, most int) {
	sum, size := 0, len(count)
	for i := range wide {
		sum += int(count[i])
	}
	most = sum
	slide := func(from int, head, tail []int32) {
		for i, n := range head {
			if sum += int(n) - int(tail[i]); sum > most {
				start, most = from+i, sum
			}
		}
	}
	slide(1, count[wide:], count[:size-wide])
	slide(size-wide+1, count[:wide-1], count[size-wide:size-1])
	return start, most
}

// sharp: the arcs are narrow against the waits that they are to explain, and the
// messages in them did not let many openings pass.
func (s search) sharp(g grid) bool {
	waits := make([]int64, 0, len(s.late))
	skips := 0
	for _, t := range s.late {
		if arc, _ := g.at(t.left); arc < 0 || t.wait() <= s.enough(g.period) {
			continue
		}
		waits = append(waits, t.wait())
		if t.wait() > g.period+g.width+2*s.grain+10*second {
			skips++
		}
	}
	return len(waits) >= least*2/3 && float64(skips) <= mostSkips*float64(len(waits)) && 2*g.width <= median(waits)+2*s.grain
}

// crowding is the largest share of arrivals in an arc, less what chance does. A
// wait that has nothing to do with the clock can but smear arrivals: no arc gains
// by it. So departures are compared with this, and jobs that send mail by the
// clock, or office hours, make no grid.
func (s search) crowding(period int64, wide int) float64 {
	if s.blind {
		return float64(wide) / bins
	}
	came, n := s.phases(period, func(t trip) int64 { return t.came })
	_, most := busiest(came[:], wide)
	even := float64(n) * float64(wide) / bins
	excess := float64(most) - even - 3*math.Sqrt(even) - 2
	return max(float64(wide)/bins, excess/float64(n))
}

// chance bounds the probability that arcs hold what they do. Messages that leave
// together are no independent evidence, so cycles are counted: that an arc with a
// share q of all departures gets half of those of one cycle has at most the
// probability q/0.5 (Markov), whatever they have to do with each other.
func (s search) chance(g grid, q, places float64, common bool) float64 {
	held := heldWhole
	if g.mass < onTime {
		held = heldPart
	}
	cycles, good := s.count(g, held)
	if good < leastCycles {
		return 1
	}
	return min(1, trials(common)*places*tail(float64(cycles), float64(good), q/held))
}

// heldWhole is the share of a cycle that has to be in arcs, and heldPart where they
// explain a part of the departures only.
const heldWhole, heldPart = 0.5, part * 0.8

// trials is how often the search tries: periods, widths, openings; both halves of
// the tests.
func trials(common bool) float64 {
	if common {
		return float64(len(usual) * 6 * mostOpenings * 2)
	}
	return mostMinutes * 6 * 2
}

// count is the cycles with departures, and those that have at least the share held
// of theirs in arcs.
func (s search) count(g grid, held float64) (cycles, good int) {
	var at int64
	in, all := 0, 0
	end := func() {
		if all > 0 {
			cycles++
			if float64(in) >= held*float64(all) {
				good++
			}
		}
		in, all = 0, 0
	}
	for _, t := range s.late {
		if t.wait() <= s.enough(g.period) {
			continue
		}
		arc, cycle := g.at(t.left)
		if cycle != at {
			end()
			at = cycle
		}
		all++
		if arc >= 0 {
			in++
		}
	}
	end()
	return cycles, good
}
