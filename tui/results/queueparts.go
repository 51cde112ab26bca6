package results

import (
	"strconv"

	"mailflow/evidence"
	"mailflow/report"
)

// An ageTable is rows of cells, each column as wide as it must be.
type ageTable struct {
	heads []string
	names []string
	cells [][]string
}

// ageLines is a table of domains by age.
func (m Model) ageLines(rows []evidence.AgeRow) []line {
	t := ageTable{heads: append([]string{"total"}, report.AgeColumns()...)}
	for _, r := range rows[:min(len(rows), mostShown)] {
		if m.shows(r.Domain) {
			t.add(r)
		}
	}
	if len(t.names) == 0 {
		return nil
	}
	return t.lines(m.inner())
}

func (t *ageTable) add(r evidence.AgeRow) {
	row := []string{strconv.Itoa(r.Total)}
	for i := range t.heads[1:] {
		cell := "."
		if i < len(r.Counts) && r.Counts[i] != 0 {
			cell = strconv.Itoa(r.Counts[i])
		}
		row = append(row, cell)
	}
	t.names, t.cells = append(t.names, clean(clip(r.Domain))), append(t.cells, row)
}

func (t ageTable) lines(w int) []line {
	widths, all := make([]int, len(t.heads)), 0
	for i, h := range t.heads {
		widths[i] = len(h) + 1
		for _, row := range t.cells {
			widths[i] = max(widths[i], len(row[i])+1)
		}
		all += widths[i]
	}
	name := min(max(w-2-all, 10), 40)
	told := func(k look, first string, row []string) line {
		s := "  " + pad(first, name)
		for i, c := range row {
			s += padLeft(c, widths[i])
		}
		return say(k, s)
	}
	lines := []line{told(faint, "domain", t.heads)}
	for i, row := range t.cells {
		lines = append(lines, told(plain, t.names[i], row))
	}
	return lines
}

func (m Model) reasonLines(all []evidence.QueueError) []line {
	p := newProse(m.inner())
	for _, e := range all[:min(len(all), mostShown)] {
		if m.shows(e.Domain, e.Text, e.State) {
			p.para(plain, "  - ", report.ReasonLine(e))
		}
	}
	return p.lines
}

func (m Model) oldestLines(all []evidence.QueuedMail) []line {
	p := newProse(m.inner())
	for _, q := range all[:min(len(all), mostShown)] {
		if m.shows(q.ID, q.Sender, q.To, q.Reason, q.State) {
			p.para(plain, "  - ", m.mailLine(q))
		}
	}
	return p.lines
}

func (m Model) mailLine(q evidence.QueuedMail) string {
	since, age := "", ""
	if q.Since != nil {
		since = "since " + m.facts.times.Minute(*q.Since)
	}
	if q.Age > 0 {
		age = lasts(q.Age) + " old"
	}
	return joined(": ", joined(", ", q.ID, q.State, since, age, joined(" -> ", q.Sender, q.To)), q.Reason)
}
