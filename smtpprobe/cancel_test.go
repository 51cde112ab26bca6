package smtpprobe

import (
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fixed is a Dial with one answer.
func fixed(conn net.Conn, err error) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return conn, err }
}

// At each step the server is silent for an hour: the caller ends it, or the
// limit does.
func TestEveryStepEnds(t *testing.T) {
	for key, name := range map[string]string{
		"dial": Connect, "greeting": Greeting, EHLO: EHLO, HELO: HELO, STARTTLS: STARTTLS, "handshake": Handshake,
		MAIL: MAIL, RCPT: RCPT, DATA: DATA, ".": Body, RSET: RSET, QUIT: QUIT,
	} {
		for _, cancel := range []bool{true, false} {
			bubble(t, func(t *testing.T) {
				s := silentAt(t, key, cancel)
				last := s.Last()
				kind, took := FaultTimeout, Limits{}.of(name)
				if cancel {
					kind, took = FaultCanceled, 5*time.Second
				}
				if last.Name != name || last.Fault != kind || last.Took() != took {
					t.Errorf("silent at %s, cancel %v: %s after %v (%s)", key, cancel, steps(s), last.Took(), last.Err)
				}
				if cancel && last.Err != "enough" {
					t.Errorf("the cause is lost: %s", last.Err)
				}
				bounded(t, s)
			})
		}
	}
}

// silentAt holds a session with a server that is silent at one step, and cancels
// it after 5 s if told so.
func silentAt(t *testing.T, key string, cancel bool) Session {
	ctx, enough := context.WithCancelCause(t.Context())
	defer enough(nil)
	if cancel {
		time.AfterFunc(5*time.Second, func() { enough(enoughError{}) })
	}
	srv := &server{pauses: map[string]time.Duration{key: time.Hour}, replies: map[string]string{}}
	switch key {
	case STARTTLS, "handshake":
		srv.offers, srv.tls = []string{"STARTTLS"}, (*maker)(nil).issue(t, nil).serving()
	case HELO:
		srv.replies[EHLO] = "550 no"
	}
	p := Prober{Dial: dialTo(0, srv.serve), Name: "probe.example", Send: key == DATA || key == "."}
	if key == "dial" {
		p.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
		}
	}
	return p.Probe(ctx, "hub07.contoso.com", hub, "", "ann@contoso.com")
}

type enoughError struct{}

func (enoughError) Error() string { return "enough" }

func TestCanceledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	bubble(t, func(t *testing.T) {
		srv := &server{}
		s := (&Prober{Dial: dialTo(0, srv.serve)}).Probe(ctx, "hub07", hub, "", "")
		want(t, s, "connect, greeting canceled")
	})
}

// With the patience of RFC 5321 a banner of four minutes is a banner.
func TestLateBanner(t *testing.T) {
	for _, tt := range []struct {
		limits Limits
		want   string
		took   time.Duration
	}{
		{RFCLimits(), "greeting 220", 4 * time.Minute},
		{DefaultLimits(), "greeting timeout", time.Minute},
		{Limits{Greeting: 35 * time.Second}, "greeting timeout", 35 * time.Second},
	} {
		bubble(t, func(t *testing.T) {
			srv := &server{pauses: map[string]time.Duration{"greeting": 4 * time.Minute}}
			s := probe(t, Prober{Limits: tt.limits}, srv.serve)
			greeting, _ := s.Step(Greeting)
			if !strings.HasPrefix(steps(s), "connect, "+tt.want) || greeting.Took() != tt.took {
				t.Errorf("%s after %v", steps(s), greeting.Took())
			}
		})
	}
}

func TestLimits(t *testing.T) {
	rfc := RFCLimits()
	for step, want := range map[string]time.Duration{
		Greeting: 5 * time.Minute, MAIL: 5 * time.Minute, RCPT: 5 * time.Minute, DATA: 2 * time.Minute, Body: 10 * time.Minute,
	} {
		if got := rfc.of(step); got != want {
			t.Errorf("%s: %v, want %v", step, got, want)
		}
	}
	if DefaultLimits().Greeting < 35*time.Second {
		t.Error("a greeting that is late by design would pass for none")
	}
}

// The real network stack: refused, and canceled in time without a goroutine left.
func TestLoopback(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	addr := l.Addr().String()
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	var canceled time.Time
	time.AfterFunc(50*time.Millisecond, func() { canceled = time.Now(); cancel() })
	s := new(Prober).Probe(ctx, "localhost", addr, "", "") // accepted by the kernel, and silent
	if late := time.Since(canceled); s.Last().Fault != FaultCanceled || s.Last().Name != Greeting || late > 100*time.Millisecond {
		t.Errorf("%s, %v after the cancel", steps(s), late)
	}
	if s.Name != "[127.0.0.1]" {
		t.Errorf("said to be %s", s.Name)
	}
	for range 50 {
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, were %d", after, before)
	}
	l.Close()
	s = new(Prober).Probe(t.Context(), "localhost", addr, "", "")
	want(t, s, "connect refused")
}

// The whole dialogue on the real network stack, TLS and all.
func TestRealTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	ca := (*maker)(nil).issue(t, authority)
	srv := &server{offers: []string{"STARTTLS"}, inTLS: []string{"PIPELINING"}, tls: ca.issue(t, nil).serving()}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if c, err := l.Accept(); err == nil {
			defer c.Close()
			srv.serve(c)
		}
	}()
	p := Prober{Name: "probe.example", Roots: ca.pool(), Send: true}
	s := p.Probe(t.Context(), "hub07.contoso.com", l.Addr().String(), "bob@example.com", "ann@contoso.com")
	<-served
	want(t, s, "connect, greeting 220, EHLO 250, STARTTLS 220, handshake, EHLO 250 tls, "+
		"MAIL 250 tls, RCPT 250 tls, DATA 354 tls, body 250 tls, QUIT 221 tls")
	if s.TLS == nil || s.TLS.Untrusted != "" {
		t.Errorf("TLS %+v", s.TLS)
	}
	bounded(t, s)
}
