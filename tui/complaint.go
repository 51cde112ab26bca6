package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// The names of the fields that are no inputs of the catalog.
const (
	labelField   = "label"
	caseField    = "case"
	symptomField = "symptom"
	offline      = "offline"
)

// complaintScreen asks what the case is called and what is wrong, in the words
// of who suffers it; the exact wording of the symptom is shown beside.
type complaintScreen struct{ form *form }

func (s *complaintScreen) enter(m *Model) {
	if s.form == nil {
		s.form = complaintForm(m)
	}
	for _, f := range s.form.fields {
		f.set(map[string]string{labelField: m.label, caseField: m.id, symptomField: m.symptom}[f.name])
	}
}

func complaintForm(m *Model) *form {
	label := textField(labelField, "A name for this analysis")
	label.example = "mail to Contoso is late since Monday"
	id := textField(caseField, "The number of the support case, if there is one")
	id.example = "201007-0001"
	what := &field{name: symptomField, prompt: "What happens?", upright: true}
	for _, sy := range m.opt.Catalog.Symptoms {
		what.choices = append(what.choices, choice{sy.Name, sy.Plain, sy.Title})
	}
	what.choices = append(what.choices, choice{"", "I am not sure", "everything is looked at"})
	return &form{fields: []*field{label, id, what}, groups: []string{""}, button: "Continue"}
}

func (s *complaintScreen) keep(m *Model) {
	for _, f := range s.form.fields {
		switch f.name {
		case labelField:
			m.label = f.value()
		case caseField:
			m.id = f.value()
		case symptomField:
			m.symptom = f.value()
		}
	}
}

func (s *complaintScreen) title() string       { return "What is wrong?" }
func (s *complaintScreen) typing() bool        { return s.form.typing() }
func (s *complaintScreen) keys() []key.Binding { return s.form.keys() }
func (s *complaintScreen) rows(m *Model, w, h int) []row {
	return s.form.rows(m, w, h)
}
func (s *complaintScreen) wheel(_ *Model, lines int) { s.form.wheel(lines) }

func (s *complaintScreen) key(m *Model, k tea.KeyMsg) tea.Cmd {
	if s.form.key(k) == submit {
		return m.goTo(atQuestions)
	}
	return nil
}

func (s *complaintScreen) click(m *Model, id int) tea.Cmd {
	if s.form.click(id) == submit {
		return m.goTo(atQuestions)
	}
	return nil
}
