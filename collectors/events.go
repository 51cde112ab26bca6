package collectors

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/eventlog"
	"mailflow/internal/walltime"
)

// Bounds on what is kept of event logs.
const (
	maxEventGroups  = 2000
	maxEventTimes   = 500 // of one group
	maxEventTexts   = 5
	maxEventText    = 800 // bytes
	maxEventSpans   = 500
	maxEventSources = 30     // passed over, by name
	maxEventCounted = 10_000 // different sources that are counted
)

// How exports of event logs are called as files.
const (
	formatEventTable  = "event log table"
	formatEventXML    = "event log XML"
	formatEventCLIXML = "event log CLIXML"
	formatEventCSV    = "event log CSV"
	formatEventList   = "event log list"
)

// eventFormat names a format of event logs as files are called.
func eventFormat(f eventlog.Format) string {
	switch f {
	case eventlog.Table:
		return formatEventTable
	case eventlog.XML:
		return formatEventXML
	case eventlog.CLIXML:
		return formatEventCLIXML
	case eventlog.CSV:
		return formatEventCSV
	case eventlog.List:
		return formatEventList
	}
	return ""
}

// eventKind is the way back.
func eventKind(format string) eventlog.Format {
	for _, f := range []eventlog.Format{eventlog.Table, eventlog.XML, eventlog.CLIXML, eventlog.CSV, eventlog.List} {
		if eventFormat(f) == format {
			return f
		}
	}
	return ""
}

// events reads exports of the event logs of servers.
func events() *diag.Collector {
	col := diag.NewCollector("event logs", "reads the event logs that you named", evidence.Events,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, []diag.AnyKey{evidence.Zone, evidence.Clock},
		func(ctx context.Context, w diag.World, e diag.Evidence) (evidence.EventLogs, error) {
			c := newChronicle(e)
			shelf := newExports(ctx, w)
			defer shelf.close()
			for _, f := range evidence.Files.In(e) {
				if kind := eventKind(f.Format); kind != "" && f.Unread == "" {
					order, doubt := c.orderOf(shelf, f, kind)
					shelf.read(f, func(x *evidence.Export, r io.Reader) { c.file(x, kind, order, doubt, r) })
				}
			}
			all := c.done(shelf.list)
			return all, shelf.verdict(len(all.Covers), "events", "could be read", "an export of an event log (wevtutil, Event Viewer, Get-WinEvent, Get-EventLog)")
		})
	col.Offline = true
	return col
}

// A chronicle sums up events while they are read.
type chronicle struct {
	zone   evidence.TimeZone
	local  bool // nobody said the zone of the servers: their clocks are taken as they are
	now    time.Time
	spans  []evidence.EventSpan
	groups map[groupKey]*eventGroup
	passed map[string]int
}

type groupKey struct {
	server, source string
	id             int
}

type eventGroup struct {
	evidence.EventGroup
	texts map[string]*evidence.EventText
}

// newChronicle takes UTC for no answer: it is what the zone is when nobody says
// one, and then the clocks of the servers are kept as they are.
func newChronicle(e diag.Evidence) *chronicle {
	zone, _ := evidence.Zone.Lookup(e)
	now, _ := evidence.Clock.Lookup(e)
	return &chronicle{zone: zone, local: zone.Location() == time.UTC, now: now, groups: map[groupKey]*eventGroup{}, passed: map[string]int{}}
}

// orderOf finds out in which order a file writes day, month and year, by all of
// its times. XML needs none.
func (c *chronicle) orderOf(shelf *exports, f evidence.File, kind eventlog.Format) (walltime.Order, string) {
	var o walltime.Orders
	if kind == eventlog.XML || kind == eventlog.CLIXML {
		return walltime.YearFirst, ""
	}
	in, err := shelf.openEvidence(f.Path)
	if err != nil {
		return walltime.DayFirst, "" // said when it is read
	}
	defer in.Close()
	for e := range eventlog.Events(&stoppable{shelf.ctx, in}, kind, nil) {
		o.See(e.Time)
	}
	order, _, why := o.Settle(c.now)
	return order, why
}

// file reads one export.
func (c *chronicle) file(x *evidence.Export, kind eventlog.Format, order walltime.Order, doubt string, r io.Reader) {
	if doubt != "" {
		note(x, 0, doubt)
	}
	clock := walltime.NewClock(c.zone.Location())
	spans := map[string]int{}
	local := false
	for e := range eventlog.Events(r, kind, func(p eventlog.Problem) { note(x, p.Line, p.What) }) {
		x.Objects++
		at, zoned := e.Time.Exact()
		if !zoned {
			wall, ok := e.Time.In(order)
			if !ok {
				note(x, e.Line, "a time that is none in the order of the others: left out")
				continue
			}
			at = clock.UTC(wall)
		}
		local = local || !zoned && c.local
		c.cover(x.Path, e.Server, spans, at)
		if why := bearing(e.Source); why == "" {
			c.pass(e.Source)
		} else if c.add(e, x.Path, at, !zoned && c.local, why) {
			x.Kept++
		}
	}
	if local {
		note(x, 0, "its times have no zone: they are kept as the server's clock showed them. With --input zone=Europe/Berlin, or what the server's zone is, they can be set beside other logs")
	}
}

// cover counts an event to what the file has of its server.
func (c *chronicle) cover(path, server string, spans map[string]int, at int64) {
	i, known := spans[server]
	if !known {
		if len(c.spans) == maxEventSpans {
			return
		}
		i = len(c.spans)
		spans[server] = i
		c.spans = append(c.spans, evidence.EventSpan{Server: server, File: path, First: utc(at), Last: utc(at)})
	}
	s := &c.spans[i]
	s.Count++
	if t := utc(at); t.Before(s.First) {
		s.First = t
	} else if t.After(s.Last) {
		s.Last = t
	}
}

func (c *chronicle) pass(source string) {
	if _, known := c.passed[source]; !known && len(c.passed) >= maxEventCounted {
		source = evidence.OtherSources
	}
	c.passed[source]++
}

// add counts an event to those of its kind. The server of a table that names none
// is told by its file.
func (c *chronicle) add(e *eventlog.Event, path string, at int64, local bool, why string) bool {
	key := groupKey{strings.ToLower(cmp.Or(e.Server, "\x00"+path)), strings.ToLower(e.Source), e.ID}
	g := c.groups[key]
	if g == nil {
		if len(c.groups) == maxEventGroups {
			return false
		}
		g = &eventGroup{EventGroup: evidence.EventGroup{Server: e.Server, Source: e.Source, ID: e.ID, Levels: map[string]int{}, First: utc(at), Last: utc(at), Local: local, Why: why,
			Where: evidence.Where{File: path, Line: e.Line}}, texts: map[string]*evidence.EventText{}}
		c.groups[key] = g
	}
	g.Count++
	g.Levels[string(e.Level)]++
	if t := utc(at); t.Before(g.First) {
		g.First = t
	} else if t.After(g.Last) {
		g.Last = t
	}
	if len(g.Times) < maxEventTimes {
		g.Times = append(g.Times, utc(at))
	}
	g.text(e.Text)
	return true
}

// text counts a message with those like it.
func (g *eventGroup) text(s string) {
	s = clipped([]byte(s), maxEventText)
	key := sameReason(s)
	t := g.texts[key]
	if t == nil {
		if s == "" || len(g.texts) == 10*maxEventTexts {
			return
		}
		t = &evidence.EventText{Text: s}
		g.texts[key] = t
	}
	t.Count++
}

// done sums up.
func (c *chronicle) done(exports []evidence.Export) evidence.EventLogs {
	all := evidence.EventLogs{Exports: exports, Covers: c.spans}
	for _, g := range c.groups {
		g.Texts = listed(g.texts, maxEventTexts, func(a, b evidence.EventText) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text))
		})
		slices.SortFunc(g.Times, time.Time.Compare)
		all.Groups = append(all.Groups, g.EventGroup)
	}
	slices.SortFunc(all.Groups, func(a, b evidence.EventGroup) int {
		return cmp.Or(cmp.Compare(a.Server, b.Server), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Where.File, b.Where.File))
	})
	rest := 0
	for _, source := range slices.SortedFunc(maps.Keys(c.passed), func(a, b string) int { return cmp.Or(cmp.Compare(c.passed[b], c.passed[a]), cmp.Compare(a, b)) }) {
		if len(all.Passed) == maxEventSources || source == evidence.OtherSources {
			rest += c.passed[source]
			continue
		}
		all.Passed = append(all.Passed, evidence.SourceCount{Source: source, Count: c.passed[source]})
	}
	if rest > 0 {
		all.Passed = append(all.Passed, evidence.SourceCount{Source: evidence.OtherSources, Count: rest})
	}
	return all
}

// bearing says why a source bears on mail flow; "" where it does not.
func bearing(source string) string {
	source = strings.ToLower(source)
	for _, b := range bearings() {
		if source == b.source || b.family && strings.HasPrefix(source, b.source) {
			return b.why
		}
	}
	return ""
}

// A source of events that bears on mail flow.
type source struct {
	source string // in lower case
	family bool   // and all whose names begin so
	why    string
}

func bearings() []source {
	return []source{
		{"msexchangetransport", true, "the transport service: queues, connectors, back pressure"},
		{"msexchange transport", true, "the transport service"},
		{"msexchangefrontendtransport", true, "the front end that takes mail from outside"},
		{"msexchangesubmission", true, "submission from mailboxes"}, {"msexchangemailsubmission", true, "submission from mailboxes"}, {"msexchange mail submission", true, "submission from mailboxes"},
		{"msexchangedelivery", true, "delivery to mailboxes"}, {"msexchange store driver", true, "delivery to mailboxes"},
		{"msexchange extensibility", false, "transport agents"}, {"msexchange messaging policies", false, "transport rules"}, {"msexchange antimalware", false, "the filter that messages wait for"}, {"msexchange antispam", false, "the filter that messages wait for"},
		{"msexchangeis", true, "the mailbox store that mail is delivered to"},
		{"msexchangemta", false, "the message transfer agent of Exchange 2000 and 2003"}, {"exps", false, "authentication between Exchange 2000 and 2003 servers"},
		{"msexchangedsaccess", false, "the directory, which the categorizer asks"}, {"msexchange adaccess", false, "the directory, which the categorizer asks"},
		{"msexchange edgesync", true, "what the Edge server knows"}, {"msexchangeedgesync", true, "what the Edge server knows"},
		{"smtpsvc", false, "the SMTP service of Windows, which Exchange 2000 and 2003 send with"},
		{"dnsapi", false, "name look-ups"}, {"dnscache", false, "name look-ups"}, {"dns client events", false, "name look-ups"}, {"microsoft-windows-dns-client", false, "name look-ups"},
		{"schannel", false, "TLS"}, {"w32time", false, "the clock: Kerberos fails at five minutes"}, {"microsoft-windows-time-service", false, "the clock: Kerberos fails at five minutes"},
		{"kerberos", false, "authentication between servers"}, {"microsoft-windows-security-kerberos", false, "authentication between servers"},
		{"disk", false, "the disk of the queue"}, {"ntfs", false, "the disk of the queue"}, {"microsoft-windows-ntfs", false, "the disk of the queue"}, {"ese", false, "the database of the queue"},
	}
}
