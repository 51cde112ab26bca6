package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mailflow/evidence"
)

func TestPathTellsTheWholeWay(t *testing.T) {
	got := strings.Join(PathLines(interop(), 100), "\n")
	for _, want := range []string{
		"EX03A -> user@contoso.com, 2 MB, sent Mon 2026-11-23 09:05 CET (Europe/Berlin)",
		"arrives; waits 10 min for a schedule (at most 15 min, on average 3 min 45 s); cost 100",
		"1  EX03A [First Routing Group]",
		`   |  routing group connector "Interop RGC 03-07", cost 100, up to 10 MB`,
		"   |  opens every 30 minutes, at :15 and :45 for 15 minutes, all week",
		"this message waits 10 min, until Mon 2026-11-23 09:15 CET",
		"   |  note: EX99 does not exist any more",
		"   |  read in org.ldf line 90",
		"   v\n2  EX07HUB [Exchange Routing Group (DWBGZMFD01QNBJR)]",
		"   |  directly, both in Berlin",
		"3  EX07MBX [Berlin]",
		"not taken:\n  - over Interop RGC slow, Interop RGC 99-07, cost 300: costs 300 in all instead of 100",
		"could not tell:\n  - what was given does not show",
		"\n  - whether every server and link on the way is up: the path is told as if they were",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// ended is a path of so many legs that ends so; closed: before the last of them.
func ended(outcome string, legs int, closed bool) evidence.Path {
	p := interop()
	p.Outcome, p.Legs = outcome, p.Legs[:legs]
	if !gets(p) {
		p.Why = "because"
	}
	if closed {
		p.Legs[legs-1].Closed = true
	}
	return p
}

// TestOutcomes: each outcome says whether the message gets there, and a message
// is drawn as far as it gets, not a leg more or less.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		p     evidence.Path
		stops int // that it reaches
		want  []string
	}{
		{ended(evidence.Arrives, 2, false), 3, []string{"arrives; waits 10 min"}},
		{ended(evidence.Leaves, 1, false), 2, []string{"leaves the organization; waits"}},
		{ended(evidence.Stuck, 1, true), 1, []string{"STUCK: because; waits", "   X  gets no farther (on to EX07HUB"}},
		{ended(evidence.Stuck, 1, false), 2, []string{"STUCK: because", "\n   X  gets no farther\n"}},
		{ended(evidence.Stuck, 2, true), 2, []string{"   X  gets no farther (on to EX07MBX"}},
		{ended(evidence.Stuck, 0, false), 1, []string{"1  EX03A\n   X  gets no farther\n"}},
		{ended(evidence.Returned, 1, true), 1, []string{"COMES BACK to its sender: because", "   X  comes back to its sender from here (on to EX07HUB"}},
		{ended(evidence.Returned, 2, false), 3, []string{"   X  comes back to its sender from here\n"}},
		{ended(evidence.NoPath, 1, false), 2, []string{"NO PATH: because", "   X  gets no farther"}},
		{ended(evidence.Undecided, 1, false), 2, []string{"COULD NOT TELL: because", "   X  how it goes on from here could not be told"}},
		{ended(evidence.Undecided, 0, false), 0, []string{"COULD NOT TELL: because"}},
	} {
		about := fmt.Sprintf("%s after %d legs", c.p.Outcome, len(c.p.Legs))
		got := strings.Join(PathLines(c.p, 200), "\n")
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", about, w, got)
			}
		}
		if strings.Contains(got, fmt.Sprintf("\n%d  ", c.stops+1)) || c.stops > 0 && !strings.Contains(got, fmt.Sprintf("\n%d  ", c.stops)) {
			t.Errorf("%s is not drawn to stop %d:\n%s", about, c.stops, got)
		}
		if gets(c.p) == strings.Contains(got, "   X  ") && c.stops > 0 {
			t.Errorf("%s: the end is marked wrongly:\n%s", about, got)
		}
		drawnTo(t, about, newPathPicture(c.p), c.stops)
	}
}

// drawnTo checks that a picture ends where the text does.
func drawnTo(t *testing.T, about string, d *pathPicture, stops int) {
	t.Helper()
	reached := slices.DeleteFunc(slices.Clone(d.Stops), func(s pathStop) bool { return s.Beyond })
	if len(reached) != stops {
		t.Errorf("%s: the picture reaches %+v, not stop %d", about, reached, stops)
	}
	marks := strings.Count(d.Desc, ". X ")
	if want := min(stops, 1); !strings.HasPrefix(d.Summary, "arrives") && !strings.HasPrefix(d.Summary, "leaves") && marks != want {
		t.Errorf("%s: %d marks of the end: %s", about, marks, d.Desc)
	}
}

// TestNobodySends: the message is where it began.
func TestNobodySends(t *testing.T) {
	p := stuck()
	p.Legs[0].From = nil
	if got := strings.Join(PathLines(p, 80), "\n"); !strings.Contains(got, "\n1  EX03A [First Routing Group]\n") || newPathPicture(p).Stops[0].Text != "EX03A [First Routing Group]" {
		t.Error(got)
	}
}

// TestALegOverNoConnector is not called one, and costs nothing.
func TestALegOverNoConnector(t *testing.T) {
	p := evidence.Path{From: "EX03A", To: "user@example.com", Outcome: evidence.Leaves, Legs: []evidence.Leg{{Kind: evidence.OverSMTP, From: []string{"EX03A"}}}}
	got := strings.Join(PathLines(p, 80), "\n")
	if !strings.Contains(got, "   |  sent by the SMTP virtual server itself, over no connector\n   v\n2  user@example.com") {
		t.Error(got)
	}
}

func TestPathWaitsInWords(t *testing.T) {
	for want, w := range map[string]evidence.Wait{
		"waits for no schedule that is known":                                                      {},
		"does not wait now; at other times schedules hold mail (at most 7 d, on average 3 d 12 h)": {Longest: 7 * 86400, Mean: 3.5 * 86400},
		"waits 1 h 30 min for a schedule (at most 2 h, on average 45 s)":                           {Now: 5400, Longest: 7200, Mean: 45},
	} {
		if got := pathWait(evidence.Path{Outcome: evidence.Arrives, Wait: w}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want, d := range map[string]evidence.Duration{"0 s": -5, "1 s": 1.4, "59 s": 59, "1 min": 60, "3660 d": 1e300} {
		if got := lasting(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// TestPathKeepsItsWidth holds for paths that somebody made up, too.
func TestPathKeepsItsWidth(t *testing.T) {
	for _, s := range hostile() {
		o, p := orgSaying(s)
		p.Legs = append(p.Legs, make([]evidence.Leg, 100)...)
		for _, width := range []int{0, 40, 80, 133} {
			for _, l := range append(PathLines(p, width), organizationLines(beside{org: &o}, width)...) {
				if n := utf8.RuneCountInString(l); n > max(width, leastWidth) {
					t.Fatalf("%q: a line of %d at width %d: %q", s, n, width, l)
				}
			}
		}
	}
}

func TestPathInJSON(t *testing.T) {
	var got struct {
		Path struct {
			Outcome string
			At      string
			Cost    int
			Wait    map[string]any
			Unsure  []string
			Legs    []struct {
				From, To []string
				Notes    []string
				Limit    *int64 `json:"limit_bytes"`
				Where    string
				Link     string
				Closed   bool
			}
		}
		Organization map[string]any
	}
	last := func(list []string) string { return list[len(list)-1] }
	if err := json.Unmarshal([]byte(printed(t, view{"json", JSON}, routed(t, interop()))), &got); err != nil {
		t.Fatal(err)
	}
	p := got.Path
	if p.Outcome != "arrives" || p.At != "2026-11-23T08:05:00Z" || p.Cost != 100 || p.Wait["now_seconds"] != 600.0 || p.Wait["until"] != "2026-11-23T08:15:00Z" {
		t.Errorf("%+v", p)
	}
	if l := p.Legs; len(l) != 2 || *l[0].Limit != 10<<20 || l[1].Limit != nil || l[0].Where != "org.ldf line 90" || l[1].To[0] != "EX07MBX" {
		t.Errorf("%+v", l)
	}
	if l := p.Legs; l[0].Link != "routing group connector" || l[1].Link != "" || l[0].Closed || last(p.Unsure) != supposed {
		t.Errorf("%+v", p)
	}
	if got.Organization["servers"] != 3.0 || got.Organization["connectors"] != 5.0 {
		t.Errorf("%v", got.Organization)
	}
	if out := printed(t, view{"json", JSON}, routed(t, interop())); strings.Contains(out, `": null`) && strings.Contains(out, `"notes": null`) {
		t.Error("a list is null")
	}
}

// TestARunThatOnlyShows: where nothing was to be judged, no report says that
// nothing was found.
func TestARunThatOnlyShows(t *testing.T) {
	for _, v := range views() {
		out := printed(t, v, routed(t, interop()))
		if strings.Contains(out, "explains a delay") || strings.Contains(out, "NO CAUSE FOUND") {
			t.Errorf("%s judges:\n%s", v.ending, clip(out, 2000))
		}
	}
	if out := printed(t, views()[0], routed(t, interop())); !strings.Contains(out, "PATH OF THE MESSAGE") || strings.Contains(out, "ORGANIZATION") {
		t.Errorf("text without -v:\n%s", out)
	}
}

func TestPathPictureIsBounded(t *testing.T) {
	p := interop()
	for range 50 {
		p.Legs = append(p.Legs, p.Legs[0])
	}
	d := newPathPicture(p)
	if len(d.Arrows) != drawnLegs || d.Left != 52-drawnLegs {
		t.Errorf("%d arrows, %d left", len(d.Arrows), d.Left)
	}
	if lines := PathLines(p, 80); !strings.Contains(strings.Join(lines, "\n"), "... and 12 more legs") {
		t.Errorf("%d lines", len(lines))
	}
}
