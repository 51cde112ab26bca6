package analyzers

import (
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	noMX = &diag.Cause{
		Code: "DNS-NO-MX", Title: "The domain has no MX record", Severity: diag.Degraded,
		Text:   "{subject} has no MX record ({rcode} without data at {server}); senders fall back to its A and AAAA records[; but {other} has MX records]",
		Ruled:  "{subject} has MX records",
		About:  "Without MX, senders deliver to the domain's own address (RFC 5321 5.1). That is allowed, but the address often belongs to a web server, and some senders refuse or put the mail off.",
		Read:   "The MX answer of the resolvers: NOERROR without an MX record. A resolver that fails does not count.",
		Remedy: "Publish an MX record that names the mail server: even where it is the same host.",
		Refs:   []string{"RFC 5321 section 5.1"},
	}
	nullMX = &diag.Cause{
		Code: "DNS-NULL-MX", Title: "The domain says that it takes no mail", Severity: diag.Stopped,
		Text:   "{subject} publishes the null MX \".\": it takes no mail, and senders give up at once[; but {other} has other MX records]",
		Ruled:  "{subject} publishes no null MX",
		About:  "A single MX record with the target \".\" says that a domain has no mail service. Senders that know it return the mail; those that do not look for an address of the root and keep it until it expires.",
		Read:   "The MX answer: exactly one record, whose target is the root.",
		Remedy: "If the domain shall take mail, replace the null MX by the mail server's name. Else write to another address.",
		Refs:   []string{"RFC 7505"},
	}
	nullMXMixed = &diag.Cause{
		Code: "DNS-NULL-MX-MIXED", Title: "A null MX stands among other MX records", Severity: diag.Degraded,
		Text:   "{subject} publishes the null MX \".\" together with {others}; senders differ in what they make of it",
		Ruled:  "{subject} does not mix a null MX with others",
		About:  "A null MX must stand alone. Among others, some senders take it for \"no mail\" and give up, others try to resolve the root and lose time.",
		Read:   "The MX answer: a record whose target is the root, beside others.",
		Remedy: "Delete the null MX, or all the others.",
		Refs:   []string{"RFC 7505 section 3"},
	}
	mxIsCNAME = &diag.Cause{
		Code: "DNS-MX-IS-CNAME", Title: "An MX record points to an alias", Severity: diag.Degraded,
		Text:   "the MX {subject} of {domain} is an alias (CNAME) of {target}; some senders refuse it or loop",
		Ruled:  "the MX {subject} is no alias",
		About:  "The target of an MX must be a name with an address record of its own. Senders that follow the rule do not resolve the alias; others resolve it, fail to find themselves in the MX list, and may loop.",
		Read:   "The A and AAAA answers for the MX host: a CNAME in them.",
		Remedy: "Name the alias's target in the MX record itself.",
		Refs:   []string{"RFC 5321 section 5.1", "RFC 2181 section 10.3"},
	}
	mxIsIP = &diag.Cause{
		Code: "DNS-MX-IS-IP", Title: "An MX record points to an IP address", Severity: diag.Degraded,
		Text:   "an MX of {subject} is the address {target}, not a host name; most senders cannot use it",
		Ruled:  "every MX of {subject} is a host name",
		About:  "An MX record holds a host name. An address in its place is read as a name that does not exist, so this exchanger costs senders a look-up and takes no mail.",
		Read:   "The MX answer: a target that is an address literal.",
		Remedy: "Give the server a name with an A record, and put that name into the MX record.",
		Refs:   []string{"RFC 5321 section 5.1", "RFC 1035 section 3.3.9"},
	}
)

// mx judges the MX records of the recipient's domain.
func mx() *diag.Analyzer {
	return &diag.Analyzer{Name: "mx",
		Doc:    "Judges the MX records of the recipient's domain: missing, null, aliases, addresses.",
		Needs:  []diag.AnyKey{evidence.Route},
		Uses:   []diag.AnyKey{evidence.Survey},
		Causes: []*diag.Cause{noMX, nullMX, nullMXMixed, mxIsCNAME, mxIsIP},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			lookups := evidence.Route.In(e)
			survey, _ := evidence.Survey.Lookup(e)
			for i, l := range lookups {
				best, _ := evidence.Best(lookups, l.Name, "MX")
				if l.Type == "MX" && l.Rcode == "NOERROR" && l.Usable() && l.Server == best.Server {
					for _, f := range mxFindings(l, survey, lookups) {
						f.From = []string{ref("dns.route", i)}
						found = append(found, f)
					}
				}
			}
			return found
		}}
}

func mxFindings(l evidence.Lookup, survey, lookups []evidence.Lookup) []diag.Finding {
	records := l.Records("MX")
	if len(records) == 0 {
		return []diag.Finding{withoutMX(l, survey)}
	}
	found := []diag.Finding{{Code: noMX.Code, Verdict: diag.Excluded, Subject: l.Name}}
	hosts := exchangers(l)
	literals := 0
	for _, host := range hosts {
		if isAddr(host) {
			literals++
			found = append(found, literal(l.Name, host))
		} else {
			found = append(found, alias(l.Name, host, lookups)...)
		}
	}
	for i := range found {
		if found[i].Code == mxIsIP.Code && literals == len(records) { // no exchanger is left
			found[i].Severity = diag.Stopped
		}
	}
	if literals == 0 {
		found = append(found, diag.Finding{Code: mxIsIP.Code, Verdict: diag.Excluded, Subject: l.Name})
	}
	return append(found, nulls(l, len(hosts) < len(records), hosts, survey)...)
}

// exchangers lists the hosts that the MX records name, without the root.
func exchangers(l evidence.Lookup) []string {
	var hosts []string
	for _, rr := range l.Records("MX") {
		if rr.Data != "." {
			hosts = append(hosts, rr.Data)
		}
	}
	return hosts
}

// nulls judges whether a null MX is there, and whether it stands alone.
func nulls(l evidence.Lookup, null bool, hosts []string, survey []evidence.Lookup) []diag.Finding {
	alone := diag.Finding{Code: nullMX.Code, Verdict: diag.Excluded, Subject: l.Name}
	mixed := diag.Finding{Code: nullMXMixed.Code, Verdict: diag.Excluded, Subject: l.Name}
	switch {
	case null && len(hosts) > 0:
		mixed.Verdict, mixed.Args = diag.Confirmed, []diag.Arg{diag.List("others", hosts)}
	case null:
		alone = contest(alone, l, survey)
	}
	return []diag.Finding{alone, mixed}
}

// contest is confirmed where no resolver knows exchangers of the domain.
func contest(f diag.Finding, l evidence.Lookup, survey []evidence.Lookup) diag.Finding {
	f.Verdict = diag.Confirmed
	for _, s := range survey {
		if s.Type == "MX" && s.Name == l.Name && s.Usable() && len(exchangers(s)) > 0 {
			f.Verdict = diag.Suspected
			f.Args = append(f.Args, diag.Text("other", server(s.Server)))
			break
		}
	}
	return f
}

func withoutMX(l evidence.Lookup, survey []evidence.Lookup) diag.Finding {
	return contest(diag.Finding{Code: noMX.Code, Subject: l.Name,
		Args: []diag.Arg{diag.Text("rcode", l.Rcode), diag.Text("server", server(l.Server))}}, l, survey)
}

func literal(domain, host string) diag.Finding {
	return diag.Finding{Code: mxIsIP.Code, Verdict: diag.Confirmed, Subject: domain, Args: []diag.Arg{diag.Text("target", host)}}
}

// alias says whether an MX host is an alias; nothing when that is unknown.
func alias(domain, host string, lookups []evidence.Lookup) []diag.Finding {
	f := diag.Finding{Code: mxIsCNAME.Code, Verdict: diag.Excluded, Subject: strings.ToLower(host)}
	known := false
	for _, typ := range []string{"A", "AAAA"} {
		l, _ := evidence.Best(lookups, host, typ)
		known = known || l.Usable()
		all := l.Records("CNAME")
		if i := slices.IndexFunc(all, func(rr evidence.RR) bool { return strings.EqualFold(rr.Name, host) }); i >= 0 {
			f.Verdict, f.Args = diag.Confirmed, []diag.Arg{diag.Text("domain", domain), diag.Text("target", all[i].Data)}
			return []diag.Finding{f}
		}
	}
	if !known {
		return nil
	}
	return []diag.Finding{f}
}

// server is a resolver's address without the usual port.
func server(addr string) string { return strings.TrimSuffix(addr, ":53") }
