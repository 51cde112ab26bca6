package smtpprobe

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Dates and names are judged by others; what is recorded is the chain and
// whether it leads to a root at all.
func TestCertificates(t *testing.T) {
	for name, tt := range map[string]struct {
		make      func(ca *maker) *tls.Config
		chain     int
		untrusted string
	}{
		"expired": {func(ca *maker) *tls.Config {
			return ca.issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }).serving()
		}, 1, ""},
		"other name": {func(ca *maker) *tls.Config {
			return ca.issue(t, func(c *x509.Certificate) { c.DNSNames = []string{"other.example"} }).serving()
		}, 1, ""},
		"self-signed": {func(*maker) *tls.Config { return (*maker)(nil).issue(t, nil).serving() }, 1, "unknown authority"},
		"intermediate missing": {func(ca *maker) *tls.Config {
			return ca.issue(t, authorityNamed("Sub CA")).issue(t, nil).serving()
		}, 1, "unknown authority"},
		"intermediate younger than the leaf": {func(ca *maker) *tls.Config {
			sub := ca.issue(t, authorityNamed("Sub CA"))
			leaf := sub.issue(t, func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = c.NotBefore.Add(-48*time.Hour), c.NotAfter.Add(48*time.Hour)
			})
			return leaf.serving(sub)
		}, 2, ""},
		"intermediate never valid with the leaf": {func(ca *maker) *tls.Config {
			sub := ca.issue(t, func(c *x509.Certificate) {
				authorityNamed("Sub CA")(c)
				c.NotAfter = c.NotBefore.Add(-time.Minute)
				c.NotBefore = c.NotBefore.Add(-time.Hour)
			})
			return sub.issue(t, nil).serving(sub)
		}, 2, "expired"},
		"not for servers": {func(ca *maker) *tls.Config {
			return ca.issue(t, func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
			}).serving()
		}, 1, "incompatible key usage"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ca := (*maker)(nil).issue(t, authority)
				srv := &server{offers: []string{"STARTTLS"}, tls: tt.make(ca)}
				s := probe(t, Prober{Roots: ca.pool()}, srv.serve)
				if s.Last().Name != QUIT || s.TLS == nil {
					t.Fatal(steps(s))
				}
				if len(s.TLS.Chain) != tt.chain || (s.TLS.Untrusted == "") != (tt.untrusted == "") ||
					!strings.Contains(s.TLS.Untrusted, tt.untrusted) {
					t.Errorf("chain of %d, untrusted %q", len(s.TLS.Chain), s.TLS.Untrusted)
				}
			})
		})
	}
}

func authorityNamed(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		authority(c)
		c.Subject.CommonName = name
	}
}

// What goes wrong between STARTTLS and the end of the handshake.
func TestHandshakeFails(t *testing.T) {
	for name, tt := range map[string]struct {
		serve func(p *peer)
		fault string
		reply []Line
		took  time.Duration
	}{
		"a reply in the clear":    {func(p *peer) { p.hear(); p.say("454 oops") }, FaultHandshake, []Line{"454 oops"}, 0},
		"a reply that came early": {func(p *peer) { p.say("250 injected", "250 again") }, FaultHandshake, []Line{"250 injected", "250 again"}, 0},
		"garbage":                 {func(p *peer) { p.raw("\xff\xfe\r\n\x00") }, FaultHandshake, []Line{"\xff\xfe", "\x00"}, 0},
		"a TLS alert":             {func(p *peer) { p.raw("\x15\x03\x01\x00\x02\x02\x28") }, FaultHandshake, nil, 0},
		"half a record":           {func(p *peer) { p.r.Peek(1); p.raw("\x16\x03\x03\x40\x00\x02\x00") }, FaultClosed, nil, 0},
		"a close":                 {func(p *peer) { p.r.Peek(1) }, FaultClosed, nil, 0},
		"silence":                 {func(p *peer) { time.Sleep(time.Hour) }, FaultTimeout, nil, time.Minute},
		"endless records": {func(p *peer) {
			for {
				if _, err := p.Write([]byte("\x16\x03\x03\x00\x01\x00")); err != nil {
					return
				}
			}
		}, FaultHandshake, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := probe(t, Prober{}, func(c net.Conn) {
					p := newPeer(c)
					p.say("220 hub07")
					p.hear()
					p.say("250-hub07", "250 STARTTLS")
					p.hear()
					p.say("220 go ahead")
					tt.serve(p)
				})
				want(t, s, "connect, greeting 220, EHLO 250, STARTTLS 220, handshake "+tt.fault)
				last := s.Last()
				if diff := cmp.Diff(tt.reply, last.Reply); diff != "" {
					t.Errorf("kept (-want +got):\n%s", diff)
				}
				if last.Took() != tt.took || last.Err == "" || s.TLS != nil {
					t.Errorf("took %v, err %q, TLS %+v", last.Took(), last.Err, s.TLS)
				}
				bounded(t, s)
			})
		})
	}
}

func TestUnreadableCertificate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		config := (*maker)(nil).issue(t, nil).serving()
		config.Certificates[0].Certificate = [][]byte{[]byte("no certificate")}
		srv := &server{offers: []string{"STARTTLS"}, tls: config}
		s := probe(t, Prober{}, srv.serve)
		want(t, s, "connect, greeting 220, EHLO 250, STARTTLS 220, handshake handshake")
		if s.TLS == nil || !strings.HasPrefix(s.TLS.Unreadable, "x509: malformed") {
			t.Errorf("TLS %+v, err %q", s.TLS, s.Last().Err)
		}
	})
}

// Servers of another age can be reached, and the record says what they speak.
func TestOldTLS(t *testing.T) {
	for version, name := range map[uint16]string{tls.VersionTLS10: "TLS 1.0", tls.VersionTLS12: "TLS 1.2"} {
		bubble(t, func(t *testing.T) {
			config := (*maker)(nil).issue(t, nil).serving()
			config.MinVersion, config.MaxVersion = version, version
			srv := &server{offers: []string{"STARTTLS"}, tls: config}
			s := probe(t, Prober{}, srv.serve)
			if s.TLS == nil || s.TLS.Version != name || s.Last().Name != QUIT {
				t.Errorf("%s: %s, TLS %+v", name, steps(s), s.TLS)
			}
		})
	}
}

// A server that wants a certificate of ours says so in TLS 1.3 only when the
// client thinks the handshake done.
func TestClientCertificateWanted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		config := (*maker)(nil).issue(t, nil).serving()
		config.ClientAuth = tls.RequireAnyClientCert
		srv := &server{offers: []string{"STARTTLS"}, tls: config}
		s := probe(t, Prober{}, srv.serve)
		want(t, s, "connect, greeting 220, EHLO 250, STARTTLS 220, handshake, EHLO handshake tls")
	})
}

func TestServerName(t *testing.T) {
	for host, name := range map[string]string{
		"hub07.contoso.com.": "hub07.contoso.com", "hub07": "hub07", "192.0.2.25": "", "[192.0.2.25]": "", "2001:db8::25": "",
	} {
		if got := serverName(host); got != name {
			t.Errorf("for %s SNI says %q, want %q", host, got, name)
		}
	}
}
