package rhythm

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A world is a hop in the making: arrivals, a rule for when they leave, and what is
// true of it.
type world struct {
	*rand.Rand
	from     time.Time
	length   time.Duration
	came     []time.Time
	all      []Passage
	period   time.Duration // of the grid, if there is one
	phases   []time.Duration
	window   time.Duration
	quarters map[int]bool    // of the day, at which the hop opens
	sums     []time.Duration // on which waits can stand
}

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 7))
	w := &world{Rand: r, from: time.Date(2010, 7, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(1e6)) * time.Second)}
	w.length = time.Duration(1+r.IntN(6)) * 24 * time.Hour
	return w
}

func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.Float64() * float64(d)) }

func (w *world) pick(of ...time.Duration) time.Duration { return of[w.IntN(len(of))] }

// steadily lets about n messages come at any time.
func (w *world) steadily(n int) {
	for range n {
		w.came = append(w.came, w.from.Add(w.upTo(w.length)))
	}
	w.sort()
}

func (w *world) sort() { slices.SortFunc(w.came, time.Time.Compare) }

// byDay lets them come mostly in office hours.
func (w *world) byDay(n int) {
	for len(w.came) < n {
		at := w.from.Add(w.upTo(w.length))
		if h := at.Hour(); h >= 8 && h < 18 || w.IntN(10) == 0 {
			w.came = append(w.came, at)
		}
	}
	w.sort()
}

// byJob lets one to four come each time a job runs.
func (w *world) byJob(every time.Duration, most int) {
	phase := w.upTo(every)
	for at := w.from.Truncate(every).Add(phase); at.Before(w.from.Add(w.length)); at = at.Add(every) {
		for range 1 + w.IntN(most) {
			w.came = append(w.came, at.Add(w.upTo(3*time.Second)))
		}
	}
	w.sort()
}

func (w *world) leave(came time.Time, wait time.Duration) {
	w.all = append(w.all, Passage{Came: came, Left: came.Add(wait), Depth: -1})
}

// prompt is the wait at a hop that is well.
func (w *world) prompt() time.Duration {
	return time.Duration(math.Exp(w.NormFloat64()*0.8+0.5) * float64(time.Second))
}

// next is the first time of the grid at or after t.
func next(t time.Time, period, phase time.Duration) time.Time {
	at := t.Truncate(period).Add(phase) // Truncate counts from year 1, which is a Monday at midnight
	for at.Before(t) {
		at = at.Add(period)
	}
	for !at.Add(-period).Before(t) {
		at = at.Add(-period)
	}
	return at
}

// open lets all leave at openings; healthy is the share that leaves at once.
func (w *world) open(period, window, jitter time.Duration, servers int, healthy float64) {
	w.period, w.window = period, window
	for range servers {
		w.phases = append(w.phases, w.upTo(period).Truncate(time.Second))
	}
	for _, came := range w.came {
		phase := w.phases[w.IntN(servers)]
		at := next(came, period, phase)
		if w.Float64() < healthy || window > 0 && came.Sub(at.Add(-period)) < window {
			w.leave(came, w.prompt())
			continue
		}
		w.leave(came, at.Sub(came)+w.upTo(jitter))
	}
}

// retry lets each message climb the ladder by itself.
func (w *world) retry(l Ladder, fail, healthy float64, jitter time.Duration, attempts bool) {
	at := time.Duration(0)
	for i := range 40 {
		at += l.Steps[min(i, len(l.Steps)-1)]
		w.sums = append(w.sums, at)
	}
	for _, came := range w.came {
		if w.Float64() < healthy {
			w.leave(came, w.prompt())
			continue
		}
		p := Passage{Came: came, Depth: -1, Left: came.Add(w.prompt())}
		for i := 0; i == 0 || i < 30 && w.Float64() < fail; i++ {
			if attempts {
				p.Attempts = append(p.Attempts, p.Left)
			}
			p.Left = p.Left.Add(l.Steps[min(i, len(l.Steps)-1)] + w.upTo(jitter))
		}
		w.all = append(w.all, p)
	}
}

// perQueue: a message that finds the queue idle fails with a probability, and all
// wait for the retry.
func (w *world) perQueue(interval, jitter time.Duration, fail float64) {
	var until time.Time
	for _, came := range w.came {
		if came.Before(until) {
			w.leave(came, until.Sub(came)+w.upTo(jitter))
			continue
		}
		if w.Float64() < fail {
			until = came.Add(interval)
			w.leave(came, interval+w.upTo(jitter))
			continue
		}
		w.leave(came, w.prompt())
	}
}

// running is a timer that runs on, late by lag each time, and starts anew at any
// phase after each episode.
func (w *world) running(interval, lag, episode time.Duration) {
	at, ends := w.from.Add(w.upTo(interval)), w.from.Add(episode)
	for _, came := range w.came {
		for at.Before(came) {
			at = at.Add(interval + w.upTo(2*lag))
			if at.After(ends) {
				at, ends = at.Add(w.upTo(interval)), at.Add(episode)
			}
		}
		w.leave(came, at.Sub(came)+w.upTo(2*time.Second))
	}
}

// gate lets all go that has come, at times that follow each other by a rule.
func (w *world) gate(after func(time.Time) time.Time) {
	at := w.from
	for _, came := range w.came {
		for at.Before(came) {
			at = after(at)
		}
		w.leave(came, at.Sub(came)+w.upTo(2*time.Second))
	}
}

// serve is a queue that one server works off.
func (w *world) serve(service time.Duration, spread float64, depth bool) {
	var free time.Time
	for i, came := range w.came {
		if free.Before(came) {
			free = came
		}
		free = free.Add(time.Duration(float64(service) * (1 + spread*(w.Float64()-0.5))))
		p := Passage{Came: came, Left: free, Depth: -1}
		if depth {
			p.Depth = 0
			for j := i - 1; j >= 0 && w.all[j].Left.After(came); j-- {
				p.Depth++
			}
		}
		w.all = append(w.all, p)
	}
}

// storms lets many come within minutes, a few times.
func (w *world) storms(n, each int) {
	for range n {
		at := w.from.Add(w.upTo(w.length))
		for range each {
			w.came = append(w.came, at.Add(w.upTo(10*time.Minute)))
		}
	}
	w.sort()
}

// without rule: each wait is drawn.
func (w *world) drawn(wait func() time.Duration) {
	for _, came := range w.came {
		w.leave(came, wait())
	}
}

// stops: the hop stands still for a while, then lets all go.
func (w *world) stops(n int) {
	for range n {
		from := w.from.Add(w.upTo(w.length))
		to := from.Add(w.upTo(4 * time.Hour))
		for i, p := range w.all {
			if p.Came.After(from) && p.Came.Before(to) && p.Left.Before(to) {
				w.all[i].Left = to.Add(w.upTo(20 * time.Second))
			}
		}
	}
}

var ladders = []Ladder{
	{"fifteen", []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 4 * time.Hour}},
	{"ten", []time.Duration{10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 15 * time.Minute}},
	{"glitch", []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute, 5 * time.Minute, 10 * time.Minute}},
	{"half hours", []time.Duration{30 * time.Minute}},
	{"doubling", []time.Duration{450 * time.Second, 900 * time.Second, 1800 * time.Second, time.Hour, 2 * time.Hour}},
}

// summer is a grid on the wall of a zone whose clocks change half way.
func summer(w *world, seen bool) {
	w.length = 20 * 24 * time.Hour
	w.steadily(800)
	w.open(w.pick(minutes(30, 60, 120, 240, 1440)...), 0, w.upTo(20*time.Second), 1, 0.2)
	change := w.from.Add(w.length / 2)
	for i, p := range w.all {
		zone := time.FixedZone("winter", 3600)
		by := -time.Hour
		if p.Left.After(change) {
			zone, by = time.FixedZone("summer", 7200), -2*time.Hour
		}
		if !seen {
			zone = time.UTC
		}
		w.all[i].Came, w.all[i].Left = p.Came.Add(by).In(zone), p.Left.Add(by).In(zone)
	}
	if !seen {
		w.phases = nil
		if w.period <= time.Hour {
			return
		}
	}
}
