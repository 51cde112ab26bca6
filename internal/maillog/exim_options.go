package maillog

import "bytes"

// options are the values that mean different things on different lines of Exim.
type options struct {
	host      []byte // H=
	router    []byte // R=, the message that a bounce is for behind <=
	transport []byte // T=, the subject behind <=
	user      []byte // U=, with the name
}

// options reads "R=a T=b H=host (helo) [address]:25 C="250 OK" ..." and gives what
// is behind it. The last option before a reason ends in a colon.
func (r *Reader) options(s []byte) (o options, rest []byte) {
	for range maxOptions {
		if len(s) == 0 {
			break
		}
		name := optionName(s)
		if name < 0 {
			break
		}
		n := optionEnd(s, name)
		closed := n > 0 && s[n-1] == ':'
		value := s[name:n:n]
		if closed {
			value = s[name : n-1 : n-1]
		}
		r.option(&o, s[:name], value)
		s = bytes.TrimPrefix(s[n:], []byte(" "))
		if closed {
			break
		}
	}
	return o, s
}

// optionName gives the length of "NAME=", or of the whole of a mark without a
// value such as K or PRDR; -1 for anything else.
func optionName(s []byte) int {
	if has(s, "id=") {
		return len("id=")
	}
	for i, c := range s {
		switch {
		case c == '=' && i > 0:
			return i + 1
		case c == ' ' && i > 0:
			return i
		case c-'A' > 25 && c-'0' > 9 && c != '*' && c != '-' && c != '.' || i == 8:
			return -1
		}
	}
	return len(s)
}

// optionEnd is where the value at s[from:] ends.
func optionEnd(s []byte, from int) int {
	if s[from-1] != '=' {
		return from
	}
	switch value := s[from:]; {
	case has(s, "H="):
		_, rest := hostValue(value)
		return len(s) - len(rest)
	case has(value, `"`), has(value, "<"):
		if n := enclosedEnd(value); n > 0 {
			return from + n
		}
	}
	return from + wordEnd(s[from:])
}

// enclosedEnd is where a value in quotation marks or angle brackets ends, with the
// colon behind it; 0 when it is not closed.
func enclosedEnd(s []byte) int {
	n := 0
	if s[0] == '"' {
		n = pastQuoted(s, 0)
	} else if _, rest, ok := angle(s); ok {
		n = len(s) - len(rest)
	}
	if n > 0 && n < len(s) && s[n] == ':' {
		n++
	}
	return n
}

func wordEnd(s []byte) int {
	if i := bytes.IndexByte(s, ' '); i >= 0 {
		return i
	}
	return len(s)
}

// hostValue reads "host (helo) [address]:25", of which host and helo may be
// missing, and gives the rest.
func hostValue(s []byte) (value, rest []byte) {
	n := 0
	if !has(s, "(") && !has(s, "[") {
		n = wordEnd(s)
	}
	if has(s[n:], " (") || has(s[n:], "(") {
		if i := bytes.IndexByte(s[n:], ')'); i >= 0 {
			n += i + 1
		}
	}
	if has(s[n:], " [") {
		n++
	}
	if has(s[n:], "[") {
		n += wordEnd(s[n:])
	}
	return s[:n:n], s[n:]
}

// option takes over one option.
func (r *Reader) option(o *options, name, value []byte) {
	e := &r.event
	switch string(name) {
	case "H=":
		o.host = value
	case "R=":
		o.router = value
	case "T=":
		o.transport = value
	case "U=":
		o.user = value
	case "F=", "P=":
		if from, _, ok := angle(value); ok {
			e.From = from
		}
	case "A=":
		_, e.User, _ = cut(value, ":")
	case "S=":
		e.Size, _ = number(value)
	case "id=":
		e.MessageID = bare(value)
	case "C=":
		e.Reason = unquoted(value)
	case "QT=":
		e.Delay, e.HasDelay = unitTime(value)
	case "DT=":
		e.Attempt, _ = unitTime(value)
	}
}

// unquoted takes the quotation marks off. Backslashes inside stay.
func unquoted(s []byte) []byte {
	if n := len(s); n > 1 && s[0] == '"' && s[n-1] == '"' {
		return s[1 : n-1 : n-1]
	}
	return s
}
