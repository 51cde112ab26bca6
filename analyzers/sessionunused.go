package analyzers

import (
	"cmp"
	"fmt"

	"mailflow/diag"
	"mailflow/evidence"
)

// unusedSessions says of logs in which sessions are only opened, that it is so: none
// is used or ends in them. In a log of which more is told, such sessions are no news.
func unusedSessions(peers []evidence.LoggedPeer) []diag.Finding {
	var found []diag.Finding
	for i, p := range peers {
		if p.Sessions == 0 || p.Messages > 0 || p.Unended+p.Unused < p.Sessions || len(p.Replies)+len(p.Cuts)+len(p.Events)+len(p.Silences) > 0 || failedCalls(p) {
			return nil
		}
		if len(found) < mostNames {
			found = append(found, unused(p, fmt.Sprintf("%s.peers[%d]", evidence.SMTPLogs.Kind().Name, i)))
		}
	}
	return found
}

func failedCalls(p evidence.LoggedPeer) bool {
	for _, c := range p.Calls {
		if c.Failed() > 0 {
			return true
		}
	}
	return false
}

// unused: a send log shows that the connection came about, so that a greeting is what
// is missing in it; a connectivity log shows nothing of that.
func unused(p evidence.LoggedPeer, from string) diag.Finding {
	subject := cmp.Or(calledHost(p), clip(p.Addr, 100))
	if p.Source == evidence.LogConnect {
		subject = clip(cmp.Or(p.Domain, p.Addr), 100)
	}
	f := diag.Finding{Code: sessionCut.Code, Verdict: diag.Suspected, Subject: subject, From: []string{from}}
	words := fmt.Sprintf("sessions are opened (%s; %s), and the log shows none of them used", logged(p.Sessions, p.First, p.Last), p.Where)
	if p.Unended > 0 {
		words += fmt.Sprintf(", and the end of %d is not in it", p.Unended)
	}
	if p.Out && p.Source == evidence.LogSend && p.Unended == p.Sessions && len(p.Times) == 0 && p.Sessions >= often && p.Last.Sub(p.First) >= aWhile {
		f.Args = append(f.Args, diag.Text("never", words+": where rows were not left out, no greeting came within the connection"))
		return because(f, "a firewall that answers for the server, and a service that hangs, look so")
	}
	return undecided(f, words, "the whole log of these hours, the file after it, and the protocol log of the same connector (Set-SendConnector or Set-ReceiveConnector NAME -ProtocolLoggingLevel Verbose)")
}
