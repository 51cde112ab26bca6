package analyzers

import (
	"fmt"
	"slices"

	"mailflow/diag"
	"mailflow/evidence"
)

var connectorMissing = &diag.Cause{
	Code: "CONNECTOR-MISSING", Title: "No connector leads from one routing group to another", Severity: diag.Stopped,
	Text:   "no connector leads from {from} to {to}[; {because}]",
	Ruled:  "connectors lead from every routing group with servers to every other",
	About:  "Connectors lead one way only, so that two routing groups need a pair. Where one is missing (setup of Exchange 2007 makes the pair only when it is told of a legacy server) mail in that direction stays in \"Messages with an unreachable destination\", or in the Unreachable queue of Exchange 2007 and later.",
	Read:   "The routing groups that have servers, and the connectors from each (msExchDestinationRGDN), also over others between. Confirmed where the export shows the connectors of the group and no way on.",
	Remedy: "Make the connector in the direction that lacks it; between Exchange 2003 and 2007: New-RoutingGroupConnector -Name ... -SourceTransportServers ... -TargetTransportServers ... -Cost 100 -Bidirectional $true.",
	Refs:   []string{"KB 267992", "KB 319416", "Exchange 2007 help: How to create a routing group connector"},
}

// paths judges whether mail can get from each routing group to each other.
func paths() *diag.Analyzer {
	return &diag.Analyzer{Name: "routing-paths",
		Doc:    "Judges whether connectors lead from every routing group to every other.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{connectorMissing},
		Run:    func(e diag.Evidence) []diag.Finding { return org(e).ways() }}
}

// mostGroups bounds the routing groups that are held against each other: which
// reaches which is kept as a bit each, so that these take 12 MiB.
const mostGroups = 10_000

// A graph is the routing groups and the connectors between them, numbered.
type graph struct {
	groups []evidence.RoutingGroup // those that have servers; their numbers come first
	next   [][]int
	unsure []string // by number: why a group may have ways on that are not known
	reach  []bits   // by number; groups that reach each other share theirs
	doubts []string // by number: why a group may reach more than is known
}

// bits are numbers of groups.
type bits []uint64

func (b bits) add(n int)      { b[n/64] |= 1 << (n % 64) }
func (b bits) has(n int) bool { return b[n/64]&(1<<(n%64)) != 0 }

// graph numbers the routing groups.
func (o organization) graph() *graph {
	g := &graph{}
	number := map[string]int{}
	for _, x := range o.Org.RoutingGroups {
		if len(x.Members) > 0 {
			number[o.Key(x.DN)] = len(g.groups)
			g.groups = append(g.groups, x)
			g.unsure = append(g.unsure, o.doubt)
			if !x.Connectors {
				g.unsure[len(g.unsure)-1] = "the export does not show the connectors of " + x.Name
			}
		}
	}
	o.others(g, number)
	g.next = make([][]int, len(g.unsure))
	for from, all := range o.next {
		for _, to := range all {
			a, known := number[from]
			if b, leads := number[to]; known && leads {
				g.next[a] = append(g.next[a], b)
			}
		}
	}
	o.joiners(g, number)
	return g
}

// others numbers the groups without servers that connectors lead on from, and
// those that the export does not have: what leads on from there is not known.
func (o organization) others(g *graph, number map[string]int) {
	const unseen = "\x00" // one number for all of them: no name is like that
	add := func(key, unsure string) {
		if _, seen := number[key]; !seen {
			number[key] = len(g.unsure)
			g.unsure = append(g.unsure, unsure)
		}
	}
	for _, c := range o.Org.Connectors {
		if c.Destination == "" || c.RoutingGroup == "" {
			continue
		}
		add(o.Key(c.RoutingGroup), "")
		switch to := o.Group(c.Destination); {
		case to != nil && !to.Connectors:
			add(o.Key(c.Destination), "the export does not show the connectors of "+to.Name)
		case to == nil && o.Find(c.Destination) == evidence.Unseen:
			add(unseen, "the export does not have the routing group "+evidence.NameOf(c.Destination))
			number[o.Key(c.Destination)] = number[unseen]
		}
	}
}

// joiners finds the groups with a connector that may lead to another and does
// not name it: SMTP and X.400 connectors name what they join in other ways.
func (o organization) joiners(g *graph, number map[string]int) {
	for _, c := range o.Org.Connectors {
		if n, known := number[o.Key(c.RoutingGroup)]; known && c.Destination == "" && (len(c.Joins) > 0 || c.Kind == evidence.SiteLink) {
			g.unsure[n] = c.Name + " may join routing groups too"
		}
	}
}

// walk finds what can be reached from each group. Groups that reach each other
// are found together, and after all that they lead to (Tarjan, 1972: strongly
// connected components).
func (g *graph) walk() {
	n := len(g.next)
	w := walker{graph: g, seen: make([]int, n), low: make([]int, n)}
	g.reach = make([]bits, n)
	for v := range n {
		if w.seen[v] == 0 {
			w.visit(v)
		}
	}
}

type walker struct {
	*graph
	seen, low, stack []int // seen: the turn in which a group was come to; 0 is never
	turn             int
}

func (w *walker) visit(v int) {
	w.turn++
	w.seen[v], w.low[v] = w.turn, w.turn
	at := len(w.stack)
	w.stack = append(w.stack, v)
	for _, to := range w.next[v] {
		switch {
		case w.seen[to] == 0:
			w.visit(to)
			w.low[v] = min(w.low[v], w.low[to])
		case w.reach[to] == nil:
			w.low[v] = min(w.low[v], w.seen[to])
		}
	}
	if w.low[v] == w.seen[v] {
		w.close(w.stack[at:])
		w.stack = w.stack[:at]
	}
}

// close joins what the groups of a component reach.
func (w *walker) close(component []int) {
	all := make(bits, (len(w.next)+63)/64)
	for _, v := range component {
		all.add(v)
		for _, to := range w.next[v] {
			if !all.has(to) {
				for i, word := range w.reach[to] {
					all[i] |= word
				}
			}
		}
	}
	for _, v := range component {
		w.reach[v] = all
	}
}

// ways judges whether each group can be reached from each other.
func (o organization) ways() []diag.Finding {
	g := o.graph()
	if len(g.groups) < 2 {
		return nil
	}
	if len(g.next) > mostGroups {
		return []diag.Finding{undecided(of(connectorMissing, diag.Unknown, o.Org.Name, g.groups[0].Where), "there are more than 10000 routing groups", "give the export of a part of the organization")}
	}
	g.walk()
	g.doubts = g.doubted()
	from, to := g.lacking()
	var found []diag.Finding
	for n := range g.groups {
		switch { // told by the side that says it in fewer sentences
		case len(from) <= len(to) && from[n]:
			found = append(found, g.noWay(n, func(i int) bool { return g.reach[i].has(n) }, true))
		case len(from) > len(to) && to[n]:
			found = append(found, g.noWay(n, g.reach[n].has, false))
		}
	}
	if len(found) == 0 {
		return []diag.Finding{{Code: connectorMissing.Code, Subject: o.Org.Name, From: []string{read(g.groups[0].Where)}}}
	}
	return found
}

// lacking lists the groups that some other cannot reach, and those that cannot
// reach some other, by number.
func (g *graph) lacking() (from, to map[int]bool) {
	from, to = map[int]bool{}, map[int]bool{}
	by := make([]bool, len(g.groups))
	for a := range g.groups {
		lacks := false
		for b := range g.groups {
			if !g.reach[a].has(b) {
				lacks, by[b] = true, true
			}
		}
		if lacks {
			to[a] = true
		}
	}
	for b, lacked := range by {
		if lacked {
			from[b] = true
		}
	}
	return from, to
}

// noWay says that a group cannot be reached from some, or cannot reach some. It
// is sure where the connectors of each group that lacks the way are known, also
// of those that it leads to, and none of them may join groups by other means.
func (g *graph) noWay(about int, reached func(int) bool, in bool) diag.Finding {
	var names []string
	because, more := "", 0
	if !in {
		because = g.doubts[about]
	}
	for i, x := range g.groups {
		if reached(i) {
			continue
		}
		if len(names) < mostNames {
			names = append(names, x.Name)
		} else {
			more++
		}
		if in && because == "" {
			because = g.doubts[i]
		}
	}
	others := join(names)
	if more > 0 {
		others += fmt.Sprintf(" and %d more", more)
	}
	x := g.groups[about]
	from, to := x.Name, others
	if in {
		from, to = others, x.Name
	}
	f := of(connectorMissing, diag.Confirmed, x.Name, x.Where, diag.Text("from", from), diag.Text("to", to))
	if because != "" {
		return lessSure(f, because, "")
	}
	return f
}

// doubted says of each group with servers why it may reach more than is known.
func (g *graph) doubted() []string {
	var unsure []int
	for i, why := range g.unsure {
		if why != "" {
			unsure = append(unsure, i)
		}
	}
	all := make([]string, len(g.groups))
	for n := range g.groups {
		if i := slices.IndexFunc(unsure, g.reach[n].has); i >= 0 {
			all[n] = g.unsure[unsure[i]]
		}
	}
	return all
}
