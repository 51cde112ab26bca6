package results

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// ascii says whether every byte of s takes one cell, which is nearly always so
// and much cheaper to know than the width.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// cells is the width of s on a terminal.
func cells(s string) int {
	if ascii(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// cut shortens s to at most w cells and shows that it did.
func cut(s string, w int) string {
	if cells(s) <= w {
		return s
	}
	if w < 4 {
		return ansi.Truncate(s, max(w, 0), "")
	}
	return ansi.Truncate(s, w, "..")
}

// pad makes s exactly w cells wide.
func pad(s string, w int) string {
	s = cut(s, w)
	return s + strings.Repeat(" ", max(0, w-cells(s)))
}

// padLeft puts s to the right of at least w cells.
func padLeft(s string, w int) string {
	return strings.Repeat(" ", max(0, w-cells(s))) + s
}

// chop cuts s into pieces of at most w cells; nothing is lost.
func chop(s string, w int) []string {
	w = max(w, 2) // the widest character takes two
	if !ascii(s) {
		return strings.Split(ansi.Hardwrap(s, w, true), "\n")
	}
	pieces := make([]string, 0, 1+len(s)/w)
	for len(s) > w {
		pieces = append(pieces, s[:w])
		s = s[w:]
	}
	return append(pieces, s)
}

// wrap breaks s at spaces into lines of at most w cells, and words that no line
// can hold anywhere.
func wrap(s string, w int) []string {
	w = max(w, 2)
	var lines []string
	line, wide := "", 0
	for _, word := range strings.Fields(s) {
		for _, part := range chop(word, w) {
			n := cells(part)
			switch {
			case line == "":
				line, wide = part, n
			case wide+1+n <= w:
				line, wide = line+" "+part, wide+1+n
			default:
				lines = append(lines, line)
				line, wide = part, n
			}
		}
	}
	return append(lines, line)
}

// maxShown is how many bytes of one text are shown; the case file has the rest.
const maxShown = 4000

// clip keeps one endless reply from filling a tab.
func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return strings.ToValidUTF8(s[:maxShown], "") + " ... (cut; the case file has the rest)"
}
