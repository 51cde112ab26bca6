package rhythm

import (
	"cmp"
	"slices"
	"time"
)

// Times are whole microseconds since 1970, which hold the years 1 to 9999
// without overflow; the differences are whole as well.
const (
	second int64 = 1e6
	minute       = 60 * second
	day          = 24 * 60 * minute
)

// atOnce is how long a hop may take that does not make mail wait. Content
// filters and delayed acknowledgement (knowledge/exchange.md 1.3: up to 30 s)
// stay below it.
const atOnce = 30 * second

// A trip is a passage in microseconds.
type trip struct {
	came, left int64
	offset     int32 // seconds that the zone of left is ahead of UTC
	depth      int32 // -1 if not known
	source     int32 // index of the passage
}

func (t trip) wait() int64 { return t.left - t.came }

// A hop is what is judged.
type hop struct {
	trips  []trip // by departure
	late   []trip // those that waited, by departure
	grain  int64
	least  int64 // who waited longer has waited
	origin int64 // all positions count from here, so that a shift of all times changes nothing but phases
	zones  bool  // the zone's offset changes in between
	wall   bool  // times are as the clock on the wall showed them
	looks  *grid // what stands found, once it was asked
}

func newHop(passages []Passage, o Options) *hop {
	h := &hop{trips: make([]trip, 0, len(passages))}
	for i, p := range passages {
		if t, ok := tripOf(p, i); ok {
			h.trips = append(h.trips, t)
		}
	}
	if len(h.trips) == 0 {
		return h
	}
	slices.SortFunc(h.trips, byDeparture)
	h.origin = h.trips[0].left
	h.grain = max(grainOf(h.trips), min(o.Grain.Microseconds(), day))
	h.least = max(atOnce, 2*h.grain)
	for _, t := range h.trips {
		h.zones = h.zones || t.offset != h.trips[0].offset
		if t.wait() > h.least {
			h.late = append(h.late, t)
		}
	}
	return h
}

func byDeparture(a, b trip) int {
	if a.left != b.left { // nearly always
		return cmp.Compare(a.left, b.left)
	}
	return cmp.Or(cmp.Compare(a.came, b.came), cmp.Compare(a.depth, b.depth), cmp.Compare(a.offset, b.offset))
}

func tripOf(p Passage, i int) (trip, bool) {
	if p.Came.IsZero() || p.Left.IsZero() || p.Left.Before(p.Came) {
		return trip{}, false
	}
	// Years outside of 1 to 9999 would overflow.
	if y := p.Left.UTC().Year(); p.Came.UTC().Year() < 0 || y > 10000 {
		return trip{}, false
	}
	_, offset := p.Left.Zone()
	return trip{came: p.Came.UnixMicro(), left: p.Left.UnixMicro(), offset: int32(offset), depth: int32(max(-1, min(p.Depth, 1<<30))), source: int32(i)}, true
}

// grainOf sees from the arrivals whether times were cut to seconds or minutes.
// Departures do not tell: a precise timer looks the same.
func grainOf(trips []trip) int64 {
	grain := minute
	for _, t := range trips {
		for grain > 1 && (t.came-trips[0].came)%grain != 0 {
			grain = finer(grain)
		}
	}
	if len(trips) < least {
		return min(grain, second)
	}
	return grain
}

func finer(grain int64) int64 {
	if grain > second {
		return second
	}
	return 1
}

// onTheWall is the hop with all times as the clock on the wall showed them.
// A message is moved as a whole, so that its wait stays what it was.
func (h *hop) onTheWall() *hop {
	w := *h
	w.wall, w.looks = true, nil
	w.trips, w.late = moved(h.trips), moved(h.late)
	w.origin = w.trips[0].left
	return &w
}

func moved(trips []trip) []trip {
	to := slices.Clone(trips)
	for i := range to {
		by := int64(to[i].offset) * second
		to[i].came += by
		to[i].left += by
	}
	slices.SortFunc(to, byDeparture)
	return to
}

// sample is at most max trips, evenly over the whole: what is searched often is
// searched in a part.
func sample(trips []trip, most int) []trip {
	if len(trips) <= most {
		return trips
	}
	part := make([]trip, most)
	for i := range part {
		part[i] = trips[i*len(trips)/most]
	}
	return part
}

func floorMod(a, m int64) int64 { return ((a % m) + m) % m }

func floorDiv(a, m int64) int64 { return (a - floorMod(a, m)) / m }

func duration(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
