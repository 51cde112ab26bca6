package sessionlog

import "bytes"

// greets takes the name by which a server greets (RFC 5321 section 4.2): of the
// other side, or of the server whose log this is.
func (b *Book) greets(s *session, line []byte) {
	to := &s.peer.host
	if !s.peer.out {
		to = &b.servers.list[b.servers.root(s.peer.server)].fqdn
	}
	if *to == "" && len(line) > 4 {
		word, rest, _ := bytes.Cut(line[4:], []byte(" "))
		if isName(word) || bytes.HasPrefix(rest, []byte("Microsoft")) && !bytes.ContainsAny(word, "*[") {
			*to = fit(word[:min(len(word), maxName)])
		}
	}
}

// hello takes the name that a client calls itself by.
func (b *Book) hello(s *session, line []byte) {
	s.auth = noVerb
	to := &s.peer.host
	if s.peer.out {
		to = &b.servers.list[b.servers.root(s.peer.server)].helo
	}
	if *to == "" && len(line) > 5 {
		if word := bytes.TrimSpace(line[5:]); isName(word) {
			*to = fit(word[:min(len(word), maxName)])
		}
	}
}

// isName recognises a full name: not an address, nor stars that a device put
// there.
func isName(word []byte) bool {
	dots, letters := 0, 0
	for _, c := range word {
		switch {
		case c == '.':
			dots++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case c != '-' && c != '_' && c-'0' > 9:
			return false
		}
	}
	return dots > 0 && letters > 0
}
