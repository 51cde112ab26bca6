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
		s = base + "/" + maskLength(mask)
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return Range{p.Masked().Addr(), upper(p)}, nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return Range{}, bad
	}
	return Range{a.Unmap(), a.Unmap()}, nil
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

// Holds says whether an address is in the range.
func (r Range) Holds(a netip.Addr) bool {
	a = a.Unmap()
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
	for i := range ix.Org.Receive {
		r := &ix.Org.Receive[i]
		if r.Enabled != nil && !*r.Enabled || !ix.sameServer(r.Server, server) || !r.Listens(local, port) {
			continue
		}
		size, err := r.narrowest(client)
		switch {
		case r.Ranges == nil:
			return nil, "what was given does not tell the remote addresses of " + r.Name
		case err != nil:
			return nil, r.Name + ": " + err.Error()
		case size == nil:
		case best == nil || size.Cmp(best) < 0:
			c, best, equal = r, size, false
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

func (ix *Index) sameServer(a, b string) bool {
	x, y := ix.Server(a), ix.Server(b)
	return x != nil && x == y || keyDN(a) == keyDN(b)
}

// Listens says whether a connector takes sessions at an address and port. An
// invalid address stands for any. Without bindings it is not known, and counts.
func (r *ReceiveConnector) Listens(local netip.Addr, port uint16) bool {
	if len(r.Bindings) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Bindings, func(b string) bool {
		ap, err := netip.ParseAddrPort(strings.TrimSpace(b))
		return err == nil && ap.Port() == port &&
			(!local.IsValid() || ap.Addr().IsUnspecified() && ap.Addr().Is4() == local.Unmap().Is4() || ap.Addr().Unmap() == local.Unmap())
	})
}

// narrowest is the size of the narrowest range that holds an address; nil if
// none does.
func (r *ReceiveConnector) narrowest(a netip.Addr) (*big.Int, error) {
	var best *big.Int
	for _, text := range r.Ranges {
		x, err := ParseRange(text)
		if err != nil {
			return nil, err
		}
		if size := x.size(); x.Holds(a) && (best == nil || size.Cmp(best) < 0) {
			best = size
		}
	}
	return best, nil
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
// where the export lacks it.
func (r *ReceiveConnector) Admits(group string) (yes, known bool) {
	return has(r.Permissions, group), r.Permissions != nil
}

func has(list []string, word string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), word) })
}
