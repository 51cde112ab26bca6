package sessionlog

import (
	"bytes"
	"cmp"
	"slices"
)

// A Side is one of those who talk.
type Side uint8

// The sides.
const (
	Server Side = iota // that which was called
	Client             // that which called
	Both               // a message or a handshake was on its way: the log does not show who waited for whom
)

func (s Side) String() string { return [...]string{"server", "client", "either"}[s] }

// A peer sums up the sessions of one server with one host, by one connector.
type peer struct {
	server    int32
	kind      byte // of the log: 'r', 's', 'w'
	out       bool
	connector string
	addr      string
	local     string
	host      string // as it calls itself
	domain    string // for which it was called, where the log says so

	file         int32
	line         int64
	firstAt, end int64

	sessions, unused, torn, messages, recipients int
	unended                                      int
	largest                                      int64
	now, most                                    int // sessions at once
	endedAt                                      int64
	endedNow                                     int // sessions that ended at that very time
	offers                                       Offers

	taken    [verbs][2]tally
	refusals map[string]*Reply
	events   map[string]*Event
	tarpits  map[tarpitKey]*tally
	cuts     map[string]*Cut
	calls    map[string]*Call // by address
	worst    []Silence
	queue    int
}

// Offers are what a server offered with EHLO, in any session.
type Offers uint8

// Offers that tell versions of Exchange apart (knowledge/exchange.md 3.3).
const (
	XShadow        Offers = 1 << iota // Exchange 2010
	XShadowRequest                    // Exchange 2013 and later
	StartTLS
	Exps
)

// meet finds the peer of a session and counts the session.
func (f *file) meet(s *session, kind byte, out bool, connector, local, remote []byte) {
	b := f.book
	if name := owner(connector); name != nil && !out {
		f.known(name)
		if root := &b.servers.list[b.servers.root(f.server)]; root.name == "" {
			root.name = fit(name)
		}
	}
	if addr := host(local); !loopback(addr) {
		f.known(addr)
		if root := &b.servers.list[b.servers.root(f.server)]; root.addr == "" {
			root.addr = fit(addr)
		}
	}
	addr := remote
	if !out {
		addr = host(remote)
	}
	s.peer = b.peer(b.servers.root(f.server), kind, out, connector, addr)
	if s.peer.local == "" || string(local) < s.peer.local && len(local) > 0 {
		s.peer.local = fit(local)
	}
	s.peer.begin(s.file, s.line, s.began)
}

// known says that the server of the file has a name or an address. The last one
// said is not looked up again.
func (f *file) known(name []byte) {
	if h := f.book.hash(name); h != f.said {
		f.said = h
		f.book.servers.is(f.server, fit(name))
	}
}

// peer finds a peer, or begins it.
func (b *Book) peer(server int32, kind byte, out bool, connector, addr []byte) *peer {
	key := mix(mix(b.hash(connector), b.hash(addr)), uint64(server)<<9|uint64(kind)<<1|truth(out))
	p := b.peerOf[key]
	if p != nil {
		return p
	}
	if len(b.peers) >= maxPeers && string(addr) != OtherHosts {
		return b.peer(server, kind, out, connector[:0], []byte(OtherHosts))
	}
	p = &peer{server: server, kind: kind, out: out, connector: fit(connector), addr: fit(addr), line: -1}
	b.peers = append(b.peers, p)
	b.peerOf[key] = p
	return p
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// begin takes the place of a session that may be the first.
func (p *peer) begin(file int32, line, at int64) {
	if p.line < 0 || at < p.firstAt {
		p.file, p.line, p.firstAt = file, line, at
	}
	p.end = max(p.end, at)
}

// start counts a session that begins. Two of which one ends at the moment at
// which the other begins count as at once, so that the order of rows of one
// moment does not matter.
func (p *peer) start(s *session) {
	s.counted = true
	p.sessions++
	p.now++
	at := p.now
	if p.endedAt == s.seen {
		at += p.endedNow
	}
	p.most = max(p.most, at)
}

// stop counts a session that ends.
func (p *peer) stop(s *session, at int64) {
	if !s.whole {
		p.torn++
	}
	p.end = max(p.end, at)
	p.now--
	if p.endedAt != at {
		p.endedAt, p.endedNow = at, 0
	}
	p.endedNow++
}

// took counts the time that a reply took.
func (p *peer) took(v verb, refused bool, took, began int64) {
	if v != vUnasked && v != noVerb {
		p.taken[v][truth(refused)].add(max(took, 0), began)
	}
}

// offer notes what an EHLO offers: a line for each, or all in one.
func (p *peer) offer(text []byte) {
	if p == nil || p.offers&(XShadow|XShadowRequest|StartTLS|Exps) == XShadow|XShadowRequest|StartTLS|Exps {
		return
	}
	if !bytes.ContainsAny(text, "XS") {
		return
	}
	for word := range bytes.FieldsSeq(text) {
		switch string(word) {
		case "XSHADOW":
			p.offers |= XShadow
		case "XSHADOWREQUEST":
			p.offers |= XShadowRequest
		case "STARTTLS":
			p.offers |= StartTLS
		case "X-EXPS":
			p.offers |= Exps
		}
	}
}

// quiet keeps a silence if it is among the worst.
func (p *peer) quiet(s *session, v verb, side Side, gap int64, ended bool) {
	x := Silence{Verb: v.String(), Side: side, From: s.heard, Took: gap, Ended: ended, Bytes: s.size, file: s.in, Line: s.at}
	i, _ := slices.BinarySearchFunc(p.worst, x, worse)
	if i >= maxWorst {
		return
	}
	x.Rows = s.rows.excerpt()
	p.worst = slices.Insert(p.worst, i, x)
	p.worst = p.worst[:min(len(p.worst), maxWorst)]
}

// worse orders silences, the longest first.
func worse(a, b Silence) int {
	return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(a.From, b.From), cmp.Compare(a.Verb, b.Verb))
}
