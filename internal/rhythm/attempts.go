package rhythm

import (
	"cmp"
	"slices"
)

const (
	mostSteps = 15 // of a message that are looked at: one less than the attempts that a log reader keeps
	fewest    = 5  // messages that must have made a step
)

// steps are the waits between attempts where the attempts are known, if the steps of
// most messages are the same. Steps counts from the attempt that failed first.
func (h *hop) steps(passages []Passage) (steps []int64, n int) {
	var gaps [mostSteps][]int64
	for _, t := range h.late {
		for i, g := range gapsOf(passages[t.source]) {
			gaps[i] = append(gaps[i], g)
		}
	}
	if n = len(gaps[0]); n < least || 2*n < len(h.late) {
		return nil, 0
	}
	for _, at := range gaps {
		if len(at) < fewest || !h.alike(at) {
			break
		}
		steps = append(steps, median(at))
	}
	return steps, n
}

// gapsOf is what passed from each failed attempt to the next, the last one being
// when the message left.
func gapsOf(p Passage) (gaps []int64) {
	if len(p.Attempts) == 0 {
		return nil
	}
	var at []int64
	for _, a := range p.Attempts {
		if us := a.UnixMicro(); !a.Before(p.Came) && a.Before(p.Left) {
			at = append(at, us)
		}
	}
	slices.SortFunc(at, cmp.Compare)
	at = append(at, p.Left.UnixMicro())
	for i := 1; i < len(at) && i <= mostSteps; i++ {
		gaps = append(gaps, at[i]-at[i-1])
	}
	return gaps
}

// backedOff counts the messages whose every attempt came when a queue manager makes
// it, of those whose attempts are known; none where that may be chance. Spread evenly,
// half of the attempts would come then by chance; and steps of one length may fit, too,
// so that the rest until the next look at the queue has to be of every length.
func (h *hop) backedOff(passages []Passage, b *Backoff) (in, n int) {
	if b == nil {
		return 0, 0
	}
	var rests [3]int // first, second and last third of the time between two looks
	for _, t := range h.late {
		p := passages[t.source]
		gaps := gapsOf(p)
		if len(gaps) == 0 {
			continue
		}
		n++
		if rest, ok := b.made(p, gaps); ok {
			rests[min(2, int(3*max(rest, 0)/b.Scan.Microseconds()))]++
			in++
		}
	}
	if 5*in < 4*n || 2*n < len(h.late) || 6*slices.Min(rests[:]) < in || tail(float64(n), float64(in), 0.5) > byChance {
		return 0, 0
	}
	return in, n
}

// made says whether attempts came when they are made, and how long after the message
// was due the first of them did. A look at the queue may take a while.
func (b *Backoff) made(p Passage, gaps []int64) (rest int64, ok bool) {
	age := int64(0)
	for _, a := range p.Attempts {
		if !a.Before(p.Came) && (age == 0 || a.UnixMicro()-p.Came.UnixMicro() < age) {
			age = a.UnixMicro() - p.Came.UnixMicro()
		}
	}
	for i, g := range gaps {
		next := min(max(age, b.Least.Microseconds()), b.Most.Microseconds())
		if g < next-early(next) || g > next+b.Scan.Microseconds()+minute {
			return 0, false
		}
		if i == 0 {
			rest = g - next
		}
		age += g
	}
	return rest, true
}

// alike: four of five within a twentieth of the middle.
func (h *hop) alike(gaps []int64) bool {
	m := median(gaps)
	if m < h.least {
		return false
	}
	n := 0
	for _, g := range gaps {
		if max(g-m, m-g) <= max(m/20, 5*second, 2*h.grain) {
			n++
		}
	}
	return 5*n >= 4*len(gaps)
}
