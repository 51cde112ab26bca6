package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	greylisted = &diag.Cause{
		Code: "SMTP-GREYLISTED", Title: "The first attempt is put off (greylisting)", Severity: diag.Delayed,
		Text:   "{subject} puts the first attempt off: {reply}[; {passed} later it took the same sender and recipient]",
		Ruled:  "{subject} does not greylist",
		About:  "A greylisting server defers the first message from an unknown combination of client, sender and recipient, and takes it when it is tried again after some minutes. The sender's own retry interval decides how long that costs; a sender with many addresses may start anew each time.",
		Read:   "A 4xx reply to RCPT or MAIL that says so, or one that turns into acceptance when the same session is held again later (--input retry-after=5m). The words alone make it suspected.",
		Remedy: "Have the receiving side exempt your servers, or shorten the sender's first retry interval. For a one-off nothing need be done: known combinations pass at once.",
		Refs:   []string{"RFC 6647"},
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
		Text:   "{subject} puts mail off at {verb}: {reply}[; {because}]",
		Ruled:  "{subject} puts nothing off",
		About:  "A 4xx reply says \"later\": the sender keeps the mail and tries again at its interval. Which condition the server waits for is in its text and its own log.",
		Read:   "A 4xx reply to MAIL or RCPT that is no known pattern (greylisting, first contact, back pressure, connection limit, authentication), in two sessions.",
		Remedy: "Read the reply; look for the same time in the receiving server's log. If the text speaks of greylisting or trying later, hold the session again after some minutes: --input retry-after=5m.",
		Refs:   []string{"RFC 5321 section 4.2.1", "RFC 3463"},
	}
)

// deferral judges 4xx replies to the sender and the recipient.
func deferral() *diag.Analyzer {
	return &diag.Analyzer{Name: "deferral",
		Doc:    "Judges deferrals: greylisting, first-contact tests, and others.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage},
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
	if st.Name != smtpprobe.MAIL && st.Name != smtpprobe.RCPT || st.Code/100 != 4 || st.Code == 421 {
		return nil
	}
	switch about {
	case firstContact:
		return []diag.Finding{contact(t, st)}
	case greylisting:
		return []diag.Finding{grey(t, st)}
	case putOff:
		return []diag.Finding{later(t, st)}
	case aboutClient:
		return []diag.Finding{clientDeferred(e, t, st)}
	}
	return nil
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
	if ok, again := passed(t); ok {
		f.Verdict = diag.Confirmed
		f.Args = append(f.Args, diag.Duration("passed", round(again.End().Sub(st.Began))))
		f.Wait = waited(t, st)
	}
	return f
}

// later judges a deferral that does not say why. Put off at once again but
// accepted after a wait is what greylisting does.
func later(t talk, st smtpprobe.Step) diag.Finding {
	ok, _ := passed(t)
	if ok && len(t.again) > 1 {
		return grey(t, st)
	}
	f := t.on(smtpDeferred, diag.Confirmed, diag.Text("verb", st.Name), says(st))
	switch {
	case ok:
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "the next session was accepted, so the condition was short"))
	case len(t.again) == 0:
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "it was tried once only"))
	case st.Enhanced() == "4.7.1":
		f.Args = append(f.Args, diag.Text("because", "4.7.1 is what greylisting often says: hold the session again after some minutes (--input retry-after=5m)"))
	}
	return f
}

func clientDeferred(e diag.Evidence, t talk, st smtpprobe.Step) diag.Finding {
	if fromSender(e) {
		return later(t, st)
	}
	return t.on(smtpDeferred, diag.Unknown, diag.Text("because", "the server puts this client off, and may take the sender's mail: "+clip(st.Whole(), 200)),
		diag.Text("how", "run this on the sending server, and say --input vantage=sender"))
}

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
