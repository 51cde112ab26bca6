package smtpprobe

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A half is one direction of a line: what is written can be read after the
// delay. It holds 64 KiB, as a socket does, so that an endless talker waits.
type half struct {
	mu     sync.Mutex
	cond   *sync.Cond
	delay  time.Duration
	parts  []part
	held   int
	closed bool
}

type part struct {
	at   time.Time
	data []byte
}

func newHalf(delay time.Duration) *half {
	h := &half{delay: delay}
	h.cond = sync.NewCond(&h.mu)
	return h
}

func (h *half) wake() {
	h.mu.Lock()
	h.cond.Broadcast()
	h.mu.Unlock()
}

// An end is one end of a line.
type end struct {
	in, out  *half
	name     string
	mu       sync.Mutex
	deadline time.Time
	timer    *time.Timer
}

// newLine is a TCP-like connection in memory whose time is the test's.
func newLine(delay time.Duration) (client, server *end) {
	up, down := newHalf(delay), newHalf(delay)
	return &end{in: down, out: up, name: "192.0.2.1:40000"}, &end{in: up, out: down, name: "192.0.2.25:25"}
}

func (e *end) late() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.deadline.IsZero() && !time.Now().Before(e.deadline)
}

func (e *end) Read(b []byte) (int, error) {
	h := e.in
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case e.late():
			return 0, os.ErrDeadlineExceeded
		case len(h.parts) > 0 && !time.Now().Before(h.parts[0].at):
			n := copy(b, h.parts[0].data)
			h.held -= n
			if h.parts[0].data = h.parts[0].data[n:]; len(h.parts[0].data) == 0 {
				h.parts = h.parts[1:]
			}
			h.cond.Broadcast()
			return n, nil
		case len(h.parts) == 0 && h.closed:
			return 0, io.EOF
		}
		h.cond.Wait()
	}
}

func (e *end) Write(b []byte) (int, error) {
	h := e.out
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.held > 64<<10 && !h.closed && !e.late() {
		h.cond.Wait()
	}
	if h.closed {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", errPipe)}
	}
	if e.late() {
		return 0, os.ErrDeadlineExceeded
	}
	h.parts = append(h.parts, part{time.Now().Add(h.delay), append([]byte(nil), b...)})
	h.held += len(b)
	time.AfterFunc(h.delay, h.wake)
	h.cond.Broadcast()
	return len(b), nil
}

func (e *end) Close() error {
	for _, h := range []*half{e.in, e.out} {
		h.mu.Lock()
		h.closed = true
		h.cond.Broadcast()
		h.mu.Unlock()
	}
	return nil
}

func (e *end) SetDeadline(t time.Time) error {
	e.mu.Lock()
	if e.timer != nil {
		e.timer.Stop()
	}
	e.deadline = t
	e.timer = time.AfterFunc(time.Until(t), func() { e.in.wake(); e.out.wake() })
	e.mu.Unlock()
	e.in.wake()
	e.out.wake()
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error  { return e.SetDeadline(t) }
func (e *end) SetWriteDeadline(t time.Time) error { return e.SetDeadline(t) }
func (e *end) LocalAddr() net.Addr                { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(e.name)) }
func (e *end) RemoteAddr() net.Addr               { return e.LocalAddr() }

// A peer is the server's side of a story.
type peer struct {
	net.Conn
	r    *bufio.Reader
	gone bool
}

func newPeer(c net.Conn) *peer { return &peer{Conn: c, r: bufio.NewReader(c)} }

func (p *peer) say(lines ...string) { io.WriteString(p.Conn, strings.Join(lines, "\r\n")+"\r\n") }

func (p *peer) raw(s string) { io.WriteString(p.Conn, s) }

// hear is the next line, "" at the end.
func (p *peer) hear() string {
	line, err := p.r.ReadString('\n')
	p.gone = err != nil
	return strings.TrimRight(line, "\r\n")
}

// A server answers each verb as its replies say; "greeting" and "." too. A
// command that it has no reply for gets 250. The pauses come before the replies.
type server struct {
	replies map[string]string
	pauses  map[string]time.Duration
	tls     *tls.Config
	offers  []string // with EHLO
	inTLS   []string // with EHLO in TLS
	heard   []string
}

func (s *server) reply(p *peer, key, def string) string {
	time.Sleep(s.pauses[key])
	if r, ok := s.replies[key]; ok {
		def = r
	}
	p.raw(strings.ReplaceAll(def, "\n", "\r\n") + "\r\n")
	return def
}

// serve plays the server on a connection until the client is gone.
func (s *server) serve(c net.Conn) {
	p, offers := newPeer(c), s.offers
	s.reply(p, "greeting", "220 hub07.contoso.com ESMTP")
	for {
		line := p.hear()
		s.heard = append(s.heard, line)
		switch key, _, _ := strings.Cut(line, " "); key {
		case "":
			return
		case EHLO:
			s.reply(p, key, ehloReply(offers))
		case STARTTLS:
			if s.reply(p, key, "220 go ahead")[:3] == "220" {
				tc := tls.Server(p.Conn, s.tls)
				time.Sleep(s.pauses["handshake"])
				if tc.Handshake() != nil {
					return
				}
				p, offers = newPeer(tc), s.inTLS
			}
		case DATA:
			if s.reply(p, key, "354 go ahead")[:3] == "354" {
				for line != "." && !p.gone {
					line = p.hear()
					s.heard = append(s.heard, line)
				}
				s.reply(p, ".", "250 2.6.0 queued")
			}
		case QUIT:
			s.reply(p, key, "221 bye")
			return
		default:
			s.reply(p, key, "250 fine")
		}
	}
}

func ehloReply(offers []string) string {
	lines := append([]string{"hub07.contoso.com Hello"}, offers...)
	for i := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + lines[i]
	}
	return strings.Join(lines, "\n")
}

// dialTo is a Dial whose connections are served by serve.
func dialTo(delay time.Duration, serve func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		time.Sleep(2 * delay)
		client, srv := newLine(delay)
		go func() {
			defer srv.Close()
			time.Sleep(delay) // the third packet of TCP's opening has to come
			serve(srv)
		}()
		return client, nil
	}
}

const hub = "192.0.2.25:25"

// probe holds a session of the usual kind with what serves.
func probe(t *testing.T, p Prober, serve func(net.Conn)) Session {
	t.Helper()
	if p.Dial == nil {
		p.Dial = dialTo(0, serve)
	}
	if p.Name == "" {
		p.Name = "probe.example"
	}
	if p.Roots == nil {
		p.Roots = x509.NewCertPool()
	}
	return p.Probe(t.Context(), "hub07.contoso.com", hub, "", "ann@contoso.com")
}

// A maker makes certificates.
type maker struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate; a nil maker makes it sign itself.
func (m *maker) issue(t testing.TB, change func(*x509.Certificate)) *maker {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hub07.contoso.com"},
		DNSNames:  []string{"hub07.contoso.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	if change != nil {
		change(c)
	}
	parent := &maker{c, key}
	if m != nil {
		parent = m
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent.cert, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &maker{cert, key}
}

// authority is a change that makes a CA.
func authority(c *x509.Certificate) {
	c.IsCA, c.DNSNames, c.ExtKeyUsage = true, nil, nil
	c.Subject.CommonName, c.KeyUsage = "Contoso CA", x509.KeyUsageCertSign
}

func (m *maker) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(m.cert)
	return pool
}

// serving is the configuration of a server with this certificate and chain.
func (m *maker) serving(chain ...*maker) *tls.Config {
	der := [][]byte{m.cert.Raw}
	for _, c := range chain {
		der = append(der, c.cert.Raw)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: der, PrivateKey: m.key}}}
}

// bubble runs a story in its own time, and lets the sleepers end.
func bubble(t *testing.T, story func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		story(t)
		time.Sleep(2 * time.Hour)
	})
}
