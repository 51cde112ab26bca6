package sessionlog

import (
	"bytes"

	"mailflow/internal/exlog"
)

// info takes what the server notes besides what is said.
func (f *file) info(s *session, at int64, text []byte, r *exlog.Reader, out bool) {
	switch {
	case len(text) < 10:
	case bytes.HasPrefix(text, []byte("Tarpit for '")):
		s.tarpit, s.reason = tarpit(text[len("Tarpit for '"):])
	case bytes.HasPrefix(text, []byte("attempting to connect")):
		s.called, s.whole = at, true
	case bytes.HasPrefix(text, []byte("Failed to connect")) || bytes.HasPrefix(text, []byte("Failed connection")):
		f.uncalled(s, at, text, r, out)
	case bytes.Contains(text, []byte("failed")):
		f.failed(s, at, text, r, out)
	}
}

// tarpit reads 0.00:00:09.675' due to 'DelayedAck': how long, and why.
func tarpit(text []byte) (took int64, reason string) {
	length, rest, _ := bytes.Cut(text, []byte("'"))
	days, clock, found := bytes.Cut(length, []byte("."))
	if !found || bytes.IndexByte(days, ':') >= 0 {
		days, clock = nil, length
	}
	parts := bytes.SplitN(clock, []byte(":"), 3)
	if len(parts) != 3 {
		return 0, ""
	}
	whole, part, _ := bytes.Cut(parts[2], []byte("."))
	took = ((number(days)*24+number(parts[0]))*60+number(parts[1]))*60 + number(whole)
	if took < 0 || took > 86400 {
		return 0, ""
	}
	took *= 1e9
	unit := int64(1e8)
	for _, c := range part[:min(len(part), 9)] {
		took += int64(c-'0') % 10 * unit
		unit /= 10
	}
	if _, why, found := bytes.Cut(rest, []byte("due to '")); found {
		why, _, _ = bytes.Cut(why, []byte("'"))
		reason = fit(why)
	}
	return took, reason
}

// tarpitted counts a pause with what it was before.
func (p *peer) tarpitted(v verb, refused bool, took int64, reason string, at int64) {
	key := tarpitKey{reason, v, refused}
	t := p.tarpits[key]
	if t == nil {
		if len(p.tarpits) >= maxKinds {
			return
		}
		if p.tarpits == nil {
			p.tarpits = map[tarpitKey]*tally{}
		}
		t = &tally{}
		p.tarpits[key] = t
	}
	t.add(took, at)
}

// uncalled takes a connection that did not come about. Nothing follows it.
func (f *file) uncalled(s *session, at int64, text []byte, r *exlog.Reader, out bool) {
	if s.peer == nil {
		f.meet(s, kindOf(out), out, r.Field(colConnector), r.Field(colLocal), r.Field(colRemote))
	}
	if _, domain, found := bytes.Cut(text, []byte("Destination domain: ")); found && s.peer.domain == "" {
		domain, _, _ = bytes.Cut(domain, []byte(","))
		s.peer.domain = fit(domain)
	}
	took := int64(0)
	if s.called != 0 {
		took = at - s.called
	}
	c := s.peer.call()
	c.fail(text, at, took, s.in, s.at)
	s.refused = true
	f.book.finish(s, at)
}

// failed takes a logon or a TLS handshake that failed.
func (f *file) failed(s *session, at int64, text []byte, r *exlog.Reader, out bool) {
	kind := ""
	switch {
	case bytes.HasPrefix(text, []byte("TLS ")) || bytes.Contains(text, []byte("TLS negotiation")):
		kind = EventTLS
	case bytes.Contains(text, []byte("uthentication")) || bytes.Contains(text, []byte("AUTH ")):
		kind = EventAuth
	default:
		return
	}
	if s.peer == nil {
		f.meet(s, kindOf(out), out, r.Field(colConnector), r.Field(colLocal), r.Field(colRemote))
	}
	if kind == EventTLS {
		s.hand = false
		s.farewell = true // that it ends is told by the event
	}
	s.refused = true
	s.peer.event(kind, text, at, s.in, s.at)
}

// event counts an event with the others of its kind and shape.
func (p *peer) event(kind string, text []byte, at int64, file int32, line int64) {
	key := kind + " " + shape(text)
	x := p.events[key]
	if x == nil {
		if len(p.events) >= maxKinds {
			return
		}
		if p.events == nil {
			p.events = map[string]*Event{}
		}
		x = &Event{Kind: kind, First: at, Last: at, Line: -1}
		p.events[key] = x
	}
	x.Count++
	if x.Line < 0 || at < x.First {
		x.First, x.file, x.Line, x.Text = at, file, line, fit(text)
	}
	x.Last = max(x.Last, at)
}

// call is how connecting to the address of the peer goes.
func (p *peer) call() *Call { return p.callTo([]byte(p.addr)) }

// callTo finds the calls to an address.
func (p *peer) callTo(addr []byte) *Call {
	c := p.calls[string(addr)]
	if c == nil {
		name := fit(addr)
		if len(p.calls) >= maxKinds {
			name = OtherHosts
			if c = p.calls[name]; c != nil {
				return c
			}
		}
		if p.calls == nil {
			p.calls = map[string]*Call{}
		}
		c = &Call{Addr: name, Line: -1}
		p.calls[name] = c
	}
	return c
}

// fail counts a connection that did not come about, by the error codes of Windows
// (10060 timed out, 10061 refused, 10051 and 10065 unreachable) or their names.
func (c *Call) fail(text []byte, at, took int64, file int32, line int64) {
	has := func(words ...string) bool {
		for _, w := range words {
			if bytes.Contains(text, []byte(w)) {
				return true
			}
		}
		return false
	}
	switch {
	case has("10060", "TimedOut", "0000274C"):
		c.TimedOut++
	case has("10061", "ConnectionRefused", "0000274D"):
		c.Refused++
	case has("10065", "10051", "HostUnreachable", "NetworkUnreachable", "00002751", "00002743"):
		c.Unreachable++
	default:
		c.Other++
	}
	if c.Line < 0 || at < c.First {
		c.First, c.file, c.Line, c.Text = at, file, line, fit(text)
	}
	c.Last = max(c.Last, at)
	if took > c.Longest || took == c.Longest && c.At > at-took {
		c.Longest, c.At = took, at-took
	}
}
