package smtpprobe

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// A Prober opens sessions. The zero value of each field is a sensible default.
// It may be used by several goroutines at once.
type Prober struct {
	// Dial opens the connection; nil is a net.Dialer. The address is always an
	// IP address with a port, so that nothing races two families.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Name is said with EHLO; "" is the address literal of the local end (RFC
	// 5321 4.1.3, 4.1.4).
	Name   string
	Limits Limits
	Roots  *x509.CertPool // whom to trust; nil: whom the system trusts
	NoTLS  bool           // stay in the clear even if STARTTLS is offered
	Send   bool           // explicit consent: send one small test message
	// OnStep is called when a step has ended, with the record so far. The
	// session waits for it.
	OnStep func(Session, Step)
}

// Limits say how long a whole step may take. Zero means the default.
type Limits struct {
	Connect   time.Duration
	Greeting  time.Duration
	Reply     time.Duration // to each command; to DATA no more than 2 minutes, to QUIT than 10 seconds
	Handshake time.Duration
	DataEnd   time.Duration // to the final dot
}

// dataLimit is the 2 minutes of RFC 5321 4.5.3.2.4.
const dataLimit = 2 * time.Minute

// quitLimit is for the last reply, which tells nothing any more.
const quitLimit = 10 * time.Second

// DefaultLimits are those of a troubleshooter: long enough to see what is merely
// slow, short enough to sit through. Connect is Postfix's
// smtp_connect_timeout. A greeting may be 20 to 30 s late by design (greet
// pauses), so 60 s tells late from never. The final dot has twice that: content
// is scanned there, and Exchange may hold the reply back for 30 s.
func DefaultLimits() Limits {
	return Limits{
		Connect:   30 * time.Second,
		Greeting:  time.Minute,
		Reply:     time.Minute,
		Handshake: time.Minute,
		DataEnd:   2 * time.Minute,
	}
}

// RFCLimits are the least that RFC 5321 4.5.3.2 wants a client to wait: what a
// patient sender would sit through. It has no word on connecting and on TLS;
// those are given as long as a command.
func RFCLimits() Limits {
	return Limits{
		Connect:   5 * time.Minute,
		Greeting:  5 * time.Minute,
		Reply:     5 * time.Minute,
		Handshake: 5 * time.Minute,
		DataEnd:   10 * time.Minute,
	}
}

// of is the limit of the step of that name.
func (l Limits) of(step string) time.Duration {
	def := DefaultLimits()
	switch step {
	case Connect:
		return orElse(l.Connect, def.Connect)
	case Greeting:
		return orElse(l.Greeting, def.Greeting)
	case Handshake:
		return orElse(l.Handshake, def.Handshake)
	case Body:
		return orElse(l.DataEnd, def.DataEnd)
	case DATA:
		return min(orElse(l.Reply, def.Reply), dataLimit)
	case QUIT:
		return min(orElse(l.Reply, def.Reply), quitLimit)
	}
	return orElse(l.Reply, def.Reply)
}

func orElse(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// Probe holds one session with addr, "ip:port", and returns its record. The host
// is the name by which the server was found; certificates are for that. The
// session asks whether mail from from ("" is the null reverse-path) to to would
// be taken; if to is "" it ends after EHLO.
func (p *Prober) Probe(ctx context.Context, host, addr, from, to string) Session {
	w := &wire{ctx: ctx, limits: p.Limits, onStep: p.OnStep, room: maxSession}
	w.session = Session{Host: host, Addr: addr, Name: p.Name, From: from, To: to, Began: stamp(time.Now())}
	d := &dialogue{wire: w, prober: p}
	if d.sayable() && d.connect() {
		d.hold()
	}
	return w.session
}

// connect opens the connection.
func (d *dialogue) connect() bool {
	d.begin(Connect, "")
	conn, err := d.prober.dial(d.ctx, d.session.Addr, d.limits.of(Connect))
	if err == nil {
		d.conn, d.rw = conn, conn
		if local := conn.LocalAddr(); local != nil {
			d.session.Local = local.String()
		}
		d.session.Name = orLiteral(d.session.Name, d.session.Local)
	}
	d.end(err)
	return err == nil
}

func (p *Prober) dial(ctx context.Context, addr string, limit time.Duration) (net.Conn, error) {
	if _, err := netip.ParseAddrPort(addr); err != nil {
		return nil, &fault{FaultLocal, fmt.Sprintf("%q is no IP address with a port", addr)}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if p.Dial != nil {
		return p.Dial(ctx, "tcp", addr)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", addr)
}

// orLiteral is the name, or the local address as a literal (RFC 5321 4.1.3). A
// connection without an IP address, as tests have it, is this machine itself.
func orLiteral(name, local string) string {
	if name != "" {
		return name
	}
	ap, err := netip.ParseAddrPort(local)
	ip := ap.Addr().Unmap().WithZone("")
	switch {
	case err != nil:
		return "[127.0.0.1]"
	case ip.Is6():
		return "[IPv6:" + ip.String() + "]"
	}
	return "[" + ip.String() + "]"
}

// maxWord is the most that a name or an address may have: with it, every command
// is one line and one packet's worth, and longer than any that a server takes
// (RFC 5321 4.5.3.1.3 allows 256).
const maxWord = 1000

// sayable records a fault where a word would break the dialogue: a line end in
// an address would be a command of its own.
func (d *dialogue) sayable() bool {
	words := []struct{ step, word string }{{EHLO, d.session.Name}, {MAIL, d.session.From}, {RCPT, d.session.To}}
	for _, w := range words {
		if len(w.word) > maxWord || strings.ContainsFunc(w.word, isControl) {
			d.begin(w.step, "")
			d.end(&fault{FaultLocal, fmt.Sprintf("cannot say %.80q to %s: it is too long or holds a control character", w.word, d.session.Host)})
			return false
		}
	}
	return true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
