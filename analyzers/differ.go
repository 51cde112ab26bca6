package analyzers

import (
	"net/netip"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var answersDiffer = &diag.Cause{
	Code: "DNS-ANSWERS-DIFFER", Title: "DNS servers give different answers", Severity: diag.Degraded,
	Text:   "{question}: {one} says {first}, but {two} says {second}[; {because}]",
	Ruled:  "every answer for {subject} agrees",
	About:  "Where resolvers disagree, the way that mail takes depends on which one a server happens to ask: one message goes at once, the next to an old or wrong address. A split between inside and outside may be meant so.",
	Read:   "The answers of each resolver over UDP and TCP, compared as sets: order and TTL do not count. A server that disagrees with itself may only be rotating its answers, and addresses that are given out for minutes only may be spread on purpose.",
	Remedy: "Find out which answer is right; then mend the zone, the stale secondary or the cache, or point the sending server to the right resolver.",
	Refs:   []string{"RFC 1034 section 4.3.5"},
}

// differ compares the answers of the resolvers.
func differ() *diag.Analyzer {
	return &diag.Analyzer{Name: "differ",
		Doc:    "Compares what the resolvers say, and what one says over UDP and over TCP.",
		Needs:  []diag.AnyKey{evidence.Survey},
		Causes: []*diag.Cause{answersDiffer},
		Run: func(e diag.Evidence) []diag.Finding {
			survey := evidence.Survey.In(e)
			var found []diag.Finding
			for _, name := range names(survey) {
				found = append(found, compare(name, survey)...)
			}
			return found
		}}
}

// An opinion is what one server says over one transport.
type opinion struct {
	server, transport, says string
	spread                  bool
}

func compare(name string, survey []evidence.Lookup) []diag.Finding {
	compared := false
	for _, typ := range []string{"MX", "A", "AAAA"} {
		all := opinions(name, typ, survey)
		compared = compared || len(all) > 1
		if f, differs := dispute(name, typ, all); differs {
			return []diag.Finding{f}
		}
	}
	if !compared {
		return nil
	}
	return []diag.Finding{{Code: answersDiffer.Code, Verdict: diag.Excluded, Subject: name}}
}

func opinions(name, typ string, survey []evidence.Lookup) []opinion {
	var all []opinion
	for _, l := range survey {
		if l.Name == name && l.Type == typ && l.Usable() {
			all = append(all, opinion{l.Server, l.Transport, data(l), spread(l)})
		}
	}
	return all
}

// spread says whether these are public addresses that live for five minutes at
// most: large providers give every resolver others, to balance the load.
func spread(l evidence.Lookup) bool {
	all := l.Records(l.Type)
	return l.Type != "MX" && len(all) > 0 && !slices.ContainsFunc(all, func(rr evidence.RR) bool {
		at, _ := netip.ParseAddr(rr.Data)
		return rr.TTL > 300 || at.IsPrivate()
	})
}

func data(l evidence.Lookup) string {
	var all []string
	for _, rr := range l.Records(l.Type) {
		item := strings.ToLower(rr.Data)
		if l.Type == "MX" {
			item = diag.Number("", rr.Pref).String() + " " + item
		}
		all = append(all, item)
	}
	switch {
	case len(all) == 0 && l.Type != "MX":
		return "that there is none" // whether the name exists makes no difference to a sender
	case len(all) == 0:
		return l.Rcode + ", no data"
	}
	slices.Sort(all)
	return clip(strings.Join(slices.Compact(all), ", "), 200)
}

// dispute finds two opinions that differ. Between servers that each agree with
// themselves it is confirmed; within one server it may be rotation.
func dispute(name, typ string, all []opinion) (diag.Finding, bool) {
	f, found := diag.Finding{}, false
	for i, a := range all {
		for _, b := range all[:i] {
			if a.says == b.says {
				continue
			}
			balanced := a.spread && b.spread
			sure := a.server != b.server && steady(a.server, all) && steady(b.server, all) && !balanced
			if found && !sure {
				continue
			}
			f, found = diag.Finding{Code: answersDiffer.Code, Verdict: diag.Suspected, Subject: name, Args: []diag.Arg{
				diag.Text("question", typ+" of "+name),
				diag.Text("one", who(b, a)), diag.Text("first", b.says), diag.Text("two", who(a, b)), diag.Text("second", a.says)}}, true
			if balanced {
				f.Args = append(f.Args, diag.Text("because", "they live for minutes only, so that the provider may give different ones out on purpose"))
			}
			if sure {
				f.Verdict = diag.Confirmed
				return f, true
			}
		}
	}
	return f, found
}

func who(a, other opinion) string {
	if a.server == other.server {
		return server(a.server) + " over " + a.transport
	}
	return server(a.server)
}

func steady(addr string, all []opinion) bool {
	says := ""
	for _, o := range all {
		if o.server == addr {
			if says != "" && says != o.says {
				return false
			}
			says = o.says
		}
	}
	return true
}
