package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// A place is where the operator is on the way through.
type place int

const (
	atStart place = iota
	atSaved
	atComplaint
	atQuestions
	atConsent
	atRunning
	atResults
	atExport
)

// A screen is what is shown at a place. rows gives at most h lines of w columns.
type screen interface {
	title() string
	keys() []key.Binding
	rows(m *Model, w, h int) []row
	key(m *Model, k tea.KeyMsg) tea.Cmd
	click(m *Model, id int) tea.Cmd
	wheel(m *Model, lines int)
	typing() bool // whether a ? is a letter here
}

// steps names the way through one case, as the panel shows it.
func steps() []place {
	return []place{atComplaint, atQuestions, atConsent, atRunning, atResults, atExport}
}

func (p place) String() string {
	return [...]string{"Select a task", "Saved cases", "Complaint", "Questions", "What will be done", "Running", "Results", "Export"}[p]
}

func (m *Model) screen() screen {
	switch m.at {
	case atSaved:
		return &m.saved
	case atComplaint:
		return &m.complaint
	case atQuestions:
		return &m.questions
	case atConsent:
		return &m.consent
	case atRunning:
		return &m.running
	case atResults:
		return &m.results
	case atExport:
		return &m.export
	}
	return &m.start
}

// goTo enters a place. What was answered at the others stays.
func (m *Model) goTo(p place) tea.Cmd {
	m.leave()
	m.at, m.notice = p, ""
	switch p {
	case atStart:
		m.start.enter(m)
	case atSaved:
		return m.saved.enter(m)
	case atComplaint:
		m.complaint.enter(m)
	case atQuestions:
		m.questions.enter(m)
	case atConsent:
		m.consent.enter(m)
	case atExport:
		m.export.enter(m)
	}
	return nil
}

// leave takes over what was answered at the place that is left.
func (m *Model) leave() {
	switch m.at {
	case atComplaint:
		m.complaint.keep(m)
	case atQuestions:
		m.questions.keep(m)
	}
}

// back goes one step back.
func (m *Model) back() tea.Cmd {
	switch m.at {
	case atQuestions:
		return m.goTo(atComplaint)
	case atConsent, atResults:
		return m.goTo(atQuestions)
	case atExport:
		return m.goTo(atResults)
	case atRunning:
		m.running.stop(m)
		return nil
	case atStart:
		return nil
	}
	return m.goTo(atStart)
}
