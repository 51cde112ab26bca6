package collectors

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"mailflow/evidence"
)

// Bounds on the servers whose logs are in one case.
const (
	maxServers = 1000
	maxNames   = 10_000 // ways to write their names
	maxHops    = 5000   // of all servers; what is beyond is counted as one next hop of its server
	maxTold    = 20     // problems of one server
)

// otherHops is the next hop of what goes to more next hops than are told apart.
const otherHops = "other next hops"

// silence is for how long a log may say nothing before it counts as one with a
// piece missing. A small office writes nothing for a night; what was there before
// a missing piece may have left in it.
const silence = int64(6 * time.Hour)

// A logServer is a server that wrote some of the logs.
type logServer struct {
	name        string
	source      string // the family of its log
	last        int64  // the latest row
	unbroken    int64  // since then no piece of its log is missing
	open        int32  // messages that came and have not left
	oldest      int32  // of its messages, and the newest: a list
	newest      int32
	kept        int // how long the list is
	hops        map[string]int32
	lost        int // messages of which nothing more was said
	replaced    int // messages whose id another got
	dropped     int // messages for which there was no room
	backwards   int // messages that left before they came
	fromStores  int // messages that came from mailboxes,
	storesLeft  int // and of these those that left
	repeated    int // rows that stand in several files
	unsure      bool
	filter      *evidence.FilterOutage
	local       bool // its times are of a zone that nobody named
	problems    []evidence.Problem
	moreTrouble int
}

// serverOf finds a server by its name, in whatever case, with its domain or
// without. -1 means that there are too many.
func (l *ledger) serverOf(name []byte) int32 {
	names := l.known()
	if at, known := names[string(name)]; known {
		return at
	}
	if len(name) == 0 || len(name) > maxLabel {
		return -1
	}
	at := l.serverNamed(strings.ToLower(string(name)))
	if at < 0 && len(l.servers) < maxServers {
		at = int32(len(l.servers))
		l.servers = append(l.servers, &logServer{name: clipped(name, maxLabel), source: l.source, local: l.local, oldest: none, newest: none, hops: map[string]int32{}})
	}
	if at >= 0 && len(names) < maxNames {
		names[string(name)] = at
		names[strings.ToLower(string(name))] = at
	}
	return at
}

// serverNamed finds a server that is already known, by a name in lower case that
// it was not called before.
func (l *ledger) serverNamed(name string) int32 {
	if at, known := l.known()[name]; known {
		return at
	}
	short, domain, long := strings.Cut(name, ".")
	if _, err := netip.ParseAddr(name); err == nil || domain == "" && long {
		return none
	}
	for at, s := range l.servers {
		theirs, _, theyLong := strings.Cut(strings.ToLower(s.name), ".")
		if theirs != short || theyLong == long || s.local != l.local {
			continue
		}
		if long {
			s.name = name // the better name
		}
		return int32(at)
	}
	return none
}

// known are the names of servers. Those whose times have an unknown zone are apart
// from all others, for their rows cannot be put in one order.
func (l *ledger) known() map[string]int32 {
	if l.local {
		return l.locals
	}
	return l.names
}

// saw takes the time of a row of a server.
func (s *logServer) saw(at int64) {
	if at > s.last {
		if at-s.last > silence {
			s.unbroken = at
		}
		s.last = at
	}
}

// hopTo finds a next hop of a server.
func (l *ledger) hopTo(at int32, to []byte) int32 {
	s := l.servers[at]
	if h, known := s.hops[string(to)]; known {
		return h
	}
	name := clipped(bytes.TrimSpace(to), maxLabel)
	if len(l.hops) >= maxHops {
		name = otherHops
		if h, known := s.hops[name]; known {
			return h
		}
	}
	h := int32(len(l.hops))
	l.hops = append(l.hops, newHop(at, name))
	s.hops[name] = h
	if len(to) <= maxLabel {
		s.hops[string(to)] = h
	}
	return h
}

// tell notes a problem of the logs of a server.
func (s *logServer) tell(p evidence.Problem) {
	if len(s.problems) == maxTold {
		s.moreTrouble++
		return
	}
	s.problems = append(s.problems, p)
}

// troubles lists what makes the word of a server's logs less than whole.
func (s *logServer) troubles() []evidence.Problem {
	list := s.problems
	say := func(n int, format string) {
		if n > 0 {
			list = append(list, evidence.Problem{Text: fmt.Sprintf(format, n)})
		}
	}
	say(s.moreTrouble, "further places that could not be read: %d")
	say(s.lost, "messages that came and of which nothing more is said for three days: %d, not counted as waiting")
	say(s.replaced, "messages that came and of which nothing more is said before their id in the queue is another's: %d, not counted as waiting")
	say(s.dropped, "%d messages had not left when there was no room for more: what became of them is not known")
	say(s.backwards, "messages that left before they came, by the same log: %d, whose waits are not known and not counted. Its clock was set back in between, or two servers were read as one: look at its time source (w32tm /query /status, chronyc tracking), and take a log of hours when its clock was right")
	s.copied(say)
	if s.storesUnclear() {
		say(s.fromStores-s.storesLeft, "%d messages came from mailboxes without a row that says when they left: not counted as waiting")
	}
	return list
}

// storesUnclear says that the log does not show how mail from mailboxes leaves:
// that mailbox servers log it under another id is known.
func (s *logServer) storesUnclear() bool { return 2*s.storesLeft < s.fromStores }
