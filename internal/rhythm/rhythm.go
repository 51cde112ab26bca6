// Package rhythm tells in what rhythm a hop lets mail go, from when each message
// came to it and when it left: on the clock, by a timer that each message or its
// queue starts, as fast as it can, or at once. It is a pure function of its input.
//
// What it claims it can prove: a rhythm that the times do not settle is TooLittle
// or NoRhythm, and Why says what is missing. The classes are those of
// knowledge/exchange.md 1.2.
package rhythm

import (
	"fmt"
	"slices"
	"time"
)

// A Passage is one message at one hop. One without both times, or that left
// before it came, is left out.
type Passage struct {
	Came, Left time.Time
	Depth      int         // messages in the queue when it came; -1 if not known
	Attempts   []time.Time // attempts that failed, if known
}

// A Ladder is the waits between the attempts of a sender; the last one repeats.
type Ladder struct {
	Name  string
	Steps []time.Duration
}

// A Backoff is how a queue manager tries again that looks through its queue now and
// then: not before a message is as old again as it was when it failed, within
// bounds, and at the next look from then on.
type Backoff struct {
	Name              string
	Least, Most, Scan time.Duration
}

// Options may be the zero value.
type Options struct {
	Backoff *Backoff      // of the server, if it has one
	Ladders []Ladder      // to match what was found with
	Grain   time.Duration // resolution of the times; finer than the times themselves show is ignored
}

// A Verdict is what decides when mail leaves.
type Verdict string

const (
	ClockGrid   Verdict = "clock grid"      // openings at fixed times of the day
	RetryLadder Verdict = "retry ladder"    // a timer that starts when a message, or its queue, fails
	FixedWait   Verdict = "fixed wait"      // every message that waits does so for the same time: one retry, a time-out, or clocks that differ
	Backlog     Verdict = "backlog"         // the hop is slower than what comes
	Prompt      Verdict = "prompt"          // nothing waits
	Mixed       Verdict = "mixed"           // a part follows the rhythm told, the rest does not
	TooLittle   Verdict = "too little data" // more messages would tell
	NoRhythm    Verdict = "no rhythm"       // none was found, or two would look the same
)

// A Finding is what was found. A field that has no meaning for the verdict is zero.
type Finding struct {
	Verdict   Verdict
	N, Waited int // messages that could be read; those that waited longer than a prompt hop needs

	Period time.Duration   // from one opening to the next; of bursts, the retry interval
	Phase  time.Duration   // the opening after midnight UTC (Wall: of the clock on the wall), below Period; if Period does not divide a day, after that of 1970-01-01
	Phases []time.Duration // the same of each of several openings in a period, the busiest first
	Wall   bool            // the grid follows daylight saving: it stands still on the clock of the times' own zone
	Window time.Duration   // how long the hop stays open; 0 if it lets go what has gathered, and closes

	Strength float64 // share of the waiting messages that follow the rhythm; of a backlog, the correlation
	P        float64 // an upper bound for the probability of seeing this by chance

	Ladder string          // known ladders that fit, " or " between
	Steps  []time.Duration // waits between attempts as seen, or of the ladder that fits
	Sums   []time.Duration // where waits cluster

	Correlation float64 // Spearman's, of the wait and the depth of the queue; 0 if not known
	Why         string  // one sentence: what decides, or what is missing
}

// Judge tells the rhythm. The order of the passages has no influence. It takes
// about a second for a million.
func Judge(passages []Passage, o Options) Finding {
	h := newHop(passages, o)
	f := Finding{N: len(h.trips), Waited: len(h.late), P: 1}
	if f.N < least {
		return f.little("fewer than " + count(least) + " messages have both times")
	}
	if f.Waited < least {
		return f.fewWaited(h)
	}
	var slow bool
	f.Correlation, slow = h.backlog()
	if slow {
		return f.backlog()
	}
	return f.rhythm(h, passages, o)
}

// fewTogether is the share of messages that must not have come and left with another
// for their attempts to tell a rhythm.
const fewTogether = 0.5

// rhythm goes from the rhythm that is hardest to mistake to the easiest.
func (f Finding) rhythm(h *hop, passages []Passage, o Options) Finding {
	g, doubt, on := h.clock(false)
	if g.found() && doubt == none {
		return f.grid(on, g)
	}
	sums, in := h.clusters()
	looks, byClock := h.stands()
	steps, tried := h.steps(passages)
	if h.units() < fewTogether { // one event, however many messages tell of it
		steps, o.Backoff = nil, nil
	}
	if len(steps) > 0 && (!byClock || uneven(steps[1:])) { // the first may end at an opening of whatever clock
		return f.attempted(h, steps, tried, o)
	}
	if in, n := h.backedOff(passages, o.Backoff); n > 0 && len(steps) == 0 {
		return f.backoff(in, n, o.Backoff)
	}
	if doubt == halves || doubt == perQueue {
		return f.doubtful(g, doubt)
	}
	if byClock && in >= share {
		return f.eitherWay(looks)
	}
	if in >= share {
		return f.ladder(sums, in, o)
	}
	if r, ok := h.queueTimer(); ok {
		return f.queue(r)
	}
	return f.parts(h, sums, in, o)
}

// clock finds a grid, in UTC or, if the zone's offset changes in between, on the
// wall, and what speaks against it.
func (h *hop) clock(parts bool) (g grid, d doubt, on *hop) {
	g, on = h.searchGrid(parts), h
	if g.found() {
		d = h.doubts(g)
	}
	if !h.zones || g.found() && d == none && (60*minute)%g.period == 0 {
		return g, d, h
	}
	wall := h.onTheWall()
	if w := wall.searchGrid(parts); w.found() && (!g.found() || d != none || len(w.starts) < len(g.starts) || w.mass > g.mass) {
		if dw := wall.doubts(w); dw == none || !g.found() {
			return w, dw, wall
		}
	}
	return g, d, h
}

// parts looks for two populations, of which one has a rhythm.
func (f Finding) parts(h *hop, sums []cluster, in float64, o Options) Finding {
	if g, doubt, on := h.clock(true); g.found() && doubt == none && g.p < byChance/100 {
		return f.grid(on, g)
	}
	// Coarse times hide the short waits of a ladder: its long ones are no part then.
	if _, byClock := h.stands(); !byClock && h.grain <= second && in >= part && len(sums) >= 2 && sums[0].p < byChance/100 && sums[1].p < byChance/100 {
		return f.ladder(sums, in, o)
	}
	if 20*f.Waited <= f.N {
		return f.prompt()
	}
	if f.Waited < 4*least {
		return f.little(fmt.Sprintf("%s messages waited, and in %d at least a rhythm like theirs would show", count(f.Waited), 4*least))
	}
	f.Verdict, f.Why = NoRhythm, "when mail leaves follows neither the clock, nor a timer, nor the length of the queue"
	return f
}

// uneven: the steps differ, as openings of a clock do not.
func uneven(steps []int64) bool {
	return len(steps) > 1 && slices.Max(steps)-slices.Min(steps) > slices.Min(steps)/5
}
