package tui

import (
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// A look is how things are marked. Each mark stands beside words or a sign that
// say the same: with NO_COLOR all of this is gone.
type look struct {
	bold, faint, bad, good, picked lipgloss.Style
	cursor                         lipgloss.Style
	mono                           bool // no attributes at all
}

func newLook() look {
	s := lipgloss.NewStyle()
	return look{
		bold: s.Bold(true), faint: s.Faint(true),
		bad: s.Bold(true).Foreground(lipgloss.Color("1")), good: s.Foreground(lipgloss.Color("2")),
		picked: s.Bold(true).Foreground(lipgloss.Color("6")), cursor: s.Reverse(true),
		mono: lipgloss.ColorProfile() == termenv.Ascii,
	}
}

// point marks a line as the chosen one.
func (l look) point(chosen bool, text string) string {
	if chosen {
		return l.picked.Render("> " + text)
	}
	return "  " + text
}
