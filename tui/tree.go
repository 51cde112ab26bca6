package tui

import (
	"fmt"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/report"
)

// A tree is the plan of a run with the state of each step.
type tree struct {
	collect, judge []*node
	byName         map[string]*node
	kinds          map[string]string // collector: the kind it provides
}

// A node is one step: a collector, or an analyzer.
type node struct {
	name, does string
	analyzer   bool
	state      state
	began      time.Time
	took       time.Duration
	why        string // it failed, or was not run
	found      int    // suspected or confirmed
}

type state int

const (
	waiting state = iota
	busy
	done
	failed
	notRun
)

// sign and word tell a state without colour.
func (s state) sign() string { return [...]string{"[ ]", "[~]", "[x]", "[!]", "[-]"}[s] }
func (s state) word() string {
	return [...]string{"waiting", "running", "done", "failed", "not run"}[s]
}

func newTree(cat *diag.Catalog, p diag.Plan) *tree {
	t := &tree{byName: map[string]*node{}, kinds: map[string]string{}}
	for _, c := range cat.Collectors {
		t.kinds[c.Name] = c.Provides.Kind().Name
	}
	for _, touch := range p.Touches {
		if t.byName[touch.Collector] == nil {
			n := &node{name: touch.Collector, does: touch.Does}
			t.byName[n.name] = n
			t.collect = append(t.collect, n)
		}
	}
	for _, name := range p.Analyzers {
		n := &node{name: name, analyzer: true}
		t.byName["analyzer "+name] = n
		t.judge = append(t.judge, n)
	}
	return t
}

// add brings the tree up to date with one event.
func (t *tree) add(ev diag.Event) {
	switch {
	case ev.Started != nil:
		if n := t.byName[ev.Started.Node]; n != nil {
			n.state, n.began = busy, ev.At
		}
	case ev.Gathered != nil:
		t.gathered(ev)
	case ev.Judged != nil:
		t.judged(ev.Judged)
	case ev.Closed != nil:
		t.closed()
	}
}

func (t *tree) gathered(ev diag.Event) {
	it := ev.Gathered
	for _, n := range t.collect {
		if t.kinds[n.name] != it.Kind {
			continue
		}
		why := failure(it, n.name)
		switch {
		case it.By == n.name && it.Has():
			n.state, n.took = done, it.Took()
		case strings.HasPrefix(why, "needs "), strings.HasPrefix(why, "offline"), strings.HasPrefix(why, "none of the evidence files is "): // nothing went wrong
			n.state, n.why = notRun, why
		case why != "":
			n.state, n.why = failed, why
			if !n.began.IsZero() {
				n.took = ev.At.Sub(n.began)
			}
		default:
			n.state, n.why = notRun, "another way worked"
		}
	}
}

func failure(it *diag.Item, by string) string {
	for _, f := range it.Failed {
		if f.By == by {
			return f.Why
		}
	}
	return ""
}

func (t *tree) judged(j *diag.Judged) {
	n := t.byName["analyzer "+j.Analyzer]
	if n == nil {
		return
	}
	switch n.state = done; {
	case j.Bug != "":
		n.state, n.why = failed, j.Bug
	case len(j.Lacks) > 0:
		n.state, n.why = notRun, "no "+strings.Join(j.Lacks, ", ")
	}
	for _, f := range j.Findings {
		if f.Verdict >= diag.Suspected {
			n.found++
		}
	}
}

func (t *tree) closed() {
	for _, n := range append(append([]*node{}, t.collect...), t.judge...) {
		if n.state == waiting || n.state == busy {
			n.state = notRun
		}
	}
}

// progress is how many steps are behind us, of how many.
func (t *tree) progress() (behind, all int) {
	for _, nodes := range [][]*node{t.collect, t.judge} {
		for _, n := range nodes {
			all++
			if n.state >= done {
				behind++
			}
		}
	}
	return behind, all
}

// line is the node in words.
func (n *node) line(now time.Time) string {
	text := n.state.sign() + " " + n.name + ": " + n.state.word()
	switch {
	case n.state == busy && !n.began.IsZero():
		text += " " + diag.Seconds(now.Sub(n.began).Truncate(time.Second))
	case n.state == done && n.analyzer:
		text += n.findings()
	case n.took >= time.Millisecond:
		text += " " + diag.Seconds(n.took.Round(time.Millisecond))
	}
	if n.why != "" {
		text += ", " + report.Visible(n.why)
	}
	return text
}

func (n *node) findings() string {
	if n.found == 0 {
		return ", nothing found"
	}
	return fmt.Sprintf(", FOUND %d", n.found)
}
