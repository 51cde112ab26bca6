package report

import (
	"fmt"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// noon is the day of the journeys, rhythms and queues of these tests.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func clockAt(hour, minute, second int) *time.Time {
	return new(noon.Add(time.Duration(hour-12)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second))
}

// late is a message that stood at a bridgehead for most of three hours, and then
// goes to two servers, at one of which it still waits.
func late() evidence.Journey {
	row := func(n int) evidence.Where { return evidence.Where{File: "EX01.log", Line: n} }
	return evidence.Journey{Message: "order-17@contoso.com", Sender: "ann@contoso.com", Recipients: []string{"bob@example.com", "eve@example.com"}, Count: 5,
		Began: *clockAt(8, 2, 0), Ended: *clockAt(11, 9, 30), Total: 11250, State: evidence.JourneyPartly,
		Stops: []evidence.Stop{
			{Server: "EX01", Source: "tracking", From: -1, Came: clockAt(8, 2, 0), Left: clockAt(8, 2, 4), Wait: 4, Peer: "HUB02", Hop: "intra-organization", Outcome: evidence.SawLeft, Where: row(4),
				Sessions: []evidence.SessionTalk{{Session: "08DE4A0000000001", Log: evidence.TalkReceive, Began: *clockAt(8, 1, 29), Ended: *clockAt(8, 2, 0), Took: 31, Messages: 1, Silence: 30, Silent: *clockAt(8, 1, 30), Awaited: evidence.LoggedBDATLast,
					After: "< BDAT 4711 LAST", Until: "> 250 2.6.0 <order-17@contoso.com> Queued mail for delivery", Refused: 1, Refusal: "451 4.7.1 once more", Pauses: []evidence.TalkPause{{Reason: "DelayedAck", Took: 29.9}}, Where: evidence.Where{File: "RECV.log", Line: 12}}}},
			{Server: "HUB02", Source: "tracking", From: 0, Came: clockAt(8, 2, 40), Left: clockAt(10, 47, 0), Wait: 9860, Travel: 36, Shift: -12.25, Error: 1.5, Peer: "EDGE01", Hop: "Internet", Outcome: evidence.SawLeft, Tries: 7, Reason: "451 4.4.0 try later", Expanded: 3, Where: row(9),
				Parts: []evidence.Latency{{Path: []string{"TOTAL-HUB", "SMR", "SMRC"}, Seconds: 9800, Own: 9000}, {Path: []string{"TOTAL-HUB", "CAT"}, Seconds: 60, Own: 60, Running: true}, {Path: []string{"TOTAL-HUB"}, Seconds: 9860, Own: 0.2}}},
			{Server: "EDGE01", Source: "postfix", From: 1, Came: clockAt(10, 47, 1), Left: clockAt(10, 47, 3), Wait: 2, Peer: "mx.example.com", Outcome: evidence.SawDelivered, Where: row(12)},
			{Server: "EDGE02", Source: "postfix", From: 1, Came: clockAt(10, 47, 2), Wait: 1348, Peer: "mx.example.net", Outcome: evidence.SawPutOff, Tries: 1, Where: row(13)}},
		Missing: []evidence.Missing{{Server: "MBX03", From: *clockAt(10, 47, 0), To: *clockAt(11, 0, 0), Why: "EDGE01 handed it over at 10:47:03; no log of MBX03 covers that hour", Get: `\\MBX03\c$\logs`}},
		Notes:   []string{"RECEIVE before SEND by 12 s: clocks"}}
}

// soon is one that was not late.
func soon() evidence.Journey {
	return evidence.Journey{Message: "news-1@contoso.com", Sender: "news@contoso.com", Recipients: []string{"bob@example.com"}, Count: 1, Began: *clockAt(9, 0, 0), Ended: *clockAt(9, 0, 3), Total: 3,
		State: evidence.JourneyArrived, Sample: true, Stops: []evidence.Stop{{Server: "EX01", Source: "tracking", From: -1, Came: clockAt(9, 0, 0), Left: clockAt(9, 0, 3), Wait: 3, Outcome: evidence.SawDelivered}}}
}

// quarterly lets mail go each quarter of an hour, at :05 and so on.
func quarterly() evidence.HopRhythm {
	h := evidence.HopRhythm{Server: "EX03A", To: "Interop RGC", Is: evidence.RhythmClock, Why: "departures stand at the same minutes", Count: 300, Waited: 240, Period: 900, Phases: []evidence.Duration{300},
		Strength: 0.93, Chance: 1e-9, Turn: 3600, Minutes: make([]int, 60)}
	for i := range h.Minutes {
		if i%15 == 5 {
			h.Minutes[i] = 54 + i/15
		}
	}
	h.Minutes[6], h.Minutes[33] = 9, 2
	h.Waits = waitsOf(map[float64]int{0: 60, 3: 30, 6: 70, 9: 90, 13: 48})
	return h
}

// ladder is a hop with the retry timer of another product.
func ladder() evidence.HopRhythm {
	h := evidence.HopRhythm{Server: "relay", To: "example.com", Is: evidence.RhythmRetry, Why: "waits gather at 15 and 30 minutes", Count: 90, Waited: 40, Strength: 0.9, Chance: 1e-4,
		Ladder: "Exim", Steps: []evidence.Duration{900, 900}, Sums: []evidence.Duration{900, 1800}, Turn: 3600, Minutes: make([]int, 60), Waits: waitsOf(map[float64]int{0: 50, 15.2: 26, 30.4: 10, 55: 4})}
	for i := range h.Minutes {
		h.Minutes[i] = i * 7 % 3
	}
	return h
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

// hubQueues are the queues of a server of 2007 and what waits on a Postfix relay.
func hubQueues() ([]evidence.QueueListing, []evidence.Forecast) {
	rate := -0.05
	ages := func(domain string, counts ...int) evidence.AgeRow {
		r := evidence.AgeRow{Domain: domain, Counts: append(counts, make([]int, 10-len(counts))...)}
		for _, n := range counts {
			r.Total += n
		}
		return r
	}
	hub := evidence.QueueListing{Export: evidence.Export{Path: "queues.xml", Format: "CLIXML"}, Messages: 0, Queues: []evidence.Queue{
		{Name: `EX07HUB\17`, Server: "EX07HUB", Line: 12, Type: "SmtpRelayToTiRg", NextHop: "First Routing Group", State: evidence.QueueRetrying, Said: "Retry", Messages: 1280, Error: "451 4.4.0 Primary target IP address responded with: 421 4.2.1 Unable to connect.", LastTry: evidence.Instant{Time: clockAt(11, 55, 0)}, NextTry: evidence.Instant{Time: clockAt(12, 5, 0)}, Velocity: &rate},
		{Name: `EX07HUB\Submission`, Server: "EX07HUB", Line: 40, State: evidence.QueueActive, Said: "Ready", Messages: 2},
		{Name: `EX07HUB\3`, Server: "EX07HUB", Line: 60, State: evidence.QueueHeld, Said: "Suspended", Messages: 4, NextTry: evidence.Instant{Text: "11/20/2026 1:05:00 PM"}},
		{Name: `EX07HUB\4`, Server: "EX07HUB", Line: 70, State: evidence.QueueActive, Said: "Ready"}}}
	relay := evidence.QueueListing{Export: evidence.Export{Path: "queue.json", Format: "postqueue -j"}, Messages: 34, States: map[string]int{evidence.QueueRetrying: 30, evidence.QueueActive: 4},
		Groups:  []evidence.QueueGroup{{By: evidence.ByDomain, Name: "example.com", Count: 30}},
		Oldest:  []evidence.QueuedMail{{ID: "4A1", State: evidence.QueueRetrying, Since: clockAt(5, 0, 0), Age: 25200, Sender: "ann@contoso.com", To: "bob@example.com", Reason: "connection timed out", Line: 3}},
		Reasons: []evidence.QueueError{{Domain: "example.com", Text: "connect to mx.example.com[192.0.2.25]:25: Connection timed out", Count: 30, State: evidence.QueueRetrying, Line: 3}},
		Ages:    []evidence.AgeRow{ages("example.com", 2, 3, 0, 5, 8, 6, 3, 3), ages("example.net", 4)}}
	forecasts := []evidence.Forecast{
		{Listing: 0, Queue: `EX07HUB\17`, Server: "EX07HUB", Oldest: clockAt(9, 0, 0), Next: clockAt(12, 5, 0), Notice: clockAt(13, 0, 0), GivesUp: clockAt(57, 0, 0), Grows: true, By: []string{"NextRetryTime", "the defaults of Exchange 2007 and later: notice after 4 hours, given up after 2 days"}},
		{Listing: 0, Queue: `EX07HUB\3`, Server: "EX07HUB", Unknown: []string{"it is held: no timer moves it until somebody lets it go"}},
		{Listing: 1, Queue: "example.com", Oldest: clockAt(5, 0, 0), GivesUp: clockAt(125, 0, 0), By: []string{"the defaults of Postfix: no notice, given up after 5 days"}, Unknown: []string{"when the next attempt comes: the log says when the last one was"}}}
	return []evidence.QueueListing{hub, relay}, forecasts
}

func clocks() []evidence.ClockOffset {
	return []evidence.ClockOffset{{Server: "HUB02", Against: "EX01", Ahead: 12.25, Low: 10.75, High: 13.75, Sent: 40, Back: 12, Bounded: true, Where: evidence.Where{File: "EX01.log", Line: 4}},
		{Server: "EDGE01", Against: "EX01", Low: -3, Sent: 4, Via: []string{"HUB02"}, Steps: true, Where: evidence.Where{File: "EDGE01.log", Line: 1}}}
}

// delayed is a run over logs and listings of queues.
func delayed(t testing.TB) []diag.Event {
	o := opened()
	o.Opened.Offline = true
	listings, forecasts := hubQueues()
	prompt := evidence.HopRhythm{Server: "EX01", To: "mailboxes", Is: evidence.RhythmPrompt, Why: "nothing waits", Count: 900}
	hop := func(h evidence.HopRhythm) evidence.HopTraffic {
		return evidence.HopTraffic{Server: h.Server, To: h.To, Source: "tracking", First: *clockAt(6, 0, 0), Last: *clockAt(11, 0, 0), Count: h.Count, Late: h.Waited}
	}
	rhythms := []evidence.HopRhythm{quarterly(), prompt, ladder()}
	var traffic []evidence.HopTraffic
	for _, h := range rhythms {
		traffic = append(traffic, hop(h))
	}
	failed := late()
	failed.Message, failed.State, failed.Stops, failed.Missing = "order-18@contoso.com", evidence.JourneyFailed, failed.Stops[:2], nil
	failed.Stops[1].Outcome, failed.Total = evidence.SawFailed, 9900
	derived := func(kind string, v any) diag.Event {
		return gathered(5, diag.Item{Kind: kind, By: kind, Derived: true, Value: raw(t, v)})
	}
	return []diag.Event{o,
		gathered(0, diag.Item{Kind: "clock", By: "clock", Value: raw(t, noon)}),
		gathered(1, diag.Item{Kind: "logs", By: "logs", Value: raw(t, traffic)}),
		gathered(1, diag.Item{Kind: "queues", By: "queues", Value: raw(t, listings)}),
		derived("rhythms", rhythms), derived("queues.forecast", forecasts), derived("journeys", []evidence.Journey{late(), failed, soon()}), derived("clocks", clocks()),
		{At: at(9), Closed: &diag.Closed{TookNS: 9e6}},
	}
}

// tracedSaying is mail on its way and in queues, in which every text is s and
// numbers are such as nothing but a made-up case file has.
func tracedSaying(t testing.TB, s string) []diag.Event {
	all, where := []string{s, s + "."}, evidence.Where{File: s, Line: 1}
	const huge = evidence.Duration(1e300)
	stop := func(n int) evidence.Stop {
		return evidence.Stop{Server: s, Source: s, From: n, Came: new(noon), Left: new(noon.Add(time.Hour)), Wait: 3600, Travel: 60, Shift: -60, Error: 9, Peer: s, Hop: s, Outcome: s, Tries: 2, Reason: s, Expanded: 2,
			Parts: []evidence.Latency{{Server: s, Path: append(all, s), Seconds: 3600, Own: 3500, Running: true}}, Where: where,
			Sessions: []evidence.SessionTalk{{Session: s, Log: s, Began: noon, Ended: noon, Took: huge, Torn: true, Messages: -1, Silence: huge, Silent: noon, Awaited: s, After: s, Until: s, Refused: 2, Refusal: s, Pauses: []evidence.TalkPause{{Reason: s, Took: -huge}}, Where: where},
				{Took: -huge, Refused: 1 << 40, Silence: -1}, {Log: evidence.TalkConnect, Whole: true, Messages: 1 << 40, Took: huge, Silence: 2}}}
	}
	odd := stop(77)
	odd.Came, odd.Left, odd.Wait, odd.Travel, odd.Shift, odd.Error = new(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), nil, huge, huge, -huge, huge
	blank := evidence.Stop{From: -5, Tries: -1, Expanded: -1, Wait: -5}
	marked := evidence.Stop{Server: s, Left: new(noon)}
	j := evidence.Journey{Message: s, Sender: s, Recipients: all, Count: 9, Began: noon, Ended: noon, Total: 3600, State: s, Stops: []evidence.Stop{stop(-1), stop(0), odd, blank, marked}, Notes: all,
		Missing: []evidence.Missing{{Server: s, From: noon, To: noon.Add(time.Hour), Why: s, Get: s}, {Server: s, From: noon, To: noon.Add(-time.Hour)}}}
	many := evidence.Journey{Message: s, State: evidence.JourneyWaiting, Total: huge}
	for i := range 50 {
		many.Stops = append(many.Stops, evidence.Stop{Server: fmt.Sprint("EX", i), From: i - 1, Came: new(noon)})
	}
	rhythm := func(is string, period, turn evidence.Duration) evidence.HopRhythm {
		return evidence.HopRhythm{Server: s, To: s, Is: is, Why: s, Ladder: s, Count: -1, Waited: 7, Period: period, Phases: []evidence.Duration{-5, 100, huge}, Window: 1, Strength: 2, Chance: 1e-300, Steps: []evidence.Duration{huge}, Sums: []evidence.Duration{900, -1, huge},
			Wall: true, Turn: turn, Minutes: append(make([]int, 58), 1<<40, -7), Waits: []evidence.WaitBin{{From: -1, To: 200, Count: 1 << 40}, {From: 200, To: 200, Count: 3}, {From: 200, To: huge, Count: -1}}}
	}
	rhythms := []evidence.HopRhythm{rhythm(evidence.RhythmClock, 900, 3600), rhythm(evidence.RhythmClock, 1e-9, 3600), rhythm(evidence.RhythmMixed, huge, huge), rhythm(evidence.RhythmRetry, -1, -1), rhythm(s, 7200, 7200), {Waited: 1, Minutes: []int{1}, Turn: 1e-9}}
	listing := evidence.QueueListing{Export: evidence.Export{Path: s, Format: s}, Messages: -3, States: map[string]int{s: 1, s + ".": -1}, Groups: []evidence.QueueGroup{{By: s, Name: s, Count: 1 << 40}},
		Queues:  []evidence.Queue{{Name: s, Server: s, Type: s, NextHop: s, Connector: s, State: s, Said: s + ".", Messages: 1 << 40, Error: s, LastTry: evidence.Instant{Text: s}, NextTry: evidence.Instant{Text: s}, Retries: new(-1), Velocity: new(1e300)}, {}},
		Oldest:  []evidence.QueuedMail{{ID: s, State: s, Since: new(noon), Age: huge, Sender: s, To: s, Reason: s}},
		Reasons: []evidence.QueueError{{Domain: s, Text: s, Count: 1, State: s}, {Domain: s + ".", Text: s, Count: -1, State: s}},
		Ages:    []evidence.AgeRow{{Domain: s, Total: 1 << 40, Counts: []int{1, 1 << 40, -1}, Oldest: new(noon)}, {Domain: s, Counts: make([]int, 40)}, {}}}
	forecasts := []evidence.Forecast{{Queue: s, Server: s, Oldest: new(noon), Next: new(noon), Notice: new(noon), GivesUp: new(noon), Drains: huge, Grows: true, By: all, Unknown: all}, {Queue: s + "."}, {Listing: 99, Queue: s}}
	clock := evidence.ClockOffset{Server: s, Against: s, Ahead: -huge, Low: -huge, High: huge, Sent: 1, Back: 1, Bounded: true, Via: all, Steps: true, Where: where}
	derived := func(kind string, v any) diag.Event {
		return gathered(5, diag.Item{Kind: kind, By: s, Derived: true, Value: raw(t, v)})
	}
	return []diag.Event{derived("journeys", []evidence.Journey{j, many, {}}), derived("clocks", []evidence.ClockOffset{clock, {Server: s, Back: 1, High: 3}, {}}), derived("rhythms", rhythms),
		derived("queues", []evidence.QueueListing{listing, {}}), derived("queues.forecast", forecasts)}
}
