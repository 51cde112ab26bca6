package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailflow/evidence"
)

// How soon a connector is told of: what keeps mail goes first.
const (
	shut     = iota // it never opens, or is switched off
	waiting         // it opens at selected times
	doubtful        // when it opens cannot be read, or the other side decides
	narrow          // not everybody may use it
	calm
)

func urgency(c *evidence.Connector) int {
	d := c.Delivery
	switch {
	case neverOpens(c), c.Enabled != nil && !*c.Enabled:
		return shut
	case waits(d) || waits(c.Oversize) || c.Oversize.Is(evidence.StyleNever):
		return waiting
	case d.Is(evidence.StyleSelected) && d.Schedule == nil, d.Is(evidence.StyleRemote):
		return doubtful
	case c.Allowed+c.Refused > 0:
		return narrow
	}
	return calm
}

func neverOpens(c *evidence.Connector) bool {
	d := c.Delivery
	return d.Is(evidence.StyleNever) || d.Is(evidence.StyleSelected) && d.Schedule != nil && d.Schedule.Never()
}

// waits says whether a timetable holds mail for its next window.
func waits(d evidence.Timetable) bool {
	return d.Is(evidence.StyleSelected) && d.Schedule != nil && !d.Schedule.Always()
}

// connector tells of a connector of a routing group. Servers of 2007 and later
// are said not to heed its times.
func (t *teller) connector(c *evidence.Connector, modern bool) Branch {
	to := prefixed(" to ", joined(", ", t.groupName(c.Destination), t.groupNames(c.Joins)))
	b := Branch{Text: joined(", ", c.Kind+" "+quoted(c.Name)+to, costOf(c)), Open: urgency(c) < doubtful}
	b.Kids = slices.Concat(leaves(t.opening(c.Delivery, modern)), parts(t.week("its week", c.Delivery)),
		leaves(t.oversize(c, modern)), parts(t.week("its week for large messages", c.Oversize)),
		leaves(t.between(c), t.way(c), sizes(c), access(c), enabled(c.Enabled), readIn(c.Where)))
	return b
}

func costOf(c *evidence.Connector) string {
	if c.Cost == nil {
		return ""
	}
	return "cost " + strconv.Itoa(*c.Cost)
}

func (t *teller) groupName(dn string) string {
	if g := t.ix.Group(dn); g != nil {
		return g.Name
	}
	if dn == "" {
		return ""
	}
	return t.name(dn)
}

func (t *teller) groupNames(all []string) string {
	var list []string
	for _, dn := range all[:min(len(all), 200)] {
		list = append(list, t.groupName(dn))
	}
	return listing(list)
}

// opening says when a connector may send.
func (t *teller) opening(d evidence.Timetable, modern bool) string {
	heed := ""
	if modern {
		heed = "; servers of 2007 and later are said not to heed that"
	}
	switch {
	case d.Style == nil:
		return ""
	case d.Is(evidence.StyleAlways), d.Is(evidence.StyleSelected) && d.Schedule != nil && d.Schedule.Always():
		return "always open"
	case d.Is(evidence.StyleNever), d.Is(evidence.StyleSelected) && d.Schedule != nil && d.Schedule.Never():
		return "NEVER OPENS" + heed
	case waits(d) && modern:
		return "OPENS AT SELECTED TIMES: " + t.clock.words(d.Schedule) + heed
	case waits(d):
		return "OPENS AT SELECTED TIMES: " + t.clock.words(d.Schedule) + "; mail waits at most " + lasting(evidence.Duration(d.Schedule.Longest().Seconds())) +
			", on average " + lasting(evidence.Duration(d.Schedule.Mean().Seconds()))
	case d.Is(evidence.StyleSelected):
		return "OPENS AT SELECTED TIMES, which cannot be read" + prefixed(": ", d.Fault)
	case d.Is(evidence.StyleRemote):
		return "opens when the other side asks for its mail"
	}
	return fmt.Sprintf("opens by activationStyle %d, which means nothing to this program", *d.Style)
}

// oversize says when large messages go, where they have times of their own.
func (t *teller) oversize(c *evidence.Connector, modern bool) string {
	if c.Oversize.Style == nil || c.Oversize.Is(evidence.StyleAlways) {
		return ""
	}
	return prefixed("for large messages: ", t.opening(c.Oversize, modern))
}

// between names the bridgeheads.
func (t *teller) between(c *evidence.Connector) string {
	return joined(", ", prefixed("sends from ", t.names(c.Sources)), prefixed("to ", t.names(c.Targets)))
}

// way is where a connector leads outside of the organization.
func (t *teller) way(c *evidence.Connector) string {
	hosts := slices.Clone(c.SmartHosts[:min(len(c.SmartHosts), 200)])
	if len(hosts) == 0 && c.SmartHost != "" {
		hosts = []string{c.SmartHost}
	}
	over := prefixed("over smart host ", listing(hosts))
	switch {
	case c.ByDNS != nil && *c.ByDNS:
		over = "to the servers that DNS names"
	case c.ByDNS != nil && len(hosts) == 0:
		over = "over smart hosts, which the evidence does not name"
	}
	return joined(", ", prefixed("for ", listing(c.Spaces)), over, prefixed("calls itself ", c.FQDN))
}

// sizes tells the limits as they are set: which attribute of the directory is the
// limit, and which the size from which messages are large, is not documented.
func sizes(c *evidence.Connector) string {
	if c.LimitBytes != nil {
		return limitWords(*c.LimitBytes)
	}
	var list []string
	for _, x := range []struct {
		name string
		kb   *int
	}{{"messageSizeLimit", c.LimitKB}, {"delivContLength", c.ContentKB}} {
		if x.kb != nil && *x.kb > 0 {
			list = append(list, fmt.Sprintf("%s %s", x.name, inBytes(int64(min(*x.kb, 1<<40))*1024)))
		}
	}
	return prefixed("size limit, or size from which messages are large: ", strings.Join(list, ", "))
}

// access says whom it is not for.
func access(c *evidence.Connector) string {
	allowed, refused := "", ""
	if c.Allowed > 0 {
		allowed = fmt.Sprintf("only for %d senders or groups", c.Allowed)
	}
	if c.Refused > 0 {
		refused = fmt.Sprintf("not for %d senders or groups", c.Refused)
	}
	return joined(", ", allowed, refused)
}

func enabled(on *bool) string { return oneOf(on, "", "SWITCHED OFF") }

func readIn(w evidence.Where) string {
	if w.File == "" {
		return ""
	}
	return "read in " + w.String()
}

// sends are the send connectors of Exchange 2007 and later.
func (t *teller) sends() Branch {
	var list []*evidence.Connector
	for i := range t.o.Connectors {
		if c := &t.o.Connectors[i]; c.Kind == evidence.SendLink {
			list = append(list, c)
		}
	}
	byUrgency(list)
	return part("send connectors: they lead out of the organization", few(list, t.most, t.send))
}

func (t *teller) send(c *evidence.Connector) Branch {
	b := Branch{Text: joined(", ", quoted(c.Name), prefixed("for ", listing(c.Spaces)), enabled(c.Enabled)), Open: urgency(c) == shut}
	bare := *c
	bare.Spaces = nil
	b.Kids = leaves(t.way(&bare), prefixed("sends from ", t.names(c.Sources)), sizes(c), t.opening(c.Delivery, true),
		oneOf(c.Scoped, "only for the servers of its own site", ""), oneOf(c.FrontEnd, "through the front end", ""), oneOf(c.Hybrid, "for hybrid mail with Exchange Online", ""), readIn(c.Where))
	return b
}

// receives are the receive connectors, server by server.
func (t *teller) receives() Branch {
	by := map[string][]*evidence.ReceiveConnector{}
	for i := range t.o.Receive {
		r := &t.o.Receive[i]
		name := t.name(r.Server)
		by[name] = append(by[name], r)
	}
	names := make([]string, 0, len(by))
	for name := range by {
		names = append(names, name)
	}
	slices.Sort(names)
	return part("receive connectors: they take mail in; of several that fit a client, the one with the narrowest range of addresses does",
		few(names, t.most, func(name string) Branch {
			return Branch{Text: joined(": ", name, some(len(by[name]), "receive connector")), Kids: few(by[name], t.inner, t.receive)}
		}))
}

func (t *teller) receive(r *evidence.ReceiveConnector) Branch {
	limit := ""
	if r.LimitBytes != nil {
		limit = limitWords(*r.LimitBytes)
	}
	b := Branch{Text: joined(", ", quoted(r.Name), prefixed("listens on ", listing(r.Bindings)), prefixed("for clients from ", listing(r.Ranges)), enabled(r.Enabled))}
	b.Kids = leaves(admits(r), prefixed("clients may sign in by ", listing(r.Auth)), oneOf(r.RequireTLS, "takes mail over TLS only", ""), limit, prefixed("calls itself ", r.FQDN), readIn(r.Where))
	return b
}

// admits says who may use a receive connector.
func admits(r *evidence.ReceiveConnector) string {
	if r.Permissions == nil {
		return ""
	}
	var who []string
	for _, p := range r.Permissions[:min(len(r.Permissions), 20)] {
		who = append(who, permission(p))
	}
	if len(who) == 0 {
		who = []string{"nobody by permission groups"}
	}
	return "who may use it: " + strings.Join(who, ", ")
}

func permission(group string) string {
	switch strings.ToLower(group) {
	case "none":
		return "nobody by permission groups"
	case "anonymoususers":
		return "anybody (anonymous)"
	case "exchangeusers":
		return "users who sign in"
	case "exchangeservers":
		return "Exchange servers of 2007 and later"
	case "exchangelegacyservers":
		return "Exchange servers of 2000 and 2003"
	case "partners":
		return "partners"
	}
	return group
}
