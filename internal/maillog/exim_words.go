package maillog

import "bytes"

// eximWords reads a line with an id and no flag.
func (r *Reader) eximWords(s []byte) verdict {
	e := &r.event
	switch {
	case has(s, "Completed"):
		e.What = Removed
		r.options(bytes.TrimPrefix(s[len("Completed"):], []byte(" ")))
	case has(s, "*** Frozen"), has(s, "Frozen"), has(s, "frozen "), has(s, "Message is frozen"):
		e.What, e.Reason = Held, s
	case has(s, "Unfrozen"), has(s, "unfrozen "):
		e.What, e.Reason = Released, s
	case has(s, "no immediate delivery"):
		e.What, e.Reason = Postponed, s
	case has(s, "removed by "), has(s, "cancelled by "):
		e.What, e.Reason = Removed, s
	case has(s, "H="):
		r.refused(s)
	default:
		r.eximHost(s)
	}
	return clean
}

// eximHost reads what happened at one host: "SMTP error from remote mail server
// after ...", "SMTP timeout while connected to host [address] after ...",
// "Remote host host [address] closed connection ...", "host [address] Connection
// refused".
func (r *Reader) eximHost(s []byte) {
	e := &r.event
	switch {
	case has(s, "SMTP error from remote mail server after "):
		e.What, e.Reason, e.DSN = Attempted, s, quotedStatus(s)
	case has(s, "SMTP timeout while connected to "):
		e.What, e.Reason = Attempted, s
		e.Relay, _ = hostValue(s[len("SMTP timeout while connected to "):])
	case has(s, "Remote host "):
		e.What, e.Reason = Attempted, s
		e.Relay, _ = hostValue(s[len("Remote host "):])
	default:
		host, rest := hostValue(s)
		if bytes.IndexByte(host, '[') >= 0 {
			r.tried(host, rest)
		}
	}
}

// tried reads what stands behind a host that was tried in vain.
func (r *Reader) tried(host, s []byte) {
	e := &r.event
	s = bytes.TrimPrefix(s, []byte(" "))
	if bytes.HasSuffix(host, []byte(":")) {
		host = host[: len(host)-1 : len(host)-1]
	}
	switch {
	case has(s, "Connection "), has(s, "No route to host"), has(s, "Network is unreachable"), has(s, "Network unreachable"):
		e.What, e.Relay, e.Reason = Unreachable, host, s
	case has(s, "SMTP error "), has(s, "SMTP timeout "), has(s, "TLS "), has(s, "Remote host "):
		e.What, e.Relay, e.Reason, e.DSN = Attempted, host, s, quotedStatus(s)
	}
}

// refused reads "H=host [address] F=<a> temporarily rejected RCPT <b>: reason",
// and a line that begins in the same way about a host that was tried in vain.
func (r *Reader) refused(s []byte) {
	e := &r.event
	o, rest := r.options(s)
	verb := bytes.TrimPrefix(rest, []byte("temporarily "))
	if !has(verb, "rejected ") {
		host, rest := hostValue(s[len("H="):])
		r.tried(host, rest)
		return
	}
	e.What, e.Client, e.Temporary = Rejected, o.host, len(verb) < len(rest)
	verb = verb[len("rejected "):]
	if has(verb, "RCPT ") {
		e.To, verb, _ = angle(verb[len("RCPT "):])
	}
	if _, reason, ok := cut(verb, ": "); ok {
		e.Reason = reason
		code, text := replyCode(reason)
		e.DSN = statusCode(text)
		e.Temporary = e.Temporary || code/100 == 4
	}
}
