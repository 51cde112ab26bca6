package results

import (
	"fmt"
	"strings"

	"mailflow/diag"
)

// findingsPage lists every finding, those of the likeliest cause first.
func (m Model) findingsPage() page {
	w := m.inner()
	var l list
	for _, h := range m.facts.hypotheses {
		for i, f := range h.Findings {
			l.addRow(findingID(h, i), w, m.facts.findingLine(h, f))
		}
	}
	if len(l.rows) == 0 {
		l = emptyTab(w, "There are no findings: nothing was judged yet; tab 6, Not checked, says which evidence would help.")
	}
	return page{list: l}
}

func (of *facts) findingLine(h diag.Hypothesis, f diag.Finding) line {
	s := severity(h, f)
	k := lookOf(f.Verdict, s, h.ExplainedBy != "")
	return say(k, of.judged(f.Verdict, s)).and(plain, f.Code+" ").and(faint, clip(told(h, f)))
}

// severity is that of the finding, or else of its cause.
func severity(h diag.Hypothesis, f diag.Finding) diag.Severity {
	if f.Severity != diag.Unset {
		return f.Severity
	}
	return h.Cause.Severity
}

// findingID finds a finding again in a later report. Where a cause has several
// about the same subject and message, their order counts.
func findingID(h diag.Hypothesis, i int) string {
	same := 0
	for j := i - 1; j >= 0 && h.Findings[j].Subject == h.Findings[i].Subject && h.Findings[j].Message == h.Findings[i].Message; j-- {
		same++
	}
	f := h.Findings[i]
	return fmt.Sprintf("%s\x00%s\x00%s\x00%d", f.Code, f.Subject, f.Message, same)
}

// finding finds it.
func (f *facts) finding(id string) (diag.Hypothesis, diag.Finding, bool) {
	code, _, _ := strings.Cut(id, "\x00")
	for _, h := range f.hypotheses {
		if h.Code != code {
			continue
		}
		for i := range h.Findings {
			if findingID(h, i) == id {
				return h, h.Findings[i], true
			}
		}
	}
	return diag.Hypothesis{}, diag.Finding{}, false
}
