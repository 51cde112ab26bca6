package rhythm

import (
	"math/rand/v2"
	"testing"
	"time"
)

// tried makes late mail whose attempts failed once or twice; gap is the wait for the
// next attempt of a message of this age.
func tried(n int, gap func(r *rand.Rand, at time.Time, age time.Duration) time.Duration) (all []Passage) {
	r := rand.New(rand.NewPCG(5, 5))
	for i := range n {
		p := Passage{Came: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(48 * time.Hour)))), Depth: -1}
		at := p.Came.Add(time.Second)
		for range 1 + i%2 {
			p.Attempts = append(p.Attempts, at)
			at = at.Add(gap(r, at, at.Sub(p.Came)))
		}
		p.Left = at
		all = append(all, p)
	}
	return all
}

// TestBackoff: attempts at looks at the queue, when messages are as old again, are the
// queue manager's; steps of one length within its bounds are not, nor is a wait of any
// length.
func TestBackoff(t *testing.T) {
	b := &Backoff{Name: "Postfix", Least: 300 * time.Second, Most: 4000 * time.Second, Scan: 300 * time.Second}
	for name, tt := range map[string]struct {
		gap  func(r *rand.Rand, at time.Time, age time.Duration) time.Duration
		want bool
	}{
		"as old again, at the next look": {func(_ *rand.Rand, at time.Time, age time.Duration) time.Duration {
			due := at.Add(min(max(age, b.Least), b.Most))
			return due.Add(b.Scan - 1).Truncate(b.Scan).Sub(at)
		}, true},
		"ten minutes": {func(r *rand.Rand, _ time.Time, _ time.Duration) time.Duration {
			return 10*time.Minute + time.Duration(r.Int64N(int64(2*time.Second)))
		}, false},
		"ten minutes and a bit": {func(r *rand.Rand, _ time.Time, _ time.Duration) time.Duration {
			return 9*time.Minute + time.Duration(r.Int64N(int64(90*time.Second)))
		}, false},
		"whenever": {func(r *rand.Rand, _ time.Time, _ time.Duration) time.Duration {
			return time.Duration(r.Int64N(int64(time.Hour)))
		}, false},
	} {
		f := Judge(tried(60, tt.gap), Options{Backoff: b})
		if got := f.Ladder == b.Name; got != tt.want || got && f.Verdict != RetryLadder {
			t.Errorf("%s: %s, %s", name, f.Verdict, f.Why)
		}
	}
	if f := Judge(tried(60, func(_ *rand.Rand, at time.Time, age time.Duration) time.Duration {
		return at.Add(max(age, b.Least)).Add(b.Scan - 1).Truncate(b.Scan).Sub(at)
	}), Options{}); f.Ladder != "" {
		t.Errorf("of a server without one: %s", f.Why)
	}
}
