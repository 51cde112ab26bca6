package evidence

import "time"

// A KnownLadder is how a product tries again when nobody has changed it.
type KnownLadder struct {
	Name  string
	Steps []time.Duration // the last repeats
	Sure  bool            // documented by its maker; else from memory or one secondary source
}

// KnownLadders are the defaults of mail servers (knowledge/peers.md 7,
// knowledge/exchange.md 1.3).
func KnownLadders() []KnownLadder {
	m := func(all ...float64) []time.Duration {
		var steps []time.Duration
		for _, n := range all {
			steps = append(steps, time.Duration(n*float64(time.Minute)))
		}
		return steps
	}
	return []KnownLadder{
		{"Exchange 2007 and later, Hub Transport or Mailbox server", m(1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 10), true},
		{"Exchange 2007 and later, Edge server", m(1, 1, 1, 1, 10, 10, 10, 10, 10, 10, 30), true},
		{"Exchange 2007 and later, a single message that is put off", m(15), true},
		{"Exchange 2003", m(1, 1, 1, 10, 10, 10, 15), false},
		{"SMTP service of Windows, Exchange 2000", m(1, 1, 1, 15, 30, 60, 240), true},
		{"Postfix", m(5, 10, 20, 40, 66.67), true},
		{"Exim", m(15, 15, 15, 15, 15, 15, 15, 15, 60, 90, 135, 202.5), true},
		{"qmail", m(6.67, 20, 33.33, 46.67, 60), true},
		{"RFC 5321's advice, as many relays have it", m(30), true},
	}
}
