package collectors

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/bpa"
)

// maxTitles is how many issues that are for another case are named.
const maxTitles = 20

// analyses reads what Microsoft's own tools found earlier.
func analyses() *diag.Collector {
	col := diag.NewCollector("earlier analyses", "reads the data files of the Exchange Best Practices Analyzer that you named", evidence.BPAReports,
		[]diag.AnyKey{evidence.Paths, evidence.Files}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.BPAReport, error) {
			a := &archivist{}
			shelf := newExports(ctx, w)
			defer shelf.close()
			for _, f := range evidence.Files.In(e) {
				if f.Format == formatBPA {
					shelf.read(f, a.report)
				}
			}
			return a.reports, shelf.verdict(len(a.reports), "elements", "is of an analysis", "a data file of the Best Practices Analyzer (*.data.xml)")
		})
	col.Offline = true
	return col
}

// An archivist takes out of earlier analyses what is about mail flow.
type archivist struct {
	reports []evidence.BPAReport
	bytes   int
}

func (a *archivist) report(x *evidence.Export, r io.Reader) {
	doc, err := bpa.Read(r, func(p bpa.Problem) { note(x, p.Line, p.What) })
	if err != nil {
		note(x, 0, err.Error())
	}
	x.Objects = doc.Objects
	if len(doc.Runs) == 0 && len(doc.Issues) == 0 && doc.Objects == 0 {
		return // nothing of an analysis, as the error says
	}
	rep := evidence.BPAReport{Path: x.Path, Tool: joined(doc.ConfigName, doc.ConfigVersion), Label: clean(doc.Label), Others: doc.More}
	if run, ok := collected(doc.Runs); ok {
		rep.Began, rep.Done = clean(run.Start), clean(run.Completed)
		rep.Tool = cmp.Or(rep.Tool, joined(run.ConfigName, run.AppVersion))
	}
	for _, i := range doc.Issues {
		a.issue(&rep, x, i)
	}
	rep.Damage = x.Problems
	a.reports = append(a.reports, rep)
}

// collected is the run whose data the issues are of: a file may be analysed
// again, much later.
func collected(runs []bpa.Run) (bpa.Run, bool) {
	for _, r := range slices.Backward(runs) {
		if strings.Contains(strings.ToLower(r.Operations), "collect") {
			return r, true
		}
	}
	if len(runs) == 0 {
		return bpa.Run{}, false
	}
	return runs[len(runs)-1], true
}

func (a *archivist) issue(rep *evidence.BPAReport, x *evidence.Export, i bpa.Issue) {
	switch strings.ToLower(strings.TrimSpace(i.Error)) {
	case "", "none", "info":
		return // it says how things are, and that nothing is wrong with it
	}
	switch {
	case !bpa.Mail(i):
		rep.Others++
		if title := clean(cmp.Or(i.Title, i.Name)); title != "" && len(rep.Titles) < maxTitles && !slices.Contains(rep.Titles, title) {
			a.bytes += cost(title)
			rep.Titles = append(rep.Titles, title)
		}
	case a.bytes > maxKept:
		rep.Others++
		note(x, i.Line, "too many issues for one case: left out")
	default:
		kept := evidence.BPAIssue{Class: clean(i.Error), Name: clean(i.Name), Title: clean(i.Title), Text: clean(i.Text), About: about(i), Line: i.Line}
		a.bytes += 100 + cost(kept.Class) + cost(kept.Name) + cost(kept.Title) + cost(kept.Text) + cost(kept.About)
		rep.Issues = append(rep.Issues, kept)
	}
}

// about is the object that an issue hangs on, under the heading that it has.
func about(i bpa.Issue) string {
	object := clean(i.Object)
	if group := clean(i.Group); group != "" && !strings.Contains(object, group) {
		return strings.TrimSuffix(group+": "+object, ": ")
	}
	return object
}

func joined(name, version string) string {
	return strings.TrimSpace(clean(name) + " " + clean(version))
}

// clean is a text as it can be kept.
func clean(s string) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
	if len(s) > maxBytesOfValue {
		s = strings.ToValidUTF8(s[:maxBytesOfValue], "") + "..."
	}
	return s
}
