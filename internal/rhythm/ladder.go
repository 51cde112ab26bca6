package rhythm

import (
	"cmp"
	"math"
	"slices"
)

// Waits are looked at on a scale that is even for short ones and logarithmic for
// long ones: timers are seconds late on a wait of a minute, minutes on one of hours.
const (
	scale    = 50  // bins per factor e: 2 % each
	soften   = 60  // seconds
	around   = 12  // bins to each side that a cluster is compared with: a quarter of e
	widest   = 8   // bins of a cluster: 16 %
	mostSums = 12  // clusters looked for
	longest  = 800 // bins: 16 powers of e, which is 100 days
)

// A cluster is waits of nearly the same length.
type cluster struct {
	sum  int64 // median
	mass int
	p    float64
}

// clusters finds the waits at which messages pile up, shortest first, and the share
// of waiting messages in them.
func (h *hop) clusters() (found []cluster, share float64) {
	var count [longest]int
	waits := make([]int64, len(h.late))
	for i, t := range h.late {
		waits[i] = t.wait()
	}
	for _, t := range h.trips {
		count[waitBin(t.wait())]++ // of all: where those begin that waited is no pile
	}
	slices.Sort(waits)
	rest, in := count, 0
	clear(rest[:waitBin(h.least*3/2)]) // no timer is that short; a tail cut off there looks like a pile
	units := h.units()
	for range mostSums {
		from, to, mass := peak(&rest)
		if mass < max(3, len(waits)/50) {
			break
		}
		for i := from; i < to; i++ {
			rest[i] = 0
		}
		if p := pile(&count, from, to, mass, units, h.grain); p < byChance && to-from <= widest {
			found = append(found, cluster{sum: middle(waits, from, to), mass: mass, p: p})
			in += mass
		}
	}
	slices.SortFunc(found, func(a, b cluster) int { return cmp.Compare(a.sum, b.sum) })
	return found, float64(in) / float64(len(waits))
}

func waitBin(us int64) int {
	return min(longest-1, int(scale*math.Log1p(float64(us)/float64(soften*second))))
}

// peak is the fullest three bins and what belongs to them: neighbours with at
// least a fifth of the density.
func peak(count *[longest]int) (from, to, mass int) {
	for i := 0; i+3 <= longest; i++ {
		if sum := count[i] + count[i+1] + count[i+2]; sum > mass {
			from, to, mass = i, i+3, sum
		}
	}
	edge := max(1, mass/15)
	for from > 0 && count[from-1] >= edge {
		from--
		mass += count[from]
	}
	for to < longest && count[to] >= edge {
		mass += count[to]
		to++
	}
	return from, to, mass
}

// pile bounds the probability of a pile where the waits around it are spread
// evenly. Messages that came and left together count once, and a pile is no
// narrower than the times are coarse.
func pile(count *[longest]int, from, to, mass int, units float64, grain int64) float64 {
	near := 0
	lo, hi := max(0, from-around), min(longest, to+around)
	for i := lo; i < hi; i++ {
		near += count[i]
	}
	q := max(float64(to-from), binsOf(2*grain, from)) / float64(hi-lo)
	return min(1, longest*tail(float64(near)*units, float64(mass)*units, q))
}

// binsOf is how many bins a span of time is long at a bin.
func binsOf(us int64, bin int) float64 {
	return scale * float64(us) / (soften * float64(second) * math.Exp(float64(bin)/scale))
}

// units is the share of waiting messages that did not come and leave with another.
func (h *hop) units() float64 {
	n := 0
	var last trip
	for i, t := range h.late {
		if i == 0 || t.left-last.left > 5*second || t.came-last.came > minute || last.came-t.came > minute {
			n++
			last = t
		}
	}
	return float64(n) / float64(len(h.late))
}

// middle is the median of the sorted waits that stand in the bins.
func middle(waits []int64, from, to int) int64 {
	lo, _ := slices.BinarySearchFunc(waits, from, func(w int64, bin int) int { return waitBin(w) - bin })
	hi, _ := slices.BinarySearchFunc(waits, to, func(w int64, bin int) int { return waitBin(w) - bin })
	return quantile(waits[lo:hi], 0.5)
}

// stands is whether departures alone look like a grid, whatever the arrivals do:
// then waits may cluster because mail comes by the clock.
func (h *hop) stands() (grid, bool) {
	if h.looks == nil {
		g := h.standing()
		h.looks = &g
	}
	return *h.looks, h.looks.found()
}

func (h *hop) standing() grid {
	s := newSearch(h)
	s.blind = true
	for k := 1; k <= mostOpenings; k++ {
		for _, m := range usual {
			if g := s.try(m, k); g.found() {
				return g
			}
		}
	}
	return grid{}
}
