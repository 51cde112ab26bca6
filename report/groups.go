package report

import (
	"slices"

	"mailflow/diag"
)

// Groups are the hypotheses as people read them, each group in the order of
// the report.
type groups struct {
	Causes    []hypothesis // suspected or confirmed, and mail waits for them
	Others    []hypothesis // suspected or confirmed, of a severity at which mail does not wait
	Explained []hypothesis // explained away by one of those
	Excluded  []hypothesis
}

func group(d document) groups {
	var g groups
	for _, h := range d.Hypotheses {
		switch {
		case h.of.ExplainedBy != "":
			g.Explained = append(g.Explained, h)
		case h.of.Verdict == diag.Excluded:
			g.Excluded = append(g.Excluded, h)
		case h.of.Verdict < diag.Suspected: // told as a gap
		case h.of.Severity >= diag.Delayed:
			g.Causes = append(g.Causes, h)
		default:
			g.Others = append(g.Others, h)
		}
	}
	return g
}

// For lists the findings that speak for the hypothesis.
func (h hypothesis) For() []finding { return h.with(diag.Suspected, diag.Confirmed) }

// Against lists the findings that speak against it.
func (h hypothesis) Against() []finding { return h.with(diag.Excluded) }

// Open lists the findings that could not tell.
func (h hypothesis) Open() []finding { return h.with(diag.Unknown) }

func (h hypothesis) with(verdicts ...diag.Verdict) []finding {
	var list []finding
	for _, f := range h.Findings {
		if slices.Contains(verdicts, f.of.Verdict) {
			list = append(list, f)
		}
	}
	return list
}

// meaning says in words how bad a severity is.
func meaning(severity string) string {
	switch severity {
	case "stopped":
		return "mail does not move"
	case "delayed":
		return "mail waits"
	case "degraded":
		return "works, at a risk or a cost"
	}
	return "worth knowing"
}

// Meaning says in words how bad the hypothesis is.
func (h hypothesis) Meaning() string { return meaning(h.Severity) }

// verdict is the whole report in one sentence.
func verdict(d document, g groups) string {
	sentence := "Nothing found by these checks explains a delay."
	switch {
	case d.shown() && d.path != nil:
		return pathTitle(*d.path) + ": " + PathSummary(*d.path)
	case d.shown():
		return "The Exchange organization " + d.org.Name + ". Nothing was judged."
	case len(g.Causes) > 0:
		h := g.Causes[0]
		sentence = h.Title + " (" + h.Code + "): " + h.Verdict + ", " + h.Severity + ": " + h.Meaning() + "."
	case len(g.Others) > 0:
		sentence = "Nothing found that makes mail wait; what was found beside that is listed."
	}
	if n := len(d.NotChecked); n > 0 {
		sentence += " " + some(n, "thing") + " could not be told."
	}
	return sentence
}
