package analyzers

import (
	"slices"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	recipientRefused = &diag.Cause{
		Code: "SMTP-RECIPIENT-REFUSED", Title: "The server refuses the recipient", Severity: diag.Stopped,
		Text:   "{subject} refuses the recipient {recipient}: {reply}[; {because}]",
		Ruled:  "{subject} accepts the recipient",
		About:  "A 5xx reply to the recipient is final: the sender returns the mail. It does not wait, but the sender may not see the report.",
		Read:   "The reply to RCPT TO for the recipient named.",
		Remedy: "Check the address on the receiving side: spelling, proxy addresses, moved or disabled mailbox, restrictions on who may send to it.",
		Refs:   []string{"RFC 5321 section 3.3", "RFC 3463 section 3.2"},
		Behind: []*diag.Cause{bannerMasked},
	}
	relayDenied = &diag.Cause{
		Code: "SMTP-RELAY-DENIED", Title: "The server does not take mail for this domain", Severity: diag.Stopped,
		Text:   "{subject} does not relay to {recipient}: {reply}[; {because}]",
		Ruled:  "{subject} takes mail for the recipient's domain",
		About:  "A server takes mail for its own domains from anybody, and for others only from clients that it knows. Refused mail comes back, or waits where the refusal is a deferral.",
		Read:   "A 5xx or 4xx reply to RCPT TO that speaks of relaying (Postfix answers 454 4.7.1 unless it is told otherwise). At an exchanger of the recipient's own domain it is a fault; at a smart host it counts only from the sending server, and only where that does not log on.",
		Remedy: "At the recipient's own server: add the domain to its accepted domains (recipient policies in 2003). At a smart host: allow the sending server's address to relay.",
		Refs:   []string{"RFC 5321 section 3.6.2"},
		Behind: []*diag.Cause{bannerMasked},
	}
	senderRefused = &diag.Cause{
		Code: "SMTP-SENDER-REFUSED", Title: "The server refuses the sender", Severity: diag.Stopped,
		Text:   "{subject} refuses the sender <{sender}>: {reply}[; {because}]",
		Ruled:  "{subject} accepts the sender",
		About:  "A 5xx reply to MAIL FROM is final. A server that refuses the null sender <> takes no delivery reports and no postmaster tests, which it must.",
		Read:   "The reply to MAIL FROM.",
		Remedy: "Look at sender restrictions on the receiving server: sender filtering, sender domain look-ups, connectors that want authentication (530).",
		Refs:   []string{"RFC 5321 sections 3.3 and 6.1"},
		Behind: []*diag.Cause{bannerMasked},
	}
	messageRefused = &diag.Cause{
		Code: "SMTP-MESSAGE-REFUSED", Title: "The server refuses the message", Severity: diag.Stopped,
		Text:   "{subject} took sender and recipient, but refuses the message: {reply}[; {because}]",
		Ruled:  "{subject} accepts the message",
		About:  "A 5xx reply to DATA or to the end of the message is about what is in it: a filter, a malformed header, a policy on attachments, or a sender whose SPF, DKIM or DMARC does not hold. The sender returns the mail; it does not wait.",
		Read:   "With consent to send a test message: the reply to DATA and to the final dot. It is our message, so only from the sending server does it say much about the operator's.",
		Remedy: "Read the reply, and look for the same time in the log of the receiving server's content filter.",
		Refs:   []string{"RFC 5321 section 4.2.5", "RFC 3463 section 3.7 (X.6) and 3.8 (X.7)"},
	}
	sizeLimit = &diag.Cause{
		Code: "SMTP-SIZE-LIMIT", Title: "The message is too large for the server", Severity: diag.Stopped,
		Text:   "{subject} refuses the message's size: {reply}",
		Ruled:  "{subject} raises no objection to the size",
		About:  "Each server and connector on the way may have a limit; the smallest counts. Smaller messages pass.",
		Read:   "An enhanced code X.3.4 or 5.2.3 in a 5xx reply to MAIL, RCPT or the message, or 552 without one: 552 5.2.2 is a full mailbox.",
		Remedy: "Compare the limits along the path (connector, server, organization), or send less.",
		Refs:   []string{"RFC 1870", "RFC 3463 section 3.4 (X.3.4)"},
	}
)

// recipient judges refusals of the sender, the recipient and the size.
func recipient() *diag.Analyzer {
	return &diag.Analyzer{Name: "recipient",
		Doc:    "Judges refusals of the sender, of the recipient, of the message and of its size.",
		Needs:  []diag.AnyKey{evidence.Sessions, evidence.Hops},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage, evidence.Internal, evidence.Recipients},
		Causes: []*diag.Cause{recipientRefused, relayDenied, senderRefused, messageRefused, sizeLimit},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, envelope(e, t)...)
			}
			return append(found, unnamed(e)...)
		}}
}

func envelope(e diag.Evidence, t talk) []diag.Finding {
	st, about := refusal(t.first)
	if _, asked := t.first.Step(smtpprobe.RCPT); asked && about == accepted {
		found := []diag.Finding{t.on(recipientRefused, diag.Excluded), t.on(relayDenied, diag.Excluded), t.on(senderRefused, diag.Excluded), t.on(sizeLimit, diag.Excluded)}
		if end, sent := t.first.Step(smtpprobe.Body); sent && end.Ok() {
			found = append(found, t.on(messageRefused, diag.Excluded))
		}
		return found
	}
	if st.Code/100 != 5 && about != noRelay || early(st) || about == needsTLS || about == authFails && internal(e, t.first.Host) || turnsUsAway(e, st, about) {
		return nil // others judge these
	}
	c := refusedCause(st, about)
	if args := doubt(e, t, st, about); args != nil {
		return []diag.Finding{t.on(c, diag.Unknown, args...)}
	}
	f := t.on(c, diag.Confirmed, diag.Text("recipient", t.first.To), diag.Text("sender", t.first.From), says(st))
	return []diag.Finding{weigh(e, t, st, about, f)}
}

// unnamed lists the recipients given that no session named: a session has one.
func unnamed(e diag.Evidence) []diag.Finding {
	recipients, _ := evidence.Recipients.Lookup(e)
	sessions := evidence.Sessions.In(e)
	var found []diag.Finding
	for _, m := range recipients {
		if len(sessions) == 0 || m.Address == "" || slices.ContainsFunc(sessions, func(s smtpprobe.Session) bool { return s.To == m.Address }) {
			continue
		}
		found = append(found, diag.Finding{Code: recipientRefused.Code, Verdict: diag.Unknown, Subject: m.Address, Args: []diag.Arg{
			diag.Text("because", "each server was asked about one recipient, and this is another"),
			diag.Text("how", "run this again for it alone: --input recipient="+m.Address)}})
	}
	return found
}

// refusedCause is what was refused.
func refusedCause(st smtpprobe.Step, about meaning) *diag.Cause {
	switch {
	case about == noRelay:
		return relayDenied
	case about == tooLarge:
		return sizeLimit
	case content(st):
		return messageRefused
	case about == badSender || st.Name == smtpprobe.MAIL:
		return senderRefused
	}
	return recipientRefused
}

// weigh takes back what the refusal does not prove: that it meets the real
// sender, the real recipient and the real message.
func weigh(e diag.Evidence, t talk, st smtpprobe.Step, about meaning, f diag.Finding) diag.Finding {
	because := ""
	if st.Code/100 == 4 { // the sender keeps the mail until it gives up
		f.Severity = diag.Delayed
	}
	switch {
	case about == aboutClient:
		f.Verdict, because = diag.Suspected, "the reply does not say whom or what it is about"
	case f.Code == relayDenied.Code && !isExchanger(e, t) && has(offered(t.first), "AUTH"):
		f.Verdict, because = diag.Suspected, "the server offers AUTH, and a sender that logs on may pass"
	case f.Code == messageRefused.Code && !fromSender(e):
		f.Verdict, because = diag.Suspected, "it refused our test message, from here"
	case f.Code == recipientRefused.Code && !givenRecipient(e, t.first.To):
		f.Verdict, because = diag.Suspected, "no address was given, so the postmaster was tried, whom every domain must accept (RFC 5321 4.5.1): name the real recipient to be sure"
	case st.Code >= 500 && st.Code <= 504 && st.Code != 501 && st.Enhanced() == "":
		f.Verdict, because = diag.Suspected, "the reply is about the command, and not about whom it names"
	case f.Code == senderRefused.Code && t.first.From == "":
		f.Severity, because = diag.Degraded, "no sender was named, so the null sender was, which every server must take: name the real one to be sure"
	}
	if because != "" {
		f.Args = append(f.Args, diag.Text("because", because))
	}
	return f
}

// givenRecipient says whether the operator named this recipient, and not only a domain.
func givenRecipient(e diag.Evidence, to string) bool {
	recipients, _ := evidence.Recipients.Lookup(e)
	return slices.ContainsFunc(recipients, func(m evidence.Mailbox) bool { return m.Address == to })
}
