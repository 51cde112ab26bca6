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
	if m.tab.searchable() {
		mark = m.hitMarker
	}
	return append(out, p.list.window(m.styles, m.room(), mark)...)
}

// shown lists the tabs: the organization and the path only where the evidence has
// them.
func (m Model) shown() []tab {
	all := []tab{causes, findings, timeline, tree, transcript, unchecked}
	if m.facts.has(evidence.Organization.Kind().Name) {
		all = append(all, organization)
	}
	if m.facts.has(evidence.MailPath.Kind().Name) {
		all = append(all, path)
	}
	return all
}

// title is the tab's name, or a shorter one for a narrow window.
func (t tab) title(short bool) string {
	if short {
		return [tabs]string{"Cause", "Findings", "Timeline", "Tree", "SMTP", "Open", "Org", "Path"}[t]
	}
	return [tabs]string{"Root cause", "All findings", "Timeline", "Tree", "Transcript", "Not checked", "Organization", "Path"}[t]
}

// labels are the tabs as they stand in the first line, the one that is shown in
// brackets: as much of the names as there is room for.
func (m Model) labels() []string {
	shown := m.shown()
	labels := make([]string, len(shown))
	for _, short := range []bool{false, true} {
		wide := 0
		for n, t := range shown {
			labels[n] = fmt.Sprintf(" %d %s ", n+1, t.title(short))
			if t == m.tab {
				labels[n] = fmt.Sprintf("[%d %s]", n+1, t.title(short))
			}
			wide += len(labels[n])
		}
		if wide <= m.w {
			return labels
		}
	}
	for n, t := range shown {
		labels[n] = fmt.Sprintf(" %d ", n+1)
		if t == m.tab {
			labels[n] = fmt.Sprintf("[%d %s]", n+1, t.title(true))
		}
	}
	return labels
}

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
	case len(l.rows) == 0 || m.search[m.tab].text != "":
		return m.found()
	}
	what := [tabs]string{"cause", "finding", "row", "row", "", "thing", "row", ""}[m.tab]
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
