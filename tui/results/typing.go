package results

import (
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// maxTyped bounds what is typed or pasted into a search.
const maxTyped = 200

// typeKey takes a key of a search or of a filter. Both act at once.
func (m Model) typeKey(msg tea.KeyMsg) Model {
	k := m.keys
	switch {
	case key.Matches(msg, k.accept):
		m.typing = nothing
		return m
	case key.Matches(msg, k.cancel):
		was := m.typing
		m.typing, m.typed = nothing, ""
		return m.acted(was)
	case key.Matches(msg, k.rub):
		_, n := utf8.DecodeLastRuneInString(m.typed)
		m.typed = m.typed[:len(m.typed)-n]
	case key.Matches(msg, k.clear):
		m.typed = ""
	case msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace:
		m.typed += clean(string(msg.Runes))
		for len(m.typed) > maxTyped {
			_, n := utf8.DecodeLastRuneInString(m.typed)
			m.typed = m.typed[:len(m.typed)-n]
		}
	default:
		return m
	}
	return m.acted(m.typing)
}

// acted searches or filters for what was typed.
func (m Model) acted(what typing) Model {
	if what == narrow {
		return m.filter(m.typed)
	}
	return m.seek(m.typed)
}
