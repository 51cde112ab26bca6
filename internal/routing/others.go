package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mailflow/evidence"
)

// mostBlocked bounds how many connectors of the path are taken away in turn, to
// see what would be taken then.
const mostBlocked = 8

// detours finds paths that were not taken: what would be taken without the limits
// of size, and without each connector of the path.
func (w *walk) detours(way []edge, goal int) {
	shut := w.shut()
	found := w.tryWithout(nil, way, goal, open)
	for _, e := range way[:min(mostBlocked, len(way))] {
		found = w.tryWithout(found, way, goal, func(id int) bool { return id == e.id || shut(id) })
	}
	slices.SortStableFunc(found, func(a, b evidence.Detour) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), slices.Compare(a.Over, b.Over), cmp.Compare(a.Why, b.Why))
	})
	for _, d := range found {
		w.other(d)
	}
}

// other tells a path that was not taken, unless there are enough.
func (w *walk) other(d evidence.Detour) {
	told := slices.ContainsFunc(w.path.Others, func(o evidence.Detour) bool { return slices.Equal(o.Over, d.Over) })
	if !told && len(w.path.Others) < mostOthers {
		w.path.Others = append(w.path.Others, d)
	}
}

func (w *walk) tryWithout(found []evidence.Detour, way []edge, goal int, shut func(id int) bool) []evidence.Detour {
	best := w.graph.reach(w.group, shut)
	if best[goal] == unreached {
		return found
	}
	other := w.graph.back(best, w.group, goal, shut, w.byLink)
	if slices.Equal(other, way) {
		return found
	}
	return append(found, w.detour(other, way))
}

// detour is a path that was not taken; way is that which was, nil for none.
func (w *walk) detour(other, way []edge) evidence.Detour {
	d := evidence.Detour{Over: w.names(other), Cost: total(other).cost}
	switch large := w.tooLargeFor(other); {
	case large != "" && !w.groups[w.group].modern:
		d.Why = "the message is " + large
		w.unsureLimits(other)
	default:
		d.Why = w.dearer(total(other), total(way))
	}
	for _, e := range other {
		if c := w.links[e.id].c; neverOpens(c) {
			d.Why += "; " + c.Name + " never opens"
		}
	}
	return d
}

func total(way []edge) weight {
	var sum weight
	for _, e := range way {
		sum = sum.plus(e.w)
	}
	return sum
}

func neverOpens(c *evidence.Connector) bool {
	t := c.Delivery
	return t.Is(evidence.StyleNever) || t.Is(evidence.StyleSelected) && t.Schedule != nil && t.Schedule.Never()
}

// dearer says why one path is chosen over another.
func (w *walk) dearer(other, chosen weight) string {
	switch {
	case other.cost != chosen.cost:
		return fmt.Sprintf("costs %d instead of %d", other.cost, chosen.cost)
	case !w.groups[w.group].modern:
		// Admin help, "Specify Connector Cost": the load is spread over routes of the
		// same cost as equally as possible.
		w.unsure("there are paths of the same cost: Exchange 2000/2003 spreads its load over them as equally as it can, so that the message may take any of them")
		return "the same cost: the message may take this path as well"
	case other.site != chosen.site:
		return fmt.Sprintf("the same cost, but its first connector is farther by site links (%d instead of %d)", other.site, chosen.site)
	}
	w.unsure("there are paths of the same cost; what 2007 and later do when their site links cost the same too was not found documented: the one with fewer hops, then the lower connector name, is taken")
	return "the same cost; has more hops, or the connector name that comes later"
}

// betweenOthers finds paths that take other site links.
func (w *walk) betweenOthers(start, goal int, way []stretch, chosen weight) {
	for _, s := range way[:min(mostBlocked, len(way))] {
		shut := func(id int) bool { return w.sites.links[id] == s.link }
		if other, got, ok := w.sites.way(start, goal, shut); ok {
			w.other(evidence.Detour{Over: w.siteNames(other), Cost: got.site, Why: siteReason(got, chosen)})
		}
	}
}

// siteReason is which rule for paths between sites decided (Team blog).
func siteReason(other, chosen weight) string {
	switch {
	case other.site != chosen.site:
		return fmt.Sprintf("costs %d instead of %d", other.site, chosen.site)
	case other.hops != chosen.hops:
		return fmt.Sprintf("the same cost, but %s instead of %d", count(other.hops, "link"), chosen.hops)
	}
	return "the same cost and number of links; the site before the last, or an earlier one, has the name that comes later"
}

func (w *walk) siteNames(way []stretch) []string {
	var all []string
	for _, s := range way {
		all = append(all, w.sites.names[s.to])
	}
	return all
}

// chain is a path between sites in words.
func (w *walk) chain(start int, way []stretch) string {
	return strings.Join(append([]string{w.sites.names[start]}, w.siteNames(way)...), " - ")
}
