package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// mostShown is how many things a list of the organization names in a report; a
// list within a list names half as many. An organization may have 5,000 servers.
const mostShown = 30

// OrganizationText tells the Exchange organization of a report in words, as a
// tree: by what its mail flows (routing groups, sites, connectors), and who may
// manage it (administrative groups), which are two things. Empty parts are left
// out, long lists cut with a note. No line is wider than width, which is at least
// 40. Hours are told in the zone that was asked for. Nil if it has no organization.
func OrganizationText(r *diag.Report, width int) []string {
	return organizationLines(besideOf(r), width)
}

func organizationLines(b beside, width int) []string {
	return treeLines(b.tree(mostShown), 0, max(width, leastWidth))
}

// OrganizationTree is the organization of a report as branches; most bounds each
// list, a list within a list has half as many. Nil if it has no organization.
func OrganizationTree(r *diag.Report, most int) []Branch { return besideOf(r).tree(most) }

// A beside is an organization, and what else bears on how it is told.
type beside struct {
	org      *evidence.Org // nil for none
	clock    weekClock
	glitches map[string]time.Duration // by machine
}

func besideOf(r *diag.Report) beside {
	o, ok := diag.Value(r, evidence.Organization)
	if !ok {
		return beside{}
	}
	return beside{&o, clockOf(r), glitchesOf(r)}
}

func (b beside) tree(most int) []Branch {
	if b.org == nil {
		return nil
	}
	t := newTeller(b, most)
	return parts(t.head(), t.flow(), t.management(), t.stores(), t.incomplete())
}

// A teller puts an organization into words.
type teller struct {
	beside
	o     *evidence.Org
	ix    *evidence.Index
	most  int
	inner int
	weeks int // told so far
}

func newTeller(b beside, most int) *teller {
	return &teller{beside: b, o: b.org, ix: b.org.Index(), most: max(most, 2), inner: max(most/2, 2)}
}

// part is a branch with a heading; none without anything under it.
func part(heading string, lists ...[]Branch) Branch {
	b := Branch{Text: heading, Kids: slices.Concat(lists...), Open: true}
	if len(b.Kids) == 0 {
		return Branch{}
	}
	return b
}

// parts leaves out what is empty.
func parts(all ...Branch) []Branch {
	return slices.DeleteFunc(all, func(b Branch) bool { return b.Text == "" })
}

func (t *teller) head() Branch {
	o := t.o
	counts := []string{some(len(o.Servers), "server"), some(len(o.RoutingGroups), "routing group"), some(len(o.AdminGroups), "administrative group"),
		some(len(o.Sites), "site"), some(len(o.Connectors), "connector"), some(len(o.Receive), "receive connector")}
	mode := ""
	switch {
	case o.Mixed == nil:
	case *o.Mixed:
		mode = "mixed mode (servers of Exchange 5.5 may be in it)"
	default:
		mode = "native mode"
	}
	return leaf("Exchange organization " + joined(": ", o.Name, joined(", ", append(counts, mode)...)))
}

func some(n int, of string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + of
	}
	return grouped(n) + " " + of + "s"
}

// flow is by what mail flows.
func (t *teller) flow() Branch {
	return part("How mail flows", parts(t.routingGroups(), t.strays(), t.sites(), t.sends(), t.receives(), t.retries()), t.rules())
}

// rules hold for the whole organization.
func (t *teller) rules() []Branch {
	limits := ""
	if l := t.o.Limits; l != nil {
		limits = joined(", ", sized("sends up to ", l.SendBytes), sized("receives up to ", l.ReceiveBytes), oneOf(l.Shadow, "shadow redundancy on", "shadow redundancy off"))
	}
	return leaves(prefixed("domains whose mail it takes as its own: ", listing(t.o.AcceptedDomains)), prefixed("for the whole organization: ", limits))
}

func sized(words string, n *int64) string {
	if n == nil {
		return ""
	}
	return words + inBytes(*n)
}

// told1 is one of two words; none where it is not known.
func oneOf(b *bool, yes, no string) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return yes
	}
	return no
}

func (t *teller) routingGroups() Branch {
	out := t.outOf()
	groups := make([]routingGroup, len(t.o.RoutingGroups))
	for i := range t.o.RoutingGroups {
		g := &t.o.RoutingGroups[i]
		groups[i] = routingGroup{g, out[t.ix.Key(g.DN)]}
	}
	slices.SortStableFunc(groups, func(a, b routingGroup) int {
		return cmp.Or(cmp.Compare(worst(a.out), worst(b.out)), strings.Compare(a.Name, b.Name))
	})
	return part("routing groups: their servers hand mail to each other directly, and to other groups over connectors", few(groups, t.most, t.routingGroup))
}

// A routingGroup is one with the connectors that stand in it.
type routingGroup struct {
	*evidence.RoutingGroup
	out []*evidence.Connector
}

// outOf lists the connectors of each routing group, those that keep mail first.
func (t *teller) outOf() map[string][]*evidence.Connector {
	out := map[string][]*evidence.Connector{}
	for i := range t.o.Connectors {
		if c := &t.o.Connectors[i]; c.Kind != evidence.SendLink {
			out[t.ix.Key(c.RoutingGroup)] = append(out[t.ix.Key(c.RoutingGroup)], c)
		}
	}
	for _, list := range out {
		byUrgency(list)
	}
	return out
}

// byUrgency puts connectors that keep mail first.
func byUrgency(list []*evidence.Connector) {
	slices.SortStableFunc(list, func(a, b *evidence.Connector) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), strings.Compare(a.Name, b.Name))
	})
}

// worst is the urgency of the first of a sorted list.
func worst(list []*evidence.Connector) int {
	if len(list) == 0 {
		return calm
	}
	return urgency(list[0])
}

func (t *teller) routingGroup(g routingGroup) Branch {
	b := Branch{Text: joined(": ", g.Name, joined(", ", some(len(g.Members), "server"), some(len(g.out), "connector"))), Open: worst(g.out) < calm}
	if g.Master != "" {
		b.Kids = append(b.Kids, leaf("master "+t.name(g.Master)))
	}
	modern := t.modern(g.RoutingGroup)
	b.Kids = append(b.Kids, few(g.Members, t.inner, func(dn string) Branch { return leaf(t.member(dn)) })...)
	b.Kids = append(b.Kids, few(g.out, t.inner, func(c *evidence.Connector) Branch { return t.connector(c, modern) })...)
	if !g.Connectors && len(g.out) == 0 {
		b.Kids = append(b.Kids, leaf("what connectors it has is not in the evidence"))
	}
	return b
}

// modern says whether servers of 2007 or later are in a routing group.
func (t *teller) modern(g *evidence.RoutingGroup) bool {
	return slices.ContainsFunc(g.Members, func(dn string) bool {
		s := t.ix.Server(dn)
		return s != nil && s.Modern()
	})
}

// member is a server by the name that a list has of it.
func (t *teller) member(dn string) string {
	if s := t.ix.Server(dn); s != nil {
		return "server " + joined(": ", s.Name, product(s))
	}
	return "server " + t.name(dn)
}

// name is the name of what a reference leads to, and whether that is there.
func (t *teller) name(dn string) string {
	if s := t.ix.Server(dn); s != nil && !evidence.DeletedDN(dn) {
		return s.Name
	}
	switch name := evidence.ServerName(dn); t.ix.Find(dn) {
	case evidence.Gone, evidence.Deleted:
		return name + " (it does not exist any more)"
	case evidence.Unseen:
		return name + " (not in the evidence)"
	default:
		return name
	}
}

func (t *teller) names(all []string) string {
	var list []string
	for _, dn := range all[:min(len(all), 200)] { // listing shows four of them
		if name := t.name(dn); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return listing(list)
}

// strays are connectors whose routing group is not in the evidence.
func (t *teller) strays() Branch {
	var list []*evidence.Connector
	for i := range t.o.Connectors {
		if c := &t.o.Connectors[i]; c.Kind != evidence.SendLink && t.ix.Group(c.RoutingGroup) == nil {
			list = append(list, c)
		}
	}
	byUrgency(list)
	return part("connectors of routing groups that are not in the evidence", few(list, t.most, func(c *evidence.Connector) Branch { return t.connector(c, false) }))
}
