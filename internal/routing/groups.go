package routing

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"mailflow/evidence"
)

// nowhere is no routing group.
const nowhere = -1

// modernRoutingGroup is the name that the routing group of all servers from 2007
// on has in every organization (knowledge/exchange.md 2.1).
const modernRoutingGroup = "Exchange Routing Group (DWBGZMFD01QNBJR)"

// A group is a routing group.
type group struct {
	name   string
	key    string
	modern bool                   // its servers route by sites, not by link state
	rg     *evidence.RoutingGroup // nil where the export only refers to it
	legacy int                    // how many servers of 2000/2003 it has
	later  int                    // how many of 2007 or later
}

// A link leads one way from a routing group to another.
type link struct {
	c        *evidence.Connector
	from, to int
	cost     int
	notes    []string // what is odd about it
}

// A topology is an organization, ready to be asked for ways.
type topology struct {
	org     *evidence.Org
	ix      *evidence.Index
	groups  []group
	byKey   map[string]int // groups by distinguished name
	bySpell map[string]int // and by each way it is written
	byGroup map[string]int // and by name
	modern  int            // the group of all servers from 2007 on; nowhere if there are none
	links   []link
	graph   *graph
	sites   *siteMap
	byName  map[string]*evidence.Server
	strange []string // connectors that join what is not among the routing groups
}

func newTopology(org *evidence.Org) *topology {
	t := &topology{org: org, ix: org.Index(), byKey: map[string]int{}, bySpell: map[string]int{}, byGroup: map[string]int{}, byName: map[string]*evidence.Server{}, modern: nowhere}
	t.nameServers()
	t.makeGroups()
	for i := range org.Servers {
		t.count(&org.Servers[i])
	}
	for i := range t.groups {
		g := &t.groups[i]
		g.modern = i == t.modern || g.later > 0 && g.legacy == 0
	}
	for i := range org.Connectors {
		t.connect(&org.Connectors[i])
	}
	slices.Sort(t.strange)
	t.strange = slices.Compact(t.strange)
	t.sites = newSiteMap(org)
	return t
}

// makeGroups makes a node of each routing group, those too that something only
// refers to.
func (t *topology) makeGroups() {
	for i := range t.org.RoutingGroups {
		rg := &t.org.RoutingGroups[i]
		if at := t.group(rg.DN); at != nowhere {
			t.groups[at].rg = rg
		}
	}
	later := len(t.org.Sites) > 0
	for _, s := range t.org.Servers {
		later = later || s.Modern()
		t.group(s.RoutingGroup)
	}
	for _, c := range t.org.Connectors {
		later = later || c.Kind == evidence.SendLink
		t.group(c.RoutingGroup)
		t.group(c.Destination)
	}
	for i, g := range t.groups {
		if had, ok := t.byGroup[fold(g.name)]; !ok || g.key < t.groups[had].key {
			t.byGroup[fold(g.name)] = i
		}
	}
	// An export of cmdlets does not name the group of servers from 2007 on.
	if at, ok := t.byGroup[fold(modernRoutingGroup)]; ok {
		t.modern = at
	} else if later {
		t.modern = t.group("CN=" + modernRoutingGroup)
		t.byGroup[fold(modernRoutingGroup)] = t.modern
	}
}

// group is the node of a routing group; nowhere for no name.
func (t *topology) group(dn string) int {
	if dn == "" {
		return nowhere
	}
	if at, ok := t.bySpell[dn]; ok {
		return at
	}
	key := t.ix.Key(dn)
	at, ok := t.byKey[key]
	if !ok {
		at = len(t.groups)
		t.byKey[key] = at
		t.groups = append(t.groups, group{name: evidence.NameOf(dn), key: key})
	}
	t.bySpell[dn] = at
	return at
}

func (t *topology) count(s *evidence.Server) {
	if at := t.groupOf(s); at != nowhere && s.Legacy() {
		t.groups[at].legacy++
	} else if at != nowhere && s.Modern() {
		t.groups[at].later++
	}
}

// groupOf is the routing group of a server; nowhere if it is not known.
func (t *topology) groupOf(s *evidence.Server) int {
	if s.RoutingGroup == "" && s.Modern() {
		return t.modern
	}
	return t.group(s.RoutingGroup)
}

// groupNamed finds a routing group by its name or distinguished name.
func (t *topology) groupNamed(name string) int {
	if at, ok := t.byKey[t.ix.Key(name)]; ok && strings.Contains(name, "=") {
		return at
	}
	if at, ok := t.byGroup[fold(name)]; ok {
		return at
	}
	return nowhere
}

// standsIn is the routing group of a connector.
func (t *topology) standsIn(c *evidence.Connector) int {
	if c.RoutingGroup == "" && c.Kind == evidence.SendLink {
		return t.modern
	}
	return t.group(c.RoutingGroup)
}

// connect adds the links that a connector makes. SMTP and X.400 connectors may
// join routing groups too (Admin help); how the directory names these is
// documented nowhere, so that names and distinguished names are both taken.
func (t *topology) connect(c *evidence.Connector) {
	cost, notes := connectorCost(c)
	from := t.standsIn(c)
	switch {
	case from == nowhere:
		return
	case c.Destination != "":
		t.links = append(t.links, link{c, from, t.group(c.Destination), cost, notes})
		return
	case c.Kind == evidence.SiteLink:
		t.strange = append(t.strange, c.Name)
	}
	for _, j := range c.Joins {
		t.join(link{c, from, nowhere, cost, notes}, j)
	}
}

// join adds the link of a connector to a routing group that it joins: the group's
// name, or distinguished name, and perhaps the cost after a semicolon.
func (t *topology) join(l link, name string) {
	if before, after, ok := cutLast(name, ";"); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(after)); err == nil {
			name = before
			l.cost, l.notes = clamp(n)
		}
	}
	if l.to = t.groupNamed(name); l.to == nowhere {
		t.strange = append(t.strange, l.c.Name)
		return
	}
	l.notes = append(slices.Clone(l.notes), "it is an "+l.c.Kind+" that joins routing groups; how the directory writes the group and the cost is documented nowhere")
	t.links = append(t.links, l)
}

// mostCost bounds costs: System Manager takes 1 to 100, and sums must not
// overflow.
const mostCost = 1_000_000

// connectorCost is the cost of a routing group connector: 1 where none is set,
// as New-RoutingGroupConnector does (knowledge/exchange.md, RC-11).
func connectorCost(c *evidence.Connector) (int, []string) {
	if c.Cost == nil {
		return 1, []string{"its cost was not given: 1 is taken, the default of the cmdlets"}
	}
	return clamp(*c.Cost)
}

func clamp(n int) (int, []string) {
	if c := min(max(n, 0), mostCost); c != n {
		return c, []string{"its cost of " + strconv.Itoa(n) + " makes no sense: " + strconv.Itoa(c) + " is taken"}
	}
	return n, nil
}

// weigh makes the graph. A server of 2007 or later that may choose among paths of
// the same cost takes the one whose first connector is nearer, by the costs of
// site links (bb232193).
func (w *walk) weigh() {
	w.graph = newGraph(len(w.groups))
	modern := w.groups[w.group].modern
	for id, l := range w.links {
		wt := weight{cost: l.cost, hops: 1}
		if modern && l.from == w.group && len(w.org.SiteLinks) > 0 {
			wt.site = w.siteCost(w.posts(l.c.Sources, nil))
		}
		w.graph.add(l.from, l.to, wt, id)
	}
}

// names lists the connectors of a path.
func (w *walk) names(way []edge) []string {
	var all []string
	for _, e := range way {
		all = append(all, w.links[e.id].c.Name)
	}
	return all
}

// byLink puts the connectors of paths that cost the same in one order, whatever
// the order of the export.
func (w *walk) byLink(a, b edge) int {
	x, y := w.links[a.id].c, w.links[b.id].c
	return cmp.Or(cmp.Compare(fold(x.Name), fold(y.Name)), cmp.Compare(x.DN, y.DN), cmp.Compare(x.RoutingGroup, y.RoutingGroup),
		cmp.Compare(w.groups[a.node].key, w.groups[b.node].key))
}
