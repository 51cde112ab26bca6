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
	"mailflow/internal/exlog"
	"mailflow/internal/maillog"
)

// logs reads what mail servers log of the mail that passes.
func logs() *diag.Collector {
	col := diag.NewCollector("logs", "reads the logs of mail servers that you named", evidence.Traffic,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, []diag.AnyKey{evidence.Clock},
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.HopTraffic, error) {
			shelf := newExports(ctx, w)
			defer shelf.close()
			now, _ := evidence.Clock.Lookup(e)
			l := newLedger()
			for _, f := range inOrder(shelf, evidence.Files.In(e), now) {
				l.file(shelf, f, now)
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			all := l.done()
			return all, shelf.verdict(len(all), "rows", "shows a message that came and left", "a log (message tracking of Exchange 2007 or later, Postfix, Exim, Sendmail)")
		})
	col.Offline = true
	return col
}

// A logFile is a log, with what its place among the others goes by.
type logFile struct {
	evidence.File
	first  int64  // when it begins
	begins uint64 // of its first row: logs of one server that begin alike are copies
	older  string // the longer copy, if this is of an earlier hour
}

// inOrder lists the logs as they were written, so that a message that goes from
// one file to the next is followed.
func inOrder(shelf *exports, files []evidence.File, now time.Time) []logFile {
	var all []logFile
	for _, f := range files {
		if f.Unread == "" && isLog(f.Format) {
			all = append(all, peeked(shelf, f, now))
		}
	}
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

func isLog(format string) bool { return format == formatTracking || mailKind(format) != "" }

// peeked looks at the first row of a log. What cannot be read is said when it is
// read as a whole.
func peeked(shelf *exports, f evidence.File, now time.Time) logFile {
	l := logFile{File: f}
	in, err := shelf.openEvidence(f.Path)
	if err != nil {
		return l
	}
	defer in.Close()
	at, row := firstRow(f.Format, io.LimitReader(&stoppable{shelf.ctx, in}, maxHead), now)
	if row != nil {
		sum := fnv.New64a()
		sum.Write(row)
		l.first, l.begins = at, sum.Sum64()
	}
	return l
}

// firstRow is the first row of a log that has a time, nil for none.
func firstRow(format string, in io.Reader, now time.Time) (at int64, row []byte) {
	if kind := mailKind(format); kind != "" {
		if r := maillog.NewReader(in, kind); r.Next() {
			return maillog.NewYears(now).Place(r.Event().Stamp).Nano, r.Event().Raw
		}
		return 0, nil
	}
	r := exlog.NewReader(in, nil)
	for r.Next() {
		if at, ok := r.Time(); ok {
			return at, r.Row()
		}
	}
	return 0, nil
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
		at := int32(len(l.files) - 1)
		if kind := mailKind(f.Format); kind != "" {
			l.source = string(kind)
			owner = l.mail(x, at, kind, now, r)
		} else {
			l.source = sourceTracking
			owner = l.tracking(x, at, r)
		}
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

// sourceTracking is how evidence.HopTraffic names the family of these logs; others
// have the names of their servers.
const sourceTracking = "tracking"
