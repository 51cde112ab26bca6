package analyzers

import (
	"net/netip"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	noAddress = &diag.Cause{
		Code: "DNS-NO-ADDRESS", Title: "The next hop's name has no address", Severity: diag.Stopped,
		Text:   "{subject} {how}; mail for it cannot leave[; {because}]",
		Ruled:  "{subject} has addresses",
		About:  "A name that does not exist, or has neither A nor AAAA, gives the sender nowhere to connect to. Mail waits, or comes back where the answer is final.",
		Read:   "The A and AAAA answers (for a domain, the MX answer too): NXDOMAIN, or NOERROR without data for both families. SERVFAIL and time-outs do not count.",
		Remedy: "Correct the name in the connector or smart host, or register the host in DNS, on the DNS servers that the sending server asks.",
		Refs:   []string{"RFC 5321 section 5.1", "RFC 5321 section 4.5.4.1"},
		Behind: []*diag.Cause{nullMX},
	}
	mxNoAddress = &diag.Cause{
		Code: "DNS-MX-NO-ADDRESS", Title: "An MX host has no address", Severity: diag.Degraded,
		Text:   "the MX host {subject} of {domain} {how}[; {all}]",
		Ruled:  "every MX host of {subject} has an address",
		About:  "An MX record that leads nowhere costs each sender a look-up and is passed over. When all do, nothing can be delivered.",
		Read:   "The A and AAAA answers for each MX host: NXDOMAIN, or NOERROR without data for both families.",
		Remedy: "Delete the MX record, or give the host its address again.",
		Refs:   []string{"RFC 5321 section 5.1", "RFC 2181 section 10.3"},
	}
)

// address judges whether the next hops have addresses.
func address() *diag.Analyzer {
	return &diag.Analyzer{Name: "address",
		Doc:    "Judges whether each next hop has an address to connect to.",
		Needs:  []diag.AnyKey{evidence.Route, evidence.Hops},
		Uses:   []diag.AnyKey{evidence.Survey, evidence.Vantage},
		Causes: []*diag.Cause{noAddress, mxNoAddress},
		Run: func(e diag.Evidence) []diag.Finding {
			survey, _ := evidence.Survey.Lookup(e)
			hops := evidence.Hops.In(e)
			p := phonebook{evidence.Route.In(e), survey, fromSender(e)}
			found := p.gone()
			for _, target := range targets(hops) {
				found = append(found, p.homeless(target, hops)...)
			}
			return found
		}}
}

// A phonebook is what DNS said of the hosts: to a mail server that asks as the
// route does, and at every resolver.
type phonebook struct {
	route, survey []evidence.Lookup
	senders       bool // they are the sending server's own
}

// gone finds the domains that do not exist at all, as a mail server sees it: it
// acts on the first usable answer.
func (p phonebook) gone() []diag.Finding {
	var found []diag.Finding
	for i, l := range p.route {
		best, _ := evidence.Best(p.route, l.Name, "MX")
		if l.Type != "MX" || l.Rcode != "NXDOMAIN" || l.Server != best.Server {
			continue
		}
		f := diag.Finding{Code: noAddress.Code, Verdict: diag.Confirmed, Subject: l.Name, From: []string{ref("dns.route", i)}}
		how := "does not exist in DNS (NXDOMAIN at " + server(l.Server) + ")"
		for _, s := range p.survey {
			if s.Name == l.Name && s.Usable() && s.Rcode == "NOERROR" {
				f.Verdict = diag.Suspected
				how += ", but " + server(s.Server) + " knows it"
				break
			}
		}
		f.Args = []diag.Arg{diag.Text("how", how)}
		found = append(found, f)
	}
	return found
}

func targets(hops []evidence.Hop) []string {
	var all []string
	seen := map[string]bool{}
	for _, h := range hops {
		if !seen[h.Target] {
			seen[h.Target] = true
			all = append(all, h.Target)
		}
	}
	return all
}

// homeless judges the hops of one target.
func (p phonebook) homeless(target string, hops []evidence.Hop) []diag.Finding {
	var without, open []diag.Finding
	housed, byMX := 0, false
	for _, h := range hops {
		if h.Target != target {
			continue
		}
		byMX = byMX || h.How == evidence.ByMX
		if len(h.Addrs) > 0 {
			housed++
		} else if how, sure := p.absence(h.Host); sure {
			without = append(without, p.elsewhere(h, short(p.contested(lacking(h, how)))))
		} else {
			open = append(open, diag.Finding{Code: lacking(h, how).Code, Verdict: diag.Unknown, Subject: h.Host, Args: []diag.Arg{diag.Text("because", how)}})
		}
	}
	if len(without)+len(open) == 0 && !isAddr(target) {
		return []diag.Finding{{Code: lacking(evidence.Hop{How: map[bool]string{true: evidence.ByMX}[byMX]}, "").Code, Verdict: diag.Excluded, Subject: target}}
	}
	for i := range without {
		if byMX && housed+len(open) == 0 {
			without[i].Severity = diag.Stopped
			without[i].Args = append(without[i].Args, diag.Text("all", "no MX host of the domain has one, so mail cannot leave"))
		}
	}
	return append(without, open...)
}

func lacking(h evidence.Hop, how string) diag.Finding {
	c := noAddress
	if h.How == evidence.ByMX {
		c = mxNoAddress
	}
	return diag.Finding{Code: c.Code, Verdict: diag.Confirmed, Subject: h.Host,
		Args: []diag.Arg{diag.Text("domain", h.Target), diag.Text("how", how)}}
}

// absence says why a host has no address, and whether that is sure: both
// families must have been answered.
func (p phonebook) absence(host string) (how string, sure bool) {
	a, _ := evidence.Best(p.route, host, "A")
	aaaa, _ := evidence.Best(p.route, host, "AAAA")
	switch {
	case a.Usable() && (a.Rcode == "NXDOMAIN" || aaaa.Usable() && aaaa.Rcode == "NXDOMAIN"): // of AAAA alone some servers say so of names that exist (RFC 4074)
		return "does not exist in DNS (NXDOMAIN)", true
	case a.Usable() && aaaa.Usable():
		return "exists in DNS but has neither an A nor an AAAA record", true
	}
	return "the look-ups for its addresses failed", false
}

// short weakens what is said of a name without a dot: the sending server may
// complete it with a domain of its search list, which is not known here.
func short(f diag.Finding) diag.Finding {
	if !strings.Contains(f.Subject, ".") {
		f.Verdict = diag.Suspected
		for i := range f.Args {
			if f.Args[i].Name == "how" {
				f.Args[i].Text += " (a short name, which the sending server may complete: give the full name)"
			}
		}
	}
	return f
}

// elsewhere weakens what is said of a server that the operator named: inside an
// organization names are often known to its own DNS servers only.
func (p phonebook) elsewhere(h evidence.Hop, f diag.Finding) diag.Finding {
	if (h.How == evidence.ByName || h.How == evidence.ByConnector) && !p.senders {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "the sending server may ask other DNS servers: run this there, and say --input vantage=sender"))
	}
	return f
}

// contested is suspected only where another resolver has an address.
func (p phonebook) contested(f diag.Finding) diag.Finding {
	for _, s := range p.survey {
		if s.Name == f.Subject && s.Usable() && len(s.Records("A"))+len(s.Records("AAAA")) > 0 {
			f.Verdict = diag.Suspected
			for i := range f.Args {
				if f.Args[i].Name == "how" {
					f.Args[i].Text += ", but " + server(s.Server) + " has an address for it"
				}
			}
			break
		}
	}
	return f
}

func isAddr(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
