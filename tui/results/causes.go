package results

import (
	"fmt"
	"strings"

	"mailflow/diag"
)

// wide is the width from which what is told of a row stands beside the list.
const wide = 150

// causesPage ranks the causes as the report does.
func (m Model) causesPage() page {
	w := m.listWidth() - 2
	codes := 0
	for _, h := range m.facts.hypotheses {
		if w >= 100 {
			codes = max(codes, min(len(h.Code), 22))
		}
	}
	var l list
	for _, h := range m.facts.hypotheses {
		l.addRow(h.Code, w, m.facts.causeLine(h, codes))
	}
	if len(l.rows) == 0 {
		l = emptyTab(w, "No cause was judged: there was no evidence for any, or the run did not get that far; tab 6, Not checked, says what would help.")
	}
	return page{list: l}
}

// causeLine is a cause in one line: verdict, severity, code, title. The codes
// are a column where there is room for one.
func (f *facts) causeLine(h diag.Hypothesis, codes int) line {
	k := lookOf(h.Verdict, h.Severity, h.ExplainedBy != "")
	title := h.Cause.Title
	if h.ExplainedBy != "" {
		title = "(explained by " + h.ExplainedBy + ") " + title
	}
	code := clean(h.Code)
	if codes > 0 {
		code = pad(code, codes)
	}
	return say(k, f.judged(h.Verdict, h.Severity)).and(plain, code+" ").and(k, title)
}

// paned says which tabs tell of the chosen row beside the list or under it.
func (t tab) paned() bool { return t == causes || t == rhythm }

// split says whether that is beside it.
func (m Model) split() bool { return m.w >= wide }

// listWidth is the width of the list, markers included.
func (m Model) listWidth() int {
	if m.split() {
		return m.w / 2
	}
	return m.w
}

// listRoom is the height of the list: two fifths, and less over charts, unless
// the pane stands beside it.
func (m Model) listRoom() int {
	if m.split() {
		return m.body()
	}
	most := m.body() * 2 / 5
	if m.tab == rhythm {
		most = m.body() / 4
	}
	return min(max(len(m.pages[m.tab].list.lines), 1), max(most, 1), m.body())
}

// paneRoom is the height of what is told of the chosen row.
func (m Model) paneRoom() int {
	if m.split() {
		return m.body()
	}
	return max(m.body()-m.listRoom()-1, 0)
}

func (m Model) paneWidth() int {
	if m.split() {
		return m.w - m.listWidth() - 4
	}
	return m.inner()
}

// paneOf tells of the chosen row.
func (m Model) paneOf(l list) list {
	r, ok := l.chosen()
	switch {
	case !ok:
		return list{}
	case m.tab == rhythm:
		return m.rhythmPane(r.id)
	}
	return m.causePane(l, r)
}

// causePane tells what speaks for and against a cause, and what would settle it.
func (m Model) causePane(l list, r row) list {
	p := newProse(m.paneWidth())
	h := m.facts.hypotheses[l.at]
	p.para(strong, "", h.Cause.Title+" ["+r.id+"]")
	p.verdict(h)
	p.evidence(h)
	if h.Verdict != diag.Confirmed {
		p.settle(m.facts.gapsOf(h.Code))
	}
	if h.Verdict >= diag.Suspected {
		p.heading("What to do")
		p.paras("  ", h.Cause.Remedy)
	}
	return p.list()
}

func (p *prose) verdict(h diag.Hypothesis) {
	waited, typical, messages := "", "", ""
	if h.Waited != 0 {
		waited = "longest wait " + diag.Seconds(h.Waited)
	}
	if h.Typical != h.Waited {
		typical = "typically " + diag.Seconds(h.Typical)
	}
	if h.Messages > 0 {
		messages = count(h.Messages, "message")
	}
	bad := h.Severity.String() + ": " + meaning(h.Severity)
	if h.Verdict < diag.Suspected {
		bad = "it would be " + bad // nothing says that mail waits for it
	}
	p.para(lookOf(h.Verdict, h.Severity, h.ExplainedBy != ""), "", joined(", ", strings.ToUpper(h.Verdict.String()), bad, waited, typical, messages))
	if h.ExplainedBy != "" {
		p.para(plain, "", "Explained by "+h.ExplainedBy+": where that is so, this follows.")
	}
}

// maxFindings is how many findings of one cause are shown at once; all of them
// stand on the tab of the findings.
const maxFindings = 50

func (p *prose) evidence(h diag.Hypothesis) {
	p.findings("Speaks for it", h, diag.Suspected, diag.Confirmed)
	p.findings("Speaks against it", h, diag.Excluded)
	p.findings("Could not tell", h, diag.Unknown)
}

func (p *prose) findings(heading string, h diag.Hypothesis, verdicts ...diag.Verdict) {
	list := with(h, verdicts...)
	if len(list) == 0 {
		return
	}
	p.heading(heading)
	for i, f := range list {
		if i == maxFindings {
			p.para(faint, "  ", fmt.Sprintf("and %d more, on the tab of the findings", len(list)-i))
			return
		}
		p.para(plain, "  - ", told(h, f))
		p.para(faint, "    ", origin(f))
	}
}

// origin says which evidence a finding rests on.
func origin(f diag.Finding) string {
	from, basis, message := "", "", ""
	if len(f.From) > 0 {
		from = "seen in " + strings.Join(f.From, ", ")
	}
	if f.Basis != "" {
		basis = "basis: " + f.Basis
	}
	if f.Message != "" {
		message = "message " + f.Message
	}
	return joined("; ", message, from, basis)
}

// settle tells what is not known about the cause, and how to get it.
func (p *prose) settle(gaps []diag.Gap) {
	for i, g := range gaps {
		if i == 0 {
			p.heading("What would settle it")
		}
		if i == maxFindings {
			p.para(faint, "  ", fmt.Sprintf("and %d more, on the tab of what was not checked", len(gaps)-i))
			return
		}
		p.para(plain, "  - ", g.What+": "+g.Why)
		if g.How != "" {
			p.para(plain, "    to find out: ", g.How)
		}
	}
}

// drawPaned puts the list and the pane together.
func (m Model) drawPaned() []string {
	l := m.pages[m.tab].list
	left := l.window(m.styles, m.listRoom(), l.marker)
	right := m.pages[m.tab].pane.window(m.styles, m.paneRoom(), blank)
	if !m.split() {
		return append(append(left, m.rule()), right...)
	}
	for i := range left {
		n := l.top + i
		used := 0
		if n < len(l.lines) && len(l.lines[n]) > 0 {
			used = 2 + cells(l.lines[n].String())
		}
		left[i] += strings.Repeat(" ", max(0, m.listWidth()-used)) + "│ " + right[i]
	}
	return left
}

func blank(int) byte { return ' ' }

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
