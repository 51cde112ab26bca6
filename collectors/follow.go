package collectors

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"mailflow/evidence"
)

// Bounds on what is kept of the messages that are followed.
const (
	maxSightings = 50_000 // some 20 MB of a case file
	maxOfOne     = 400    // rows of one message: a loop ends after some thirty rounds
	maxWhom      = 5      // recipients of a row that are named
)

// A follower takes what logs say of a few messages. A ledger that has one counts
// nothing; its readers hand over each row about a message that wants says it
// wants, by saw. To follow messages in a further family of logs: where a row's
// message id is known, ask wants, and if so fill in an evidence.Sighting (all but
// Server, Source, At and Where, which saw does from the entry) and hand it over;
// and tell of the time of rows by here, so that it is known which hours of which
// server are in the logs.
type follower struct {
	*ledger
	want   map[string]bool // the first maxID bytes of each id
	rows   []sighted
	count  map[string]int // rows of each message
	pieces map[home]*stretch
	last   struct { // of the row before: most are of the same file and server
		home
		*stretch
	}
	left  int // rows for which there was no room
	mails mailTrail
}

// A sighted is a row of a server, whose name may still get better.
type sighted struct {
	server int32
	evidence.Sighting
}

// A home is a file, and a server that wrote in it.
type home struct{ file, server int32 }

// A stretch is from when to when rows were read.
type stretch struct {
	first, last place
	from, to    int64
	before      []stretch // with nothing between for a while
}

func newFollower(l *ledger, ids []string) *follower {
	f := &follower{ledger: l, want: map[string]bool{}, count: map[string]int{}, pieces: map[home]*stretch{}}
	for _, id := range ids {
		f.want[id] = true
		f.mails.byQueue = f.mails.byQueue || !strings.Contains(id, "@")
	}
	return f
}

// wants says whether a message is followed.
func (f *follower) wants(mail []byte) bool {
	return f.want[string(mail[:min(len(mail), maxID)])]
}

// here tells of the time of a row of a server, whichever message it is about.
func (f *follower) here(e *entry) {
	key := home{e.place.file, e.server}
	s := f.last.stretch
	if s == nil || f.last.home != key {
		if s = f.pieces[key]; s == nil {
			s = &stretch{first: e.place, last: e.place, from: e.at, to: e.at}
			f.pieces[key] = s
		}
		f.last.home, f.last.stretch = key, s
	}
	switch {
	case e.at > s.to+silence:
		before := append(s.before, stretch{first: s.first, last: s.last, from: s.from, to: s.to})
		*s = stretch{first: e.place, last: e.place, from: e.at, to: e.at, before: before[max(0, len(before)-maxTold):]}
	case e.at > s.to:
		s.to, s.last = e.at, e.place
	case e.at < s.from && s.from-e.at < silence:
		s.from, s.first = e.at, e.place
	}
}

// saw takes a row about a message that is followed.
func (f *follower) saw(e *entry, s evidence.Sighting) {
	s.Message = cmp.Or(s.Message, clipped(e.mail, maxID))
	if len(f.rows) >= maxSightings || f.count[s.Message] >= maxOfOne {
		f.left++
		return
	}
	f.count[s.Message]++
	s.Source, s.At, s.Where = f.source, utc(e.at), f.where(e.place)
	s.Text = s.Text[:min(len(s.Text), maxReason)]
	f.rows = append(f.rows, sighted{e.server, s})
}

// done lists all sightings, with the names that the servers have in the end, and
// of which hours there are logs.
func (f *follower) done() []evidence.Sighting {
	f.nameless.name(f.ledger)
	var all []evidence.Sighting
	for _, r := range f.rows {
		r.Server = f.servers[r.server].name
		all = append(all, r.Sighting)
	}
	keys := slices.SortedFunc(maps.Keys(f.pieces), func(a, b home) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.server, b.server))
	})
	for _, key := range keys {
		s := f.pieces[key]
		for _, p := range append(s.before, *s) {
			all = append(all, f.mark(key, evidence.SawLogBegins, p.from, p.first), f.mark(key, evidence.SawLogEnds, p.to, p.last))
		}
	}
	return all
}

func (f *follower) mark(key home, what string, at int64, p place) evidence.Sighting {
	s := f.servers[key.server]
	text := ""
	if what == evidence.SawLogBegins && int(key.file) < len(f.copies.files) && f.copies.files[key.file].clock.guessed() {
		text = evidence.ZoneGuessed
	}
	return evidence.Sighting{Server: s.name, Source: s.source, At: utc(at), What: what, Text: text, Where: f.where(p)}
}

// whom lists the first few recipients of a row.
func whom(list []byte) []string {
	var all []string
	for to := range strings.SplitSeq(clipped(list, maxWhom*maxLabel), ";") {
		if to = strings.TrimSpace(to); to != "" && len(all) < maxWhom {
			all = append(all, to)
		}
	}
	return all
}

// took is a duration as evidence, to the millisecond.
func took(seconds float64) evidence.Duration {
	return evidence.Duration(math.Round(1000*seconds) / 1000)
}
