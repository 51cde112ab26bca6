package collectors

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"

	"mailflow/diag"
)

// Live is the real world. SMTP connections come from the source address, if it
// is not ""; DNS is asked from wherever the system chooses, because a resolver
// on the loopback address answers only there.
func Live(source string) diag.World {
	from, _ := netip.ParseAddr(source)
	return diag.World{
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			var d net.Dialer
			to, err := netip.ParseAddrPort(addr)
			if err == nil && network == "tcp" && from.IsValid() && to.Port() != 53 && to.Addr().Is4() == from.Is4() {
				d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
			}
			return d.DialContext(ctx, network, addr)
		},
		Open: func(name string) (io.ReadCloser, error) { return os.Open(name) },
	}
}
