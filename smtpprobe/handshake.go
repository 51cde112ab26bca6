package smtpprobe

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"strings"
	"time"
)

// handshake goes over to TLS. The certificate is recorded and judged by others,
// as senders that only try TLS take any (RFC 7435); so a handshake succeeds
// whatever it says.
func (d *dialogue) handshake(roots *x509.CertPool) bool {
	raw := &rawConn{Conn: d.conn, wire: d.wire, ahead: bytes.Clone(d.ahead)}
	d.ahead = nil // what came too early is for TLS to choke on: it must not pass for a reply in TLS
	conn := tls.Client(raw, d.config())
	d.begin(Handshake, "")
	err := conn.Handshake()
	defer d.trust(roots)
	if err != nil {
		d.keepGarbage(raw.head)
		d.keepUnreadable(err)
		d.end(d.cause(err))
		return false
	}
	d.end(nil)
	d.rw, d.tls = conn, true
	return true
}

// config reaches old servers too: it is not for us to refuse what a sender would
// take over the clear.
func (d *dialogue) config() *tls.Config {
	var suites []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		suites = append(suites, s.ID)
	}
	return &tls.Config{
		ServerName:         serverName(d.session.Host),
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       suites,
		VerifyConnection: func(state tls.ConnectionState) error {
			d.session.TLS = seen(state)
			for _, der := range d.session.TLS.Chain {
				d.room -= len(der)
			}
			return nil
		},
	}
}

// serverName is the name for SNI: no final dot, and no address (RFC 6066 3).
func serverName(host string) string {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	return strings.TrimSuffix(host, ".")
}

// seen is what the handshake has shown by the time the certificate is known.
func seen(state tls.ConnectionState) *TLS {
	t := &TLS{
		Version: tls.VersionName(state.Version),
		Cipher:  tls.CipherSuiteName(state.CipherSuite),
	}
	for _, c := range state.PeerCertificates {
		t.Chain = append(t.Chain, c.Raw)
	}
	return t
}

// trust says whether a chain leads to a root, after the step: some systems'
// verifiers take their time, and that is not the server's.
func (d *dialogue) trust(roots *x509.CertPool) {
	if t := d.session.TLS; t != nil && len(t.Chain) > 0 {
		t.Untrusted = untrusted(parsed(t.Chain), roots)
	}
}

func parsed(chain [][]byte) []*x509.Certificate {
	var all []*x509.Certificate
	for _, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			break
		}
		all = append(all, c)
	}
	return all
}

// maxChain is how many certificates are looked at for a chain. Real ones have
// two to four.
const maxChain = 16

// untrusted says why no chain leads to a root. The dates are left out of
// account: others judge them by the case's clock. So any moment will do at which
// the whole chain was valid, and if there is such a moment, it is found among
// the ends of the validities of what was sent.
func untrusted(chain []*x509.Certificate, roots *x509.CertPool) string {
	if len(chain) == 0 {
		return "no certificate was sent"
	}
	chain = chain[:min(len(chain), maxChain)]
	opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	var why error
	for _, opts.CurrentTime = range moments(chain) {
		_, err := chain[0].Verify(opts)
		if err == nil {
			return ""
		}
		if why == nil {
			why = err
		}
	}
	return clean(why)
}

// moments are the ends of the certificates' validities that lie within the
// leaf's; the leaf's own come first, so that an error is about them.
func moments(chain []*x509.Certificate) []time.Time {
	leaf := chain[0]
	times := []time.Time{leaf.NotAfter, leaf.NotBefore}
	for _, c := range chain[1:] {
		for _, t := range []time.Time{c.NotAfter, c.NotBefore} {
			if t.After(leaf.NotBefore) && t.Before(leaf.NotAfter) {
				times = append(times, t)
			}
		}
	}
	return times
}

// keepUnreadable notes that the certificate does not parse. Go's TLS has no type
// for that error, only these words.
func (d *dialogue) keepUnreadable(err error) {
	_, why, found := strings.Cut(err.Error(), "failed to parse certificate from server: ")
	if found {
		d.session.TLS = &TLS{Unreadable: clean(&fault{text: why})}
	}
}

// keepGarbage keeps what is not TLS: often a reply in the clear that says why.
// TLS records begin with a content type of 20 to 23 (RFC 8446 5.1).
func (d *dialogue) keepGarbage(head []byte) {
	if len(head) > 0 && (head[0] < 20 || head[0] > 23) {
		d.ahead = head
		d.keepRest()
	}
}

// A rawConn is the connection under TLS. It begins with what had come already,
// and keeps the first bytes of the handshake. That it cannot write it tells the
// wire, not TLS, which would not read on: an alert or a reply may say why.
type rawConn struct {
	net.Conn
	wire  *wire
	ahead []byte
	head  []byte
}

func (c *rawConn) Read(b []byte) (n int, err error) {
	if len(c.ahead) > 0 {
		n = copy(b, c.ahead)
		c.ahead = c.ahead[n:]
	} else {
		n, err = c.Conn.Read(b)
	}
	if n > 0 && c.wire.step.Name == Handshake {
		c.wire.mark()
		c.head = append(c.head, b[:min(n, max(0, maxLine-len(c.head)))]...)
	}
	return n, err
}

func (c *rawConn) Write(b []byte) (int, error) {
	if _, err := c.Conn.Write(b); err != nil && c.wire.writeErr == nil {
		c.wire.writeErr = err
	}
	return len(b), nil
}
