package maillog

import "bytes"

// sendmail reads a line of Sendmail: "id: from=...", "id: to=..., stat=...". The
// process may have any name ("sm-mta", "sendmail"), but none with a slash: that is
// Postfix.
func (r *Reader) sendmail(line []byte) verdict {
	e := &r.event
	s, said := r.syslog(line)
	if s == nil || said != clean || r.slash {
		return said
	}
	if has(s, "NOQUEUE: connect from ") {
		r.ours++
		e.What, e.Client = Connected, s[len("NOQUEUE: connect from "):]
		return clean
	}
	n := sendmailID(s)
	if n == 0 {
		if has(s, "ruleset=") {
			r.ours++
			r.refusal(s)
		}
		return clean
	}
	e.Queue, s = s[:n:n], s[n+2:]
	r.ours++
	if r.skim != nil && has(s, "to=") && !r.skim(e) {
		e.What = Skimmed
		return clean
	}
	return r.sendmailText(s)
}

// sendmailText reads what stands behind the queue id.
func (r *Reader) sendmailText(s []byte) verdict {
	switch {
	case has(s, "to="):
		return r.sendmailTo(s)
	case has(s, "from="):
		return r.sendmailFrom(s)
	case has(s, "ruleset="), has(s, "milter="), has(s, "Milter: "):
		r.refusal(s)
	case has(s, "done; "):
		r.event.What = Removed
	case has(s, "lost input channel from "):
		r.event.What, r.event.Reason = Dropped, s
		r.event.Client, _, _ = cut(s[len("lost input channel from "):], " to ")
	case has(s, "timeout waiting for input from "):
		r.event.What, r.event.Reason = Attempted, s
		r.event.Relay, _, _ = cut(s[len("timeout waiting for input from "):], " during ")
	default:
		r.sendmailNotice(s)
	}
	return clean
}

// sendmailFrom reads "from=<a>, size=1, nrcpts=1, msgid=<b>, relay=name [address]".
func (r *Reader) sendmailFrom(s []byte) verdict {
	e := &r.event
	for len(s) > 0 {
		name, value, rest := pair(s)
		switch string(name) {
		case "from":
			e.From = bare(value)
		case "size":
			e.Size, _ = number(value)
		case "nrcpts":
			e.Recipients, _ = number(value)
		case "msgid":
			e.MessageID = bare(value)
		case "relay":
			e.Client = value
		case "":
			return damaged
		}
		s = rest
	}
	e.What = Received
	return clean
}

// sendmailTo reads "to=<a>,<b>, delay=..., relay=..., dsn=..., stat=...". The
// last value is free text.
func (r *Reader) sendmailTo(s []byte) verdict {
	e := &r.event
	for len(s) > 0 {
		if has(s, "stat=") {
			r.comma()
			r.outcome(s[len("stat="):])
			return clean
		}
		name, value, rest := pair(s)
		switch string(name) {
		case "to":
			e.To = value
			if !bytes.Contains(value, []byte(",<")) {
				e.To = bare(value)
			}
		case "delay":
			e.Delay, e.HasDelay = clockTime(value)
		case "xdelay":
			e.Attempt, _ = clockTime(value)
		case "relay":
			e.Relay = value
		case "dsn":
			e.DSN = value
		case "":
			return damaged
		}
		s = rest
	}
	return damaged
}

// comma mends "relay=name [address] dsn=4.0.0", which is seen without its comma.
func (r *Reader) comma() {
	e := &r.event
	if relay, dsn, ok := cut(e.Relay, " dsn="); ok && e.DSN == nil {
		e.Relay, e.DSN = relay, dsn
	}
}

// pair reads "name=value, " and gives the rest. Addresses in angle brackets may
// hold commas and stand in a row with a comma between. The name is empty when
// there is none.
func pair(s []byte) (name, value, rest []byte) {
	if !keyed(s) {
		return nil, nil, nil
	}
	n := bytes.IndexByte(s, '=')
	name, s = s[:n:n], s[n+1:]
	from := 0
	for has(s[from:], "<") {
		_, behind, ok := angle(s[from:])
		if !ok {
			break
		}
		from = len(s) - len(behind)
		if !has(behind, ",<") {
			break
		}
		from++
	}
	n = valueEnd(s, from)
	return name, s[:n:n], s[min(n+2, len(s)):]
}

// valueEnd is where the value that goes on at s[from:] ends: before a comma and a
// blank. Most values are so short that a loop is quicker than a search.
func valueEnd(s []byte, from int) int {
	for i := from; i+1 < len(s); i++ {
		if s[i] == ',' && s[i+1] == ' ' {
			return i
		}
	}
	return len(s)
}

// outcome reads what stands behind stat=. A status code of class 4, or the word
// Deferred, says that Sendmail will try again.
func (r *Reader) outcome(s []byte) {
	e := &r.event
	word, reason, _ := cut(s, ": ")
	e.Reason = s
	switch {
	case has(s, "Sent"):
		e.What = Sent
		_, reason, _ := cut(s, " (")
		e.Reason = bytes.TrimSuffix(reason, []byte(")"))
		e.QueuedAs = queuedAs(e.Reason)
	case has(s, "queued"):
		e.What = Postponed
	case string(word) == "Deferred":
		e.What, e.Reason = Deferred, reason
	case has(e.DSN, "4"):
		e.What = Deferred
	case has(e.DSN, "2"): // "stat=..." words of a mailer of its own
		e.What = Sent
	default:
		e.What = Bounced
	}
}

// refusal reads "ruleset=check_rcpt, arg1=<a>, relay=name [address], reject=450
// 4.7.1 reason", or the same of a milter.
func (r *Reader) refusal(s []byte) {
	e := &r.event
	s = bytes.TrimPrefix(s, []byte("Milter: "))
	rcpt := false
	for len(s) > 0 {
		if has(s, "reject=") {
			e.What, e.Reason = Rejected, s[len("reject="):]
			code, text := replyCode(e.Reason)
			e.DSN, e.Temporary = statusCode(text), code/100 == 4
			return
		}
		name, value, rest := pair(s)
		switch string(name) {
		case "ruleset":
			rcpt = string(value) == "check_rcpt"
		case "arg1":
			if rcpt {
				e.To = bare(value)
			}
		case "to":
			e.To = bare(value)
		case "from":
			e.From = bare(value)
		case "relay":
			e.Client = value
		case "": // a word such as "data"
			_, rest, _ = cut(s, ", ")
		}
		s = rest
	}
}

// sendmailNotice reads "newid: sender notify: Warning: could not send message for
// past 4 hours", "newid: DSN: User unknown" and the like.
func (r *Reader) sendmailNotice(s []byte) {
	e := &r.event
	n := sendmailID(s)
	if n == 0 {
		return
	}
	id, s := s[:n:n], s[n+2:]
	word, text, ok := cut(s, ": ")
	if !ok {
		return
	}
	switch string(word) {
	case "DSN", "sender notify", "return to sender", "postmaster notify", "clone":
	default:
		return
	}
	e.What, e.QueuedAs, e.Reason = Notified, id, text
	if has(text, "Cannot send message for ") {
		e.What = Expired
	}
}
