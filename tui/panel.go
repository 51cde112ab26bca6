package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// panelWidth is the width of the panel on the left; 0 where there is no room
// and a line at the top stands for it.
func (m *Model) panelWidth() int {
	wide := m.at == atRunning || m.at == atResults // these have much to show
	switch {
	case m.w >= 120:
		return 28
	case m.w >= 80 && !wide:
		return 22
	}
	return 0
}

// panel is "Select a task", and how far the case is. A click on a task has 50
// and its place, on a step 100 and the place.
func (m *Model) panel(w int) []row {
	rows := plain("", " "+m.look.bold.Render("Select a task"), "")
	for i, t := range m.start.tasks(m) {
		for j, l := range wrap(t.name, w-3) {
			rows = append(rows, row{" " + m.look.point(m.chosen(i) && j == 0, l), 50 + int(t.to)})
		}
	}
	if m.at == atStart || m.at == atSaved {
		return rows
	}
	rows = append(rows, plain("", " "+m.look.bold.Render("This case"), "")...)
	for i, p := range steps() {
		rows = append(rows, row{" " + m.look.point(m.at == p, fmt.Sprintf("%d %s", i+1, p)), 100 + int(p)})
	}
	return rows
}

// chosen says whether this is the task that the operator is in.
func (m *Model) chosen(i int) bool {
	t := m.start.tasks(m)[i]
	switch m.at {
	case atStart:
		return i == m.start.cursor
	case atSaved:
		return t.to == atSaved
	}
	return t.to == atComplaint
}

// strip stands for the panel in a narrow window.
func (m *Model) strip() string {
	if m.panelWidth() > 0 || m.at == atStart {
		return m.look.faint.Render(strings.Repeat("─", m.w))
	}
	text := "Saved cases"
	for i, p := range steps() {
		if p == m.at {
			text = fmt.Sprintf("Mail flow troubleshooter, step %d of %d", i+1, len(steps()))
		}
	}
	text = "── Task: " + text + " "
	return m.look.faint.Render(text + strings.Repeat("─", max(m.w-len([]rune(text)), 0)))
}

// panelClick goes to a task, or back to an earlier step of the case.
func (m *Model) panelClick(line int) tea.Cmd {
	rows := m.panel(m.panelWidth())
	if m.picker != nil || m.at == atRunning || line >= len(rows) || rows[line].id == 0 {
		return nil
	}
	if id := rows[line].id; id < 100 {
		if id-50 == int(leaveProgram) {
			return m.quit()
		}
		return m.goTo(place(id - 50))
	} else if p := place(id - 100); p < m.at && p != atRunning {
		return m.goTo(p)
	}
	return nil
}
