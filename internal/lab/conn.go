package lab

import (
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// window is how many bytes a stream holds before its writer has to wait.
const window = 256 << 10

// A link is what the two ends of a connection share. Its mutex is held for
// moments only: in virtual time nothing may wait for a mutex.
type link struct {
	delay   time.Duration // one way
	stopped <-chan struct{}
	mu      sync.Mutex
	changed chan struct{} // closed and made anew at every change
}

// A piece is what one write delivers: a stretch of the stream, one datagram,
// or with err its end.
type piece struct {
	at   time.Time // when it arrives
	data []byte
	err  error
}

// A flow is one direction of a connection.
type flow struct {
	pieces []piece // in the order of arrival
	size   int
	gone   chan struct{} // closed when its reader closed
	lost   time.Time     // when something was first written to a reader that is gone
}

// A conn is one end of a connection in memory: buffered, with deadlines, and
// with a network that takes its time.
type conn struct {
	*link
	network       string
	local, remote net.Addr
	in, out       *flow
	server        bool                       // a server learns of the client's close at once, so that it ends with it
	packets       bool                       // datagrams, not a stream
	answer        func(c *conn, data []byte) // takes what is written, where no goroutine reads it; called without the mutex
	readBy        time.Time
	writeBy       time.Time
	closed        bool
}

// A packetConn is a conn of datagrams. miekg/dns tells them by the interface.
type packetConn struct{ *conn }

func (c packetConn) ReadFrom(p []byte) (int, net.Addr, error) {
	n, err := c.Read(p)
	return n, c.remote, err
}

func (c packetConn) WriteTo(p []byte, _ net.Addr) (int, error) { return c.Write(p) }

func newFlow() *flow { return &flow{gone: make(chan struct{})} }

// newConns makes the two ends of a connection.
func newConns(network string, local, remote net.Addr, delay time.Duration, stopped <-chan struct{}) (client, server *conn) {
	l := &link{delay: delay, stopped: stopped, changed: make(chan struct{})}
	up, down := newFlow(), newFlow()
	client = &conn{link: l, network: network, local: local, remote: remote, in: down, out: up}
	server = &conn{link: l, network: network, local: remote, remote: local, in: up, out: down, server: true}
	return client, server
}

// wait gives the mutex away until something changes, or until a time; it says
// whether the world still stands.
func (l *link) wait(until time.Time) bool {
	changed := l.changed
	l.mu.Unlock()
	defer l.mu.Lock()
	var due <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-changed:
	case <-due:
	case <-l.stopped:
		return false
	}
	return true
}

func (l *link) change() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Read reads what has arrived. A deadline that has passed comes before data,
// as in package net.
func (c *conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if err := c.broken(c.readBy); err != nil {
			return 0, c.fail("read", err)
		}
		if c.server && isClosed(c.out.gone) {
			return 0, io.EOF
		}
		if len(p) == 0 {
			return 0, nil
		}
		until := c.readBy
		if len(c.in.pieces) > 0 {
			first := c.in.pieces[0]
			if !time.Now().Before(first.at) {
				return c.take(p)
			}
			until = sooner(until, first.at)
		}
		if !c.wait(until) {
			return 0, c.fail("read", syscall.ECONNRESET)
		}
	}
}

// take takes from the first piece.
func (c *conn) take(p []byte) (int, error) {
	first := &c.in.pieces[0]
	if first.err == io.EOF {
		return 0, io.EOF
	}
	if first.err != nil {
		err := first.err
		if c.packets {
			c.in.pieces = c.in.pieces[1:]
		}
		return 0, c.fail("read", err)
	}
	n := copy(p, first.data)
	first.data = first.data[n:]
	if c.packets || len(first.data) == 0 {
		c.in.pieces = c.in.pieces[1:]
	}
	full := c.in.size >= window
	c.in.size -= n
	if full {
		c.change()
	}
	return n, nil
}

// Write sends p, and waits only while the window is full.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.write(p)
	if err == nil && c.answer != nil {
		c.answer(c, slices.Clone(p))
	}
	return n, err
}

func (c *conn) write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if err := c.broken(c.writeBy); err != nil {
			return 0, c.fail("write", err)
		}
		if c.answer != nil {
			return len(p), nil
		}
		if isClosed(c.out.gone) {
			return c.writeLost(p)
		}
		if c.out.size < window {
			c.out.size += len(p)
			c.deliver(c.out, piece{at: time.Now().Add(c.delay), data: slices.Clone(p)})
			return len(p), nil
		}
		if !c.wait(c.writeBy) {
			return 0, c.fail("write", syscall.ECONNRESET)
		}
	}
}

// writeLost is a write to a peer that is gone: the first goes into the void,
// and once the answer to it is back the next ones fail.
func (c *conn) writeLost(p []byte) (int, error) {
	now := time.Now()
	if c.out.lost.IsZero() {
		c.out.lost = now
	} else if !now.Before(c.out.lost.Add(2 * c.delay)) {
		return 0, c.fail("write", syscall.EPIPE)
	}
	return len(p), nil
}

// deliver puts a piece in its place in the order of arrival.
func (l *link) deliver(f *flow, p piece) {
	i := len(f.pieces)
	for i > 0 && f.pieces[i-1].at.After(p.at) {
		i--
	}
	f.pieces = slices.Insert(f.pieces, i, p)
	l.change()
}

// reply delivers an answer, or an error, to c after a while.
func (c *conn) reply(after time.Duration, data []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.in.size += len(data)
		c.deliver(c.in, piece{time.Now().Add(after), data, err})
	}
}

// Close ends the connection in good order.
func (c *conn) Close() error { return c.end(io.EOF) }

// reset breaks the connection off.
func (c *conn) reset() { _ = c.end(syscall.ECONNRESET) }

func (c *conn) end(how error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.closed = true
	close(c.in.gone)
	c.in.pieces = nil
	c.deliver(c.out, piece{at: time.Now().Add(c.delay), err: how})
	return nil
}

// sleep passes the time on behalf of a server; it says whether the connection
// is still there.
func (c *conn) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.out.gone:
	case <-c.stopped:
	}
	return false
}

// hang waits until the client or the world ends.
func (c *conn) hang() {
	select {
	case <-c.out.gone:
	case <-c.stopped:
	}
}

// broken says why nothing can be read or written at all.
func (c *conn) broken(by time.Time) error {
	switch {
	case c.closed:
		return net.ErrClosed
	case isClosed(c.stopped):
		return syscall.ECONNRESET
	case !by.IsZero() && !time.Now().Before(by):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// fail wraps an error as package net does.
func (c *conn) fail(op string, err error) error {
	if errno, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(op, errno)
	}
	return &net.OpError{Op: op, Net: c.network, Source: c.local, Addr: c.remote, Err: err}
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) SetDeadline(t time.Time) error      { return c.setBy(&t, &t) }
func (c *conn) SetReadDeadline(t time.Time) error  { return c.setBy(&t, nil) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.setBy(nil, &t) }

func (c *conn) setBy(read, write *time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.fail("set", net.ErrClosed)
	}
	if read != nil {
		c.readBy = *read
	}
	if write != nil {
		c.writeBy = *write
	}
	c.change()
	return nil
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// sooner is the earlier of two times, of which a may be zero for never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
