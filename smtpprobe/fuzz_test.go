package smtpprobe

import (
	"bytes"
	"crypto/x509"
	"net"
	"testing"
	"testing/iotest"
	"time"
)

// A said is a connection whose server says what it says, whatever it hears.
type said struct {
	net.Conn
	r interface{ Read([]byte) (int, error) }
}

func (s said) Read(b []byte) (int, error)    { return s.r.Read(b) }
func (said) Write(b []byte) (int, error)     { return len(b), nil }
func (said) Close() error                    { return nil }
func (said) SetDeadline(time.Time) error     { return nil }
func (said) LocalAddr() net.Addr             { return nil }
func (said) SetReadDeadline(time.Time) error { return nil }

// Whatever a server says, the session ends and its record holds.
func FuzzReply(f *testing.F) {
	f.Add([]byte("220 hub07\r\n250-hub07\r\n250 PIPELINING\r\n250 ok\r\n550 no\r\n250 ok\r\n221 bye\r\n"), false)
	f.Add([]byte("220 hub07\r\n550 no\r\n250 hub07\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n"), true)
	f.Add([]byte("220 hub07\n250-hub07\n250 STARTTLS\n220 go\n\x16\x03\x03\x00\x04\x02\x00\x00\x00"), false)
	f.Add([]byte("220-hub07\r\nx\r\n220\r\n250-\xff\r\n250-starttls\r\n454 no\r\n250-a\r\n451 b\r\n421\r\n"), true)
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"), false)
	f.Add(bytes.Repeat([]byte("x"), 5000), false)
	f.Fuzz(func(t *testing.T, text []byte, send bool) {
		p := Prober{Name: "probe.example", Roots: x509.NewCertPool(), Send: send}
		p.Dial = fixed(said{r: bytes.NewReader(text)}, nil)
		s := p.Probe(t.Context(), "hub07.contoso.com", hub, "", "ann@contoso.com")
		bounded(t, s)
		if len(text) > 4096 {
			return
		}
		// However the bytes are cut into packets, they mean the same.
		p.Dial = fixed(said{r: iotest.OneByteReader(bytes.NewReader(text))}, nil)
		again := p.Probe(t.Context(), "hub07.contoso.com", hub, "", "ann@contoso.com")
		bounded(t, again)
		if a, b := steps(s), steps(again); a != b {
			t.Errorf("at once:      %s\nbyte by byte: %s", a, b)
		}
	})
}
