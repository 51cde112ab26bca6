package analyzers

import (
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var linkState = &diag.Cause{
	Code: "LINK-STATE-NOT-SUPPRESSED", Title: "Several connectors to Exchange 2007 or later, and link state may not be suppressed", Severity: diag.Degraded,
	Text:   "{connectors} join the routing groups of Exchange 2000/2003 with {subject}; {because}",
	Ruled:  "link state needs no attention at {subject}: {because}",
	About:  "Exchange 2003 marks a connector as down and tells the others; Exchange 2007 and later neither hear nor pass that on. With more than one connector between the two, servers then know different routes, and mail loops or stays.",
	Read:   "The number of connectors between the routing groups of both kinds, one way, and SuppressStateChanges in the registry of every 2000/2003 server (registry exports). Confirmed where an export of the key RESvc\\Parameters of one of them lacks the value or has another than 1; without such exports it is never more than a suspicion.",
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

// linkStates counts the connectors between both kinds of routing groups.
func (o organization) linkStates(registry evidence.Registry) []diag.Finding {
	names, modern := o.joins()
	if modern == nil {
		return nil
	}
	f := of(linkState, diag.Excluded, modern.Name, modern.Where)
	if len(names) < 2 {
		f.Args = append(f.Args, diag.Text("because", "only one connector joins each way"))
		return []diag.Finding{f}
	}
	f.Args = append(f.Args, diag.List("connectors", names))
	return []diag.Finding{o.suppressed(f, registry)}
}

// joins lists the connectors between Exchange 2000/2003 and the routing group of
// 2007 and later, in the direction that has more.
func (o organization) joins() (names []string, modern *evidence.RoutingGroup) {
	var out, in []string
	for _, c := range o.Org.Connectors {
		a, b := o.Group(c.RoutingGroup), o.Group(c.Destination)
		switch {
		case a == nil || b == nil || c.Destination == "":
		case o.legacyGroup(a) && b.Name == modernRoutingGroup:
			out, modern = append(out, o.named(c)), b
		case o.legacyGroup(b) && a.Name == modernRoutingGroup:
			in, modern = append(in, o.named(c)), a
		}
	}
	if len(in) > len(out) {
		out = in
	}
	return distinct(out), modern
}

// suppressed joins the topology with the registry exports.
func (o organization) suppressed(f diag.Finding, registry evidence.Registry) diag.Finding {
	const how = `on each Exchange 2000/2003 server run reg query HKLM\System\CurrentControlSet\Services\RESvc\Parameters > %COMPUTERNAME%.txt, and give the files`
	legacy, _ := o.legacyServers()
	set := map[string]bool{}
	unnamed := 0
	for _, m := range registry.Suppressed() {
		switch {
		case !m.Set || m.Value != 1:
			f.Verdict = diag.Confirmed
			f.From = append(f.From, read(m.Where))
			f.Args = append(f.Args, diag.Text("because", "SuppressStateChanges is not 1 in the registry "+whose(m)))
			return f
		case m.Machine == "":
			unnamed++
		default:
			set[strings.ToLower(m.Machine)] = true
		}
	}
	var missing []string
	for _, name := range legacy {
		if !set[strings.ToLower(name)] {
			missing = append(missing, name)
		}
	}
	f.Verdict = diag.Suspected
	switch {
	case len(missing) == 0:
		f.Verdict = diag.Excluded
		f.Args = append(f.Args, diag.Text("because", "link state is suppressed on "+join(legacy)))
	case unnamed > 0:
		f.Args = append(f.Args, diag.Text("because", "it is suppressed where the registry exports come from, and these do not say which servers that is; of "+join(missing)+" it is not known: "+
			`reg query \\SERVER\HKLM\System\CurrentControlSet\Services\RESvc\Parameters names it`))
	default:
		f.Args = append(f.Args, diag.Text("because", "whether link state is suppressed on "+join(missing)+" stands in the registry: "+how))
	}
	return f
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
