package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var sessionCut = &diag.Cause{
	Code: "SMTP-SESSION-CUT", Title: "The session breaks off in the middle", Severity: diag.Delayed,
	Text:   "{subject}[ greets, but {how}][: {never}][; {because}]",
	Ruled:  "the session with {subject} does not break off",
	About:  "A session that is greeted and then closed, reset or left without a reply costs the sender the time until then, and the mail waits for the next interval. Devices that inspect SMTP, a server that crashes over one command, a proxy that loses its server, and lost packets all look so. A test that stops at the greeting finds nothing.",
	Read:   "A step from EHLO to the end of the message at which the connection ended, no reply came within the limit, what came was no reply, or the server said 421 and closed. At the same step in two sessions it is confirmed; a 421 that is about the client counts only from the sending server.",
	Remedy: "Look for the same time in the receiving server's log. If it shows the session as ended by the other side too, something in between ends it: firewall, proxy, antivirus. If it shows nothing, the service itself fails at this command.",
	Refs:   []string{"RFC 5321 sections 3.8 and 4.5.3.2", "KB 919091"},
	Behind: []*diag.Cause{bannerMasked},
}

// cut judges sessions that break off in the middle.
func cut() *diag.Analyzer {
	return &diag.Analyzer{Name: "cut",
		Doc:    "Judges sessions that break off or stall between greeting and end.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage, evidence.Internal, evidence.Hops},
		Causes: []*diag.Cause{sessionCut},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, cutFinding(e, t)...)
			}
			return found
		}}
}

func cutFinding(e diag.Evidence, t talk) []diag.Finding {
	st, broken := cutAt(t.first)
	switch {
	case t.first.Last().Fault == smtpprobe.FaultCanceled:
		return nil
	case !broken:
		return []diag.Finding{t.on(sessionCut, diag.Excluded)}
	}
	if st.Code != 0 {
		if args := doubt(e, t, st, meaningOf(st)); args != nil {
			return []diag.Finding{t.on(sessionCut, diag.Unknown, args...)}
		}
	}
	f := t.on(sessionCut, diag.Suspected, diag.Text("how", cutHow(st)))
	f.Wait = span(st)
	switch again, ok := cutAgain(t, st); {
	case again:
		f.Verdict = diag.Confirmed
	case content(st):
		f.Args = append(f.Args, diag.Text("because", "it was tried once only: no second message is sent"))
	case ok:
		f.Args = append(f.Args, diag.Text("because", "a second session did not break off there"))
	default:
		f.Args = append(f.Args, diag.Text("because", "it was tried once only"))
	}
	return []diag.Finding{f}
}

// cutAt finds the step at which a session broke off. The greeting, STARTTLS and
// the handshake are judged by others, and after the last reply that matters
// anybody may hang up.
func cutAt(s smtpprobe.Session) (smtpprobe.Step, bool) {
	for _, st := range s.Steps {
		switch st.Name {
		case smtpprobe.EHLO, smtpprobe.HELO, smtpprobe.MAIL, smtpprobe.RCPT, smtpprobe.DATA, smtpprobe.Body:
			if isCut(st) {
				return st, true
			}
		}
	}
	return smtpprobe.Step{}, false
}

func isCut(st smtpprobe.Step) bool {
	switch st.Fault {
	case smtpprobe.FaultTimeout, smtpprobe.FaultReset, smtpprobe.FaultClosed, smtpprobe.FaultProtocol:
		return true
	}
	if st.Code != 421 || early(st) {
		return false
	}
	about := meaningOf(st)
	return about == turnedAway || about == notActive || about == aboutClient
}

func cutHow(st smtpprobe.Step) string {
	after := " after " + diag.Seconds(round(st.Took()))
	switch st.Fault {
	case smtpprobe.FaultTimeout:
		return "gives no reply to " + verbOf(st) + " within " + diag.Seconds(round(st.Took()))
	case smtpprobe.FaultReset:
		return "resets the connection at " + verbOf(st) + after
	case smtpprobe.FaultClosed:
		return "closes the connection at " + verbOf(st) + after + " without a reply"
	case smtpprobe.FaultProtocol:
		return "answers " + verbOf(st) + " with what is no SMTP reply: " + clip(valid(st.Whole()), 100)
	}
	return "ends the session at " + verbOf(st) + ": " + clip(valid(st.Whole()), 200)
}

// cutAgain says whether a second session broke off at the same step, and
// whether there was one at all.
func cutAgain(t talk, st smtpprobe.Step) (again, tried bool) {
	for _, s := range t.again {
		if other, ok := cutAt(s); ok && other.Name == st.Name && other.TLS == st.TLS {
			return true, true
		}
	}
	return false, len(t.again) > 0
}
