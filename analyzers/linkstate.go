package analyzers

import (
	"maps"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var linkState = &diag.Cause{
	Code: "LINK-STATE-NOT-SUPPRESSED", Title: "Several connectors to Exchange 2007 or later, and link state may not be suppressed", Severity: diag.Degraded,
	Text:   "{connectors} join the routing groups of Exchange 2000/2003 with {subject}; {because}",
	Ruled:  "link state needs no attention at {subject}: {because}",
	About:  "Exchange 2003 marks a connector as down and tells the others; Exchange 2007 and later neither hear nor pass that on. With more than one connector between the two, servers then know different routes, and mail loops or stays.",
	Read:   "The number of connectors between the routing groups of both kinds, one way, and SuppressStateChanges in the registry of every 2000/2003 server (registry exports). Confirmed where an export of the key RESvc\\Parameters of one of them lacks the value or has another than 1; without such exports it is never more than a suspicion. Exports of machines that are no 2000/2003 server of the organization say nothing. Ruled out only where the version of every server is known and the export is whole.",
	Remedy: "On every Exchange 2000/2003 server: HKLM\\System\\CurrentControlSet\\Services\\RESvc\\Parameters, DWORD SuppressStateChanges = 1, then restart the SMTP service, the Microsoft Exchange Routing Engine and the MTA Stacks.",
	Refs:   []string{"Exchange 2007 help: How to suppress link state updates"},
}

// linkStates judges whether link state can split what servers know of routes.
func linkStates() *diag.Analyzer {
	return &diag.Analyzer{Name: "link-state",
		Doc:    "Judges whether several connectors join Exchange 2000/2003 with 2007 or later, and whether link state is suppressed.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Uses:   []diag.AnyKey{evidence.OrgRegistry},
		Causes: []*diag.Cause{linkState},
		Run: func(e diag.Evidence) []diag.Finding {
			registry, _ := evidence.OrgRegistry.Lookup(e)
			return org(e).linkStates(registry)
		}}
}

// howSuppressed says how to learn whether link state is suppressed.
const howSuppressed = `on each Exchange 2000/2003 server run reg query HKLM\System\CurrentControlSet\Services\RESvc\Parameters > %COMPUTERNAME%.txt, and give the files`

// linkStates counts the connectors between both kinds of routing groups.
func (o organization) linkStates(registry evidence.Registry) []diag.Finding {
	j := o.joins()
	if j.modern == nil {
		return nil
	}
	f := of(linkState, diag.Excluded, j.modern.Name, j.modern.Where)
	names, may := j.more()
	switch {
	case len(names) >= 2:
		f.Args = append(f.Args, diag.List("connectors", names))
		return []diag.Finding{o.suppressed(f, registry)}
	case may >= 2:
		return []diag.Finding{undecided(f, "whether Exchange 2000/2003 stands in "+j.unknown+" is not known, and so how many connectors join", reexport)}
	case j.joiner != "":
		return []diag.Finding{undecided(f, j.joiner+" may join routing groups too, and where it leads is not known", "look up its Connected Routing Groups in Exchange System Manager: only with one connector each way link state needs no attention")}
	case o.doubt != "":
		return []diag.Finding{undecided(f, o.doubt+": more connectors may join than are known", reexport)}
	}
	f.Args = append(f.Args, diag.Text("because", "only one connector joins each way"))
	return []diag.Finding{f}
}

// A junction is the connectors between Exchange 2000/2003 and the routing group
// of 2007 and later, each way.
type junction struct {
	modern        *evidence.RoutingGroup
	out, in       []string
	mayOut, mayIn int    // more, with groups that may be of 2000/2003
	unknown       string // such a group
	joiner        string // a connector that may join them, too
}

// more gives the connectors of the direction that has more, and how many there
// may be.
func (j junction) more() (names []string, may int) {
	names = unique(j.out)
	if in := unique(j.in); len(in) > len(names) {
		names = in
	}
	return names, max(len(j.out)+j.mayOut, len(j.in)+j.mayIn)
}

// joins finds the connectors between both kinds of routing groups.
func (o organization) joins() junction {
	var j junction
	kinds := o.groupKinds()
	for _, c := range o.Org.Connectors {
		if c.Destination == "" && (len(c.Joins) > 0 || c.Kind == evidence.SiteLink) {
			j.joiner = c.Name
		}
		a, b := o.Group(c.RoutingGroup), o.Group(c.Destination)
		switch {
		case a == nil || b == nil || c.Destination == "":
		case b.Name == modernRoutingGroup:
			j.add(b, a, kinds[a], o.named(c), &j.out, &j.mayOut)
		case a.Name == modernRoutingGroup:
			j.add(a, b, kinds[b], o.named(c), &j.in, &j.mayIn)
		}
	}
	return j
}

// add counts a connector between a group of 2007 and another.
func (j *junction) add(modern, other *evidence.RoutingGroup, kind int, name string, sure *[]string, may *int) {
	switch kind {
	case sentByLegacy:
		*sure, j.modern = append(*sure, name), modern
	case sentByNobodyKnown:
		*may, j.modern, j.unknown = *may+1, modern, other.Name
	}
}

// groupKinds says of each routing group whose it is: that of Exchange 2000/2003
// where one of its servers is; of nobody known where a version is not known, or
// the export does not show its servers.
func (o organization) groupKinds() map[*evidence.RoutingGroup]int {
	kinds := map[*evidence.RoutingGroup]int{}
	for i := range o.Org.RoutingGroups {
		g := &o.Org.RoutingGroups[i]
		kinds[g] = sentByModern
		if len(g.Members) == 0 && !g.Whole {
			kinds[g] = sentByNobodyKnown
		}
		for _, dn := range g.Members {
			if s := o.Server(dn); s == nil || s.Generation == "" {
				kinds[g] = sentByNobodyKnown
			}
		}
		if o.legacyGroup(g) {
			kinds[g] = sentByLegacy
		}
	}
	return kinds
}

// suppressed joins the topology with the registry exports.
func (o organization) suppressed(f diag.Finding, registry evidence.Registry) diag.Finding {
	legacy, whole := o.legacyServers()
	r := o.registrySays(registry)
	missing := r.missing(legacy)
	switch {
	case r.not != nil:
		f.From = append(f.From, read(r.not.Where))
		f.Verdict = diag.Confirmed
		f.Args = append(f.Args, diag.Text("because", "SuppressStateChanges is not 1 in the registry "+whose(*r.not)))
	case r.differ != "":
		return undecided(f, r.differ, howSuppressed)
	case r.unnamedNot != nil && (len(missing) == 0 || r.unnamedSet > 0):
		return undecided(f, "a registry export that names no server ("+r.unnamedNot.Where.String()+") differs from the others", howSuppressed)
	case r.unnamedNot != nil:
		f.From = append(f.From, read(r.unnamedNot.Where))
		f.Verdict = diag.Confirmed
		f.Args = append(f.Args, diag.Text("because", "SuppressStateChanges is not 1 in the registry "+whose(*r.unnamedNot)))
	case len(missing) > 0:
		return inDoubt(f, missing, r.unnamedSet)
	case !whole:
		return undecided(f, "link state is suppressed on "+join(legacy)+", and more servers of Exchange 2000/2003 may stand among those of unknown version", "also give Get-ExchangeServer | Export-Clixml servers.xml")
	case o.doubt != "":
		return undecided(f, "link state is suppressed on "+join(legacy)+", and more servers may be missing: "+o.doubt, reexport)
	default:
		f.Args = append(f.Args, diag.Text("because", "link state is suppressed on "+join(legacy)))
	}
	return f
}

// inDoubt is a suspicion that the registry of some servers decides.
func inDoubt(f diag.Finding, missing []string, unnamed int) diag.Finding {
	f.Verdict = diag.Suspected
	if unnamed > 0 {
		f.Args = append(f.Args, diag.Text("because", "it is suppressed where the registry exports come from, and these do not say which servers that is; of "+join(missing)+" it is not known: "+
			`reg query \\SERVER\HKLM\System\CurrentControlSet\Services\RESvc\Parameters names it`))
		return f
	}
	f.Args = append(f.Args, diag.Text("because", "whether link state is suppressed on "+join(missing)+" stands in the registry: "+howSuppressed))
	return f
}

// A suppression is what registry exports of servers of Exchange 2000/2003 say of
// SuppressStateChanges.
type suppression struct {
	set        map[string]bool          // by server, in lower case: whether it is 1
	not        *evidence.MachineSetting // the first that is not
	differ     string                   // of one server, and no other is not
	unnamedSet int                      // exports that name no server
	unnamedNot *evidence.MachineSetting
}

// registrySays sorts registry exports by server. Those of machines that are no
// server of Exchange 2000/2003 here say nothing.
func (o organization) registrySays(registry evidence.Registry) suppression {
	r := suppression{set: map[string]bool{}}
	servers := o.legacyByName()
	nots := map[string]*evidence.MachineSetting{}
	both := map[string]bool{}
	for _, m := range registry.Suppressed() {
		on, server := m.Set && m.Value == 1, servers[strings.ToLower(m.Machine)]
		was, seen := r.set[server]
		switch {
		case m.Machine == "" && on:
			r.unnamedSet++
		case m.Machine == "":
			r.unnamedNot = &m
		case server == "":
		case seen && was != on:
			both[server] = true
		case on:
			r.set[server] = true
		case !seen:
			r.set[server], nots[server] = false, &m
		}
	}
	for _, server := range slices.Sorted(maps.Keys(r.set)) {
		switch {
		case both[server]:
			r.differ = "two registry exports of " + strings.ToUpper(server) + " differ"
		case !r.set[server] && r.not == nil:
			r.not = nots[server]
		}
	}
	return r
}

// legacyByName finds servers of Exchange 2000/2003, in lower case, by what a
// machine may be called: its name, or that with its domain.
func (o organization) legacyByName() map[string]string {
	all := map[string]string{}
	for _, s := range o.Org.Servers {
		if s.Legacy() {
			name := strings.ToLower(s.Name)
			all[name] = name
			if s.FQDN != "" {
				all[strings.ToLower(s.FQDN)] = name
			}
		}
	}
	return all
}

// missing lists the servers that no export is of.
func (r suppression) missing(servers []string) []string {
	var all []string
	for _, name := range servers {
		if _, known := r.set[strings.ToLower(name)]; !known {
			all = append(all, name)
		}
	}
	return all
}

// whose says which server's registry it is.
func whose(m evidence.MachineSetting) string {
	if m.Machine == "" {
		return "of the server that the export was made on (" + m.Where.String() + ")"
	}
	return "of " + m.Machine + " (" + m.Where.String() + ")"
}

// legacyGroup says whether Exchange 2000 or 2003 stands in a routing group.
func (o organization) legacyGroup(g *evidence.RoutingGroup) bool {
	for _, dn := range g.Members {
		if s := o.Server(dn); s != nil && s.Legacy() {
			return true
		}
	}
	return false
}
