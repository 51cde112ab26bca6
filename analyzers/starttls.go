package analyzers

import (
	"regexp"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var tlsFails = &diag.Cause{
	Code: "SMTP-TLS-FAILS", Title: "TLS is offered or demanded but does not come about", Severity: diag.Delayed,
	Text:   "TLS with {subject} does not come about: {how}[; {clear}][; {because}]",
	Ruled:  "TLS with {subject} comes about[ ({version})]",
	About:  "A server that offers STARTTLS and then fails makes careful senders put the mail off; others go on in the clear, at once or at their next attempt. Mail from some senders waits and from others does not.",
	Read:   "STARTTLS in the EHLO reply, then the reply to the command and the TLS handshake; or a reply that demands TLS where EHLO does not offer it. A 4xx reply to STARTTLS counts when the second session has it too. Old protocol versions and ciphers that this program does not have are no proof against the server. Event 12014 in its log says that it has no certificate for a connector's name: suspected.",
	Remedy: "On the receiving server look at the certificate that SMTP uses (its private key, its permissions), the protocol versions and ciphers allowed, and any device that inspects TLS.",
	Refs:   []string{"RFC 3207", "RFC 8446 section 6.2"},
	Behind: []*diag.Cause{bannerMasked},
}

// oldPeer are the errors with which a server turns our offer down, or we its
// own: it may speak only versions or ciphers that this program no longer has,
// have a certificate that this program is too strict to read, or want one of
// ours, which a sender may have.
var oldPeer = regexp.MustCompile(`(?i)handshake failure|protocol version|insufficient security|unsupported versions|no cipher suite|no supported versions|` +
	`failed to parse certificate|keys are insecure|remote error: tls: (bad certificate|certificate required|unknown certificate)`)

// starttls judges whether TLS comes about where it is offered.
func starttls() *diag.Analyzer {
	return &diag.Analyzer{Name: "starttls",
		Doc:    "Judges whether TLS comes about where it is offered.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Vantage},
		Causes: []*diag.Cause{tlsFails},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				if f, ok := tlsFinding(e, t); ok {
					found = append(found, f)
				}
			}
			return found
		}}
}

func tlsFinding(e diag.Evidence, t talk) (diag.Finding, bool) {
	command, asked := t.first.Step(smtpprobe.STARTTLS)
	hand, tried := t.first.Step(smtpprobe.Handshake)
	switch {
	case !asked:
		return demanded(e, t)
	case command.Fault == smtpprobe.FaultCanceled || hand.Fault == smtpprobe.FaultCanceled:
		return diag.Finding{}, false
	case command.Fault != smtpprobe.FaultNone:
		return muteTLS(t, command), true
	case !command.Ok():
		return refusedTLS(t, command), true
	case !tried || hand.Ok():
		if t.first.TLS == nil {
			return diag.Finding{}, false
		}
		return t.on(tlsFails, diag.Excluded, diag.Text("version", t.first.TLS.Version)), true
	}
	return handshake(t, hand), true
}

// demanded: no TLS is offered here, and the mail is refused for want of it. To
// the sender it may be offered.
func demanded(e diag.Evidence, t talk) (diag.Finding, bool) {
	st, about := refusal(t.first)
	if about != needsTLS {
		return diag.Finding{}, false
	}
	f := t.on(tlsFails, diag.Confirmed, diag.Text("how", "EHLO does not offer STARTTLS, and "+st.Name+" is answered "+clip(valid(st.Whole()), 200)))
	if !fromSender(e) {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "to the sending server it may be offered: run this there, and say --input vantage=sender"))
	}
	return f, true
}

// muteTLS: a command without a reply may be chance, unless a session without it
// goes through.
func muteTLS(t talk, command smtpprobe.Step) diag.Finding {
	f := failed(t, command, diag.Suspected, "STARTTLS is offered, but the command gets no reply ("+command.Fault+")")
	if passedInTheClear(t) {
		f.Verdict = diag.Confirmed
	}
	return f
}

// refusedTLS: a server that says "later" may be ready at the next attempt.
func refusedTLS(t talk, command smtpprobe.Step) diag.Finding {
	f := failed(t, command, diag.Confirmed, "it offers STARTTLS and answers the command with "+clip(valid(command.Whole()), 200))
	if command.Code/100 != 4 {
		return f
	}
	for _, s := range t.again {
		if st, ok := s.Step(smtpprobe.STARTTLS); ok && !st.Ok() {
			return f
		}
	}
	f.Verdict = diag.Suspected
	f.Args = append(f.Args, diag.Text("because", "it was not so, or not tried, a second time"))
	return f
}

func handshake(t talk, hand smtpprobe.Step) diag.Finding {
	f := failed(t, hand, diag.Confirmed, "STARTTLS is offered, but the handshake fails: "+clip(hand.Err, 200))
	switch {
	case hand.Fault == smtpprobe.FaultTimeout:
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "it was not refused, it got no reply: large packets may be lost on the way"))
	case hand.Fault == smtpprobe.FaultClosed || hand.Fault == smtpprobe.FaultReset:
		if !passedInTheClear(t) {
			f.Verdict = diag.Suspected
			f.Args = append(f.Args, diag.Text("because", "the connection ended in the handshake, and no session in the clear went through to compare"))
		}
	case oldPeer.MatchString(hand.Err):
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "the server may want a version, cipher or client certificate that this program does not have, or show a certificate that only this program cannot read"))
	}
	return f
}

// failed says, too, whether a session without TLS went through.
func failed(t talk, st smtpprobe.Step, v diag.Verdict, how string) diag.Finding {
	f := t.on(tlsFails, v, diag.Text("how", how))
	f.Wait = span(st)
	if passedInTheClear(t) {
		f.Args = append(f.Args, diag.Text("clear", "a session in the clear goes through"))
	}
	return f
}
