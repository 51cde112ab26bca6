package maillog

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// mixed is a log with lines of all kinds, and a few that are none.
func mixed() string {
	var b strings.Builder
	for _, kind := range []struct{ head, text string }{
		{postfixHead, "connect from a[192.0.2.3]"}, {postfixHead, "4XkA2b3FgCz1: client=a[192.0.2.3]"}, {postfixHead, "4XkA2b3FgCz1: message-id=<1@x>"},
		{postfixHead, "4XkA2b3FgCz1: to=<b@c>, relay=r, delay=1, delays=0/0/1/0, dsn=4.0.0, status=deferred (w)"}, {"", "no log"}, {"", "\x00\x00\x00"}, {"", ""},
		{postfixHead, strings.Repeat("z", maxLine)}, {postfixHead, "NOQUEUE: reject: RCPT from u[192.0.2.3]: 450 4.2.0 no; from=<a@b> to=<c@d> proto=ESMTP helo=<x>"},
		{eximHead, mid + " <= a@b H=x [192.0.2.3] S=5 id=1@b"}, {eximHead, mid + ` => c@d R=r T=t H=x [192.0.2.7] C="250 OK id=` + longID + `" QT=1s`}, {eximHead, mid + " Completed"},
		{sendmailHead, sid + ": from=<a@b>, size=5, nrcpts=1, msgid=<9@b>, relay=x [192.0.2.3]"}, {sendmailHead, sid + ": to=<c@d>, delay=00:00:01, relay=r, dsn=2.0.0, stat=Sent (ok)"},
	} {
		b.WriteString(kind.head + kind.text + "\r\n")
	}
	return strings.Repeat(b.String(), 3) + postfixHead + "4XkA2b3FgCz1: removed"
}

// TestChunks reads the same log in pieces of any size.
func TestChunks(t *testing.T) {
	log := mixed()
	for _, k := range []Kind{Postfix, Exim, Sendmail} {
		want := show(NewReader(strings.NewReader(log), k))
		if strings.Count(want, "\n") < 6 {
			t.Fatal(k, want)
		}
		for name, in := range map[string]io.Reader{
			"bytes": iotest.OneByteReader(strings.NewReader(log)), "halves": iotest.HalfReader(strings.NewReader(log)), "end with data": iotest.DataErrReader(strings.NewReader(log)),
			"pieces": &pieces{strings.NewReader(log), rand.New(rand.NewPCG(1, 2))},
		} {
			if diff := cmp.Diff(want, show(newReader(in, k, maxLine+maxLine/2))); diff != "" {
				t.Errorf("%s, %s: %s", k, name, diff)
			}
		}
	}
}

// pieces gives pieces of random length, and now and then none.
type pieces struct {
	in  io.Reader
	rnd *rand.Rand
}

func (p *pieces) Read(b []byte) (int, error) { return p.in.Read(b[:p.rnd.IntN(min(len(b), 3000))]) }

// TestSkim: the events of a message that is asked for are what they are without
// skimming, and of the others there is what tells when, where and of which message,
// but for what opens a message.
func TestSkim(t *testing.T) {
	data, _ := generated(t, 200_000)
	data = append(data, mixed()...)
	followed := func(e *Event) bool { return len(e.Queue) > 0 && e.Queue[len(e.Queue)-1]%4 == 0 }
	all, some := NewReader(bytes.NewReader(data), Postfix), NewReader(bytes.NewReader(data), Postfix)
	some.Skim(followed)
	skimmed := 0
	for all.Next() {
		want := *all.Event()
		if !some.Next() {
			t.Fatal("an event less")
		}
		if got := some.Event(); got.What == Skimmed {
			skimmed++
			if followed(&want) || want.What == Received || want.What == Identified {
				t.Fatalf("skimmed: %s", want.Raw)
			}
			want = Event{Line: want.Line, Raw: want.Raw, Stamp: want.Stamp, Host: want.Host, Process: want.Process, PID: want.PID, Queue: want.Queue, What: Skimmed}
		}
		if diff := cmp.Diff(&want, some.Event()); diff != "" {
			t.Fatal(diff)
		}
	}
	if some.Next() || skimmed == 0 {
		t.Error("an event more, or none skimmed", skimmed)
	}
}

// TestMemory reads lines together as it reads each alone: what the reader remembers
// of the lines before changes nothing.
func TestMemory(t *testing.T) {
	data, _ := generated(t, 20000)
	lines := strings.Split(string(data), "\n")
	lines = append(lines, strings.Split(mixed(), "\n")...)
	for _, edit := range []string{"mx2 postfix/", "mx1 postfix-out/submission/", "mx1x postfix/", "mx1 postfix", "mx1  /", "m postfix/smtp/", strings.Repeat("h", 90) + " postfix/"} {
		for _, line := range lines[:40] {
			lines = append(lines, strings.Replace(line, "mx1 postfix/", edit, 1), strings.Replace(line, "Nov 16 00:00:0", "Nov 16 00:01:0", 1), "2026-11-17T10:02:11Z"+line[15:])
		}
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	rnd.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	var want, got strings.Builder
	record := func(b *strings.Builder, r *Reader) {
		for r.Next() {
			e := r.Event()
			fmt.Fprintf(b, "%v %s %s[%s] %s\n", e.Stamp, e.Host, e.Process, e.PID, showEvent(e))
		}
	}
	for _, line := range lines {
		record(&want, NewReader(strings.NewReader(line+"\n"), Postfix))
	}
	record(&got, NewReader(strings.NewReader(strings.Join(lines, "\n")), Postfix))
	if diff := cmp.Diff(want.String(), got.String()); diff != "" || strings.Count(got.String(), "\n") < 300 {
		t.Error(diff)
	}
}

// TestNoAllocation reads a log twice as long with no more allocations.
func TestNoAllocation(t *testing.T) {
	log := []byte(postfixHead + "4XkA2b3FgCz1: to=<b@c>, relay=r, delay=1, delays=0/0/1/0, dsn=2.0.0, status=sent (250 ok: queued as 12345)\n")
	count := func(n int) float64 {
		data := bytes.Repeat(log, n)
		return testing.AllocsPerRun(5, func() {
			for r := NewReader(bytes.NewReader(data), Postfix); r.Next(); {
			}
		})
	}
	if few, many := count(10), count(10000); many > few {
		t.Errorf("%v allocations for 10 lines, %v for 10000", few, many)
	}
}

func TestSniff(t *testing.T) {
	tests := []struct {
		name, in string
		want     Kind
	}{
		{"empty", "", ""},
		{"another log", "Nov 17 10:02:11 mx1 CRON[1]: (root) CMD (x)\n2026-11-17 10:02:11 hello\n", ""},
		{"Postfix", postfixHead + "4XkA2b3FgCz1: removed\n", Postfix},
		{"Postfix, warnings only", postfixHead + "warning: hostname x does not resolve\n", Postfix},
		{"Postfix, cut in its second line", postfixHead + "4XkA2b3FgCz1: removed\n" + eximHead, Postfix},
		{"Exim", eximHead + mid + " Completed\n", Exim},
		{"Exim in syslog", "Nov 17 10:02:11 mx1 exim[1]: " + mid + " Completed\n", Exim},
		{"Exim, queue runs only", eximHead + "Start queue run: pid=1\n", Exim},
		{"Sendmail", sendmailHead + sid + ": to=<b@c>, stat=queued\n", Sendmail},
		{"most lines win", sendmailHead + sid + ": to=<b@c>, stat=queued\n" + strings.Repeat(postfixHead+"4XkA2b3FgCz1: removed\n", 3), Postfix},
		{"one line without an end", postfixHead + "4XkA2b3FgCz1: removed", Postfix},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Sniff([]byte(test.in)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestActionNames(t *testing.T) {
	seen := map[string]bool{}
	for a := Received; a <= Unfiltered; a++ {
		if s := a.String(); s == "" || seen[s] {
			t.Error(a, s)
		} else {
			seen[s] = true
		}
	}
	if (Unfiltered+1).String() != "" || Action(0).String() != "" {
		t.Error("an action too many")
	}
}

// TestSamples reads public logs where they are at hand.
func TestSamples(t *testing.T) {
	const dir = "../../../shared/samples"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no samples here:", err)
	}
	for name, want := range map[string]struct {
		kind            Kind
		events, skipped int64
	}{
		"postfix/hub__postfix-logs.log":                       {Postfix, 4, 0},
		"exim/hub__exim-logs.log":                             {Exim, 5, 0},
		"syslog/plaso__syslog_rsyslog_SyslogProtocol23Format": {"", 0, 0},
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		kind, events := Sniff(data), int64(0)
		r := NewReader(bytes.NewReader(data), kind)
		for r.Next() {
			events++
		}
		if kind != want.kind || events != want.events || r.Skipped() != want.skipped {
			t.Errorf("%s: %q, %d events, %d skipped: %v", name, kind, events, r.Skipped(), r.Problems())
		}
	}
}
