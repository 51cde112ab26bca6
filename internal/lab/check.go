package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
)

// Check compares a report with what the story wants, both ways: every wanted
// finding is there, and every suspected or confirmed one is wanted. It returns
// the differences in words; none when the report is as it should be.
func (s *Story) Check(r *diag.Report) []string {
	var problems []string
	found := r.Hypotheses()
	type about struct{ code, subject string }
	told := map[about]bool{} // complained of already
	for _, w := range s.Want {
		if p := w.check(found); p != "" {
			told[about{w.Code, w.Subject}] = true
			problems = append(problems, fmt.Sprintf("line %d: want %v: %s", w.Line, w, p))
		}
	}
	for _, h := range found {
		for _, f := range h.Findings {
			if f.Verdict < diag.Suspected || s.wants(f) || told[about{f.Code, f.Subject}] {
				continue
			}
			told[about{f.Code, f.Subject}] = true
			problems = append(problems, fmt.Sprintf("not wanted: %s %v %q", f.Code, f.Verdict, f.Subject))
		}
	}
	return problems
}

func (s *Story) wants(f diag.Finding) bool {
	return slices.ContainsFunc(s.Want, func(w Want) bool {
		return w.Code == f.Code && w.Subject == f.Subject && w.Verdict == f.Verdict
	})
}

// check says what is wrong with the findings that w is about. Where several
// messages have the same finding, one that is as wanted will do.
func (w Want) check(found []diag.Hypothesis) string {
	i := slices.IndexFunc(found, func(h diag.Hypothesis) bool { return h.Code == w.Code })
	if i < 0 {
		return "not found"
	}
	h := found[i]
	var verdicts, waits []string
	right := 0
	for _, f := range h.Findings {
		if f.Subject != w.Subject {
			continue
		}
		if f.Verdict != w.Verdict {
			verdicts = append(verdicts, f.Verdict.String())
			continue
		}
		right++
		if p := w.checkWait(f.Wait); p != "" {
			waits = append(waits, p)
		}
	}
	switch {
	case right == 0 && len(verdicts) == 0:
		return "found only for " + subjects(h)
	case right == 0:
		return "found " + strings.Join(slices.Compact(verdicts), ", ")
	case len(waits) == right:
		return strings.Join(waits, ", ")
	case w.Verdict >= diag.Suspected && h.ExplainedBy != w.ExplainedBy:
		return explained(h.ExplainedBy)
	}
	return ""
}

func (w Want) checkWait(span *diag.Span) string {
	switch {
	case w.Wait == nil:
		return ""
	case span == nil:
		return "found without a wait"
	case span.Length() < w.Wait[0] || span.Length() > w.Wait[1]:
		return "found wait=" + span.Length().String()
	}
	return ""
}

func explained(by string) string {
	if by == "" {
		return "found, but nothing explains it away"
	}
	return "found, but explained by " + by
}

func subjects(h diag.Hypothesis) string {
	var all []string
	for _, f := range h.Findings {
		all = append(all, fmt.Sprintf("%q", f.Subject))
	}
	return strings.Join(slices.Compact(all), ", ")
}

// String is the line that asks for the finding.
func (w Want) String() string {
	text := fmt.Sprintf("%s %v %q", w.Code, w.Verdict, w.Subject)
	if w.Wait != nil && w.Wait[0] == w.Wait[1] {
		text += " wait=" + short(w.Wait[0])
	} else if w.Wait != nil {
		text += " wait=" + short(w.Wait[0]) + ".." + short(w.Wait[1])
	}
	if w.ExplainedBy != "" {
		text += " explained-by=" + w.ExplainedBy
	}
	return text
}

// short prints 4m0s as 4m.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
