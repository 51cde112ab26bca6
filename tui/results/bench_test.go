package results

import (
	"strings"
	"testing"
	"time"
)

// The big report: 500 sessions with 100 lines each.
const bigSessions, bigLines = 500, 100

// BenchmarkFrame is the cost of one frame while scrolling, for every tab.
func BenchmarkFrame(b *testing.B) {
	m := New(talks(b, bigSessions, bigLines)).SetSize(120, 40)
	for _, k := range []string{"1", "2", "3", "4", "5", "6"} {
		tab := press(m, k)
		b.Run(strings.Trim(tab.labels()[tab.tab], "[]"), func(b *testing.B) {
			for b.Loop() {
				if tab = press(tab, "pgdown"); tab.View() == "" {
					b.Fatal("nothing")
				}
			}
		})
	}
}

// BenchmarkSearch is one letter of a search through 50,000 lines.
func BenchmarkSearch(b *testing.B) {
	m := press(New(talks(b, bigSessions, bigLines)).SetSize(120, 40), "5", "/", "h")
	for b.Loop() {
		m = press(m, "ctrl+u", "x")
	}
}

// BenchmarkResize is a new size with the transcript in view.
func BenchmarkResize(b *testing.B) {
	m := press(New(talks(b, bigSessions, bigLines)).SetSize(120, 40), "5")
	for i := 0; b.Loop(); i++ {
		m = m.SetSize(100+i%2, 40)
	}
}

// BenchmarkReport is a new report, decoded and laid out.
func BenchmarkReport(b *testing.B) {
	r := talks(b, bigSessions, bigLines)
	m := press(New(r).SetSize(120, 40), "5")
	for b.Loop() {
		m = m.SetReport(r)
	}
}

// TestABigReportIsQuick keeps the promise coarsely, on a machine that does
// other things too; the benchmarks say how much.
func TestABigReportIsQuick(t *testing.T) {
	m := press(New(talks(t, bigSessions, bigLines)).SetSize(300, 100), "5")
	best := time.Hour
	for range 20 {
		begin := time.Now()
		m = press(m, "pgdown")
		m.View()
		best = min(best, time.Since(begin))
	}
	if best > 5*time.Millisecond {
		t.Errorf("a frame takes %s", best)
	}
	begin := time.Now()
	m = press(m, "/", "o", "f", " ", "h", "o", "s", "t", " ", "4", "9", "9")
	if took := time.Since(begin); took > time.Second {
		t.Errorf("typing nine letters of a search takes %s", took)
	}
	shows(t, m, "1 of 100")
}
