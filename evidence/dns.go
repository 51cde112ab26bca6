package evidence

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"mailflow/diag"
)

// What the domain name system says.
var (
	Servers     = diag.NewKey[[]Resolver]("dns.resolvers", "the DNS servers that this machine is set to ask")
	Route       = diag.NewKey[[]Lookup]("dns.route", "the look-ups that lead from the recipient's domain, or the next hop's name, to addresses")
	Hops        = diag.NewKey[[]Hop]("dns.hops", "the next hops and their addresses")
	Bridgeheads = diag.NewKey[[]Bridgehead]("org.bridgeheads", "the servers that the connectors name as bridgeheads, to be tried")
	Survey      = diag.NewKey[[]Lookup]("dns.survey", "the same look-ups at every resolver, over UDP and TCP")
	OurName     = diag.NewKey[[]Lookup]("dns.self", "PTR of the address that we connect from: servers that greet late often wait for it")
	Reverse     = diag.NewKey[[]Lookup]("dns.reverse", "PTR of each address, and the addresses of the names found")
)

// A Resolver is a DNS server to ask.
type Resolver struct {
	Addr string `json:"addr"` // "192.0.2.53:53"
	From string `json:"from"` // "operator", "/etc/resolv.conf", "network adapter"
}

// A Lookup is one question to one DNS server over one transport, with what
// came of it.
type Lookup struct {
	Name      string    `json:"name"`      // without a final dot
	Type      string    `json:"type"`      // "MX", "A", "AAAA", "PTR"
	Server    string    `json:"server"`    // address and port
	Transport string    `json:"transport"` // "udp" or "tcp"; a udp look-up that was truncated has gone on over tcp
	Began     time.Time `json:"began"`
	TookNS    int64     `json:"took_ns"` // in all attempts
	Rcode     string    `json:"rcode,omitempty"`
	AA        bool      `json:"aa,omitempty"`
	AD        bool      `json:"ad,omitempty"`
	TC        bool      `json:"tc,omitempty"`       // the UDP answer was truncated
	Referral  bool      `json:"referral,omitempty"` // no answer, but other servers to ask: this one does not look up for us
	EDE       []string  `json:"ede,omitempty"`
	Answers   []RR      `json:"answers,omitempty"`
	Extra     []RR      `json:"extra,omitempty"` // addresses in the additional section
	Attempts  []Attempt `json:"attempts"`
}

// An Attempt is one packet or connection of a look-up. A resolver library
// repeats a question that is not answered; so do we, and keep each.
type Attempt struct {
	Transport string `json:"transport"`
	TookNS    int64  `json:"took_ns"`
	Fault     string `json:"fault,omitempty"` // "timeout", "refused", "closed", "unreachable", "local", "malformed", "canceled"
	Err       string `json:"err,omitempty"`
	Plain     bool   `json:"plain,omitempty"` // asked without EDNS
}

// An RR is one record of an answer.
type RR struct {
	Name string `json:"name"`
	Type string `json:"type"`
	TTL  uint32 `json:"ttl_seconds"`
	Pref uint16 `json:"preference,omitempty"` // MX
	Data string `json:"data"`                 // target without its final dot ("." stays), or address
}

// Took is how long the look-up took in all its attempts.
func (l Lookup) Took() time.Duration { return time.Duration(l.TookNS) }

// Answered says whether the server gave an answer of whatever kind.
func (l Lookup) Answered() bool { return l.Rcode != "" }

// Fault is that of the last attempt; "" when the server answered.
func (l Lookup) Fault() string {
	if l.Answered() || len(l.Attempts) == 0 {
		return ""
	}
	return l.Attempts[len(l.Attempts)-1].Fault
}

// Cut says whether only a truncated answer came: what it lacks is unknown.
func (l Lookup) Cut() bool {
	return l.TC && len(l.Attempts) > 0 && l.Attempts[len(l.Attempts)-1].Fault != ""
}

// Usable says whether a mail server could act on the answer: the name has data,
// has none, or does not exist. Anything else sends it to the next resolver.
func (l Lookup) Usable() bool {
	return (l.Rcode == "NOERROR" || l.Rcode == "NXDOMAIN") && !l.Cut() && !l.Referral
}

// Best picks the look-up of a name and type that a mail server would act on:
// the first usable one, else the first of all.
func Best(all []Lookup, name, typ string) (Lookup, bool) {
	var first *Lookup
	for i, l := range all {
		if l.Type != typ || !strings.EqualFold(l.Name, name) {
			continue
		}
		if l.Usable() {
			return l, true
		}
		if first == nil {
			first = &all[i]
		}
	}
	if first == nil {
		return Lookup{}, false
	}
	return *first, true
}

// Records lists the answers of one type.
func (l Lookup) Records(typ string) []RR {
	var found []RR
	for _, rr := range l.Answers {
		if rr.Type == typ {
			found = append(found, rr)
		}
	}
	return found
}

// How a next hop came to be one.
const (
	ByName      = "named"     // the operator named the server: its A and AAAA count, its MX does not
	ByMX        = "mx"        // an MX record of the recipient's domain
	ByConnector = "connector" // a connector of the organization names it as a bridgehead
	ByFallback  = "fallback"  // the domain has no MX: its own address (RFC 5321 5.1)
)

// A Hop is one next hop: a server that mail for a target may be handed to.
type Hop struct {
	Target string   `json:"target"` // what the operator asked about: the domain, or the server's name
	How    string   `json:"how"`    // ByName, ByMX, ByConnector or ByFallback
	Host   string   `json:"host"`
	Port   uint16   `json:"port"`
	Pref   uint16   `json:"preference,omitempty"`
	Via    []string `json:"via,omitempty"`   // connectors that name the host (ByConnector)
	Addrs  []string `json:"addrs,omitempty"` // IP addresses without a port, in the order of the answers
}

// A Bridgehead is a server that connectors name: one that takes their mail, and
// so is a next hop, or one that sends it.
type Bridgehead struct {
	Host  string   `json:"host"`
	Sends bool     `json:"sends,omitempty"`
	Via   []string `json:"via"` // names of the connectors
}

// PointerName is the name whose PTR record says what an address is called
// (RFC 1035 3.5, RFC 3596 2.5), or "" when it is no address.
func PointerName(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return ""
	}
	var name strings.Builder
	if ip = ip.Unmap(); ip.Is4() {
		b := ip.As4()
		return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0])
	}
	b := ip.As16()
	for i := len(b) - 1; i >= 0; i-- {
		fmt.Fprintf(&name, "%x.%x.", b[i]&15, b[i]>>4)
	}
	return name.String() + "ip6.arpa"
}
