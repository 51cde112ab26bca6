package sessionlog

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"mailflow/internal/exlog"
)

// told says in words what is known of peers, without places in files.
func told(all []Peer) string {
	var out strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&out, format, args...) }
	for _, p := range all {
		way := "from"
		if p.Out {
			way = "to"
		}
		say("%s %s %s %s: %d sessions, %d messages, %d recipients", p.Server, way, p.Host, p.Addr, p.Sessions, p.Messages, p.Recipients)
		for _, x := range []struct {
			n    int
			what string
		}{{p.Unused, "unused"}, {p.Torn, "torn"}, {p.Unended, "without an end"}, {p.Queue, "in the queue"}} {
			if x.n > 0 {
				say(", %d %s", x.n, x.what)
			}
		}
		if p.AtOnce > 1 {
			say(", %d at once", p.AtOnce)
		}
		say("\n")
		for _, r := range p.Replies {
			say("  %s: %s x%d in %d", r.Verb, r.Text, r.Count, r.Sessions)
			if r.Pairs > 0 {
				say(", %d pairs put off, %d again, %d passed", r.Pairs, r.Again, r.Passed)
			}
			if r.Passed > 0 {
				say(" after %v to %v", time.Duration(r.Soonest), time.Duration(r.Latest))
			}
			say("\n")
		}
		for _, x := range p.Events {
			say("  %s: %s x%d\n", x.Kind, x.Text, x.Count)
		}
		for _, x := range p.Tarpits {
			say("  tarpit %q before %s (refused %v) x%d, longest %v\n", x.Reason, x.Verb, x.Refused, x.Count, time.Duration(x.Longest))
		}
		for _, x := range p.Cuts {
			say("  cut at %s x%d: %d here, %d there, %d broken, after %v\n", x.Verb, x.Count, x.Local, x.Remote, x.Broken, time.Duration(x.Longest).Round(time.Second))
		}
		for _, x := range p.Calls {
			say("  call %s %s: %d worked, %d refused, %d timed out, %d unreachable, %d other, %v\n", x.Host, x.Addr, x.Worked, x.Refused, x.TimedOut, x.Unreachable, x.Other, time.Duration(x.Longest).Round(time.Second))
		}
		for _, x := range p.Silences {
			say("  silence of %v at %s, turn of the %v, ended %v, %d rows, %d bytes\n", time.Duration(x.Took).Round(time.Second), x.Verb, x.Side, x.Ended, len(x.Rows), x.Bytes)
		}
		for _, t := range p.Times {
			if t.Slow > 0 {
				say("  %s (refused %v): %d of %d slow, median %v, 95 %% %v, longest %v; %d took %v\n", t.Verb, t.Refused, t.Slow, t.Count, rounded(t.Median), rounded(t.P95), rounded(t.Longest), t.FixedFor, rounded(t.Fixed))
			}
		}
	}
	return out.String()
}

func rounded(ns int64) time.Duration { return time.Duration(ns).Round(100 * time.Millisecond) }

// read reads logs as one case.
func read(t testing.TB, kind exlog.Kind, logs ...string) []Peer {
	t.Helper()
	b := New()
	for i, log := range logs {
		if r := b.Read(fmt.Sprintf("%d.log", i), kind, strings.NewReader(log)); r.Err != nil || len(r.Problems) > 0 {
			t.Fatalf("log %d: %v %v", i, r.Err, r.Problems)
		}
	}
	return b.Done()
}

var eight = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func maker(out bool) *talker {
	m := &talker{Rand: rand.New(rand.NewPCG(7, 7)), connector: "组织内连接器", local: "192.0.2.9:41000", out: out}
	if !out {
		m.connector, m.local = `EX01\Standard`, "192.0.2.9:25"
	}
	return m
}

// TestSessions: what one or two sessions of a protocol log say.
func TestSessions(t *testing.T) {
	hello := []string{"* |attempting to connect", "+", "< 220 mx.example.com ESMTP", "> EHLO ex01.contoso.com", "< 250 mx.example.com Hello"}
	mail := append(hello[:len(hello):len(hello)], "> MAIL FROM:<a@contoso.com> SIZE=4711", "> RCPT TO:<b@example.com>", "< 250 2.1.0 Ok", "< 250 2.1.5 Ok")
	with := func(before []string, more ...string) []string {
		return append(before[:len(before):len(before)], more...)
	}
	for name, story := range map[string]struct {
		receive  bool
		sessions [][]string
		apart    time.Duration
		want     string
	}{
		"a message passes": {sessions: [][]string{with(mail, "> DATA", "< 354 go on", "1s < 250 2.0.0 queued", "> QUIT", "< 221 bye", "- Local")},
			want: "ex01.contoso.com to mx.example.com 198.51.100.7:25: 1 sessions, 1 messages, 1 recipients\n  call  198.51.100.7:25: 1 worked, 0 refused, 0 timed out, 0 unreachable, 0 other, 0s\n  body (refused false): 1 of 1 slow, median 1s, 95 % 1s, longest 1s; 1 took 1s\n"},
		"opened and never used": {receive: true, sessions: [][]string{{"+", "< 220 ex01.contoso.com Microsoft ESMTP MAIL Service ready", "- Remote"}, {"+", "< 220 ex01.contoso.com Microsoft ESMTP", "> QUIT", "< 221 bye", "- Local"}},
			want: "EX01 from  198.51.100.7: 2 sessions, 0 messages, 0 recipients, 2 unused, 2 at once\n"},
		"a part of a message and then nothing": {sessions: [][]string{with(mail, "> BDAT 4711 LAST", "300s - Remote(SocketError)")},
			want: "ex01.contoso.com to mx.example.com 198.51.100.7:25: 1 sessions, 0 messages, 1 recipients\n  cut at BDAT LAST x1: 0 here, 0 there, 1 broken, after 5m0s\n  call  198.51.100.7:25: 1 worked, 0 refused, 0 timed out, 0 unreachable, 0 other, 0s\n" +
				"  silence of 5m0s at BDAT LAST, turn of the either, ended true, 8 rows, 4711 bytes\n"},
		"the client waits, not the server": {receive: true, sessions: [][]string{{"+", "< 220 ex01.contoso.com Microsoft", "> EHLO app.contoso.com", "< 250 ex01", "70s > MAIL FROM:<a@contoso.com>", "< 250 ok", "> RCPT TO:<b@contoso.com>", "< 250 ok", "> DATA", "< 354 go", "< 250 ok", "> QUIT", "< 221 bye", "- Local"}},
			want: "EX01 from app.contoso.com 198.51.100.7: 1 sessions, 1 messages, 1 recipients\n  silence of 1m10s at pause, turn of the client, ended false, 5 rows, 0 bytes\n  pause (refused false): 1 of 4 slow, median 0s, 95 % 1m8.5s, longest 1m10s; 1 took 1m8.5s\n"},
		"a tarpit on an error, and one before an acceptance": {receive: true, sessions: [][]string{{"+", "< 220 ex01.contoso.com Microsoft", "> EHLO app.contoso.com", "< 250 ex01", "> MAIL FROM:<a@contoso.com>", "< 250 ok",
			"> RCPT TO:<b@contoso.com>", "* Tarpit for '0.00:00:05'", "5s < 550 5.1.1 User unknown", "> RCPT TO:<c@contoso.com>", "< 250 ok", "> BDAT 80 LAST", "* Tarpit for '0.00:00:09.675' due to 'DelayedAck'|Delivered", "9675ms < 250 ok", "> QUIT", "< 221 bye", "- Local"}},
			want: "EX01 from app.contoso.com 198.51.100.7: 1 sessions, 1 messages, 1 recipients\n  RCPT: 550 5.1.1 User unknown x1 in 1\n  tarpit \"\" before RCPT (refused true) x1, longest 5s\n  tarpit \"DelayedAck\" before BDAT LAST (refused false) x1, longest 9.675s\n" +
				"  RCPT (refused true): 1 of 1 slow, median 5s, 95 % 5s, longest 5s; 1 took 5s\n  BDAT LAST (refused false): 1 of 1 slow, median 9.3s, 95 % 9.3s, longest 9.7s; 1 took 9.3s\n"},
		"a pause before an error stands before the replies that come with it": {receive: true, sessions: [][]string{{"+", "< 220 ex01.contoso.com Microsoft", "> EHLO app.contoso.com", "< 250 ex01", "> MAIL FROM:<a@contoso.com>",
			"> RCPT TO:<b@example.com>", "* Tarpit for '0.00:00:05'", "5s < 250 2.1.0 Sender OK", "< 550 5.7.1 Unable to relay", "> QUIT", "< 221 bye", "- Local"}},
			want: "EX01 from app.contoso.com 198.51.100.7: 1 sessions, 0 messages, 0 recipients\n  RCPT: 550 5.7.1 Unable to relay x1 in 1\n  tarpit \"\" before MAIL (refused true) x1, longest 5s\n" +
				"  MAIL (refused true): 1 of 1 slow, median 5s, 95 % 5s, longest 5s; 1 took 5s\n"},
		"a reply to EHLO without its last line": {receive: true, sessions: [][]string{{"+", "< 220 ex01.contoso.com Microsoft", "> EHLO app.contoso.com", "< 250-ex01 Hello", "< 250-SIZE", "> MAIL FROM:<a@contoso.com>", "> RCPT TO:<b@contoso.com>",
			"< 250 2.1.0 Sender OK", "< 250 2.1.5 Recipient OK", "> BDAT 80 LAST", "9s < 250 2.6.0 Queued mail for delivery", "> QUIT", "< 221 bye", "- Local"}},
			want: "EX01 from app.contoso.com 198.51.100.7: 1 sessions, 1 messages, 1 recipients\n  BDAT LAST (refused false): 1 of 1 slow, median 9s, 95 % 9s, longest 9s; 1 took 9s\n"},
		"put off, and accepted ten minutes later": {apart: 10 * time.Minute, sessions: [][]string{
			with(mail[:7], "< 250 ok", "< 451 4.7.1 Greylisted for 300 seconds", "> QUIT", "< 221 bye", "- Local"), with(mail, "> DATA", "< 354 go", "< 250 ok", "> QUIT", "< 221 bye", "- Local")},
			want: "ex01.contoso.com to mx.example.com 198.51.100.7:25: 2 sessions, 1 messages, 1 recipients\n  RCPT: 451 4.7.1 Greylisted for 300 seconds x1 in 1, 1 pairs put off, 0 again, 1 passed after 10m0.044s to 10m0.044s\n  call  198.51.100.7:25: 2 worked, 0 refused, 0 timed out, 0 unreachable, 0 other, 0s\n"},
		"no connection": {sessions: [][]string{{"* |attempting to connect", "21s * |Failed to connect. Winsock error code: 10060, Win32 error code: 10060, Destination domain: example.com, Error Message: timed out"}},
			want: " to  198.51.100.7:25: 0 sessions, 0 messages, 0 recipients\n  call  198.51.100.7:25: 0 worked, 0 refused, 1 timed out, 0 unreachable, 0 other, 21s\n"},
		"torn at both ends": {sessions: [][]string{with(mail, "> DATA", "< 354 go on")[6:]},
			want: "192.0.2.9 to  198.51.100.7:25: 1 sessions, 0 messages, 1 recipients, 1 torn, 1 without an end\n"},
		"a logon that fails tells no password": {receive: true, sessions: [][]string{{"+", "< 220 ex01.contoso.com Microsoft", "> EHLO guess", "< 250 ok", "> AUTH LOGIN", "< 334 VXNlcm5hbWU6", "> c2VjcmV0", "12s < 535 5.7.3 Authentication unsuccessful", "- Remote"}},
			want: "EX01 from  198.51.100.7: 1 sessions, 0 messages, 0 recipients\n  AUTH: 535 5.7.3 Authentication unsuccessful x1 in 1\n  silence of 12s at pause, turn of the either, ended false, 8 rows, 0 bytes\n  AUTH (refused true): 1 of 1 slow, median 12s, 95 % 12s, longest 12s; 1 took 12s\n"},
		"TLS fails": {sessions: [][]string{with(hello, "> STARTTLS", "< 220 go", "* |TLS negotiation failed with error UnknownCredentials", "- Local")},
			want: "ex01.contoso.com to mx.example.com 198.51.100.7:25: 1 sessions, 0 messages, 0 recipients\n  TLS fails: TLS negotiation failed with error UnknownCredentials x1\n  call  198.51.100.7:25: 1 worked, 0 refused, 0 timed out, 0 unreachable, 0 other, 0s\n"},
		"replies in the order of commands sent ahead": {sessions: [][]string{with(mail[:6], "> RCPT TO:<c@example.com>", "> RCPT TO:<d@example.com>", "< 250 ok", "< 550 5.1.1 no c", "< 250 ok", "> QUIT", "< 221 bye", "- Local")},
			want: "ex01.contoso.com to mx.example.com 198.51.100.7:25: 1 sessions, 0 messages, 1 recipients\n  RCPT: 550 5.1.1 no c x1 in 1\n  call  198.51.100.7:25: 1 worked, 0 refused, 0 timed out, 0 unreachable, 0 other, 0s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := maker(!story.receive)
			for i, lines := range story.sessions {
				remote := "198.51.100.7:25"
				if story.receive {
					remote = fmt.Sprintf("198.51.100.7:%d", 2000+i)
				}
				m.IntN(30)
				m.session(eight.Add(time.Duration(i)*story.apart), remote, lines...)
			}
			kind, head := exlog.Send, sendHead
			if story.receive {
				kind, head = exlog.Receive, receiveHead
			}
			text := m.text(head)
			peers := read(t, kind, text)
			if got := told(peers); got != story.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, story.want)
			}
			for _, p := range peers {
				for _, x := range p.Silences {
					if s := fmt.Sprint(x.Rows); strings.Contains(s, "c2VjcmV0") {
						t.Errorf("a logon was kept: %s", s)
					}
				}
			}
		})
	}
}
