package maillog

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	eximHead = "2026-11-17 10:02:11 "
	mid      = "1vKabc-0001Zy-Xw"
	longID   = "1vKabc-0000000AbCd-1x2Y"
)

func TestExim(t *testing.T) {
	runLines(t, Exim, eximHead, []lineTest{
		{"received", mid + ` <= a@example.com H=mail.example.com (helo.example.com) [192.0.2.3]:40112 I=[198.51.100.1]:25 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=plain:bob S=1234 M8S=0 RT=0.12s id=1@example.com T="a \"subject\" H=x S=9" from <a@example.com> for c@d e@f`,
			mid + " received from=a@example.com to=c@d e@f client=mail.example.com (helo.example.com) [192.0.2.3]:40112 user=bob id=1@example.com size=1234"},
		{"received with a long id", longID + " <= a@example.com H=[192.0.2.3] P=smtp S=10", longID + " received from=a@example.com client=[192.0.2.3] size=10"},
		{"received from a program", mid + " <= www@example.com U=www-data P=local S=77 id=2@example.com", mid + " received from=www@example.com client=www-data id=2@example.com size=77"},
		{"bounce made", mid + " <= <> R=" + longID + " U=Debian-exim P=local S=900", mid + " received from= client=Debian-exim parent=" + longID + " size=900"},
		{"quoted sender", mid + ` <= "a b"@example.com H=x [192.0.2.3] P=smtp S=1`, mid + ` received from="a b"@example.com client=x [192.0.2.3] size=1`},
		{"sent", mid + ` => bob@contoso.com F=<a@example.com> R=dnslookup T=remote_smtp S=1300 H=mx.contoso.com [192.0.2.7]:25 X=TLS1.3:AES:256 CV=yes DN="CN=mx, O=x H=y" L K C="250- 1300 byte chunk\\n250 OK id=1vKdef-0002Ab-Cd" QT=3d4h5m6s DT=1.5s`,
			mid + ` sent from=a@example.com to=bob@contoso.com relay=mx.contoso.com [192.0.2.7]:25 as=1vKdef-0002Ab-Cd size=1300 delay=76h5m6s attempt=1.5s code=250 (250- 1300 byte chunk\\n250 OK id=1vKdef-0002Ab-Cd)`},
		{"sent to Postfix", mid + ` -> bob@contoso.com <info@example.com> R=dnslookup T=remote_smtp H=mx [2001:db8::7]:25 C="250 2.0.0 Ok: queued as 4XkA2b3FgCz1" QT=2s`,
			mid + " sent to=bob@contoso.com orig=info@example.com relay=mx [2001:db8::7]:25 as=4XkA2b3FgCz1 delay=2s code=250 (250 2.0.0 Ok: queued as 4XkA2b3FgCz1)"},
		{"to a mailbox", mid + " => bob <bob@example.com> R=localuser T=local_delivery QT=0.012s", mid + " sent to=bob@example.com relay=local_delivery delay=12ms"},
		{"to a pipe", mid + " => |/usr/bin/filter -x <bob@example.com> R=userforward T=address_pipe", mid + " sent to=bob@example.com relay=address_pipe"},
		{"with its parent", mid + " => bob@example.com (crew@example.com) <all@example.com> R=r T=t", mid + " sent to=bob@example.com orig=all@example.com relay=t"},
		{"passed through at once", mid + ` >> bob@contoso.com R=r T=t H=mx [192.0.2.7] C="250 OK"`, mid + " sent to=bob@contoso.com relay=mx [192.0.2.7] code=250 (250 OK)"},
		{"black hole", mid + " => :blackhole: <x@example.com> R=hole", mid + " discarded to=x@example.com"},
		{"not tried, retry time of a host", mid + " == bob@contoso.com R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for 'contoso.com'",
			mid + " postponed to=bob@contoso.com relay=remote_smtp (retry time not reached for any host for 'contoso.com')"},
		{"not tried, retry time of an address", mid + " == bob@contoso.com routing defer (-51): retry time not reached", mid + " postponed to=bob@contoso.com (retry time not reached)"},
		{"deferred in routing", mid + " == bob@contoso.com routing defer (-1): host lookup did not complete", mid + " deferred to=bob@contoso.com (host lookup did not complete)"},
		{"deferred, timed out", mid + " == bob@contoso.com R=dnslookup T=remote_smtp defer (110): Connection timed out", mid + " deferred to=bob@contoso.com relay=remote_smtp (Connection timed out)"},
		{"deferred, timed out at a host", mid + " == bob@contoso.com R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.contoso.com [192.0.2.7]: DT=30s",
			mid + " deferred to=bob@contoso.com relay=mx.contoso.com [192.0.2.7] (Connection timed out H=mx.contoso.com [192.0.2.7]: DT=30s)"},
		{"deferred with reply", mid + " == bob@contoso.com R=dnslookup T=remote_smtp defer (-44) H=mx.contoso.com [192.0.2.7]:25: SMTP error from remote mail server after RCPT TO:<bob@contoso.com>: 451 4.7.1 Greylisted",
			mid + " deferred to=bob@contoso.com relay=mx.contoso.com [192.0.2.7]:25 dsn=4.7.1 code=451 (SMTP error from remote mail server after RCPT TO:<bob@contoso.com>: 451 4.7.1 Greylisted)"},
		{"deferred with reply, host first", mid + " == bob@contoso.com R=dnslookup T=remote_smtp H=mx.contoso.com [192.0.2.7] DT=2s defer (-45): SMTP error from remote mail server after pipelined MAIL FROM:<a@b> SIZE=1: 421 busy",
			mid + " deferred to=bob@contoso.com relay=mx.contoso.com [192.0.2.7] attempt=2s code=421 (SMTP error from remote mail server after pipelined MAIL FROM:<a@b> SIZE=1: 421 busy)"},
		{"deferred with reply, older", mid + " == bob@contoso.com R=dnslookup T=remote_smtp defer (-44): SMTP error from remote mail server after RCPT TO:<bob@contoso.com>: host mx.contoso.com [192.0.2.7]: 450 4.3.2 too many",
			mid + " deferred to=bob@contoso.com relay=mx.contoso.com [192.0.2.7] dsn=4.3.2 code=450 (SMTP error from remote mail server after RCPT TO:<bob@contoso.com>: host mx.contoso.com [192.0.2.7]: 450 4.3.2 too many)"},
		{"bounced", mid + " ** bob@contoso.com F=<a@example.com> R=dnslookup T=remote_smtp H=mx.contoso.com [192.0.2.7] X=TLS1.2:y:256 CV=yes: SMTP error from remote mail server after RCPT TO:<bob@contoso.com>: 550 5.1.1 no such user",
			mid + " bounced from=a@example.com to=bob@contoso.com relay=mx.contoso.com [192.0.2.7] dsn=5.1.1 code=550 (SMTP error from remote mail server after RCPT TO:<bob@contoso.com>: 550 5.1.1 no such user)"},
		{"bounced in routing", mid + " ** bob@contoso.com R=dnslookup: Unrouteable address", mid + " bounced to=bob@contoso.com (Unrouteable address)"},
		{"bounced without options", mid + " ** bob@contoso.com <info@example.com>: Unrouteable address", mid + " bounced to=bob@contoso.com orig=info@example.com (Unrouteable address)"},
		{"expired", mid + " ** bob@contoso.com: retry timeout exceeded", mid + " expired to=bob@contoso.com (retry timeout exceeded)"},
		{"completed", mid + " Completed", mid + " removed"},
		{"completed with time", longID + " Completed QT=1w2d", longID + " removed delay=216h0m0s"},
		{"frozen", mid + " Frozen (delivery error message)", mid + " held (Frozen (delivery error message))"},
		{"still frozen", mid + " Message is frozen", mid + " held (Message is frozen)"},
		{"unfrozen", mid + " Unfrozen by errmsg timer", mid + " released (Unfrozen by errmsg timer)"},
		{"no delivery yet", mid + " no immediate delivery: load average 9.02", mid + " postponed (no immediate delivery: load average 9.02)"},
		{"host refused", mid + " H=mx.contoso.com [192.0.2.7] Connection refused", mid + " unreachable relay=mx.contoso.com [192.0.2.7] (Connection refused)"},
		{"host timed out, port", mid + " H=mx.contoso.com [192.0.2.7]:25 Connection timed out", mid + " unreachable relay=mx.contoso.com [192.0.2.7]:25 (Connection timed out)"},
		{"host refused, older", mid + " mx.contoso.com [192.0.2.7] Connection refused", mid + " unreachable relay=mx.contoso.com [192.0.2.7] (Connection refused)"},
		{"host said", mid + " H=mx.contoso.com [192.0.2.7]: SMTP error from remote mail server after initial connection: 421 4.3.2 busy",
			mid + " attempted relay=mx.contoso.com [192.0.2.7] dsn=4.3.2 code=421 (SMTP error from remote mail server after initial connection: 421 4.3.2 busy)"},
		{"host went quiet", mid + " SMTP timeout while connected to mx.contoso.com [192.0.2.7] after end of data", mid + " attempted relay=mx.contoso.com [192.0.2.7] (SMTP timeout while connected to mx.contoso.com [192.0.2.7] after end of data)"},
		{"host hung up", mid + " Remote host mx.contoso.com [192.0.2.7] closed connection in response to MAIL FROM", mid + " attempted relay=mx.contoso.com [192.0.2.7] (Remote host mx.contoso.com [192.0.2.7] closed connection in response to MAIL FROM)"},
		{"greylisting", "H=mail.example.com [192.0.2.3]:40 X=TLS1.2:y:256 CV=no F=<a@b> A=plain:x temporarily rejected RCPT <c@d>: greylisted, come back",
			"rejected from=a@b to=c@d client=mail.example.com [192.0.2.3]:40 user=x temporary (greylisted, come back)"},
		{"refused", "H=(x) [192.0.2.3] F=<> rejected RCPT <c@d>: relay not permitted", "rejected from= to=c@d client=(x) [192.0.2.3] (relay not permitted)"},
		{"refused at connect", `H=[192.0.2.3]:18 temporarily rejected connection in "connect" ACL: too fast`, "rejected client=[192.0.2.3]:18 temporary (too fast)"},
		{"refused behind the data", mid + " H=x [192.0.2.3] F=<a@b> rejected after DATA: 451 4.7.1 later", mid + " rejected from=a@b client=x [192.0.2.3] dsn=4.7.1 temporary code=451 (451 4.7.1 later)"},
		{"queue run", "Start queue run: pid=1234", "queue run"},
	})
}

func TestEximNearMiss(t *testing.T) {
	const damagedLine = "! 1 not laid out as this server writes it, or cut short: left out"
	runLines(t, Exim, eximHead, []lineTest{
		{"end of a queue run", "End queue run: pid=1234", ""},
		{"DKIM", mid + " DKIM: d=example.com s=x c=relaxed/relaxed a=rsa-sha256 [verification succeeded]", ""},
		{"locked", mid + " Spool file is locked (another process is handling this message)", ""},
		{"not an id", "1vKabc-0001Zy-Xwy Completed", ""},
		{"id with a bad byte", "1vKabc-0001.y-Xw Completed", ""},
		{"login failed", "plain authenticator failed for H=x [192.0.2.3]: 535 Incorrect authentication data", ""},
		{"sender verify", "H=x [192.0.2.3] sender verify defer for <a@b>: host lookup did not complete", ""},
		{"subject with options", mid + ` <= a@b H=x [192.0.2.3] S=5 T="=> c@d S=7 id=9@x for e@f" id=1@b for g@h`, mid + " received from=a@b to=g@h client=x [192.0.2.3] id=1@b size=5"},
		{"reply with options", mid + ` => c@d R=r T=t H=x [192.0.2.7] C="250 OK QT=9h H=y [z] \" DT=7s" QT=1s`, mid + ` sent to=c@d relay=x [192.0.2.7] delay=1s code=250 (250 OK QT=9h H=y [z] \" DT=7s)`},
		{"deferral cut", mid + " == c@d R=r T=t", damagedLine},
		{"deferral cut in its number", mid + " == c@d R=r T=t defer (-4", damagedLine},
		{"failure cut", mid + " ** c@d R=r", damagedLine},
		{"delay too large", mid + " Completed QT=99999999999w", mid + " removed"},
	})
}

// TestEximHeads reads the stamps of a main log, and of its copy in syslog.
func TestEximHeads(t *testing.T) {
	utc := time.Date(2026, 11, 17, 10, 2, 11, 0, time.UTC).UnixNano()
	tests := []struct {
		name, head, pid string
		stamp           Stamp
	}{
		{"local", "2026-11-17 10:02:11 ", "", Stamp{Nano: utc, HasYear: true}},
		{"milliseconds", "2026-11-17 10:02:11.345 ", "", Stamp{Nano: utc + 345e6, HasYear: true}},
		{"zone", "2026-11-17 11:02:11 +0100 ", "", Stamp{Nano: utc, HasYear: true, HasZone: true}},
		{"all", "2026-11-17 05:02:11.345 -0500 [77] ", "77", Stamp{Nano: utc + 345e6, HasYear: true, HasZone: true}},
		{"syslog", "Nov 17 10:02:12 mx1 exim[78]: 2026-11-17 10:02:11 ", "78", Stamp{Nano: utc, HasYear: true}},
		{"syslog alone", "2026-11-17T11:02:11+01:00 mx1 exim4[78]: ", "78", Stamp{Nano: utc, HasYear: true, HasZone: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(test.head+mid+" Completed\n"), Exim)
			if !r.Next() {
				t.Fatal("no event", r.Problems())
			}
			if e := r.Event(); string(e.PID) != test.pid || e.What != Removed || e.Stamp != test.stamp {
				t.Error(string(e.PID), e.What, cmp.Diff(test.stamp, e.Stamp))
			}
		})
	}
}
