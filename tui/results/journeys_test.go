package results

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/evidence"
)

func letters(s string) []string { return strings.Split(s, "") }

func pressAll(m Model, keys ...[]string) Model { return press(m, slices.Concat(keys...)...) }

// TestJourneysAreFiltered by what a message can be known by, as it is typed, and
// whatever its case.
func TestJourneysAreFiltered(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 30), "7")
	shows(t, m, "journey 1 of 6")
	for text, want := range map[string]string{
		"ANNA@": "of 2", "eve@example": "of 1", "interop": "of 3", "Internet": "of 3", "hub02": "of 2", "mx.example.net": "of 1", "OFFER-3": "of 1",
		"nobody": "None of 6 journeys is like that.", "hub02ex03a": "None of 6",
	} {
		typed := pressAll(m, []string{"f"}, letters(text))
		if !typed.Typing() {
			t.Fatal("it does not say that it takes letters")
		}
		shows(t, typed, "only journeys with: "+text+"_  ")
		shows(t, press(typed, "enter"), want)
		shows(t, pressAll(m, []string{"/"}, letters(text), []string{"enter"}), want)
		shows(t, press(typed, "enter", "esc"), "of 6") // the one that was found stays chosen
		shows(t, press(typed, "esc"), "of 6")
	}
}

// TestStatesOfJourneys: one key goes through them, and esc back to all.
func TestStatesOfJourneys(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 30), "7")
	for _, c := range []struct{ want, row, lacks string }{
		{"of 5, only late", "order-17", "news-1"}, {"of 2, only waiting", "offer-3", "late-2"}, {"of 1, only failed", "back-5", "order-17"},
		{"of 1, only lost sight of", "gone-4", "back-5"}, {"of 6", "news-1", "only"},
	} {
		m = press(m, "s")
		shows(t, m, c.want)
		shows(t, m, c.row)
		lacksText(t, m, c.lacks)
	}
	m = pressAll(m, []string{"s", "s", "f"}, letters("carl"), []string{"enter"})
	shows(t, m, "journey 1 of 1, only waiting, only journeys with \"carl\"")
	m = press(m, "esc")
	shows(t, m, "of 2, only waiting")
	m, got := emitted(m, "esc")
	if got != nil {
		t.Errorf("esc leaves the results: %T", got)
	}
	shows(t, m, "of 6")
	if _, got = emitted(m, "esc"); got != (Back{}) {
		t.Errorf("esc with nothing left to close gives %T", got)
	}
}

// TestMouseOpensAJourney: a click chooses, a second one opens, the wheel rolls.
func TestMouseOpensAJourney(t *testing.T) {
	m := New(withMail(t)).SetSize(80, 24)
	bar, _, _ := strings.Cut(m.View(), "\n")
	m = click(m, strings.Index(bar, "Journeys"), 0)
	m = click(m, 10, 5) // under the tabs, the rule and the head of the table
	if l := marked(t, m); !strings.Contains(l, "late-2") {
		t.Errorf("a click on the third row marks %q", l)
	}
	m = click(m, 10, 5)
	shows(t, m, "Message <late-2@contoso.com>")
	many := press(New(withKind(t, plainReport(t), evidence.Journeys, manyJourneys(100))).SetSize(80, 24), "7")
	shows(t, turnWheel(many, 10, 10, tea.MouseButtonWheelDown), "lines 4-23 of 100")
}

// TestDetailLeadsOn to the journeys that are shown, and no others.
func TestDetailLeadsOn(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 40), "7", "s", "s", "enter")
	shows(t, m, "Message <order-17@contoso.com>")
	m = press(m, "n")
	shows(t, m, "Message <offer-3@contoso.com>")
	shows(t, press(m, "n"), "Message <offer-3@contoso.com>") // the last
	shows(t, press(m, "N", "N"), "Message <order-17@contoso.com>")
	if l := marked(t, press(m, "esc")); !strings.Contains(l, "offer-3") {
		t.Errorf("after the detail %q is chosen", l)
	}
	shows(t, press(New(withMail(t)).SetSize(120, 40), "9", "down", "enter", "n", "n", "n", "n"), "Mail for example.com")
}

// TestDetailOfAJourney tells all of it.
func TestDetailOfAJourney(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 100), "7", "enter")
	for _, want := range []string{"still waits for others at EDGE02", "anna@contoso.com -> ben@example.com, eve@example.com and 3 more", "2 ~HUB02", "put off 7 times: 451 4.4.0 try later",
		"clock corrected by -12.2 s", "TOTAL-HUB/SMR/SMRC, 2 h 30 min", `\\MBX03\c$\logs`, "RECEIVE before SEND", "its clock is 12.2 s ahead", "read in HUB02.log line 9, tracking log", "(UTC, clocks corrected"} {
		shows(t, m, want)
	}
}

// TestCourse: each stop has as many cells as it has of the time, one after the
// other.
func TestCourse(t *testing.T) {
	j := journeysOfMail()[0]
	c := newCourse(j, 100)
	rows := make([]string, len(j.Stops))
	for i, s := range j.Stops {
		rows[i] = c.row(s)
		if len(rows[i]) > c.cells {
			t.Errorf("row %d is %d wide, of %d", i, len(rows[i]), c.cells)
		}
	}
	if rows[0] != "*" {
		t.Errorf("4 seconds are %q", rows[0])
	}
	waits, travels := strings.Count(rows[1], "#"), strings.Count(rows[1], "-")
	if want := c.cells * 9260 / 11250; waits < want-1 || waits > want+1 || travels != c.cells*636/11250 {
		t.Errorf("of %d cells %d wait and %d travel, for 9260 and 636 of 11250 s", c.cells, waits, travels)
	}
	if !strings.HasSuffix(rows[3], "#>") || len(rows[3]) != c.cells {
		t.Errorf("what waits still is %q", rows[3])
	}
	if !strings.HasSuffix(c.row(evidence.Stop{Came: at(10, 0, 0), Wait: 3000, Outcome: evidence.SawDropped}), "##") {
		t.Error("what was dropped waits still")
	}
}

// manyJourneys is as many as a case may hold.
func manyJourneys(n int) []evidence.Journey {
	all, six := make([]evidence.Journey, n), journeysOfMail()
	for i := range all {
		j := six[i%6]
		j.Message = fmt.Sprintf("%d.%s", i, j.Message)
		all[i] = j
	}
	return all
}

// TestManyJourneysAreQuick: what is shown is drawn, and no more. Times are
// coarse, for a machine that does other things too.
func TestManyJourneysAreQuick(t *testing.T) {
	const many = 50_000
	m := New(withKind(t, plainReport(t), evidence.Journeys, nil)).SetSize(120, 40)
	m.facts.ways = newWays(manyJourneys(many), true)
	m = press(m, "7")
	quick := func(what string, most time.Duration, f func()) {
		best := time.Hour
		for range 5 {
			begin := time.Now()
			f()
			best = min(best, time.Since(begin))
		}
		if best > most {
			t.Errorf("%s takes %s", what, best)
		}
	}
	quick("a page", 5*time.Millisecond, func() { m = press(m, "pgdown"); m.View() })
	quick("the end", 5*time.Millisecond, func() { m = press(m, "end"); m.View() })
	shows(t, m, "journey 50000 of 50000")
	quick("a new size", 100*time.Millisecond, func() { m = m.SetSize(240-m.w, 40); m.View() })
	m = press(m, "f", "x", "backspace") // gathers the words
	quick("a letter of a filter", 300*time.Millisecond, func() { m = press(m, "ctrl+u", "4"); m.View() })
	m = pressAll(m, []string{"ctrl+u"}, letters("49999."), []string{"enter"})
	shows(t, m, "journey 1 of 1")
	quick("a detail", 20*time.Millisecond, func() { press(m, "enter").View() })
}

// BenchmarkJourneys is one letter of a filter through 50,000 journeys.
func BenchmarkJourneys(b *testing.B) {
	m := press(New(withKind(b, plainReport(b), evidence.Journeys, manyJourneys(50_000))).SetSize(120, 40), "7", "f", "x")
	for b.Loop() {
		m = press(m, "ctrl+u", "h")
	}
}

// TestFilterAgrees: what the list shows is what mentions the text, for texts
// taken out of the journeys and for others.
func TestFilterAgrees(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 3))
		var all []evidence.Journey
		for range 1 + rng.IntN(20) {
			all = append(all, evidence.Journey{Message: hostile(rng), Sender: hostile(rng), Stops: []evidence.Stop{{Server: hostile(rng)}}})
		}
		m := press(New(withKind(t, plainReport(t), evidence.Journeys, all)).SetSize(80, 40), "7")
		text := clean(all[rng.IntN(len(all))].Sender)
		if runes := []rune(text); len(runes) > 0 {
			from := rng.IntN(len(runes))
			text = string(runes[from:min(len(runes), from+1+rng.IntN(5))])
		}
		m = press(m, "f", text)
		want := 0
		for _, j := range m.facts.journeys().all { // what JSON made of them
			if strings.Contains(strings.ToLower(clean(clip(j.Message))+"\n"+clean(clip(j.Sender))+"\n"+clean(clip(j.Stops[0].Server))), strings.ToLower(m.only[journeys])) {
				want++
			}
		}
		if got := len(m.pages[journeys].list.rows); got != want {
			t.Fatalf("seed %d: %q shows %d of %d", seed, m.only[journeys], got, want)
		}
	}
}

// TestStaysAtTheJourney when evidence is added, and closes what is gone.
func TestStaysAtTheJourney(t *testing.T) {
	m := press(New(withMail(t)).SetSize(120, 30), "7", "down", "down", "enter")
	shows(t, m, "<late-2@contoso.com>")
	more := withKind(t, withMail(t), evidence.Journeys, append(manyJourneys(40), journeysOfMail()...))
	m = m.SetReport(more)
	shows(t, m, "<late-2@contoso.com>")
	if l := marked(t, press(m, "esc")); !strings.Contains(l, "late-2") {
		t.Errorf("%q is chosen", l)
	}
	gone := m.SetReport(withKind(t, withMail(t), evidence.Journeys, journeysOfMail()[:1]))
	lacksText(t, gone, "<late-2@contoso.com>")
	shows(t, m.SetReport(plainReport(t)), "[1 Root cause]")
}
