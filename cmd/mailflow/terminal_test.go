//go:build integration

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/report"
)

// A screen is the real program in a real terminal: tmux.
type screen struct {
	t    *testing.T
	sock string
}

func (s screen) tmux(args ...string) string {
	s.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", s.sock}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

func (s screen) shows() string { return s.tmux("capture-pane", "-p") }

// await polls until the screen shows a text.
func (s screen) await(text string) {
	s.t.Helper()
	end := time.Now().Add(30 * time.Second)
	for !strings.Contains(s.shows(), text) {
		if time.Now().After(end) {
			s.t.Fatalf("the screen never shows %q:\n%s", text, s.shows())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s screen) types(text string)    { s.tmux("send-keys", "-l", text) }
func (s screen) press(keys ...string) { s.tmux(append([]string{"send-keys"}, keys...)...) }

// start builds the program and shows it at one size.
func start(t *testing.T, size string, args ...string) (screen, string) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("tmux is not installed")
		}
		t.Skip("tmux is not installed")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "program")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := screen{t, filepath.Join(dir, "tmux")}
	w, h, _ := strings.Cut(size, "x")
	line := fmt.Sprintf("XDG_CONFIG_HOME=%s HOME=%s %s %s; echo left with $?; sleep 60", dir, dir, bin, strings.Join(args, " "))
	s.tmux("-f", "/dev/null", "new-session", "-d", "-c", dir, "-x", w, "-y", h, "sh", "-c", line)
	t.Cleanup(func() { exec.Command("tmux", "-S", s.sock, "kill-server").Run() })
	return s, dir
}

// TestTerminalFromTaskToReport goes ExTRA's way in a real terminal: task,
// complaint, questions, consent, run, results, export; and the XML file that
// comes out of it validates and names the cause.
func TestTerminalFromTaskToReport(t *testing.T) {
	s, dir := start(t, "100x32", "--story", abs(t, "../../testdata/cases/founding-case.txtar"))
	s.await("Select a task")
	s.press("Enter")
	s.await("A name for this analysis")
	s.types("from the terminal")
	s.press("C-d")
	s.await("Where does the mail go?")
	s.await("alice@contoso.com") // the story's own answers are there
	s.press("C-d")
	s.await("What will be done")
	s.await("ex07hub.contoso.com")
	finish(t, s, dir)
}

func abs(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

func finish(t *testing.T, s screen, dir string) {
	t.Helper()
	s.press("y")
	s.await("ADDRESS-DEAD")
	s.await("Root cause")
	s.press("x")
	s.await("Write the files")
	s.press("C-d")
	s.await("Written:")
	found, _ := filepath.Glob(filepath.Join(dir, "*.xml"))
	if len(found) != 1 {
		t.Fatalf("XML files in %s: %v\n%s", dir, found, s.shows())
	}
	validate(t, found[0])
	f, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, err := report.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	r := diag.NewReport(catalog())
	for _, ev := range events {
		r.Add(ev)
	}
	if hs := r.Hypotheses(); len(hs) == 0 || hs[0].Code != "ADDRESS-DEAD" || r.Opened().Label != "from the terminal" {
		t.Errorf("the report says %+v about %q", hs, r.Opened().Label)
	}
}

func validate(t *testing.T, file string) {
	t.Helper()
	out, err := exec.Command("xmllint", "--nonet", "--noout", "--schema", "../../testdata/report.xsd", file).CombinedOutput()
	if err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// TestTerminalInterrupted: an interrupt in the middle of a run keeps what is
// there, leaving asks first, the shell has its screen back, and the case is
// saved by itself.
func TestTerminalInterrupted(t *testing.T) {
	s, dir := start(t, "80x24", "--story", abs(t, "../../testdata/cases/founding-case.txtar"))
	s.await("Select a task")
	s.press("Enter")
	s.await("A name for this analysis")
	s.press("C-d")
	s.await("Where does the mail go?")
	s.press("C-d")
	s.await("What will be done")
	s.press("y")
	s.await("Running")
	s.press("C-c")
	s.await("Root cause")
	s.press("C-c")
	s.await("leave")
	s.press("y")
	s.await("left with 0")
	if strings.Contains(s.shows(), "Root cause") {
		t.Errorf("the screen is not given back:\n%s", s.shows())
	}
	saved, _ := filepath.Glob(filepath.Join(dir, "mailflow", "cases", "*.jsonl"))
	if len(saved) != 1 {
		t.Fatalf("saved cases: %v", saved)
	}
	if r, err := load(catalog(), saved[0]); err != nil || len(r.Items()) == 0 {
		t.Errorf("the saved case: %v", err)
	}
}
