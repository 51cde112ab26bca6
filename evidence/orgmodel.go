package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// NewOrg makes the model of what the exports hold. It refuses nothing: what an
// object lacks stays empty, and what it names and is not there stays a name.
//
// What several sources say of one object becomes one: it is found by its
// distinguished name, or by its name where only one object has that. The
// directory goes first, then the cmdlets in the order of the exports; who comes
// later adds what is not known yet, and what it says otherwise stands in Differs.
func NewOrg(d Directory, c Cmdlets) Org {
	m := newModel()
	m.doubts(d.Exports)
	m.doubts(c.Exports)
	m.directory(d)
	m.cmdlets(c)
	return m.finish()
}

// mostProblems bounds what the model says of an export that is all damage.
const mostProblems = 20

// A model is an organization in the making.
type model struct {
	org       Org
	known     map[string]bool
	groups    map[string]*RoutingGroup
	rgs       []*RoutingGroup
	servers   shelf[Server]
	links     shelf[Connector]
	receive   shelf[ReceiveConnector]
	sites     shelf[Site]
	siteLinks shelf[ADSiteLink]
	stores    shelf[storage]
	databases shelf[database]
}

func newModel() *model {
	return &model{known: map[string]bool{}, groups: map[string]*RoutingGroup{},
		servers:   newShelf(func(s *Server) *string { return &s.DN }),
		links:     newShelf(func(c *Connector) *string { return &c.DN }),
		receive:   newShelf(func(r *ReceiveConnector) *string { return &r.DN }),
		sites:     newShelf(func(s *Site) *string { return &s.DN }),
		siteLinks: newShelf(func(l *ADSiteLink) *string { return &l.DN }),
		stores:    newShelf(func(s *storage) *string { return &s.dn }),
		databases: newShelf(func(d *database) *string { return &d.dn }),
	}
}

// A storage is a storage group and the server that it is on.
type storage struct {
	dn     string
	server *Server
	group  StorageGroup
}

// A database stands in a storage group, from 2010 on only on a server.
type database struct {
	dn     string
	server *Server
	store  *storage
}

func (m *model) problem(text string) {
	if len(m.org.Problems) < mostProblems {
		m.org.Problems = append(m.org.Problems, text)
	}
}

// doubts says what the readers could not read.
func (m *model) doubts(exports []Export) {
	for _, x := range exports {
		if n := len(x.Problems) + x.More; n > 0 && len(x.Problems) > 0 {
			m.problem(fmt.Sprintf("%s could not be read in %d places, the first is line %d: %s", x.Path, n, x.Problems[0].Line, x.Problems[0].Text))
		}
	}
}

// directory takes what exports of the directory hold.
func (m *model) directory(d Directory) {
	all := m.once(d)
	for _, o := range all {
		m.org.Seen = append(m.org.Seen, Seen{o.dn, o.class})
	}
	turn := map[string]int{} // what others stand in comes before them
	for i, class := range Classes() {
		turn[class] = i
	}
	slices.SortStableFunc(all, func(a, b object) int { return cmp.Compare(turn[a.class], turn[b.class]) })
	for _, o := range all {
		m.take(o)
	}
}

// finish brings together what belongs together, whichever of the two says so.
func (m *model) finish() Org {
	m.resolve()
	m.members()
	m.count()
	m.org.Servers = listed(m.servers)
	m.org.Connectors = listed(m.links)
	m.org.Receive = listed(m.receive)
	m.org.Sites = listed(m.sites)
	m.org.SiteLinks = listed(m.siteLinks)
	for _, g := range m.rgs {
		m.org.RoutingGroups = append(m.org.RoutingGroups, *g)
	}
	return m.org
}

func listed[T any](s shelf[T]) []T {
	var all []T
	for _, v := range s.all {
		all = append(all, *v)
	}
	return all
}

// resolve puts the distinguished name in the place of a name, where only one
// object has it.
func (m *model) resolve() {
	for _, s := range m.servers.all {
		s.Site = m.sites.full(s.Site)
	}
	for _, l := range m.siteLinks.all {
		each(l.Sites, m.sites.full)
	}
	for _, r := range m.receive.all {
		r.Server = m.servers.full(r.Server)
	}
	groups := m.groupNames()
	for _, c := range m.links.all {
		each(c.Sources, m.servers.full)
		each(c.Targets, m.servers.full)
		c.RoutingGroup, c.Destination = groups.full(c.RoutingGroup), groups.full(c.Destination)
	}
}

func each(values []string, f func(string) string) {
	for i, v := range values {
		values[i] = f(v)
	}
}

// groupNames finds routing groups by name.
func (m *model) groupNames() shelf[RoutingGroup] {
	s := newShelf(func(g *RoutingGroup) *string { return &g.DN })
	for _, g := range m.rgs {
		s.add(g.Name, g)
	}
	return s
}

// members brings servers and routing groups together.
func (m *model) members() {
	in := map[string]bool{}
	for _, g := range m.rgs {
		for _, member := range g.Members {
			in[keyDN(g.DN)+"\x00"+keyDN(member)] = true
			if s := m.servers.byDN[keyDN(member)]; s != nil && s.RoutingGroup == "" {
				s.RoutingGroup = g.DN
			}
		}
	}
	for _, s := range m.servers.all {
		if g := m.groups[keyDN(s.RoutingGroup)]; g != nil && !in[keyDN(g.DN)+"\x00"+keyDN(s.DN)] {
			g.Members = append(g.Members, s.DN)
		}
	}
}

// count gives servers their storage groups and databases.
func (m *model) count() {
	for _, d := range m.databases.all {
		switch {
		case d.store != nil:
			d.store.group.Databases++
		case d.server != nil:
			d.server.Databases++
		}
	}
	for _, s := range m.stores.all {
		s.server.StorageGroups = append(s.server.StorageGroups, s.group)
	}
}

// orgAt is the name of the organization that an object stands in; "" for none.
func orgAt(dn string) string {
	for at, depth := dn, 0; at != "" && depth < deepest; at, depth = parentDN(at), depth+1 {
		if strings.EqualFold(NameOf(parentDN(at)), "Microsoft Exchange") {
			return at
		}
	}
	return ""
}
