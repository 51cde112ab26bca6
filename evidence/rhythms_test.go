package evidence

import "testing"

// TestFollow: the number and the percentage that views and findings tell are of each
// other.
func TestFollow(t *testing.T) {
	for name, c := range map[string]struct {
		waited            int
		strength          float64
		messages, percent int
	}{
		"the founding case":     {87, 0.914, 80, 92},
		"half, exactly":         {200, 0.005, 1, 1},
		"all":                   {87, 1, 87, 100},
		"all but one of many":   {1000, 0.9990, 999, 99},
		"more than there is":    {10, 1.2, 10, 100},
		"none":                  {10, 0, 0, 0},
		"nobody waited":         {0, 0.9, 0, 0},
		"a correlation below 0": {9, -0.3, 0, 0},
	} {
		if n, p := (HopRhythm{Waited: c.waited, Strength: c.strength}).Follow(); n != c.messages || p != c.percent {
			t.Errorf("%s: %d, %d %%", name, n, p)
		}
	}
}
