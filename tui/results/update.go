package results

import (
	"maps"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Update takes a key, or a click or turn of the wheel. The place of a mouse
// message is counted from the top left of the area of the tabs.
func (m Model) Update(msg tea.Msg) (Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if m.typing != nothing {
			m = m.typeKey(msg)
		} else {
			m, cmd = m.press(msg)
		}
	case tea.MouseMsg:
		m = m.mouse(msg)
	default:
		return m, nil
	}
	return m.laid(), cmd
}

// press takes a key that is no letter of a search.
func (m Model) press(msg tea.KeyMsg) (Model, tea.Cmd) {
	k := m.keys
	switch {
	case key.Matches(msg, k.add):
		return m, ask(AddEvidence{})
	case key.Matches(msg, k.export):
		return m, ask(Export{})
	case key.Matches(msg, k.back):
		return m.stepBack()
	case key.Matches(msg, k.tabs):
		return m.toNumber(strings.Index(digits, msg.String())), nil
	case key.Matches(msg, k.next):
		return m.toNext(1), nil
	case key.Matches(msg, k.prev):
		return m.toNext(-1), nil
	case m.open && m.tab.leafed() && key.Matches(msg, k.hit):
		return m.leaf(1), nil
	case m.open && m.tab.leafed() && key.Matches(msg, k.hitBack):
		return m.leaf(-1), nil
	case m.open:
		m.detail = m.detail.moved(k, msg, m.body())
		return m, nil
	}
	return m.pressTab(msg), nil
}

// pressTab takes a key that means something to the list of the tab.
func (m Model) pressTab(msg tea.KeyMsg) Model {
	k := m.keys
	switch {
	case key.Matches(msg, k.open):
		return m.enter()
	case m.tab.searchable() && key.Matches(msg, k.search):
		m.typing, m.typed = query, ""
		return m
	case m.tab == transcript && key.Matches(msg, k.host), m.tab.narrowed() && key.Matches(msg, k.filter):
		m.typing, m.typed = narrow, m.only[m.tab]
		return m
	case m.tab == journeys && key.Matches(msg, k.state):
		return m.stand((m.state + 1) % standings)
	case m.tab.searchable() && key.Matches(msg, k.hit):
		return m.toHit(1)
	case m.tab.searchable() && key.Matches(msg, k.hitBack):
		return m.toHit(-1)
	case key.Matches(msg, k.unfold):
		return m.foldAll(true)
	case key.Matches(msg, k.fold):
		return m.foldAll(false)
	case m.tab.paned() && key.Matches(msg, k.pageUp, k.pageDown):
		p := &m.pages[m.tab]
		p.pane = p.pane.moved(k, msg, m.paneRoom())
		return m
	}
	return m.choose(m.pages[m.tab].list.moved(k, msg, m.room()))
}

// moved moves the window or what is chosen.
func (l list) moved(k *keyMap, msg tea.KeyMsg, h int) list {
	switch {
	case key.Matches(msg, k.up):
		return l.step(-1, h)
	case key.Matches(msg, k.down):
		return l.step(1, h)
	case key.Matches(msg, k.pageUp):
		return l.turn(-1, h)
	case key.Matches(msg, k.pageDown):
		return l.turn(1, h)
	case key.Matches(msg, k.home):
		return l.end(-1, h)
	case key.Matches(msg, k.end):
		return l.end(1, h)
	}
	return l
}

// choose puts a moved list back, and tells of what is chosen now.
func (m Model) choose(l list) Model {
	was, _ := m.pages[m.tab].list.chosen()
	m.pages[m.tab].list = l
	if now, _ := l.chosen(); m.tab.paned() && now.id != was.id {
		m.pages[m.tab].pane = m.paneOf(l)
	}
	return m
}

// to goes to a tab. What is typed was for the one before: others need not be
// searchable.
func (m Model) to(t tab) Model {
	m.tab, m.open, m.typing = t, false, nothing
	return m
}

// toNumber goes to the tab with a number, counted from 0.
func (m Model) toNumber(n int) Model {
	if shown := m.shown(); n < len(shown) {
		return m.to(shown[n])
	}
	return m
}

// toNext goes on or back among the tabs, and round at the ends.
func (m Model) toNext(d int) Model {
	shown := m.shown()
	n := slices.Index(shown, m.tab)
	return m.to(shown[(n+d+len(shown))%len(shown)])
}

// foldable says whose rows can be folded.
func (t tab) foldable() bool {
	return t == timeline || t == tree || t == organization || t == queues
}

// enter opens what there is more to tell of, or folds a row.
func (m Model) enter() Model {
	r, ok := m.pages[m.tab].list.chosen()
	switch {
	case !ok:
		return m
	case m.tab.foldable() && !isQueue(r.id):
		return m.fold(r)
	}
	return m.openDetail()
}

// fold opens a folded row, or folds it. What it was at first is seen from its
// sign, so that the defaults are known in one place.
func (m Model) fold(r row) Model {
	l := m.pages[m.tab].list
	sign := strings.TrimLeft(l.lines[r.from].String(), " ")
	if !strings.HasPrefix(sign, "+ ") && !strings.HasPrefix(sign, "- ") {
		return m
	}
	return m.setFolds(map[string]bool{r.id: strings.HasPrefix(sign, "+")})
}

// foldAll opens or folds every row that is shown.
func (m Model) foldAll(open bool) Model {
	if !m.tab.foldable() {
		return m
	}
	set := map[string]bool{}
	for _, r := range m.pages[m.tab].list.rows {
		set[r.id] = open
	}
	return m.setFolds(set)
}

func (m Model) setFolds(set map[string]bool) Model {
	folds := maps.Clone(m.folds)
	if folds == nil {
		folds = map[string]bool{}
	}
	maps.Copy(folds, set)
	m.folds = folds
	m.pages[m.tab].fresh = false
	return m
}

// unfolded says whether a row is open: as the user left it, or else as it is
// at first.
func (m Model) unfolded(id string, first bool) bool {
	if open, set := m.folds[id]; set {
		return open
	}
	return first
}

// stepBack closes one thing: a detail, a search, a filter. When nothing is open
// the caller goes back.
func (m Model) stepBack() (Model, tea.Cmd) {
	switch {
	case m.open:
		m.open = false
	case m.search[m.tab].text != "":
		m.search[m.tab] = search{}
		m.pages[m.tab].fresh = false
	case m.only[m.tab] != "":
		return m.filter(""), nil
	case m.tab == journeys && m.state != everyState:
		return m.stand(everyState), nil
	default:
		return m, ask(Back{})
	}
	return m, nil
}

// filter shows only what has a text: of the transcript the sessions with some
// hosts.
func (m Model) filter(only string) Model {
	m.only[m.tab] = only
	m.pages[m.tab].fresh = false
	return m
}

// narrowed says which tabs are filtered by typing instead of searched.
func (t tab) narrowed() bool { return t == journeys || t == rhythm || t == queues }
