package results

import (
	"fmt"
	"strings"
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

func (m Model) rule() string { return m.styles[faint].Render(strings.Repeat("─", m.w)) }

func (m Model) drawBody() []string {
	p := m.pages[m.tab]
	switch {
	case m.open:
		return m.detail.window(m.styles, m.body(), blank)
	case m.tab == causes:
		return m.drawCauses()
	}
	var out []string
	for _, l := range p.head {
		out = append(out, m.styles.draw(l, false))
	}
	mark := p.list.marker
	if m.tab == transcript {
		mark = m.hitMarker
	}
	return append(out, p.list.window(m.styles, m.room(), mark)...)
}

// names are the tabs' names, and shorter ones for a narrow window.
func names(short bool) [tabs]string {
	if short {
		return [tabs]string{"Cause", "Findings", "Timeline", "Tree", "SMTP", "Open"}
	}
	return [tabs]string{"Root cause", "All findings", "Timeline", "Tree", "Transcript", "Not checked"}
}

// labels are the tabs as they stand in the first line, the one that is shown in
// brackets: as much of the names as there is room for.
func (m Model) labels() [tabs]string {
	var labels [tabs]string
	for _, short := range []bool{false, true} {
		wide := 0
		for t, name := range names(short) {
			labels[t] = fmt.Sprintf(" %d %s ", t+1, name)
			if tab(t) == m.tab {
				labels[t] = fmt.Sprintf("[%d %s]", t+1, name)
			}
			wide += len(labels[t])
		}
		if wide <= m.w {
			return labels
		}
	}
	for t, name := range names(true) {
		labels[t] = fmt.Sprintf(" %d ", t+1)
		if tab(t) == m.tab {
			labels[t] = fmt.Sprintf("[%d %s]", t+1, name)
		}
	}
	return labels
}

func (m Model) tabBar() string {
	var l line
	for t, label := range m.labels() {
		k := plain
		if tab(t) == m.tab {
			k = strong
		}
		l = append(l, span{k, label})
	}
	return m.styles.draw(l.fit(m.w), false)
}

// tabAt is the tab whose label has a column.
func (m Model) tabAt(x int) (tab, bool) {
	for t, label := range m.labels() {
		if x -= len(label); x < 0 {
			return tab(t), true
		}
	}
	return 0, false
}

// lastLine is what is typed, or what is shown of how much.
func (m Model) lastLine() string {
	if m.typing != nothing {
		prompt := "/"
		if m.typing == host {
			prompt = "only hosts with: "
		}
		found := ""
		if m.typing == query {
			found = "  " + m.found()
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
	case m.open:
		return "esc: back to the list"
	case m.tab == transcript:
		only := ""
		if m.only != "" {
			only = fmt.Sprintf("only hosts with %q", m.only)
		}
		return joined(", ", only, m.found())
	case len(l.rows) == 0:
		return ""
	}
	what := [tabs]string{"cause", "finding", "row", "row", "", "thing"}[m.tab]
	said := fmt.Sprintf("%s %d of %d", what, l.at+1, len(l.rows))
	if c, ok := m.facts.report.Closed(); m.tab == causes && ok && c.Interrupted {
		said += ", INTERRUPTED: a full run may say more"
	}
	return said
}

// where says which lines are shown.
func (m Model) where() string {
	l, h := m.pages[m.tab].list, m.room()
	switch {
	case m.open:
		l, h = m.detail, m.body()
	case m.tab == causes:
		l, h = m.pane, m.paneRoom()
	}
	if len(l.lines) <= h {
		return ""
	}
	return fmt.Sprintf("lines %d-%d of %d", l.top+1, min(l.top+h, len(l.lines)), len(l.lines))
}
