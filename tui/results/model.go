package results

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
)

// What the tabs ask of their caller.
type (
	AddEvidence struct{} // the user wants to add evidence
	Export      struct{} // the user wants the report written
	Back        struct{} // esc, and nothing here was left to close
)

// A tab is one of the tabs.
type tab int

const (
	causes tab = iota
	findings
	timeline
	tree
	transcript
	unchecked
	organization // shown only where the evidence has one, as are those that follow
	path
	journeys
	rhythm
	queues
	tabs
)

// What is being typed.
type typing int

const (
	nothing typing = iota
	query          // what to search for
	narrow         // what alone is shown: of the transcript the hosts
)

// A page is a tab laid out.
type page struct {
	head  []line // stays while the list scrolls
	list  list
	pane  list // about the chosen row, on tabs that show both
	fresh bool // laid out for this report and size
}

// Model is the tabs. It is a value: each Update gives another.
type Model struct {
	facts  *facts
	keys   *keyMap
	styles *styles
	w, h   int
	tab    tab
	pages  [tabs]page

	open   bool   // a detail covers the tab
	opened string // the id of what it shows
	detail list

	folds map[string]bool // rows of the time line and the tree opened or closed by hand; never changed, only replaced

	typing typing
	typed  string
	search [tabs]search
	only   [tabs]string // what is shown must have this text
	state  standing     // and a journey must be in this state
}

// New shows a report; nil is an empty one.
func New(r *diag.Report) Model {
	return Model{facts: newFacts(r), keys: newKeys(), styles: newStyles()}
}

// SetSize says which area the tabs may use.
func (m Model) SetSize(w, h int) Model {
	m.w, m.h = max(w, 0), max(h, 0)
	return m.stale().laid()
}

// SetReport shows the same case with more evidence. The tab, what is chosen,
// what is open and what is searched for stay.
func (m Model) SetReport(r *diag.Report) Model {
	m.facts = newFacts(r)
	if !slices.Contains(m.shown(), m.tab) {
		m = m.to(causes)
	}
	return m.stale().laid()
}

// First goes to the first tab.
func (m Model) First() Model { return m.to(causes).laid() }

// Tabs names the tabs that are there, each behind its key, as the first line does
// where it has room.
func (m Model) Tabs() []string {
	var names []string
	for n, t := range m.shown() {
		names = append(names, digit(n)+" "+t.title(0))
	}
	return names
}

// Typing says whether keys are letters of a search or filter now, so that the
// caller leaves them alone.
func (m Model) Typing() bool { return m.typing != nothing }

func (m Model) stale() Model {
	for i := range m.pages {
		m.pages[i].fresh = false
	}
	return m
}

// laid lays out what is shown and was not laid out yet.
func (m Model) laid() Model {
	if m.w == 0 || m.h == 0 {
		return m
	}
	p := &m.pages[m.tab]
	if old := *p; !p.fresh {
		*p = m.layout()
		p.fresh = true
		p.list = p.list.like(old.list)
		m.search[m.tab] = m.search[m.tab].renewed(p.list)
		p.list = p.list.show(m.room())
		if m.tab.paned() {
			p.pane = m.paneOf(p.list).like(old.pane).bound(m.paneRoom())
		}
		m = m.renewDetail()
	}
	return m
}

// layout lays the tab out.
func (m Model) layout() page {
	switch m.tab {
	case causes:
		return m.causesPage()
	case findings:
		return m.findingsPage()
	case timeline:
		return m.timelinePage()
	case tree:
		return m.treePage()
	case transcript:
		return m.transcriptPage()
	case organization:
		return m.organizationPage()
	case path:
		return m.pathPage()
	case journeys:
		return m.journeysPage()
	case rhythm:
		return m.rhythmPage()
	case queues:
		return m.queuesPage()
	}
	return m.uncheckedPage()
}

// inner is the width of a line behind its marker.
func (m Model) inner() int { return max(m.w-2, 1) }

// body is the height between the tabs and the last line.
func (m Model) body() int { return max(m.h-3, 0) }

// room is the height of the list of the tab.
func (m Model) room() int {
	if m.tab.paned() {
		return m.listRoom()
	}
	return max(m.body()-len(m.pages[m.tab].head), 0)
}

func ask(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
