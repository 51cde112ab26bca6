package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mailflow/evidence"
)

// An exit is a connector that leads out to a domain.
type exit struct {
	c     *evidence.Connector
	space space
	group int    // where it stands
	why   string // why it may not be taken; "" if it may
	away  bool   // it leads over routing group connectors, seen from 2007 or later
	cost  int    // in all: that of the path and that of the address space
	site  int    // site links to the first connector of the path
	hops  int
}

// leave takes the message out of the organization.
func (w *walk) leave(domain string) {
	w.leaveBy(domain, w.exits(domain), true)
}

func (w *walk) leaveBy(domain string, all []exit, again bool) {
	if len(all) == 0 || all[0].why != "" {
		w.noExit(domain, all)
		return
	}
	x := all[0]
	w.otherExits(all)
	if doubtful(x.space.pattern, domain) {
		w.unsure("whether the address space " + x.space.pattern + " is for " + domain + " itself too, sources differ; it is taken for it")
	}
	off := x.c.Enabled != nil && !*x.c.Enabled
	if !w.toGroup(x.group) {
		return
	}
	if off {
		w.disabled(domain, x, again)
		return
	}
	if w.send(x.c, w.exitLeg(x)) {
		w.end(evidence.Leaves, "")
	}
}

// exitLeg is the hop out.
func (w *walk) exitLeg(x exit) evidence.Leg {
	l := evidence.Leg{Kind: evidence.OverLink, Connector: x.c.Name, Link: x.c.Kind, FromGroup: w.groups[x.group].name, Cost: x.space.cost, To: smartHostsOf(x.c), Notes: slices.Clone(x.space.notes)}
	if x.c.Kind == evidence.SendLink {
		l.Kind = evidence.OverSend
	}
	if len(l.To) == 0 {
		l.Notes = append(l.Notes, "to the servers that DNS names for the domain")
	}
	if x.c.Kind == evidence.SendLink && len(x.c.Sources) == 0 {
		w.unsure("what was given does not tell which servers send over " + x.c.Name)
	}
	return l
}

func smartHostsOf(c *evidence.Connector) []string {
	if c.ByDNS != nil && *c.ByDNS {
		return nil
	}
	all := slices.Clone(c.SmartHosts)
	if len(all) == 0 {
		all = strings.FieldsFunc(c.SmartHost, func(r rune) bool { return r == ';' || r == ',' })
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// disabled is a send connector that is switched off, which servers of 2000/2003
// do not see: the hub that gets the message may not use it (knowledge/exchange.md,
// RC-12).
func (w *walk) disabled(domain string, x exit, again bool) {
	w.unsure(x.c.Name + " is switched off; Exchange 2000/2003 does not see that and goes on sending mail for it to servers of 2007 or later")
	if len(x.c.Sources) > 0 && !w.gather(w.posts(x.c.Sources, nil)) {
		return
	}
	here := w.exits(domain)
	if !again || len(here) == 0 || here[0].why != "" || here[0].group != w.group {
		w.end(evidence.Stuck, x.c.Name+" is switched off, and Exchange 2000/2003 does not see that: the server of 2007 or later that gets the message may not use it and has no other way out of its own, so that the message stays there or loops")
		return
	}
	w.leaveBy(domain, here, false)
}

// noExit is a domain that no connector leads to.
func (w *walk) noExit(domain string, all []exit) {
	var large string
	for _, x := range all {
		w.otherExit(x, "")
		if w.tooLarge(x.c) {
			large = x.c.Name
		}
	}
	switch {
	case w.groups[w.group].modern && large != "":
		w.end(evidence.Returned, "the message ("+size(w.q.Size)+") is larger than any connector for "+domain+" takes, "+large+" among them")
	case w.groups[w.group].modern && !w.shown(w.group, "sendconnector"):
		w.end(evidence.Undecided, "what was given does not show the send connectors: Get-SendConnector | Export-Clixml sendconnector.xml")
	case w.groups[w.group].modern:
		w.end(evidence.NoPath, "no send connector that may be used leads to "+domain+": the message goes to the Unreachable queue")
	case len(all) == 0:
		w.byVirtualServer(domain)
	default:
		w.unsure("what Exchange 2000/2003 does with a message that no connector for its domain takes was not found documented")
		w.end(evidence.NoPath, "none of the connectors for "+domain+" can be taken")
	}
}

// byVirtualServer is mail out of Exchange 2000/2003 without a connector: its SMTP
// virtual server sends it (Exchange 2003 help, outbound mail settings on the SMTP
// virtual server).
func (w *walk) byVirtualServer(domain string) {
	w.unsure("no connector leads to " + domain + "; that the SMTP virtual server of " + w.at[0].name + " then sends the message itself is known for organizations without SMTP connectors")
	w.leg(evidence.Leg{Kind: evidence.OverSMTP, From: names(w.at), FromGroup: w.groups[w.group].name, Notes: []string{"to the servers that DNS names for the domain"}})
	w.end(evidence.Leaves, "")
}

// exits lists the connectors whose address spaces fit a domain, the one to take
// first, then those that might have been, then those that may not be taken.
func (w *walk) exits(domain string) []exit {
	var all []exit
	best := w.graph.reach(w.group, w.shut())
	for i := range w.org.Connectors {
		c := &w.org.Connectors[i]
		if s, ok := bestSpace(c, domain); ok && c.Destination == "" {
			all = append(all, w.exit(c, s, best))
		}
	}
	slices.SortFunc(all, w.prefer)
	return all
}

func (w *walk) exit(c *evidence.Connector, s space, best []weight) exit {
	x := exit{c: c, space: s, group: w.standsIn(c), cost: s.cost}
	if x.group == nowhere {
		x.why = "what was given does not tell its routing group"
		return x
	}
	to := best[x.group]
	modern := w.groups[w.group].modern
	switch {
	case w.tooLarge(c):
		limit, _ := limitOf(c)
		x.why = "the message is larger than its limit of " + size(limit)
	case modern && c.Enabled != nil && !*c.Enabled:
		x.why = "it is switched off"
	case to == unreached:
		x.why = "no path leads to its routing group " + w.groups[x.group].name
	case modern && x.group == w.group:
		w.weighNear(&x)
	default:
		x.away, x.cost, x.site, x.hops = modern, to.cost+s.cost, to.site, to.hops
	}
	return x
}

// weighNear weighs an exit among servers of 2007 and later: the costs of site links
// and of the address space together; hops: none on the server itself, one within
// its site, more beyond (Connector selection).
func (w *walk) weighNear(x *exit) {
	from := w.posts(x.c.Sources, nil)
	start, known := w.sites.siteOf(w.at[0].server)
	if among(w.at[0], from) || len(from) == 0 {
		return
	}
	x.hops = 1
	if !known {
		return
	}
	goal, there := w.nearest(start, from)
	if len(there) == 0 {
		return
	}
	if got := w.sites.from(start)[goal]; got != unreached {
		x.cost, x.hops = x.cost+got.site, 1+got.hops
	}
	if x.c.Scoped != nil && *x.c.Scoped && goal != start {
		x.why = "it is for the servers of the site " + w.sites.names[goal] + " only"
	}
}

// prefer puts the exit to take first: what may be taken; the most specific
// address space, at any cost; for 2007 and later those of their own routing group
// (PowerShell book); the lowest cost in all; the fewest hops; the lowest name
// (Connector selection, bb232045).
func (w *walk) prefer(a, b exit) int {
	return cmp.Or(flag(a.why != "", b.why != ""), cmp.Compare(b.space.specific(), a.space.specific()), flag(a.away, b.away),
		cmp.Compare(a.cost, b.cost), cmp.Compare(a.site, b.site), cmp.Compare(a.hops, b.hops),
		cmp.Compare(fold(a.c.Name), fold(b.c.Name)), cmp.Compare(a.c.DN, b.c.DN))
}

func flag(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// otherExits tells why other connectors are not taken, those that were nearest to
// being taken first.
func (w *walk) otherExits(all []exit) {
	chosen := all[0]
	for _, x := range all[1:] {
		w.otherExit(x, w.whyNot(x, chosen))
	}
	if chosen.group != w.group && chosen.c.Kind != evidence.SendLink {
		w.unsure("what was given does not tell the scope of " + chosen.c.Name + ": it may be for the servers of its own routing group only")
	}
	if _, sure := limitOf(chosen.c); !sure {
		for _, x := range all {
			if limit, sure := limitOf(x.c); w.tooLarge(x.c) && limit > 0 && !sure {
				w.unsure("that " + x.c.Name + " does not take the message rests on a limit whose attribute is known from memory only: look at its Content Restrictions in System Manager")
			}
		}
	}
}

func (w *walk) otherExit(x exit, why string) {
	w.other(evidence.Detour{Over: []string{x.c.Name}, Cost: x.cost, Why: cmp.Or(x.why, why)})
}

// whyNot is the rule that decided between two exits.
func (w *walk) whyNot(x, chosen exit) string {
	modern := w.groups[w.group].modern
	switch {
	case x.space.specific() != chosen.space.specific():
		return "its address space " + x.space.pattern + " is less specific than " + chosen.space.pattern
	case x.away != chosen.away:
		if x.cost < chosen.cost {
			w.unsure("servers of 2007 and later stay in their routing group as long as they can (PowerShell book); by cost alone " + x.c.Name + " would be taken")
		}
		return "it leads over routing group connectors; servers of 2007 and later stay in their own routing group as long as they can"
	case x.cost != chosen.cost:
		return fmt.Sprintf("costs %d in all instead of %d", x.cost, chosen.cost)
	case !modern:
		w.unsure("there are connectors of the same cost: Exchange 2000/2003 spreads its load over them as equally as it can, so that the message may take any of them")
		return "the same cost: the message may take this connector as well"
	case x.site != chosen.site || x.hops != chosen.hops:
		return "the same cost, but its source servers are farther away"
	}
	return "the same cost and distance, but the name " + chosen.c.Name + " comes first"
}
