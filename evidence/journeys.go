package evidence

import (
	"time"

	"mailflow/diag"
)

// Journeys are the ways of messages over all servers whose logs are in the case, the
// one that was asked for first, and then those that took longest. An id that several
// messages have has a journey for each.
var Journeys = diag.NewKey[[]Journey]("journeys", "the way of single messages over all servers: logs of each server that they passed, for the same hours")

// Clocks is how far the clocks of servers differ.
var Clocks = diag.NewKey[[]ClockOffset]("clocks", "how far the clocks of the servers differ: logs of servers that send to each other, in both directions")

// A Journey is one message on its way. Times are corrected by Clocks, where they
// say how.
type Journey struct {
	Message    string    `json:"message"`
	Sender     string    `json:"sender,omitempty"`
	Recipients []string  `json:"recipients,omitempty"` // the first few
	Count      int       `json:"count,omitempty"`      // recipients; 0 not known
	Began      time.Time `json:"began"`
	Ended      time.Time `json:"ended"` // what was last said of it
	Total      Duration  `json:"total_s"`
	State      string    `json:"state"`            // one of the Journey words
	Sample     bool      `json:"sample,omitempty"` // one of those that were not late
	Asked      bool      `json:"asked,omitempty"`  // the one that was asked for
	Stops      []Stop    `json:"stops"`
	Missing    []Missing `json:"missing,omitempty"`
	Notes      []string  `json:"notes,omitempty"` // what was doubted: "RECEIVE before SEND by 3 s: clocks"
}

// How a journey stands.
const (
	JourneyArrived = "arrived"   // in mailboxes, for all recipients that are known
	JourneyLeft    = "left"      // the servers whose logs are here; nobody else says more
	JourneyWaiting = "waiting"   // at a server whose log goes on after it
	JourneyPartly  = "partly"    // for some recipients it arrived, for others it waits
	JourneyFailed  = "failed"    // returned, or dropped
	JourneyLost    = "log ended" // what became of it stands in a log that is not here
)

// A Stop is a message at one server.
type Stop struct {
	Server   string     `json:"server"`
	Source   string     `json:"source"`
	From     int        `json:"from"` // the stop that it came from, -1 for the first or an unknown one
	Came     *time.Time `json:"came,omitempty"`
	Left     *time.Time `json:"left,omitempty"`  // the last departure
	Wait     Duration   `json:"wait_s"`          // Came to Left; to the end of its log while it waits
	Travel   Duration   `json:"travel_s"`        // from leaving the stop before to Came; what is less than the clocks' error is 0
	Shift    Duration   `json:"shift_s"`         // what was added to this server's times
	Error    Duration   `json:"error_s"`         // by how much the shift may be wrong, either way
	Peer     string     `json:"peer,omitempty"`  // that it left to
	Hop      string     `json:"hop,omitempty"`   // over which connector
	Outcome  string     `json:"outcome"`         // the last of the Saw words
	Tries    int        `json:"tries,omitempty"` // attempts that were put off
	Reason   string     `json:"reason,omitempty"`
	Parts    []Latency  `json:"parts,omitempty"`
	Expanded int        `json:"expanded,omitempty"` // recipients that it got from groups
	Where    Where      `json:"where"`

	Sessions []SessionTalk `json:"sessions,omitempty"` // in which it came and left, times corrected
}

// A Missing is a log that would say more.
type Missing struct {
	Server string    `json:"server"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Why    string    `json:"why"` // "HUB01 handed it over at 10:02:11; no log of HUB02 covers that hour"
	Get    string    `json:"get"` // what to fetch, with the command or folder; AskPostmaster first where it cannot be fetched
}

// AskPostmaster begins what to do about a server outside of the organization.
const AskPostmaster = "ask its postmaster"

// A ClockOffset is how far a server's clock is ahead of another's.
type ClockOffset struct {
	Server  string   `json:"server"`
	Against string   `json:"against"`
	Ahead   Duration `json:"ahead_s"` // the estimate; below 0 behind
	Low     Duration `json:"low_s"`   // its bounds: no message may have come before it was sent
	High    Duration `json:"high_s"`
	Sent    int      `json:"sent"`                   // messages from Server to Against that bound it
	Back    int      `json:"back"`                   // and in the other direction
	Bounded bool     `json:"bounded"`                // from both sides; else Ahead means nothing, and one of Low and High does
	Via     []string `json:"via,omitempty"`          // servers over which it was worked out, where the two never talk
	Steps   bool     `json:"steps,omitempty"`        // it changed within the logs; bounds of the parts do not meet
	Guessed bool     `json:"zone_guessed,omitempty"` // nobody said in which zone one of the logs is written: all but for whole zones
	Where   Where    `json:"where"`

	Jump *ClockJump `json:"jump,omitempty"` // a while in which it was another
}

// A ClockJump is a while in which messages say that clocks differ by another amount
// than at all other times.
type ClockJump struct {
	From     time.Time `json:"from"` // of the first such message, and of the last, by one of the clocks
	To       time.Time `json:"to"`
	By       Duration  `json:"by_s"` // how much further Server was ahead than else; below 0 behind
	Messages int       `json:"messages"`
	Where    Where     `json:"where"`
}
