package rhythm

import (
	"encoding/binary"
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

var gates = flag.Int("random", 300, "hops without rhythm in TestRandomDepartures")

// each makes a few worlds of every kind.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			w := newWorld(uint64(i*1000000 + 500))
			k.make(w)
			test(t, w)
		})
	}
}

// Who counts from another zero hears the same, but for the phase.
func TestShift(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := Judge(w.all, Options{Ladders: ladders})
		by := time.Duration(w.Int64N(1e9)) * time.Millisecond
		moved := slices.Clone(w.all)
		for i, p := range moved {
			moved[i].Came, moved[i].Left = p.Came.Add(by), p.Left.Add(by)
			moved[i].Attempts = nil
			for _, a := range p.Attempts {
				moved[i].Attempts = append(moved[i].Attempts, a.Add(by))
			}
		}
		after := Judge(moved, Options{Ladders: ladders})
		for i, p := range before.Phases {
			if got, want := after.Phases[i], (p+by)%before.Period; (24*time.Hour)%before.Period == 0 && got != want {
				t.Errorf("phase %s moved by %s is %s, not %s", p, by, got, want)
			}
		}
		after.Phase, after.Phases, after.Why = before.Phase, before.Phases, before.Why
		if !reflect.DeepEqual(before, after) {
			t.Errorf("moved by %s:\n%+v\n%+v", by, before, after)
		}
	})
}

func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := Judge(w.all, Options{Ladders: ladders})
		mixed := slices.Clone(w.all)
		w.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		kept := slices.Clone(mixed)
		if after := Judge(mixed, Options{Ladders: ladders}); !reflect.DeepEqual(before, after) {
			t.Errorf("in another order:\n%+v\n%+v", before, after)
		}
		if !reflect.DeepEqual(mixed, kept) {
			t.Error("the passages were changed")
		}
	})
}

// At half the pace a grid has twice the period, and a ladder twice the sums.
func TestScale(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(seed)
		w.steadily(600)
		grid := seed%2 == 0
		if grid {
			w.open(w.pick(minutes(10, 15, 30, 60)...), 0, 5*time.Second, 1, 0.2)
		} else {
			w.retry(ladders[1], 0.4, 0.2, 5*time.Second, false)
		}
		before := Judge(w.all, Options{})
		slow := slices.Clone(w.all)
		for i, p := range slow {
			slow[i].Came, slow[i].Left = w.from.Add(2*p.Came.Sub(w.from)), w.from.Add(2*p.Left.Sub(w.from))
		}
		after := Judge(slow, Options{})
		if before.Verdict != after.Verdict || after.Period != 2*before.Period || len(before.Sums) > 0 && (after.Sums[0]-2*before.Sums[0]).Abs() > 20*time.Second {
			t.Errorf("seed %d: %s %s %s, slow %s %s %s", seed, before.Verdict, before.Period, before.Sums, after.Verdict, after.Period, after.Sums)
		}
	}
}

// TestRandomDepartures: a gate that opens at any time, or mail that leaves at any
// time, must not be called a clock. A larger run is -random 20000.
func TestRandomDepartures(t *testing.T) {
	wrong := map[Verdict]int{}
	for n := range *gates {
		w := newWorld(uint64(1e9 + n))
		w.steadily(8 + w.IntN(120))
		mean := float64(10*time.Second) * math.Exp(7*w.Float64())
		switch n % 3 {
		case 0:
			w.gate(func(at time.Time) time.Time { return at.Add(time.Duration(w.ExpFloat64() * mean)) })
		case 1:
			w.drawn(func() time.Duration { return time.Duration(w.ExpFloat64() * mean) })
		default:
			w.drawn(func() time.Duration { return w.upTo(time.Duration(2 * mean)) })
		}
		f := Judge(w.all, Options{Ladders: ladders})
		if !slices.Contains([]Verdict{TooLittle, NoRhythm, Prompt}, f.Verdict) {
			wrong[f.Verdict]++
			t.Logf("seed %d: %s %s %s %g: %s", n, f.Verdict, f.Period, f.Sums, f.P, f.Why)
		}
	}
	if len(wrong) > 0 {
		t.Errorf("of %d: %v", *gates, wrong)
	}
}

// A known ladder is named when all waits stand on it, and only then.
func TestKnownLadders(t *testing.T) {
	named := map[string]int{}
	for seed := range uint64(40) {
		w := newWorld(seed)
		w.steadily(500)
		l := ladders[seed%uint64(len(ladders))]
		w.retry(l, 0.5, 0.2, 5*time.Second, false)
		f := Judge(w.all, Options{Ladders: ladders})
		if f.Ladder != "" && f.Ladder != l.Name {
			t.Errorf("seed %d: %s taken for %s", seed, l.Name, f.Ladder)
		}
		if f.Ladder != "" {
			named[l.Name]++
		}
	}
	t.Log(named)
	if len(named) < 3 {
		t.Error("hardly any ladder is named:", named)
	}
}

// Attempts settle what arrivals by the clock leave open, unless they could follow
// the clock themselves.
func TestAttemptsSettle(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fail    float64
		known   bool
		verdict Verdict
	}{
		{"one step, not known", 0, false, NoRhythm},
		{"one step", 0, true, NoRhythm},
		{"several steps", 0.5, true, RetryLadder},
	} {
		w := newWorld(3)
		w.byJob(time.Hour, 2)
		w.retry(ladders[0], tt.fail, 0, 3*time.Second, tt.known)
		if f := Judge(w.all, Options{}); f.Verdict != tt.verdict {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}

func TestSmall(t *testing.T) {
	at := time.Date(2010, 7, 5, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		in   []Passage
		want Verdict
	}{
		{"nothing", nil, TooLittle},
		{"no times", make([]Passage, 100), TooLittle},
		{"left before it came", slices.Repeat([]Passage{{Came: at.Add(time.Hour), Left: at}}, 100), TooLittle},
		{"one many times", slices.Repeat([]Passage{{Came: at, Left: at.Add(time.Hour)}}, 100), NoRhythm},
		{"all at once, at once", slices.Repeat([]Passage{{Came: at, Left: at.Add(time.Second)}}, 100), Prompt},
	}
	for _, tt := range tests {
		if f := Judge(tt.in, Options{}); f.Verdict != tt.want || f.Why == "" {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}

// FuzzJudge: whatever the times, there is a verdict with a reason, and nothing panics.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{})
	f.Add(slices.Repeat([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 40))
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	f.Add(noise)
	f.Fuzz(func(t *testing.T, in []byte) {
		var all []Passage
		for ; len(in) >= 12; in = in[12:] {
			came, wait := wild(in[0], binary.LittleEndian.Uint32(in[1:])), time.Duration(binary.LittleEndian.Uint32(in[5:]))*time.Millisecond
			p := Passage{Came: came, Left: came.Add(wait), Depth: int(int8(in[9]))}
			switch in[10] % 8 {
			case 0:
				p.Left = wild(in[11], uint32(in[9]))
			case 1:
				p.Attempts = []time.Time{came, came.Add(wait / 2), p.Left.Add(time.Hour)}
			case 2:
				p.Left = p.Left.In(time.FixedZone("", int(in[11])*60))
			}
			all = append(all, p)
		}
		o := Options{Ladders: []Ladder{{"none", nil}, {"still", []time.Duration{0}}, {"back", []time.Duration{-1}}, {"tiny", []time.Duration{1}}, ladders[0]}, Grain: time.Duration(len(in)-6) * 10 * time.Minute}
		got := Judge(all, o)
		if got.Verdict == "" || got.Why == "" || math.IsNaN(got.P) || got.P < 0 || got.P > 1 || math.IsNaN(got.Strength) || math.IsNaN(got.Correlation) || got.Period < 0 || got.Phase < 0 || got.Period > 0 && got.Verdict != RetryLadder && got.Phase >= got.Period {
			t.Errorf("%+v", got)
		}
	})
}

// wild is a time of any year, or none.
func wild(kind byte, n uint32) time.Time {
	switch kind % 16 {
	case 0:
		return time.Time{}
	case 1:
		return time.Date(1, 1, 1, 0, 0, 0, int(n), time.UTC)
	case 2:
		return time.Date(9999, 12, 31, 23, 59, 59, int(n), time.UTC)
	case 3:
		return time.Unix(math.MinInt64, int64(n))
	case 4:
		return time.Unix(math.MaxInt64, int64(n))
	}
	return time.Unix(1278288000+int64(n)%(86400*30), 0).UTC()
}

func BenchmarkMillion(b *testing.B) {
	shapes := map[string]func(w *world){
		"grid":    func(w *world) { w.open(30*time.Minute, 0, 20*time.Second, 1, 0.3) },
		"ladder":  func(w *world) { w.retry(ladders[0], 0.4, 0, 20*time.Second, false) },
		"nothing": func(w *world) { w.drawn(func() time.Duration { return w.upTo(time.Hour) }) },
	}
	for name, shape := range shapes {
		w := newWorld(1)
		w.length = 30 * 24 * time.Hour
		w.steadily(1e6)
		shape(w)
		w.Shuffle(len(w.all), func(i, j int) { w.all[i], w.all[j] = w.all[j], w.all[i] })
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Judge(w.all, Options{Ladders: ladders})
			}
		})
	}
}
