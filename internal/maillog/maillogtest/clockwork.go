package maillogtest

import (
	"bufio"
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// SlowDomain is the domain behind the one slow hop in the logs of Exim and of
// Sendmail, and SlowHost its only mail exchanger.
const (
	SlowDomain = "slow.contoso.com"
	SlowHost   = "mx1.slow.contoso.com"
	slowAddr   = "203.0.113.25"
)

// A clockwork makes a log by doing one thing after the other, in the order of time.
type clockwork struct {
	w    *bufio.Writer
	rnd  *rand.Rand
	at   time.Time
	due  tasks
	last int64 // number of the last task
	next uint64
	Counts
}

// A task is what is to be done at a time; tasks of one time go by their numbers.
type task struct {
	at     time.Time
	number int64
	do     func()
}

type tasks []task

func (t tasks) Len() int { return len(t) }
func (t tasks) Less(i, j int) bool {
	if c := t[i].at.Compare(t[j].at); c != 0 {
		return c < 0
	}
	return t[i].number < t[j].number
}
func (t tasks) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *tasks) Push(x any)   { *t = append(*t, x.(task)) }
func (t *tasks) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

func newClockwork(w io.Writer, seed uint64) *clockwork {
	return &clockwork{w: bufio.NewWriterSize(w, 1<<20), rnd: rand.New(rand.NewPCG(seed, 1)), at: begin()}
}

// run goes on until size bytes are written.
func (c *clockwork) run(size int64) (Counts, error) {
	for c.Bytes < size {
		t := heap.Pop(&c.due).(task)
		c.at = t.at
		t.do()
	}
	return c.Counts, c.w.Flush()
}

// after does something later.
func (c *clockwork) after(wait time.Duration, do func()) {
	c.last++
	heap.Push(&c.due, task{c.at.Add(wait), c.last, do})
}

// each does something again and again, at random or at the full multiples of a time.
func (c *clockwork) each(random bool, every time.Duration, do func()) {
	wait := c.at.Truncate(every).Add(every).Sub(c.at)
	if random {
		wait = c.about(every)
	}
	c.after(wait, func() {
		do()
		c.each(random, every, do)
	})
}

// about is a time of this order.
func (c *clockwork) about(scale time.Duration) time.Duration {
	return time.Duration(c.rnd.ExpFloat64() * float64(scale))
}

// line writes a line.
func (c *clockwork) line(stamp, format string, args ...any) {
	text, _ := fmt.Fprintf(c.w, "%s"+format+"\n", append([]any{c.at.Format(stamp)}, args...)...) // an error stays with the writer until Flush
	c.Bytes += int64(text)
	c.Lines++
}

// message makes a message from somebody outside to one of many domains; one in
// twenty goes over the slow hop.
func (c *clockwork) message() message {
	m := message{from: fmt.Sprintf("user%d@example.com", c.rnd.IntN(5000)), arrived: c.at, size: 900 + c.rnd.IntN(90000), domain: SlowDomain}
	if c.rnd.IntN(20) > 0 {
		m.domain = fmt.Sprintf("dest%d.contoso.com", int(c.rnd.ExpFloat64()*40))
	}
	m.to = fmt.Sprintf("recipient%d@%s", c.rnd.IntN(9000), m.domain)
	return m
}

// client is a host that hands mail over.
func (c *clockwork) client() (name, addr string) {
	n := c.rnd.IntN(40)
	return fmt.Sprintf("mail%d.example.com", n), fmt.Sprintf("192.0.2.%d", 1+n)
}

// exchanger is the host for a domain.
func exchanger(domain string) (name, addr string) {
	if domain == SlowDomain {
		return SlowHost, slowAddr
	}
	n := 0
	fmt.Sscanf(domain, "dest%d.", &n)
	return "mx1." + domain, fmt.Sprintf("198.51.100.%d", 1+n%250)
}
