package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"mailflow/diag"
	"mailflow/report"
)

// progress shows a run on standard error: on a terminal one line that changes,
// elsewhere plain lines.
type progress struct {
	w     io.Writer
	live  bool
	quiet bool
	began time.Time
	width int
}

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, quiet: quiet, began: time.Now(), width: 80}
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		p.live = true
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 20 {
			p.width = n
		}
	}
	return p
}

func (p *progress) show(ev diag.Event) {
	switch {
	case p.quiet:
	case ev.Noted != nil && p.live:
		p.line(ev.Noted.Text)
	case ev.Started != nil:
		p.line(ev.Started.Node + " ...")
	case ev.Gathered != nil && !ev.Gathered.Derived && ev.Gathered.By != "operator" && ev.Gathered.Has():
		p.line(ev.Gathered.By + ": done after " + diag.Seconds(ev.Gathered.Took().Round(time.Millisecond)))
	case ev.Judged != nil:
		p.findings(ev.Judged)
	}
}

// mostTold is how many findings of one analyzer are told while it runs: there may
// be thousands of hops.
const mostTold = 12

func (p *progress) findings(j *diag.Judged) {
	told := 0
	for _, f := range j.Findings {
		if f.Verdict < diag.Suspected {
			continue
		}
		if told++; told <= mostTold {
			p.clear()
			fmt.Fprintf(p.w, "%s  %s %s: %s\n", p.elapsed(), f.Verdict, f.Code, report.Visible(f.Subject))
		}
	}
	if told > mostTold {
		p.clear()
		fmt.Fprintf(p.w, "%s  and %d more by %s\n", p.elapsed(), told-mostTold, j.Analyzer)
	}
}

func (p *progress) elapsed() string { return fmt.Sprintf("%6.1fs", time.Since(p.began).Seconds()) }

func (p *progress) line(text string) {
	text = p.elapsed() + "  " + report.Visible(text)
	if !p.live {
		fmt.Fprintln(p.w, text)
		return
	}
	if r := []rune(text); len(r) >= p.width {
		text = string(r[:p.width-1])
	}
	p.clear()
	fmt.Fprint(p.w, text)
}

func (p *progress) clear() {
	if p.live {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) end() { p.clear() }

// textOptions fits the text to where it goes: colour only on a terminal that
// wants it (no-color.org).
func textOptions(w io.Writer, verbose bool) report.TextOptions {
	opt := report.TextOptions{Width: 80, Verbose: verbose}
	f, ok := w.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return opt
	}
	opt.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if n, _, err := term.GetSize(int(f.Fd())); err == nil {
		opt.Width = min(max(n, 40), 120)
	}
	return opt
}

func dirOf(path string) string { return filepath.Dir(path) }
