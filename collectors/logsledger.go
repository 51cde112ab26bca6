package collectors

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

// Bounds on the messages that have not left.
const (
	maxOpen  = 2_000_000                 // at once, some 100 bytes each
	horizon  = int64(3 * 24 * time.Hour) // Exchange gives mail up after two days
	disorder = int64(time.Minute)        // by which the rows of one server may be out of order
	maxPuts  = 64                        // attempts put off that are kept for one message
	maxEarly = 16
	none     = int32(-1)
	chunk    = 4096
)

// A message is one that a server has: it came, or something else was said of it
// before its coming was read.
type message struct {
	key        uint64
	at         int64  // when it came, else when it was first spoken of
	seen       int64  // when it last was
	mail       uint32 // of its message id: a queue database made anew gives internal ids a second time
	server     int32
	hop        int32 // the first that it left for
	goes       int32 // the next hop of the last attempt that was put off
	depth      int32
	to         int32 // recipients for which nothing was done yet
	tries      int32
	prev, next int32
	place      place
	came       bool
	gone       bool   // it left, or ended
	late       bool   // the last that was said is that an attempt was put off
	store      bool   // it came from a mailbox
	id         []byte // message id, while it is here; its room is kept for the next
	more       *particulars
}

// particulars are what few messages have.
type particulars struct {
	hops   []int32 // further ones that it left for
	early  []exit  // departures that were read before it came
	puts   []put   // attempts put off without a word about where to
	failed []try   // the first attempts put off
	toward string  // the domain it is for, where an attempt was put off without a word about where to

	queued []uint32 // recipients for whom it was put into a queue, where rows are of one recipient each
	tried  bool     // an attempt was begun
}

// A try is an attempt that was put off; its hop is none where the row names none.
type try struct {
	hop  int32
	rcpt uint32 // of its recipient, where the row is about one; else 0
	at   int64
}

// An entry is what one row says of a message. Its slices are good until the next row.
type entry struct {
	server int32
	queue  []byte // id of the message on the server
	mail   []byte // message id, without <>
	at     int64
	to     int32  // recipients that the row is about
	what   []byte // the row's word for what it tells
	whom   []byte // the recipients, as the row has them
	place  place
	rcpt   uint32 // of the recipient, where the row is about one
	hash   uint64 // of queue and mail, once they were asked for
	mails  uint32
}

// A place is a row of a file, in less memory than evidence.Where.
type place struct{ file, line int32 }

// An exit is a departure.
type exit struct {
	hop   int32
	at    int64
	rcpt  uint32
	peer  []byte // that took the message over
	mail  []byte // message id
	row   fields // of message tracking, while it is read
	place place
}

// A ledger follows messages from their coming to their leaving.
type ledger struct {
	source   string // family of the log that is read
	files    []string
	seed     maphash.Seed
	open     map[uint64]int32
	chunks   [][]message
	free     []int32
	made     int32
	names    map[string]int32
	locals   map[string]int32 // names of servers whose times are of a zone that nobody named
	servers  []*logServer
	hops     []*hop
	kept     int // passages in the samples
	most     int // messages at once
	copies   copies
	nameless nameless
	trace    trace
	follow   *follower // not nil: nothing is counted, and a few messages are followed
	local    bool      // the file that is read has times of a zone that nobody named

	reason     string // of the last attempt that was put off
	attendance attendance
	trail      *trail // of the file that is read, nil for none
	trails     map[string]*trail
	least      int64 // bytes of a log of which a trail is left, 0 for none
	room       int64 // bytes that they may still take
}

func newLedger() *ledger {
	return &ledger{seed: maphash.MakeSeed(), open: map[uint64]int32{}, names: map[string]int32{}, locals: map[string]int32{}, most: maxOpen}
}

func (l *ledger) where(p place) evidence.Where {
	return evidence.Where{File: l.files[p.file], Line: int(p.line)}
}

func (l *ledger) message(at int32) *message { return &l.chunks[at/chunk][at%chunk] }

func (l *ledger) keyOf(e *entry) uint64 {
	if e.hash == 0 {
		e.hash = maphash.Bytes(l.seed, e.queue) | 1
	}
	return e.hash ^ uint64(e.server+1)*0x9e3779b97f4a7c15
}

func (l *ledger) mailOf(e *entry) uint32 {
	if e.mails == 0 && len(e.mail) > 0 {
		e.mails = uint32(maphash.Bytes(l.seed, e.mail)) | 1
	}
	return e.mails
}

// find finds the message of a row, nil where there is none.
func (l *ledger) find(e *entry) *message {
	at, ok := l.open[l.keyOf(e)]
	if !ok {
		return nil
	}
	m := l.message(at)
	if mail := l.mailOf(e); mail != 0 && m.mail != 0 && mail != m.mail {
		return nil
	}
	return m
}

// begin makes a message. One that had its id before is forgotten.
func (l *ledger) begin(e *entry) *message {
	key := l.keyOf(e)
	if old, ok := l.open[key]; ok {
		l.replaced(l.message(old))
	}
	l.expire(e.server)
	at := l.place()
	m := l.message(at)
	*m = message{key: key, at: e.at, seen: e.at, mail: l.mailOf(e), server: e.server, hop: none, goes: none, place: e.place, prev: l.servers[e.server].newest, next: none, id: m.id[:0]}
	s := l.servers[e.server]
	if s.newest != none {
		l.message(s.newest).next = at
	} else {
		s.oldest = at
	}
	s.newest = at
	s.kept++
	l.open[key] = at
	m.named(e.mail)
	return m
}

// named takes the message id of a message, for those that turn out to wait.
func (m *message) named(mail []byte) {
	if len(m.id) == 0 {
		m.id = append(m.id, mail[:min(len(mail), maxID)]...)
	}
}

// place finds room for a message.
func (l *ledger) place() int32 {
	if n := len(l.free); n > 0 {
		at := l.free[n-1]
		l.free = l.free[:n-1]
		return at
	}
	at := l.made
	l.made++
	if int(at/chunk) == len(l.chunks) {
		l.chunks = append(l.chunks, make([]message, chunk))
	}
	return at
}

// expire makes room: of what is older than the horizon, and else of the oldest.
func (l *ledger) expire(at int32) {
	s := l.servers[at]
	for s.oldest != none && s.last-l.message(s.oldest).seen > horizon {
		l.give(l.message(s.oldest))
	}
	if len(l.open) < l.most {
		return
	}
	if s.oldest == none {
		s = slices.MaxFunc(l.servers, func(a, b *logServer) int { return cmp.Compare(a.kept, b.kept) })
	}
	m := l.message(s.oldest)
	if m.came && !m.gone {
		s.dropped++
	}
	l.end(m)
}

// give gives a message up.
func (l *ledger) give(m *message) {
	if m.came && !m.gone {
		l.servers[m.server].lost++
	}
	l.end(m)
}

// replaced gives a message up whose id is another's now.
func (l *ledger) replaced(m *message) {
	if m.came && !m.gone {
		l.servers[m.server].replaced++
	}
	l.end(m)
}

// end takes a message off the ledger.
func (l *ledger) end(m *message) {
	l.left(m)
	s, at := l.servers[m.server], l.open[m.key]
	if m.prev != none {
		l.message(m.prev).next = m.next
	} else {
		s.oldest = m.next
	}
	if m.next != none {
		l.message(m.next).prev = m.prev
	} else {
		s.newest = m.prev
	}
	s.kept--
	delete(l.open, m.key)
	m.more, m.id = nil, m.id[:0]
	l.free = append(l.free, at)
}

// left says that a message no longer waits as a whole.
func (l *ledger) left(m *message) {
	if m.came && !m.gone {
		l.servers[m.server].open--
	}
	m.gone = m.gone || m.came
}

// arrive takes a message that came. One id may have several rows: more recipients.
func (l *ledger) arrive(e *entry) *message {
	s := l.servers[e.server]
	s.saw(e.at)
	m := l.find(e)
	if m == nil {
		m = l.begin(e)
	}
	m.to += e.to
	if m.came {
		return m
	}
	m.came, m.at, m.seen, m.depth, m.place = true, e.at, max(m.seen, e.at), s.open, e.place
	s.open++
	if m.more != nil {
		for _, x := range m.more.early {
			l.pass(m, &x)
		}
		m.more.early = nil
	}
	return m
}

// depart takes a message that left for a next hop.
func (l *ledger) depart(e *entry, x *exit) {
	l.servers[e.server].saw(e.at)
	m := l.find(e)
	if m == nil {
		m = l.begin(e)
	}
	m.seen, m.late = max(m.seen, e.at), false
	m.to -= e.to
	if m.came {
		l.pass(m, x)
	} else {
		l.early(m, x)
	}
	if m.came && m.to <= 0 {
		l.end(m)
	} else if len(e.mail) > 0 {
		m.id = nil // its rows name it; many stay for days
	}
}

// early keeps a departure until its coming is read.
func (l *ledger) early(m *message, x *exit) {
	if m.more == nil {
		m.more = &particulars{}
	}
	if len(m.more.early) < maxEarly {
		m.more.early = append(m.more.early, exit{hop: x.hop, at: x.at, place: x.place, peer: slices.Clone(x.peer), mail: slices.Clone(x.mail)})
	}
}

// pass counts a departure, the first of a message for its next hop.
func (l *ledger) pass(m *message, x *exit) {
	if m.store && !m.gone {
		l.servers[m.server].storesLeft++
	}
	l.left(m)
	if !m.first(x.hop) {
		return
	}
	if x.at < m.at-disorder {
		l.servers[m.server].backwards++
		return
	}
	h := l.hops[x.hop]
	h.begin(l.where(x.place))
	l.kept += h.pass(passage{came: m.at, left: max(m.at, x.at), depth: m.depth, tries: m.tries, tried: m.tried(x.hop, x.rcpt)}, x)
	l.putOff(m, h)
	if l.kept > maxPassages {
		l.thin()
	}
}

// first says whether a message had not left for this hop before.
func (m *message) first(hop int32) bool {
	switch {
	case m.hop == hop || m.more != nil && slices.Contains(m.more.hops, hop):
		return false
	case m.hop == none:
		m.hop = hop
		return true
	case m.more == nil:
		m.more = &particulars{}
	}
	m.more.hops = append(m.more.hops, hop)
	return true
}

// putOff counts the attempts that were put off for this next hop, as it shows now.
func (l *ledger) putOff(m *message, h *hop) {
	if m.more == nil {
		return
	}
	for _, p := range m.more.puts {
		h.begin(p.where)
		h.putOff(p)
	}
	m.more.puts = nil
}

// Bounds of the attempts that are kept with a message.
const (
	maxTried   = 16
	oneAttempt = int64(10 * time.Second) // rows of one attempt, each of a recipient
)

// notDue is what Exim says of an address whose time has not come: no attempt is made.
const notDue = "retry time not reached"

// try keeps when an attempt was put off.
func (m *message) try(t try) {
	if m.more == nil {
		m.more = &particulars{}
	}
	if len(m.more.failed) < maxTried {
		m.more.failed = append(m.more.failed, t)
	}
}

// tried lists the attempts for one hop, in nanoseconds since the message came: those for
// a recipient, where the rows tell.
func (m *message) tried(hop int32, rcpt uint32) (all []int64) {
	if m.more == nil {
		return nil
	}
	last := m.at - 2*oneAttempt
	for _, t := range m.more.failed {
		if (t.hop == hop || t.hop == none) && (t.rcpt == rcpt || t.rcpt == 0 || rcpt == 0) && t.at >= m.at && t.at > last+oneAttempt {
			all, last = append(all, t.at-m.at), t.at
		}
	}
	return all
}

// thin makes all samples smaller.
func (l *ledger) thin() {
	l.kept = 0
	for _, h := range l.hops {
		l.kept += h.halve()
	}
}

// deferred takes an attempt that was put off, for a next hop if the row names one.
func (l *ledger) deferred(e *entry, hop int32, reason string) {
	l.servers[e.server].saw(e.at)
	if reason == l.reason { // one text in memory for all that say the same
		reason = l.reason
	}
	l.reason = reason
	p := put{reason, e.at, l.where(e.place)}
	m := l.find(e)
	if m == nil {
		m = l.begin(e)
	}
	m.tries++
	if !strings.Contains(reason, notDue) {
		m.try(try{hop, e.rcpt, e.at})
	}
	m.late, m.seen = true, max(m.seen, e.at)
	m.named(e.mail)
	if hop != none {
		l.hops[hop].begin(p.where)
		l.hops[hop].putOff(p)
		m.goes = hop
		return
	}
	if m.more == nil {
		m.more = &particulars{}
	}
	if len(m.more.puts) < maxPuts {
		m.more.puts = append(m.more.puts, p)
	}
}
