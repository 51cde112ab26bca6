// Package mailworld makes mail systems of which the cause of the delay is known, and
// writes the logs that their servers would have left: message tracking of Exchange
// 2003, 2007, 2010 and 2016, SMTP protocol logs, mail logs of Postfix and Exim. It is
// for tests, which hand the logs to the whole program and hold it to the truth.
// Nothing in these logs was ever on a server; the same kind and seed give the same
// bytes.
package mailworld

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A World is the logs of some servers, and what is true of them.
type World struct {
	Kind  string
	Seed  uint64
	Files []File
	Zone  string    // the time zone to read in; "" is UTC
	Now   time.Time // when the case is looked at
	Truth Truth
	Told  string                   // the servers and what they do, for a test that fails
	Stays []Stay                   // of all messages at all servers
	Ahead map[string]time.Duration // of the clock of each server, by its short name; without those that change
}

// A Stay is a message at one server, in true time.
type Stay struct {
	Message string
	Server  string // its short name; SubjectOfExim for Exim
	Came    time.Time
	Left    time.Time // zero: never
	Logged  bool      // the server's log is handed over, and tells of both
}

// SubjectOfExim is how findings call a server of Exim, whose log does not name it.
const SubjectOfExim = "the Exim server"

// A File is a log as it is handed over.
type File struct {
	Name string
	Text []byte
}

// Truth is what may be found.
type Truth struct {
	Want []Claim // at least one has to be
	May  []Claim // that is true too, or follows from it
	Like []Claim // that may be suspected, as it looks the same
	Late bool    // mail is late at all
}

// A Claim is a finding that is true.
type Claim struct {
	Code    string
	Subject string          // must be part of the finding's; "" for any
	Period  time.Duration   // of a clock; 0 not known
	Steps   []time.Duration // of a retry timer
}

// A Kind is a cause, and how to make a world that has it.
type Kind struct {
	Name string
	make func(*sim)
}

// Kinds lists the causes that worlds can be made with.
func Kinds() []Kind { return kinds() }

// Make makes one world of a kind.
func (k Kind) Make(seed uint64) World {
	number := slices.IndexFunc(kinds(), func(other Kind) bool { return other.Name == k.Name })
	s := &sim{Rand: rand.New(rand.NewPCG(seed, uint64(number)+1))}
	s.begin()
	k.make(s)
	s.run()
	s.happened()
	w := World{Kind: k.Name, Seed: seed, Zone: s.answer, Now: s.until.Add(26 * time.Hour), Truth: s.truth, Told: s.told()}
	w.Files = s.handOver()
	w.Stays, w.Ahead = s.stays(), s.clocks()
	return w
}

// A sim is a world in the making.
type sim struct {
	*rand.Rand
	from, until time.Time
	modern      bool // of the years of Exchange 2016
	servers     []*server
	mail        []*message
	trips       []*trip
	truth       Truth
	answer      string
	copies      bool // what is handed over is untidy
	count       int
	custom      func()    // makes the trips itself
	held        []*server // that the truth is about
	kept        int       // messages that they held up
}

// happened leaves nothing to be found where the cause held hardly any mail up within the
// logs.
func (s *sim) happened() {
	const least = 3
	s.ended()
	if len(s.held) == 0 {
		return
	}
	for _, t := range s.trips {
		if slices.Contains(s.held, t.at) && t.came.Add(2*time.Minute).Before(s.until) && (t.left.IsZero() || t.left.Sub(t.came) > 2*time.Minute) {
			if s.kept++; s.kept == least {
				return
			}
		}
	}
	s.truth.May, s.truth.Want, s.truth.Late = append(s.truth.May, s.truth.Want...), nil, false
}

// ended: what became of mail that was at a server when its log ended is not known.
func (s *sim) ended() {
	for _, x := range s.servers {
		if slices.ContainsFunc(s.trips, func(t *trip) bool {
			return t.at == x && t.came.Before(s.until) && (t.left.IsZero() || t.left.After(s.until))
		}) {
			s.truth.May = append(s.truth.May, Claim{Code: "EVIDENCE-INCOMPLETE", Subject: x.subject()})
		}
	}
}

func (s *sim) stays() []Stay {
	var all []Stay
	for _, t := range s.trips {
		x := t.at
		whole := !x.lost && x.gap[1].IsZero() && !t.left.IsZero() && t.left.Before(s.until)
		all = append(all, Stay{Message: t.id, Server: x.subject(), Came: t.came, Left: t.left, Logged: whole})
	}
	return all
}

func (s *sim) clocks() map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, x := range s.servers {
		if first := x.ahead(s.from); first == x.ahead(s.until) && first == x.ahead(s.from.Add(s.until.Sub(s.from)/2)) {
			all[x.subject()] = first
		}
	}
	return all
}

// begin chooses a time. Some logs end in the middle of a day.
func (s *sim) begin() {
	s.modern = s.IntN(2) == 0
	year := 2010
	if s.modern {
		year = 2026
	}
	s.from = time.Date(year, time.March, 2+s.IntN(12), s.IntN(24), 0, 0, 0, time.UTC)
	s.until = s.from.Add(time.Duration(24+s.IntN(96)) * time.Hour)
	s.copies = s.IntN(3) == 0
}

// upTo draws a length of time.
func (s *sim) upTo(d time.Duration) time.Duration { return time.Duration(s.Float64() * float64(d)) }

func (s *sim) between(low, high time.Duration) time.Duration { return low + s.upTo(high-low) }

func pick[T any](s *sim, of ...T) T { return of[s.IntN(len(of))] }

// A message goes over the servers of its path, in order.
type message struct {
	n       int
	id      string
	from    string
	to      []string // that go the whole path
	here    string   // one more, in a mailbox of the first server, or ""
	subject string
	size    int
	born    time.Time
	path    []*server
}

// write lets messages come: n, mostly in office hours, or evenly.
func (s *sim) write(n int, path func(*message) []*server) {
	byDay := s.IntN(2) == 0
	for len(s.mail) < n {
		at := s.from.Add(s.upTo(s.until.Sub(s.from)))
		if h := at.Hour(); byDay && (h < 7 || h >= 18) && s.IntN(8) > 0 {
			continue
		}
		s.send(at, path)
	}
	s.inOrder()
}

// send lets one message begin.
func (s *sim) send(at time.Time, path func(*message) []*server) *message {
	s.count++
	m := &message{n: s.count, born: at, size: 1500 + s.IntN(80000), from: fmt.Sprintf("user%d@contoso.com", s.IntN(300))}
	for range max(1, s.IntN(12)-8) {
		m.to = append(m.to, fmt.Sprintf("partner%d@example.com", s.IntN(9000)))
	}
	if s.IntN(12) == 0 {
		m.here = fmt.Sprintf("user%d@contoso.com", s.IntN(300))
	}
	m.id = fmt.Sprintf("%08x.%d.%x@mail.contoso.com", s.Uint32(), m.n, s.IntN(1<<20))
	m.subject = pick(s, "Minutes", "Re: Invoice 4711", "Order, confirmed", `The "new" plan, part 2`, "Grüße aus Köln", "")
	m.path = path(m)
	s.mail = append(s.mail, m)
	return m
}

func (s *sim) inOrder() {
	slices.SortStableFunc(s.mail, func(a, b *message) int { return a.born.Compare(b.born) })
}

// over is one path for all.
func over(path ...*server) func(*message) []*server {
	return func(*message) []*server { return path }
}

// told says what the world is, on a line for each server.
func (s *sim) told() string {
	text := fmt.Sprintf("%s to %s, %d messages\n", s.from.Format(time.DateTime), s.until.Format(time.DateTime), len(s.mail))
	for _, x := range s.servers {
		text += fmt.Sprintf("  %s: %s, next hop %q, clock %v ahead, %s", x.name, x.log, x.hop, x.ahead(s.from).Round(time.Second), x.does)
		if x.lost {
			text += ", its log is not handed over"
		}
		text += "\n"
	}
	return text
}
