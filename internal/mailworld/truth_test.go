package mailworld_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/analyzers"
	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/mailworld"
)

var (
	worlds = flag.Int("worlds", 1, "worlds of each kind")
	only   = flag.String("kind", "", "kinds whose names contain this")
	seed   = flag.Int64("seed", -1, "only the world of this seed, and tell all of it")
	keep   = flag.String("keep", "", "with -seed: a folder to write its logs to")
)

// catalog is what the program knows, with the clock of the world.
func catalog(now time.Time) *diag.Catalog {
	all := slices.DeleteFunc(collectors.All(), func(c *diag.Collector) bool { return c.Name == "clock" })
	clock := diag.NewCollector("clock", "the clock of the world", evidence.Clock, nil, nil, func(context.Context, diag.World, diag.Evidence) (time.Time, error) { return now, nil })
	clock.Offline = true
	return &diag.Catalog{Inputs: collectors.Inputs(), Collectors: append(all, clock), Symptoms: analyzers.Symptoms(), Always: collectors.Always()}
}

// solve plays a world through all collectors and analyzers.
func solve(t *testing.T, w mailworld.World) *diag.Report {
	t.Helper()
	files := map[string][]byte{}
	var names []string
	for _, f := range w.Files {
		files[f.Name] = f.Text
		names = append(names, f.Name)
	}
	c := &diag.Case{Tool: "test", Offline: true, Answers: map[string]string{"evidence": strings.Join(names, "\n")}}
	if w.Zone != "" {
		c.Answers["zone"] = w.Zone
	}
	world := diag.World{Note: func(string) {}, Open: func(name string) (io.ReadCloser, error) {
		text, found := files[name]
		if !found {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return io.NopCloser(bytes.NewReader(text)), nil
	}}
	cat := catalog(w.Now)
	r := diag.NewReport(cat)
	for ev := range diag.Run(context.Background(), world, cat, c) {
		r.Add(ev)
	}
	for _, g := range r.NotChecked() {
		if g.Bug {
			t.Errorf("%s, seed %d: a crash of ours: %s: %s", w.Kind, w.Seed, g.What, g.Why)
		}
	}
	return r
}

// An outcome is how a world was judged.
type outcome struct {
	found   string   // one of the columns
	lies    []string // confirmed, and not so
	hunches []string // suspected, and not so
	denied  []string // ruled out, and so
	astray  []string // journeys that tell of a wait that there was not, or of another length
}

const (
	confirmed = "confirmed"
	suspected = "suspected"
	untold    = "could not tell"
	missed    = "missed"
	notYet    = "no analyzer yet"
)

// judge holds a report to the truth.
func judge(w mailworld.World, r *diag.Report) outcome {
	var o outcome
	best := diag.Verdict(-1)
	for _, h := range r.Hypotheses() {
		for _, f := range h.Findings {
			wanted, why := is(w.Truth.Want, f, r)
			allowed, whyNot := is(w.Truth.May, f, r)
			if wanted {
				best = max(best, f.Verdict)
			}
			text := fmt.Sprintf("%s %s %q%s%s: %s", f.Code, f.Verdict, f.Subject, why, whyNot, diag.Sentence(h.Cause, f))
			switch {
			case f.Verdict == diag.Excluded && denies(w, f):
				o.denied = append(o.denied, text)
			case wanted || allowed:
			case f.Verdict == diag.Confirmed:
				o.lies = append(o.lies, text)
			case f.Verdict == diag.Suspected && !like(w.Truth.Like, f, r):
				o.hunches = append(o.hunches, text)
			}
		}
	}
	o.lies = append(append(o.lies, wrongClocks(w, r)...), wrongTraffic(w, r)...)
	o.astray = astray(w, r)
	o.found = told(w, r, best)
	return o
}

// like says whether a suspicion is one that nobody can be blamed for.
func like(claims []mailworld.Claim, f diag.Finding, r *diag.Report) bool {
	so, _ := is(claims, f, r)
	return so
}

// told puts the best verdict of what is true into words.
func told(w mailworld.World, r *diag.Report, best diag.Verdict) string {
	known := func(c mailworld.Claim) bool { return r.Catalog().Cause(c.Code) != nil }
	switch {
	case len(w.Truth.Want) == 0 || best == diag.Confirmed:
		return confirmed
	case best == diag.Suspected:
		return suspected
	case !slices.ContainsFunc(w.Truth.Want, known):
		return notYet
	case best == diag.Unknown || len(unsure(r)) > 0 || len(unread(r)) > 0:
		return untold
	}
	return missed
}

// unsure are the findings that say that they could not tell.
func unsure(r *diag.Report) []string {
	var all []string
	for _, h := range r.Hypotheses() {
		for _, f := range h.Findings {
			if f.Verdict == diag.Unknown {
				all = append(all, f.Code+" "+f.Subject)
			}
		}
	}
	return all
}

// unread are files that nobody read.
func unread(r *diag.Report) []string {
	files, _ := diag.Value(r, evidence.Files)
	var all []string
	for _, f := range files {
		if f.Unread != "" {
			all = append(all, f.Path+": "+f.Unread)
		}
	}
	return all
}

// is says whether a finding is one of these claims, and if it is nearly so, what of it
// is wrong.
func is(claims []mailworld.Claim, f diag.Finding, r *diag.Report) (bool, string) {
	wrong := ""
	for _, c := range claims {
		if c.Code != f.Code || !strings.Contains(strings.ToLower(f.Subject), strings.ToLower(c.Subject)) {
			continue
		}
		why := differs(c, f, r)
		if why == "" {
			return true, ""
		}
		wrong = " (" + why + ")"
	}
	return false, wrong
}

// differs says what the details of a finding have wrong.
func differs(c mailworld.Claim, f diag.Finding, r *diag.Report) string {
	if f.Verdict < diag.Suspected {
		return ""
	}
	if c.Period > 0 {
		for _, a := range f.Args {
			if a.Name == "period" && time.Duration(a.DurationNS) != c.Period {
				return fmt.Sprintf("the period is %v", c.Period)
			}
		}
	}
	if len(c.Steps) > 0 {
		return offLadder(c, f, r)
	}
	return ""
}

// offLadder finds a sum of waits that no attempt of the true ladder makes.
func offLadder(c mailworld.Claim, f diag.Finding, r *diag.Report) string {
	rhythms, _ := diag.Value(r, evidence.Rhythms)
	for _, h := range rhythms {
		if !strings.HasPrefix(f.Subject, h.Server) || !strings.HasSuffix(f.Subject, h.To) {
			continue
		}
		for _, sum := range h.Sums {
			if !onLadder(c.Steps, sum.Duration()) {
				return fmt.Sprintf("the ladder is %v, and nothing waits for %v", c.Steps, sum.Duration())
			}
		}
		if h.Period > 0 && len(h.Sums) == 0 && !between(c.Steps, h.Period.Duration()) {
			return fmt.Sprintf("the ladder is %v, and not every %v", c.Steps, h.Period.Duration())
		}
	}
	return ""
}

// onLadder says whether an attempt comes after so long; timers are a little late.
func onLadder(steps []time.Duration, wait time.Duration) bool {
	at := time.Duration(0)
	for i := range 400 {
		at += steps[min(i, len(steps)-1)]
		if off := wait - at; off > -time.Minute && off < time.Minute+time.Duration(i+1)*5*time.Second {
			return true
		}
	}
	return false
}

// between says whether attempts may be so far apart: one step, or several.
func between(steps []time.Duration, apart time.Duration) bool {
	for first := range steps {
		at := time.Duration(0)
		for i := range 60 {
			at += steps[min(first+i, len(steps)-1)]
			if math.Abs(float64(apart-at)) < float64(10*time.Second+apart/50) {
				return true
			}
		}
	}
	return false
}

// denies says whether a finding rules out what is true.
func denies(w mailworld.World, f diag.Finding) bool {
	return w.Truth.Late && slices.ContainsFunc(w.Truth.Want, func(c mailworld.Claim) bool {
		return c.Code == f.Code && c.Subject != "" && strings.Contains(strings.ToLower(f.Subject), strings.ToLower(c.Subject))
	})
}

// columns are what a world may come to.
func columns() []string {
	return []string{confirmed, suspected, untold, missed, notYet, "ruled out", "false hunch", "journey off", "FALSE"}
}

// TestTruth plays random worlds whose cause is known. What is confirmed has to be true;
// what is true is found, or it is said that it could not be told. "make truth" plays
// hundreds, and prints the table.
func TestTruth(t *testing.T) {
	kinds := mailworld.Kinds()
	rows := make([]string, len(kinds))
	t.Run("worlds", func(t *testing.T) {
		for i, k := range kinds {
			if strings.Contains(k.Name, *only) {
				t.Run(k.Name, func(t *testing.T) {
					t.Parallel()
					rows[i] = playAll(t, k)
				})
			}
		}
	})
	head := fmt.Sprintf("\n%-40s %5s", "", "runs")
	for _, c := range columns() {
		head += fmt.Sprintf(" %15s", c)
	}
	t.Log(head + strings.Join(rows, ""))
}

// playAll plays the worlds of one kind, and gives their row of the table.
func playAll(t *testing.T, k mailworld.Kind) string {
	n := map[string]int{}
	runs := seeds()
	for _, s := range runs {
		w := k.Make(s)
		r := solve(t, w)
		o := judge(w, r)
		n[o.found]++
		n["ruled out"] += min(1, len(o.denied))
		n["false hunch"] += min(1, len(o.hunches))
		n["journey off"] += min(1, len(o.astray))
		n["FALSE"] += min(1, len(o.lies))
		tell(t, w, r, o)
	}
	row := fmt.Sprintf("\n%-40s %5d", k.Name, len(runs))
	for _, c := range columns() {
		row += fmt.Sprintf(" %15d", n[c])
	}
	return row
}

func seeds() []uint64 {
	if *seed >= 0 {
		return []uint64{uint64(*seed)}
	}
	var all []uint64
	for i := range *worlds {
		all = append(all, uint64(i))
	}
	return all
}

// tell fails the test where something false was confirmed, and tells more where one
// world is asked for.
func tell(t *testing.T, w mailworld.World, r *diag.Report, o outcome) {
	t.Helper()
	for _, lie := range o.lies {
		t.Errorf("%s, seed %d: not true: %s", w.Kind, w.Seed, lie)
	}
	if *worlds > 10 || *seed >= 0 {
		for _, x := range slices.Concat(o.denied, o.hunches, o.astray[:min(3, len(o.astray))]) {
			t.Logf("%s, seed %d: %s", w.Kind, w.Seed, x)
		}
		if o.found == missed {
			t.Logf("%s, seed %d: missed", w.Kind, w.Seed)
		}
	}
	if *seed < 0 {
		return
	}
	t.Logf("%s, seed %d: %s\n%s", w.Kind, w.Seed, o.found, w.Told)
	for _, h := range r.Hypotheses() {
		for _, f := range h.Findings {
			t.Logf("  %s %s: %s", f.Verdict, f.Code, diag.Sentence(h.Cause, f))
		}
	}
	for _, x := range append(unread(r), unsure(r)...) {
		t.Log("  ", x)
	}
	if *keep != "" {
		save(t, w)
	}
}
