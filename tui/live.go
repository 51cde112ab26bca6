package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/report"
)

// A live holds what happened so far in a run: the findings, and what was noted
// about each host.
type live struct {
	findings []finding
	notes    map[string][]note // by address; "" is what is about none
}

type finding struct {
	at time.Time
	f  diag.Finding
}

type note struct {
	at   time.Time
	text string
}

func newLive() *live { return &live{notes: map[string][]note{}} }

func (v *live) add(ev diag.Event) {
	switch {
	case ev.Noted != nil:
		addr := addrOf(ev.Noted.Text)
		v.notes[addr] = append(v.notes[addr], note{ev.At, ev.Noted.Text})
	case ev.Judged != nil:
		for _, f := range ev.Judged.Findings {
			if f.Verdict >= diag.Suspected {
				v.findings = append(v.findings, finding{ev.At, f})
			}
		}
		slices.SortStableFunc(v.findings, func(a, b finding) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.f.Code, b.f.Code), cmp.Compare(a.f.Subject, b.f.Subject))
		})
	}
}

// addrOf is the address that a note is about: "connects to 10.0.0.7:25 (tcp)"
// or "mx.example.com [10.0.0.7:25] greeting: ...".
func addrOf(text string) string {
	if rest, ok := strings.CutPrefix(text, "connects to "); ok {
		addr, how, _ := strings.Cut(rest, " ")
		if how == "(tcp)" && !strings.HasSuffix(addr, ":53") {
			return addr
		}
		return ""
	}
	_, rest, ok := strings.Cut(text, " [")
	addr, _, closed := strings.Cut(rest, "] ")
	if !ok || !closed || strings.Contains(addr, " ") {
		return ""
	}
	return addr
}

// findingRows are the latest findings that fit.
func (v *live) findingRows(cat *diag.Catalog, l look, w, h int) []row {
	if len(v.findings) == 0 {
		return plain(l.bold.Render("Found so far: nothing"))
	}
	rows := plain(l.bold.Render(fmt.Sprintf("Found so far: %d", len(v.findings))))
	from := max(len(v.findings)-(h-1), 0)
	for _, f := range v.findings[from:] {
		text := strings.ToUpper(f.f.Verdict.String()) + " " + f.f.Code + " " + report.Visible(f.f.Subject)
		if c := cat.Cause(f.f.Code); c != nil {
			text += ": " + c.Title
		}
		rows = append(rows, row{text: l.bad.Render(cut("! "+text, w))})
	}
	return rows
}

// noteRows are the latest notes about a host that fit, with the time since the
// run began.
func (v *live) noteRows(addr string, began time.Time, l look, w, h int) []row {
	title := "Dialogue with " + addr
	if addr == "" {
		title = "What is being done"
	}
	rows := plain(l.bold.Render(report.Visible(title)))
	notes := v.notes[addr]
	for _, n := range notes[max(len(notes)-(h-1), 0):] {
		text := n.text
		if _, after, ok := strings.Cut(text, "["+addr+"] "); ok && addr != "" {
			text = after
		}
		rows = append(rows, row{text: cut(fmt.Sprintf("%7.1fs  ", n.at.Sub(began).Seconds())+report.Visible(text), w)})
	}
	return rows
}
