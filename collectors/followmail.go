package collectors

import (
	"bytes"
	"net/netip"
	"strings"

	"mailflow/evidence"
	"mailflow/internal/maillog"
)

// maxRecent is how many messages are remembered of which the id is not known yet:
// Postfix logs it a moment after the client, so that as many can be on their way
// in at once.
const maxRecent = 16384

// A mailTrail follows messages in logs whose lines name them by their id in the
// queue. Keys are of a server and that id.
type mailTrail struct {
	byQueue bool // some of those that are followed are known by it alone
	recent  map[uint64]int32
	ring    []arrival
	next    int
	ours    map[uint64]string // the message
}

// An arrival is a coming whose message id is not known yet.
type arrival struct {
	key                 uint64
	at                  int64
	server              int32
	place               place
	queue, client, user []byte
}

// mail takes an event while messages are followed.
func (f *follower) mail(m *maillog.Event, e *entry) {
	f.here(e)
	if m.What == maillog.Skimmed {
		return
	}
	t, key := &f.mails, f.keyOf(e)
	if m.What == maillog.Received {
		delete(t.ours, key) // short ids are used again
	}
	if len(m.MessageID) > 0 && f.wants(m.MessageID) {
		f.trace(m, e, key, clipped(m.MessageID, maxID))
	} else if t.byQueue && f.wants(m.Queue) {
		f.trace(m, e, key, clipped(m.Queue, maxID))
	}
	mail, ours := t.ours[key]
	switch {
	case ours:
		e.mail = []byte(mail)
		f.tell(m, e)
	case m.What == maillog.Received && len(m.MessageID) == 0:
		t.keep(m, e, key)
	}
	if ours && m.What == maillog.Requeued {
		f.requeued(m, e, mail)
	}
	if ours && m.What == maillog.Removed {
		delete(t.ours, key)
	}
}

// requeued goes on with a message under the id that it was given anew.
func (f *follower) requeued(m *maillog.Event, e *entry, mail string) {
	t := &f.mails
	t.ours[f.keyOf(&entry{server: e.server, queue: m.QueuedAs})] = mail
	delete(t.ours, f.keyOf(e))
	f.saw(e, evidence.Sighting{What: evidence.SawDone, Queue: clipped(m.Queue, maxID)})
}

// concerns says whether a line may be about a message that is followed, by its id in
// the queue.
func (t *mailTrail) concerns(l *ledger, server int32, queue []byte) bool {
	_, ours := t.ours[l.keyOf(&entry{server: server, queue: queue})]
	return ours || t.byQueue && l.follow.wants(queue)
}

// trace begins to follow a message, with what was read of its coming.
func (f *follower) trace(m *maillog.Event, e *entry, key uint64, mail string) {
	t := &f.mails
	if t.ours == nil {
		t.ours = map[uint64]string{}
	}
	if _, already := t.ours[key]; already || len(t.ours) >= maxSightings {
		return
	}
	t.ours[key] = mail
	if at, known := t.recent[key]; known && t.ring[at].key == key {
		f.remember(&t.ring[at], mail)
	} else if m.What == maillog.Identified {
		f.saw(e, evidence.Sighting{Message: mail, What: evidence.SawCame, Queue: clipped(m.Queue, maxID)})
	}
}

// remember hands over a coming that was read before.
func (f *follower) remember(a *arrival, mail string) {
	s := cameIn(&maillog.Event{Queue: a.queue, Client: a.client, User: a.user})
	s.Message = mail
	f.saw(&entry{server: a.server, at: a.at, place: a.place}, s)
}

// keep remembers a coming for as long as maxRecent others come.
func (t *mailTrail) keep(m *maillog.Event, e *entry, key uint64) {
	if t.recent == nil {
		t.recent, t.ring = make(map[uint64]int32, maxRecent), make([]arrival, maxRecent)
	}
	a := &t.ring[t.next]
	if at, known := t.recent[a.key]; known && int(at) == t.next {
		delete(t.recent, a.key)
	}
	a.key, a.at, a.server, a.place = key, e.at, e.server, e.place
	a.queue, a.client, a.user = append(a.queue[:0], m.Queue...), append(a.client[:0], m.Client[:min(len(m.Client), maxLabel)]...), append(a.user[:0], m.User[:min(len(m.User), 1)]...)
	t.recent[key] = int32(t.next)
	t.next = (t.next + 1) % maxRecent
}

// cameIn is how a message came: over SMTP, or from somebody who logged in or runs
// a program on the server.
func cameIn(m *maillog.Event) evidence.Sighting {
	s := evidence.Sighting{What: evidence.SawCame, Queue: clipped(m.Queue, maxID), Sender: clipped(m.From, maxLabel), Peer: hostOf(m.Client)}
	if len(m.User) > 0 || bytes.HasPrefix(m.Client, []byte("uid=")) || bytes.HasPrefix(m.Client, []byte("U=")) || len(m.Client) == 0 {
		s.What = evidence.SawSubmitted
	}
	if bytes.IndexByte(m.Client, '=') >= 0 {
		s.Peer, s.Text = "", "from a program of this host, "+clipped(m.Client, maxLabel)
	}
	return s
}

// tell hands a row over.
func (f *follower) tell(m *maillog.Event, e *entry) {
	s := evidence.Sighting{Queue: clipped(m.Queue, maxID), To: recipientsOf(m), Text: strings.TrimSpace(clipped(m.Reason, maxReason))}
	switch m.What {
	case maillog.Received:
		s = cameIn(m)
	case maillog.Sent:
		s.What, s.Peer, s.Hop, s.Next, s.Took = evidence.SawLeft, hostOf(m.Relay), string(nextHop(m)), clipped(m.QueuedAs, maxID), took(m.Attempt.Seconds())
		if inside(m) {
			s.What, s.Peer = evidence.SawDelivered, ""
		}
		if filtered(m) {
			s.What, s.Peer = evidence.SawLeft, "localhost"
		}
	case maillog.Deferred:
		s.What, s.Peer, s.Hop = evidence.SawPutOff, hostOf(m.Relay), string(nextHop(m))
	case maillog.Bounced, maillog.Expired:
		s.What = evidence.SawFailed
	case maillog.Discarded:
		s.What = evidence.SawDropped
	case maillog.Held:
		s.What = evidence.SawHeld
	case maillog.Removed:
		s.What = evidence.SawDone
	case maillog.Requeued:
		s.What, s.Next = evidence.SawSplit, clipped(m.QueuedAs, maxID)
	case maillog.Activated:
		f.from(m, e)
		return
	default:
		return
	}
	f.saw(e, s)
}

// from fills in the sender, which Postfix names on a line of its own behind the
// coming.
func (f *follower) from(m *maillog.Event, e *entry) {
	for i := len(f.rows) - 1; i >= max(0, len(f.rows)-64); i-- {
		r := &f.rows[i]
		switch {
		case r.server != e.server || r.Sender != "":
		case r.Queue == string(m.Queue) && (r.What == evidence.SawCame || r.What == evidence.SawSubmitted):
			r.Sender, r.Count = clipped(m.From, maxLabel), int(m.Recipients)
			return
		case r.What == evidence.SawSplit && r.Next == string(m.Queue):
			r.Sender = clipped(m.From, maxLabel)
			return
		}
	}
}

func recipientsOf(m *maillog.Event) []string {
	if len(m.To) == 0 {
		return nil
	}
	return []string{clipped(m.To, maxLabel)}
}

// inside says whether a message went to a mailbox, or to a program: there is no
// host behind it that took it into a queue of its own.
func inside(m *maillog.Event) bool {
	if len(m.QueuedAs) > 0 {
		return false
	}
	_, rest, bracket := bytes.Cut(m.Relay, []byte("["))
	address, _, _ := bytes.Cut(rest, []byte("]"))
	_, err := netip.ParseAddr(strings.TrimPrefix(strings.ToLower(string(address)), "ipv6:"))
	return !bracket || err != nil || bytes.HasSuffix(m.Process, []byte("/lmtp"))
}

// filtered says whether a message was given to a program that may send it back
// (pipe(8): "delivered via NAME service").
func filtered(m *maillog.Event) bool {
	return bytes.HasSuffix(m.Process, []byte("/pipe")) && len(m.QueuedAs) == 0
}

// hostOf is the name of a host, or its address where it has none.
func hostOf(b []byte) string {
	name, address, bracket := bytes.Cut(b, []byte("["))
	name = bytes.TrimRight(name, ". ")
	if bracket && (len(name) == 0 || string(name) == "unknown") {
		name, _, _ = bytes.Cut(address, []byte("]"))
	}
	if string(name) == "none" {
		return ""
	}
	return clipped(name, maxLabel)
}
