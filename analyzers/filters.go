package analyzers

import (
	"fmt"

	"mailflow/diag"
	"mailflow/evidence"
)

// filterOutages judges mail filters of a server itself that gave no answer.
func filterOutages() *diag.Analyzer {
	return &diag.Analyzer{Name: "filter-outage",
		Doc:    "Judges whether a server put mail off at its own door because a mail filter (milter) of its own gave no answer.",
		Needs:  []diag.AnyKey{evidence.Traffic},
		Causes: []*diag.Cause{smtpDeferred, greylisted},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for i, h := range evidence.Traffic.In(e) {
				if h.Filter != nil && h.Filter.PutOff > 0 {
					found = append(found, unfiltered(h, *h.Filter, ref(evidence.Traffic.Kind().Name, i))...)
				}
			}
			return found
		}}
}

// unfiltered: without its filter Postfix takes no mail, by default (postconf(5):
// milter_default_action). Where mail passes unfiltered, nothing waits.
func unfiltered(h evidence.HopTraffic, o evidence.FilterOutage, from string) []diag.Finding {
	f := diag.Finding{Code: smtpDeferred.Code, Verdict: diag.Confirmed, Subject: clip(h.Server, 80), From: []string{from}, Args: []diag.Arg{
		diag.Text("reply", fmt.Sprintf("%s (%s, %s)", clip(o.Reply, 200), times(o.PutOff), stretch(o.First, o.Last, h.Local)))}}
	switch {
	case o.Failed == 0:
		f = lessSure(f, fmt.Sprintf("Postfix says so where a mail filter (milter) of its own gives no answer, and what comes has to be sent again; the log does not show which filter that is (%s)", o.Where), "")
	default:
		f.Args = append(f.Args, diag.Text("because", fmt.Sprintf("its own mail filter (milter) %s does not answer: %s, %s; what comes has to be sent again (%s)", clip(o.Service, 80), clip(o.Reason, 100), times(o.Failed), o.Where)))
		if o.PutOff < often {
			f.Verdict = diag.Suspected
		}
	}
	return []diag.Finding{f, {Code: greylisted.Code, Subject: f.Subject, From: f.From}}
}
