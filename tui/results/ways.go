package results

import (
	"fmt"
	"strconv"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/report"
)

// Ways are the journeys of messages with what a list of many needs: it is made
// once for each report.
type ways struct {
	all    []evidence.Journey
	clocks []evidence.ClockOffset
	read   bool     // false where the evidence cannot be read
	ids    []string // finds them again in a later report
	words  []string // what a filter looks through, once it was asked for
}

func (f *facts) journeys() *ways {
	if f.ways != nil {
		return f.ways
	}
	all, read := diag.Value(f.report, evidence.Journeys)
	f.ways = newWays(all, read)
	f.ways.clocks, _ = diag.Value(f.report, evidence.Clocks)
	return f.ways
}

func newWays(all []evidence.Journey, read bool) *ways {
	w := &ways{all: all, read: read, ids: make([]string, len(all))}
	same := map[string]int{}
	for i, j := range all {
		w.ids[i] = j.Message
		if n := same[j.Message]; n > 0 {
			w.ids[i] += "\x00" + strconv.Itoa(n)
		}
		same[j.Message]++
	}
	return w
}

// Bounds of what a filter looks through of one journey.
const (
	mostStops = 100
	mostTo    = 100
)

// mention is all that a journey can be found by: ids, addresses, servers and
// connectors, each on a line of its own, so that nothing is found across two.
func mention(j evidence.Journey) string {
	var out strings.Builder
	say := func(all ...string) {
		for _, s := range all {
			if s != "" {
				out.WriteString(clean(clip(s)) + "\n")
			}
		}
	}
	say(j.Message, j.Sender)
	say(j.Recipients[:min(len(j.Recipients), mostTo)]...)
	for _, s := range j.Stops[:min(len(j.Stops), mostStops)] {
		say(s.Server, s.Hop, s.Peer)
	}
	return out.String()
}

// with finds the journeys of a state that mention a text, whatever its case.
func (w *ways) with(s standing, text string) []int32 {
	text = strings.ToLower(text)
	if text != "" && w.words == nil {
		w.words = make([]string, len(w.all))
		for i, j := range w.all {
			w.words[i] = mention(j)
		}
	}
	var found []int32
	for i := range w.all {
		if s.has(&w.all[i]) && (text == "" || contains(w.words[i], text)) {
			found = append(found, int32(i))
		}
	}
	return found
}

// A standing is which journeys are shown.
type standing int

const (
	everyState standing = iota
	lateOnes
	waitingOnes
	failedOnes
	lostOnes
	standings
)

func (s standing) String() string {
	return [standings]string{"all", "late", "waiting", "failed", "lost sight of"}[s]
}

func (s standing) has(j *evidence.Journey) bool {
	switch s {
	case lateOnes:
		return !j.Sample
	case waitingOnes:
		return j.State == evidence.JourneyWaiting || j.State == evidence.JourneyPartly
	case failedOnes:
		return j.State == evidence.JourneyFailed
	case lostOnes:
		return j.State == evidence.JourneyLost
	}
	return true
}

// stand shows the journeys of a state only.
func (m Model) stand(s standing) Model {
	m.state = s
	m.pages[journeys].fresh = false
	return m
}

// lookOfJourney draws the eye to mail that did not arrive.
func lookOfJourney(j evidence.Journey) look {
	switch {
	case j.Sample:
		return faint
	case waitingOnes.has(&j) || failedOnes.has(&j):
		return alarm
	case lostOnes.has(&j):
		return strong
	}
	return plain
}

// most is where most of the time of a journey went: at a stop, or on the way to
// it. at is -1 where nothing took time.
func most(j evidence.Journey) (took evidence.Duration, at int, travel bool) {
	at = -1
	for i, s := range j.Stops {
		if s.Wait > took {
			took, at, travel = s.Wait, i, false
		}
		if s.Travel > took {
			took, at, travel = s.Travel, i, true
		}
	}
	return took, at, travel
}

func mostWords(j evidence.Journey) string {
	took, at, travel := most(j)
	switch {
	case at < 0:
		return ""
	case travel:
		return "on the way to " + shortName(j.Stops[at].Server) + " " + lasts(took)
	}
	return joined(", ", shortName(j.Stops[at].Server)+" "+lasts(took), j.Stops[at].Hop)
}

// shortName is a server's name without its domain, for columns; an address stays
// whole.
func shortName(s string) string {
	name, _, _ := strings.Cut(s, ".")
	if strings.Trim(name, "0123456789[") == "" {
		return s
	}
	return name
}

// lasts is a length of time in the two largest units that it has, as the report
// tells it.
func lasts(d evidence.Duration) string {
	const most = 3660 * 86400 // a wait of ten years is nonsense of a case file
	s := int64(min(max(float64(d), 0), most) + 0.5)
	for _, u := range []struct {
		unit, next   int64
		name, lesser string
	}{{86400, 3600, "d", "h"}, {3600, 60, "h", "min"}, {60, 1, "min", "s"}} {
		if s < u.unit {
			continue
		}
		if rest := s % u.unit / u.next; rest > 0 {
			return fmt.Sprintf("%d %s %d %s", s/u.unit, u.name, rest, u.lesser)
		}
		return fmt.Sprintf("%d %s", s/u.unit, u.name)
	}
	return fmt.Sprintf("%d s", s)
}

// clockOf says how far the clocks of the servers of a journey differ.
func (w *ways) clockOf(j evidence.Journey) []string {
	on := map[string]bool{}
	for _, s := range j.Stops {
		on[s.Server] = true
	}
	var lines []string
	for _, c := range w.clocks {
		if on[c.Server] && on[c.Against] {
			lines = append(lines, report.ClockLine(c))
		}
	}
	return lines
}
