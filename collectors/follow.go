package collectors

import (
	"cmp"
	"math"
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
	left   int            // rows for which there was no room
	mails  mailTrail
	queues map[string]bool     // ids that the messages have in queues
	only   map[int32]*narrowed // by file: where not all of it is read
}

// A sighted is a row of a server, whose name may still get better.
type sighted struct {
	server int32
	evidence.Sighting
}

func newFollower(l *ledger, ids []string) *follower {
	f := &follower{ledger: l, want: map[string]bool{}, count: map[string]int{}, only: map[int32]*narrowed{}, queues: map[string]bool{}}
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
	if f.only[e.place.file] == nil {
		f.attendance.here(e)
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
	s.Source, s.At, s.Where = f.source, utc(e.at), f.place(e.place)
	s.Text = s.Text[:min(len(s.Text), maxReason)]
	f.rows = append(f.rows, sighted{e.server, s})
}

// place is where a row stands in its file.
func (f *follower) place(p place) evidence.Where {
	if only := f.only[p.file]; only != nil {
		p.line = int32(only.Line(int64(p.line)))
	}
	return f.where(p)
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
	for i := range int32(len(f.files)) {
		for _, h := range f.hoursOf(i) {
			for _, p := range append(h.before, h.stretch) {
				all = append(all, f.mark(i, &h, evidence.SawLogBegins, p.from, p.first), f.mark(i, &h, evidence.SawLogEnds, p.to, p.last))
			}
		}
	}
	return all
}

// hoursOf are those of which a file has rows: as they were read now, or the first time.
func (f *follower) hoursOf(file int32) (all []hours) {
	if only := f.only[file]; only != nil {
		return only.hours
	}
	for _, key := range f.attendance.keys() {
		if key.file == file {
			s := f.servers[key.server]
			all = append(all, hours{s.name, s.source, *f.attendance.pieces[key]})
		}
	}
	return all
}

func (f *follower) mark(file int32, h *hours, what string, at int64, p place) evidence.Sighting {
	text := ""
	if what == evidence.SawLogBegins && int(file) < len(f.copies.files) && f.copies.files[file].clock.guessed() {
		text = evidence.ZoneGuessed
	}
	return evidence.Sighting{Server: h.server, Source: h.source, At: utc(at), What: what, Text: text, Where: evidence.Where{File: f.files[file], Line: int(p.line)}}
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
