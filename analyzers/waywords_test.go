package analyzers

import (
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestWholeWays: what is not known to the end, or not from its beginning, was
// doubted, or failed for one recipient, clears no server.
func TestWholeWays(t *testing.T) {
	for name, change := range map[string]func(*evidence.Journey, *evidence.HopTraffic){
		"":     func(*evidence.Journey, *evidence.HopTraffic) {},
		"late": func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Sample = false },
		"doubted": func(j *evidence.Journey, _ *evidence.HopTraffic) {
			j.Notes = []string{"RECEIVE before SEND by 3 s: clocks"}
		},
		"a log missing": func(j *evidence.Journey, _ *evidence.HopTraffic) {
			j.Missing = []evidence.Missing{{Server: "c", Get: "get"}}
		},
		"returned":                  func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[1].Outcome = evidence.SawFailed },
		"dropped":                   func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[1].Outcome = evidence.SawDropped },
		"nowhere":                   func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops = nil },
		"others late":               func(_ *evidence.Journey, h *evidence.HopTraffic) { h.Late = 1 },
		"others waiting":            func(_ *evidence.Journey, h *evidence.HopTraffic) { h.Waiting = 1 },
		"still on its way":          func(j *evidence.Journey, _ *evidence.HopTraffic) { j.State = evidence.JourneyLost },
		"from another server's":     func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Where.File = "elsewhere" },
		"from this server's":        func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Where.File = "here" },
		"from a mailbox, nameless":  func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Where.File = "nameless" },
		"from a mailbox's address":  func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Where.File = "address" },
		"from a client, by name":    func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Where.File = "client" },
		"came from another":         func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Where.File = "came" },
		"two minutes at one server": func(j *evidence.Journey, _ *evidence.HopTraffic) { j.Stops[0].Wait = 120 },
	} {
		want := map[string]string{"": "suspected", "from this server's": "suspected", "from a mailbox, nameless": "suspected", "from a mailbox's address": "suspected",
			"from a client, by name": "suspected", "two minutes at one server": "suspected"}[name]
		j, h := way(evidence.JourneyArrived, "a", "b"), evidence.HopTraffic{Count: 9}
		change(&j, &h)
		row := func(file, what, text, peer string) evidence.Sighting {
			return evidence.Sighting{What: what, Server: "a", Text: text, Peer: peer, Where: evidence.Where{File: file}}
		}
		rows := diag.Give(evidence.Sightings, []evidence.Sighting{row("a", evidence.SawSubmitted, "", ""), row("elsewhere", evidence.SawSubmitted, "STOREDRIVER", "c"),
			row("here", evidence.SawSubmitted, "STOREDRIVER", "A.contoso.com"), row("nameless", evidence.SawSubmitted, "STOREDRIVER", ""), row("address", evidence.SawSubmitted, "STOREDRIVER", "192.0.2.9"),
			row("client", evidence.SawSubmitted, "", "c"), row("came", evidence.SawCame, "", "c")})
		got := saidOf(clientSides(), clientSide.Code, diag.Give(evidence.Journeys, []evidence.Journey{j}), rows, diag.Give(evidence.Traffic, []evidence.HopTraffic{h}))
		if len(lacks(got, want)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestLateAtServers: a message was late at a server that had it longer than two
// minutes, or has it.
func TestLateAtServers(t *testing.T) {
	waited, partly, waits := way(evidence.JourneyArrived, "a"), way(evidence.JourneyPartly, "a"), way(evidence.JourneyWaiting, "a")
	waited.Stops[0].Wait = 121
	fast := way(evidence.JourneyArrived, "a")
	for name, all := range map[string][]evidence.Journey{"waited": {fast, waited}, "for some": {partly, fast}, "waits": {waits, fast}} {
		got := saidOf(clientSides(), clientSide.Code, diag.Give(evidence.Journeys, all), diag.Give(evidence.Traffic, []evidence.HopTraffic{}))
		if not := lacks(got, "excluded", "1 of 2 messages"); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}

// TestQuickWords: the longest of all is told, with where.
func TestQuickWords(t *testing.T) {
	one, two := way(evidence.JourneyArrived, "a"), way(evidence.JourneyArrived, "b")
	one.Total, two.Total = 3, 47.16
	rows := diag.Give(evidence.Sightings, []evidence.Sighting{{What: evidence.SawSubmitted, Where: evidence.Where{File: "a"}}, {What: evidence.SawSubmitted, Where: evidence.Where{File: "b"}}})
	got := saidOf(clientSides(), clientSide.Code, diag.Give(evidence.Journeys, []evidence.Journey{one, two}), rows, diag.Give(evidence.Traffic, []evidence.HopTraffic{}))
	if not := lacks(got, "suspected", "within 47.2 s", "(2 messages)", "(b)"); len(not) > 0 {
		t.Errorf("%q lacks %q", got, not)
	}
}

// TestMissingLogs: which logs are asked for, for which hours, and how many more.
func TestMissingLogs(t *testing.T) {
	lacking := func(sample bool, from time.Time, servers ...string) evidence.Journey {
		j := way(evidence.JourneyLost, "a")
		j.Sample = sample
		for _, s := range servers {
			j.Missing = append(j.Missing, evidence.Missing{Server: s, From: from, To: from.Add(time.Hour), Why: "why", Get: "get"})
		}
		return j
	}
	asked := lacking(true, nine(), "z")
	asked.Asked = true
	for name, story := range map[string]struct {
		all  []evidence.Journey
		want []string
	}{
		"one message":           {[]evidence.Journey{lacking(true, nine(), "b")}, []string{"confirmed", "(1 messages)", "not: for all of them"}},
		"two messages":          {[]evidence.Journey{lacking(true, nine(), "b"), lacking(true, nine().Add(3*time.Hour), "b")}, []string{"confirmed", "(2 messages)", "from 2026-02-03 09:00 to 2026-02-03 13:00 UTC"}},
		"two, the later first":  {[]evidence.Journey{lacking(true, nine().Add(3*time.Hour), "b"), lacking(true, nine(), "b")}, []string{"confirmed", "from 2026-02-03 09:00 to 2026-02-03 13:00 UTC"}},
		"five servers":          {[]evidence.Journey{lacking(true, nine(), "b", "c", "d", "e", "f")}, []string{"confirmed", "f: why", "not: more servers"}},
		"seven servers":         {[]evidence.Journey{lacking(true, nine(), "b", "c", "d", "e", "f", "g", "h")}, []string{"confirmed", "f: why", "not: g: why", "logs of 2 more servers"}},
		"late ones, and others": {[]evidence.Journey{lacking(false, nine(), "b"), lacking(true, nine(), "c")}, []string{"confirmed", "b: why", "not: c: why"}},
		"late ones, and asked":  {[]evidence.Journey{lacking(false, nine(), "b"), asked}, []string{"confirmed", "b: why", "z: why"}},
	} {
		got := saidOf(incomplete(), evidenceIncomplete.Code, diag.Give(evidence.Journeys, story.all))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}

// TestNothingMissing is said only where every message was followed to its end, and
// no log is missing, whoever has it.
func TestNothingMissing(t *testing.T) {
	whose := func(j evidence.Journey, get string) evidence.Journey {
		j.Missing = []evidence.Missing{{Server: "mx", Get: get}}
		return j
	}
	arrived, lost := way(evidence.JourneyArrived, "a"), way(evidence.JourneyLost, "a")
	waiting, stood := way(evidence.JourneyWaiting, "a"), way(evidence.JourneyArrived, "a")
	stood.Stops[0].Wait, stood.Sample = 900, false
	for name, story := range map[string]struct {
		all  []evidence.Journey
		want string
	}{
		"all":                     {[]evidence.Journey{arrived, way(evidence.JourneyLeft, "a")}, "excluded"},
		"a stranger's":            {[]evidence.Journey{arrived, whose(arrived, evidence.AskPostmaster+" what")}, ""},
		"one was lost":            {[]evidence.Journey{arrived, lost}, ""},
		"one waits":               {[]evidence.Journey{arrived, waiting}, ""},
		"one waits, and lacks":    {[]evidence.Journey{arrived, whose(waiting, "get")}, ""},
		"none":                    {nil, ""},
		"one late, one lacks":     {[]evidence.Journey{stood, whose(arrived, "get")}, ""},
		"outside, of one too few": {[]evidence.Journey{whose(lost, evidence.AskPostmaster+" what")}, ""},
	} {
		if got := saidOf(incomplete(), evidenceIncomplete.Code, diag.Give(evidence.Journeys, story.all)); len(lacks(got, story.want)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestPutBack: how long after it had left a message must come anew to have been with
// a program, and what it must not have been waiting for.
func TestPutBack(t *testing.T) {
	j := func(gap time.Duration, change func(*evidence.Journey)) evidence.Journey {
		j := way(evidence.JourneyArrived, "a", "b")
		came := j.Stops[1].Left.Add(gap)
		end := came.Add(time.Second)
		j.Stops = append(j.Stops, evidence.Stop{Server: "c", From: -1, Came: &came, Left: &end, Where: evidence.Where{File: "again"}})
		change(&j)
		return j
	}
	none := func(*evidence.Journey) {}
	later := setOut().Add(300 * time.Hour)
	for name, story := range map[string]struct {
		j    evidence.Journey
		want []string
	}{
		"two minutes":              {j(2*time.Minute, none), []string{"confirmed", "one of them 2 min after it had left", "(uid=38)", "1 messages"}},
		"less":                     {j(2*time.Minute-time.Second, none), []string{"excluded"}},
		"it still waited":          {j(time.Hour, func(j *evidence.Journey) { j.Stops[0].Left = nil }), []string{"excluded"}},
		"it did not begin there":   {j(time.Hour, func(j *evidence.Journey) { j.Stops[2].From = 1 }), []string{"excluded"}},
		"it never came":            {j(time.Hour, func(j *evidence.Journey) { j.Stops[2].Came = nil }), []string{"excluded"}},
		"it left the first later":  {j(time.Hour, func(j *evidence.Journey) { at := setOut().Add(30 * time.Minute); j.Stops[0].Left = &at }), []string{"confirmed", "one of them 30 min 2 s after"}},
		"it left one after that":   {j(time.Hour, func(j *evidence.Journey) { j.Stops[0].Left = &later }), []string{"confirmed", "one of them 60 min after"}},
		"it left all after that":   {j(time.Hour, func(j *evidence.Journey) { j.Stops[0].Left, j.Stops[1].Left = &later, &later }), []string{"excluded"}},
		"the log does not say who": {j(time.Hour, func(j *evidence.Journey) { j.Stops[2].Where.File = "unknown" }), []string{"suspected", "does not say who handed it in", "not: uid"}},
		"without a mark":           {j(time.Hour, func(j *evidence.Journey) { j.Stops[2].Where.File = "markless" }), []string{"confirmed", "not: uid", "not: ("}},
	} {
		rows := diag.Give(evidence.Sightings, []evidence.Sighting{{What: evidence.SawLeft, Where: evidence.Where{File: "again"}}, {What: evidence.SawSubmitted, Text: "uid=38", Where: evidence.Where{File: "again"}},
			{What: evidence.SawSubmitted, Where: evidence.Where{File: "markless"}}})
		got := saidOf(reinjections(), reinjected.Code, diag.Give(evidence.Journeys, []evidence.Journey{story.j}), rows)
		if name == "without a mark" {
			got = strings.Replace(got, " (markless)", "", 1)
		}
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
	two := []evidence.Journey{j(time.Hour, none), j(20*time.Minute, none), j(time.Hour, func(j *evidence.Journey) { j.Stops[2].Server = "d" })}
	rows := diag.Give(evidence.Sightings, []evidence.Sighting{{What: evidence.SawSubmitted, Where: evidence.Where{File: "again"}}})
	got := strings.Split(saidOf(reinjections(), reinjected.Code, diag.Give(evidence.Journeys, two), rows), "\n")
	if len(got) != 2 || len(lacks(got[0], "confirmed", "c: 2 messages", "60 min")) > 0 || len(lacks(got[1], "confirmed", "d: 1 messages")) > 0 {
		t.Errorf("%q", got)
	}
}

// TestSentAgain: a message that comes over SMTP a second time from the same host is a
// copy that this host made, as long as some recipient is the same, or unknown.
func TestSentAgain(t *testing.T) {
	later := setOut().Add(30 * time.Minute)
	end := later.Add(time.Second)
	came := func(peer string, to ...string) evidence.Sighting {
		return evidence.Sighting{What: evidence.SawCame, Server: "a", Peer: peer, To: to}
	}
	submitted := came("mx", "b")
	submitted.What = evidence.SawSubmitted
	for name, story := range map[string]struct {
		first, again   evidence.Sighting
		within         bool // the first was no beginning, but came from a stop before
		twice, program string
	}{
		"same":                  {came("mx", "b"), came("mx", "b"), false, "suspected", "excluded"},
		"for others":            {came("mx", "b"), came("mx", "c"), false, "excluded", "excluded"},
		"for whom, is unknown":  {came("mx", "b"), came("mx"), false, "suspected", "excluded"},
		"for whom, was unknown": {came("mx"), came("mx", "c"), false, "suspected", "excluded"},
		"another host":          {came("mx", "b"), came("mx2", "b"), false, "excluded", "suspected"},
		"another, for others":   {came("mx", "b"), came("mx2", "c"), false, "excluded", "suspected"},
		"hosts without names":   {came("", "b"), came("", "b"), false, "excluded", "suspected"},
		"first by a client":     {submitted, came("mx", "b"), false, "excluded", "suspected"},
		"then by a client":      {came("mx", "b"), submitted, false, "excluded", "confirmed"},
		"from a server before":  {came("mx", "b"), came("mx", "b"), true, "excluded", "suspected"},
	} {
		j := way(evidence.JourneyArrived, "o", "a")
		if !story.within {
			j = way(evidence.JourneyArrived, "a")
		}
		j.Stops = append(j.Stops, evidence.Stop{Server: "a", From: -1, Came: &later, Left: &end, Where: evidence.Where{File: "again"}})
		story.first.Where, story.again.Where = j.Stops[len(j.Stops)-2].Where, evidence.Where{File: "again"}
		story.first.At, story.again.At = setOut(), later
		given := []diag.Given{diag.Give(evidence.Journeys, []evidence.Journey{j}), diag.Give(evidence.Sightings, []evidence.Sighting{story.first, story.again})}
		twice, program := saidOf(reinjections(), sentTwice.Code, given...), saidOf(reinjections(), reinjected.Code, given...)
		if len(lacks(twice, story.twice)) > 0 || len(lacks(program, story.program)) > 0 {
			t.Errorf("%s: %q, %q", name, twice, program)
		}
		if story.twice == "suspected" && len(lacks(twice, "suspected", "1 messages came a second time", "from mx 30 min after")) > 0 {
			t.Errorf("%s: %q", name, twice)
		}
	}
}

// TestClockWords: how far, which way, and of what that is a sign.
func TestClockWords(t *testing.T) {
	for name, story := range map[string]struct {
		o    evidence.ClockOffset
		want []string
	}{
		"ahead":                   {evidence.ClockOffset{Ahead: 90.26, Low: 89.12, High: 91, Bounded: true, Sent: 9, Back: 9}, []string{"confirmed", "90.3 s ahead of those of a", "between +89.1 s and +91 s", "by 18 messages", "times were corrected"}},
		"behind":                  {evidence.ClockOffset{Ahead: -90, Low: -91, High: -89, Bounded: true, Sent: 9, Back: 9}, []string{"confirmed", "90 s behind those of a", "between -91 s and -89 s"}},
		"two seconds":             {evidence.ClockOffset{Ahead: 0, Low: -2, High: 2, Bounded: true, Sent: 9, Back: 9}, []string{"excluded", "between -2 s and +2 s"}},
		"more, on one side":       {evidence.ClockOffset{Ahead: 0, Low: -2, High: 2.1, Bounded: true, Sent: 9, Back: 9}, []string{"could-not-tell", "leave between -2 s and +2.1 s"}},
		"more, on the other":      {evidence.ClockOffset{Ahead: 0, Low: -2.1, High: 2, Bounded: true, Sent: 9, Back: 9}, []string{"could-not-tell"}},
		"at least two":            {evidence.ClockOffset{Ahead: 3, Low: 2, High: 4, Bounded: true, Sent: 9, Back: 9}, []string{"could-not-tell"}},
		"at least two behind":     {evidence.ClockOffset{Ahead: -3, Low: -4, High: -2, Bounded: true, Sent: 9, Back: 9}, []string{"could-not-tell"}},
		"a little more":           {evidence.ClockOffset{Ahead: 3, Low: 2.1, High: 4, Bounded: true, Sent: 9, Back: 9}, []string{"confirmed"}},
		"three messages":          {evidence.ClockOffset{Ahead: 90, Low: 89, High: 91, Bounded: true, Sent: 1, Back: 2}, []string{"confirmed"}},
		"over another":            {evidence.ClockOffset{Ahead: 90, Low: 89, High: 91, Bounded: true, Sent: 9, Via: []string{"c", "d"}}, []string{"confirmed", "compared over c, d"}},
		"an hour, nearly":         {evidence.ClockOffset{Ahead: 3570, Low: 3569, High: 3571, Bounded: true, Sent: 9}, []string{"suspected", "that is 1 hours"}},
		"an hour, not quite":      {evidence.ClockOffset{Ahead: 3569, Low: 3568, High: 3570, Bounded: true, Sent: 9}, []string{"confirmed", "not: hours"}},
		"an hour and more":        {evidence.ClockOffset{Ahead: 3631, Low: 3630, High: 3632, Bounded: true, Sent: 9}, []string{"confirmed", "not: hours"}},
		"three quarters":          {evidence.ClockOffset{Ahead: -2700, Low: -2701, High: -2699, Bounded: true, Sent: 9}, []string{"suspected", "that is 0.75 hours"}},
		"half an hour":            {evidence.ClockOffset{Ahead: 1800, Low: 1799, High: 1801, Bounded: true, Sent: 9}, []string{"suspected", "that is 0.5 hours"}},
		"a quarter":               {evidence.ClockOffset{Ahead: 900, Low: 899, High: 901, Bounded: true, Sent: 9}, []string{"confirmed", "not: hours"}},
		"as far as zones go":      {evidence.ClockOffset{Ahead: 26 * 3600, Low: 93599, High: 93601, Bounded: true, Sent: 9}, []string{"suspected", "that is 26 hours"}},
		"further than zones go":   {evidence.ClockOffset{Ahead: 26.25 * 3600, Low: 94499, High: 94501, Bounded: true, Sent: 9}, []string{"confirmed", "not: hours;"}},
		"at least so much":        {evidence.ClockOffset{Low: 90.12, Sent: 9}, []string{"suspected", "at least 90.1 s ahead of"}},
		"at least so much behind": {evidence.ClockOffset{High: -90, Sent: 9}, []string{"suspected", "at least 90 s behind"}},
		"at most":                 {evidence.ClockOffset{High: 40.26, Sent: 9}, []string{"could-not-tell", "at most 40.3 s ahead"}},
		"at most behind":          {evidence.ClockOffset{Low: -40.26, Back: 9}, []string{"could-not-tell", "at most 40.3 s behind"}},
		"contradicting":           {evidence.ClockOffset{Sent: 9}, []string{"could-not-tell", "contradict each other"}},
	} {
		story.o.Server, story.o.Against = "b", "a"
		got := saidOf(clockSkews(), clockSkew.Code, diag.Give(evidence.Clocks, []evidence.ClockOffset{story.o}))
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}

// TestJumpWords: a clock that was off for a while says when, by how many messages,
// and which way, and is never more than suspected.
func TestJumpWords(t *testing.T) {
	for by, want := range map[evidence.Duration]string{45.26: "for a while 45.3 s ahead of", -45: "for a while 45 s behind"} {
		o := evidence.ClockOffset{Server: "b", Against: "a", Low: -1, High: 1, Bounded: true, Sent: 90, Where: evidence.Where{File: "whole"},
			Jump: &evidence.ClockJump{From: nine(), To: nine().Add(20 * time.Minute), By: by, Messages: 7, Where: evidence.Where{File: "then"}}}
		got := saidOf(clockSkews(), clockSkew.Code, diag.Give(evidence.Clocks, []evidence.ClockOffset{o}))
		if not := lacks(got, "suspected", want, "by 7 messages", "(then)", "2026-02-03 09:00:00 to 09:20:00 UTC"); len(not) > 0 {
			t.Errorf("%q lacks %q", got, not)
		}
	}
}
