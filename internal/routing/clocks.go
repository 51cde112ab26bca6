package routing

import (
	"strings"
	"time"

	"mailflow/evidence"
)

// words says when a schedule is open, in the time zone of the question as it is
// on that day: the directory keeps GMT, and clocks change.
func (w *walk) words(s evidence.Schedule) string {
	zone, seconds := w.q.At.In(w.q.Zone.Location()).Zone()
	offset := time.Duration(seconds) * time.Second
	if offset%evidence.Quarter != 0 {
		return s.Words()
	}
	return strings.ReplaceAll(shifted(s, int(offset/evidence.Quarter)).Words(), " GMT", " "+zone)
}

// shifted moves a week by so many quarter hours.
func shifted(s evidence.Schedule, by int) evidence.Schedule {
	var to evidence.Schedule
	for i := range quarters {
		if at := ((i+by)%quarters + quarters) % quarters; isOpen(s, i) {
			to[at/8] |= 0x80 >> (at % 8)
		}
	}
	return to
}
