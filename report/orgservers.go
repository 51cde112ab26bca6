package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailflow/evidence"
)

// product says what a server runs: "Exchange 2003, 6.5, Build 7638.2: Service Pack 2".
func product(s *evidence.Server) string {
	name := strings.Replace(s.Generation, "exchange-", "Exchange ", 1)
	if s.Guessed {
		name = prefixed("probably ", name)
	}
	version := strings.NewReplacer("Version ", "", " (", ", ", ")", "").Replace(s.Serial)
	if version == "" && s.Major > 0 {
		version = fmt.Sprintf("%d.%d build %d", s.Major, s.Minor, s.Build)
	}
	return joined(", ", cmp.Or(name, "version not known"), prefixed("version ", version), roles(s))
}

// roles names the roles of a server, where their bits mean something
// (msExchCurrentServerRoles, knowledge/exchange.md 2.3.7; serverRole of 2000/2003).
func roles(s *evidence.Server) string {
	if s.Roles == nil {
		return ""
	}
	if s.Legacy() {
		return map[bool]string{true: "front-end", false: ""}[*s.Roles == 1]
	}
	if s.Generation != "exchange-2007" && s.Generation != "exchange-2010" {
		return "" // later versions put all of them into two
	}
	var list []string
	for _, r := range []struct {
		bit  int
		name string
	}{{2, "Mailbox"}, {4, "Client Access"}, {16, "Unified Messaging"}, {32, "Hub Transport"}, {64, "Edge Transport"}} {
		if *s.Roles&r.bit != 0 {
			list = append(list, r.name)
		}
	}
	return strings.Join(list, " + ")
}

// sites are the sites of Active Directory, and the links between them.
func (t *teller) sites() Branch {
	at := map[string][]*evidence.Server{}
	for i := range t.o.Servers {
		s := &t.o.Servers[i]
		if s.Site != "" {
			at[siteKey(s.Site)] = append(at[siteKey(s.Site)], s)
		}
	}
	names := t.siteNames(at)
	list := few(names, t.most, func(n siteName) Branch { return t.site(n, at[siteKey(n.name)]) })
	links := few(t.o.SiteLinks, t.most, t.siteLink)
	return part("sites of Active Directory: Exchange 2007 and later hand mail from site to site, by the costs of the links between", list, links)
}

// siteKey is the one form of a site's name.
func siteKey(dn string) string { return strings.ToLower(evidence.NameOf(dn)) }

type siteName struct {
	name string
	site *evidence.Site // nil for one that only servers name
}

// siteNames lists the sites, and those that only servers name.
func (t *teller) siteNames(at map[string][]*evidence.Server) []siteName {
	var all []siteName
	known := map[string]bool{}
	for i := range t.o.Sites {
		s := &t.o.Sites[i]
		known[siteKey(s.Name)] = true
		all = append(all, siteName{s.Name, s})
	}
	for key, servers := range at {
		if !known[key] {
			all = append(all, siteName{evidence.NameOf(servers[0].Site), nil})
		}
	}
	slices.SortStableFunc(all, func(a, b siteName) int {
		return cmp.Or(-cmp.Compare(len(at[siteKey(a.name)]), len(at[siteKey(b.name)])), strings.Compare(a.name, b.name))
	})
	return all
}

func (t *teller) site(n siteName, servers []*evidence.Server) Branch {
	hub := ""
	if n.site != nil {
		hub = oneOf(n.site.Hub, "hub site: mail that passes stops here", "")
	}
	return Branch{Text: "site " + joined(": ", n.name, joined(", ", some(len(servers), "server"), hub)),
		Kids: few(servers, t.inner, func(s *evidence.Server) Branch { return leaf("server " + s.Name + ": " + product(s)) })}
}

func (t *teller) siteLink(l evidence.ADSiteLink) Branch {
	var names []string
	for _, s := range l.Sites[:min(len(l.Sites), 200)] {
		names = append(names, evidence.NameOf(s))
	}
	return leaf(joined(", ", "site link "+quoted(l.Name)+prefixed(" joins ", listing(names)), linkCost(l), sized("up to ", l.LimitBytes)))
}

func linkCost(l evidence.ADSiteLink) string {
	switch {
	case l.ExchangeCost != nil:
		return "cost " + strconv.Itoa(*l.ExchangeCost) + " for mail"
	case l.Cost != nil:
		return "cost " + strconv.Itoa(*l.Cost)
	}
	return ""
}

// management is who may manage what.
func (t *teller) management() Branch {
	servers := map[string][]*evidence.Server{}
	for i := range t.o.Servers {
		s := &t.o.Servers[i]
		servers[t.ix.Key(s.AdminGroup)] = append(servers[t.ix.Key(s.AdminGroup)], s)
	}
	inside := t.containers()
	groups := few(t.o.AdminGroups, t.most, func(g evidence.AdminGroup) Branch {
		return t.adminGroup(g, servers[t.ix.Key(g.DN)], inside[t.ix.Key(g.DN)])
	})
	if len(groups)+len(t.o.RoutingGroups) == 0 {
		return Branch{}
	}
	return part("Who may manage it", leaves(t.rights(), t.mode()), groups)
}

// rights answers why no rights can be given on a routing group
// (knowledge/exchange.md 4.3).
func (t *teller) rights() string {
	if len(t.o.RoutingGroups) == 0 {
		return "In Exchange 2000 and 2003 rights are delegated on the organization or on an administrative group."
	}
	return "In Exchange 2000 and 2003 rights are delegated on the organization or on an administrative group, and cannot be given on a routing group: " +
		"a routing group stands inside the container of an administrative group, and only says which servers hand mail to each other. " +
		"Who may manage the administrative group that it stands in may change it."
}

// mode says what a routing group may hold (msExchMixedMode; KB 231731).
func (t *teller) mode() string {
	switch {
	case len(t.o.RoutingGroups) == 0:
		return ""
	case t.o.Mixed == nil:
		return "Whether the organization is in mixed mode (msExchMixedMode) is not in the evidence. In mixed mode a routing group holds servers of its own administrative group only."
	case *t.o.Mixed:
		return "Mixed mode (msExchMixedMode is TRUE): a routing group holds servers of its own administrative group only."
	}
	return "Native mode (msExchMixedMode is FALSE): a routing group may hold servers of several administrative groups."
}

func (t *teller) adminGroup(g evidence.AdminGroup, servers []*evidence.Server, inside []string) Branch {
	b := Branch{Text: "administrative group " + joined(": ", g.Name, joined(", ", some(len(servers), "server"), some(len(inside), "routing group")))}
	if len(inside) > 0 {
		b.Kids = append(b.Kids, leaf("routing groups that stand in it: "+listing(inside)))
	}
	b.Kids = append(b.Kids, few(servers, t.inner, func(s *evidence.Server) Branch {
		return leaf("server " + s.Name + ", in " + cmp.Or(prefixed("routing group ", t.groupName(s.RoutingGroup)), "no routing group that the evidence names"))
	})...)
	return b
}

// containers names the routing groups that stand in each administrative group:
// CN=First Routing Group,CN=Routing Groups,CN=First Administrative Group,...
func (t *teller) containers() map[string][]string {
	const between = ",cn=routing groups,"
	inside := map[string][]string{}
	for _, g := range t.o.RoutingGroups {
		if _, admin, ok := strings.Cut(t.ix.Key(g.DN), between); ok {
			inside[admin] = append(inside[admin], g.Name)
		}
	}
	return inside
}

// stores are editions and databases.
func (t *teller) stores() Branch {
	var list []*evidence.Server
	for i := range t.o.Servers {
		if s := &t.o.Servers[i]; s.Edition != "" || len(s.StorageGroups) > 0 || s.Databases > 0 {
			list = append(list, s)
		}
	}
	return part("Editions and databases", few(list, t.most, func(s *evidence.Server) Branch {
		return Branch{Text: joined(": ", s.Name, joined(", ", prefixed("edition ", s.Edition), some(len(s.StorageGroups), "storage group"), some(databases(s), "database"))),
			Kids: few(s.StorageGroups, t.inner, storageGroup)}
	}))
}

func databases(s *evidence.Server) int {
	n := s.Databases
	for _, g := range s.StorageGroups {
		n += g.Databases
	}
	return n
}

func storageGroup(g evidence.StorageGroup) Branch {
	copies := map[string]string{"local": "local continuous replication", "cluster": "cluster continuous replication", "standby": "standby continuous replication"}[g.Copies]
	return leaf("storage group " + joined(": ", g.Name, joined(", ", some(g.Databases, "database"), cmp.Or(copies, g.Copies))))
}

// incomplete is what the picture lacks.
func (t *teller) incomplete() Branch {
	return part("What is not complete or doubtful", few(slices.Concat(t.o.Problems, t.o.Differs), t.most, leaf))
}
