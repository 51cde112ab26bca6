package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var autumn = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC) // summer time in Berlin, until 25 October

func zone(t testing.TB, name string) evidence.TimeZone {
	t.Helper()
	z, err := evidence.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func openAt(s *evidence.Schedule) evidence.Timetable {
	return evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: s}
}

// at45 opens for the last quarter of each hour.
func at45() *evidence.Schedule {
	var s evidence.Schedule
	for i := range s {
		s[i] = 0x11
	}
	return &s
}

// TestWeeksAreDrawnWhereWordsDoNotTellAll of a schedule, in the zone and the half
// of the year that the report is of.
func TestWeeksAreDrawnWhereWordsDoNotTellAll(t *testing.T) {
	for _, c := range []struct {
		name  string
		clock weekClock
		d     evidence.Timetable
		want  []string
	}{
		{"office hours", weekClock{}, openAt(office()), []string{"its week, hour by hour (GMT)", "Sun ...... ...... ...... ......", "Mon ...... ..7### ###### ......", "Sat ...... ...aaa ...... ......"}},
		{"in summer time", weekClock{zone(t, "Europe/Berlin"), autumn}, openAt(office()), []string{"(CEST)", "Mon ...... ....7# ######", "move as clocks are changed"}},
		{"in winter", weekClock{zone(t, "Europe/Berlin"), autumn.AddDate(0, 1, 0)}, openAt(office()), []string{"(CET)", "Mon ...... ...7## ######"}},
		{"over the end of the week", weekClock{zone(t, "Pacific/Auckland"), autumn}, openAt(office()), []string{"(NZDT)", "Sat ###### #..... ...... ....aa", "Sun a..... "}},
		{"in a zone of quarters", weekClock{zone(t, "Asia/Kathmandu"), autumn}, openAt(office()), []string{"(UTC+05:45)", "Mon ...... ...... ..####"}},
		{"the same each hour", weekClock{}, openAt(halfHourly()), nil},
		{"and in a zone of quarters", weekClock{zone(t, "Asia/Kathmandu"), autumn}, openAt(at45()), nil},
		{"always open", weekClock{}, evidence.Timetable{Style: new(evidence.StyleAlways), Schedule: office()}, nil},
		{"none selected", weekClock{}, openAt(&evidence.Schedule{}), nil},
		{"not to be read", weekClock{}, openAt(nil), nil},
	} {
		o := evidence.Org{RoutingGroups: []evidence.RoutingGroup{{Name: "A", DN: "CN=A"}}, Connectors: []evidence.Connector{{Name: "C", RoutingGroup: "CN=A", Delivery: c.d}}}
		got := strings.Join(organizationLines(beside{org: &o, clock: c.clock}, 400), "\n")
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", c.name, w, got)
			}
		}
		if key := strings.Count(got, "# is open all hour"); key != min(len(c.want), 1) {
			t.Errorf("%s: %d legends in\n%s", c.name, key, got)
		}
	}
}

// TestTheZoneOfAReport is what the operator said, gathered or not; a zone that
// there is not, and a moment of long ago, are GMT.
func TestTheZoneOfAReport(t *testing.T) {
	for want, events := range map[string][]diag.Event{
		"CEST": {{At: autumn, Gathered: &diag.Item{Kind: "zone", Value: raw(t, "Europe/Berlin")}}, {At: autumn, Gathered: &diag.Item{Kind: "clock", Value: raw(t, autumn)}}},
		"CET":  {{At: autumn.AddDate(0, 1, 0), Opened: &diag.Opened{Inputs: []diag.Answer{{Name: "zone", Value: "Europe/Berlin"}}}}},
		"GMT":  {{At: autumn, Opened: &diag.Opened{Inputs: []diag.Answer{{Name: "zone", Value: "../../etc/passwd"}}}}},
	} {
		c := clockOf(reportOf(events))
		if got := c.name(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if words := c.words(office()); !strings.Contains(words, want) {
			t.Errorf("%s: words in another zone: %s", want, words)
		}
	}
	if got := clockOf(reportOf([]diag.Event{{Opened: &diag.Opened{Inputs: []diag.Answer{{Name: "zone", Value: "Europe/Berlin"}}}}})).name(); got != "GMT" {
		t.Errorf("the year 1 in Berlin: %s", got)
	}
}

// TestPicturesOfWeeksShowWhatTheLinesSay, for the eye and for the ear.
func TestPicturesOfWeeksShowWhatTheLinesSay(t *testing.T) {
	w := Week{"GMT", office().Grid(evidence.TimeZone{}, autumn)}
	p := newWeekPicture(w)
	if want := "Sunday never; Monday 08:15 to 18:00; "; !strings.Contains(p.Desc, want) {
		t.Errorf("%q lacks %q", p.Desc, want)
	}
	if want := "Saturday 09:00 to 09:15, 09:30 to 09:45"; !strings.Contains(p.Desc, want) {
		t.Errorf("%q lacks %q", p.Desc, want)
	}
	if n := strings.Count(p.Open, "M"); n != 5+6 || !strings.HasPrefix(p.Open, fmt.Sprintf("M%g %gh%g", weekLeft+33*weekQuarter, weekTop+weekRow+2, 39*weekQuarter)) {
		t.Errorf("%d bars: %s", n, p.Open)
	}
	for q, open := range quarters(w.Days[1]) {
		if open != (q >= 33 && q < 72) {
			t.Errorf("Monday, quarter hour %d: %v", q, open)
		}
	}
	page := printed(t, view{"html", HTML}, routed(t, interop()))
	for _, want := range []string{`aria-label="Open, CEST: Sunday never; Monday 10:15 to 20:00; `, "what is filled is open", `<path class="open" d="M`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if strings.Contains(page, "# is open all hour") {
		t.Error("the page explains characters that it does not show")
	}
}
