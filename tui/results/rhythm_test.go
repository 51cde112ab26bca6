package results

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"mailflow/evidence"
	"mailflow/report"
)

// TestChartStandsAsTheReport: in any zone the columns are where the report's row
// of bars has them, so that its marks belong to them.
func TestChartStandsAsTheReport(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"} {
		zone, err := evidence.LoadZone(name)
		if err != nil {
			t.Skip("this machine has no time zones")
		}
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 4))
			h := hop{rhythmsOfHops()[0], report.Times{Zone: zone, Day: noon()}}
			h.Turn = []evidence.Duration{3600, 7200, 14400, 86400}[rng.IntN(4)]
			h.Period = h.Turn
			h.Minutes = make([]int, 60)
			h.Minutes[rng.IntN(60)] = 7
			bars, marks := report.RhythmBars(h.HopRhythm, h.times)
			c := h.departures()
			if c.marks != marks {
				t.Fatalf("%s: marks %q, want %q", name, c.marks, marks)
			}
			for i, r := range []rune(bars) {
				if (r != '.') != (c.counts[i] > 0) {
					t.Fatalf("%s, turn %v: column %d is %d under %q", name, h.Turn, i, c.counts[i], bars)
				}
			}
			if zone := h.times.Name(noon()); name != "UTC" && strings.Contains(c.title, "UTC)") == strings.Contains(c.title, zone+")") {
				t.Errorf("%q does not name its zone", c.title)
			}
		}
	}
}

// TestWaitsStandAsTheReport: the marks of the ladder are under its waits.
func TestWaitsStandAsTheReport(t *testing.T) {
	h := hop{HopRhythm: rhythmsOfHops()[1]}
	c := h.waits()
	bars, marks := report.WaitBars(h.HopRhythm)
	if utf8.RuneCountInString(bars) != len(c.counts) || c.marks != marks {
		t.Fatalf("%d columns, and the report has %q", len(c.counts), bars)
	}
	if at := strings.Index(c.marks, "^"); at < 0 || c.counts[at] != 26 {
		t.Errorf("the first attempt is marked at %d of %v", at, c.counts)
	}
	wide := c.broad(76)
	if at := strings.Index(wide.marks, "^^"); at < 0 || wide.counts[at] != 26 || wide.counts[at+1] != 26 {
		t.Errorf("drawn wider it is marked at %d of %v", at, wide.counts)
	}
}

// TestColumns: in blocks and in ASCII, each column is as high as its share, what
// is not nothing can be seen, and nothing hangs in the air.
func TestColumns(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 5))
		c := chart{counts: make([]int, 1+rng.IntN(80)), plain: seed%2 == 0}
		for i := range c.counts {
			c.counts[i] = max(0, rng.IntN(40)-15)
		}
		h := 1 + rng.IntN(10)
		rows := c.rows(h)
		for i, n := range c.counts {
			high, top := 0, false
			for r := h - 1; r >= 0; r-- {
				cell := ' '
				if row := []rune(rows[r]); i < len(row) {
					cell = row[i]
				}
				if top && cell != ' ' {
					t.Fatalf("seed %d: column %d hangs in the air:\n%s", seed, i, strings.Join(rows, "\n"))
				}
				if top = cell == ' '; !top {
					high++
				}
			}
			if (n > 0) != (high > 0) || n == c.highest() && n > 0 && high != h {
				t.Fatalf("seed %d: %d of %d is %d of %d rows high", seed, n, c.highest(), high, h)
			}
		}
		for _, l := range c.lines(10+rng.IntN(100), h) {
			if c.plain && !ascii(l.String()) {
				t.Fatalf("%q is not ASCII", l)
			}
		}
	}
}

// TestHalvedKeepsAll: where there is no room, two columns are one; nothing is
// lost, and the marks stay with them.
func TestHalvedKeepsAll(t *testing.T) {
	h := hop{HopRhythm: rhythmsOfHops()[0]}
	c := h.departures().halved()
	sum := func(all []int) (n int) {
		for _, x := range all {
			n += x
		}
		return n
	}
	if len(c.counts) != 30 || sum(c.counts) != sum(h.Minutes) {
		t.Errorf("%d columns with %d, of %d", len(c.counts), sum(c.counts), sum(h.Minutes))
	}
	for i, n := range c.counts {
		if (c.marks[i] == '^') != (n > 40) {
			t.Errorf("column %d with %d is marked %q", i, n, c.marks[i])
		}
	}
}

// TestBlocksWhereThereIsColour: without, the charts are in ASCII.
func TestBlocksWhereThereIsColour(t *testing.T) {
	defer lipgloss.SetColorProfile(termenv.Ascii)
	m := press(New(withMail(t)).SetSize(80, 24), "8")
	lacksText(t, m, "█")
	lipgloss.SetColorProfile(termenv.TrueColor)
	shows(t, press(New(withMail(t)).SetSize(80, 24), "8"), "█")
}

// TestRhythmOfTheChosenHop: the pane follows the list, and pages through what
// has no room; typing finds a hop.
func TestRhythmOfTheChosenHop(t *testing.T) {
	m := press(New(withMail(t)).SetSize(80, 24), "8")
	shows(t, m, "mail leaves on the clock, every 15 min at :05, :20, :35")
	shows(t, press(m, "pgdown"), "strength  93 % of what waited follows it")
	shows(t, turnWheel(m, 10, 20, tea.MouseButtonWheelDown), "lines 4-")
	m = press(m, "down")
	shows(t, m, "mail waits for a retry timer")
	shows(t, press(m, "pgdown", "pgdown"), "ladder    Exim")
	shows(t, press(m, "down"), "EX03A -> mailboxes: nothing waits here")
	m = press(m, "f", "r", "e", "l", "a", "y", "enter")
	shows(t, m, `hop 1 of 1, only hops with "relay"`)
	shows(t, m, "mail waits for a retry timer")
	shows(t, press(m, "f", "x", "enter"), "None of 3 hops is called like that.")
	shows(t, press(m, "esc", "enter", "n"), "EX03A -> mailboxes: nothing waits here")
	shows(t, press(New(withMail(t)).SetSize(160, 50), "8"), "│   When what waited left")
}
