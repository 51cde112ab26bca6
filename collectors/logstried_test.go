package collectors

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mailflow/evidence"
	"mailflow/internal/maillog"
)

// TestTried: the attempts that failed stand with a late message, each once, only
// those for the hop that it left for, and not what Exim says of an address that is
// not due.
func TestTried(t *testing.T) {
	const to = "postfix/smtp[1]: AAAAAA1: to=<%s>, relay=%s[192.0.2.9]:25, delay=1, dsn=4.0.0, status=%s"
	postfix := func(clock, text string) string { return "2026-01-05T" + clock + "Z mx " + text + "\n" }
	line := func(clock, whom, host, status string) string {
		return postfix(clock, fmt.Sprintf(to, whom, host, status))
	}
	for name, tt := range map[string]struct {
		kind maillog.Kind
		log  string
		want []evidence.Duration
	}{
		"Postfix, two recipients and two hosts": {maillog.Postfix, postfix("10:00:00", "postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]") +
			line("10:00:05", "b@example.com", "mx", "deferred (host mx said: 451 later)") +
			line("10:00:06", "c@example.com", "mx", "deferred (host mx said: 451 later)") +
			line("10:02:00", "d@example.net", "other", "deferred (host other said: 451 later)") +
			line("10:05:05", "b@example.com", "mx", "deferred (host mx said: 451 later)") +
			line("10:10:00", "b@example.com", "mx", "sent (250 ok)"), []evidence.Duration{5, 305}},
		"Exim": {maillog.Exim, strings.ReplaceAll(`2026-01-05 10:00:00 ID <= a@example.com H=x [192.0.2.1] S=5
			2026-01-05 10:00:10 ID == b@example.com R=r T=t defer (-44) H=mx [192.0.2.9]: SMTP error from remote mail server after RCPT TO:<b@example.com>: 451 later
			2026-01-05 10:05:00 ID == b@example.com R=r T=t defer (-53): retry time not reached for any host
			2026-01-05 10:15:10 ID => b@example.com R=r T=t H=mx [192.0.2.9] C="250 ok"
			2026-01-05 10:15:10 ID Completed
			`, "ID", "1tUabc-000001-2x"), []evidence.Duration{10}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			l.files = []string{"x"}
			l.mail(&evidence.Export{}, 0, tt.kind, time.UTC, time.Now(), strings.NewReader(strings.ReplaceAll(tt.log, "\t", "")))
			for _, h := range l.done() {
				if h.To == "mx" && len(h.Passages) == 1 {
					if diff := cmp.Diff(tt.want, h.Passages[0].Tried); diff != "" {
						t.Error(diff)
					}
					return
				}
			}
			t.Error("no passage")
		})
	}
}

// TestTriedIsBounded: a message keeps its first attempts.
func TestTriedIsBounded(t *testing.T) {
	m := &message{at: 1e9, hop: none}
	for i := range int64(100) {
		m.try(try{none, 0, 1e9 + i*20e9})
	}
	if all := m.tried(3, 0); len(all) != maxTried || all[1] != 20e9 {
		t.Error(all)
	}
}
