package collectors

import (
	"context"
	"fmt"
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
		Open: open,
	}
}

// open opens ordinary files and folders. Opening a pipe would wait for its
// writer, and no cancel ends that; a device has no end.
func open(name string) (io.ReadCloser, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: no ordinary file", name)
	}
	return os.Open(name)
}
