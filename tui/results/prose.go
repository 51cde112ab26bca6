package results

import (
	"strings"

	"mailflow/report"
)

// maxProse is how wide a text gets: longer lines are hard to read.
const maxProse = 110

// Prose lays a text out that is read from top to bottom.
type prose struct {
	w     int
	lines []line
}

func newProse(w int) *prose { return &prose{w: max(w, 4)} }

// heading begins a part, after an empty line unless it is the first.
func (p *prose) heading(s string) {
	if len(p.lines) > 0 {
		p.lines = append(p.lines, nil)
	}
	p.para(strong, "", s)
}

// para writes a text behind a first prefix, and then the same width of spaces.
func (p *prose) para(k look, prefix, s string) {
	if s == "" {
		return
	}
	if cells(prefix) > p.w/2 {
		prefix = "  "
	}
	room := min(p.w, maxProse) - cells(prefix)
	for _, l := range wrap(report.Visible(clip(s)), room) {
		p.lines = append(p.lines, say(k, prefix+l).fit(p.w))
		prefix = strings.Repeat(" ", cells(prefix))
	}
}

// paras keeps the lines of a text of ours.
func (p *prose) paras(prefix, s string) {
	for l := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		p.para(plain, prefix, l)
	}
}

// list is what was written, without rows.
func (p *prose) list() list { return list{lines: p.lines} }

// emptyTab is the list of a tab that has nothing to show, and says why.
func emptyTab(w int, why string) list {
	p := newProse(w)
	p.para(plain, "", why)
	return p.list()
}

// clean is a text of somebody else's that is measured before it is said.
func clean(s string) string { return report.Visible(s) }
