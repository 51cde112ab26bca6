package routing

import (
	"cmp"
	"slices"
	"strings"

	"mailflow/evidence"
)

// defaultLinkCost is what a site link of Active Directory costs that nobody has
// set (ActiveDirectorySiteLink.Cost on learn.microsoft.com).
const defaultLinkCost = 100

// A siteMap is what joins the sites of Active Directory. Its graph has a node
// for each site and, after them, one for each link, as a link may join many
// sites and each two of them at its cost.
type siteMap struct {
	names []string
	byKey map[string]int
	hub   []*bool // mail on a least-cost path over it stops there; nil where unknown
	hosts [][]*evidence.Server
	links []*evidence.ADSiteLink
	graph *graph
	best  map[int][]weight // by the site that the paths start from
}

// siteKey is the name of a site as sites are compared: an export says it as a
// distinguished name, as a path (contoso.com/Configuration/Sites/Berlin) or
// plainly.
func siteKey(name string) string { return strings.ToLower(siteName(name)) }

func siteName(name string) string {
	if strings.Contains(name, "=") {
		return evidence.NameOf(name)
	}
	if _, after, ok := cutLast(name, "/Sites/"); ok {
		name = after
	}
	return strings.TrimSpace(name)
}

func newSiteMap(org *evidence.Org) *siteMap {
	m := &siteMap{byKey: map[string]int{}, best: map[int][]weight{}}
	for _, s := range org.Sites {
		at := m.site(cmp.Or(s.Name, s.DN))
		if s.Hub != nil && (m.hub[at] == nil || *s.Hub) {
			m.hub[at] = s.Hub
		}
	}
	for i := range org.Servers {
		if s := &org.Servers[i]; s.Modern() && s.Site != "" {
			at := m.site(s.Site)
			m.hosts[at] = append(m.hosts[at], s)
		}
	}
	for i := range org.SiteLinks {
		m.links = append(m.links, &org.SiteLinks[i])
		for _, s := range org.SiteLinks[i].Sites {
			m.site(s)
		}
	}
	for _, hosts := range m.hosts {
		slices.SortFunc(hosts, func(a, b *evidence.Server) int { return cmp.Compare(a.Name, b.Name) })
	}
	m.connect()
	return m
}

func (m *siteMap) site(name string) int {
	key := siteKey(name)
	if at, ok := m.byKey[key]; ok {
		return at
	}
	m.byKey[key] = len(m.names)
	m.names, m.hub, m.hosts = append(m.names, siteName(name)), append(m.hub, nil), append(m.hosts, nil)
	return m.byKey[key]
}

func (m *siteMap) connect() {
	m.graph = newGraph(len(m.names) + len(m.links))
	for i, l := range m.links {
		cost, _ := linkCost(l)
		for _, s := range l.Sites {
			at := m.site(s)
			m.graph.add(at, len(m.names)+i, weight{site: cost, hops: 1}, i)
			m.graph.add(len(m.names)+i, at, weight{}, i)
		}
	}
}

// linkCost is what a site link costs: the cost for Exchange where it is set, else
// that for replication (Team blog).
func linkCost(l *evidence.ADSiteLink) (int, []string) {
	switch {
	case l.ExchangeCost != nil:
		return clamp(*l.ExchangeCost)
	case l.Cost != nil:
		return clamp(*l.Cost)
	}
	return defaultLinkCost, []string{"the cost of " + l.Name + " was not given: 100 is taken, the default of Active Directory"}
}

// from weighs the best paths from a site.
func (m *siteMap) from(start int) []weight {
	if m.best[start] == nil {
		m.best[start] = m.graph.reach(start, open)
	}
	return m.best[start]
}

func open(int) bool { return false }

// A stretch is a step of a path between sites.
type stretch struct {
	to   int // the site
	link *evidence.ADSiteLink
}

// way is the least-cost path between two sites: the lowest sum of costs, then the
// fewest links, then the site before the last with the lower name, and so on
// backwards (Team blog; Mail routing). False if no links lead there.
func (m *siteMap) way(start, goal int, shut func(id int) bool) ([]stretch, weight, bool) {
	best := m.from(start)
	if shut == nil {
		shut = open
	} else {
		best = m.graph.reach(start, shut)
	}
	if best[goal] == unreached {
		return nil, unreached, false
	}
	var way []stretch
	for at := goal; at != start; {
		s, before := m.before(best, at, shut)
		way = append(way, s)
		at = before
	}
	slices.Reverse(way)
	return way, best[goal], true
}

// before is the last step of the best path to a site.
func (m *siteMap) before(best []weight, at int, shut func(id int) bool) (stretch, int) {
	found := stretch{to: at}
	from := -1
	for _, in := range m.graph.in[at] {
		if shut(in.id) || best[in.node] == unreached || best[in.node] != best[at] {
			continue
		}
		for _, e := range m.graph.in[in.node] {
			if best[e.node] == unreached || best[e.node].plus(e.w) != best[at] {
				continue
			}
			if l := m.links[e.id]; from < 0 || cmp.Or(cmp.Compare(fold(m.names[e.node]), fold(m.names[from])), cmp.Compare(fold(l.Name), fold(found.link.Name))) < 0 {
				from, found.link = e.node, l
			}
		}
	}
	return found, from
}

// siteOf is the site of a server; false if the export does not tell.
func (m *siteMap) siteOf(s *evidence.Server) (int, bool) {
	if s == nil || s.Site == "" {
		return 0, false
	}
	at, ok := m.byKey[siteKey(s.Site)]
	return at, ok
}

// siteCost is the cost of the site links from where the message is to the nearest
// of some servers; 0 where that is not known.
func (w *walk) siteCost(to []post) int {
	start, ok := w.sites.siteOf(w.at[0].server)
	if !ok {
		return 0
	}
	least := -1
	for _, p := range to {
		if at, ok := w.sites.siteOf(p.server); ok {
			if got := w.sites.from(start)[at]; got != unreached && (least < 0 || got.site < least) {
				least = got.site
			}
		}
	}
	return max(least, 0)
}

// The families of servers that deliver into mailboxes of their own kind only: a
// mailbox of 2007 or 2010 is served by hubs of its version, one of 2013 or later
// by any server of 2013 or later (Mail routing, table of delivery groups).
func family(s *evidence.Server) int {
	switch s.Generation {
	case "exchange-2007":
		return 2007
	case "exchange-2010":
		return 2010
	}
	return 2013
}

// Bits of msExchCurrentServerRoles (knowledge/exchange.md 2.3.7).
const (
	roleMailbox = 2
	roleHub     = 32
	roleEdge    = 64
)

// transports says whether a server routes mail: one with the Hub Transport role
// up to 2010, each Mailbox server from 2013 on. Unknown roles are taken for it.
func transports(s *evidence.Server) bool {
	switch {
	case s == nil || s.Roles == nil:
		return true
	case *s.Roles&roleEdge != 0:
		return false
	case s.Modern() && family(s) == 2013:
		return *s.Roles&(roleMailbox|roleHub) != 0
	}
	return *s.Roles&roleHub != 0
}

// hubs lists the transport servers of a site; of a family, or of any with 0.
func (m *siteMap) hubs(site, of int) []post {
	var all []post
	for _, s := range m.hosts[site] {
		if transports(s) && (of == 0 || family(s) == of) {
			all = append(all, post{s.Name, s})
		}
	}
	return all
}
