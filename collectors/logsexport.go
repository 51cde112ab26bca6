package collectors

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"mailflow/evidence"
	"mailflow/internal/charset"
	"mailflow/internal/cmdlet"
	"mailflow/internal/exlog"
	"mailflow/internal/walltime"
)

// Exports of message tracking: Get-MessageTrackingLog | Export-Csv, Export-Clixml
// or Format-List, and the extended report of a message trace of Exchange Online
// (knowledge/evidence-formats.md, section 2, "Exports of the same data").
const (
	formatTrackingCSV    = "message tracking CSV"
	formatTrackingCLIXML = "message tracking CLIXML"
	formatTrackingList   = "message tracking list"
)

// Bounds on the rows of an export, which are held to be put in order.
const (
	maxExported      = 500_000
	maxExportedBytes = 256 << 20
)

// exportFormat is how an export of message tracking, or a message trace, is
// written; "" for other files.
func exportFormat(format string) cmdlet.Format {
	switch format {
	case formatTrackingCSV, formatTraceCSV:
		return cmdlet.CSV
	case formatTrackingCLIXML, formatTraceCLIXML:
		return cmdlet.CLIXML
	case formatTrackingList, formatTraceList:
		return cmdlet.FL
	}
	return ""
}

// subject tells of which objects an export is, by the first of them.
func subject(format cmdlet.Format, start []byte) string {
	for o := range cmdlet.Objects(bytes.NewReader(start), format, nil) {
		switch {
		case isTracked(o):
			return map[cmdlet.Format]string{cmdlet.CSV: formatTrackingCSV, cmdlet.CLIXML: formatTrackingCLIXML, cmdlet.FL: formatTrackingList}[format]
		case isTraced(o):
			return map[cmdlet.Format]string{cmdlet.CSV: formatTraceCSV, cmdlet.CLIXML: formatTraceCLIXML, cmdlet.FL: formatTraceList}[format]
		}
		break
	}
	return map[cmdlet.Format]string{cmdlet.CSV: formatCSV, cmdlet.CLIXML: formatCLIXML, cmdlet.FL: formatList}[format]
}

// plainName is the name of a column without what writers put between its words:
// EventId, event_id and event-id are one.
func plainName(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, name))
}

func hasAll(o *cmdlet.Object, names ...string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(o.Props, func(p cmdlet.Prop) bool { return plainName(p.Name) == name }) {
			return false
		}
	}
	return true
}

// isTracked recognises a row of message tracking.
func isTracked(o *cmdlet.Object) bool {
	dated := hasAll(o, "timestamp") || hasAll(o, "datetimeutc") || hasAll(o, "datetime")
	return dated && hasAll(o, "eventid") && (hasAll(o, "messageid") || hasAll(o, "internalmessageid"))
}

// Cells of a row of an export, behind those of columns().
const (
	cellTime = colEnd + iota
	cellLatency
	cellLatencyOf
	cellComputer
	cellCount
	cells
)

// exportColumn is the cell that a column goes to, -1 for none.
func exportColumn(name string) int {
	switch name {
	case "recipients":
		return colTo
	case "eventdata":
		return colCustom
	case "sender":
		return colSender
	case "timestamp", "datetimeutc", "datetime":
		return cellTime
	case "messagelatency":
		return cellLatency
	case "messagelatencytype":
		return cellLatencyOf
	case "pscomputername":
		return cellComputer
	case "recipientcount":
		return cellCount
	}
	return slices.IndexFunc(columns(), func(c string) bool { return plainName(c) == name })
}

// An exportSheet knows the columns of an export.
type exportSheet struct {
	known map[string]int
	utc   bool // the name of the column with the time says so
	mail  bool // rows have no internal id: the message id ties them
}

// An exportRow is a row of an export, as columns() has it.
type exportRow struct {
	time  string
	at    int64
	line  int
	cells [cells]string
	lost  bool // the message that this one was made of is not named
}

func (r *exportRow) Field(column int) []byte { return []byte(r.cells[column]) }
func (r *exportRow) Line() int64             { return int64(r.line) }

// row reads an object. What a column names that rows lack is put together from
// others.
func (s *exportSheet) row(o *cmdlet.Object) *exportRow {
	r := &exportRow{line: o.Line}
	for i := range o.Props {
		p := &o.Props[i]
		switch at := s.column(p.Name); {
		case at < 0:
		case at == colCustom:
			r.cells[at] = eventData(p.Values)
		default:
			r.cells[at] = strings.Join(p.Values, ";")
			r.lost = r.lost || at == colReference && p.Lost
		}
	}
	r.time = r.cells[cellTime]
	if n, err := strconv.Atoi(r.cells[cellCount]); err == nil && r.cells[colTo] == "" && n > 1 {
		r.cells[colTo] = strings.Repeat(";", min(n, maxEarly*maxEarly)-1) // Export-Csv wrote the name of a type
	}
	if s.mail = r.cells[colQueue] == "" || r.cells[colQueue] == "0"; s.mail {
		r.cells[colQueue] = r.cells[colMail]
	}
	if r.cells[colClient] == "" && r.cells[colServer] == "" {
		r.cells[colClient], r.cells[colServer] = r.cells[cellComputer], r.cells[cellComputer]
	}
	return r
}

func (s *exportSheet) column(name string) int {
	at, known := s.known[name]
	if !known {
		plain := plainName(name)
		if at = exportColumn(plain); len(s.known) < 1000 {
			if s.known == nil {
				s.known = map[string]int{}
			}
			s.known[name] = at
		}
		s.utc = s.utc || plain == "datetimeutc"
	}
	return at
}

// eventData writes "[DeferReason, TransientFailure]" as the log does.
func eventData(values []string) string {
	for i, v := range values {
		if inner, ok := strings.CutPrefix(v, "["); ok {
			key, value, _ := strings.Cut(strings.TrimSuffix(inner, "]"), ", ")
			values[i] = "S:" + key + "=" + value
		}
	}
	return strings.Join(values, ";")
}

// ownTime is when a message was delivered by the row's own word: message-info says
// in UTC when it was first taken, and the latency how long it has been on its way
// since (KB 3145489). 0 is for rows that do not say both.
func (r *exportRow) ownTime() int64 {
	origin, _, _ := strings.Cut(r.cells[colInfo], ";")
	since, ok := exlog.ParseTime([]byte(origin))
	took, sure := cmdlet.Duration(r.cells[cellLatency])
	if !ok || !sure || !strings.EqualFold(r.cells[cellLatencyOf], "EndToEnd") {
		return 0
	}
	return since + int64(took)
}

// exported reads an export, and gives the server of its first row. Its rows are
// sorted however the operator liked, and so are put in the order of time.
func (l *ledger) exported(x *evidence.Export, file int32, f logFile, in io.Reader) (owner int32) {
	rows := exportedRows(x, f, in)
	if backwards(rows) {
		slices.Reverse(rows)
	}
	slices.SortStableFunc(rows, func(a, b *exportRow) int { return cmp.Compare(a.at, b.at) })
	parents := map[string]string{} // by server and message id: the internal id that came last
	t := &tracking{ledger: l, file: file, owner: none}
	for _, r := range rows {
		r.parent(parents)
		t.fields = r
		t.row(r.at)
	}
	return t.owner
}

// backwards says whether the latest row stands first.
func backwards(rows []*exportRow) bool {
	return len(rows) > 0 && rows[0].at > rows[len(rows)-1].at
}

func exportedRows(x *evidence.Export, f logFile, in io.Reader) []*exportRow {
	var rows []*exportRow
	sheet, clock, size, mail, same := exportSheet{}, walltime.NewClock(f.clock.zone), 0, false, map[string]string{}
	for o := range cmdlet.Objects(charset.NewReader(in), exportFormat(f.Format), func(p cmdlet.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		if !isTracked(o) {
			continue
		}
		r := sheet.row(o)
		mail = mail || sheet.mail && r.cells[colMail] != ""
		switch at, ok := f.clock.read(r.time, clock); {
		case !ok:
			note(x, r.line, "a row without a time that can be read: left out")
			continue
		default:
			r.at = at
		}
		if size += r.share(same); len(rows) == maxExported || size > maxExportedBytes {
			note(x, r.line, "more rows than are held at once: the rest is left out. Give the log files themselves")
			break
		}
		rows = append(rows, r)
	}
	if mail {
		note(x, 0, "rows without InternalMessageId: they are tied by the Message-ID, so that a message that was split is not told apart")
	}
	return rows
}

// share keeps texts that many rows have once, and gives the bytes of the others.
func (r *exportRow) share(same map[string]string) (size int) {
	for i, text := range r.cells {
		one, known := same[text]
		switch {
		case known:
			r.cells[i] = one
		case len(same) < maxNames && len(text) <= maxLabel:
			same[text] = text
		}
		if !known {
			size += len(text)
		}
	}
	return size + 300
}

// read gives the time of a row of an export.
func (c *logClock) read(text string, clock *walltime.Clock) (int64, bool) {
	s, ok := walltime.Read(text)
	if at, exact := s.Exact(); exact || !ok {
		return at, exact
	}
	at, ok := s.In(c.order)
	if !ok {
		return 0, false
	}
	return clock.UTC(at), true
}

// parent names the message that one was made of, where the export lost that: the
// one with the same message id that the server had last.
func (r *exportRow) parent(last map[string]string) {
	key := shortName(cmp.Or(r.cells[colServer], r.cells[colClient])) + "\x00" + r.cells[colMail]
	switch r.cells[colEvent] {
	case "RECEIVE":
		if len(last) < maxExported {
			last[key] = r.cells[colQueue]
		}
	case "TRANSFER":
		if r.lost && r.cells[colReference] == "" {
			r.cells[colReference] = last[key]
		}
	}
}
