package analyzers

import (
	"mailflow/diag"
	"mailflow/evidence"
)

var connectorMissing = &diag.Cause{
	Code: "CONNECTOR-MISSING", Title: "No connector leads from one routing group to another", Severity: diag.Stopped,
	Text:   "no connector leads from {from} to {to}[; {because}]",
	Ruled:  "connectors lead from every routing group with servers to every other",
	About:  "Connectors lead one way only, so that two routing groups need a pair. Where one is missing (setup of Exchange 2007 makes the pair only when it is told of a legacy server) mail in that direction stays in \"Messages with an unreachable destination\", or in the Unreachable queue of Exchange 2007 and later.",
	Read:   "The routing groups that have servers, and the connectors from each (msExchDestinationRGDN), also over others between. Confirmed where the export shows the connectors of the group and no way on.",
	Remedy: "Make the connector in the direction that lacks it; between Exchange 2003 and 2007: New-RoutingGroupConnector -Name ... -SourceTransportServers ... -TargetTransportServers ... -Cost 100 -Bidirectional $true.",
	Refs:   []string{"KB 267992", "KB 319416", "Exchange 2007 help: How to create a routing group connector"},
}

// paths judges whether mail can get from each routing group to each other.
func paths() *diag.Analyzer {
	return &diag.Analyzer{Name: "routing-paths",
		Doc:    "Judges whether connectors lead from every routing group to every other.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{connectorMissing},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			return o.ways()
		}}
}

// peopled lists the routing groups that have servers.
func (o organization) peopled() []evidence.RoutingGroup {
	var all []evidence.RoutingGroup
	for _, g := range o.Org.RoutingGroups {
		if len(g.Members) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// ways judges whether each group can be reached from each other.
func (o organization) ways() []diag.Finding {
	groups := o.peopled()
	if len(groups) < 2 {
		return nil
	}
	var found []diag.Finding
	to, from := map[string][]evidence.RoutingGroup{}, map[string][]evidence.RoutingGroup{}
	for _, a := range groups {
		reach := o.reachable(a)
		for _, b := range groups {
			if !reach[o.Key(b.DN)] {
				to[a.DN], from[b.DN] = append(to[a.DN], b), append(from[b.DN], a)
			}
		}
	}
	for _, g := range groups {
		switch { // told by the side that says it in fewer sentences
		case len(from) <= len(to) && len(from[g.DN]) > 0:
			found = append(found, o.noWay(from[g.DN], []evidence.RoutingGroup{g}, g))
		case len(from) > len(to) && len(to[g.DN]) > 0:
			found = append(found, o.noWay([]evidence.RoutingGroup{g}, to[g.DN], g))
		}
	}
	if len(found) == 0 {
		return []diag.Finding{{Code: connectorMissing.Code, Subject: o.Org.Name, From: []string{read(groups[0].Where)}}}
	}
	return found
}

// reachable walks the connectors from a group on.
func (o organization) reachable(a evidence.RoutingGroup) map[string]bool {
	start := o.Key(a.DN)
	seen := map[string]bool{start: true}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, next := range o.next[queue[0]] {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return seen
}

// noWay says that some groups cannot be reached from others. It is sure where
// the connectors of each group that lacks the way are known, and none of them
// may join groups by other means.
func (o organization) noWay(from, to []evidence.RoutingGroup, about evidence.RoutingGroup) diag.Finding {
	because := o.doubt
	for _, a := range from {
		if !a.Connectors {
			because = "the export does not show the connectors of " + a.Name
		}
		if name := o.joiner(a); name != "" {
			because = name + " may join routing groups too"
		}
	}
	f := of(connectorMissing, diag.Confirmed, about.Name, about.Where, diag.Text("from", join(groupNames(from))), diag.Text("to", join(groupNames(to))))
	if because != "" {
		return lessSure(f, because, "")
	}
	return f
}

func groupNames(groups []evidence.RoutingGroup) []string {
	var all []string
	for _, g := range groups {
		all = append(all, g.Name)
	}
	return all
}

// joiner finds a connector of a group that may lead to another and does not name
// it: SMTP and X.400 connectors name what they join in other ways.
func (o organization) joiner(g evidence.RoutingGroup) string {
	for _, c := range o.Org.Connectors {
		if o.Same(c.RoutingGroup, g.DN) && c.Destination == "" && (len(c.Joins) > 0 || c.Kind == evidence.SiteLink) {
			return c.Name
		}
	}
	return ""
}
