package collectors

import (
	"bytes"
	"strings"

	"mailflow/evidence"
	"mailflow/internal/journey"
	"mailflow/internal/latency"
)

// followed takes a row of message tracking while messages are followed.
func (t *tracking) followed(e *entry) {
	event := t.Field(colEvent)
	if t.span(e, event); e.server != none {
		t.follow.here(e)
	}
	e.mail = unbracketed(t.Field(colMail))
	if len(e.mail) == 0 || !t.follow.wants(e.mail) {
		return
	}
	switch string(event) {
	case "RECEIVE":
		if t.at(e, colServer) && !t.again(e) {
			t.sawCame(e)
		}
	case "SEND", "SENDEXTERNAL":
		if t.at(e, colClient) && !t.again(e) {
			t.sawLeft(e)
		}
	case "DELIVER":
		if (t.at(e, colClient) || t.at(e, colServer)) && !t.again(e) {
			t.saw(e, evidence.SawDelivered, evidence.Sighting{Hop: mailboxes, Peer: t.text(colServer), Parts: latency.Parse(t.Field(colInfo))})
		}
	case "SUBMIT":
		t.sawSubmit(e)
	default:
		t.sawElse(e, string(event))
	}
}

// span finds the server that wrote a row, where the row's event says which it is.
func (t *tracking) span(e *entry, event []byte) {
	column := colServer
	switch string(event) {
	case "RECEIVE":
	case "SEND", "SENDEXTERNAL", "DELIVER", "SUBMIT":
		column = colClient
	default:
		e.server = none
		return
	}
	e.server = t.serverOf(t.Field(column))
}

func (t *tracking) text(column int) string { return clipped(t.Field(column), maxReason) }

// saw hands a row over.
func (t *tracking) saw(e *entry, what string, s evidence.Sighting) {
	s.What, s.Queue, s.Network = what, clipped(e.queue, maxID), t.text(colNetwork)
	s.Sender, s.To, s.Count = t.text(colSender), whom(e.whom), int(e.to)
	t.follow.saw(e, s)
}

// sawCame takes a message that came: over SMTP, from a mailbox, or out of a folder
// in which a program put it.
func (t *tracking) sawCame(e *entry) {
	session, _, _ := strings.Cut(t.text(colContext), ";")
	s := evidence.Sighting{Peer: t.text(colClient), Session: session}
	source := t.text(colSource)
	if source == "SMTP" {
		t.saw(e, evidence.SawCame, s)
		return
	}
	s.Text, s.Session = source, ""
	t.saw(e, evidence.SawSubmitted, s)
}

// sawLeft takes a message that another server took. Its reply stands behind the
// session, and names the id that the message has there.
func (t *tracking) sawLeft(e *entry) {
	session, reply, _ := strings.Cut(t.text(colContext), ";")
	s := evidence.Sighting{Peer: t.text(colServer), Hop: t.text(colConnector), Session: session, Text: reply, Next: given(reply), Parts: latency.Parse(t.Field(colInfo))}
	if s.Text == "" {
		s.Text = t.text(colStatus)
	}
	t.saw(e, evidence.SawLeft, s)
}

// sawSubmit takes what a mailbox server handed to a transport server. Up to 2010
// its row has no id in a queue; it is the mailbox server's own.
func (t *tracking) sawSubmit(e *entry) {
	if t.at(e, colClient) && t.serverOf(t.Field(colServer)) != e.server && !t.again(e) { // on one host it tells nothing
		t.saw(e, evidence.SawLeft, evidence.Sighting{Peer: t.text(colServer), Text: journey.Submit})
	}
}

func (t *tracking) sawElse(e *entry, event string) {
	what := trackedAs(event)
	if what == "" || !t.ours(e) || t.again(e) {
		return
	}
	s := evidence.Sighting{Text: t.reason()}
	switch what {
	case evidence.SawPutOff:
		s.Peer, s.Hop = t.text(colServer), t.text(colConnector)
	case evidence.SawSplit: // the row is that of the new message
		parent, _, _ := bytes.Cut(t.Field(colReference), []byte(";"))
		s.Next, e.queue, s.Text = clipped(e.queue, maxID), bytes.Clone(parent), ""
		if len(parent) == 0 {
			return
		}
	case evidence.SawFailed:
		s.Text = strings.TrimSpace(t.text(colStatus) + " " + t.text(colContext))
	case evidence.SawDropped:
		s.Text = event
	case evidence.SawAgain:
		s.Text = t.text(colSource)
	}
	t.saw(e, what, s)
}

// trackedAs tells the events apart (knowledge/evidence-formats.md, section 2).
func trackedAs(event string) string {
	switch event {
	case "DEFER", "SUBMITDEFER", "RESUBMITDEFER":
		return evidence.SawPutOff
	case "TRANSFER":
		return evidence.SawSplit
	case "EXPAND":
		return evidence.SawExpanded
	case "FAIL", "BADMAIL", "POISONMESSAGE", "SUBMITFAIL":
		return evidence.SawFailed
	case "RESUBMIT":
		return evidence.SawAgain
	case "DROP", "SUPPRESSED", "INITMESSAGECREATED", "DUPLICATEDELIVER", "DUPLICATEEXPAND", "DUPLICATEREDIRECT":
		return evidence.SawDropped
	}
	return ""
}

// given is the id that a server gives in its reply to a message that it took:
// Exchange its internal id, others that of the queue.
func given(reply string) string {
	for _, before := range []string{"[InternalId=", "ueued as ", "OK id="} {
		if _, rest, ok := strings.Cut(reply, before); ok {
			end := strings.IndexFunc(rest, func(r rune) bool {
				return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-')
			})
			if end < 0 {
				end = len(rest)
			}
			return rest[:min(end, maxID)]
		}
	}
	return ""
}
