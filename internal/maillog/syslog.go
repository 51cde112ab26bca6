package maillog

import "bytes"

// syslog reads what a syslog daemon puts before a message: stamp, host, process
// and PID. It gives the message, nil when the line has no process.
//
//	Nov 17 10:02:11 mx1 postfix/smtp[123]: message
//	2026-11-17T10:02:11.345+01:00 mx1 postfix/smtp[123]: message
//	<22>1 2026-11-17T10:02:11.345Z mx1 postfix/smtp 123 - - message
func (r *Reader) syslog(s []byte) ([]byte, verdict) {
	e := &r.event
	framed := false
	r.slash = false
	if s[0] == '<' {
		s, framed = pastPriority(s)
	}
	n := r.clock.read(s, &e.Stamp)
	if n == 0 || n >= len(s) || s[n] != ' ' {
		return nil, unstamped
	}
	s = s[n+1:]
	if n = r.head.host(s); n > 0 && !framed {
		e.Host, r.slash = s[:n:n], true
		return r.tagged(s[n+1:], r.head.size-n-1), clean
	}
	n = bytes.IndexByte(s, ' ')
	if n <= 0 {
		return nil, clean
	}
	e.Host = s[:n:n]
	if framed {
		return r.framed(s[n+1:]), clean
	}
	text := r.tagged(s[n+1:], 0)
	if r.slash {
		r.head.keep(s, n)
	}
	return text, clean
}

// head is the host and the process up to its first slash, as in "mx1 postfix/".
// It is the same on most lines of a log, and then need not be looked through.
type head struct {
	text   [64]byte
	size   int // of text
	length int // of the host
}

// host gives the length of the host when s begins with the head, otherwise 0.
func (h *head) host(s []byte) int {
	if h.size > 0 && len(s) > h.size && string(s[:h.size]) == string(h.text[:h.size]) {
		return h.length
	}
	return 0
}

// keep takes the head from s, whose host has n bytes, if it is not too long.
func (h *head) keep(s []byte, n int) {
	if slash := bytes.IndexByte(s[n:], '/'); slash >= 0 && n+slash < len(h.text) {
		h.size, h.length = copy(h.text[:], s[:n+slash+1]), n
	}
}

// tagged reads "process[pid]: ", where the PID may be missing. The first bytes, so
// many as are known, belong to the process.
func (r *Reader) tagged(s []byte, known int) []byte {
	for i := known; i < len(s); i++ {
		c := s[i]
		if c > '[' { // as small letters are
			continue
		}
		switch c {
		case '/':
			r.slash = true
		case '[':
			r.event.Process = s[:i:i]
			return pastTag(r.pid(s[i+1:]))
		case ':':
			r.event.Process = s[:i:i]
			return pastTag(s[i+1:])
		case ' ':
			return nil
		}
	}
	return nil
}

// pid reads "123]:" and gives what is behind it.
func (r *Reader) pid(s []byte) []byte {
	for i, c := range s {
		if c-'0' > 9 {
			if i == 0 || c != ']' || i+1 == len(s) || s[i+1] != ':' {
				return nil
			}
			r.event.PID = s[:i:i]
			return s[i+2:]
		}
	}
	return nil
}

// pastTag goes over the blank behind a tag, and over the message number that
// Solaris writes: "[ID 197553 mail.info] ".
func pastTag(s []byte) []byte {
	if len(s) == 0 || s[0] != ' ' {
		return nil
	}
	s = s[1:]
	if has(s, "[ID ") {
		if i := bytes.Index(s, []byte("] ")); i >= 0 {
			s = s[i+2:]
		}
	}
	return s
}

// pastPriority goes over "<22>" and over the version behind it, if there is one:
// that is how RFC 5424 differs from RFC 3164.
func pastPriority(s []byte) ([]byte, bool) {
	i := bytes.IndexByte(s[:min(len(s), 6)], '>')
	if i < 0 {
		return s, false
	}
	s = s[i+1:]
	if has(s, "1 ") {
		return s[2:], true
	}
	return s, false
}

// framed reads the rest of the header of RFC 5424: "process pid id data ".
func (r *Reader) framed(s []byte) []byte {
	var word [3][]byte
	for i := range word {
		n := bytes.IndexByte(s, ' ')
		if n <= 0 {
			return nil
		}
		word[i], s = s[:n:n], s[n+1:]
	}
	r.event.Process, r.event.PID = word[0], word[1]
	r.slash = bytes.IndexByte(word[0], '/') >= 0
	if has(s, "- ") {
		s = s[2:]
	} else {
		s = pastData(s)
	}
	return bytes.TrimPrefix(s, []byte("\uFEFF"))
}

// pastData goes over structured data: [id name="value" ...][...], where values
// escape quotation marks and brackets with a backslash.
func pastData(s []byte) []byte {
	for quoted, i := false, 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted && i+1 < len(s) && s[i+1] == ' ':
			return s[i+2:]
		}
	}
	return nil
}
