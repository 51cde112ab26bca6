package results

import (
	"fmt"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// noon is the time of the runs of these tests.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func at(hour, minute, second int) *time.Time {
	return new(time.Date(2026, 11, 23, hour, minute, second, 0, time.UTC))
}

// journeysOfMail are five ways: one that waits, one that arrived late, one that
// is lost sight of, one that failed, and one that was in time.
func journeysOfMail() []evidence.Journey {
	row := func(file string, n int) evidence.Where { return evidence.Where{File: file, Line: n} }
	part := func(own, all evidence.Duration, path ...string) evidence.Latency {
		return evidence.Latency{Path: path, Seconds: all, Own: own}
	}
	stuck := evidence.Journey{Message: "order-17@contoso.com", Sender: "anna@contoso.com", Recipients: []string{"ben@example.com", "eve@example.com"}, Count: 5,
		Began: *at(8, 2, 0), Ended: *at(11, 9, 30), Total: 11250, State: evidence.JourneyPartly, Stops: []evidence.Stop{
			{Server: "EX03A", Source: "tracking", From: -1, Came: at(8, 2, 0), Left: at(8, 2, 4), Wait: 4, Peer: "HUB02", Hop: "Interop RGC", Outcome: evidence.SawLeft, Where: row("EX03A.log", 4)},
			{Server: "HUB02", Source: "tracking", From: 0, Came: at(8, 12, 40), Left: at(10, 47, 0), Wait: 9260, Travel: 636, Shift: -12.25, Error: 1.5, Peer: "EDGE01", Hop: "Internet", Outcome: evidence.SawLeft, Tries: 7, Reason: "451 4.4.0 try later", Expanded: 3, Where: row("HUB02.log", 9),
				Parts: []evidence.Latency{part(9000, 9200, "TOTAL-HUB", "SMR", "SMRC"), part(60, 60, "TOTAL-HUB", "CAT"), part(30, 30, "TOTAL-HUB", "QD"), part(20, 20, "TOTAL-HUB", "SDR")}},
			{Server: "EDGE01", Source: "postfix", From: 1, Came: at(10, 47, 1), Left: at(10, 47, 3), Wait: 2, Peer: "mx.example.com", Outcome: evidence.SawDelivered, Where: row("mail.log", 12)},
			{Server: "EDGE02", Source: "postfix", From: 1, Came: at(10, 47, 2), Wait: 1348, Peer: "mx.example.net", Outcome: evidence.SawPutOff, Tries: 1, Where: row("mail2.log", 13)}},
		Missing: []evidence.Missing{{Server: "MBX03", From: *at(10, 47, 0), To: *at(11, 0, 0), Why: "EDGE01 handed it over at 10:47:03; no log of MBX03 covers that hour", Get: `the files of that hour in \\MBX03\c$\logs`}},
		Notes:   []string{"RECEIVE before SEND by 12 s: clocks"}}
	one := func(id, from, to, state string, total evidence.Duration, server, hop string) evidence.Journey {
		began := *at(9, 0, 0)
		end := began.Add(total.Duration())
		return evidence.Journey{Message: id, Sender: from, Recipients: []string{to}, Count: 1, Began: began, Ended: end, Total: total, State: state,
			Stops: []evidence.Stop{{Server: server, Source: "tracking", From: -1, Came: &began, Left: &end, Wait: total, Hop: hop, Outcome: evidence.SawLeft, Where: row(server+".log", 1)}}}
	}
	soon := one("news-1@contoso.com", "news@contoso.com", "ben@example.com", evidence.JourneyArrived, 3, "EX03A", "mailboxes")
	soon.Sample = true
	waits := one("offer-3@contoso.com", "carl@contoso.com", "dora@example.net", evidence.JourneyWaiting, 5400, "HUB02", "Internet")
	waits.Stops[0].Left, waits.Stops[0].Outcome = nil, evidence.SawPutOff
	return []evidence.Journey{stuck, waits,
		one("late-2@contoso.com", "anna@contoso.com", "finn@example.org", evidence.JourneyArrived, 1500, "EX03A", "Interop RGC"),
		one("gone-4@contoso.com", "gus@contoso.com", "hal@example.com", evidence.JourneyLost, 900, "EX03B", "Interop RGC"),
		one("back-5@contoso.com", "ivy@contoso.com", "jon@example.com", evidence.JourneyFailed, 600, "EDGE01", "Internet"), soon}
}

// rhythmsOfHops are a grid on the clock, a retry ladder, and a hop at which
// nothing waits.
func rhythmsOfHops() []evidence.HopRhythm {
	grid := evidence.HopRhythm{Server: "EX03A", To: "Interop RGC", Is: evidence.RhythmClock, Why: "departures stand at the same minutes", Count: 300, Waited: 240,
		Period: 900, Phases: []evidence.Duration{300}, Strength: 0.93, Chance: 1e-9, Turn: 3600, Minutes: make([]int, 60), Waits: waitsOf(map[float64]int{0.5: 60, 3: 30, 6: 70, 9: 90, 13: 50})}
	for i := range 4 {
		grid.Minutes[5+15*i] = 54 + i
	}
	grid.Minutes[6], grid.Minutes[33] = 9, 2
	steps := []evidence.Duration{900, 900}
	ladder := evidence.HopRhythm{Server: "relay.contoso.com", To: "example.com", Is: evidence.RhythmRetry, Why: "waits gather at 15 and 30 minutes", Count: 90, Waited: 40, Strength: 0.9, Chance: 1e-4,
		Ladder: "Exim", Steps: steps, Sums: []evidence.Duration{900, 1800}, Turn: 3600, Minutes: make([]int, 60), Waits: waitsOf(map[float64]int{0.5: 50, 15.2: 26, 30.4: 10, 55: 4})}
	for i := range ladder.Minutes {
		ladder.Minutes[i] = i * 7 % 3
	}
	return []evidence.HopRhythm{grid, ladder, {Server: "EX03A", To: "mailboxes", Is: evidence.RhythmPrompt, Why: "nothing waits", Count: 12900}}
}

// waitsOf counts waits of so many minutes on the scale that collectors use.
func waitsOf(minutes map[float64]int) []evidence.WaitBin {
	bins := []evidence.WaitBin{{To: 60}}
	for edge := evidence.Duration(60); edge < 5400; edge *= 1.25 {
		bins = append(bins, evidence.WaitBin{From: edge, To: edge * 1.25})
	}
	for m, n := range minutes {
		for i := range bins {
			if d := evidence.Duration(60 * m); bins[i].From <= d && d < bins[i].To {
				bins[i].Count += n
			}
		}
	}
	return bins
}

// queuesOfMail are the queues of a server of 2007 and what waits on a Postfix
// relay, with what is to become of it.
func queuesOfMail() ([]evidence.QueueListing, []evidence.Forecast) {
	hub := evidence.QueueListing{Export: evidence.Export{Path: "queues.xml", Format: "CLIXML"}, Queues: []evidence.Queue{
		{Name: `EX07HUB\Submission`, Server: "EX07HUB", Line: 40, State: evidence.QueueActive, Said: "Ready", Messages: 2},
		{Name: `EX07HUB\17`, Server: "EX07HUB", Line: 12, Type: "SmtpRelayToTiRg", NextHop: "First Routing Group", State: evidence.QueueRetrying, Said: "Retry", Messages: 1280,
			Error: "451 4.4.0 Primary target IP address responded with: 421 4.2.1 Unable to connect.", LastTry: evidence.Instant{Time: at(11, 55, 0)}, NextTry: evidence.Instant{Time: at(12, 5, 0)}, Velocity: new(-0.05), Retries: new(12)},
		{Name: `EX07HUB\3`, Server: "EX07HUB", Line: 60, State: evidence.QueueHeld, Said: "Suspended", Messages: 4, NextTry: evidence.Instant{Text: "11/23/2026 1:05:00 PM"}},
		{Name: `EX07HUB\4`, Server: "EX07HUB", Line: 70, State: evidence.QueueActive, Said: "Ready"}}}
	relay := evidence.QueueListing{Export: evidence.Export{Path: "queue.json", Format: "postqueue -j"}, Messages: 34,
		Oldest: []evidence.QueuedMail{{ID: "4A1", State: evidence.QueueRetrying, Since: at(5, 0, 0), Age: 25200, Sender: "anna@contoso.com", To: "ben@example.com", Reason: "connection timed out", Line: 3},
			{ID: "4A2", State: evidence.QueueActive, Since: at(11, 58, 0), Age: 120, Sender: "carl@contoso.com", To: "dora@example.net", Line: 4}},
		Reasons: []evidence.QueueError{{Domain: "example.com", Text: "connect to mx.example.com[192.0.2.25]:25: Connection timed out", Count: 30, State: evidence.QueueRetrying, Line: 3}},
		Ages: []evidence.AgeRow{{Domain: "example.com", Total: 30, Counts: []int{2, 3, 0, 5, 8, 6, 3, 3, 0, 0}, Oldest: at(5, 0, 0)},
			{Domain: "example.net", Total: 4, Counts: []int{4, 0, 0, 0, 0, 0, 0, 0, 0, 0}}}}
	return []evidence.QueueListing{hub, relay}, []evidence.Forecast{
		{Listing: 0, Queue: `EX07HUB\17`, Server: "EX07HUB", Oldest: at(9, 0, 0), Next: at(12, 5, 0), Notice: at(13, 0, 0), GivesUp: at(57, 0, 0), Grows: true, By: []string{"NextRetryTime", "the defaults of Exchange 2007 and later: notice after 4 hours, given up after 2 days"}},
		{Listing: 0, Queue: `EX07HUB\3`, Server: "EX07HUB", Unknown: []string{"it is held: no timer moves it until somebody lets it go"}},
		{Listing: 1, Queue: "example.com", Oldest: at(5, 0, 0), GivesUp: at(125, 0, 0), By: []string{"the defaults of Postfix: no notice, given up after 5 days"}, Unknown: []string{"when the next attempt comes: the listing does not say when the last one was; the log does"}}}
}

// withKind adds evidence of a kind to a report.
func withKind(t testing.TB, r *diag.Report, k diag.AnyKey, v any) *diag.Report {
	r.Add(diag.Event{Gathered: &diag.Item{Kind: k.Kind().Name, By: "test", Value: rawOf(t, v)}})
	return r
}

// withMail is a report with journeys, rhythms and queues.
func withMail(t testing.TB) *diag.Report {
	listings, forecasts := queuesOfMail()
	r := withKind(t, plainReport(t), evidence.Clock, noon())
	withKind(t, r, evidence.Journeys, journeysOfMail())
	withKind(t, r, evidence.Clocks, []evidence.ClockOffset{{Server: "HUB02", Against: "EX03A", Ahead: 12.25, Low: 10.75, High: 13.75, Sent: 40, Back: 12, Bounded: true}})
	withKind(t, r, evidence.Rhythms, rhythmsOfHops())
	withKind(t, r, evidence.QueueListings, listings)
	return withKind(t, r, evidence.Forecasts, forecasts)
}

// TestMailScreens compares the tabs of journeys, rhythms and queues.
func TestMailScreens(t *testing.T) {
	for _, screen := range []struct {
		name string
		keys []string
	}{
		{"journeys", []string{"7"}},
		{"journeys-waiting", []string{"7", "s", "s", "f", "h", "u", "b", "enter"}},
		{"journey-detail", []string{"7", "enter"}},
		{"journey-detail-end", []string{"7", "enter", "end"}},
		{"rhythm", []string{"8"}},
		{"rhythm-ladder", []string{"8", "down"}},
		{"rhythm-detail", []string{"8", "enter"}},
		{"queues", []string{"9"}},
		{"queues-oldest", []string{"9", "+", "end"}},
		{"queue-detail", []string{"9", "down", "enter"}},
	} {
		for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}} {
			m := press(New(withMail(t)).SetSize(size[0], size[1]), screen.keys...)
			checkFrame(t, m, size[0], size[1])
			golden(t, fmt.Sprintf("%s-%dx%d", screen.name, size[0], size[1]), m.View()+"\n")
		}
	}
}
