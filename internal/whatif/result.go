package whatif

import (
	"slices"
	"time"
)

// Prompt is up to when a message counts as delivered at once.
const Prompt = time.Minute

// A Result is how late mail is with one sender.
type Result struct {
	Sender   Sender
	Count    int
	AtOnce   int       // within a minute
	Returned int       // given up
	Open     int       // still waiting when nothing more was looked at
	Noticed  int       // messages whose sender was told that they are late
	All      Quantiles // of those that were delivered
	Late     Quantiles // of those that were delivered, and not at once
	Connects int
	Cut      bool            // the play was ended before its end: too many attempts
	waits    []time.Duration // of those that were delivered, in their order
	each     []time.Duration // of each message, in the order of coming; -1 if it was not delivered
}

// Quantiles are waits that a share of messages did not exceed.
type Quantiles struct {
	Count                                int
	Mean, Median, P90, P95, P99, Longest time.Duration
}

func (p *play) result() Result {
	r := Result{Sender: p.Sender, Count: len(p.all), Connects: p.opens, Cut: p.cut}
	for _, m := range p.all {
		wait := m.left - m.came
		late := !m.done || p.GivesUp > 0 && wait > p.GivesUp
		if p.Notice > 0 && (late || wait > p.Notice) {
			r.Noticed++
		}
		switch {
		case late && p.GivesUp > 0 && m.came+p.GivesUp <= p.until && !p.cut:
			r.Returned++
		case late:
			r.Open++
		default:
			r.waits = append(r.waits, wait)
		}
		if late {
			wait = -1
		}
		r.each = append(r.each, wait)
	}
	return r.summed()
}

func (r Result) summed() Result {
	slices.Sort(r.waits)
	r.AtOnce, _ = slices.BinarySearch(r.waits, Prompt+1)
	r.All, r.Late = quantiles(r.waits), quantiles(r.waits[r.AtOnce:])
	return r
}

// Repeated plays a question so many times, each time with other dice: what few
// messages meet is luck.
func Repeated(q Question, s Sender, times int) Result {
	sum := Play(q, s)
	for range times - 1 {
		q.Seed = mix(q.Seed + 1)
		r := Play(q, s)
		sum.Count, sum.Returned, sum.Open, sum.Noticed, sum.Connects = sum.Count+r.Count, sum.Returned+r.Returned, sum.Open+r.Open, sum.Noticed+r.Noticed, sum.Connects+r.Connects
		sum.Cut = sum.Cut || r.Cut
		sum.waits, sum.each = append(sum.waits, r.waits...), append(sum.each, r.each...)
	}
	return sum.summed()
}

// quantiles of waits in their order.
func quantiles(waits []time.Duration) Quantiles {
	n := len(waits)
	if n == 0 {
		return Quantiles{}
	}
	at := func(percent int) time.Duration { return waits[max(0, (n*percent+99)/100-1)] }
	q := Quantiles{Count: n, Median: at(50), P90: at(90), P95: at(95), P99: at(99), Longest: waits[n-1]}
	for _, w := range waits {
		q.Mean += w / time.Duration(n)
	}
	return q
}

// A Bin is how many messages waited so long: from From to below To.
type Bin struct {
	From, To time.Duration
	Count    int
	Rungs    []time.Duration // attempts of the sender that fall into it, counted from the first that failed
}

const mostBins = 20

// Bins counts the waits of messages that were not delivered at once, in steps of one
// length.
func (r Result) Bins() []Bin {
	late := r.waits[r.AtOnce:]
	if len(late) == 0 {
		return nil
	}
	width := binWidth(r.Late.Longest)
	bins := make([]Bin, r.Late.Longest/width+1)
	for i := range bins {
		bins[i].From, bins[i].To = time.Duration(i)*width, time.Duration(i+1)*width
	}
	for _, w := range late {
		bins[w/width].Count++
	}
	for _, rung := range r.Sender.rungs(r.Late.Longest) {
		b := &bins[rung/width]
		b.Rungs = append(b.Rungs, rung)
	}
	return bins
}

// binWidth is a round length of which the longest wait has no more than mostBins.
func binWidth(longest time.Duration) time.Duration {
	for _, m := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440} {
		if d := m * time.Minute; longest < d*mostBins {
			return d
		}
	}
	return longest/mostBins + time.Minute
}

// rungs are when attempts come after the first that failed, up to a wait.
func (s Sender) rungs(top time.Duration) []time.Duration {
	var all []time.Duration
	at := time.Duration(0)
	for i := 1; len(all) < mostSteps; i++ {
		if at += step(s.Steps, i); at > top {
			break
		}
		all = append(all, at)
	}
	return all
}
