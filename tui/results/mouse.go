package results

import tea "github.com/charmbracelet/bubbletea"

// wheel is how many lines one turn of the wheel scrolls.
const wheel = 3

// mouse takes a click on a tab or a row, or a turn of the wheel.
func (m Model) mouse(msg tea.MouseMsg) Model {
	switch {
	case msg.Button == tea.MouseButtonWheelUp:
		return m.roll(-wheel, msg)
	case msg.Button == tea.MouseButtonWheelDown:
		return m.roll(wheel, msg)
	case msg.Button != tea.MouseButtonLeft || msg.Action != tea.MouseActionPress:
		return m
	case msg.Y == 0:
		if t, ok := m.tabAt(msg.X); ok {
			return m.to(t)
		}
		return m
	}
	return m.click(msg)
}

// roll scrolls what the mouse is over.
func (m Model) roll(d int, msg tea.MouseMsg) Model {
	p := &m.pages[m.tab]
	switch {
	case m.open:
		m.detail = m.detail.scroll(d, m.body())
	case m.tab.paned() && m.overPane(msg):
		p.pane = p.pane.scroll(d, m.paneRoom())
	default:
		p.list = p.list.scroll(d, m.room())
	}
	return m
}

func (m Model) overPane(msg tea.MouseMsg) bool {
	if m.split() {
		return msg.X >= m.listWidth()
	}
	return msg.Y-2 >= m.listRoom()
}

// click chooses a row; a second click on it does what enter does.
func (m Model) click(msg tea.MouseMsg) Model {
	p := m.pages[m.tab]
	y := msg.Y - 2 - len(p.head)
	if m.open || y < 0 || y >= m.room() || m.tab.paned() && m.overPane(msg) {
		return m
	}
	at := p.list.rowAt(p.list.top + y)
	switch {
	case at < 0:
		return m
	case at == p.list.at:
		return m.enter()
	}
	l := p.list
	l.at = at
	return m.choose(l)
}
