package report

import (
	"cmp"
	"slices"
	"strings"

	"mailflow/evidence"
)

// A lack is a log that is missing, and how many messages it would tell more of.
type lack struct {
	evidence.Missing
	count int
	wider bool // the hours are not those of the first message alone
}

// outside says that a log is that of a server elsewhere.
func outside(m evidence.Missing) bool { return strings.HasPrefix(m.Get, evidence.AskPostmaster) }

// whyMissing is what a journey says of a log that is missing: nothing of those of
// servers elsewhere, since it says where it left to.
func whyMissing(m evidence.Missing) string {
	if outside(m) {
		return ""
	}
	return cmp.Or(m.Why, "it is not here")
}

// lacking lists the logs that are missing by server: those that can be fetched, and
// those that most messages want, first.
func lacking(all []evidence.Journey) []lack {
	var list []lack
	at := map[string]int{}
	for _, j := range all {
		mine := map[string]bool{}
		for _, m := range j.Missing {
			key := strings.ToLower(m.Server)
			if mine[key] {
				continue
			}
			mine[key] = true
			if i, known := at[key]; known {
				list[i].add(m)
			} else {
				at[key] = len(list)
				list = append(list, lack{Missing: m, count: 1})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b lack) int {
		if outside(a.Missing) != outside(b.Missing) {
			return map[bool]int{true: 1, false: -1}[outside(a.Missing)]
		}
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.Server, b.Server))
	})
	return list
}

func (l *lack) add(m evidence.Missing) {
	l.count++
	if m.From.Before(l.From) {
		l.From, l.wider = m.From, true
	}
	if m.To.After(l.To) {
		l.To, l.wider = m.To, true
	}
}

// words say how to get the log; the first message's hours stand in that already.
func (l lack) words() string {
	words := l.Get
	if l.wider && !outside(l.Missing) {
		words += " (for all of them: " + l.From.UTC().Format("2006-01-02 15:04") + " to " + l.To.UTC().Format("2006-01-02 15:04") + " UTC)"
	}
	return joined(": ", "no log of "+l.Server+" for "+count(l.count, "message"), words)
}

// missingText says how to get the logs that are missing.
func missingText(all []evidence.Journey, width int) []string {
	list := lacking(all)
	var lines []string
	for _, l := range list[:min(len(list), mostMissing)] {
		lines = append(lines, hang("  - ", "    ", l.words(), width)...)
	}
	if more := len(list) - mostMissing; more > 0 {
		lines = append(lines, "  - and of "+count(more, "more server"))
	}
	return lines
}
