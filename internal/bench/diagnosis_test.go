package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailflow/analyzers"
	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/lab"
)

func catalog() *diag.Catalog {
	return &diag.Catalog{Inputs: collectors.Inputs(), Collectors: collectors.All(), Symptoms: analyzers.Symptoms(), Always: collectors.Always()}
}

// world is a domain with mail exchangers that speak TLS, every packet of which
// takes half of rtt.
func world(rtt time.Duration, exchangers int) string {
	var zone, hosts strings.Builder
	for i := range exchangers {
		fmt.Fprintf(&zone, "@ MX %d mx%d\nmx%d A 10.0.0.%d\n", 10*(i+1), i+1, i+1, i+1)
		fmt.Fprintf(&hosts, "-- smtp 10.0.0.%d --\ngreeting: 220 mx%d.example.com ESMTP\ncertificate: mx%d.example.com\n", i+1, i+1, i+1)
	}
	return fmt.Sprintf("Round trips\n\n-- case --\nsymptom: outbound-delayed\nrecipient: user@example.com\nehlo: probe.example.org\nresolver: 10.0.0.53\n"+
		"-- network --\nrtt: %s\n-- zone example.com --\n%s%s-- want --\nnothing\n", rtt, zone.String(), hosts.String())
}

// diagnose plays a story and says how long the sessions and the whole run took
// from the start, and how long the look-ups before the sessions did.
func diagnose(t testing.TB, text string) (route, sessions, whole time.Duration) {
	t.Helper()
	s, err := lab.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w, stop, err := s.World()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	begin := time.Now()
	for ev := range diag.Run(context.Background(), w, catalog(), &diag.Case{Symptom: s.Symptom, Answers: s.Answers}) {
		switch {
		case ev.Gathered != nil && ev.Gathered.Kind == evidence.Route.Kind().Name:
			route = time.Since(begin)
		case ev.Gathered != nil && ev.Gathered.Kind == evidence.Sessions.Kind().Name:
			sessions = time.Since(begin)
		case ev.Closed != nil:
			whole = time.Since(begin)
		}
	}
	return route, sessions, whole
}

// TestRoundTrips counts in virtual time, where nothing else takes any: what is
// left is round trips. 2 for DNS (MX, then A and AAAA at once) and 8 for SMTP:
// connect, greeting, EHLO, STARTTLS, TLS hello, EHLO, MAIL, and RCPT+RSET+QUIT.
func TestRoundTrips(t *testing.T) {
	const rtt = 100 * time.Millisecond
	for _, exchangers := range []int{1, 5} {
		t.Run(fmt.Sprintf("%d exchangers", exchangers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				route, sessions, whole := diagnose(t, world(rtt, exchangers))
				if route != 2*rtt {
					t.Errorf("DNS took %d round trips in sequence, want 2", route/rtt)
				}
				if sessions-route != 8*rtt {
					t.Errorf("SMTP took %v round trips, want 8", float64(sessions-route)/float64(rtt))
				}
				if whole != sessions {
					t.Errorf("something went on for %s after the sessions", whole-sessions)
				}
			})
		})
	}
}

// TestADeadResolverCostsItsTimeOutOnce: all resolvers are asked at once, so a
// dead first one costs the head start that it is given, and no more.
func TestADeadResolverCostsItsTimeOutOnce(t *testing.T) {
	text := strings.Replace(world(time.Millisecond, 1), "resolver: 10.0.0.53", "resolver: 10.0.0.52,10.0.0.53", 1)
	text = strings.Replace(text, "-- network --", "-- dns 10.0.0.52 --\nsilent\n-- network --", 1)
	synctest.Test(t, func(t *testing.T) {
		if route, _, _ := diagnose(t, text); route > 2100*time.Millisecond {
			t.Errorf("the look-ups took %s with a dead first resolver", route)
		}
	})
}

// BenchmarkDiagnosis is the wall time of a whole diagnosis at a round trip of
// 50 ms; round-trips is that time in round trips.
func BenchmarkDiagnosis(b *testing.B) {
	const rtt = 50 * time.Millisecond
	for _, exchangers := range []int{1, 5} {
		b.Run(fmt.Sprintf("exchangers=%d", exchangers), func(b *testing.B) {
			text := world(rtt, exchangers)
			for b.Loop() {
				diagnose(b, text)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(rtt), "round-trips/op")
		})
	}
}

// BenchmarkAgainstSwaks holds the SMTP session alone, through a relay on the
// loopback address that delays each direction by half of 50 ms: ours, and
// swaks' (-tls, up to RCPT) in the same run. ratio is ours to theirs.
func BenchmarkAgainstSwaks(b *testing.B) {
	swaks, err := exec.LookPath("swaks")
	if err != nil {
		b.Skip("swaks is not installed")
	}
	s, err := lab.Read([]byte(world(50*time.Millisecond, 1)))
	if err != nil {
		b.Fatal(err)
	}
	w, stop, err := s.World()
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	addr := relay(b, w)
	var ours, theirs time.Duration
	for b.Loop() {
		begin := time.Now()
		answers := map[string]string{"next-hop": addr, "recipient": "user@example.com", "ehlo": "probe.example.org", "resolver": "127.0.0.1"}
		for range diag.Run(context.Background(), collectors.Live(""), catalog(), &diag.Case{Answers: answers}) {
		}
		ours += time.Since(begin)
		host, port, _ := net.SplitHostPort(addr)
		begin = time.Now()
		out, err := exec.Command(swaks, "--server", host, "--port", port, "-tls", "--to", "user@example.com", "--from", "<>", "--helo", "probe.example.org", "--quit-after", "RCPT").CombinedOutput()
		theirs += time.Since(begin)
		if err != nil {
			b.Fatalf("swaks: %v\n%s", err, out)
		}
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ours-ms/op")
	b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "swaks-ms/op")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}

// relay leads connections on the loopback address to the story's server, whose
// packets take their time.
func relay(b *testing.B, w diag.World) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ln.Close() })
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			go join(client, w)
		}
	}()
	return ln.Addr().String()
}

func join(client net.Conn, w diag.World) {
	defer client.Close()
	server, err := w.Dial(context.Background(), "tcp", "10.0.0.1:25")
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	io.Copy(client, server)
}
