package analyzers

import (
	"fmt"

	"mailflow/diag"
	"mailflow/evidence"
)

var earlierReport = &diag.Cause{
	Code: "EARLIER-REPORT", Title: "An earlier analysis by Microsoft's tools found something about mail flow", Severity: diag.Note,
	Text:   "{tool} says of {subject}: {title}[: {text}] ({class}; {where})[; {because}][; for another case: {others}]",
	Ruled:  "the analysis in {subject} found nothing about mail flow[; for another case: {others}]",
	About:  "The Exchange Best Practices Analyzer and the Exchange Troubleshooting Assistant kept what they collected and found in a data file. Their findings are those of their rules at that time: each is quoted here with its source, and none was checked anew.",
	Read:   "The messages of the data file (*.data.xml) that speak of mail flow: connectors, queues, SMTP, routing, DNS, transport. Other messages are counted and named as for another case. Never more than a suspicion, whatever that tool called it.",
	Remedy: "Read the message in that tool's words, and check whether it still holds; the causes found here with their own evidence go before.",
	Refs:   []string{"Microsoft Best Practices Analyzer engine: configuration and data files"},
}

// earlier quotes what Microsoft's analyzers found before.
func earlier() *diag.Analyzer {
	return &diag.Analyzer{Name: "earlier-report",
		Doc:    "Quotes what the Exchange Best Practices Analyzer or the Exchange Troubleshooting Assistant found about mail flow.",
		Uses:   []diag.AnyKey{evidence.BPAReports}, // nobody is asked for such a file: the tools are gone
		Causes: []*diag.Cause{earlierReport},
		Run: func(e diag.Evidence) []diag.Finding {
			reports, _ := evidence.BPAReports.Lookup(e)
			var found []diag.Finding
			for i, r := range reports {
				found = append(found, quote(r, ref(evidence.BPAReports.Kind().Name, i))...)
			}
			return found
		}}
}

// mostQuoted bounds how many messages of one file are quoted.
const mostQuoted = 50

func quote(r evidence.BPAReport, from string) []diag.Finding {
	tool := r.Tool
	if tool == "" {
		tool = "an earlier analysis"
	}
	var found []diag.Finding
	for _, x := range r.Issues {
		if len(found) == mostQuoted || x.Class == "" || x.Class == "None" {
			continue
		}
		about := x.About
		if about == "" {
			about = "the organization"
		}
		f := diag.Finding{Code: earlierReport.Code, Verdict: diag.Suspected, Subject: clip(about, 200), From: []string{from}, Args: []diag.Arg{
			diag.Text("tool", clip(tool, 100)), diag.Text("title", clip(x.Title, 300)), diag.Text("class", x.Class),
			diag.Text("where", evidence.Where{File: r.Path, Line: x.Line}.String())}}
		if x.Text != "" && x.Text != x.Title {
			f.Args = append(f.Args, diag.Text("text", clip(x.Text, 600)))
		}
		found = append(found, unfinished(f, r))
	}
	if len(found) == 0 {
		found = append(found, quiet(diag.Finding{Code: earlierReport.Code, Verdict: diag.Excluded, Subject: r.Path, From: []string{from}}, r))
	}
	if len(found) > 0 && r.Others > 0 {
		found[0].Args = append(found[0].Args, diag.Text("others", fmt.Sprintf("%d messages, among them %s", r.Others, join(r.Titles))))
	}
	return found
}

// quiet is what a file says that has nothing to quote: that nothing was found,
// where the run came to its end and all of the file could be read.
func quiet(f diag.Finding, r evidence.BPAReport) diag.Finding {
	const how = "read the report in the tool that made it, or give a copy of the file that is whole"
	switch {
	case len(r.Damage) > 0:
		return undecided(f, fmt.Sprintf("the file could not be read in whole (line %d: %s)", r.Damage[0].Line, clip(r.Damage[0].Text, 200)), how)
	case r.Done == "":
		return undecided(f, "that run was cut off", how)
	case r.Done != "OK":
		return undecided(f, "that run ended as "+clip(r.Done, 50), how)
	}
	return f
}

// unfinished says where the earlier run did not come to its end, and when it was.
func unfinished(f diag.Finding, r evidence.BPAReport) diag.Finding {
	switch {
	case r.Done != "OK" && r.Done != "":
		f.Args = append(f.Args, diag.Text("because", "that run ended as "+r.Done))
	case r.Done == "":
		f.Args = append(f.Args, diag.Text("because", "that run was cut off"))
	case r.Began != "":
		f.Args = append(f.Args, diag.Text("because", "it ran at "+r.Began+" of that machine's time"))
	}
	return f
}
