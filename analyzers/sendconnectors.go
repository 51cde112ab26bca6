package analyzers

import (
	"container/heap"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var sendDisabled = &diag.Cause{
	Code: "CONNECTOR-SEND-DISABLED", Title: "A send connector is switched off, and Exchange 2000/2003 does not see that", Severity: diag.Delayed,
	Text:   "the send connector {subject} for {spaces} is switched off; servers of Exchange 2000/2003 ({legacy}) go on sending mail for it to Exchange 2007 or later[; {because}] ({where})",
	Ruled:  "the send connector {subject} is switched on, or nobody here overlooks that it is not[: {because}]",
	About:  "Exchange 2000 and 2003 know no send connector that is switched off: for them it stays a way out. They hand their mail to the servers of Exchange 2007 or later, which may not use it and hand the mail back: it loops until it has passed too many servers.",
	Read:   "Enabled of each send connector (Get-SendConnector), and from the directory the servers of Exchange 2000 or 2003, their routing groups and the connectors between. Confirmed where connectors lead from one of these groups to that of the send connector, and no other connector for the same addresses costs as little or less from there, the way included; otherwise 2000/2003 may take that one, and it is suspected. Without the routing groups it is never more than a suspicion.",
	Remedy: "Remove the send connector (Remove-SendConnector), or switch it on (Set-SendConnector NAME -Enabled $true). To keep mail off it without removing it, raise the cost in its address space.",
	Refs:   []string{"Exchange Best Practices Analyzer help: Send connector is disabled"},
}

// sendConnectors judges the send connectors of Exchange 2007 and later.
func sendConnectors() *diag.Analyzer {
	return &diag.Analyzer{Name: "send-connectors",
		Doc:    "Judges whether servers of Exchange 2000 or 2003 still route over send connectors that are switched off.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{sendDisabled},
		Run:    func(e diag.Evidence) []diag.Finding { return sift(org(e).switchedOff(), "send connectors") }}
}

// legacyServers names the servers of Exchange 2000 and 2003; whole says whether
// the version of every server is known, and there are any.
func (o organization) legacyServers() (names []string, whole bool) {
	whole = len(o.Org.Servers) > 0
	for _, s := range o.Org.Servers {
		if s.Legacy() {
			names = append(names, s.Name)
		}
		whole = whole && s.Generation != ""
	}
	return names, whole
}

// switchedOff judges each send connector of which is told whether it is on.
func (o organization) switchedOff() []diag.Finding {
	legacy, whole := o.legacyServers()
	names := join(legacy)
	var w *waysOut // worked out for the first that is off
	var found []diag.Finding
	for _, c := range o.Org.Connectors {
		if c.Kind != evidence.SendLink || c.Enabled == nil {
			continue
		}
		where := c.Where
		if from, other := c.Told["enabled"]; other {
			where = from
		}
		f := of(sendDisabled, diag.Confirmed, o.named(c), where, diag.Text("spaces", join(c.Spaces)), diag.Text("legacy", names))
		switch {
		case *c.Enabled || len(legacy) == 0 && whole && o.doubt == "":
			f.Verdict = diag.Excluded
		case len(legacy) == 0:
			f = undecided(f, "whether Exchange 2000 or 2003 servers stand in the organization is not known from what was given", "also give Get-ExchangeServer | Export-Clixml servers.xml")
		default:
			if w == nil {
				w = o.waysOut(whole)
			}
			f = w.judge(f, c)
		}
		found = append(found, f)
	}
	return found
}

// judge says whether servers of Exchange 2000/2003 take a send connector that is
// off.
func (w *waysOut) judge(f diag.Finding, c evidence.Connector) diag.Finding {
	at, known := w.known[w.o.Key(c.RoutingGroup)]
	switch {
	case !known || c.RoutingGroup == "":
		return lessSure(f, "what was given does not tell in which routing group it stands, and whether connectors lead there: an export of the directory does", "")
	case w.to[at] == nil && len(w.to) >= mostWeighed:
		return lessSure(f, "send connectors stand in too many routing groups to work out every way", "")
	case !w.near(at) && w.unseen != "":
		return lessSure(f, "no way there from their routing groups is known, but "+w.unseen, "")
	case !w.near(at):
		f.Verdict = diag.Excluded
		f.Args = append(f.Args, diag.Text("because", "no connector leads from the routing groups of Exchange 2000/2003 to it"))
		return f
	case len(c.Spaces) == 0:
		return lessSure(f, "what was given does not tell its address spaces", "")
	}
	other := ""
	for _, s := range c.Spaces {
		x := w.beside(at, s)
		if _, cost := space(s); cost < x.margin {
			if w.doubt != "" {
				return lessSure(f, w.doubt, "")
			}
			return w.scoped(f, c)
		}
		other = x.name
	}
	if other == "" {
		return lessSure(f, "too many connectors have address spaces in common to weigh them all", "")
	}
	return lessSure(f, "they may take "+other+" instead, which is for the same addresses and costs no more", "")
}

// scoped is less sure of a connector that is for its own site only: whether 2003
// minds that is documented nowhere.
func (w *waysOut) scoped(f diag.Finding, c evidence.Connector) diag.Finding {
	if c.Scoped != nil && *c.Scoped {
		return lessSure(f, "it is for the servers of its site only, and Exchange 2000/2003 may mind that", "inference")
	}
	return f
}

// A rival is what other connectors for the same addresses leave to one that is
// off. What costs less than margin is the cheapest for some group of 2000/2003.
type rival struct {
	margin int
	name   string // of one of those others; "" for none, or where they were not weighed
}

const never = math.MaxInt

// mostWeighed bounds for how many patterns, and how many groups of send
// connectors, the costs over the whole organization are worked out.
const mostWeighed = 500

// A waysOut knows what it costs Exchange 2000/2003 to reach the connectors that
// lead out. Costs of connectors and of address spaces add up.
type waysOut struct {
	o       organization
	doubt   string // why something may cost less than what is known
	unseen  string // why a way may be there that is not known
	number  map[string]int
	known   map[string]int // the groups that are in the export
	back    [][]road       // where one comes from to a group
	legacy  []int          // groups of Exchange 2000/2003
	others  map[string][]exit
	to      map[int][]int // what it costs from each group to one
	reached map[int]bool  // whether a group of 2000/2003 has a way to it
	weighed map[string]rival
}

// A road leads on from a group.
type road struct{ to, cost int }

// An exit is an address space of a connector that is on; at is -1 where its
// group is not known, so that it may be near to all.
type exit struct {
	at, cost int
	name     string
}

// waysOut reads the connectors once.
func (o organization) waysOut(whole bool) *waysOut {
	w := &waysOut{o: o, doubt: o.doubt, unseen: o.doubt, number: map[string]int{}, known: map[string]int{}, others: map[string][]exit{}, to: map[int][]int{}, reached: map[int]bool{}, weighed: map[string]rival{}}
	if !whole {
		w.unseen = "the version of every server is not known"
	}
	for i := range o.Org.RoutingGroups {
		w.group(&o.Org.RoutingGroups[i])
	}
	for _, s := range o.Org.Servers {
		if s.Legacy() && o.Group(s.RoutingGroup) == nil {
			w.unseen = "the routing group of " + s.Name + " is not known"
		}
	}
	for _, c := range o.Org.Connectors {
		w.connector(c)
	}
	return w
}

func (w *waysOut) group(g *evidence.RoutingGroup) {
	n := w.node(g.DN)
	w.known[w.o.Key(g.DN)] = n
	if w.o.legacyGroup(g) {
		w.legacy = append(w.legacy, n)
	}
	if len(g.Members) > 0 && !g.Connectors {
		w.doubt = "the export does not show the connectors of " + g.Name
		w.unseen = w.doubt
	}
}

// node numbers a group.
func (w *waysOut) node(dn string) int {
	key := w.o.Key(dn)
	n, seen := w.number[key]
	if !seen {
		n = len(w.back)
		w.number[key] = n
		w.back = append(w.back, nil)
	}
	return n
}

// connector takes what a connector leads to: another group, or out.
func (w *waysOut) connector(c evidence.Connector) {
	switch {
	case c.Destination != "" && c.RoutingGroup != "":
		from, to := w.node(c.RoutingGroup), w.node(c.Destination)
		w.back[to] = append(w.back[to], road{from, costOf(c.Cost)})
	case c.Destination == "" && (len(c.Joins) > 0 || c.Kind == evidence.SiteLink):
		w.doubt = c.Name + " may join routing groups too"
		w.unseen = w.doubt
	}
	if c.Kind == evidence.SendLink && c.Enabled != nil && !*c.Enabled {
		return
	}
	if len(c.Spaces) == 0 && !c.Whole && c.Kind != evidence.RoutingGroupLink && c.Kind != evidence.SiteLink {
		w.doubt = "for which addresses " + c.Name + " is, is not told"
	}
	at := -1
	if c.RoutingGroup != "" {
		at = w.node(c.RoutingGroup)
	}
	for _, s := range c.Spaces {
		pattern, cost := space(s)
		w.others[pattern] = append(w.others[pattern], exit{at, cost, w.o.named(c)})
	}
}

// near says whether a way leads from a group of 2000/2003 to one.
func (w *waysOut) near(at int) bool { w.costs(at); return w.reached[at] }

// costs gives what it costs from each group to one.
func (w *waysOut) costs(at int) []int {
	if w.to[at] == nil {
		w.to[at] = w.spread([]exit{{at: at}})
		w.reached[at] = slices.ContainsFunc(w.legacy, func(n int) bool { return w.to[at][n] < never })
	}
	return w.to[at]
}

// beside weighs the connectors that are on against those for an address space
// that are off, in one group: for the group of 2000/2003 that favours the latter
// most.
func (w *waysOut) beside(at int, s string) rival {
	pattern, _ := space(s)
	others := w.others[pattern]
	if len(others) == 0 {
		return rival{margin: never}
	}
	key := strconv.Itoa(at) + " " + pattern
	x, known := w.weighed[key]
	if known || len(w.weighed) >= mostWeighed {
		return x
	}
	x = rival{margin: math.MinInt, name: others[0].name}
	there, out := w.costs(at), w.spread(others)
	for _, n := range w.legacy {
		switch {
		case there[n] == never:
		case out[n] == never:
			x.margin = never
		default:
			x.margin = max(x.margin, out[n]-there[n])
		}
	}
	w.weighed[key] = x
	return x
}

// spread works out from each group what the cheapest of the exits costs, the way
// to it included (Dijkstra, against the direction of the connectors).
func (w *waysOut) spread(exits []exit) []int {
	cost := slices.Repeat([]int{never}, len(w.back))
	var q roads
	for _, x := range exits {
		if x.at < 0 {
			return slices.Repeat([]int{math.MinInt / 2}, len(w.back)) // it may stand anywhere
		}
		q = append(q, road{x.at, x.cost})
	}
	heap.Init(&q)
	for len(q) > 0 {
		r := heap.Pop(&q).(road)
		if r.cost >= cost[r.to] {
			continue
		}
		cost[r.to] = r.cost
		for _, b := range w.back[r.to] {
			if r.cost+b.cost < cost[b.to] {
				heap.Push(&q, road{b.to, r.cost + b.cost})
			}
		}
	}
	return cost
}

// roads is a heap, the cheapest first.
type roads []road

func (q roads) Len() int           { return len(q) }
func (q roads) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q roads) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *roads) Push(x any)        { *q = append(*q, x.(road)) }
func (q *roads) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// dearest bounds a cost, so that sums stay sums.
const dearest = 1 << 20

// costOf is the cost of a connector; 1 where it is not told.
func costOf(cost *int) int {
	if cost == nil {
		return 1
	}
	return min(max(*cost, 0), dearest)
}

// space takes an address space ("SMTP:*;5") apart: for which addresses it is, in
// one form, and its cost. Without a kind it is for SMTP, without a cost it
// costs 1. An X.400 pattern has semicolons of its own.
func space(s string) (pattern string, cost int) {
	cost = 1
	if i := strings.LastIndexByte(s, ';'); i >= 0 {
		n, err := strconv.ParseUint(strings.TrimSpace(s[i+1:]), 10, 63)
		if err == nil || errors.Is(err, strconv.ErrRange) {
			s, cost = s[:i], int(min(n, dearest))
		}
	}
	kind, rest, found := strings.Cut(s, ":")
	if !found {
		kind, rest = "smtp", s
	}
	return strings.ToLower(strings.TrimSpace(kind) + ":" + strings.TrimSpace(rest)), cost
}
