package rhythm

import (
	"math"
	"time"
)

var (
	silent  = []Verdict{TooLittle, NoRhythm}
	minutes = func(m ...int) (d []time.Duration) {
		for _, n := range m {
			d = append(d, time.Duration(n)*time.Minute)
		}
		return d
	}
	people = minutes(5, 10, 15, 20, 30, 60, 120, 240)
)

// A kind is a sort of hop, and what may be said of it beside that nothing is known.
type kind struct {
	name string
	make func(w *world)
	may  []Verdict
	most float64 // share of worlds in which it may stay silent
}

var kinds = []kind{
	{"grid", func(w *world) {
		w.steadily(100 + w.IntN(900))
		w.open(w.pick(people...), 0, w.upTo(20*time.Second), 1, 0)
	}, []Verdict{ClockGrid}, 0.1},
	{"grid, late by up to a minute", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.open(w.pick(minutes(15, 20, 30, 60)...), 0, time.Minute, 1, 0.3)
	}, []Verdict{ClockGrid}, 0.1},
	{"grid, window", func(w *world) {
		w.steadily(300 + w.IntN(900))
		p := w.pick(minutes(30, 60, 120)...)
		w.open(p, p/2, w.upTo(20*time.Second), 1, 0.2*w.Float64())
	}, []Verdict{ClockGrid}, 0.1},
	{"grid, 60 % healthy", func(w *world) {
		w.byDay(300 + w.IntN(900))
		w.open(w.pick(minutes(10, 15, 30, 60)...), 0, w.upTo(20*time.Second), 1, 0.6)
	}, []Verdict{ClockGrid}, 0.1},
	{"grid, any period", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.open(time.Duration(7+w.IntN(60))*time.Minute, 0, w.upTo(10*time.Second), 1, 0)
	}, []Verdict{ClockGrid}, 0.1},
	{"grid, minutes only", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.open(w.pick(minutes(15, 30, 60)...), 0, w.upTo(20*time.Second), 1, 0.3)
		for i, p := range w.all {
			w.all[i].Came, w.all[i].Left = p.Came.Truncate(time.Minute), p.Left.Truncate(time.Minute)
		}
	}, []Verdict{ClockGrid}, 0.2},
	{"grid, short", func(w *world) {
		w.length = time.Hour
		w.steadily(60 + w.IntN(200))
		w.open(w.pick(minutes(1, 2, 3)...), 0, 2*time.Second, 1, 0)
	}, []Verdict{ClockGrid}, 1},
	{"grid, weekdays", func(w *world) {
		w.length = 21 * 24 * time.Hour
		w.byDay(800)
		w.open(w.pick(minutes(30, 60, 120)...), 0, w.upTo(20*time.Second), 1, 0)
		monday := func(t time.Time) time.Time {
			for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
				t = t.Add(w.period)
			}
			return t
		}
		for i, p := range w.all {
			w.all[i].Left = monday(p.Left)
		}
	}, []Verdict{ClockGrid, Mixed}, 0.2},
	{"grid, two servers", func(w *world) {
		w.steadily(400 + w.IntN(900))
		w.open(w.pick(minutes(15, 30, 60)...), 0, w.upTo(10*time.Second), 2, 0)
	}, []Verdict{ClockGrid, Mixed}, 0.3},
	{"grid, three servers", func(w *world) {
		w.steadily(600 + w.IntN(900))
		w.open(w.pick(minutes(30, 60)...), 0, w.upTo(10*time.Second), 3, 0.2)
	}, []Verdict{ClockGrid, Mixed}, 0.3},
	{"grid, daily", func(w *world) {
		w.length = 30 * 24 * time.Hour
		w.byDay(500)
		w.open(24*time.Hour, 0, time.Minute, 1, 0.5)
	}, []Verdict{ClockGrid}, 0.2},
	{"grid, clocks change", func(w *world) { summer(w, true) }, []Verdict{ClockGrid}, 0.2},
	{"grid, clocks change unseen", func(w *world) { summer(w, false) }, []Verdict{ClockGrid, Mixed}, 1},
	{"grid, few", func(w *world) {
		w.length = 6 * time.Hour
		w.steadily(4 + w.IntN(16))
		w.open(w.pick(minutes(15, 30, 60)...), 0, 5*time.Second, 1, 0)
	}, []Verdict{ClockGrid, Prompt}, 1},
	{"grid, sparse", func(w *world) {
		w.length = 10 * 24 * time.Hour
		w.steadily(8 + w.IntN(40))
		w.open(w.pick(minutes(15, 30, 60, 120)...), 0, 5*time.Second, 1, 0)
	}, []Verdict{ClockGrid, Prompt}, 1},
	{"grid, dense", func(w *world) {
		w.length = 24 * time.Hour
		w.steadily(10000)
		w.open(w.pick(minutes(10, 15, 30)...), 0, w.upTo(10*time.Second), 1, 0)
	}, []Verdict{ClockGrid}, 0.2},
	{"grid, dense and few openings", func(w *world) {
		w.length = 6 * time.Hour
		w.steadily(5000)
		w.open(w.pick(minutes(30, 60)...), 0, w.upTo(10*time.Second), 1, 0)
	}, []Verdict{ClockGrid}, 1},
	{"grid, mail by a job", func(w *world) {
		p := w.pick(minutes(15, 30, 60)...)
		w.byJob(p, 3)
		w.open(p, 0, 5*time.Second, 1, 0)
	}, []Verdict{Prompt}, 1},
	{"grid, mail by a faster job", func(w *world) {
		w.byJob(10*time.Minute, 3)
		w.open(30*time.Minute, 0, 5*time.Second, 1, 0)
	}, []Verdict{ClockGrid}, 1},
	{"grid, mail by two jobs", func(w *world) {
		w.byJob(30*time.Minute, 2)
		w.byJob(30*time.Minute, 2)
		w.open(30*time.Minute, 0, 5*time.Second, 1, 0)
	}, []Verdict{Prompt, ClockGrid}, 1},
	{"ladder", func(w *world) {
		w.steadily(200 + w.IntN(900))
		w.retry(ladders[w.IntN(len(ladders))], 0.3+0.3*w.Float64(), 0, w.upTo(10*time.Second), false)
	}, []Verdict{RetryLadder}, 0.3},
	{"ladder, healthy mail", func(w *world) {
		w.byDay(300 + w.IntN(900))
		w.retry(ladders[w.IntN(len(ladders))], 0.3+0.3*w.Float64(), 0.6, w.upTo(20*time.Second), false)
	}, []Verdict{RetryLadder}, 0.5},
	{"ladder, attempts known", func(w *world) {
		w.byDay(200 + w.IntN(900))
		w.retry(ladders[w.IntN(len(ladders))], 0.6, 0.3, w.upTo(3*time.Second), true)
	}, []Verdict{RetryLadder}, 0.1},
	{"ladder, mail by a job", func(w *world) {
		w.byJob(w.pick(minutes(15, 30, 60)...), 2)
		w.retry(ladders[w.IntN(len(ladders))], 0.4, 0, 5*time.Second, false)
	}, []Verdict{RetryLadder}, 1},
	{"ladder, mail by a job, attempts", func(w *world) {
		w.byJob(w.pick(minutes(15, 30, 60)...), 2)
		w.retry(ladders[w.IntN(len(ladders))], 0.4, 0, 5*time.Second, true)
	}, []Verdict{RetryLadder}, 1},
	{"ladder, mail by two jobs", func(w *world) {
		w.byJob(w.pick(minutes(15, 30, 60)...), 2)
		w.byJob(w.pick(minutes(15, 30, 60)...), 2)
		w.retry(ladders[w.IntN(len(ladders))], 0.4, 0.2, 5*time.Second, false)
	}, []Verdict{RetryLadder}, 1},
	{"ladder, one step", func(w *world) {
		w.steadily(100 + w.IntN(300))
		w.retry(ladders[w.IntN(len(ladders))], 0, 0.4*w.Float64(), 5*time.Second, false)
	}, []Verdict{FixedWait}, 0.2},
	{"ladder, few", func(w *world) {
		w.steadily(4 + w.IntN(16))
		w.retry(ladders[w.IntN(len(ladders))], 0.4, 0, 5*time.Second, false)
	}, []Verdict{RetryLadder, FixedWait}, 1},
	{"ladder, minutes only", func(w *world) {
		w.steadily(200 + w.IntN(900))
		w.retry(ladders[w.IntN(len(ladders))], 0.3+0.3*w.Float64(), 0, w.upTo(10*time.Second), false)
		for i, p := range w.all {
			w.all[i].Came, w.all[i].Left = p.Came.Truncate(time.Minute), p.Left.Truncate(time.Minute)
		}
	}, []Verdict{RetryLadder}, 1},
	{"queue, sparse", func(w *world) {
		p := w.pick(minutes(10, 15, 30)...)
		w.steadily(int(w.length / p * 2))
		w.perQueue(p, 3*time.Second, 1)
	}, []Verdict{RetryLadder}, 0.3},
	{"queue, half fail", func(w *world) {
		p := w.pick(minutes(10, 15, 30)...)
		w.steadily(int(w.length / p * 3))
		w.perQueue(p, 3*time.Second, 0.5)
	}, []Verdict{RetryLadder}, 0.3},
	{"queue, dense", func(w *world) {
		w.length = time.Duration(2+w.IntN(30)) * time.Hour
		w.steadily(int(w.length / (6 * time.Second)))
		w.perQueue(w.pick(minutes(10, 15, 30)...), 3*time.Second, 1)
	}, []Verdict{RetryLadder}, 1},
	{"queue, very dense", func(w *world) {
		w.length = time.Duration(2+w.IntN(30)) * time.Hour
		w.steadily(int(w.length / (time.Second)))
		w.perQueue(w.pick(minutes(10, 15, 30)...), time.Second, 1)
	}, []Verdict{RetryLadder}, 1},
	{"queue, drifting", func(w *world) {
		w.steadily(300 + w.IntN(2000))
		w.running(w.pick(minutes(10, 15, 30)...), time.Duration(2+w.IntN(10))*time.Second, 1000*time.Hour)
	}, []Verdict{RetryLadder}, 1},
	{"queue, starting anew", func(w *world) {
		w.steadily(800 + w.IntN(2000))
		w.running(w.pick(minutes(10, 15, 30)...), 0, time.Duration(4+w.IntN(8))*time.Hour)
	}, []Verdict{RetryLadder}, 1},
	{"queue, mail by a job", func(w *world) {
		w.byJob(w.pick(minutes(15, 30, 60)...), 5)
		w.perQueue(w.pick(minutes(10, 15, 30)...), 3*time.Second, 1)
	}, []Verdict{RetryLadder, FixedWait}, 1},
	{"backlog, storms", func(w *world) {
		w.storms(5, 60)
		w.serve(w.pick(10*time.Second, 30*time.Second, time.Minute), 0.2, false)
	}, []Verdict{Backlog}, 0.1},
	{"backlog, depth known", func(w *world) {
		w.storms(5, 60)
		w.serve(w.pick(10*time.Second, 30*time.Second, time.Minute), 0.5, true)
	}, []Verdict{Backlog}, 0.1},
	{"backlog, high load", func(w *world) {
		s := w.pick(30*time.Second, time.Minute)
		w.steadily(int(0.9 * float64(w.length) / float64(s)))
		w.serve(s, 0, true)
	}, []Verdict{Backlog}, 0.3},
	{"backlog, mail by a job", func(w *world) {
		w.byJob(w.pick(minutes(30, 60)...), 40)
		w.serve(30*time.Second, 0, false)
	}, []Verdict{Backlog}, 0.3},
	{"backlog, small batches", func(w *world) {
		w.byJob(w.pick(minutes(15, 30, 60)...), 4)
		w.serve(w.pick(time.Minute, 3*time.Minute), 0.05, false)
	}, []Verdict{Backlog}, 1},
	{"prompt", func(w *world) {
		w.byDay(20 + w.IntN(900))
		w.drawn(w.prompt)
	}, []Verdict{Prompt}, 0},
	{"prompt, mail by a job", func(w *world) {
		w.byJob(30*time.Minute, 5)
		w.drawn(w.prompt)
	}, []Verdict{Prompt}, 0},
	{"waits without rule", func(w *world) {
		w.byDay(8 + w.IntN(900))
		most := w.upTo(2 * time.Hour)
		w.drawn(func() time.Duration { return w.upTo(most) })
	}, []Verdict{Prompt}, 1},
	{"waits without rule, exponential", func(w *world) {
		w.steadily(8 + w.IntN(900))
		mean := float64(w.upTo(time.Hour))
		w.drawn(func() time.Duration { return time.Duration(w.ExpFloat64() * mean) })
	}, []Verdict{Prompt}, 1},
	{"waits without rule, logarithmic", func(w *world) {
		w.byDay(8 + w.IntN(900))
		mean, s := float64(w.upTo(time.Hour)), 0.3+w.Float64()
		w.drawn(func() time.Duration { return time.Duration(math.Exp(s*w.NormFloat64()) * mean) })
	}, []Verdict{Prompt}, 1},
	{"waits without rule, mail by a job", func(w *world) {
		w.byJob(w.pick(minutes(15, 30, 60)...), 3)
		mean, s := float64(w.upTo(time.Hour)), 0.3+w.Float64()
		w.drawn(func() time.Duration { return time.Duration(math.Exp(s*w.NormFloat64()) * mean) })
	}, []Verdict{Prompt}, 1},
	{"standstills", func(w *world) {
		w.byDay(100 + w.IntN(900))
		w.drawn(w.prompt)
		w.stops(1 + w.IntN(9))
	}, []Verdict{Prompt}, 1},
	{"one wait for all", func(w *world) {
		w.byDay(20 + w.IntN(900))
		wait := w.upTo(2 * time.Hour)
		w.drawn(func() time.Duration { return wait + w.upTo(2*time.Second) })
	}, []Verdict{FixedWait, Prompt}, 1},
	{"greylisting, any retry", func(w *world) {
		w.byDay(100 + w.IntN(900))
		w.drawn(func() time.Duration {
			if w.IntN(2) == 0 {
				return w.prompt()
			}
			return 5*time.Minute + w.upTo(time.Hour)
		})
	}, nil, 1},
	{"gate at any time", func(w *world) {
		w.steadily(300 + w.IntN(900))
		mean := float64(w.pick(people[:6]...))
		w.gate(func(at time.Time) time.Time { return at.Add(time.Duration(w.ExpFloat64() * mean)) })
	}, nil, 1},
	{"gate, uneven", func(w *world) {
		w.steadily(300 + w.IntN(900))
		mean := w.pick(people[:6]...)
		w.gate(func(at time.Time) time.Time { return at.Add(mean + w.upTo(mean/2)) })
	}, nil, 1},
	{"gate, ten or twelve minutes", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.gate(func(at time.Time) time.Time { return at.Add(time.Duration(10+2*w.IntN(2)) * time.Minute) })
	}, []Verdict{ClockGrid}, 1}, // see wrongGrid: only as 2 minutes
	{"grid, second late in each half hour", func(w *world) {
		w.steadily(600 + w.IntN(900))
		w.gate(func(at time.Time) time.Time { return at.Add(30*time.Minute + time.Second) })
	}, []Verdict{RetryLadder}, 1},
	{"grid, office hours", func(w *world) {
		w.length = 14 * 24 * time.Hour
		w.byDay(900)
		w.period, w.phases = w.pick(minutes(15, 30, 60)...), minutes(0)
		w.gate(func(at time.Time) time.Time {
			at = at.Add(w.period).Truncate(w.period)
			for at.Hour() < 7 || at.Hour() > 19 {
				at = at.Add(w.period)
			}
			return at
		})
	}, []Verdict{ClockGrid, Mixed}, 1},
	{"grid, timetable", func(w *world) {
		w.length = 14 * 24 * time.Hour
		w.byDay(900)
		w.period = 24 * time.Hour
		w.quarters = map[int]bool{w.IntN(96): true, w.IntN(96): true, w.IntN(96): true, w.IntN(96): true, w.IntN(96): true}
		w.gate(func(at time.Time) time.Time {
			at = at.Add(15 * time.Minute).Truncate(15 * time.Minute)
			for !w.quarters[at.Hour()*4+at.Minute()/15] {
				at = at.Add(15 * time.Minute)
			}
			return at
		})
	}, []Verdict{ClockGrid, Mixed}, 1},
	{"grid, drained slowly", func(w *world) {
		w.steadily(int(w.length / (90 * time.Second)))
		w.open(w.pick(minutes(30, 60)...), 0, 0, 1, 0)
		var free time.Time
		for i, p := range w.all {
			if free.Before(p.Left) {
				free = p.Left
			}
			free = free.Add(5 * time.Second)
			w.all[i].Left = free
		}
	}, []Verdict{ClockGrid}, 1},
	{"queue, fails several times", func(w *world) {
		p := w.pick(minutes(5, 10, 15)...)
		w.steadily(int(w.length / p * 2))
		var until time.Time
		for _, came := range w.came {
			if came.After(until) {
				until = came.Add(p * time.Duration(1+w.IntN(4)))
			}
			w.leave(came, until.Sub(came)+w.upTo(3*time.Second))
		}
	}, []Verdict{RetryLadder, FixedWait, Mixed}, 1},
	{"two time-outs", func(w *world) {
		w.byDay(100 + w.IntN(900))
		w.drawn(func() time.Duration {
			return w.pick(time.Second, 10*time.Minute, 20*time.Minute) + w.upTo(9*time.Second)
		})
	}, []Verdict{RetryLadder}, 1},
	{"ladder on a queue scan", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.retry(Ladder{Steps: minutes(5, 10, 20, 40, 66)}, 0.4, 0.3, 0, false)
		w.period, w.phases = 5*time.Minute, minutes(0)
		for i, p := range w.all {
			if p.Left.Sub(p.Came) > time.Minute {
				w.all[i].Left = next(p.Left, 5*time.Minute, 0)
			}
		}
	}, []Verdict{ClockGrid, Mixed}, 1},
	{"newsletter and a grid", func(w *world) {
		w.byJob(time.Hour, 200)
		w.steadily(300)
		w.open(w.pick(minutes(10, 15, 30)...), 0, w.upTo(10*time.Second), 1, 0.2)
	}, []Verdict{ClockGrid, Mixed}, 1},
	{"newsletter and a ladder", func(w *world) {
		w.byJob(time.Hour, 200)
		w.steadily(300)
		w.retry(ladders[w.IntN(len(ladders))], 0.4, 0.2, 9*time.Second, false)
	}, []Verdict{RetryLadder, Mixed}, 1},
	{"newsletter and a queue", func(w *world) {
		w.byJob(time.Hour, 200)
		w.steadily(300)
		w.perQueue(w.pick(minutes(10, 15, 20, 30)...), 3*time.Second, 0.5)
	}, []Verdict{RetryLadder}, 1},
	{"newsletter and a slow hop", func(w *world) {
		w.byJob(time.Hour, 100)
		w.steadily(300)
		w.serve(10*time.Second, 0.1, false)
	}, []Verdict{Backlog}, 1},
	{"grid and ladder", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.open(30*time.Minute, 0, 5*time.Second, 1, 0)
		both := w.all
		w.all = nil
		w.retry(ladders[w.IntN(2)], 0.4, 0, 5*time.Second, false)
		for i := range both {
			if w.IntN(2) == 0 {
				w.all[i] = both[i]
			}
		}
	}, []Verdict{Mixed}, 1},
	{"ladder and waits without rule", func(w *world) {
		w.steadily(300 + w.IntN(900))
		w.retry(ladders[w.IntN(2)], 0.4, 0, 5*time.Second, false)
		for i := range w.all {
			if w.IntN(5) < 2 {
				w.all[i].Left = w.all[i].Came.Add(w.upTo(90 * time.Minute))
			}
		}
	}, []Verdict{Mixed, RetryLadder}, 1},
}
