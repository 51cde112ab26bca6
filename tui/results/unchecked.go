package results

import (
	"fmt"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/report"
)

// A lack is everything that is open for the same reason.
type lack struct {
	what     []string
	why, how string
	bug      bool
}

// lacks puts what is open for the same reason together, in the order of the
// report, faults of this program first.
func lacks(gaps []diag.Gap) []lack {
	var bugs, list []lack
	at := map[[2]string]int{}
	for _, g := range gaps {
		if g.Bug {
			bugs = append(bugs, lack{[]string{g.What}, g.Why, g.How, true})
			continue
		}
		key := [2]string{g.Why, g.How}
		i, known := at[key]
		if !known {
			i = len(list)
			at[key] = i
			list = append(list, lack{nil, g.Why, g.How, false})
		}
		if !slices.Contains(list[i].what, g.What) {
			list[i].what = append(list[i].what, g.What)
		}
	}
	return append(bugs, list...)
}

// uncheckedPage says what the run leaves open, why, and how to get it.
func (m Model) uncheckedPage() page {
	w := m.inner()
	var l list
	m.addNextTest(&l, w)
	for _, g := range lacks(m.facts.gaps) {
		p := newProse(w)
		what := strings.Join(g.what, ", ")
		if g.bug {
			p.para(alarm, "", "FAULT IN THIS PROGRAM, not in the mail: "+what)
		} else {
			p.para(strong, "", what)
		}
		p.para(plain, "  why: ", strings.TrimPrefix(g.why, "could not tell: "))
		if g.how != "" {
			p.para(plain, "  to find out: ", g.how)
		}
		l.addRow(g.why+"\x00"+g.how+"\x00"+g.what[0], w, p.lines...)
		l.add(w, nil)
	}
	m.addUnread(&l, w)
	if len(l.rows) == 0 {
		l.add(w, say(plain, "Nothing was left unchecked by these analyzers."))
	}
	return page{list: l}
}

// addUnread names the files that nobody here could read, of many for the same
// reason a few.
func (m Model) addUnread(l *list, w int) {
	for _, g := range m.facts.unread {
		p := newProse(w)
		for _, f := range g.Files {
			p.para(strong, "", fmt.Sprintf("%s (%s)", f.Path, count(int(f.Bytes), "byte")))
		}
		if g.More > 0 {
			p.para(strong, "", "and "+grouped(g.More)+" more (the tab Tree has all, beneath files)")
		}
		p.para(plain, "  not read: ", g.Why)
		l.addRow("file\x00"+g.Why+g.Files[0].Path, w, p.lines...)
		l.add(w, nil)
	}
	if more := m.facts.unreadMore; more > 0 {
		l.addRow("files", w, say(strong, "and "+grouped(more)+" more files that were not read"))
	}
}

// addNextTest tells the cheapest test that would separate the causes that stand
// first.
func (m Model) addNextTest(l *list, w int) {
	n, ok := m.facts.report.NextTest()
	if !ok {
		return
	}
	p := newProse(w)
	p.para(strong, "", "Cheapest next test: "+report.NextTestHead(n))
	p.para(plain, "  ", n.Do)
	l.addRow("test\x00"+n.Of, w, p.lines...)
	l.add(w, nil)
}
