package collectors

import (
	"bytes"
	"hash/maphash"
	"io"
	"time"

	"mailflow/evidence"
	"mailflow/internal/maillog"
	"mailflow/internal/walltime"
)

// everyone is for logs that say by a row of its own that a message is done with:
// it is not counted down to by its recipients.
const everyone = 1 << 30

// A mailLog reads the log of Postfix, Exim or Sendmail.
type mailLog struct {
	*ledger
	export *evidence.Export
	file   int32
	owner  int32
	years  *maillog.Years
	wall   *walltime.Clock
	said   bool // that the year was inferred
	what   [1]byte
	mine   int    // place of the file's server among those that no log names, -1 for none yet
	host   []byte // of the line before, which most lines have too
	server int32
	stamp  maillog.Stamp // of the line before, many of which are of one second
	at     int64
}

// mailKind is the server that a format is of, "" for other formats.
func mailKind(format string) maillog.Kind {
	switch format {
	case formatPostfix:
		return maillog.Postfix
	case formatExim:
		return maillog.Exim
	case formatSendmail:
		return maillog.Sendmail
	}
	return ""
}

// mail reads one file, and gives the server of its first row.
func (l *ledger) mail(x *evidence.Export, file int32, kind maillog.Kind, wall *time.Location, now time.Time, in io.Reader) (owner int32) {
	r := maillog.NewReader(in, kind)
	t := &mailLog{ledger: l, export: x, file: file, owner: none, years: maillog.NewYears(now), wall: walltime.NewClock(wall), server: none, mine: -1}
	if l.follow != nil {
		r.Skim(func(m *maillog.Event) bool { return l.follow.mails.concerns(l, t.serverFor(m), m.Queue) })
	}
	for r.Next() {
		e := r.Event()
		if now.IsZero() && !e.Stamp.HasYear {
			note(x, int(e.Line), "the times have no year, and there is no clock to infer it from: not read")
			break
		}
		if len(e.Queue) > 0 {
			x.Objects++
			if l.trail != nil {
				l.trail.Row(r.Offset(), e.Line)
			}
			t.event(e)
		} else if e.What == maillog.Unfiltered || e.What == maillog.Rejected {
			t.atTheDoor(e)
		}
	}
	if t.years.Again() != nil {
		note(x, 0, "the lines have no year, and span more than one: times of the earlier ones are years too late")
	}
	for _, p := range r.Problems() {
		note(x, int(p.Line), p.What)
	}
	if err := r.Err(); err != nil {
		note(x, 0, "not read to its end: "+because(err))
	}
	return t.owner
}

// event takes one event of a message.
func (t *mailLog) event(m *maillog.Event) {
	var e entry // field by field: one that is made elsewhere and copied costs as much as all the rest
	e.queue, e.at, e.to = m.Queue, t.time(m), everyone
	e.place.file, e.place.line = t.file, int32(m.Line)
	if len(m.Host) == 0 {
		e.server = t.unnamed(m, e.at)
	} else {
		e.server = t.writer(m.Host)
	}
	if e.server == none {
		return
	}
	if t.owner == none {
		t.owner = e.server
	}
	if t.trail != nil {
		t.attend(m, &e)
	}
	t.what[0] = byte(m.What)
	e.what, e.whom = t.what[:], m.Raw
	if t.follow != nil {
		t.follow.mail(m, &e)
		return
	}
	if t.again(&e) {
		return
	}
	t.servers[e.server].saw(e.at)
	switch m.What {
	case maillog.Received:
		if old := t.find(&e); old != nil && old.came {
			t.replaced(old) // short ids are used again
		}
		t.arrive(&e).named(m.MessageID)
	case maillog.Identified:
		old := t.find(&e)
		if old == nil {
			old = t.arrive(&e)
		}
		old.named(m.MessageID)
	case maillog.Sent:
		e.rcpt = t.recipient(m)
		old := t.since(&e, m)
		e.to = 0
		t.depart(&e, &exit{hop: t.hopTo(e.server, nextHop(m)), at: e.at, rcpt: e.rcpt, mail: idOf(old, &e), place: e.place})
	case maillog.Deferred:
		e.rcpt = t.recipient(m)
		t.since(&e, m)
		hop := t.bound(&e, m)
		t.deferred(&e, hop, mailReason(m))
		if old := t.find(&e); hop == none && old != nil && old.more != nil {
			old.more.toward = clipped(domainFor(m), maxLabel)
		}
	case maillog.Rejected:
		t.atTheDoor(m)
		if bytes.HasSuffix(m.Process, []byte("/cleanup")) { // the whole message; else one of its recipients
			e.to = 0
			t.stop(&e)
		}
	case maillog.Bounced, maillog.Expired, maillog.Discarded:
		e.to = 0
		t.stop(&e)
	case maillog.Removed:
		if old := t.find(&e); old != nil {
			t.finish(old)
		}
	case maillog.Requeued:
		t.requeued(&e, m.QueuedAs)
	}
}

// requeued goes on with a message under the id that it was given anew.
func (t *mailLog) requeued(e *entry, as []byte) {
	old := t.find(e)
	if old == nil || !old.came {
		return
	}
	anew := entry{server: e.server, queue: as, at: old.at, to: e.to, place: old.place}
	id := bytes.Clone(old.id)
	t.finish(old)
	t.arrive(&anew).named(id)
}

// attend leaves a trail of a line, for those who follow its message.
func (t *mailLog) attend(m *maillog.Event, e *entry) {
	t.attendance.here(e)
	t.keyOf(e)
	t.trail.Add(uint32(e.hash >> 32))
	t.trail.requeues = t.trail.requeues || m.What == maillog.Requeued
	if len(m.MessageID) > 0 {
		t.trail.Add(keyOfMail(t.seed, m.MessageID))
	}
}

// serverFor is the server of a line, also of one that does not name it.
func (t *mailLog) serverFor(m *maillog.Event) int32 {
	if len(m.Host) == 0 {
		return t.unnamed(m, t.time(m))
	}
	return t.writer(m.Host)
}

// writer is the server of a line.
func (t *mailLog) writer(host []byte) int32 {
	if t.server == none || !bytes.Equal(host, t.host) {
		t.host, t.server = append(t.host[:0], host...), t.serverOf(host)
	}
	return t.server
}

// recipient tells one recipient from another.
func (t *mailLog) recipient(m *maillog.Event) uint32 {
	if len(m.To) == 0 {
		return 0
	}
	return uint32(maphash.Bytes(t.seed, m.To)) | 1
}

// idOf is the message id of a message, or its id in the queue where none was read.
func idOf(m *message, e *entry) []byte {
	if m != nil && len(m.id) > 0 {
		return m.id
	}
	return e.queue
}

// since gives the message of a line, nil if it is not known. It takes the coming of
// one that came before the log begins, by the delay that the server itself gives.
func (t *mailLog) since(e *entry, m *maillog.Event) *message {
	old := t.find(e)
	if m.HasDelay && old != nil && old.came {
		old.trust(e.at - int64(m.Delay))
	}
	if !m.HasDelay || old != nil && old.came {
		return old
	}
	came := *e
	came.at -= int64(m.Delay)
	return t.arrive(&came)
}

// turned is by how much the hands of a clock are moved at most without anybody
// saying so: a message does not wait for a change of daylight saving.
const turned = int64(25 * time.Minute)

// trust takes the coming of a message by the delay that the server gives, where its
// own stamps say something else by far: its clock was moved, or shows local time.
func (m *message) trust(came int64) {
	if d := m.at - came; d > turned || d < -turned {
		m.at = came
	}
}

// time is when a line was written.
func (t *mailLog) time(m *maillog.Event) int64 {
	if m.Stamp != t.stamp || t.at == 0 {
		t.stamp, t.at = m.Stamp, t.placed(m)
	}
	return t.at
}

// placed finds the time of a line. One without a zone is of the clock of the file;
// one without a year is given that which the order of lines and the clock of the
// case allow, and that is said.
func (t *mailLog) placed(m *maillog.Event) int64 {
	s := t.years.Place(m.Stamp)
	if s.Inferred && !t.said {
		t.said = true
		note(t.export, int(m.Line), "the times have no year: "+utc(s.Nano).Format("2006")+" was inferred")
	}
	if s.HasZone {
		return s.Nano
	}
	return t.wall.UTC(s.Nano)
}

// bound is the next hop of a message that did not leave, if the line has it:
// Exim may name its transport only, which serves many.
func (t *mailLog) bound(e *entry, m *maillog.Event) int32 {
	to, said := hostSaid(m)
	if !said || t.source == string(maillog.Exim) && bytes.IndexByte(m.Relay, '[') < 0 {
		return none
	}
	return t.hopTo(e.server, to)
}

// nextHop is the host of a relay, or else the domain that the mail is for.
func nextHop(m *maillog.Event) []byte {
	if to, said := hostSaid(m); said {
		return to
	}
	return domainFor(m)
}

// domainFor is the domain of the recipient; "none" where the line has none.
func domainFor(m *maillog.Event) []byte {
	if i := bytes.LastIndexByte(m.To, '@'); i >= 0 && i+1 < len(m.To) {
		return bytes.ToLower(bytes.TrimRight(m.To[i+1:], "> "))
	}
	if len(m.Relay) > 0 {
		return m.Relay
	}
	return []byte("none")
}

// hostSaid is the host of a relay without its address and port. Where no host was
// reached, Postfix names it in the reason; where none was found, it names none.
func hostSaid(m *maillog.Event) (host []byte, said bool) {
	relay := m.Relay
	if string(relay) == "none" || len(relay) == 0 {
		host, found := bytes.CutPrefix(m.Reason, []byte("connect to "))
		if !found {
			return nil, false
		}
		host, _, _ = bytes.Cut(host, []byte("]"))
		relay = append(bytes.Clone(host), ']')
	}
	name, address, bracket := bytes.Cut(relay, []byte("["))
	if name = bytes.TrimRight(name, ". "); len(name) > 0 || !bracket {
		return name, true
	}
	address, _, _ = bytes.Cut(address, []byte("]"))
	return address, true
}

// mailReason is why an attempt was put off.
func mailReason(m *maillog.Event) string {
	if text := bytes.TrimSpace(m.Reason); len(text) > 0 {
		return clipped(text, maxReason)
	}
	return "no reason given"
}
