package diag

import (
	"cmp"
	"slices"
	"strings"
)

// A Gap is something that was not checked, why, and how to get it.
type Gap struct {
	What string   `json:"what"`
	Why  string   `json:"why"`
	How  string   `json:"how,omitempty"`
	Bug  bool     `json:"bug,omitempty"` // our fault
	Of   []string `json:"codes,omitempty"`
}

// NotChecked lists what the run leaves open.
func (r *Report) NotChecked() []Gap {
	var gaps []Gap
	for _, ev := range r.judged {
		gaps = append(gaps, r.gapsOf(ev.Judged)...)
	}
	for _, ev := range r.items {
		for _, f := range ev.Gathered.Failed {
			if f.Bug {
				gaps = append(gaps, Gap{What: ev.Gathered.Kind, Why: f.By + ": " + f.Why, Bug: true})
			}
		}
	}
	if r.opened != nil {
		for _, g := range r.opened.Opened.Plan.Gaps {
			gaps = append(gaps, Gap{What: g, Why: "no analyzer judges this yet"})
		}
	}
	slices.SortFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Why, b.Why), cmp.Compare(a.How, b.How))
	})
	return gaps
}

func (r *Report) gapsOf(j *Judged) []Gap {
	var gaps []Gap
	if j.Bug != "" {
		gaps = append(gaps, Gap{What: j.Analyzer, Why: j.Bug, Bug: true})
	}
	for _, kind := range j.Lacks {
		why, how := r.lack(kind, map[string]bool{})
		gaps = append(gaps, Gap{What: j.Analyzer, Why: why, How: how, Of: r.codesOf(j.Analyzer)})
	}
	for _, f := range j.Findings {
		if f.Verdict == Unknown {
			c := r.hypothesis(f.Code, []Finding{f}).Cause
			gap := Gap{What: f.Code + " at " + f.Subject, Why: Sentence(c, f), Of: []string{f.Code}}
			for _, a := range f.Args {
				if a.Name == "how" {
					gap.How = a.String()
				}
			}
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

func (r *Report) codesOf(analyzer string) []string {
	var codes []string
	for _, a := range r.cat.Analyzers("") {
		if a.Name == analyzer {
			for _, c := range a.Causes {
				codes = append(codes, c.Code)
			}
		}
	}
	return codes
}

// lack says why a kind could not be had, following "needs ..." down to what
// the operator can do something about.
func (r *Report) lack(kind string, seen map[string]bool) (why, how string) {
	seen[kind] = true
	doc := kind
	for _, k := range r.cat.kinds(r.cat.Analyzers("")) {
		if k.Name == kind {
			doc = k.Doc
		}
	}
	ev, ok := r.items[kind]
	if !ok || len(ev.Gathered.Failed) == 0 {
		return "no " + kind, doc
	}
	handed := r.handed(kind)
	var reasons []string
	missing := "" // why a way to what the operator hands over had nothing to begin with
	for _, f := range ev.Gathered.Failed {
		if below, ok := strings.CutPrefix(f.Why, "needs "); ok {
			first, _, _ := strings.Cut(below, ", ")
			if _, kind := r.items[first]; kind && !seen[first] {
				why, how = r.lack(first, seen)
				if !handed {
					return why, how
				}
				missing = cmp.Or(missing, why)
				continue
			}
		}
		if f.By == "operator" {
			reasons = append(reasons, f.Why)
		} else {
			reasons = append(reasons, f.By+": "+f.Why)
		}
	}
	if ev.Gathered.By != "operator" && !handed {
		doc = "" // no answer of the operator's would bring it: the reason says what would
	}
	return cmp.Or(strings.Join(reasons, "; "), missing), doc
}

// handed says whether a kind is read from what the operator hands over: its Doc
// then says what that is and how to get it.
func (r *Report) handed(kind string) bool {
	return slices.ContainsFunc(r.cat.Collectors, func(c *Collector) bool {
		return c.Provides.Kind().Name == kind && c.Offline && len(c.Needs) > 0
	})
}
