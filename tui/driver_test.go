package tui

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"mailflow"
	"mailflow/analyzers"
	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/internal/lab"
)

var update = flag.Bool("update", false, "write the golden views anew")

func TestMain(m *testing.M) {
	lipgloss.SetColorProfile(termenv.Ascii)
	os.Exit(m.Run())
}

func catalog() *diag.Catalog {
	return &diag.Catalog{Inputs: collectors.Inputs(), Collectors: collectors.All(), Symptoms: analyzers.Symptoms(), Always: collectors.Always()}
}

// A driver does what tea.Program does, in virtual time: it runs the commands
// and hands their messages to Update. The program itself does not run in a
// bubble.
type driver struct {
	t    testing.TB
	m    *Model
	came chan tea.Msg
	quit bool
}

// founding starts the front end in the world of the founding case. It runs
// inside a bubble whose clock stands at 22 November 2026.
func founding(t *testing.T, do func(d *driver)) {
	s, err := lab.Read(mailflow.FoundingCase)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC)))
		w, stop, err := s.World()
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		d := drive(t, Options{Catalog: catalog(), World: func(string) diag.World { return w }, Tool: "mailflow test", State: "state"})
		defer d.m.finish()
		do(d)
	})
}

func drive(t testing.TB, opt Options) *driver {
	d := &driver{t: t, m: New(opt), came: make(chan tea.Msg, 1000)}
	d.size(80, 24)
	d.start(d.m.Init())
	d.settle(0)
	return d
}

func (d *driver) size(w, h int) { d.send(tea.WindowSizeMsg{Width: w, Height: h}) }

func (d *driver) start(cmd tea.Cmd) {
	if cmd != nil {
		go func() { d.came <- cmd() }()
	}
}

func (d *driver) send(msg tea.Msg) {
	switch v := reflect.ValueOf(msg); {
	case msg == nil:
	case reflect.TypeOf(msg) == reflect.TypeFor[tea.QuitMsg]():
		d.quit = true
	case v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]():
		for i := range v.Len() {
			d.start(v.Index(i).Interface().(tea.Cmd))
		}
	default:
		_, cmd := d.m.Update(msg)
		d.start(cmd)
	}
}

// settle lets virtual time pass and takes in what comes.
func (d *driver) settle(for_ time.Duration) {
	end := time.After(for_)
	for {
		synctest.Wait()
		select {
		case msg := <-d.came:
			d.send(msg)
			continue
		default:
		}
		select {
		case msg := <-d.came:
			d.send(msg)
		case <-end:
			synctest.Wait()
			if len(d.came) == 0 {
				return
			}
			end = time.After(0)
		}
	}
}

// keys presses keys by their names; a name that is none is typed.
func (d *driver) keys(names ...string) {
	for _, name := range names {
		d.send(keyMsg(name))
		d.settle(0)
	}
}

func keyMsg(name string) tea.KeyMsg {
	for t := tea.KeyType(-200); t < 200; t++ {
		if k := (tea.KeyMsg{Type: t}); t != tea.KeyRunes && k.String() == name {
			return k
		}
	}
	if name == "space" || name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// until waits, at most so long, for a text to be on the screen.
func (d *driver) until(text string, most time.Duration) {
	d.t.Helper()
	for range int(most / tickEvery) {
		if strings.Contains(d.m.View(), text) {
			return
		}
		d.settle(tickEvery)
	}
	d.t.Fatalf("no %q within %s on:\n%s", text, most, d.m.View())
}

func (d *driver) sees(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.m.View(), text) {
			d.t.Errorf("no %q on:\n%s", text, d.m.View())
		}
	}
}

// fits checks that no line is wider than the window, and that there are not
// more lines than it has.
func (d *driver) fits() {
	d.t.Helper()
	all := strings.Split(d.m.View(), "\n")
	if len(all) > d.m.h {
		d.t.Errorf("%d lines in a window of %dx%d", len(all), d.m.w, d.m.h)
	}
	for i, l := range all {
		if n := ansi.StringWidth(l); n > d.m.w {
			d.t.Errorf("line %d has %d columns in a window of %dx%d: %q", i, n, d.m.w, d.m.h, l)
		}
	}
}

// golden compares the view at three sizes.
func (d *driver) golden(name string) {
	d.t.Helper()
	w, h := d.m.w, d.m.h
	for _, size := range []struct {
		name string
		w, h int
	}{{"60x20", 60, 20}, {"80x24", 80, 24}, {"120x40", 120, 40}} {
		d.size(size.w, size.h)
		d.fits()
		d.compare(name + "-" + size.name)
	}
	d.size(w, h)
}

func (d *driver) compare(name string) {
	d.t.Helper()
	var lines []string
	for _, l := range strings.Split(d.m.View(), "\n") {
		lines = append(lines, strings.TrimRight(l, " "))
	}
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join(sourceFolder, "testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if got != string(want) {
		d.t.Errorf("%s is now (go test ./tui -update takes it):\n%s\nand was:\n%s", name, got, want)
	}
}

// sourceFolder is where the tests began: they change the folder to see what an
// export does.
var sourceFolder = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()

func readAll(t testing.TB, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
