package analyzers

import (
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var zoneFails = &diag.Cause{
	Code: "DNS-ZONE-FAILS", Title: "The zone cannot be looked up", Severity: diag.Stopped,
	Text:   "{question} cannot be looked up: {rcodes}[; reason given: {ede}]; {outcome}",
	Ruled:  "{subject} can be looked up",
	About:  "The resolver works, but the servers of this zone fail: they do not answer, are not set up for the zone (lame), or DNSSEC does not validate. Senders must keep the mail and try again.",
	Read:   "The answers of every configured resolver: SERVFAIL, or no answer while other questions are answered; the extended error where the resolver gives one.",
	Remedy: "Tell the owner of the zone (its SOA names the mailbox): check each of its name servers, the delegation, and DNSSEC signatures.",
	Refs:   []string{"RFC 8914", "RFC 5321 section 5.1", "RFC 4033"},
}

// zone judges whether the names of the case can be looked up anywhere.
func zone() *diag.Analyzer {
	return &diag.Analyzer{Name: "zone",
		Doc:    "Judges whether the zones of the next hops can be looked up at any resolver.",
		Needs:  []diag.AnyKey{evidence.Survey},
		Uses:   []diag.AnyKey{evidence.Hops},
		Causes: []*diag.Cause{zoneFails},
		Run: func(e diag.Evidence) []diag.Finding {
			survey := evidence.Survey.In(e)
			hops, _ := evidence.Hops.Lookup(e)
			var found []diag.Finding
			for _, name := range names(survey) {
				found = append(found, zoneFinding(name, survey, hops)...)
			}
			return found
		}}
}

func names(survey []evidence.Lookup) []string {
	var all []string
	seen := map[string]bool{".": true}
	for _, l := range survey {
		if !seen[l.Name] {
			seen[l.Name] = true
			all = append(all, l.Name)
		}
	}
	return all
}

// A poll is what the resolvers said of one name.
type poll struct {
	asked, usable int
	housed        bool              // some answer has data
	failing       []evidence.Lookup // where it is the zone that fails
}

func count(name string, survey []evidence.Lookup) poll {
	var p poll
	for _, l := range survey {
		if l.Name != name || ours(l) {
			continue
		}
		p.asked++
		switch {
		case l.Usable():
			p.usable++
			p.housed = p.housed || len(l.Records(l.Type)) > 0
		case l.Transport == "udp" && zoneFault(l, survey):
			p.failing = append(p.failing, l)
		}
	}
	return p
}

// zoneFault says whether a failed look-up speaks against the zone: a SERVFAIL,
// or silence of a resolver that answers other questions, and not this one over
// TCP either. REFUSED is the resolver's policy towards us.
func zoneFault(l evidence.Lookup, survey []evidence.Lookup) bool {
	if l.Rcode == "SERVFAIL" {
		return true
	}
	overTCP := slices.ContainsFunc(survey, func(o evidence.Lookup) bool {
		return o.Server == l.Server && o.Name == l.Name && o.Type == l.Type && o.Usable()
	})
	return !l.Answered() && !overTCP && works(l.Server, survey)
}

// works says whether a resolver answered any question: then it is not the
// resolver that fails.
func works(addr string, survey []evidence.Lookup) bool {
	return slices.ContainsFunc(survey, func(l evidence.Lookup) bool { return l.Server == addr && l.Usable() })
}

// zoneFinding is confirmed when every resolver that works fails at this zone.
func zoneFinding(name string, survey []evidence.Lookup, hops []evidence.Hop) []diag.Finding {
	p := count(name, survey)
	switch {
	case p.asked == 0:
		return nil
	case len(p.failing) == 0 && p.usable > 0:
		return []diag.Finding{{Code: zoneFails.Code, Verdict: diag.Excluded, Subject: name}}
	case len(p.failing) == 0:
		return []diag.Finding{{Code: zoneFails.Code, Verdict: diag.Unknown, Subject: name,
			Args: []diag.Arg{diag.Text("because", "no resolver that works gave an answer for it"), diag.Text("how", "ask another DNS server: --resolver ADDRESS")}}}
	}
	first := p.failing[0]
	f := diag.Finding{Code: zoneFails.Code, Verdict: diag.Suspected, Subject: name, Args: p.words(first)}
	outcome := "mail for it waits"
	if by, ok := answeredBy(first, survey); ok {
		f.Severity, outcome = diag.Degraded, by+" answers it, so that only those who ask there go on at once"
	} else if p.housed {
		f.Severity, outcome = diag.Degraded, "its other address records are there, but some senders do not go on without this answer"
	} else if works(first.Server, survey) {
		f.Verdict = diag.Confirmed
	} else {
		outcome += ", but this resolver answers nothing else either and may be the one that fails"
	}
	if other, ok := otherHop(name, hops); ok && f.Severity == diag.Unset {
		f.Severity, outcome = diag.Degraded, "senders go on to "+other
	}
	f.Args = append(f.Args, diag.Text("outcome", outcome))
	return []diag.Finding{f}
}

// otherHop finds another exchanger with an address, where the name is that of
// one.
func otherHop(name string, hops []evidence.Hop) (string, bool) {
	for _, h := range hops {
		for _, o := range hops {
			if h.Host == name && h.How == evidence.ByMX && o.Target == h.Target && len(o.Addrs) > 0 {
				return o.Host, true
			}
		}
	}
	return "", false
}

// words are the question that failed and what each resolver said to it.
func (p poll) words(first evidence.Lookup) []diag.Arg {
	var rcodes, ede []string
	for _, l := range p.failing {
		if l.Type == first.Type {
			rcodes = append(rcodes, verdictOf(l))
			ede = append(ede, l.EDE...)
		}
	}
	args := []diag.Arg{diag.Text("question", first.Type+" of "+first.Name), diag.Text("rcodes", strings.Join(distinct(rcodes), ", "))}
	if len(ede) > 0 {
		args = append(args, diag.Text("ede", clip(strings.Join(distinct(ede), ", "), 200)))
	}
	return args
}

func distinct(all []string) []string {
	var kept []string
	for _, s := range all {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

func verdictOf(l evidence.Lookup) string {
	if l.Rcode != "" {
		return l.Rcode + " at " + server(l.Server)
	}
	return "no answer at " + server(l.Server)
}

// answeredBy finds a resolver that answers the same question.
func answeredBy(l evidence.Lookup, survey []evidence.Lookup) (string, bool) {
	for _, o := range survey {
		if o.Name == l.Name && o.Type == l.Type && o.Usable() {
			return server(o.Server), true
		}
	}
	return "", false
}
