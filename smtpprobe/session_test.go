package smtpprobe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const errPipe = syscall.EPIPE

// steps is a session as lines: name, code or fault.
func steps(s Session) string {
	var out []string
	for _, st := range s.Steps {
		word := st.Name
		if st.Code != 0 {
			word += fmt.Sprint(" ", st.Code)
		}
		if st.Fault != "" {
			word += " " + st.Fault
		}
		if st.Grouped {
			word += " grouped"
		}
		if st.TLS {
			word += " tls"
		}
		out = append(out, word)
	}
	return strings.Join(out, ", ")
}

func want(t *testing.T, s Session, line string) {
	t.Helper()
	if got := steps(s); got != line {
		t.Errorf("steps\n got %s\nwant %s", got, line)
		for _, st := range s.Steps {
			t.Logf("%+v", st)
		}
	}
}

func TestHealthySession(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ca := (*maker)(nil).issue(t, authority)
		leaf := ca.issue(t, nil)
		srv := &server{
			offers: []string{"PIPELINING", "STARTTLS"}, inTLS: []string{"SIZE 37748736", "pipelining", "8BITMIME"},
			tls:    leaf.serving(),
			pauses: map[string]time.Duration{"greeting": 7 * time.Second, MAIL: 3 * time.Second},
		}
		var seen []string
		s := probe(t, Prober{Roots: ca.pool(), OnStep: func(sofar Session, st Step) {
			if sofar.Last().Name != st.Name {
				t.Errorf("at %s the session so far ends in %s", st.Name, sofar.Last().Name)
			}
			seen = append(seen, st.Name)
		}}, srv.serve)

		want(t, s, "connect, greeting 220, EHLO 250, STARTTLS 220, handshake, EHLO 250 tls, "+
			"MAIL 250 tls, RCPT 250 tls, RSET 250 grouped tls, QUIT 221 grouped tls")
		heard := []string{"EHLO probe.example", "STARTTLS", "EHLO probe.example", "MAIL FROM:<>",
			"RCPT TO:<ann@contoso.com>", "RSET", "QUIT"}
		if diff := cmp.Diff(heard, srv.heard); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{Connect, Greeting, EHLO, STARTTLS, Handshake, EHLO, MAIL, RCPT, RSET, QUIT}, seen); diff != "" {
			t.Errorf("OnStep (-want +got):\n%s", diff)
		}
		if s.TLS == nil || s.TLS.Version != "TLS 1.3" || s.TLS.Untrusted != "" || len(s.TLS.Chain) != 1 || s.TLS.Cipher == "" {
			t.Errorf("TLS %+v", s.TLS)
		}
		greeting, _ := s.Step(Greeting)
		if diff := cmp.Diff([]Line{"220 hub07.contoso.com ESMTP"}, greeting.Reply); diff != "" {
			t.Error(diff)
		}
		mail, _ := s.Step(MAIL)
		if greeting.Took() != 7*time.Second || mail.Took() != 3*time.Second || mail.Sent != "MAIL FROM:<>" {
			t.Errorf("greeting took %v, MAIL %v; said %q", greeting.Took(), mail.Took(), mail.Sent)
		}
		if s.Local != "192.0.2.1:40000" || s.Began.Location() != time.UTC || mail.Began.Sub(s.Began) != 7*time.Second {
			t.Errorf("local %s, began %v, MAIL %v", s.Local, s.Began, mail.Began)
		}
	})
}

// Every reply that a server may give to a step, and how the session goes on.
func TestReplies(t *testing.T) {
	pipelining := []string{"PIPELINING"}
	for name, tt := range map[string]struct {
		srv  server
		want string
	}{
		"no pipelining": {server{}, "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221"},
		"greeting 421": {server{replies: map[string]string{"greeting": "421 too busy"}},
			"connect, greeting 421, QUIT 221"},
		"greeting 554": {server{replies: map[string]string{"greeting": "554-no\n554 service"}},
			"connect, greeting 554, QUIT 221"},
		"EHLO 502": {server{replies: map[string]string{EHLO: "502 what"}},
			"connect, greeting 220, EHLO 502, HELO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221"},
		"EHLO 550": {server{replies: map[string]string{EHLO: "550 5.7.1 what"}},
			"connect, greeting 220, EHLO 550, HELO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221"},
		"EHLO and HELO refused": {server{replies: map[string]string{EHLO: "550 no", HELO: "550 no"}},
			"connect, greeting 220, EHLO 550, HELO 550, QUIT 221"},
		"EHLO 450": {server{replies: map[string]string{EHLO: "450 later"}},
			"connect, greeting 220, EHLO 450, QUIT 221"},
		"STARTTLS 454": {server{offers: []string{"STARTTLS", "PIPELINING"}, replies: map[string]string{STARTTLS: "454 4.7.0 no"}},
			"connect, greeting 220, EHLO 250, STARTTLS 454, MAIL 250, RCPT 250, RSET 250 grouped, QUIT 221 grouped"},
		"STARTTLS 421": {server{offers: []string{"STARTTLS"}, replies: map[string]string{STARTTLS: "421 no"}},
			"connect, greeting 220, EHLO 250, STARTTLS 421, QUIT 221"},
		"MAIL 451": {server{offers: pipelining, replies: map[string]string{MAIL: "451 4.7.1 later"}},
			"connect, greeting 220, EHLO 250, MAIL 451, QUIT 221"},
		"RCPT 550": {server{replies: map[string]string{RCPT: "550 5.1.1 who"}},
			"connect, greeting 220, EHLO 250, MAIL 250, RCPT 550, RSET 250, QUIT 221"},
		"RCPT 450 grouped": {server{offers: pipelining, replies: map[string]string{RCPT: "450 4.7.1 grey"}},
			"connect, greeting 220, EHLO 250, MAIL 250, RCPT 450, RSET 250 grouped, QUIT 221 grouped"},
		"RCPT 421": {server{replies: map[string]string{RCPT: "421 4.4.2 closing"}},
			"connect, greeting 220, EHLO 250, MAIL 250, RCPT 421, QUIT 221"},
		"mixed codes": {server{replies: map[string]string{RCPT: "250-fine\n550 or not"}},
			"connect, greeting 220, EHLO 250, MAIL 250, RCPT 550, RSET 250, QUIT 221"},
		"lines without a code": {server{replies: map[string]string{MAIL: "250-fine\nand so on\n250 end"}},
			"connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221"},
		"code only": {server{replies: map[string]string{"greeting": "220", EHLO: "250", MAIL: "250-\n250"}},
			"connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221"},
		"2xx of other kinds": {server{replies: map[string]string{EHLO: "220 odd", MAIL: "251 odd", RCPT: "251 forwarded", QUIT: "250 bye"}},
			"connect, greeting 220, EHLO 220, MAIL 251, RCPT 251, RSET 250, QUIT 250"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				want(t, probe(t, Prober{}, tt.srv.serve), tt.want)
			})
		})
	}
}

func TestWithoutRecipient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		srv := &server{offers: []string{"PIPELINING"}}
		p := Prober{Dial: dialTo(0, srv.serve), Name: "probe.example", Send: true}
		s := p.Probe(t.Context(), "hub07", hub, "bob@example.com", "")
		want(t, s, "connect, greeting 220, EHLO 250, QUIT 221")
	})
}

func TestNoTLS(t *testing.T) {
	bubble(t, func(t *testing.T) {
		srv := &server{offers: []string{"STARTTLS"}}
		want(t, probe(t, Prober{NoTLS: true}, srv.serve), "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221")
	})
}

func TestName(t *testing.T) {
	for local, name := range map[string]string{
		"192.0.2.1:40000": "[192.0.2.1]", "[2001:db8::1]:40000": "[IPv6:2001:db8::1]",
		"[fe80::1%eth0]:40000": "[IPv6:fe80::1]", "[::ffff:192.0.2.1]:40000": "[192.0.2.1]", "pipe": "[127.0.0.1]",
	} {
		if got := orLiteral("", local); got != name {
			t.Errorf("at %s the name is %s, want %s", local, got, name)
		}
	}
	bubble(t, func(t *testing.T) {
		srv := &server{}
		s := (&Prober{Dial: dialTo(0, srv.serve)}).Probe(t.Context(), "hub07", hub, "", "")
		if s.Name != "[192.0.2.1]" || srv.heard[0] != "EHLO [192.0.2.1]" {
			t.Errorf("said %q, recorded %q", srv.heard[0], s.Name)
		}
	})
}

// A line end in an address would be a command of its own.
func TestUnsayable(t *testing.T) {
	dial := func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialed")
		return nil, syscall.ECONNREFUSED
	}
	for _, words := range [][3]string{
		{"a\r\nDATA", "", "ann@contoso.com"}, {"a", "x\n", "ann@contoso.com"}, {"a", "", "ann@contoso.com>\r\nDATA"},
		{"a", "", strings.Repeat("a", 1001)},
	} {
		p := Prober{Dial: dial, Name: words[0]}
		s := p.Probe(t.Context(), "hub07", hub, words[1], words[2])
		if s.Last().Fault != FaultLocal || len(s.Steps) != 1 || s.Connected() {
			t.Errorf("%q: %s", words, steps(s))
		}
	}
	s := (&Prober{Dial: dial}).Probe(t.Context(), "hub07", "hub07:25", "", "")
	want(t, s, "connect local")
}

func TestInternationalAddress(t *testing.T) {
	for _, tt := range []struct {
		offers []string
		want   string
	}{
		{nil, "connect, greeting 220, EHLO 250, MAIL local"},
		{[]string{"8BITMIME", "smtputf8"}, "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, RSET 250, QUIT 221"},
	} {
		bubble(t, func(t *testing.T) {
			srv := &server{offers: tt.offers}
			p := Prober{Dial: dialTo(0, srv.serve)}
			s := p.Probe(t.Context(), "hub07", hub, "", "jörg@contoso.com")
			want(t, s, tt.want)
			if tt.offers != nil && srv.heard[1] != "MAIL FROM:<> SMTPUTF8" {
				t.Errorf("said %q", srv.heard[1])
			}
		})
	}
}

// With PIPELINING and TLS 1.3 a session costs eight round trips: over a line of
// 100 ms there and back it takes 800 ms to the nanosecond.
func TestEightRoundTrips(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ca := (*maker)(nil).issue(t, authority)
		srv := &server{offers: []string{"STARTTLS"}, inTLS: []string{"PIPELINING"}, tls: ca.issue(t, nil).serving()}
		flights := &counter{}
		dial := dialTo(50*time.Millisecond, srv.serve)
		p := Prober{Roots: ca.pool(), Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dial(ctx, network, addr)
			flights.Conn = conn
			return flights, err
		}}
		began := time.Now()
		s := probe(t, p, nil)
		took := time.Since(began)
		if last := s.Last(); last.Name != QUIT || !last.Ok() {
			t.Fatal(steps(s))
		}
		const connectAndGreeting = 2 // the client has nothing to say in them
		if n := flights.n + connectAndGreeting; n != 8 {
			t.Errorf("%d flights, want 8", n)
		}
		if took != 800*time.Millisecond {
			t.Errorf("took %v", took)
		}
		rcpt, _ := s.Step(RCPT)
		if rcpt.Took() != 100*time.Millisecond || s.Last().Took() != 0 {
			t.Errorf("RCPT %v, QUIT %v", rcpt.Took(), s.Last().Took())
		}
	})
}

// A counter counts the flights of a client: turns from reading to writing.
type counter struct {
	net.Conn
	n       int
	writing bool
}

func (c *counter) Write(b []byte) (int, error) {
	if !c.writing {
		c.n++
	}
	c.writing = true
	return c.Conn.Write(b)
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.writing = c.writing && n == 0
	return n, err
}

func TestSend(t *testing.T) {
	bubble(t, func(t *testing.T) {
		srv := &server{offers: []string{"PIPELINING", "8BITMIME"}, pauses: map[string]time.Duration{".": 31 * time.Second}}
		s := probe(t, Prober{Send: true}, srv.serve)
		want(t, s, "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, DATA 354, body 250, QUIT 221")
		body, _ := s.Step(Body)
		if body.Took() != 31*time.Second || body.Limit() != 2*time.Minute || body.Enhanced() != "2.6.0" {
			t.Errorf("body %+v", body)
		}
		from := slices.Index(srv.heard, DATA) + 1
		to := slices.Index(srv.heard, ".")
		text := strings.Join(srv.heard[from:to], "\r\n") + "\r\n"
		if int64(len(text)) != s.Sent.Bytes || !strings.Contains(text, "Message-ID: "+s.Sent.MessageID+"\r\n") ||
			!strings.HasSuffix(s.Sent.MessageID, "@probe.example>") || !strings.Contains(text, "Auto-Submitted: auto-generated") {
			t.Errorf("sent %+v\n%s", s.Sent, text)
		}
	})
}

func TestSendRefused(t *testing.T) {
	for key, line := range map[string]string{
		RCPT + " 550": "connect, greeting 220, EHLO 250, MAIL 250, RCPT 550, RSET 250, QUIT 221 grouped",
		DATA + " 451": "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, DATA 451, RSET 250, QUIT 221 grouped",
		DATA + " 250": "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, DATA 250, RSET 250, QUIT 221 grouped",
		". 554":       "connect, greeting 220, EHLO 250, MAIL 250, RCPT 250, DATA 354, body 554, QUIT 221",
	} {
		bubble(t, func(t *testing.T) {
			verb, reply, _ := strings.Cut(key, " ")
			srv := &server{offers: []string{"PIPELINING"}, replies: map[string]string{verb: reply}}
			s := probe(t, Prober{Send: true}, srv.serve)
			want(t, s, line)
			if sent := s.Sent != nil; sent != (verb == ".") {
				t.Errorf("%s: sent %v", key, sent)
			}
		})
	}
}
