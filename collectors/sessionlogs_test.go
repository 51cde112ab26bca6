package collectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

const sessionHeader = "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: SMTP Send Protocol Log\r\n#Date: 2026-01-05T00:00:00.000Z\r\n" +
	"#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n"

// sent is a send log of sessions in which one message each is put off.
func sent(host string, sessions ...int) []byte {
	var b strings.Builder
	b.WriteString(sessionHeader)
	for _, n := range sessions {
		for i, line := range []string{"+,,", "<,220 " + host + " ESMTP,", ">,EHLO ex01.contoso.com,", "<,250 OK,", ">,MAIL FROM:<a@contoso.com>,", "<,452 4.3.1 Insufficient system resources,", "-,,Local"} {
			fmt.Fprintf(&b, "2026-01-05T08:%02d:%02d.000Z,Internet,08DC%012X,%d,192.0.2.9:4711,198.51.100.7:25,%s\r\n", n, i, n, i, line)
		}
	}
	return []byte(b.String())
}

// sessionsOf reads logs the way a run does.
func sessionsOf(t *testing.T, named map[string][]byte) (evidence.SessionLogs, string) {
	t.Helper()
	r := reported(t, worldOf(named), map[string]string{"evidence": strings.Join(slices.Sorted(maps.Keys(named)), "\n")}, evidence.SMTPLogs)
	all, _ := diag.Value(r, evidence.SMTPLogs)
	return all, gapsOf(r)
}

// TestSessionLogs: the sessions of several files are one account, in whatever
// order the files are named, and an earlier copy of a file counts once.
func TestSessionLogs(t *testing.T) {
	early, late := sent("mx.example.com", 1, 2, 3), sent("mx.example.com", 4, 5)
	for name, files := range map[string]map[string][]byte{
		"two files":      {"a": early, "b": late},
		"named backward": {"a": late, "b": early},
		"a copy":         {"a": early, "b": late, "c": early[:len(early)*2/3]},
	} {
		all, gaps := sessionsOf(t, files)
		if len(all.Peers) != 1 {
			t.Fatalf("%s: %+v %s", name, all, gaps)
		}
		p := all.Peers[0]
		if p.Sessions != 5 || len(p.Replies) != 1 || p.Replies[0].Count != 5 || p.Host != "mx.example.com" || p.Server != "ex01.contoso.com" || p.Replies[0].Where.Line != 11 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestNoSessionLogs: what has no session says what was looked for.
func TestNoSessionLogs(t *testing.T) {
	for text, want := range map[string]string{
		"Name : x\r\n": "none of the evidence files is a log of SMTP sessions",
		sessionHeader:  "none of them is of a session",
		"2026-01-05T08:00:00.000Z,Internet,08DC000000000001,1,192.0.2.9:4711,198.51.100.7:25,*,,attempting to connect\r\n": "no row shows who opened the sessions",
	} {
		if _, gaps := sessionsOf(t, map[string][]byte{"x": []byte(text)}); !strings.Contains(gaps, want) {
			t.Errorf("%q: %s", text, gaps)
		}
	}
}

// TestManyPeers: a case keeps those with trouble, and of the others the numbers.
func TestManyPeers(t *testing.T) {
	var b strings.Builder
	b.WriteString(strings.Replace(sessionHeader, "Send", "Receive", 1))
	for n := range maxLoggedPeers + 100 {
		reply := "250 OK"
		if n == 590 {
			reply = "452 4.3.1 Insufficient system resources"
		}
		for i, line := range []string{"+,,", ">,220 ex01.contoso.com Microsoft ESMTP,", "<,EHLO a.example.com,", ">,250 OK,", "<,MAIL FROM:<a@example.com>,", ">," + reply + ",", "-,,Remote"} {
			fmt.Fprintf(&b, "2026-01-05T08:%02d:%02d.%03dZ,EX01\\Default,08DC%012X,%d,192.0.2.9:25,10.0.%d.%d:4711,%s\r\n", n/60, n%60, i, n, i, n/250, n%250, line)
		}
	}
	all, _ := sessionsOf(t, map[string][]byte{"x": []byte(b.String())})
	sessions, refused := 0, 0
	for _, p := range all.Peers {
		sessions += p.Sessions
		for _, r := range p.Replies {
			refused += r.Count
		}
	}
	if len(all.Peers) != maxLoggedPeers+1 || sessions != maxLoggedPeers+100 || refused != 1 {
		t.Errorf("%d peers with %d sessions, %d refusals", len(all.Peers), sessions, refused)
	}
}
