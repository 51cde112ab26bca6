package report

import (
	"bufio"
	"strings"
	"unicode/utf8"
)

// A textWriter lays text out in columns. Every text goes through Visible.
type textWriter struct {
	w     *bufio.Writer
	width int
	color bool
}

// Styles of a terminal, used with Color only.
const (
	bold = "\x1b[1m"
	warn = "\x1b[1;31m"
	dim  = "\x1b[2m"
)

func (t *textWriter) line(s string) { t.w.WriteString(strings.TrimRight(s, " ") + "\n") }

// styled writes lines that are already laid out.
func (t *textWriter) styled(style string, lines []string) {
	for _, l := range lines {
		if t.color && style != "" {
			l = style + l + "\x1b[0m"
		}
		t.line(l)
	}
}

func (t *textWriter) heading(s string) {
	t.line("")
	t.styled(bold, []string{s})
}

// para writes a text between a first prefix and the same width of spaces.
func (t *textWriter) para(prefix, s string) { t.styled("", wrap(prefix, s, t.width)) }

// paras keeps the lines of a text of ours.
func (t *textWriter) paras(prefix, s string) {
	for _, l := range strings.Split(strings.TrimSpace(s), "\n") {
		t.para(prefix, strings.TrimSpace(l))
		prefix = strings.Repeat(" ", utf8.RuneCountInString(prefix))
	}
}

// wrap breaks a text at spaces, and words that no line can hold anywhere.
func wrap(prefix, s string, width int) []string {
	indent := utf8.RuneCountInString(prefix)
	room := max(width-indent, 16)
	var lines []string
	line := ""
	flush := func() {
		lines = append(lines, prefix+line)
		prefix, line = strings.Repeat(" ", indent), ""
	}
	for _, word := range strings.Fields(Visible(clip(s, maxShown))) {
		for _, part := range pieces(word, room) {
			switch n := utf8.RuneCountInString(line) + 1 + utf8.RuneCountInString(part); {
			case line == "":
				line = part
			case n <= room:
				line += " " + part
			default:
				flush()
				line = part
			}
		}
	}
	flush()
	return lines
}

// pieces cuts a word into parts that fit.
func pieces(word string, room int) []string {
	var parts []string
	for runes := []rune(word); ; runes = runes[room:] {
		if len(runes) <= room {
			return append(parts, string(runes))
		}
		parts = append(parts, string(runes[:room]))
	}
}

// maxShown is how many characters of one text are shown to people; the case
// file has the rest.
const maxShown = 1500
