package journey

import (
	"cmp"
	"slices"
	"time"

	"mailflow/evidence"
)

// sorted puts sightings into an order of their own, so that theirs does not matter,
// and leaves out those that stand in two copies of a log. Pointers are sorted, for
// a sighting is large.
func sorted(all []evidence.Sighting) []evidence.Sighting {
	list := make([]*evidence.Sighting, len(all))
	for i := range all {
		list[i] = &all[i]
	}
	slices.SortStableFunc(list, order)
	list = slices.CompactFunc(list, copied)
	list = list[:min(len(list), maxRows)]
	asWritten(list)
	rows := make([]evidence.Sighting, len(list))
	for i, r := range list {
		rows[i] = *r
	}
	return rows
}

// copied says whether two rows are one that stands in two copies of a log. In one
// file the same may be said twice: of a message that goes in a circle within a
// second.
func copied(a, b *evidence.Sighting) bool {
	if a.What == evidence.SawLogBegins || a.What == evidence.SawLogEnds || said(a, b) != 0 {
		return false
	}
	return a.Where.File != b.Where.File || a.Where.Line == b.Where.Line
}

// asWritten puts the rows of one moment that have no id in a queue into the order
// in which the server wrote them: where a message comes again within a second,
// nothing else tells its rounds apart. Exports, whose order is anybody's, have ids.
func asWritten(list []*evidence.Sighting) {
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].Message == list[from].Message && list[to].At.Equal(list[from].At) {
			to++
		}
		if to-from > 1 {
			linesOf(list[from:to])
		}
		from = to
	}
}

// linesOf orders the rows without an id of each server by their lines, and leaves
// all others at their places.
func linesOf(list []*evidence.Sighting) {
	places := map[string][]int{}
	for i, r := range list {
		if r.Queue == "" && r.Message != "" {
			places[r.Server] = append(places[r.Server], i)
		}
	}
	for _, at := range places {
		var rows []*evidence.Sighting
		for _, i := range at {
			rows = append(rows, list[i])
		}
		slices.SortStableFunc(rows, func(a, b *evidence.Sighting) int {
			return cmp.Or(cmp.Compare(a.Where.File, b.Where.File), cmp.Compare(a.Where.Line, b.Where.Line))
		})
		for n, i := range at {
			list[i] = rows[n]
		}
	}
}

// order is of messages, of time, and then of everything else.
func order(a, b *evidence.Sighting) int {
	if c := said(a, b); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Where.File, b.Where.File), cmp.Compare(a.Where.Line, b.Where.Line))
}

// said compares all but the place. Most rows differ in the first two.
func said(a, b *evidence.Sighting) int {
	if c := cmp.Compare(a.Message, b.Message); c != 0 {
		return c
	}
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(rank(a.What), rank(b.What)), cmp.Compare(a.What, b.What),
		cmp.Compare(a.Server, b.Server), cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Next, b.Next), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Network, b.Network),
		cmp.Compare(a.Hop, b.Hop), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Count, b.Count), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Sender, b.Sender),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Took, b.Took), slices.Compare(a.To, b.To))
}

// rank puts what is said of one moment into the order in which it can happen.
func rank(what string) int {
	return slices.Index([]string{evidence.SawAgain, evidence.SawSubmitted, evidence.SawCame, evidence.SawExpanded, evidence.SawSplit, evidence.SawPutOff, evidence.SawHeld,
		evidence.SawLeft, evidence.SawDelivered, evidence.SawFailed, evidence.SawDropped, evidence.SawDone}, what)
}

// A trip is one message, at all servers.
type trip struct {
	message string
	stops   []*stop
	more    int      // stops for which there was no room
	remarks []string // notes that the journey begins with
}

// A stop is one message under one id at one server.
type stop struct {
	server, queue string
	rows          []evidence.Sighting
	came          int // the row that says so, -1 for none
	exits         []exit
	from          int // the stop before, -1 for none
	out           int // which exit of it
	tie           tie
	gone          time.Time // when it went on under another id, of which the log says nothing
}

// An exit is one transaction in which a message left, or one way in which another
// was made of it.
type exit struct {
	first, last time.Time // several recipients have a row each
	row         int       // the first
	next, peer  string
	split       bool
	taken       int // the stop that it led to, -1 for none
}

// A tie is how a stop was tied to the one before.
type tie int

const (
	alone   tie = iota
	guessed     // by the message alone
	relayed     // over a server between that wrote no log, or whose part is not certain
	direct      // one transaction: by the id that the reply has, or because the receiver names the sender
)

// tripsOf groups rows by message, and by the id that it has at each server.
func tripsOf(rows []evidence.Sighting) []*trip {
	trips := map[string]*trip{}
	var order []*trip
	for _, r := range rows {
		key := cmp.Or(r.Message, r.Network)
		if key == "" || rank(r.What) < 0 {
			continue
		}
		t := trips[key]
		if t == nil {
			t = &trip{message: key}
			trips[key] = t
			order = append(order, t)
		}
		t.add(r)
	}
	for _, t := range order {
		for _, s := range t.stops {
			s.settle()
		}
	}
	return order
}

func (t *trip) add(r evidence.Sighting) {
	for _, s := range slices.Backward(t.stops) {
		if s.server == r.Server && s.queue == r.Queue && !s.anew(r) {
			s.rows = append(s.rows, r)
			return
		}
	}
	if len(t.stops) == maxStops {
		t.more++
		return
	}
	t.stops = append(t.stops, &stop{server: r.Server, queue: r.Queue, rows: []evidence.Sighting{r}, came: -1, from: -1})
}

// anew says whether a message that had left came again, where the log gives it no
// id by which to tell that.
func (s *stop) anew(r evidence.Sighting) bool {
	if s.queue != "" || r.What != evidence.SawCame && r.What != evidence.SawSubmitted {
		return false
	}
	switch last := s.rows[len(s.rows)-1]; last.What {
	case evidence.SawLeft, evidence.SawDelivered:
		return last.At.Before(r.At) || s.cameFor(r)
	}
	return false
}

// cameFor says whether it came already for these recipients: then it came again,
// though it was within a second.
func (s *stop) cameFor(r evidence.Sighting) bool {
	return slices.ContainsFunc(s.rows, func(o evidence.Sighting) bool {
		return o.What == r.What && o.Where.File == r.Where.File && o.Where.Line < r.Where.Line && slices.Equal(o.To, r.To)
	})
}

// settle finds out how a message came to a server, and how it left.
func (s *stop) settle() {
	for i, r := range s.rows {
		switch r.What {
		case evidence.SawCame, evidence.SawSubmitted, evidence.SawAgain:
			if s.came < 0 && (r.What != evidence.SawAgain || i == 0) { // behind others it was there before
				s.came = i
			}
		case evidence.SawLeft, evidence.SawSplit:
			s.leave(i, r)
		}
	}
}

// leave takes a row about leaving. Rows about one transaction are one exit.
func (s *stop) leave(row int, r evidence.Sighting) {
	for i := range s.exits {
		x := &s.exits[i]
		if x.peer == r.Peer && x.next == r.Next && x.split == (r.What == evidence.SawSplit) && (x.next != "" || r.At.Sub(x.last) < time.Second) {
			x.last = r.At
			return
		}
	}
	if len(s.exits) < maxExits {
		s.exits = append(s.exits, exit{r.At, r.At, row, r.Next, r.Peer, r.What == evidence.SawSplit, -1})
	}
}

func (s *stop) arrival() (evidence.Sighting, bool) {
	if s.came < 0 {
		return evidence.Sighting{}, false
	}
	return s.rows[s.came], true
}
