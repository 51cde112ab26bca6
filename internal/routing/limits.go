package routing

import (
	"strconv"
	"strings"

	"mailflow/evidence"
)

// mostKB bounds sizes of the directory, so that they can be counted in bytes.
const mostKB = 1 << 40

func kilobytes(n *int) int64 {
	if n == nil || *n <= 0 {
		return 0
	}
	return int64(min(*n, mostKB)) * 1024
}

// limitOf is the largest message that a connector takes; 0 if no limit is known.
// Which attribute of the directory holds it is documented nowhere: unsure then.
// delivContLength is taken for the size from which messages are large where
// these have times of their own (the same inference as CONNECTOR-SIZE-LIMIT).
func limitOf(c *evidence.Connector) (bytes int64, sure bool) {
	if c.LimitBytes != nil {
		return max(*c.LimitBytes, 0), true
	}
	if n := kilobytes(c.LimitKB); n > 0 {
		return n, false
	}
	if ownTimes(c.Oversize) {
		return 0, false
	}
	return kilobytes(c.ContentKB), false
}

func ownTimes(t evidence.Timetable) bool {
	return t.Is(evidence.StyleSelected) || t.Is(evidence.StyleNever)
}

// tooLarge says whether the message is larger than a connector takes.
func (w *walk) tooLarge(c *evidence.Connector) bool {
	limit, _ := limitOf(c)
	return limit > 0 && w.q.Size > limit
}

// tooLargeFor names the first connector of a path that does not take the message.
func (w *walk) tooLargeFor(way []edge) string {
	for _, e := range way {
		if c := w.links[e.id].c; w.tooLarge(c) {
			limit, _ := limitOf(c)
			return "larger than the limit of " + c.Name + " (" + size(limit) + ")"
		}
	}
	return ""
}

// unsureLimits says where a limit that decided is read from an uncertain place.
func (w *walk) unsureLimits(way []edge) {
	for _, e := range way {
		c := w.links[e.id].c
		if _, sure := limitOf(c); w.tooLarge(c) && !sure {
			w.unsure("that " + c.Name + " does not take the message rests on a limit whose attribute is known from memory only: look at its Content Restrictions in System Manager")
		}
	}
}

// restrictions notes who and what a connector is not for. The lists count only
// where the registry of the bridgehead says so (knowledge/exchange.md, RC-11).
func (w *walk) restrictions(c *evidence.Connector) []string {
	var notes []string
	if c.Allowed > 0 {
		notes = append(notes, "open to "+senders(c.Allowed)+" only, where CheckConnectorRestrictions is set in the registry of the bridgehead")
	}
	if c.Refused > 0 {
		notes = append(notes, "refuses "+senders(c.Refused)+", where CheckConnectorRestrictions is set in the registry of the bridgehead")
	}
	if c.Priorities != nil && *c.Priorities != 0 {
		notes = append(notes, "refuses messages of some priorities (the meaning of the attribute is known from memory only)")
	}
	if len(notes) > 0 {
		w.unsure(c.Name + " is not open to every message: another may take another path, or none")
	}
	if len(notes) > 0 && w.groups[w.group].modern {
		notes = append(notes, "servers of 2007 and later are said not to heed that when they choose the path (PowerShell book)")
	}
	return notes
}

func senders(n int) string {
	if n == 1 {
		return "1 sender or group"
	}
	return strconv.Itoa(n) + " senders and groups"
}

// size is a size in words: "10 MB", "12.5 MB", "500 KB".
func size(bytes int64) string {
	const kb, mb = 1 << 10, 1 << 20
	switch {
	case bytes >= mb:
		return decimal(float64(bytes)/mb) + " MB"
	case bytes >= kb:
		return decimal(float64(bytes)/kb) + " KB"
	}
	return strconv.FormatInt(bytes, 10) + " bytes"
}

func decimal(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}
