package directory

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"strings"
	"testing"
	"time"
)

// What is wrong with the encryption is said, and then nothing is sent.
func TestTLS(t *testing.T) {
	ca := newAuthority(t)
	plain := Target{"dc1.contoso.com", 636, "tls", ca.roots()}
	tests := []struct {
		name   string
		server *tls.Config
		hello  func(net.Conn)
		target Target
		want   string
	}{
		{"another name", ca.server(t, func(c *x509.Certificate) { c.DNSNames = []string{"dc2.contoso.com"} }), nil, plain,
			"the certificate is for another name: give the server by a name that is in it: tls: failed to verify certificate: x509: certificate is valid for dc2.contoso.com, not dc1.contoso.com"},
		{"name only in the subject", ca.server(t, func(c *x509.Certificate) {
			c.DNSNames, c.Subject = nil, pkix.Name{CommonName: "dc1.contoso.com"}
		}), nil, plain, "the certificate is for another name: "},
		{"expired", ca.server(t, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
		}), nil, plain, "the certificate is expired or not valid yet: renew it, and compare the clocks: tls: failed"},
		{"not for servers", ca.server(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), nil, plain,
			"the certificate is not for servers: the server needs one for server authentication: tls: failed"},
		{"unknown authority", newAuthority(t).server(t), nil, plain,
			"the certificate is from an authority this machine does not know: give the CA's certificate by --input roots=ca.pem: tls: failed"},
		{"unknown to the system", ca.server(t), nil, Target{"dc1.contoso.com", 636, "tls", nil},
			"the certificate is from an authority this machine does not know: give the CA's certificate by --input roots=ca.pem: tls: failed"},
		{"address instead of name", ca.server(t), nil, Target{"192.0.2.1", 636, "tls", ca.roots()},
			"the certificate is for another name: give the server by a name that is in it: tls: failed to verify certificate: x509: cannot validate certificate for 192.0.2.1 because it doesn't contain any IP SANs"},
		{"Windows Server 2003", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, Certificates: ca.server(t).Certificates}, nil, plain,
			"the server has no TLS 1.2 (Windows Server 2003 and 2008 end at TLS 1.0): export with ldifde there, or use ldap+plain:// with an NTLM or Kerberos login: "},
		{"old server that picks its own", nil, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + strings.Repeat("r", 32) + "\x00\x00\x05\x00"))
			_, _ = c.Read(make([]byte, 4096))
		}, plain, "the server has no TLS 1.2"},
		{"no certificate at all", nil, func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }, plain,
			"the server hung up during the handshake: a domain controller without a certificate does that, and one without TLS 1.2: "},
		{"no TLS there", nil, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write(message(0, result(24, 2, "Decode error")))
		}, plain, "what answers there does not speak TLS: is it the LDAPS port?: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{ldaps: tt.server, hello: tt.hello}
			_, err := Open(t.Context(), f.dial, tt.target, tester)
			f.done.Wait()
			if err == nil || !strings.HasPrefix(err.Error(), tt.target.address()+": TLS: "+tt.want) {
				t.Errorf("%v\nwant %s", err, tt.want)
			}
			if strings.Contains(f.heard(), "bind") || strings.Contains(f.sent(), secret) {
				t.Error(f.heard())
			}
		})
	}
}

// An address is checked against the addresses in the certificate.
func TestTLSToAddress(t *testing.T) {
	ca := newAuthority(t)
	for _, host := range []string{"192.0.2.1", "2001:db8::1"} {
		f := &fake{ldaps: ca.server(t, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP(host)} })}
		c, err := Open(t.Context(), f.dial, Target{host, 636, "tls", ca.roots()}, tester)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		f.done.Wait()
	}
}

// Somebody on the line puts an answer of his own behind the agreement to
// StartTLS (as in CVE-2011-0411 for mail): it is not taken for one that came
// encrypted.
func TestStartTLSInjection(t *testing.T) {
	f := &fake{hello: func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write(append(message(1, result(24, 0, "")), message(1, result(1, 0, ""))...))
		_, _ = c.Read(make([]byte, 4096))
	}}
	_, err := Open(t.Context(), f.dial, Target{Host: "dc1", Port: 389, Security: "starttls"}, tester)
	f.done.Wait()
	if err == nil || !strings.HasPrefix(err.Error(), "dc1:389: TLS: what answers there does not speak TLS") {
		t.Error(err)
	}
}
