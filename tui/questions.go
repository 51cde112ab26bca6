package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
)

// questionsScreen asks what the plan needs, and nothing else.
type questionsScreen struct {
	form    *form
	symptom string // the form is for this symptom
}

// The groups of questions, in their order.
const (
	groupWhere   = "Where does the mail go?"
	groupWho     = "Who are you?"
	groupCareful = "How careful?"
	groupFiles   = "Evidence files"
	groupConfig  = "The Exchange configuration, from a domain controller"
	groupPath    = "The path of one message through Exchange"
	groupOther   = "Further questions"
)

// A place of a question in the form. What is not listed goes to the end.
type placing struct {
	group string
	first bool   // asked without unfolding
	only  string // asked only when this question has an answer
}

func placings() map[string]placing {
	return map[string]placing{
		"recipient": {groupWhere, true, ""}, "next-hop": {groupWhere, true, ""}, "internal": {groupWhere, true, ""},
		"generation": {groupWhere, false, ""}, "resolver": {groupWhere, false, ""},
		"vantage": {groupWho, true, ""}, "sender": {groupWho, false, ""}, "ehlo": {groupWho, false, ""}, "source": {groupWho, false, ""},
		"patience": {groupCareful, false, ""}, "connect-limit": {groupCareful, false, ""}, "retry-after": {groupCareful, false, ""},
		"send": {groupCareful, false, ""}, offline: {groupCareful, false, ""},
		"evidence": {groupFiles, true, ""}, "roots": {groupFiles, false, ""},
		"directory": {groupConfig, false, ""}, "directory-login": {groupConfig, false, "directory"}, "directory-user": {groupConfig, false, "directory"},
		"directory-password": {groupConfig, false, "directory"}, "directory-cleartext": {groupConfig, false, "directory"}, "bridgeheads": {groupConfig, false, ""},
		"from": {groupPath, false, ""}, "to": {groupPath, false, "from"}, "size": {groupPath, false, "from"}, "at": {groupPath, false, "from"}, "zone": {groupPath, false, ""},
	}
}

// choicesFor are the answers of questions that have only a few. An answer that
// the input does not take is not offered.
func choicesFor(name string) []choice {
	yesNo := []choice{{"", "not known", ""}, {"yes", "yes", ""}, {"no", "no", ""}}
	switch name {
	case "internal":
		return yesNo
	case "directory-login":
		return []choice{{"simple", "simple, over TLS", ""}, {"ntlm", "NTLM", ""}, {"kerberos", "Kerberos", ""}}
	case "bridgeheads":
		return []choice{{"", "where that says something", ""}, {"yes", "yes", ""}, {"no", "no", ""}}
	case "send", "directory-cleartext", offline:
		return []choice{{"", "no", ""}, {"yes", "yes", ""}}
	case "vantage":
		return []choice{{"", "not known", ""}, {"sender", "yes (sender)", ""}, {"elsewhere", "no (elsewhere)", ""}}
	}
	return nil
}

func (s *questionsScreen) enter(m *Model) {
	if s.form == nil || s.symptom != m.symptom {
		s.form, s.symptom = questionForm(m.opt.Catalog, m.symptom), m.symptom
	}
	for _, f := range s.form.fields {
		f.set(m.answers[f.name])
		f.known = m.earlierPaths(f.name)
	}
}

// earlierPaths are the lines of an answer of the run that is gone on with.
func (m *Model) earlierPaths(name string) []string {
	if m.before == nil {
		return nil
	}
	for _, a := range m.before.Opened().Inputs {
		if a.Name == name {
			return strings.Split(a.Value, "\n")
		}
	}
	return nil
}

// questionForm makes a field of each question of the symptom's plan.
func questionForm(cat *diag.Catalog, symptom string) *form {
	f := &form{groups: []string{groupWhere, groupWho, groupFiles, groupConfig, groupPath, groupCareful, groupOther}, button: "Continue: see what will be done"}
	at := placings()
	for _, q := range cat.Plan(&diag.Case{Symptom: symptom}).Questions {
		f.fields = append(f.fields, questionField(cat, q, at[q.Name]))
	}
	off := &field{name: offline, prompt: "Ask nobody, and judge only the evidence files?", group: groupCareful, more: true, choices: choicesFor(offline)}
	f.fields = append(f.fields, off)
	order(f.fields)
	return f
}

func questionField(cat *diag.Catalog, q diag.Question, at placing) *field {
	f := textField(q.Name, q.Prompt)
	f.example, f.standard, f.secret = q.Example, q.Default, q.Secret
	f.group, f.more, f.only = at.group, !at.first, at.only
	if f.group == "" {
		f.group = groupOther
	}
	f.many, f.browse = q.Name == "evidence", q.Name == "evidence" || q.Name == "roots"
	in := cat.Input(q.Name)
	f.lacking, _, _ = strings.Cut(in.Provides.Kind().Doc, ": --") // what follows is for the command line
	f.parse = func(v string) error { _, err := in.Parse(v); return err }
	for _, c := range choicesFor(q.Name) {
		if _, err := in.Parse(c.value); c.value == "" || err == nil {
			f.choices = append(f.choices, c)
		}
	}
	return f
}

// order puts the questions in the order in which people can answer them.
func order(fields []*field) {
	rank := map[string]int{}
	for i, name := range []string{"recipient", "next-hop", "internal", "vantage", "evidence", "generation", "resolver", "sender", "ehlo", "source", "send", "patience", "connect-limit", "retry-after", offline, "roots",
		"directory", "directory-login", "directory-user", "directory-password", "directory-cleartext", "bridgeheads", "from", "to", "size", "at", "zone"} {
		rank[name] = i - 100
	}
	slices.SortStableFunc(fields, func(a, b *field) int { return rank[a.name] - rank[b.name] })
}

func (s *questionsScreen) keep(m *Model) {
	for _, f := range s.form.fields {
		if m.answers[f.name] = f.value(); !s.form.asks(f) {
			m.answers[f.name] = ""
		}
	}
}

func (s *questionsScreen) title() string             { return "Questions" }
func (s *questionsScreen) typing() bool              { return s.form.typing() }
func (s *questionsScreen) keys() []key.Binding       { return s.form.keys() }
func (s *questionsScreen) wheel(_ *Model, lines int) { s.form.wheel(lines) }
func (s *questionsScreen) rows(m *Model, w, h int) []row {
	s.form.lead = nil
	if m.before != nil {
		s.form.lead = hang("", "What was gathered stays. Add what you have: only what your new answers unlock will be run.", w)
	}
	return s.form.rows(m, w, h)
}

func (s *questionsScreen) key(m *Model, k tea.KeyMsg) tea.Cmd {
	return s.grant(m, s.form.key(k))
}

func (s *questionsScreen) click(m *Model, id int) tea.Cmd {
	return s.grant(m, s.form.click(id))
}

func (s *questionsScreen) grant(m *Model, w wish) tea.Cmd {
	switch w {
	case submit:
		return s.submit(m)
	case browse:
		return m.browse("Choose a file or folder", s.form.here().field.add)
	}
	return nil
}

// submit goes on if there is anything to look at.
func (s *questionsScreen) submit(m *Model) tea.Cmd {
	s.keep(m)
	a := m.answers
	if m.before == nil && a["recipient"]+a["next-hop"]+a["directory"]+a["evidence"] == "" {
		s.form.focus = 0
		m.notice = "To whom is mail late? Name the recipient, or the next server, or evidence files, or a domain controller."
		return nil
	}
	return m.goTo(atConsent)
}
