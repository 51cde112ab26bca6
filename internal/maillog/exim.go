package maillog

import "bytes"

// exim reads a line of a main log, "2026-11-17 10:02:11 id flag ...", or of its
// copy in syslog, where a stamp of Exim may stand behind that of the daemon and
// then is the better one.
func (r *Reader) exim(line []byte) verdict {
	e := &r.event
	if line[0] == '<' || line[0] > '9' || len(line) > 10 && line[10] == 'T' {
		return r.eximSyslog(line)
	}
	n := r.clock.read(line, &e.Stamp)
	if n == 0 || n >= len(line) || line[n] != ' ' {
		return unstamped
	}
	return r.eximText(r.eximPID(line[n+1:]))
}

func (r *Reader) eximSyslog(line []byte) verdict {
	e := &r.event
	s, said := r.syslog(line)
	if s == nil || said != clean || !bytes.Contains(e.Process, []byte("exim")) {
		return said
	}
	var inner Stamp
	if n := r.clock.read(s, &inner); n > 0 && inner.HasYear && n < len(s) && s[n] == ' ' {
		e.Stamp, s = inner, s[n+1:]
	}
	return r.eximText(r.eximPID(s))
}

// eximPID goes over "[123] ", which stands there with log_selector = +pid.
func (r *Reader) eximPID(s []byte) []byte {
	if len(s) == 0 || s[0] != '[' {
		return s
	}
	_, n := number(s[1:])
	if n == 0 || !has(s[1+n:], "] ") {
		return s
	}
	r.event.PID = s[1 : 1+n : 1+n]
	return s[1+n+2:]
}

// eximText reads what stands behind the stamp.
func (r *Reader) eximText(s []byte) verdict {
	e := &r.event
	n := eximID(s)
	if n == 0 {
		switch {
		case has(s, "H="):
			r.ours++
			r.refused(s)
		case has(s, "Start queue run"):
			r.ours++
			e.What = QueueRun
		}
		return clean
	}
	r.ours++
	e.Queue, s = s[:n:n], bytes.TrimPrefix(s[n:], []byte(" "))
	if len(s) < 4 || s[2] != ' ' {
		return r.eximWords(s)
	}
	if r.skim != nil && eximTells(s) && !r.skim(e) {
		e.What = Skimmed
		return clean
	}
	switch string(s[:2]) {
	case "<=":
		return r.arrival(s[3:])
	case "=>", "->", ">>":
		return r.eximSent(s[3:])
	case "==":
		return r.eximDeferred(s[3:])
	case "**":
		return r.eximFailed(s[3:])
	}
	return r.eximWords(s)
}

// eximTells says whether a line tells what became of a message, by its flag.
func eximTells(s []byte) bool {
	switch string(s[:2]) {
	case "=>", "->", ">>", "==", "**":
		return true
	}
	return false
}

// arrival reads "<= a@example.com H=... P=esmtp S=1234 id=... for b@example.com".
func (r *Reader) arrival(s []byte) verdict {
	e := &r.event
	n := addressEnd(s)
	e.What, e.From = Received, bare(s[:n])
	o, s := r.options(bytes.TrimPrefix(s[n:], []byte(" ")))
	e.Client, e.Parent = o.host, o.router
	if e.Client == nil {
		e.Client = o.user
	}
	if has(s, "from ") { // log_selector = +received_sender
		_, s, _ = angle(s[len("from "):])
		s = bytes.TrimPrefix(s, []byte(" "))
	}
	if has(s, "for ") { // log_selector = +received_recipients
		e.To = s[len("for "):]
	}
	return clean
}

// eximSent reads "=> bob <bob@example.com> R=router T=transport H=... C="250 OK"".
func (r *Reader) eximSent(s []byte) verdict {
	e := &r.event
	e.What = Sent
	if has(s, ":blackhole:") || has(s, "blackhole ") || has(s, "discarded") {
		e.What = Discarded
	}
	s, ok := r.recipient(s)
	o, _ := r.options(s)
	if !ok {
		return damaged
	}
	e.QueuedAs = queuedAs(e.Reason)
	r.relay(o)
	return clean
}

// relay takes the host, or the transport of a delivery without one.
func (r *Reader) relay(o options) {
	e := &r.event
	if e.Relay = o.host; e.Relay == nil {
		e.Relay = o.transport
	}
}

// eximDeferred reads "== a@b R=router T=transport defer (-44): reason", with
// " H=host [address]" between the bracket and the reason in newer releases.
func (r *Reader) eximDeferred(s []byte) verdict {
	e := &r.event
	s, ok := r.recipient(s)
	o, s := r.options(s)
	s = bytes.TrimPrefix(s, []byte("routing "))
	if !ok || !has(s, "defer (") {
		return damaged
	}
	_, s, ok = cut(s, ")")
	if !ok {
		return damaged
	}
	e.What = Deferred
	r.deferral(s, &o)
	if has(e.Reason, notYet) {
		e.What = Postponed
	}
	r.relay(o)
	return clean
}

// notYet is the reason of messages that a queue run came upon before their time:
// a line at each run, though nothing was tried. The number beside it is another
// in other releases.
const notYet = "retry time not reached"

// deferral reads ": strerror", " H=host [address]", ": message", each of which
// may be missing.
func (r *Reader) deferral(s []byte, o *options) {
	e := &r.event
	s = bytes.TrimPrefix(s, []byte(": "))
	if has(s, " H=") || has(s, " DT=") {
		var more options
		if more, s = r.options(s[1:]); more.host != nil {
			o.host = more.host
		}
	} else if word, rest, ok := cut(s, " H="); ok && !bytes.Contains(word, []byte(": ")) {
		o.host, _ = hostValue(rest)
		o.host = bytes.TrimSuffix(o.host, []byte(":"))
	}
	e.Reason = s
	e.DSN = quotedStatus(s)
	o.quotedHost(s)
}

// quotedHost takes the host from the reason, where Exim before 4.90 has it:
// "... after RCPT TO:<a@b>: host name [address]: 450 ...".
func (o *options) quotedHost(reason []byte) {
	if _, rest, ok := cut(reason, ": host "); ok && o.host == nil && has(reason, "SMTP error ") {
		if host, _ := hostValue(rest); bytes.HasSuffix(host, []byte("]:")) {
			o.host = host[: len(host)-1 : len(host)-1]
		}
	}
}

// eximFailed reads "** a@b R=router T=transport H=host [address]: reason".
func (r *Reader) eximFailed(s []byte) verdict {
	e := &r.event
	s, ok := r.recipient(s)
	o, s := r.options(s)
	if !ok || len(s) == 0 {
		return damaged
	}
	e.What, e.Reason, e.DSN = Bounced, s, quotedStatus(s)
	if bytes.HasSuffix(s, []byte("retry timeout exceeded")) {
		e.What = Expired
	}
	o.quotedHost(s)
	r.relay(o)
	return clean
}

// quotedStatus finds the enhanced status code of the reply that a reason quotes.
func quotedStatus(s []byte) []byte {
	_, s, ok := cut(s, "SMTP error from remote mail server after ")
	for range 4 {
		if !ok {
			return nil
		}
		if code, text := replyCode(s); code > 0 {
			return statusCode(text)
		}
		_, s, ok = cut(s, ": ")
	}
	return nil
}

// recipient reads "bob <bob@example.com>", "a@b (c@d) <e@f>" or "|program x <a@b>"
// and gives the options, or the reason, behind it.
func (r *Reader) recipient(s []byte) ([]byte, bool) {
	e := &r.event
	n := addressEnd(s)
	if n == 0 {
		return s, false
	}
	to, s := s[:n:n], s[n:]
	if has(s, " (") {
		if _, rest, ok := cut(s, ") "); ok {
			s = s[len(s)-len(rest)-1:]
		}
	}
	if has(s, " <") {
		e.OrigTo, s, _ = angle(s[1:])
	}
	e.To = bare(bytes.TrimSuffix(to, []byte(":")))
	if e.OrigTo != nil && bytes.IndexByte(to, '@') < 0 {
		e.To, e.OrigTo = e.OrigTo, nil
	}
	return bytes.TrimPrefix(bytes.TrimPrefix(s, []byte(":")), []byte(" ")), true
}

// addressEnd is where the address at the beginning of s ends: at a blank, but not
// one in quotation marks or in the command of a pipe.
func addressEnd(s []byte) int {
	from := 0
	switch {
	case has(s, `"`):
		from = pastQuoted(s, 0)
	case has(s, `<"`):
		from = pastQuoted(s, 1)
	case has(s, "|"), has(s, "/"):
		if i := bytes.Index(s, []byte(" <")); i > 0 {
			return i
		}
	}
	if i := bytes.IndexByte(s[from:], ' '); i >= 0 {
		return from + i
	}
	return len(s)
}
