package analyzers

import (
	"strings"

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
		Read:   "A 5xx reply to RCPT TO that speaks of relaying. At an exchanger of the recipient's own domain it is a fault; at a smart host it counts only from the sending server.",
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
	sizeLimit = &diag.Cause{
		Code: "SMTP-SIZE-LIMIT", Title: "The message is too large for the server", Severity: diag.Stopped,
		Text:   "{subject} refuses the message's size: {reply}",
		Ruled:  "{subject} raises no objection to the size",
		About:  "Each server and connector on the way may have a limit; the smallest counts. Smaller messages pass.",
		Read:   "552, or an enhanced code X.3.4 or 5.2.3, as the reply to MAIL, RCPT or the message.",
		Remedy: "Compare the limits along the path (connector, server, organization), or send less.",
		Refs:   []string{"RFC 1870", "RFC 3463 section 3.4 (X.3.4)"},
	}
)

// recipient judges refusals of the sender, the recipient and the size.
func recipient() *diag.Analyzer {
	return &diag.Analyzer{Name: "recipient",
		Doc:    "Judges refusals of the sender, of the recipient and of the message's size.",
		Needs:  []diag.AnyKey{evidence.Sessions, evidence.Hops},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage},
		Causes: []*diag.Cause{recipientRefused, relayDenied, senderRefused, sizeLimit},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, envelope(e, t)...)
			}
			return found
		}}
}

func envelope(e diag.Evidence, t talk) []diag.Finding {
	st, about := refusal(t.first)
	if _, asked := t.first.Step(smtpprobe.RCPT); asked && about == accepted {
		return []diag.Finding{t.on(recipientRefused, diag.Excluded), t.on(relayDenied, diag.Excluded), t.on(senderRefused, diag.Excluded), t.on(sizeLimit, diag.Excluded)}
	}
	if st.Code/100 != 5 || st.Name == smtpprobe.Greeting || st.Name == smtpprobe.EHLO || st.Name == smtpprobe.HELO {
		return nil
	}
	args := []diag.Arg{diag.Text("recipient", t.first.To), diag.Text("sender", t.first.From), says(st)}
	switch about {
	case noRelay:
		return []diag.Finding{ifTheirs(t.on(relayDenied, diag.Confirmed, args...), st, e, isExchanger(e, t))}
	case badRecipient:
		return []diag.Finding{wellKnown(t.on(recipientRefused, diag.Confirmed, args...), t.first.To, e)}
	case badSender:
		return []diag.Finding{t.on(senderRefused, diag.Confirmed, args...)}
	case tooLarge:
		return []diag.Finding{t.on(sizeLimit, diag.Confirmed, args...)}
	case aboutClient, needsAuth:
		c := recipientRefused
		if st.Name == smtpprobe.MAIL {
			c = senderRefused
		}
		return []diag.Finding{ifTheirs(t.on(c, diag.Confirmed, args...), st, e, false)}
	}
	return nil
}

// ifTheirs keeps a refusal that is about who connects from being called a
// fault of theirs, unless this is the sender.
func ifTheirs(f diag.Finding, st smtpprobe.Step, e diag.Evidence, theirs bool) diag.Finding {
	if theirs || fromSender(e) {
		return f
	}
	f.Verdict = diag.Unknown
	f.Args = append(f.Args, diag.Text("because", "the server refuses this client, and may take the sender's mail: "+clip(st.Whole(), 200)),
		diag.Text("how", "run this on the sending server, and say --input vantage=sender"))
	return f
}

// isExchanger says whether the server is one that the recipient's own domain
// names: then it must take the mail from anybody.
func isExchanger(e diag.Evidence, t talk) bool {
	for _, h := range evidence.Hops.In(e) {
		if h.Host == t.first.Host && h.How == evidence.ByMX {
			return true
		}
	}
	return false
}

// wellKnown weakens the refusal of the postmaster, whom we named ourselves
// because the operator gave only a domain.
func wellKnown(f diag.Finding, to string, e diag.Evidence) diag.Finding {
	if strings.HasPrefix(to, "postmaster@") {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "no address was given, so the postmaster was tried, whom every domain must accept (RFC 5321 4.5.1): name the real recipient to be sure"))
	}
	return f
}
