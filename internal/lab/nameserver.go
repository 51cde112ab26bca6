package lab

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// maxChain is how many CNAMEs a server follows.
const maxChain = 10

// A question is what a lossy server counts the packets of.
type question struct {
	at    netip.AddrPort
	name  string
	qtype uint16
}

// A nameserver is a DNS server as one connection meets it. It has no
// goroutine: an answer is worked out when the question is written, and
// delivered when its time has come.
type nameserver struct {
	*habits
	d    *dialing
	view *view
}

func (d *dialing) nameserver(h *habits) *nameserver {
	return &nameserver{habits: h, d: d, view: d.views[d.to]}
}

// datagram takes one question over UDP.
func (ns *nameserver) datagram(c *conn, data []byte) {
	if ns.udp == "refused" {
		ns.d.refuse(c, data)
		return
	}
	var q dns.Msg
	if ns.udp == "silent" || q.Unpack(data) != nil || ns.loses(&q) {
		return
	}
	r, after := ns.reply(&q)
	if r == nil {
		return
	}
	if ns.cuts(&q, r) {
		r.Answer, r.Ns, r.Truncated = nil, nil, true
	}
	packed := pack(&q, r)
	if ns.drop > 0 && len(packed) > ns.drop {
		return
	}
	c.reply(ns.d.story.rtt+after, packed, nil)
}

// stream takes questions over TCP: two bytes of length before each, in
// whatever pieces they are written.
func (ns *nameserver) stream() func(*conn, []byte) {
	var mu sync.Mutex
	var held []byte
	return func(c *conn, data []byte) {
		mu.Lock()
		defer mu.Unlock()
		held = append(held, data...)
		for len(held) >= 2 {
			n := 2 + int(binary.BigEndian.Uint16(held))
			if len(held) < n {
				return
			}
			var q dns.Msg
			err := q.Unpack(held[2:n])
			held = held[n:]
			if err != nil {
				continue
			}
			if r, after := ns.reply(&q); r != nil {
				r.Truncated = false
				packed := pack(&q, r)
				framed := binary.BigEndian.AppendUint16(nil, uint16(len(packed)))
				c.reply(ns.d.story.rtt+after, append(framed, packed...), nil)
			}
		}
	}
}

// loses says whether this packet is one of those that a lossy server loses.
func (ns *nameserver) loses(q *dns.Msg) bool {
	if ns.lossy == 0 || len(q.Question) != 1 {
		return false
	}
	key := question{ns.d.to, dns.CanonicalName(q.Question[0].Name), q.Question[0].Qtype}
	ns.d.mu.Lock()
	defer ns.d.mu.Unlock()
	ns.d.asked[key]++
	return ns.d.asked[key] <= ns.lossy
}

// cuts says whether an answer is cut over UDP.
func (ns *nameserver) cuts(q, r *dns.Msg) bool {
	if r.Truncated {
		return true
	}
	size := dns.MinMsgSize
	if opt := q.IsEdns0(); opt != nil && ns.edns != "ignored" {
		size = max(size, int(opt.UDPSize()))
	}
	if ns.truncate > 0 {
		size = min(size, ns.truncate)
	}
	return len(pack(q, r)) > size
}

// pack packs an answer; one that cannot be packed is a SERVFAIL.
func pack(q, r *dns.Msg) []byte {
	packed, err := r.Pack()
	if err != nil {
		packed, _ = new(dns.Msg).SetRcode(q, dns.RcodeServerFailure).Pack() // the question came packed
	}
	return packed
}

// reply works out the answer, and how long the server takes over it; nil for
// no answer. Truncated is set where a rule says so; it is for UDP.
func (ns *nameserver) reply(q *dns.Msg) (*dns.Msg, time.Duration) {
	r := new(dns.Msg)
	r.SetReply(q)
	r.RecursionAvailable, r.Compress = true, true
	opt := q.IsEdns0()
	switch {
	case q.Response:
		return nil, 0
	case q.Opcode != dns.OpcodeQuery:
		r.Rcode = dns.RcodeNotImplemented
		return r, ns.wait
	case len(q.Question) != 1 || opt != nil && ns.edns == "formerr":
		r.Rcode = dns.RcodeFormatError
		return r, ns.wait
	case opt != nil && ns.edns == "silent":
		return nil, 0
	case opt != nil && ns.edns != "ignored":
		r.SetEdns0(dns.DefaultMsgSize, opt.Do())
	}
	i := slices.IndexFunc(ns.rules, func(ru rule) bool { return ru.fits(q.Question[0]) })
	if i < 0 {
		ns.look(q, r)
		return r, ns.wait
	}
	if ns.rules[i].does == "silent" {
		return nil, 0
	}
	ns.obey(ns.rules[i], q, r)
	return r, ns.wait + ns.rules[i].wait
}

// obey answers as a rule says.
func (ns *nameserver) obey(ru rule, q, r *dns.Msg) {
	switch ru.does {
	case "rcode":
		r.Rcode = ru.rcode
		if ru.rcode == dns.RcodeNameError || ru.rcode == dns.RcodeSuccess {
			r.Ns = ns.negative(dns.CanonicalName(q.Question[0].Name))
		}
	case "truncated":
		ns.look(q, r)
		r.Truncated = true
	case "referral": // as a server that does not look up for others may answer
		r.RecursionAvailable = false
		r.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 3600}, Ns: "a.root-servers.net."}}
	default:
		ns.look(q, r)
	}
	if opt := r.IsEdns0(); opt != nil && ru.ede != nil {
		opt.Option = append(opt.Option, ru.ede)
	}
}

// look answers from the zones, following CNAMEs. A chain that does not end is
// a SERVFAIL.
func (ns *nameserver) look(q, r *dns.Msg) {
	ask := q.Question[0]
	if ask.Qclass != dns.ClassINET {
		r.Rcode = dns.RcodeRefused
		return
	}
	r.Authoritative = ns.aa
	opt := q.IsEdns0()
	r.AuthenticatedData = ns.ad && (q.AuthenticatedData || opt != nil && opt.Do())
	name := dns.CanonicalName(ask.Name)
	for range maxChain {
		found, cname := ns.view.find(name, ask.Qtype)
		for _, rr := range found {
			r.Answer = append(r.Answer, dns.Copy(rr)) // packing writes into a record
		}
		if cname == "" {
			ns.end(r, name, len(found) > 0)
			return
		}
		name = cname
	}
	r.Rcode = dns.RcodeServerFailure
}

// end ends an answer: at the last name of the chain there are records, or no
// such records, or there is no such name.
func (ns *nameserver) end(r *dns.Msg, name string, found bool) {
	if found {
		return
	}
	if !ns.view.names[name] {
		r.Rcode = dns.RcodeNameError
	}
	r.Ns = ns.negative(name)
}

// negative is the SOA that a negative answer bears.
func (ns *nameserver) negative(name string) []dns.RR {
	return []dns.RR{dns.Copy(ns.view.zoneOf(name).soa)}
}

// find finds the records of a name; cname is where the search goes on.
func (v *view) find(name string, qtype uint16) (found []dns.RR, cname string) {
	z := v.zoneOf(name)
	for _, rr := range z.rrs[name] {
		if t := rr.Header().Rrtype; t == qtype || qtype == dns.TypeANY {
			found = append(found, rr)
		}
	}
	if len(found) > 0 {
		return found, ""
	}
	for _, rr := range z.rrs[name] {
		if c, ok := rr.(*dns.CNAME); ok {
			return []dns.RR{rr}, dns.CanonicalName(c.Target)
		}
	}
	return nil, ""
}
