package journey

import (
	"strings"
	"time"

	"mailflow/evidence"
)

// A clock is what is known of how far a server's clock is ahead of the reference's.
type clock struct {
	against   string
	ahead     float64
	low, high *float64 // nil for not known
	bounded   bool
	err       float64
}

// clocks are those of all servers that were compared with another.
type clocks map[string]clock

func clocksOf(all []evidence.ClockOffset) clocks {
	c := clocks{}
	for _, o := range all {
		zero := 0.0
		c[o.Against] = clock{against: o.Against, low: &zero, high: &zero, bounded: true}
	}
	for _, o := range all {
		k := clock{against: o.Against, ahead: float64(o.Ahead), bounded: o.Bounded && !o.Steps && o.Low <= o.High}
		if o.Low != 0 {
			k.low = new(float64)
			*k.low = float64(o.Low)
		}
		if o.High != 0 {
			k.high = new(float64)
			*k.high = float64(o.High)
		}
		if k.bounded = k.bounded && k.low != nil && k.high != nil; k.bounded {
			k.err = max(k.ahead-*k.low, *k.high-k.ahead)
		}
		c[o.Server] = k
	}
	return c
}

// shift is what has to be added to the times of a server, and by how much that may
// be wrong. Only what is known from both sides is corrected.
func (c clocks) shift(server string) (shift, err evidence.Duration) {
	if k := c[server]; k.bounded {
		return 0 - evidence.Duration(k.ahead), evidence.Duration(k.err)
	}
	return 0, 0
}

// right is a time of a server, corrected.
func (c clocks) right(server string, at time.Time) time.Time {
	shift, _ := c.shift(server)
	return at.Add(shift.Duration())
}

// comparable says whether the times of two servers can be held against each other,
// and by how much that may be wrong.
func (c clocks) comparable(a, b string) (err time.Duration, ok bool) {
	if a == b {
		return 0, !nameless(a)
	}
	x, y := c[a], c[b]
	if !x.bounded || !y.bounded || x.against != y.against {
		return 0, false
	}
	return evidence.Duration(x.err + y.err).Duration(), true
}

// nameless says whether a server goes by words, because its log does not name it:
// several may then go by the same. No host has a blank in its name.
func nameless(server string) bool { return strings.Contains(server, " ") }

// travel is how long a message was on the way between two servers, as far as it is
// certain: what may be the clocks is none. Where the receiver's clock is known from
// one side only, at least what it cannot make up.
func (c clocks) travel(from, to string, left, came time.Time) (d time.Duration, known bool) {
	seems := came.Sub(left)
	if err, ok := c.comparable(from, to); ok {
		d = c.right(to, came).Sub(c.right(from, left))
		if d <= err {
			return 0, true
		}
		return d, true
	}
	a, b := c[from], c[to]
	if b.high == nil || a.low == nil || a.against != b.against || a.against == "" {
		return 0, false
	}
	if sure := seems - evidence.Duration(*b.high-*a.low).Duration(); sure > 0 {
		return sure, true
	}
	return 0, false
}
