package analyzers

import (
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var zoneFails = &diag.Cause{
	Code: "DNS-ZONE-FAILS", Title: "The zone cannot be looked up", Severity: diag.Stopped,
	Text:   "{question} cannot be looked up: {rcodes}[; reason given: {ede}]; mail for it waits",
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
		Causes: []*diag.Cause{zoneFails},
		Run: func(e diag.Evidence) []diag.Finding {
			survey := evidence.Survey.In(e)
			var found []diag.Finding
			for _, name := range names(survey) {
				found = append(found, zoneFinding(name, survey)...)
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
	usable, failing, asked int
	rcodes, ede            []string
	question               string
}

func count(name string, survey []evidence.Lookup) poll {
	p := poll{question: name}
	for _, l := range survey {
		if l.Name != name || l.Transport != "udp" || ours(l) {
			continue
		}
		p.asked++
		if l.Usable() {
			p.usable++
		} else if l.Rcode == "SERVFAIL" || (!l.Answered() && works(l.Server, survey)) {
			p.failing++
			p.question = l.Type + " of " + name
			p.rcodes = append(p.rcodes, verdictOf(l))
			p.ede = append(p.ede, l.EDE...)
		}
	}
	return p
}

func verdictOf(l evidence.Lookup) string {
	if l.Rcode != "" {
		return l.Rcode + " at " + server(l.Server)
	}
	return "no answer at " + server(l.Server)
}

// works says whether a resolver answered any other question: then it is not
// the resolver that fails.
func works(addr string, survey []evidence.Lookup) bool {
	for _, l := range survey {
		if l.Server == addr && l.Usable() {
			return true
		}
	}
	return false
}

// zoneFinding is confirmed when every resolver that works fails at this zone.
// REFUSED is the resolver's policy towards us and says nothing of the zone.
func zoneFinding(name string, survey []evidence.Lookup) []diag.Finding {
	p := count(name, survey)
	switch {
	case p.asked == 0:
		return nil
	case p.usable > 0 && p.failing == 0:
		return []diag.Finding{{Code: zoneFails.Code, Verdict: diag.Excluded, Subject: name}}
	case p.failing == 0:
		return []diag.Finding{{Code: zoneFails.Code, Verdict: diag.Unknown, Subject: name,
			Args: []diag.Arg{diag.Text("because", "no resolver that works gave an answer for it"), diag.Text("how", "ask another DNS server: --resolver ADDRESS")}}}
	}
	f := diag.Finding{Code: zoneFails.Code, Verdict: diag.Suspected, Subject: name,
		Args: []diag.Arg{diag.Text("question", p.question), diag.Text("rcodes", strings.Join(p.rcodes, ", "))}}
	if len(p.ede) > 0 {
		f.Args = append(f.Args, diag.Text("ede", clip(strings.Join(p.ede, ", "), 200)))
	}
	if p.usable == 0 && (len(p.ede) > 0 || anyWorks(name, survey)) {
		f.Verdict = diag.Confirmed
	}
	return []diag.Finding{f}
}

// anyWorks says whether a resolver that fails at this name is sound otherwise.
func anyWorks(name string, survey []evidence.Lookup) bool {
	for _, l := range survey {
		if l.Name == name && !l.Usable() && works(l.Server, survey) {
			return true
		}
	}
	return false
}
