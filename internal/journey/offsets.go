package journey

import (
	"cmp"
	"math"
	"slices"

	"mailflow/evidence"
)

// Offsets works out how far the clocks of servers differ, each from that of the
// server in its part of the network with which most others agree: of several, the
// one that has most others around it.
//
// A clock is Bounded where transactions bound it from both sides. One known bound
// is given as it is, and the other is 0: so Low above 0 means ahead by at least
// that, and High below 0 behind by at least that. Ahead is 0 where the bounds allow
// for it; else it is the middle of what the quickest transactions of both
// directions say, the quickest three in a hundred left out.
func Offsets(all []evidence.Sighting) []evidence.ClockOffset { return view(all).offsets() }

func (s *scene) offsets() []evidence.ClockOffset {
	edges := edgesOf(s.bounds())
	var all []evidence.ClockOffset
	done := map[string]bool{}
	for {
		root := busiest(edges, done)
		if root == "" {
			break
		}
		part := from(root, edges)
		if better := agreed(root, part); better != root {
			part = from(better, edges)
		}
		done[root] = true
		for _, o := range part {
			done[o.Server] = true
		}
		all = append(all, part...)
	}
	slices.SortFunc(all, func(a, b evidence.ClockOffset) int {
		return cmp.Or(cmp.Compare(a.Against, b.Against), cmp.Compare(a.Server, b.Server))
	})
	for i := range all {
		all[i].Guessed = s.guessed[all[i].Server] || s.guessed[all[i].Against]
	}
	return all
}

// An edge is what is known of how far one clock is ahead of another.
type edge struct {
	span
	to, server string // server is ahead of to
	sent, back int    // messages from server, and to it
	steps      bool
	jump       *evidence.ClockJump
	where      evidence.Where
}

// edgesOf judges each pair, and lists it with both of its servers.
func edgesOf(all map[pair][]bound) map[string][]edge {
	var pairs []pair
	for p := range all {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	edges := map[string][]edge{}
	for _, p := range pairs {
		e := edgeOf(p, all[p])
		edges[p.b] = append(edges[p.b], e)
		edges[p.a] = append(edges[p.a], e.turned())
	}
	return edges
}

func edgeOf(p pair, list []bound) edge {
	e := edge{span: meet(list), to: p.a, server: p.b}
	e.steps = e.broken && stepped(list)
	if e.bounded() {
		e.jump = e.jumped(list)
	}
	tightest := slices.MaxFunc(list, func(x, y bound) int {
		return cmp.Or(cmp.Compare(x.low, y.low), cmp.Compare(y.high, x.high))
	})
	e.where = tightest.where
	for _, b := range list {
		if b.back {
			e.sent++
		} else {
			e.back++
		}
	}
	return e
}

func (e edge) turned() edge {
	e.to, e.server, e.sent, e.back = e.server, e.to, e.back, e.sent
	e.low, e.high, e.best = -e.high, -e.low, -e.best
	if e.jump != nil {
		j := *e.jump
		j.By, e.jump = -j.By, &j
	}
	return e
}

// bounded says that a clock is known from both sides.
func (e edge) bounded() bool { return !e.broken && !math.IsInf(e.low, 0) && !math.IsInf(e.high, 0) }

// err is by how much the estimate may be wrong, either way.
func (e edge) err() float64 { return max(e.best-e.low, e.high-e.best) }

// busiest is the server with most others around it that is not done.
func busiest(edges map[string][]edge, done map[string]bool) (root string) {
	most := [2]int{}
	for name, list := range edges {
		if done[name] {
			continue
		}
		n := [2]int{len(list)}
		for _, e := range list {
			n[1] += e.sent + e.back
		}
		if c := slices.Compare(n[:], most[:]); root == "" || c > 0 || c == 0 && name < root {
			root, most = name, n
		}
	}
	return root
}

// A reach is a server with the way on which its clock was compared.
type reach struct {
	edge
	via []string
}

// from compares all servers that can be reached with the root: first over pairs
// that are bounded, the closest first, and then those of which less is known by
// one pair of their own.
func from(root string, edges map[string][]edge) []evidence.ClockOffset {
	got := map[string]reach{root: {edge: edge{server: root}}}
	var all []evidence.ClockOffset
	for _, fine := range []bool{true, false} {
		for {
			r, ok := nearest(got, edges, fine)
			if !ok {
				break
			}
			got[r.server] = r
			all = append(all, r.offset(root))
		}
	}
	return all
}

// agree is up to how many seconds clocks count as the same.
const agree = 2

// agreed is the server with whose clock most others agree: where one clock is
// wrong, the others are not to be told to be. The root stays, unless another has
// more.
func agreed(root string, part []evidence.ClockOffset) string {
	all := []evidence.ClockOffset{{Server: root, Bounded: true}}
	for _, o := range part {
		if o.Bounded && !o.Steps {
			all = append(all, o)
		}
	}
	slices.SortFunc(all[1:], func(a, b evidence.ClockOffset) int { return cmp.Compare(a.Server, b.Server) })
	best, most := root, 0
	for _, o := range all {
		n := 0
		for _, p := range all {
			if math.Abs(float64(o.Ahead-p.Ahead)) <= agree {
				n++
			}
		}
		if n > most {
			best, most = o.Server, n
		}
	}
	return best
}

// nearest finds the next server, by the edge with which it is known best. Nothing
// is reached over one of which less is known.
func nearest(got map[string]reach, edges map[string][]edge, fine bool) (best reach, found bool) {
	for name, r := range got {
		if !r.bounded() {
			continue
		}
		for _, e := range edges[name] {
			if _, have := got[e.to]; have || e.turned().bounded() != fine {
				continue
			}
			if next := r.over(e.turned()); !found || closer(next, best) {
				best, found = next, true
			}
		}
	}
	if !found && !fine {
		return behindUnknown(got, edges)
	}
	return best, found
}

// behindUnknown takes servers in that hang on one that could not be compared, so
// that they are not compared with a part of the network of their own.
func behindUnknown(got map[string]reach, edges map[string][]edge) (best reach, found bool) {
	for name := range got {
		for _, e := range edges[name] {
			if _, have := got[e.to]; have {
				continue
			}
			next := reach{edge: edge{server: e.to, to: name, span: span{low: math.Inf(-1), high: math.Inf(1)}, sent: e.back, back: e.sent, where: e.where}}
			if !found || next.server < best.server || next.server == best.server && next.to < best.to {
				best, found = next, true
			}
		}
	}
	return best, found
}

// over goes on from a server by an edge; the bounds of both add up.
func (r reach) over(e edge) reach {
	next := reach{edge: e, via: slices.Clone(r.via)}
	if r.to != "" {
		next.via = append(next.via, r.server)
	}
	next.low, next.high, next.best = r.low+e.low, r.high+e.high, r.best+e.best
	return next
}

func closer(a, b reach) bool {
	if c := cmp.Or(compare(a.bounded(), b.bounded()), compare(a.steps, b.steps)); c != 0 {
		return c < 0
	}
	if a.bounded() && a.err() != b.err() {
		return a.err() < b.err()
	}
	return cmp.Or(cmp.Compare(a.server, b.server), cmp.Compare(a.to, b.to)) < 0
}

// compare puts what is true first.
func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// offset is a reach as evidence. A bound of exactly 0 is moved by a millisecond,
// since 0 stands for none.
func (r reach) offset(root string) evidence.ClockOffset {
	o := evidence.ClockOffset{Server: r.server, Against: root, Sent: r.sent, Back: r.back, Bounded: r.bounded(), Via: r.via, Steps: r.steps, Jump: r.jump, Where: r.where}
	if r.broken {
		return o
	}
	o.Low, o.High = told(r.low, -1), told(r.high, 1)
	if o.Bounded {
		o.Ahead = round(r.best)
	}
	return o
}

func told(v float64, nudge float64) evidence.Duration {
	switch {
	case math.IsInf(v, 0):
		return 0
	case v == 0:
		v = nudge / 1000
	}
	return evidence.Duration(nudge * math.Ceil(1000*v*nudge) / 1000)
}

func round(v float64) evidence.Duration { return evidence.Duration(math.Round(1000*v) / 1000) }
