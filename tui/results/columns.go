package results

import "strings"

// A chart is counts drawn as columns, one character wide each.
type chart struct {
	title  string
	counts []int
	marks  string // '^' under a column that is marked
	ticks  []tick
	plain  bool // in ASCII, where the terminal may have nothing else
}

// A tick names a column.
type tick struct {
	at   int
	text string
}

// Measures of a chart.
const (
	scaleCells = 6   // the count beside the top of the columns, and the line beside them
	mostBars   = 240 // columns; collectors make 60 at most
	chartExtra = 3   // lines of a chart that are no columns: title, marks, ticks
)

// lines draws the chart h rows high in w cells. Where the columns have no room,
// each shows two.
func (c chart) lines(w, h int) []line {
	c.counts = c.counts[:min(len(c.counts), mostBars)]
	for len(c.counts) > max(w-scaleCells, 8) {
		c = c.halved()
	}
	out := []line{say(strong, c.title).fit(w)}
	for i, row := range c.rows(h) {
		scale := spaces(scaleCells-1) + "|"
		if i == 0 {
			scale = padLeft(cut(grouped(c.highest()), scaleCells-1), scaleCells-1) + "|"
		}
		out = append(out, say(faint, scale).and(hue, row).fit(w))
	}
	return append(out, say(faint, spaces(scaleCells-1)+"+").and(alarm, c.foot()).fit(w), say(faint, spaces(scaleCells)+c.tickLine()).fit(w))
}

func (c chart) highest() int {
	most := 0
	for _, n := range c.counts {
		most = max(most, n)
	}
	return most
}

// rows draws the columns from the top down. The smallest count can be seen.
func (c chart) rows(h int) []string {
	steps := []rune("▁▂▃▄▅▆▇█")
	if c.plain {
		steps = []rune(".#")
	}
	n, most := len(steps), c.highest()
	rows := make([]string, h)
	for r := range rows {
		var row strings.Builder
		below := (h - 1 - r) * n // what the rows under it hold
		for _, count := range c.counts {
			high := 0
			if count > 0 {
				high = max(1, int(float64(count)/float64(most)*float64(h*n)+0.5))
			}
			if part := min(high-below, n); part > 0 {
				row.WriteRune(steps[part-1])
			} else {
				row.WriteByte(' ')
			}
		}
		rows[r] = strings.TrimRight(row.String(), " ")
	}
	return rows
}

// foot is the line under the columns, with the marks in it.
func (c chart) foot() string {
	foot := []byte(strings.Repeat("-", len(c.counts)))
	for i := range min(len(c.marks), len(foot)) {
		if c.marks[i] == '^' {
			foot[i] = '^'
		}
	}
	return string(foot)
}

// tickLine names columns, as many as there is room for.
func (c chart) tickLine() string {
	out := ""
	for _, t := range c.ticks {
		if t.at < len(c.counts) && (len(out) < t.at || t.at == 0 && out == "") {
			out += spaces(t.at-len(out)) + t.text
		}
	}
	return out
}

// broad makes each column two wide, where there is room for it.
func (c chart) broad(w int) chart {
	if 2*len(c.counts)+scaleCells > min(w, maxProse) || len(c.counts) > mostBars/2 {
		return c
	}
	counts, marks := make([]int, 2*len(c.counts)), ""
	for i := range counts {
		counts[i] = c.counts[i/2]
	}
	for _, mark := range c.marks {
		marks += string(mark) + string(mark)
	}
	ticks := make([]tick, len(c.ticks))
	for i, t := range c.ticks {
		ticks[i] = tick{2 * t.at, t.text}
	}
	c.counts, c.marks, c.ticks = counts, marks, ticks
	return c
}

// halved puts neighbours into one column.
func (c chart) halved() chart {
	counts := make([]int, (len(c.counts)+1)/2)
	marks := []byte(spaces(len(counts)))
	for i, n := range c.counts {
		counts[i/2] = max(counts[i/2], 0) + max(n, 0)
		if i < len(c.marks) && c.marks[i] == '^' {
			marks[i/2] = '^'
		}
	}
	ticks := make([]tick, len(c.ticks))
	for i, t := range c.ticks {
		ticks[i] = tick{t.at / 2, t.text}
	}
	c.counts, c.marks, c.ticks = counts, string(marks), ticks
	return c
}
