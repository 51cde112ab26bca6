package rhythm

import (
	"testing"
)

// TestHopeless: what a rough count gives up, a full one gives up too.
func TestHopeless(t *testing.T) {
	given, tried := 0, 0
	for i, k := range kinds {
		w := newWorld(uint64(i))
		k.make(w)
		h := newHop(w.all, Options{})
		s := newSearch(h)
		for _, minutes := range usual {
			period := minutes * minute
			left, n := s.phases(period, func(t trip) int64 { return t.left })
			if n != s.counted(period) {
				t.Fatalf("%s, %d min: %d and %d messages count", k.name, minutes, n, s.counted(period))
			}
			for wide := narrowest; wide <= bins/8; wide *= 2 {
				_, most := busiest(left[:], wide)
				for _, enough := range []float64{0.3 * float64(n), onTime * float64(n), s.tellable(n, wide, 1, true)} {
					tried++
					if s.hopeless(period, n, wide, 1, enough) {
						given++
						if float64(most) >= enough {
							t.Errorf("%s, %d min, %d bins: %d of %d are %.1f or more", k.name, minutes, wide, most, n, enough)
						}
					}
				}
			}
		}
	}
	if given < tried/2 || given == tried {
		t.Errorf("given up: %d of %d", given, tried)
	}
}

// TestTellable: one message less than that could not be told from chance, were each
// of a cycle of its own.
func TestTellable(t *testing.T) {
	for _, s := range []search{{}, {parts: true}, {blind: true}} {
		for k := 1; k <= mostOpenings && (k == 1 || s.blind); k++ {
			for n := 8; n < 600; n += 7 {
				for wide := narrowest; wide <= bins/8; wide *= 2 {
					q, few, held := float64(k*wide)/bins, s.tellable(n, wide, k, true)-1, heldWhole
					if few < onTime*float64(n) {
						held = heldPart
					}
					p := trials(true) * choose(2*bins/float64(wide), k) * tail(few, few, q/held)
					if few >= s.wanted(k)*float64(n) && p < byChance {
						t.Errorf("%d of %d in %d arcs of %d bins: %g", int(few), n, k, wide, p)
					}
				}
			}
		}
	}
}
