package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestOneIDForMany: what has one id is taken apart where it must be of several
// messages, and nowhere else.
func TestOneIDForMany(t *testing.T) {
	for name, story := range map[string]struct {
		rows string
		want int // journeys
	}{
		"a copier, all day": {`
			10:00:00 hub01 came 1 peer=copier.example.com to=b@example.com
			10:00:01 hub01 delivered 1 to=b@example.com
			10:30:00 hub01 came 2 peer=copier.example.com to=b@example.com
			10:30:01 hub01 delivered 2 to=b@example.com
			11:30:00 hub01 came 3 peer=copier.example.com to=b@example.com
			11:30:01 hub01 left 3 peer=hub02 next=9 to=b@example.com
			11:30:01 hub02 came 9 peer=hub01 to=b@example.com
			11:30:02 hub02 delivered 9 to=b@example.com`, 3},
		"two that Exchange tells apart": {`
			10:00:00 hub01 came 1 peer=copier.example.com to=b@example.com net=n1
			10:00:01 hub01 delivered 1 to=b@example.com net=n1
			10:30:00 hub01 came 2 peer=copier.example.com to=b@example.com net=n2
			10:30:01 hub01 delivered 2 to=b@example.com net=n2`, 2},
		"two for others": {`
			10:00:00 hub01 came 1 peer=mx.example.net to=b@example.com
			10:00:01 hub01 delivered 1 to=b@example.com
			10:30:00 hub01 came 2 peer=mx.example.net to=c@example.com
			10:30:01 hub01 delivered 2 to=c@example.com`, 2},
		"one by one for each recipient, at once": {`
			10:00:00 hub01 came 1 peer=mx.example.net to=b@example.com
			10:00:01 hub01 delivered 1 to=b@example.com
			10:00:02 hub01 came 2 peer=mx.example.net to=c@example.com
			10:00:03 hub01 delivered 2 to=c@example.com
			10:00:04 hub01 came 3 peer=mx.example.net to=d@example.com
			10:00:05 hub01 delivered 3 to=d@example.com`, 1},
		"back from the list that it was sent to": {`
			10:00:00 hub01 came 1 peer=mx.example.net to=b@example.com
			10:00:01 hub01 delivered 1 to=b@example.com
			10:30:00 hub01 came 2 peer=lists.example.org to=c@example.com
			10:30:01 hub01 delivered 2 to=c@example.com`, 1},
		"in a circle over somebody else's servers": {`
			10:00:00 hub01 came 1 peer=out.example.net to=b@example.com
			10:00:01 hub01 left 1 peer=in.example.net to=b@example.com
			10:05:00 hub01 came 2 peer=out.example.net to=b@example.com
			10:05:01 hub01 left 2 peer=in.example.net to=b@example.com
			10:10:00 hub01 came 3 peer=out.example.net to=b@example.com
			10:10:01 hub01 left 3 peer=in.example.net to=b@example.com`, 1},
	} {
		rows := read(story.rows)
		all := Assemble(rows, Offsets(rows))
		if len(all) != story.want {
			t.Errorf("%s: %d journeys, not %d", name, len(all), story.want)
		}
		stops := 0
		for _, j := range all {
			stops += len(j.Stops)
			if told := strings.Contains(strings.Join(j.Notes, ""), "this id came"); told != (story.want > 1) {
				t.Errorf("%s: %v", name, j.Notes)
			}
		}
		if arrivals := strings.Count(story.rows, " came "); stops != arrivals {
			t.Errorf("%s: %d stops of %d", name, stops, arrivals)
		}
	}
}

// TestStrangers: a host with the first label of a server here is that server only
// where the messages do not say otherwise.
func TestStrangers(t *testing.T) {
	world := func(name string, known, unknown int) string {
		b := "08:00:00 mx1 log_begins\n18:00:00 mx1 log_ends\n"
		for i := range known + unknown {
			at := time.Date(2026, 1, 5, 10, i, 0, 0, time.UTC).Format("15:04:05")
			b += fmt.Sprintf("%s mail came A%d peer=pc.example.com id=%d\n%s mail left A%d peer=%s id=%d\n", at, i, i, at, i, name, i)
			if i < known {
				b += fmt.Sprintf("%s mx1 came B%d peer=mail id=%d\n%s mx1 delivered B%d id=%d\n", at, i, i, at, i, i)
			}
		}
		return b
	}
	for name, story := range map[string]struct {
		rows string
		want string // states
	}{
		"the server here":                     {world("mx1.contoso.com", 4, 0), "arrived:4"},
		"the server here, and one is lost":    {world("mx1.contoso.com", 4, 1), "arrived:4 log ended:1"},
		"another's":                           {world("mx1.fabrikam.com", 0, 4), "left:4"},
		"another's, and one came in as well":  {world("mx1.fabrikam.com", 1, 6), "arrived:1 left:6"},
		"one message":                         {world("mx1.contoso.com", 0, 1), "log ended:1"},
		"one message, and the other is known": {world("mx1.contoso.com", 3, 0) + strings.ReplaceAll(world("mx1.fabrikam.com", 0, 1), "id=0", "id=x"), "arrived:3 left:1"},
	} {
		rows := read(story.rows)
		states := map[string]int{}
		for _, j := range Assemble(rows, Offsets(rows)) {
			states[j.State]++
		}
		var got []string
		for _, state := range []string{evidence.JourneyArrived, evidence.JourneyLeft, evidence.JourneyLost, evidence.JourneyWaiting, evidence.JourneyPartly, evidence.JourneyFailed} {
			if states[state] > 0 {
				got = append(got, fmt.Sprintf("%s:%d", state, states[state]))
			}
		}
		if got := strings.Join(got, " "); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}

// TestJumps: a clock that is off for a while is told, by how much and when, and no
// single pair of rows is enough.
func TestJumps(t *testing.T) {
	for _, story := range []struct {
		off, n int
		by     time.Duration
		want   bool
	}{{0, 3, 10 * time.Minute, true}, {1, 3, 10 * time.Minute, true}, {1, 3, -10 * time.Minute, true}, {0, 3, -10 * time.Minute, true}, {1, 1, 10 * time.Minute, false}, {1, 3, 0, false}} {
		w := newWorld(12, 2, 0)
		for n := range 150 {
			at := noon.Add(time.Duration(n) * time.Minute)
			w.ahead[w.names[story.off]] = 0
			if n >= 70 && n < 70+story.n {
				w.ahead[w.names[story.off]] = story.by
			}
			w.hand(fmt.Sprintf("m%d@example.com", n), at, w.names[0], w.names[1])
		}
		offsets := Offsets(w.shuffled())
		o := offsets[0]
		if len(offsets) != 1 || !o.Bounded || o.Steps || (o.Jump != nil) != story.want {
			t.Errorf("%+v: %+v", story, offsets)
			continue
		}
		by := story.by.Seconds()
		if o.Server != w.names[story.off] {
			by = -by
		}
		if j := o.Jump; j != nil && (j.Messages != story.n || float64(j.By) < by-2 || float64(j.By) > by+2 || j.To.Sub(j.From) > 20*time.Minute) {
			t.Errorf("%+v: %+v", story, *j)
		}
		for _, j := range Assemble(w.seen, offsets) {
			for _, s := range j.Stops {
				if s.Travel != 0 {
					t.Errorf("%+v: %s was on the way for %v", story, j.Message, s.Travel)
				}
			}
		}
	}
}

// hand sends a message from one server to another at once, named by its id.
func (w *world) hand(id string, at time.Time, from, to string) {
	w.queue += 2
	a, b := fmt.Sprint(w.queue), fmt.Sprint(w.queue+1)
	w.say(from, at, evidence.Sighting{Message: id, What: evidence.SawCame, Queue: a, Peer: "client.example.com", Count: 1})
	w.say(to, at.Add(900*time.Millisecond), evidence.Sighting{Message: id, What: evidence.SawCame, Queue: b, Peer: from, Count: 1})
	w.say(from, at.Add(time.Second), evidence.Sighting{Message: id, What: evidence.SawLeft, Queue: a, Peer: to, Next: b, Count: 1})
	w.say(to, at.Add(1500*time.Millisecond), evidence.Sighting{Message: id, What: evidence.SawDelivered, Queue: b, Count: 1})
}
