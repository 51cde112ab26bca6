package journey

import (
	"math"
	"slices"
	"time"

	"mailflow/evidence"
)

// late is how long after a reply the row about it may be written: logs are written
// beside the work.
const late = 0.5

// A bound is what one transaction says of how far the clock of one server, the
// second of a pair, is ahead of the other's, in seconds.
type bound struct {
	at        time.Time // by the clock of the first
	low, high float64   // -Inf and +Inf for none
	ack       float64   // what the reply alone says, with nothing allowed for
	back      bool      // the message went from the second to the first
	direct    bool      // ack means something
	sure      bool      // both rows name the id that it got: they are of one transmission
	there     time.Time // by the clock of the second
	where     evidence.Where
}

// Submit is the text of a departure that is the word of a mailbox server that it
// has something to fetch, and no reply: it comes before the message is taken, or
// behind it, by the release.
const Submit = "SUBMIT"

// A pair is two servers, the first before the second by name.
type pair struct{ a, b string }

// bounds gathers what all transactions between servers say.
func (s *scene) bounds() map[pair][]bound {
	grain := s.grains()
	all := map[pair][]bound{}
	for _, t := range s.trips {
		for _, to := range t.stops {
			if to.from < 0 || to.tie < relayed {
				continue
			}
			from := t.stops[to.from]
			if b, ok := t.between(from, to, grain); ok {
				all[pairOf(from.server, to.server)] = append(all[pairOf(from.server, to.server)], b)
			}
		}
	}
	return all
}

func pairOf(a, b string) pair { return pair{min(a, b), max(a, b)} }

// grains tells to how much the stamps of each server are exact: a second, where
// no stamp has a part of one.
func (s *scene) grains() map[string]float64 {
	grain := map[string]float64{}
	for _, t := range s.trips {
		for _, stop := range t.stops {
			for _, r := range stop.rows {
				if r.At.Nanosecond() != 0 {
					grain[stop.server] = 0.001
				} else if grain[stop.server] == 0 {
					grain[stop.server] = 1
				}
			}
		}
	}
	return grain
}

// between is what one transaction says. It began before the message came there,
// and ended behind it (see the package).
func (t *trip) between(from, to *stop, grain map[string]float64) (bound, bool) {
	came, ok := to.arrival()
	x := from.exits[to.out]
	if !ok || from.server == to.server || came.What != evidence.SawCame || from.rows[x.row].Text == Submit {
		return bound{}, false
	}
	b := bound{at: x.first, there: came.At, low: math.Inf(-1), high: math.Inf(1), where: came.Where, sure: x.next != "" && x.next == to.queue}
	if began, ok := t.began(from, x); ok {
		b.high = came.At.Sub(began).Seconds() + grain[to.server] + late
	}
	if to.tie == direct {
		b.ack, b.direct = came.At.Sub(x.first).Seconds(), true
		b.low = b.ack - grain[from.server] - late
	}
	if to.server < from.server { // the other way round
		b.at, b.there, b.back = came.At, x.first, true
		b.low, b.high, b.ack = -b.high, -b.low, -b.ack
	}
	return b, true
}

// began is when a transaction began at the earliest: as long before its end as the
// log says that it took, or when the message had come.
func (t *trip) began(s *stop, x exit) (time.Time, bool) {
	took := s.rows[x.row].Took.Duration()
	if took > 0 && took < 24*time.Hour {
		return x.first.Add(-took), true
	}
	return t.cameTo(s)
}

// cameTo is when a message came to a stop, by its server's clock. One that was made
// of another came into being then.
func (t *trip) cameTo(s *stop) (time.Time, bool) {
	if r, ok := s.arrival(); ok {
		return r.At, true
	}
	if s.from >= 0 && t.stops[s.from].exits[s.out].split {
		return t.stops[s.from].exits[s.out].first, true
	}
	return time.Time{}, false
}

// A span is what bounds have in common.
type span struct {
	low, high float64
	best      float64 // between them
	broken    bool    // they have nothing in common
}

// strictest is which part of the bounds, of those that say most, is not used once
// there are enough of them: a resent message or an id used twice makes a wrong one.
const strictest = 0.03

// enough is from how many on that is done; with fewer there is none to spare.
const enough = 20

// meet finds what bounds have in common. Of each side the few that say most are
// passed over, so that a wrong one among many does not count.
func meet(list []bound) span {
	var lows, highs, sent, back []float64
	for _, b := range list {
		lows, highs = append(lows, -b.low), append(highs, b.high)
		if b.direct && b.back {
			back = append(back, b.ack)
		} else if b.direct {
			sent = append(sent, -b.ack)
		}
	}
	m := span{low: -least(lows), high: least(highs)}
	m.broken = m.low > m.high
	m.best = m.estimate(-least(sent), least(back))
	return m
}

// least is the smallest number but for a few, +Inf for none.
func least(list []float64) float64 {
	list = slices.DeleteFunc(list, func(v float64) bool { return math.IsInf(v, 0) })
	slices.Sort(list)
	switch n := len(list); {
	case n == 0:
		return math.Inf(1)
	case n >= enough:
		return list[max(1, int(strictest*float64(n)))]
	}
	return list[0]
}

// estimate goes by the quickest transactions of both directions: the reply follows
// the coming by what the receiver took, which is least there. Where no difference
// need be, there is none.
func (m span) estimate(sent, back float64) float64 {
	if m.low <= 0 && m.high >= 0 {
		return 0
	}
	best := (m.low + m.high) / 2
	switch s, b := !math.IsInf(sent, 0), !math.IsInf(back, 0); {
	case s && b:
		best = (sent + back) / 2
	case s:
		best = sent
	case b:
		best = back
	}
	return min(max(best, m.low), m.high)
}

// Bounds on what counts as a clock that was set.
const (
	mostParts  = 6
	fewestEach = 3 // bounds of a part: fewer may be wrong ones
)

// stepped says whether bounds without anything in common have it over stretches of
// time: the clock was set between them, or runs away.
func stepped(list []bound) bool {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b bound) int { return a.at.Compare(b.at) })
	parts, n := 1, 0
	low, high := math.Inf(-1), math.Inf(1)
	for _, b := range list {
		if max(low, b.low) > min(high, b.high) {
			if n < fewestEach {
				return false
			}
			parts, n, low, high = parts+1, 0, math.Inf(-1), math.Inf(1)
		}
		n, low, high = n+1, max(low, b.low), min(high, b.high)
	}
	return parts > 1 && parts <= mostParts && n >= fewestEach
}
