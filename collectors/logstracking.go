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
	colSender
	colNetwork
	colEnd // how many there are
)

func columns() []string {
	return []string{"client-hostname", "server-hostname", "source-context", "connector-id", "source", "event-id", "internal-message-id", "message-id",
		"recipient-address", "recipient-status", "reference", "message-info", "custom-data", "sender-address", "network-message-id"}
}

// mailboxes is the next hop of what is delivered to mailboxes.
const mailboxes = evidence.ToMailboxes

// A tracking reads message tracking of Exchange 2007 and later
// (knowledge/evidence-formats.md, section 2).
type tracking struct {
	*ledger
	fields
	file  int32
	owner int32 // the server of the first row, none before
}

// fields are those of one row, in the order of columns().
type fields interface {
	Field(column int) []byte
	Line() int64
}

// tracking reads one file, and gives the server that wrote it.
func (l *ledger) tracking(x *evidence.Export, file int32, r io.Reader) (owner int32) {
	rows := exlog.NewReader(r, columns()).Often(colTo + 1)
	if l.follow != nil {
		rows.Often(colMail + 1)
	}
	t := &tracking{l, rows, file, none}
	readRows(x, rows, func(at int64) {
		if l.trail != nil {
			l.trail.row(rows.Offset(), rows.Line(), rows.Heads())
		}
		t.row(at)
	})
	return t.owner
}

// readRows reads a log of Exchange to its end.
func readRows(x *evidence.Export, rows *exlog.Reader, take func(at int64)) {
	for rows.Next() {
		x.Objects++
		if at, ok := rows.Time(); ok {
			take(at)
		} else {
			note(x, int(rows.Line()), "a row without a time: left out")
		}
	}
	for _, p := range rows.Problems() {
		note(x, int(p.Line), p.What)
	}
	if err := rows.Err(); err != nil {
		note(x, int(rows.Line()), "reading ended here: "+because(err))
	}
}

// row takes one row. Events that neither bring a message nor end it (HA*, AGENTINFO,
// NOTIFYMAPI, DSN, ...) are passed over: shadow copies are no messages.
func (t *tracking) row(at int64) {
	var e entry // field by field: one that is made elsewhere and copied costs as much as all the rest
	e.queue, e.at = t.Field(colQueue), at
	e.place.file, e.place.line = t.file, int32(t.Line())
	if t.follow != nil {
		t.followed(&e)
		return
	}
	if t.trail != nil {
		t.attend(&e)
	}
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
		if t.ours(&e) && !t.again(&e) {
			t.fork(&e, t.Field(colReference))
		}
	case "EXPAND":
		if t.ours(&e) && !t.again(&e) {
			t.grow(&e)
		}
	case "FAIL", "DROP", "BADMAIL", "POISONMESSAGE", "SUPPRESSED", "INITMESSAGECREATED", "DUPLICATEDELIVER", "DUPLICATEEXPAND", "DUPLICATEREDIRECT", "SUBMITFAIL":
		if t.ours(&e) && !t.again(&e) {
			t.stop(&e)
		}
	}
}

// attend leaves a trail of a row, for those who follow its message.
func (t *tracking) attend(e *entry) {
	if t.span(e, t.Field(colEvent)); e.server != none {
		t.attendance.here(e)
	}
	if e.mail = unbracketed(t.Field(colMail)); len(e.mail) > 0 {
		t.trail.Add(t.mailKey(e))
	}
}

// rest reads what only the rows of use have to have read.
func (t *tracking) rest(e *entry) {
	e.mail = unbracketed(t.Field(colMail))
	e.what, e.whom = t.Field(colEvent), t.Field(colTo)
	e.to = int32(1 + bytes.Count(e.whom, []byte(";")))
}

// unbracketed is a message id without <>.
func unbracketed(id []byte) []byte {
	if n := len(id); n > 2 && id[0] == '<' && id[n-1] == '>' && id[1] != '<' && id[1] != '>' && id[n-2] != '<' && id[n-2] != '>' {
		return id[1 : n-1] // as nearly all are
	}
	return bytes.Trim(id, "<>")
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
		if at, known := t.known()[string(t.Field(column))]; known {
			if e.server = at; t.find(e) != nil {
				return true
			}
		}
	}
	return t.at(e, colClient) || t.at(e, colServer)
}

func (t *tracking) receive(e *entry) {
	if !t.at(e, colServer) || t.again(e) {
		return
	}
	m := t.arrive(e)
	if string(t.Field(colSource)) == "STOREDRIVER" && !m.store {
		m.store = true
		t.servers[e.server].fromStores++
	}
}

func (t *tracking) send(e *entry) {
	if !t.at(e, colClient) || t.again(e) {
		return
	}
	to := t.Field(colConnector)
	if len(to) == 0 {
		to = t.Field(colServer)
	}
	t.leave(e, to, t.Field(colServer))
}

func (t *tracking) deliver(e *entry) {
	if (t.at(e, colClient) || t.at(e, colServer)) && !t.again(e) {
		t.leave(e, []byte(mailboxes), t.Field(colServer))
	}
}

// submit takes what a mailbox server handed to a transport server, where it says
// when that came.
func (t *tracking) submit(e *entry) {
	if t.ours(e) && t.find(e) != nil && !t.again(e) {
		t.leave(e, t.Field(colServer), nil)
	}
}

func (t *tracking) leave(e *entry, to, peer []byte) {
	t.depart(e, &exit{hop: t.hopTo(e.server, to), at: e.at, peer: peer, mail: e.mail, row: t.fields, place: e.place})
}

func (t *tracking) putOff(e *entry) {
	if t.ours(e) && !t.again(e) {
		t.deferred(e, t.bound(e), t.reason())
	}
}

// database is the mailbox database to which Exchange 2013 and later delivered a
// message, as custom-data has it; nil where it is not said. It is read of late
// messages only.
func (x *exit) database() []byte {
	if x.row == nil {
		return nil
	}
	_, name, _ := bytes.Cut(x.row.Field(colCustom), []byte("MailboxDatabaseName="))
	name, _, _ = bytes.Cut(name, []byte(";"))
	return bytes.TrimSpace(name)
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
