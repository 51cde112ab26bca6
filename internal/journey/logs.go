package journey

import (
	"cmp"
	"slices"
	"time"

	"mailflow/evidence"
)

// silence is for how long the log of a server may say nothing before it counts as
// one with a piece missing. A small office writes nothing for a night.
const silence = 6 * time.Hour

// A piece is a stretch of time of which a server's log is here, in one file.
type piece struct {
	from, to time.Time
	file     string
}

// logs are the pieces of each server's log, in the order of time.
type logs map[string][]piece

// logsOf finds the pieces, by the rows that say so; without them, a server's log
// is taken to go from the first to the last that it says of any message.
func logsOf(rows []evidence.Sighting) logs {
	ends := map[evidence.Where]piece{}
	all := logs{}
	spoken := logs{}
	for _, r := range rows {
		switch r.What {
		case evidence.SawLogBegins, evidence.SawLogEnds:
			continue
		}
		spoken.cover(r.Server, piece{from: r.At, to: r.At})
	}
	for _, r := range marks(rows) {
		key := evidence.Where{File: r.Server + "\x00" + r.Where.File}
		if r.What == evidence.SawLogBegins {
			ends[key] = piece{r.At, r.At, r.Where.File}
		} else if p, begun := ends[key]; begun {
			all[r.Server] = append(all[r.Server], piece{p.from, r.At, p.file})
			delete(ends, key)
		}
	}
	for server, list := range spoken {
		if len(all[server]) == 0 {
			all[server] = list
		}
	}
	for server := range all {
		slices.SortFunc(all[server], func(a, b piece) int {
			return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to), cmp.Compare(a.file, b.file))
		})
	}
	return all
}

// marks are the rows about the beginning and the end of logs, in order.
func marks(rows []evidence.Sighting) []evidence.Sighting {
	var list []evidence.Sighting
	for _, r := range rows {
		if r.What == evidence.SawLogBegins || r.What == evidence.SawLogEnds {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b evidence.Sighting) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.What, b.What)) })
	return list
}

func (l logs) cover(server string, p piece) {
	if len(l[server]) == 0 {
		l[server] = []piece{p}
		return
	}
	all := &l[server][0]
	if p.from.Before(all.from) {
		all.from = p.from
	}
	if p.to.After(all.to) {
		all.to = p.to
	}
}

// covers says whether the log of a server is here for a time, by that server's
// clock, and for as long around it as that time may be wrong.
func (l logs) covers(server string, at time.Time, wrong time.Duration) bool {
	return slices.ContainsFunc(l[server], func(p piece) bool {
		return !at.Add(-wrong).Before(p.from) && !at.Add(wrong).After(p.to)
	})
}

// until is how far the log of a server goes on from a time without a gap, and the
// hole that is behind that.
func (s *scene) until(server string, at time.Time) (end time.Time, behind *hole) {
	end = at
	for _, p := range s.logs[server] {
		if h := s.holed(server, end, p.from); h != nil {
			return end, h
		}
		if !p.from.After(end.Add(silence)) && p.to.After(end) {
			end = p.to
		}
	}
	return end, nil
}

// near is the part of a server's log that is nearest to a time.
func (l logs) near(server string, at time.Time) (best piece, found bool) {
	for _, p := range l[server] {
		if !found || away(p, at) < away(best, at) {
			best, found = p, true
		}
	}
	return best, found
}

func away(p piece, at time.Time) time.Duration {
	return max(p.from.Sub(at), at.Sub(p.to), 0)
}
