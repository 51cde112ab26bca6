package analyzers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// A gate is a connector that opens at selected times, and over which the mail of a
// hop leads, held against when that mail left.
type gate struct {
	connector evidence.Connector
	late      int // messages that waited
	shut      int // of these, those that came while it was closed
	fits      int // of the late ones, those that left as it opened next
}

// How sure it is that a hop of a log leads over a connector, the weakest first.
const (
	notOver = iota
	bySpace
	byTarget
	byName
)

// gateOf finds the connector at selected times over which a hop leads: the one whose
// openings fit, else one that does not, unless another that is as likely is always
// open.
func (o organization) gateOf(t tempo) (gate, bool) {
	if o.Index == nil || !t.onClock() {
		return gate{}, false
	}
	best, open := notOver, false
	var all []gate
	for _, c := range o.Org.Connectors {
		at := o.over(c, t.HopTraffic)
		if at == notOver || at < best {
			continue
		}
		if at > best {
			best, open, all = at, false, nil
		}
		if s := c.Delivery.Schedule; !c.Delivery.Is(evidence.StyleSelected) || s == nil || s.Always() || s.Never() {
			open = true
			continue
		}
		all = append(all, t.through(c))
	}
	if i := slices.IndexFunc(all, gate.fitting); i >= 0 {
		return all[i], true
	}
	if len(all) == 0 || open || all[0].late == 0 || all[0].most() { // most, but hardly any while it was closed
		return gate{}, false
	}
	return all[0], true
}

// onClock says whether mail, or a part of it, leaves at fixed times of the day.
func (t tempo) onClock() bool {
	return t.is.Period > 0 && (t.is.Is == evidence.RhythmClock || t.is.Is == evidence.RhythmMixed && len(t.is.Sums) == 0)
}

// over says how a hop is known to lead over a connector.
func (o organization) over(c evidence.Connector, h evidence.HopTraffic) int {
	from := c.Sources
	if g := o.Group(c.RoutingGroup); g != nil && len(from) == 0 {
		from = g.Members
	}
	named := strings.EqualFold(c.Name, h.To)
	switch {
	case !o.among(from, h.Server) && (!named || len(from) > 0): // another server hands the mail to a bridgehead first
		return notOver
	case named:
		return byName
	case o.leadsTo(c, h.To):
		return byTarget
	case o.spaces(c, h.To):
		return bySpace
	}
	return notOver
}

// among says whether a host is one of the servers that these names are of.
func (o organization) among(dns []string, host string) bool {
	return slices.ContainsFunc(dns, func(dn string) bool {
		s := o.Server(dn)
		if s == nil {
			return sameHost(evidence.ServerName(dn), host)
		}
		return sameHost(s.FQDN, host) || s.FQDN == "" && sameHost(s.Name, host)
	})
}

// leadsTo says whether a host takes the mail of a connector: a bridgehead, any server
// of the group where none is named, or a smart host.
func (o organization) leadsTo(c evidence.Connector, host string) bool {
	targets := c.Targets
	if g := o.Group(c.Destination); g != nil && len(targets) == 0 {
		targets = g.Members
	}
	return o.among(targets, host) || slices.ContainsFunc(smartHosts(c), func(name string) bool { return sameHost(name, host) })
}

func smartHosts(c evidence.Connector) []string {
	words := strings.FieldsFunc(c.SmartHost+","+strings.Join(c.SmartHosts, ","), func(r rune) bool { return strings.ContainsRune(",; ", r) })
	for i, w := range words {
		words[i] = strings.Trim(w, "[]")
	}
	return words
}

// spaces says whether a connector that asks DNS is for a domain, or for a host in it,
// that is none of the organization's servers.
func (o organization) spaces(c evidence.Connector, host string) bool {
	host = strings.ToLower(host)
	own := func(s evidence.Server) bool { return sameHost(s.Name, host) || sameHost(s.FQDN, host) }
	if !strings.Contains(host, ".") || len(smartHosts(c)) > 0 || slices.ContainsFunc(o.Org.Servers, own) {
		return false
	}
	return slices.ContainsFunc(c.Spaces, func(text string) bool {
		pattern, _ := space(text)
		domain, smtp := strings.CutPrefix(pattern, "smtp:")
		bare := strings.TrimPrefix(strings.TrimPrefix(domain, "*"), ".")
		return smtp && (bare == "" || host == bare || strings.HasSuffix(host, "."+bare))
	})
}

// through holds when mail left against when a connector opens.
func (t tempo) through(c evidence.Connector) gate {
	g := gate{connector: c}
	for _, p := range t.Passages {
		if p.Left.Sub(p.Came) <= evidence.LateFrom {
			continue
		}
		g.late++
		if !c.Delivery.Schedule.Open(p.Came) {
			g.shut++
		}
		if asOpened(*c.Delivery.Schedule, p) {
			g.fits++
		}
	}
	return g
}

// asOpened says whether a message left as the connector opened next. What came in the
// middle of an open quarter hour, and waited, is taken to have waited for the next
// that is open.
func asOpened(s evidence.Schedule, p evidence.Passage) bool {
	next, ok := s.Next(p.Came.Add(evidence.Quarter - 1).Truncate(evidence.Quarter))
	after := p.Left.Sub(next)
	return ok && after >= -time.Minute && after <= evidence.LateFrom
}

// most says whether nearly all left as the connector opened.
func (g gate) most() bool { return 5*g.fits >= 4*g.late }

// fitting says whether the connector makes the rhythm. A server that looks every
// quarter hour of the day shows nothing of the hours at which the connector is closed.
func (g gate) fitting() bool {
	const few = 4
	return g.late > 0 && g.most() && g.shut >= few && 4*g.shut >= g.late
}

// ratio is "87 of the 90 messages that waited left as it opened".
func (g gate) ratio() string {
	return fmt.Sprintf("%d of the %d messages that waited longer than 2 minutes left as it opened", g.fits, g.late)
}

// atGate says of a rhythm what a connector has to do with it.
func (o organization) atGate(t tempo) string {
	g, ok := o.gateOf(t)
	if !ok {
		return ""
	}
	switch name := o.named(g.connector); {
	case t.Local:
		return "it leads over the connector " + name + ", which opens at selected times; whether at these, the log does not show, as it names no zone"
	case g.fitting():
		return "it leads over the connector " + name + ", which opens then: CONNECTOR-SCHEDULE"
	default:
		return "it leads over the connector " + name + ", which opens at other times (" + g.ratio() + "), so that its schedule does not explain this"
	}
}

// gated judges the hops of the logs that lead over a connector at selected times, and
// says of each connector, by its place, what the logs show.
func (o organization) gated(e diag.Evidence) (found []diag.Finding, seen map[evidence.Where][]string) {
	traffic, _ := evidence.Traffic.Lookup(e)
	rhythms, _ := evidence.Rhythms.Lookup(e)
	seen = map[evidence.Where][]string{}
	for i, h := range traffic[:min(len(traffic), len(rhythms))] {
		t := tempo{h, rhythms[i], ref(evidence.Traffic.Kind().Name, i)}
		g, ok := o.gateOf(t)
		if !ok || t.Local {
			continue
		}
		words := fmt.Sprintf("but mail from %s leaves every %s, at %s, by the log: %s, so that these times do not explain it", hopName(h), diag.Seconds(t.is.Period.Duration()), t.phase(o.zone), g.ratio())
		if g.fitting() {
			words = "the log of " + clip(h.Server, 80) + " shows it"
			found = append(found, o.waitsAt(t, g))
		}
		seen[g.connector.Where] = append(seen[g.connector.Where], words)
	}
	return found, seen
}

// waitsAt is a hop that waits for its connector, by the configuration and by the log.
func (o organization) waitsAt(t tempo, g gate) diag.Finding {
	f := t.on(connectorSchedule, diag.Confirmed, diag.Text("connector", o.named(g.connector)), diag.Text("hours", g.connector.Delivery.Schedule.WordsIn(o.zone, o.now)), diag.Text("fits", g.ratio()))
	f.From = append(f.From, read(g.connector.Where))
	f.Wait = longest(t.Passages)
	f = o.bySender(f, g.connector)
	if why := t.unsure(); why != "" {
		f = lessSure(f, why, f.Basis)
	}
	return f
}
