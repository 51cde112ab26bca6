package lab

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// defaultTTL is the TTL of records that state none.
const defaultTTL = 300

// A zone is what DNS servers say about the names at and below its origin.
type zone struct {
	origin string         // canonical
	at     netip.AddrPort // the only server that has this version; zero for all
	rrs    map[string][]dns.RR
	soa    dns.RR
}

// readZone reads "zone ORIGIN" or "zone ORIGIN at ADDRESS".
func (s *Story) readZone(sec section) error {
	if len(sec.args) != 1 && (len(sec.args) != 3 || sec.args[1] != "at") {
		return sec.errorf(sec.line-1, "the header is \"zone ORIGIN\" or \"zone ORIGIN at ADDRESS\"")
	}
	if _, ok := dns.IsDomainName(sec.args[0]); !ok {
		return sec.errorf(sec.line-1, "%q is not a domain name", sec.args[0])
	}
	z := &zone{origin: dns.CanonicalName(sec.args[0]), rrs: map[string][]dns.RR{}}
	if len(sec.args) == 3 {
		at, err := addrPort(sec.args[2], 53)
		if err != nil {
			return sec.errorf(sec.line-1, "%w", err)
		}
		z.at = at
	}
	if slices.ContainsFunc(s.zones, func(o *zone) bool { return o.origin == z.origin && o.at == z.at }) {
		return sec.errorf(sec.line-1, "a second zone of that name")
	}
	if err := z.parse(sec, maxRecords-s.records()); err != nil {
		return err
	}
	s.zones = append(s.zones, z)
	return nil
}

func (s *Story) records() int {
	n := 0
	for _, z := range s.zones {
		for _, rrs := range z.rrs {
			n += len(rrs)
		}
	}
	return n
}

func (z *zone) parse(sec section, limit int) error {
	// A $TTL of its own, or a record's TTL would hold for those after it too.
	text := fmt.Sprintf("$TTL %d\n%s", defaultTTL, sec.text)
	zp := dns.NewZoneParser(strings.NewReader(text), z.origin, "")
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		if limit--; limit < 0 { // $GENERATE makes many out of one line
			return sec.errorf(sec.line-1, "more than %d records in the story", maxRecords)
		}
		name := dns.CanonicalName(rr.Header().Name)
		if !dns.IsSubDomain(z.origin, name) {
			return sec.errorf(sec.line-1, "%s is not within %s", name, z.origin)
		}
		z.rrs[name] = append(z.rrs[name], rr)
		if rr.Header().Rrtype == dns.TypeSOA {
			z.soa = rr
		}
	}
	if err := zp.Err(); err != nil {
		return zoneError(sec, err)
	}
	if z.soa == nil {
		z.soa = soaOf(z.origin)
		z.rrs[z.origin] = append(z.rrs[z.origin], z.soa)
	}
	return nil
}

// zoneError puts the line of the story in place of the parser's, which is one
// more than that of the section and given at the end of its words only.
func zoneError(sec section, err error) error {
	what, at, ok := strings.Cut(err.Error(), " at line: ")
	row, _, _ := strings.Cut(at, ":")
	n, bad := strconv.Atoi(row)
	if !ok || bad != nil || n < 2 {
		return sec.errorf(sec.line, "%w", err)
	}
	return sec.errorf(sec.line+n-2, "%s", strings.TrimPrefix(what, "dns: "))
}

// rootZone is what is said of the root where no zone of the story says it.
func rootZone() *zone {
	soa := soaOf(".")
	ns := &dns.NS{Hdr: soa.Hdr, Ns: "a.root-servers.net."}
	ns.Hdr.Rrtype = dns.TypeNS
	return &zone{origin: ".", rrs: map[string][]dns.RR{".": {soa, ns}}, soa: soa}
}

func soaOf(origin string) *dns.SOA {
	below := strings.TrimPrefix(origin, ".")
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: origin, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: defaultTTL},
		Ns:  "ns." + below, Mbox: "hostmaster." + below,
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: defaultTTL,
	}
}

// A view is all that one DNS server knows.
type view struct {
	zones []*zone         // deepest origin first
	names map[string]bool // every name that exists, the empty ones above others too
}

// viewAt is what the server at an address knows: its own versions of zones,
// and those that all servers have.
func (s *Story) viewAt(at netip.AddrPort) *view {
	v := &view{names: map[string]bool{".": true}}
	own := map[string]bool{}
	for _, z := range s.zones {
		if z.at == at {
			own[z.origin] = true
			v.add(z)
		}
	}
	for _, z := range s.zones {
		if !z.at.IsValid() && !own[z.origin] {
			v.add(z)
		}
	}
	if v.zoneOf(".") == nil {
		v.add(rootZone())
	}
	slices.SortStableFunc(v.zones, func(a, b *zone) int {
		return -cmp.Compare(dns.CountLabel(a.origin), dns.CountLabel(b.origin))
	})
	return v
}

func (v *view) add(z *zone) {
	v.zones = append(v.zones, z)
	for name := range z.rrs {
		for !v.names[name] {
			v.names[name] = true
			next, end := dns.NextLabel(name, 0)
			if end {
				break
			}
			name = name[next:]
		}
	}
}

// zoneOf is the deepest zone that a name is in; once the view is whole there
// is always one.
func (v *view) zoneOf(name string) *zone {
	for _, z := range v.zones {
		if dns.IsSubDomain(z.origin, name) {
			return z
		}
	}
	return nil
}

// nameOf is the first name whose address record is a, without its final dot;
// or the address in brackets.
func (s *Story) nameOf(a netip.Addr) string {
	var names []string
	for _, z := range s.zones {
		for name, rrs := range z.rrs {
			if slices.ContainsFunc(rrs, func(rr dns.RR) bool { return addrOf(rr) == a }) {
				names = append(names, strings.TrimSuffix(name, "."))
			}
		}
	}
	if len(names) == 0 {
		return "[" + a.String() + "]"
	}
	return slices.Min(names)
}

func addrOf(rr dns.RR) netip.Addr {
	var a netip.Addr
	switch rr := rr.(type) {
	case *dns.A:
		a, _ = netip.AddrFromSlice(rr.A)
	case *dns.AAAA:
		a, _ = netip.AddrFromSlice(rr.AAAA)
	}
	return a.Unmap()
}
