package results

import (
	"strings"

	"mailflow/diag"
)

// detailed says of the rows of which tabs there is more to tell.
func (t tab) detailed() bool {
	return t == causes || t == findings || t == journeys || t == rhythm || t == queues
}

// leafed says on which tabs the detail leads on to that of the next row.
func (t tab) leafed() bool { return t == journeys || t == rhythm || t == queues }

// leaf goes on to the next row that has a detail, or back.
func (m Model) leaf(d int) Model {
	l := m.pages[m.tab].list
	for l.at += d; l.at >= 0 && l.at < len(l.rows); l.at += d {
		if m.tab != queues || isQueue(l.rows[l.at].id) {
			return m.choose(l.show(m.room())).openDetail()
		}
	}
	return m
}

// openDetail shows all about the chosen row.
func (m Model) openDetail() Model {
	r, ok := m.pages[m.tab].list.chosen()
	if !ok || !m.tab.detailed() {
		return m
	}
	m.open, m.opened, m.detail = true, r.id, list{}
	return m.renewDetail()
}

// renewDetail lays out what is open. It closes when a later report does not
// know it any more.
func (m Model) renewDetail() Model {
	if !m.open {
		return m
	}
	var lines list
	if lines, m.open = m.detailOf(m.opened); m.open {
		m.detail = lines.like(m.detail).bound(m.body())
	}
	return m
}

func (m Model) detailOf(id string) (list, bool) {
	p := newProse(m.inner())
	switch m.tab {
	case findings:
		h, f, ok := m.facts.finding(id)
		if ok {
			p.finding(h, f, m.facts.gapsOf(f.Code))
		}
		return p.list(), ok
	case journeys:
		return m.journeyDetail(id)
	case rhythm:
		return m.rhythmDetail(id)
	case queues:
		return m.queueDetail(id)
	}
	for _, h := range m.facts.hypotheses {
		if h.Code == id {
			p.cause(h, m.facts.gapsOf(h.Code))
			return p.list(), true
		}
	}
	return list{}, false
}

// cause tells all about a cause.
func (p *prose) cause(h diag.Hypothesis, gaps []diag.Gap) {
	p.para(strong, "", h.Cause.Title+" ["+h.Code+"]")
	p.verdict(h)
	p.evidence(h)
	if h.Verdict != diag.Confirmed {
		p.settle(gaps)
	}
	p.known(h.Cause)
}

// finding tells all about one finding: what was seen, why it matters, what to
// do, and who says so.
func (p *prose) finding(h diag.Hypothesis, f diag.Finding, gaps []diag.Gap) {
	s := severity(h, f)
	p.para(strong, "", h.Cause.Title+" ["+f.Code+"]")
	p.para(lookOf(f.Verdict, s, h.ExplainedBy != ""), "", strings.ToUpper(f.Verdict.String())+", "+s.String()+": "+meaning(s))
	p.heading("What was seen")
	p.para(plain, "  ", told(h, f))
	if f.Wait != nil {
		p.para(plain, "  ", "Mail stood still for "+diag.Seconds(f.Wait.Length())+", from "+stamp(f.Wait.From)+" to "+stamp(f.Wait.To)+".")
	}
	for _, a := range f.Args {
		p.para(faint, "  "+pad(clean(a.Name), 10)+" ", a.String())
	}
	p.para(faint, "  ", origin(f))
	if f.Verdict == diag.Unknown {
		p.settle(gaps)
	}
	p.known(h.Cause)
}

// known is what the catalog says of a cause.
func (p *prose) known(c *diag.Cause) {
	for _, part := range []struct{ heading, text string }{
		{"Why it matters", c.About}, {"How it is judged", c.Read}, {"What to do", c.Remedy}, {"Sources", strings.Join(c.Refs, "\n")},
	} {
		if part.text != "" {
			p.heading(part.heading)
			p.paras("  ", part.text)
		}
	}
}
