package analyzers

import (
	"regexp"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var tlsFails = &diag.Cause{
	Code: "SMTP-TLS-FAILS", Title: "TLS is offered but does not come about", Severity: diag.Delayed,
	Text:   "{subject} offers STARTTLS, but {how}[; {clear}][; {because}]",
	Ruled:  "TLS with {subject} comes about ({version})",
	About:  "A server that offers STARTTLS and then fails makes careful senders put the mail off; others go on in the clear, at once or at their next attempt. Mail from some senders waits and from others does not.",
	Read:   "STARTTLS in the EHLO reply, then the reply to the command and the TLS handshake. Old protocol versions and ciphers that this program does not have are no proof against the server.",
	Remedy: "On the receiving server look at the certificate that SMTP uses (its private key, its permissions), the protocol versions and ciphers allowed, and any device that inspects TLS.",
	Refs:   []string{"RFC 3207", "RFC 8446 section 6.2"},
	Behind: []*diag.Cause{bannerMasked},
}

// oldPeer are the errors with which a server turns our offer down: it may
// speak only versions or ciphers that this program no longer has.
var oldPeer = regexp.MustCompile(`(?i)handshake failure|protocol version|insufficient security|unsupported versions|no cipher suite|no supported versions`)

// starttls judges whether TLS comes about where it is offered.
func starttls() *diag.Analyzer {
	return &diag.Analyzer{Name: "starttls",
		Doc:    "Judges whether TLS comes about where it is offered.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats},
		Causes: []*diag.Cause{tlsFails},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				if f, ok := tlsFinding(t); ok {
					found = append(found, f)
				}
			}
			return found
		}}
}

func tlsFinding(t talk) (diag.Finding, bool) {
	command, asked := t.first.Step(smtpprobe.STARTTLS)
	hand, tried := t.first.Step(smtpprobe.Handshake)
	switch {
	case !asked || command.Fault == smtpprobe.FaultCanceled || hand.Fault == smtpprobe.FaultCanceled:
		return diag.Finding{}, false
	case command.Fault != smtpprobe.FaultNone:
		return failed(t, command, diag.Suspected, "the command gets no reply ("+command.Fault+")"), true
	case !command.Ok():
		return failed(t, command, diag.Confirmed, "answers the command with "+clip(command.Whole(), 200)), true
	case !tried || hand.Ok():
		if t.first.TLS == nil {
			return diag.Finding{}, false
		}
		return t.on(tlsFails, diag.Excluded, diag.Text("version", t.first.TLS.Version)), true
	}
	return handshake(t, hand), true
}

func handshake(t talk, hand smtpprobe.Step) diag.Finding {
	f := failed(t, hand, diag.Confirmed, "the handshake fails: "+clip(hand.Err, 200))
	switch {
	case hand.Fault == smtpprobe.FaultTimeout:
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "it was not refused, it got no reply: large packets may be lost on the way"))
	case oldPeer.MatchString(hand.Err):
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "the server may want a version or cipher that this program does not have, and a sender may"))
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
