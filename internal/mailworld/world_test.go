package mailworld_test

import (
	"reflect"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/mailworld"
)

// TestTheSameSeedGivesTheSameLogs, and another seed others.
func TestTheSameSeedGivesTheSameLogs(t *testing.T) {
	for _, k := range mailworld.Kinds()[:4] {
		a, b, other := k.Make(5), k.Make(5), k.Make(6)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: two worlds of one seed", k.Name)
		}
		if reflect.DeepEqual(a.Files, other.Files) {
			t.Errorf("%s: the seed does not matter", k.Name)
		}
	}
}

// TestTheReadersKnowTheseLogs: nothing that a server of these worlds writes is passed
// over. Otherwise the truth would be held against silence.
func TestTheReadersKnowTheseLogs(t *testing.T) {
	for _, k := range mailworld.Kinds()[:3] {
		for seed := range uint64(2) {
			w := k.Make(100 + seed)
			r := solve(t, w)
			for _, text := range unread(r) {
				t.Errorf("%s, seed %d: %s", k.Name, w.Seed, text)
			}
			traffic, _ := diag.Value(r, evidence.Traffic)
			seen := 0
			for _, h := range traffic {
				seen += h.Count
			}
			logged := 0
			for _, s := range w.Stays {
				if s.Logged {
					logged++
				}
			}
			// A message that has two next hops counts with each.
			if exims(w) < 2 && (seen < logged || seen > logged*5/4) {
				t.Errorf("%s, seed %d: %d messages were read, and %d were logged\n%s", k.Name, w.Seed, seen, logged, w.Told)
			}
		}
	}
}
