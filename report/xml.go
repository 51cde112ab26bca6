package report

import (
	"cmp"
	"errors"
	"io"
	"strconv"
	"time"

	"mailflow/diag"
	"mailflow/smtpprobe"
)

// XML prints the report as the attachment of a support case. All that a run
// recorded is in its last section, record, and only that is read back; the
// sections before it say what it amounts to.
func XML(w io.Writer, r *diag.Report) error {
	x, d := newXMLWriter(w), newDocument(r)
	x.w.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	x.open("report", attr{"xmlns", namespace}, attr{"version", xmlVersion})
	x.head(d)
	x.inputs(d.Inputs)
	x.plan(d.plan)
	x.open("hypotheses")
	for i, h := range d.Hypotheses {
		x.hypothesis(i+1, h)
	}
	x.shut("hypotheses")
	x.leftOpen(d)
	x.evidence(d.Evidence)
	x.organization(d.Organization)
	x.path(d.Path)
	x.traced(d.tracedView)
	x.open("transcripts")
	for _, s := range sessions(r) {
		x.session(s)
	}
	x.shut("transcripts")
	if err := x.record(r); err != nil {
		return err
	}
	x.shut("report")
	return errors.Join(x.err, x.w.Flush())
}

func (x *xmlWriter) head(d document) {
	x.open("case", with(nil, attr{"began", utc(d.Began)}, attr{"took_seconds", maybe(d.Took)}, attr{"interrupted", yes(d.Interrupted)},
		attr{"offline", yes(d.Offline)}, attr{"worst_severity", d.Worst})...)
	x.text("label", d.Label)
	x.text("id", d.Case)
	if d.Symptom != "" {
		x.text("symptom", d.SymptomTitle, attr{"name", d.Symptom})
	}
	x.text("tool", d.Tool)
	x.shut("case")
}

func (x *xmlWriter) inputs(inputs []inputView) {
	x.open("inputs")
	for _, in := range inputs {
		if in.Secret {
			x.empty("input", attr{"name", in.Name}, attr{"secret", "true"})
		} else {
			x.text("input", *in.Value, attr{"name", in.Name})
		}
	}
	x.shut("inputs")
}

func (x *xmlWriter) plan(p diag.Plan) {
	x.open("plan")
	x.list("analyzer", p.Analyzers)
	for _, q := range p.Questions {
		x.open("question", with([]attr{{"name", q.Name}}, attr{"secret", yes(q.Secret)})...)
		x.text("prompt", q.Prompt)
		x.optional("example", q.Example)
		x.optional("default", q.Default)
		x.shut("question")
	}
	for _, t := range p.Touches {
		x.open("touch", attr{"collector", t.Collector})
		x.text("does", t.Does)
		x.list("words", t.Words)
		x.list("lacks", t.Lacks)
		x.shut("touch")
	}
	x.list("gap", p.Gaps)
	x.shut("plan")
}

func (x *xmlWriter) hypothesis(rank int, h hypothesis) {
	explained := ""
	if h.ExplainedBy != nil {
		explained = *h.ExplainedBy
	}
	x.open("hypothesis", with([]attr{{"rank", strconv.Itoa(rank)}, {"code", h.Code}, {"verdict", h.Verdict}, {"severity", h.Severity},
		{"waited_seconds", exact(time.Duration(h.Waited))}, {"typical_wait_seconds", exact(time.Duration(h.Typical))},
		{"messages", strconv.Itoa(h.Messages)}}, attr{"explained_by", explained})...)
	x.text("title", h.Title)
	x.optional("about", h.About)
	x.optional("read", h.Read)
	x.optional("remedy", h.Remedy)
	x.list("ref", h.Refs)
	for _, f := range h.Findings {
		x.finding(h.Code, f)
	}
	x.shut("hypothesis")
}

func (x *xmlWriter) finding(code string, f finding) {
	x.open("finding", with([]attr{{"code", code}, {"verdict", f.Verdict}, {"severity", f.Severity}}, attr{"wait_seconds", maybe(f.Wait)})...)
	x.text("subject", f.Subject)
	x.text("sentence", f.Sentence)
	x.optional("message", f.Message)
	x.optional("basis", f.Basis)
	for _, a := range f.Args {
		x.arg(a)
	}
	x.list("from", f.From)
	x.shut("finding")
}

func (x *xmlWriter) arg(a diag.Arg) {
	name := attr{"name", a.Name}
	switch a.Type {
	case "number":
		x.text("number", strconv.FormatFloat(a.Number, 'g', -1, 64), name)
	case "duration":
		x.text("seconds", exact(time.Duration(a.DurationNS)), name)
	case "time":
		x.text("time", a.Time.UTC().Format(time.RFC3339Nano), name)
	case "list":
		x.open("list", name)
		x.list("item", a.List)
		x.shut("list")
	default:
		x.text("text", a.Text, name)
	}
}

// leftOpen writes what is left open: what was not checked and what was not read.
func (x *xmlWriter) leftOpen(d document) {
	if n := d.NextTest; n != nil {
		list := []attr{{"of", n.Of}, {"takes_seconds", exact(time.Duration(n.Takes))}}
		if n.Against != nil {
			list = append(list, attr{"against", *n.Against})
		}
		x.text("next_test", n.Do, list...)
	}
	x.open("not_checked")
	for _, g := range d.NotChecked {
		x.open("gap", with(nil, attr{"bug", yes(g.Bug)})...)
		x.text("what", g.What)
		x.text("why", g.Why)
		x.optional("how", g.How)
		x.list("code", g.Codes)
		x.shut("gap")
	}
	x.shut("not_checked")
	x.open("unread")
	for _, f := range d.Unread {
		x.open("file", attr{"bytes", strconv.FormatInt(f.Bytes, 10)})
		x.text("path", f.Path)
		x.text("why", f.Why)
		x.shut("file")
	}
	x.shut("unread")
}

func (x *xmlWriter) evidence(items []evidenceView) {
	x.open("evidence")
	for _, it := range items {
		x.open("item", with([]attr{{"kind", it.Kind}, {"present", cmp.Or(yes(it.Has), "false")}, {"took_seconds", exact(time.Duration(it.Took))}},
			attr{"by", it.By}, attr{"began", utc(it.Began)}, attr{"derived", yes(it.Derived)}, attr{"secret", yes(it.Secret)},
			attr{"replayed", yes(it.Replayed)})...)
		for _, f := range it.Failed {
			x.text("failed", f.Why, with(nil, attr{"by", f.By}, attr{"bug", yes(f.Bug)})...)
		}
		x.shut("item")
	}
	x.shut("evidence")
}

func (x *xmlWriter) session(s smtpprobe.Session) {
	version := ""
	if s.TLS != nil {
		version = s.TLS.Version
	}
	x.open("session", with([]attr{{"host", s.Host}, {"address", s.Addr}}, attr{"began", utc(&s.Began)}, attr{"tls_version", version})...)
	for _, st := range s.Steps {
		x.open("step", with([]attr{{"name", st.Name}, {"took_seconds", exact(st.Took())}}, attr{"began", utc(&st.Began)},
			attr{"tls", yes(st.TLS)}, attr{"grouped", yes(st.Grouped)}, attr{"code", number(int64(st.Code))},
			attr{"cut_bytes", number(st.CutBytes)}, attr{"fault", st.Fault})...)
		x.optional("sent", string(st.Sent))
		for _, l := range st.Reply {
			x.text("reply", string(l))
		}
		x.optional("error", st.Err)
		x.shut("step")
	}
	x.shut("session")
}

// number is a number above zero, or "".
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func maybe(s *seconds) string {
	if s == nil {
		return ""
	}
	return exact(time.Duration(*s))
}
