package mailworld

import (
	"math"
	"time"
)

// A trip is a message at one server.
type trip struct {
	*message
	at      *server
	step    int    // which of its path
	queue   string // id of the message at this server
	came    time.Time
	left    time.Time // zero: never
	fails   []fail
	before  *trip
	after   *trip
	session string // by which it came
	sent    string // by which it left
	agent   time.Duration
	failed  string // returned with this text instead
}

// A fail is an attempt that was put off.
type fail struct {
	at     time.Time
	reason string
}

// A rule says when trips leave that have come, in the order of coming.
type rule func(*sim, []*trip)

// work is what a healthy server needs for a message: seconds.
func (s *sim) work() time.Duration {
	if s.IntN(100) == 0 {
		return s.between(10*time.Second, 50*time.Second)
	}
	return time.Duration(math.Exp(s.NormFloat64()*0.8+0.2) * float64(time.Second))
}

func prompt(s *sim, all []*trip) {
	for _, t := range all {
		t.left = t.came.Add(s.work())
	}
}

// sometimes lets a share of the messages be prompt, and the rule hold for the rest.
func sometimes(healthy float64, r rule) rule {
	return func(s *sim, all []*trip) {
		var rest, quick []*trip
		for _, t := range all {
			if s.Float64() < healthy {
				quick = append(quick, t)
			} else {
				rest = append(rest, t)
			}
		}
		prompt(s, quick)
		r(s, rest)
	}
}

// grid opens every so often, at a phase, by the clock of a zone, and closes when all
// that has gathered is gone, or after a window.
func grid(period, phase, window, jitter time.Duration, zone *time.Location) rule {
	return func(s *sim, all []*trip) {
		var last time.Time
		for _, t := range all {
			ready := t.came.Add(s.work())
			open := opening(ready, period, phase, zone)
			if !open.Add(-period).Add(window).Before(ready) {
				t.left = ready
				continue
			}
			if t.left = open.Add(s.upTo(jitter)); t.left.Before(last) && last.Sub(t.left) < time.Minute {
				t.left = last
			}
			t.left = t.left.Add(s.between(20*time.Millisecond, 400*time.Millisecond))
			last = t.left
		}
	}
}

// opening is the first one not before a time.
func opening(t time.Time, period, phase time.Duration, zone *time.Location) time.Time {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone)
	}
	y, m, d := midnight(t).Date()
	for at := phase; ; at += period {
		// By the clock on the wall, which may jump.
		open := time.Date(y, m, d, 0, 0, 0, int(at), zone)
		if !open.Before(t) {
			return open
		}
	}
}

// ladder lets each message climb by itself. fail is the share of attempts that fail.
func ladder(steps []time.Duration, first, again float64, jitter, scan time.Duration, reasons ...string) rule {
	return func(s *sim, all []*trip) {
		phase := s.upTo(scan)
		for _, t := range all {
			at := t.came.Add(s.work())
			reason := pick(s, reasons...)
			for i, share := 0, first; i < 60 && s.Float64() < share; i, share = i+1, again {
				t.fails = append(t.fails, fail{at, reason})
				at = scanned(at.Add(steps[min(i, len(steps)-1)]), phase, scan).Add(s.upTo(jitter))
			}
			t.left = at
		}
	}
}

// backoff is what Postfix does by default: a message whose attempt fails rests until it
// is as old again, 300 seconds at least and 4000 at most, and goes at the next look at
// the queue, every 300 seconds.
func backoff(first, again float64, jitter time.Duration, reasons ...string) rule {
	const least, most, scan = 300 * time.Second, 4000 * time.Second, 300 * time.Second
	return func(s *sim, all []*trip) {
		phase := s.upTo(scan)
		for _, t := range all {
			at := t.came.Add(s.work())
			reason := pick(s, reasons...)
			for i, share := 0, first; i < 60 && s.Float64() < share; i, share = i+1, again {
				t.fails = append(t.fails, fail{at, reason})
				rest := min(max(at.Sub(t.came), least), most)
				at = scanned(at.Add(rest), phase, scan).Add(s.upTo(jitter))
			}
			t.left = at
		}
	}
}

// scanned is when the queue is next looked through.
func scanned(at time.Time, phase, scan time.Duration) time.Time {
	if scan == 0 {
		return at
	}
	return at.Add(-phase).Add(scan - time.Nanosecond).Truncate(scan).Add(phase)
}

// queue tries the queue as a whole: what comes while its timer runs waits for it.
// told says for how many of those that wait a row says so.
func queue(steps []time.Duration, first, again float64, told float64, reasons ...string) rule {
	return func(s *sim, all []*trip) {
		var until time.Time
		var failed []fail
		for _, t := range all {
			at := t.came.Add(s.between(50*time.Millisecond, 900*time.Millisecond))
			if !at.Before(until) && s.Float64() < first {
				until, failed = s.climb(at, steps, again, pick(s, reasons...))
			}
			if !at.Before(until) {
				t.left = at.Add(s.work())
				continue
			}
			for _, f := range failed {
				if !f.at.Before(at) && s.Float64() < told {
					t.fails = append(t.fails, f)
				}
			}
			t.left = until.Add(s.between(100*time.Millisecond, 3*time.Second))
		}
	}
}

// climb fails an attempt, and others after it, and gives when one is through.
func (s *sim) climb(at time.Time, steps []time.Duration, again float64, reason string) (time.Time, []fail) {
	var all []fail
	for i, share := 0, 1.0; i < 60 && s.Float64() < share; i, share = i+1, again {
		all = append(all, fail{at, reason})
		at = at.Add(steps[min(i, len(steps)-1)]).Add(s.upTo(500 * time.Millisecond))
	}
	return at, all
}

// backlog works messages off one by one.
func backlog(service time.Duration, spread float64) rule {
	return func(s *sim, all []*trip) {
		var free time.Time
		for _, t := range all {
			if free.Before(t.came) {
				free = t.came
			}
			free = free.Add(time.Duration(float64(service) * (1 + spread*(s.Float64()-0.5))))
			t.left = free
		}
	}
}

// agent keeps a share of the messages inside of the server.
func agent(share float64, mean time.Duration) rule {
	return func(s *sim, all []*trip) {
		for _, t := range all {
			t.left = t.came.Add(s.work())
			if s.Float64() < share {
				t.agent = 130*time.Second + time.Duration(s.ExpFloat64()*float64(mean))
				t.left = t.left.Add(t.agent)
			}
		}
	}
}

// drawn waits without a rule.
func drawn(share float64, median time.Duration) rule {
	return func(s *sim, all []*trip) {
		for _, t := range all {
			t.left = t.came.Add(s.work())
			if s.Float64() < share {
				t.left = t.came.Add(time.Duration(math.Exp(s.NormFloat64()) * float64(median)))
			}
		}
	}
}

// outage lets nothing through for a while, once; then each message leaves at the next
// step of its ladder.
func outage(from time.Time, length time.Duration, steps []time.Duration, reason string) rule {
	return func(s *sim, all []*trip) {
		for _, t := range all {
			at := t.came.Add(s.work())
			for i := 0; at.After(from) && at.Before(from.Add(length)); i++ {
				t.fails = append(t.fails, fail{at, reason})
				at = at.Add(steps[min(i, len(steps)-1)]).Add(s.upTo(2 * time.Second))
			}
			t.left = at
		}
	}
}
