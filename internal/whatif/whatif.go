// Package whatif plays the retry timers of a sending server against a failure, and
// says how late mail would be. It is arithmetic over what is documented of the
// products (knowledge/exchange.md 1.3, knowledge/peers.md 7); docs/simulate.md says
// what is simplified. The same question has the same answer: dice are drawn from
// Seed, the message and the attempt, so that two senders meet the same luck.
package whatif

import (
	"errors"
	"fmt"
	"time"

	"mailflow/evidence"
)

// Bounds of what is played, so that a typing error costs seconds and not the day.
const (
	MostMail     = 200_000
	mostEvents   = 5_000_000
	mostSteps    = 200
	leastStep    = time.Second
	longest      = 90 * 24 * time.Hour // of any time that a question names
	farthest     = 10 * 24 * time.Hour // that is looked ahead, where nothing is given up before
	mostPool     = 10_000
	mostOpenings = 24
)

// A Question is mail, who sends it, and what stands in its way.
type Question struct {
	Mail    Mail
	Trouble Trouble
	Seed    uint64
}

// Mail is when messages come. All times are counted from the midnight (UTC) that
// the day begins with.
type Mail struct {
	Count int
	From  time.Duration // the first may come
	Over  time.Duration // evenly over so long; 0: all at once
	Came  []time.Duration
	Day   time.Weekday // counts for the schedule of a week only
}

// Trouble is what stands in the way. The zero value lets everything pass.
type Trouble struct {
	DownFrom, Down time.Duration // the next hop cannot be reached, once
	Greylist       time.Duration // an attempt passes so long after the first from the same address
	OneNet         bool          // greylisting takes all addresses of the pool as one
	Fails          float64       // share of connections that fail
	FailsAgain     []float64     // the same after one attempt that failed, after two, ...; the last repeats; none: as Fails
	Refuses        float64       // share of single messages that are put off
	Pressure       time.Duration // each PressureEvery begins with so long without mail being taken
	PressureEvery  time.Duration
	Rate           time.Duration // between one message and the next, at best
	Spares         float64       // share of messages that neither trouble nor a schedule concerns
}

// A Sender is how a server tries again.
type Sender struct {
	Name     string
	Steps    []time.Duration // waits between attempts; the last repeats
	Single   []time.Duration // the same for one message that is put off; nil: Steps
	Queue    bool            // one timer for all mail for the next hop; else one for each message
	Rests    time.Duration   // after a failure to connect, mail is put off so long without an attempt
	Scan     time.Duration   // attempts begin only when the queue is looked through
	Pool     int             // addresses it sends from, drawn anew for each attempt; 0 is 1
	Opens    Gate
	Pace     time.Duration // between one message and the next at best; 0: that of the trouble
	Notice   time.Duration // after that the sender of a message is told that it is late; 0 never, or not known
	GivesUp  time.Duration // after that it is returned; 0 not known
	Unproved bool          // the steps are known from memory only
}

// A Gate is when attempts may begin. The zero value is always open.
type Gate struct {
	Every time.Duration
	At    []time.Duration // openings after midnight, within Every; none is 0. Each message has one of them
	For   time.Duration   // 0: what has gathered goes at once, and the gate closes
	Week  *evidence.Schedule
	Name  string // of the connector that Week is of
}

// Check says what of a question and a sender cannot be played.
func Check(q Question, s Sender) error {
	switch {
	case q.Mail.Count < 1 && len(q.Mail.Came) == 0 || max(q.Mail.Count, len(q.Mail.Came)) > MostMail:
		return fmt.Errorf("%d messages: say 1 to %d", q.Mail.Count, MostMail)
	case len(s.Steps) == 0 || len(s.Steps) > mostSteps:
		return fmt.Errorf("a sender has 1 to %d retry intervals, this one %d", mostSteps, len(s.Steps))
	case s.Pool > mostPool || s.Pool < 0:
		return fmt.Errorf("a pool of %d addresses: say 1 to %d", s.Pool, mostPool)
	case len(s.Opens.At) > mostOpenings:
		return fmt.Errorf("%d openings: at most %d can be played", len(s.Opens.At), mostOpenings)
	}
	for _, d := range append(append([]time.Duration{}, s.Steps...), s.Single...) {
		if d < leastStep || d > longest {
			return fmt.Errorf("a retry interval of %v: say 1s to %d days", d, longest/(24*time.Hour))
		}
	}
	return q.Trouble.check()
}

func (t Trouble) check() error {
	for _, d := range []time.Duration{t.DownFrom, t.Down, t.Greylist, t.Pressure, t.PressureEvery, t.Rate} {
		if d < 0 || d > longest {
			return fmt.Errorf("a time of %v: say 0 to %d days", d, longest/(24*time.Hour))
		}
	}
	for _, p := range append([]float64{t.Fails, t.Refuses, t.Spares}, t.FailsAgain...) {
		if !(p >= 0 && p <= 1) {
			return errors.New("a share is 0 % to 100 %")
		}
	}
	if t.Pressure > 0 && t.Pressure >= t.PressureEvery {
		return errors.New("back pressure that never ends: the first time is shorter than the second, as in 10m/2h")
	}
	return nil
}
