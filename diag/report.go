package diag

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Report is what the events of a run amount to so far. It is the one place
// where conclusions are drawn; the order in which events are added does not
// matter.
type Report struct {
	cat    *Catalog
	opened *Event
	closed *Event
	items  map[string]Event
	judged map[string]Event
	notes  []Event
	starts []Event
	read   decoded
}

// decoded keeps evidence once it was decoded. Views read it, and may do so at once.
type decoded struct {
	mu     sync.Mutex
	values map[string]any
}

// value decodes a kind, the first time that it is asked for.
func (d *decoded) value(k *Kind, raw []byte) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v, known := d.values[k.Name]; known {
		return v, nil
	}
	v, err := k.decode(raw)
	if err == nil {
		if d.values == nil {
			d.values = map[string]any{}
		}
		d.values[k.Name] = v
	}
	return v, err
}

func (d *decoded) forget(kind string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.values, kind)
}

// NewReport makes an empty report; the catalog has the causes' texts, their
// severities and what stands behind what.
func NewReport(cat *Catalog) *Report {
	return &Report{cat: cat, items: map[string]Event{}, judged: map[string]Event{}}
}

// Add takes one event in.
func (r *Report) Add(ev Event) {
	switch {
	case ev.Opened != nil:
		r.opened = &ev
	case ev.Closed != nil:
		r.closed = &ev
	case ev.Gathered != nil:
		r.items[ev.Gathered.Kind] = ev
		r.read.forget(ev.Gathered.Kind)
	case ev.Judged != nil:
		r.judged[ev.Judged.Analyzer] = ev
	case ev.Noted != nil:
		r.notes = append(r.notes, ev)
	case ev.Started != nil:
		r.starts = append(r.starts, ev)
	}
}

// Catalog is the catalog that the report speaks of.
func (r *Report) Catalog() *Catalog { return r.cat }

// Opened is the head of the case; empty before it came.
func (r *Report) Opened() Opened {
	if r.opened == nil {
		return Opened{}
	}
	return *r.opened.Opened
}

// Began is when the run began; zero before it did.
func (r *Report) Began() time.Time {
	if r.opened == nil {
		return time.Time{}
	}
	return r.opened.At
}

// Closed is how the run ended, and whether it has.
func (r *Report) Closed() (Closed, bool) {
	if r.closed == nil {
		return Closed{}, false
	}
	return *r.closed.Closed, true
}

// Events lists every event in an order that does not depend on the order in
// which they were added: the case file.
func (r *Report) Events() []Event {
	var all []Event
	if r.opened != nil {
		all = append(all, *r.opened)
	}
	var rest []Event
	for _, m := range []map[string]Event{r.items, r.judged} {
		for _, ev := range m {
			rest = append(rest, ev)
		}
	}
	rest = append(append(rest, r.notes...), r.starts...)
	slices.SortStableFunc(rest, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.key(), b.key()))
	})
	all = append(all, rest...)
	if r.closed != nil {
		all = append(all, *r.closed)
	}
	return all
}

func (ev Event) key() string {
	switch {
	case ev.Started != nil:
		return "1" + ev.Started.Node
	case ev.Noted != nil:
		return "2" + ev.Noted.Node + "\x00" + ev.Noted.Text
	case ev.Gathered != nil:
		return "3" + ev.Gathered.Kind
	case ev.Judged != nil:
		return "4" + ev.Judged.Analyzer
	}
	return ""
}

// Items lists the evidence by kind.
func (r *Report) Items() []*Item {
	var all []*Item
	for _, ev := range r.items {
		all = append(all, ev.Gathered)
	}
	slices.SortFunc(all, func(a, b *Item) int { return cmp.Compare(a.Kind, b.Kind) })
	return all
}

// Value gives one kind of evidence from the report, if it is there. All who ask
// share it: it is not to be changed.
func Value[T any](r *Report, k Key[T]) (T, bool) {
	var none T
	ev, ok := r.items[k.kind.Name]
	if !ok || len(ev.Gathered.Value) == 0 {
		if ok && !ev.Gathered.Secret { // of this very run
			v, has := ev.Gathered.value.(T)
			return v, has
		}
		return none, false
	}
	v, err := r.read.value(k.kind, ev.Gathered.Value)
	if err != nil {
		return none, false
	}
	return v.(T), true
}

// Recorded is the evidence to replay with these answers, by kind: without what
// was derived, and without what depends on an answer that is now another.
func (r *Report) Recorded(answers map[string]string) map[string]*Item {
	changed := r.changed(answers)
	record := map[string]*Item{}
	for kind, ev := range r.items {
		if !ev.Gathered.Derived && ev.Gathered.By != "operator" && !r.cat.dependsOn(kind, changed) {
			record[kind] = ev.Gathered
		}
	}
	return record
}

// changed names the inputs whose answers differ from those of the run. A
// secret was not kept, so it counts as changed when it is given again.
func (r *Report) changed(answers map[string]string) map[string]bool {
	before := map[string]string{}
	for _, a := range r.Opened().Inputs {
		before[a.Name] = a.Value
	}
	changed := map[string]bool{}
	for _, in := range r.cat.Inputs {
		name := in.Provides.Kind().Name
		if answers[name] != before[name] {
			changed[name] = true
		}
	}
	return changed
}

// A Hypothesis is a cause with all that was found about it.
type Hypothesis struct {
	Cause       *Cause
	Code        string
	Verdict     Verdict  // the strongest of its findings
	Severity    Severity // the worst of the findings with that verdict
	ExplainedBy string   // the code that explains it away, or ""
	Findings    []Finding
	Waited      time.Duration // the longest that one message stood still for it, overlaps counted once
	Typical     time.Duration // median over the messages, or sessions, that it delayed
	Messages    int           // distinct messages it delayed
}

// Hypotheses ranks the causes: what is not explained away first, then what is
// at least suspected to hold mail up (a missing name in DNS, however sure, is
// no answer to "why is it late?"), then by verdict, time waited, severity and
// code.
func (r *Report) Hypotheses() []Hypothesis {
	byCode := map[string][]Finding{}
	for _, ev := range r.judged {
		for _, f := range ev.Judged.Findings {
			byCode[f.Code] = append(byCode[f.Code], f)
		}
	}
	var all []Hypothesis
	for code, findings := range byCode {
		h := r.hypothesis(code, findings)
		h.ExplainedBy = explainer(h, byCode)
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b Hypothesis) int {
		return cmp.Or(
			cmp.Compare(truth(a.ExplainedBy != ""), truth(b.ExplainedBy != "")),
			-cmp.Compare(truth(a.holdsUp()), truth(b.holdsUp())),
			-cmp.Compare(a.Verdict, b.Verdict),
			-cmp.Compare(a.Waited, b.Waited),
			-cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code))
	})
	return all
}

func (h Hypothesis) holdsUp() bool { return h.Verdict >= Suspected && h.Severity >= Delayed }

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *Report) hypothesis(code string, findings []Finding) Hypothesis {
	h := Hypothesis{Cause: r.cat.Cause(code), Code: code, Findings: findings}
	if h.Cause == nil { // a case file of another version
		h.Cause = &Cause{Code: code, Title: code, Text: "{subject}", Ruled: "{subject}", Severity: Note}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		if order := cmp.Or(-cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Message, b.Message)); order != 0 {
			return order // hundreds of hops: sentences are put together for equals only
		}
		return cmp.Or(cmp.Compare(Sentence(h.Cause, a), Sentence(h.Cause, b)), slices.Compare(a.From, b.From))
	})
	h.Verdict = findings[0].Verdict
	for _, f := range findings {
		if f.Verdict == h.Verdict {
			h.Severity = max(h.Severity, cmp.Or(f.Severity, h.Cause.Severity))
		}
	}
	h.Waited, h.Typical, h.Messages = waits(findings)
	return h
}

// waits sums up how long mail stood still: per message, or per subject where
// the finding is about no single message.
func waits(findings []Finding) (longest, typical time.Duration, messages int) {
	spans := map[string][]Span{}
	seen := map[string]bool{}
	for _, f := range findings {
		if f.Verdict < Suspected {
			continue
		}
		if f.Message != "" {
			seen[f.Message] = true
		}
		if f.Wait != nil {
			key := cmp.Or(f.Message, "\x00"+f.Subject)
			spans[key] = append(spans[key], *f.Wait)
		}
	}
	var each []time.Duration
	for _, s := range spans {
		each = append(each, Union(s))
	}
	if len(each) == 0 {
		return 0, 0, len(seen)
	}
	slices.Sort(each)
	mid := len(each) / 2
	typical = each[mid]
	if len(each)%2 == 0 {
		typical = (each[mid-1] + each[mid]) / 2
	}
	return each[len(each)-1], typical, len(seen)
}

// Union is the length of the time that the spans cover, overlaps counted once.
func Union(spans []Span) time.Duration {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var sum time.Duration
	var end time.Time
	for _, s := range spans {
		from := s.From
		if from.Before(end) {
			from = end
		}
		if s.To.After(from) {
			sum += s.To.Sub(from)
			end = s.To
		}
	}
	return sum
}

// explainer finds the confirmed cause behind which every finding of h stands,
// or "".
func explainer(h Hypothesis, byCode map[string][]Finding) string {
	by := ""
	for _, f := range h.Findings {
		if f.Verdict < Suspected {
			continue
		}
		code := behind(h.Cause, f, byCode)
		if code == "" {
			return ""
		}
		by = cmp.Or(by, code)
	}
	return by
}

func behind(c *Cause, f Finding, byCode map[string][]Finding) string {
	for _, b := range c.Behind {
		for _, g := range byCode[b.Code] {
			if g.Verdict == Confirmed && covers(g.Subject, f.Subject) {
				return b.Code
			}
		}
	}
	return ""
}

// covers says whether a finding about subject is also about part: a host
// covers "host [address]".
func covers(subject, part string) bool {
	return subject == part || strings.HasPrefix(part, subject+" ")
}

// Judged says whether any analyzer came to a conclusion of any kind.
func (r *Report) Judged() bool {
	for _, ev := range r.judged {
		if len(ev.Judged.Findings) > 0 {
			return true
		}
	}
	return false
}

// Worst is the worst severity among the hypotheses that are suspected or
// confirmed and not explained away.
func (r *Report) Worst() Severity {
	worst := Unset
	for _, h := range r.Hypotheses() {
		if h.Verdict >= Suspected && h.ExplainedBy == "" {
			worst = max(worst, h.Severity)
		}
	}
	return worst
}
