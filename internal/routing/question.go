// Package routing works out the path that one message would take through an
// Exchange organization, from its configuration alone. It connects to nothing
// and knows no link that is down: the path is the one that routing would choose
// while every server answers.
//
// Sources of the rules, as they are named in the comments:
//
//   - Admin help: Exchange 2000/2003 System Manager help, "Specify Connector
//     Cost", "Manage Address Spaces", "Routing Group Connector".
//   - Team blog: Exchange Team Blog, 2006-09-15, "Exchange Server 2007 Active
//     Directory Site and Connector Selection Algorithms".
//   - bb232193, bb232045, bb738125, aa998825: Microsoft TechNet articles of
//     Exchange 2007 and 2010 on internal routing, external routing, size limits
//     of internal routing, and message routing.
//   - Mail routing, Connector selection: the articles of those names on
//     learn.microsoft.com for Exchange 2013 to 2019.
//   - PowerShell book: Professional Windows PowerShell for Exchange Server 2007
//     SP1, chapter 11, on 2007 beside 2003.
//   - knowledge/exchange.md, by section.
package routing

import (
	"slices"
	"time"

	"mailflow/evidence"
)

// A Question is one message.
type Question struct {
	From string // the server it starts from: its name, host name or distinguished name
	To   string // a server, a routing group, a site, an address or a domain
	Size int64  // bytes; 0 or less: small enough for every limit
	At   time.Time
	Zone evidence.TimeZone // the time zone to show times in
}

// Bounds of what a path tells; what is beyond helps nobody and costs memory.
const (
	mostNames  = 50 // servers of one end of a leg
	mostUnsure = 20
	mostOthers = 5
)

// A post is a server that holds, or may take, the message.
type post struct {
	name   string
	server *evidence.Server // nil if the export does not hold it
}

// A walk is a path in the making.
type walk struct {
	*topology
	q     Question
	path  evidence.Path
	at    []post // who holds the message: one of these
	group int    // their routing group, a node of the topology
	now   time.Time
	weeks []week // the schedules on the way
	over  bool   // the path ends here
}

// Walk works out the path that a message would take. It refuses nothing: what
// the organization does not tell is an outcome or stands in Unsure.
func Walk(org *evidence.Org, q Question) evidence.Path {
	if org == nil {
		org = &evidence.Org{}
	}
	w := &walk{topology: newTopology(org), q: q, now: q.At, group: nowhere}
	w.path = evidence.Path{From: q.From, To: q.To, SizeBytes: max(q.Size, 0), At: q.At.In(q.Zone.Location()), Zone: q.Zone.Location().String()}
	if w.begin() {
		w.proceed()
	}
	return w.finish()
}

// begin puts the message on the server that it starts from.
func (w *walk) begin() bool {
	s, why := w.findServer(w.q.From)
	if s == nil {
		return w.end(evidence.Undecided, why)
	}
	w.path.From = s.Name
	if s.Roles != nil && *s.Roles&roleEdge != 0 {
		return w.end(evidence.Undecided, s.Name+" is an Edge Transport server, which routes by connectors of its own: the configuration of the organization does not tell them")
	}
	w.at, w.group = []post{{s.Name, s}}, w.groupOf(s)
	if w.group == nowhere {
		return w.end(evidence.Undecided, "what was given does not tell the routing group of "+s.Name+": export the whole configuration, with all attributes")
	}
	w.old(s)
	if g := w.groups[w.group]; s.Modern() && !g.modern {
		w.unsure(s.Name + " runs Exchange 2007 or later and stands in " + g.name + " with servers of 2000/2003: how mail is routed then is documented nowhere")
	}
	w.weigh()
	return true
}

// proceed takes it to where it goes.
func (w *walk) proceed() {
	g, why := w.findGoal()
	switch {
	case why != "":
		w.end(evidence.Undecided, why)
	case g.domain != "":
		w.leave(g.domain)
	case g.server != nil && g.server == w.at[0].server:
		w.sameServer()
	default:
		w.inward(g)
	}
}

// sameServer is mail from a server to itself.
func (w *walk) sameServer() {
	s := w.at[0].server
	if w.groups[w.group].modern && !transports(s) {
		// Every message passes a Hub Transport server (aa998825).
		if w.handOver() {
			w.relay(only(s), "the hub delivers it into the mailbox")
		}
	} else {
		w.leg(evidence.Leg{Kind: evidence.SameServer, From: []string{s.Name}, To: []string{s.Name}})
	}
	w.end(evidence.Arrives, "")
}

func only(s *evidence.Server) []post { return []post{{s.Name, s}} }

// inward takes it to a server, a group or a site of the organization.
func (w *walk) inward(g goal) {
	if !w.toGroup(g.group) {
		return
	}
	switch {
	case g.server != nil && w.groups[g.group].modern:
		w.toMailboxServer(g.server)
	case g.server != nil:
		w.relay(only(g.server), "")
	case g.site != "":
		w.toSite(g.site)
	}
	w.end(evidence.Arrives, "")
}

// end says how it ends, unless that is said already; false always.
func (w *walk) end(outcome, why string) bool {
	if !w.over {
		w.path.Outcome, w.path.Why, w.over = outcome, why, true
	}
	return false
}

// unsure notes what may change the path.
func (w *walk) unsure(text string) {
	if len(w.path.Unsure) < mostUnsure && !slices.Contains(w.path.Unsure, text) {
		w.path.Unsure = append(w.path.Unsure, text)
	}
}

// leg adds a hop.
func (w *walk) leg(l evidence.Leg) {
	l.From, l.Notes = w.few(l.From, l.Notes)
	l.To, l.Notes = w.few(l.To, l.Notes)
	if l.Kind != evidence.SameServer {
		l.Notes = append(l.Notes, w.smartHosts()...)
	}
	w.path.Legs = append(w.path.Legs, l)
}

// shutLast says of the last leg that it is not crossed after all.
func (w *walk) shutLast() { w.path.Legs[len(w.path.Legs)-1].Closed = true }

// few bounds a list of names.
func (w *walk) few(names, notes []string) ([]string, []string) {
	if more := len(names) - mostNames; more > 0 {
		return slices.Clone(names[:mostNames]), append(notes, "and "+count(more, "more server"))
	}
	return names, notes
}

// finish sums the path up.
func (w *walk) finish() evidence.Path {
	w.sumWaits()
	links := slices.ContainsFunc(w.path.Legs, func(l evidence.Leg) bool { return l.Kind == evidence.OverLink })
	for _, l := range w.path.Legs {
		// The costs of connectors and those of sites are different scales: where
		// there are both, the connectors decide (PowerShell book).
		if l.Kind != evidence.BetweenSites || !links {
			w.path.Cost += l.Cost
		}
	}
	return w.path
}
