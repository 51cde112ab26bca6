package tui

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// TestEscKeepsAnswers goes back to the start and forth again.
func TestEscKeepsAnswers(t *testing.T) {
	founding(t, func(d *driver) {
		d.size(120, 40)
		d.toQuestions()
		d.keys("alice@contoso.com", "enter", "hub.contoso..", "esc")
		d.sees("What happens?", "Exchange 2003 to 2007", "201007-0001")
		d.keys("esc")
		d.sees("The answers given so far")
		d.keys("enter")
		d.sees("Exchange 2003 to 2007")
		d.keys("ctrl+d")
		d.sees("alice@contoso.com", "hub.contoso..")
		d.keys("ctrl+d")
		if d.m.at != atQuestions {
			t.Error("an answer that cannot be right goes through")
		}
		d.sees("no domain name")
		d.keys("ctrl+n")
		d.sees("Left empty. It is the server that mail is handed to")
		d.golden("questions-not-known")
		d.keys("ctrl+d")
		d.sees("These things will be touched")
		d.keys("esc", "esc", "esc", "n")
		d.sees("What happens?")
		if d.m.label != "" || len(d.m.answers) > 0 {
			t.Error("n keeps the old answers")
		}
	})
}

func TestNothingToLookAt(t *testing.T) {
	founding(t, func(d *driver) {
		d.toQuestions()
		d.keys("ctrl+d")
		if d.m.at != atQuestions {
			t.Fatal("goes on without anything to look at")
		}
		d.sees("Name the recipient")
	})
}

// run begins the founding case and lets it go on for a while.
func (d *driver) run(for_ time.Duration) {
	d.toQuestions()
	d.answer()
	d.keys("ctrl+d", "y")
	d.settle(for_)
}

func TestInterruptKeepsWhatIsThere(t *testing.T) {
	for _, key := range []string{"ctrl+c", "esc"} {
		founding(t, func(d *driver) {
			d.run(2 * time.Second)
			d.keys(key)
			d.until("Root cause", 10*time.Second)
			d.sees("Ended before its time")
			if c, ok := d.m.report.Closed(); !ok || !c.Interrupted || !d.m.unsaved {
				t.Errorf("closed %v %+v", ok, c)
			}
			if _, err := os.Stat(d.m.savedAt()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSkip skips the dead address: the run goes on at once, and nobody takes
// what the operator did for a fault.
func TestSkip(t *testing.T) {
	founding(t, func(d *driver) {
		d.run(2 * time.Second)
		d.sees("> ", "192.168.77.7:25: connecting")
		d.keys("s")
		d.sees("Skipped 192.168.77.7:25")
		d.until("Root cause", time.Second)
		for _, h := range d.m.report.Hypotheses() {
			if h.Code == "ADDRESS-DEAD" && h.Verdict > 1 {
				t.Errorf("skipping makes %s %s", h.Code, h.Verdict)
			}
		}
	})
}

// TestSavedCaseIsOfferedAgain opens a case whose run was cut off, and goes on.
func TestSavedCaseIsOfferedAgain(t *testing.T) {
	founding(t, func(d *driver) {
		d.run(2 * time.Second)
		b := readAll(t, d.m.savedAt()) // as a crash now would leave it
		d.keys("esc")
		d.until("Root cause", 10*time.Second)
		path := filepath.Join(d.m.casesFolder(), "20261121-000000-cut.jsonl")
		if err := os.WriteFile(path, []byte(b+`{"at":"20`), 0o600); err != nil {
			t.Fatal(err)
		}
		d.m.goTo(atStart)
		d.send(d.m.readState()())
		d.sees("Back to the results")
		if d.m.start.cases != 2 {
			t.Errorf("%d cases are offered", d.m.start.cases)
		}
		d.keys("down", "enter")
		d.sees("Which case?", "[cut off]", "Another file")
		d.golden("saved")
		d.keys("down", "enter")
		d.sees("This run was cut off")
		d.keys("a")
		d.sees("What was gathered stays", "alice@contoso.com")
		d.golden("questions-again")
		d.keys("ctrl+d")
		d.sees("r gather all anew")
		if strings.Contains(d.m.View(), "- route:") {
			t.Errorf("what was gathered is gathered again:\n%s", d.m.View())
		}
		d.keys("y")
		d.until("Root cause", time.Minute)
		if hs := d.m.report.Hypotheses(); len(hs) == 0 || hs[0].Code != "ADDRESS-DEAD" {
			t.Errorf("going on finds %+v", hs)
		}
	})
}

func TestPickerAndPastedPaths(t *testing.T) {
	founding(t, func(d *driver) {
		for _, name := range []string{"trace.log", "evil\x1b[2Jname.txt"} {
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir("logs", 0o700); err != nil {
			t.Fatal(err)
		}
		d.toQuestions()
		d.m.questions.form.to(field0(d, "evidence"))
		d.keys("ctrl+o")
		d.m.picker.folder = "/home/eva/case"
		d.golden("picker")
		d.sees(`evil\x1b[2Jname.txt`, "logs/", "> ../")
		folder, _ := os.Getwd()
		d.keys("?", "esc")
		d.m.picker.folder = folder
		d.keys("down", "down", "down", "enter")
		d.sees("/trace.log")
		d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("'/tmp/my logs/a.log'\nfile:///tmp/b.log\n"), Paste: true})
		d.keys(`/tmp/c\ d.log`, "enter")
		want := folder + "/trace.log\n/tmp/my logs/a.log\n/tmp/b.log\n/tmp/c d.log"
		if got := field0(d, "evidence").value(); got != want {
			t.Errorf("the paths are %q, not %q", got, want)
		}
		d.keys("backspace", "backspace")
		d.sees("+ /tmp/my logs/a.log")
	})
}

func field0(d *driver, name string) *field {
	for _, f := range d.m.questions.form.fields {
		if f.name == name {
			return f
		}
	}
	d.t.Fatalf("no question %s", name)
	return nil
}

func TestHelp(t *testing.T) {
	founding(t, func(d *driver) {
		d.keys("?")
		d.sees("Keys here", "Keys everywhere", "one step back")
		d.golden("help")
		d.keys("esc", "enter", "what?")
		d.sees("what?")
		d.keys("f1")
		d.sees("Keys everywhere")
	})
}

func TestMouse(t *testing.T) {
	founding(t, func(d *driver) {
		d.size(120, 40)
		d.clickOn("Open a saved case")
		d.sees("Which case?")
		d.clickOn("Mail flow troubleshooter")
		d.sees("What happens?")
		d.clickOn("A queue on the server")
		d.clickOn("[ Continue ]")
		d.sees("To whom is mail late?")
		if d.m.symptom != "queues-backing-up" {
			t.Errorf("the symptom is %q", d.m.symptom)
		}
		d.send(tea.MouseMsg{Button: tea.MouseButtonWheelDown, Action: tea.MouseActionPress, X: 60, Y: 10})
		if d.m.questions.form.focus != 1 {
			t.Error("the wheel does not move")
		}
		d.clickOn("1 Complaint")
		d.sees("What happens?")
	})
}

// clickOn clicks on the first place where a text stands.
func (d *driver) clickOn(text string) {
	d.t.Helper()
	for y, l := range strings.Split(d.m.View(), "\n") {
		if at := strings.Index(l, text); at >= 0 {
			d.send(tea.MouseMsg{Button: tea.MouseButtonLeft, Action: tea.MouseActionPress, X: len([]rune(l[:at])), Y: y})
			d.settle(0)
			return
		}
	}
	d.t.Fatalf("no %q on:\n%s", text, d.m.View())
}

// TestResizing draws every screen at many sizes; no line may be too wide.
func TestResizing(t *testing.T) {
	founding(t, func(d *driver) {
		rnd := rand.New(rand.NewPCG(1, 2))
		storm := func() {
			for range 60 {
				d.size(1+rnd.IntN(300), 1+rnd.IntN(100))
				d.fits()
			}
			d.size(60, 20)
			d.fits()
			d.size(80, 24)
		}
		for _, key := range []string{"", "?", "esc", "enter", "ctrl+d"} {
			if key != "" {
				d.keys(key)
			}
			storm()
		}
		d.answer()
		storm()
		d.keys("ctrl+d")
		storm()
		d.keys("y")
		d.settle(2 * time.Second)
		storm()
		d.until("Root cause", time.Minute)
		d.m.report.Add(gathered("org", orgOf("Contoso, a name of some length")))
		d.m.report.Add(gathered("org.path", pathOf("EX03A.contoso.com")))
		d.m.results.set(d.m)
		for _, key := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			d.keys(key)
			d.sees("[" + key)
			storm()
		}
		for _, key := range []string{"2", "enter", "x", "ctrl+c"} {
			d.keys(key)
			storm()
		}
		d.size(59, 19)
		d.sees("please make it larger")
	})
}
