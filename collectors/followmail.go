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
// queue.
type mailTrail struct {
	byQueue bool // some of those that are followed are known by it alone
	recent  map[string]int32
	ring    []arrival
	next    int
	ours    map[string]string // by server and queue: the message
	key     []byte
}

// An arrival is a coming whose message id is not known yet.
type arrival struct {
	key  string
	e    entry
	said evidence.Sighting
}

// mail takes an event while messages are followed.
func (f *follower) mail(m *maillog.Event, e *entry) {
	f.here(e)
	t := &f.mails
	t.key = append(append(t.key[:0], byte(e.server), byte(e.server>>8)), m.Queue...)
	if m.What == maillog.Received {
		delete(t.ours, string(t.key)) // short ids are used again
	}
	if len(m.MessageID) > 0 && f.wants(m.MessageID) {
		f.trace(m, e, clipped(m.MessageID, maxID))
	} else if t.byQueue && f.wants(m.Queue) {
		f.trace(m, e, clipped(m.Queue, maxID))
	}
	mail, ours := t.ours[string(t.key)]
	switch {
	case ours:
		e.mail = []byte(mail)
		f.tell(m, e)
	case m.What == maillog.Received && len(m.MessageID) == 0:
		t.keep(m, e)
	}
}

// trace begins to follow a message, with what was read of its coming.
func (f *follower) trace(m *maillog.Event, e *entry, mail string) {
	t := &f.mails
	if t.ours == nil {
		t.ours = map[string]string{}
	}
	if _, already := t.ours[string(t.key)]; already || len(t.ours) >= maxSightings {
		return
	}
	t.ours[string(t.key)] = mail
	if at, known := t.recent[string(t.key)]; known && t.ring[at].key == string(t.key) {
		a := &t.ring[at]
		a.said.Message = mail
		f.saw(&a.e, a.said)
	} else if m.What == maillog.Identified {
		f.saw(e, evidence.Sighting{Message: mail, What: evidence.SawCame, Queue: clipped(m.Queue, maxID)})
	}
}

// keep remembers a coming for as long as maxRecent others come.
func (t *mailTrail) keep(m *maillog.Event, e *entry) {
	if t.recent == nil {
		t.recent, t.ring = map[string]int32{}, make([]arrival, maxRecent)
	}
	a := &t.ring[t.next]
	if at, known := t.recent[a.key]; known && int(at) == t.next {
		delete(t.recent, a.key)
	}
	*a = arrival{string(t.key), *e, cameIn(m)}
	a.e.queue, a.e.mail, a.e.what, a.e.whom = nil, nil, nil, nil
	t.recent[a.key] = int32(t.next)
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
	case maillog.Activated:
		f.from(m, e)
		return
	default:
		return
	}
	f.saw(e, s)
	if m.What == maillog.Removed {
		delete(f.mails.ours, string(f.mails.key))
	}
}

// from fills in the sender, which Postfix names on a line of its own behind the
// coming.
func (f *follower) from(m *maillog.Event, e *entry) {
	for i := len(f.rows) - 1; i >= max(0, len(f.rows)-64); i-- {
		r := &f.rows[i]
		if r.server == e.server && r.Queue == string(m.Queue) && r.Sender == "" && (r.What == evidence.SawCame || r.What == evidence.SawSubmitted) {
			r.Sender, r.Count = clipped(m.From, maxLabel), int(m.Recipients)
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
