package results

import (
	tea "github.com/charmbracelet/bubbletea"
)

// press drives the model with keys by their names.
func press(m Model, keys ...string) Model {
	for _, k := range keys {
		m, _ = m.Update(keyOf(k))
	}
	return m
}

// emitted presses one key and gives what the model asks its caller.
func emitted(m Model, k string) (Model, tea.Msg) {
	m, cmd := m.Update(keyOf(k))
	if cmd == nil {
		return m, nil
	}
	return m, cmd()
}

func keyOf(name string) tea.KeyMsg {
	types := map[string]tea.KeyType{"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "enter": tea.KeyEnter,
		"esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace, "ctrl+u": tea.KeyCtrlU}
	if t, ok := types[name]; ok {
		return tea.KeyMsg{Type: t}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func click(m Model, x, y int) Model {
	m, _ = m.Update(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	return m
}

func turnWheel(m Model, x, y int, b tea.MouseButton) Model {
	m, _ = m.Update(tea.MouseMsg{X: x, Y: y, Button: b, Action: tea.MouseActionPress})
	return m
}
