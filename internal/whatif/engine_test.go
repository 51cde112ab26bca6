package whatif

import (
	"slices"
	"testing"
	"time"
)

// TestAttemptsComeWithQueueRuns: where the queue is looked through every so often, an
// attempt after the first comes with the first look after it is due, also at midnight;
// when the looks are is luck.
func TestAttemptsComeWithQueueRuns(t *testing.T) {
	const every = 7 * time.Minute
	phases := map[time.Duration]bool{}
	for seed := range uint64(20) {
		q := Question{Mail: Mail{Came: []time.Duration{0, time.Minute, 90 * time.Minute}}, Trouble: Trouble{DownFrom: 0, Down: 2 * time.Hour}, Seed: seed}
		var phase []time.Duration
		for i, w := range waits(q, Sender{Steps: mins(5), Scan: every}) {
			left := q.Mail.Came[i] + w
			if left < q.Trouble.Down || left >= q.Trouble.Down+5*time.Minute+every {
				t.Errorf("seed %d: delivered at %v", seed, left)
			}
			phase = append(phase, left%every)
		}
		if len(slices.Compact(phase)) != 1 {
			t.Errorf("seed %d: at %v of the runs", seed, phase)
		}
		phases[phase[0]] = true
	}
	if len(phases) < 15 {
		t.Errorf("the runs of 20 seeds are at %v", phases)
	}
}

// TestOneConnectionForAQueue: all that waits in a queue goes with the attempt that
// gets through.
func TestOneConnectionForAQueue(t *testing.T) {
	q := Question{Mail: Mail{Came: mins(0, 1, 2, 3, 4)}, Trouble: Trouble{DownFrom: 0, Down: time.Hour}}
	for queue, want := range map[bool]int{true: 3, false: 15} {
		r := Play(q, Sender{Steps: mins(30), Queue: queue})
		if r.Connects != want || r.Late.Count != 5 {
			t.Errorf("queue %v: %d connections, want %d: %+v", queue, r.Connects, want, r)
		}
	}
}

// TestAClosedGateHoldsTheQueue: a retry that falls due while the gate is closed waits
// for its opening, and what comes in between waits with it.
func TestAClosedGateHoldsTheQueue(t *testing.T) {
	q := Question{Mail: Mail{Came: mins(60, 61, 110)}, Trouble: Trouble{DownFrom: 0, Down: 70 * time.Minute}}
	got := waits(q, Sender{Steps: mins(15), Queue: true, Opens: Gate{Every: time.Hour, For: 5 * time.Minute}})
	if want := mins(60, 59, 10); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestMailOfManyDays: what comes late is looked at for as long as what comes first.
func TestMailOfManyDays(t *testing.T) {
	q := Question{Mail: Mail{Came: []time.Duration{0, 30 * day}}, Trouble: Trouble{DownFrom: 30 * day, Down: 9 * day}}
	if got, want := waits(q, Sender{Steps: []time.Duration{day}}), []time.Duration{0, 9 * day}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestTheLineIsInTheOrderOfComing: a next hop that is slow takes those first that came
// first.
func TestTheLineIsInTheOrderOfComing(t *testing.T) {
	q := Question{Mail: Mail{Count: 5, From: time.Hour}, Trouble: Trouble{Rate: time.Minute}}
	if got, want := waits(q, Sender{Steps: mins(10)}), mins(0, 1, 2, 3, 4); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestPressureEnds: mail is refused at the beginning of each stretch only.
func TestPressureEnds(t *testing.T) {
	q := Question{Mail: Mail{Came: mins(0, 9, 10, 60, 121, 130)}, Trouble: Trouble{Pressure: 10 * time.Minute, PressureEvery: 2 * time.Hour}}
	if got, want := waits(q, Sender{Steps: mins(5)}), mins(10, 5, 0, 0, 10, 0); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestBinsOfWaits: late waits in at most twenty bins of a round length, with the attempts
// that fall into each.
func TestBinsOfWaits(t *testing.T) {
	q := Question{Mail: Mail{Came: mins(0, 10, 59, 60)}, Trouble: Trouble{Down: time.Hour}}
	r := Play(q, Sender{Steps: mins(30)})
	want := []Bin{{0, 5 * time.Minute, 0, nil}, {25 * time.Minute, 30 * time.Minute, 0, nil}, {30 * time.Minute, 35 * time.Minute, 1, mins(30)}, {60 * time.Minute, 65 * time.Minute, 2, mins(60)}}
	bins := r.Bins()
	if len(bins) != 13 || r.AtOnce != 1 {
		t.Fatalf("%+v", bins)
	}
	for i, at := range []int{0, 5, 6, 12} {
		if got := bins[at]; got.From != want[i].From || got.To != want[i].To || got.Count != want[i].Count || !slices.Equal(got.Rungs, want[i].Rungs) {
			t.Errorf("bin %d: %+v, want %+v", at, got, want[i])
		}
	}
	if none := Play(Question{Mail: evenly(9)}, Sender{Steps: mins(30)}).Bins(); none != nil {
		t.Errorf("nothing late: %+v", none)
	}
	for longest, want := range map[time.Duration]time.Duration{20*time.Minute - 1: time.Minute, 20 * time.Minute: 2 * time.Minute, 40 * time.Minute: 5 * time.Minute, 30 * day: 36*time.Hour + time.Minute} {
		if got := binWidth(longest); got != want {
			t.Errorf("up to %v: %v, want %v", longest, got, want)
		}
	}
}

// TestLengthsInWords: waits as people read them.
func TestLengthsInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 59*time.Second + 400*time.Millisecond: "59 s", time.Minute: "1 min", 61 * time.Second: "1 min 1 s", 9*time.Minute + 59*time.Second: "9 min 59 s", 10*time.Minute + 29*time.Second: "10 min",
		10*time.Minute + 30*time.Second: "11 min", 119 * time.Minute: "119 min", 2 * time.Hour: "2 h", 2*time.Hour + 90*time.Second: "2 h 2 min", 48*time.Hour - time.Minute: "47 h 59 min", 48 * time.Hour: "2 days", 60 * time.Hour: "2.5 days",
	} {
		if got := Length(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
	for every, want := range map[time.Duration]string{time.Minute: "1 messages a minute", 6 * time.Second: "10 messages a minute", 61 * time.Second: "59 messages an hour"} {
		if got := pace(every); got != want {
			t.Errorf("every %v: %s, want %s", every, got, want)
		}
	}
	for want, steps := range map[string][]time.Duration{"4 x 1 min, 10 min": mins(1, 1, 1, 1, 10), "10 min": mins(10), "1 min, 2 min, 1 min": mins(1, 2, 1),
		"1 min, 2 min, 3 min, 4 min, 5 min, 6 min, 7 min, 8 min, 9 min, 10 min, 11 min, 2 x 12 min":  mins(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12),
		"1 min, 2 min, 3 min, 4 min, 5 min, 6 min, 7 min, 8 min, 9 min, 10 min, 11 min, 12 min, ...": mins(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)} {
		if got := inWords(steps); got != want {
			t.Errorf("%v: %s, want %s", steps, got, want)
		}
	}
}

// TestEdgesOfAnswers: the least and the most that may be said.
func TestEdgesOfAnswers(t *testing.T) {
	ok := func(err error) bool { return err == nil }
	of := func(f func(string) error) func(string) bool { return func(s string) bool { return ok(f(s)) } }
	for name, story := range map[string]struct {
		takes     func(string) bool
		good, bad []string
	}{
		"a time":     {of(func(s string) error { _, err := Time(s); return err }), []string{"0s", "90d", "2160h"}, []string{"91d", "2160h1s", "-1s", "300d", "1x"}},
		"steps":      {of(func(s string) error { _, err := Steps(s); return err }), []string{"1s", "200x1m"}, []string{"999ms", "201x1m", "0x1m", "ax1m", ""}},
		"an opening": {of(func(s string) error { _, err := Opening(s); return err }), []string{"every 1s", "every 1h for 1h", "every 1h at 59m"}, []string{"every 999ms", "every 1h for 61m", "every 1h at 1h", "every", "always 1h", "often 1h", "every 1h for"}},
		"a share":    {of(func(s string) error { _, err := Share(s); return err }), []string{"0%", "100%", "0", "1"}, []string{"100.1%", "1.1", "-0.1%"}},
		"a pace":     {of(func(s string) error { _, err := Pace(s); return err }), []string{"1e6/s", "0.5/h"}, []string{"1000001/s", "-1/s", "x/s"}},
		"a pressure": {of(func(s string) error { _, _, err := Between(s); return err }), []string{"59m/1h"}, []string{"1h/1h", "0s/1h", "10m", "x/1h", "1m/x"}},
	} {
		for _, s := range story.good {
			if !story.takes(s) {
				t.Errorf("%s: %q is not taken", name, s)
			}
		}
		for _, s := range story.bad {
			if story.takes(s) {
				t.Errorf("%s: %q is taken", name, s)
			}
		}
	}
}
