package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var pathMTUCause = &diag.Cause{
	Code: "PATH-MTU", Title: "Large packets vanish on the way", Severity: diag.Delayed,
	Text:   "at {subject} small packets pass, but {stalled} got no reply within {waited}[; {because}]",
	Ruled:  "large packets pass to and from {subject}",
	About:  "A link on the way takes smaller packets only, and the message that would say so is filtered (a black-hole router). Greeting and commands pass; the first full packet, in a TLS handshake or a message, is lost for good.",
	Read:   "A session in which small replies came at once and the first exchange of full packets (the TLS handshake, or with consent a message) got no reply, while a session without it went through. One such stall alone never confirms it: a slow server looks the same.",
	Remedy: "Test with large pings that must not be fragmented (ping -f -l 1472 on Windows, ping -M do -s 1472 on Linux); let ICMP \"fragmentation needed\" through, or lower the MTU or clamp the MSS at the tunnel.",
	Refs:   []string{"RFC 2923 section 2.1", "KB 314825"},
}

// pathMTU looks for stalls that depend on size.
func pathMTU() *diag.Analyzer {
	return &diag.Analyzer{Name: "path-mtu",
		Doc:    "Looks for sessions in which small packets pass and large ones vanish.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats},
		Causes: []*diag.Cause{pathMTUCause},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				if f, ok := stall(t); ok {
					found = append(found, f)
				}
			}
			return found
		}}
}

// stall finds the exchange of full packets that got no reply. A handshake that
// succeeded carried a certificate, and so full packets.
func stall(t talk) (diag.Finding, bool) {
	if st, ok := t.first.Step(smtpprobe.Handshake); ok {
		if st.Ok() && t.first.TLS != nil {
			return t.on(pathMTUCause, diag.Excluded), true
		}
		if st.Fault == smtpprobe.FaultTimeout && passedInTheClear(t) {
			return stalled(t, st, "the TLS handshake", "the same session without TLS goes through; a server whose TLS hangs looks the same"), true
		}
	}
	if st, ok := t.first.Step(smtpprobe.Body); ok && st.Fault == smtpprobe.FaultTimeout && t.first.Sent != nil && t.first.Sent.Bytes > 1200 {
		return stalled(t, st, "the message", "a server that is slow to take the message looks the same"), true
	}
	return diag.Finding{}, false
}

// passedInTheClear: one that ends in QUIT because the mail is refused did not go
// through.
func passedInTheClear(t talk) bool {
	for _, s := range t.again {
		refused, _ := refusal(s)
		if _, ok := s.Step(smtpprobe.Handshake); !ok && s.Last().Ok() && refused.Code/100 != 5 {
			return true
		}
	}
	return false
}

func stalled(t talk, st smtpprobe.Step, what, because string) diag.Finding {
	f := t.on(pathMTUCause, diag.Suspected, diag.Text("stalled", what), diag.Duration("waited", round(st.Took())), diag.Text("because", because))
	f.Wait = span(st)
	return f
}
