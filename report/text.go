package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"mailflow/diag"
)

// TextOptions says how text is laid out.
type TextOptions struct {
	Color   bool // ANSI colours and bold type; the words carry the meaning without them
	Width   int  // columns; 0 is 80
	Verbose bool // also what the causes mean, why others are ruled out, the evidence and the sessions
}

// Text prints the report for a terminal or a mail: the likeliest cause first,
// then what else was found, and what could not be told.
func Text(w io.Writer, r *diag.Report, opt TextOptions) error {
	t := &textWriter{w: bufio.NewWriter(w), width: max(cmp.Or(opt.Width, 80), 40), color: opt.Color}
	d := newDocument(r)
	g := group(d)
	t.head(d)
	if !d.shown() {
		t.causes(d, g, opt.Verbose)
		t.next(d)
	}
	t.path(d)
	t.traced(d, opt.Verbose)
	t.explained(g)
	t.ruledOut(g, opt.Verbose)
	t.open(d)
	t.unread(r)
	t.doubts(d)
	if opt.Verbose || d.shown() && d.path == nil {
		t.organization(d)
	}
	if opt.Verbose {
		t.evidence(d)
		t.sessions(r)
	}
	return t.w.Flush()
}

// path draws the path of a message, if one was asked for.
func (t *textWriter) path(d document) {
	if d.path != nil {
		t.heading("PATH OF THE MESSAGE")
		t.styled("", PathLines(*d.path, t.width))
	}
}

// traced tells where single messages waited, in what rhythm hops let mail go, and
// what waits in queues.
func (t *textWriter) traced(d document, verbose bool) {
	width := min(t.width, widestText)
	journeys, rhythms := mostJourneys, mostRhythms
	if verbose {
		journeys, rhythms = drawnJourneys, drawnRhythms
	}
	zone := " (times are " + d.traced.times.Name(d.traced.times.Day) + ")"
	if len(d.traced.journeys) > 0 {
		t.heading("JOURNEYS: where the time went" + zone)
		t.styled("", journeyText(d.traced.journeys, d.traced.times, journeys, width))
	}
	if verbose && len(d.traced.clocks) > 0 {
		t.heading("CLOCKS")
		t.styled("", clockText(d.traced.clocks, width))
	}
	if len(d.traced.waiting) > 0 {
		t.heading("RHYTHM: when mail that waited left, and how long it waited")
		t.styled("", rhythmText(d.traced.waiting, rhythms, width))
	}
	if len(d.traced.listings) > 0 {
		t.heading("QUEUES" + zone)
		t.styled("", queueText(d.traced, width))
	}
}

// organization tells the Exchange organization, if it is in the evidence.
func (t *textWriter) organization(d document) {
	if d.org != nil {
		t.heading("ORGANIZATION")
		t.styled("", organizationLines(d.beside, t.width))
	}
}

const unfinished = "INTERRUPTED: this run did not come to its end. What it had by then is judged below; a full run may say more."

func (t *textWriter) head(d document) {
	if d.Interrupted {
		t.styled(warn, wrap("** ", unfinished, t.width))
	}
	name := joined(": ", joined(" ", prefixed("Case ", d.Case), d.Label), joined(" ", d.SymptomTitle, inBrackets(d.Symptom)))
	t.styled(bold, wrap("", cmp.Or(name, "A case without a name"), t.width))
	if about := joined(", ", d.Tool, when(d), tookWords(d), mode(d)); about != "" {
		t.para("", about)
	}
}

func when(d document) string {
	if d.Began == nil {
		return ""
	}
	return d.Began.Format("2006-01-02 15:04:05 UTC")
}

func tookWords(d document) string {
	if d.Took == nil {
		return ""
	}
	return "took " + d.Took.String()
}

func mode(d document) string {
	if d.Offline {
		return "offline: nothing was touched"
	}
	return ""
}

func (t *textWriter) causes(d document, g groups, verbose bool) {
	if len(g.Causes) == 0 {
		t.nothing(d)
	}
	for i, h := range g.Causes {
		switch i {
		case 0:
			t.heading("MOST LIKELY")
		case 1:
			t.heading("FURTHER CAUSES")
		default:
			t.line("")
		}
		t.hypothesis(h, verbose)
	}
	if len(g.Others) > 0 {
		t.heading("ALSO FOUND (mail does not wait for these)")
	}
	for i, h := range g.Others {
		if i > 0 {
			t.line("")
		}
		t.hypothesis(h, verbose)
	}
}

// nothing says what was looked at and in vain.
func (t *textWriter) nothing(d document) {
	t.heading("NO CAUSE FOUND")
	t.para("  ", "Nothing found by these checks explains a delay.")
	var looked []string
	for _, it := range d.Evidence {
		if it.Has && it.By != "operator" {
			looked = append(looked, it.Kind)
		}
	}
	if len(looked) > 0 {
		t.para("  Looked at: ", strings.Join(looked, ", ")+".")
	}
	if len(looked) == 0 {
		t.para("  ", "There was no evidence to look at.")
	}
	if len(d.NotChecked)+len(d.Unread) > 0 {
		t.para("  ", "It is not all clear: what is still unknown stands below.")
	}
}

func (t *textWriter) hypothesis(h hypothesis, verbose bool) {
	style := bold
	if h.of.Verdict == diag.Confirmed && h.of.Severity >= diag.Delayed {
		style = warn
	}
	t.styled(style, wrap("  ", h.Title+" ["+h.Code+"]", t.width))
	t.para("    ", joined(", ", strings.ToUpper(h.Verdict), h.Severity+": "+h.Meaning(), waited(h)))
	t.findings("", h.For())
	t.findings("speaks against it: ", h.Against())
	if verbose {
		t.paras("    What it is: ", h.About)
		t.paras("    What was read: ", h.Read)
	}
	if h.Remedy != "" {
		t.paras("    What to do: ", h.Remedy)
	}
	if len(h.Refs) > 0 {
		t.para("    Sources: ", strings.Join(h.Refs, "; "))
	}
}

// waited says how long mail stood still, as far as that is known.
func waited(h hypothesis) string {
	longest, typical, messages := "", "", ""
	if h.Waited != 0 {
		longest = "longest wait " + h.Waited.String()
	}
	if h.Typical != h.Waited {
		typical = "typically " + h.Typical.String()
	}
	if h.Messages > 0 {
		messages = count(h.Messages, "message")
	}
	return joined(", ", longest, typical, messages)
}

// maxFindings is how many findings of one cause are shown with it.
const maxFindings = 12

// findings lists findings, each after a few words.
func (t *textWriter) findings(words string, findings []finding) {
	for i, f := range findings {
		if i == maxFindings {
			t.para(strings.Repeat(" ", 6), andMore(len(findings)-i))
			return
		}
		t.para("    - ", words+told(f))
	}
}

// told is a finding as a sentence that names its subject.
func told(f finding) string {
	s := f.Sentence
	if f.Subject != "" && !strings.Contains(s, f.Subject) {
		s = f.Subject + ": " + s
	}
	if f.Message != "" && !strings.Contains(s, f.Message) {
		s += " (message " + f.Message + ")"
	}
	if f.Basis != "" {
		s += " (basis: " + f.Basis + ")"
	}
	return s
}

func (t *textWriter) explained(g groups) {
	if len(g.Explained) == 0 {
		return
	}
	t.heading("EXPLAINED BY THE ABOVE")
	for _, h := range g.Explained {
		t.para("  - ", "explained by "+*h.ExplainedBy+": "+h.Title+" ["+h.Code+"], "+subjects(h.For()))
	}
}

// subjects names at most four.
func subjects(findings []finding) string {
	var names []string
	for i, f := range findings {
		if i == 4 {
			names = append(names, fmt.Sprintf("%d more", len(findings)-i))
			break
		}
		names = append(names, f.Subject)
	}
	return strings.Join(names, ", ")
}

func (t *textWriter) ruledOut(g groups, verbose bool) {
	if len(g.Excluded) == 0 {
		return
	}
	t.heading("RULED OUT")
	if !verbose {
		var codes []string
		for _, h := range g.Excluded {
			codes = append(codes, h.Code)
		}
		t.para("  ", strings.Join(codes, ", "))
		return
	}
	for _, h := range g.Excluded {
		t.para("  - ", h.Title+" ["+h.Code+"]")
		t.findings("", h.Against())
	}
}

func (t *textWriter) open(d document) {
	if len(d.NotChecked) > 0 {
		t.heading("COULD NOT TELL")
	}
	for _, g := range gapGroups(d.NotChecked) {
		what := g.Named()
		if g.Bug {
			what = "FAULT IN THIS PROGRAM, not in the mail: " + what
		}
		t.para("  - ", what)
		if g.Why != "" {
			t.para("      why: ", g.Why)
		}
		if g.How != "" {
			t.para("      to find out: ", g.How)
		}
	}
}

func (t *textWriter) doubts(d document) {
	if len(d.doubts) > 0 {
		t.heading("READ WITH DOUBTS")
	}
	for _, text := range d.doubts {
		t.para("  - ", text)
	}
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, sep)
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000 UTC")
}
