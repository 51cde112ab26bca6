package results

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

// rhythmPage lists the hops with the rhythm of each; its pane has the charts.
func (m Model) rhythmPage() page {
	w := m.listWidth() - 2
	all, read := m.facts.rhythms.of(m.facts.report, evidence.Rhythms)
	only := strings.ToLower(m.only[rhythm])
	var l list
	for i, h := range all {
		if name := clean(clip(report.HopName(h.Server, h.To))); strings.Contains(strings.ToLower(name), only) {
			l.addRow(hopID(i, h), w, hopLine(h, name))
		}
	}
	switch {
	case len(l.rows) > 0:
	case !read:
		l = emptyTab(w, "The rhythms cannot be read from this evidence.")
	case len(all) == 0:
		l = emptyTab(w, "The logs do not show any hop: message tracking, or the mail log, of a server that sends, with the rows of when mail came and when it left, would (a).")
	default:
		l = emptyTab(w, "None of "+count(len(all), "hop")+" is called like that.")
	}
	return page{list: l}
}

// hopID finds a hop again: hops are in the order of the logs' traffic, where
// each is there once.
func hopID(i int, h evidence.HopRhythm) string {
	return strconv.Itoa(i) + "\x00" + h.Server + "\x00" + h.To
}

func hopLine(h evidence.HopRhythm, name string) line {
	k := plain
	switch h.Is {
	case evidence.RhythmClock, evidence.RhythmRetry, evidence.RhythmFixed, evidence.RhythmBacklog, evidence.RhythmMixed:
		k = strong
	case evidence.RhythmPrompt:
		k = faint
	}
	waited := padLeft(grouped(h.Waited), 7) + " of " + pad(grouped(h.Count)+" waited", 14)
	return say(k, pad(clean(clip(h.Is)), 15)).and(faint, waited+" ").and(plain, name)
}

// A hop is one with its rhythm, and the clock by which that is told.
type hop struct {
	evidence.HopRhythm
	times report.Times
}

// hop finds a hop by its id.
func (m Model) hop(id string) (hop, bool) {
	all, _ := m.facts.rhythms.of(m.facts.report, evidence.Rhythms)
	number, _, _ := strings.Cut(id, "\x00")
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(all) || hopID(i, all[i]) != id {
		return hop{}, false
	}
	return hop{all[i], m.facts.clockOf(i)}, true
}

// clockOf is how the times of a hop are told: daylight saving counts as it stood
// when its last message left.
func (f *facts) clockOf(hop int) report.Times {
	if f.last == nil {
		all, _ := diag.Value(f.report, evidence.Traffic)
		f.last = make([]time.Time, len(all))
		for i, h := range all {
			f.last[i] = h.Last
		}
	}
	t := f.times
	if hop < len(f.last) && !f.last[hop].IsZero() {
		t.Day = f.last[hop]
	}
	return t
}

// rhythmPane charts the chosen hop.
func (m Model) rhythmPane(id string) list {
	h, _ := m.hop(id)
	p := newProse(m.paneWidth())
	p.rhythm(h, m.paneRoom(), m.styles.plain)
	return p.list()
}

// rhythmDetail charts it on the whole area.
func (m Model) rhythmDetail(id string) (list, bool) {
	h, ok := m.hop(id)
	p := newProse(m.inner())
	p.rhythm(h, m.body(), m.styles.plain)
	return p.list(), ok
}

// Heights of the columns of a chart.
const (
	lowChart  = 3
	highChart = 10
)

// rhythm tells the rhythm of a hop and draws it: the charts take what room the
// words leave. The figures stand below.
func (p *prose) rhythm(h hop, room int, plain bool) {
	p.para(strong, "", report.HopName(h.Server, h.To)+": "+report.RhythmSentence(h.HopRhythm, h.times))
	high := min(max((room-len(p.lines)-2*chartExtra)/2, lowChart), highChart)
	for _, c := range []chart{h.departures(), h.waits().broad(p.w)} {
		if c.plain = plain; c.highest() > 0 {
			p.lines = append(p.lines, c.lines(p.w, high)...)
		}
	}
	p.figures(h.HopRhythm)
}

// departures is when mail that waited left, over the parts of a turn. It is told
// in the zone that was asked for, as report.RhythmBars does, whose marks stand
// under it; where that is not by whole parts, in UTC.
func (h hop) departures() chart {
	_, marks := report.RhythmBars(h.HopRhythm, h.times)
	turn := clamped(h.Turn)
	if n := len(h.Minutes); n == 0 || n > mostBars || turn/time.Duration(n) <= 0 {
		return chart{}
	}
	part, zone := turn/time.Duration(len(h.Minutes)), "UTC"
	c := chart{counts: h.Minutes, marks: marks}
	if at := h.times.Day; !at.IsZero() {
		_, ahead := at.In(h.times.Zone.Location()).Zone()
		if offset := time.Duration(ahead) * time.Second; offset%part == 0 {
			c.counts, zone = later(h.Minutes, int(offset/part)), h.times.Name(at)
		}
	}
	c.title = fmt.Sprintf("When what waited left, within %s (%s)%s", lasts(h.Turn), zone, words(strings.Contains(marks, "^"), "; ^ is an opening"))
	for i := range 4 {
		at := len(h.Minutes) * i / 4
		c.ticks = append(c.ticks, tick{at, dialTick(part*time.Duration(at), turn)})
	}
	return c
}

// later is a turn that begins so many parts earlier.
func later(counts []int, by int) []int {
	n := len(counts)
	by = (by%n + n) % n
	return slices.Concat(counts[n-by:], counts[:n-by])
}

// dialTick tells a moment of a turn: minutes of an hour, times of a day, or how
// long after its begin.
func dialTick(at, turn time.Duration) string {
	switch {
	case turn <= time.Hour:
		return fmt.Sprintf(":%02d", int(at.Minutes()))
	case turn <= 24*time.Hour:
		return fmt.Sprintf("%02d:%02d", int(at.Hours()), int(at.Minutes())%60)
	}
	return lasts(evidence.Duration(at.Seconds()))
}

// waits is how long messages waited that did for longer than mail should, as
// report.WaitBars counts them.
func (h hop) waits() chart {
	_, marks := report.WaitBars(h.HopRhythm)
	c := chart{marks: marks}
	for _, b := range h.Waits {
		if b.To <= evidence.Duration(evidence.LateFrom.Seconds()) {
			continue
		}
		for _, round := range roundWaits() {
			if b.From <= round && round < b.To {
				c.ticks = append(c.ticks, tick{len(c.counts), lasts(round)})
			}
		}
		c.counts = append(c.counts, b.Count)
	}
	c.title = "How long it waited" + words(strings.Contains(marks, "^"), "; ^ is where the attempts of the ladder fall")
	return c
}

// roundWaits are the lengths that the scale of waits names.
func roundWaits() []evidence.Duration {
	return []evidence.Duration{120, 300, 900, 3600, 4 * 3600, 86400, 4 * 86400}
}

// figures are what the sentence and the charts rest on.
func (p *prose) figures(h evidence.HopRhythm) {
	p.heading("Figures")
	figure := func(name, s string) {
		if s != "" {
			p.para(plain, "  "+pad(name, 10), s)
		}
	}
	figure("judged", grouped(h.Count)+" messages, "+grouped(h.Waited)+" of them waited")
	if h.Period > 0 {
		figure("period", lasts(h.Period))
		figure("phase", joined(" after midnight, by ", several(h.Phases), words(len(h.Phases) > 0, map[bool]string{true: "the clock on the wall", false: "UTC"}[h.Wall])))
	}
	if h.Window > 0 {
		figure("open for", lasts(h.Window))
	}
	if h.Strength > 0 {
		figure("strength", fmt.Sprintf("%.0f %% of what waited follows it", 100*min(h.Strength, 1)))
	}
	if h.Chance > 0 {
		figure("chance", "at most "+strconv.FormatFloat(h.Chance, 'g', 2, 64)+" to see so much by accident")
	}
	figure("ladder", h.Ladder)
	figure("steps", several(h.Steps))
	figure("sums", several(h.Sums))
	figure("why", h.Why)
}

// mostFigures is how many lengths of time one line names.
const mostFigures = 12

func several(all []evidence.Duration) string {
	var parts []string
	for _, d := range all[:min(len(all), mostFigures)] {
		parts = append(parts, lasts(d))
	}
	if more := len(all) - mostFigures; more > 0 {
		parts = append(parts, "and "+grouped(more)+" more")
	}
	return strings.Join(parts, ", ")
}
