package evidence

import (
	"math"

	"mailflow/diag"
)

// Rhythms are in what rhythm each hop of Traffic lets mail go, in its order.
var Rhythms = diag.NewKey[[]HopRhythm]("rhythms", "when mail leaves each hop: on the clock, by a retry timer, as fast as the hop can, or at once")

// The rhythms of a hop.
const (
	RhythmClock   = "clock grid"      // openings at fixed times of the day
	RhythmRetry   = "retry ladder"    // a timer that begins when a message, or its queue, fails
	RhythmFixed   = "fixed wait"      // all that wait do so for one time: a retry, a time-out, or clocks that differ
	RhythmBacklog = "backlog"         // the hop is slower than what comes
	RhythmPrompt  = "prompt"          // nothing waits
	RhythmMixed   = "mixed"           // a part follows the rhythm told
	RhythmLittle  = "too little data" // more messages would tell
	RhythmNone    = "no rhythm"       // none was found, or two would look the same
)

// A HopRhythm is the rhythm of one hop, with what a chart of it needs.
type HopRhythm struct {
	Server string `json:"server"`
	To     string `json:"to"`
	Is     string `json:"is"`
	Why    string `json:"why"`
	Count  int    `json:"count"`  // passages that were judged
	Waited int    `json:"waited"` // of these, those that waited

	Period   Duration   `json:"period_s,omitempty"` // between openings; of bursts, the retry interval
	Phases   []Duration `json:"phases_s,omitempty"` // openings after midnight UTC, within Period; the busiest first
	Wall     bool       `json:"wall,omitempty"`     // phases are of the clock on the wall, through daylight saving
	Window   Duration   `json:"window_s,omitempty"`
	Strength float64    `json:"strength"`         // share of the waiting messages that follow it
	Chance   float64    `json:"chance"`           // upper bound for seeing it by chance
	Ladder   string     `json:"ladder,omitempty"` // known ladders that fit
	Steps    []Duration `json:"steps_s,omitempty"`
	Sums     []Duration `json:"sums_s,omitempty"` // where waits gather

	Minutes []int     `json:"minutes,omitempty"` // departures of messages that waited, in 60 parts of Turn from midnight UTC
	Turn    Duration  `json:"turn_s,omitempty"`  // what the 60 parts make together: an hour, or the period where it is longer
	Waits   []WaitBin `json:"waits,omitempty"`
}

// Follow is how many of the messages that waited follow the rhythm, and which part of
// them that is, in percent of the same: 100 only if it is all of them.
func (r HopRhythm) Follow() (messages, percent int) {
	if r.Waited <= 0 || r.Strength <= 0 {
		return 0, 0
	}
	messages = int(math.Round(min(r.Strength, 1) * float64(r.Waited)))
	percent = int(math.Round(100 * float64(messages) / float64(r.Waited)))
	if messages < r.Waited {
		percent = min(percent, 99)
	}
	return messages, percent
}

// A WaitBin is how many messages waited so long.
type WaitBin struct {
	From  Duration `json:"from_s"`
	To    Duration `json:"to_s"`
	Count int      `json:"count"`
}
