package routing

import (
	"cmp"
	"container/heap"
	"slices"
)

// A weight is what a path costs: paths are compared by the costs of connectors,
// then by those of site links, then by hops.
type weight struct{ cost, site, hops int }

func (a weight) plus(b weight) weight {
	return weight{a.cost + b.cost, a.site + b.site, a.hops + b.hops}
}

func (a weight) compare(b weight) int {
	return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.site, b.site), cmp.Compare(a.hops, b.hops))
}

// unreached is the weight of a node that no path leads to.
var unreached = weight{cost: -1}

// An edge leads to a node; seen from its end, from one.
type edge struct {
	node int
	w    weight
	id   int
}

// A graph has edges that lead one way. Weights are not negative, and each edge
// of a cycle has at least one hop.
type graph struct{ out, in [][]edge }

func newGraph(nodes int) *graph {
	return &graph{out: make([][]edge, nodes), in: make([][]edge, nodes)}
}

func (g *graph) add(from, to int, w weight, id int) {
	g.out[from] = append(g.out[from], edge{to, w, id})
	g.in[to] = append(g.in[to], edge{from, w, id})
}

// A front is what Dijkstra's algorithm has still to settle.
type front []frontItem

type frontItem struct {
	node int
	w    weight
}

func (f front) Len() int           { return len(f) }
func (f front) Less(i, j int) bool { return f[i].w.compare(f[j].w) < 0 }
func (f front) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *front) Push(x any)        { *f = append(*f, x.(frontItem)) }
func (f *front) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// reach weighs the best path from a node to every other over the edges that are
// not shut.
func (g *graph) reach(start int, shut func(id int) bool) []weight {
	best := make([]weight, len(g.out))
	for i := range best {
		best[i] = unreached
	}
	best[start] = weight{}
	for f := (front{{node: start}}); f.Len() > 0; {
		at := heap.Pop(&f).(frontItem)
		if at.w != best[at.node] {
			continue // a better way was found meanwhile
		}
		for _, e := range g.out[at.node] {
			w := at.w.plus(e.w)
			if shut(e.id) || best[e.node] != unreached && w.compare(best[e.node]) >= 0 {
				continue
			}
			best[e.node] = w
			heap.Push(&f, frontItem{e.node, w})
		}
	}
	return best
}

// back walks from the goal to the start over edges of best paths and takes, at
// each node, the one that less puts first. It gives the edges from the start on.
func (g *graph) back(best []weight, start, goal int, shut func(id int) bool, less func(a, b edge) int) []edge {
	var way []edge
	for at := goal; at != start; {
		var on []edge
		for _, e := range g.in[at] {
			if !shut(e.id) && best[e.node] != unreached && best[e.node].plus(e.w) == best[at] {
				on = append(on, e)
			}
		}
		first := slices.MinFunc(on, less)
		way = append(way, edge{at, first.w, first.id})
		at = first.node
	}
	slices.Reverse(way)
	return way
}
