package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"mailflow/diag"
	"mailflow/internal/lab"
	"mailflow/report"
)

// storyFiles lists the stories by name.
func storyFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	return files
}

func story(t *testing.T, file string) *lab.Story {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := lab.Read(b)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s
}

// play runs a case to its end and folds it.
func play(t *testing.T, c *diag.Case, w diag.World) *diag.Report {
	t.Helper()
	r := diag.NewReport(catalog())
	for ev := range diag.Run(context.Background(), w, catalog(), c) {
		r.Add(ev)
	}
	for _, g := range r.NotChecked() {
		if g.Bug {
			t.Errorf("a crash of ours: %s: %s", g.What, g.Why)
		}
	}
	return r
}

func text(t *testing.T, format string, r *diag.Report) string {
	t.Helper()
	var out strings.Builder
	if err := report.Write(format, &out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestStories plays every story in virtual time, checks every line of its want
// and every finding that it does not want, and then replays what was recorded
// without a world: the conclusions must be the same.
func TestStories(t *testing.T) {
	for _, file := range storyFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s := story(t, file)
			synctest.Test(t, func(t *testing.T) {
				w, stop, err := s.World()
				if err != nil {
					t.Fatal(err)
				}
				r := play(t, storyCase(s), w)
				stop()
				for _, problem := range s.Check(r) {
					t.Error(problem)
				}
				replayed(t, s, r)
			})
			if t.Failed() {
				t.Logf("the story is %s", file)
			}
		})
	}
}

func replayed(t *testing.T, s *lab.Story, r *diag.Report) {
	t.Helper()
	events, err := report.Read(strings.NewReader(text(t, ".jsonl", r)))
	if err != nil {
		t.Fatalf("the case file does not read back: %v", err)
	}
	old := diag.NewReport(catalog())
	for _, ev := range events {
		old.Add(ev)
	}
	c := &diag.Case{Tool: tool()}
	c.Resume(old)
	again := play(t, c, diag.World{})
	for _, problem := range s.Check(again) {
		t.Errorf("replayed: %s", problem)
	}
	if a, b := conclusions(r), conclusions(again); a != b {
		t.Errorf("the replay concludes otherwise:\n%s\nbefore:\n%s", b, a)
	}
}

// conclusions prints every finding, so that two reports can be compared.
func conclusions(r *diag.Report) string {
	var out strings.Builder
	for _, h := range r.Hypotheses() {
		for _, f := range h.Findings {
			out.WriteString(h.Code + " " + f.Verdict.String() + " " + f.Subject + " " + h.ExplainedBy + " " + diag.Sentence(h.Cause, f) + "\n")
		}
	}
	return out.String()
}

// TestEveryCauseHasItsStories walks the catalogue: each cause is suspected or
// confirmed in a story named after it (code.txtar), and has a near miss
// (code-near.txtar, or code-near-....txtar) in which it must not be.
func TestEveryCauseHasItsStories(t *testing.T) {
	for _, c := range catalog().Causes() {
		name := "../../testdata/cases/" + strings.ToLower(c.Code)
		if _, err := os.Stat(name + ".txtar"); err != nil {
			t.Errorf("%s has no story %s.txtar", c.Code, name)
		} else if !wants(story(t, name+".txtar"), c.Code) {
			t.Errorf("%s.txtar does not want %s suspected or confirmed", name, c.Code)
		}
		near, _ := filepath.Glob(name + "-near*.txtar")
		if len(near) == 0 {
			t.Errorf("%s has no near miss %s-near.txtar", c.Code, name)
		}
		for _, file := range near {
			if wants(story(t, file), c.Code) {
				t.Errorf("%s wants %s: it is no near miss", file, c.Code)
			}
		}
	}
}

func wants(s *lab.Story, code string) bool {
	for _, w := range s.Want {
		if w.Code == code && w.Verdict >= diag.Suspected {
			return true
		}
	}
	return false
}

func TestCatalogIsValid(t *testing.T) {
	if err := catalog().Validate(); err != nil {
		t.Fatal(err)
	}
}
