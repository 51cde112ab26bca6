package collectors

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mailflow/internal/maillog/maillogtest"
)

// TestTrailOfRequeued: a message that a filter gives a new id, far behind in the log, is
// followed under both, and under a third.
func TestTrailOfRequeued(t *testing.T) {
	bulk := func(seed uint64) []byte {
		var b bytes.Buffer
		if _, err := maillogtest.Postfix(&b, seed, 400e3); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	line := func(clock, text string) []byte { return []byte("2026-02-05T" + clock + "Z mx9 " + text + "\n") }
	text := slices.Concat(line("10:00:00", "postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]"), line("10:00:00", "postfix/cleanup[1]: AAAAAA1: message-id=<x@example.com>"), bulk(1),
		line("10:10:00", "MailScanner[9]: Requeue: AAAAAA1.A1B2C to BBBBBB1"), bulk(2), line("10:20:00", "MailScanner[9]: Requeue: BBBBBB1.A1B2C to CCCCCC1"), bulk(3),
		line("10:30:00", "postfix/smtp[1]: CCCCCC1: to=<b@example.com>, relay=mx[192.0.2.9]:25, delay=1800, dsn=4.0.0, status=deferred (later)"), bulk(4),
		line("10:40:00", "postfix/smtp[1]: CCCCCC1: to=<b@example.com>, relay=mx[192.0.2.9]:25, delay=2400, dsn=2.0.0, status=sent (ok)"))
	name := filepath.Join(t.TempDir(), "mail.log")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	whole, _ := followed(t, []string{name}, 0)
	parts, read := followed(t, []string{name}, 1)
	about := func(rows []string) (n int) {
		for _, r := range rows {
			if strings.Contains(r, "{Message:x@example.com") {
				n++
			}
		}
		return n
	}
	if about(whole) < 5 || about(parts) != about(whole) || read >= int64(len(text)) {
		t.Error(fmt.Sprint(about(whole), about(parts), read, len(text)), parts)
	}
}
