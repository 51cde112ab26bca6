package routing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

const (
	agDN  = "CN=First Administrative Group,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
	first = "First Routing Group"
	later = modernRoutingGroup
)

func groupDN(name string) string { return "CN=" + name + ",CN=Routing Groups," + agDN }

func serverDN(name string) string { return "CN=" + name + ",CN=Servers," + agDN }

// bridgehead is how 2000/2003 names a server that sends or takes mail: by its
// SMTP virtual server.
func bridgehead(name string) string { return "CN=1,CN=SMTP,CN=Protocols," + serverDN(name) }

func bridgeheads(names string) []string {
	var all []string
	for _, n := range strings.Fields(names) {
		all = append(all, bridgehead(n))
	}
	return all
}

// An orgOf is an organization in the making.
type orgOf struct{ evidence.Org }

func (o *orgOf) group(name string) {
	dn := groupDN(name)
	if !slices.ContainsFunc(o.RoutingGroups, func(g evidence.RoutingGroup) bool { return g.DN == dn }) {
		o.RoutingGroups = append(o.RoutingGroups, evidence.RoutingGroup{Name: name, DN: dn, Connectors: true, Whole: true})
	}
}

// legacy adds servers of Exchange 2003 to a routing group.
func (o *orgOf) legacy(group string, names ...string) {
	o.group(group)
	for _, n := range names {
		o.Servers = append(o.Servers, evidence.Server{Name: n, DN: serverDN(n), RoutingGroup: groupDN(group), Generation: "exchange-2003", FQDN: strings.ToLower(n) + ".contoso.com"})
	}
}

// hub adds a server from 2007 on to a site: "exchange-2007", and its roles.
func (o *orgOf) hub(generation, site, name string, roles int) {
	o.group(later)
	o.Servers = append(o.Servers, evidence.Server{Name: name, DN: serverDN(name), RoutingGroup: groupDN(later), Generation: generation, FQDN: strings.ToLower(name) + ".contoso.com", Site: site, Roles: &roles})
}

// link adds a routing group connector that is always open: names of its
// bridgeheads with blanks between.
func (o *orgOf) link(name, from, to, sources, targets string, cost int) *evidence.Connector {
	o.group(from)
	o.group(to)
	o.Connectors = append(o.Connectors, evidence.Connector{Name: name, DN: "CN=" + name + ",CN=Connections," + groupDN(from), Kind: evidence.RoutingGroupLink,
		RoutingGroup: groupDN(from), Destination: groupDN(to), Sources: bridgeheads(sources), Targets: bridgeheads(targets),
		Cost: &cost, Delivery: evidence.Timetable{Style: new(evidence.StyleAlways)}, Whole: true})
	return &o.Connectors[len(o.Connectors)-1]
}

// out adds a connector that leads out, of the kind of its group.
func (o *orgOf) out(name, group, sources string, spaces ...string) *evidence.Connector {
	o.group(group)
	c := evidence.Connector{Name: name, DN: "CN=" + name + ",CN=Connections," + groupDN(group), Kind: evidence.SMTPLink, RoutingGroup: groupDN(group),
		Sources: bridgeheads(sources), Spaces: spaces, Whole: true, Delivery: evidence.Timetable{Style: new(evidence.StyleAlways)}}
	if group == later {
		c.Kind, c.Delivery, c.Sources, c.Enabled = evidence.SendLink, evidence.Timetable{}, nil, new(true)
		for _, n := range strings.Fields(sources) {
			c.Sources = append(c.Sources, serverDN(n))
		}
	}
	o.Connectors = append(o.Connectors, c)
	return &o.Connectors[len(o.Connectors)-1]
}

// joined adds a site link; "" is no limit.
func (o *orgOf) joined(cost int, sites ...string) *evidence.ADSiteLink {
	o.SiteLinks = append(o.SiteLinks, evidence.ADSiteLink{Name: strings.Join(sites, "-"), Sites: sites, Cost: &cost})
	return &o.SiteLinks[len(o.SiteLinks)-1]
}

func (o *orgOf) hubSite(name string) {
	o.Sites = append(o.Sites, evidence.Site{Name: name, Hub: new(true)})
}

// selected is a schedule of selected quarter hours.
func selected(s evidence.Schedule) evidence.Timetable {
	return evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: &s}
}

// everyByte is a schedule that has the same byte (two hours) all week.
func everyByte(b byte) evidence.Schedule {
	var s evidence.Schedule
	for i := range s {
		s[i] = b
	}
	return s
}

var berlin = func() evidence.TimeZone {
	z, err := evidence.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

// nine is Monday, 23 November 2026, so many minutes after 09:00 in Berlin (GMT+1).
func nine(minutes int) time.Time {
	return time.Date(2026, 11, 23, 8, minutes, 0, 0, time.UTC)
}

func (o *orgOf) ask(from, to string) evidence.Path {
	return Walk(&o.Org, Question{From: from, To: to, At: nine(5), Zone: berlin})
}

func (o *orgOf) askSized(from, to string, bytes int64) evidence.Path {
	return Walk(&o.Org, Question{From: from, To: to, Size: bytes, At: nine(5), Zone: berlin})
}

const mb = 1 << 20

// route is a path in short: "EX03A =X=> EX07A", legs within a group as "->", of
// an SMTP virtual server as "=>", of one that is not crossed as "=X=|".
func route(p evidence.Path) string {
	var parts []string
	for _, l := range p.Legs {
		arrow := " -> "
		switch l.Kind {
		case evidence.OverLink, evidence.OverSend:
			arrow = " =" + l.Connector + "=> "
		case evidence.BetweenSites:
			arrow = " ~> "
		case evidence.OverSMTP:
			arrow = " => "
		}
		if l.Closed {
			arrow = strings.Replace(arrow, "> ", "| ", 1)
		}
		parts = append(parts, strings.Join(l.From, "|")+arrow+strings.Join(l.To, "|"))
	}
	return strings.Join(parts, ", ")
}

// wants checks a path.
func wants(t *testing.T, p evidence.Path, outcome, way string, cost int) {
	t.Helper()
	if p.Outcome != outcome || route(p) != way || p.Cost != cost {
		t.Errorf("%s (%s), cost %d: %s\nwant %s, cost %d: %s\nunsure %q", p.Outcome, p.Why, p.Cost, route(p), outcome, cost, way, p.Unsure)
	}
}

// says checks that some text holds each of some words.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q does not say %q", text, w)
		}
	}
}

// told is everything a path says of itself but for its legs.
func told(p evidence.Path) string {
	all := append([]string{p.Why}, p.Unsure...)
	for _, d := range p.Others {
		all = append(all, strings.Join(d.Over, "+")+": "+d.Why)
	}
	return strings.Join(all, "\n")
}

func notes(p evidence.Path) string {
	var all []string
	for _, l := range p.Legs {
		all = append(all, l.Notes...)
	}
	return strings.Join(all, "\n")
}
