package report

import (
	_ "embed" // the template of the page
	"html/template"
	"io"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/smtpprobe"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed traced.html.tmpl
var tracedTemplate string // sections of the page

// A page is what the template prints. The template puts each text that is not
// ours through show.
type page struct {
	document
	Groups   groups
	Verdict  string
	Chart    chart
	Gaps     []gapGroup
	Doubts   []string
	Lost     []UnreadGroup // files that were not read
	MoreLost int           // for further reasons
	Plan     diag.Plan
	Talks    []talk
	Shown    bool // nothing was to be judged
	Way      *pathPicture
	Org      *orgPage
	Traced   tracedPage
}

// A tracedPage is mail on its way and mail that waits.
type tracedPage struct {
	Journeys    *journeyPicture // nil for none
	Rhythms     []rhythmPicture
	MoreRhythms int // hops that are not drawn
	Queues      []listingPage
	MoreQueues  int // listings that are not shown
	Zone        string
}

func newTracedPage(t traced) tracedPage {
	p := tracedPage{Zone: t.times.Name(t.times.Day)}
	if len(t.journeys) > 0 {
		p.Journeys = newJourneyPicture(t)
	}
	p.Rhythms, p.MoreRhythms = newRhythmPictures(t.waiting)
	p.Queues, p.MoreQueues = newListingPages(t)
	return p
}

// An orgPage is the organization: its tree, and its maps.
type orgPage struct {
	Tree []Branch
	Maps []orgMap
}

// A talk is the transcript of a session.
type talk struct {
	Who, TLS string
	Began    string
	Took     string
	Steps    []turn
}

type turn struct {
	Name, Took, Sent, Fault string
	TLS, Grouped            bool
	Reply                   []string
	MoreLines               int
	CutBytes                int64
}

// HTML prints the report as one page that opens offline: it loads nothing and
// runs nothing.
func HTML(w io.Writer, r *diag.Report) error {
	d := newDocument(r)
	g := group(d)
	p := page{document: d, Groups: g, Verdict: verdict(d, g), Chart: newChart(r), Gaps: gapGroups(d.NotChecked), Plan: d.plan}
	p.Shown, p.Doubts = d.shown(), d.doubts
	p.Lost, p.MoreLost = UnreadGroups(r)
	p.Traced = newTracedPage(d.traced)
	if d.path != nil {
		p.Way = newPathPicture(*d.path)
	}
	if d.org != nil {
		p.Org = &orgPage{d.beside.tree(mostShown), organizationMaps(d.beside)}
	}
	for _, s := range sessions(r) {
		p.Talks = append(p.Talks, newTalk(s))
	}
	tmpl, err := template.New("page").Funcs(template.FuncMap{
		"show":    func(s string) string { return Visible(clip(s, maxShown)) },
		"showall": func(list []string) string { return Visible(clip(strings.Join(list, ", "), maxShown)) },
		"short":   short,
		"stamp":   stamp,
		"waited":  waited,
		"told":    told,
		"few":     func(list []finding) []finding { return list[:min(len(list), maxFindings)] },
		"left":    func(list []finding) int { return beyond(list, maxFindings) },
		"many":    func(list []finding) []finding { return list[:min(len(list), mostListed)] },
		"rest":    func(list []finding) int { return beyond(list, mostListed) },
		"more":    andMore,
		"drawn":   newWeekPicture,
		"headOf":  headOf,
		"lines":   func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
	}).Parse(pageTemplate + tracedTemplate)
	if err != nil {
		return err
	}
	return tmpl.Execute(w, p)
}

func newTalk(s smtpprobe.Session) talk {
	t := talk{Who: who(s), Began: stamp(&s.Began)}
	if s.TLS != nil {
		t.TLS = joined(", ", s.TLS.Version, s.TLS.Cipher, prefixed("not trusted: ", s.TLS.Untrusted), s.TLS.Unreadable)
	}
	var took time.Duration
	for _, st := range s.Steps {
		took = max(took, st.End().Sub(s.Began))
		one := turn{Name: st.Name, Took: diag.Seconds(st.Took()), Sent: string(st.Sent), Fault: joined(": ", st.Fault, st.Err),
			TLS: st.TLS, Grouped: st.Grouped, CutBytes: st.CutBytes, MoreLines: max(0, len(st.Reply)-maxReply)}
		for _, l := range st.Reply[:min(len(st.Reply), maxReply)] {
			one.Reply = append(one.Reply, string(l))
		}
		t.Steps = append(t.Steps, one)
	}
	t.Took = diag.Seconds(took)
	return t
}
