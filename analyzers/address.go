package analyzers

import (
	"net/netip"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	noAddress = &diag.Cause{
		Code: "DNS-NO-ADDRESS", Title: "The next hop's name has no address", Severity: diag.Stopped,
		Text:   "{subject} {how}; mail for it cannot leave",
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
		Causes: []*diag.Cause{noAddress, mxNoAddress},
		Run: func(e diag.Evidence) []diag.Finding {
			lookups, hops := evidence.Route.In(e), evidence.Hops.In(e)
			found := gone(lookups)
			for _, target := range targets(hops) {
				found = append(found, homeless(target, hops, lookups)...)
			}
			return found
		}}
}

// gone finds the domains that do not exist at all.
func gone(lookups []evidence.Lookup) []diag.Finding {
	var found []diag.Finding
	seen := map[string]bool{}
	for i, l := range lookups {
		if l.Type == "MX" && l.Rcode == "NXDOMAIN" && !seen[l.Name] {
			seen[l.Name] = true
			found = append(found, diag.Finding{Code: noAddress.Code, Verdict: diag.Confirmed, Subject: l.Name, From: []string{ref("dns.route", i)},
				Args: []diag.Arg{diag.Text("how", "does not exist in DNS (NXDOMAIN at "+server(l.Server)+")")}})
		}
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
func homeless(target string, hops []evidence.Hop, lookups []evidence.Lookup) []diag.Finding {
	var without, open []diag.Finding
	housed, byMX := 0, false
	for _, h := range hops {
		if h.Target != target {
			continue
		}
		byMX = byMX || h.How == evidence.ByMX
		if len(h.Addrs) > 0 {
			housed++
		} else if how, sure := absence(h.Host, lookups); sure {
			without = append(without, lacking(h, how))
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
func absence(host string, lookups []evidence.Lookup) (how string, sure bool) {
	a, _ := evidence.Best(lookups, host, "A")
	aaaa, _ := evidence.Best(lookups, host, "AAAA")
	switch {
	case a.Rcode == "NXDOMAIN" || aaaa.Rcode == "NXDOMAIN":
		return "does not exist in DNS (NXDOMAIN)", true
	case a.Rcode == "NOERROR" && aaaa.Rcode == "NOERROR":
		return "exists in DNS but has neither an A nor an AAAA record", true
	}
	return "the look-ups for its addresses failed", false
}

func isAddr(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
