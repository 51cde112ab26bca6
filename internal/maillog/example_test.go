package maillog_test

import (
	"fmt"
	"strings"
	"time"

	"mailflow/internal/maillog"
)

// A log of Postfix, whose stamps have no year, copied on 20 November 2026.
func ExampleReader() {
	const log = `Nov 17 10:02:11 mx1 postfix/smtp[9]: F1A2B3C4D5: to=<bob@contoso.com>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to mx.contoso.com[192.0.2.7]:25: Connection timed out)
Nov 17 10:09:17 mx1 postfix/smtp[9]: F1A2B3C4D5: to=<bob@contoso.com>, relay=mx.contoso.com[192.0.2.8]:25, delay=456, delays=455/0.02/0.2/0.8, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XkA2b3FgCz1)
`
	kind := maillog.Sniff([]byte(log))
	years := maillog.NewYears(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	r := maillog.NewReader(strings.NewReader(log), kind)
	for r.Next() {
		e := r.Event()
		at := years.Place(e.Stamp).In(time.UTC)
		fmt.Printf("%s %s %s after %v: %s\n", at.Format(time.DateTime), e.Queue, e.What, e.Delay, e.Reason)
	}
	// Output:
	// 2026-11-17 10:02:11 F1A2B3C4D5 deferred after 30s: connect to mx.contoso.com[192.0.2.7]:25: Connection timed out
	// 2026-11-17 10:09:17 F1A2B3C4D5 sent after 7m36s: 250 2.0.0 Ok: queued as 4XkA2b3FgCz1
}
