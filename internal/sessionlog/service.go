package sessionlog

import (
	"bytes"

	"mailflow/internal/exlog"
)

// The columns of the log of the SMTP service of Windows.
const (
	colClient = iota
	colUser
	colComputer
	colOwn
	colPort
	colMethod
	colQuery
	colStatus
	colTaken
)

// idle is how long a session may say nothing before a row counts as of another:
// the virtual server itself ends sessions after ten minutes of inactivity (1.3 of
// knowledge/exchange.md).
const idle = int64(11 * 60e9)

// w3c takes one row. The log has no names for sessions: rows with the same two
// addresses and names are taken as of one, up to QUIT, to another greeting, or to
// a long silence (knowledge/evidence-formats.md, section 4). Two at once between
// the same hosts are so taken for one.
func (f *file) w3c(r *exlog.Reader, at int64) {
	switch user := r.Field(colUser); string(user) {
	case "OutboundConnectionCommand":
		f.outbound(r, at, '>')
	case "OutboundConnectionResponse":
		f.outbound(r, at, '<')
	default:
		f.inbound(r, at)
	}
}

// joined finds the session of a row, or begins it.
func (f *file) joined(r *exlog.Reader, at int64, out, anew bool) *session {
	b := f.book
	key := mix(mix(b.hash(r.Field(colClient)), b.hash(r.Field(colComputer))), truth(out)+2)
	if !out {
		key = mix(key, b.hash(r.Field(colUser)))
	}
	s := b.find(key)
	if s != nil && (anew || at-s.seen > idle) {
		f.ended(s)
		s = nil
	}
	if s == nil {
		s = b.begin(key)
		s.file, s.line, s.began = f.at, r.Line(), at
		s.seen = at
		if computer := r.Field(colComputer); len(computer) > 0 {
			f.known(computer)
			if root := &b.servers.list[b.servers.root(f.server)]; root.name == "" {
				root.name = fit(computer)
			}
		}
		remote := r.Field(colClient)
		if port := r.Field(colPort); out && len(port) > 0 {
			remote = append(append(bytes.Clone(remote), ':'), port...)
		}
		f.meet(s, kindService, out, nil, r.Field(colOwn), remote)
		s.peer.start(s)
	}
	s.seen, s.in, s.at = max(s.seen, at), f.at, r.Line()
	return s
}

// ended ends a session for which the log has no row that says so.
func (f *file) ended(s *session) {
	if !s.farewell && s.answered != vQuit {
		s.peer.unended++
	} else if s.whole && !s.mailed && !s.refused {
		s.peer.unused++
	}
	f.book.finish(s, s.seen)
}

// outbound takes what was said in a session that the service opened: the reply of
// the other side is in the query, with its blanks as plus signs.
func (f *file) outbound(r *exlog.Reader, at int64, event byte) {
	text := f.spoken(r.Field(colMethod), r.Field(colQuery))
	greeting := event == '<' && bytes.HasPrefix(text, []byte("220"))
	s := f.joined(r, at, true, false)
	if n, _ := code(text); greeting && n == 220 && s.greeted && s.count == 0 {
		s = f.joined(r, at, true, true)
	}
	if greeting && !s.greeted && s.count == 0 {
		s.whole, s.heard = true, 0
		s.ask(vGreeting, 0)
	}
	f.say(s, at, event, text, true)
	if event == '<' && s.answered == vQuit {
		f.ended(s)
	}
}

// spoken is a line as it was said. The log writes a plus sign for a blank; a plus
// sign that was said becomes a blank, too, since the two cannot be told apart.
func (f *file) spoken(method, query []byte) []byte {
	f.scratch = f.scratch[:0]
	if len(method) > 0 {
		f.scratch = append(append(f.scratch, method...), ' ')
		query = bytes.TrimLeft(query, "+ ")
	}
	f.scratch = append(f.scratch, query...)
	for i, c := range f.scratch {
		if c == '+' {
			f.scratch[i] = ' '
		}
	}
	return bytes.TrimRight(f.scratch, " ")
}

// inbound takes a command of a client with its reply, of which the log has the
// code and how long it took.
func (f *file) inbound(r *exlog.Reader, at int64) {
	method := r.Field(colMethod)
	n := number(r.Field(colStatus))
	if len(method) == 0 || n < 200 || n > 599 {
		return
	}
	line := f.spoken(method, r.Field(colQuery))
	v := command(line)
	s := f.joined(r, at, false, false)
	if v == vHello && s.answered != noVerb && s.answered != vHello && s.answered != vStartTLS {
		s = f.joined(r, at, false, true)
	}
	s.whole = s.whole || v == vHello
	took := min(max(number(r.Field(colTaken)), 0)*1e6, idle)
	s.heard = 0 // the log shows no pauses of the client
	f.say(s, at-took, '<', line, false)
	if v == vData {
		s.count = 0
		s.ask(vBody, s.to) // its time is that of the message (knowledge/evidence-formats.md, section 4)
	}
	if v == vQuit {
		n, took = 221, 0 // the service writes 240, and the length of the session
	}
	s.heard = at - took
	f.say(s, at, '>', digits(n), false)
	if v == vQuit {
		f.ended(s)
	}
}

// digits is a reply of which only the code is known.
func digits(n int64) []byte {
	return []byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)}
}

// unsure is how much less than it seems a time between two rows may be: they have
// whole seconds.
const unsure = int64(1e9)

// say takes a line of a session. A reply stands in one row, whatever lines it has.
func (f *file) say(s *session, at int64, event byte, text []byte, out bool) {
	s.rows.keep(at, event, text)
	s.silence(at, text, false)
	if event == client(out) {
		f.book.command(s, at, text)
	} else {
		if len(text) > 3 && text[3] == '-' {
			text[3] = ' '
		}
		f.book.reply(s, at, text)
	}
	if s.heard = at; out {
		s.heard += unsure
	}
}
