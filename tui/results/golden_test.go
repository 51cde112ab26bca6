package results

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"mailflow"
	"mailflow/analyzers"
	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/internal/lab"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	lipgloss.SetColorProfile(termenv.Ascii)
	os.Exit(m.Run())
}

// founding plays the founding case to its end, at nine o'clock of one day.
func founding(t testing.TB) *diag.Report {
	t.Helper()
	s, err := lab.Read(mailflow.FoundingCase)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)))
	w, stop, err := s.World()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cat := &diag.Catalog{Inputs: collectors.Inputs(), Collectors: collectors.All(), Symptoms: analyzers.Symptoms(), Always: collectors.Always()}
	r := diag.NewReport(cat)
	c := &diag.Case{Tool: "mailflow 1.0", Label: s.Label, ID: s.ID, Symptom: s.Symptom, Answers: s.Answers}
	for ev := range diag.Run(context.Background(), w, cat, c) {
		r.Add(ev)
	}
	return r
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

// TestGolden compares every tab and the details, at three sizes.
func TestGolden(t *testing.T) {
	screens := []struct {
		name string
		keys []string
	}{
		{"causes", nil},
		{"causes-second", []string{"down"}},
		{"cause-detail", []string{"enter"}},
		{"findings", []string{"2"}},
		{"finding-detail", []string{"2", "enter"}},
		{"timeline", []string{"3"}},
		{"timeline-folded", []string{"3", "-"}},
		{"tree", []string{"4"}},
		{"tree-unfolded", []string{"4", "+", "+"}},
		{"transcript", []string{"5"}},
		{"transcript-search", []string{"5", "/", "x", "-", "enter", "n"}},
		{"unchecked", []string{"6"}},
	}
	inBubble(t, func(t *testing.T) {
		r := founding(t)
		for _, screen := range screens {
			for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}} {
				m := press(New(r).SetSize(size[0], size[1]), screen.keys...)
				golden(t, fmt.Sprintf("%s-%dx%d", screen.name, size[0], size[1]), m.View()+"\n")
			}
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./tui/results -update writes it)", err)
	}
	if string(want) != got {
		t.Errorf("%s is not what it was; go test ./tui/results -update, and read the difference.\nnow:\n%s\nbefore:\n%s", file, got, want)
	}
}
