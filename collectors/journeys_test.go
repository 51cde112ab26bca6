package collectors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// journeysOf reads logs, follows messages through them, and tells their journeys.
func journeysOf(t *testing.T, named map[string][]byte, asked string) []evidence.Journey {
	t.Helper()
	answers := map[string]string{"evidence": strings.Join(slices.Sorted(maps.Keys(named)), "\n"), "message": asked}
	if asked == "" {
		delete(answers, "message")
	}
	r := reported(t, worldOf(named), answers, evidence.Journeys)
	all, _ := diag.Value(r, evidence.Journeys)
	return all
}

// wayTold is a journey in a line for each stop.
func wayTold(j evidence.Journey) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %v\n", j.Message, j.State, j.Total)
	for _, s := range j.Stops {
		fmt.Fprintf(&b, "%s from %d, %v, %s", s.Server, s.From, s.Wait, s.Outcome)
		if s.Travel > 0 {
			fmt.Fprintf(&b, ", travelled %v", s.Travel)
		}
		if s.Tries > 0 {
			fmt.Fprintf(&b, ", %d tries", s.Tries)
		}
		if s.Reason != "" {
			fmt.Fprintf(&b, " (%s)", s.Reason)
		}
		b.WriteString("\n")
	}
	for _, m := range j.Missing {
		fmt.Fprintf(&b, "missing %s: %s\n", m.Server, m.Why)
	}
	for _, n := range j.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}

// TestJourneys: what small logs of several servers say of the way of a message.
func TestJourneys(t *testing.T) {
	for name, story := range map[string]struct {
		logs map[string]string
		want string
	}{
		"over an edge and a hub, which waits": {map[string]string{"edge": `
			09:00:00,mx.example.com,edge1,,edge1\Default,SMTP,RECEIVE,6,<z@example.com>,bob@contoso.com
			10:00:00,mx.example.com,edge1,,edge1\Default,SMTP,RECEIVE,7,<a@example.com>,bob@contoso.com
			10:00:01,edge1,hub1,08AA;250 2.6.0 <a@example.com> [InternalId=31] Queued mail for delivery,Inbound,SMTP,SEND,7,<a@example.com>,bob@contoso.com
			11:00:00,mx.example.com,edge1,,edge1\Default,SMTP,RECEIVE,8,<y@example.com>,bob@contoso.com`, "hub": `
			10:00:01,edge1,hub1,08BB;0,hub1\Default,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
			10:00:02,hub1,,432 4.3.2 STOREDRIVER; mailbox database offline,,STOREDRIVER,DEFER,31,<a@example.com>,bob@contoso.com
			10:05:02,hub1,mbx1,,,STOREDRIVER,DELIVER,31,<a@example.com>,bob@contoso.com
			11:00:00,edge1,hub1,08BC;0,hub1\Default,SMTP,RECEIVE,32,<x@example.com>,bob@contoso.com`}, `
			a@example.com: arrived, 302
			edge1 from -1, 1, left
			hub1 from 0, 301, delivered, 1 tries (432 4.3.2 STOREDRIVER; mailbox database offline)`},
		"a content filter on the same host": {map[string]string{"mail": `
			2026-01-05T10:00:00.100Z mx postfix/smtpd[1]: AAAAAA1: client=mail.example.com[192.0.2.1]
			2026-01-05T10:00:00.200Z mx postfix/cleanup[1]: AAAAAA1: message-id=<a@example.com>
			2026-01-05T10:00:00.300Z mx postfix/qmgr[1]: AAAAAA1: from=<ann@example.com>, size=500, nrcpt=1 (queue active)
			2026-01-05T10:03:00.400Z mx postfix/smtpd[1]: BBBBBB1: client=localhost[127.0.0.1]
			2026-01-05T10:03:00.400Z mx postfix/cleanup[1]: BBBBBB1: message-id=<a@example.com>
			2026-01-05T10:03:00.500Z mx postfix/smtp[1]: AAAAAA1: to=<bob@contoso.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=180, delays=0.2/0/0/180, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as BBBBBB1)
			2026-01-05T10:03:00.500Z mx postfix/qmgr[1]: AAAAAA1: removed
			2026-01-05T10:03:01.500Z mx postfix/local[1]: BBBBBB1: to=<bob@contoso.com>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)
			2026-01-05T10:03:01.500Z mx postfix/qmgr[1]: BBBBBB1: removed`}, `
			a@example.com: arrived, 181.4
			mx from -1, 180.4, left
			mx from 0, 1.1, delivered`},
		"MailScanner takes it out of the queue, and puts it back": {map[string]string{"mail": `
			2026-01-05T09:00:00.000Z mx postfix/smtpd[1]: AAAAAA0: client=mail.example.com[192.0.2.1]
			2026-01-05T10:00:00.000Z mx postfix/smtpd[1]: AAAAAA1: client=mail.example.com[192.0.2.1]
			2026-01-05T10:00:00.000Z mx postfix/cleanup[1]: AAAAAA1: hold: header Received: from mail.example.com; from=<ann@example.com> to=<bob@contoso.com> proto=ESMTP helo=<mail.example.com>
			2026-01-05T10:00:00.000Z mx postfix/cleanup[1]: AAAAAA1: message-id=<a@example.com>
			2026-01-05T10:00:04.000Z mx MailScanner[9]: Requeue: AAAAAA1.A1B2C to BBBBBB1
			2026-01-05T10:00:04.000Z mx postfix/qmgr[1]: BBBBBB1: from=<ann@example.com>, size=500, nrcpt=1 (queue active)
			2026-01-05T10:00:05.000Z mx postfix/local[1]: BBBBBB1: to=<bob@contoso.com>, relay=local, delay=5, delays=4/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)
			2026-01-05T10:00:05.000Z mx postfix/qmgr[1]: BBBBBB1: removed
			2026-01-05T11:00:00.000Z mx postfix/smtpd[1]: AAAAAA2: client=mail.example.com[192.0.2.1]`}, `
			a@example.com: arrived, 5
			mx from -1, 4, split
			mx from 0, 1, delivered`},
		"Safety Net submits it again": {map[string]string{"ex1": `
			10:00:00,mx.example.com,ex1,08AA;0,ex1\Default,SMTP,RECEIVE,7,<a@example.com>,bob@contoso.com
			10:00:01,ex1,ex1,,,STOREDRIVER,DELIVER,7,<a@example.com>,bob@contoso.com`, "ex2": `
			09:00:00,mx.example.com,ex2,08AB;0,ex2\Default,SMTP,RECEIVE,6,<z@example.com>,bob@contoso.com
			14:00:00,,ex2,,,SAFETYNET,RESUBMIT,31,<a@example.com>,bob@contoso.com
			14:00:01,ex2,ex2,,,STOREDRIVER,DUPLICATEDELIVER,31,<a@example.com>,bob@contoso.com`}, `
			a@example.com: arrived, 1
			ex1 from -1, 1, delivered
			note: ex2 submitted a kept copy again (SAFETYNET) at 2026-01-05 14:00:00, after it had been delivered: that is no part of its way; the copy was dropped, as the mailbox had the message already`},
		"a mailbox server hands it to a hub": {map[string]string{"mbx": `
			10:00:00,mbx1,hub1,MDB:1,,STOREDRIVER,SUBMIT,,<a@example.com>,bob@contoso.com`, "hub": `
			09:00:00,mbx1,hub1,,,STOREDRIVER,RECEIVE,30,<z@example.com>,bob@contoso.com
			10:00:20,mbx1,hub1,,,STOREDRIVER,RECEIVE,31,<a@example.com>,bob@contoso.com
			10:00:21,hub1,mbx1,,,STOREDRIVER,DELIVER,31,<a@example.com>,bob@contoso.com`}, `
			a@example.com: arrived, 21
			mbx1 from -1, 0, left
			hub1 from 0, 1, delivered
			note: the clocks of mbx1 and hub1 could not be compared: the time from one to the other is as their logs have it`},
		"Exchange 2016 on one host": {map[string]string{"ex": `
			10:00:00,ex1,ex1,MDB:1,,STOREDRIVER,SUBMIT,,<a@example.com>,bob@contoso.com
			10:00:01,ex1,ex1,08AA;0,ex1\Default ex1,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
			10:00:02,ex1,ex1,08AB;250 2.6.0 <a@example.com> [InternalId=77],Intra,SMTP,SEND,31,<a@example.com>,bob@contoso.com
			10:00:03,ex1,ex1,,,STOREDRIVER,DELIVER,31,<a@example.com>,bob@contoso.com`}, `
			a@example.com: arrived, 2
			ex1 from -1, 2, delivered`},
		"Exchange 2003 waits, and hands it to a hub": {map[string]string{"ex03": `
			09:00:00 1019 b@example.com ann@contoso.com
			10:00:00 1027 a@example.com bob@contoso.com
			10:00:00 1019 a@example.com bob@contoso.com
			10:00:01 1034 a@example.com bob@contoso.com hub1.contoso.com
			10:30:01 1031 a@example.com bob@contoso.com hub1.contoso.com
			11:00:00 1019 c@example.com ann@contoso.com`, "hub": `
			2010-07-05T10:30:00.900Z,EX03A,hub1.contoso.com,08BB;0,hub1\Default,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
			2010-07-05T10:30:02.000Z,hub1.contoso.com,mbx1,,,STOREDRIVER,DELIVER,31,<a@example.com>,bob@contoso.com`}, `
			a@example.com: arrived, 1802
			EX03A from -1, 1801, left
			hub1.contoso.com from 0, 1.1, delivered`},
		"Postfix, Exchange, Postfix": {map[string]string{"pf": `
			2026-01-05T10:00:00Z in postfix/smtpd[1]: AAAAAA1: client=mail.example.com[192.0.2.1]
			2026-01-05T10:00:00Z in postfix/cleanup[1]: AAAAAA1: message-id=<a@example.com>
			2026-01-05T10:00:01Z in postfix/smtp[1]: AAAAAA1: to=<bob@contoso.com>, relay=hub1.contoso.com[192.0.2.2]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.6.0 <a@example.com> [InternalId=31] Queued mail for delivery)
			2026-01-05T10:00:01Z in postfix/qmgr[1]: AAAAAA1: removed
			2026-01-05T10:10:02Z out postfix/smtpd[1]: AAAAAA2: client=hub1.contoso.com[192.0.2.2]
			2026-01-05T10:10:02Z out postfix/cleanup[1]: AAAAAA2: message-id=<a@example.com>
			2026-01-05T10:10:03Z out postfix/smtp[1]: AAAAAA2: to=<bob@fabrikam.com>, relay=mx.fabrikam.com[198.51.100.2]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
			2026-01-05T10:10:03Z out postfix/qmgr[1]: AAAAAA2: removed`, "hub": `
			10:00:01,in,hub1,08BB;0,hub1\Default,SMTP,RECEIVE,31,<a@example.com>,bob@contoso.com
			10:10:02,hub1,out,08AA;250 2.0.0 Ok: queued as AAAAAA2,To Internet,SMTP,SEND,31,<a@example.com>,bob@fabrikam.com`}, `
			a@example.com: left, 603
			in from -1, 1, left
			hub1 from 0, 601, left
			out from 1, 1, left
			missing mx.fabrikam.com: out handed it over at 10:10:03, and no log of mx.fabrikam.com is here`},
	} {
		logs := map[string][]byte{}
		for file, text := range story.logs {
			switch {
			case strings.Contains(text, "postfix/"):
				logs[file+".log"] = []byte(unindented(text))
			case strings.Contains(text, " 1019 "):
				logs[file+".log"] = tracked2003(text)
			default:
				logs[file+".log"] = tracked(text)
			}
		}
		all := journeysOf(t, logs, "a@example.com")
		at := slices.IndexFunc(all, func(j evidence.Journey) bool { return j.Message == "a@example.com" })
		if at < 0 {
			t.Errorf("%s: %+v", name, all)
			continue
		}
		if got, want := wayTold(all[at]), unindented(story.want); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}
