package collectors

import (
	"hash/maphash"
	"math"
	"path"
	"slices"
	"strings"
)

// maxRemembered bounds the rows that are held against those of other files: some
// 60 MB. An hour of a busy server has fewer, and more than an hour is seldom in
// two files.
const maxRemembered = 1_000_000

// copies knows the rows that stand in more than one file: excerpts overlap, and an
// export repeats what the log beside it has. Files are read by when they begin, so
// that the rows of one have to be remembered only from where the next file of the
// same server begins; of most logs that is their last second.
type copies struct {
	files  []logFile
	now    int             // the file that is read
	coarse bool            // one of the files has whole seconds only
	since  map[int32]int64 // by server: rows from then on may be in a later file
	rows   map[uint64]repeated
	until  int64 // of the latest row remembered
}

// repeated is how often one row stands in files. Rows that look the same may
// stand in one file several times, so that those of the next are counted off
// against them.
type repeated struct {
	at   int64
	file int32
	most uint16 // in one file, so far
	here uint16 // in the file
}

// turn goes to the next file, and forgets what it cannot have.
func (c *copies) turn(at int) {
	c.now, c.since = at, map[int32]int64{}
	from := c.files[at].first - disorder
	switch {
	case c.until < from:
		clear(c.rows)
	case len(c.rows) > maxRemembered/2:
		for key, row := range c.rows {
			if row.at < from {
				delete(c.rows, key)
			}
		}
	}
}

// again says whether this very row was read in another file of the server.
func (l *ledger) again(e *entry) bool {
	c := &l.copies
	if len(c.files) < 2 {
		return false
	}
	since, known := c.since[e.server]
	if !known {
		since = c.from(l.servers[e.server], l.local)
		c.since[e.server] = since
	}
	if e.at < since && (len(c.rows) == 0 || e.at > c.until) {
		return false
	}
	return l.counted(e, since)
}

func (l *ledger) counted(e *entry, since int64) bool {
	c := &l.copies
	key := l.rowKey(e)
	row, known := c.rows[key]
	if !known && (e.at < since || len(c.rows) >= maxRemembered) {
		l.servers[e.server].unsure = l.servers[e.server].unsure || e.at >= since
		return false
	}
	if row.file != int32(c.now)+1 {
		row.file, row.here = int32(c.now)+1, 0
	}
	row.at, row.here = e.at, min(row.here+1, math.MaxUint16-1)
	twice := row.here <= row.most
	row.most = max(row.most, row.here)
	if c.rows == nil {
		c.rows = map[uint64]repeated{}
	}
	c.rows[key] = row
	c.until = max(c.until, e.at+disorder)
	if twice {
		l.servers[e.server].repeated++
	}
	return twice
}

// rowKey is what tells rows apart. Whole seconds, and no recipients, are all that
// an export may have of one.
func (l *ledger) rowKey(e *entry) uint64 {
	at, whom := e.at, e.whom
	if l.copies.coarse {
		at, whom = at/1e9, nil
	}
	key := uint64(e.server + 1)
	for _, n := range []uint64{uint64(at), maphash.Bytes(l.seed, e.queue), maphash.Bytes(l.seed, e.what), maphash.Bytes(l.seed, whom)} {
		key = (key ^ n) * 0x9e3779b97f4a7c15
		key ^= key >> 29
	}
	return key
}

// from is when the next file begins that may have rows of a server.
func (c *copies) from(s *logServer, local bool) int64 {
	name := shortName(s.name)
	family := familyOf(c.files[c.now].Path)
	for _, f := range c.files[c.now+1:] {
		others := familyOf(f.Path)
		alike := family == "" || others == "" || family == others
		if alike && f.older == "" && f.first != 0 && f.clock.local == local && (f.names == nil || slices.Contains(f.names, name)) {
			return f.first - disorder
		}
	}
	return math.MaxInt64
}

// familyOf is what the name of a message tracking log says of who wrote it: the
// transport service, submission, delivery and moderation have logs of their own,
// side by side (knowledge/evidence-formats.md, section 2). "" is for other names.
func familyOf(name string) string {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	end := strings.IndexAny(base, "0123456789")
	if end < 0 || !strings.HasPrefix(base, "msgtrk") {
		return ""
	}
	return base[:end]
}

// shortName is a server's name without its domain, in lower case.
func shortName(name string) string {
	short, _, _ := strings.Cut(strings.ToLower(name), ".")
	return short
}

// copied counts the rows left out, for troubles.
func (s *logServer) copied(say func(n int, format string)) {
	say(s.repeated, "%d rows stand in several of the files: counted once")
	if s.unsure {
		say(maxRemembered, "its files overlap by more than %d rows: some of the rest may be counted twice")
	}
}
