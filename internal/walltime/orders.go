package walltime

import (
	"fmt"
	"slices"
	"time"
)

// Orders finds out in which order a file writes its dates, by all of them.
type Orders struct {
	n    int
	last Stamp
	can  [3]bool // as far as was seen
	low  [3]int64
	high [3]int64
	same bool // each date means one day in all orders
}

// See takes the next time. Those that name their zone say nothing of the order.
func (o *Orders) See(s Stamp) {
	if s.zoned || o.n > 0 && s == o.last {
		return
	}
	var days [3]int64
	for i, order := range orders() {
		at, ok := s.In(order)
		if o.n == 0 {
			o.can[i], o.low[i], o.high[i] = true, at, at
		}
		o.can[i] = o.can[i] && ok
		o.low[i], o.high[i], days[i] = min(o.low[i], at), max(o.high[i], at), at
	}
	same := !slices.ContainsFunc(days[:], func(at int64) bool { return at != 0 && at != days[1] })
	o.same = same && (o.n == 0 || o.same)
	o.last = s
	o.n++
}

// Zoneless says whether there was a time without a zone.
func (o *Orders) Zoneless() bool { return o.n > 0 }

// Possible lists the orders in which all dates are days, and none is more than a
// day behind now (not asked where now is zero).
func (o *Orders) Possible(now time.Time) []Order {
	var all []Order
	for i, order := range orders() {
		if o.n > 0 && o.can[i] && (now.IsZero() || o.high[i] <= now.Add(36*time.Hour).UnixNano()) { // clocks on walls are up to 14 hours ahead of UTC
			all = append(all, order)
		}
	}
	return all
}

// Earliest is the earliest time in an order, as if the wall showed UTC.
func (o *Orders) Earliest(order Order) int64 {
	list := orders()
	return o.low[slices.Index(list[:], order)]
}

// Latest is the latest time in an order, as if the wall showed UTC.
func (o *Orders) Latest(order Order) int64 {
	list := orders()
	return o.high[slices.Index(list[:], order)]
}

// compact is how much shorter the time that a file spans has to be in one order
// for the other to be given up: read the wrong way round, days in a row stand a
// month apart.
const compact = 5

// Settle gives the order of the file. Why is for the reader to judge: empty where
// there is no other way to read it. sure is false where two ways are left, and
// with them only what falls on one day is told rightly.
func (o *Orders) Settle(now time.Time) (order Order, sure bool, why string) {
	all := o.Possible(now)
	if len(all) == 0 { // then the clock of the case is the one that is wrong
		all = o.Possible(time.Time{})
	}
	switch {
	case len(all) == 0:
		return DayFirst, false, "no order of day, month and year fits all dates"
	case len(all) == 1 || o.same:
		return all[0], true, ""
	}
	span := func(order Order) int64 {
		list := orders()
		i := slices.Index(list[:], order)
		return o.high[i] - o.low[i]
	}
	slices.SortStableFunc(all, func(a, b Order) int { return int(max(-1, min(1, span(a)-span(b)))) })
	best, next := all[0], all[1]
	if span(next)/compact > span(best) {
		return best, true, fmt.Sprintf("dates are read as %s: read as %s the same rows would stand %s apart", best, next, far(span(next)))
	}
	return best, false, fmt.Sprintf("dates can be read as %s and as %s, and nothing in the file tells which", best, next)
}

// far is a long time in words.
func far(span int64) string { return fmt.Sprintf("up to %d days", span/int64(24*time.Hour)) }
