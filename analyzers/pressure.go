package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
	"time"
)

var (
	pressureCause = &diag.Cause{
		Code: "SMTP-BACK-PRESSURE", Title: "The server is short of resources and takes no mail", Severity: diag.Delayed,
		Text:   "{subject}[: {who}] is short of resources[: it answers {verb} with {reply}][: {events}][; {because}]",
		Ruled:  "{subject} shows no back pressure",
		About:  "An Exchange server (2007 and later) that is short of disk space or memory stops taking mail until that is over: first from outside, then from everybody. Greeting and EHLO still work, so a test that stops there finds nothing. Other servers answer the same when their queue disk is full.",
		Read:   "A 4xx reply to MAIL, RCPT or the message with 4.3.1, or with the words \"insufficient system resources\" (or storage, or disk space). 452 4.2.2 is one mailbox that is full, and 452 4.5.3 too many recipients: neither counts. Or the server's own event log: 15004 to 15007 (15002 in 2007); confirmed where it lasted ten minutes or came three times.",
		Remedy: "On that server: free disk space on the queue drive, look at memory and at events 15004 to 15007 (MSExchangeTransport) for the resource and its threshold.",
		Refs:   []string{"Understanding back pressure (Exchange documentation, TechNet bb201658)", "RFC 3463 section 3.4 (X.3.1)"},
		Tests:  []diag.Test{{Do: "On the server that answered so: events 15004 to 15007 of MSExchangeTransport in its application log, or Get-ExchangeDiagnosticInfo -Process EdgeTransport -Component ResourceThrottling.", Takes: 3 * time.Minute}},
	}
	limitCause = &diag.Cause{
		Code: "SMTP-CONNECTION-LIMIT", Title: "The server limits connections from one source", Severity: diag.Delayed,
		Text:   "{subject}[: {who}] refuses a further connection: {reply}[; {because}]",
		Ruled:  "{subject} took the connection",
		About:  "Servers allow only so many connections at a time, in all or from one source. Above that they answer 421, and the sender waits for its next interval although the server is healthy.",
		Read:   "421 4.3.2, or a 421 that speaks of too many connections. One session alone can show it only when others from the same source are open, so it is confirmed by logs, never by this: events 1021 and 1009 of MSExchangeTransport, three or more.",
		Remedy: "Compare the limits (Exchange: MaxInboundConnection, MaxInboundConnectionPerSource, MaxInboundConnectionPercentagePerSource; Postfix: smtpd_client_connection_count_limit) with what the sender opens, and raise them for it.",
		Refs:   []string{"Set-ReceiveConnector"},
		Tests:  []diag.Test{{Do: "Try once more while nothing else sends there: taken then, it was the number of connections.", Takes: 5 * time.Minute}},
	}
)

// pressure judges replies that speak of the server's own limits.
func pressure() *diag.Analyzer {
	return &diag.Analyzer{Name: "pressure",
		Doc:    "Judges replies that speak of short resources or of too many connections.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage},
		Causes: []*diag.Cause{pressureCause, limitCause},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(append(found, resources(t)), connections(e, t)...)
			}
			return found
		}}
}

// resources: an enhanced code, or Exchange's own words, are exact enough; the
// second session only says whether it lasts.
func resources(t talk) diag.Finding {
	for _, s := range t.all() {
		st, about := refusal(s)
		if about != backPressure {
			continue
		}
		f := t.on(pressureCause, diag.Confirmed, diag.Text("verb", verbOf(st)), says(st))
		if ok, _ := passed(t); ok || len(t.again) > 0 && !sameAgain(t, backPressure) {
			f.Args = append(f.Args, diag.Text("because", "another session passed, so it comes and goes"))
		}
		return f
	}
	return t.on(pressureCause, diag.Excluded)
}

// connections says nothing of a server that refused the session for another
// reason.
func connections(e diag.Evidence, t talk) []diag.Finding {
	for _, s := range t.all() {
		st, about := refusal(s)
		if about != tooMany {
			continue
		}
		f := t.on(limitCause, diag.Unknown, says(st))
		if fromSender(e) {
			f.Verdict = diag.Suspected
			f.Args = append(f.Args, diag.Text("because", "this is the sending server, so its own mail meets the same limit"))
			return []diag.Finding{f}
		}
		f.Args = append(f.Args, diag.Text("because", "the limit may be on this client alone: "+clip(st.Whole(), 200)),
			diag.Text("how", "run this on the sending server, and say --input vantage=sender; or give the receiving server's SMTP log"))
		return []diag.Finding{f}
	}
	if st, ok := t.first.Step(smtpprobe.Greeting); ok && st.Ok() {
		return []diag.Finding{t.on(limitCause, diag.Excluded)}
	}
	return nil
}
