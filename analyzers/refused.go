package analyzers

import (
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var smtpRefused = &diag.Cause{
	Code: "SMTP-REFUSED", Title: "The server turns the session away", Severity: diag.Stopped,
	Text:   "{subject} turns the session away at {verb}: {reply}[; {hint}]",
	Ruled:  "{subject} does not turn the session away",
	About:  "A server that answers the connection or EHLO with 554, 521 or 421 takes no mail from this client now. Senders try their next address, then keep the mail until the next interval.",
	Read:   "The reply to the connection, to EHLO and to HELO, in two sessions where it was 421; on the sending server also a 5xx reply to MAIL or RCPT that speaks of the client. From the sending server any such reply counts; from elsewhere only one that says that there is no service for anybody (521, \"no SMTP service\", \"not active\", neither EHLO nor HELO known).",
	Remedy: "Read the reply: it names the reason. On Exchange 2013 and later \"421 4.3.2 Service not active\" means a component in maintenance: Get-ServerComponentState.",
	Refs:   []string{"RFC 5321 section 3.1", "RFC 7504"},
	Behind: []*diag.Cause{bannerMasked},
}

// refused judges sessions that the server turns away.
func refused() *diag.Analyzer {
	return &diag.Analyzer{Name: "refused",
		Doc:    "Judges sessions that the server turns away before any mail is named.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage},
		Causes: []*diag.Cause{smtpRefused},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, turned(e, t))
			}
			return found
		}}
}

func turned(e diag.Evidence, t talk) diag.Finding {
	st, about := refusal(t.first)
	if turnsUsAway(e, st, about) {
		return t.on(smtpRefused, diag.Confirmed, diag.Text("verb", st.Name), says(st))
	}
	if !early(st) || judgedElsewhere(about) {
		return t.on(smtpRefused, diag.Excluded)
	}
	f := t.on(smtpRefused, diag.Confirmed, diag.Text("verb", st.Name), says(st))
	reply := clip(valid(st.Whole()), 200)
	switch {
	case about != noService && about != notActive && !fromSender(e):
		return untold(t, "the server refuses this client, and may take the sender's mail: "+reply)
	case st.Code/100 == 4 && len(t.again) == 0:
		return untold(t, "it answered "+reply+" once, and no second session was held")
	case st.Code/100 == 4 && !sameAgain(t, about):
		return untold(t, "it answered "+reply+", but not in a second session")
	}
	if about == notActive && strings.Contains(strings.ToLower(reply), "not active") {
		f.Args = append(f.Args, diag.Text("hint", "a component of this Exchange server is in maintenance"))
	}
	return f
}

// turnsUsAway says whether the sending server itself is refused where it names
// the mail: many servers keep what they hold against a client until then
// (Postfix's smtpd_delay_reject), and it is not about sender or recipient.
func turnsUsAway(e diag.Evidence, st smtpprobe.Step, about meaning) bool {
	named := st.Name == smtpprobe.MAIL || st.Name == smtpprobe.RCPT
	return named && st.Code/100 == 5 && about == aboutClient && fromSender(e) && aboutUs(st.Enhanced(), st.Whole())
}

// judgedElsewhere lists what other analyzers make a finding of, wherever in the
// session it is said.
func judgedElsewhere(about meaning) bool {
	switch about {
	case accepted, backPressure, tooMany, greylisting, firstContact:
		return true
	}
	return false
}

func untold(t talk, because string) diag.Finding {
	return t.on(smtpRefused, diag.Unknown, diag.Text("because", because),
		diag.Text("how", "run this on the sending server, and say --input vantage=sender"))
}

// sameAgain says whether every second session ended with the same meaning.
func sameAgain(t talk, about meaning) bool {
	for _, s := range t.again {
		if _, a := refusal(s); a != about {
			return false
		}
	}
	return len(t.again) > 0
}
