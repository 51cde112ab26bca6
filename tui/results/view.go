package results

import (
	"fmt"
	"strings"

	"mailflow/evidence"
)

// Below this nothing could be read.
const (
	leastWidth  = 24
	leastHeight = 6
)

// View draws the tabs: exactly the height that was given, no line wider than
// the width.
func (m Model) View() string {
	if m.w == 0 || m.h == 0 {
		return ""
	}
	if m.w < leastWidth || m.h < leastHeight {
		return cut("too small", m.w) + strings.Repeat("\n", m.h-1)
	}
	lines := append([]string{m.tabBar(), m.rule()}, m.drawBody()...)
	for len(lines) < m.h-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(m.h-1, 0)], m.lastLine())
	return strings.Join(lines, "\n")
}

func (m Model) rule() string { return m.styles.of[faint].Render(strings.Repeat("─", m.w)) }

func (m Model) drawBody() []string {
	p := m.pages[m.tab]
	switch {
	case m.open:
		return m.detail.window(m.styles, m.body(), blank)
	case m.tab.paned():
		return m.drawPaned()
	}
	var out []string
	for _, l := range p.head {
		out = append(out, m.styles.draw(l, false))
	}
	mark := p.list.marker
	if m.tab.searchable() {
		mark = m.hitMarker
	}
	return append(out, p.list.window(m.styles, m.room(), mark)...)
}

// shown lists the tabs: those about one kind of evidence only where it is there.
func (m Model) shown() []tab {
	all := []tab{causes, findings, timeline, tree, transcript, unchecked}
	if m.facts.has(evidence.Organization.Kind().Name) {
		all = append(all, organization)
	}
	if m.facts.has(evidence.MailPath.Kind().Name) {
		all = append(all, path)
	}
	if m.facts.has(evidence.Journeys.Kind().Name) {
		all = append(all, journeys)
	}
	if m.facts.has(evidence.Rhythms.Kind().Name) {
		all = append(all, rhythm)
	}
	if m.facts.has(evidence.QueueListings.Kind().Name) {
		all = append(all, queues)
	}
	return all
}

// title is the tab's name; there are two shorter ones for narrow windows.
func (t tab) title(short int) string {
	switch short {
	case 0:
		return [tabs]string{"Root cause", "All findings", "Timeline", "Tree", "Transcript", "Not checked", "Organization", "Path", "Journeys", "Rhythm", "Queues"}[t]
	case 1:
		return [tabs]string{"Cause", "Findings", "Timeline", "Tree", "SMTP", "Open", "Org", "Path", "Journeys", "Rhythm", "Queues"}[t]
	}
	return [tabs]string{"Cause", "Found", "Time", "Tree", "SMTP", "Open", "Org", "Path", "Journeys", "Rhythm", "Queues"}[t]
}

// labels are the tabs as they stand in the first line, the one that is shown in
// brackets: as much of the names as there is room for.
func (m Model) labels() []string {
	labels := make([]string, len(m.shown()))
	for short, forms := range [][2]string{{" %s %s ", "[%s %s]"}, {" %s %s ", "[%s %s]"}, {"%s %s ", "[%s %s] "}, {"%s%s ", "[%s%s] "}} {
		if m.label(labels, forms, short, short) <= m.w {
			return labels
		}
	}
	m.label(labels, [2]string{" %s%s ", "[%s %s]"}, 2, none)
	return labels
}

// none leaves the names of the tabs out that are not shown.
const none = -1

// label fills in the labels, of the others and of the tab that is shown, and
// says how wide they are together.
func (m Model) label(labels []string, forms [2]string, short, others int) int {
	wide := 0
	for n, t := range m.shown() {
		switch {
		case t == m.tab:
			labels[n] = fmt.Sprintf(forms[1], digit(n), t.title(short))
		case others == none:
			labels[n] = fmt.Sprintf(forms[0], digit(n), "")
		default:
			labels[n] = fmt.Sprintf(forms[0], digit(n), t.title(others))
		}
		wide += len(labels[n])
	}
	return wide
}

// digits are the keys of the tabs, in the order of most keyboards but for -,
// which closes rows.
const digits = "1234567890="

func digit(n int) string { return digits[n : n+1] }

func (m Model) tabBar() string {
	var l line
	shown := m.shown()
	for n, label := range m.labels() {
		k := plain
		if shown[n] == m.tab {
			k = strong
		}
		l = append(l, span{k, label})
	}
	return m.styles.draw(l.fit(m.w), false)
}

// tabAt is the tab whose label has a column.
func (m Model) tabAt(x int) (tab, bool) {
	for n, label := range m.labels() {
		if x -= len(label); x < 0 {
			return m.shown()[n], true
		}
	}
	return 0, false
}

// lastLine is what is typed, or what is shown of how much.
func (m Model) lastLine() string {
	if m.typing != nothing {
		prompt := "/"
		if m.typing == narrow {
			prompt = "only " + m.what() + "s with: "
		}
		found := ""
		switch {
		case m.typing == query:
			found = "  " + m.found()
		case m.tab == journeys || m.tab == rhythm:
			found = "  " + count(len(m.pages[m.tab].list.rows), m.what())
		}
		return m.styles.draw(say(strong, prompt+m.typed+"_").and(plain, found).fit(m.w), false)
	}
	left, right := m.about(), m.where()
	if right != "" {
		left += spaces(max(2, m.w-cells(clean(left))-len(right)))
	}
	return m.styles.draw(say(faint, left+right).fit(m.w), false)
}

// about says in words what the tab shows.
func (m Model) about() string {
	l := m.pages[m.tab].list
	switch {
	case m.open && m.tab.leafed():
		return "esc: back to the list   n/N: the next, the one before"
	case m.open:
		return "esc: back to the list"
	case m.tab == transcript || len(l.rows) == 0 || m.search[m.tab].text != "":
		return joined(", ", m.onlyWords(), m.found())
	}
	said := joined(", ", fmt.Sprintf("%s %d of %d", m.what(), l.at+1, len(l.rows)), m.onlyWords())
	if c, ok := m.facts.report.Closed(); m.tab == causes && ok && c.Interrupted {
		said += ", INTERRUPTED: a full run may say more"
	}
	return said
}

// what names a thing that the tab lists or is narrowed to.
func (m Model) what() string {
	return [tabs]string{"cause", "finding", "row", "row", "host", "thing", "row", "", "journey", "hop", "row"}[m.tab]
}

// onlyWords says what is left out.
func (m Model) onlyWords() string {
	state, only := "", m.only[m.tab]
	if m.tab == journeys && m.state != everyState {
		state = "only " + m.state.String()
	}
	if only != "" {
		only = fmt.Sprintf("only %ss with %q", m.what(), only)
	}
	return joined(", ", state, only)
}

// where says which lines are shown.
func (m Model) where() string {
	l, h := m.pages[m.tab].list, m.room()
	switch {
	case m.open:
		l, h = m.detail, m.body()
	case m.tab.paned():
		l, h = m.pages[m.tab].pane, m.paneRoom()
	}
	if len(l.lines) <= h {
		return ""
	}
	return fmt.Sprintf("lines %d-%d of %d", l.top+1, min(l.top+h, len(l.lines)), len(l.lines))
}
