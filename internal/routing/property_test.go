package routing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"mailflow/evidence"
)

// random makes a small organization: routing groups of 2003 and perhaps the one
// of 2007, sites, and connectors between them at random.
func random(r *rand.Rand) *orgOf {
	o := &orgOf{}
	groups := 2 + r.IntN(5)
	for i := range groups {
		o.legacy(fmt.Sprintf("G%d", i), fmt.Sprintf("S%d", i), fmt.Sprintf("T%d", i))
	}
	sites := r.IntN(6)
	for i := range sites {
		o.hub(e2007, site(i), fmt.Sprintf("H%d", i), []int{roleHub, roleMailbox | roleHub, roleMailbox}[r.IntN(3)])
		if r.IntN(3) == 0 {
			o.hubSite(site(i))
		}
	}
	for range r.IntN(3 * groups) {
		randomLink(o, r, groups, sites)
	}
	for range r.IntN(2*sites + 1) {
		if l := o.joined(r.IntN(4), site(r.IntN(sites)), site(r.IntN(sites))); r.IntN(8) == 0 {
			l.LimitBytes = new(int64(1 + r.IntN(3)))
		}
	}
	for i := range r.IntN(4) {
		randomExit(o, r, i, groups, sites)
	}
	return o
}

func site(i int) string { return fmt.Sprintf("Site%d", i) }

func randomEnd(r *rand.Rand, groups, sites int) (group, server string) {
	if n := r.IntN(groups + sites); n >= groups {
		return later, fmt.Sprintf("H%d", n-groups)
	} else {
		return fmt.Sprintf("G%d", n), fmt.Sprintf("%c%d", "ST"[r.IntN(2)], n)
	}
}

func randomLink(o *orgOf, r *rand.Rand, groups, sites int) {
	from, a := randomEnd(r, groups, sites)
	to, b := randomEnd(r, groups, sites)
	c := o.link(fmt.Sprintf("C%d", len(o.Connectors)), from, to, a, b, r.IntN(4))
	switch r.IntN(6) {
	case 0:
		c.LimitBytes = new(int64(1 + r.IntN(3)))
	case 1:
		c.Delivery = selected(everyByte(byte(r.IntN(256))))
	case 2:
		c.Sources = nil
	case 3:
		c.Targets = append(c.Targets, bridgehead("GONE"))
	}
}

func randomExit(o *orgOf, r *rand.Rand, i, groups, sites int) {
	group, server := randomEnd(r, groups, sites)
	c := o.out(fmt.Sprintf("X%d", i), group, server, fmt.Sprintf("SMTP:%s;%d", []string{"*", "*.com", "example.com"}[r.IntN(3)], r.IntN(4)))
	if r.IntN(4) == 0 {
		c.Enabled = new(false)
	}
}

func randomQuestion(o *orgOf, r *rand.Rand) Question {
	name := func() string { return o.Servers[r.IntN(len(o.Servers))].Name }
	q := Question{From: name(), To: name(), Size: int64(r.IntN(4)), At: nine(r.IntN(7 * 24 * 60)), Zone: berlin}
	if r.IntN(3) == 0 {
		q.To = "user@example.com"
	}
	return q
}

// cheapest walks every path without loops between routing groups of 2003.
func cheapest(o *orgOf, from, to string, size int64, seen map[string]bool) (int, bool) {
	if from == to {
		return 0, true
	}
	seen[from] = true
	defer delete(seen, from)
	least, found := 0, false
	for _, c := range o.Connectors {
		if c.RoutingGroup != from || c.Destination == "" || seen[c.Destination] || c.LimitBytes != nil && size > *c.LimitBytes {
			continue
		}
		if rest, ok := cheapest(o, c.Destination, to, size, seen); ok && (!found || rest+*c.Cost < least) {
			least, found = rest+*c.Cost, true
		}
	}
	return least, found
}

func TestNoPathIsCheaperThanThatTaken(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		o := random(r)
		from, to := o.Servers[r.IntN(4)], o.Servers[r.IntN(4)] // of 2003
		size := int64(r.IntN(4))
		p := o.askSized(from.Name, to.Name, size)
		want, ok := cheapest(o, from.RoutingGroup, to.RoutingGroup, size, map[string]bool{})
		switch {
		case !ok && p.Outcome != evidence.NoPath:
			t.Fatalf("there is no path, and got %s: %s", p.Outcome, route(p))
		case ok && p.Outcome == evidence.NoPath && p.Legs == nil, p.Outcome == evidence.Arrives && p.Cost != want:
			t.Fatalf("%s, cost %d, and there is a path for %d: %s", p.Outcome, p.Cost, want, route(p))
		}
	}
}

// A sitePath is a path between sites, tried one by one.
type sitePath struct {
	cost  int
	sites []int
}

func allSitePaths(o *orgOf, sites []int, cost, goal int, visit func(sitePath)) {
	at := sites[len(sites)-1]
	if at == goal {
		visit(sitePath{cost, slices.Clone(sites)})
		return
	}
	for _, l := range o.SiteLinks {
		for i, s := range l.Sites {
			var next int
			if fmt.Sscanf(l.Sites[1-i], "Site%d", &next); s == site(at) && !slices.Contains(sites, next) {
				allSitePaths(o, append(slices.Clone(sites), next), cost+*l.Cost, goal, visit)
			}
		}
	}
}

// better is the rule as documented: cost, number of links, names from the end.
func better(a, b sitePath) bool {
	back := func(p sitePath) []int { r := slices.Clone(p.sites); slices.Reverse(r); return r }
	return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(len(a.sites), len(b.sites)), slices.Compare(back(a), back(b))) < 0
}

func TestPathsBetweenSitesFollowTheRule(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		o := random(r)
		m := newSiteMap(&o.Org)
		if len(o.SiteLinks) == 0 {
			continue
		}
		var best *sitePath
		var start, goal int
		fmt.Sscanf(o.SiteLinks[0].Sites[0], "Site%d", &start)
		fmt.Sscanf(o.SiteLinks[len(o.SiteLinks)-1].Sites[1], "Site%d", &goal)
		allSitePaths(o, []int{start}, 0, goal, func(p sitePath) {
			if best == nil || better(p, *best) {
				best = &p
			}
		})
		way, w, ok := m.way(m.byKey[siteKey(site(start))], m.byKey[siteKey(site(goal))], nil)
		if ok != (best != nil) {
			t.Fatalf("found %v, want %v", ok, best)
		}
		if !ok {
			continue
		}
		got := []string{site(start)}
		for _, s := range way {
			got = append(got, m.names[s.to])
		}
		var want []string
		for _, s := range best.sites {
			want = append(want, site(s))
		}
		if w.site != best.cost || !slices.Equal(got, want) {
			t.Fatalf("%v for %d, want %v for %d", got, w.site, want, best.cost)
		}
	}
}

func TestTheOrderOfTheExportDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		o := random(r)
		q := randomQuestion(o, r)
		before := Walk(&o.Org, q)
		r.Shuffle(len(o.Connectors), func(i, j int) { o.Connectors[i], o.Connectors[j] = o.Connectors[j], o.Connectors[i] })
		r.Shuffle(len(o.Servers), func(i, j int) { o.Servers[i], o.Servers[j] = o.Servers[j], o.Servers[i] })
		r.Shuffle(len(o.RoutingGroups), func(i, j int) { o.RoutingGroups[i], o.RoutingGroups[j] = o.RoutingGroups[j], o.RoutingGroups[i] })
		r.Shuffle(len(o.SiteLinks), func(i, j int) { o.SiteLinks[i], o.SiteLinks[j] = o.SiteLinks[j], o.SiteLinks[i] })
		r.Shuffle(len(o.Sites), func(i, j int) { o.Sites[i], o.Sites[j] = o.Sites[j], o.Sites[i] })
		if after := Walk(&o.Org, q); !reflect.DeepEqual(before, after) {
			a, _ := json.Marshal(before)
			b, _ := json.Marshal(after)
			t.Fatalf("%s\nand in another order\n%s", a, b)
		}
	}
}

func TestWaitsAreWithinBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		o := random(r)
		sound(t, Walk(&o.Org, randomQuestion(o, r)))
	}
}

// sound checks what holds of every path.
func sound(t *testing.T, p evidence.Path) {
	t.Helper()
	const aWeek = 7 * 24 * time.Hour
	sum := time.Duration(0)
	for i, l := range p.Legs {
		ends := i == len(p.Legs)-1 && (p.Outcome == evidence.Stuck || p.Outcome == evidence.Returned)
		if l.Closed && !ends || l.Link != "" && l.Kind != evidence.OverLink && l.Kind != evidence.OverSend {
			t.Fatalf("leg %d of %d, %s: %+v", i, len(p.Legs), p.Outcome, l)
		}
		w := l.Wait
		sum += w.Now.Duration()
		if w.Now < 0 || w.Now > w.Longest || w.Mean > w.Longest || w.Longest.Duration() > aWeek || (w.Until == nil) != (w.Now == 0) {
			t.Fatalf("wait %+v over %s", w, l.Connector)
		}
		if l.Cost < 0 || l.Kind == "" || len(l.From) > mostNames || len(l.To) > mostNames {
			t.Fatalf("leg %+v", l)
		}
	}
	if w := p.Wait; w.Now.Duration().Round(time.Second) != sum.Round(time.Second) || w.Now > w.Longest || w.Mean > w.Longest {
		t.Fatalf("waits %+v in all, %v one by one", p.Wait, sum)
	}
	outcomes := []string{evidence.Arrives, evidence.Leaves, evidence.Stuck, evidence.NoPath, evidence.Returned, evidence.Undecided}
	if !slices.Contains(outcomes, p.Outcome) || (p.Why == "") != (p.Outcome == evidence.Arrives || p.Outcome == evidence.Leaves) {
		t.Fatalf("outcome %q because %q", p.Outcome, p.Why)
	}
	if len(p.Others) > mostOthers || len(p.Unsure) > mostUnsure {
		t.Fatalf("%d others, %d unsure", len(p.Others), len(p.Unsure))
	}
	if _, err := json.Marshal(p); err != nil {
		t.Fatal(err)
	}
}
