package diag

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"
)

// Run carries a case out and yields its events as they happen: first Opened,
// last Closed. When ctx ends, the collectors stop, what they have is judged,
// and Closed says so. When the caller stops early, the run is cancelled and
// has ended by the time Run returns: nothing outlives it.
func Run(ctx context.Context, w World, cat *Catalog, c *Case) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r := &run{ctx: ctx, world: w, cat: cat, c: c, cells: map[*Kind]*cell{}, out: newQueue()}
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.all()
			r.out.close()
		}()
		for ev := range r.out.out {
			if !yield(ev) {
				cancel()
				r.out.drain()
				break
			}
		}
		<-done
	}
}

type run struct {
	ctx   context.Context
	world World
	cat   *Catalog
	c     *Case
	cells map[*Kind]*cell
	out   *queue
}

// A cell holds one kind of evidence. done is closed when item is final; a
// channel and not a mutex, because virtual time stops under a mutex.
type cell struct {
	done chan struct{}
	item *Item
}

func (r *run) all() {
	begin := time.Now()
	analyzers := r.cat.Analyzers(r.c.Symptom)
	kinds := r.cat.kinds(analyzers)
	r.emit(Event{Opened: r.opened()})
	for _, k := range kinds {
		r.cells[k] = &cell{done: make(chan struct{})}
	}
	var wg sync.WaitGroup
	for _, k := range kinds {
		wg.Go(func() { r.gather(k) })
	}
	for _, a := range analyzers {
		wg.Go(func() { r.judge(a) })
	}
	wg.Wait()
	r.emit(Event{Closed: &Closed{TookNS: int64(time.Since(begin)), Interrupted: r.ctx.Err() != nil}})
}

func (r *run) emit(ev Event) {
	ev.At = time.Now().UTC().Round(0)
	r.out.put(ev)
}

func (r *run) opened() *Opened {
	o := &Opened{Schema: SchemaVersion, Tool: r.c.Tool, Label: r.c.Label, Case: r.c.ID,
		Symptom: r.c.Symptom, Offline: r.c.Offline, Plan: r.cat.Plan(r.c)}
	for _, in := range r.cat.Inputs {
		name := in.Provides.Kind().Name
		answer := Answer{Name: name, Value: r.c.Answers[name], Secret: in.Secret}
		if answer.Value == "" {
			continue
		}
		if in.Secret {
			answer.Value = ""
		}
		o.Inputs = append(o.Inputs, answer)
	}
	return o
}

// gather makes one kind of evidence: from the operator's answer, from the
// record of an earlier run, or by the first collector that succeeds.
func (r *run) gather(k *Kind) {
	item := &Item{Kind: k.Name}
	switch {
	case r.cat.inputFor(k) != nil:
		r.ask(k, item)
	case r.recorded(k, item):
	default:
		for _, col := range r.cat.collectorsFor(k) {
			if r.try(col, item); item.has {
				break
			}
		}
	}
	r.cells[k].item = item
	close(r.cells[k].done)
	r.emit(Event{Gathered: item})
}

func (r *run) ask(k *Kind, item *Item) {
	in := r.cat.inputFor(k)
	item.By, item.Secret = "operator", in.Secret
	answer := r.c.Answers[k.Name]
	if answer == "" {
		answer = in.Default
	}
	if answer == "" {
		item.Failed = []Failure{{By: "operator", Why: "not given"}}
		return
	}
	v, err := in.Parse(answer)
	if err != nil {
		item.Failed = []Failure{{By: "operator", Why: err.Error()}}
		return
	}
	item.set(v)
}

func (it *Item) set(v any) {
	it.value, it.has = v, true
}

// recorded takes the kind from the record, if it is there and of use: a
// failure of an earlier run stands only where nothing may be tried again.
func (r *run) recorded(k *Kind, item *Item) bool {
	old := r.c.Record[k.Name]
	if old == nil || old.Derived {
		return false
	}
	raw, err := old.JSON()
	if err != nil {
		return false
	}
	if len(raw) == 0 && !r.c.Offline {
		return false
	}
	*item = Item{Kind: old.Kind, By: old.By, Began: old.Began, TookNS: old.TookNS, Replayed: true, Value: raw, Failed: old.Failed}
	if len(raw) == 0 {
		return true
	}
	v, err := k.decode(raw)
	if err != nil {
		item.Failed = append(item.Failed, Failure{By: "case file", Why: err.Error()})
		return true
	}
	item.value, item.has = v, true
	return true
}

// try runs one collector, if what it needs is there.
func (r *run) try(col *Collector, item *Item) {
	if r.c.Offline && !col.derived && !col.Offline {
		item.Failed = append(item.Failed, Failure{By: col.Name, Why: "offline: nobody may be asked"})
		return
	}
	e, lacks := r.evidence(col.Name, col.Needs, col.Uses)
	if len(lacks) > 0 {
		item.Failed = append(item.Failed, Failure{By: col.Name, Why: "needs " + strings.Join(lacks, ", ")})
		return
	}
	if !col.derived {
		r.emit(Event{Started: &Started{Node: col.Name, Kind: item.Kind}})
	}
	began := time.Now()
	v, err := r.guard(col, e)
	if err != nil {
		var crash bug
		item.Failed = append(item.Failed, Failure{By: col.Name, Why: err.Error(), Bug: errors.As(err, &crash)})
		return
	}
	item.By, item.Derived = col.Name, col.derived
	if !col.derived {
		item.Began, item.TookNS = began.UTC().Round(0), int64(time.Since(began))
	}
	item.set(v)
}

// evidence waits for what a reader declared and hands it over; lacks names the
// needs that could not be had.
func (r *run) evidence(reader string, needs, uses []AnyKey) (e Evidence, lacks []string) {
	e = newEvidence(reader, needs, uses)
	for i, k := range append(append([]AnyKey{}, needs...), uses...) {
		cell := r.cells[k.Kind()]
		<-cell.done
		if cell.item.has {
			e.values[k.Kind()] = cell.item.value
		} else if i < len(needs) {
			lacks = append(lacks, k.Kind().Name)
		}
	}
	return e, lacks
}

// A bug is a crash of ours, reported as such and never as a mail fault.
type bug string

func (b bug) Error() string { return string(b) }

func crashed(what any) bug {
	stack := strings.Split(string(debug.Stack()), "\n")
	at := ""
	for i, line := range stack {
		if strings.Contains(line, "panic(") && i+3 < len(stack) {
			at = strings.TrimSpace(stack[i+3])
		}
	}
	return bug(fmt.Sprintf("a fault in this program, please report it: %v (%s)", what, at))
}

func (r *run) guard(col *Collector, e Evidence) (v any, err error) {
	defer func() {
		if what := recover(); what != nil {
			err = crashed(what)
		}
	}()
	return col.run(r.ctx, r.noted(col.Name), e)
}

// noted is the world as one collector sees it: each dial and open is noted.
func (r *run) noted(node string) World {
	note := func(text string) { r.emit(Event{Noted: &Noted{Node: node, Text: text}}) }
	return World{
		Note: note,
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			note("connects to " + addr + " (" + network + ")")
			return r.world.Dial(ctx, network, addr)
		},
		Open: func(name string) (io.ReadCloser, error) {
			note("reads " + name)
			return r.world.Open(name)
		},
	}
}

// judge runs one analyzer as soon as its evidence is there.
func (r *run) judge(a *Analyzer) {
	j := &Judged{Analyzer: a.Name}
	e, lacks := r.evidence(a.Name, a.Needs, a.Uses)
	if j.Lacks = lacks; len(lacks) == 0 {
		j.Findings, j.Bug = r.conclude(a, e)
	}
	r.emit(Event{Judged: j})
}

func (r *run) conclude(a *Analyzer, e Evidence) (findings []Finding, bug string) {
	defer func() {
		if what := recover(); what != nil {
			findings, bug = nil, crashed(what).Error()
		}
	}()
	findings = a.Run(e)
	for _, f := range findings {
		if err := CheckFinding(a, f); err != nil {
			return nil, "a fault in this program, please report it: " + err.Error()
		}
	}
	sort.SliceStable(findings, func(i, j int) bool {
		x, y := findings[i], findings[j]
		return x.Code+"\x00"+x.Subject < y.Code+"\x00"+y.Subject
	})
	return findings, ""
}

// A queue takes events without limit, so that a slow reader never stretches a
// time that is being measured.
type queue struct {
	in, out chan Event
}

func newQueue() *queue {
	q := &queue{make(chan Event), make(chan Event)}
	go q.pump()
	return q
}

func (q *queue) put(ev Event) { q.in <- ev }
func (q *queue) close()       { close(q.in) }

func (q *queue) drain() {
	for range q.out {
	}
}

func (q *queue) pump() {
	defer close(q.out)
	var held []Event
	in := q.in
	for in != nil || len(held) > 0 {
		var out chan Event
		var next Event
		if len(held) > 0 {
			out, next = q.out, held[0]
		}
		select {
		case ev, ok := <-in:
			if !ok {
				in = nil
				continue
			}
			held = append(held, ev)
		case out <- next:
			held = held[1:]
		}
	}
}
