package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// A task is something to begin with. Only tasks that this program can do are
// listed.
type task struct {
	name, when string
	to         place
}

const leaveProgram = place(-1)

// startScreen is "Select a task".
type startScreen struct {
	cursor int
	cases  int // how many are saved
}

func (s *startScreen) tasks(m *Model) []task {
	all := []task{
		{"Mail flow troubleshooter", "Choose this when mail is late, waits in a queue, comes back, or arrives only every so often. It asks DNS and the mail servers on the way and says where the time goes." + s.kept(m), atComplaint},
		{"Open a saved case", s.savedWords(), atSaved},
	}
	if m.report != nil && (m.at == atStart || m.at == atSaved) {
		all = append(all, task{"Back to the results", "The results of the case that you came from are still here.", atResults})
	}
	return append(all, task{"Quit", "Leave the program. Cases stay saved.", leaveProgram})
}

// kept says that the answers of a case are still there.
func (s *startScreen) kept(m *Model) string {
	for _, a := range m.answers {
		if a != "" {
			return " The answers given so far are still there; n begins with empty ones."
		}
	}
	return ""
}

func (s *startScreen) savedWords() string {
	const words = "Choose this to look at an earlier analysis again, to add evidence to it, or to export it. Every run is saved by itself, also one that was cut off."
	switch s.cases {
	case 0:
		return words + " None is saved yet; a report file (.xml) or case file (.jsonl) can be opened too."
	case 1:
		return words + " One is saved."
	}
	return fmt.Sprintf("%s %d are saved.", words, s.cases)
}

func (s *startScreen) enter(m *Model) { s.cursor = min(s.cursor, len(s.tasks(m))-1) }

func (s *startScreen) title() string { return "finds out why mail is late" }
func (s *startScreen) typing() bool  { return false }
func (s *startScreen) keys() []key.Binding {
	return []key.Binding{bind("enter", "enter", "choose"), bind("up", "up/down", "move"), bind("n", "n", "new case"), bind("q", "q", "quit")}
}

func (s *startScreen) rows(m *Model, w, h int) []row {
	rows := plain("")
	if m.panelWidth() == 0 {
		rows = append(rows, plain(m.look.bold.Render("Select a task"), "")...)
	}
	for i, t := range s.tasks(m) {
		name := t.name
		if i == s.cursor {
			name = m.look.bold.Render(name)
		}
		rows = append(rows, row{m.look.point(i == s.cursor, name), i + 1})
		if i == s.cursor || m.panelWidth() > 0 {
			for _, l := range hang("    ", t.when, w) {
				rows = append(rows, row{l, i + 1})
			}
		}
		rows = append(rows, row{})
	}
	return append(rows, plain(hang("", "It reads and asks, and changes nothing. No message is sent unless you say so.", w)...)...)
}

func (s *startScreen) wheel(m *Model, lines int) { s.move(m, sign(lines)) }

func (s *startScreen) move(m *Model, by int) {
	s.cursor = max(min(s.cursor+by, len(s.tasks(m))-1), 0)
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func (s *startScreen) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch {
	case hit(k, "up", "k", "shift+tab"):
		s.move(m, -1)
	case hit(k, "down", "j", "tab"):
		s.move(m, 1)
	case hit(k, "enter", " ", "right"):
		return s.choose(m)
	case hit(k, "n"):
		m.fresh()
		return m.goTo(atComplaint)
	case hit(k, "q"):
		return m.quit()
	}
	return nil
}

func (s *startScreen) click(m *Model, id int) tea.Cmd {
	s.cursor = id - 1
	return s.choose(m)
}

func (s *startScreen) choose(m *Model) tea.Cmd {
	to := s.tasks(m)[s.cursor].to
	if to == leaveProgram {
		return m.quit()
	}
	return m.goTo(to)
}
