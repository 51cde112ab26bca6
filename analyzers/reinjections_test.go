package analyzers

import (
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestTwice: a message that comes again was put back by a program, or its sender
// sent it twice, or handed it over in parts, or the server had kept a copy.
func TestTwice(t *testing.T) {
	later := setOut().Add(30 * time.Minute)
	end := later.Add(time.Second)
	for name, story := range map[string]struct {
		first, again evidence.Sighting
		want         string
	}{
		"a program": {evidence.Sighting{What: evidence.SawCame, Peer: "mx"}, evidence.Sighting{What: evidence.SawSubmitted, Text: "uid=38"},
			"confirmed a, excluded the messages that were followed"},
		"another host": {evidence.Sighting{What: evidence.SawCame, Peer: "mx"}, evidence.Sighting{What: evidence.SawCame, Peer: "archive"},
			"suspected a, excluded the messages that were followed"},
		"the same host": {evidence.Sighting{What: evidence.SawCame, Peer: "mx", To: []string{"b", "c"}}, evidence.Sighting{What: evidence.SawCame, Peer: "MX", To: []string{"c"}},
			"suspected a, excluded the messages that were followed"},
		"the same host, for others": {evidence.Sighting{What: evidence.SawCame, Peer: "mx", To: []string{"b"}}, evidence.Sighting{What: evidence.SawCame, Peer: "mx", To: []string{"c"}},
			"excluded the messages that were followed, excluded the messages that were followed"},
		"a kept copy": {evidence.Sighting{What: evidence.SawCame, Peer: "mx"}, evidence.Sighting{What: evidence.SawAgain, Text: "SAFETYNET"},
			"excluded the messages that were followed, excluded the messages that were followed"},
	} {
		j := way(evidence.JourneyArrived, "a")
		j.Stops = append(j.Stops, evidence.Stop{Server: "a", From: -1, Came: &later, Left: &end, Where: evidence.Where{File: "again"}})
		story.first.Where, story.again.Where = j.Stops[0].Where, j.Stops[1].Where
		story.first.At, story.again.At = setOut(), later
		rows := diag.Give(evidence.Sightings, []evidence.Sighting{story.first, story.again})
		if got := judged(reinjections(), diag.Give(evidence.Journeys, []evidence.Journey{j}), rows); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}

// TestAskedForInVain: a message that no log has is said to be so.
func TestAskedForInVain(t *testing.T) {
	here := way(evidence.JourneyArrived, "a")
	asked := here
	asked.Asked = true
	for want, all := range map[string][]evidence.Journey{
		"excluded the messages that were followed": {asked},
		"suspected x@example.com":                  {here},
	} {
		if got := judged(incomplete(), diag.Give(evidence.Journeys, all), diag.Give(evidence.Message, "x@example.com")); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
