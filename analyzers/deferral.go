package analyzers

import (
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	greylisted = &diag.Cause{
		Code: "SMTP-GREYLISTED", Title: "The first attempt is put off (greylisting)", Severity: diag.Delayed,
		Text:   "{subject}[: {who}] puts the first attempt off: {reply}[; {passed} later it took the same sender and recipient][; {because}]",
		Ruled:  "{subject} does not greylist",
		About:  "A greylisting server defers the first message from an unknown combination of client, sender and recipient, and takes it when it is tried again after some minutes. The sender's own retry interval decides how long that costs; a sender with many addresses may start anew each time.",
		Read:   "A 4xx reply to RCPT or MAIL that says so, or one that turns into acceptance when the same session is held again later (--input retry-after=5m). The words alone make it suspected. Or the log of the sending server: late messages were put off with such a reply and taken later.",
		Remedy: "Have the receiving side exempt your servers, or shorten the sender's first retry interval. For a one-off nothing need be done: known combinations pass at once.",
		Refs:   []string{"RFC 6647"},
		Tests:  []diag.Test{{Do: "Try the same sender and recipient once more from the same address: --input retry-after=5m. Taken the second time, it was greylisting.", Takes: 6 * time.Minute}},
	}
	postscreenCause = &diag.Cause{
		Code: "SMTP-POSTSCREEN", Title: "A first-contact test puts the client off once", Severity: diag.Delayed,
		Text:   "{subject} puts off clients that it does not know yet: {reply}[; the next session was accepted ({again})]",
		Ruled:  "{subject} shows no first-contact test",
		About:  "Postfix postscreen tests a new client address and, with its deeper tests, must end that first session with 450 4.3.2. The address then passes for days. A sender with many addresses pays for each.",
		Read:   "450 4.3.2 in the first session and acceptance in the next from the same address.",
		Remedy: "Nothing for one message: the retry passes. For regular partners have the receiving side list your servers in postscreen_access_list.",
		Refs:   []string{"postscreen(8)", "Postfix POSTSCREEN_README"},
	}
	smtpDeferred = &diag.Cause{
		Code: "SMTP-DEFERRED", Title: "The server puts the mail off", Severity: diag.Delayed,
		Text:   "{subject}[: {who}] puts mail off[ at {verb}]: {reply}[; {because}]",
		Ruled:  "{subject} puts nothing off",
		About:  "A 4xx reply says \"later\": the sender keeps the mail and tries again at its interval. Which condition the server waits for is in its text and its own log.",
		Read:   "A 4xx reply to MAIL, RCPT or the message that is no known pattern (greylisting, first contact, back pressure, connection limit), in two sessions. Or, by the log of a Postfix, Exim or Sendmail server that sends: four of five late messages at that hop were tried soon after they came, and put off with such a reply.",
		Remedy: "Read the reply; look for the same time in the receiving server's log. If the text speaks of greylisting or trying later, hold the session again after some minutes: --input retry-after=5m. Where a mail filter (milter) of your own Postfix gives no answer: start it, or let mail pass without it (milter_default_action).",
		Refs:   []string{"RFC 5321 section 4.2.1", "RFC 3463", "postconf(5): milter_default_action"},
	}
)

// deferral judges 4xx replies to the sender and the recipient.
func deferral() *diag.Analyzer {
	return &diag.Analyzer{Name: "deferral",
		Doc:    "Judges deferrals: greylisting, first-contact tests, and others.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage, evidence.Internal, evidence.Hops},
		Causes: []*diag.Cause{greylisted, postscreenCause, smtpDeferred},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, deferralOf(e, t)...)
			}
			return found
		}}
}

func deferralOf(e diag.Evidence, t talk) []diag.Finding {
	st, about := refusal(t.first)
	if _, asked := t.first.Step(smtpprobe.RCPT); asked && about == accepted {
		return []diag.Finding{t.on(greylisted, diag.Excluded), t.on(postscreenCause, diag.Excluded), t.on(smtpDeferred, diag.Excluded)}
	}
	switch {
	case st.Code/100 != 4:
		return nil
	case about == firstContact:
		return []diag.Finding{contact(t, st)}
	case about == greylisting:
		return []diag.Finding{grey(t, st)}
	case early(st) || st.Code == 421 || about == backPressure || about == needsTLS || about == noRelay:
		return nil // others judge these
	case about == authFails && internal(e, t.first.Host):
		return nil
	}
	if args := doubt(e, t, st, about); args != nil {
		return []diag.Finding{t.on(smtpDeferred, diag.Unknown, args...)}
	}
	return []diag.Finding{later(e, t, st)}
}

// internal says whether a host is a server of the sender's own organization: a
// connector names it, or the operator says so.
func internal(e diag.Evidence, host string) bool {
	yes, _ := ownHost(e, host)
	return yes
}

// ownHost says it too, and whether anybody said so or the contrary.
func ownHost(e diag.Evidence, host string) (yes, said bool) {
	hops, _ := evidence.Hops.Lookup(e)
	if slices.ContainsFunc(hops, func(h evidence.Hop) bool { return h.How == evidence.ByConnector && h.Host == host }) {
		return true, true
	}
	return evidence.Internal.Lookup(e)
}

func contact(t talk, st smtpprobe.Step) diag.Finding {
	f := t.on(postscreenCause, diag.Suspected, says(st))
	f.Wait = waited(t, st)
	if ok, again := passed(t); ok {
		f.Verdict = diag.Confirmed
		f.Args = append(f.Args, diag.Text("again", clip(again.Whole(), 80)))
	}
	return f
}

func grey(t talk, st smtpprobe.Step) diag.Finding {
	f := t.on(greylisted, diag.Suspected, says(st))
	if ok, again := passed(t); ok && !content(st) {
		f.Verdict = diag.Confirmed
		f.Args = append(f.Args, diag.Duration("passed", round(again.End().Sub(st.Began))))
		f.Wait = waited(t, st)
	}
	return f
}

// later judges a deferral that does not say why. Put off at once again but
// accepted after a wait is what greylisting does, if the reply may be about
// that: a mailbox that is busy (4.2.1) or a disk that is full is something else.
func later(e diag.Evidence, t talk, st smtpprobe.Step) diag.Finding {
	ok, _ := passed(t)
	filter := filterWords.MatchString(st.Whole())
	maybe := (st.Enhanced() == "" || strings.HasPrefix(st.Enhanced(), "4.7.")) && !filter
	if ok && len(t.again) > 1 && maybe && !content(st) {
		f := grey(t, st)
		if st.Enhanced() == "" {
			f.Verdict = diag.Suspected
		}
		return f
	}
	f := t.on(smtpDeferred, diag.Suspected, diag.Text("verb", verbOf(st)), says(st))
	because := ""
	switch {
	case len(t.again) == 0 || content(st):
		because = "it was tried once only"
	case ok:
		because = "a later session was accepted, so the condition was short"
	case !putOffAgain(t, st):
		because = "a second session ended otherwise"
	case filter:
		f.Verdict = diag.Confirmed
	case strings.HasPrefix(st.Enhanced(), "4.7.") && !fromSender(e):
		because = "4.7.x is about security or policy, and may be about this client alone; it is also what greylisting says: hold the session again after some minutes (--input retry-after=5m), best on the sending server"
	case st.Enhanced() == "4.7.1" && len(t.again) == 1:
		f.Verdict, because = diag.Confirmed, "4.7.1 is what greylisting often says: hold the session again after some minutes (--input retry-after=5m)"
	default:
		f.Verdict = diag.Confirmed
	}
	if filter {
		because = strings.TrimPrefix(because+"; "+filterSays, "; ")
	}
	if because != "" {
		f.Args = append(f.Args, diag.Text("because", because))
	}
	return f
}

// putOffAgain says whether a second session ended with a deferral of the same
// meaning.
func putOffAgain(t talk, st smtpprobe.Step) bool {
	for _, s := range t.again {
		if other, about := refusal(s); other.Code/100 == 4 && about == meaningOf(st) {
			return true
		}
	}
	return false
}

// content says whether a step belongs to the message. A second session sends
// none, so it cannot tell.
func content(st smtpprobe.Step) bool { return st.Name == smtpprobe.DATA || st.Name == smtpprobe.Body }

// passed says whether a later session got the recipient accepted.
func passed(t talk) (bool, smtpprobe.Step) {
	for _, s := range t.again {
		if st, ok := s.Step(smtpprobe.RCPT); ok && st.Ok() {
			return true, st
		}
	}
	return false, smtpprobe.Step{}
}

// waited is from the deferral to the acceptance, where there was one.
func waited(t talk, st smtpprobe.Step) *diag.Span {
	if ok, again := passed(t); ok {
		return span(st, again)
	}
	return nil
}
