package analyzers

import (
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestOpeningWords: the minutes at which a hop opens, of each hour or of the day, and
// by which clock.
func TestOpeningWords(t *testing.T) {
	berlin, err := evidence.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, story := range map[string]struct {
		period evidence.Duration
		phases []evidence.Duration
		window evidence.Duration
		change func(*evidence.HopTraffic, *evidence.HopRhythm)
		want   []string
	}{
		"each hour":            {3600, []evidence.Duration{420}, 0, nil, []string{"every 60 min, at :07", "not: for ", "70 % of the 80 messages that waited"}},
		"for a while":          {3600, []evidence.Duration{420}, 300, nil, []string{"at :07, for 5 min, whenever"}},
		"each quarter":         {900, []evidence.Duration{120}, 0, nil, []string{"every 15 min, at :02, :17, :32, :47"}},
		"twice an hour, apart": {3600, []evidence.Duration{420, 1200}, 0, nil, []string{"at :07 and :20, whenever"}},
		"each two hours":       {7200, []evidence.Duration{600}, 0, nil, []string{"at 01:10 CET, whenever"}},
		"each two, in summer":  {7200, []evidence.Duration{600}, 0, func(h *evidence.HopTraffic, _ *evidence.HopRhythm) { h.Last = h.Last.AddDate(0, 5, 0) }, []string{"at 00:10 CEST, whenever"}},
		"each two, on a wall":  {7200, []evidence.Duration{600}, 0, func(_ *evidence.HopTraffic, r *evidence.HopRhythm) { r.Wall = true }, []string{"at 00:10 by the clock on the wall"}},
		"of a log's own clock": {3600, []evidence.Duration{420}, 0, func(h *evidence.HopTraffic, _ *evidence.HopRhythm) { h.Local = true }, []string{"at :07 by the clock of the log, whose zone nobody named"}},
		"each 40 minutes":      {2400, []evidence.Duration{600}, 0, nil, []string{"at 00:30, whenever"}},
	} {
		h := evidence.HopTraffic{Server: "b", To: "c", Count: 90, Late: 80, Last: nine(), Passages: []evidence.Passage{{Came: nine(), Left: nine().Add(time.Hour)}}}
		r := evidence.HopRhythm{Server: "b", To: "c", Is: evidence.RhythmClock, Count: 90, Waited: 80, Period: story.period, Phases: story.phases, Window: story.window, Strength: 0.7}
		if story.change != nil {
			story.change(&h, &r)
		}
		given := []diag.Given{diag.Give(evidence.Traffic, []evidence.HopTraffic{h}), diag.Give(evidence.Rhythms, []evidence.HopRhythm{r}), diag.Give(evidence.Zone, berlin)}
		if not := lacks(saidOf(rhythms(), periodicSchedule.Code, given...), "confirmed", story.want...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, saidOf(rhythms(), periodicSchedule.Code, given...), not)
		}
	}
}

// TestTimerWords: where waits gather, of which ladder these are the steps, what failed,
// and of one wait that it may be something else.
func TestTimerWords(t *testing.T) {
	h := evidence.HopTraffic{Server: "b", To: "c", Count: 90, Late: 80, Last: nine(), Passages: []evidence.Passage{{Came: nine(), Left: nine().Add(time.Hour)}}}
	r := evidence.HopRhythm{Is: evidence.RhythmRetry, Count: 90, Waited: 80, Sums: []evidence.Duration{300, 900.4}, Strength: 0.9, Ladder: "Postfix"}
	plain, failing, one := r, h, r
	plain.Ladder = ""
	failing.Deferrals = []evidence.Deferral{{Text: "421 go away", Count: 2}, {Text: "421 busy", Count: 3}}
	one.Is, one.Sums = evidence.RhythmFixed, one.Sums[:1]
	for name, story := range map[string]struct {
		h    evidence.HopTraffic
		r    evidence.HopRhythm
		want []string
	}{
		"a known ladder": {h, r, []string{"confirmed", "wait 5 min, 15 min,", "90 % of the 80", "the steps of Postfix", "not: beneath it"}},
		"no known one":   {h, plain, []string{"confirmed", "not: the steps of"}},
		"what fails":     {failing, r, []string{"confirmed", `beneath it: 3 times "421 busy"`}},
		"one wait":       {h, one, []string{"suspected", "wait 5 min,", "a retry, a time-out, or clocks that differ"}},
	} {
		given := []diag.Given{diag.Give(evidence.Traffic, []evidence.HopTraffic{story.h}), diag.Give(evidence.Rhythms, []evidence.HopRhythm{story.r})}
		if not := lacks(saidOf(rhythms(), periodicRetry.Code, given...), story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, saidOf(rhythms(), periodicRetry.Code, given...), not)
		}
		for _, f := range rhythms().Run(diag.NewEvidence(append(rhythms().Needs, rhythms().Uses...), given...)) {
			if f.Verdict >= diag.Suspected && (f.Wait == nil || f.Wait.Length() != time.Hour) {
				t.Errorf("%s: mail stood still %v", name, f.Wait)
			}
		}
	}
}

// TestLateAtHops: from how many late messages of how many on a hop is sure to be one
// where mail waits, and what is told of those that have not left.
func TestLateAtHops(t *testing.T) {
	for name, story := range map[string]struct {
		h    evidence.HopTraffic
		want []string
	}{
		"one in a hundred":         {evidence.HopTraffic{Count: 100, Late: 1, Median: 1, P95: 9, Longest: 700}, []string{"confirmed", "1 of 100 messages waited longer", "about 1 s or less", "about 9 s or more", "the longest 11 min 40 s", "not: had not left"}},
		"fewer":                    {evidence.HopTraffic{Count: 101, Late: 1}, []string{"suspected"}},
		"two of two hundred":       {evidence.HopTraffic{Count: 200, Late: 2}, []string{"confirmed"}},
		"two of more":              {evidence.HopTraffic{Count: 201, Late: 2}, []string{"suspected"}},
		"three of very many":       {evidence.HopTraffic{Count: 9000, Late: 3}, []string{"confirmed"}},
		"two, and no zone":         {evidence.HopTraffic{Count: 201, Late: 2, Local: true}, []string{"could-not-tell", "names no zone"}},
		"three, and no zone":       {evidence.HopTraffic{Count: 201, Late: 3, Local: true}, []string{"confirmed"}},
		"none":                     {evidence.HopTraffic{Count: 50, Longest: 3}, []string{"excluded", "50 messages were passed on", "the longest wait 3 s"}},
		"late, and some remain":    {evidence.HopTraffic{Count: 50, Late: 9, Waiting: 4}, []string{"confirmed", "9 of 50 messages waited", "4 had not left when the log ended"}},
		"some remain":              {evidence.HopTraffic{Count: 50, Waiting: 4, Longest: 30}, []string{"suspected", "4 of 54 messages had not left when the log ended, the others waited for 30 s at most", "not: waited longer"}},
		"some remain, and no zone": {evidence.HopTraffic{Count: 500, Waiting: 4, Local: true}, []string{"could-not-tell"}},
		"one part":                 {evidence.HopTraffic{Count: 50, Late: 9, Slow: []evidence.LatentPart{{Name: "XYZ", Total: 50}, {Name: "ABC", Total: 50}}}, []string{"confirmed", "most of the time went to XYZ", "50 %"}},
		"no one part":              {evidence.HopTraffic{Count: 50, Late: 9, Slow: []evidence.LatentPart{{Name: "XYZ", Total: 49}, {Name: "ABC", Total: 25}, {Name: "DEF", Total: 26}}}, []string{"confirmed", "not: most of the time"}},
		"put off":                  {evidence.HopTraffic{Count: 50, Late: 9, Deferrals: []evidence.Deferral{{Text: "no", Count: 1}, {Text: "421 busy", Count: 2}}}, []string{"confirmed", `attempts were put off: 2 times "421 busy"`}},
	} {
		story.h.Server, story.h.To = "b", "c"
		got := saidOf(hopDelays(), hopDelay.Code, diag.Give(evidence.Traffic, []evidence.HopTraffic{story.h}))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}

// TestStandsStill: mail stood still from two minutes on.
func TestStandsStill(t *testing.T) {
	for wait, want := range map[time.Duration]bool{2 * time.Minute: true, 2*time.Minute - time.Second: false} {
		h := evidence.HopTraffic{Server: "b", To: "c", Count: 9, Late: 3, Passages: []evidence.Passage{{Came: nine(), Left: nine().Add(time.Second)}, {Came: nine(), Left: nine().Add(wait)}}}
		for _, f := range hopDelays().Run(diag.NewEvidence(hopDelays().Needs, diag.Give(evidence.Traffic, []evidence.HopTraffic{h}))) {
			if (f.Wait != nil) != want || want && f.Wait.Length() != wait {
				t.Errorf("%v: %v", wait, f.Wait)
			}
		}
	}
}

// TestStuckAtHops: messages that have not left at all are stuck for certain only
// where three were tried for ten minutes, and where they have a next hop.
func TestStuckAtHops(t *testing.T) {
	for name, story := range map[string]struct {
		tried   int
		last    time.Duration // after the first came
		to      string
		left    int // messages to another hop
		words   bool
		want    []string
		stood   bool
		untried int
	}{
		"three":                 {3, 10 * time.Minute, "c", 0, true, []string{"confirmed", "none of the messages that came has left", `3 times "421 busy"`}, true, 0},
		"two":                   {2, 10 * time.Minute, "c", 0, true, []string{"suspected"}, true, 0},
		"two, and others":       {2, 10 * time.Minute, "c", 0, true, []string{"suspected"}, true, 5},
		"none tried":            {0, 10 * time.Minute, "c", 0, true, []string{"could-not-tell", "4 messages came, and the log says of none"}, false, 4},
		"no words":              {3, 10 * time.Minute, "c", 0, false, []string{"could-not-tell"}, false, 0},
		"not so long":           {3, 10*time.Minute - time.Second, "c", 0, true, []string{"suspected"}, true, 0},
		"two minutes":           {3, 2 * time.Minute, "c", 0, true, []string{"suspected"}, true, 0},
		"less":                  {3, 2*time.Minute - time.Second, "c", 0, true, []string{"suspected"}, false, 0},
		"no hop, none left":     {3, 10 * time.Minute, evidence.NoHopYet, 0, true, []string{"confirmed", "none of the messages that came has left"}, true, 0},
		"no hop, others left":   {3, 10 * time.Minute, evidence.NoHopYet, 1, true, []string{"suspected", "4 of 5 messages had not left"}, true, 0},
		"a hop, and others did": {3, 10 * time.Minute, "c", 1, true, []string{"confirmed", "none of the messages that came has left"}, true, 0},
	} {
		h := evidence.HopTraffic{Server: "b", To: story.to, Waiting: 4}
		for i := range story.tried + story.untried {
			m := evidence.OpenMessage{Came: nine().Add(time.Duration(story.tried-i) * time.Second)}
			if i < story.tried {
				m.Tries = 1
			}
			h.Open = append(h.Open, m)
		}
		first := nine().Add(time.Duration(1-story.untried) * time.Second)
		if story.words {
			h.Deferrals = []evidence.Deferral{{Text: "421 busy", Count: 3, Last: first.Add(story.last)}, {Text: "no", Count: 1, Last: first}}
		}
		all := []evidence.HopTraffic{h}
		if story.left > 0 {
			all = append(all, evidence.HopTraffic{Server: "b", To: "d", Count: story.left})
		}
		got := ""
		for _, line := range strings.Split(saidOf(hopDelays(), hopDelay.Code, diag.Give(evidence.Traffic, all)), "\n") {
			if !strings.Contains(line, "b to d") {
				got = line
			}
		}
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
		if f := hopDelays().Run(diag.NewEvidence(hopDelays().Needs, diag.Give(evidence.Traffic, all)))[0]; (f.Wait != nil) != story.stood || story.stood && f.Wait.Length() != story.last {
			t.Errorf("%s: mail stood still %v", name, f.Wait)
		}
	}
}

// moved is events of back pressure of one server: at these minutes.
func moved(id int, text string, minutes ...int) evidence.EventGroup {
	g := evidence.EventGroup{Server: "EX07", Source: "MSExchangeTransport", ID: id, Count: len(minutes), Where: evidence.Where{File: "app.xml"}}
	for _, m := range minutes {
		g.Times = append(g.Times, nine().Add(time.Duration(m)*time.Minute))
	}
	g.First, g.Last = g.Times[0], g.Times[len(g.Times)-1]
	if text != "" {
		g.Texts = []evidence.EventText{{Text: text, Count: len(minutes)}}
	}
	return g
}

// TestPressureEvents: a rise lasts to the next fall, or to the end of the log; ten
// minutes of it, or three rises in a day, delay mail for certain.
func TestPressureEvents(t *testing.T) {
	covers := func(server, file string, until int) evidence.EventSpan {
		return evidence.EventSpan{Server: server, File: file, First: nine(), Last: nine().Add(time.Duration(until) * time.Minute)}
	}
	for name, story := range map[string]struct {
		groups []evidence.EventGroup
		covers []evidence.EventSpan
		want   []string
		stood  time.Duration
	}{
		"ten minutes":               {[]evidence.EventGroup{moved(15004, "up", 0), moved(15005, "down", 10)}, nil, []string{"confirmed", "says so once, between 2026-02-03 09:00 and 2026-02-03 09:10 UTC, the longest for 10 min (MSExchangeTransport 15004: \"up\")"}, 10 * time.Minute},
		"less":                      {[]evidence.EventGroup{moved(15004, "up", 0), moved(15005, "down", 9)}, nil, []string{"suspected", "it was short, and is over"}, 9 * time.Minute},
		"a minute":                  {[]evidence.EventGroup{moved(15004, "up", 0), moved(15005, "down", 1)}, nil, []string{"suspected", "the longest for 60 s"}, time.Minute},
		"no time":                   {[]evidence.EventGroup{moved(15004, "up", 0), moved(15005, "down", 0)}, nil, []string{"suspected", "not: the longest"}, 0},
		"a rise, and another":       {[]evidence.EventGroup{moved(15004, "up", 0, 5), moved(15005, "down", 11)}, nil, []string{"confirmed", "says so once", "11 min"}, 11 * time.Minute},
		"two, the second longer":    {[]evidence.EventGroup{moved(15004, "up", 0, 20), moved(15005, "down", 5, 40)}, nil, []string{"confirmed", "says so 2 times, between 2026-02-03 09:00 and 2026-02-03 09:40", "the longest for 20 min"}, 20 * time.Minute},
		"three in a day":            {[]evidence.EventGroup{moved(15004, "up", 0, 60, 1440), moved(15005, "down", 1, 61, 1441)}, nil, []string{"confirmed"}, time.Minute},
		"three in more":             {[]evidence.EventGroup{moved(15004, "up", 0, 60, 1441), moved(15005, "down", 1, 61, 1442)}, nil, []string{"suspected"}, time.Minute},
		"it goes on":                {[]evidence.EventGroup{moved(15004, "up", 0)}, []evidence.EventSpan{covers("ex07", "app.xml", 10)}, []string{"confirmed", "and until the log ends"}, 10 * time.Minute},
		"the log ends soon":         {[]evidence.EventGroup{moved(15004, "up", 0)}, []evidence.EventSpan{covers("EX07", "app.xml", 9)}, []string{"suspected", "the log ends soon after"}, 9 * time.Minute},
		"another server's log":      {[]evidence.EventGroup{moved(15004, "up", 0)}, []evidence.EventSpan{covers("EX08", "app.xml", 99)}, []string{"suspected", "the log ends soon after"}, 0},
		"another file":              {[]evidence.EventGroup{moved(15004, "up", 0)}, []evidence.EventSpan{covers("EX07", "sys.xml", 99)}, []string{"suspected", "the log ends soon after"}, 0},
		"the longer of two covers":  {[]evidence.EventGroup{moved(15004, "up", 0)}, []evidence.EventSpan{covers("EX07", "app.xml", 20), covers("EX07", "app.xml", 5)}, []string{"confirmed"}, 20 * time.Minute},
		"nothing was switched off":  {[]evidence.EventGroup{moved(15004, "No components disabled.", 0), moved(15005, "down", 60)}, nil, []string{"suspected", "by its own word nothing was switched off"}, time.Hour},
		"of 2007":                   {[]evidence.EventGroup{moved(15002, "up", 0), moved(15005, "down", 10)}, nil, []string{"confirmed"}, 10 * time.Minute},
		"the disk":                  {[]evidence.EventGroup{moved(15006, "up", 0), moved(15005, "down", 10)}, nil, []string{"confirmed"}, 10 * time.Minute},
		"the memory":                {[]evidence.EventGroup{moved(15007, "up", 0), moved(15005, "down", 10)}, nil, []string{"confirmed"}, 10 * time.Minute},
		"it is only over":           {[]evidence.EventGroup{moved(15005, "down", 10)}, nil, []string{""}, 0},
		"over first, and then rise": {[]evidence.EventGroup{moved(15005, "down", 0, 20), moved(15004, "up", 10)}, nil, []string{"confirmed", "says so once", "(MSExchangeTransport 15004: \"up\")"}, 10 * time.Minute},
	} {
		given := diag.Give(evidence.Events, evidence.EventLogs{Groups: story.groups, Covers: story.covers})
		got := saidOf(eventLogs(), pressureCause.Code, given)
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
		for _, f := range eventLogs().Run(diag.NewEvidence(eventLogs().Needs, given)) {
			if len(f.From) != len(story.groups) || (f.Wait != nil) != (story.stood > 0) || f.Wait != nil && f.Wait.Length() != story.stood {
				t.Errorf("%s: from %v, mail stood still %v", name, f.From, f.Wait)
			}
		}
	}
}

// TestAgentEvents: an agent is slow for certain where three messages in a day say so,
// not all at one start of the service.
func TestAgentEvents(t *testing.T) {
	event := func(text string, minutes ...int) evidence.EventGroup {
		g := moved(1050, text, minutes...)
		g.Source = "MSExchange Extensibility"
		return g
	}
	const rules = "The execution time of agent 'Rules' exceeded 90000 milliseconds while handling event 'OnRoutedMessage' for message 'a'."
	for name, story := range map[string]struct {
		g    evidence.EventGroup
		want []string
	}{
		"three":             {event(rules, 0, 30, 60), []string{"confirmed", `the agent "Rules" at OnRoutedMessage`, "with 3 messages", "between 2026-02-03 09:00 and 2026-02-03 10:00 UTC"}},
		"two":               {event(rules, 0, 60), []string{"suspected", "with 2 messages"}},
		"once":              {event(rules, 0), []string{"suspected", "with one message at 2026-02-03 09:00 UTC"}},
		"three at once":     {event(rules, 0, 1, 14), []string{"suspected"}},
		"three in a while":  {event(rules, 0, 1, 15), []string{"confirmed"}},
		"three in two days": {event(rules, 0, 1, 1500), []string{"suspected"}},
		"without an event":  {event("The agent 'Rules' was slow.", 0, 30, 60), []string{"confirmed", `the agent "Rules" took`}},
		"without a name":    {event("An agent was slow: '' and so on.", 0, 30, 60), []string{"confirmed", "agent that the text does not name"}},
		"without a text":    {event("", 0, 30, 60), []string{"confirmed", "agent that the export does not name", "with 3 messages"}},
	} {
		got := saidOf(eventLogs(), agentSlow.Code, diag.Give(evidence.Events, evidence.EventLogs{Groups: []evidence.EventGroup{story.g}}))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}

// TestQuietEvents: exports that have something, and nothing that bears on mail flow,
// are ruled out by name.
func TestQuietEvents(t *testing.T) {
	exports := []evidence.Export{{Path: "app.xml", Objects: 3}, {Path: "empty.xml"}}
	got := saidOf(eventLogs(), eventLogCause.Code, diag.Give(evidence.Events, evidence.EventLogs{Exports: exports}))
	if not := lacks(got, "excluded", "the event log in app.xml", "not: empty.xml"); len(not) > 0 {
		t.Errorf("%q lacks %q", got, not)
	}
	local := moved(1021, "busy", 0, 30, 60)
	local.Local = true
	got = saidOf(eventLogs(), limitCause.Code, diag.Give(evidence.Events, evidence.EventLogs{Groups: []evidence.EventGroup{local}}))
	if not := lacks(got, "confirmed", `event 1021 of MSExchangeTransport, 3 times between 2026-02-03 09:00 and 2026-02-03 10:00 by the server's clock: "busy"`); len(not) > 0 {
		t.Errorf("%q lacks %q", got, not)
	}
	front := moved(1009, "", 0, 1500)
	front.Source = "MSExchangeFrontEndTransport"
	got = saidOf(eventLogs(), limitCause.Code, diag.Give(evidence.Events, evidence.EventLogs{Groups: []evidence.EventGroup{front}}))
	if not := lacks(got, "suspected", "2 times"); len(not) > 0 {
		t.Errorf("%q lacks %q", got, not)
	}
}
