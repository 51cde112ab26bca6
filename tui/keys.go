package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

func bind(keys, shown, does string) key.Binding {
	return key.NewBinding(key.WithKeys(strings.Fields(keys)...), key.WithHelp(shown, does))
}

// A hit says which key was pressed; the names are Bubble Tea's.
func hit(k tea.KeyMsg, keys ...string) bool {
	if k.Paste {
		return false
	}
	s := k.String()
	for _, name := range keys {
		if s == name {
			return true
		}
	}
	return false
}

// keyLine shows as many keys as there is room for; "? keys" always is.
func keyLine(l look, keys []key.Binding, w int) string {
	const all = "? keys"
	var shown []string
	left := w - len(all) - 1
	for _, b := range keys {
		h := b.Help()
		if h.Key == "" || !b.Enabled() {
			continue
		}
		n := ansi.StringWidth(h.Key+" "+h.Desc) + 3
		if left -= n; left < 0 {
			break
		}
		shown = append(shown, l.bold.Render(h.Key)+" "+h.Desc)
	}
	return " " + strings.Join(append(shown, l.bold.Render("?")+" keys"), "   ")
}
