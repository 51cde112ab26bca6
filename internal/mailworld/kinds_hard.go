package mailworld

import (
	"fmt"
	"time"
)

// The worlds of this file are those that are easily taken for others.

// gridJob: mail comes on the clock and leaves on the clock. What looks like one wait
// for all may be a retry as well.
func gridJob(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.openings(here, 0))
	s.byJob(pick(s, 5*time.Minute, 10*time.Minute, 20*time.Minute, 30*time.Minute), over(path...))
}

// byJob lets one to three messages come each time a job runs.
func (s *sim) byJob(every time.Duration, path func(*message) []*server) {
	phase := s.upTo(every)
	for at := s.from.Truncate(every).Add(every + phase); at.Before(s.until); at = at.Add(every) {
		for range 1 + s.IntN(3) {
			s.send(at.Add(s.upTo(4*time.Second)), path)
		}
	}
	s.inOrder()
}

func gridFew(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.openings(here, 0.2*s.Float64()))
	s.write(8+s.IntN(25), over(path...))
}

func retryFew(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.climbs(here))
	s.write(8+s.IntN(25), over(path...))
}

// closedAtNight: a connector that opens in office hours only.
func closedAtNight(s *sim) {
	s.until = s.from.Add(time.Duration(5+s.IntN(6)) * 24 * time.Hour)
	path, here := s.chain(s.any)
	opens, open := time.Duration(5+s.IntN(3))*time.Hour, time.Duration(10+s.IntN(4))*time.Hour
	here.rule = grid(24*time.Hour, opens, open, 5*time.Second, time.UTC)
	here.does = fmt.Sprintf("is open from %v for %v", opens, open)
	s.late(here, Claim{Code: "PERIODIC-SCHEDULE", Subject: here.subject(), Period: 24 * time.Hour})
	for range 300 + s.IntN(500) {
		s.send(s.from.Add(s.upTo(s.until.Sub(s.from))), over(path...))
	}
	s.inOrder()
}

// retryQueueEach: the first attempt of each idle queue fails, the next one never. With
// much mail all leaves every so often, and hardly by the clock.
func retryQueueEach(s *sim) {
	path, here := s.chain(s.hub)
	step := pick(s, 5*time.Minute, 10*time.Minute, 15*time.Minute, 30*time.Minute)
	here.rule = queue([]time.Duration{step}, 1, 0, pick(s, 0.0, 0, 1), s.says(timedOut)...)
	here.does = fmt.Sprintf("fails first and tries its queue again after %v", step)
	s.late(here, Claim{Code: "PERIODIC-RETRY", Subject: here.subject(), Steps: []time.Duration{step}})
	s.write(300+s.IntN(1200), over(path...))
}

// postfixBook: the defaults of Postfix, whose timers end on a scan of the queue.
func postfixBook(s *sim) {
	hub, relay := s.hub("hub1"), s.add("relay1.contoso.com", postfix, "")
	relay.rule = backoff(0.2+0.7*s.Float64(), 0.1+0.5*s.Float64(), s.between(0, 2*time.Second), s.says(pick(s, reasons(relay)...))...)
	relay.does = "tries again as Postfix does, on a scan every 5 minutes"
	s.late(relay, Claim{Code: "PERIODIC-RETRY", Subject: relay.subject()}, Claim{Code: "PERIODIC-SCHEDULE", Subject: relay.subject(), Period: 5 * time.Minute})
	s.write(300+s.IntN(400), over(hub, relay))
}

// eximRuns: a message that failed goes when the queue is run next, which is by a timer
// that began at any time.
func eximRuns(s *sim) {
	hub, relay := s.hub("hub1"), s.add("relay1.contoso.com", exim, "")
	run := pick(s, 10*time.Minute, 30*time.Minute)
	relay.rule = ladder(minutes(15, 15, 15, 15, 60), 0.2+0.5*s.Float64(), 0.3*s.Float64(), s.between(0, 2*time.Second), run, s.says(pick(s, reasons(relay)...))...)
	relay.does = fmt.Sprintf("tries again after 15 minutes, when its queue is run every %v", run)
	s.late(relay, Claim{Code: "PERIODIC-RETRY", Subject: relay.subject()}, Claim{Code: "PERIODIC-SCHEDULE", Subject: relay.subject(), Period: run})
	s.write(300+s.IntN(400), over(hub, relay))
}

// fixed adds a wait of one length to some messages.
func fixed(share float64, length, jitter time.Duration) rule {
	return func(s *sim, all []*trip) {
		for _, t := range all {
			t.left = t.came.Add(s.work())
			if s.Float64() < share {
				t.left = t.left.Add(length + s.upTo(jitter))
			}
		}
	}
}

// timeOut: the first address of the next hop answers nothing; the second does.
func timeOut(s *sim) {
	path, here := s.chain(s.any)
	length := pick(s, 150*time.Second, 5*time.Minute, 10*time.Minute)
	here.rule, here.does = fixed(0.3+0.6*s.Float64(), length, 200*time.Millisecond), fmt.Sprintf("loses %v with a dead address", length)
	s.late(here, Claim{Code: "HOP-DELAY", Subject: here.subject()})
	s.truth.Like = []Claim{{Code: "PERIODIC-RETRY", Subject: here.subject()}}
	s.write(200+s.IntN(400), over(path...))
}

func filter(s *sim) {
	path, here := s.chain(s.any)
	length := s.between(2*time.Minute, 4*time.Minute)
	here.rule, here.does = fixed(1, length, s.between(10*time.Second, 90*time.Second)), fmt.Sprintf("filters for %v", length)
	s.late(here, Claim{Code: "HOP-DELAY", Subject: here.subject()})
	s.truth.Like = []Claim{{Code: "PERIODIC-RETRY", Subject: here.subject()}}
	s.write(200+s.IntN(400), over(path...))
}

// limited: a limit of so many messages an hour; when it is reached the rest waits for
// the next hour.
func limited(s *sim) {
	path, here := s.chain(s.any)
	most := 10 + s.IntN(25)
	here.rule = func(s *sim, all []*trip) {
		sent := map[time.Time]int{}
		for _, t := range all {
			at := t.came.Add(s.work())
			for sent[at.Truncate(time.Hour)] >= most {
				at = at.Truncate(time.Hour).Add(time.Hour + s.upTo(3*time.Second))
			}
			sent[at.Truncate(time.Hour)]++
			t.left = at
		}
	}
	here.does = fmt.Sprintf("sends %d an hour, counted by the clock", most)
	s.late(here, Claim{Code: "BACKLOG", Subject: here.subject()}, Claim{Code: "PERIODIC-SCHEDULE", Subject: here.subject(), Period: time.Hour}, Claim{Code: "HOP-DELAY", Subject: here.subject()})
	for at := s.from.Truncate(time.Hour); at.Before(s.until); at = at.Add(time.Hour) {
		n := most / 3
		if h := at.Hour(); h >= 9 && h < 12 { // more than may leave
			n = most + most*s.IntN(60)/100
		}
		for range n {
			s.send(at.Add(s.upTo(time.Hour)), over(path...))
		}
	}
	s.inOrder()
}

func twoCauses(s *sim) {
	a, b, c := s.hub("in1"), s.any("mid1"), s.any("out1")
	s.late(a, s.openings(a, 0))
	s.late(b, s.climbs(b))
	s.write(300+s.IntN(300), over(a, b, c))
}

func gridOutage(s *sim) {
	path, here := s.chain(s.any)
	claim := s.openings(here, 0)
	inner, from, length := here.rule, s.from.Add(s.upTo(s.until.Sub(s.from)/2)), s.between(time.Hour, 6*time.Hour)
	here.rule = func(s *sim, all []*trip) {
		inner(s, all)
		for _, t := range all {
			if t.left.After(from) && t.left.Before(from.Add(length)) {
				t.left = from.Add(length).Add(s.upTo(30 * time.Second))
			}
		}
	}
	here.does += fmt.Sprintf(", stands still for %v", length.Round(time.Minute))
	s.late(here, claim)
	s.write(300+s.IntN(500), over(path...))
}

// clockSet: a clock is wrong, until somebody sets it.
func clockSet(s *sim) {
	path, here := s.chain(s.any)
	if len(path) == 1 {
		path = append(path, s.any("out1"))
	}
	s.wrong(here)
	wrong, at := here.ahead, s.from.Add(s.upTo(s.until.Sub(s.from)))
	here.ahead = func(t time.Time) time.Duration {
		if t.Before(at) {
			return wrong(t)
		}
		return 0
	}
	here.does = "prompt, its clock is set at " + at.Format(time.DateTime)
	s.truth.May = []Claim{{Code: "CLOCK-SKEW"}} // mail in one direction need not show it
	s.write(300+s.IntN(300), over(path...))
}

// clockDrifts by seconds a day.
func clockDrifts(s *sim) {
	path, here := s.chain(s.any)
	rate := (s.Float64()*2 - 1) * 30 / 86400
	from := s.from
	here.ahead = func(t time.Time) time.Duration { return time.Duration(rate * float64(t.Sub(from))) }
	s.truth.May = []Claim{{Code: "CLOCK-SKEW"}}
	s.write(300+s.IntN(300), over(path...))
}

// gap: of the log of a prompt server some hours are missing.
func gap(s *sim) {
	path, here := s.chain(s.any)
	from := s.from.Add(s.upTo(s.until.Sub(s.from)))
	here.gap = [2]time.Time{from, from.Add(s.between(10*time.Minute, 9*time.Hour))}
	here.does = fmt.Sprintf("prompt, no log from %s to %s", here.gap[0].Format(time.DateTime), here.gap[1].Format(time.DateTime))
	s.truth.May = []Claim{{Code: "EVIDENCE-INCOMPLETE"}}
	s.write(400+s.IntN(600), over(path...))
}
