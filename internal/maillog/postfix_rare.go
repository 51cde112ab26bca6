package maillog

import "bytes"

// rare reads what a line with a queue id says now and then.
func (r *Reader) rare(s []byte) verdict {
	e := &r.event
	switch {
	case has(s, "host "), has(s, "conversation with "), has(s, "lost connection with "), has(s, "Cannot start TLS: "), has(s, "TLS is required, "):
		r.attempt(s)
	case has(s, "connect to "):
		r.unreachable(s)
	case has(s, "sender "), has(s, "postmaster "):
		r.notice(s)
	case has(s, "resent-message-id="):
		e.What, e.MessageID = Identified, bare(s[len("resent-message-id="):])
	case string(s) == "placed on hold":
		e.What = Held
	case string(s) == "released from hold", string(s) == "requeued":
		e.What = Released
	default:
		return r.decision(s)
	}
	return clean
}

// requeue reads "ID.PART to ID" of MailScanner, which takes a message that is held
// out of the queue and puts it back under an id of its own.
func (r *Reader) requeue(s []byte) {
	e := &r.event
	old, id, ok := cut(s, " to ")
	if dot := bytes.IndexByte(old, '.'); dot > 0 {
		old = old[:dot:dot]
	}
	if old, id = idAt(old), idAt(id); ok && string(e.Process) == "MailScanner" && len(old) > 0 && len(id) > 0 {
		e.What, e.Queue, e.QueuedAs = Requeued, old, id
	}
}

// noQueue reads a line without a queue id.
func (r *Reader) noQueue(s []byte) verdict {
	e := &r.event
	switch {
	case has(s, "connect from "):
		e.What, e.Client = Connected, s[len("connect from "):]
	case has(s, "warning: connect to Milter service "):
		r.unfiltered(s[len("warning: connect to Milter service "):])
	case has(s, "disconnect from "), has(s, "warning: "), has(s, "statistics: "):
		r.ours++ // without an event, and still Postfix
	case has(s, "CONNECT from "): // postscreen: from [a]:1 to [b]:25
		e.What = Connected
		e.Client, _, _ = cut(s[len("CONNECT from "):], " ")
	case has(s, "NOQUEUE: "):
		return r.decision(s[len("NOQUEUE: "):])
	case has(s, "connect to "):
		r.unreachable(s)
	case has(s, "lost connection after "), has(s, "timeout after "):
		r.dropped(s)
	case has(s, "SSL_connect error to "):
		e.What, e.Reason = Attempted, s
		e.Relay, _, _ = cut(s[len("SSL_connect error to "):], ": ")
	}
	return clean
}

// unreachable reads "connect to name[address]:25: Connection timed out".
func (r *Reader) unreachable(s []byte) {
	e := &r.event
	s = s[len("connect to "):]
	if relay, reason, ok := cut(s, ": "); ok {
		e.What, e.Relay, e.Reason = Unreachable, relay, reason
	}
}

// unfiltered reads "inet:127.0.0.1:8891: Connection refused".
func (r *Reader) unfiltered(s []byte) {
	e := &r.event
	if service, reason, ok := cut(s, ": "); ok {
		e.What, e.Relay, e.Reason = Unfiltered, service, reason
	}
}

// dropped reads "lost connection after DATA (5 bytes) from name[address]".
func (r *Reader) dropped(s []byte) {
	e := &r.event
	if i := bytes.LastIndex(s, []byte(" from ")); i > 0 {
		e.What, e.Reason, e.Client = Dropped, s[:i:i], s[i+len(" from "):]
	}
}

// attempt reads "host name[address] said: 450 ...", "host ... refused to talk to
// me: 421 ...", "conversation with name[address] timed out while ...", "lost
// connection with name[address] while ...".
func (r *Reader) attempt(s []byte) {
	e := &r.event
	e.What, e.Reason = Attempted, s
	for _, before := range [...]string{"host ", "conversation with ", "lost connection with ", "TLS is required, but was not offered by host "} {
		if has(s, before) {
			e.Relay, _, _ = cut(s[len(before):], " ")
		}
	}
	if _, reply, ok := cut(s, " said: "); ok {
		_, reply = replyCode(reply)
		e.DSN = statusCode(reply)
	}
}

// notice reads "sender delay notification: ID", "sender non-delivery
// notification: ID" and the like.
func (r *Reader) notice(s []byte) {
	e := &r.event
	if reason, id, ok := cut(s, " notification: "); ok {
		e.What, e.Reason, e.QueuedAs = Notified, reason, idAt(id)
	}
}

// decision reads what smtpd, postscreen or cleanup has decided about a message:
// "reject: RCPT from client: 450 4.2.0 reason; from=<a> to=<b> proto=...".
func (r *Reader) decision(s []byte) verdict {
	e := &r.event
	if has(s, "client=") { // NOQUEUE: a filter before the queue will give the message its id
		r.client(s)
		return clean
	}
	word, rest, ok := cut(s, ": ")
	if !ok {
		return clean
	}
	switch string(word) {
	case "reject", "milter-reject", "proxy-reject":
		e.What = Rejected
	case "hold", "milter-hold":
		e.What = Held
	case "discard", "milter-discard":
		e.What = Discarded
	default:
		return clean
	}
	r.decided(rest)
	return clean
}

// decided reads the client, the reason and the addresses. Of a header or a line
// of the body, only the text is taken: its writer may have put anything in it.
func (r *Reader) decided(s []byte) {
	e := &r.event
	e.Reason = s
	if has(s, "header ") || has(s, "body ") || has(s, "mime-header ") || has(s, "nested-header ") || has(s, "content ") {
		return
	}
	stage, rest, ok := cut(s, ": ")
	if !ok {
		return
	}
	if i := bytes.Index(stage, []byte(" from ")); i > 0 {
		e.Client = stage[i+len(" from "):]
	}
	code, text := replyCode(rest)
	e.DSN = statusCode(text)
	e.Temporary = e.What == Rejected && (code/100 == 4 || code == 0 && has(e.DSN, "4"))
	e.Reason = rest
	r.envelope(rest)
}

// envelope finds "; from=<a> to=<b> proto=..." behind a reason, or the same with
// commas, as postscreen writes it.
func (r *Reader) envelope(s []byte) {
	e := &r.event
	at := 0
	for range maxEnds {
		i := bytes.Index(s[at:], []byte("; from=<"))
		if i < 0 {
			return
		}
		at += i + len("; from=")
		if from, to, ok := addresses(s[at:]); ok {
			e.From, e.To = from, to
			e.Reason = s[: at-len("; from=") : at-len("; from=")]
			return
		}
	}
}

// addresses reads "<a> to=<b> proto=", where the recipient may be missing.
func addresses(s []byte) (from, to []byte, ok bool) {
	from, s, ok = angle(s)
	if !ok {
		return nil, nil, false
	}
	s = bytes.TrimPrefix(s, []byte(","))
	if has(s, " to=") {
		if to, s, ok = angle(s[len(" to="):]); !ok {
			return nil, nil, false
		}
		s = bytes.TrimPrefix(s, []byte(","))
	}
	return from, to, has(s, " proto=")
}
