package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"mailflow/report"
)

// rows draws the field: one that is not being answered in two lines, the one
// that is with its input line and help.
func (f *field) rows(l look, w int, focused bool) []string {
	switch {
	case f.upright:
		return f.uprightRows(l, w, focused)
	case !focused:
		return f.restRows(l, w)
	}
	var lines []string
	for i, p := range wrap(f.prompt, w-2) {
		if i == 0 {
			lines = append(lines, l.picked.Render("> "+p))
		} else {
			lines = append(lines, l.picked.Render("  "+p))
		}
	}
	for _, it := range f.items {
		lines = append(lines, "    + "+cutLeft(report.Visible(it), w-6))
	}
	return append(append(lines, f.inputLine(l, w)), f.help(l, w)...)
}

// restRows is a field that waits, or has its answer.
func (f *field) restRows(l look, w int) []string {
	v := f.shown()
	switch {
	case f.problem() != nil:
		v = l.bad.Render("! ") + v
	case v != "" && f.text():
	case f.without:
		v = l.faint.Render("I don't have it")
	case f.text() && f.standard != "":
		v = l.faint.Render(f.standard + " unless you say otherwise")
	case f.text():
		v = l.faint.Render("-")
	}
	short, _, _ := strings.Cut(f.prompt, " (") // what is in brackets helps who answers
	lines := []string{"  " + cut(short, w-2), "    " + v}
	if err := f.problem(); err != nil {
		lines = append(lines, paint(l.bad.Render, hang("      ", err.Error(), w))...)
	}
	return lines
}

// inputLine is the line that is typed into, or the choices in a row.
func (f *field) inputLine(l look, w int) string {
	if !f.text() {
		var all []string
		for i, c := range f.choices {
			words := " " + c.words + " "
			if i == f.chosen {
				words = l.picked.Render("[" + c.words + "]")
			}
			all = append(all, words)
		}
		return "    " + strings.Join(all, " ")
	}
	return "    " + f.typed(l, w-8)
}

// typed draws the text with its cursor, the part around the cursor if it is
// longer than the line. The widget's own view would show no cursor at all where
// there is no colour.
func (f *field) typed(l look, w int) string {
	text := []rune(f.input.Value())
	at := f.input.Position()
	if f.secret {
		text = []rune(strings.Repeat("*", len(text)))
	}
	from := max(at-2*w, 0)
	for ansi.StringWidth(string(text[from:at])) > w-2 {
		from++
	}
	before, after := report.Visible(string(text[from:at])), report.Visible(string(text[at:]))
	if l.mono {
		return cut("[ "+before+"|"+after, w+2) + " ]"
	}
	under, rest := " ", ""
	if r := []rune(after); len(r) > 0 {
		under, rest = string(r[0]), string(r[1:])
	}
	return "[ " + cut(before+l.cursor.Render(under)+rest, w) + " ]"
}

// help says what is wrong with the answer, or what one looks like.
func (f *field) help(l look, w int) []string {
	if err := f.problem(); err != nil {
		return paint(l.bad.Render, hang("    ! ", err.Error(), w))
	}
	var lines []string
	if f.without {
		lines = append(lines, hang("    ", "Left empty. It is "+f.lacking, w)...)
	}
	hint := f.hints()
	if hint != "" && !f.without {
		lines = append(lines, hang("    ", hint, w)...)
	}
	return paint(l.faint.Render, lines)
}

func (f *field) hints() string {
	var hints []string
	if f.text() && f.example != "" {
		hints = append(hints, "For example: "+f.example)
	}
	if f.standard != "" {
		hints = append(hints, "Empty: "+f.standard)
	}
	if f.many {
		hints = append(hints, "Enter takes a path in, Backspace takes the last one out")
	}
	if f.browse {
		hints = append(hints, "ctrl+o looks for files")
	}
	if f.lacking != "" && f.value() == "" {
		hints = append(hints, "ctrl+n: I don't have it")
	}
	return strings.Join(hints, ". ")
}

func paint(by func(...string) string, lines []string) []string {
	for i, l := range lines {
		lines[i] = by(l)
	}
	return lines
}

// uprightRows are choices below each other, what is said of each beside it
// where there is room.
func (f *field) uprightRows(l look, w int, focused bool) []string {
	lines := []string{l.point(focused, f.prompt), ""}
	f.lines = []int{f.chosen, f.chosen}
	half := w/2 - 6
	for i, c := range f.choices {
		mark := "( ) "
		if i == f.chosen {
			mark = "(*) "
		}
		here := i == f.chosen
		left := hang("  "+mark, c.words, w)
		if w >= 84 && c.more != "" {
			left = twoColumns(hang("  "+mark, c.words, half), half+2, wrap(c.more, w-half-4), l)
		} else if here && c.more != "" {
			left = append(left, paint(l.faint.Render, hang("      = ", c.more, w))...)
		}
		if here && focused {
			left[0] = l.picked.Render("> " + strings.TrimPrefix(left[0], "  "))
		}
		lines = append(lines, left...)
		for range left {
			f.lines = append(f.lines, i)
		}
	}
	return lines
}

func twoColumns(left []string, lw int, right []string, l look) []string {
	var lines []string
	for i := range max(len(left), len(right)) {
		a, b := "", ""
		if i < len(left) {
			a = left[i]
		}
		if i < len(right) {
			b = right[i]
		}
		lines = append(lines, fit(a, lw)+l.faint.Render(b))
	}
	return lines
}
