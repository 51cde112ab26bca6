package report

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mailflow/evidence"
)

func today(t testing.TB) Times { return Times{Zone: zone(t, "UTC"), Day: noon} }

// TestTimesOfTheDay have no date; others have, and another year is said.
func TestTimesOfTheDay(t *testing.T) {
	berlin := Times{Zone: zone(t, "Europe/Berlin"), Day: noon}
	for want, got := range map[string]string{
		"10:02:11":                today(t).Of(*clockAt(10, 2, 11)),
		"11:02":                   berlin.Minute(*clockAt(10, 2, 11)),
		"21 Nov 00:30":            berlin.Minute(*clockAt(23, 30, 0)),
		"20 Nov 2025 12:00":       today(t).Minute(noon.AddDate(-1, 0, 0)),
		"20 Nov 2026 12:00":       Times{}.Minute(noon),
		"CET":                     berlin.Name(noon),
		"CEST":                    berlin.Name(noon.AddDate(0, -2, 0)),
		"UTC":                     Times{}.Name(noon),
		"GMT":                     Times{Zone: zone(t, "Europe/London"), Day: noon}.Name(noon),
		"19 Nov 12:00 to 15:00":   strings.ReplaceAll(today(t).span(noon.AddDate(0, 0, -1), noon.Add(-21*time.Hour)), ":00:00", ":00"),
		"11:00:00 to 21 Nov 1:00": strings.Replace(today(t).span(*clockAt(11, 0, 0), *clockAt(25, 0, 0)), "01:00:00", "1:00", 1),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestForecastsInWords(t *testing.T) {
	_, all := hubQueues()
	for want, f := range map[string]evidence.Forecast{
		"earliest 12:05, delay notice 13:00, gives up 22 Nov 09:00, grows": all[0],
		"":                      all[1],
		"gives up 25 Nov 05:00": all[2],
		"earliest 11:30 (past), empty in 1 h 30 min at this speed": {Next: clockAt(11, 30, 0), Drains: 5400},
	} {
		if got := ForecastLine(f, today(t)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestQueuesInWords(t *testing.T) {
	speed := func(v float64) string { return Speed(&v) }
	for want, got := range map[string]string{
		"shrinks by 2 a second": speed(2),
		"grows by 3 a minute":   speed(-0.05),
		"shrinks by 18 an hour": speed(0.005),
		"stands still":          speed(0.0001),
		"":                      Speed(nil),
		"retry":                 QueueState(evidence.Queue{State: "retry", Said: "Retry"}),
		"held (Suspended)":      QueueState(evidence.Queue{State: "held", Said: "Suspended"}),
		"11/20/2026 1:05 PM (by its server's clock)": InstantText(evidence.Instant{Text: "11/20/2026 1:05 PM"}, today(t)),
		"12:05": InstantText(evidence.Instant{Time: clockAt(12, 5, 0)}, today(t)),
		"30 messages for example.com (retry): busy": ReasonLine(evidence.QueueError{Domain: "example.com", Count: 30, State: "retry", Text: "busy"}),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if heads := AgeColumns(); len(heads) != len(evidence.AgeEdges())+1 || heads[0] != "5" || heads[9] != "1280+" {
		t.Error(heads)
	}
}

func TestRhythmsInASentence(t *testing.T) {
	two := quarterly()
	two.Period, two.Phases, two.Turn = 7200, []evidence.Duration{1800, 3600}, 7200
	wall := two
	wall.Wall, wall.Window = true, 300
	odd := quarterly()
	odd.Period = 1500
	mixed := ladder()
	mixed.Is, mixed.Ladder, mixed.Strength = evidence.RhythmMixed, "", 0.5
	kathmandu := Times{Zone: zone(t, "Asia/Kathmandu"), Day: noon}
	berlin := Times{Zone: zone(t, "Europe/Berlin"), Day: noon}
	for _, c := range []struct {
		h    evidence.HopRhythm
		t    Times
		want string
	}{
		{quarterly(), berlin, "mail leaves on the clock, every 15 min at :05, :20, :35 and :50: 223 of the 240 messages that waited (93 %)"},
		{two, berlin, "every 2 h at 00:00, 01:30, 02:00, 03:30, 04:00, 05:30, ... CET: "},
		{wall, berlin, "every 2 h at 00:30, 01:00, 02:30, 03:00, 04:30, 05:00, ... by the clock on the wall for 5 min: "},
		{two, kathmandu, "every 2 h at 00:15, 00:45, 02:15, 02:45, 04:15, 04:45, ... UTC+05:45: "},
		{odd, berlin, "mail leaves on the clock, every 25 min: 223"},
		{ladder(), berlin, "mail waits for a retry timer, waits are 15 min, 30 min, as of Exim: 36 of the 40 messages that waited (90 %)"},
		{mixed, berlin, "a part of what waits follows a rhythm, as of a retry timer, waits are 15 min, 30 min: 20 of the 40"},
		{evidence.HopRhythm{Is: evidence.RhythmRetry, Period: 900}, berlin, "every 15 min after a failure"},
		{evidence.HopRhythm{Is: evidence.RhythmFixed, Sums: []evidence.Duration{900}}, berlin, "all that wait do so for one time, 15 min, which may be a retry"},
		{evidence.HopRhythm{Is: evidence.RhythmBacklog}, berlin, "the hop is slower"},
		{evidence.HopRhythm{Is: evidence.RhythmPrompt}, berlin, "nothing waits"},
		{evidence.HopRhythm{Is: evidence.RhythmLittle, Why: "six waited"}, berlin, "too little data: six waited"},
		{evidence.HopRhythm{Is: evidence.RhythmNone, Why: "two look the same"}, berlin, "no rhythm: two look the same"},
	} {
		if got := RhythmSentence(c.h, c.t); !strings.Contains(got, c.want) {
			t.Errorf("%q lacks %q", got, c.want)
		}
	}
}

// TestBarsStandAboveTheGrid: in the zone that is shown, the openings are marked
// where the bars are.
func TestBarsStandAboveTheGrid(t *testing.T) {
	wall := quarterly()
	wall.Period, wall.Phases, wall.Turn, wall.Wall = 14400, []evidence.Duration{3600}, 14400, true // 01:00, 05:00, ... in Berlin
	wall.Minutes = make([]int, 60)
	wall.Minutes[0] = 9 // 00:00 UTC
	for _, c := range []struct {
		name string
		h    evidence.HopRhythm
		t    Times
		at   []int
		zone string
	}{
		{"UTC", quarterly(), today(t), []int{5, 20, 35, 50}, "UTC"},
		{"quarters", quarterly(), Times{Zone: zone(t, "Asia/Kathmandu"), Day: noon}, []int{5, 20, 35, 50}, "UTC+05:45"},
		{"on the wall", wall, Times{Zone: zone(t, "Europe/Berlin"), Day: noon}, []int{15}, "CET"},
		{"on the wall, in no zone", wall, Times{}, []int{15}, "UTC"},
		{"in a log without a zone", wall, HopTimes(Times{Zone: zone(t, "Europe/Berlin"), Day: noon}, evidence.HopTraffic{Local: true, Last: noon}), []int{15}, "its server's clock"},
		{"a retry timer", ladder(), today(t), nil, "UTC"},
	} {
		bars, marks := RhythmBars(c.h, c.t)
		if n := utf8.RuneCountInString(bars); n != 60 {
			t.Errorf("%s: %d bars", c.name, n)
		}
		var at []int
		for i, r := range []rune(marks) {
			if r == '^' {
				at = append(at, i)
			}
		}
		if !slices.Equal(at, c.at) || dialOf(c.h, c.t).Zone != c.zone {
			t.Errorf("%s: marks at %v, want %v; in %s", c.name, at, c.at, dialOf(c.h, c.t).Zone)
		}
		if c.name == "on the wall, in no zone" || c.name == "in a log without a zone" { // the wall of no zone is that of UTC
			continue
		}
		for _, i := range at {
			if r := []rune(bars)[i]; r < '▆' {
				t.Errorf("%s: %q at %d of %q", c.name, r, i, bars)
			}
		}
	}
	if bars, marks := WaitBars(ladder()); strings.Count(marks, "^") != 2 || []rune(bars)[strings.Index(marks, "^")] != '█' {
		t.Errorf("waits\n%s\n%s", bars, marks)
	}
	if n := promptOf(ladder()); n != 50 {
		t.Errorf("%d within two minutes", n)
	}
}

func TestStopsInWords(t *testing.T) {
	j := late()
	for i, want := range []string{
		"EX01: waited 4 s, 08:02:00 to 08:02:04; left to HUB02, over intra-organization; the SMTP session in which it came took 31 s, 30 s of it silent after the end of the message, " +
			"by the server's own word DelayedAck 29.9 s, with the reply \"451 4.7.1 once more\" (receive log line 12)",
		"HUB02: waited 2 h 44 min, 08:02:40 to 10:47:00; on the way for 36 s; left to EDGE01, over Internet; put off 7 times: 451 4.4.0 try later; it got from groups 3 recipients; " +
			"by its own word: SMR/SMRC 2 h 30 min, TOTAL-HUB/CAT 1 min, not ended; clock corrected by -12.2 s ±1.5 s",
		"EDGE01: waited 2 s, 10:47:01 to 10:47:03; delivered to mx.example.com",
		"EDGE02: waits, 22 min 28 s so far, came 10:47:02; from HUB02; is to go to mx.example.net; put off 1 time",
	} {
		if got := StopLine(j, i, today(t)); got != want {
			t.Errorf("%d:\n%s\n%s", i, got, want)
		}
	}
	if got := JourneySummary(j); got != "arrived for some recipients, still waits for others at EDGE02 after 3 h 7 min, 4 servers" {
		t.Error(got)
	}
	if got := JourneyEnvelope(j, today(t)); got != "ann@contoso.com -> bob@example.com, eve@example.com and 3 more, began 08:02:00 UTC" {
		t.Error(got)
	}
	if got := JourneySummary(soon()); got != "arrived after 3 s, 1 server, not late: shown to compare" {
		t.Error(got)
	}
	if got := MissingLine(j.Missing[0], today(t)); !strings.HasSuffix(got, `covers that hour; to know: \\MBX03\c$\logs`) {
		t.Error(got)
	}
}

func TestClocksInWords(t *testing.T) {
	for want, s := range map[string]evidence.Stop{"": {Shift: 0.01, Error: 1}, "clock good to ±1 min 10 s": {Error: 70}, "clock corrected by +2 s ±0.5 s": {Shift: 2, Error: 0.5}, "clock corrected by -1.5 s": {Shift: -1.5}} {
		if got := ClockWords(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for i, want := range []string{
		"HUB02: its clock is 12.2 s ahead of that of EX01 (between +10.8 s and +13.8 s)",
		"EDGE01: its clock is at most 3 s behind that of EX01; worked out over HUB02; it was set within the logs, so that one offset does not hold for all",
	} {
		if got := ClockLine(clocks()[i]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
