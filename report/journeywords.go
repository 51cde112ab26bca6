package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

// JourneySummary says how long a journey took and how it stands: "still waits at
// HUB02 after 3 h 2 min, 2 servers".
func JourneySummary(j evidence.Journey) string {
	after := " after " + lasting(j.Total)
	return joined(", ", journeyState(j, after), some(len(serversOf(j)), "server"), sampleWords(j))
}

func journeyState(j evidence.Journey, after string) string {
	switch j.State {
	case evidence.JourneyArrived:
		return "arrived" + after
	case evidence.JourneyLeft:
		return "left the servers whose logs are here" + after
	case evidence.JourneyWaiting:
		return "still waits" + prefixed(" at ", waitsAt(j)) + after
	case evidence.JourneyPartly:
		return "arrived for some recipients, still waits for others" + prefixed(" at ", waitsAt(j)) + after
	case evidence.JourneyFailed:
		return "failed" + after
	case evidence.JourneyLost:
		return "lost sight of" + after + ": what became of it stands in a log that is not here"
	}
	return j.State + after
}

func sampleWords(j evidence.Journey) string {
	if j.Sample {
		return "not late: shown to compare"
	}
	return ""
}

// waitsAt names the servers that have a message and did not let it go.
func waitsAt(j evidence.Journey) string {
	var names []string
	for _, s := range j.Stops {
		if stays(s) && !slices.Contains(names, s.Server) {
			names = append(names, s.Server)
		}
	}
	return listing(names)
}

// stays says whether a message came to a stop and nothing says that it left, or
// ended there.
func stays(s evidence.Stop) bool {
	ended := s.Outcome == evidence.SawDelivered || s.Outcome == evidence.SawFailed || s.Outcome == evidence.SawDropped || s.Outcome == evidence.SawDone
	return s.Left == nil && !ended
}

func serversOf(j evidence.Journey) []string {
	var names []string
	for _, s := range j.Stops {
		if !slices.Contains(names, s.Server) {
			names = append(names, s.Server)
		}
	}
	return names
}

// JourneyEnvelope says from whom a message was to whom, and when it began.
func JourneyEnvelope(j evidence.Journey, t Times) string {
	to := listing(j.Recipients)
	if more := j.Count - len(j.Recipients); more > 0 && len(j.Recipients) > 0 {
		to = listing(j.Recipients[:min(len(j.Recipients), 3)]) + " and " + grouped(j.Count-min(len(j.Recipients), 3)) + " more"
	}
	began := ""
	if !j.Began.IsZero() {
		began = "began " + t.Of(j.Began) + " " + t.Name(j.Began)
	}
	return joined(", ", joined(" -> ", j.Sender, cmp.Or(to, some(max(0, j.Count), "recipient"))), began)
}

// within is how the stops of a journey are told, whose envelope has the date.
func (t Times) within(j evidence.Journey) Times {
	if !j.Began.IsZero() {
		t.Day = j.Began
	}
	return t
}

// StopLine says what a stop of a journey did with the message: "HUB01: waited 47
// min 3 s, 10:02:11 to 10:49:14; left to HUB02 over Interop RGC; ...".
func StopLine(j evidence.Journey, i int, t Times) string {
	s := j.Stops[i]
	return joined(": ", s.Server, joined("; ", joined(", ", waitWords(s), stopTimes(s, t)), travelWords(s), stopWords(j, i)))
}

func waitWords(s evidence.Stop) string {
	switch {
	case stays(s) && s.Came != nil:
		return "waits, " + lasting(s.Wait) + " so far"
	case s.Came == nil:
		return "when it came is not known"
	}
	return "waited " + lasting(s.Wait)
}

func stopTimes(s evidence.Stop, t Times) string {
	switch {
	case s.Came != nil && s.Left != nil:
		return t.span(*s.Came, *s.Left)
	case s.Came != nil:
		return "came " + t.Of(*s.Came)
	case s.Left != nil:
		return "left " + t.Of(*s.Left)
	}
	return ""
}

// travelWords says how long the way to a stop took.
func travelWords(s evidence.Stop) string {
	if s.Travel <= 0 {
		return ""
	}
	return "on the way for " + lasting(s.Travel)
}

// stopWords is what else is known of a stop.
func stopWords(j evidence.Journey, i int) string {
	s := j.Stops[i]
	return joined("; ", cameFrom(j, i), outcomeOf(s), triesOf(s), prefixed("it got from groups ", some(max(0, s.Expanded), "recipient")), partsOf(s), sessionsOf(s), ClockWords(s))
}

// cameFrom names the stop before, where it is not the one told before.
func cameFrom(j evidence.Journey, i int) string {
	if from := j.Stops[i].From; from >= 0 && from < len(j.Stops) && from != i-1 {
		return "from " + j.Stops[from].Server
	}
	return ""
}

// outcomeOf says where the message went from a stop, or was to go.
func outcomeOf(s evidence.Stop) string {
	hop := s.Hop
	if hop == "mailboxes" { // what logs call delivery; no connector
		hop = ""
	}
	next := joined(", over ", s.Peer, hop)
	switch s.Outcome {
	case evidence.SawDelivered:
		return joined(" to ", "delivered", next)
	case evidence.SawFailed, evidence.SawDropped, evidence.SawHeld:
		return s.Outcome + prefixed(", was to go to ", next)
	}
	if s.Outcome == evidence.SawSplit && next == "" && s.Left != nil {
		return "went on there under another id"
	}
	if s.Left == nil {
		return prefixed("is to go to ", next)
	}
	return prefixed("left to ", next)
}

func triesOf(s evidence.Stop) string {
	if s.Tries <= 0 {
		return prefixed("it said: ", clip(s.Reason, mostReason))
	}
	return joined(": ", "put off "+count(s.Tries, "time"), clip(s.Reason, mostReason))
}

// Bounds of what a stop says.
const (
	mostReason  = 240 // characters
	mostLatency = 3
)

// partsOf names the components of a server that took most time by themselves, by
// the server's own word.
func partsOf(s evidence.Stop) string {
	parts := slices.Clone(s.Parts)
	slices.SortStableFunc(parts, func(a, b evidence.Latency) int { return cmp.Compare(b.Own, a.Own) })
	var words []string
	for _, p := range parts {
		if len(words) == mostLatency || p.Own < 1 {
			break
		}
		running := ""
		if p.Running {
			running = ", not ended"
		}
		words = append(words, strings.Join(p.Path[max(0, len(p.Path)-2):], "/")+" "+lasting(p.Own)+running)
	}
	return prefixed("by its own word: ", strings.Join(words, ", "))
}

// ClockWords says by how much the times of a stop were corrected, and how wrong
// that may be; "" where they stand as the log has them and are right to a second.
func ClockWords(s evidence.Stop) string {
	switch {
	case !near0(s.Shift):
		return "clock corrected by " + signed(s.Shift) + errorWords(s.Error)
	case s.Error > goodClock:
		return "clock good to" + errorWords(s.Error)
	}
	return ""
}

// goodClock is how wrong a clock may be without a word: logs have seconds.
const goodClock = 1

func errorWords(e evidence.Duration) string {
	if e <= 0 {
		return ""
	}
	return " ±" + short1(e)
}

// signed is a shift of a clock; below a minute to the tenth of a second.
func signed(d evidence.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	return sign + short1(d)
}

func short1(d evidence.Duration) string {
	if d < 60 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(d)), ".0") + " s"
	}
	return lasting(d)
}

// MissingLine says which log would say more, and how to get it.
func MissingLine(m evidence.Missing, t Times) string {
	why := cmp.Or(m.Why, "no log of "+m.Server+" is here for "+t.span(m.From, m.To))
	return joined("; to know: ", why, m.Get)
}

// ClockLine says how far the clock of a server differs from another's. A bound of
// 0 is none (internal/journey).
func ClockLine(c evidence.ClockOffset) string {
	whose := " that of " + c.Against
	what := "how far its clock differs from" + whose + " is not known"
	switch {
	case c.Bounded && near0(c.Ahead):
		what = "its clock agrees with" + whose + bounds(c)
	case c.Bounded:
		what = "its clock is " + ahead(c.Ahead) + whose + bounds(c)
	case c.Low != 0: // at least so much ahead
		what = "its clock is " + atMost(c.Low < 0) + ahead(c.Low) + whose
	case c.High != 0: // at most so much ahead
		what = "its clock is " + atMost(c.High > 0) + ahead(c.High) + whose
	}
	steps := ""
	if c.Steps {
		steps = "it was set within the logs, so that one offset does not hold for all"
	}
	return joined(": ", c.Server, joined("; ", what, prefixed("worked out over ", listing(c.Via)), steps))
}

func near0(d evidence.Duration) bool { return d > -0.05 && d < 0.05 }

func atMost(most bool) string {
	if most {
		return "at most "
	}
	return "at least "
}

func bounds(c evidence.ClockOffset) string {
	return " (between " + signed(c.Low) + " and " + signed(c.High) + ")"
}

func ahead(d evidence.Duration) string {
	if d < 0 {
		return short1(-d) + " behind"
	}
	return short1(d) + " ahead of"
}

// clamped is a length of time in Go's units: none below 0, none beyond ten years.
func clamped(d evidence.Duration) time.Duration { return time.Duration(spanOf(d)) }
