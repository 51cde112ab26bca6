// Package journey puts together what the logs of several servers say of the same
// messages: how far the clocks of the servers differ, and the way of each message
// with the time that it spent where. It is pure: sightings in, conclusions out,
// the same for any order of the sightings.
//
// What ties two servers together is one SMTP transaction, seen from both sides.
// The sender logs that the message left when the reply to it has come: the row
// holds that reply. The receiver logs that it came before it gives that reply, or
// at once behind it. So in true time
//
//	began to send  <=  came at the receiver  <=  left the sender
//
// and each transaction bounds the difference of two clocks from both sides: from
// one by its end, and from the other by its beginning, for which the time at
// which the message came to the sender will do where the log has no better. A
// message that waited long at the sender bounds it loosely, and one that passed
// at once does so closely; none can pass a wait off as a wrong clock.
package journey

import "mailflow/evidence"

// Bounds on what one case may ask for, whoever wrote it.
const (
	maxRows  = 100_000 // of all messages
	maxStops = 100     // of one message; a loop of Exchange ends after some thirty
	maxExits = 30      // of one stop: each next hop, each attempt that went through
)

// A scene is what all sightings together say.
type scene struct {
	*hosts
	logs     logs
	holes    map[string][]hole
	trips    []*trip
	families map[string]string // of the log of each server
	takers   map[string]bool   // hosts that mail is handed to
	guessed  map[string]bool   // servers whose log has no zone that anybody said
}

// view sorts sightings out.
func view(all []evidence.Sighting) *scene {
	rows := sorted(all)
	s := &scene{hosts: hostsOf(rows), families: map[string]string{}, takers: map[string]bool{}, guessed: map[string]bool{}}
	for i := range rows {
		r := &rows[i]
		r.Server = s.server(r.Server)
		s.families[r.Server] = max(s.families[r.Server], r.Source)
		if r.What == evidence.SawLeft {
			s.takers[plain(r.Peer)] = true
		}
		if r.What == evidence.SawLogBegins && r.Text == evidence.ZoneGuessed {
			s.guessed[r.Server] = true
		}
	}
	s.logs = logsOf(rows)
	s.holes = holesOf(s.logs)
	s.strangers(rows)
	for _, t := range tripsOf(rows) {
		s.join(t)
		s.keptCopies(t)
		s.trips = append(s.trips, s.uses(t)...)
	}
	return s
}
