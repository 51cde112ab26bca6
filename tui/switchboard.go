package tui

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"

	"mailflow/diag"
)

// A switchboard stands between the collectors and the world: it remembers the
// connections to each mail server, so that one server can be skipped while the
// others go on.
type switchboard struct {
	world diag.World
	mu    sync.Mutex // held for moments only, never while the world is waited for
	hosts map[string]*host
}

// A host is one address that was dialled.
type host struct {
	addr    string
	at      netip.AddrPort
	stage   stage
	skipped bool
	calls   map[*call]bool
}

type stage int

const (
	dialling stage = iota
	talking
	hungUp
	notReached
)

func (s stage) String() string {
	return [...]string{"connecting", "talking", "done", "not reached"}[s]
}

// errSkipped tells a collector that the operator skipped this host. It is a
// kind of cancelling, so nobody takes it for a fault of the host.
type errSkipped struct{}

func (errSkipped) Error() string { return "skipped by the operator" }
func (errSkipped) Unwrap() error { return context.Canceled }

func newSwitchboard(w diag.World) *switchboard {
	return &switchboard{world: w, hosts: map[string]*host{}}
}

// through is the world seen through the switchboard.
func (b *switchboard) through() diag.World {
	return diag.World{Dial: b.dial, Open: b.world.Open, Note: b.world.Note}
}

// A call is one connection to a host, or the attempt.
type call struct {
	net.Conn
	board  *switchboard
	host   *host
	cancel context.CancelFunc
}

func (b *switchboard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil || network != "tcp" || at.Port() == 53 {
		return b.world.Dial(ctx, network, addr)
	}
	ctx, cancel := context.WithCancel(ctx)
	c := &call{board: b, cancel: cancel}
	if !b.ring(c, addr, at) {
		cancel()
		return nil, errSkipped{}
	}
	conn, err := b.world.Dial(ctx, network, addr)
	return b.answered(c, conn, err)
}

// ring enters the attempt; false if the host is skipped.
func (b *switchboard) ring(c *call, addr string, at netip.AddrPort) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hosts[addr]
	if h == nil {
		h = &host{addr: addr, at: at, calls: map[*call]bool{}}
		b.hosts[addr] = h
	}
	if c.host = h; h.skipped {
		return false
	}
	h.stage = dialling
	h.calls[c] = true
	return true
}

func (b *switchboard) answered(c *call, conn net.Conn, err error) (net.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.host.skipped && err == nil {
		conn.Close()
		err = errSkipped{}
	}
	if err != nil {
		delete(c.host.calls, c)
		c.cancel()
		if c.host.stage = notReached; c.host.skipped {
			err = errSkipped{}
		}
		return nil, err
	}
	c.Conn, c.host.stage = conn, talking
	return c, nil
}

// Read reads from the host; a skipped one says so.
func (c *call) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.why(err)
}

// Write writes to the host; a skipped one says so.
func (c *call) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.why(err)
}

func (c *call) why(err error) error {
	if err == nil {
		return nil
	}
	c.board.mu.Lock()
	defer c.board.mu.Unlock()
	if c.host.skipped {
		return errSkipped{}
	}
	return err
}

// Close ends the connection.
func (c *call) Close() error {
	c.board.mu.Lock()
	delete(c.host.calls, c)
	if len(c.host.calls) == 0 {
		c.host.stage = hungUp
	}
	c.board.mu.Unlock()
	c.cancel()
	return c.Conn.Close()
}

// skip ends what goes on with a host, now and later. It says whether there was
// anything to end.
func (b *switchboard) skip(addr string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.hosts[addr]
	if h == nil || h.skipped || len(h.calls) == 0 {
		return false
	}
	h.skipped = true
	for c := range h.calls {
		c.cancel()
		if c.Conn != nil {
			c.Conn.Close()
		}
	}
	return true
}

// list is the state of each host, in the order of their addresses.
func (b *switchboard) list() []host {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]host, 0, len(b.hosts))
	for _, h := range b.hosts {
		all = append(all, host{addr: h.addr, at: h.at, stage: h.stage, skipped: h.skipped})
	}
	slices.SortFunc(all, func(x, y host) int {
		return cmp.Or(x.at.Addr().Compare(y.at.Addr()), cmp.Compare(x.at.Port(), y.at.Port()))
	})
	return all
}
