package tui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// interrupt is ctrl+c: it ends a run but keeps what is there, and never throws
// unsaved results away without asking.
func (m *Model) interrupt() tea.Cmd {
	if m.at == atRunning && !m.running.stopping {
		m.running.stop(m)
		return nil
	}
	return m.quit()
}

// quit leaves, after asking if the results were exported nowhere.
func (m *Model) quit() tea.Cmd {
	if m.unsaved && !m.leaving {
		m.leaving = true
		return nil
	}
	return tea.Quit
}

func (m *Model) leavingKey(k tea.KeyMsg) tea.Cmd {
	switch {
	case hit(k, "y", "q"):
		return tea.Quit
	case hit(k, "x"):
		m.leaving = false
		return m.goTo(atExport)
	case hit(k, "n", "esc"):
		m.leaving = false
	}
	return nil
}

func (m *Model) leavingRows(w int) []row {
	rows := plain("", m.look.bold.Render("The results are not exported yet."), "")
	if path := m.savedAt(); path != "" {
		rows = append(rows, plain(hang("", "They are kept in "+path+", and the start page offers them again.", w)...)...)
	} else {
		rows = append(rows, plain(hang("", "They are kept nowhere else, and would be lost.", w)...)...)
	}
	return append(rows, plain("", "  x    export them now", "  y    leave", "  esc  stay")...)
}

// savedAt is the case file of the run, if there is one.
func (m *Model) savedAt() string {
	if m.run == nil {
		return ""
	}
	path, err := m.run.savedAt()
	if err != nil {
		return ""
	}
	return path
}
