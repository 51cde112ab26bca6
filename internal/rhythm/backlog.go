package rhythm

import (
	"cmp"
	"math"
	"slices"
)

const (
	follows     = 0.6 // correlation from which the wait follows the depth
	leastLoad   = 16  // waiting messages for a correlation
	overtakings = 0.2 // share of neighbours of which the later one leaves first
)

// backlog correlates the waits with the depth of the queue. In a queue that is
// worked off as fast as it can be, who finds more in it waits longer, and nobody
// overtakes. Before a gate that opens, who finds more in it waits less.
func (h *hop) backlog() (rho float64, is bool) {
	late := slices.Clone(h.late)
	slices.SortFunc(late, byArrival)
	depths, known := given(late)
	if !known {
		depths = h.counted(late)
	}
	waits := make([]int64, len(late))
	overtaken := 0
	for i, t := range late {
		waits[i] = t.wait()
		if i > 0 && t.left < late[i-1].left {
			overtaken++
		}
	}
	rho = spearman(waits, depths)
	inOrder := float64(overtaken) <= overtakings*float64(len(late))
	is = len(late) >= leastLoad && rho >= follows && inOrder && correlated(rho, len(late)) < byChance && deepening(depths)
	if !known && !is {
		rho = 0
	}
	return rho, is
}

func byArrival(a, b trip) int {
	if a.came != b.came { // nearly always
		return cmp.Compare(a.came, b.came)
	}
	return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.depth, b.depth), cmp.Compare(a.offset, b.offset))
}

// given is the depths as told, if they are for nearly all.
func given(late []trip) (depths []int64, known bool) {
	depths = make([]int64, len(late))
	n := 0
	for i, t := range late {
		depths[i] = int64(t.depth)
		if t.depth >= 0 {
			n++
		}
	}
	return depths, n*10 >= len(late)*9
}

// counted is how many of the messages known here were in the queue.
func (h *hop) counted(late []trip) []int64 {
	came := make([]int64, len(late))
	gone := 0
	for i, t := range late {
		for gone < len(h.late) && h.late[gone].left <= t.came {
			gone++
		}
		came[i] = int64(i - gone)
	}
	return came
}

// deepening: the queue has at least three depths, else there is nothing to follow.
func deepening(depths []int64) bool {
	sorted := slices.Clone(depths)
	slices.Sort(sorted)
	return len(slices.Compact(sorted)) >= 3
}

// correlated is the probability of a correlation by chance (normal approximation).
func correlated(rho float64, n int) float64 {
	return math.Erfc(math.Abs(rho) * math.Sqrt(float64(n-1)) / math.Sqrt2)
}
