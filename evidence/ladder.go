package evidence

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// How certain it is that a server retries so.
const (
	Configured = "configured"  // read from its settings
	Documented = "default"     // the product's default, in Microsoft's documentation
	FromMemory = "from memory" // the product's default, and no source was found
)

// A Ladder is in which steps a server tries again after an attempt that failed:
// each step is the wait since the attempt before; the last repeats.
type Ladder struct {
	Steps     []time.Duration
	Certainty string // Configured, Documented or FromMemory
	Setting   string // its name in the product
	Where     *Where // of a configured one
}

// Sums are when the attempts come, counted from the first that failed.
func (l Ladder) Sums() []time.Duration {
	var all []time.Duration
	var sum time.Duration
	for _, s := range l.Steps {
		sum += s
		all = append(all, sum)
	}
	return all
}

// mostRungs bounds how far a ladder is climbed: two days in minutes.
const mostRungs = 2880

// Explains says whether each of these waits ends at an attempt of the ladder. A
// ladder so narrow that it would explain any wait explains none.
func (l Ladder) Explains(waits []time.Duration) bool {
	if len(waits) == 0 {
		return false
	}
	rungs, covered := l.climb(slices.Max(waits))
	for _, w := range waits {
		if !slices.ContainsFunc(rungs, func(r time.Duration) bool { return onTime(w, r) }) {
			return false
		}
	}
	return 2*covered <= slices.Max(waits)
}

// Has says whether one step of the ladder is so long.
func (l Ladder) Has(step time.Duration) bool {
	return slices.ContainsFunc(l.Steps, func(s time.Duration) bool { return onTime(step, s) })
}

// climb gives the sums up to a wait, and how much of all waits counts as one.
func (l Ladder) climb(top time.Duration) (rungs []time.Duration, covered time.Duration) {
	var at time.Duration
	for i := 0; len(l.Steps) > 0 && i < mostRungs; i++ {
		step := l.Steps[min(i, len(l.Steps)-1)]
		if step <= 0 || at+step-early(at+step) > top {
			break
		}
		at += step
		rungs = append(rungs, at)
		covered += early(at) + late(at)
	}
	return rungs, covered
}

// onTime says whether a wait was made by a timer: these are hardly ever early,
// and late by the work that they find.
func onTime(wait, timer time.Duration) bool {
	return wait >= timer-early(timer) && wait <= timer+late(timer)
}

func early(d time.Duration) time.Duration { return d/100 + 2*time.Second }
func late(d time.Duration) time.Duration  { return 3*d/100 + 20*time.Second }

// glitch is what Exchange 2000 and 2003 do before their list holds: three
// attempts a minute apart (Exchange Troubleshooting Assistant help,
// GlitchRetrySeconds); 2007 and later do four (Message retry, resubmit, and
// expiration intervals in Microsoft's documentation).
const (
	glitchLegacy = 3
	glitchModern = 4
)

// Ladder is how an SMTP virtual server of Exchange 2000 or 2003 tries again.
// glitch is GlitchRetrySeconds of the server's registry; 0 where it is not known.
func (v VirtualServer) Ladder(glitch time.Duration) Ladder {
	l := Ladder{Setting: "msExchSmtpRemoteQueueRetries", Certainty: Configured, Where: &v.Where}
	if glitch == 0 {
		glitch = time.Minute
	}
	for range glitchLegacy {
		l.Steps = append(l.Steps, glitch)
	}
	minutes := v.RetryMinutes()
	if minutes == nil { // knowledge: Exchange 2003 10/10/10/15, found in no document
		minutes, l.Certainty, l.Where = []int{10, 10, 10, 15}, FromMemory, nil
	}
	for _, n := range minutes {
		l.Steps = append(l.Steps, time.Duration(n)*time.Minute)
	}
	return l
}

// RetryMinutes reads the list of intervals; nil where there is none, or it has
// another form than "10,10,10,15" (known from memory).
func (v VirtualServer) RetryMinutes() []int {
	var list []int
	for _, word := range strings.FieldsFunc(v.Retries, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		n, err := strconv.ParseUint(word, 10, 16)
		if err != nil {
			return nil
		}
		list = append(list, int(n))
	}
	return list
}

// Ladder is how a server of Exchange 2007 or later tries again: glitches, then
// TransientFailureRetryCount times TransientFailureRetryInterval, then
// OutboundConnectionFailureRetryInterval for ever. What is not configured is the
// default of a Hub Transport or Mailbox server, or of an Edge server.
func (s Server) Ladder() Ladder {
	edge := s.Roles != nil && *s.Roles&64 != 0
	count, transient, outbound := 6, 5*time.Minute, 10*time.Minute
	if edge {
		transient, outbound = 10*time.Minute, 30*time.Minute
	}
	l := Ladder{Setting: "TransientFailureRetryInterval, OutboundConnectionFailureRetryInterval", Certainty: Documented}
	if r := s.Retry; r != nil {
		where := r.Where
		if r.TransientCount != nil && r.Transient != nil && r.Outbound != nil {
			l.Certainty, l.Where = Configured, &where
		}
		if r.TransientCount != nil {
			count = min(max(*r.TransientCount, 0), 15)
		}
		if r.Transient != nil {
			transient = r.Transient.Duration()
		}
		if r.Outbound != nil {
			outbound = r.Outbound.Duration()
		}
	}
	for range glitchModern {
		l.Steps = append(l.Steps, time.Minute)
	}
	for range count {
		l.Steps = append(l.Steps, transient)
	}
	l.Steps = append(l.Steps, outbound)
	return l
}
