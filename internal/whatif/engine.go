package whatif

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// A message on its way. Times are offsets from midnight.
type message struct {
	came, left time.Duration
	tries      int // attempts of its own that failed: the rung of its ladder
	thrown     int // attempts that failed for whatever reason: for the dice
	first      []try
	spared     bool
	done       bool
}

// A try is the first attempt from an address.
type try struct {
	from int
	at   time.Duration
}

// An event is an attempt: of a message, or of the queue (message -1).
type event struct {
	at    time.Duration
	turn  int // in the order of making
	msg   int
	paced bool // it has its place in the line of a next hop that is slow
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].turn < e[j].turn
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// A play is a question that is being answered for one sender.
type play struct {
	Question
	Sender
	all    []message
	events events
	turn   int
	until  time.Duration // beyond, nothing is looked at

	retry   time.Duration // when the queue is tried again; 0 while it is not in retry
	failed  int           // attempts of the queue that failed in a row
	waiting []int
	rested  time.Duration // until then no connection is tried
	rate    time.Duration // between one message and the next
	free    time.Duration // from then on the next hop takes another message
	scanAt  time.Duration // phase of the looks through the queue
	opens   int           // attempts to connect
	cut     bool
}

const theQueue = -1

// Play answers a question for one sender. Check has passed.
func Play(q Question, s Sender) Result {
	p := &play{Question: q, Sender: s, rate: cmp.Or(s.Pace, q.Trouble.Rate)}
	p.scanAt = time.Duration(p.draw(drawScan, 0, 0) * float64(s.Scan))
	for i, came := range q.Mail.times(q.Seed) {
		p.all = append(p.all, message{came: came, spared: p.draw(drawSpared, i, 0) < q.Trouble.Spares})
		p.push(came, i, false)
		p.until = max(p.until, came)
	}
	p.until += max(farthest, s.GivesUp)
	for n := 0; len(p.events) > 0; n++ {
		e := heap.Pop(&p.events).(event)
		if e.at > p.until {
			break
		}
		if n >= mostEvents {
			p.cut = true
			break
		}
		if e.msg == theQueue {
			p.again(e.at)
		} else {
			p.attempt(e, false)
		}
	}
	return p.result()
}

func (p *play) push(at time.Duration, msg int, paced bool) {
	p.turn++
	heap.Push(&p.events, event{at, p.turn, msg, paced})
}

// attempt tries one message. connected says that its queue has just got through.
func (p *play) attempt(e event, connected bool) {
	m := &p.all[e.msg]
	if m.spared {
		p.leave(m, e.at)
		return
	}
	at, ever := p.Opens.next(e.at, p.Mail.Day, p.opening(e.msg))
	switch {
	case !ever:
		return
	case at > e.at:
		p.push(at, e.msg, e.paced)
	case p.Queue && p.retry > 0 && !connected:
		p.waiting = append(p.waiting, e.msg)
	case !connected && !p.reached(e):
	case p.putOff(e):
		m.thrown++
		p.later(e, p.single())
	case !e.paced && e.at < p.free && p.rate > 0:
		p.push(p.free, e.msg, true)
		p.free += p.rate
	default:
		if !e.paced {
			p.free = max(p.free, e.at) + p.rate
		}
		p.leave(m, e.at)
	}
}

func (p *play) leave(m *message, at time.Duration) { m.done, m.left = true, at }

// reached says whether a connection comes about; if not, it sees to the next
// attempt.
func (p *play) reached(e event) bool {
	if e.at < p.rested {
		p.later(e, p.Steps)
		return false
	}
	p.opens++
	m := &p.all[e.msg]
	if !p.fails(e.at, e.msg, m.thrown, m.tries) {
		return true
	}
	m.thrown++
	if p.Queue {
		p.waiting = append(p.waiting, e.msg)
		p.failed = 1
		p.pause(e.at)
		return false
	}
	p.rested = e.at + p.Rests
	p.later(e, p.Steps)
	return false
}

// again tries the queue, and lets go what has gathered if it is through.
func (p *play) again(at time.Duration) {
	open, ever := p.Opens.next(at, p.Mail.Day, p.opening(0))
	if !ever {
		return
	}
	if open > at {
		p.retry = open
		p.push(open, theQueue, false)
		return
	}
	p.opens++
	if p.fails(at, theQueue, p.opens, p.failed) {
		p.failed++
		p.pause(at)
		return
	}
	all := p.waiting
	p.retry, p.failed, p.waiting = 0, 0, nil
	for _, msg := range all {
		p.attempt(event{at: at, msg: msg}, true)
	}
}

// pause puts the queue into retry.
func (p *play) pause(at time.Duration) {
	p.retry = p.scanned(at + step(p.Steps, p.failed))
	p.push(p.retry, theQueue, false)
}

// later sees to the next attempt of one message.
func (p *play) later(e event, steps []time.Duration) {
	m := &p.all[e.msg]
	m.tries++
	p.push(p.scanned(e.at+step(steps, m.tries)), e.msg, false)
}

// step is the wait after so many failures.
func step(steps []time.Duration, failures int) time.Duration {
	return steps[min(failures, len(steps))-1]
}

func (s Sender) single() []time.Duration {
	if s.Single != nil {
		return s.Single
	}
	return s.Steps
}

// scanned is the first look through the queue at or after a time.
func (p *play) scanned(at time.Duration) time.Duration {
	if p.Scan <= 0 {
		return at
	}
	off := (at - p.scanAt) % p.Scan
	if off < 0 {
		off += p.Scan
	}
	if off == 0 {
		return at
	}
	return at + p.Scan - off
}

// times are when messages come, in order. Each comes somewhere in its share of the
// time, so that they do not beat with a schedule.
func (m Mail) times(seed uint64) []time.Duration {
	if len(m.Came) > 0 {
		all := slices.Clone(m.Came)
		slices.Sort(all)
		return all
	}
	all := make([]time.Duration, m.Count)
	for i := range all {
		at := (float64(i) + draw(seed, drawCame, i, 0)) / float64(m.Count)
		all[i] = m.From + time.Duration(at*float64(m.Over))
	}
	return all
}
