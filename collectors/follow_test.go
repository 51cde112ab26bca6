package collectors

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"mailflow/evidence"
	"mailflow/internal/maillog"
)

// TestChosen: each hop has its turn, what waits comes first, and the message that
// was asked for before all.
func TestChosen(t *testing.T) {
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	hop := func(name string, late, prompt int) evidence.HopTraffic {
		h := evidence.HopTraffic{Server: name, Open: []evidence.OpenMessage{{ID: name + "-open"}}}
		for i := range late {
			h.Passages = append(h.Passages, evidence.Passage{Came: at, Left: at.Add(time.Duration(3+i) * time.Minute), ID: fmt.Sprintf("%s-late%d", name, i)})
		}
		for i := range prompt {
			h.Passages = append(h.Passages, evidence.Passage{Came: at, Left: at, ID: fmt.Sprintf("%s-prompt%d", name, i)})
		}
		return h
	}
	ids := toFollow([]evidence.HopTraffic{hop("a", 500, 400), hop("b", 2, 400)}, "<asked@example.com>")
	if got := fmt.Sprint(ids[:8]); got != "[asked@example.com a-open b-open a-late499 b-late1 a-late498 b-late0 a-late497]" {
		t.Error(got)
	}
	if want := 1 + 2 + mostLate + mostPrompt; len(ids) != want {
		t.Errorf("%d messages, not %d", len(ids), want)
	}
}

// FuzzFollow: whatever a log says, what is kept of it stays within its bounds.
func FuzzFollow(f *testing.F) {
	f.Add([]byte("2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]\n2026-01-05T10:00:00Z mx postfix/cleanup[1]: AAAAAA1: message-id=<a>\n2026-01-05T10:00:00Z mx postfix/qmgr[1]: AAAAAA1: removed\n"))
	f.Add([]byte("2026-01-05 10:00:00 1vcabc-000001-AB <= x@example.com H=a [192.0.2.1] P=esmtp S=1200 id=a\n2026-01-05 10:00:00 1vcabc-000001-AB => y@contoso.com R=r T=t H=b [192.0.2.2] C=\"250 OK id=1vcabc-000002-AB\"\n"))
	f.Add(tracked("10:00:00,b,hub1,S;0,,SMTP,RECEIVE,1,<a>,x@example.com\n10:00:01,hub1,c,S;250 [InternalId=7],C,SMTP,SEND,1,<a>,x@example.com"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, kind := range []maillog.Kind{"", maillog.Postfix, maillog.Exim, maillog.Sendmail} {
			l := newLedger()
			l.files, l.source = []string{"x"}, string(kind)
			l.follow = newFollower(l, []string{"a", "AAAAAA1"})
			if kind == "" {
				l.tracking(&evidence.Export{}, 0, bytes.NewReader(text))
			} else {
				l.mail(&evidence.Export{}, 0, kind, time.UTC, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), bytes.NewReader(text))
			}
			for _, s := range l.follow.done() {
				if s.Server == "" || s.What == "" || len(s.Text) > maxReason || len(s.To) > maxWhom {
					t.Fatalf("%+v", s)
				}
			}
		}
	})
}
