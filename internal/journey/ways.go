package journey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// clockTime is how notes give a time.
const (
	clockTime = "15:04:05"
	dayTime   = "2006-01-02 15:04:05" // where it may be another day
)

// seconds is how notes give a length of time.
func seconds(d time.Duration) string { return diag.Seconds(d.Round(time.Second)) }

// ways goes through all ways that a message took: what is doubted about them is
// noted, and which logs would say more is named.
func (v *voyage) ways() {
	for at, s := range v.stops {
		v.arrival(at)
		for i := range s.exits {
			if x := &s.exits[i]; x.taken < 0 && !x.split && x.peer != "" && !loopback(x.peer) && !v.is(x.peer, s.server) {
				v.unmet(s, x)
			}
		}
		if f := v.fates[at]; f.open && !f.waits {
			v.broken(s, f)
		}
	}
	slices.SortStableFunc(v.j.Missing, func(a, b evidence.Missing) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Server, b.Server))
	})
}

// arrival looks at how a message came to a stop.
func (v *voyage) arrival(at int) {
	s := v.stops[at]
	came, ok := s.arrival()
	switch {
	case s.from < 0 && !ok && s.queue != "" && !v.logs.covers(s.server, s.rows[0].At.Add(-time.Minute), 0):
		v.miss(s.server, s.rows[0].At.Add(-time.Hour), s.rows[0].At, "", fmt.Sprintf("the log of %s begins when the message was already there", s.server))
	case s.from < 0 && ok && came.What == evidence.SawCame && v.relays(came.Peer):
		v.miss(came.Peer, came.At, came.At, "", fmt.Sprintf("it came to %s from there at %s, and no log tells since when it was there", s.server, came.At.UTC().Format(clockTime)))
	case s.from >= 0 && ok:
		v.leg(at, came)
	case s.from >= 0 && !v.stops[s.from].exits[s.out].split:
		v.begun(s)
	}
}

// begun looks at a message that was handed to a server of whose log only a later
// part is here.
func (v *voyage) begun(s *stop) {
	from := v.stops[s.from]
	x := from.exits[s.out]
	their, _ := v.theirs(from.server, s.server, x.last)
	if v.logs.covers(s.server, their, 0) {
		return
	}
	why := fmt.Sprintf("%s handed it over at %s, and the log of %s that is here does not cover that", from.server, x.last.UTC().Format(clockTime), s.server)
	if p, ok := v.logs.near(s.server, their); ok && p.from.After(their) {
		why = fmt.Sprintf("%s handed it over at %s, and the log of %s that is here begins at %s only", from.server, x.last.UTC().Format(clockTime), s.server, p.from.UTC().Format(clockTime))
	}
	v.miss(s.server, their, their, "", why)
}

// relays says whether a host without a log is a server of the organization: mail
// is handed to it, too. Clients send only.
func (v *voyage) relays(name string) bool {
	if _, known := v.known(name); known || !v.ours(name) {
		return false
	}
	return v.takers[plain(name)]
}

// leg looks at the way between two stops.
func (v *voyage) leg(at int, came evidence.Sighting) {
	s := v.stops[at]
	from := v.stops[s.from]
	x := from.exits[s.out]
	if err, ok := v.comparable(from.server, s.server); ok && s.tie == direct {
		if began, ok := v.began(from, x); ok {
			if early := v.right(from.server, began).Sub(v.right(s.server, came.At)); early > err+time.Second {
				v.note("it came to %s %s before it was sent from %s: one of the rows is about another transmission, or a clock was set", s.server, seconds(early), from.server)
			}
		}
		if behind := v.right(s.server, came.At).Sub(v.right(from.server, x.last)); v.replied(s) && behind > err+time.Second {
			v.note("by the logs it came to %s %s after %s had the reply to it, which cannot be: one of their clocks was off then, or one of the rows is about another transmission", s.server, seconds(behind), from.server)
		}
	}
	_, known := v.travel(from.server, s.server, x.last, came.At)
	if gap := came.At.Sub(x.last); !known && (gap > time.Minute || gap < -time.Minute) {
		v.note("from %s to %s the clocks tell %s: how much of it is the way and how much the clocks cannot be told", from.server, s.server, seconds(gap))
	}
	if s.tie < direct && s.tie > alone && !x.split {
		v.between(from, s, &x, came)
	}
}

// between names a server that a message passed between two others.
func (v *voyage) between(from, to *stop, x *exit, came evidence.Sighting) {
	if to.tie == guessed {
		v.note("that it came to %s from %s goes by the message alone", to.server, from.server)
	}
	if v.is(x.peer, to.server) {
		return
	}
	if there, known := v.known(x.peer); known && v.silent(from.server, there, x.last) {
		return
	}
	why := fmt.Sprintf("%s handed it over at %s and %s had it from %s at %s; no log tells what was between", from.server, x.last.UTC().Format(clockTime), to.server, came.Peer, came.At.UTC().Format(clockTime))
	v.miss(x.peer, x.last, laterOf(x.last, came.At), from.rows[x.row].Text, why)
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// unmet looks at an exit to a server that says nothing of the message.
func (v *voyage) unmet(s *stop, x *exit) {
	at := x.last.UTC().Format(clockTime)
	there, known := v.known(x.peer)
	if !known {
		v.miss(x.peer, x.last, x.last, s.rows[x.row].Text, fmt.Sprintf("%s handed it over at %s, and no log of %s is here", s.server, at, x.peer))
		return
	}
	if v.silent(s.server, there, x.last) {
		return
	}
	their, _ := v.theirs(s.server, there, x.last)
	why := fmt.Sprintf("%s handed it over at %s, and no log of %s covers that", s.server, at, there)
	if p, ok := v.logs.near(there, their); ok {
		why += fmt.Sprintf(" (the nearest goes from %s to %s)", p.from.UTC().Format("2006-01-02 15:04"), p.to.UTC().Format("2006-01-02 15:04"))
	}
	v.miss(there, x.last, x.last, s.rows[x.row].Text, why)
}

// silent says whether the log of the next server covers the time at which a message
// was handed over, and so should have it, and notes that. Where it does only if the
// clocks agree, that is noted, too: a log that is here is none that is missing.
func (v *voyage) silent(here, there string, last time.Time) bool {
	their, wrong := v.theirs(here, there, last)
	at := last.UTC().Format(clockTime)
	switch {
	case v.logs.covers(there, their, wrong):
		v.note("%s handed it to %s at %s, whose log covers that time and does not have it", here, there, at)
	case v.logs.covers(there, their, 0):
		v.note("%s handed it to %s at %s, whose log covers that time and does not have it; the clocks may differ by %s, and so much is not covered", here, there, at, seconds(wrong))
	default:
		return false
	}
	return true
}

// unsure is how far clocks may be apart of which nothing is known.
const unsure = 5 * time.Minute

// theirs is a time by the clock of another server.
func (v *voyage) theirs(here, there string, at time.Time) (time.Time, time.Duration) {
	err, ok := v.comparable(here, there)
	if !ok {
		return at, unsure
	}
	shift, _ := v.shift(there)
	return v.right(here, at).Add(-shift.Duration()), err
}

// broken is a message that was at a server when its log ended.
func (v *voyage) broken(s *stop, f fate) {
	end := f.until
	v.miss(s.server, end, end, "", fmt.Sprintf("it was at %s when the log of it ended at %s", s.server, end.UTC().Format(clockTime)))
}

// miss names a log that would say more.
func (v *voyage) miss(server string, from, to time.Time, reply, why string) {
	m := evidence.Missing{Server: server, From: from.UTC().Truncate(time.Hour), To: to.UTC().Add(5 * time.Minute).Truncate(time.Hour).Add(time.Hour), Why: why}
	if there, known := v.known(server); known {
		if h := v.lacks(there, from, to); h != nil {
			m.From, m.To = h.from, h.to
			m.Why += fmt.Sprintf("; no log of %s covers %s", there, h.span())
		}
	}
	m.Get = v.get(server, reply, m, from)
	same := slices.IndexFunc(v.j.Missing, func(o evidence.Missing) bool {
		return strings.EqualFold(o.Server, server) && o.From.Equal(m.From) && o.To.Equal(m.To)
	})
	if same < 0 && len(v.j.Missing) < maxMissing {
		v.j.Missing = append(v.j.Missing, m)
	}
}

// state says how a journey stands.
func (v *voyage) state() string {
	var waits, lost, left, arrived, failed bool
	for at, f := range v.fates {
		waits, lost = waits || f.waits, lost || f.open && !f.waits
		arrived, failed = arrived || f.arrived > 0, failed || f.failed > 0
		for i := range v.stops[at].exits {
			switch v.whither(v.stops[at], &v.stops[at].exits[i]) {
			case evidence.JourneyLost:
				lost = true
			case evidence.JourneyLeft:
				left = true
			case evidence.JourneyArrived:
				arrived = true
			}
		}
	}
	switch {
	case waits && (arrived || left):
		return evidence.JourneyPartly
	case waits:
		return evidence.JourneyWaiting
	case lost:
		return evidence.JourneyLost
	case left:
		return evidence.JourneyLeft
	case arrived:
		return evidence.JourneyArrived
	case failed || v.dropped():
		return evidence.JourneyFailed
	}
	return evidence.JourneyLost
}

// whither is what an exit means for the whole: "" where it goes on at another stop.
// What is handed to a program of the same host, and does not come back, is there.
func (v *voyage) whither(s *stop, x *exit) string {
	_, known := v.known(x.peer)
	switch {
	case x.taken >= 0:
		return ""
	case x.split:
		return evidence.JourneyLost
	case loopback(x.peer):
		return evidence.JourneyArrived
	case v.is(x.peer, s.server) && s.said(evidence.SawDelivered):
		return ""
	case known || v.ours(x.peer):
		return evidence.JourneyLost
	}
	return evidence.JourneyLeft
}

func (v *voyage) dropped() bool {
	return slices.ContainsFunc(v.stops, func(s *stop) bool { return s.said(evidence.SawDropped) })
}
