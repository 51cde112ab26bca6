package sessionlog

import "math"

// Long is from when on a silence is told as such, with its rows.
const Long = int64(10e9)

// Slow is from when on a reply counts as slow: a healthy server answers a command
// in well under a second (knowledge/exchange.md 3.5).
const Slow = int64(1e9)

// The scale of slow replies: a bucket is a tenth longer than the one before.
const (
	finest  = int64(100e6) // quicker ones are counted only
	step    = 1.1
	buckets = 100 // up to some twenty minutes
)

// A tally counts how long replies took.
type tally struct {
	n       uint32
	slow    uint32 // longer than Slow
	longest int64
	at      int64            // when the longest began
	scale   *[buckets]uint32 // of those longer than finest
}

// add counts one, which began at that time.
func (t *tally) add(took, began int64) {
	t.n++
	if took < finest {
		if took > t.longest {
			t.longest, t.at = took, began
		}
		return
	}
	if took > t.longest || took == t.longest && began < t.at {
		t.longest, t.at = took, began
	}
	if took >= Slow {
		t.slow++
	}
	if t.scale == nil {
		t.scale = new([buckets]uint32)
	}
	t.scale[bucket(took)]++
}

func bucket(took int64) int {
	return min(buckets-1, int(math.Log(float64(took)/float64(finest))/math.Log(step)))
}

// middle is a time within a bucket.
func middle(at int) int64 { return int64(float64(finest) * math.Pow(step, float64(at)+0.5)) }

func (t *tally) merge(o *tally) {
	t.n += o.n
	t.slow += o.slow
	if o.longest > t.longest || o.longest == t.longest && o.at < t.at {
		t.longest, t.at = o.longest, o.at
	}
	if o.scale == nil {
		return
	}
	if t.scale == nil {
		t.scale = new([buckets]uint32)
	}
	for i, n := range o.scale {
		t.scale[i] += n
	}
}

// quantile is the time that a part of all did not exceed, to a twentieth; 0 for
// less than finest.
func (t *tally) quantile(q float64) int64 {
	if t.scale == nil {
		return 0
	}
	behind := int64(t.n) - int64(math.Ceil(q*float64(t.n)))
	for i := buckets - 1; i >= 0; i-- {
		if behind -= int64(t.scale[i]); behind < 0 {
			return min(middle(i), t.longest)
		}
	}
	return 0
}

// fixed is the time that most of the slow ones took, a tenth more or less, and
// how many did.
func (t *tally) fixed() (took int64, n uint32) {
	if t.scale == nil {
		return 0, 0
	}
	own := uint32(0)
	for i := bucket(Slow); i < buckets; i++ {
		three := t.scale[i] + t.scale[i-1]
		if i+1 < buckets {
			three += t.scale[i+1]
		}
		if three > n || three == n && t.scale[i] > own {
			took, n, own = middle(i), three, t.scale[i]
		}
	}
	return min(took, t.longest), n
}

// Times are how long one kind of reply took.
type Times struct {
	Verb     string
	Refused  bool // these were 4xx or 5xx
	Count    int
	Slow     int   // longer than Slow
	Median   int64 // nanoseconds, to a twentieth; 0 for less than 0.1 s
	P95      int64
	Longest  int64
	At       int64 // when the longest began
	Fixed    int64 // the time, a tenth more or less, that most of the slow ones took
	FixedFor int   // how many did
}

func (t *tally) times(v verb, refused bool) Times {
	fixed, n := t.fixed()
	return Times{Verb: v.String(), Refused: refused, Count: int(t.n), Slow: int(t.slow), Median: min(t.quantile(0.5), t.longest), P95: min(t.quantile(0.95), t.longest),
		Longest: t.longest, At: t.at, Fixed: fixed, FixedFor: int(n)}
}
