package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// shownKeys are the keys that do something now.
func (m *Model) shownKeys() []key.Binding {
	switch {
	case m.leaving:
		return []key.Binding{bind("x", "x", "export"), bind("y", "y", "leave"), bind("esc", "esc", "stay")}
	case m.help:
		return []key.Binding{bind("esc", "any key", "close")}
	case m.picker != nil:
		return m.picker.keys()
	}
	return m.screen().keys()
}

func general() []key.Binding {
	return []key.Binding{
		bind("esc", "esc", "one step back; answers stay"),
		bind("ctrl+c", "ctrl+c", "end the run, or leave (asks first)"),
		bind("? f1", "? or F1", "this list (F1 where ? is a letter)"),
		bind("", "mouse", "wheel scrolls, click chooses, Shift marks text"),
	}
}

// helpRows lists every key.
func (m *Model) helpRows(w, h int) []row {
	m.help = false
	here := m.shownKeys()
	m.help = true
	rows := plain(m.look.bold.Render("Keys here"))
	for _, b := range here {
		rows = append(rows, plain(hang(fmt.Sprintf("  %-10s ", b.Help().Key), m.means(b), w)...)...)
	}
	rows = append(rows, plain(m.look.bold.Render("Keys everywhere"))...)
	for _, b := range general() {
		rows = append(rows, plain(hang(fmt.Sprintf("  %-10s ", b.Help().Key), b.Help().Desc, w)...)...)
	}
	m.below = len(rows) > h
	return window(rows, 0, h)
}

// means says what a key does; of the keys of the tabs, which tabs those are.
func (m *Model) means(b key.Binding) string {
	does := b.Help().Desc
	if m.at == atResults && does == "tab" {
		return does + ": " + strings.Join(m.results.view.Tabs(), ", ")
	}
	return does
}
