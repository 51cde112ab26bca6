package collectors

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
	"mailflow/internal/charset"
	"mailflow/internal/cmdlet"
	"mailflow/internal/walltime"
)

// Message traces of Exchange Online: Get-MessageTraceV2 and the summaries that the
// admin center gives out. They say when a message came to the service and how it
// stands, each time in UTC (documentation of Get-MessageTraceV2, of the resource
// exchangeMessageTrace, and of the admin center's reports). When it left they do
// not say, so that no wait follows from them.
const (
	formatTraceCSV    = "message trace CSV"
	formatTraceCLIXML = "message trace CLIXML"
	formatTraceList   = "message trace list"

	sourceTrace = "message trace"
	online      = "Exchange Online"
)

const (
	maxPending  = 20_000 // messages
	maxStatuses = 20
)

// isTraced recognises an object of a message trace.
func isTraced(o *cmdlet.Object) bool {
	return hasAll(o, "messagetraceid", "received", "status") || hasAll(o, "originaltimestamp", "recipientstatus") ||
		hasAll(o, "origintimestamp", "recipientstatus") || hasAll(o, "origintimestamputc", "recipientstatus")
}

// A trace is what message traces say.
type trace struct {
	where    evidence.Where
	problems []evidence.Problem
	pending  []pendingMail
	counts   map[string]int
	messages int
	latest   int64
}

type pendingMail struct {
	stamp  walltime.Stamp
	status string
	line   int
}

// traced reads one trace.
func (l *ledger) traced(x *evidence.Export, f logFile, in io.Reader, now time.Time) {
	one := trace{counts: map[string]int{}}
	var dates walltime.Orders
	for o := range cmdlet.Objects(charset.NewReader(in), exportFormat(f.Format), func(p cmdlet.Problem) { note(x, p.Line, p.What) }) {
		if x.Objects++; isTraced(o) {
			one.take(x, o, &dates)
		}
	}
	one.settle(&dates, now)
	text := fmt.Sprintf("a message trace of %d messages (%s): it says how they stand, not when they left, so that waits cannot be told", one.messages, one.statuses())
	note(x, 0, text)
	l.trace.join(&one, f.Path, text)
}

func (t *trace) take(x *evidence.Export, o *cmdlet.Object, dates *walltime.Orders) {
	status, received := "", ""
	for _, p := range o.Props {
		switch plainName(p.Name) {
		case "status", "recipientstatus":
			status = strings.Join(p.Values, ";")
		case "received", "origintimestamp", "origintimestamputc", "originaltimestamp":
			received = strings.Join(p.Values, "")
		}
	}
	s, ok := walltime.Read(received)
	if !ok {
		note(x, o.Line, "a message without a time that can be read: left out")
		return
	}
	t.messages++
	dates.See(s)
	if at, exact := s.Exact(); exact {
		t.latest = max(t.latest, at)
	}
	word, waits := standing(status)
	if len(t.counts) < maxStatuses || t.counts[word] > 0 {
		t.counts[word]++
	}
	if waits && len(t.pending) < maxPending {
		t.pending = append(t.pending, pendingMail{stamp: s, status: word, line: o.Line})
	}
}

// standing is how a message stands, in one word, and whether it is still on its
// way. The reports of the admin center list events for each recipient:
// bob@contoso.com##Receive, Deliver.
func standing(status string) (word string, waits bool) {
	word = strings.TrimSpace(status)
	if strings.Contains(word, "##") {
		word = worst(word)
	}
	switch plainName(word) {
	case "pending", "gettingstatus", "defer", "deferred":
		return clipped([]byte(word), maxLabel), true
	}
	return clipped([]byte(word), maxLabel), false
}

// worst is the last event of the recipient that waits, else of the first.
func worst(list string) string {
	first := ""
	for one := range strings.SplitSeq(list, ";") {
		_, events, _ := strings.Cut(one, "##")
		last := strings.TrimSpace(events[strings.LastIndexByte(events, ',')+1:])
		if first = cmp.Or(first, last); strings.EqualFold(last, "Defer") || strings.EqualFold(last, "Pending") {
			return last
		}
	}
	return first
}

// settle leaves those that waited when the trace was made.
func (t *trace) settle(dates *walltime.Orders, now time.Time) {
	order, _, _ := dates.Settle(now)
	if dates.Zoneless() {
		t.latest = max(t.latest, dates.Latest(order))
	}
	t.pending = slices.DeleteFunc(t.pending, func(p pendingMail) bool {
		at, exact := p.stamp.Exact()
		if !exact {
			at, _ = p.stamp.In(order)
		}
		return t.latest-at < int64(evidence.LateFrom)
	})
}

func (t *trace) statuses() string {
	var words []string
	for word, n := range t.counts {
		words = append(words, fmt.Sprintf("%d %s", n, cmp.Or(word, "without a status")))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// join adds a trace to those before it.
func (t *trace) join(other *trace, path, text string) {
	if t.where.File == "" && len(other.pending) > 0 {
		t.where = evidence.Where{File: path, Line: other.pending[0].line}
	}
	if len(t.problems) < maxTold {
		t.problems = append(t.problems, evidence.Problem{Text: path + ": " + text})
	}
	t.pending = append(t.pending, other.pending[:min(len(other.pending), maxPending-len(t.pending))]...)
}

// traffic is what waits at the service, if anything does.
func (t *trace) traffic() []evidence.HopTraffic {
	if len(t.pending) == 0 {
		return nil
	}
	return []evidence.HopTraffic{{Server: online, To: evidence.NoHopYet, Source: sourceTrace, Where: t.where, Waiting: len(t.pending), Problems: t.problems}}
}
