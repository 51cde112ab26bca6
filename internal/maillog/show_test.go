package maillog

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// show writes what a reader makes of a log: an event a line, with what it has.
func show(r *Reader) string {
	var b strings.Builder
	for r.Next() {
		fmt.Fprintln(&b, showEvent(r.Event()))
	}
	for _, p := range r.Problems() {
		fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What)
	}
	return b.String()
}

func showEvent(e *Event) string {
	words := []string{string(e.Queue), e.What.String()}
	for _, f := range []struct {
		name  string
		value []byte
	}{
		{"from", e.From}, {"to", e.To}, {"orig", e.OrigTo}, {"relay", e.Relay}, {"client", e.Client}, {"user", e.User},
		{"id", e.MessageID}, {"dsn", e.DSN}, {"as", e.QueuedAs}, {"parent", e.Parent},
	} {
		if f.value != nil {
			words = append(words, fmt.Sprintf("%s=%s", f.name, f.value))
		}
	}
	if e.Size > 0 {
		words = append(words, fmt.Sprintf("size=%d", e.Size))
	}
	if e.Recipients > 0 {
		words = append(words, fmt.Sprintf("n=%d", e.Recipients))
	}
	if e.HasDelay {
		words = append(words, fmt.Sprintf("delay=%v", e.Delay))
	}
	if e.HasDelays {
		words = append(words, fmt.Sprintf("delays=%v", e.Delays))
	}
	if e.Attempt > 0 {
		words = append(words, fmt.Sprintf("attempt=%v", e.Attempt))
	}
	if e.Temporary {
		words = append(words, "temporary")
	}
	if code := e.Code(); code > 0 {
		words = append(words, fmt.Sprintf("code=%d", code))
	}
	if e.Reason != nil {
		words = append(words, fmt.Sprintf("(%s)", e.Reason))
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// one reads a log of one line, put behind a head.
func one(k Kind, head, line string) string {
	return strings.TrimSuffix(show(NewReader(strings.NewReader(head+line+"\n"), k)), "\n")
}

type lineTest struct{ name, line, want string }

func runLines(t *testing.T, k Kind, head string, tests []lineTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, one(k, head, test.line)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// heads are the ways in which syslog daemons begin the same line.
func TestHeads(t *testing.T) {
	const short, utc = "2000-11-17 10:02:11", "2026-11-17 10:02:11"
	tests := []struct{ name, head, stamp, host, process, pid string }{
		{"RFC 3164", "Nov 17 10:02:11 mx1 postfix/qmgr[12]: ", short, "mx1", "postfix/qmgr", "12"},
		{"one digit", "Nov  7 10:02:11 mx1 postfix/qmgr[12]: ", "2000-11-07 10:02:11", "mx1", "postfix/qmgr", "12"},
		{"leap day", "Feb 29 10:02:11 mx1 postfix/qmgr[12]: ", "2000-02-29 10:02:11", "mx1", "postfix/qmgr", "12"},
		{"leap second", "Jun 30 23:59:60 mx1 postfix/qmgr[12]: ", "2000-07-01 00:00:00", "mx1", "postfix/qmgr", "12"},
		{"priority", "<22>Nov 17 10:02:11 mx1 postfix/qmgr[12]: ", short, "mx1", "postfix/qmgr", "12"},
		{"journal with fraction", "Nov 17 10:02:11.250000 mx1 postfix/qmgr[12]: ", short + ".25", "mx1", "postfix/qmgr", "12"},
		{"year behind the day", "Nov 17 2026 10:02:11 mx1 postfix/qmgr[12]: ", utc + " year", "mx1", "postfix/qmgr", "12"},
		{"year behind the time", "Nov 17 10:02:11 2026 mx1 postfix/qmgr: ", utc + " year", "mx1", "postfix/qmgr", ""},
		{"RFC 3339", "2026-11-17T11:02:11.345678+01:00 mx1 postfix/qmgr[12]: ", utc + ".345678 year zone", "mx1", "postfix/qmgr", "12"},
		{"RFC 3339 west", "2026-11-17T06:32:11-03:30 mx1 postfix/qmgr[12]: ", utc + " year zone", "mx1", "postfix/qmgr", "12"},
		{"RFC 3339 UTC", "2026-11-17T10:02:11Z mx1 postfix/qmgr[12]: ", utc + " year zone", "mx1", "postfix/qmgr", "12"},
		{"journal short-iso", "2026-11-17T11:02:11+0100 mx1 postfix/qmgr[12]: ", utc + " year zone", "mx1", "postfix/qmgr", "12"},
		{"blank for T", "2026-11-17 10:02:11 mx1 postfix/qmgr[12]: ", utc + " year", "mx1", "postfix/qmgr", "12"},
		{"RFC 5424", "<22>1 2026-11-17T10:02:11.5Z mx1 postfix/qmgr 12 - - ", utc + ".5 year zone", "mx1", "postfix/qmgr", "12"},
		{"RFC 5424 with data", `<22>1 2026-11-17T10:02:11Z mx1 postfix/qmgr 12 ID7 [x@1 a="b] c\" "][y d="e"] ` + "\uFEFF", utc + " year zone", "mx1", "postfix/qmgr", "12"},
		{"byte order mark", "\uFEFFNov 17 10:02:11 mx1 postfix/qmgr[12]: ", short, "mx1", "postfix/qmgr", "12"},
		{"Solaris", "Nov 17 10:02:11 mx1 postfix/qmgr[12]: [ID 197553 mail.info] ", short, "mx1", "postfix/qmgr", "12"},
		{"instance and service", "Nov 17 10:02:11 192.0.2.5 postfix-198.51.100.9/submission/smtpd[12]: ", short, "192.0.2.5", "postfix-198.51.100.9/submission/smtpd", "12"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(test.head+"4XkA2b3FgCz1: removed"), Postfix)
			if !r.Next() {
				t.Fatal("no event", r.Problems())
			}
			e := r.Event()
			at := time.Unix(0, e.Stamp.Nano).UTC().Format("2006-01-02 15:04:05.999999999")
			if e.Stamp.HasYear {
				at += " year"
			}
			if e.Stamp.HasZone {
				at += " zone"
			}
			got := []string{at, string(e.Host), string(e.Process), string(e.PID), string(e.Queue)}
			if diff := cmp.Diff([]string{test.stamp, test.host, test.process, test.pid, "4XkA2b3FgCz1"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnstamped(t *testing.T) {
	for _, head := range []string{
		"", "Foo 17 10:02:11 ", "Nov 31 10:02:11 ", "Feb 30 10:02:11 ", "Nov 17 24:02:11 ", "Nov 17 10:60:11 ", "Nov 17 10:02:61 ", "Nov 17 10-02-11 ", "2026-02-29T10:02:11Z ",
		"2026-13-01T10:02:11Z ", "1926-11-17T10:02:11Z ", "2026-11-17x10:02:11 ", "20 6-11-17T10:02:11 ", "Nov 17 10:02:11", "continued: ", "<22> ",
	} {
		r := NewReader(strings.NewReader(head+"mx1 postfix/qmgr[12]: 4XkA2b3FgCz1: removed\n"), Postfix)
		if r.Next() || r.Skipped() != 1 || len(r.Problems()) != 1 || r.Problems()[0].Line != 1 {
			t.Errorf("%q: %q, %d skipped, %v", head, r.Event().Raw, r.Skipped(), r.Problems())
		}
	}
}

func TestLines(t *testing.T) {
	const good = "Nov 17 10:02:11 mx1 postfix/qmgr[12]: 4XkA2b3FgCz1: removed"
	long := "Nov 17 10:02:11 mx1 postfix/qmgr[12]: 4XkA2b3FgCz1: " + strings.Repeat("x", maxLine)
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"CRLF and empty lines", "\r\n\n" + good + "\r\n\r\n" + good + "\r\n", "3\n5\n"},
		{"no line end", good, "1\n! 1 the file ends inside this line; what it says may be cut short\n"},
		{"too long", long + "\n" + good + "\n", "2\n! 1 longer than 65536 bytes: left out\n"},
		{"too long at the end", good + "\n" + long, "1\n! 2 longer than 65536 bytes: left out\n"},
		{"far too long", strings.Repeat("y", 3*bufferSize) + "\n" + good + "\n", "2\n! 1 longer than 65536 bytes: left out\n"},
		{"just not too long", long[:maxLine] + "\n" + good + "\n", "2\n"},
		{"zero bytes", good + "\n" + strings.Repeat("\x00", 4096) + good + "\n", "1\n2\n! 2 zero bytes before this line, as a crash leaves them\n"},
		{"journal marks", "-- Boot 0123456789abcdef --\n" + good + "\n-- No entries --\n", "2\n"},
		{"other programs", "Nov 17 10:02:11 mx1 dovecot: 4XkA2b3FgCz1: removed\nNov 17 10:02:11 mx1 last message repeated 2 times\nNov 17 10:02:11 mx1 CRON[1]: (root) CMD (x/y)\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			r := NewReader(strings.NewReader(test.in), Postfix)
			for r.Next() {
				fmt.Fprintln(&b, r.Event().Line)
			}
			for _, p := range r.Problems() {
				fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What)
			}
			if diff := cmp.Diff(test.want, b.String()); diff != "" || r.Err() != nil {
				t.Error(diff, r.Err())
			}
		})
	}
}

// TestProblems has more of them than are listed.
func TestProblems(t *testing.T) {
	r := NewReader(strings.NewReader(strings.Repeat("no log\n", 1000)), Exim)
	if r.Next() || r.Skipped() != 1000 {
		t.Error(r.Skipped(), "skipped")
	}
	list := r.Problems()
	last := list[len(list)-1]
	if len(list) != maxProblems+1 || last != (Problem{100, "900 more problems behind this line are not listed"}) {
		t.Error(len(list), last)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestErr(t *testing.T) {
	const line = "Nov 17 10:02:11 mx1 postfix/qmgr[12]: 4XkA2b3FgCz1: removed\n"
	for _, test := range []struct {
		r    io.Reader
		want error
	}{{broken{}, io.ErrUnexpectedEOF}, {idle{}, io.ErrNoProgress}} {
		r := NewReader(io.MultiReader(strings.NewReader(line), test.r), Postfix)
		if !r.Next() || r.Next() || r.Err() != test.want {
			t.Errorf("%v, want %v", r.Err(), test.want)
		}
	}
}
