package analyzers

import (
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var verbsMissing = &diag.Cause{
	Code: "SMTP-VERBS-MISSING", Title: "An Exchange 2000/2003 server lacks its Exchange verbs", Severity: diag.Delayed,
	Text:   "{subject} {what}, but its EHLO lacks {missing}[; {because}]",
	Ruled:  "{subject} lacks no verb that its version should offer ({generation})",
	About:  "The Exchange verbs are added by protocol event sinks. When the metabase is damaged, or SMTP was installed anew without Exchange, they vanish together; a filter strips them too. Routing information then goes stale, and servers no longer recognize each other. Exchange 2007 and later never offer X-LINK2STATE: there it is no fault.",
	Read:   "The EHLO reply of a server that is known as Exchange 2000 or 2003, or of an internal one with the greeting of the Windows SMTP service: X-LINK2STATE and XEXCH50.",
	Remedy: "If no device on the way strips them (compare EHLO on the server itself): reinstall Exchange and its service pack over the existing installation.",
	Refs:   []string{"TechNet bb124688(EXCHG.65)", "KB 812455"},
	Behind: []*diag.Cause{bannerMasked},
}

// verbs judges the Exchange verbs that a 2000/2003 server should offer.
func verbs() *diag.Analyzer {
	return &diag.Analyzer{Name: "verbs",
		Doc:    "Judges whether an Exchange 2000/2003 server still offers its Exchange verbs.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Generation, evidence.Internal, evidence.Hops},
		Causes: []*diag.Cause{verbsMissing},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, verbFinding(e, t)...)
			}
			return found
		}}
}

func verbFinding(e diag.Evidence, t talk) []diag.Finding {
	version, told := generation(e, t.first)
	internal, said := ownHost(e, t.first.Host)
	offers := offered(t.first)
	if len(offers) == 0 || version == "" || said && !internal {
		return nil // to a foreign server these verbs are never said
	}
	if version != exchange2003 && !(version == windowsSMTP && internal) {
		if !isExchange(version) {
			return nil
		}
		return []diag.Finding{t.on(verbsMissing, diag.Excluded, diag.Text("generation", version))}
	}
	var missing []string
	for _, v := range []string{"X-LINK2STATE", "XEXCH50"} {
		if !has(offers, v) {
			missing = append(missing, v)
		}
	}
	if len(missing) == 0 {
		return []diag.Finding{t.on(verbsMissing, diag.Excluded, diag.Text("generation", version))}
	}
	f := t.on(verbsMissing, diag.Confirmed, diag.Text("what", "is an Exchange 2000/2003 server"), diag.Text("missing", strings.Join(missing, " and ")))
	hello, _ := t.first.Step(smtpprobe.Greeting)
	if told && !iisGreeting.MatchString(hello.Whole()) {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "its greeting is not that of one, so that another server may stand before it"))
	}
	if !told && version == windowsSMTP {
		f = t.on(verbsMissing, diag.Suspected, diag.Text("what", "greets as an Exchange 2000/2003 server does"), diag.Text("missing", strings.Join(missing, " and ")),
			diag.Text("because", "the SMTP service of Windows without Exchange greets so too: say --input generation=exchange-2003 if it is Exchange"))
	}
	return []diag.Finding{f}
}
