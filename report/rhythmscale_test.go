package report

import (
	"strings"
	"testing"
	"time"
)

// TestScaleSaysWhoseClock: whole words, beside the scale or beneath it.
func TestScaleSaysWhoseClock(t *testing.T) {
	d := dial{Minutes: make([]int, dialParts), Turn: time.Hour, Zone: Times{local: true}.Name(time.Time{})}
	const minutes = ":00       :10       :20       :30       :40       :50"
	for width, want := range map[int]string{100: minutes + "  its server's clock", 67: minutes + "\nits server's clock"} {
		if got := strings.Join(d.scale(10, width), "\n"); got != want {
			t.Errorf("%d: %s", width, got)
		}
	}
}
