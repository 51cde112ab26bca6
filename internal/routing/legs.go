package routing

import (
	"cmp"
	"slices"
	"strings"

	"mailflow/evidence"
)

// posts finds the servers that a connector names. One that is surely gone is left
// out; notes, if not nil, say so.
func (w *walk) posts(refs []string, notes *[]string) []post {
	var all []post
	say := func(text string) {
		if notes != nil {
			*notes = append(*notes, text)
		}
	}
	for _, ref := range refs {
		name := evidence.ServerName(ref)
		switch s := w.server(ref); {
		case strings.Contains(ref, "=") && w.ix.Find(ref) >= evidence.Gone:
			say(name + " does not exist any more, or not what it sent with, and is left out")
		case s != nil:
			all = append(all, post{s.Name, s})
		default:
			all = append(all, post{name, nil})
			say(name + " is not in what was given; whether it exists is not known")
		}
	}
	return distinct(all)
}

// distinct puts servers in order, each once.
func distinct(all []post) []post {
	slices.SortStableFunc(all, func(a, b post) int { return cmp.Compare(fold(a.name), fold(b.name)) })
	return slices.CompactFunc(all, func(a, b post) bool { return fold(a.name) == fold(b.name) })
}

func names(all []post) []string {
	var list []string
	for _, p := range all {
		list = append(list, p.name)
	}
	return list
}

// among says whether a server is one of some.
func among(p post, all []post) bool {
	return slices.ContainsFunc(all, func(q post) bool { return fold(p.name) == fold(q.name) })
}

// without lists those of some servers that are not among others.
func without(some, others []post) []post {
	known := map[string]bool{}
	for _, p := range others {
		known[fold(p.name)] = true
	}
	var left []post
	for _, p := range some {
		if !known[fold(p.name)] {
			left = append(left, p)
		}
	}
	return left
}

// relay hands the message to others of the same routing group or site, unless
// they have it. Servers of a routing group hand mail to each other directly
// (knowledge/exchange.md 4.3).
func (w *walk) relay(to []post, note string) {
	from := without(w.at, to)
	if len(from) > 0 {
		l := evidence.Leg{Kind: evidence.SameGroup, From: names(from), To: names(to), FromGroup: w.place(w.at), ToGroup: w.place(to)}
		if note != "" {
			l.Notes = append(l.Notes, note)
		}
		if len(from) < len(w.at) {
			l.Notes = append(l.Notes, "only where it is not there already")
		}
		w.leg(l)
	}
	w.at = to
}

// place is the routing group or the site of servers.
func (w *walk) place(of []post) string {
	if len(of) > 0 && w.groups[w.group].modern {
		if at, ok := w.sites.siteOf(of[0].server); ok {
			return w.sites.names[at]
		}
	}
	return w.groups[w.group].name
}

// toGroup takes the message over connectors to a routing group.
func (w *walk) toGroup(goal int) bool {
	if goal == w.group {
		return true
	}
	way := w.route(goal)
	for _, e := range way {
		if !w.cross(w.links[e.id]) {
			return false
		}
	}
	return len(way) > 0
}

// route chooses the path with the lowest sum of costs. Exchange 2000/2003 leaves
// out connectors that do not take the message for its size; 2007 and later
// choose first and return it then (bb738125).
func (w *walk) route(goal int) []edge {
	shut := w.shut()
	best := w.graph.reach(w.group, shut)
	if best[goal] == unreached {
		w.noWay(goal)
		return nil
	}
	way := w.graph.back(best, w.group, goal, shut, w.byLink)
	w.detours(way, goal)
	w.chooseAnew(way, goal)
	if len(w.strange) > 0 {
		w.unsure("what " + listed(w.strange) + " joins cannot be told from what was given: it may be a path too")
	}
	return way
}

// chooseAnew says where servers of 2007 or later on the path would go another way
// from there on, as they do not heed sizes when they choose.
func (w *walk) chooseAnew(way []edge, goal int) {
	for i, e := range way {
		from := w.links[e.id].from
		if i == 0 || !w.groups[from].modern {
			continue
		}
		if best := w.graph.reach(from, open); best[goal].cost < total(way[i:]).cost {
			w.unsure("from " + w.groups[from].name + " on servers of 2007 or later choose the path, without regard to the size: they may take a cheaper one that does not take the message, and return it")
		}
	}
}

// shut says which links routing leaves out.
func (w *walk) shut() func(id int) bool {
	if w.groups[w.group].modern {
		return open
	}
	return func(id int) bool { return w.tooLarge(w.links[id].c) }
}

// cross takes the message over a connector to the next routing group.
func (w *walk) cross(l link) bool {
	leg := evidence.Leg{Kind: evidence.OverLink, Connector: l.c.Name, Link: l.c.Kind, Cost: l.cost, FromGroup: w.groups[l.from].name, ToGroup: w.groups[l.to].name, Notes: slices.Clone(l.notes)}
	to := w.posts(l.c.Targets, &leg.Notes)
	leg.To = names(to)
	if !w.send(l.c, leg) {
		return false
	}
	if len(l.c.Targets) > 0 && len(to) == 0 {
		w.shutLast()
		return w.dead(l.c, "sends to")
	}
	w.group = l.to
	if len(to) == 0 {
		to = []post{{"a server of " + w.groups[l.to].name, nil}}
		w.unsure("which server takes what comes over " + l.c.Name + " cannot be told from what was given")
	}
	w.at = to
	return true
}

// send brings the message to where a connector sends from and adds the leg over
// it; false if it gets no farther.
func (w *walk) send(c *evidence.Connector, leg evidence.Leg) bool {
	from := w.posts(c.Sources, &leg.Notes)
	if len(c.Sources) > 0 && len(from) == 0 {
		leg.Where, leg.Closed = &c.Where, true
		w.leg(leg)
		return w.dead(c, "sends from")
	}
	if !w.gather(from) {
		return false
	}
	leg.From, leg.Where = names(w.at), &c.Where
	leg.Notes = append(leg.Notes, w.restrictions(c)...)
	limit, sure := limitOf(c)
	if leg.LimitBytes = limit; limit > 0 && !sure {
		leg.Notes = append(leg.Notes, "which attribute holds its size limit is known from memory only")
	}
	never, large := w.await(c, &leg), w.tooLarge(c) && w.groups[w.group].modern
	leg.Closed = never || large
	w.leg(leg)
	switch {
	case large:
		return w.end(evidence.Returned, "the message ("+size(w.q.Size)+") is larger than "+c.Name+" takes ("+size(limit)+"): servers of 2007 and later return it and look for no other path")
	case never:
		return w.end(evidence.Stuck, c.Name+" never opens: the message stays in its queue, state Scheduled, until it expires or somebody forces a connection")
	}
	return true
}

// gather brings the message to one of the servers that a connector sends from;
// none named means any of the group (Admin help, "Routing Group Connector").
func (w *walk) gather(from []post) bool {
	switch modern := w.groups[w.group].modern; {
	case modern && len(from) > 0:
		return w.across(from)
	case modern:
		return w.handOver()
	case len(from) > 0:
		w.relay(from, "")
	}
	return true
}

// dead ends at a connector none of whose servers exists.
func (w *walk) dead(c *evidence.Connector, does string) bool {
	if !w.groups[w.group].modern {
		w.unsure("Exchange 2000/2003 may mark " + c.Name + " down (link state) and take another path, if there is one; SuppressStateChanges in the registry prevents that")
	}
	return w.end(evidence.Stuck, "none of the servers that "+c.Name+" "+does+" exists any more")
}

// smartHosts notes smart hosts of the virtual servers that hold the message: type
// 2 sends everything there, internal mail too (knowledge/exchange.md, RC-10).
func (w *walk) smartHosts() []string {
	var notes []string
	for _, p := range w.at {
		if p.server == nil || len(notes) >= 3 {
			continue
		}
		for _, v := range p.server.Virtual {
			if v.SmartHost == "" || v.SmartHostType != nil && *v.SmartHostType == 0 {
				continue
			}
			text := p.server.Subject(v) + " has the smart host " + v.SmartHost
			w.unsure(text + ": mail may go there and not the way of the connectors")
			notes = append(notes, text)
		}
	}
	return notes
}

// noWay says why nothing leads to a group.
func (w *walk) noWay(goal int) {
	best := w.graph.reach(w.group, open)
	if best[goal] != unreached {
		way := w.graph.back(best, w.group, goal, open, w.byLink)
		w.other(w.detour(way, nil))
		w.end(evidence.NoPath, "every path is closed to a message of "+size(w.q.Size)+": "+w.tooLargeFor(way))
		w.unsureLimits(way)
		return
	}
	var reached, hidden []string
	for i, b := range w.graph.reach(w.group, w.shut()) {
		if b == unreached {
			continue
		}
		reached = append(reached, w.groups[i].name)
		if !w.shown(i, "routinggroupconnector") {
			hidden = append(hidden, w.groups[i].name)
		}
	}
	slices.Sort(reached)
	slices.Sort(hidden)
	why := "no connector that was given leads from " + listed(reached) + " on to " + w.groups[goal].name
	switch {
	case len(hidden) > 0:
		w.end(evidence.Undecided, why+", and what was given does not show the connectors of "+listed(hidden))
	case len(w.strange) > 0:
		w.end(evidence.Undecided, why+", and what "+listed(w.strange)+" joins cannot be told")
	default:
		w.end(evidence.NoPath, why+"; it takes a routing group connector there (from 2007 on: New-RoutingGroupConnector), or mail stays with the messages for unreachable destinations")
	}
}

// shown says whether the exports show the connectors of a routing group: all of
// them, or by a cmdlet those of the group of servers from 2007 on.
func (w *walk) shown(group int, cmdlet string) bool {
	g := w.groups[group]
	return g.rg != nil && g.rg.Connectors || g.modern && slices.Contains(w.org.Asked, cmdlet)
}

// listed names things in a sentence, within bounds.
func listed(all []string) string {
	const most = 8
	if more := len(all) - most; more > 0 {
		return strings.Join(all[:most], ", ") + " and " + count(more, "more")
	}
	return strings.Join(all, ", ")
}
