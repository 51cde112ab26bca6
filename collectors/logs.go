package collectors

import (
	"cmp"
	"context"
	"hash/fnv"
	"io"
	"slices"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/charset"
)

// logs reads what mail servers log of the mail that passes.
func logs(left *trails) *diag.Collector {
	col := diag.NewCollector("logs", "reads the logs of mail servers that you named", evidence.Traffic,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, []diag.AnyKey{evidence.Clock, evidence.Zone},
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.HopTraffic, error) {
			shelf := newExports(ctx, w)
			defer shelf.close()
			now, _ := evidence.Clock.Lookup(e)
			zone, _ := evidence.Zone.Lookup(e)
			l := newLedger()
			l.least, l.room = left.least, maxTrails
			l.readAll(shelf, inOrder(shelf, evidence.Files.In(e), zone, now), now)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			all := l.done()
			left.leave(l)
			return all, shelf.verdict(len(all), "rows", "shows a message that came and left", "a log (message tracking of Exchange, or an export of it, Postfix, Exim, Sendmail)")
		})
	col.Offline = true
	return col
}

// A logFile is a log, with what its place among the others goes by.
type logFile struct {
	evidence.File
	first   int64    // when it begins
	begins  uint64   // of its first row: logs of one server that begin alike are copies
	older   string   // the longer copy, if this is of an earlier hour
	names   []string // servers that its first rows speak of, as shortName has them; nil where it may be of any
	message string   // id in the queue of the first one that it is about, where the log does not name its server
	wall    *wall    // what its times look like, where they have no zone
	clock   logClock
}

// inOrder lists the logs as they were written, so that a message that goes from
// one file to the next is followed.
func inOrder(shelf *exports, files []evidence.File, zone evidence.TimeZone, now time.Time) []logFile {
	var all []logFile
	for _, f := range files {
		if f.Unread == "" && isLog(f.Format) {
			all = append(all, peeked(shelf, f, now))
		}
	}
	clocks(shelf, all, zone, now)
	slices.SortStableFunc(all, func(a, b logFile) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.begins, b.begins), cmp.Compare(b.Bytes, a.Bytes))
	})
	for i := range all {
		if before := max(i-1, 0); before < i && all[before].begins == all[i].begins && all[i].begins != 0 {
			all[i].older = cmp.Or(all[before].older, all[before].Path)
		}
	}
	return all
}

func isLog(format string) bool {
	return format == formatTracking || format == formatTracking2003 || mailKind(format) != "" || exportFormat(format) != ""
}

// isTrace says whether a file is a message trace, which has no departures.
func isTrace(format string) bool {
	return format == formatTraceCSV || format == formatTraceCLIXML || format == formatTraceList
}

// peeked looks at the first row of a log; an export has to be looked at as a whole,
// because all its dates together tell in which order they are written. What cannot
// be read is said when it is read for good.
func peeked(shelf *exports, f evidence.File, now time.Time) logFile {
	l := logFile{File: f}
	if isTrace(f.Format) {
		return l
	}
	rows := 0
	look(shelf, &l, now, func(g *glimpse) bool {
		if rows++; rows == 1 {
			l.begin(g)
		}
		if exportFormat(f.Format) != "" {
			l.see(g)
			return true
		}
		l.call(g)
		if l.message == "" && len(g.host) == 0 {
			l.message = string(g.id)
		}
		return rows < peekedRows
	})
	return l
}

// peekedRows is how many rows show which servers a log is of.
const peekedRows = 200

// begin takes the first row.
func (l *logFile) begin(g *glimpse) {
	l.first = g.at
	if exportFormat(l.Format) != "" { // no export is a copy of another by how it begins
		return
	}
	if !g.zoned {
		l.wall = &wall{first: g.at}
	}
	sum := fnv.New64a()
	sum.Write(g.row)
	l.begins = sum.Sum64() | 1
}

// see takes a row of an export.
func (l *logFile) see(g *glimpse) {
	switch {
	case g.zoned:
		l.first = min(l.first, g.at)
		return
	case l.wall == nil:
		l.wall = &wall{export: true, utc: g.utc}
	}
	l.wall.dates.See(g.stamp)
}

// call takes the servers that a row speaks of. An export may have rows of any.
func (l *logFile) call(g *glimpse) {
	for _, name := range g.names {
		if short := shortName(string(name)); len(name) > 0 && exportFormat(l.Format) == "" && !slices.Contains(l.names, short) {
			l.names = append(l.names, short)
		}
	}
}

// readAll reads the logs, and counts rows that several of them have once.
func (l *ledger) readAll(shelf *exports, files []logFile, now time.Time) {
	l.copies.files = files
	l.copies.coarse = slices.ContainsFunc(files, func(f logFile) bool { return exportFormat(f.Format) != "" && !isTrace(f.Format) })
	for i, f := range files {
		l.copies.turn(i)
		l.file(shelf, f, now)
	}
}

// file reads one log.
func (l *ledger) file(shelf *exports, f logFile, now time.Time) {
	l.files = append(l.files, f.Path)
	owner := none
	shelf.read(f.File, func(x *evidence.Export, r io.Reader) {
		if f.older != "" {
			note(x, 0, "begins as "+f.older+" does, which is longer: taken as an earlier copy of it, and not read")
			return
		}
		for _, text := range f.clock.notes {
			note(x, 0, text)
		}
		l.local = f.clock.local
		if l.follow != nil {
			owner = l.follow.file(shelf, x, f, now, r)
			return
		}
		l.trail = l.newTrail(f.File, shelf.file)
		owner = l.family(x, f, now, r)
	})
	if owner == none {
		return
	}
	x := shelf.list[len(shelf.list)-1]
	for _, p := range x.Problems {
		l.servers[owner].tell(evidence.Problem{Line: p.Line, Text: f.Path + ": " + p.Text})
	}
	l.servers[owner].moreTrouble += x.More
}

// family reads a log as what it is, and gives the server of its first row.
func (l *ledger) family(x *evidence.Export, f logFile, now time.Time, r io.Reader) (owner int32) {
	at, kind := int32(len(l.files)-1), mailKind(f.Format)
	switch {
	case kind != "":
		l.source = string(kind)
		return l.mail(x, at, kind, f.clock.zone, now, charset.NewReader(r))
	case isTrace(f.Format):
		if l.follow == nil { // they tell no way
			l.traced(x, f, r, now)
		}
		return none
	case f.Format == formatTracking2003:
		l.source = sourceTracking2003
		return l.tracking2003(x, at, charset.NewReader(r))
	}
	l.source = sourceTracking
	if exportFormat(f.Format) != "" {
		return l.exported(x, at, f, r)
	}
	return l.tracking(x, at, charset.NewReader(r))
}

// sourceTracking is how evidence.HopTraffic names the family of these logs; others
// have the names of their servers.
const sourceTracking = "tracking"
