package tui

import (
	"os"
	"strings"
	"testing"

	"mailflow/diag"
)

// TestAPathThatIsNotThere is told when its field is left, and not before; the way
// on is shut until it is mended, and the way back stays open.
func TestAPathThatIsNotThere(t *testing.T) {
	founding(t, func(d *driver) {
		if err := os.WriteFile("track.log", []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		d.size(120, 40)
		d.toQuestions()
		f := d.m.questions.form
		f.to(field0(d, "evidence"))
		d.keys("track.lgo")
		if strings.Contains(d.m.View(), "cannot be read") {
			t.Errorf("it is told while it is typed:\n%s", d.m.View())
		}
		d.keys("enter")
		d.sees("! track.lgo cannot be read: no such file", "Backspace takes the last")
		for _, key := range []string{"tab", "up", "down", "ctrl+d"} {
			d.keys(key)
			d.sees("track.lgo cannot be read: no such file")
			if d.m.at != atQuestions {
				t.Fatalf("%s goes on with a path that is not there", key)
			}
		}
		d.keys("esc")
		d.sees("What happens?")
		d.keys("ctrl+d")
		f.to(field0(d, "evidence"))
		d.keys("backspace", "track.log", "ctrl+d")
		if d.m.at != atConsent {
			t.Errorf("a file that is there is held back:\n%s", d.m.View())
		}
	})
}

// TestAPathIsKeptOnce though the operator leaves before Enter took it in.
func TestAPathIsKeptOnce(t *testing.T) {
	founding(t, func(d *driver) {
		d.toQuestions()
		d.m.questions.form.to(field0(d, "evidence"))
		d.keys("logs/a.log", "esc", "ctrl+d")
		if got := field0(d, "evidence").value(); got != "logs/a.log" {
			t.Errorf("the answer is %q", got)
		}
	})
}

// TestPathsOfAnEarlierRun may be of another machine: they are not asked for again,
// others are.
func TestPathsOfAnEarlierRun(t *testing.T) {
	founding(t, func(d *driver) {
		before := diag.NewReport(catalog())
		before.Add(diag.Event{Opened: &diag.Opened{Symptom: "outbound-delayed", Inputs: []diag.Answer{{Name: "evidence", Value: "c:\\case\\a.log"}}}})
		d.m.saved.loaded(d.m, loadedMsg{"case.jsonl", before, nil})
		d.keys("a", "ctrl+d")
		if d.m.at != atConsent {
			t.Fatalf("a path of the earlier run is held against it:\n%s", d.m.View())
		}
		d.keys("esc")
		d.m.questions.form.to(field0(d, "evidence"))
		d.keys("more.log", "ctrl+d")
		d.sees("! more.log cannot be read")
	})
}
