package journey

import (
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

// join ties the stops of a message together, by the surest sign first.
func (s *scene) join(t *trip) {
	t.tie(direct, s.byID)
	t.tie(relayed, s.byHost)
	t.tie(direct, s.byFilter)
	s.byHold(t)
	t.tie(direct, s.byBoth)
	t.tie(direct, s.byReceiver)
	t.tieLast(relayed, s.bySender)
	t.tie(relayed, s.byThird)
	t.tie(guessed, s.byMessage)
}

// A sign says whether an exit of one stop led to another.
type sign func(from *stop, x *exit, to *stop) bool

// tie ties every stop that has none before it yet to the exit that a sign finds.
func (t *trip) tie(how tie, fits sign) {
	for at := range t.stops {
		t.tieOne(at, how, fits, false)
	}
}

// tieLast does it from the end. Where nothing says from where a message came, the
// first coming is the one that none of these exits led to.
func (t *trip) tieLast(how tie, fits sign) {
	for at := range slices.Backward(t.stops) {
		t.tieOne(at, how, fits, true)
	}
}

func (t *trip) tieOne(at int, how tie, fits sign, last bool) {
	to := t.stops[at]
	if to.from >= 0 {
		return
	}
	if from, out := t.choose(at, fits, last); from >= 0 {
		to.from, to.out, to.tie = from, out, how
		t.stops[from].exits[out].taken = at
	}
}

// choose finds the exit for a stop: of several, on the same server the last before
// it, else the first or the last that is left, since both sides have them in the
// same order.
func (t *trip) choose(at int, fits sign, last bool) (from, out int) {
	from, out = -1, -1
	to := t.stops[at]
	for i, s := range t.stops {
		if i == at || t.behind(i, at) {
			continue
		}
		for j := range s.exits {
			x := &s.exits[j]
			if x.taken >= 0 || !fits(s, x, to) {
				continue
			}
			if from < 0 || better(s, x, t.stops[from], &t.stops[from].exits[out], to, last) {
				from, out = i, j
			}
		}
	}
	return from, out
}

func better(a *stop, x *exit, b *stop, y *exit, to *stop, last bool) bool {
	switch {
	case a.server == to.server && b.server == to.server:
		return x.first.After(y.first) && !x.first.After(to.rows[0].At)
	case last:
		return x.first.After(y.first)
	}
	return x.first.Before(y.first)
}

// behind says whether a stop comes after another: ways do not close.
func (t *trip) behind(at, before int) bool {
	for n := 0; at >= 0 && n <= len(t.stops); n++ {
		if at == before {
			return true
		}
		at = t.stops[at].from
	}
	return false
}

// byID: the reply names the id that the message got there.
func (s *scene) byID(from *stop, x *exit, to *stop) bool {
	if x.next == "" || x.next != to.queue {
		return false
	}
	if x.split || loopback(x.peer) {
		return from.server == to.server
	}
	there, known := s.known(x.peer)
	return !known || there == to.server
}

// byHost: handed to another service of the same host under its own name, as the
// mailbox server's submission and delivery are since Exchange 2013.
func (s *scene) byHost(from *stop, x *exit, to *stop) bool {
	if from.server != to.server || !s.is(x.peer, from.server) || to.rows[0].At.Before(from.rows[0].At) {
		return false
	}
	came, ok := to.arrival()
	return foreseen(x, to) && (!ok || s.is(came.Peer, from.server))
}

// byBoth: each names the other.
func (s *scene) byBoth(from *stop, x *exit, to *stop) bool {
	return s.byReceiver(from, x, to) && s.is(x.peer, to.server)
}

// soon is how quickly a content filter on the same host gives back what it was
// given. Later it is a program that sent the message again.
const soon = time.Minute

// byFilter: given to a program on the same host, and back from it.
func (s *scene) byFilter(from *stop, x *exit, to *stop) bool {
	came, ok := to.arrival()
	if !ok || from.server != to.server || !loopback(x.peer) || came.At.After(x.last.Add(soon)) || came.At.Before(from.rows[0].At) {
		return false
	}
	return foreseen(x, to) && (loopback(came.Peer) || came.Peer == "" && came.What == evidence.SawSubmitted)
}

// byReceiver: the server that it came to names the one that it came from.
func (s *scene) byReceiver(from *stop, x *exit, to *stop) bool {
	came, ok := to.arrival()
	if !ok || x.split || came.Peer == "" || from.server == to.server || !foreseen(x, to) {
		return false
	}
	there, known := s.known(x.peer)
	return s.is(came.Peer, from.server) && (!known || there == to.server)
}

// bySender: the server that it came from names the one that it came to. What
// stands between them may have answered for it.
func (s *scene) bySender(from *stop, x *exit, to *stop) bool {
	came, ok := to.arrival()
	if !ok || x.split || from.server == to.server || !foreseen(x, to) || came.What != evidence.SawCame && came.Peer == "" {
		return false
	}
	_, other := s.known(came.Peer)
	return s.is(x.peer, to.server) && !other
}

// foreseen says whether a stop may be the one whose id the reply names: ids of one
// making have to be equal.
func foreseen(x *exit, to *stop) bool {
	switch a, b := number(x.next), number(to.queue); {
	case x.next == "" || to.queue == "" || x.next == to.queue:
		return true
	case a || b:
		return a != b
	}
	return len(x.next) != len(to.queue)
}

func number(id string) bool { return strings.Trim(id, "0123456789") == "" }

// byThird: it left to a host, and came from it.
func (s *scene) byThird(from *stop, x *exit, to *stop) bool {
	came, ok := to.arrival()
	if !ok || x.split || came.Peer == "" || plain(came.Peer) != plain(x.peer) || loopback(x.peer) {
		return false
	}
	return from.server != to.server || !x.first.After(came.At)
}

// patience is how far apart the two ends of a way may be that nothing but the
// message ties together. Clocks may differ by a zone.
const patience = 26 * time.Hour

// byMessage: it left to a host without a log, and came from another such.
func (s *scene) byMessage(from *stop, x *exit, to *stop) bool {
	came, ok := to.arrival()
	if !ok || x.split || came.What != evidence.SawCame || from.server == to.server || loopback(x.peer) || came.Peer == "" {
		return false
	}
	_, sent := s.known(x.peer)
	_, got := s.known(came.Peer)
	apart := came.At.Sub(x.first)
	return !sent && !got && apart > -patience/2 && apart < patience
}
