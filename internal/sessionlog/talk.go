package sessionlog

import (
	"bytes"
	"strings"

	"mailflow/internal/exlog"
)

// Connecting is what a session waits for before there is a connection; the other
// words are those of Times.
const Connecting = "connection"

// A Talk is one session. Times are nanoseconds since 1970, UTC.
type Talk struct {
	ID       string
	Kind     exlog.Kind // of the log
	Owner    string     // the server whose log it is, as its connectors are named; "" where nothing says so
	Calls    []string   // what that server calls itself: in its greeting, in EHLO; these can be set to anything
	Remote   []string   // the other side; of a connectivity log also what its rows say of it
	Began    int64
	Ended    int64
	Torn     bool // its beginning or its end is not in the logs
	Messages int  // that were accepted
	Parts    []Part
	File     string // of its first row
	Line     int64
}

// A Part is what one message took of a session: from connecting, or from its MAIL,
// to the reply to its end. Of a connectivity log it is the whole.
type Part struct {
	From, To int64
	Accepted bool
	Reply    string // to its end

	Silence int64  // the longest in which neither side said anything
	Silent  int64  // when that began
	Awaited string // what for
	After   string // the line before it, with its sign
	Until   string // the line that ended it
	Refused int    // replies 4xx and 5xx
	Refusal string // the first of them
	Pauses  []Held // that the server says it made
	File    string // of the line before the silence, else of the first
	Line    int64
	mailed  bool
}

// A Held is a pause of the server's own making: "Tarpit for '0.00:00:05' due to
// 'DelayedAck'".
type Held struct {
	Reason string
	Took   int64
}

// Says tells whether a host is named as the other side.
func (t *Talk) Says(name string) bool {
	name = strings.ToLower(name)
	for _, text := range t.Remote {
		for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ,;:()[]<>=\"'", r) }) {
			if strings.TrimSuffix(word, ".") == name && name != "" {
				return true
			}
		}
	}
	return false
}

// maxPauses bounds the pauses that a part of a session lists.
const maxPauses = 20

// talk sums up the rows of a session.
func (t *Talks) talk(kind exlog.Kind, id, remote string, rows []line) Talk {
	first, last := rows[0], rows[len(rows)-1]
	f := t.files[first.file]
	s := t.server(f)
	talk := Talk{ID: id, Kind: kind, Owner: s.name, Remote: []string{remote}, Began: first.at, Ended: last.at, File: f.name, Line: first.line}
	for _, name := range []string{s.fqdn, s.helo} {
		if name != "" {
			talk.Calls = append(talk.Calls, name)
		}
	}
	e := ear{talk: &talk, files: t.files, client: client(kind == exlog.Send), number: -1}
	if kind == exlog.Connectivity {
		e.flight(rows)
		return talk
	}
	talk.Torn = last.event != '-' || first.event != '+' && !attempt(first)
	for _, l := range rows {
		e.hear(l)
	}
	if p := e.part; p != nil && (p.mailed || len(talk.Parts) == 0) { // the session ended first
		e.end(last.at)
	}
	return talk
}

// An ear follows what is said in a session.
type ear struct {
	talk    *Talk
	files   []talkFile
	client  byte
	last    line   // that was said; at is 0 where rows are missing behind it
	number  int64  // of the row before
	pending []verb // commands without a reply
	auth    bool   // a logon goes on
	hand    bool   // TLS is negotiated
	part    *Part
}

func attempt(l line) bool {
	return l.event == '*' && strings.HasPrefix(l.text, "attempting to connect")
}

// hear takes the next row.
func (e *ear) hear(l line) {
	if l.sequence > e.number+1 && e.number >= 0 {
		e.last.at = 0 // nobody knows who was silent meanwhile
	}
	e.number = l.sequence
	if e.part == nil && len(e.talk.Parts) == 0 {
		e.begin(l)
	}
	if l.event == '*' && !attempt(l) {
		e.note(l)
		return
	}
	if e.auth && l.event == e.client && command([]byte(l.text)) == vOther {
		l.text = "(not kept)"
	}
	l.text = discreet(l.text)
	e.silence(l)
	e.said(l)
	e.last = l
}

// said takes a line of either side, or that they are connected.
func (e *ear) said(l line) {
	switch l.event {
	case '+':
		e.pending = []verb{vGreeting}
	case '-':
	case e.client:
		e.command(l)
	case '<', '>':
		e.reply(l)
	}
}

// begin starts the part of another message.
func (e *ear) begin(l line) {
	e.part = &Part{From: l.at, File: e.files[l.file].name, Line: l.line}
}

// end closes the part of a message.
func (e *ear) end(at int64) {
	e.part.To = at
	e.talk.Parts = append(e.talk.Parts, *e.part)
	e.part = nil
}

// silence judges the time since the line before.
func (e *ear) silence(l line) {
	took := l.at - e.last.at
	if e.last.at == 0 || e.part == nil || took <= e.part.Silence {
		return
	}
	p := e.part
	p.Silence, p.Silent, p.Awaited, p.After, p.Until = took, e.last.at, e.due(), e.last.words(), l.words()
	p.File, p.Line = e.files[e.last.file].name, e.last.line
}

// words is a line as the log has it.
func (l line) words() string { return strings.TrimSpace(string(rune(l.event)) + " " + l.text) }

// due is what the session waits for.
func (e *ear) due() string {
	switch {
	case attempt(e.last):
		return Connecting
	case len(e.pending) > 0:
		return e.pending[0].String()
	case e.hand:
		return Handshake
	case e.auth:
		return vAuth.String()
	}
	return Pause
}

// command takes a line of the client.
func (e *ear) command(l line) {
	v := command([]byte(l.text))
	if e.auth && v == vOther {
		return
	}
	e.hand = false
	if v == vMail {
		switch {
		case e.part == nil:
			e.begin(l)
		case e.part.mailed && !e.ending(): // the one before was refused
			e.end(l.at)
			e.begin(l)
		}
		e.part.mailed = true
	}
	if len(e.pending) < maxPending {
		e.pending = append(e.pending, v)
	}
}

// ending says that the reply to the end of a message is due: what comes before it
// was sent ahead (RFC 3030 section 4.2).
func (e *ear) ending() bool {
	for _, v := range e.pending {
		if v == vBody || v == vBdatLast {
			return true
		}
	}
	return false
}

// reply takes a line of the server.
func (e *ear) reply(l line) {
	n, ends := code([]byte(l.text))
	if n == 0 || !ends {
		return
	}
	v := vUnasked
	if len(e.pending) > 0 {
		v, e.pending = e.pending[0], e.pending[1:]
	}
	if e.auth = n == 334; n >= 400 && e.part != nil {
		if e.part.Refused++; e.part.Refused == 1 {
			e.part.Refusal = l.text
		}
	}
	switch {
	case n == 354:
		e.pending = append([]verb{vBody}, e.pending...)
	case v == vStartTLS || v == vAnonymousTLS:
		e.hand = n < 300
	case v == vBody || v == vBdatLast:
		e.done(l, n < 400)
	}
}

// done takes the reply to the end of a message.
func (e *ear) done(l line, accepted bool) {
	if accepted {
		e.talk.Messages++
	}
	if e.part != nil {
		e.part.Reply, e.part.Accepted = l.text, accepted
		e.end(l.at)
	}
}

// note takes what the server notes besides.
func (e *ear) note(l line) {
	if text, found := strings.CutPrefix(l.text, "Tarpit for '"); found && e.part != nil && len(e.part.Pauses) < maxPauses {
		if took, reason := tarpit([]byte(text)); took > 0 {
			e.part.Pauses = append(e.part.Pauses, Held{reason, took})
		}
	}
}

// flight sums up a connection of a connectivity log, which tells its steps.
func (e *ear) flight(rows []line) {
	first, last := rows[0], rows[len(rows)-1]
	e.talk.Torn = first.event != '+' || last.event != '-'
	e.begin(first)
	for _, l := range rows {
		e.silence(l)
		e.last = l
		e.talk.Remote = append(e.talk.Remote, l.text)
		if _, count, found := bytes.Cut([]byte(l.text), []byte("Messages: ")); found && l.event == '-' {
			e.talk.Messages = int(number(count))
		}
	}
	e.part.Awaited = ""
	e.end(last.at)
}
