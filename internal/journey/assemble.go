package journey

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"mailflow/evidence"
)

// Bounds on what a journey lists.
const (
	maxRecipients = 5
	maxNotes      = 20
	maxMissing    = 20
)

// Assemble gives the way of each message over all servers, those that took longest
// first. A message that waits has taken until its server's log ends.
func Assemble(all []evidence.Sighting, offsets []evidence.ClockOffset) []evidence.Journey {
	s, c := view(all), clocksOf(offsets)
	var list []evidence.Journey
	for _, t := range s.trips {
		v := &voyage{scene: s, trip: t, clocks: c}
		list = append(list, v.journey())
	}
	slices.SortStableFunc(list, func(a, b evidence.Journey) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Message, b.Message))
	})
	return list
}

// A voyage is a message whose journey is put together.
type voyage struct {
	*scene
	*trip
	clocks
	fates []fate
	end   time.Time // to when it took, corrected
	j     evidence.Journey
}

func (v *voyage) journey() evidence.Journey {
	for _, s := range v.stops {
		v.fates = append(v.fates, v.fateOf(s))
	}
	v.j = evidence.Journey{Message: v.message, Stops: []evidence.Stop{}}
	place := map[int]int{-1: -1}
	for _, at := range v.inOrder() {
		place[at] = len(v.j.Stops)
		stop := v.stop(at)
		stop.From = place[v.stops[at].from]
		v.j.Stops = append(v.j.Stops, stop)
	}
	for _, remark := range v.remarks {
		v.note("%s", remark)
	}
	v.who()
	v.when()
	v.ways()
	v.j.State = v.state()
	v.j.Sample = v.prompt()
	return v.j
}

// inOrder lists the stops as they came, each behind the one it came from.
func (v *voyage) inOrder() []int {
	var list []int
	placed := make([]bool, len(v.stops))
	for range v.stops {
		next := -1
		for i, s := range v.stops {
			ready := !placed[i] && (s.from < 0 || placed[s.from])
			if ready && (next < 0 || v.first(i).Before(v.first(next))) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		placed[next] = true
		list = append(list, next)
	}
	return list
}

// first is when a stop was first spoken of, corrected.
func (v *voyage) first(at int) time.Time {
	s := v.stops[at]
	return v.right(s.server, s.rows[0].At)
}

// stop is one stop as evidence.
func (v *voyage) stop(at int) evidence.Stop {
	s, f := v.stops[at], v.fates[at]
	last := s.outcome()
	e := evidence.Stop{Server: s.server, Source: s.rows[0].Source, Outcome: last.What, Tries: s.tries(), Expanded: f.expanded, Where: s.rows[0].Where}
	e.Shift, e.Error = v.shift(s.server)
	if last.What != evidence.SawCame && last.What != evidence.SawSubmitted { // where it came from is not where it goes
		e.Peer, e.Hop = last.Peer, last.Hop
	}
	came, ok := v.cameTo(v.stops[at])
	if ok {
		e.Came = v.point(s, came)
	}
	end := s.rows[len(s.rows)-1].At
	if row := s.ended(); row >= 0 {
		r := s.rows[row]
		e.Left, e.Parts, end = v.point(s, r.At), r.Parts, r.At
		e.Peer, e.Hop = r.Peer, r.Hop
	}
	if !s.gone.IsZero() {
		e.Left, e.Outcome, e.Peer, e.Hop, end = v.point(s, s.gone), evidence.SawSplit, "", "", s.gone
	}
	if f.open {
		end = f.until
		v.waiting(s, &e)
	}
	if ok {
		e.Wait = round(max(0, end.Sub(came).Seconds()))
	}
	e.Travel = v.travelled(at)
	e.Reason = s.reason()
	e.Sessions = v.sessions(s)
	return e
}

// waiting names the next hop that it waits for.
func (v *voyage) waiting(s *stop, e *evidence.Stop) {
	for _, r := range slices.Backward(s.rows) {
		if (r.What == evidence.SawPutOff || r.What == evidence.SawHeld) && cmp.Or(r.Peer, r.Hop) != "" {
			e.Peer, e.Hop = r.Peer, r.Hop
			return
		}
	}
}

func (v *voyage) point(s *stop, at time.Time) *time.Time {
	at = v.right(s.server, at)
	return &at
}

// travelled is how long it was on the way to a stop.
func (v *voyage) travelled(at int) evidence.Duration {
	s := v.stops[at]
	came, ok := v.cameTo(v.stops[at])
	if !ok || s.from < 0 || v.replied(s) {
		return 0
	}
	from := v.stops[s.from]
	d, _ := v.travel(from.server, s.server, from.exits[s.out].last, came)
	return round(d.Seconds())
}

// replied says whether a message was taken with the reply that the stop before
// logged: then it was there before that reply, and the way took no time.
func (t *trip) replied(s *stop) bool {
	came, ok := s.arrival()
	from := t.stops[s.from]
	return ok && s.tie == direct && came.What == evidence.SawCame && from.server != s.server && from.rows[from.exits[s.out].row].Text != Submit
}

// reason is what was last said of why it did not go on.
func (s *stop) reason() string {
	for _, r := range slices.Backward(s.rows) {
		if (r.What == evidence.SawPutOff || r.What == evidence.SawFailed || r.What == evidence.SawHeld || r.What == evidence.SawDropped) && r.Text != "" {
			return r.Text
		}
	}
	return ""
}

// who fills in the sender and the recipients: those of the first stop that has any.
func (v *voyage) who() {
	every := map[string]bool{}
	for _, s := range v.stops {
		for _, r := range s.rows {
			v.j.Sender = cmp.Or(v.j.Sender, r.Sender)
			for _, to := range r.To {
				if !every[to] && len(v.j.Recipients) < maxRecipients {
					v.j.Recipients = append(v.j.Recipients, to)
				}
				every[to] = true
			}
		}
	}
	for _, s := range v.stops {
		if n := s.counted(); n > 0 && s.from < 0 {
			v.j.Count += n
		}
	}
	v.j.Count = cmp.Or(v.j.Count, len(every))
}

// when fills in the times. It took until the log ends of a server where it waits.
func (v *voyage) when() {
	first, last := -1, -1
	for i, s := range v.stops {
		said := v.right(s.server, s.rows[len(s.rows)-1].At)
		if s.from < 0 && (first < 0 || v.first(i).Before(v.j.Began)) {
			first, v.j.Began = i, v.first(i)
		}
		if last < 0 || said.After(v.j.Ended) {
			last, v.j.Ended = i, said
		}
		if v.fates[i].waits || v.fates[i].torn {
			said = v.right(s.server, v.fates[i].until)
		}
		if said.After(v.end) {
			v.end = said
		}
	}
	v.j.Total = round(max(0, v.end.Sub(v.j.Began).Seconds()))
	a, b := v.stops[first].server, v.stops[last].server
	if _, ok := v.comparable(a, b); !ok && a != b {
		v.note("the clocks of %s and %s could not be compared: the time from one to the other is as their logs have it", a, b)
	}
	if v.more > 0 {
		v.note("%d further rows, of more than %d stops, are left out", v.more, maxStops)
	}
}

func (v *voyage) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); len(v.j.Notes) < maxNotes && !slices.Contains(v.j.Notes, text) {
		v.j.Notes = append(v.j.Notes, text)
	}
}

// prompt says whether it was not late: nowhere, not as a whole, and not waiting.
func (v *voyage) prompt() bool {
	late := evidence.Duration(evidence.LateFrom.Seconds())
	torn := slices.ContainsFunc(v.fates, func(f fate) bool { return f.torn })
	return !torn && v.j.Total <= late && v.j.State != evidence.JourneyWaiting && v.j.State != evidence.JourneyPartly &&
		!slices.ContainsFunc(v.j.Stops, func(s evidence.Stop) bool { return s.Wait > late || s.Travel > late })
}
