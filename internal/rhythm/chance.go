package rhythm

import (
	"cmp"
	"math"
	"slices"
)

// tail bounds the probability that of n independent trials with chance q at least
// k succeed (Chernoff: exp of -n times the divergence of k/n from q). A bound is
// enough: nothing is claimed because the probability is high.
func tail(n, k, q float64) float64 {
	if n <= 0 || k <= n*q || q >= 1 {
		return 1
	}
	if q <= 0 {
		return 0
	}
	x := min(k/n, 1)
	divergence := x * math.Log(x/q)
	if x < 1 {
		divergence += (1 - x) * math.Log((1-x)/(1-q))
	}
	return math.Exp(-n * divergence)
}

// choose is n over k, for small k.
func choose(n float64, k int) float64 {
	c := 1.0
	for i := range k {
		c *= (n - float64(i)) / float64(i+1)
	}
	return c
}

// quantile of sorted values; 0 of none.
func quantile(sorted []int64, q float64) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

func median(values []int64) int64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return quantile(sorted, 0.5)
}

// spread is a standard deviation that outliers do not move: 1.48 times the median
// distance from the median.
func spread(values []int64) float64 {
	m := median(values)
	off := make([]int64, len(values))
	for i, v := range values {
		off[i] = max(v-m, m-v)
	}
	return 1.48 * float64(median(off))
}

// slope fits a line through (x, y) and gives its slope with the standard error.
func slope(x, y []float64) (b, se float64) {
	n := float64(len(x))
	mx, my := mean(x), mean(y)
	var xx, xy, yy float64
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		xy += (x[i] - mx) * (y[i] - my)
		yy += (y[i] - my) * (y[i] - my)
	}
	if xx == 0 || n < 3 {
		return 0, math.Inf(1)
	}
	b = xy / xx
	return b, math.Sqrt(max(0, yy-b*xy) / (n - 2) / xx)
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(max(1, len(x)))
}

// spearman is the correlation of the ranks; 0 if one of both never changes.
func spearman(x, y []int64) float64 {
	a, b := ranks(x), ranks(y)
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// ranks gives equal values the mean of their ranks.
func ranks(values []int64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	r := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for i := from; i < to; i++ {
			r[order[i]] = float64(from+to-1) / 2
		}
		from = to
	}
	return r
}
