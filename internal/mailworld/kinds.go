package mailworld

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // for the worlds in which clocks change
)

func kinds() []Kind {
	return []Kind{
		{"healthy", healthy},
		{"healthy, several hubs", healthyHubs},
		{"clock grid", clockGrid},
		{"clock grid, part of the mail", clockGridMixed},
		{"clock grid with a window", clockGridWindow},
		{"clock grid, several hubs", clockGridHubs},
		{"clock grid by the wall, clocks change", clockGridSummer},
		{"retry ladder, each message", retryEach},
		{"retry ladder, a relay in between", retryRelay},
		{"retry ladder, mail comes by a job", retryJob},
		{"retry of the queue", retryQueue},
		{"greylisting", greylisting},
		{"backlog at a busy hour", busy},
		{"slow agent", slowAgent},
		{"one outage", oneOutage},
		{"waits without a rule", ruleless},
		{"wrong clock, no delay", wrongClock},
		{"wrong clock and a clock grid", wrongClockGrid},
		{"log in local time, no delay", localTime},
		{"log of the slow server missing", missingLog},
		{"loop", loop},
		{"clock grid, mail comes by a job", gridJob},
		{"clock grid, few messages", gridFew},
		{"closed at night", closedAtNight},
		{"retry ladder, few messages", retryFew},
		{"retry of the queue, each first attempt", retryQueueEach},
		{"Postfix by the book", postfixBook},
		{"Exim with queue runs", eximRuns},
		{"a time-out, then success", timeOut},
		{"a filter that takes its time", filter},
		{"no more than so many an hour", limited},
		{"clock grid, then retry ladder", twoCauses},
		{"clock grid and an outage", gridOutage},
		{"a clock that was set right", clockSet},
		{"a clock that drifts", clockDrifts},
		{"a piece of the log missing", gap},
	}
}

func minutes(all ...float64) []time.Duration {
	var list []time.Duration
	for _, m := range all {
		list = append(list, time.Duration(m*float64(time.Minute)))
	}
	return list
}

// late says that a hop is late: what follows from every delay at a server.
func (s *sim) late(x *server, want ...Claim) {
	s.truth.Late, s.held = true, append(s.held, x)
	s.truth.Want = append(s.truth.Want, want...)
	s.truth.May = append(s.truth.May, Claim{Code: "HOP-DELAY", Subject: x.subject()})
}

func healthy(s *sim) {
	path, _ := s.chain(s.any)
	s.write(200+s.IntN(400), over(path...))
}

func healthyHubs(s *sim) {
	hubs := []*server{s.hub("hub1"), s.hub("hub2"), s.hub("hub3")}
	edge := s.any("edge1")
	s.write(400+s.IntN(400), func(*message) []*server { return []*server{hubs[s.IntN(3)], edge} })
}

// openings draws a grid: its period, and what it is called.
func (s *sim) openings(x *server, healthy float64) Claim {
	period := pick(s, 15*time.Minute, 30*time.Minute, 30*time.Minute, time.Hour)
	phase := pick(s, 0, 0, 5*time.Minute, s.upTo(period).Truncate(time.Minute))
	x.rule = sometimes(healthy, grid(period, phase%period, 0, s.between(0, 8*time.Second), time.UTC))
	x.does = fmt.Sprintf("lets mail go every %v at %v, %.0f %% goes at once", period, phase%period, 100*healthy)
	return Claim{Code: "PERIODIC-SCHEDULE", Subject: x.subject(), Period: period}
}

func clockGrid(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.openings(here, 0))
	s.write(200+s.IntN(400), over(path...))
}

func clockGridMixed(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.openings(here, s.Float64()*0.8))
	s.write(400+s.IntN(600), over(path...))
}

func clockGridWindow(s *sim) {
	path, here := s.chain(s.any)
	period := pick(s, 30*time.Minute, time.Hour, 2*time.Hour)
	window := period / pick(s, time.Duration(2), 4)
	here.rule = grid(period, 0, window, 5*time.Second, time.UTC)
	here.does = fmt.Sprintf("is open every %v for %v", period, window)
	s.late(here, Claim{Code: "PERIODIC-SCHEDULE", Subject: here.subject(), Period: period})
	s.write(300+s.IntN(500), over(path...))
}

func clockGridHubs(s *sim) {
	var hubs []*server
	for i := range 2 + s.IntN(2) {
		x := s.hub(fmt.Sprintf("hub%d", i+1))
		s.late(x, s.openings(x, 0))
		hubs = append(hubs, x)
	}
	edge := s.any("edge1")
	s.write(600+s.IntN(400), func(*message) []*server { return []*server{hubs[s.IntN(len(hubs))], edge} })
}

// clockGridSummer runs a queue by the clock on the wall of Berlin, over the night in
// which clocks change.
func clockGridSummer(s *sim) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	year := s.from.Year()
	s.from = time.Date(year, time.March, 24, 0, 0, 0, 0, time.UTC)
	s.until = s.from.Add(10 * 24 * time.Hour)
	s.answer = "Europe/Berlin"
	x := s.add("mid1.contoso.com", postfix, "")
	x.stamped, x.zone = true, zone
	period := pick(s, time.Hour, 2*time.Hour, 4*time.Hour)
	x.rule, x.does = grid(period, 10*time.Minute, 0, 5*time.Second, zone), fmt.Sprintf("lets mail go every %v by the clock on the wall", period)
	s.late(x, Claim{Code: "PERIODIC-SCHEDULE", Subject: x.subject(), Period: period})
	out := s.any("out1")
	out.zone = zone
	s.write(400+s.IntN(300), over(x, out))
}

// timers are the ladders that are played.
func (s *sim) timer() (name string, steps []time.Duration, scan time.Duration) {
	switch s.IntN(5) {
	case 0:
		return "Windows", minutes(1, 1, 1, 15, 30, 60, 240), 0
	case 1:
		return "Exchange 2003", minutes(1, 1, 1, 10, 10, 10, 15), 0
	case 2:
		return "half hours", minutes(30), 0
	case 3:
		return "ten minutes", minutes(10), 0
	}
	return "fifteen minutes", minutes(15, 30, 60), 0
}

const (
	timedOut = `451 4.4.0 Primary target IP address responded with: "421 4.4.1 Connection timed out." Attempted failover to alternate host, but that did not succeed.`
	putOff   = "450 4.7.1 Greylisted, please try again later"
	busyText = "421 4.3.2 Service not available, too many connections"
)

// reasons are what a server says of a failure, by its kind.
func reasons(x *server) []string {
	if x.log.exchange() {
		return []string{timedOut, busyText}
	}
	return []string{"connect to", busyText}
}

// says adds what a server's words say, where it holds a session to hear them.
func (s *sim) says(reasons ...string) []string {
	for _, reason := range reasons {
		switch reason {
		case busyText:
			s.truth.May = append(s.truth.May, Claim{Code: "SMTP-CONNECTION-LIMIT"})
		case putOff:
			s.truth.May = append(s.truth.May, Claim{Code: "SMTP-GREYLISTED"})
		default: // nobody answered
			s.truth.May = append(s.truth.May, Claim{Code: "TCP-TIMEOUT"})
		}
	}
	return reasons
}

// climbs lets messages at a server climb a ladder by themselves.
func (s *sim) climbs(x *server) Claim {
	name, steps, scan := s.timer()
	x.rule = ladder(steps, 0.3+0.5*s.Float64(), 0.2+0.4*s.Float64(), s.between(0, 3*time.Second), scan, s.says(pick(s, reasons(x)...))...)
	x.does = "tries each message again by the ladder of " + name
	return Claim{Code: "PERIODIC-RETRY", Subject: x.subject(), Steps: steps}
}

func retryEach(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.climbs(here))
	s.write(200+s.IntN(400), over(path...))
}

// retryRelay: Exchange hands to a relay that tries again.
func retryRelay(s *sim) {
	hub, relay := s.hub("hub1"), s.add("relay1.contoso.com", pick(s, postfix, exim), "")
	s.late(relay, s.climbs(relay))
	s.write(300+s.IntN(400), over(hub, relay))
}

// retryJob: mail comes when a job runs, so that waits stand on the clock too.
func retryJob(s *sim) {
	path, here := s.chain(s.any)
	claim := s.climbs(here)
	s.late(here, claim)
	s.byJob(pick(s, 10*time.Minute, 30*time.Minute, time.Hour), over(path...))
}

func retryQueue(s *sim) {
	path, here := s.chain(s.hub)
	steps := pick(s, minutes(1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 10), minutes(1, 1, 1, 1, 10, 10, 10, 10, 10, 10, 30), minutes(10), minutes(30))
	again := 0.1 + 0.7*s.Float64()
	here.rule = queue(steps, 0.2+0.3*s.Float64(), again, pick(s, 0, 0.5, 1), s.says(timedOut, busyText)...)
	here.does = fmt.Sprintf("tries its queue again after %v, each attempt fails with %.2f", steps, again)
	s.late(here, Claim{Code: "PERIODIC-RETRY", Subject: here.subject(), Steps: steps})
	s.write(300+s.IntN(500), over(path...))
}

func greylisting(s *sim) {
	path, here := s.chain(s.any)
	steps := pick(s, minutes(5, 10, 20), minutes(15), minutes(30))
	here.rule = sometimes(0.5*s.Float64(), ladder(steps, 1, 0.05, s.between(0, 3*time.Second), 0, s.says(putOff)...))
	here.does = fmt.Sprintf("is greylisted, and tries again after %v", steps)
	s.late(here, Claim{Code: "PERIODIC-RETRY", Subject: here.subject(), Steps: steps})
	s.write(200+s.IntN(400), over(path...))
}

// busy: more comes for some hours of each day than can leave.
func busy(s *sim) {
	path, here := s.chain(s.any)
	service := s.between(4*time.Second, 12*time.Second)
	here.rule, here.does = backlog(service, 0.5), fmt.Sprintf("takes one message in %v", service.Round(time.Second))
	s.late(here, Claim{Code: "BACKLOG", Subject: here.subject()})
	s.until = s.from.Add(time.Duration(60+s.IntN(60)) * time.Hour)
	first := s.from.Truncate(24 * time.Hour).Add(time.Duration(24+7+s.IntN(9)) * time.Hour)
	for at := first; at.Before(s.until.Add(-6 * time.Hour)); at = at.Add(24 * time.Hour) {
		n := int(float64(90*time.Minute) / float64(service))
		for range n {
			s.send(at.Add(s.upTo(time.Hour)), over(path...))
		}
	}
	s.write(len(s.mail)+100, over(path...))
}

func slowAgent(s *sim) {
	s.modern = true
	path, here := s.chain(func(name string) *server { return s.add(name+".contoso.com", tracking2016, connectorName(s)) })
	here.slow = pick(s, "CATRT-Transport Rule Agent", "CATRS-Contoso Disclaimer Agent", "CATOS-Malware Agent")
	here.rule, here.does = agent(0.05+0.4*s.Float64(), s.between(2*time.Minute, 15*time.Minute)), "keeps mail in "+here.slow
	s.late(here, Claim{Code: "AGENT-SLOW", Subject: here.subject()})
	s.truth.May = append(s.truth.May, Claim{Code: "CATEGORIZER-SLOW", Subject: here.subject()})
	s.write(200+s.IntN(400), over(path...))
}

func oneOutage(s *sim) {
	path, here := s.chain(s.any)
	length := s.between(30*time.Minute, 8*time.Hour)
	from := s.from.Add(s.upTo(s.until.Sub(s.from) - length))
	_, steps, _ := s.timer()
	here.rule, here.does = outage(from, length, steps, s.says(reasons(here)[0])[0]), fmt.Sprintf("reaches nobody for %v", length.Round(time.Minute))
	s.late(here, Claim{Code: "HOP-DELAY", Subject: here.subject()})
	s.truth.May = append(s.truth.May, Claim{Code: "PERIODIC-RETRY", Subject: here.subject(), Steps: steps})
	s.write(400+s.IntN(600), over(path...))
}

func ruleless(s *sim) {
	path, here := s.chain(s.any)
	here.rule, here.does = drawn(0.1+0.8*s.Float64(), s.between(3*time.Minute, 40*time.Minute)), "keeps mail for any time"
	s.late(here, Claim{Code: "HOP-DELAY", Subject: here.subject()})
	s.write(200+s.IntN(500), over(path...))
}

// wrong sets the clock of a server wrong, by minutes.
func (s *sim) wrong(x *server) {
	by := s.between(2*time.Minute, 50*time.Minute).Round(time.Second)
	if s.IntN(2) == 0 {
		by = -by
	}
	x.ahead = func(time.Time) time.Duration { return by }
	x.stamped = true // a log without a zone says nothing of the clock
}

func wrongClock(s *sim) {
	path, here := s.chain(s.any)
	if len(path) == 1 {
		path = append(path, s.any("out1"))
	}
	s.wrong(here)
	s.truth.Want = []Claim{{Code: "CLOCK-SKEW"}} // of two that differ, nothing says which is wrong
	back := make([]*server, 0, len(path))
	for i := range path {
		back = append(back, path[len(path)-1-i])
	}
	s.bothWays(path, back, 300+s.IntN(300))
}

// bothWays sends mail in both directions. A server comes after those that it gets mail
// from only in one of them, so that such worlds are prompt.
func (s *sim) bothWays(there, back []*server, n int) {
	s.write(n, func(*message) []*server {
		if s.IntN(2) == 0 {
			return there
		}
		return back
	})
	s.custom = func() {
		for _, m := range s.mail {
			at := m.born
			var before *trip
			for range m.path {
				t := s.arrive(m, before, at)
				t.left = t.came.Add(s.work())
				before, at = t, t.left
			}
		}
	}
}

func wrongClockGrid(s *sim) {
	path, here := s.chain(s.any)
	s.late(here, s.openings(here, 0))
	other := s.any("out9")
	path = append(path, other)
	s.wrong(other)
	s.truth.May = append(s.truth.May, Claim{Code: "CLOCK-SKEW"})
	s.write(300+s.IntN(300), over(path...))
}

// localTime: a Unix server logs the time of its wall, and does not say so. Nothing is
// wrong with its clock.
func localTime(s *sim) {
	hub, relay := s.hub("hub1"), s.add("relay1.contoso.com", postfix, "")
	relay.stamped, relay.zone = false, time.FixedZone("CET", 3600*(1+s.IntN(5)))
	relay.does = "prompt, logs the time of " + strings.ToLower(relay.zone.String())
	s.write(200+s.IntN(300), over(hub, relay))
}

// missingLog: the slow server is one of which no log is handed over.
func missingLog(s *sim) {
	in := s.hub("in1")
	mid := s.hub("mid1")
	mid.lost = true
	out := s.hub("out1")
	s.openings(mid, 0)
	s.truth.Late = true
	s.truth.Want = []Claim{{Code: "EVIDENCE-INCOMPLETE"}}
	s.write(200+s.IntN(300), over(in, mid, out))
}

// loop: two servers send some messages to each other until one gives up.
func loop(s *sim) {
	a, b := s.hub("in1"), s.any("mid1")
	bad := 3 + s.IntN(10)
	s.truth.Want = []Claim{{Code: "MESSAGE-LOOP"}}
	s.truth.May = []Claim{{Code: "HOP-DELAY"}}
	s.write(200+s.IntN(200), over(a, b))
	s.custom = func() {
		for i, m := range s.mail {
			rounds := 1
			if i%(len(s.mail)/bad) == 1 {
				rounds = 10 + s.IntN(6)
				m.path = nil
				for range rounds {
					m.path = append(m.path, a, b)
				}
			}
			s.circle(m, rounds > 1)
		}
	}
}

// circle lets a message go its path, at the end of which it is returned if it went in a
// circle.
func (s *sim) circle(m *message, returned bool) {
	at := m.born
	var before *trip
	for i := range m.path {
		t := s.arrive(m, before, at)
		t.left = t.came.Add(s.work())
		if returned && i == len(m.path)-1 {
			t.failed = "554 5.4.6 Hop count exceeded - possible mail loop"
		}
		before, at = t, t.left
	}
}
