package results

import (
	"strconv"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

// mostShown is how many things a list of the organization has; the case file has
// all.
const mostShown = 500

// organizationPage is the Exchange organization as a tree. While something is
// searched for all of it is unfolded.
func (m Model) organizationPage() page {
	var l list
	for _, n := range branchNodes(m.facts.organization()) {
		m.addNode(&l, n, "org", 0)
	}
	if len(l.rows) == 0 {
		l.add(m.inner(), say(plain, "The organization cannot be read from this evidence."))
		l.source = []int32{0}
	}
	for i, r := range l.rows {
		for range r.to - r.from {
			l.source = append(l.source, int32(i))
		}
	}
	return page{list: l}
}

// organization tells the organization as branches; it is told once, as it may be
// large.
func (f *facts) organization() []report.Branch {
	if f.branches == nil {
		f.branches = report.OrganizationTree(f.report, mostShown)
	}
	return f.branches
}

// branchNodes makes nodes of branches. Two of one text are told apart by their
// order.
func branchNodes(all []report.Branch) []node {
	seen := map[string]int{}
	var nodes []node
	for i, b := range all {
		n := node{key: b.Text + "\x00" + strconv.Itoa(seen[b.Text]), text: b.Text, open: b.Open}
		if seen[b.Text]++; len(b.Kids) > 0 {
			n.kids = func() []node { return branchNodes(all[i].Kids) }
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// pathPage is the path of a message.
func (m Model) pathPage() page {
	w := m.inner()
	var l list
	p, ok := diag.Value(m.facts.report, evidence.MailPath)
	if !ok {
		l.add(w, say(plain, "The path cannot be read from this evidence."))
		l.source = []int32{0}
	} else {
		for i, text := range report.PathLines(p, min(w, maxProse)) {
			for _, part := range chop(text, w) { // below its least width it is cut here
				l.add(w, say(plain, part))
				l.source = append(l.source, int32(i))
			}
		}
	}
	return page{list: l}
}
