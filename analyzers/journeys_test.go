package analyzers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// way is a journey over these servers, one after the other, a second each.
func way(state string, servers ...string) evidence.Journey {
	j := evidence.Journey{Message: "a@example.com", Began: setOut(), State: state, Sample: true}
	for i, s := range servers {
		name, peer, _ := strings.Cut(s, ">")
		came, left := setOut().Add(time.Duration(i)*time.Second), setOut().Add(time.Duration(i+1)*time.Second)
		j.Stops = append(j.Stops, evidence.Stop{Server: name, From: i - 1, Came: &came, Left: &left, Wait: 1, Peer: peer, Outcome: evidence.SawLeft, Where: evidence.Where{File: name}})
	}
	j.Ended = setOut().Add(time.Duration(len(servers)) * time.Second)
	j.Total = evidence.Duration(len(servers))
	return j
}

func setOut() time.Time { return time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC) }

func judged(a *diag.Analyzer, given ...diag.Given) string {
	var all []string
	for _, f := range a.Run(diag.NewEvidence(append(a.Needs, a.Uses...), given...)) {
		all = append(all, f.Verdict.String()+" "+f.Subject)
	}
	return strings.Join(all, ", ")
}

// TestLoops: a way that repeats a step is a circle, one that crosses itself is none.
func TestLoops(t *testing.T) {
	const none = "excluded the messages that were followed"
	returned := way(evidence.JourneyFailed, "a", "b")
	returned.Stops[1].Outcome, returned.Stops[1].Reason = evidence.SawFailed, "554 5.4.0 Error: too many hops"
	for name, story := range map[string]struct {
		j    evidence.Journey
		want string
	}{
		"straight":                            {way(evidence.JourneyArrived, "a>b", "b>c", "c"), none},
		"to a scanner and back":               {way(evidence.JourneyArrived, "a>b", "b>a", "a"), none},
		"to a scanner and back, and waiting":  {way(evidence.JourneyWaiting, "a>b", "b>a", "a"), "suspected a"},
		"there again":                         {way(evidence.JourneyArrived, "a>b", "b>a", "a>b", "b"), "suspected a"},
		"three times":                         {way(evidence.JourneyArrived, "a>b", "b>a", "a>b", "b>a", "a"), "suspected a"},
		"three times, and it waits":           {way(evidence.JourneyWaiting, "a>b", "b>a", "a>b", "b>a", "a"), "confirmed a"},
		"four times":                          {way(evidence.JourneyArrived, "a>b", "b>a", "a>b", "b>a", "a>b", "b>a", "a"), "confirmed a"},
		"to two scanners, and back from each": {way(evidence.JourneyArrived, "a>b", "b>a", "a>c", "c>a", "a"), none},
		"to two filters by its own name":      {way(evidence.JourneyArrived, "a>a.contoso.com", "a>a.contoso.com", "a"), none},
		"a filter on the same host":           {way(evidence.JourneyArrived, "a>localhost", "a>127.0.0.1", "a>localhost", "a"), none},
		"to itself by its own name":           {way(evidence.JourneyFailed, "a>a.contoso.com", "a>a.contoso.com", "a"), "confirmed a"},
		"by its own name, once":               {way(evidence.JourneyWaiting, "a>a.contoso.com", "a"), none},
		"refused for it":                      {returned, "suspected b"},
	} {
		if got := judged(messageLoops(), diag.Give(evidence.Journeys, []evidence.Journey{story.j})); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}

// TestClocks: what bounds on the difference of two clocks amount to.
func TestClocks(t *testing.T) {
	for name, story := range map[string]struct {
		o    evidence.ClockOffset
		want string
	}{
		"agree":                   {evidence.ClockOffset{Low: -1, High: 1.5, Bounded: true, Sent: 9}, "excluded"},
		"loose":                   {evidence.ClockOffset{Low: -1, High: 600, Bounded: true, Sent: 9}, "could-not-tell"},
		"ahead":                   {evidence.ClockOffset{Ahead: 90, Low: 89, High: 91, Bounded: true, Sent: 9, Back: 9}, "confirmed"},
		"behind":                  {evidence.ClockOffset{Ahead: -90, Low: -91, High: -89, Bounded: true, Sent: 9, Back: 9}, "confirmed"},
		"by less than it matters": {evidence.ClockOffset{Ahead: 1.5, Low: 1, High: 2.5, Bounded: true, Sent: 9}, "could-not-tell"},
		"by two messages":         {evidence.ClockOffset{Ahead: 90, Low: 89, High: 91, Bounded: true, Sent: 1, Back: 1}, "suspected"},
		"by a zone":               {evidence.ClockOffset{Ahead: -18003, Low: -18004, High: -18002, Bounded: true, Sent: 9, Back: 9}, "suspected"},
		"at least":                {evidence.ClockOffset{Low: 40, Sent: 9}, "suspected"},
		"at most":                 {evidence.ClockOffset{High: 40, Sent: 9}, "could-not-tell"},
		"set":                     {evidence.ClockOffset{Steps: true, Sent: 9}, "suspected"},
		"contradicting":           {evidence.ClockOffset{Sent: 9}, "could-not-tell"},
	} {
		story.o.Server, story.o.Against = "b", "a"
		if got := judged(clockSkews(), diag.Give(evidence.Clocks, []evidence.ClockOffset{story.o})); got != story.want+" b" {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}

// TestIncomplete: logs that are missing count where nothing else says where the
// time went, the one that most messages want first.
func TestIncomplete(t *testing.T) {
	lacks := func(j evidence.Journey, server string) evidence.Journey {
		j.Missing = append(j.Missing, evidence.Missing{Server: server, From: setOut(), To: setOut().Add(time.Hour), Why: "why", Get: "get"})
		return j
	}
	outside := way(evidence.JourneyLeft, "a")
	outside.Missing = []evidence.Missing{{Server: "mx", Get: evidence.AskPostmaster + " what"}}
	late := lacks(way(evidence.JourneyLost, "a", "b"), "c")
	late.Stops[1].Wait, late.Sample = 900, false
	lost := lacks(way(evidence.JourneyLost, "a"), "d")
	lost.Sample = false
	for name, story := range map[string]struct {
		all  []evidence.Journey
		want string
	}{
		"none":                      {[]evidence.Journey{way(evidence.JourneyArrived, "a")}, "excluded the messages that were followed"},
		"outside":                   {[]evidence.Journey{outside}, ""},
		"the wait is seen":          {[]evidence.Journey{late, lacks(way(evidence.JourneyLost, "a"), "b")}, ""},
		"no wait is seen":           {[]evidence.Journey{lacks(way(evidence.JourneyLost, "a"), "b")}, "confirmed b"},
		"most wanted first":         {[]evidence.Journey{lacks(way(evidence.JourneyLost, "a"), "b"), lacks(way(evidence.JourneyLost, "a"), "c"), lacks(way(evidence.JourneyLost, "a"), "C")}, "confirmed c, confirmed b"},
		"late, and nothing says so": {[]evidence.Journey{lost, lacks(way(evidence.JourneyLost, "a"), "b")}, "confirmed d"},
	} {
		if got := judged(incomplete(), diag.Give(evidence.Journeys, story.all)); got != story.want {
			t.Errorf("%s: %q, not %q", name, got, story.want)
		}
	}
}

// TestClientSide: nothing is said of clients while a server may have had it.
func TestClientSide(t *testing.T) {
	given := func(what string, states ...string) string {
		var all []evidence.Journey
		for i, state := range states {
			j := way(state, "a", "b")
			j.Message, j.Asked = fmt.Sprintf("m%d", i), i == 1
			all = append(all, j)
		}
		row := evidence.Sighting{What: what, Where: evidence.Where{File: "a"}}
		return judged(clientSides(), diag.Give(evidence.Journeys, all), diag.Give(evidence.Sightings, []evidence.Sighting{row}),
			diag.Give(evidence.Traffic, []evidence.HopTraffic{{Count: 2}}))
	}
	for got, want := range map[string]string{
		given(evidence.SawSubmitted, evidence.JourneyArrived, evidence.JourneyArrived): "confirmed m1",
		given(evidence.SawSubmitted, evidence.JourneyArrived):                          "suspected the messages that were followed",
		given(evidence.SawCame, evidence.JourneyArrived) + " came":                     " came",
		given(evidence.SawSubmitted, evidence.JourneyLeft) + " left":                   " left",
		given(evidence.SawSubmitted, evidence.JourneyWaiting):                          "excluded the messages that were followed",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
