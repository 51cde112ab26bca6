package mailworld

import (
	"fmt"
	"slices"
	"time"
)

// A family is how a server logs.
type family string

const (
	tracking2003 family = "tracking 2003"
	tracking2007 family = "tracking 2007"
	tracking2010 family = "tracking 2010"
	tracking2016 family = "tracking 2016"
	postfix      family = "postfix"
	exim         family = "exim"
)

func (f family) exchange() bool { return f != postfix && f != exim }

// A server takes messages, holds them, and lets them go to its next hop.
type server struct {
	name, ip string
	log      family
	hop      string // its connector, as its log has it
	ahead    func(time.Time) time.Duration
	zone     *time.Location // in which its log is written, where that is no UTC
	stamped  bool           // the stamps of its syslog have a zone
	coarse   bool           // and no parts of seconds
	protocol bool           // it writes SMTP protocol logs
	lost     bool           // its log is not handed over
	rule     rule
	does     string       // the rule in words
	slow     string       // the agent that takes its time
	gap      [2]time.Time // of its log a piece is missing
	files    map[string][]row
	order    []string // of the columns of its tracking log
}

// A row is a line of a log.
type row struct {
	at   time.Time
	mine time.Time // by the server's clock
	text string
}

// add puts a server into the world.
func (s *sim) add(name string, log family, hop string) *server {
	n := len(s.servers) + 1
	x := &server{name: name, ip: fmt.Sprintf("192.0.2.%d", 10+n), log: log, hop: hop, zone: time.UTC, stamped: s.IntN(2) == 0, coarse: s.IntN(2) == 0, files: map[string][]row{}}
	x.ahead = func(time.Time) time.Duration { return 0 }
	x.protocol = log.exchange() && log != tracking2003 && s.IntN(3) == 0
	if log == postfix || log == exim {
		x.hop = "" // they name the host
	}
	x.rule, x.does = prompt, "prompt"
	s.servers = append(s.servers, x)
	return x
}

// hub is a server of Exchange of the time; some worlds have older ones.
func (s *sim) hub(name string) *server {
	if s.modern {
		return s.add(name+".contoso.com", tracking2016, connectorName(s))
	}
	return s.add(name+".contoso.com", pick(s, tracking2007, tracking2010, tracking2010), connectorName(s))
}

func connectorName(s *sim) string {
	return pick(s, "To Internet", "Interop RGC 07-03", "Intra-Organization SMTP Send Connector", "Partners, by TLS", "Nach draußen")
}

// any is a server of any family that can hold mail by the rule at hand.
func (s *sim) any(name string) *server {
	switch n := s.IntN(6); {
	case n < 2:
		return s.hub(name)
	case n == 2 && !s.modern:
		return s.add(name+".contoso.com", tracking2003, "")
	case n == 3:
		return s.add(name+".contoso.com", exim, "")
	}
	return s.add(name+".contoso.com", postfix, "")
}

// chain puts servers in a row, one of them of the world's cause; the others are
// prompt. It gives the path and the place of that one.
func (s *sim) chain(make func(name string) *server) (path []*server, here *server) {
	before, after := s.IntN(2), s.IntN(3)
	for i := range before {
		path = append(path, s.any(fmt.Sprintf("in%d", i+1)))
	}
	here = make("mid1")
	path = append(path, here)
	for i := range after {
		path = append(path, s.any(fmt.Sprintf("out%d", i+1)))
	}
	return path, here
}

// next is the server behind one on a path, nil at its end.
func next(path []*server, at int) *server {
	if at+1 < len(path) {
		return path[at+1]
	}
	return nil
}

// subject is how findings name the hop of a server.
func (x *server) subject() string {
	if x.log == exim {
		return SubjectOfExim
	}
	return x.short()
}

func (x *server) short() string {
	for i, c := range x.name {
		if c == '.' {
			return x.name[:i]
		}
	}
	return x.name
}

// local is what the clock of a server shows.
func (x *server) local(t time.Time) time.Time { return t.Add(x.ahead(t)) }

// write writes a row.
func (x *server) write(file string, at time.Time, text string) {
	x.files[file] = append(x.files[file], row{at, x.local(at), text})
}

// sorted are the rows of a file in the order of time; what came later than the end
// of the log is not in it.
func (x *server) sorted(file string, until time.Time) []row {
	rows := slices.Clone(x.files[file])
	slices.SortStableFunc(rows, func(a, b row) int { return a.at.Compare(b.at) })
	return slices.DeleteFunc(rows, func(r row) bool { return r.at.After(until) || r.at.After(x.gap[0]) && r.at.Before(x.gap[1]) })
}
