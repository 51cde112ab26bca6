package tui

import (
	"path/filepath"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/evidence"
	"mailflow/report"
)

// savedScreen lists the saved cases, newest first; the last line is any other
// file.
type savedScreen struct {
	cases       []savedCase
	cursor, top int
	loading     bool
}

func (s *savedScreen) enter(m *Model) tea.Cmd {
	s.cursor, s.loading = 0, false
	return m.readState()
}

func (s *savedScreen) title() string { return "Open a saved case" }
func (s *savedScreen) typing() bool  { return false }
func (s *savedScreen) keys() []key.Binding {
	return []key.Binding{bind("enter", "enter", "open"), bind("esc", "esc", "back"), bind("o", "o", "another file"), bind("up", "up/down", "choose")}
}

func (s *savedScreen) rows(m *Model, w, h int) []row {
	rows := plain("", m.look.bold.Render("Which case?")+m.look.faint.Render("  newest first, times in UTC"), "")
	if s.loading {
		rows[1].text += "  reading ..."
	}
	h -= len(rows)
	s.cursor = max(min(s.cursor, len(s.cases)), 0)
	var list []row
	for i, c := range s.cases {
		for _, l := range s.lines(m, c, i == s.cursor, w) {
			list = append(list, row{l, i + 1})
		}
	}
	last := len(s.cases)
	list = append(list, row{m.look.point(s.cursor == last, "Another file (.jsonl or .xml) ..."), last + 1})
	s.top = scroll(s.top, s.cursor*2, s.cursor*2+1, h, len(list))
	m.below = len(list) > s.top+h
	return append(rows, window(list, s.top, h)...)
}

func (s *savedScreen) lines(m *Model, c savedCase, chosen bool, w int) []string {
	name := joined(": ", c.id, c.label)
	if name == "" {
		name = "no name"
	}
	if !c.whole {
		name = "[cut off] " + name
	}
	what := "everything was looked at"
	if sy := m.opt.Catalog.Symptom(c.symptom); sy != nil {
		what = sy.Plain
	}
	first := m.look.point(chosen, cut(c.at.UTC().Format("2006-01-02 15:04  ")+report.Visible(name), w-2))
	return []string{first, m.look.faint.Render(cut("                  "+what, w))}
}

func (s *savedScreen) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch {
	case hit(k, "up", "k"):
		s.cursor--
	case hit(k, "down", "j"):
		s.cursor++
	case hit(k, "pgup"):
		s.cursor -= 8
	case hit(k, "pgdown"):
		s.cursor += 8
	case hit(k, "o"):
		s.cursor = len(s.cases)
		return s.open(m)
	case hit(k, "enter"):
		return s.open(m)
	}
	return nil
}

func (s *savedScreen) wheel(_ *Model, lines int) { s.cursor += sign(lines) }

func (s *savedScreen) click(m *Model, id int) tea.Cmd {
	s.cursor = id - 1
	return s.open(m)
}

func (s *savedScreen) open(m *Model) tea.Cmd {
	if s.cursor < len(s.cases) {
		s.loading = true
		return load(m.opt.Catalog, s.cases[s.cursor].path)
	}
	var then tea.Cmd
	cmd := m.browse("Which case file or report?", func(path string) { then = load(m.opt.Catalog, path) })
	m.picker.after = func() tea.Cmd { return then }
	return cmd
}

// loaded takes the case over: its answers, so that evidence can be added, and
// its report.
func (s *savedScreen) loaded(m *Model, msg loadedMsg) tea.Cmd {
	s.loading = false
	if msg.err != nil {
		m.notice = filepath.Base(msg.path) + ": " + msg.err.Error()
		return nil
	}
	m.fresh()
	o := msg.report.Opened()
	m.label, m.id, m.symptom = o.Label, o.Case, o.Symptom
	for _, a := range o.Inputs {
		if a.Name != evidence.Send.Kind().Name { // the file may be anybody's: consent to send is given anew
			m.answers[a.Name] = a.Value
		}
	}
	if o.Offline {
		m.answers[offline] = "yes"
	}
	m.report, m.before, m.run, m.unsaved = msg.report, msg.report, nil, false
	m.complaint.enter(m)
	m.results.set(m)
	cmd := m.goTo(atResults)
	if _, closed := msg.report.Closed(); !closed {
		m.notice = "This run was cut off. To go on with it, add evidence (a)."
	}
	return cmd
}
