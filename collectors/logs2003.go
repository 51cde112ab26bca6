package collectors

import (
	"bytes"
	"hash/maphash"
	"io"
	"slices"

	"mailflow/evidence"
	"mailflow/internal/exlog"
)

// The columns of message tracking of Exchange 2000 and 2003 that are read, in the
// order of columns2003().
const (
	col03Client = iota
	col03Partner
	col03Server
	col03To
	col03Event
	col03Mail
)

func columns2003() []string {
	return []string{"Client-hostname", "Partner-name", "Server-hostname", "Recipient-address", "Event-ID", "MSGID"}
}

// sourceTracking2003 is how evidence.HopTraffic names these logs.
const sourceTracking2003 = "tracking 2003"

// A deed is what an event of Exchange 2000 and 2003 does to a message.
type deed int

const (
	otherDeed     deed = iota
	deedCame           // at this server
	deedMoved          // through it: it is there
	deedQueued         // for a next hop, where it waits
	deedTried          // an attempt to send it begins
	deedLeft           // for another server
	deedDelivered      // into a mailbox of this server
	deedHanded         // to the store, which says so itself when it has it
	deedPutOff
	deedEnded
)

// deed2003 tells the events apart (KB 821905, KB 311739; knowledge/evidence-formats.md,
// section 1, where those are marked that are from memory: 1022 and 1026, 1037, 1038
// and 1039 to 1041).
func deed2003(event string) deed {
	switch event {
	case "1019", "1027", "0", "4", "1012", "1013":
		return deedCame
	case "1024", "1025", "1033":
		return deedMoved
	case "1034", "1036", "1010", "1038":
		return deedQueued
	case "1020":
		return deedTried
	case "1031", "6", "1011", "1029":
		return deedLeft
	case "1028", "1000", "9":
		return deedDelivered
	case "1023":
		return deedHanded
	case "1032", "1035", "1037":
		return deedPutOff
	case "1021", "1022", "1026", "1030", "1039", "1040", "1041", "43", "50":
		return deedEnded
	}
	return otherDeed
}

// putOff2003 is why an attempt was put off: these logs say no more than that.
func putOff2003(event string) string {
	switch event {
	case "1032":
		return "categorization is to be tried again (event 1032)"
	case "1035":
		return "routing is to be tried again (event 1035)"
	}
	return "local delivery is to be tried again (event 1037; what it means is from memory)"
}

// A tracking2003 reads message tracking of Exchange 2000 and 2003. A message has no
// id there but the one that it was sent with, and an event that is about several
// recipients mostly has a row for each.
type tracking2003 struct {
	*ledger
	*exlog.Reader
	file  int32
	owner int32
	last  [adjoining]uint64 // of attempts, that were read last
	next  int
}

// adjoining is how far apart the rows of one event may stand.
const adjoining = 64

// tracking2003 reads one file, and gives the server that wrote it.
func (l *ledger) tracking2003(x *evidence.Export, file int32, r io.Reader) (owner int32) {
	rows := exlog.NewReader(r, columns2003())
	t := &tracking2003{ledger: l, Reader: rows, file: file, owner: none}
	readRows(x, rows, t.row)
	return t.owner
}

func (t *tracking2003) row(at int64) {
	what := t.Field(col03Event)
	does := deed2003(string(what))
	id := bytes.Trim(t.Field(col03Mail), "<> ")
	if does == otherDeed || len(id) == 0 {
		return
	}
	e := &entry{queue: id, mail: id, at: at, to: everyone, what: what, whom: t.Field(col03To), place: place{t.file, int32(t.Line())}}
	if e.server = t.writer(); e.server == none {
		return
	}
	if t.follow != nil {
		t.follow.here(e)
		if t.follow.wants(id) {
			t.followed(e, does)
		}
		return
	}
	if t.again(e) {
		return
	}
	t.servers[e.server].saw(at)
	t.do(does, e)
}

// writer is the server that wrote the row: that of the file where the row does not
// say it.
func (t *tracking2003) writer() int32 {
	name := t.Field(col03Server)
	if len(name) == 0 {
		return t.owner
	}
	at := t.serverOf(name)
	if t.owner == none {
		t.owner = at
	}
	return at
}

func (t *tracking2003) do(does deed, e *entry) {
	switch does {
	case deedCame:
		t.come(e)
	case deedMoved:
		t.there(e)
	case deedQueued:
		t.wait(e)
	case deedTried:
		t.try(e)
	case deedLeft:
		t.leave(e, t.partner())
	case deedDelivered:
		t.leave(e, []byte(mailboxes))
	case deedHanded:
		t.hand(e)
	case deedPutOff:
		t.postpone(e)
	case deedEnded:
		t.stop(e)
	}
}

// come takes a message that came. The event may be written again for one that is
// here; but one that had left, and for which nothing waits, came once more: a
// filter sent it back, or it goes in a circle.
func (t *tracking2003) come(e *entry) {
	m := t.find(e)
	if m != nil && m.came && m.gone && !m.late {
		t.end(m)
		m = nil
	}
	if m == nil || !m.came {
		t.arrive(e)
	}
}

// there finds a message that is here. One whose coming is not in the log came
// before the row, and no later.
func (t *tracking2003) there(e *entry) *message {
	if m := t.find(e); m != nil && m.came {
		return m
	}
	return t.arrive(e)
}

// partner is the server or domain on the other side.
func (t *tracking2003) partner() []byte {
	if name := bytes.TrimSpace(t.Field(col03Partner)); len(name) > 0 {
		return name
	}
	return []byte("a host that the log does not name")
}

// whom is the recipient of a row as a number, 0 for none.
func (t *tracking2003) whom(e *entry) uint32 {
	if len(e.whom) == 0 {
		return 0
	}
	return uint32(maphash.Bytes(t.seed, bytes.ToLower(e.whom))) | 1
}

// wait takes a message that is put into a queue: it waits there until a row says
// that it left, for that recipient.
func (t *tracking2003) wait(e *entry) {
	m := t.there(e)
	m.late, m.seen = true, max(m.seen, e.at)
	switch partner := bytes.TrimSpace(t.Field(col03Partner)); {
	case string(e.what) == "1036":
		m.goes = t.hopTo(e.server, []byte(mailboxes))
	case len(partner) > 0:
		m.goes = t.hopTo(e.server, partner)
	}
	if m.more == nil {
		m.more = &particulars{}
	}
	if whom := t.whom(e); whom != 0 && len(m.more.queued) < maxPuts && !slices.Contains(m.more.queued, whom) {
		m.more.queued = append(m.more.queued, whom)
	}
}

// settled says that nothing of a message waits any more, once it left for a
// recipient. Where rows write recipients in different ways, no one is left over.
func (m *message) settled(whom uint32) bool {
	if m.more == nil {
		m.late = false
		return true
	}
	list := m.more.queued
	at := slices.IndexFunc(list, func(w uint32) bool { return w == whom || w == whom^1 })
	if at < 0 {
		list = nil
	} else {
		list = slices.Delete(list, at, at+1)
	}
	m.more.queued = list
	m.late = slices.ContainsFunc(list, waits2003)
	return !m.late
}

// waits2003 tells recipients who wait from those whose copy the store was handed.
func waits2003(whom uint32) bool { return whom&1 == 1 }

// hand takes a message that the store was handed for a recipient.
func (t *tracking2003) hand(e *entry) {
	m, whom := t.there(e), t.whom(e)
	if m.more != nil {
		if at := slices.Index(m.more.queued, whom); at >= 0 {
			m.more.queued[at] ^= 1
		}
		m.late = slices.ContainsFunc(m.more.queued, waits2003)
	}
	if !m.late {
		t.settle(m)
	}
}

func (t *tracking2003) leave(e *entry, to []byte) {
	whom := t.whom(e)
	e.to = 0
	m := t.find(e)
	t.depart(e, &exit{hop: t.hopTo(e.server, to), at: e.at, peer: t.Field(col03Partner), mail: e.mail, place: e.place})
	if m != nil && m.came && m.settled(whom) && m.more != nil && len(m.more.hops) == 0 {
		m.more = nil // of most there is no more to say, and they stay for days
	}
}

// try counts attempts: each but the first follows one that came to nothing.
func (t *tracking2003) try(e *entry) {
	if t.alike(e) {
		return
	}
	m := t.there(e)
	m.seen = max(m.seen, e.at)
	if m.more == nil {
		m.more = &particulars{}
	}
	if m.more.tried {
		m.tries++
	}
	m.more.tried = true
}

// postpone takes an attempt that was put off.
func (t *tracking2003) postpone(e *entry) {
	if t.alike(e) {
		return
	}
	t.there(e)
	hop := none
	if string(e.what) == "1037" {
		hop = t.hopTo(e.server, []byte(mailboxes))
	}
	t.deferred(e, hop, putOff2003(string(e.what)))
}

// alike says that the row is of an event that was read, about another recipient.
func (t *tracking2003) alike(e *entry) bool {
	key := t.rowKey(&entry{server: e.server, queue: e.queue, what: e.what, at: e.at})
	if slices.Contains(t.last[:], key) {
		return true
	}
	t.last[t.next%adjoining] = key
	t.next++
	return false
}
