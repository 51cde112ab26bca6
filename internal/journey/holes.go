package journey

import (
	"time"
)

// A hole is a stretch of a server's log that is missing: whole hours, or whole days,
// where the server has a file for each.
type hole struct {
	from, to      time.Time     // by the hours or days of UTC
	after, before time.Time     // the last row before it, and the first behind it
	each          time.Duration // of which a file is
}

// How clear it has to be that a file is missing, and that not only nothing was
// written for a while: the files beside it fill most of their hour or day, and rows
// stand near its ends.
const (
	leastFilled = 2           // half of it
	nearEnd     = 12          // five minutes of an hour, two hours of a day
	over        = time.Minute // a file may begin or end so much beyond its hour
)

// holesOf finds the holes of each server's log.
func holesOf(all logs) map[string][]hole {
	holes := map[string][]hole{}
	for server, list := range all {
		for _, each := range []time.Duration{time.Hour, 24 * time.Hour} {
			if found := missingOf(list, each); len(found) > 0 {
				holes[server] = found
				break
			}
		}
	}
	return holes
}

// missingOf lists the hours, or days, between the files of a server of which it has
// none. It finds none unless each file is of one of them.
func missingOf(list []piece, each time.Duration) (found []hole) {
	var last piece
	for i, p := range list {
		if _, one := cell(p, each); !one {
			return nil
		}
		if i > 0 && p.from.After(last.to) && p.file != last.file {
			found = append(found, between(last, p, each)...)
		}
		if p.to.After(last.to) {
			last = p
		}
	}
	return found
}

// cell is the hour or day in which a piece lies.
func cell(p piece, each time.Duration) (from time.Time, one bool) {
	from = p.from.Add(p.to.Sub(p.from) / 2).UTC().Truncate(each)
	return from, !p.from.Before(from.Add(-over)) && !p.to.After(from.Add(each+over))
}

// between is the hole between two pieces, if it is one.
func between(a, b piece, each time.Duration) []hole {
	before, _ := cell(a, each)
	behind, _ := cell(b, each)
	from := before.Add(each)
	switch {
	case !behind.After(from):
		return nil
	case a.to.Sub(a.from) < each/leastFilled || b.to.Sub(b.from) < each/leastFilled:
		return nil
	case from.Sub(a.to) > each/nearEnd || b.from.Sub(behind) > each/nearEnd:
		return nil
	}
	return []hole{{from: from, to: behind, after: a.to, before: b.from, each: each}}
}

// holed gives the hole between two times, nil for none.
func (s *scene) holed(server string, from, to time.Time) *hole {
	for i := range s.holes[server] {
		if h := &s.holes[server][i]; !h.after.Before(from) && !h.before.After(to) {
			return h
		}
	}
	return nil
}

// lacks gives the hole in which some of a time lies, nil for none.
func (s *scene) lacks(server string, from, to time.Time) *hole {
	for i := range s.holes[server] {
		if h := &s.holes[server][i]; !h.after.After(to) && !h.before.Before(from) {
			return h
		}
	}
	return nil
}

// span is the hole in words: "09:00 to 10:00", with the day where it is of days.
func (h *hole) span() string {
	if h.each > time.Hour || h.to.Sub(h.from) >= 24*time.Hour {
		return h.from.Format("2006-01-02 15:04") + " to " + h.to.Format("2006-01-02 15:04") + " UTC"
	}
	return h.from.Format("15:04") + " to " + h.to.Format("15:04") + " UTC"
}

// stamp is what the names of the files that are missing have in common.
func (h *hole) stamp() string {
	if h.each == time.Hour && h.to.Sub(h.from) == time.Hour {
		return h.from.Format("2006010215")
	}
	return h.from.Format("20060102")
}
