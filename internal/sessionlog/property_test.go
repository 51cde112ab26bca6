package sessionlog

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"mailflow/internal/exlog"
)

func kindAnd(out bool) (exlog.Kind, string) {
	if out {
		return exlog.Send, sendHead
	}
	return exlog.Receive, receiveHead
}

// TestOrderOfOneMoment: the order in which sessions write the rows of one moment
// changes nothing.
func TestOrderOfOneMoment(t *testing.T) {
	for seed := range uint64(20) {
		for _, out := range []bool{true, false} {
			kind, head := kindAnd(out)
			m := maker(out)
			m.Rand = rand.New(rand.NewPCG(seed, 3))
			for n := range 60 {
				m.session(eight.Add(timesOf(m.IntN(50))), fmt.Sprintf("198.51.100.%d:25", n%3), m.sort(n)...)
			}
			for i := range m.rows {
				m.rows[i].at = m.rows[i].at.Truncate(1e8) // many share a moment
				m.rows[i].text = m.rows[i].at.Format("2006-01-02T15:04:05.000Z") + m.rows[i].text[24:]
			}
			want := told(read(t, kind, m.text(head)))
			for range 5 {
				m.Uint64()
				if got := told(read(t, kind, m.text(head))); got != want {
					t.Fatalf("seed %d: another order gives\n%s\nfirst:\n%s", seed, got, want)
				}
			}
		}
	}
}

// TestSplit: a log that is cut into two files at any row says the same.
func TestSplit(t *testing.T) {
	for _, out := range []bool{true, false} {
		kind, head := kindAnd(out)
		text := busy(3, out, 30_000)
		rows := strings.SplitAfter(strings.TrimPrefix(text, head), "\n")
		want := told(read(t, kind, text))
		for at := range rows {
			got := told(read(t, kind, head+strings.Join(rows[:at], ""), head+strings.Join(rows[at:], "")))
			if got != want {
				t.Fatalf("cut before row %d:\n%s\nwhole:\n%s", at, got, want)
			}
		}
	}
}

// TestSplitOfOthers does the same with the log of the SMTP service and with a
// connectivity log.
func TestSplitOfOthers(t *testing.T) {
	for kind, text := range map[exlog.Kind]string{exlog.W3CSMTP: serviceLog, exlog.Connectivity: connectLog} {
		head, body, _ := strings.Cut(text, "\n\n")
		head += "\n"
		rows := strings.SplitAfter(body, "\n")
		want := told(read(t, kind, head+body))
		for at := range rows {
			if got := told(read(t, kind, head+strings.Join(rows[:at], ""), head+strings.Join(rows[at:], ""))); got != want {
				t.Fatalf("%s cut before row %d:\n%s\nwhole:\n%s", kind, at, got, want)
			}
		}
	}
}

// TestRoom: with room for few sessions, the rest is given up and counted; nothing
// is said of how they ended.
func TestRoom(t *testing.T) {
	b := New()
	b.most = 10
	m := maker(true)
	for n := range 100 {
		m.session(eight, "198.51.100.7:25", "+", "< 220 mx.example.com ESMTP", fmt.Sprintf("%ds > EHLO ex01.contoso.com", 1+n%3))
	}
	if r := b.Read("a.log", exlog.Send, strings.NewReader(m.text(sendHead))); r.Rows != 300 {
		t.Fatal(r)
	}
	if len(b.open) > 10 {
		t.Errorf("%d sessions open", len(b.open))
	}
	for _, p := range b.Done() {
		if len(p.Cuts) > 0 || p.Unused > 0 || b.Lost() == 0 {
			t.Errorf("%d lost, %+v", b.Lost(), p)
		}
	}
}

// TestManyHosts: hosts beyond the bound are counted together.
func TestManyHosts(t *testing.T) {
	m := maker(false)
	for n := range maxPeers + 50 {
		m.session(eight.Add(time.Duration(n)*time.Second), fmt.Sprintf("10.%d.%d.%d:999", n>>16, n>>8&255, n&255), "+", "< 421 4.3.2 Service not available", "- Local")
	}
	peers := read(t, exlog.Receive, m.text(receiveHead))
	sessions, others := 0, 0
	for _, p := range peers {
		sessions += p.Sessions
		if p.Addr == OtherHosts {
			others += p.Sessions
		}
	}
	if sessions != maxPeers+50 || others != 50 {
		t.Errorf("%d sessions, %d of other hosts", sessions, others)
	}
}

// FuzzBook: no log makes it panic, and it never counts more sessions than rows.
func FuzzBook(f *testing.F) {
	f.Add(busy(5, true, 4000), byte(0))
	f.Add(busy(5, false, 4000), byte(1))
	f.Add(strings.ReplaceAll(serviceLog, "\n\n", "\n"), byte(2))
	f.Add(strings.ReplaceAll(connectLog, "\n\n", "\n"), byte(3))
	f.Add(sendHead+"2026-01-05T08:00:00.000Z,a,1,0,,,<,220\r\n2026-01-05T08:00:00.000Z,a,1,1,,,>,BDAT\r\n2026-01-05T08:00:00.000Z,a,1,2,,,<,250\r\n", byte(0))
	f.Fuzz(func(t *testing.T, text string, which byte) {
		kind := []exlog.Kind{exlog.Send, exlog.Receive, exlog.W3CSMTP, exlog.Connectivity}[which%4]
		b := New()
		b.most = 20
		rows := b.Read("a", kind, strings.NewReader(text)).Rows
		rows += b.Read("b", kind, strings.NewReader(text)).Rows
		sessions := 0
		for _, p := range b.Done() {
			sessions += p.Sessions
			if p.Unused+p.Unended > 2*p.Sessions || p.Sessions < 0 || p.AtOnce > p.Sessions {
				t.Errorf("%+v", p)
			}
		}
		if int64(sessions) > rows {
			t.Errorf("%d sessions in %d rows", sessions, rows)
		}
	})
}

// TestMissingPart: where a piece of the log is missing in the middle of a session,
// the time it took is no silence of anybody.
func TestMissingPart(t *testing.T) {
	m := maker(true)
	m.session(eight, "198.51.100.7:25", "* |attempting to connect", "+", "< 220 mx.example.com ESMTP", "> EHLO ex01.contoso.com", "400s < 250 ok", "> MAIL FROM:<a@contoso.com>", "- Remote")
	rows := strings.SplitAfter(strings.TrimPrefix(m.text(sendHead), sendHead), "\n")
	for _, p := range read(t, exlog.Send, sendHead+strings.Join(rows[:3], "")+strings.Join(rows[6:], "")) {
		if len(p.Silences)+len(p.Cuts) > 0 {
			t.Errorf("%+v", p)
		}
	}
	if p := read(t, exlog.Send, m.text(sendHead))[0]; len(p.Silences) != 1 || len(p.Cuts) != 1 {
		t.Errorf("the whole log: %+v", p)
	}
}

// TestCluster: two servers that share an address are two; two files of one server
// that share nothing but its address are of one.
func TestCluster(t *testing.T) {
	two := []string{}
	for _, name := range []string{"EX01", "EX02"} {
		m := maker(false)
		m.connector = name + `\Default ` + name
		m.session(eight, "198.51.100.7:2000", "+", "< 220 mail.contoso.com Microsoft", "> QUIT", "< 221 bye", "- Local")
		two = append(two, m.text(receiveHead))
	}
	if all := read(t, exlog.Receive, two...); len(all) != 2 || all[0].Server != "EX01" || all[1].Server != "EX02" {
		t.Errorf("%+v", all)
	}
	b := New()
	b.Read("r", exlog.Receive, strings.NewReader(two[0]))
	m := maker(true)
	m.session(eight, "198.51.100.8:25", "+", "< 220 mx.example.com ESMTP", "> EHLO mail.contoso.com", "< 250 ok", "> QUIT", "< 221 bye", "- Local")
	b.Read("s", exlog.Send, strings.NewReader(m.text(sendHead)))
	for _, p := range b.Done() {
		if p.Server != "EX01" {
			t.Errorf("%+v", p)
		}
	}
}
