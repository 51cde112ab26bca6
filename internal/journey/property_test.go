package journey

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestOffsetsHoldTheTruth: whatever the clocks, the ways and the waits, the true
// difference lies between the bounds that are given.
func TestOffsetsHoldTheTruth(t *testing.T) {
	for seed := range uint64(60) {
		w := newWorld(seed, 2+int(seed%5), time.Duration(seed%4)*time.Hour)
		for n := range 5 + 10*int(seed%6) {
			w.send(fmt.Sprintf("m%d@example.com", n), noon.Add(time.Duration(n)*7*time.Minute), seed%2 == 0, w.route()...)
		}
		bounded := 0
		for _, o := range Offsets(w.shuffled()) {
			truth := (w.ahead[o.Server] - w.ahead[o.Against]).Seconds()
			if o.Steps || o.Low != 0 && truth < float64(o.Low) || o.High != 0 && truth > float64(o.High) {
				t.Fatalf("seed %d: truly %.3f, but %+v", seed, truth, o)
			}
			if o.Bounded {
				bounded++
			}
			if o.Bounded && (o.Ahead < o.Low || o.Ahead > o.High) {
				t.Fatalf("seed %d: the estimate is out of its bounds: %+v", seed, o)
			}
		}
		if bounded == 0 {
			t.Errorf("seed %d: nothing is bounded", seed)
		}
	}
}

// TestJourneysHoldTheTruth: the wait at each server is its own clock's, no wrong
// clock makes one of a way, and the whole is right but for the clocks' error.
func TestJourneysHoldTheTruth(t *testing.T) {
	for seed := range uint64(40) {
		w := newWorld(seed, 2+int(seed%5), time.Duration(seed%4)*time.Hour)
		for n := range 40 {
			w.send(fmt.Sprintf("m%d@example.com", n), noon.Add(time.Duration(n)*7*time.Minute), seed%2 == 0, w.route()...)
		}
		seen := w.shuffled()
		for _, j := range Assemble(seen, Offsets(seen)) {
			checkJourney(t, w, j)
		}
	}
}

func checkJourney(t *testing.T, w *world, j evidence.Journey) {
	t.Helper()
	truth := w.truth[j.Message]
	err := 0.002
	for i, s := range j.Stops {
		err += float64(s.Error)
		if got, want := s.Wait.Duration(), truth.waits[s.Server]; (got - want).Abs() > 2*time.Millisecond {
			t.Fatalf("%s waited %v at %s, not %v", j.Message, want, s.Server, got)
		}
		if s.Travel != 0 || s.From != i-1 {
			t.Fatalf("%s: a travel of %v, or a wrong order: %+v", j.Message, s.Travel, j.Stops)
		}
	}
	if whole := truth.ended.Sub(truth.began).Seconds(); float64(j.Total) < whole-err || float64(j.Total) > whole+err {
		t.Fatalf("%s took %.3f s, not %.3f, and the clocks are wrong by %.3f at most: %+v", j.Message, whole, j.Total, err, j)
	}
	if j.State != evidence.JourneyArrived || len(j.Missing) != 0 {
		t.Fatalf("%s: %s, %+v", j.Message, j.State, j.Missing)
	}
}

// TestOrderDoesNotMatter: sightings in any order say the same.
func TestOrderDoesNotMatter(t *testing.T) {
	w := newWorld(3, 5, time.Hour)
	for n := range 30 {
		w.send(fmt.Sprintf("m%d@example.com", n%25), noon.Add(time.Duration(n)*time.Minute), n%2 == 0, w.route()...)
	}
	offsets := Offsets(w.seen)
	journeys := Assemble(w.seen, offsets)
	for range 20 {
		seen := w.shuffled()
		if again := Offsets(seen); !reflect.DeepEqual(again, offsets) {
			t.Fatalf("%+v\nthen %+v", offsets, again)
		}
		if again := Assemble(seen, offsets); !reflect.DeepEqual(again, journeys) {
			t.Fatal("the journeys depend on the order")
		}
	}
}

// TestWrongPairs: among many messages, one that was resent with its id, so that it
// came hours after it left, changes nothing that is told.
func TestWrongPairs(t *testing.T) {
	w := newWorld(5, 2, time.Minute)
	for n := range 60 {
		path := w.names
		if n%2 == 1 {
			path = []string{w.names[1], w.names[0]}
		}
		w.send(fmt.Sprintf("m%d@example.com", n), noon.Add(time.Duration(n)*time.Minute), true, path...)
	}
	clean := Offsets(w.seen)[0]
	for i, s := range w.seen {
		if s.Message == "m6@example.com" && s.What == evidence.SawCame && s.Server == w.names[1] {
			w.seen[i].At = s.At.Add(3 * time.Hour)
		}
	}
	got := Offsets(w.seen)[0]
	if !got.Bounded || got.Steps || (got.Ahead-clean.Ahead).Duration().Abs() > 2*time.Second {
		t.Errorf("without: %+v\nwith: %+v", clean, got)
	}
}

// TestSteps: a clock that was set is told, and not corrected.
func TestSteps(t *testing.T) {
	w := newWorld(6, 2, 0)
	for n := range 40 {
		w.ahead[w.names[1]] = 0
		if n >= 20 {
			w.ahead[w.names[1]] = 5 * time.Minute
		}
		w.send(fmt.Sprintf("m%d@example.com", n), noon.Add(time.Duration(n)*time.Hour), true, w.names...)
	}
	offsets := Offsets(w.seen)
	if o := offsets[0]; len(offsets) != 1 || !o.Steps || o.Bounded || o.Low != 0 || o.High != 0 {
		t.Errorf("%+v", offsets)
	}
	for _, j := range Assemble(w.seen, offsets) {
		for _, s := range j.Stops {
			if s.Shift != 0 || s.Travel != 0 {
				t.Fatalf("corrected across it: %+v", s)
			}
		}
	}
}

// TestThirdServers: two servers that never talk are compared over a third, and the
// bounds add up.
func TestThirdServers(t *testing.T) {
	w := newWorld(8, 3, time.Hour)
	for n := range 30 {
		w.send(fmt.Sprintf("a%d@example.com", n), noon.Add(time.Duration(n)*time.Minute), true, w.names[0], w.names[1])
		w.send(fmt.Sprintf("b%d@example.com", n), noon.Add(time.Duration(n)*time.Minute), true, w.names[1], w.names[2])
		w.send(fmt.Sprintf("c%d@example.com", n), noon.Add(time.Duration(n)*time.Minute), true, "hub09.contoso.com", w.names[2])
	}
	var via []string
	for _, o := range Offsets(w.seen) {
		truth := (w.ahead[o.Server] - w.ahead[o.Against]).Seconds()
		if !o.Bounded || truth < float64(o.Low) || truth > float64(o.High) || o.High-o.Low > 5 {
			t.Errorf("truly %.3f: %+v", truth, o)
		}
		via = append(via, fmt.Sprint(o.Server[:5], o.Against[:5], o.Via))
	}
	if got := fmt.Sprint(via); got != "[hub00hub01[] hub02hub01[] hub09hub01[hub02.contoso.com]]" {
		t.Error(got)
	}
}

// TestTheReferenceIsOfMost: of four servers one has a wrong clock, and all mail goes
// over it. It is the one that is told to be wrong.
func TestTheReferenceIsOfMost(t *testing.T) {
	w := newWorld(9, 4, 0)
	wrong := w.names[0]
	w.ahead[wrong] = 17 * time.Minute
	for n := range 30 {
		for _, other := range w.names[1:] {
			w.send(fmt.Sprintf("a%d%s", n, other), noon.Add(time.Duration(n)*time.Minute), true, other, wrong)
			w.send(fmt.Sprintf("b%d%s", n, other), noon.Add(time.Duration(n)*time.Minute), true, wrong, other)
		}
	}
	for _, o := range Offsets(w.shuffled()) {
		if apart := o.Low > agree || o.High < -agree; o.Against == wrong || apart != (o.Server == wrong) {
			t.Errorf("%+v", o)
		}
	}
}

// TestRelays: what a server without a log took is told where the clocks allow for
// it, and never more than it was.
func TestRelays(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(seed, 2, time.Hour)
		a, b := w.names[0], w.names[1]
		took := map[string]time.Duration{}
		for n := range 40 {
			at := noon.Add(time.Duration(n) * 10 * time.Minute)
			if seed%2 == 0 { // else nothing goes directly
				w.send(fmt.Sprintf("d%d@example.com", n), at, true, b, a)
			}
			id, held := fmt.Sprintf("r%d@example.com", n), w.span(2*time.Minute)
			w.say(a, at, evidence.Sighting{Message: id, What: evidence.SawCame, Queue: "1", Peer: "client.example.com", Count: 1})
			w.say(a, at.Add(time.Second), evidence.Sighting{Message: id, What: evidence.SawLeft, Queue: "1", Peer: "scan.example.net", Count: 1})
			w.say(b, at.Add(time.Second+held), evidence.Sighting{Message: id, What: evidence.SawCame, Queue: "2", Peer: "scan.example.net", Count: 1})
			took[id] = held
		}
		told := 0
		for _, j := range Assemble(w.seen, Offsets(w.seen)) {
			last := j.Stops[len(j.Stops)-1]
			most := took[j.Message].Seconds() + float64(j.Stops[0].Error+last.Error) + 0.002
			if float64(last.Travel) > most {
				t.Fatalf("seed %d: %s was under way for %v, not %v", seed, j.Message, took[j.Message], last.Travel)
			}
			if last.Travel > 0 {
				told++
			}
		}
		if told < 20 {
			t.Errorf("seed %d: of %d ways over the relay %d are told", seed, len(took), told)
		}
	}
}
