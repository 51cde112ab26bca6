package whatif

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"mailflow/evidence"
)

func mins(all ...int) []time.Duration {
	var list []time.Duration
	for _, m := range all {
		list = append(list, time.Duration(m)*time.Minute)
	}
	return list
}

// evenly is a day of mail.
func evenly(n int) Mail { return Mail{Count: n, Over: day} }

// anySender is drawn: known, or made up.
func anySender(r *rand.Rand) Sender {
	if known := Known(); r.IntN(2) == 0 {
		return known[r.IntN(len(known))]
	}
	s := Sender{Name: "made up", Queue: r.IntN(2) == 0}
	for range 1 + r.IntN(6) {
		s.Steps = append(s.Steps, time.Duration(1+r.IntN(3600))*time.Second)
	}
	return s
}

// waits are the waits of messages in the order in which they come; -1 for one that
// did not arrive.
func waits(q Question, s Sender) []time.Duration {
	s.GivesUp, s.Notice = 0, 0
	return Play(q, s).each
}

// TestEvenMailWaitsHalfAPeriod: where a schedule opens every so often, mail that
// comes at any time waits half of that on average, and never longer than all of it.
func TestEvenMailWaitsHalfAPeriod(t *testing.T) {
	for _, every := range mins(15, 30, 60, 120) {
		for _, at := range []time.Duration{0, every / 3} {
			q := Question{Mail: evenly(20_000), Seed: uint64(every)}
			r := Play(q, Sender{Steps: mins(10), Opens: Gate{Every: every, At: []time.Duration{at}}})
			if off := (r.All.Mean - every/2).Abs(); off > every/100 || r.All.Longest > every || r.All.Count != 20_000 {
				t.Errorf("every %v: mean %v, longest %v, %d delivered", every, r.All.Mean, r.All.Longest, r.All.Count)
			}
		}
	}
}

// TestAWeekWaitsAsItsScheduleSays holds the play to what the schedule itself says of
// its mean and longest wait.
func TestAWeekWaitsAsItsScheduleSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		var week evidence.Schedule
		for i := range week {
			week[i] = byte(r.UintN(256) & r.UintN(256))
		}
		q := Question{Mail: Mail{Count: 20_000, Over: 7 * day}, Seed: r.Uint64()}
		got := Play(q, Sender{Steps: mins(10), Opens: Gate{Week: &week}})
		if off := (got.All.Mean - week.Mean()).Abs(); off > week.Mean()/50+5*time.Second || got.All.Longest > week.Longest() {
			t.Errorf("%s: mean %v, want %v; longest %v, want %v", week.Words(), got.All.Mean, week.Mean(), got.All.Longest, week.Longest())
		}
	}
	var never evidence.Schedule
	if got := Play(Question{Mail: evenly(10)}, Sender{Steps: mins(10), Opens: Gate{Week: &never}}); got.Open != 10 {
		t.Errorf("never open: %+v", got)
	}
}

// TestNothingArrivesBeforeItMay: not while the next hop is down, and not before
// greylisting lets it pass.
func TestNothingArrivesBeforeItMay(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := anySender(r)
		down := Trouble{DownFrom: time.Duration(r.IntN(12)) * time.Hour, Down: time.Duration(1+r.IntN(300)) * time.Minute}
		q := Question{Mail: evenly(300), Trouble: down, Seed: seed}
		came := q.Mail.times(seed)
		for i, w := range waits(q, s) {
			if left := came[i] + w; w >= 0 && left >= down.DownFrom && left < down.DownFrom+down.Down {
				t.Fatalf("seed %d, %s: delivered at %v, down from %v for %v", seed, s.Name, left, down.DownFrom, down.Down)
			}
		}
		s.Pool = 1 + r.IntN(8)
		q.Trouble = Trouble{Greylist: time.Duration(1+r.IntN(3600)) * time.Second}
		for i, w := range waits(q, s) {
			if w >= 0 && w < q.Trouble.Greylist {
				t.Fatalf("seed %d, %s: message %d passed after %v, greylisted for %v", seed, s.Name, i, w, q.Trouble.Greylist)
			}
		}
	}
}

// TestLongerTroubleIsNeverQuicker: of each message.
func TestLongerTroubleIsNeverQuicker(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := anySender(r)
		q := Question{Mail: evenly(200), Seed: seed}
		q.Trouble.DownFrom = 5 * time.Hour
		var before []time.Duration
		for _, down := range mins(0, 1, 7, 30, 31, 90, 400) {
			q.Trouble.Down = down
			before = neverQuicker(t, s.Name+", down", seed, before, waits(q, s))
		}
		q.Trouble, before = Trouble{}, nil
		for _, wait := range mins(0, 1, 5, 6, 30, 60, 240) {
			q.Trouble.Greylist = wait
			before = neverQuicker(t, s.Name+", greylisted", seed, before, waits(q, s))
		}
		q.Trouble, before = Trouble{}, nil
		for _, share := range []float64{0, 0.1, 0.5, 0.8} {
			q.Trouble.Refuses = share
			before = neverQuicker(t, s.Name+", refused", seed, before, waits(q, s))
		}
	}
}

func neverQuicker(t *testing.T, what string, seed uint64, before, now []time.Duration) []time.Duration {
	t.Helper()
	for i := range before {
		if now[i] >= 0 && (before[i] < 0 || now[i] < before[i]) {
			t.Fatalf("%s, seed %d: message %d waits %v, and %v with less in its way", what, seed, i, now[i], before[i])
		}
	}
	return now
}

// TestMoreAddressesNeverHelpGreylisting: each of a pool begins anew. A /24 that is
// taken as one is as good as one address.
func TestMoreAddressesNeverHelpGreylisting(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 4))
		s := anySender(r)
		q := Question{Mail: evenly(100), Seed: seed, Trouble: Trouble{Greylist: time.Duration(1+r.IntN(60)) * time.Minute}}
		var before, one []time.Duration
		for _, pool := range []int{1, 2, 4, 8, 24, 240} {
			s.Pool = pool
			before = neverQuicker(t, s.Name, seed, before, waits(q, s))
			if one == nil {
				one = before
			}
		}
		q.Trouble.OneNet = true
		if got := waits(q, s); !slices.Equal(got, one) {
			t.Fatalf("seed %d, %s: a pool in one /24 is not as good as one address", seed, s.Name)
		}
	}
}

// TestALineIsWorkedOff: what comes at once leaves one by one, and the last waits for
// all before it.
func TestALineIsWorkedOff(t *testing.T) {
	q := Question{Mail: Mail{Count: 100}, Trouble: Trouble{Rate: 6 * time.Second}}
	r := Play(q, Sender{Steps: mins(1)})
	if r.All.Longest != 99*6*time.Second || r.All.Count != 100 || r.All.Median != 49*6*time.Second {
		t.Errorf("%+v", r.All)
	}
	q.Mail = evenly(1000) // one in 86 s
	if r := Play(q, Sender{Steps: mins(1)}); r.AtOnce != 1000 {
		t.Errorf("%d of 1000 at once", r.AtOnce)
	}
}

// TestALadderByHand: what a queue and what single messages do with the same failure.
func TestALadderByHand(t *testing.T) {
	came := mins(60, 61, 70, 104, 106, 130)
	q := Question{Mail: Mail{Came: came}, Trouble: Trouble{DownFrom: time.Hour, Down: 45 * time.Minute}} // up at 105
	for _, c := range []struct {
		name string
		Sender
		want []time.Duration
	}{
		{"each by itself", Sender{Steps: mins(10, 20, 30)}, mins(60, 60, 60, 10, 0, 0)},
		{"the queue as a whole", Sender{Steps: mins(10, 20, 30), Queue: true}, mins(60, 59, 50, 16, 14, 0)},
		{"by glitches and fives", Sender{Steps: mins(1, 1, 1, 1, 5), Queue: true}, mins(49, 48, 39, 5, 3, 0)},
		{"a dead destination is left alone", Sender{Steps: mins(10), Rests: 3 * time.Minute}, mins(50, 50, 40, 10, 10, 0)},
	} {
		if got := waits(q, c.Sender); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestTheSameQuestionHasTheSameAnswer, and another seed another one.
func TestTheSameQuestionHasTheSameAnswer(t *testing.T) {
	q := Question{Mail: evenly(2000), Trouble: Trouble{Fails: 0.2, Refuses: 0.1, Greylist: 5 * time.Minute}, Seed: 7}
	for _, s := range Known() {
		a, b := Play(q, s), Play(q, s)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: two answers", s.Name)
		}
		if a.AtOnce+a.Late.Count+a.Returned+a.Open != a.Count {
			t.Errorf("%s: messages were lost: %+v", s.Name, a)
		}
		other := q
		other.Seed = 8
		if reflect.DeepEqual(Play(other, s).All, a.All) {
			t.Errorf("%s: the seed does not matter", s.Name)
		}
	}
}

// TestRefusalsByShare: with so many refused, so many pass at the first attempt.
func TestRefusalsByShare(t *testing.T) {
	q := Question{Mail: evenly(20_000), Trouble: Trouble{Refuses: 0.3}, Seed: 1}
	r := Play(q, Sender{Steps: mins(10)})
	if share := float64(r.AtOnce) / 20_000; share < 0.69 || share > 0.71 {
		t.Errorf("%.3f passed at once", share)
	}
	if r.Late.Median != 10*time.Minute || r.Late.P90 > 20*time.Minute {
		t.Errorf("%+v", r.Late)
	}
}

// TestGivenUp: what is not through in time is returned, and its sender was told.
func TestGivenUp(t *testing.T) {
	q := Question{Mail: Mail{Count: 50}, Trouble: Trouble{Down: 3 * day}}
	r := Play(q, Known()[0])
	if r.Returned != 50 || r.Noticed != 50 || r.Open != 0 {
		t.Errorf("%+v", r)
	}
	if r := Play(q, Sender{Steps: mins(60)}); r.Returned != 0 || r.Late.Count != 50 {
		t.Errorf("%+v", r)
	}
}
