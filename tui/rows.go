package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"mailflow/report"
)

// A row is one line of a screen. A click on it is told to the screen with its
// id; 0 takes no click.
type row struct {
	text string
	id   int
}

func plain(lines ...string) []row {
	rows := make([]row, len(lines))
	for i, l := range lines {
		rows[i].text = l
	}
	return rows
}

// wrap breaks a text into lines of at most w columns, whatever is in it. It
// breaks between words only, so that paths and codes stay whole, unless one is
// longer than a line.
func wrap(text string, w int) []string {
	w = max(w, 1)
	lines, line, used := []string{}, "", 0
	for _, word := range strings.Fields(report.Visible(text)) {
		n := ansi.StringWidth(word)
		if used > 0 && used+1+n <= w {
			line, used = line+" "+word, used+1+n
			continue
		}
		if used > 0 {
			lines = append(lines, line)
		}
		parts := strings.Split(ansi.Hardwrap(word, w, true), "\n")
		lines = append(lines, parts[:len(parts)-1]...)
		line = parts[len(parts)-1]
		used = ansi.StringWidth(line)
	}
	return append(lines, line)
}

// hang wraps a text with a first and a following indent of the same width.
func hang(first, text string, w int) []string {
	n := ansi.StringWidth(first)
	lines := wrap(text, w-n)
	for i := range lines {
		if i == 0 {
			lines[i] = first + lines[i]
		} else {
			lines[i] = strings.Repeat(" ", n) + lines[i]
		}
	}
	return lines
}

// cut shortens a line to w columns.
func cut(s string, w int) string {
	if len(s) <= w { // no byte takes more than a column
		return s
	}
	return ansi.Truncate(s, max(w, 0), "~")
}

// cutLeft shortens a path to w columns: its end says which file it is.
func cutLeft(s string, w int) string {
	n := ansi.StringWidth(s)
	if n <= w {
		return s
	}
	return ansi.TruncateLeft(s, n-w+1, "~")
}

// fit makes a line exactly w columns wide.
func fit(s string, w int) string {
	s = cut(s, w)
	if n := w - ansi.StringWidth(s); n > 0 {
		s += strings.Repeat(" ", n)
	}
	return s
}

// scroll moves the first shown line so that lines from to to are in a window of
// h lines out of n.
func scroll(top, from, to, h, n int) int {
	if to >= top+h {
		top = to - h + 1
	}
	if from < top {
		top = from
	}
	return max(min(top, n-h), 0)
}

// window is h of the rows from top on.
func window(rows []row, top, h int) []row {
	top = max(min(top, len(rows)-h), 0)
	end := min(top+h, len(rows))
	return rows[top:end]
}

// beside puts two columns of rows next to each other; clicks go to the left.
func beside(left []row, lw int, right []row, h int) []row {
	out := make([]row, h)
	for i := range out {
		var l, r row
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out[i] = row{fit(l.text, lw) + " │ " + r.text, l.id}
	}
	return out
}
