package results

import (
	"strings"

	"mailflow/report"
)

// A node is one line of the tree; what hangs under it is only worked out when
// it is unfolded.
type node struct {
	key  string // its name among its neighbours
	text string
	look look
	open bool // unfolded at first
	kids func() []node
}

func leaf(key, text string) node { return node{key: key, text: text} }

func branch(key, text string, kids func() []node) node { return node{key: key, text: text, kids: kids} }

// treePage is the evidence as a tree: the case, each kind of evidence, and what
// is not there.
func (m Model) treePage() page {
	var l list
	for _, n := range m.facts.roots() {
		m.addNode(&l, n, "", 0)
	}
	return page{list: l}
}

// maxDepth bounds a tree that somebody else made.
const maxDepth = 30

// addNode adds a node, and what hangs under it where it is unfolded.
func (m Model) addNode(l *list, n node, under string, depth int) {
	id := under + "\x00" + n.key
	searched := m.tab == organization && m.search[m.tab].text != ""
	unfolded := n.kids != nil && depth < maxDepth && (searched || m.unfolded(id, n.open))
	w := m.inner()
	l.addRow(id, w, n.lines(w, depth, unfolded)...)
	if !unfolded {
		return
	}
	for _, kid := range n.kids() {
		m.addNode(l, kid, id, depth+1)
	}
}

// lines wraps a node under its sign.
func (n node) lines(w, depth int, unfolded bool) []line {
	sign := "  "
	if n.kids != nil {
		sign = map[bool]string{true: "- ", false: "+ "}[unfolded]
	}
	indent := min(2*depth, w/3)
	room := max(w-indent-2, 8)
	var lines []line
	for i, part := range wrap(report.Visible(oneLine(clip(n.text))), room) {
		if i > 0 {
			sign = "  "
		}
		lines = append(lines, say(n.look, strings.Repeat(" ", indent)+sign+part))
	}
	return lines
}

// oneLine joins the lines of an answer or a text of several.
func oneLine(s string) string {
	return strings.NewReplacer("\r\n", " | ", "\n", " | ").Replace(strings.TrimRight(s, "\r\n"))
}
