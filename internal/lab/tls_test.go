package lab

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/textproto"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailflow/diag"
)

func roots(t *testing.T, w diag.World) *x509.CertPool {
	t.Helper()
	f, err := w.Open("lab-ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatalf("no CA in %q: %v", text, err)
	}
	return pool
}

// startTLS goes as far as the handshake, and does it.
func startTLS(t *testing.T, script, host string) (*client, *tls.Conn, error) {
	t.Helper()
	w := begin(t, "-- network --\nrtt: 50ms\n-- zone contoso.com --\nhub07 A 10.0.0.7\n-- smtp 10.0.0.7 --\n"+script)
	c := call(t, w, "10.0.0.7:25")
	if _, _, err := c.ReadResponse(220); err != nil {
		t.Fatal(err)
	}
	_ = c.PrintfLine("STARTTLS")
	if _, _, err := c.ReadResponse(220); err != nil {
		t.Fatal(err)
	}
	_ = c.net.SetDeadline(time.Now().Add(time.Minute))
	tc := tls.Client(c.net, &tls.Config{ServerName: host, RootCAs: roots(t, w), MinVersion: tls.VersionTLS10})
	c.lap(100*time.Millisecond, "STARTTLS") // greeting and command
	return c, tc, tc.Handshake()
}

func TestHandshake(t *testing.T) {
	const rtt = 50 * time.Millisecond
	for _, c := range []struct {
		script, host, err string
		version           uint16
		took              time.Duration
	}{
		{"STARTTLS: 220 go", "hub07.contoso.com", "", tls.VersionTLS13, rtt},
		{"EHLO: 250-x\nEHLO: 250 STARTTLS", "hub07.contoso.com", "", tls.VersionTLS13, rtt},
		{"certificate: mail.contoso.com *.fabrikam.com 10.0.0.7", "mx.fabrikam.com", "", tls.VersionTLS13, rtt},
		{"certificate: mail.contoso.com 10.0.0.7", "10.0.0.7", "", tls.VersionTLS13, rtt},
		{"certificate: mail.contoso.com", "hub07.contoso.com", "not hub07.contoso.com", 0, rtt},
		{"certificate: expired", "hub07.contoso.com", "certificate has expired or is not yet valid: current time 2000-01-01T00:00:00Z is after 1999-12-31T00:00:00Z", 0, rtt},
		{"certificate: not-yet", "hub07.contoso.com", "is before 2000-01-02T00:00:00Z", 0, rtt},
		{"certificate: expires=72h", "hub07.contoso.com", "", tls.VersionTLS13, rtt},
		{"certificate: self-signed", "hub07.contoso.com", "certificate signed by unknown authority", 0, rtt},
		{"certificate: unknown-ca", "hub07.contoso.com", "certificate signed by unknown authority", 0, rtt},
		{"handshake: fail", "hub07.contoso.com", "remote error: tls: handshake failure", 0, rtt},
		{"handshake: garbage", "hub07.contoso.com", "first record does not look like a TLS handshake", 0, rtt},
		{"handshake: silent", "hub07.contoso.com", "i/o timeout", 0, time.Minute},
		{"handshake: close", "hub07.contoso.com", "EOF", 0, rtt},
		{"handshake: wait 1s reset", "hub07.contoso.com", "connection reset by peer", 0, time.Second + rtt},
		{"handshake: wait 3s", "hub07.contoso.com", "", tls.VersionTLS13, 3*time.Second + rtt},
		{"handshake: version 1.2", "hub07.contoso.com", "", tls.VersionTLS12, 2 * rtt},
		{"handshake: version 1.0", "hub07.contoso.com", "", tls.VersionTLS10, 2 * rtt},
	} {
		t.Run(c.script, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl, tc, err := startTLS(t, c.script+"\n", c.host)
				cl.lap(c.took, "handshake")
				if got := errText(err); c.err == "" && got != "" || !strings.Contains(got, c.err) {
					t.Fatalf("%q, want %q", got, c.err)
				}
				if err == nil && tc.ConnectionState().Version != c.version {
					t.Errorf("version %x", tc.ConnectionState().Version)
				}
			})
		})
	}
}

func TestInsideTLS(t *testing.T) {
	const script = `
EHLO: 250-hub07 Hello
EHLO: 250-X-LINK2STATE
EHLO: wait 1s 250 STARTTLS
MAIL: 530 5.7.0 Must issue a STARTTLS command first
MAIL-TLS: 250 ok
`
	synctest.Test(t, func(t *testing.T) {
		c, tc, err := startTLS(t, script, "hub07.contoso.com")
		if err != nil {
			t.Fatal(err)
		}
		in := &client{t, textproto.NewConn(tc), tc, newWatch(t)}
		in.says("EHLO me", "250-hub07 Hello|250 X-LINK2STATE", 50*time.Millisecond)
		in.says("MAIL FROM:<a@b.c>", "250 ok", 50*time.Millisecond)
		in.says("STARTTLS", "503 5.5.1 TLS is active already", 50*time.Millisecond)
		in.says("QUIT", "221 2.0.0 Service closing transmission channel|EOF", 50*time.Millisecond)
		c.net.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		_, tc, err := startTLS(t, "EHLO: 250 STARTTLS\nEHLO-TLS: 250 inside\nNOOP: close", "hub07.contoso.com")
		if err != nil {
			t.Fatal(err)
		}
		in := &client{t, textproto.NewConn(tc), tc, newWatch(t)}
		in.says("EHLO me", "250 inside", 50*time.Millisecond)
		in.says("NOOP", "EOF", 50*time.Millisecond)
	})
}

func TestFiles(t *testing.T) {
	w := begin(t, "-- file logs/a.log --\none\r\ntwo\n")
	f, err := w.Open("logs/a.log")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(f); string(text) != "one\r\ntwo\n" {
		t.Errorf("%q", text)
	}
	for _, name := range []string{"a.log", "", caFile} {
		if _, err := w.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
