package maillog

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"mailflow/internal/maillog/maillogtest"
)

func generated(tb testing.TB, size int64) ([]byte, maillogtest.Counts) {
	var b bytes.Buffer
	counts, err := maillogtest.Postfix(&b, 1, size)
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes(), counts
}

// TestGenerated counts the events of a generated log.
func TestGenerated(t *testing.T) {
	data, want := generated(t, 1e6)
	got := maillogtest.Counts{Bytes: want.Bytes, Lines: want.Lines}
	r := NewReader(bytes.NewReader(data), Postfix)
	for r.Next() {
		switch r.Event().What {
		case Sent:
			got.Sent++
		case Deferred:
			got.Deferred++
		case Rejected:
			got.Rejected++
		case Removed:
			got.Removed++
		}
	}
	if got != want || r.Skipped() != 0 || want.Deferred == 0 || want.Rejected == 0 {
		t.Errorf("%+v, want %+v; %d skipped: %v", got, want, r.Skipped(), r.Problems())
	}
}

// Generated logs of Exim and of Sendmail are read to the last line, in the order of
// time, and hold what their maker says.
func TestGeneratedOthers(t *testing.T) {
	for kind, make := range map[Kind]func(io.Writer, uint64, int64) (maillogtest.Counts, error){Exim: maillogtest.Exim, Sendmail: maillogtest.Sendmail} {
		t.Run(string(kind), func(t *testing.T) {
			var log, again bytes.Buffer
			want, err := make(&log, 1, 3e6)
			if _, err2 := make(&again, 1, 3e6); err != nil || err2 != nil || !bytes.Equal(log.Bytes(), again.Bytes()) {
				t.Error("the same seed gives other bytes", err, err2)
			}
			got := maillogtest.Counts{Bytes: int64(log.Len()), Lines: int64(bytes.Count(log.Bytes(), []byte("\n")))}
			if is := Sniff(log.Bytes()[:4096]); is != kind {
				t.Errorf("is taken for %q", is)
			}
			r, last := NewReader(&log, kind), int64(0)
			for r.Next() {
				e := r.Event()
				if e.Stamp.Nano < last {
					t.Fatalf("line %d goes back in time", e.Line)
				}
				last = e.Stamp.Nano
				tally(&got, e)
			}
			if got != want || r.Skipped() != 0 || want.Late == 0 || want.Deferred == 0 || want.Rejected == 0 {
				t.Errorf("%+v, want %+v; %d skipped: %v", got, want, r.Skipped(), r.Problems())
			}
		})
	}
}

// tally counts an event.
func tally(c *maillogtest.Counts, e *Event) {
	switch e.What {
	case Received:
		c.Received++
	case Sent:
		c.Sent++
		if bytes.HasPrefix(e.Relay, []byte(maillogtest.SlowHost)) {
			c.Late++
		}
	case Deferred:
		c.Deferred++
	case Postponed:
		c.Postponed++
	case Rejected:
		c.Rejected++
	case Removed:
		c.Removed++
	}
}

// BenchmarkPostfix reads 100 MB of a busy server, on one core.
func BenchmarkPostfix(b *testing.B) {
	data, _ := generated(b, 100e6)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	sum := 0
	for b.Loop() {
		r := NewReader(bytes.NewReader(data), Postfix)
		for r.Next() {
			e := r.Event()
			sum += len(e.Queue) + int(e.Delay) + int(e.What)
		}
		if r.Skipped() > 0 {
			b.Fatal(r.Skipped(), r.Problems()[0])
		}
	}
}

// BenchmarkLines only cuts the same bytes into lines: the limit.
func BenchmarkLines(b *testing.B) {
	data, _ := generated(b, 100e6)
	b.SetBytes(int64(len(data)))
	sum := 0
	for b.Loop() {
		l := lines{in: bytes.NewReader(data), buf: make([]byte, bufferSize)}
		for {
			line, found := l.next()
			if found == endFound {
				break
			}
			sum += len(line)
		}
	}
}

// BenchmarkOthers reads the lines of one delivery of Exim and of Sendmail, over
// and over.
func BenchmarkOthers(b *testing.B) {
	for kind, lines := range map[Kind][]string{
		Exim: {
			eximHead + mid + " <= a@example.com H=mail.example.com (helo.example.com) [192.0.2.3]:40112 P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=1234 id=1@example.com\n",
			eximHead + mid + ` => bob@contoso.com R=dnslookup T=remote_smtp H=mx.contoso.com [192.0.2.7] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C="250 2.0.0 Ok: queued as 4XkA2b3FgCz1" QT=2s DT=1s` + "\n",
			eximHead + mid + " Completed\n",
		},
		Sendmail: {
			sendmailHead + sid + ": from=<a@example.com>, size=1234, class=0, nrcpts=1, msgid=<1@example.com>, proto=ESMTP, daemon=MTA, relay=mail.example.com [192.0.2.3]\n",
			sendmailHead + sid + ": to=<b@contoso.com>, delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=121234, relay=mx.contoso.com. [192.0.2.7], dsn=2.0.0, stat=Sent (Ok: queued as 4XkA2b3FgCz1)\n",
		},
	} {
		data := bytes.Repeat([]byte(strings.Join(lines, "")), 100000)
		b.Run(string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				events := 0
				for r := NewReader(bytes.NewReader(data), kind); r.Next(); {
					events++
				}
				if events != 100000*len(lines) {
					b.Fatal(events)
				}
			}
		})
	}
}
