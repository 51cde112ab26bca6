package analyzers

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// The names that every Exchange organization from 2007 on has for the groups of
// its servers.
const (
	modernAdminGroup   = "Exchange Administrative Group (FYDIBOHF23SPDLT)"
	modernRoutingGroup = "Exchange Routing Group (DWBGZMFD01QNBJR)"
)

// reexport says how to get what an export lacks.
const reexport = `export the whole configuration, with all attributes: ldifde -f org.ldf -d "CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com" -p subtree`

// An organization is what the directory says, ready to be asked.
type organization struct {
	*evidence.Index
	doubt  string            // why what is missing may only be missing from the export
	shared map[string]bool   // names that several connectors have
	zone   evidence.TimeZone // in which times are told
	now    time.Time
	next   map[string][]string // where connectors lead from a routing group, by keys
}

// org reads the organization.
func org(e diag.Evidence) organization {
	o := evidence.Organization.In(e)
	all := organization{Index: o.Index(), shared: map[string]bool{}, next: map[string][]string{}}
	if len(o.Problems) > 0 {
		all.doubt = "the export is damaged (" + clip(o.Problems[0], 200) + ")"
	}
	seen := map[string]bool{}
	for _, c := range o.Connectors {
		name, from := strings.ToLower(c.Name), all.Key(c.RoutingGroup)
		all.shared[name] = seen[name]
		seen[name] = true
		if c.Destination != "" {
			all.next[from] = append(all.next[from], all.Key(c.Destination))
		}
	}
	return all
}

// named is a connector's name; with its routing group where another has the
// same.
func (o organization) named(c evidence.Connector) string {
	if o.shared[strings.ToLower(c.Name)] {
		return c.Name + " (" + evidence.NameOf(c.RoutingGroup) + ")"
	}
	return c.Name
}

// mostNames bounds a list of names in a sentence.
const mostNames = 8

// unique leaves out what was there before. Lists of organizations are long, so
// that what was there is kept in a map.
func unique(names []string) []string {
	seen, kept := map[string]bool{}, names[:0:0]
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			kept = append(kept, name)
		}
	}
	return kept
}

// join lists names in a sentence.
func join(names []string) string {
	names = unique(names)
	if more := len(names) - mostNames; more > 0 {
		return strings.Join(names[:mostNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// of starts a finding about something that was read from the directory.
func of(c *diag.Cause, v diag.Verdict, subject string, where evidence.Where, args ...diag.Arg) diag.Finding {
	return diag.Finding{Code: c.Code, Verdict: v, Subject: subject, From: []string{read(where)},
		Args: append(args, diag.Text("where", where.String()))}
}

// read names the piece of evidence that something was read from.
func read(where evidence.Where) string {
	return ref(cmp.Or(where.Kind, evidence.OrgEntries.Kind().Name), where.Entry)
}

// about starts a finding about a connector.
func (o organization) about(c *diag.Cause, v diag.Verdict, x evidence.Connector, args ...diag.Arg) diag.Finding {
	args = append(args, diag.Text("kind", x.Kind), diag.Text("from", evidence.NameOf(x.RoutingGroup)))
	if x.Destination != "" {
		args = append(args, diag.Text("to", evidence.NameOf(x.Destination)))
	}
	return of(c, v, o.named(x), x.Where, args...)
}

// undecided is a finding that could not tell.
func undecided(f diag.Finding, because, how string) diag.Finding {
	f.Verdict = diag.Unknown
	f.Args = append(f.Args, diag.Text("because", because), diag.Text("how", how))
	return f
}

// lessSure makes a finding a suspicion and says why, and what it rests on.
func lessSure(f diag.Finding, because, basis string) diag.Finding {
	if f.Verdict == diag.Confirmed {
		f.Verdict = diag.Suspected
	}
	f.Basis = basis
	f.Args = append(f.Args, diag.Text("because", because))
	return f
}

// Who sends over a connector, by its bridgeheads, else by its routing group.
const (
	sentByNobodyKnown = iota
	sentByLegacy      // Exchange 2000 or 2003: System Manager's settings hold
	sentByModern      // Exchange 2007 or later only
)

func (o organization) sender(c evidence.Connector) int {
	dns := c.Sources
	if g := o.Group(c.RoutingGroup); g != nil && len(dns) == 0 {
		dns = g.Members
	}
	legacy, modern := false, evidence.NameOf(c.RoutingGroup) == modernRoutingGroup
	for _, dn := range dns {
		if s := o.Server(dn); s != nil {
			legacy, modern = legacy || s.Legacy(), modern || s.Modern()
		}
	}
	switch {
	case legacy:
		return sentByLegacy
	case modern:
		return sentByModern
	}
	return sentByNobodyKnown
}

// mostRuledOut bounds how many connectors or servers are named one by one as
// free of a cause.
const mostRuledOut = 100

// sift leaves out who is free of a cause that another has: it speaks against
// nothing. Beyond a bound it sums up who is free of it, so that a report of
// thousands of healthy connectors stays one that can be read.
func sift(found []diag.Finding, what string) []diag.Finding {
	guilty, free := map[string]bool{}, map[string]int{}
	for _, f := range found {
		guilty[f.Code] = guilty[f.Code] || f.Verdict >= diag.Suspected
	}
	var kept []diag.Finding
	for _, f := range found {
		if f.Verdict == diag.Excluded {
			if free[f.Code]++; guilty[f.Code] || free[f.Code] > mostRuledOut {
				continue
			}
		}
		kept = append(kept, f)
	}
	for code, n := range free {
		if more := n - mostRuledOut; more > 0 && !guilty[code] {
			kept = append(kept, diag.Finding{Code: code, Subject: fmt.Sprintf("each of %d more %s", more, what)})
		}
	}
	return kept
}
