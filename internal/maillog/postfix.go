package maillog

import "bytes"

// postfix reads a line of a daemon of Postfix, whose process is "instance/daemon",
// with any number of words between, as in "postfix/submission/smtpd". The line is
// known by what its message begins with.
func (r *Reader) postfix(line []byte) verdict {
	s, said := r.syslog(line)
	if s == nil || said != clean || !r.slash {
		if s != nil && said == clean && has(s, "Requeue: ") {
			r.requeue(s[len("Requeue: "):])
		}
		return said
	}
	n := postfixID(s)
	if n == 0 {
		said = r.noQueue(s)
		if r.event.What != 0 {
			r.ours++
		}
		return said
	}
	r.ours++
	e := &r.event
	e.Queue, s = s[:n:n], s[n+2:]
	switch {
	case len(s) < 3:
		return clean
	case r.skim != nil && !opens(s) && !r.skim(e):
		e.What = Skimmed
	case has(s, "to=<"):
		return r.delivery(s)
	case has(s, "from=<"):
		return r.activation(s)
	case has(s, "message-id="):
		e.What, e.MessageID = Identified, bare(s[len("message-id="):])
	case has(s, "client="):
		r.client(s)
	case string(s) == "removed":
		e.What = Removed
	case has(s, "uid="):
		r.pickup(s)
	default:
		return r.rare(s)
	}
	return clean
}

// opens says whether a line tells of the coming of a message or of its Message-ID:
// those that tell which message the other lines with its queue id are about.
func opens(s []byte) bool {
	return has(s, "client=") || has(s, "message-id=") || has(s, "uid=") || has(s, "resent-message-id=")
}

// delivery reads "to=<a>, [orig_to=<b>, ]relay=c, ..., status=d (e)". Where an
// address ends is only certain once the keys behind it are those that must follow.
func (r *Reader) delivery(s []byte) verdict {
	e := &r.event
	to, rest, ok := angle(s[3:])
	for range maxEnds {
		if !ok {
			break
		}
		e.To = to
		if r.keys(rest) {
			return clean
		}
		n := len(to) + 1
		i := bytes.IndexByte(s[4+n:], '>')
		if i < 0 {
			break
		}
		n += i
		to, rest = s[4:4+n:4+n], s[4+n+1:]
	}
	return damaged
}

// keys reads what follows an address. False means that it is something else.
func (r *Reader) keys(s []byte) bool {
	e := &r.event
	e.OrigTo, e.Relay = nil, nil
	for has(s, ", ") {
		s = s[2:]
		switch {
		case has(s, "status="):
			return e.Relay != nil && r.status(s[len("status="):])
		case has(s, "orig_to=<"):
			address, rest, ok := angle(s[len("orig_to="):])
			if !ok {
				return false
			}
			e.OrigTo, s = address, rest
		default:
			if s = r.key(s); s == nil {
				return false
			}
		}
	}
	return false
}

// key reads one "name=value" and gives what is behind it, nil when it is not one.
// Names that are not known pass: each release may bring new ones.
func (r *Reader) key(s []byte) []byte {
	e := &r.event
	n := bytes.IndexByte(s, ',')
	if n < 0 {
		return nil
	}
	value := s[:n:n]
	switch {
	case has(value, "relay="):
		e.Relay = value[len("relay="):]
	case has(value, "delay="):
		d, length := seconds(value[len("delay="):])
		e.Delay, e.HasDelay = d, length > 0 && length == n-len("delay=")
	case has(value, "delays="):
		r.delays(value[len("delays="):])
	case has(value, "dsn="):
		e.DSN = value[len("dsn="):]
	default:
		if !keyed(value) {
			return nil
		}
	}
	return s[n:]
}

// keyed says whether s begins with a name in small letters and "=".
func keyed(s []byte) bool {
	for i, c := range s {
		if c-'a' > 25 && c != '_' && (c-'0' > 9 || i == 0) {
			return c == '=' && i > 0
		}
	}
	return false
}

// delays reads "426/0.02/0.17/1.1", since Postfix 2.3.
func (r *Reader) delays(s []byte) {
	e := &r.event
	for i := range e.Delays {
		d, n := seconds(s)
		if n == 0 || i < 3 && (n == len(s) || s[n] != '/') || i == 3 && n != len(s) {
			return
		}
		e.Delays[i] = d
		s = s[min(n+1, len(s)):]
	}
	e.HasDelays = true
	e.Attempt = e.Delays[2] + e.Delays[3]
}

// status reads "deferred (reason)". A long reason may have lost its bracket to
// the limit of the syslog daemon.
func (r *Reader) status(s []byte) bool {
	e := &r.event
	word, reason, _ := cut(s, " (")
	if e.What = statusAction(word); e.What == 0 {
		return false
	}
	if n := len(reason); n > 0 && reason[n-1] == ')' {
		reason = reason[: n-1 : n-1]
	}
	e.Reason = reason
	if e.What == Sent {
		e.QueuedAs = queuedAs(reason)
	}
	return true
}

func statusAction(word []byte) Action {
	switch string(word) {
	case "sent":
		return Sent
	case "deferred", "SOFTBOUNCE":
		return Deferred
	case "bounced":
		return Bounced
	case "expired":
		return Expired
	case "deliverable", "undeliverable":
		return Probed
	}
	return 0
}

// activation reads "from=<a>, size=1, nrcpt=2 (queue active)" of the queue
// manager, or "from=<a>, status=expired, returned to sender".
func (r *Reader) activation(s []byte) verdict {
	e := &r.event
	from, rest, ok := angle(s[len("from="):])
	for range maxEnds {
		if !ok {
			break
		}
		e.From = from
		switch {
		case has(rest, ", size="):
			return r.sized(rest[len(", size="):])
		case has(rest, ", status=expired"), has(rest, ", status=force-expired"):
			e.What, e.Reason = Expired, rest[len(", status="):]
			return clean
		}
		n := len(from) + 1
		i := bytes.IndexByte(rest, '>')
		if i < 0 {
			break
		}
		n += i
		from, rest = s[len("from=<"):len("from=<")+n:len("from=<")+n], rest[i+1:]
	}
	return damaged
}

// sized reads "1, nrcpt=2 (queue active)".
func (r *Reader) sized(s []byte) verdict {
	e := &r.event
	size, n := number(s)
	s = s[n:]
	if n == 0 || !has(s, ", nrcpt=") {
		return damaged
	}
	count, n := number(s[len(", nrcpt="):])
	if n == 0 {
		return damaged
	}
	e.What, e.Size, e.Recipients = Activated, size, count
	return clean
}

// client reads "client=name[address], sasl_method=a, sasl_username=b, ...".
func (r *Reader) client(s []byte) {
	e := &r.event
	e.What = Received
	var more bool
	e.Client, s, more = cut(s[len("client="):], ", ")
	for more {
		var value []byte
		value, s, more = cut(s, ", ")
		switch {
		case has(value, "sasl_username="):
			e.User = value[len("sasl_username="):]
		case has(value, "orig_queue_id="):
			e.Parent = value[len("orig_queue_id="):]
		}
	}
}

// pickup reads "uid=0 from=<a>[ orig_id=B]" of a message from a local program.
func (r *Reader) pickup(s []byte) {
	e := &r.event
	e.What = Received
	client, rest, _ := cut(s, " from=")
	e.Client = client
	from, rest, ok := angle(rest)
	if ok {
		e.From = from
	}
	if has(rest, " orig_id=") {
		e.Parent = idAt(rest[len(" orig_id="):])
	}
}

// bare takes the angle brackets off.
func bare(s []byte) []byte {
	if n := len(s); n > 1 && s[0] == '<' && s[n-1] == '>' {
		return s[1 : n-1 : n-1]
	}
	return s
}
