package collectors

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"mailflow/diag"
	"mailflow/evidence"
)

// systemServers asks Windows for the DNS servers of its network adapters that
// are up, in the order of the adapters.
func systemServers(diag.World) ([]evidence.Resolver, error) {
	first, err := adapters()
	if err != nil {
		return nil, fmt.Errorf("Windows does not tell its DNS servers: %w: name one with --resolver", err)
	}
	var all []evidence.Resolver
	seen := map[string]bool{}
	for a := first; a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp {
			continue
		}
		for s := a.FirstDnsServerAddress; s != nil; s = s.Next {
			addr, ok := addrOf(s.Address)
			if ok && !seen[addr] {
				seen[addr] = true
				all = append(all, evidence.Resolver{Addr: addr, From: "network adapter"})
			}
		}
	}
	return all, nil
}

// siteLocal is fec0:0:0:ffff::/64: Windows lists these well-known addresses on
// adapters that have no IPv6 resolver, and nothing answers there (RFC 3879).
var siteLocal = netip.MustParsePrefix("fec0:0:0:ffff::/64")

func addrOf(sock windows.SocketAddress) (string, bool) {
	ip, ok := netip.AddrFromSlice(sock.IP())
	if !ok || siteLocal.Contains(ip) {
		return "", false
	}
	return netip.AddrPortFrom(ip.Unmap(), 53).String(), true
}

// adapters grows its buffer until the list fits, as the call wants it.
func adapters() (*windows.IpAdapterAddresses, error) {
	const flags = windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(15000)
	for range 4 {
		buf := make([]byte, size)
		list := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err := windows.GetAdaptersAddresses(syscall.AF_UNSPEC, flags, 0, list, &size)
		if err == nil {
			return list, nil
		}
		if !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) {
			return nil, err
		}
	}
	return nil, errors.New("the list of adapters keeps growing")
}
