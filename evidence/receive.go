package evidence

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// A Range is a run of IP addresses, as a receive connector names them.
type Range struct{ From, To netip.Addr }

// ParseRange reads what Exchange writes of remote addresses: one address, a run
// with a hyphen, a network with its length, or with its mask in parentheses
// (Set-ReceiveConnector, parameter RemoteIPRanges).
func ParseRange(s string) (Range, error) {
	s = strings.TrimSpace(s)
	bad := fmt.Errorf("%q is no range of IP addresses", s)
	if from, to, ok := strings.Cut(s, "-"); ok {
		a, errA := netip.ParseAddr(strings.TrimSpace(from))
		b, errB := netip.ParseAddr(strings.TrimSpace(to))
		a, b = a.Unmap(), b.Unmap()
		if errA != nil || errB != nil || a.BitLen() != b.BitLen() || b.Less(a) || a.Zone()+b.Zone() != "" {
			return Range{}, bad
		}
		return Range{a, b}, nil
	}
	if base, mask, ok := strings.Cut(strings.TrimSuffix(s, ")"), "("); ok {
		s = unmapped(base) + "/" + maskLength(mask)
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		p = unmap(p)
		return Range{p.Masked().Addr(), upper(p)}, nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return Range{}, bad
	}
	return Range{a.Unmap(), a.Unmap()}, nil
}

// mappedBits are those before the IPv4 address in one mapped to IPv6 (RFC 4291
// section 2.5.5.2).
const mappedBits = 96

// unmap makes a network of IPv4 of one that is written as IPv6.
func unmap(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= mappedBits {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mappedBits)
	}
	return p
}

// unmapped is an address of IPv4 in its own form; "" for any other, to which no
// mask belongs.
func unmapped(s string) string {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil || !a.Unmap().Is4() {
		return ""
	}
	return a.Unmap().String()
}

// maskLength is how long a network is by its mask; "" for no mask.
func maskLength(mask string) string {
	a, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() {
		return ""
	}
	b := a.As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	ones := 0
	for n&(1<<31) != 0 {
		n, ones = n<<1, ones+1
	}
	if n != 0 {
		return ""
	}
	return fmt.Sprint(ones)
}

// upper is the last address of a network.
func upper(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// plain is an address without what belongs only to the machine that wrote it:
// the zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Holds says whether an address is in the range, whatever its zone: a range has
// none.
func (r Range) Holds(a netip.Addr) bool {
	a = plain(a)
	return r.From.BitLen() == a.BitLen() && !a.Less(r.From) && !r.To.Less(a)
}

// size is how many addresses a range has.
func (r Range) size() *big.Int {
	n := new(big.Int).SetBytes(r.To.AsSlice())
	n.Sub(n, new(big.Int).SetBytes(r.From.AsSlice()))
	return n.Add(n, big.NewInt(1))
}

// Winner works out which receive connector of a server takes a session: of those
// that listen at the address and port, the one with the narrowest range that
// holds the client's address ("Receive connectors" in Microsoft's
// documentation: the most specific match). It is nil where none listens there,
// where two are equally narrow, or where ranges are unknown or cannot be read; why
// then says which. Connectors of which it is unknown whether they are enabled count.
func (ix *Index) Winner(server string, client, local netip.Addr, port uint16) (c *ReceiveConnector, why string) {
	var best *big.Int
	equal := false
	for _, r := range ix.receivers()[ix.owner(server)] {
		if r.Enabled != nil && !*r.Enabled || !r.Listens(local, port) {
			continue
		}
		size := r.narrowest(client)
		switch {
		case r.Ranges == nil:
			return nil, "what was given does not tell the remote addresses of " + r.Name
		case r.bad != nil:
			return nil, r.Name + ": " + r.bad.Error()
		case size == nil:
		case best == nil || size.Cmp(best) < 0:
			c, best, equal = r.ReceiveConnector, size, false
		case size.Cmp(best) == 0:
			equal = true
		}
	}
	switch {
	case c == nil:
		return nil, fmt.Sprintf("no receive connector listens there for %s", client)
	case equal:
		return nil, fmt.Sprintf("two receive connectors fit %s equally", client)
	}
	return c, ""
}

// A receiver is a receive connector with its ranges read.
type receiver struct {
	*ReceiveConnector
	ranges []Range
	bad    error // of the first that cannot be read
}

// An owner is a server: the one that is known, or else only its name.
type owner struct {
	server *Server
	key    string
}

func (ix *Index) owner(server string) owner {
	if s := ix.Server(server); s != nil {
		return owner{server: s}
	}
	return owner{key: keyDN(server)}
}

// byOwner reads the receive connectors of an organization, for each server.
func (ix *Index) byOwner() map[owner][]receiver {
	all := map[owner][]receiver{}
	for i := range ix.Org.Receive {
		r := receiver{ReceiveConnector: &ix.Org.Receive[i]}
		for _, text := range r.Ranges {
			x, err := ParseRange(text)
			if r.ranges = append(r.ranges, x); err != nil {
				r.bad = err
				break
			}
		}
		o := ix.owner(r.Server)
		all[o] = append(all[o], r)
	}
	return all
}

// Listens says whether a connector takes sessions at an address and port. An
// invalid address stands for any. Without bindings it is not known, and counts.
func (r *ReceiveConnector) Listens(local netip.Addr, port uint16) bool {
	if len(r.Bindings) == 0 {
		return true
	}
	any, local := !local.IsValid(), plain(local)
	return slices.ContainsFunc(r.Bindings, func(b string) bool {
		ap, err := netip.ParseAddrPort(strings.TrimSpace(b))
		return err == nil && ap.Port() == port &&
			(any || ap.Addr().IsUnspecified() && ap.Addr().Is4() == local.Is4() || plain(ap.Addr()) == local)
	})
}

// narrowest is the size of the narrowest range that holds an address; nil if
// none does.
func (r receiver) narrowest(a netip.Addr) (best *big.Int) {
	for _, x := range r.ranges {
		if !x.Holds(a) {
			continue
		}
		if size := x.size(); best == nil || size.Cmp(best) < 0 {
			best = size
		}
	}
	return best
}

// Accepts says whether the connector trusts whoever connects to it, because
// something else has vouched for the network (ExternalAuthoritative).
func (r *ReceiveConnector) Accepts() bool { return has(r.Auth, "ExternalAuthoritative") }

// Authenticates says whether Exchange servers can log on to each other at the
// connector; known is false where the export lacks it.
func (r *ReceiveConnector) Authenticates() (yes, known bool) {
	return has(r.Auth, "ExchangeServer") || has(r.Auth, "Integrated") || r.Accepts(), r.Auth != nil
}

// Admits says whether a permission group may use the connector; known is false
// where the export lacks it, and for a group that is not listed where rights were
// set by hand (Custom, Get-ReceiveConnector): these may be the group's.
func (r *ReceiveConnector) Admits(group string) (yes, known bool) {
	if has(r.Permissions, group) {
		return true, true
	}
	return false, r.Permissions != nil && !has(r.Permissions, "Custom")
}

func has(list []string, word string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), word) })
}
