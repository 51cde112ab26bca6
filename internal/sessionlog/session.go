package sessionlog

import (
	"cmp"
)

// A session is one that is open while its rows are read.
type session struct {
	state
	rows rows
}

// A state is how far a session has come.
type state struct {
	key      uint64
	peer     *peer // nil until it is known which server opened or took it
	file     int32
	line     int64
	began    int64
	heard    int64 // the latest line that either side said
	seen     int64 // the latest row
	in       int32 // the file of that row
	at       int64 // its line
	called   int64 // when connecting began, 0 unknown
	sequence int64
	waiting  [maxPending]pending
	first    uint8
	count    uint8
	more     int  // commands sent ahead for which there was no room
	auth     verb // the logon that goes on
	answered verb // what the last reply answered

	counted  bool // among the sessions of its peer
	whole    bool // its beginning is in the log
	greeted  bool
	offering bool // the reply to EHLO has begun, and its last line has not come
	mailed   bool // a message was begun
	refused  bool
	hand     bool   // TLS is being negotiated
	farewell bool   // 221 or 421 was said
	tarpit   int64  // that the log just told of
	reason   string // of that tarpit
	held     held

	from uint64 // of the sender
	to   uint64 // of the last recipient
	size int64  // of the message, where MAIL or BDAT says it
}

// A held is a reply whose time is not counted yet. Commands that were sent ahead
// are answered together, so that the pause before one that is refused stands before
// the acceptance of the first (seen in receive logs of Exchange 2013).
type held struct {
	verb    verb
	refused bool
	took    int64
	began   int64
	tarpit  int64
	reason  string
}

// maxPending is how many commands a client may send ahead and still have each
// reply told apart (RFC 2920). Exchange sends a few.
const maxPending = 16

// A pending is a command without its reply.
type pending struct {
	verb verb
	to   uint64 // the recipient that it names
}

func (s *session) reset() {
	s.state = state{}
	s.rows.count = 0 // their texts are written over
}

// bySilence orders sessions by their last row, and then by where they began.
func bySilence(a, b *session) int {
	return cmp.Or(cmp.Compare(a.seen, b.seen), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
}

// ask notes a command.
func (s *session) ask(v verb, to uint64) {
	if s.count == maxPending {
		s.more++
		return
	}
	s.waiting[(s.first+s.count)%maxPending] = pending{verb: v, to: to}
	s.count++
}

// answer gives the command that a reply is for.
func (s *session) answer() pending {
	if s.count == 0 {
		if s.auth != noVerb {
			return pending{verb: s.auth}
		}
		if s.more > 0 {
			s.more--
			return pending{verb: vOther}
		}
		return pending{verb: vUnasked}
	}
	p := s.waiting[s.first]
	s.first = (s.first + 1) % maxPending
	s.count--
	return p
}

// due is what the session waits for now, and whose turn it is.
func (s *session) due() (verb, Side) {
	switch {
	case s.hand:
		return vHandshake, Both
	case s.count > 0:
		v := s.waiting[s.first].verb
		if v == vBody || v == vBdat || v == vBdatLast {
			return v, Both
		}
		return v, Server
	case s.auth != noVerb || s.farewell || s.answered == noVerb:
		return vPause, Both
	}
	return vPause, Client
}

// command takes a line of the client.
func (b *Book) command(s *session, at int64, line []byte) {
	v := command(line)
	if s.auth != noVerb && v == vOther { // an answer within a logon
		return
	}
	s.offered()
	switch {
	case s.heard == 0 || s.count > 0:
	case s.hand:
		s.peer.took(vHandshake, false, at-s.heard, s.heard)
	case s.answered != noVerb && !s.rests(line, false):
		s.peer.took(vPause, false, at-s.heard, s.heard)
	}
	s.hand = false
	var to uint64
	switch v {
	case vHello:
		b.hello(s, line)
	case vMail:
		s.mailed, s.from, s.to, s.size = true, b.hash(address(line)), 0, size(line)
	case vRcpt:
		s.to = b.hash(address(line))
		to = s.to
	case vBdat, vBdatLast:
		s.size = max(s.size, number(behind(line, 5)))
		to = s.to
	}
	s.ask(v, to)
}

// offered ends a reply to EHLO whose last line is not in the log: no client goes on
// before it (RFC 2920 section 3.1). Else each later reply would be taken for that to
// the command before.
func (s *session) offered() {
	if s.offering && s.count > 0 && s.waiting[s.first].verb == vHello {
		s.answered = s.answer().verb
	}
	s.offering = false
}

// reply takes a line of the server.
func (b *Book) reply(s *session, at int64, line []byte) {
	n, ends := code(line)
	if n == 0 {
		return
	}
	if !ends {
		if s.count > 0 && s.waiting[s.first].verb == vHello {
			s.peer.offer(behind(line, 4))
			s.offering = true
		}
		return
	}
	s.offering = false
	p := s.answer()
	s.greeted, s.answered = true, p.verb
	s.hold(p.verb, n >= 400, at)
	switch {
	case n >= 400:
		b.refuse(s, p, n, at, line)
	case n == 354:
		s.ask(vBody, s.to)
	case n == 334 && (p.verb == vAuth || p.verb == vExps):
		s.auth = p.verb
		return
	case n == 221:
		s.farewell = true
	default:
		b.accept(s, p, at, line)
	}
	s.auth = noVerb
}

// hold keeps the time of a reply until those that came with it are known.
func (s *session) hold(v verb, refused bool, at int64) {
	took := max(at-s.heard, 0)
	if s.heard == 0 {
		took = 0
	}
	if took < finest && s.tarpit == 0 && s.held.verb != noVerb {
		s.held.refused = s.held.refused || refused
		if s.heard != 0 {
			s.peer.took(v, refused, took, s.heard)
		}
	} else {
		s.release()
		s.held = held{v, refused, took, s.heard, s.tarpit, s.reason}
		s.tarpit, s.reason = 0, ""
	}
	if s.count == 0 {
		s.release()
	}
}

// release counts the time of the reply that is held.
func (s *session) release() {
	h := s.held
	if h.verb == noVerb {
		return
	}
	if h.began != 0 {
		s.peer.took(h.verb, h.refused, h.took, h.began)
	}
	if h.tarpit > 0 {
		s.peer.tarpitted(h.verb, h.refused, h.tarpit, h.reason, h.began+h.took)
	}
	s.held = held{}
}

// accept takes a positive reply.
func (b *Book) accept(s *session, p pending, at int64, line []byte) {
	switch p.verb {
	case vGreeting:
		b.greets(s, line)
	case vHello:
		s.peer.offer(behind(line, 4))
	case vStartTLS, vAnonymousTLS:
		s.hand = true
	case vRcpt:
		s.peer.recipients++
		b.passed(s, p, at)
	case vBody, vBdatLast:
		s.peer.messages++
		s.peer.largest = max(s.peer.largest, s.size)
		b.passed(s, pending{to: s.to}, at)
		s.size = 0
	}
}

// refuse takes a 4xx or 5xx reply.
func (b *Book) refuse(s *session, p pending, n int, at int64, line []byte) {
	s.refused = true
	if n == 421 {
		s.farewell = true
	}
	x := s.peer.refusal(p.verb, n, line, at, s)
	if x == nil {
		return
	}
	if p.verb == vBody || p.verb == vBdatLast {
		p.to = s.to
	}
	if p.to == 0 {
		return
	}
	if x.about(b, s, p); n < 500 {
		b.putOff(s, p, x, at)
	}
}

// silence judges the time since either side said something, now that a row of
// the other, or the end, has come.
func (s *session) silence(at int64, line []byte, ended bool) {
	gap := at - s.heard
	if gap < Long || s.heard == 0 || s.peer == nil {
		return
	}
	v, side := s.due()
	if v == vPause && s.rests(line, ended) {
		return
	}
	s.peer.quiet(s, v, side, gap, ended)
}

// rests says whether a client that is silent has nothing to send: between two
// messages and before it leaves, connections are kept open for the next message.
func (s *session) rests(line []byte, ended bool) bool {
	return ended && !s.mailed || command(line) == vQuit || s.answered == vBody || s.answered == vBdatLast || s.answered == vReset
}
