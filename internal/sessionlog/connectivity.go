package sessionlog

import (
	"bytes"

	"mailflow/internal/exlog"
)

// The columns of a connectivity log.
const (
	colFlight = iota
	colSource
	colDestination
	colDirection
	colDescription
)

// A flight is one delivery connection of a connectivity log while it is open.
type flight struct {
	peer *peer
	key  uint64
	seen int64
}

// connectivity takes one row: what a server tried to reach its next hop by. Only
// SMTP is of interest; deliveries into mailboxes open no sessions.
func (f *file) connectivity(r *exlog.Reader, at int64) {
	b, direction, text := f.book, r.Field(colDirection), r.Field(colDescription)
	if len(direction) != 1 || !bytes.EqualFold(r.Field(colSource), []byte("SMTP")) {
		return
	}
	key := mix(b.hash(r.Field(colFlight)), b.hash(r.Field(colDestination)))
	c := b.flights[key]
	if c == nil {
		c = b.fly(key, f, r, at, direction[0] == '+')
	}
	c.seen = at
	c.peer.end = max(c.peer.end, at)
	switch direction[0] {
	case '+':
		if _, count, found := bytes.Cut(text, []byte("QueueLength=")); found {
			c.peer.queue = max(c.peer.queue, int(number(count)))
		}
	case '>':
		f.progress(c.peer, at, text, r.Line())
	case '-':
		f.landed(c, at, text, r.Line())
	}
}

// fly begins a flight.
func (b *Book) fly(key uint64, f *file, r *exlog.Reader, at int64, whole bool) *flight {
	if len(b.flights) >= b.most {
		b.land()
	}
	p := b.peer(b.servers.root(f.server), kindConnect, true, nil, r.Field(colDestination))
	p.domain = p.addr
	p.begin(f.at, r.Line(), at)
	p.sessions++
	if !whole {
		p.torn++
	}
	c := &flight{peer: p, key: key, seen: at}
	b.flights[key] = c
	return c
}

// land gives up what is open.
func (b *Book) land() {
	for _, c := range b.flights {
		c.peer.unended++
	}
	clear(b.flights)
}

// landed ends a flight: "Messages: 3 Bytes: 4711 (reason)".
func (f *file) landed(c *flight, at int64, text []byte, line int64) {
	delete(f.book.flights, c.key)
	if _, count, found := bytes.Cut(text, []byte("Messages: ")); found {
		c.peer.messages += int(number(count))
	}
	if _, reason, found := bytes.Cut(text, []byte("(")); found {
		c.peer.event(EventDone, bytes.TrimRight(reason, ") "), at, f.at, line)
	}
}

// progress takes a step towards the next hop. The words are from memory but for
// the two about connections; what is not known is passed over.
func (f *file) progress(p *peer, at int64, text []byte, line int64) {
	switch {
	case bytes.HasPrefix(text, []byte("Established connection to ")):
		p.callTo(word(text[len("Established connection to "):])).Worked++
	case bytes.Contains(text, []byte("ailed connection to ")) || bytes.Contains(text, []byte("ailed Connection to ")) || bytes.Contains(text, []byte("ailed to connect")):
		f.missed(p, at, text, line)
	case bytes.Contains(text, []byte("DNS")) && bytes.Contains(text, []byte("returned")):
		if !bytes.Contains(text, []byte("returned Success")) {
			p.event(EventDNS, text, at, f.at, line)
		}
	default:
		p.named(text)
	}
}

// missed takes a connection that did not come about.
func (f *file) missed(p *peer, at int64, text []byte, line int64) {
	for _, before := range []string{"onnection to ", "connect to "} {
		if _, rest, found := bytes.Cut(text, []byte(before)); found {
			c := p.callTo(word(rest))
			c.fail(text, at, 0, f.at, line)
			if _, target, found := bytes.Cut(text, []byte("TargetHost:")); found && c.Host == "" {
				target, _, _ = bytes.Cut(target, []byte(":"))
				c.Host = fit(target)
			}
			return
		}
	}
}

// named takes the addresses of a next hop: "host[192.0.2.7], other[192.0.2.8]".
func (p *peer) named(text []byte) {
	for range maxKinds {
		name, rest, found := bytes.Cut(text, []byte("["))
		if !found {
			return
		}
		addr, behind, closed := bytes.Cut(rest, []byte("]"))
		if name = lastWord(name); closed && isName(name) && isAddress(addr) {
			p.callTo(addr).Host = fit(name)
		}
		text = behind
	}
}

// word is the address that a text begins with, without port and brackets.
func word(text []byte) []byte {
	end := bytes.IndexAny(text, " ,;(")
	if end < 0 {
		end = len(text)
	}
	return host(bytes.TrimRight(text[:end], "."))
}

func lastWord(text []byte) []byte {
	return text[bytes.LastIndexAny(text, " ;,")+1:]
}

// isAddress recognises what looks like an address.
func isAddress(b []byte) bool {
	return len(b) > 2 && len(bytes.Trim(b, "0123456789abcdefABCDEF.:")) == 0 && bytes.ContainsAny(b, ".:")
}
