package walltime

import "time"

const hour = int64(time.Hour)

// Clock finds the instants that a clock on the wall of a zone showed, one after
// the other.
type Clock struct {
	loc           *time.Location
	slot          int64 // quarter of an hour for which the offsets hold
	before, after int64 // offset from UTC a day before and a day behind it
	known         bool
	last          int64
	run           bool
	again         bool // the last was of an hour's second time
}

// NewClock is a clock of a zone.
func NewClock(loc *time.Location) *Clock { return &Clock{loc: loc} }

// stray is by how much times of one log may be out of order.
const stray = int64(time.Minute)

// UTC is the instant at which the clock showed a time, given in nanoseconds since
// 1970 as if the wall showed UTC. In the hour that the clock goes through twice,
// the order of the times decides; a time that it jumps over is taken as if it had
// not been put forward.
func (c *Clock) UTC(wall int64) int64 {
	if slot := wall / (hour / 4); !c.known || slot != c.slot {
		c.slot, c.known = slot, true
		c.before, c.after = c.offset(wall-24*hour), c.offset(wall+24*hour)
	}
	at := wall - c.before
	if c.before != c.after {
		at = c.around(wall)
	}
	c.again = c.before != c.after && at == wall-c.after
	c.last, c.run = at, true
	return at
}

// around is UTC within a day of a change.
func (c *Clock) around(wall int64) int64 {
	first, second := wall-c.before, wall-c.after
	ok1, ok2 := c.offset(first) == c.before, c.offset(second) == c.after
	switch {
	case ok1 && ok2 && c.run && (first < c.last-stray || c.again && first < c.last) && second >= c.last-stray:
		return second
	case !ok1 && ok2:
		return second
	}
	return first
}

func (c *Clock) offset(at int64) int64 {
	_, seconds := time.Unix(0, at).In(c.loc).Zone()
	return int64(seconds) * int64(time.Second)
}
