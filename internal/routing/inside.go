package routing

import (
	"slices"

	"mailflow/evidence"
)

// handOver brings a message from a server without transport to a hub of its site:
// the mail submission service of a Mailbox server of 2007 or 2010 hands it to one
// (Exchange 2007 help, internal routing).
func (w *walk) handOver() bool {
	s := w.at[0].server
	if s != nil && s.Roles == nil && family(s) != 2013 {
		w.unsure("what was given does not tell the roles of " + s.Name + ": it is taken for a server that routes mail")
	}
	if len(w.at) > 1 || transports(s) {
		return true
	}
	site, ok := w.sites.siteOf(s)
	if !ok {
		w.unsure("what was given does not tell the site of " + s.Name + " (Get-ExchangeServer " + s.Name + " | fl Site), so neither which hub takes its mail")
		return true
	}
	hubs := w.sites.hubs(site, family(s))
	if len(hubs) == 0 {
		return w.end(evidence.Stuck, s.Name+" routes no mail itself, and no Hub Transport server of its version in its site "+w.sites.names[site]+" is in what was given")
	}
	w.relay(hubs, "a server without the transport role hands its mail to a hub of its site")
	return true
}

// stands is the site that holds the message: that of the first server whose site
// is known, where several may hold it.
func (w *walk) stands() (site int, known bool) {
	var first string
	for _, p := range w.at {
		at, ok := w.sites.siteOf(p.server)
		switch {
		case ok && !known:
			site, known, first = at, true, p.name
		case ok && at != site:
			w.unsure(first + " and " + p.name + " stand in different sites: the way on from the first is told")
			return site, known
		}
	}
	return site, known
}

// across takes a message to one of some servers, which stand in one site as a
// rule, else to the nearest.
func (w *walk) across(to []post) bool {
	if !w.handOver() {
		return false
	}
	if len(without(w.at, to)) == 0 {
		return true
	}
	start, known := w.stands()
	var goal int
	var near []post
	if known {
		goal, near = w.nearest(start, to)
	}
	if len(near) == 0 {
		w.unsure("what was given does not tell the site of " + w.at[0].name + " or of " + to[0].name + ": whether mail passes hub sites between is not known")
		w.relay(to, "directly, as far as is known")
		return true
	}
	land := near
	if start != goal && !w.direct(near) {
		if hubs := w.sites.hubs(goal, 0); len(hubs) > 0 {
			land = hubs
		}
	}
	if start != goal && !w.between(start, goal, land) {
		return false
	}
	w.relay(near, "")
	return true
}

// direct says whether a server sends straight to the servers of a connector in
// another site: from 2013 on these are a delivery group of their own (Mail
// routing); before, any hub of the site takes the message (aa998825).
func (w *walk) direct(to []post) bool {
	s := w.at[0].server
	return s != nil && family(s) == 2013 && !slices.ContainsFunc(to, func(p post) bool { return !transports(p.server) })
}

// nearest is the site, of those that servers stand in, that costs least to reach,
// and which of the servers stand there.
func (w *walk) nearest(start int, to []post) (int, []post) {
	goal, best := -1, unreached
	for _, p := range to {
		at, ok := w.sites.siteOf(p.server)
		if !ok {
			continue
		}
		got := w.sites.from(start)[at]
		nearer := got != unreached && (best == unreached || got.compare(best) < 0)
		named := got == best && (goal < 0 || fold(w.sites.names[at]) < fold(w.sites.names[goal]))
		if nearer || named {
			goal, best = at, got
		}
	}
	var there []post
	for _, p := range to {
		if at, ok := w.sites.siteOf(p.server); ok && at == goal {
			there = append(there, p)
		}
	}
	return goal, there
}

// toMailboxServer delivers to a server of 2007 or later.
func (w *walk) toMailboxServer(s *evidence.Server) {
	if !w.handOver() {
		return
	}
	to := only(s)
	goal, ok := w.sites.siteOf(s)
	start, known := w.stands()
	if !ok || !known {
		w.across(to)
		return
	}
	w.database(s)
	hubs := w.sites.hubs(goal, family(s))
	if len(hubs) == 0 {
		w.end(evidence.Stuck, "no transport server that delivers to "+s.Name+" in its site "+w.sites.names[goal]+" is in what was given")
		return
	}
	if start != goal && !w.between(start, goal, hubs) {
		return
	}
	if !among(w.at[0], hubs) {
		w.relay(hubs, "a mailbox is served by transport servers of its own version")
	}
	w.relay(to, "a transport server of the site delivers to the mailbox server")
}

// database says what decides where a mailbox of 2013 or later is.
func (w *walk) database(s *evidence.Server) {
	if family(s) == 2013 {
		w.unsure("from 2013 on a database availability group is one place to deliver to, also over several sites (Mail routing): if " + s.Name + " is in one, any server of the group may take the message; what was given does not tell")
	}
}

// toSite takes a message to the transport servers of a site.
func (w *walk) toSite(key string) {
	if !w.handOver() {
		return
	}
	goal := w.sites.byKey[key]
	start, known := w.stands()
	hubs := w.sites.hubs(goal, 0)
	switch {
	case !known:
		w.end(evidence.Undecided, "what was given does not tell the site of "+w.at[0].name)
	case start == goal:
	case len(hubs) == 0:
		w.end(evidence.NoPath, "no transport server in the site "+w.sites.names[goal]+" is in what was given")
	default:
		w.between(start, goal, hubs)
	}
}

// between takes a message to another site: to each hub site on the least-cost
// path, else directly; other sites on it take mail only when the servers behind
// them do not answer (back-off; bb232193, bb123696).
func (w *walk) between(start, goal int, land []post) bool {
	if len(w.org.SiteLinks) == 0 {
		w.unsure("what was given holds no site links (Get-AdSiteLink, Get-AdSite): costs and hub sites between are not known")
		w.hop(start, []stretch{{to: goal}}, land, nil)
		return true
	}
	way, cost, ok := w.sites.way(start, goal, nil)
	if !ok {
		w.unsure("the export of site links may not be whole: Get-AdSiteLink | Export-Clixml adsitelink.xml")
		return w.end(evidence.NoPath, "no site links lead from "+w.sites.names[start]+" to "+w.sites.names[goal])
	}
	w.betweenOthers(start, goal, way, cost)
	note := []string{"least-cost path " + w.chain(start, way)}
	for from, i := 0, 0; i < len(way); i++ {
		at, to := way[i].to, land
		if i < len(way)-1 {
			if to = w.stop(at); len(to) == 0 {
				continue
			}
		}
		if !w.hop(start, way[from:i+1], to, note) {
			return false
		}
		start, from, note = at, i+1, []string{"over the hub site " + w.sites.names[at]}
	}
	return true
}

// stop lists the servers that take what passes a site: none but in a hub site.
func (w *walk) stop(site int) []post {
	hub, name := w.sites.hub[site], w.sites.names[site]
	if hub == nil {
		w.unsure("whether " + name + " on the way is a hub site, which would take the mail, cannot be told from what was given (Get-AdSite)")
	}
	if hub == nil || !*hub {
		return nil
	}
	hubs := w.sites.hubs(site, 0)
	if len(hubs) == 0 {
		w.unsure(name + " is a hub site on the way, and no transport server of it is in what was given: it is passed by")
	}
	return hubs
}

// hop is one connection between sites, which need not be neighbours.
func (w *walk) hop(start int, way []stretch, to []post, notes []string) bool {
	last := way[len(way)-1]
	l := evidence.Leg{Kind: evidence.BetweenSites, From: names(w.at), To: names(to), FromGroup: w.sites.names[start], ToGroup: w.sites.names[last.to], Notes: notes}
	var tightest string
	for _, s := range way {
		if s.link == nil {
			continue
		}
		cost, odd := linkCost(s.link)
		l.Cost, l.Notes = l.Cost+cost, append(l.Notes, odd...)
		if n := s.link.LimitBytes; n != nil && *n > 0 && (l.LimitBytes == 0 || *n < l.LimitBytes) {
			l.LimitBytes, tightest = *n, s.link.Name
		}
	}
	if len(way) == 1 && last.link != nil {
		l.Connector, l.Where = last.link.Name, &last.link.Where
	} else if len(way) > 1 {
		l.Notes = append(l.Notes, "directly; sites between take it only when no server of "+w.sites.names[last.to]+" answers (back-off)")
	}
	l.Closed = l.LimitBytes > 0 && w.q.Size > l.LimitBytes
	w.leg(l)
	if l.Closed {
		return w.end(evidence.Returned, "the message ("+size(w.q.Size)+") is larger than the site link "+tightest+" takes ("+size(l.LimitBytes)+"): servers of 2007 and later return it and look for no other path")
	}
	w.at = to
	return true
}
