package sessionlog

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/internal/exlog"
)

// talked says in words what is known of sessions.
func talked(all []Talk) string {
	var out strings.Builder
	for _, s := range all {
		fmt.Fprintf(&out, "%s %s: %v, %d messages", s.ID, s.Owner, time.Duration(s.Ended-s.Began).Round(time.Second), s.Messages)
		if s.Torn {
			out.WriteString(", torn")
		}
		out.WriteString("\n")
		for _, p := range s.Parts {
			fmt.Fprintf(&out, "  %v", time.Duration(p.To-p.From).Round(time.Second))
			if p.Silence >= 1e9 {
				fmt.Fprintf(&out, ", silent for %v (%s) from %q to %q", time.Duration(p.Silence).Round(time.Second), p.Awaited, p.After, p.Until)
			}
			if p.Refused > 0 {
				fmt.Fprintf(&out, ", %d refused: %s", p.Refused, p.Refusal)
			}
			for _, h := range p.Pauses {
				fmt.Fprintf(&out, ", %s %v", h.Reason, time.Duration(h.Took))
			}
			fmt.Fprintf(&out, ": %s\n", p.Reply)
		}
	}
	return out.String()
}

// lookedUp reads files for sessions by their ids.
func lookedUp(t *testing.T, kind exlog.Kind, ids []string, texts ...string) []Talk {
	t.Helper()
	talks := NewTalks(ids)
	for i, text := range texts {
		if err := talks.Read(fmt.Sprintf("%d.log", i), kind, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	return talks.Done()
}

const first = "08DC000000000001"

// TestTalks: what sessions say of each of their messages.
func TestTalks(t *testing.T) {
	hello := []string{"+", "< 220 mx.example.com ESMTP", "> EHLO ex01.contoso.com", "< 250-mx.example.com", "< 250 SIZE"}
	to := []string{"> MAIL FROM:<a@contoso.com>", "< 250 ok", "> RCPT TO:<b@example.com>", "< 250 ok"}
	bye := []string{"> QUIT", "< 221 bye", "- Local"}
	for name, story := range map[string]struct {
		out   bool
		lines []string
		want  string
	}{
		"a delayed acknowledgement": {false, slices.Concat(hello, to, []string{"> BDAT 4711 LAST", "30s * Tarpit for '0.00:00:29.960' due to 'DelayedAck'|Delivered", "< 250 2.6.0 <m1@contoso.com> Queued mail"}, bye), `
			08DC000000000001 EX01: 30s, 1 messages
			  30s, silent for 30s (BDAT LAST) from "< BDAT 4711 LAST" to "> 250 2.6.0 <m1@contoso.com> Queued mail", DelayedAck 29.96s: 250 2.6.0 <m1@contoso.com> Queued mail`},
		"each message has a part, and the rest between is nobody's": {true, slices.Concat(hello, to, []string{"> DATA", "< 354 go", "< 250 one"}, []string{"200s " + to[0]}, to[1:], []string{"> DATA", "7s < 354 go", "< 250 two"}, []string{"90s > QUIT", "< 221 bye", "- Local"}), `
			08DC000000000001 : 4m57s, 2 messages
			  0s: 250 one
			  7s, silent for 7s (DATA) from "> DATA" to "< 354 go": 250 two`},
		"refused, then taken": {true, slices.Concat(hello, to[:3], []string{"20s < 450 4.7.1 greylisted", "> RSET", "< 250 ok"}, to, []string{"> DATA", "< 354 go", "9s < 250 taken"}, bye), `
			08DC000000000001 : 29s, 1 messages
			  20s, silent for 20s (RCPT) from "> RCPT TO:<b@example.com>" to "< 450 4.7.1 greylisted", 1 refused: 450 4.7.1 greylisted: 
			  9s, silent for 9s (body) from "< 354 go" to "< 250 taken": 250 taken`},
		"sent ahead": {true, slices.Concat(hello, []string{to[0], to[2], "> BDAT 10 LAST", "< 250 ok", "6s < 250 ok", "< 250 taken"}, bye), `
			08DC000000000001 : 6s, 1 messages
			  6s, silent for 6s (RCPT) from "< 250 ok" to "< 250 ok": 250 taken`},
		"a slow connection, a slow greeting and slow TLS": {true, slices.Concat([]string{"* |attempting to connect", "21s +", "11s < 220 mx.example.com", "> EHLO ex01.contoso.com", "< 250 STARTTLS", "> STARTTLS", "< 220 go", "12s > EHLO ex01.contoso.com", "< 250 SIZE"}, to, []string{"> DATA", "< 354 go", "< 250 taken"}, bye), `
			08DC000000000001 : 44s, 1 messages
			  44s, silent for 21s (connection) from "* attempting to connect" to "+": 250 taken`},
		"what a logon says is not kept": {true, slices.Concat(hello, []string{"> AUTH LOGIN", "< 334 VXNlcm5hbWU6", "5s > c2VjcmV0", "< 235 ok"}, to, []string{"> DATA", "< 354 go", "< 250 taken"}, bye), `
			08DC000000000001 : 5s, 1 messages
			  5s, silent for 5s (AUTH) from "< 334 VXNlcm5hbWU6" to "> (not kept)": 250 taken`},
		"the client goes in the middle": {true, slices.Concat(hello, to, []string{"> DATA", "< 354 go", "60s - Remote(SocketError)"}), `
			08DC000000000001 : 1m0s, 0 messages
			  1m0s, silent for 1m0s (body) from "< 354 go" to "- Remote(SocketError)": `},
	} {
		m := maker(story.out)
		kind, head := kindAnd(story.out)
		m.session(eight, "198.51.100.7:25", story.lines...)
		m.session(eight, "198.51.100.8:25", slices.Concat(hello, to, bye)...) // of nobody's interest
		want := strings.TrimPrefix(strings.ReplaceAll(story.want, "\n\t\t\t", "\n"), "\n") + "\n"
		if got := talked(lookedUp(t, kind, []string{first}, m.text(head))); got != want {
			t.Errorf("%s:\n%swant\n%s", name, got, want)
		}
	}
}

// TestTalksOfConnections: a connectivity log tells the steps.
func TestTalksOfConnections(t *testing.T) {
	all := lookedUp(t, exlog.Connectivity, []string{first}, strings.Replace(connectLog, "\n\n", "\n", 1))
	if len(all) != 1 || all[0].Messages != 7 || all[0].Torn || all[0].Parts[0].Silence != 21e9 || !strings.HasPrefix(all[0].Parts[0].Until, "> Failed connection to") || all[0].Parts[0].Line != 7 {
		t.Fatalf("%+v", all)
	}
	for name, want := range map[string]bool{"example.com": true, "MX1.example.com": true, "198.51.100.8": true, "x1.example.com": false, "": false, "198.51.100": false} {
		if all[0].Says(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// TestTalksSplit: a session that goes from one file to the next, is in several
// copies of a file, or lies among others, says the same. Of each file it is known
// whose it is.
func TestTalksSplit(t *testing.T) {
	for _, out := range []bool{true, false} {
		kind, head := kindAnd(out)
		text := busy(9, out, 20_000)
		rows := strings.SplitAfter(strings.TrimPrefix(text, head), "\n")
		var ids []string
		for n := range 12 {
			ids = append(ids, fmt.Sprintf("08DC%012X", 1+3*n))
		}
		want := talked(lookedUp(t, kind, ids, text))
		own := []string{}
		for _, row := range rows {
			if slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(row, id) }) {
				own = append(own, row)
			}
		}
		for name, texts := range map[string][]string{"alone": {head + strings.Join(own, "")}, "twice": {text, text}, "the later first": {head + strings.Join(rows[len(rows)/2:], ""), head + strings.Join(rows[:len(rows)/2], "")}} {
			if got := talked(lookedUp(t, kind, ids, texts...)); got != want {
				t.Errorf("%s:\n%swant\n%s", name, got, want)
			}
		}
		for at := 2; at < len(rows); at++ { // by its first row, nobody knows whose a send log is
			if got := talked(lookedUp(t, kind, ids, head+strings.Join(rows[:at], ""), head+strings.Join(rows[at:], ""))); got != want {
				t.Fatalf("cut before row %d:\n%swant\n%s", at, got, want)
			}
		}
	}
}

// TestTalksAnew: an id that is used again, with the same host, is another session;
// and rows that are missing are nobody's silence.
func TestTalksAnew(t *testing.T) {
	lines := []string{"+", "< 220 mx.example.com ESMTP", "> EHLO ex01.contoso.com", "< 250 ok", "> MAIL FROM:<a@contoso.com>", "< 250 ok", "> DATA", "< 354 go", "< 250 taken", "- Local"}
	m := maker(true)
	for n := range 3 {
		m.sessions = 0
		m.session(eight.Add(time.Duration(n)*time.Hour), "198.51.100.7:25", lines[:len(lines)-n]...)
	}
	all := lookedUp(t, exlog.Send, []string{first}, m.text(sendHead))
	if len(all) != 3 || all[0].Torn || !all[1].Torn || !all[2].Torn || all[1].Began != eight.Add(time.Hour).UnixNano() {
		t.Errorf("%s", talked(all))
	}
	m = maker(true)
	m.session(eight, "198.51.100.7:25", append(append(slices.Clone(lines[:6]), "400s > DATA"), lines[7:]...)...)
	rows := strings.SplitAfter(strings.TrimPrefix(m.text(sendHead), sendHead), "\n")
	if all := lookedUp(t, exlog.Send, []string{first}, sendHead+strings.Join(rows[:4], "")+strings.Join(rows[7:], "")); len(all) != 1 || all[0].Parts[0].Silence > 1e9 {
		t.Errorf("%+v", all)
	}
}

// TestTalksOwner: two servers use the same id; whose log each is, is told.
func TestTalksOwner(t *testing.T) {
	talks := NewTalks([]string{first})
	for i, name := range []string{"EX01", "EX02"} {
		m := maker(false)
		m.connector, m.local = name+`\Default `+name, fmt.Sprintf("192.0.2.%d:25", i)
		m.session(eight, "198.51.100.7:2000", "+", "< 220 "+strings.ToLower(name)+".contoso.com Microsoft", "> QUIT", "< 221 bye", "- Local")
		talks.Read(name, exlog.Receive, strings.NewReader(m.text(receiveHead)))
	}
	m := maker(true)
	m.local = "192.0.2.1:5000"
	m.session(eight, "198.51.100.8:25", "+", "< 220 mx.example.com", "> EHLO mail.contoso.com", "< 250 ok", "> QUIT", "< 221 bye", "- Local")
	talks.Read("send", exlog.Send, strings.NewReader(m.text(sendHead)))
	var got []string
	for _, s := range talks.Done() {
		got = append(got, fmt.Sprintf("%v %s %v", s.Kind == exlog.Send, s.Owner, s.Calls))
	}
	slices.Sort(got)
	want := []string{"false EX01 [ex01.contoso.com]", "false EX02 [ex02.contoso.com mail.contoso.com]", "true EX02 [ex02.contoso.com mail.contoso.com]"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestTalksRoom: what there is no room for is left out, and the session is torn.
func TestTalksRoom(t *testing.T) {
	talks := NewTalks([]string{first})
	talks.most = 3
	m := maker(true)
	m.session(eight, "198.51.100.7:25", "+", "< 220 mx.example.com ESMTP", "> EHLO ex01.contoso.com", "< 250 ok", "> QUIT", "< 221 bye", "- Local")
	talks.Read("a", exlog.Send, strings.NewReader(m.text(sendHead)))
	if all := talks.Done(); len(all) != 1 || !all[0].Torn || talks.kept != 3 {
		t.Errorf("%+v", all)
	}
}

// FuzzTalks: no log makes it panic; parts lie within their session, and silences
// within their part; and it says the same again.
func FuzzTalks(f *testing.F) {
	f.Add(busy(5, true, 4000), byte(0))
	f.Add(busy(5, false, 4000), byte(1))
	f.Add(strings.ReplaceAll(connectLog, "\n\n", "\n"), byte(2))
	f.Add(sendHead+"2026-01-05T08:00:00.000Z,a,08DC000000000001,1,0,,<,220\r\n2026-01-05T08:00:00.000Z,a,08DC000000000001,1,,,>,MAIL\r\n2026-01-05T08:00:00.000Z,a,08DC000000000001,2,,,>,BDAT 1 LAST\r\n", byte(0))
	var ids []string
	for n := range 20 {
		ids = append(ids, fmt.Sprintf("08DC%012X", 1+n))
	}
	f.Fuzz(func(t *testing.T, text string, which byte) {
		kind := []exlog.Kind{exlog.Send, exlog.Receive, exlog.Connectivity}[which%3]
		read := func() []Talk {
			talks := NewTalks(ids)
			talks.most = 200
			talks.Read("a", kind, strings.NewReader(text))
			talks.Read("b", kind, strings.NewReader(text))
			return talks.Done()
		}
		all := read()
		for _, s := range all {
			if s.Began > s.Ended || len(s.Parts) == 0 {
				t.Fatalf("%+v", s)
			}
			for _, p := range s.Parts {
				if p.From < s.Began || p.To > s.Ended || p.Silence > p.To-p.From || p.Silence < 0 || len(p.After) > 2*maxText+10 {
					t.Fatalf("%+v\nin %+v", p, s)
				}
			}
		}
		if again := read(); !reflect.DeepEqual(all, again) {
			t.Fatalf("%+v\nthen %+v", all, again)
		}
	})
}

func BenchmarkTalks(b *testing.B) {
	text := busy(1, true, 8<<20)
	ids := []string{"08DC000000000100", fmt.Sprintf("08DC%012X", rand.IntN(1000))}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		talks := NewTalks(ids)
		talks.Read("a", exlog.Send, strings.NewReader(text))
		talks.Done()
	}
}
