package analyzers

import (
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestQueueWords: what a queue waits for, since when, and until when.
func TestQueueWords(t *testing.T) {
	at := func(h int) evidence.Instant {
		x := nine().Add(time.Duration(h) * time.Hour)
		return evidence.Instant{Time: &x}
	}
	retrying := func(change func(*evidence.Queue)) evidence.QueueListing {
		q := evidence.Queue{Name: `EX07\3`, Line: 7, State: evidence.QueueRetrying, Messages: 4, NextHop: "contoso.com", Error: "421 busy", LastTry: at(0), NextTry: at(1)}
		change(&q)
		return evidence.QueueListing{Export: evidence.Export{Path: "queues.xml"}, Queues: []evidence.Queue{q}}
	}
	same := func(*evidence.Queue) {}
	notice, gives := nine().Add(4*time.Hour), nine().Add(48*time.Hour)
	forecast := func(listing int, queue string, grows bool, by ...string) evidence.Forecast {
		return evidence.Forecast{Listing: listing, Queue: queue, Notice: &notice, GivesUp: &gives, Grows: grows, By: by}
	}
	for name, story := range map[string]struct {
		l     evidence.QueueListing
		f     evidence.Forecast
		now   time.Time
		want  []string
		stood time.Duration
	}{
		"next":                 {retrying(same), evidence.Forecast{Queue: "x"}, time.Time{}, []string{`EX07\3 to contoso.com: 4 messages`, "(421 busy)", "the next attempt comes at 2026-02-03 10:00:00 UTC;", "not: is told", "not: leaves", "queues.xml line 7"}, time.Hour},
		"in words":             {retrying(func(q *evidence.Queue) { q.NextTry = evidence.Instant{Text: "3.2. 10:00"} }), evidence.Forecast{Queue: "x"}, time.Time{}, []string{"comes at 3.2. 10:00 of the server's time"}, 0},
		"nobody knows when":    {retrying(func(q *evidence.Queue) { q.NextTry = evidence.Instant{} }), evidence.Forecast{Queue: "x"}, time.Time{}, []string{"not: the next attempt"}, 0},
		"nobody knows since":   {retrying(func(q *evidence.Queue) { q.LastTry = evidence.Instant{Text: "9:00"} }), evidence.Forecast{Queue: "x"}, time.Time{}, []string{"the next attempt comes at 2026-02-03 10:00:00 UTC"}, 0},
		"no error":             {retrying(func(q *evidence.Queue) { q.Error = "" }), evidence.Forecast{Queue: "x"}, time.Time{}, []string{"not: ()"}, time.Hour},
		"past":                 {retrying(same), evidence.Forecast{Queue: "x"}, nine().Add(2*time.Hour + time.Second), []string{"10:00:00 UTC (which is past"}, time.Hour},
		"past, but for clocks": {retrying(same), evidence.Forecast{Queue: "x"}, nine().Add(2 * time.Hour), []string{"not: which is past"}, time.Hour},
		"given up":             {retrying(same), forecast(0, `EX07\3`, true, "read", "the defaults of Exchange"), time.Time{}, []string{"its sender is told at 2026-02-03 13:00:00 UTC if the server has its defaults", "is returned at 2026-02-05 09:00:00 UTC if", "more comes into it than leaves"}, time.Hour},
		"given up, as is set":  {retrying(same), forecast(0, `EX07\3`, false, "the settings"), time.Time{}, []string{"is returned at 2026-02-05 09:00:00 UTC", "not: defaults", "not: more comes"}, time.Hour},
		"another queue":        {retrying(same), forecast(0, `EX07\4`, true), time.Time{}, []string{"not: returned", "not: more comes"}, time.Hour},
		"another listing":      {retrying(same), forecast(1, `EX07\3`, true), time.Time{}, []string{"not: returned"}, time.Hour},
	} {
		given := []diag.Given{diag.Give(evidence.QueueListings, []evidence.QueueListing{story.l}), diag.Give(evidence.Forecasts, []evidence.Forecast{story.f})}
		if !story.now.IsZero() {
			given = append(given, diag.Give(evidence.Clock, story.now))
		}
		got := saidOf(queues(), queueRetry.Code, given...)
		got = strings.Replace(got, "UTC (queues.xml", "UTC; (queues.xml", 1)
		if not := lacks(got, "confirmed", story.want...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
		for _, f := range queues().Run(diag.NewEvidence(append(queues().Needs, queues().Uses...), given...)) {
			if f.Code == queueRetry.Code && ((f.Wait != nil) != (story.stood > 0) || f.Wait != nil && f.Wait.Length() != story.stood) {
				t.Errorf("%s: mail stood still %v", name, f.Wait)
			}
		}
	}
}

// TestQueueKinds: queues that lead nowhere, by their names of all versions, and how
// much must wait to be categorized.
func TestQueueKinds(t *testing.T) {
	for name, story := range map[string]struct {
		q    evidence.Queue
		code string
		want string
	}{
		"unreachable":           {evidence.Queue{Name: `EX07\Unreachable`, Messages: 1}, queueUnreachable.Code, "confirmed"},
		"unreachable, by type":  {evidence.Queue{Name: `EX07\9`, Type: "Unreachable", Messages: 1}, queueUnreachable.Code, "confirmed"},
		"unreachable, of 2003":  {evidence.Queue{Name: "Messages with an unreachable destination", Messages: 1}, queueUnreachable.Code, "confirmed"},
		"unreachable, empty":    {evidence.Queue{Name: `EX07\Unreachable`}, queueUnreachable.Code, "excluded"},
		"poison":                {evidence.Queue{Name: `EX07\Poison`, Messages: 1}, queuePoison.Code, "confirmed"},
		"poison, in two words":  {evidence.Queue{Name: "Poison message", Messages: 1}, queuePoison.Code, "confirmed"},
		"submission":            {evidence.Queue{Name: `EX07\Submission`, Messages: 51}, directoryLookup.Code, "confirmed"},
		"submission, and fewer": {evidence.Queue{Name: `EX07\Submission`, Messages: 50}, directoryLookup.Code, "excluded"},
		"look-up, of 2003":      {evidence.Queue{Name: "Messages awaiting directory lookup", Messages: 51}, directoryLookup.Code, "confirmed"},
		"another":               {evidence.Queue{Name: `EX07\7`, Messages: 500}, directoryLookup.Code, "excluded"},
	} {
		got := saidOf(queues(), story.code, diag.Give(evidence.QueueListings, []evidence.QueueListing{{Queues: []evidence.Queue{story.q}}}))
		if len(lacks(got, story.want)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
	if got := saidOf(queues(), queuePoison.Code, diag.Give(evidence.QueueListings, []evidence.QueueListing{{Messages: 4}})); got != "" {
		t.Errorf("a list of messages shows no queues: %q", got)
	}
}

// TestOneDestination: a quarter of what waits is suspected, a half confirmed, and of
// less than twenty nothing is said.
func TestOneDestination(t *testing.T) {
	for name, story := range map[string]struct {
		count, total int
		group        string
		want         []string
	}{
		"a half":           {10, 20, "contoso.com", []string{"confirmed", "50 % of the 20 messages", "same recipient domain: contoso.com"}},
		"less than a half": {19, 40, "contoso.com", []string{"suspected", "47 %"}},
		"a quarter":        {5, 20, "contoso.com", []string{"suspected", "25 %"}},
		"less":             {5, 21, "contoso.com", []string{""}},
		"of few":           {19, 19, "contoso.com", []string{""}},
		"nameless":         {20, 20, "", []string{""}},
	} {
		l := evidence.QueueListing{Messages: story.total, Groups: []evidence.QueueGroup{{By: evidence.ByDomain, Name: story.group, Count: story.count}}}
		got := saidOf(queues(), oneDestination.Code, diag.Give(evidence.QueueListings, []evidence.QueueListing{l}))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
	queued := evidence.QueueListing{Messages: 3, Queues: []evidence.Queue{{Messages: 30}, {Messages: 10}, {Messages: -1}}, Groups: []evidence.QueueGroup{{By: evidence.ByQueue, Name: "contoso.com", Count: 30}}}
	if got := saidOf(queues(), oneDestination.Code, diag.Give(evidence.QueueListings, []evidence.QueueListing{queued})); len(lacks(got, "confirmed", "75 % of the 40 messages")) > 0 {
		t.Errorf("by next hop: %q", got)
	}
}

// TestMailReasons: messages that one reason holds up, each listing for itself.
func TestMailReasons(t *testing.T) {
	gives := nine()
	l := evidence.QueueListing{Export: evidence.Export{Path: "mailq.txt"}, Messages: 9, Reasons: []evidence.QueueError{{Domain: "contoso.com", Text: "451 4.7.1 greylisted", Count: 4, State: evidence.QueueRetrying},
		{Domain: "example.com", Count: 2, State: evidence.QueueRetrying}, {Domain: "example.net", Text: "held", Count: 3, State: evidence.QueueHeld}}}
	got := strings.Split(saidOf(queues(), queueRetry.Code, diag.Give(evidence.QueueListings, []evidence.QueueListing{l}), diag.Give(evidence.Forecasts, []evidence.Forecast{{Queue: "contoso.com", GivesUp: &gives}})), "\n")
	if len(got) != 2 || len(lacks(got[0], "confirmed", "contoso.com: 4 messages", "(451 4.7.1 greylisted)", "is returned at 2026-02-03 09:00:00 UTC")) > 0 ||
		len(lacks(got[1], "confirmed", "example.com: 2 messages", "not: ()", "not: returned")) > 0 {
		t.Errorf("%q", got)
	}
}

// TestLoopWords: which circle of several is told, with how many there were.
func TestLoopWords(t *testing.T) {
	short, long := way(evidence.JourneyWaiting, "a>b", "b>a", "a>b", "b>a", "a"), way(evidence.JourneyWaiting, "a>b", "b>a", "a>b", "b>a", "a>b", "b>a", "a>b", "b>a", "a")
	unsure := way(evidence.JourneyWaiting, "a>b", "b>a", "a")
	for name, story := range map[string]struct {
		all  []evidence.Journey
		want []string
	}{
		"one":                   {[]evidence.Journey{short}, []string{"confirmed", "1 messages were there", "3 times: a > b > a > b > a ("}},
		"the longest":           {[]evidence.Journey{short, unsure, long}, []string{"confirmed", "3 messages were there", "5 times: a > b > a > b > a > b > a and so on, 9 in all"}},
		"the surest of several": {[]evidence.Journey{unsure, short}, []string{"confirmed", "2 messages", "3 times"}},
		"not sure":              {[]evidence.Journey{unsure}, []string{"suspected", "on purpose"}},
	} {
		got := saidOf(messageLoops(), messageLoop.Code, diag.Give(evidence.Journeys, story.all))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
		f := messageLoops().Run(diag.NewEvidence(messageLoops().Needs, diag.Give(evidence.Journeys, story.all)))[0]
		if want := map[string]string{"one": "journeys[0]", "the longest": "journeys[2]", "the surest of several": "journeys[1]", "not sure": "journeys[0]"}[name]; f.From[0] != want {
			t.Errorf("%s: from %s, want %s", name, f.From[0], want)
		}
	}
}

// TestRefusedForLoops: a reply that says so is a circle behind the next server, if
// none is seen here; other failures are none, and those words of a message that was
// delivered neither.
func TestRefusedForLoops(t *testing.T) {
	ended := func(outcome, reason string, servers ...string) evidence.Journey {
		j := way(evidence.JourneyFailed, servers...)
		last := &j.Stops[len(j.Stops)-1]
		last.Outcome, last.Reason = outcome, reason
		return j
	}
	for name, story := range map[string]struct {
		j    evidence.Journey
		want []string
	}{
		"too many hops":      {ended(evidence.SawFailed, "554 5.4.6 routing loop detected", "a", "b"), []string{"suspected", "a message was given up", "554 5.4.6", "behind the next server", "not: again and again"}},
		"and there twice":    {ended(evidence.SawFailed, "554 5.4.6 loop", "a>b", "b>a", "a>b", "b"), []string{"confirmed", "2 times"}},
		"another failure":    {ended(evidence.SawFailed, "550 5.1.1 user unknown", "a", "b"), []string{"excluded"}},
		"delivered":          {ended(evidence.SawDelivered, "554 5.4.6 routing loop detected", "a", "b"), []string{"excluded"}},
		"on one server only": {way(evidence.JourneyArrived, "a"), []string{""}},
	} {
		got := saidOf(messageLoops(), messageLoop.Code, diag.Give(evidence.Journeys, []evidence.Journey{story.j}))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}
