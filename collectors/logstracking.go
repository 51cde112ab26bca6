package collectors

import (
	"bytes"
	"io"
	"strings"

	"mailflow/evidence"
	"mailflow/internal/exlog"
)

// The columns of message tracking that are read, in the order of columns().
const (
	colClient = iota
	colServer
	colContext
	colConnector
	colSource
	colEvent
	colQueue
	colMail
	colTo
	colStatus
	colReference
	colInfo
	colCustom
)

func columns() []string {
	return []string{"client-hostname", "server-hostname", "source-context", "connector-id", "source", "event-id", "internal-message-id", "message-id",
		"recipient-address", "recipient-status", "reference", "message-info", "custom-data"}
}

// mailboxes is the next hop of what is delivered to mailboxes.
const mailboxes = "mailboxes"

// A tracking reads message tracking of Exchange 2007 and later
// (knowledge/evidence-formats.md, section 2).
type tracking struct {
	*ledger
	*exlog.Reader
	file  int32
	owner int32 // the server of the first row, none before
}

// tracking reads one file, and gives the server that wrote it.
func (l *ledger) tracking(x *evidence.Export, file int32, r io.Reader) (owner int32) {
	t := &tracking{l, exlog.NewReader(r, columns()), file, none}
	for t.Next() {
		x.Objects++
		if at, ok := t.Time(); ok {
			t.row(at)
		} else {
			note(x, int(t.Line()), "a row without a time: left out")
		}
	}
	for _, p := range t.Problems() {
		note(x, int(p.Line), p.What)
	}
	if err := t.Err(); err != nil {
		note(x, int(t.Line()), "reading ended here: "+because(err))
	}
	return t.owner
}

// row takes one row. Events that neither bring a message nor end it (HA*, AGENTINFO,
// NOTIFYMAPI, DSN, ...) are passed over: shadow copies are no messages.
func (t *tracking) row(at int64) {
	e := entry{queue: t.Field(colQueue), at: at, place: place{t.file, int32(t.Line())}}
	if len(e.queue) == 0 {
		return // of mailbox submission: nothing ties these rows together
	}
	switch string(t.Field(colEvent)) {
	case "RECEIVE":
		t.receive(&e)
	case "SEND", "SENDEXTERNAL":
		t.send(&e)
	case "DELIVER":
		t.deliver(&e)
	case "SUBMIT":
		t.submit(&e)
	case "DEFER", "SUBMITDEFER", "RESUBMITDEFER":
		t.putOff(&e)
	case "TRANSFER":
		if t.ours(&e) {
			t.fork(&e, t.Field(colReference))
		}
	case "EXPAND":
		if t.ours(&e) {
			t.grow(&e)
		}
	case "FAIL", "DROP", "BADMAIL", "POISONMESSAGE", "SUPPRESSED", "INITMESSAGECREATED", "DUPLICATEDELIVER", "DUPLICATEEXPAND", "DUPLICATEREDIRECT", "SUBMITFAIL":
		if t.ours(&e) {
			t.stop(&e)
		}
	}
}

// rest reads what only the rows of use have to have read.
func (t *tracking) rest(e *entry) {
	e.mail = bytes.Trim(t.Field(colMail), "<>")
	e.to = int32(1 + bytes.Count(t.Field(colTo), []byte(";")))
}

// at reads the rest of a row of the server that a column names.
func (t *tracking) at(e *entry, column int) bool {
	if e.server = t.serverOf(t.Field(column)); e.server == none {
		return false
	}
	if t.owner == none {
		t.owner = e.server
	}
	t.rest(e)
	return true
}

// ours finds the server of a row by which of the two that it names has the
// message.
func (t *tracking) ours(e *entry) bool {
	t.rest(e)
	for _, column := range []int{colClient, colServer} {
		if e.server = t.known(t.Field(column)); e.server != none && t.find(e) != nil {
			return true
		}
	}
	return t.at(e, colClient) || t.at(e, colServer)
}

func (t *tracking) receive(e *entry) {
	if !t.at(e, colServer) {
		return
	}
	m := t.arrive(e)
	if string(t.Field(colSource)) == "STOREDRIVER" && !m.store {
		m.store = true
		t.servers[e.server].fromStores++
	}
}

func (t *tracking) send(e *entry) {
	if !t.at(e, colClient) {
		return
	}
	to := t.Field(colConnector)
	if len(to) == 0 {
		to = t.Field(colServer)
	}
	t.leave(e, to, t.Field(colServer))
}

func (t *tracking) deliver(e *entry) {
	if t.at(e, colClient) || t.at(e, colServer) {
		t.leave(e, []byte(mailboxes), t.Field(colServer))
	}
}

// submit takes what a mailbox server handed to a transport server, where it says
// when that came.
func (t *tracking) submit(e *entry) {
	if t.ours(e) && t.find(e) != nil {
		t.leave(e, t.Field(colServer), nil)
	}
}

func (t *tracking) leave(e *entry, to, peer []byte) {
	t.depart(e, &exit{hop: t.hopTo(e.server, to), at: e.at, peer: peer, mail: e.mail, info: t.Field(colInfo), place: e.place})
}

func (t *tracking) putOff(e *entry) {
	if t.ours(e) {
		t.deferred(e, t.bound(e), t.reason())
	}
}

// bound is the next hop that a row names for a message that did not leave. The
// connector may also be the one that it came by: those have the server's name and
// a backslash in theirs.
func (t *tracking) bound(e *entry) int32 {
	to, source := t.Field(colConnector), string(t.Field(colSource))
	switch {
	case source == "STOREDRIVER" && string(t.Field(colEvent)) == "DEFER":
		return t.hopTo(e.server, []byte(mailboxes))
	case len(to) == 0 || source == "AGENT" || bytes.IndexByte(to, '\\') >= 0:
		return none
	}
	return t.hopTo(e.server, to)
}

// reason is why an attempt was put off: the context, the answer for the
// recipients, or the word for it.
func (t *tracking) reason() string {
	for _, column := range []int{colContext, colStatus} {
		if text := bytes.TrimSpace(t.Field(column)); len(text) > 0 {
			return clipped(text, maxReason)
		}
	}
	_, rest, _ := strings.Cut(clipped(t.Field(colCustom), maxReason), "DeferReason=")
	word, _, _ := strings.Cut(rest, ";")
	if word == "" {
		return "no reason given"
	}
	return word
}

// latencies reads what the logging server says of its own components, in the
// tree of message-info since Exchange 2013: LSRV=server:TOTAL-HUB=9.2|SMR=0.2(SMRDE=0.1|SMRC=0.1)|QDE=9.0.
// It gives the time of each without that of its parts. Numbers without a point
// are of other units, and are passed over.
func latencies(info []byte, add func(name []byte, seconds float64)) {
	_, tree, found := bytes.Cut(info, []byte("LSRV="))
	if !found {
		return
	}
	tree, _, _ = bytes.Cut(tree, []byte(";"))
	if _, tree, found = bytes.Cut(tree, []byte(":")); found {
		p := &parts{text: tree, add: add}
		p.list(0)
	}
}

// parts reads such a tree.
type parts struct {
	text []byte
	add  func(name []byte, seconds float64)
}

const maxTree = 10 // levels

// list reads components up to a closing bracket, and gives their sum.
func (p *parts) list(level int) (sum float64) {
	for len(p.text) > 0 && level < maxTree {
		sum += p.part(level)
		if len(p.text) == 0 {
			break
		}
		sign := p.text[0]
		p.text = p.text[1:]
		if sign != '|' {
			break
		}
	}
	return sum
}

func (p *parts) part(level int) float64 {
	end := bytes.IndexAny(p.text, "|()")
	if end < 0 {
		end = len(p.text)
	}
	name, number, _ := bytes.Cut(p.text[:end], []byte("="))
	p.text = p.text[end:]
	inside := 0.0
	if len(p.text) > 0 && p.text[0] == '(' {
		p.text = p.text[1:]
		inside = p.list(level + 1)
	}
	value, ok := decimal(number)
	if own := value - inside; ok && own > 0.0005 && len(name) > 0 && !bytes.HasPrefix(name, []byte("TOTAL")) && !bytes.HasPrefix(name, []byte("X-")) {
		p.add(bytes.TrimSuffix(name, []byte("-INC")), own)
	}
	return value
}

// decimal reads seconds with their point; "-INC" behind them says that they go on.
func decimal(b []byte) (float64, bool) {
	whole, part, point := bytes.Cut(bytes.TrimSuffix(b, []byte("-INC")), []byte("."))
	n, ok1 := digits(whole)
	d, ok2 := digits(part)
	if !point || !ok1 || !ok2 {
		return 0, false
	}
	for range part {
		d /= 10
	}
	return n + d, true
}

func digits(b []byte) (n float64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + float64(c-'0')
	}
	return n, len(b) > 0 && len(b) <= 9
}
