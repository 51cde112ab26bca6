package analyzers

import (
	"net"
	"net/netip"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	fqdnMismatch = &diag.Cause{
		Code: "DNS-FQDN-MISMATCH", Title: "An SMTP virtual server calls itself by another name than its computer's", Severity: diag.Delayed,
		Text:   "{subject} calls itself {name}, and the computer is {host}[; {dns}][; {because}] ({where})",
		Ruled:  "{subject} calls itself by its computer's name",
		About:  "Exchange servers log on to each other by Kerberos, for the name that the other says in its greeting. Where that is not the computer's own, and nobody registered it for the computer, the logon fails (535 5.7.3), and mail waits or goes without authentication. A name that DNS does not know fails in every case.",
		Read:   "msExchSmtpFullyQualifiedDomainName of the SMTP virtual server against the computer's name in networkAddress. A name of one's own choice may be registered on purpose (setspn), so this alone is a suspicion; confirmed where the look-ups of this run find no address for it.",
		Remedy: "In the virtual server's properties, Delivery, Advanced: set the fully qualified domain name to the computer's own. If the Internet shall see another name, use a virtual server of its own for that; or register the name: setspn -A SMTPSVC/name computer.",
		Refs:   []string{"KB 914137", "Exchange Troubleshooting Assistant help: FQDN of an SMTP virtual server"},
	}
	externalList = &diag.Cause{
		Code: "DNS-EXTERNAL-LIST", Title: "An SMTP virtual server asks DNS servers of its own", Severity: diag.Delayed,
		Text:   "{subject} asks DNS servers of its own: {servers}[; {dead}][; {because}] ({where})",
		Ruled:  "{subject} asks no DNS servers of its own[ but such as answer ({servers})]",
		About:  "An SMTP virtual server may have its own list of external DNS servers. It then asks those and not the computer's: a look-up typed by hand on that computer succeeds, and mail waits for a server that is dead or knows other data.",
		Read:   "msExchSmtpExternalDNSServers of each SMTP virtual server of Exchange 2000/2003, and the look-ups of this run at the servers in it. Confirmed where one of them gives no answer to the sending server; a list alone is a suspicion.",
		Remedy: "In the virtual server's properties, Delivery, Advanced, Configure: empty the list, or name only DNS servers that answer for everything that this server sends to.",
		Refs:   []string{"Exchange 2003 help: Configuring external DNS servers", "Exchange Best Practices Analyzer help: External DNS servers"},
	}
)

// ownNames judges the name and the DNS servers that virtual servers have of
// their own.
func ownNames() *diag.Analyzer {
	return &diag.Analyzer{Name: "virtual-server-dns",
		Doc:    "Judges the name that each SMTP virtual server calls itself, and the DNS servers that it asks.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Uses:   []diag.AnyKey{evidence.Route, evidence.Survey, evidence.Vantage},
		Causes: []*diag.Cause{fqdnMismatch, externalList},
		Run: func(e diag.Evidence) []diag.Finding {
			route, _ := evidence.Route.Lookup(e)
			survey, _ := evidence.Survey.Lookup(e)
			var found []diag.Finding
			for _, v := range virtuals(evidence.Organization.In(e)) {
				found = append(found, v.calledRight(route)...)
				found = append(found, v.resolvers(survey, fromSender(e)))
			}
			return sift(found, "SMTP virtual servers")
		}}
}

func (v virtual) calledRight(route []evidence.Lookup) []diag.Finding {
	switch v.FQDN {
	case "":
		return nil
	case v.host.FQDN:
		return []diag.Finding{v.on(fqdnMismatch, diag.Excluded)}
	}
	if v.host.FQDN == "" {
		return nil // nothing to hold it against
	}
	f := v.on(fqdnMismatch, diag.Confirmed, diag.Text("name", v.FQDN), diag.Text("host", v.host.FQDN))
	if nowhere(route, v.FQDN) {
		f.Args = append(f.Args, diag.Text("dns", "DNS has no address for "+v.FQDN))
		return []diag.Finding{f}
	}
	return []diag.Finding{lessSure(f, "it may be registered for that computer on purpose: setspn -L "+v.host.Name, "")}
}

// nowhere says whether DNS was asked for both kinds of address and has none.
func nowhere(route []evidence.Lookup, name string) bool {
	for _, typ := range []string{"A", "AAAA"} {
		l, asked := evidence.Best(route, name, typ)
		if !asked || !l.Usable() || len(l.Records(typ)) > 0 {
			return false
		}
	}
	return true
}

// resolvers judges the DNS servers of a virtual server by what this run got from
// them. That one is dead for us says little of another machine.
func (v virtual) resolvers(survey []evidence.Lookup, sender bool) diag.Finding {
	addrs := addresses(v.ExternalDNS)
	if len(addrs) == 0 {
		return v.on(externalList, diag.Excluded)
	}
	var dead, unasked []string
	for _, a := range addrs {
		switch answered, asked := asked(survey, a); {
		case !asked:
			unasked = append(unasked, a)
		case !answered:
			dead = append(dead, a)
		}
	}
	f := v.on(externalList, diag.Confirmed, diag.List("servers", addrs))
	switch {
	case len(dead) > 0:
		f.Args = append(f.Args, diag.Text("dead", "no answer comes from "+join(dead)))
		if !sender {
			return lessSure(f, "they may answer the sending server: run this there, and say --input vantage=sender", "")
		}
	case len(unasked) > 0:
		return lessSure(f, "this run did not ask "+join(unasked)+": say --resolver "+unasked[0], "")
	default:
		f.Verdict = diag.Excluded
	}
	return f
}

// asked says whether the survey asked a DNS server, and whether any answer came.
func asked(survey []evidence.Lookup, addr string) (answered, asked bool) {
	for _, l := range survey {
		host, _, err := net.SplitHostPort(l.Server)
		if err == nil && host == addr && !ours(l) {
			asked, answered = true, answered || l.Answered()
		}
	}
	return answered, asked
}

// addresses reads a list of IP addresses, whatever separates them.
func addresses(list string) []string {
	var all []string
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if a, err := netip.ParseAddr(word); err == nil {
			all = append(all, a.Unmap().String())
		} else {
			all = append(all, clip(word, 80))
		}
	}
	return distinct(all)
}
