package maillog

import "testing"

const (
	sendmailHead = "Nov 17 10:02:11 mx1 sm-mta[312]: "
	sid          = "5AHA2BxX012345"
)

func TestSendmail(t *testing.T) {
	runLines(t, Sendmail, sendmailHead, []lineTest{
		{"received", sid + ": from=<a@example.com>, size=1234, class=0, nrcpts=2, msgid=<1@example.com>, bodytype=8BITMIME, proto=ESMTP, daemon=MTA, relay=mail.example.com [192.0.2.3]",
			sid + " received from=a@example.com client=mail.example.com [192.0.2.3] id=1@example.com size=1234 n=2"},
		{"received from a program", sid + ": from=root, size=5, class=0, nrcpts=1, msgid=<2@example.com>, relay=root@localhost", sid + " received from=root client=root@localhost id=2@example.com size=5 n=1"},
		{"null sender", sid + ": from=<>, size=5, nrcpts=1, relay=localhost", sid + " received from= client=localhost size=5 n=1"},
		{"sent", sid + ": to=<b@contoso.com>, ctladdr=<a@example.com> (33/33), delay=00:00:03, xdelay=00:00:02, mailer=esmtp, pri=121234, relay=mx.contoso.com. [192.0.2.7], dsn=2.0.0, stat=Sent (Ok: queued as 4XkA2b3FgCz1)",
			sid + " sent to=b@contoso.com relay=mx.contoso.com. [192.0.2.7] dsn=2.0.0 as=4XkA2b3FgCz1 delay=3s attempt=2s (Ok: queued as 4XkA2b3FgCz1)"},
		{"sent to Sendmail", sid + ": to=b@contoso.com, delay=00:00:00, xdelay=00:00:00, mailer=relay, pri=30005, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (5AHA2CyY012346 Message accepted for delivery)",
			sid + " sent to=b@contoso.com relay=[127.0.0.1] [127.0.0.1] dsn=2.0.0 as=5AHA2CyY012346 delay=0s (5AHA2CyY012346 Message accepted for delivery)"},
		{"several recipients", sid + ": to=<b@contoso.com>,<c@contoso.com>, delay=00:01:00, mailer=esmtp, relay=mx [192.0.2.7], dsn=2.0.0, stat=Sent", sid + " sent to=<b@contoso.com>,<c@contoso.com> relay=mx [192.0.2.7] dsn=2.0.0 delay=1m0s"},
		{"deferred", sid + ": to=<b@contoso.com>, delay=2+15:56:56, xdelay=00:05:00, mailer=esmtp, pri=8121234, relay=mx.contoso.com. [192.0.2.7], dsn=4.0.0, stat=Deferred: Connection timed out with mx.contoso.com.",
			sid + " deferred to=b@contoso.com relay=mx.contoso.com. [192.0.2.7] dsn=4.0.0 delay=63h56m56s attempt=5m0s (Connection timed out with mx.contoso.com.)"},
		{"deferred with reply", sid + ": to=<b@contoso.com>, delay=00:00:01, relay=mx [192.0.2.7], dsn=4.3.0, stat=Deferred: 451 4.7.1 Greylisting in action",
			sid + " deferred to=b@contoso.com relay=mx [192.0.2.7] dsn=4.3.0 delay=1s code=451 (451 4.7.1 Greylisting in action)"},
		{"without a comma", sid + ": to=<b@contoso.com>, delay=00:00:01, relay=mx [192.0.2.7] dsn=4.0.0, stat=Deferred", sid + " deferred to=b@contoso.com relay=mx [192.0.2.7] dsn=4.0.0 delay=1s"},
		{"a temporary failure without the word", sid + ": to=<b@contoso.com>, delay=00:00:01, relay=mx [192.0.2.7], dsn=4.4.3, stat=Host name lookup failure", sid + " deferred to=b@contoso.com relay=mx [192.0.2.7] dsn=4.4.3 delay=1s (Host name lookup failure)"},
		{"queued", sid + ": to=<b@contoso.com>, delay=00:00:01, mailer=esmtp, pri=30000, stat=queued", sid + " postponed to=b@contoso.com delay=1s (queued)"},
		{"bounced", sid + ": to=<b@contoso.com>, delay=00:00:01, relay=mx [192.0.2.7], dsn=5.1.1, stat=User unknown", sid + " bounced to=b@contoso.com relay=mx [192.0.2.7] dsn=5.1.1 delay=1s (User unknown)"},
		{"greylisting", sid + ": ruleset=check_rcpt, arg1=<b@example.com>, relay=mail.contoso.com [192.0.2.3], reject=451 4.7.1 come back",
			sid + " rejected to=b@example.com client=mail.contoso.com [192.0.2.3] dsn=4.7.1 temporary code=451 (451 4.7.1 come back)"},
		{"refused at connect", "ruleset=check_relay, arg1=x, arg2=192.0.2.3, relay=x [192.0.2.3], reject=550 5.7.1 Access denied", "rejected client=x [192.0.2.3] dsn=5.7.1 code=550 (550 5.7.1 Access denied)"},
		{"milter", sid + ": Milter: to=<b@example.com>, reject=451 4.7.1 Greylisting in action", sid + " rejected to=b@example.com dsn=4.7.1 temporary code=451 (451 4.7.1 Greylisting in action)"},
		{"milter behind the data", sid + ": Milter: data, reject=550 5.7.1 no", sid + " rejected dsn=5.7.1 code=550 (550 5.7.1 no)"},
		{"warned", sid + ": 5AHE2BxX012399: sender notify: Warning: could not send message for past 4 hours", sid + " notified as=5AHE2BxX012399 (Warning: could not send message for past 4 hours)"},
		{"bounce sent", sid + ": 5AHE2BxX012399: DSN: User unknown", sid + " notified as=5AHE2BxX012399 (User unknown)"},
		{"expired", sid + ": 5AHE2BxX012399: sender notify: Cannot send message for 5 days", sid + " expired as=5AHE2BxX012399 (Cannot send message for 5 days)"},
		{"done", sid + ": done; delay=00:00:03, ntries=1", sid + " removed"},
		{"connect", "NOQUEUE: connect from mail.example.com [192.0.2.3]", "connected client=mail.example.com [192.0.2.3]"},
		{"client went away", sid + ": lost input channel from mail.example.com [192.0.2.3] to MTA after data", sid + " dropped client=mail.example.com [192.0.2.3] (lost input channel from mail.example.com [192.0.2.3] to MTA after data)"},
		{"host went quiet", sid + ": timeout waiting for input from mx.contoso.com. during client DATA status", sid + " attempted relay=mx.contoso.com. (timeout waiting for input from mx.contoso.com. during client DATA status)"},
	})
}

func TestSendmailNearMiss(t *testing.T) {
	const damagedLine = "! 1 not laid out as this server writes it, or cut short: left out"
	runLines(t, Sendmail, sendmailHead, []lineTest{
		{"TLS", "STARTTLS=client, relay=mx.contoso.com., version=TLSv1.3, verify=OK, cipher=x, bits=256/256", ""},
		{"a word for an id", "gethostbyaddr: to=<a@b>, stat=Sent", ""},
		{"alias with a colon", sid + ": to=\"|/usr/bin/vacation bob\", ctladdr=<a@b> (1/1), delay=00:00:00, mailer=prog, dsn=2.0.0, stat=Sent", sid + " sent to=\"|/usr/bin/vacation bob\" dsn=2.0.0 delay=0s"},
		{"reply with keys", sid + ": to=<b@c>, delay=00:00:01, relay=r, dsn=4.0.0, stat=Deferred: 450 x, stat=Sent (y), dsn=2.0.0", sid + " deferred to=b@c relay=r dsn=4.0.0 delay=1s code=450 (450 x, stat=Sent (y), dsn=2.0.0)"},
		{"address with keys", sid + ": to=<\"x>, stat=Sent (\"@c>, delay=00:00:01, relay=r, dsn=4.0.0, stat=Deferred: z", sid + ` deferred to="x>, stat=Sent ("@c relay=r dsn=4.0.0 delay=1s (z)`},
		{"cut before its end", sid + ": to=<b@c>, delay=00:00:01, rel", damagedLine},
		{"cut before the state", sid + ": to=<b@c>, delay=00:00:01, relay=r", damagedLine},
		{"delay too large", sid + ": to=<b@c>, delay=99999999+00:00:01, relay=r, stat=queued", sid + " postponed to=b@c relay=r (queued)"},
		{"delay that is no time", sid + ": to=<b@c>, delay=00:00:5x, xdelay=0000000A, relay=r, stat=queued", sid + " postponed to=b@c relay=r (queued)"},
		{"headers too large", sid + ": headers too large (40000 max) from x [192.0.2.3]", ""},
	})
}
