package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailflow/evidence"
)

// Bounds of what a path shows; routing keeps to narrower ones, a case file of
// somebody else's need not.
const (
	mostLegs    = 40
	mostNotes   = 8 // of one leg
	mostDetours = 10
)

// PathLines tells the path of a message as text: the servers one under the
// other, between them what takes the message on and how long it waits for that,
// then the paths that were not taken, and what may change it all. No line is
// wider than width, which is at least 40.
func PathLines(p evidence.Path, width int) []string {
	width = max(width, leastWidth)
	lines := append(wrap("", pathTitle(p), width), wrap("", PathSummary(p), width)...)
	lines = append(lines, "")
	lines = append(lines, legLines(p, width)...)
	lines = append(lines, listLines("not taken:", detours(p), width)...)
	return append(lines, listLines("could not tell:", unsure(p), width)...)
}

// supposed is what every path goes by: routing reads the configuration, and no
// link state.
const supposed = "whether every server and link on the way is up: the path is told as if they were"

// unsure is what may change a path; last what may change each.
func unsure(p evidence.Path) []string { return append(slices.Clone(p.Unsure), supposed) }

// pathTitle says which message it is.
func pathTitle(p evidence.Path) string {
	title := p.From + " -> " + p.To
	if p.SizeBytes > 0 {
		title += ", " + inBytes(p.SizeBytes)
	}
	if p.At.IsZero() {
		return title
	}
	title += ", sent " + clock(p.At, p.Zone)
	if p.Zone != "" && p.Zone != "UTC" {
		title += " (" + p.Zone + ")"
	}
	return title
}

// clock is a moment as the clocks of a zone show it; GMT where this machine does
// not know the zone.
func clock(t time.Time, zone string) string {
	z, _ := evidence.LoadZone(zone)
	return t.In(z.Location()).Format("Mon 2006-01-02 15:04 MST")
}

// PathSummary is the outcome of a path in one sentence: whether the message gets
// there, how long it waits, and what the path costs.
func PathSummary(p evidence.Path) string {
	cost := ""
	if len(p.Legs) > 0 {
		cost = "cost " + strconv.Itoa(p.Cost)
	}
	return joined("; ", joined(": ", outcomeWords(p.Outcome), p.Why), pathWait(p), cost)
}

func outcomeWords(outcome string) string {
	switch outcome {
	case evidence.Leaves:
		return "leaves the organization"
	case evidence.Stuck:
		return "STUCK"
	case evidence.NoPath:
		return "NO PATH"
	case evidence.Returned:
		return "COMES BACK to its sender"
	case evidence.Undecided:
		return "COULD NOT TELL"
	}
	return outcome
}

// Gets says whether the message gets where it shall.
func gets(p evidence.Path) bool { return p.Outcome == evidence.Arrives || p.Outcome == evidence.Leaves }

// pathWait says how long schedules hold the message, over all legs.
func pathWait(p evidence.Path) string {
	w := p.Wait
	switch {
	case w.Now > 0:
		return "waits " + lasting(w.Now) + " for a schedule (" + othersWait(w) + ")"
	case w.Longest > 0:
		return "does not wait now; at other times schedules hold mail (" + othersWait(w) + ")"
	case gets(p):
		return "waits for no schedule that is known"
	}
	return ""
}

// othersWait is what holds for messages at any time of the week.
func othersWait(w evidence.Wait) string {
	return "at most " + lasting(w.Longest) + ", on average " + lasting(w.Mean)
}

// lasting is a length of time in the two largest units that it has.
func lasting(d evidence.Duration) string {
	const most = 3660 * 86400 // a wait of ten years is nonsense of a case file
	s := int64(min(max(float64(d), 0), most) + 0.5)
	for _, u := range []struct {
		unit, next   int64
		name, lesser string
	}{{86400, 3600, "d", "h"}, {3600, 60, "h", "min"}, {60, 1, "min", "s"}} {
		if s >= u.unit {
			text := fmt.Sprintf("%d %s", s/u.unit, u.name)
			if rest := s % u.unit / u.next; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, u.lesser)
			}
			return text
		}
	}
	return fmt.Sprintf("%d s", s)
}

// inBytes is a size as people say it.
func inBytes(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1 << 30, "GB"}, {1 << 20, "MB"}, {1 << 10, "KB"}} {
		if n >= u.size {
			return strings.TrimSuffix(strconv.FormatFloat(float64(n)/float64(u.size), 'f', 1, 64), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// legLines draws the path itself.
func legLines(p evidence.Path, width int) []string {
	var lines []string
	if len(p.Legs) == 0 && strands(p) {
		lines = stopLines(1, start(p), width)
	}
	for i, l := range p.Legs[:min(len(p.Legs), mostLegs)] {
		if i == 0 {
			lines = append(lines, stopLines(1, start(p), width)...)
		}
		for _, s := range legWords(p, l) {
			lines = append(lines, hang("   |  ", "   |    ", s, width)...)
		}
		switch {
		case l.Kind == evidence.SameServer:
		case l.Closed:
			lines = append(lines, hang("   X  ", "      ", endWords(p, l), width)...)
		default:
			lines = append(append(lines, "   v"), stopLines(i+2, landing(p, i), width)...)
		}
	}
	if more := len(p.Legs) - mostLegs; more > 0 {
		lines = append(lines, "   ... and "+count(more, "more leg"))
	}
	if strands(p) {
		lines = append(lines, hang("   X  ", "      ", endWords(p, evidence.Leg{}), width)...)
	}
	return lines
}

// strands says whether the message stays where the last leg took it, or where it
// began, and not before a leg that it cannot cross.
func strands(p evidence.Path) bool {
	if n := len(p.Legs); n > 0 {
		return !gets(p) && !p.Legs[n-1].Closed
	}
	return p.Outcome == evidence.Stuck || p.Outcome == evidence.NoPath || p.Outcome == evidence.Returned
}

func stopLines(n int, s string, width int) []string {
	return hang(fmt.Sprintf("%-3d", n), "   ", s, width)
}

// stop names servers, and the routing group or site that they stand in.
func stop(servers []string, group string) string {
	name := listing(servers)
	if len(servers) > 1 {
		name = "one of " + name
	}
	if group == "" {
		return name
	}
	return joined(" ", name, "["+group+"]")
}

// start is where the path begins. A connector none of whose servers exists names
// nobody that sends.
func start(p evidence.Path) string {
	if len(p.Legs) == 0 {
		return p.From
	}
	if l := p.Legs[0]; len(l.From) > 0 {
		return stop(l.From, l.FromGroup)
	}
	return stop([]string{p.From}, p.Legs[0].FromGroup)
}

// landing is where a leg ends.
func landing(p evidence.Path, i int) string {
	l := p.Legs[i]
	switch {
	case len(l.To) > 0 || l.ToGroup != "":
		return stop(l.To, l.ToGroup)
	case i+1 < len(p.Legs):
		return stop(p.Legs[i+1].From, p.Legs[i+1].FromGroup)
	}
	return p.To
}

// endWords says that a message gets no farther, and where the leg would lead.
func endWords(p evidence.Path, l evidence.Leg) string {
	to := ""
	if s := stop(l.To, l.ToGroup); s != "" {
		to = " (on to " + s + ")"
	}
	switch p.Outcome {
	case evidence.Returned:
		return "comes back to its sender from here" + to
	case evidence.Undecided:
		return "how it goes on from here could not be told" + to
	}
	return "gets no farther" + to
}

// legWords are the lines about one leg.
func legWords(p evidence.Path, l evidence.Leg) []string {
	words := []string{joined(", ", kindWords(l), costWords(l), limitWords(l.LimitBytes))}
	if l.Opens != "" {
		words = append(words, "opens "+l.Opens)
	}
	if s := legWait(p, l); s != "" {
		words = append(words, s)
	}
	for i, note := range l.Notes {
		if i == mostNotes {
			words = append(words, fmt.Sprintf("and %d more notes", len(l.Notes)-i))
			break
		}
		words = append(words, "note: "+note)
	}
	if l.Where != nil && l.Where.File != "" {
		words = append(words, "read in "+l.Where.String())
	}
	return words
}

func kindWords(l evidence.Leg) string {
	switch l.Kind {
	case evidence.SameServer:
		return "stays on this server"
	case evidence.SameGroup:
		return "directly" + prefixed(", both in ", same(l.FromGroup, l.ToGroup))
	case evidence.BetweenSites:
		return "from site to site" + prefixed(", site link ", quoted(l.Connector))
	case evidence.OverSMTP:
		return "sent by the SMTP virtual server itself, over no connector"
	}
	return joined(" ", cmp.Or(l.Link, l.Kind), quoted(l.Connector))
}

func same(a, b string) string {
	if a == b {
		return a
	}
	return ""
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

func costWords(l evidence.Leg) string {
	if l.Kind == evidence.SameServer || l.Kind == evidence.SameGroup || l.Kind == evidence.OverSMTP {
		return ""
	}
	return "cost " + strconv.Itoa(l.Cost)
}

func limitWords(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return "up to " + inBytes(bytes)
}

func legWait(p evidence.Path, l evidence.Leg) string {
	switch until := l.Wait.Until; {
	case l.Wait.Now > 0 && until != nil:
		return "this message waits " + lasting(l.Wait.Now) + ", until " + clock(*until, p.Zone) + " (" + othersWait(l.Wait) + ")"
	case l.Wait.Now > 0:
		return "this message waits " + lasting(l.Wait.Now) + " (" + othersWait(l.Wait) + ")"
	case l.Wait.Longest > 0:
		return "open as this message comes, so that it does not wait; others do (" + othersWait(l.Wait) + ")"
	}
	return ""
}

// detours says which paths were not taken, and why not.
func detours(p evidence.Path) []string {
	var all []string
	for i, d := range p.Others {
		if i == mostDetours {
			return append(all, "and "+count(len(p.Others)-i, "more path"))
		}
		all = append(all, fmt.Sprintf("over %s, cost %d: %s", listing(d.Over), d.Cost, d.Why))
	}
	return all
}

// listLines is a list under its heading, if there is anything in it.
func listLines(heading string, all []string, width int) []string {
	if len(all) == 0 {
		return nil
	}
	lines := []string{"", heading}
	for _, s := range all {
		lines = append(lines, wrap("  - ", s, width)...)
	}
	return lines
}
