package analyzers

import (
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var delayedAckCause = &diag.Cause{
	Code: "SMTP-DELAYED-ACK", Title: "Exchange 2010 holds its acknowledgement back", Severity: diag.Delayed,
	Text:   "{subject} answers the end of the message only after {took}, and everything before it within {rest}[; {because}]",
	Ruled:  "{subject} does not delay its acknowledgement[ ({why})]",
	About:  "An Exchange 2010 hub delays the final 250 for senders that do not speak shadow redundancy (XSHADOW), up to 30 s for each message, until it has delivered the message. Exchange 2003 and other senders then get through one message per connection and half minute, and their queues back up. Exchange 2007 does not do it, 2013 and later ignore the setting.",
	Read:   "With consent to send a test message: the time from the final dot to the reply, 5 s or more, at a server that offers XSHADOW or is known as Exchange 2010, while every command before was quick.",
	Remedy: "On the Exchange 2010 server: Set-ReceiveConnector \"<connector that the sender meets>\" -MaxAcknowledgementDelay 0. It gives up shadow redundancy for that sender.",
	Refs:   []string{"Set-ReceiveConnector, MaxAcknowledgementDelay", "Shadow redundancy (Exchange 2010 documentation)"},
	Tests:  []diag.Test{{Do: "On the server that paused: Get-ReceiveConnector | fl Identity,MaxAcknowledgementDelay, and DelayedAck in its SMTP receive log.", Takes: 2 * time.Minute}},
}

const slowAck = 5 * time.Second // the log of the public twin case shows 9.7 s; a healthy answer takes well under one

// delayedAck judges the time of the final reply.
func delayedAck() *diag.Analyzer {
	return &diag.Analyzer{Name: "delayed-ack",
		Doc:    "Judges whether an Exchange 2010 server holds the reply to a message back.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Generation},
		Causes: []*diag.Cause{delayedAckCause},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, ackFinding(e, t)...)
			}
			return found
		}}
}

func ackFinding(e diag.Evidence, t talk) []diag.Finding {
	version, told := generation(e, t.first)
	body, sent := t.first.Step(smtpprobe.Body)
	switch {
	case isExchange(version) && version != exchange2010 && (told || version != exchange2013):
		return []diag.Finding{t.on(delayedAckCause, diag.Excluded, diag.Text("why", version+" does not do so"))}
	case version != exchange2010 && !hasExchangeGreeting(t.first):
		return nil
	case !sent:
		return []diag.Finding{t.on(delayedAckCause, diag.Unknown, diag.Text("because", "it shows only after a message, and none was sent"),
			diag.Text("how", "consent to one small test message: --input send=yes --input recipient=ADDRESS; or look for DelayedAck in the server's receive log"))}
	case !body.Ok():
		return nil
	case body.Took() < slowAck:
		return []diag.Finding{t.on(delayedAckCause, diag.Excluded, diag.Text("why", "the final reply came after "+diag.Seconds(round(body.Took()))))}
	case !mayDelayAck(e, t.first):
		return []diag.Finding{t.on(delayedAckCause, diag.Unknown, diag.Text("because", "the final reply is late, but it offers no XSHADOW, as Exchange 2010 does"),
			diag.Text("how", "say --input generation=exchange-2010 if it is that"))}
	}
	return []diag.Finding{slowEnd(t, body)}
}

// mayDelayAck says whether the server is Exchange 2010, as far as it shows.
func mayDelayAck(e diag.Evidence, s smtpprobe.Session) bool {
	version, _ := generation(e, s)
	return version == exchange2010
}

func hasExchangeGreeting(s smtpprobe.Session) bool {
	st, _ := s.Step(smtpprobe.Greeting)
	return exchangeGreeting.MatchString(st.Whole())
}

func slowEnd(t talk, body smtpprobe.Step) diag.Finding {
	rest := time.Duration(0)
	for _, st := range commands(t.first) {
		rest = max(rest, st.Took())
	}
	f := t.on(delayedAckCause, diag.Suspected, diag.Duration("took", round(body.Took())), diag.Duration("rest", round(rest)))
	f.Wait = span(body)
	if rest >= slowCommand {
		f.Args = append(f.Args, diag.Text("because", "it was slow before too"))
	} else {
		f.Verdict = diag.Confirmed
	}
	return f
}
