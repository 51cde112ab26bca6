package collectors

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/walltime"
)

// Bounds on the search for the zone of a log whose times name none.
const (
	maxWitnesses = 20_000 // messages of one log that are looked for in others
	maxVotes     = 200_000
	leastVotes   = 3                              // messages that have to show the same zone
	tolerance    = int64(90 * time.Second)        // from leaving one server to coming to the next, and clocks that differ
	exactly      = int64(1500 * time.Millisecond) // between two copies of one row, of which one has whole seconds
	quarter      = int64(15 * time.Minute)        // zones differ by whole quarters of an hour,
	farthest     = 14 * 4                         // and from UTC by at most so many
)

// A logClock is how the times of a log are read.
type logClock struct {
	zone  *time.Location // of times that name none
	order walltime.Order
	local bool // nobody said which zone it is: taken as UTC
	shown bool // the zone is the one that messages show: how far the clock is from UTC they do not
	loose bool // even the days are in doubt
	notes []string
}

// guessed says that nobody named the zone of the times.
func (c *logClock) guessed() bool { return c.local || c.shown }

// clocks finds for each log whose times have no zone how they are to be read:
// by the operator's word, by logs with exact times that speak of the same
// messages, or not at all. UTC as the operator's zone says nothing, because that
// is what it is when nobody was asked.
func clocks(shelf *exports, files []logFile, zone evidence.TimeZone, now time.Time) {
	var open []*witness
	for i := range files {
		f := &files[i]
		if f.clock.zone = time.UTC; f.wall == nil {
			continue
		}
		f.clock.order, f.clock.loose = f.wall.settle(now, &f.clock)
		if f.wall.utc {
			f.clock.local = f.clock.loose
			continue
		}
		given := zone.Location() != time.UTC && zone.String() != "UTC"
		if given {
			f.clock.zone = zone.Location()
			f.say("the times have no zone: they are read in the zone that was given, %s", zone)
		}
		if !given || f.wall.export {
			open = append(open, &witness{file: f, votes: map[vote]int{}, seen: map[uint64]bool{}})
		}
	}
	for _, w := range compare(shelf, files, open, now) {
		w.decide()
	}
	for i := range files {
		files[i].place()
	}
}

func (f *logFile) say(format string, args ...any) {
	f.clock.notes = append(f.clock.notes, fmt.Sprintf(format, args...))
}

// A wall is what the times of a log without zones look like.
type wall struct {
	export bool
	utc    bool            // the export says so by the name of the column
	first  int64           // time of the first row, as if the wall showed UTC
	dates  walltime.Orders // of an export
}

// settle gives the order of the dates. Loose is that of days in doubt.
func (w *wall) settle(now time.Time, c *logClock) (order walltime.Order, loose bool) {
	if !w.export {
		return "", false
	}
	order, sure, why := w.dates.Settle(now)
	if why != "" {
		c.notes = append(c.notes, why)
	}
	return order, !sure
}

// place gives the file its place among the others.
func (f *logFile) place() {
	if f.wall == nil {
		return
	}
	at := f.wall.first
	if f.wall.export {
		at = f.wall.dates.Earliest(f.clock.order)
	}
	f.first = walltime.NewClock(f.clock.zone).UTC(at)
}

// A vote is a way to read the times of a log.
type vote struct {
	order    walltime.Order
	quarters int64 // that the wall is ahead of UTC; noZone for a difference that no zone makes
}

// A witness is a log without zones, while others are read for its messages.
type witness struct {
	file   *logFile
	orders []walltime.Order
	rows   map[uint64][]walltime.Stamp // of an export
	times  map[uint64][]end            // of other logs
	votes  map[vote]int
	seen   map[uint64]bool // a message votes once for each
	where  string          // the file that the votes are of
}

// compare reads the logs with exact times for messages of those without, and then
// those whose zone this showed: a relay may have no other neighbour. It gives those
// of which nothing is clear.
func compare(shelf *exports, files []logFile, open []*witness, now time.Time) []*witness {
	var exact []*logFile
	for i := range files {
		if files[i].wall == nil && !isTrace(files[i].Format) {
			exact = append(exact, &files[i])
		}
	}
	seed := maphash.MakeSeed()
	for _, w := range open {
		if len(exact) > 0 || w.file.wall.export {
			w.listen(shelf, seed, now)
		}
	}
	for len(exact) > 0 && len(open) > 0 && shelf.ctx.Err() == nil {
		for _, f := range exact {
			tellAll(shelf, f, open, seed, now)
		}
		exact = nil
		open = slices.DeleteFunc(open, func(w *witness) bool {
			_, _, clear := w.best()
			if clear {
				w.decide()
				exact = append(exact, w.file)
			}
			return clear
		})
	}
	return open
}

// tellAll tells of each row of a log whose times are exact, or whose zone is known.
func tellAll(shelf *exports, f *logFile, open []*witness, seed maphash.Seed, now time.Time) {
	if f.wall != nil && f.wall.export {
		return
	}
	wall := walltime.NewClock(f.clock.zone)
	look(shelf, f, now, func(g *glimpse) bool {
		if f.wall != nil && !g.zoned {
			g.at, g.zoned = wall.UTC(g.at), true
		}
		for _, w := range open {
			w.hear(g, seed, f.Path)
		}
		return true
	})
}

// look reads a log without taking anything of it. What cannot be read is said when
// it is read for good.
func look(shelf *exports, f *logFile, now time.Time, take func(*glimpse) bool) {
	in, err := shelf.openEvidence(f.Path)
	if err != nil {
		return
	}
	defer in.Close()
	for g := range glimpses(f.Format, &stoppable{shelf.ctx, in}, now) {
		if !take(g) {
			return
		}
	}
}

// listen remembers messages of the log.
func (w *witness) listen(shelf *exports, seed maphash.Seed, now time.Time) {
	w.rows, w.times = map[uint64][]walltime.Stamp{}, map[uint64][]end{}
	if w.file.wall.export {
		w.orders = w.file.wall.dates.Possible(now)
	}
	look(shelf, w.file, now, func(g *glimpse) bool {
		if len(g.mail) > 0 && w.file.wall.export {
			w.keep(g, rowOf(g, seed))
		} else if len(g.mail) > 0 && g.way != nowhere {
			key := wayOf(g.mail, g.way, seed)
			w.times[key] = append(w.times[key][:min(len(w.times[key]), maxEarly)], endOf(g, seed))
		}
		return len(w.rows)+len(w.times) < maxWitnesses
	})
}

// keep remembers a row of an export, and takes its own word for when it was.
func (w *witness) keep(g *glimpse, key uint64) {
	w.rows[key] = append(w.rows[key][:min(len(w.rows[key]), maxEarly)], g.stamp)
	if g.own != 0 {
		w.elect(g.stamp, g.own, key, "")
	}
}

// rowOf is a row of message tracking as a number: the same in a log and in its
// export.
func rowOf(g *glimpse, seed maphash.Seed) uint64 {
	key := maphash.Bytes(seed, g.mail)
	for _, text := range [][]byte{g.event, []byte(shortName(string(g.names[0]))), []byte(shortName(string(g.names[1])))} {
		key = key*0x9e3779b97f4a7c15 ^ maphash.Bytes(seed, text)
	}
	return key
}

func wayOf(mail []byte, at way, seed maphash.Seed) uint64 {
	return maphash.Bytes(seed, mail)*0x9e3779b97f4a7c15 ^ uint64(at)
}

// hear takes what a log with exact times says of a message. Of an export it has to
// be the same row; of another server's log, the other end of the transmission in
// which the message left there and came here, or the other way round.
func (w *witness) hear(g *glimpse, seed maphash.Seed, path string) {
	if !g.zoned || len(g.mail) == 0 {
		return
	}
	if w.file.wall.export {
		key := rowOf(g, seed)
		for _, s := range w.rows[key] {
			w.elect(s, g.at, key, path)
		}
		return
	}
	if g.way == nowhere {
		return
	}
	key := wayOf(g.mail, inwards+outwards-g.way, seed)
	if len(w.times[key]) == 0 {
		return
	}
	there := endOf(g, seed)
	for _, here := range w.times[key] {
		if meets(&here, &there) {
			w.vote("", here.at-there.at, tolerance, key, path)
		}
	}
}

// elect holds a time of an export against the instant that it was, in each order.
func (w *witness) elect(s walltime.Stamp, at int64, key uint64, path string) {
	for _, order := range w.orders {
		if here, ok := s.In(order); ok {
			w.vote(order, here-at, exactly, key, path)
		}
	}
}

// vote counts a difference that a zone makes. One that none makes speaks against
// them all; not so between rows of an export, of which several may look the same.
func (w *witness) vote(order walltime.Order, ahead, within int64, key uint64, path string) {
	n := (ahead + quarter/2 + farthest*quarter) / quarter
	n -= farthest
	if off := ahead - n*quarter; max(off, -off) > within || !isZone(n) {
		if n = noZone; order != "" {
			return
		}
	}
	v := vote{order, n}
	id := key ^ uint64(n+farthest+1)*0x9e3779b97f4a7c15
	for i := range min(len(order), 1) { // year, month or day
		id ^= uint64(order[i]) << 40
	}
	if w.seen[id] || len(w.seen) == maxVotes {
		return
	}
	w.seen[id] = true
	w.votes[v]++
	w.where = cmp.Or(w.where, path)
}

// decide settles how a log is read.
func (w *witness) decide() {
	f := w.file
	best, votes, clear := w.best()
	switch {
	case clear:
		f.clock.notes = nil
		f.clock.order, f.clock.loose, f.clock.shown = best.order, false, !f.wall.export
		offset := time.Duration(best.quarters * quarter)
		if !agrees(f.clock.zone, w, best) {
			if f.clock.zone != time.UTC {
				f.say("the zone that was given, %s, is another than other logs show, and not used here", f.clock.zone)
			}
			f.clock.zone = time.FixedZone("", int(offset.Seconds()))
		}
		f.say("the times have no zone: %d messages%s show that they are %s", votes, w.told(), ahead(offset))
	case f.clock.zone != time.UTC: // the operator's
	case f.wall.export:
		f.clock.local = true
		f.say("the times have no zone: waits are right, the hours of the day are those of whoever made the export. Say it with --input zone=Europe/Berlin (UTC as zone=Etc/UTC), or export with Export-Clixml")
	default:
		f.clock.local = true
		f.say("the times have no zone: they are taken as UTC. Say it with --input zone=Europe/Berlin")
	}
	if f.clock.loose {
		f.clock.local = true
	}
}

// told is where the votes come from.
func (w *witness) told() string {
	if w.where == "" {
		return ", whose rows have times in UTC besides,"
	}
	return " that " + w.where + " has too"
}

// best is the way to read the times that most messages show, and whether it is
// clear: twice as many as for any other, and as those that no zone explains.
func (w *witness) best() (best vote, votes int, clear bool) {
	all := slices.SortedFunc(maps.Keys(w.votes), func(a, b vote) int {
		return cmp.Or(cmp.Compare(w.votes[b], w.votes[a]), cmp.Compare(a.quarters, b.quarters), cmp.Compare(a.order, b.order))
	})
	if len(all) == 0 {
		return vote{}, 0, false
	}
	votes = w.votes[all[0]]
	return all[0], votes, all[0].quarters != noZone && votes >= leastVotes && (len(all) == 1 || votes >= 2*w.votes[all[1]])
}

// agrees says whether a zone is the one that messages show, at the beginning of the
// log: then it holds through daylight saving, too.
func agrees(zone *time.Location, w *witness, best vote) bool {
	at := w.file.wall.first
	if w.file.wall.export {
		at = w.file.wall.dates.Earliest(best.order)
	}
	return at-walltime.NewClock(zone).UTC(at) == best.quarters*quarter
}

// ahead is an offset in words.
func ahead(d time.Duration) string {
	switch {
	case d == 0:
		return "UTC"
	case d < 0:
		return strings.TrimSuffix(diag.Seconds(-d), " ") + " behind UTC"
	}
	return diag.Seconds(d) + " ahead of UTC"
}
