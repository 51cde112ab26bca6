package collectors

import (
	"bytes"
	"testing"
	"time"

	"mailflow/evidence"
	"mailflow/internal/exlog/exlogtest"
	"mailflow/internal/maillog"
	"mailflow/internal/maillog/maillogtest"
)

// BenchmarkFollow reads 100 MB of message tracking and of Postfix a second time, for
// the messages that the first time chose.
func BenchmarkFollow(b *testing.B) {
	var text, mails bytes.Buffer
	if _, err := exlogtest.Tracking(&text, 1, 100e6); err != nil {
		b.Fatal(err)
	}
	if _, err := maillogtest.Postfix(&mails, 1, 100e6); err != nil {
		b.Fatal(err)
	}
	read := map[string]func(l *ledger){
		"tracking": func(l *ledger) { l.tracking(&evidence.Export{}, 0, bytes.NewReader(text.Bytes())) },
		"Postfix": func(l *ledger) {
			l.mail(&evidence.Export{}, 0, maillog.Postfix, time.UTC, time.Now(), bytes.NewReader(mails.Bytes()))
		},
	}
	for name, do := range read {
		first := newLedger()
		first.files = []string{"x"}
		do(first)
		ids := toFollow(first.done(), "")
		b.Run(name, func(b *testing.B) {
			b.SetBytes(100e6)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				l := newLedger()
				l.files = []string{"x"}
				l.follow = newFollower(l, ids)
				do(l)
				n = len(l.follow.done())
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
}
