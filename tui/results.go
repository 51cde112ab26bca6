package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/tui/results"
)

// resultsScreen holds the results, which are a package of their own.
type resultsScreen struct {
	view  results.Model
	shown bool
}

// set shows the report of another case.
func (s *resultsScreen) set(m *Model) {
	s.view, s.shown = results.New(m.report), true
	s.resize(m)
}

// renew shows the report of a run on the first tab, for that has its outcome;
// where evidence was added to what is shown, the operator's place in each tab stays.
func (s *resultsScreen) renew(m *Model) {
	if !s.shown || m.before == nil {
		s.set(m)
		return
	}
	s.view = s.view.SetReport(m.report).First()
	s.resize(m)
}

func (s *resultsScreen) resize(m *Model) {
	if !s.shown {
		return
	}
	at := m.at
	m.at = atResults // the panel may be narrower elsewhere
	_, w, h := m.body()
	m.at = at
	s.view = s.view.SetSize(w, h)
}

func (s *resultsScreen) title() string { return "Results" }
func (s *resultsScreen) typing() bool  { return s.view.Typing() }

// keys are those of the results; what leads on from here goes first.
func (s *resultsScreen) keys() []key.Binding {
	var first, rest []key.Binding
	for _, b := range s.view.Keys() {
		if k := b.Help().Key; k == "x" || k == "a" || k == "enter" {
			first = append(first, b)
		} else {
			rest = append(rest, b)
		}
	}
	return append(first, rest...)
}

func (s *resultsScreen) rows(m *Model, _, _ int) []row {
	return plain(strings.Split(s.view.View(), "\n")...)
}

// other gives the results what only they understand.
func (s *resultsScreen) other(m *Model, msg tea.Msg) tea.Cmd {
	if !s.shown {
		return nil
	}
	var cmd tea.Cmd
	s.view, cmd = s.view.Update(msg)
	return cmd
}

func (s *resultsScreen) key(m *Model, k tea.KeyMsg) tea.Cmd { return s.other(m, k) }
func (s *resultsScreen) click(*Model, int) tea.Cmd          { return nil }
func (s *resultsScreen) wheel(*Model, int)                  {}

// mouse gives the results what the mouse did, in their own coordinates.
func (s *resultsScreen) mouse(m *Model, ev tea.MouseEvent, x int) tea.Cmd {
	ev.X, ev.Y = ev.X-x, ev.Y-2
	return s.other(m, tea.MouseMsg(ev))
}
