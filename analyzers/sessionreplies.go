package analyzers

import (
	"fmt"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// refusals judges the 4xx and 5xx replies of a server by what they are about.
func (l *loggedHost) refusals(e diag.Evidence) []diag.Finding {
	byCause := map[*diag.Cause][]loggedRefusal{}
	var order []*diag.Cause
	for _, h := range l.heardBy() {
		c := l.causeOf(h)
		if c == nil {
			continue
		}
		if byCause[c] == nil {
			order = append(order, c)
		}
		byCause[c] = append(byCause[c], h)
	}
	var found []diag.Finding
	for _, c := range order {
		if f, ok := l.refusal(e, c, byCause[c]); ok {
			found = append(found, f)
		}
	}
	return append(found, l.free(byCause)...)
}

// causeOf is what a refusal is a sign of; nil for what says nothing about a
// delay. What a server of one's own refuses for good is mostly mail that nobody
// wants, and what it puts off for the rate or the manners of a client, too.
func (l *loggedHost) causeOf(h loggedRefusal) *diag.Cause {
	switch h.about {
	case backPressure:
		return pressureCause
	case tooMany:
		return limitCause
	case firstContact:
		return postscreenCause
	case greylisting:
		return greylisted
	case notActive, noService:
		return smtpRefused
	case authFails:
		if exchangeLogon(h) {
			return exchangeAuthCause
		}
		return nil
	case putOff:
		return deferredCause(h)
	}
	if l.own {
		return nil
	}
	switch h.about {
	case needsTLS:
		return tlsFails
	case aboutClient:
		if early(h.step) || h.Code >= 500 {
			return smtpRefused
		}
		return smtpDeferred
	case turnedAway:
		if early(h.step) {
			return smtpRefused
		}
		return nil // 421 in the middle of a session: idle, or cut
	case noRelay, tooLarge, badRecipient, badSender, badMessage, anonymous:
		return refusedCause(h.step, h.about)
	}
	return nil
}

// exchangeLogon says whether a refused logon is one of Exchange servers to each
// other, and not one of users or of those who guess passwords.
func exchangeLogon(h loggedRefusal) bool {
	return h.Verb == "X-EXPS" || h.Verb == "X-ANONYMOUSTLS" || strings.Contains(strings.ToLower(h.Text), "exchange server authentication")
}

// deferredCause is what a deferral without a known pattern is. Too many
// recipients for one session (RFC 5321 4.5.3.1.10) is no deferral of the mail: the
// rest goes at once in another.
func deferredCause(h loggedRefusal) *diag.Cause {
	enhanced := h.step.Enhanced()
	switch {
	case enhanced == "4.5.3" || h.Verb == "AUTH" || h.Verb == evidence.LoggedUnasked || h.Verb == "STARTTLS":
		return nil
	case h.Passed > 0 && 5*h.Passed >= 4*h.Pairs && h.Pairs >= 3 && (enhanced == "" || strings.HasPrefix(enhanced, "4.7.")) && h.Verb == smtpprobe.RCPT && !filterWords.MatchString(h.Text):
		return greylisted
	}
	return smtpDeferred
}

// filterGone says whether a refusal is what Postfix answers where a mail filter of its
// own is gone.
func filterGone(h loggedRefusal) bool { return filterWords.MatchString(h.Text) }

// filterSays is why such a refusal is no greylisting.
const filterSays = "Postfix says so where a mail filter (milter) of its own gives no answer; it is not greylisting: ask the receiving side whether it runs"

// refusal makes the finding of a cause.
func (l *loggedHost) refusal(e diag.Evidence, c *diag.Cause, all []loggedRefusal) (diag.Finding, bool) {
	replies, sessions := countOf(all)
	f := l.on(c, diag.Confirmed, quoted(all), diag.Text("verb", verbOf(all[0].step)))
	f.Wait = waitedFor(all)
	switch c {
	case greylisted, postscreenCause:
		return onceMore(c, f, all)
	case recipientRefused, relayDenied, senderRefused, messageRefused:
		return l.final(e, c, f, all)
	case smtpDeferred:
		if l.rare(replies) {
			return f, false
		}
		reasons := []string{}
		if sessions < 2 {
			f.Verdict = diag.Suspected
			reasons = append(reasons, "it was so in one session only")
		}
		if slices.ContainsFunc(all, filterGone) {
			reasons = append(reasons, filterSays)
		}
		return because(f, reasons...), true
	case tlsFails:
		f.Args = append(f.Args, diag.Text("how", "EHLO or the way of the message has no TLS, and "+verbOf(all[0].step)+" is answered "+quoted(all).Text))
	case exchangeAuthCause:
		f.Args = append(f.Args, diag.Text("how", "answers "+verbOf(all[0].step)+" with "+quoted(all).Text))
	}
	reasons := []string{"by the log of " + l.whose()}
	if c == smtpRefused {
		f = l.turnedAway(f, sessions)
	}
	if l.rare(replies) {
		f.Verdict = diag.Suspected
		reasons = append(reasons, fmt.Sprintf("only %d in %d sessions", replies, l.sessions))
	}
	if c == limitCause {
		f, reasons = l.limited(f, all, reasons)
	}
	return because(f, reasons...), true
}

// turnedAway: a server that takes mail at other times only holds it up.
func (l *loggedHost) turnedAway(f diag.Finding, sessions int) diag.Finding {
	hint := fmt.Sprintf("%d of %d sessions, by the log of %s", sessions, l.sessions, l.whose())
	if l.messages > 0 {
		f.Severity = diag.Delayed
		hint += fmt.Sprintf("; it took %d messages in others", l.messages)
	}
	f.Args = append(f.Args, diag.Text("hint", hint))
	return f
}

// whose says whose log it is.
func (l *loggedHost) whose() string {
	if l.own {
		return "the server itself (sessions from " + l.callers() + ")"
	}
	return "the server that sends (" + l.callers() + ")"
}

// limited: the number alone says less than words about connections do.
func (l *loggedHost) limited(f diag.Finding, all []loggedRefusal, reasons []string) (diag.Finding, []string) {
	most := 0
	for _, p := range l.peers {
		most = max(most, p.AtOnce)
	}
	if most > 1 {
		reasons = append(reasons, fmt.Sprintf("up to %d sessions at once from one host", most))
	}
	if !slices.ContainsFunc(all, func(h loggedRefusal) bool { return countWords.MatchString(h.Text) }) {
		f.Verdict = diag.Suspected
		reasons = append(reasons, "421 4.3.2 may also mean that the service is not active")
	}
	if l.own && !l.callersAreOurs() {
		f.Verdict = diag.Suspected
		reasons = append(reasons, "a limit that stops a stranger holds nobody else up: look whose address it is")
	}
	return f, reasons
}

// waitedFor is the longest time between a refusal and the acceptance of the same
// sender and recipient.
func waitedFor(all []loggedRefusal) *diag.Span {
	var span *diag.Span
	for _, h := range all {
		if h.Passed > 0 && (span == nil || h.Latest.Duration() > span.Length()) {
			span = &diag.Span{From: h.Until.Add(-h.Latest.Duration()), To: h.Until}
		}
	}
	return span
}

// onceMore judges what passes at a later attempt.
func onceMore(c *diag.Cause, f diag.Finding, all []loggedRefusal) (diag.Finding, bool) {
	if f.Wait == nil {
		f.Verdict = diag.Suspected
		return f, true
	}
	passed := 0
	for _, h := range all {
		passed += h.Passed
	}
	if c == greylisted && !slices.ContainsFunc(all, func(h loggedRefusal) bool { return h.about == greylisting }) {
		f.Verdict = diag.Suspected
		f = because(f, "it does not say that it is greylisting: trouble there for a while would look the same")
	}
	f.Args = append(f.Args, diag.Duration("passed", round(f.Wait.Length())), diag.Text("again", fmt.Sprintf("%d pairs of sender and recipient that it had put off", passed)))
	return f, true
}

// final judges refusals that end a message: where the operator's own recipient is
// among them, or where hardly anything else was said. Every server refuses some.
func (l *loggedHost) final(e diag.Evidence, c *diag.Cause, f diag.Finding, all []loggedRefusal) (diag.Finding, bool) {
	to, whom := "recipients", "senders"
	mine, accepted := false, l.messages
	for _, p := range l.peers {
		if c == recipientRefused || c == relayDenied {
			accepted = max(accepted, p.Recipients)
		}
	}
	recipients, _ := evidence.Recipients.Lookup(e)
	for _, h := range all {
		for _, a := range h.To {
			to = a
			if slices.ContainsFunc(recipients, func(m evidence.Mailbox) bool { return strings.EqualFold(m.Address, a) }) {
				mine = true
				f.Args = append(f.Args, diag.Text("recipient", clip(valid(a), 100)))
			}
		}
	}
	if replies, _ := countOf(all); !mine && (replies < 3 || replies < accepted) {
		return f, false
	}
	f.Args = append(f.Args, diag.Text("recipient", clip(valid(to), 100)), diag.Text("sender", whom))
	return because(f, fmt.Sprintf("%d were accepted in the same log", accepted)), true
}

// free rules out what a server with enough sessions never said.
func (l *loggedHost) free(byCause map[*diag.Cause][]loggedRefusal) []diag.Finding {
	if l.messages < enoughLogged || l.inferred() && l.own {
		return nil // the service of Windows logs no texts of its own
	}
	var found []diag.Finding
	putsOff := slices.ContainsFunc(l.heardBy(), func(h loggedRefusal) bool { return h.Code < 500 })
	maybe := slices.ContainsFunc(l.heardBy(), func(h loggedRefusal) bool { return h.Code < 500 && !filterGone(h) })
	for _, c := range []*diag.Cause{pressureCause, limitCause, smtpDeferred, greylisted} {
		if byCause[c] == nil && !(putsOff && c == smtpDeferred) && !(maybe && c == greylisted) {
			found = append(found, l.on(c, diag.Excluded))
		}
	}
	return found
}

// enoughLogged is how many messages a log must have for what is not in it to say
// something.
const enoughLogged = 20
