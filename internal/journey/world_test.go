package journey

import (
	"fmt"
	"math/rand/v2"
	"time"

	"mailflow/evidence"
)

// A world is a made network of mail servers with wrong clocks, and the sightings
// that their logs hold.
type world struct {
	dice  *rand.Rand
	names []string
	ahead map[string]time.Duration // how far each clock is ahead of true time
	seen  []evidence.Sighting
	queue int
	truth map[string]truth
}

// A truth is what happened to a message.
type truth struct {
	began, ended time.Time
	waits        map[string]time.Duration // at each server
}

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func newWorld(seed uint64, servers int, mostAhead time.Duration) *world {
	w := &world{dice: rand.New(rand.NewPCG(seed, 7)), ahead: map[string]time.Duration{}, truth: map[string]truth{}}
	for i := range servers {
		name := fmt.Sprintf("hub%02d.contoso.com", i)
		w.names = append(w.names, name)
		w.ahead[name] = time.Duration((w.dice.Float64()*2 - 1) * float64(mostAhead)).Round(time.Millisecond)
		w.say(name, noon.Add(-time.Hour), evidence.Sighting{What: evidence.SawLogBegins})
		w.say(name, noon.Add(72*time.Hour), evidence.Sighting{What: evidence.SawLogEnds})
	}
	return w
}

// say logs something at a true time, by the clock of the server.
func (w *world) say(server string, at time.Time, s evidence.Sighting) {
	s.Server, s.At, s.Source = server, at.Add(w.ahead[server]).Truncate(time.Millisecond), "tracking"
	s.Where = evidence.Where{File: server + ".log", Line: len(w.seen) + 1}
	w.seen = append(w.seen, s)
}

// span is a random time with this mean.
func (w *world) span(mean time.Duration) time.Duration {
	return time.Duration(w.dice.ExpFloat64() * float64(mean)).Truncate(time.Millisecond)
}

// send sends a message over these servers. One in five waits long somewhere.
func (w *world) send(id string, at time.Time, named bool, path ...string) {
	told := truth{began: at, waits: map[string]time.Duration{}}
	w.queue++
	queue, peer := fmt.Sprint(1000+w.queue), "client.example.com"
	for i, server := range path {
		w.say(server, at, evidence.Sighting{Message: id, What: evidence.SawCame, Queue: queue, Peer: peer, Count: 1, To: []string{"x@example.com"}})
		wait := w.span(200 * time.Millisecond)
		if w.dice.IntN(5) == 0 {
			wait += w.span(20 * time.Minute)
		}
		began := at.Add(wait)
		if i == len(path)-1 {
			w.say(server, began, evidence.Sighting{Message: id, What: evidence.SawDelivered, Queue: queue, Count: 1})
			told.waits[server], told.ended = wait, later(told.ended, began)
			break
		}
		// The receiver has it some time after the transaction began; the sender learns so at its end.
		next := began.Add(w.span(300 * time.Millisecond))
		ended := next.Add(w.span(300 * time.Millisecond))
		told.waits[server], told.ended = ended.Sub(at), later(told.ended, ended)
		w.queue++
		there := fmt.Sprint(1000 + w.queue)
		left := evidence.Sighting{Message: id, What: evidence.SawLeft, Queue: queue, Peer: path[i+1], Count: 1}
		if named {
			left.Next = there
		}
		w.say(server, ended, left)
		at, queue, peer = next, there, server
	}
	w.truth[id] = told
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// route is a random way over some servers, none twice.
func (w *world) route() []string {
	order := w.dice.Perm(len(w.names))
	var path []string
	for _, i := range order[:2+w.dice.IntN(len(order)-1)] {
		path = append(path, w.names[i])
	}
	return path
}

func (w *world) shuffled() []evidence.Sighting {
	list := append([]evidence.Sighting{}, w.seen...)
	w.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
