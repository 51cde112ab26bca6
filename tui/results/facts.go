package results

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
	"mailflow/smtpprobe"
)

// Facts is what the tabs show, read from the report once.
type facts struct {
	report     *diag.Report
	hypotheses []diag.Hypothesis
	gaps       []diag.Gap
	route      []evidence.Lookup
	sessions   []smtpprobe.Session // the first with each address, then the repeats
	firsts     int                 // how many of them are no repeats
	unread     []report.UnreadGroup
	unreadMore int
	verdicts   int             // the width of the longest verdict
	kinds      map[string]bool // which evidence is there
	branches   []report.Branch // of the organization, once it was shown
	times      report.Times    // how moments of logs and queues are told
	ways       *ways           // of messages, once they were shown
	rhythms    once[[]evidence.HopRhythm]
	last       []time.Time // when the last message left each hop of the rhythms
	listings   once[[]evidence.QueueListing]
	forecasts  once[[]evidence.Forecast]
}

// A once is evidence that is read when it is first shown: it may be large.
type once[T any] struct {
	value       T
	there, read bool
}

func (o *once[T]) of(r *diag.Report, k diag.Key[T]) (T, bool) {
	if !o.read {
		o.value, o.there = diag.Value(r, k)
		o.read = true
	}
	return o.value, o.there
}

// has says whether a kind of evidence is there.
func (f *facts) has(kind string) bool { return f.kinds[kind] }

func newFacts(r *diag.Report) *facts {
	if r == nil {
		r = diag.NewReport(&diag.Catalog{})
	}
	f := &facts{report: r, hypotheses: r.Hypotheses(), gaps: r.NotChecked(), times: report.TimesOf(r)}
	f.route, _ = diag.Value(r, evidence.Route)
	first, _ := diag.Value(r, evidence.Sessions)
	again, _ := diag.Value(r, evidence.Repeats)
	f.sessions, f.firsts = slices.Concat(first, again), len(first)
	f.unread, f.unreadMore = report.UnreadGroups(r)
	f.kinds = map[string]bool{}
	for _, it := range r.Items() {
		f.kinds[it.Kind] = it.Has()
	}
	for _, h := range f.hypotheses {
		for _, x := range h.Findings {
			f.verdicts = max(f.verdicts, len(x.Verdict.String()))
		}
	}
	return f
}

// judged is a verdict and a severity as two columns of words.
func (f *facts) judged(v diag.Verdict, s diag.Severity) string {
	return fmt.Sprintf("%-*s %-8s ", f.verdicts, v, s)
}

// who names a session: the host, and its address where that says more.
func who(s smtpprobe.Session) string {
	if s.Host == "" || strings.HasPrefix(s.Addr, s.Host+":") {
		return s.Addr
	}
	return s.Host + " [" + s.Addr + "]"
}

// talk names a session of the report, and says which is a repeat.
func (f *facts) talk(i int) string {
	if i >= f.firsts {
		return who(f.sessions[i]) + ", again"
	}
	return who(f.sessions[i])
}

// with lists the findings of a hypothesis that have one of the verdicts.
func with(h diag.Hypothesis, verdicts ...diag.Verdict) []diag.Finding {
	var list []diag.Finding
	for _, f := range h.Findings {
		if slices.Contains(verdicts, f.Verdict) {
			list = append(list, f)
		}
	}
	return list
}

// gapsOf lists what was not checked of one cause.
func (f *facts) gapsOf(code string) []diag.Gap {
	var list []diag.Gap
	for _, g := range f.gaps {
		if slices.Contains(g.Of, code) {
			list = append(list, g)
		}
	}
	return list
}

// told is a finding as a sentence that names its subject.
func told(h diag.Hypothesis, f diag.Finding) string {
	s := diag.Sentence(h.Cause, f)
	if f.Subject != "" && !strings.Contains(s, f.Subject) {
		s = f.Subject + ": " + s
	}
	return s
}

// meaning says in words how bad a severity is.
func meaning(s diag.Severity) string {
	switch s {
	case diag.Stopped:
		return "mail does not move"
	case diag.Delayed:
		return "mail waits"
	case diag.Degraded:
		return "works, at a risk or a cost"
	}
	return "worth knowing"
}

// lookOf draws the eye to what is confirmed and keeps mail back.
func lookOf(v diag.Verdict, s diag.Severity, explained bool) look {
	switch {
	case v < diag.Suspected || explained:
		return faint
	case v == diag.Confirmed && s >= diag.Delayed:
		return alarm
	}
	return strong
}

// clock is a point in time within a day.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("15:04:05.000")
}

// stamp is a point in time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000 UTC")
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), sep)
}
