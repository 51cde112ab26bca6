package results

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"mailflow/diag"
)

// Measures of a row of the waterfall: the name of the phase, its seconds, and
// then the bar.
const (
	nameCells    = 10
	secondsCells = 9
	barAt        = 2 + nameCells + 1 + secondsCells + 2
)

// few is up to how many sessions are shown step by step at first.
const few = 8

// A scale turns times into cells. It is linear and the same for every row.
type scale struct {
	cells   int
	longest time.Duration
}

func (s scale) at(d time.Duration) float64 {
	if s.longest <= 0 {
		return 0
	}
	return float64(d) / float64(s.longest) * float64(s.cells)
}

// timelinePage is where the time went: each row begins at 0.
func (m Model) timelinePage() page {
	w := m.inner()
	lookups, talks := m.facts.tracks()
	s := scale{cells: max(w-barAt-1, 4)}
	for _, t := range slices.Concat(lookups, talks) {
		s.longest = max(s.longest, t.total)
	}
	var l list
	m.addTracks(&l, w, s, "DNS look-ups on the way to the next hop", lookups)
	m.addTracks(&l, w, s, "SMTP sessions", talks)
	if len(l.rows) == 0 {
		return page{list: emptyTab(w, "No name was looked up and no SMTP session held, which this tab shows: name a recipient or the next server (a), and let it be asked. What logs say of time stands in the tabs Journeys and Rhythm.")}
	}
	return page{head: m.axis(w, s, slices.Concat(lookups, talks)), list: l}
}

func (f *facts) tracks() (lookups, talks []track) {
	for _, l := range f.route {
		lookups = append(lookups, lookupTrack(l))
	}
	for i, s := range f.sessions {
		n := i
		if i >= f.firsts {
			n = f.firsts - i - 1 // so that a later report with more sessions finds the repeats again
		}
		talks = append(talks, sessionTrack(s, f.talk(i), n))
	}
	return lookups, talks
}

func (m Model) addTracks(l *list, w int, s scale, heading string, tracks []track) {
	if len(tracks) > 0 {
		l.add(w, say(strong, heading))
	}
	for _, t := range tracks {
		l.addRow(t.id, w, m.trackLines(w, s, t, len(tracks) <= few)...)
	}
}

// trackLines draws one look-up or session: every phase on a line of its own,
// or folded into one.
func (m Model) trackLines(w int, s scale, t track, unfolded bool) []line {
	unfolded = m.unfolded(t.id, unfolded)
	sign := " "
	if len(t.bars) > 1 {
		sign = map[bool]string{true: "-", false: "+"}[unfolded]
	}
	head := say(plain, sign+" "+clip(t.label)+"  ").and(strong, diag.Seconds(t.total))
	if t.note != "" {
		head = head.and(faint, "  "+clip(t.note))
	}
	lines := []line{head}
	if !unfolded || len(t.bars) == 0 {
		return append(lines, folded(s, t).fit(w))
	}
	for _, b := range t.bars {
		lines = append(lines, single(s, b))
	}
	return lines
}

func phaseHead(name, seconds string) string {
	return "  " + pad(clean(name), nameCells) + " " + padLeft(seconds, secondsCells) + " |"
}

// single draws one phase, after as much space as the phases before it took.
func single(s scale, b bar) line {
	from, to := s.span(b)
	body := bytes.Repeat([]byte{b.phase.letter}, to-from)
	if b.failed {
		body[len(body)-1] = '!'
	}
	return say(plain, phaseHead(b.name, diag.Seconds(b.took))+spaces(from)).and(b.phase.look, string(body))
}

// span is the cells of a bar: at least one, so that it can be seen.
func (s scale) span(b bar) (from, to int) {
	from = max(0, min(int(s.at(b.from)), s.cells-1))
	to = min(int(math.Round(s.at(b.from+b.took))), s.cells)
	return from, max(to, from+1)
}

// folded draws all phases on one line. Where several fall into one cell, the
// longest has it.
func folded(s scale, t track) line {
	bars := slices.Clone(t.bars)
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(a.took, b.took) })
	row := make([]phase, s.cells)
	for _, b := range bars {
		from, to := s.span(b)
		for i := from; i < to; i++ {
			row[i] = b.phase
		}
		if b.failed {
			row[to-1].letter = '!'
		}
	}
	most := t.slowest()
	l := say(plain, phaseHead(most.name, diag.Seconds(most.took)))
	return append(l, spansOf(row)...)
}

// spansOf joins neighbours of one look.
func spansOf(row []phase) line {
	var l line
	for i := 0; i < len(row) && row[i].letter != 0; {
		j, text := i, []byte{}
		for ; j < len(row) && row[j].letter != 0 && row[j].look == row[i].look; j++ {
			text = append(text, row[j].letter)
		}
		l = append(l, span{row[i].look, string(text)})
		i = j
	}
	return l
}

// axis is the legend and the scale over the bars.
func (m Model) axis(w int, s scale, tracks []track) []line {
	used := map[phase]bool{}
	for _, t := range tracks {
		for _, b := range t.bars {
			used[b.phase] = true
		}
	}
	legend := ""
	for _, name := range phases() {
		if p := phaseOf(name); used[p] {
			legend += fmt.Sprintf("%c=%s  ", p.letter, name)
		}
	}
	var head []line
	for _, l := range wrap(legend+"!=failed", w) {
		head = append(head, say(faint, "  "+l).fit(w+2))
	}
	return append(head, say(faint, spaces(barAt+2)+s.ticks()).fit(w+2))
}

// ticks prints round times over their cells.
func (s scale) ticks() string {
	step := s.step()
	out := ""
	for i := 0; step > 0; i++ {
		at := int(s.at(time.Duration(i) * step))
		text := diag.Seconds(time.Duration(i) * step)
		if at+1+len(text) > s.cells || i > 20 {
			break
		}
		if len(out) < at {
			out += spaces(at - len(out))
			out += "'" + text
		} else if i == 0 {
			out = "'" + text
		}
	}
	return out
}

// step is a round time, of which the axis holds as many as have room.
func (s scale) step() time.Duration {
	if s.longest <= 0 {
		return 0
	}
	least := float64(s.longest) / math.Max(1, float64(s.cells)/12)
	unit := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range []float64{1, 2, 5} {
		if unit*f >= least {
			return time.Duration(unit * f)
		}
	}
	return time.Duration(unit * 10)
}

func spaces(n int) string { return fmt.Sprintf("%*s", max(n, 0), "") }
