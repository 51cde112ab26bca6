package journey

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestSessionsOfStops: a stop has the sessions of its rows, each once, on the
// corrected clock of its server; and they change nothing else of a journey.
func TestSessionsOfStops(t *testing.T) {
	w := newWorld(11, 3, 10*time.Minute)
	for n := range 20 {
		w.send(fmt.Sprintf("m%d@example.com", n), noon.Add(time.Duration(n)*7*time.Minute), true, w.route()...)
	}
	bare := w.shuffled()
	offsets := Offsets(bare)
	want := Assemble(bare, offsets)
	talks := map[string]int{}
	for i := range w.seen {
		r := &w.seen[i]
		if r.What != evidence.SawCame && r.What != evidence.SawLeft {
			continue
		}
		talk := evidence.SessionTalk{Session: fmt.Sprint(r.Message, r.What), Log: evidence.TalkSend, Began: r.At, Ended: r.At, Silent: r.At, Where: r.Where}
		r.Talks = []evidence.SessionTalk{talk, talk}
		talks[r.Message]++
	}
	seen := w.shuffled()
	if !reflect.DeepEqual(Offsets(seen), offsets) {
		t.Error("the clocks are others")
	}
	got := Assemble(seen, offsets)
	for i := range got {
		n := 0
		for k := range got[i].Stops {
			s := &got[i].Stops[k]
			for _, talk := range s.Sessions {
				if n++; !talk.Began.Equal(talk.Silent) || s.Came != nil && talk.Began.Before(*s.Came) || s.Left != nil && talk.Ended.After(*s.Left) {
					t.Errorf("%s: %+v", got[i].Message, *s)
				}
			}
			s.Sessions = nil
		}
		if n != talks[got[i].Message] || n == 0 {
			t.Errorf("%s: %d sessions of %d", got[i].Message, n, talks[got[i].Message])
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the journeys are others")
	}
}
