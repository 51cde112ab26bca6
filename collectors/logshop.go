package collectors

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
	"mailflow/internal/latency"
)

// Bounds on what is kept of one next hop, and of all of them.
const (
	maxLate       = 20_000  // passages that waited long
	maxPrompt     = 5_000   // passages that did not
	maxPassages   = 200_000 // of all hops: some 30 MB of a case file
	minSample     = 20      // of a hop, however many hops there are
	maxDeferrals  = 50      // reasons
	maxReason     = 300     // bytes of one
	maxParts      = 100     // components
	maxPeers      = 1000
	maxListed     = 20 // components and peers that a case lists
	maxID         = 120
	promptIDs     = 100 // prompt ones that are kept with their id
	maxOpenListed = 20  // waiting messages that a case lists
)

// A waits counts waits on a scale whose steps are 2 % apart, so that a quantile
// is off by 1 % at most.
type waits struct {
	counts []uint32 // of below 1 ms, below 1.02 ms, ...
	n      int
}

const (
	waitStep  = 1.02
	waitLog   = 0.01980262729617973 // of waitStep
	waitSteps = 1200                // 240 days
)

func (w *waits) add(d int64) {
	at := 0
	if ms := float64(d) / 1e6; ms >= 1 {
		at = min(1+int(math.Log(ms)/waitLog), waitSteps)
	}
	for len(w.counts) <= at {
		w.counts = append(w.counts, 0)
	}
	w.counts[at]++
	w.n++
}

// quantile is the wait that this part of all did not exceed.
func (w *waits) quantile(q float64) int64 {
	rank := max(1, int(math.Ceil(q*float64(w.n))))
	for at, n := range w.counts {
		if rank -= int(n); rank <= 0 && at > 0 {
			return int64(math.Pow(waitStep, float64(at)-0.5) * 1e6)
		} else if rank <= 0 {
			return 0
		}
	}
	return 0
}

// A passage is evidence.Passage in less memory.
type passage struct {
	came, left   int64
	depth, tries int32
	id           string
	tried        []int64 // attempts that failed, since it came
}

// A sample keeps all passages as long as there is room, and then each with the
// same chance (reservoir sampling).
type sample struct {
	kept []passage
	room int
	seen int
}

// slot is where the next passage goes, -1 for nowhere.
func (s *sample) slot(dice *rand.Rand) int {
	s.seen++
	if len(s.kept) < s.room {
		s.kept = append(s.kept, passage{})
		return len(s.kept) - 1
	}
	if at := dice.IntN(s.seen); at < s.room {
		return at
	}
	return -1
}

// halve makes the sample half as large. A part of a fair sample is one.
func (s *sample) halve(dice *rand.Rand) {
	s.room = max(s.room/2, minSample)
	if len(s.kept) > s.room {
		dice.Shuffle(len(s.kept), func(i, j int) { s.kept[i], s.kept[j] = s.kept[j], s.kept[i] })
		s.kept = slices.Clone(s.kept[:s.room])
	}
}

// A hop is what one server does for one next hop, while its logs are read.
type hop struct {
	server       int32
	to           string
	where        evidence.Where
	first, last  int64
	late         int
	longest      int64
	waits        waits
	slow, prompt sample
	waiting      int
	open         []evidence.OpenMessage
	deferrals    map[string]*evidence.Deferral
	reason       string // of the last one
	deferral     *evidence.Deferral
	measured     int // late ones with a latency tree
	tree         latency.Reader
	path         []byte
	parts        map[string]*evidence.LatentPart
	peers        map[string]*evidence.Peer
	stores       map[string]*evidence.Peer // mailbox databases
	dice         *rand.Rand
}

func newHop(server int32, to string) *hop {
	seed := uint64(14695981039346656037) // FNV-1a: the same hop has the same sample in every run
	for _, c := range []byte(to) {
		seed = (seed ^ uint64(c)) * 1099511628211
	}
	return &hop{server: server, to: to, slow: sample{room: maxLate}, prompt: sample{room: maxPrompt}, dice: rand.New(rand.NewPCG(seed, 1)),
		deferrals: map[string]*evidence.Deferral{}, parts: map[string]*evidence.LatentPart{}, peers: map[string]*evidence.Peer{}, stores: map[string]*evidence.Peer{}}
}

// begin takes the first row that is of this hop.
func (h *hop) begin(w evidence.Where) {
	if h.where.File == "" {
		h.where = w
	}
}

// pass counts one message that left, and says how many more passages are kept.
func (h *hop) pass(p passage, x *exit) (kept int) {
	wait := p.left - p.came
	late := wait > int64(evidence.LateFrom)
	if h.waits.n == 0 {
		h.first, h.last = p.left, p.left
	}
	h.first, h.last, h.longest = min(h.first, p.left), max(h.last, p.left), max(h.longest, wait)
	h.waits.add(wait)
	counted(h.peers, x.peer, late)
	from := &h.prompt
	if late {
		h.late++
		from = &h.slow
		p.id = clipped(x.mail, maxID)
		h.latencies(h.tree.Logged(x.info()), wait)
		counted(h.stores, x.database(), late)
	}
	before := len(from.kept)
	if at := from.slot(h.dice); at >= 0 {
		if !late && at < promptIDs {
			p.id = clipped(x.mail, maxID)
		}
		from.kept[at] = p
	}
	return len(from.kept) - before
}

// info is message-info of Exchange, which only the rows of late messages are split
// for.
func (x *exit) info() []byte {
	if x.row == nil {
		return nil
	}
	return x.row.Field(colInfo)
}

// holds counts a message that waits for this hop. The first are those that came
// first.
func (h *hop) holds(m *message) {
	if h.waiting++; len(h.open) < maxOpenListed {
		h.open = append(h.open, evidence.OpenMessage{Came: utc(m.at), Tries: int(m.tries), Tried: sinceCame(m.tried(m.goes, 0)), ID: clipped(m.id, maxID)})
	}
}

func (h *hop) halve() int {
	h.slow.halve(h.dice)
	h.prompt.halve(h.dice)
	return len(h.slow.kept) + len(h.prompt.kept)
}

func counted(all map[string]*evidence.Peer, name []byte, late bool) {
	if len(name) == 0 {
		return
	}
	p := all[string(name)]
	if p == nil {
		if len(all) == maxPeers {
			return
		}
		p = &evidence.Peer{Name: clipped(name, maxLabel)}
		all[string(name)] = p
	}
	p.Count++
	if late {
		p.Late++
	}
}

// latencies counts where the time of one message went. A tree in whole seconds
// does not say whose it is, so that one of another server has to be told by its
// total.
func (h *hop) latencies(parts []latency.Part, wait int64) {
	if len(parts) == 0 || parts[0].Whole && math.Abs(parts[0].Seconds-float64(wait)/1e9) > unlike {
		return
	}
	h.measured++
	for i := range parts {
		if parts[i].Own > shortest {
			h.latency(parts, i)
		}
	}
}

// Bounds on what counts of a tree.
const (
	shortest = 0.0005 // seconds: less is rounding
	unlike   = 30     // seconds between a wait and the total of a tree that is not of it
)

// latency counts one part. Most were seen before, so that a text is only made for
// the first of them.
func (h *hop) latency(parts []latency.Part, at int) {
	part := &parts[at]
	h.path = downTo(h.path[:0], parts, part.Parent)
	end := len(h.path)
	h.path = append(append(h.path, '|'), part.Name...)
	p := h.parts[string(h.path)]
	if p == nil {
		if len(h.parts) == maxParts {
			return
		}
		p = &evidence.LatentPart{Name: clipped(part.Name, maxLabel), Within: clipped(h.path[:end], maxReason), Whole: part.Whole}
		h.parts[string(h.path)] = p
	}
	p.Total += evidence.Duration(part.Own)
	p.Count++
}

// downTo appends the names that a part is inside of, from below the total down.
func downTo(path []byte, parts []latency.Part, at int) []byte {
	if at < 0 || parts[at].Parent < 0 && latency.IsTotal(parts[at].Name) {
		return path
	}
	if path = downTo(path, parts, parts[at].Parent); len(path) > 0 {
		path = append(path, '|')
	}
	return append(path, parts[at].Name...)
}

// A put is one attempt that was put off.
type put struct {
	reason string
	at     int64
	where  evidence.Where
}

// putOff counts it with the others of its reason.
func (h *hop) putOff(p put) {
	at, d := time.Unix(0, p.at).UTC(), h.deferral
	if d == nil || p.reason != h.reason { // most are as the one before
		d = h.reasoned(p, at)
	}
	if d == nil {
		return
	}
	h.reason, h.deferral = p.reason, d
	d.Count++
	if at.Before(d.First) {
		d.First = at
	}
	if at.After(d.Last) {
		d.Last = at
	}
}

// reasoned finds the reason of an attempt, nil where there are too many.
func (h *hop) reasoned(p put, at time.Time) *evidence.Deferral {
	key := sameReason(p.reason)
	d := h.deferrals[key]
	if d == nil {
		if len(h.deferrals) == maxDeferrals {
			return nil
		}
		d = &evidence.Deferral{Text: p.reason, First: at, Last: at, Where: p.where}
		h.deferrals[key] = d
	}
	return d
}

// sameReason is what reasons have in common that differ in numbers, addresses
// and ids.
func sameReason(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t;,:()[]{}<>\"'=", r) })
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789@") && !statusCode(w) {
			words[i] = "#"
		}
	}
	return strings.ToLower(strings.Join(slices.Compact(words), " "))
}

// statusCode recognises 451 and 4.4.1, which tell reasons apart.
func statusCode(w string) bool {
	return len(w) >= 3 && len(w) <= 7 && (w[0] == '4' || w[0] == '5') && strings.Trim(w, "0123456789.") == "" && (len(w) == 3 || w[1] == '.')
}

// clipped is a text of the log, fit to be kept.
func clipped(b []byte, most int) string {
	return strings.ToValidUTF8(string(b[:min(len(b), most)]), "\uFFFD")
}

// traffic is the hop as evidence.
func (h *hop) traffic(server string, source string) evidence.HopTraffic {
	t := evidence.HopTraffic{Server: server, To: h.to, Source: source, Where: h.where, Count: h.waits.n, Late: h.late, Waiting: h.waiting, Open: h.open, Measured: h.measured,
		Median: h.quantile(0.5), P95: h.quantile(0.95), Longest: seconds(h.longest)}
	if h.waits.n > 0 {
		t.First, t.Last = utc(h.first), utc(h.last)
	}
	t.Passages = h.passages()
	t.Deferrals = listed(h.deferrals, maxDeferrals, func(a, b evidence.Deferral) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
	})
	t.Slow = listed(h.parts, maxListed, func(a, b evidence.LatentPart) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Within, b.Within))
	})
	lateFirst := func(a, b evidence.Peer) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	}
	t.Peers = listed(h.peers, maxListed, lateFirst)
	t.Databases = listed(h.stores, maxListed, lateFirst)
	return t
}

// passages lists the samples in the order of coming.
func (h *hop) passages() []evidence.Passage {
	kept := slices.Concat(h.slow.kept, h.prompt.kept)
	slices.SortFunc(kept, func(a, b passage) int {
		if a.came != b.came { // nearly always
			return cmp.Compare(a.came, b.came)
		}
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.depth, b.depth), cmp.Compare(a.tries, b.tries), cmp.Compare(a.id, b.id))
	})
	all := slices.Grow([]evidence.Passage(nil), len(kept))
	for _, p := range kept {
		all = append(all, evidence.Passage{Came: utc(p.came), Left: utc(p.left), Depth: int(p.depth), Tries: int(p.tries), Tried: sinceCame(p.tried), ID: p.id})
	}
	return all
}

func sinceCame(tried []int64) (all []evidence.Duration) {
	for _, d := range tried {
		all = append(all, seconds(d))
	}
	return all
}

func (h *hop) quantile(q float64) evidence.Duration {
	return seconds(min(h.waits.quantile(q), h.longest))
}

func listed[T any](all map[string]*T, most int, order func(a, b T) int) []T {
	var list []T
	for _, x := range all {
		list = append(list, *x)
	}
	slices.SortFunc(list, order)
	return list[:min(len(list), most)]
}

// seconds are nanoseconds as a duration of evidence, to the millisecond.
func seconds(ns int64) evidence.Duration {
	return evidence.Duration(math.Round(float64(ns)/1e6) / 1e3)
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }
