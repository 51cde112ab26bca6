package tui

import (
	"context"
	"maps"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
	"mailflow/tui/results"
)

// A Model is the whole front end. The screens hold what only they need; here is
// what they share.
type Model struct {
	opt  Options
	ctx  context.Context // of the program: a run ends with it
	look look
	w, h int
	at   place

	start     startScreen
	saved     savedScreen
	complaint complaintScreen
	questions questionsScreen
	consent   consentScreen
	running   runningScreen
	results   resultsScreen
	export    exportScreen

	picker  *picker // a file is being chosen
	help    bool    // all keys are shown
	leaving bool    // the operator is asked whether to leave
	notice  string  // one line above the keys
	below   bool    // there is more below what was drawn last

	// The case so far.
	label, id, symptom string
	answers            map[string]string
	before             *diag.Report // whose evidence the next run takes over

	run     *runner
	report  *diag.Report
	unsaved bool // the report was exported nowhere yet
	folder  string
}

// New makes the front end; nothing is read or touched yet.
func New(opt Options) *Model {
	m := &Model{opt: opt.complete(), ctx: context.Background(), look: newLook(), w: 80, h: 24}
	m.fresh()
	m.goTo(atStart)
	return m
}

// Init reads the list of saved cases, after the first frame.
func (m *Model) Init() tea.Cmd { return m.readState() }

// Update takes one message in.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.results.resize(m)
	case tea.KeyMsg:
		return m, m.key(msg)
	case tea.MouseMsg:
		return m, m.mouse(tea.MouseEvent(msg))
	case tickMsg:
		return m, m.running.tick(m, msg)
	case stateMsg:
		m.start.cases, m.saved.cases, m.folder = len(msg.cases), msg.cases, msg.folder
	case loadedMsg:
		return m, m.saved.loaded(m, msg)
	case folderMsg:
		if m.picker != nil {
			m.picker.show(msg)
		}
	case writtenMsg:
		return m, m.export.written(m, msg)
	case results.AddEvidence:
		return m, m.addEvidence()
	case results.Export:
		return m, m.goTo(atExport)
	case results.Back:
		return m, m.addEvidence()
	default:
		return m, m.results.other(m, msg)
	}
	return m, nil
}

// key gives a key to whoever is in front: the question whether to leave, the
// list of keys, the file picker, the screen.
func (m *Model) key(k tea.KeyMsg) tea.Cmd {
	switch {
	case hit(k, "ctrl+c"):
		return m.interrupt()
	case m.leaving:
		return m.leavingKey(k)
	case m.small():
		return nil
	case m.help:
		m.help = false
		return nil
	case hit(k, "f1"), hit(k, "?") && (m.picker != nil || !m.screen().typing()):
		m.help = true
		return nil
	case m.picker != nil:
		return m.pickerKey(k)
	case hit(k, "esc") && m.at != atResults:
		return m.back()
	}
	m.notice = ""
	return m.screen().key(m, k)
}

// theCase is the case with the answers so far.
func (m *Model) theCase() *diag.Case {
	c := &diag.Case{Tool: m.opt.Tool, Label: m.label, ID: m.id, Symptom: m.symptom,
		Offline: m.answers[offline] == "yes", Answers: map[string]string{}}
	maps.Copy(c.Answers, m.answers)
	delete(c.Answers, offline)
	for name, answer := range c.Answers {
		in := m.opt.Catalog.Input(name)
		if in == nil || answer == "" {
			delete(c.Answers, name)
		} else if _, err := in.Parse(answer); err != nil {
			delete(c.Answers, name)
		}
	}
	if m.before != nil {
		c.Record = m.before.Recorded(c.Answers)
	}
	return c
}

// fresh forgets the case, for another one.
func (m *Model) fresh() {
	m.label, m.id, m.symptom, m.answers, m.before = "", "", commonest(m.opt.Catalog), map[string]string{}, nil
	maps.Copy(m.answers, m.opt.Answers)
	m.complaint, m.questions = complaintScreen{}, questionsScreen{}
}

// commonest is the complaint to begin with, if there is one of that name.
func commonest(cat *diag.Catalog) string {
	if s := cat.Symptom("outbound-delayed"); s != nil {
		return s.Name
	}
	return ""
}

// addEvidence asks the questions again; what was gathered stays.
func (m *Model) addEvidence() tea.Cmd {
	m.before = m.report
	return m.goTo(atQuestions)
}

// patience is how long a run may take to end when the operator leaves. Every
// event is saved already.
const patience = 3 * time.Second

// finish ends a run that is under way and waits until it has.
func (m *Model) finish() {
	if m.run == nil {
		return
	}
	m.run.cancel()
	select {
	case <-m.run.done:
	case <-time.After(patience):
	}
}
