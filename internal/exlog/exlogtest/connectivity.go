package exlogtest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// The slow hop in what Connectivity writes: DeadHost, the better of the two
// exchangers of SlowDomain, never answers. Each attempt waits Unanswered for it
// before the other one takes the mail.
const (
	SlowDomain = "slow.example.com"
	DeadHost   = "203.0.113.26"
	LiveHost   = "203.0.113.27"
	Unanswered = 21 * time.Second // three SYN of Windows: 3, 6 and 12 seconds
)

// Connectivity writes at least size bytes of a connectivity log of one server. Its
// Sessions are connections, and its Messages those that they took along.
func Connectivity(w io.Writer, seed uint64, size int64) (Counts, error) {
	f := newFlow(seed, 500*time.Millisecond)
	f.head = exchangeHead("Transport Connectivity Log", "#Fields: date-time,session,source,Destination,direction,description\r\n")
	f.begin = func() {
		c := &flight{flow: f, at: f.now, id: fmt.Sprintf("08DE%012X", f.rand.Uint64N(1<<48)), source: "SMTP"}
		switch f.rand.IntN(10) {
		case 0:
			c.to, c.host = SlowDomain, LiveHost
		case 1, 2, 3:
			c.source, c.to = "MapiDelivery", "5b0c2d1e-0000-4000-8000-00000000abcd"
		default:
			n := 1 + f.rand.IntN(120)
			c.to, c.host = fmt.Sprintf("dest%d.example.com", n), fmt.Sprintf("198.51.100.%d", n)
		}
		c.fly()
	}
	return f.write(w, size)
}

// flight is a delivery connection while it is made.
type flight struct {
	*flow
	at             time.Time
	id, source, to string
	host           string // that takes the mail
}

func (c *flight) log(direction, text string, counts ...*int64) {
	c.put(c.at, strings.Join([]string{c.at.Format(stamp), c.id, c.source, c.to, direction, quoted(text)}, ",")+"\r\n", counts)
	c.at = c.at.Add(time.Duration(1+c.rand.IntN(20)) * time.Millisecond)
}

func (c *flight) fly() {
	if c.source != "SMTP" {
		c.log("+", "MapiDelivery;QueueLength=1")
		c.log(">", "Connecting to server hub1.contoso.com session type Delivery")
		c.log("-", "Messages: 1 Bytes: 4711 ()")
		return
	}
	c.log("+", "DnsConnectorDelivery 7d1f0000-0000-4000-8000-0000000000ff;QueueLength=1", &c.Sessions)
	taken := []*int64{&c.Messages}
	if c.to == SlowDomain {
		taken = append(taken, &c.Late)
		c.log(">", "mx1."+c.to+"["+DeadHost+"], mx2."+c.to+"["+LiveHost+"]")
		c.at = c.at.Add(Unanswered)
		c.log(">", fmt.Sprintf("Failed connection to %s:25 (TimedOut:0000274C)[TargetHost:mx1.%s:25|MarkedUnhealthy|FailureCount:%d]", DeadHost, c.to, c.number), &c.Failed)
	} else {
		c.log(">", "mx1."+c.to+"["+c.host+"]")
	}
	c.log(">", "Established connection to "+c.host)
	c.at = c.at.Add(c.about(time.Second))
	c.log("-", fmt.Sprintf("Messages: 1 Bytes: %d ()", 2000+c.rand.IntN(90000)), taken...)
}
