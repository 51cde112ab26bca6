package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
	"time"
)

var exchangeAuthCause = &diag.Cause{
	Code: "SMTP-EXCHANGE-AUTH", Title: "Exchange servers cannot authenticate to each other", Severity: diag.Delayed,
	Text:   "{subject} {how}[; {because}]",
	Ruled:  "{subject} offers Exchange authentication",
	About:  "Servers of one organization log on to each other (X-EXPS with Kerberos or NTLM; from 2007 on after X-ANONYMOUSTLS). Where that is not offered or fails, the session stays anonymous: properties are lost, and connectors that want it refuse the mail, which then waits for retries or takes another way.",
	Read:   "At an internal hop: whether EHLO, before or after TLS, offers X-EXPS, and replies that speak of authentication that fails (504, 535, 454 4.7.0, 451 5.7.3). That an anonymous session is refused (530, \"not authenticated\") proves nothing where X-EXPS is offered. What is offered depends on the receive connector that fits the client's address, so only the sending server sees what counts. Or the event log: 1035 at the target, 2017 at the sender, with ExchangeAuth; three are confirmed.",
	Remedy: "On the target, find the receive connector whose remote IP ranges fit the sending server most closely and give it Exchange Server authentication (and the ExchangeLegacyServers permission group for 2000/2003 senders); on a 2000/2003 target switch Integrated Windows Authentication on for the virtual server. Check clocks (5 minutes), SPNs (SMTPSVC/name) and firewalls.",
	Refs:   []string{"KB 979175", "KB 843106", "KB 914137", "KB 979174"},
	Tests:  []diag.Test{{Do: "Compare the clocks of both servers and the domain controller (w32tm /monitor), and look for event 1035 on the receiving one, 2017 on the sending one.", Takes: 3 * time.Minute}},
	Behind: []*diag.Cause{bannerMasked, verbsMissing},
}

// exchangeAuth judges authentication between servers of one organization.
func exchangeAuth() *diag.Analyzer {
	return &diag.Analyzer{Name: "exchange-auth",
		Doc:    "Judges whether an internal Exchange hop offers the authentication that Exchange servers use.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Generation, evidence.Internal, evidence.Vantage, evidence.Hops},
		Causes: []*diag.Cause{exchangeAuthCause},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				if internal(e, t.first.Host) {
					found = append(found, authFinding(e, t)...)
				}
			}
			return found
		}}
}

func authFinding(e diag.Evidence, t talk) []diag.Finding {
	st, about := refusal(t.first)
	if about == authFails {
		f := t.on(exchangeAuthCause, byVantage(e), diag.Text("how", "answers "+st.Name+" with "+clip(valid(st.Whole()), 200)))
		return []diag.Finding{hedge(f)}
	}
	version, _ := generation(e, t.first)
	offers := offered(t.first)
	switch {
	case offersLogon(offers) && about == anonymous: // as a default connector of a hub does
		return []diag.Finding{t.on(exchangeAuthCause, diag.Unknown, doubt(e, t, st, about)...)}
	case offersLogon(offers):
		return []diag.Finding{t.on(exchangeAuthCause, diag.Excluded)}
	case !isExchange(version) || version == "exchange-online" || len(offers) == 0:
		return nil
	}
	f := t.on(exchangeAuthCause, byVantage(e), diag.Text("how", "is an Exchange server of your organization but offers no X-EXPS ("+version+")"))
	return []diag.Finding{hedge(f)}
}

func byVantage(e diag.Evidence) diag.Verdict {
	if fromSender(e) {
		return diag.Confirmed
	}
	return diag.Suspected
}

func hedge(f diag.Finding) diag.Finding {
	if f.Verdict == diag.Suspected {
		f.Args = append(f.Args, diag.Text("because", "another receive connector may fit the sending server's address: run this there, and say --input vantage=sender"))
	}
	return f
}
