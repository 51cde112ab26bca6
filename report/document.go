package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// schema is the version of the JSON report.
const schema = "mailflow-report/1"

// A document is the report in the shape that every view prints. The JSON
// report is this value as it is; its names are a contract.
type document struct {
	Schema       string         `json:"schema"`
	Tool         string         `json:"tool"`
	Label        string         `json:"label"`
	Case         string         `json:"case"`
	Symptom      string         `json:"symptom"`
	SymptomTitle string         `json:"symptom_title"`
	Began        *time.Time     `json:"began"`
	Took         *seconds       `json:"took_seconds"`
	Interrupted  bool           `json:"interrupted"`
	Offline      bool           `json:"offline"`
	Worst        string         `json:"worst_severity"`
	Inputs       []inputView    `json:"inputs"`
	Hypotheses   []hypothesis   `json:"hypotheses"`
	NextTest     *nextTest      `json:"next_test"` // null when there is none
	Unread       []unreadFile   `json:"unread"`
	NotChecked   []gapView      `json:"not_checked"`
	Evidence     []evidenceView `json:"evidence"`
	Path         *pathView      `json:"path"`         // null when there is none
	Organization *orgView       `json:"organization"` // null when there is none
	tracedView
	plan   diag.Plan
	doubts []string // what was left out of the logs, or assumed of them
	path   *evidence.Path
	org    *evidence.Org
	beside beside // the organization, and what bears on how it is told
	traced traced
}

type inputView struct {
	Name   string  `json:"name"`
	Value  *string `json:"value"` // null for a secret
	Secret bool    `json:"secret"`
}

type hypothesis struct {
	Code        string    `json:"code"`
	Title       string    `json:"title"`
	Verdict     string    `json:"verdict"`
	Severity    string    `json:"severity"`
	ExplainedBy *string   `json:"explained_by"`
	Waited      seconds   `json:"waited_seconds"`
	Typical     seconds   `json:"typical_wait_seconds"`
	Messages    int       `json:"messages"`
	About       string    `json:"about"`
	Read        string    `json:"read"`
	Remedy      string    `json:"remedy"`
	Refs        []string  `json:"refs"`
	Findings    []finding `json:"findings"`
	of          diag.Hypothesis
}

type finding struct {
	Subject  string   `json:"subject"`
	Verdict  string   `json:"verdict"`
	Severity string   `json:"severity"`
	Wait     *seconds `json:"wait_seconds"`
	Sentence string   `json:"sentence"`
	Args     args     `json:"args"`
	Message  string   `json:"message"`
	Basis    string   `json:"basis"`
	From     []string `json:"from"`
	of       diag.Finding
}

type unreadFile struct {
	Path  string `json:"path"`
	Why   string `json:"why"`
	Bytes int64  `json:"bytes"`
}

type gapView struct {
	What  string   `json:"what"`
	Why   string   `json:"why"`
	How   string   `json:"how"`
	Codes []string `json:"codes"`
	Bug   bool     `json:"bug"`
}

type evidenceView struct {
	Kind     string        `json:"kind"`
	By       string        `json:"by"`
	Began    *time.Time    `json:"began"`
	Took     seconds       `json:"took_seconds"`
	Has      bool          `json:"present"`
	Derived  bool          `json:"derived"`
	Secret   bool          `json:"secret"`
	Replayed bool          `json:"replayed"`
	Failed   []failureView `json:"failed"`
}

type failureView struct {
	By  string `json:"by"`
	Why string `json:"why"`
	Bug bool   `json:"bug"`
}

// seconds is a duration that JSON shows in seconds.
type seconds time.Duration

func (s seconds) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).Seconds()) }

// String is how text and HTML show it.
func (s seconds) String() string { return diag.Seconds(time.Duration(s)) }

// args is an object in JSON: numbers stay numbers, a duration's name says that
// it is in seconds.
type args []diag.Arg

func (as args) MarshalJSON() ([]byte, error) {
	values := map[string]any{}
	for _, a := range as {
		switch a.Type {
		case "number":
			values[a.Name] = a.Number
		case "duration":
			values[a.Name+"_seconds"] = seconds(a.DurationNS)
		case "time":
			values[a.Name] = a.Time.UTC()
		case "list":
			values[a.Name] = append([]string{}, a.List...)
		default:
			values[a.Name] = a.Text
		}
	}
	return json.Marshal(values)
}

func newDocument(r *diag.Report) document {
	o := r.Opened()
	closed, ended := r.Closed()
	d := document{Schema: schema, Tool: kept(o.Tool), Label: kept(o.Label), Case: kept(o.Case), Symptom: kept(o.Symptom),
		SymptomTitle: kept(o.Plan.Title), Began: moment(r.Began()), Interrupted: closed.Interrupted || !ended, Offline: o.Offline,
		Worst: r.Worst().String(), Inputs: []inputView{}, Hypotheses: []hypothesis{}, NotChecked: []gapView{}, Evidence: []evidenceView{}}
	if ended {
		took := seconds(closed.TookNS)
		d.Took = &took
	}
	for _, in := range o.Inputs {
		d.Inputs = append(d.Inputs, newInput(in))
	}
	for _, h := range r.Hypotheses() {
		d.Hypotheses = append(d.Hypotheses, newHypothesis(h))
	}
	d.NextTest = newNextTest(r)
	for _, g := range r.NotChecked() {
		d.NotChecked = append(d.NotChecked, gapView{kept(g.What), kept(g.Why), kept(g.How), keptAll(g.Of), g.Bug})
	}
	for _, it := range r.Items() {
		d.Evidence = append(d.Evidence, newEvidence(it))
	}
	d.Unread, d.plan, d.doubts = unread(r), keptPlan(o.Plan), doubts(r)
	if p, ok := diag.Value(r, evidence.MailPath); ok {
		d.path, d.Path = &p, newPathView(p)
	}
	d.traced = tracedOf(r)
	d.tracedView = d.traced.view()
	if d.beside = besideOf(r); d.beside.org != nil {
		d.org, d.Organization = d.beside.org, newOrgView(*d.beside.org)
	}
	return d
}

// shown says whether nothing was to be judged, and the run only shows a path or
// the organization.
func (d document) shown() bool {
	return len(d.plan.Analyzers)+len(d.Hypotheses) == 0 && (d.path != nil || d.org != nil)
}

func newInput(in diag.Answer) inputView {
	view := inputView{Name: kept(in.Name), Secret: in.Secret}
	if !in.Secret {
		value := kept(in.Value)
		view.Value = &value
	}
	return view
}

func newHypothesis(h diag.Hypothesis) hypothesis {
	view := hypothesis{Code: kept(h.Code), Title: kept(h.Cause.Title), Verdict: h.Verdict.String(), Severity: h.Severity.String(),
		Waited: seconds(h.Waited), Typical: seconds(h.Typical), Messages: h.Messages,
		About: h.Cause.About, Read: h.Cause.Read, Remedy: h.Cause.Remedy, Refs: keptAll(h.Cause.Refs), Findings: []finding{}, of: h}
	if h.ExplainedBy != "" {
		by := kept(h.ExplainedBy)
		view.ExplainedBy = &by
	}
	for _, f := range h.Findings {
		view.Findings = append(view.Findings, newFinding(h.Cause, f))
	}
	return view
}

func newFinding(c *diag.Cause, f diag.Finding) finding {
	view := finding{Subject: kept(f.Subject), Verdict: f.Verdict.String(), Severity: cmp.Or(f.Severity, c.Severity).String(),
		Sentence: kept(diag.Sentence(c, f)), Message: kept(f.Message), Basis: kept(f.Basis), From: keptAll(f.From), of: f}
	for _, a := range f.Args {
		a.Name, a.Text, a.List = kept(a.Name), kept(a.Text), keptAll(a.List)
		view.Args = append(view.Args, a)
	}
	if f.Wait != nil {
		wait := seconds(f.Wait.Length())
		view.Wait = &wait
	}
	return view
}

func newEvidence(it *diag.Item) evidenceView {
	view := evidenceView{Kind: kept(it.Kind), By: kept(it.By), Began: moment(it.Began), Took: seconds(it.TookNS), Has: it.Has(),
		Derived: it.Derived, Secret: it.Secret, Replayed: it.Replayed, Failed: []failureView{}}
	for _, f := range it.Failed {
		view.Failed = append(view.Failed, failureView{kept(f.By), kept(f.Why), f.Bug})
	}
	return view
}

func unread(r *diag.Report) []unreadFile {
	list := []unreadFile{}
	files, _ := diag.Value(r, evidence.Files)
	for _, f := range files {
		if f.Unread != "" {
			list = append(list, unreadFile{kept(f.Path), kept(f.Unread), f.Bytes})
		}
	}
	return list
}

// mostDoubts is how many places are told that logs could not be read at.
const mostDoubts = 12

// doubts lists what was left out of the logs, or assumed of them.
func doubts(r *diag.Report) []string {
	var all []string
	traffic, _ := diag.Value(r, evidence.Traffic)
	for _, h := range traffic {
		for _, p := range h.Problems {
			text := h.Server + ": " + p.Text
			if p.Line > 0 {
				text = fmt.Sprintf("%s: line %d: %s", h.Server, p.Line, p.Text)
			}
			all = append(all, kept(text))
		}
	}
	if more := len(all) - mostDoubts; more > 0 {
		all = append(all[:mostDoubts], fmt.Sprintf("and %s more (all in the record of the XML)", grouped(more)))
	}
	return all
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// kept is a text as the case file keeps it: JSON replaces each byte that is
// not UTF-8. A report of a run and one of its case file then say the same.
func kept(s string) string { return string([]rune(s)) }

func keptAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = kept(s)
	}
	return out
}

func keptPlan(p diag.Plan) diag.Plan {
	p.Analyzers, p.Gaps = keptAll(p.Analyzers), keptAll(p.Gaps)
	p.Questions, p.Touches = slices.Clone(p.Questions), slices.Clone(p.Touches)
	for i, q := range p.Questions {
		p.Questions[i] = diag.Question{Name: kept(q.Name), Prompt: kept(q.Prompt), Example: kept(q.Example), Default: kept(q.Default), Secret: q.Secret}
	}
	for i, t := range p.Touches {
		p.Touches[i] = diag.Touch{Collector: kept(t.Collector), Does: kept(t.Does), Words: keptAll(t.Words), Lacks: keptAll(t.Lacks)}
	}
	return p
}
