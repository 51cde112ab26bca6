package analyzers

import (
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	ptrMissing = &diag.Cause{
		Code: "DNS-PTR-MISSING", Title: "An address has no name in reverse DNS", Severity: diag.Note,
		Text:   "the address of {subject} has no PTR record ({rcode})",
		Ruled:  "the address of {subject} has a PTR record",
		About:  "Receivers look at the name of the address that connects to them. A server without one, when it sends, is put off or refused by many. For receiving mail it does not matter.",
		Read:   "The PTR answer for each address: NXDOMAIN or no data.",
		Remedy: "If this server also sends, have the owner of the address publish a PTR record with its host name.",
		Refs:   []string{"RFC 1912 section 2.1"},
	}
	ptrMismatch = &diag.Cause{
		Code: "DNS-PTR-MISMATCH", Title: "An address's name does not lead back to it", Severity: diag.Note,
		Text:   "the address of {subject} is called {names}, and none of these has that address",
		Ruled:  "the name of the address of {subject} leads back to it",
		About:  "A PTR whose name has another address, or none, proves nothing; receivers treat it as missing when this server sends.",
		Read:   "The PTR answer for each address, and A and AAAA of the names in it.",
		Remedy: "Make the PTR record name a host that has this address.",
		Refs:   []string{"RFC 1912 section 2.1"},
	}
)

// pointers judges the reverse DNS of the next hops' addresses.
func pointers() *diag.Analyzer {
	return &diag.Analyzer{Name: "pointers",
		Doc:    "Judges whether each address has a name that leads back to it.",
		Needs:  []diag.AnyKey{evidence.Hops, evidence.Reverse},
		Causes: []*diag.Cause{ptrMissing, ptrMismatch},
		Run: func(e diag.Evidence) []diag.Finding {
			lookups := evidence.Reverse.In(e)
			var found []diag.Finding
			seen := map[string]bool{}
			for _, h := range evidence.Hops.In(e) {
				for _, a := range h.Addrs {
					if !seen[a] {
						seen[a] = true
						found = append(found, pointerFindings(h.Host, a, lookups)...)
					}
				}
			}
			return found
		}}
}

func pointerFindings(host, addr string, lookups []evidence.Lookup) []diag.Finding {
	l, ok := evidence.Best(lookups, evidence.PointerName(addr), "PTR")
	if !ok || !l.Usable() {
		return nil
	}
	subject := at(host, addr+":25")
	if isV6(addr) {
		subject = at(host, "["+addr+"]:25")
	}
	var called []string
	for _, rr := range l.Records("PTR") {
		called = append(called, rr.Data)
	}
	if len(called) == 0 {
		return []diag.Finding{{Code: ptrMissing.Code, Verdict: diag.Confirmed, Subject: subject, Args: []diag.Arg{diag.Text("rcode", l.Rcode)}}}
	}
	f := diag.Finding{Code: ptrMismatch.Code, Verdict: diag.Excluded, Subject: subject, Args: []diag.Arg{diag.List("names", called)}}
	if back, sure := leadsBack(addr, called, lookups); !back && sure {
		f.Verdict = diag.Confirmed
	} else if !back {
		return nil
	}
	return []diag.Finding{{Code: ptrMissing.Code, Verdict: diag.Excluded, Subject: subject}, f}
}

// leadsBack says whether one of the names has the address, and whether that is
// sure: a failed look-up leaves it open.
func leadsBack(addr string, called []string, lookups []evidence.Lookup) (back, sure bool) {
	typ := "A"
	if isV6(addr) {
		typ = "AAAA"
	}
	sure = true
	for _, name := range called {
		l, ok := evidence.Best(lookups, name, typ)
		sure = sure && ok && l.Usable()
		if slices.ContainsFunc(l.Records(typ), func(rr evidence.RR) bool { return rr.Data == addr }) {
			return true, true
		}
	}
	return false, sure
}

func isV6(addr string) bool { return strings.Contains(addr, ":") }
