package directory

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// A Dial makes the connection, and gives up when its context ends.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// A Conn is a connection that is logged in. It is for one goroutine at a time,
// and of no use after a call was cut short by its context or a time limit.
type Conn struct {
	target Target
	hide   func(string) string // takes the password out of what a server says; a function, as it prints as an address
	ldap   *ldap.Conn
	guard  *guard
	wire   net.Conn          // below TLS: closing it ends whatever waits
	leaf   *x509.Certificate // of the server; nil without TLS
}

// Open connects, encrypts and logs in. Errors name host and port, and say what
// to do; none holds the password. A Kerberos login dials the KDC by itself, not
// through dial (on Windows the system does).
func Open(ctx context.Context, dial Dial, t Target, l Login) (*Conn, error) {
	c := &Conn{target: t, hide: l.hide}
	if err := l.check(t.Security); err != nil {
		return nil, c.wrap("login", err)
	}
	wire, err := connect(ctx, dial, t)
	if err != nil {
		return nil, err
	}
	c.wire = wire
	if err := c.begin(ctx, l); err != nil {
		c.drop()
		return nil, err
	}
	return c, nil
}

// errDialTime is the cause of a context whose time for connecting is over.
var errDialTime = errors.New("the time for connecting is over")

// connect dials, for no longer than dialTime: a host whose queue of connections
// is full, or a firewall, lets the system try for minutes.
func connect(ctx context.Context, dial Dial, t Target) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, dialTime, errDialTime)
	defer cancel()
	wire, err := dial(ctx, "tcp", t.address())
	switch {
	case err == nil:
		return wire, nil
	case errors.Is(context.Cause(ctx), errDialTime):
		return nil, fmt.Errorf("no connection to %s within %.0f s: %w (is it up, and does a firewall let this machine through?)", t.address(), dialTime.Seconds(), err)
	}
	return nil, fmt.Errorf("%s: no connection: %w", t.address(), err)
}

// begin brings a fresh connection to where it can be asked.
func (c *Conn) begin(ctx context.Context, l Login) error {
	conn, err := c.encrypt(ctx)
	if err != nil {
		return err
	}
	c.guard = newGuard(conn)
	if l.How == "ntlm" {
		if err := c.bind(ctx, l, c.ntlm); err != nil {
			return err
		}
	}
	c.ldap = ldap.NewConn(c.guard, c.target.Security != "none")
	c.ldap.Start()
	switch l.How {
	case "kerberos":
		return c.kerberos(ctx, l)
	case "simple", "anonymous":
		return c.bind(ctx, l, c.simple)
	}
	return nil
}

// Close says goodbye (RFC 4511 section 4.3) and hangs up.
func (c *Conn) Close() error {
	hangUp := time.AfterFunc(closeTime, func() { _ = c.wire.Close() })
	defer hangUp.Stop()
	err := c.ldap.Unbind()
	if errors.Is(err, ldap.ErrConnUnbound) {
		err = nil
	}
	c.drop()
	return err
}

// drop hangs up without a word.
func (c *Conn) drop() {
	_ = c.wire.Close()
	if c.ldap != nil {
		_ = c.ldap.Close()
	}
}

// A job is something to ask of the server.
type job struct {
	doing string // for the error
	limit time.Duration
	bytes int // that may come in answer
}

// within closes the connection when the time is over: the library knows no
// contexts where it waits. The cause of the context says which time it was.
func (c *Conn) within(ctx context.Context, limit time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v", limit))
	stop := context.AfterFunc(ctx, func() { _ = c.wire.Close() })
	return ctx, func() { stop(); cancel() }
}

// do does a job and obeys the context even where f does not: then f ends later,
// by its own limits.
func do[T any](ctx context.Context, c *Conn, j job, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ctx, done := c.within(ctx, j.limit)
	defer done()
	if c.guard != nil {
		c.guard.allow(j.bytes)
	}
	end := make(chan outcome, 1)
	go func() {
		value, err := safely(f)
		end <- outcome{value, err}
	}()
	select {
	case o := <-end:
		return o.value, c.fault(ctx, j.doing, o.err)
	case <-ctx.Done():
		var none T
		return none, c.wrap(j.doing, context.Cause(ctx))
	}
}

// safely makes an error of a panic in a decoder: what a server sends must not
// end the program.
func safely[T any](f func() (T, error)) (value T, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("what came cannot be decoded")
		}
	}()
	return f()
}
