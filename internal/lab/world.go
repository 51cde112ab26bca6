package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"mailflow/diag"
)

// The addresses from which the story's machine speaks, and its first port.
const (
	local4    = "10.0.0.100"
	local6    = "2001:db8::100"
	firstPort = 40000
)

// A play is a story that is being played.
type play struct {
	story   *Story
	stopped chan struct{}
	wg      sync.WaitGroup
	files   map[string][]byte
	certs   certificates
	views   map[netip.AddrPort]*view

	mu    sync.Mutex
	over  bool
	dials int
	calls map[netip.AddrPort]int // connections to SMTP hosts so far
	asked map[question]int       // packets of a question so far, for lossy servers
}

// World starts the story's world. Every call starts a new one, in which no
// host has been called yet. stop ends every goroutine of it and waits for
// them; what is still open is reset.
//
// An address that the story says nothing of is a black hole: a TCP dial to it
// ends only with its context. An address that it does speak of refuses the
// ports that it does not.
func (s *Story) World() (w diag.World, stop func(), err error) {
	p := &play{
		story:   s,
		stopped: make(chan struct{}),
		files:   map[string][]byte{},
		views:   map[netip.AddrPort]*view{},
		calls:   map[netip.AddrPort]int{},
		asked:   map[question]int{},
	}
	for name, text := range s.files {
		p.files[name] = text
	}
	for at := range s.servers {
		p.views[at] = s.viewAt(at)
	}
	if s.needsCA() {
		if err := p.certify(time.Now()); err != nil {
			return diag.World{}, nil, err
		}
	}
	return diag.World{Dial: p.dial, Open: p.open, Note: func(string) {}}, p.stop, nil
}

func (p *play) stop() {
	p.mu.Lock()
	if !p.over {
		p.over = true
		close(p.stopped)
	}
	p.mu.Unlock()
	p.wg.Wait()
}

func (p *play) open(name string) (io.ReadCloser, error) {
	text, ok := p.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

func (p *play) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	kind := strings.TrimRight(network, "46")
	to, err := netip.ParseAddrPort(addr)
	if err != nil || kind != "tcp" && kind != "udp" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("a story's world has no %q: give an IP address and port", addr)}
	}
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	d := &dialing{play: p, ctx: ctx, network: network, to: to}
	d.number(kind)
	if err := ctx.Err(); err != nil {
		return nil, d.fail(ended(err))
	}
	if kind == "udp" {
		return d.dialUDP(), nil
	}
	return d.dialTCP()
}

// A dialing is one attempt to connect.
type dialing struct {
	*play
	ctx           context.Context
	network       string
	to            netip.AddrPort
	local, remote net.Addr
	nth           int // of the connections to that SMTP host, from 1
}

// number gives the attempt its local port and, where it calls an SMTP host,
// its number.
func (d *dialing) number(kind string) {
	d.mu.Lock()
	d.dials++
	port := uint16(firstPort + d.dials%(65536-firstPort))
	if d.story.hosts[d.to] != nil && kind == "tcp" {
		d.calls[d.to]++
		d.nth = d.calls[d.to]
	}
	d.mu.Unlock()
	from := netip.MustParseAddr(local4)
	if d.to.Addr().Is6() {
		from = netip.MustParseAddr(local6)
	}
	local := netip.AddrPortFrom(from, port)
	if kind == "udp" {
		d.local, d.remote = net.UDPAddrFromAddrPort(local), net.UDPAddrFromAddrPort(d.to)
		return
	}
	d.local, d.remote = net.TCPAddrFromAddrPort(local), net.TCPAddrFromAddrPort(d.to)
}

// dialUDP needs no packet to connect. A port that nobody has says so once it is
// written to; an address that nobody has never says anything.
func (d *dialing) dialUDP() net.Conn {
	c, _ := newConns(d.network, d.local, d.remote, 0, d.stopped)
	c.packets = true
	server := d.story.servers[d.to]
	switch {
	case server != nil:
		c.answer = d.nameserver(server).datagram
	case d.known():
		c.answer = d.refuse
	default:
		c.answer = func(*conn, []byte) {}
	}
	return packetConn{c}
}

func (d *dialing) refuse(c *conn, _ []byte) { c.reply(d.story.rtt, nil, syscall.ECONNREFUSED) }

// known says whether the story speaks of the address, at any port.
func (d *dialing) known() bool {
	for at := range d.story.hosts {
		if at.Addr() == d.to.Addr() {
			return true
		}
	}
	for at := range d.story.servers {
		if at.Addr() == d.to.Addr() {
			return true
		}
	}
	return false
}

func (d *dialing) dialTCP() (net.Conn, error) {
	if server := d.story.servers[d.to]; server != nil {
		return d.dialDNS(server)
	}
	h := d.story.hosts[d.to]
	if h == nil {
		if d.known() {
			return nil, d.give(d.story.rtt, syscall.ECONNREFUSED)
		}
		return nil, d.never()
	}
	for _, st := range h.script(d.nth, "connect", false) {
		if err := d.step(st); err != nil {
			return nil, err
		}
	}
	return d.accepted(h)
}

func (d *dialing) dialDNS(server *habits) (net.Conn, error) {
	switch server.tcp {
	case "silent":
		return nil, d.never()
	case "refused":
		return nil, d.give(d.story.rtt, syscall.ECONNREFUSED)
	}
	if err := d.wait(d.story.rtt); err != nil {
		return nil, err
	}
	c, _ := newConns(d.network, d.local, d.remote, 0, d.stopped)
	c.answer = d.nameserver(server).stream()
	return c, nil
}

// step plays one step of a host's "connect" line.
func (d *dialing) step(st step) error {
	switch st.do {
	case "wait":
		return d.wait(st.wait)
	case "refused":
		return d.give(d.story.rtt, syscall.ECONNREFUSED)
	case "unreachable":
		return d.give(d.story.rtt, syscall.EHOSTUNREACH)
	case "local":
		return d.give(0, syscall.ENETUNREACH)
	case "silent":
		return d.never()
	}
	return nil
}

// accepted makes the connection and starts the host's side of it, which hears
// of it half a round trip later than the client.
func (d *dialing) accepted(h *host) (net.Conn, error) {
	if err := d.wait(d.story.rtt); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return nil, d.fail(syscall.ECONNREFUSED)
	}
	client, server := newConns(d.network, d.local, d.remote, d.story.rtt/2, d.stopped)
	s := &session{host: h, nth: d.nth, raw: server, certs: d.certs, name: d.story.nameOf(d.to.Addr())}
	d.wg.Go(s.serve)
	return client, nil
}

// wait passes the time of the attempt.
func (d *dialing) wait(t time.Duration) error {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-d.ctx.Done():
		return d.fail(ended(d.ctx.Err()))
	case <-d.stopped:
		return d.fail(syscall.ECONNREFUSED)
	}
}

// give fails after a while.
func (d *dialing) give(after time.Duration, errno syscall.Errno) error {
	if err := d.wait(after); err != nil {
		return err
	}
	return d.fail(errno)
}

// never is an attempt that gets no answer.
func (d *dialing) never() error {
	select {
	case <-d.ctx.Done():
		return d.fail(ended(d.ctx.Err()))
	case <-d.stopped:
		return d.fail(syscall.ECONNREFUSED)
	}
}

// fail wraps an error as net.Dial does.
func (d *dialing) fail(err error) error {
	if errno, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError("connect", errno)
	}
	return &net.OpError{Op: "dial", Net: d.network, Addr: d.remote, Err: err}
}

// An endedError is the end of a context as net.Dial words it.
type endedError struct{ cause error }

func ended(cause error) error { return endedError{cause} }

func (e endedError) Error() string {
	if e.Timeout() {
		return "i/o timeout"
	}
	return "operation was canceled"
}

func (e endedError) Timeout() bool        { return e.cause == context.DeadlineExceeded }
func (e endedError) Temporary() bool      { return e.Timeout() }
func (e endedError) Is(target error) bool { return target == e.cause }
