package sessionlog

import (
	"bytes"

	"mailflow/internal/exlog"
)

// The columns of a protocol log, in the order of reader().
const (
	colConnector = iota
	colSession
	colSequence
	colLocal
	colRemote
	colEvent
	colData
	colContext
)

// protocol takes one row of a protocol log of Exchange 2007 or later.
func (f *file) protocol(r *exlog.Reader, at int64) {
	out := f.kind == exlog.Send
	sign, remote := r.Field(colEvent), r.Field(colRemote)
	if len(sign) != 1 {
		return
	}
	event, text := sign[0], r.Field(colData)
	if len(text) == 0 && event == '*' {
		text = r.Field(colContext)
	}
	s := f.sessionOf(r, remote, event, at)
	if s == nil || s.again(number(r.Field(colSequence)), at, text) {
		return
	}
	s.seen, s.in, s.at = at, f.at, r.Line()
	if event != '*' {
		if s.peer == nil {
			f.meet(s, kindOf(out), out, r.Field(colConnector), r.Field(colLocal), remote)
		}
		if !s.counted {
			s.peer.start(s)
		}
	}
	f.event(s, at, event, text, r, out)
}

// sessionOf finds the session of a row, or begins it; nil where the row is all
// that is in the log of one.
func (f *file) sessionOf(r *exlog.Reader, remote []byte, event byte, at int64) *session {
	b := f.book
	key := mix(b.hash(r.Field(colSession)), b.hash(remote))
	s := b.find(key)
	if s != nil && event == '+' && s.greeted {
		b.tear(s) // its end is missing, and its number is used again
		s = nil
	}
	if s == nil && event != '-' {
		s = b.begin(key)
		s.file, s.line, s.began, s.whole = f.at, r.Line(), at, event == '+'
	}
	return s
}

// again takes the number of a row, and says whether it is the row before that
// stands there twice. Where rows are missing nobody knows who was silent meanwhile.
func (s *session) again(sequence, at int64, text []byte) bool {
	if sequence > 0 && sequence == s.sequence && at == s.seen && s.rows.count > 0 && bytes.Equal(s.rows.newest(), text[:min(len(text), keptBytes)]) {
		return true
	}
	if sequence > s.sequence+1 && s.seen != 0 {
		s.heard = 0
	}
	s.sequence = sequence
	return false
}

func kindOf(out bool) byte {
	if out {
		return kindSend
	}
	return kindReceive
}

// event takes what happened at a session.
func (f *file) event(s *session, at int64, event byte, text []byte, r *exlog.Reader, out bool) {
	b := f.book
	if s.auth != noVerb && event == client(out) && command(text) == vOther {
		text = []byte("(not kept)")
	}
	s.rows.keep(at, event, text)
	switch event {
	case '<', '>':
		s.silence(at, text, false)
		if event == client(out) {
			b.command(s, at, text)
		} else {
			b.reply(s, at, text)
		}
		s.heard = at
	case '+':
		s.connected(at)
	case '-':
		s.silence(at, nil, true)
		f.closed(s, at, r.Field(colContext))
	case '*':
		f.info(s, at, text, r, out)
	}
}

// client is the sign of what the client of a session says.
func client(out bool) byte {
	if out {
		return '>'
	}
	return '<'
}

// connected: the connection is made, and the greeting is due.
func (s *session) connected(at int64) {
	if s.peer.out {
		s.peer.call().Worked++
	}
	s.whole, s.heard = true, at
	s.ask(vGreeting, 0)
}

// closed ends a session.
func (f *file) closed(s *session, at int64, context []byte) {
	if v, _ := s.due(); v != vPause && v != vQuit && !s.farewell && s.whole && s.heard != 0 {
		s.peer.cut(s, v, at, context)
	}
	if s.whole && !s.mailed && !s.refused && s.heard != 0 && s.greeted {
		s.peer.unused++
	}
	f.book.finish(s, at)
}

// finish ends a session that is counted.
func (b *Book) finish(s *session, at int64) {
	s.release()
	if s.tarpit > 0 {
		s.peer.tarpitted(noVerb, false, s.tarpit, s.reason, s.seen)
	}
	if s.counted {
		s.peer.stop(s, at)
	}
	b.drop(s)
}

// tear ends a session whose end is not in the log.
func (b *Book) tear(s *session) {
	if s.peer == nil {
		b.drop(s)
		return
	}
	s.peer.unended++
	b.finish(s, s.seen)
}

// cut counts a session that ended while a reply was due.
func (p *peer) cut(s *session, v verb, at int64, context []byte) {
	name := v.String()
	x := p.cuts[name]
	if x == nil {
		if p.cuts == nil {
			p.cuts = map[string]*Cut{}
		}
		x = &Cut{Verb: name, First: at, Last: at, Longest: -1}
		p.cuts[name] = x
	}
	x.Count++
	switch {
	case bytes.Equal(context, []byte("Local")):
		x.Local++
	case bytes.Equal(context, []byte("Remote")):
		x.Remote++
	default:
		x.Broken++
	}
	if s.size > 0 && (x.Least == 0 || s.size < x.Least) {
		x.Least = s.size
	}
	x.First, x.Last = min(x.First, at), max(x.Last, at)
	if took := at - s.heard; took > x.Longest || took == x.Longest && s.heard < x.At {
		x.Longest, x.At, x.file, x.Line, x.Rows = took, s.heard, s.file, s.line, s.rows.excerpt()
	}
}
