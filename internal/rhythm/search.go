package rhythm

import (
	"cmp"
	"math"
	"slices"
)

// A search looks for the grid that departures stand on.
type search struct {
	*hop
	late  []trip
	waits []int64   // theirs, the longest first
	left  []float64 // departures in the same order, from the origin: plain numbers, for some 1500 periods are tried
	parts bool      // a part of the departures is enough
	blind bool      // to arrivals
}

func newSearch(h *hop) search {
	s := search{hop: h, late: sample(h.late, searched)}
	s.waits, s.left = make([]int64, 0, len(s.late)), make([]float64, 0, len(s.late))
	order := slices.Clone(s.late)
	slices.SortFunc(order, func(a, b trip) int { return cmp.Compare(b.wait(), a.wait()) })
	for _, t := range order {
		s.waits, s.left = append(s.waits, t.wait()), append(s.left, float64(t.left-h.origin))
	}
	return s
}

// counted is how many messages waited long enough for a period: the first so many
// of left.
func (s search) counted(period int64) int {
	n, _ := slices.BinarySearchFunc(s.waits, s.enough(period), func(wait, least int64) int { return cmp.Compare(least, wait) })
	return n
}

// enough is as longEnough, but all waits count if it is asked what departures look like.
func (s search) enough(period int64) int64 {
	if s.blind {
		return s.least
	}
	return s.longEnough(period)
}

const (
	coarse  = bins / 64 // bins are counted together where a rough count is enough
	rejects = 256       // departures after which that is looked at
)

// hopeless says that no arcs as wide as this hold enough of the n departures that
// count: a rough count of the first few hundred tells so for nearly all periods,
// and saves nine tenths of the search. An arc lies in the rough bins that it
// touches, so that the bound is never too low.
func (s search) hopeless(period int64, n, wide, k int, enough float64) bool {
	var count [bins / coarse]int32
	each := 1 / float64(period)
	for from := 0; from < n; from += rejects {
		to := min(from+rejects, n)
		for _, left := range s.left[from:to] {
			x := left * each
			count[min(bins-1, int((x-math.Floor(x))*bins))/coarse]++
		}
		_, most := busiest(count[:], (wide+2*coarse)/coarse)
		if float64(k*(most+n-to)) < enough {
			return true
		}
	}
	return false
}

// tellable is how many of n departures k arcs have to hold before they can be told
// from chance: each may be of a cycle of its own at best. It follows from chance.
func (s search) tellable(n, wide, k int, common bool) float64 {
	wanted, q := s.wanted(k)*float64(n), float64(k*wide)/bins
	if k > 1 && !s.blind { // the period may turn out to be a shorter one, for which more of them count
		return wanted
	}
	least := func(held float64) float64 {
		return math.Floor(math.Log(byChance/(trials(common)*choose(2*bins/float64(wide), k))) / math.Log(min(q/held, 0.99)))
	}
	return min(max(onTime*float64(n), least(heldWhole)), max(wanted, least(heldPart)))
}

// phases counts where in the period messages stand that waited long enough for it.
func (s search) phases(period int64, at func(trip) int64) (count [bins]int32, n int) {
	each, least := 1/float64(period), s.enough(period)
	for _, t := range s.late {
		if t.wait() > least {
			n++
			x := float64(at(t)-s.origin) * each
			count[min(bins-1, int((x-math.Floor(x))*bins))]++
		}
	}
	return count, n
}
