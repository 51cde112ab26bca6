package collectors

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestMailLogs: what small logs of other servers say of the mail that passed.
func TestMailLogs(t *testing.T) {
	for name, story := range map[string]struct{ text, want string }{
		"Postfix: put off, then sent": {`
			2026-01-05T10:00:00Z mail postfix/smtpd[1]: 4RbcdTFkgHz4xL: client=mx.example.com[192.0.2.1]
			2026-01-05T10:00:00Z mail postfix/cleanup[2]: 4RbcdTFkgHz4xL: message-id=<a@example.com>
			2026-01-05T10:00:00Z mail postfix/qmgr[3]: 4RbcdTFkgHz4xL: from=<x@example.com>, size=500, nrcpt=1 (queue active)
			2026-01-05T10:00:30Z mail postfix/smtp[4]: 4RbcdTFkgHz4xL: to=<y@contoso.com>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to hub.contoso.com[198.51.100.4]:25: Connection timed out)
			2026-01-05T10:05:00Z mail postfix/qmgr[3]: 4RbcdTFkgHz4xL: from=<x@example.com>, size=500, nrcpt=1 (queue active)
			2026-01-05T10:05:02Z mail postfix/smtp[4]: 4RbcdTFkgHz4xL: to=<y@contoso.com>, relay=hub.contoso.com[198.51.100.4]:25, delay=302, delays=300/0/1/1, dsn=2.0.0, status=sent (250 2.0.0 queued)
			2026-01-05T10:05:02Z mail postfix/qmgr[3]: 4RbcdTFkgHz4xL: removed`, `
			mail > hub.contoso.com: 1, longest 302, 1 late, 1 x "connect to hub.contoso.com[198.51.100.4]:25: Connection timed out"`},
		"Postfix: two servers, local delivery": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=box[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
			2026-01-05T10:00:01Z mx postfix/qmgr[1]: AAAAAA1: removed
			2026-01-05T10:00:01Z box postfix/smtpd[1]: AAAAAA1: client=mx[192.0.2.1]
			2026-01-05T10:00:04Z box postfix/local[1]: AAAAAA1: to=<y@contoso.com>, relay=local, delay=3, delays=0/0/0/3, dsn=2.0.0, status=sent (delivered to mailbox)
			2026-01-05T10:00:04Z box postfix/qmgr[1]: AAAAAA1: removed`, `
			box > local: 1, longest 3
			mx > box: 1, longest 1`},
		"Postfix: an id used again": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/local[1]: AAAAAA1: to=<y@contoso.com>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)
			2026-01-05T10:00:01Z mx postfix/qmgr[1]: AAAAAA1: removed
			2026-01-05T12:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T12:00:02Z mx postfix/local[1]: AAAAAA1: to=<y@contoso.com>, relay=local, delay=2, delays=0/0/0/2, dsn=2.0.0, status=sent (ok)
			2026-01-05T12:00:02Z mx postfix/qmgr[1]: AAAAAA1: removed`, `
			mx > local: 2, longest 2`},
		"Postfix: it came before the log begins, and the delay tells when": {`
			2026-01-05T10:00:00Z mx postfix/qmgr[3]: AAAAAA1: from=<x@example.com>, size=500, nrcpt=1 (queue active)
			2026-01-05T10:00:01Z mx postfix/local[1]: AAAAAA1: to=<y@contoso.com>, relay=local, delay=901, delays=900/0/0/1, dsn=2.0.0, status=sent (ok)
			2026-01-05T10:00:01Z mx postfix/qmgr[1]: AAAAAA1: removed`, `
			mx > local: 1, longest 901, 1 late`},
		"Postfix: still waiting": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=hub[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=4.3.2, status=deferred (host hub[192.0.2.2] said: 421 4.3.2 busy)
			2026-01-05T10:04:00Z mx postfix/smtpd[1]: BBBBBB1: client=a[192.0.2.1]`, `
			mx > hub: 0, longest 0, 1 waiting, 1 x "host hub[192.0.2.2] said: 421 4.3.2 busy"`},
		"Postfix: bounced, expired": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=hub[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host hub[192.0.2.2] said: 550 5.1.1 unknown)
			2026-01-05T10:00:01Z mx postfix/qmgr[1]: AAAAAA1: removed
			2026-01-05T10:04:00Z mx postfix/smtpd[1]: BBBBBB1: client=a[192.0.2.1]`, ``},
		"Exim": {`
			2026-01-05 10:00:00 1vcabc-000001-AB <= x@example.com H=a [192.0.2.1] P=esmtp S=1200
			2026-01-05 10:00:01 1vcabc-000001-AB == y@contoso.com R=dnslookup T=remote_smtp defer (110): Connection timed out
			2026-01-05 10:30:00 1vcabc-000001-AB => y@contoso.com R=dnslookup T=remote_smtp H=hub.contoso.com [198.51.100.4] C="250 ok"
			2026-01-05 10:30:00 1vcabc-000001-AB Completed`, `
			the Exim server > hub.contoso.com: 1, longest 1800, 1 late, 1 x "Connection timed out"`},
		"Exim: put off without a host, and still waiting": {`
			2026-01-05 10:00:00 1vcabc-000001-AB <= x@example.com H=a [192.0.2.1] P=esmtp S=1200
			2026-01-05 10:00:01 1vcabc-000001-AB == y@Contoso.com R=smart T=out defer (110): Connection timed out
			2026-01-05 10:10:00 1vcabc-000001-AC <= x@example.com H=a [192.0.2.1] P=esmtp S=1200
			2026-01-05 10:10:01 1vcabc-000001-AC == bob T=local_delivery defer (28): quota
			2026-01-05 10:30:00 1vcabc-000001-AD <= x@example.com H=a [192.0.2.1] P=esmtp S=1200`, `
			the Exim server > contoso.com: 0, longest 0, 1 waiting, 1 x "Connection timed out"
			the Exim server > local_delivery: 0, longest 0, 1 waiting, 1 x "quota"`},
		"Postfix: no host is found for the domain": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name=contoso.com type=MX: Host not found, try again)
			2026-01-05T10:00:02Z mx postfix/smtpd[1]: AAAAAA2: client=a[192.0.2.1]
			2026-01-05T10:00:03Z mx postfix/smtp[1]: AAAAAA2: to=<z@example.com>, relay=none, delay=1, delays=0/0/1/0, dsn=4.3.5, status=deferred (unable to look up host mail.example.com: Name or service not known)
			2026-01-05T10:04:00Z mx postfix/smtpd[1]: BBBBBB1: client=a[192.0.2.1]`, `
			mx > contoso.com: 0, longest 0, 1 waiting, 1 x "Host or domain name not found. Name service error for name=contoso.com type=MX: Host not found, try again"
			mx > example.com: 0, longest 0, 1 waiting, 1 x "unable to look up host mail.example.com: Name or service not known"`},
		"Postfix: no host is found at first": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.3, status=deferred (Host or domain name not found)
			2026-01-05T10:05:01Z mx postfix/smtp[1]: AAAAAA1: to=<y@contoso.com>, relay=hub[192.0.2.2]:25, delay=301, delays=300/0/0/1, dsn=2.0.0, status=sent (250 ok)
			2026-01-05T10:05:01Z mx postfix/qmgr[1]: AAAAAA1: removed`, `
			mx > hub: 1, longest 301, 1 late, 1 x "Host or domain name not found"`},
		"Postfix: a filter turns a whole message away, and the door one recipient": {`
			2026-01-05T10:00:00Z mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
			2026-01-05T10:00:01Z mx postfix/cleanup[2]: AAAAAA1: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: 4.7.1 Service unavailable - try again later; from=<x@example.com> to=<y@contoso.com> proto=ESMTP helo=<a>
			2026-01-05T10:00:02Z mx postfix/smtpd[1]: AAAAAA2: client=a[192.0.2.1]
			2026-01-05T10:00:02Z mx postfix/smtpd[1]: AAAAAA2: reject: RCPT from a[192.0.2.1]: 550 5.1.1 <q@contoso.com>: Recipient address rejected; from=<x@example.com> to=<q@contoso.com> proto=ESMTP helo=<a>
			2026-01-05T10:04:02Z mx postfix/local[1]: AAAAAA2: to=<y@contoso.com>, relay=local, delay=240, delays=240/0/0/0, dsn=2.0.0, status=sent (ok)
			2026-01-05T10:04:02Z mx postfix/qmgr[1]: AAAAAA2: removed`, `
			mx > local: 1, longest 240, 1 late`},
		"Sendmail": {`
			2026-01-05T10:00:00Z relay sm-mta[77]: 605A00aa000077: from=<x@example.com>, size=500, class=0, nrcpts=1, msgid=<a@example.com>, proto=ESMTP, daemon=MTA, relay=a [192.0.2.1]
			2026-01-05T10:03:00Z relay sm-mta[78]: 605A00aa000077: to=<y@contoso.com>, delay=00:03:00, xdelay=00:00:01, mailer=esmtp, pri=1, relay=hub.contoso.com. [198.51.100.4], dsn=2.0.0, stat=Sent (ok)`, `
			relay > hub.contoso.com: 1, longest 180, 1 late`},
	} {
		t.Run(name, func(t *testing.T) {
			all, gap := trafficOf(t, map[string][]byte{"mail.log": []byte(unindented(story.text))})
			if got, want := hopsSaid(all), unindented(story.want); got != want {
				t.Errorf("got\n%swant\n%s%s", got, want, gap)
			}
		})
	}
}

// TestMailLogTimes: times without year and zone are used, and that is said.
func TestMailLogTimes(t *testing.T) {
	text := unindented(`
		Dec 31 23:59:00 mx postfix/smtpd[1]: AAAAAA1: client=a[192.0.2.1]
		Jan  1 00:02:00 mx postfix/local[1]: AAAAAA1: to=<y@contoso.com>, relay=local, delay=180, delays=0/0/0/180, dsn=2.0.0, status=sent (ok)
		Jan  1 00:02:00 mx postfix/qmgr[1]: AAAAAA1: removed`)
	all, _ := trafficOf(t, map[string][]byte{"mail.log": []byte(text)})
	if hopsSaid(all) != "mx > local: 1, longest 180, 1 late\n" {
		t.Fatal(hopsSaid(all))
	}
	p := all[0].Passages[0]
	if p.Left.Sub(p.Came) != 3*time.Minute || p.Left.After(time.Now().Add(24*time.Hour)) || p.ID != "AAAAAA1" {
		t.Errorf("%+v", p)
	}
	if said := fmt.Sprint(all[0].Problems); !strings.Contains(said, "was inferred") || !strings.Contains(said, "no zone") {
		t.Error(said)
	}
}

// TestMailLogRotated: a log that was rotated and compressed is read in the order
// of time, wherever it was cut.
func TestMailLogRotated(t *testing.T) {
	var lines []string
	for i := range 40 {
		at := func(s int) string {
			return fmt.Sprintf("2026-01-05T%02d:%02d:%02dZ mx postfix/", 10+i/10, i%10*6+s/60, s%60)
		}
		lines = append(lines, at(0)+fmt.Sprintf("smtpd[1]: ABC%04X: client=a[192.0.2.1]\n", i))
		if i%3 == 0 {
			lines = append(lines, at(1)+fmt.Sprintf("smtp[1]: ABC%04X: to=<y@contoso.com>, relay=hub[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=4.3.2, status=deferred (busy %d)\n", i, i))
		}
		if i%7 != 0 {
			lines = append(lines, at(90+i*6)+fmt.Sprintf("smtp[1]: ABC%04X: to=<y@contoso.com>, relay=hub[192.0.2.2]:25, delay=%d, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)\n", i, 90+i*6), at(90+i*6)+fmt.Sprintf("qmgr[1]: ABC%04X: removed\n", i))
		}
	}
	all, _ := trafficOf(t, map[string][]byte{"mail.log": []byte(strings.Join(lines, ""))})
	if len(all) != 2 || all[0].Late == 0 || all[0].Waiting == 0 {
		t.Fatal(hopsSaid(all))
	}
	for at := 1; at < len(lines); at++ {
		first, second := []byte(strings.Join(lines[:at], "")), []byte(strings.Join(lines[at:], ""))
		got, _ := trafficOf(t, map[string][]byte{"mail.log": second, "mail.log.1.gz": gzipped(t, first)})
		if placeless(got) != placeless(all) {
			t.Fatalf("cut at line %d: %s", at, hopsSaid(got))
		}
	}
}
