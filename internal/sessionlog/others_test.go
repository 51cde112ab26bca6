package sessionlog

import (
	"strings"
	"testing"
	"time"

	"mailflow/internal/exlog"
)

func timesOf(n int) time.Duration { return time.Duration(n) * 100 * time.Millisecond }

// serviceLog is of an Exchange 2003 server: one session that came, in which a
// recipient was refused, and three that it opened, of which one was put off.
const serviceLog = `#Software: Microsoft Internet Information Services 6.0
#Version: 1.0
#Date: 2010-07-20 06:00:00
#Fields: date time c-ip cs-username s-sitename s-computername s-ip s-port cs-method cs-uri-stem cs-uri-query sc-status sc-win32-status sc-bytes cs-bytes time-taken cs-version cs-host

2010-07-20 06:00:00 198.51.100.9 mail.example.com SMTPSVC1 EX03A 10.0.0.3 0 EHLO - +mail.example.com 250 0 300 22 0 SMTP -
2010-07-20 06:00:00 198.51.100.9 mail.example.com SMTPSVC1 EX03A 10.0.0.3 0 MAIL - +FROM:<a@example.com>+SIZE=2222 250 0 44 40 15 SMTP -
2010-07-20 06:00:02 198.51.100.9 mail.example.com SMTPSVC1 EX03A 10.0.0.3 0 RCPT - +TO:<nobody@contoso.com> 550 0 44 40 2000 SMTP -
2010-07-20 06:00:02 198.51.100.9 mail.example.com SMTPSVC1 EX03A 10.0.0.3 0 RCPT - +TO:<b@contoso.com> 250 0 44 40 0 SMTP -
2010-07-20 06:00:16 198.51.100.9 mail.example.com SMTPSVC1 EX03A 10.0.0.3 0 DATA - <m1@example.com> 250 0 120 2222 14000 SMTP -
2010-07-20 06:00:16 198.51.100.9 mail.example.com SMTPSVC1 EX03A 10.0.0.3 0 QUIT - mail.example.com 240 16000 69 4 0 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 220+ex07hub.contoso.com+Microsoft+ESMTP+MAIL+Service+ready 0 0 90 0 31 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 EHLO - ex03a.contoso.com 0 0 4 0 31 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 250-ex07hub.contoso.com+Hello 0 0 90 0 47 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 MAIL - FROM:<a@contoso.com>+SIZE=2222 0 0 4 0 47 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 452+4.3.1+Insufficient+system+resources 0 0 90 0 60 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 QUIT - - 0 0 4 0 60 SMTP -
2010-07-20 06:01:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 221+2.0.0+Service+closing 0 0 90 0 70 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 220+ex07hub.contoso.com+Microsoft+ESMTP+MAIL+Service+ready 0 0 90 0 31 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 EHLO - ex03a.contoso.com 0 0 4 0 31 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 250+OK 0 0 90 0 47 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 MAIL - FROM:<a@contoso.com>+SIZE=2222 0 0 4 0 47 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 250+2.1.0+Sender+OK 0 0 90 0 60 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 RCPT - TO:<b@contoso.com> 0 0 4 0 60 SMTP -
2010-07-20 06:11:00 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 250+2.1.5+Recipient+OK 0 0 90 0 60 SMTP -
2010-07-20 06:11:01 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 BDAT - 2222+LAST 0 0 4 0 60 SMTP -
2010-07-20 06:11:13 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 250+2.6.0+Queued+mail+for+delivery 0 0 90 0 12060 SMTP -
2010-07-20 06:11:13 10.0.0.7 OutboundConnectionCommand SMTPSVC1 EX03A - 25 QUIT - - 0 0 4 0 60 SMTP -
2010-07-20 06:11:13 10.0.0.7 OutboundConnectionResponse SMTPSVC1 EX03A - 25 - - 221+2.0.0+Service+closing 0 0 90 0 70 SMTP -
`

const connectLog = `#Software: Microsoft Exchange Server
#Version: 15.0.0.0
#Log-type: Transport Connectivity Log
#Date: 2026-01-05T08:00:00.000Z
#Fields: date-time,session,source,Destination,direction,description

2026-01-05T08:00:00.000Z,08DC000000000001,SMTP,example.com,+,DnsConnectorDelivery 4711;QueueLength=7
2026-01-05T08:00:00.010Z,08DC000000000001,SMTP,example.com,>,"mx1.example.com[198.51.100.7], mx2.example.com[198.51.100.8]"
2026-01-05T08:00:21.010Z,08DC000000000001,SMTP,example.com,>,Failed connection to 198.51.100.7:25 (TimedOut:0000274C)[TargetHost:mx1.example.com:25|MarkedUnhealthy|FailureCount:1|NextRetryTime:2026-01-05T08:01:21.010Z]
2026-01-05T08:00:21.100Z,08DC000000000001,SMTP,example.com,>,Established connection to 198.51.100.8
2026-01-05T08:00:22.000Z,08DC000000000001,SMTP,example.com,-,Messages: 7 Bytes: 4711 ()
2026-01-05T08:01:00.000Z,08DC000000000002,SMTP,nowhere.example.net,+,DnsConnectorDelivery 4711;QueueLength=1
2026-01-05T08:01:00.500Z,08DC000000000002,SMTP,nowhere.example.net,>,DNS server returned InfoDomainNonexistent reported by 192.0.2.53. [Domain:Result] = nowhere.example.net:InfoDomainNonexistent
2026-01-05T08:01:00.600Z,08DC000000000002,SMTP,nowhere.example.net,-,Messages: 0 Bytes: 0 (Retry : DNS query failed)
2026-01-05T08:01:01.000Z,08DC000000000003,MapiDelivery,mbx1,+,mdb
`

// TestOthers: the logs without a line for each thing said.
func TestOthers(t *testing.T) {
	for name, story := range map[string]struct {
		kind       exlog.Kind
		text, want string
	}{
		"the SMTP service of Windows": {exlog.W3CSMTP, serviceLog, `EX03A to ex07hub.contoso.com 10.0.0.7:25: 2 sessions, 1 messages, 1 recipients
  MAIL: 452 4.3.1 Insufficient system resources x1 in 1
  silence of 11s at BDAT LAST, turn of the either, ended false, 8 rows, 2222 bytes
  BDAT LAST (refused false): 1 of 1 slow, median 11s, 95 % 11s, longest 11s; 1 took 11s
EX03A from mail.example.com 198.51.100.9: 1 sessions, 1 messages, 1 recipients
  RCPT: 550 x1 in 1
  silence of 14s at body, turn of the either, ended false, 8 rows, 2222 bytes
  RCPT (refused true): 1 of 1 slow, median 2s, 95 % 2s, longest 2s; 1 took 2s
  body (refused false): 1 of 1 slow, median 13.5s, 95 % 13.5s, longest 14s; 1 took 13.5s
`},
		"a connectivity log": {exlog.Connectivity, connectLog, ` to  example.com: 1 sessions, 7 messages, 0 recipients, 7 in the queue
  attempt ended:  x1
  call mx1.example.com 198.51.100.7: 0 worked, 0 refused, 1 timed out, 0 unreachable, 0 other, 0s
  call mx2.example.com 198.51.100.8: 1 worked, 0 refused, 0 timed out, 0 unreachable, 0 other, 0s
 to  nowhere.example.net: 1 sessions, 0 messages, 0 recipients, 1 in the queue
  DNS fails: DNS server returned InfoDomainNonexistent reported by 192.0.2.53. [Domain:Result] = nowhere.example.net:InfoDomainNonexistent x1
  attempt ended: Retry : DNS query failed x1
`},
	} {
		if got := told(read(t, story.kind, strings.Replace(story.text, "\n\n", "\n", 1))); got != story.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, story.want)
		}
	}
}
