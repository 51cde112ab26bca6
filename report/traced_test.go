package report

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mailflow/diag"
	"mailflow/evidence"
)

// TestMailKeepsItsWidth holds for evidence that somebody made up, too.
func TestMailKeepsItsWidth(t *testing.T) {
	check := func(events []diag.Event) {
		d := tracedOf(reportOf(events))
		for _, width := range []int{0, 40, 59, 80, 100, 133} {
			lines := slices.Concat(journeyText(d.journeys, d.times, drawnJourneys, max(width, leastWidth+5)), QueueLines(d.listings, d.forecasts, d.times, width), rhythmText(d.waiting, drawnRhythms, max(width, leastWidth+2)))
			for _, j := range d.journeys {
				lines = append(lines, JourneyLines(j, d.times, width)...)
			}
			for _, h := range d.waiting {
				lines = append(lines, RhythmLines(h.HopRhythm, h.times, width)...)
			}
			for _, l := range lines {
				if n := utf8.RuneCountInString(l); n > max(width, leastWidth+5) {
					t.Fatalf("a line of %d at width %d: %q", n, width, l)
				}
			}
		}
	}
	check(delayed(t))
	for _, s := range hostile() {
		check(saying(t, s))
	}
}

// TestTextOfDelays says what there is, and nothing where there is nothing.
func TestTextOfDelays(t *testing.T) {
	wide := view{"txt", views()[1].print}
	got := printed(t, wide, delayed(t))
	for _, want := range []string{
		"JOURNEYS: where the time went (times are UTC)\n  1. order-17@contoso.com: arrived for some",
		"\n                36 s          on the way\n          2 h 44 min  HUB02   08:02:40 to 10:47:00; left to EDGE01",
		"\n       > 22 min 28 s  EDGE02  came 10:47:02; from HUB02;",
		"\n              no log  MBX03   EDGE01 handed it over",
		"\n     and 1 message that was not late\n",
		"CLOCKS\n  - HUB02: its clock is 12.2 s ahead of that of EX01",
		"left     .....█▂.............█............▁.█..............█.........\n                  ^              ^              ^              ^\n             :00       :10       :20       :30       :40       :50  UTC\n",
		"waited   .........█..▃.▁...\n                      ^  ^\n             2m  5m   15m   1h\n",
		"1,280 retry     EX07HUB\\17 (SmtpRelayToTiRg to First Routing Group), oldest of 09:00, last",
		"earliest 12:05, delay notice 13:00, gives up 22 Nov 09:00, grows\n",
		"total 5 10 20 40 80 160 320 640 1280 1280+\n",
		"    30 2  3     5  8   6   3   3\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "EX01 -> mailboxes") {
		t.Error("a hop where nothing waits is told")
	}
	for _, heading := range []string{"WHERE THE TIME", "RHYTHM", "QUEUES", "CLOCKS"} {
		if strings.Contains(printed(t, wide, founding(t)), heading) {
			t.Errorf("%s stands over nothing", heading)
		}
	}
}

// TestNarrowTextHasNoBars, and tells ages in words.
func TestNarrowTextHasNoBars(t *testing.T) {
	listings, forecasts := hubQueues()
	got := strings.Join(append(RhythmLines(quarterly(), today(t), 50), QueueLines(listings, forecasts, today(t), 50)...), "\n")
	if strings.Contains(got, "left  ") || !strings.Contains(strings.Join(strings.Fields(got), " "), "example.com: 30 messages, by age: 2 up to 5 min, 3 up to 10 min, 5 up to 40 min,") {
		t.Error(got)
	}
	narrow := strings.Join(QueueLines(listings, forecasts, today(t), 40), " ")
	if !strings.Contains(strings.Join(strings.Fields(narrow), " "), `EX07HUB\17: 1,280 messages, retry,`) {
		t.Error(narrow)
	}
}

// TestTheWorstCome: those that were not late only where there is nothing else.
func TestTheWorstCome(t *testing.T) {
	all := append([]evidence.Journey{soon()}, slices.Repeat([]evidence.Journey{late()}, 30)...)
	worst, left := worstOf(all, 20)
	if len(worst) != 20 || left != 11 || worst[0].Sample {
		t.Errorf("%d, %d left", len(worst), left)
	}
	if words := journeysLeft(all, left); words != "11 more messages, 1 of them not late" {
		t.Error(words)
	}
	if worst, left := worstOf(all[:1], 20); len(worst) != 1 || left != 0 {
		t.Errorf("%d, %d left", len(worst), left)
	}
	p := newJourneyPicture(traced{times: today(t), journeys: all})
	if len(p.Rows) != 20 || p.Left != "11 more messages, 1 of them not late" || p.Height > 20*70 {
		t.Errorf("%d rows, %v high, %q", len(p.Rows), p.Height, p.Left)
	}
}

// TestJourneysArePictured as they are told.
func TestJourneysArePictured(t *testing.T) {
	p := newJourneyPicture(traced{times: today(t), journeys: []evidence.Journey{late()}, clocks: clocks()})
	kinds := map[string]int{}
	for _, b := range p.Rows[0].Items {
		kinds[b.Kind]++
		if (b.Point != "") != strings.HasPrefix(b.Tip, "EDGE02") || (b.Error != "") != strings.HasPrefix(b.Tip, "HUB02") || (b.Hatch != "") != (b.Kind == "missing") {
			t.Errorf("%+v", b)
		}
	}
	if kinds["wait"] != 4 || kinds["travel"] != 1 || kinds["missing"] != 1 {
		t.Error(kinds)
	}
	if p.Servers[0].Name != "HUB02" || len(p.Clocks) != 2 || p.Others {
		t.Errorf("%+v", p.Servers)
	}
	for _, want := range []string{"HUB02 2 h 44 min", "EDGE02 > 22 min 28 s", "MBX03 no log"} {
		if !strings.Contains(p.Desc, want) {
			t.Errorf("no %q in %s", want, p.Desc)
		}
	}
}

// wander is a journey of some stops that may be anywhere in time.
func wander(rng *rand.Rand) evidence.Journey {
	j := evidence.Journey{Began: noon, Total: evidence.Duration(rng.IntN(1e6)), State: evidence.JourneyLeft}
	sometime := func() *time.Time { return new(noon.Add(time.Duration(rng.IntN(1e6)-1000) * time.Second)) }
	for range rng.IntN(20) {
		s := evidence.Stop{Server: fmt.Sprint("EX", rng.IntN(9)), From: rng.IntN(5) - 1, Wait: evidence.Duration(rng.IntN(9000)), Travel: evidence.Duration(rng.IntN(900)), Error: evidence.Duration(rng.IntN(3))}
		if rng.IntN(5) > 0 {
			s.Came = sometime()
		}
		if rng.IntN(5) > 0 {
			s.Left = sometime()
		}
		j.Stops = append(j.Stops, s)
	}
	if rng.IntN(2) == 0 {
		j.Missing = []evidence.Missing{{Server: "EX9", From: *sometime(), To: *sometime()}}
	}
	return j
}

// TestBarsDoNotCover each other, and stay in the picture.
func TestBarsDoNotCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		p := newJourneyPicture(traced{times: today(t), journeys: []evidence.Journey{wander(rng), wander(rng)}})
		for _, r := range p.Rows {
			ends := map[int]float64{}
			for _, b := range r.Items {
				if b.X < ends[b.lane]-0.05 || b.W < minBar || b.X < 0 || b.Y+b.H > p.Axis {
					t.Fatalf("%+v begins before %v", b, ends[b.lane])
				}
				if ends[b.lane] = b.X + b.W; ends[b.lane] > plotWidth+2*pushed {
					t.Fatalf("%+v leaves the picture", b)
				}
			}
			if r.lanes > mostLanes {
				t.Fatalf("%d lanes", r.lanes)
			}
		}
		if n := len(p.Ticks); n < 1 || n > 9 {
			t.Fatalf("ticks %v", p.Ticks)
		}
	}
}

func TestHatchingStaysInside(t *testing.T) {
	for _, wide := range []float64{3, 16, 17.5, 200} {
		var x, y float64
		for _, point := range strings.FieldsFunc(hatched(10, 20, wide, 16), func(r rune) bool { return r == 'M' || r == 'L' }) {
			if _, err := fmt.Sscan(point, &x, &y); err != nil || x < 10 || x > 10+wide || y < 20 || y > 36 {
				t.Errorf("%v: %q", wide, point)
			}
		}
	}
}

// TestRhythmsArePictured with what was found over them.
func TestRhythmsArePictured(t *testing.T) {
	clock, retry := newRhythmPicture(0, quarterly(), today(t)), newRhythmPicture(1, ladder(), today(t))
	if len(clock.Grid) != 4 || clock.Grid[0].X != dialLeft+5*dialBar || clock.Grid[0].Text != "" {
		t.Errorf("%+v", clock.Grid)
	}
	if len(retry.Grid) != 2 || retry.Grid[0].Text != "15m" || retry.Grid[0].X < waitsLeft {
		t.Errorf("%+v", retry.Grid)
	}
	if clock.Sentence[:5] != "Mail " || clock.Prompt != "60 messages that waited less than two minutes are not drawn." {
		t.Errorf("%q, %q", clock.Sentence, clock.Prompt)
	}
	if want := "most left at :05 (54), :20 (55), :35 (56), :50 (57)"; !strings.Contains(clock.Desc, want) {
		t.Errorf("no %q in %q", want, clock.Desc)
	}
	for want, p := range map[string]float64{"": 0, "less than 1 in a million": 1e-9, "at most 1 in 10,000": 1e-4, "at most 30 %": 0.3} {
		if got := chanceWords(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestQueuesOnThePage are those with messages, the largest first, with what is to
// become of each; the cells of ages are the darker the more they count.
func TestQueuesOnThePage(t *testing.T) {
	listings, forecasts := hubQueues()
	pages, left := newListingPages(traced{times: today(t), listings: listings, forecasts: forecasts})
	q := pages[0].Queues
	if left != 0 || len(q) != 3 || q[0].Messages != "1,280" || q[0].GivesUp != "22 Nov 09:00" || q[0].Speed != "grows by 3 a minute" || pages[0].Left != "1 empty queue" {
		t.Errorf("%+v", pages[0])
	}
	if q[1].Next != "11/20/2026 1:05:00 PM (by its server's clock)" || q[1].State != "held (Suspended)" {
		t.Errorf("%+v", q[1])
	}
	relay := pages[1]
	if len(relay.Queues) != 1 || relay.Queues[0].Error == "" || len(relay.Reasons) != 0 {
		t.Errorf("%+v", relay)
	}
	if cells := relay.Ages[0].Cells; cells[4].Shade != shades || cells[2].Shade != 0 || cells[0].Shade >= cells[3].Shade || len(cells) != len(relay.Columns) {
		t.Errorf("%+v", cells)
	}
}

func TestDelaysInJSON(t *testing.T) {
	var got struct {
		Journeys []struct {
			Message, State, Summary string
			Total                   float64 `json:"total_seconds"`
			Stops                   []struct {
				Server string
				Left   *string
				Waits  bool    `json:"still_waits"`
				Shift  float64 `json:"shift_seconds"`
			}
			Missing []struct{ Server, Get string }
		}
		Clocks []struct {
			Ahead *float64 `json:"ahead_seconds"`
			Low   *float64 `json:"low_seconds"`
			High  *float64 `json:"high_seconds"`
		}
		Rhythms []struct {
			Is, Sentence string
			Phases       []float64 `json:"phases_seconds"`
			Minutes      []int
		}
		Queues []struct {
			File      string
			Queues    []map[string]any
			Forecasts []map[string]any
			Edges     []float64 `json:"age_edges_seconds"`
			Ages      []struct{ Counts []int }
		}
	}
	out := printed(t, view{"json", JSON}, delayed(t))
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	j := got.Journeys[0]
	if len(got.Journeys) != 3 || j.State != "partly" || j.Total != 11250 || j.Stops[1].Shift != -12.25 || !j.Stops[3].Waits || j.Stops[3].Left != nil || j.Missing[0].Server != "MBX03" {
		t.Errorf("%+v", j)
	}
	if c := got.Clocks; *c[0].Ahead != 12.25 || c[1].Ahead != nil || *c[1].Low != -3 || c[1].High != nil {
		t.Errorf("%+v", c)
	}
	if h := got.Rhythms; len(h) != 3 || h[0].Phases[0] != 300 || len(h[0].Minutes) != 60 || len(h[1].Minutes) != 0 || h[2].Is != "retry ladder" {
		t.Errorf("%+v", h)
	}
	q := got.Queues
	if len(q) != 2 || len(q[0].Queues) != 4 || q[0].Forecasts[0]["gives_up"] != "2026-11-22T09:00:00Z" || q[0].Queues[1]["velocity"] != nil || q[1].Edges[0] != 300 || q[1].Ages[0].Counts[4] != 8 {
		t.Errorf("%+v", q)
	}
	for _, events := range stories(t) {
		for _, list := range []string{"journeys", "clocks", "rhythms", "queues", "stops", "missing", "recipients", "notes", "parts", "path", "via", "minutes", "waits", "phases_seconds", "sums_seconds", "steps_seconds", "forecasts", "reasons", "groups", "ages", "by", "unknown", "counts", "age_edges_seconds", "sessions", "pauses"} {
			if list != "path" && strings.Contains(printed(t, view{"json", JSON}, events), `"`+list+`": null`) {
				t.Errorf("%s is null", list)
			}
		}
	}
}

// TestDelaysInXML are data in attributes, and sections only where there is
// something.
func TestDelaysInXML(t *testing.T) {
	out := printed(t, view{"xml", XML}, delayed(t))
	for _, want := range []string{
		`<journey state="partly" total_seconds="11250.000000000" began="2026-11-20T08:02:00Z" ended="2026-11-20T11:09:30Z" recipient_count="5">`,
		`<stop server="HUB02" source="tracking" from="0" wait_seconds="9860.000000000" travel_seconds="36.000000000" shift_seconds="-12.250000000" error_seconds="1.500000000"`,
		`<clock server="EDGE01" against="EX01" sent="4" back="0" low_seconds="-3.000000000" steps="true">`,
		`<hop server="EX03A" to="Interop RGC" is="clock grid" count="300" waited="240" strength="0.93" chance="1e-09" period_seconds="900.000000000"`,
		`<phase>300.000000000</phase>`,
		`<forecast queue="EX07HUB\\17" server="EX07HUB" oldest="2026-11-20T09:00:00Z" next="2026-11-20T12:05:00Z"`,
		`<next_try>11/20/2026 1:05:00 PM</next_try>`, `<next_try time="2026-11-20T12:05:00Z"></next_try>`,
		`<age domain="example.com" total="30">2 3 0 5 8 6 3 3 0 0</age>`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, section := range []string{"journeys", "clocks", "rhythms", "queues"} {
		if strings.Contains(printed(t, view{"xml", XML}, founding(t)), "<"+section+">") {
			t.Errorf("%s about nothing", section)
		}
	}
}

// TestDelaysOnThePage can be read by those who cannot see the pictures.
func TestDelaysOnThePage(t *testing.T) {
	page := printed(t, view{"html", HTML}, delayed(t))
	for _, want := range []string{`<h2 id="journeys">`, `<h2 id="rhythm">`, `<h2 id="queues">`, `<desc id="journeys-desc">order-17@contoso.com: arrived`, `<desc id="rhythm-1-desc">relay -&gt; example.com: Mail waits`,
		`<path class="hatch"`, `<path class="whisker"`, `<polygon class="wait s1"`, `<line class="fit"`, `<td class="n a5">8</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, not := range []string{`id="journeys"`, `id="rhythm"`, `id="queues"`} {
		if strings.Contains(printed(t, view{"html", HTML}, founding(t)), not) {
			t.Errorf("%s about nothing", not)
		}
	}
}
