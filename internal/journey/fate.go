package journey

import (
	"slices"
	"time"

	"mailflow/evidence"
)

// A fate is what became of a message at one server.
type fate struct {
	open     bool // something of it had not left when the last was said of it
	waits    bool // the log goes on behind that
	torn     bool // the log of the hours behind that is missing, and goes on later
	until    time.Time
	arrived  int // recipients
	failed   int
	expanded int
}

// fateOf works out what became of a message at a stop.
func (s *scene) fateOf(stop *stop) fate {
	var f fate
	for _, r := range stop.rows {
		n := max(1, r.Count)
		switch r.What {
		case evidence.SawDelivered:
			f.arrived += n
		case evidence.SawFailed:
			f.failed += n
		case evidence.SawExpanded:
			f.expanded += n
		}
	}
	last := stop.rows[len(stop.rows)-1].At
	f.until = last
	if f.open = stop.pending(); f.open {
		var behind *hole
		f.until, behind = s.until(stop.server, last)
		f.waits = f.until.Sub(last) >= evidence.LateFrom && behind == nil
		f.torn = behind != nil
	}
	return f
}

// pending says whether a message still had recipients here when the last was said
// of it.
func (s *stop) pending() bool {
	if s.said(evidence.SawDone) || !s.gone.IsZero() {
		return false
	}
	if n := s.counted(); n > 0 {
		return s.remain(n) > 0
	}
	if len(s.lastWords()) > 0 {
		return true
	}
	return !s.said(evidence.SawLeft) && !s.said(evidence.SawDelivered) && !s.said(evidence.SawFailed) && !s.said(evidence.SawDropped) && !s.said(evidence.SawSplit)
}

func (s *stop) said(what string) bool {
	return slices.ContainsFunc(s.rows, func(r evidence.Sighting) bool { return r.What == what })
}

// counted is for how many recipients it came, 0 where the log does not say.
func (s *stop) counted() (n int) {
	for _, r := range s.rows {
		if r.What == evidence.SawCame || r.What == evidence.SawSubmitted {
			n += r.Count
		}
	}
	return n
}

// remain takes those off for which something became of it; a group's members take
// its place.
func (s *stop) remain(n int) int {
	for _, r := range s.rows {
		switch r.What {
		case evidence.SawExpanded:
			n += max(1, r.Count) - 1
		case evidence.SawLeft, evidence.SawDelivered, evidence.SawFailed, evidence.SawDropped, evidence.SawSplit:
			n -= max(1, r.Count)
		}
	}
	return n
}

// lastWords are the rows about recipients for whom the last was that an attempt
// was put off, or that it is held.
func (s *stop) lastWords() []evidence.Sighting {
	last := map[string]evidence.Sighting{}
	for _, r := range s.rows {
		switch r.What {
		case evidence.SawPutOff, evidence.SawHeld, evidence.SawLeft, evidence.SawDelivered, evidence.SawFailed, evidence.SawDropped, evidence.SawSplit:
			key := ""
			if len(r.To) == 1 {
				key = r.To[0]
			}
			last[key] = r
		}
	}
	var list []evidence.Sighting
	for _, r := range last {
		if r.What == evidence.SawPutOff || r.What == evidence.SawHeld {
			list = append(list, r)
		}
	}
	return list
}

// ended is the last time that something of a message left, or else that it was
// given up.
func (s *stop) ended() (row int) {
	row = -1
	for i, r := range s.rows {
		switch r.What {
		case evidence.SawLeft, evidence.SawDelivered:
			row = i
		case evidence.SawFailed, evidence.SawDropped:
			if row < 0 || s.rows[row].What == evidence.SawFailed || s.rows[row].What == evidence.SawDropped {
				row = i
			}
		case evidence.SawSplit:
			if row < 0 && s.said(evidence.SawDone) { // nothing else was left
				row = i
			}
		}
	}
	return row
}

// outcome is the last that was said, but for the cleaning up.
func (s *stop) outcome() evidence.Sighting {
	for _, r := range slices.Backward(s.rows) {
		if r.What != evidence.SawDone {
			return r
		}
	}
	return s.rows[len(s.rows)-1]
}

// tries counts the attempts that were put off: all recipients of one attempt are
// told of at once.
func (s *stop) tries() (n int) {
	var last time.Time
	for _, r := range s.rows {
		if r.What == evidence.SawPutOff && (n == 0 || r.At.Sub(last) > time.Second) {
			n, last = n+1, r.At
		}
	}
	return n
}
