package whatif

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

func monday(at time.Duration) time.Time {
	return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(at)
}

// waited is a hop whose messages came every ten minutes from eight on and waited so
// many minutes.
func waited(to string, minutes ...float64) evidence.HopTraffic {
	h := evidence.HopTraffic{Server: "HUB01", To: to, Count: len(minutes)}
	for i, m := range minutes {
		came := monday(8*time.Hour + time.Duration(i)*10*time.Minute)
		p := evidence.Passage{Came: came, Left: came.Add(time.Duration(m * float64(time.Minute)))}
		if p.Left.Sub(p.Came) > evidence.LateFrom {
			h.Late++
		}
		h.Passages = append(h.Passages, p)
	}
	return h
}

// TestFittedHop: the hop with most late messages whose rhythm can be played, or the one
// that is named.
func TestFittedHop(t *testing.T) {
	traffic := []evidence.HopTraffic{waited("a", 9, 0), waited("b", 9, 9), waited("c", 9, 9, 9), waited("d", 9, 9)}
	clock := evidence.HopRhythm{Is: evidence.RhythmClock, Period: 900, Phases: []evidence.Duration{0}}
	none := evidence.HopRhythm{Is: evidence.RhythmNone, Why: "two look the same"}
	all := []evidence.HopRhythm{clock, clock, none, clock}
	for name, want := range map[string]string{
		"": "HUB01 to b", "HUB01 to a": "HUB01 to a", "HUB01 to d": "HUB01 to d",
		"HUB01 to c": `HUB01 to c: its rhythm is "no rhythm" (two look the same), which cannot be played`,
		"HUB01 to x": `no hop "HUB01 to x" has a rhythm that can be played; these have: ["HUB01 to a" "HUB01 to b" "HUB01 to d"]`,
	} {
		f, err := Fitted(traffic, all, name)
		if got := f.Hop; err == nil && got != want || err != nil && err.Error() != want {
			t.Errorf("%q: %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := Fitted(traffic, []evidence.HopRhythm{none}, ""); err == nil || !strings.Contains(err.Error(), "of 4 hops none") {
		t.Error(err)
	}
}

// TestPlayable: which rhythms say enough to be played, and by what.
func TestPlayable(t *testing.T) {
	sums, phases := []evidence.Duration{600, 1800}, []evidence.Duration{0, 300}
	for name, story := range map[string]struct {
		r    evidence.HopRhythm
		want string // steps, queue, gate
	}{
		"a clock":                      {evidence.HopRhythm{Is: evidence.RhythmClock, Period: 900, Phases: phases, Window: 60}, "[15m0s] false 15m0s [0s 5m0s] 1m0s"},
		"a clock, without a period":    {evidence.HopRhythm{Is: evidence.RhythmClock}, ""},
		"a ladder by its waits":        {evidence.HopRhythm{Is: evidence.RhythmRetry, Sums: []evidence.Duration{1800, 600, 600.5}}, "[10m0s 20m0s] false 0s [] 0s"},
		"a ladder by its steps":        {evidence.HopRhythm{Is: evidence.RhythmRetry, Sums: sums, Steps: []evidence.Duration{60, 0.1}}, "[1m0s 1s] false 0s [] 0s"},
		"bursts after a failure":       {evidence.HopRhythm{Is: evidence.RhythmRetry, Period: 1200}, "[20m0s] true 0s [] 0s"},
		"one wait":                     {evidence.HopRhythm{Is: evidence.RhythmFixed, Sums: []evidence.Duration{600}}, "[10m0s] false 0s [] 0s"},
		"a part, by waits":             {evidence.HopRhythm{Is: evidence.RhythmMixed, Sums: sums, Period: 900}, "[10m0s 20m0s] false 0s [] 0s"},
		"a part, on the clock":         {evidence.HopRhythm{Is: evidence.RhythmMixed, Period: 900, Phases: phases[:1]}, "[15m0s] false 15m0s [0s] 0s"},
		"a part, in bursts":            {evidence.HopRhythm{Is: evidence.RhythmMixed, Period: 1200}, "[20m0s] true 0s [] 0s"},
		"nothing waits":                {evidence.HopRhythm{Is: evidence.RhythmPrompt, Period: 900}, ""},
		"waits that are next to none":  {evidence.HopRhythm{Is: evidence.RhythmFixed, Sums: []evidence.Duration{0.5}}, "[1s] false 0s [] 0s"},
		"a ladder that says no length": {evidence.HopRhythm{Is: evidence.RhythmRetry}, ""},
	} {
		f, err := Fitted([]evidence.HopTraffic{waited("a", 9, 0, 12)}, []evidence.HopRhythm{story.r}, "")
		got := ""
		if err == nil {
			got = fmt.Sprint(f.Sender.Steps, " ", f.Sender.Queue, " ", f.Sender.Opens.Every, " ", f.Sender.Opens.At, " ", f.Sender.Opens.For)
		}
		if got != story.want {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestFittedMail: messages are played as they came, from the midnight of the first on;
// one that waited longer than a minute was late.
func TestFittedMail(t *testing.T) {
	h := waited("a", 1, 1.01, 30, 0)
	h.Count = 9
	f, err := Fitted([]evidence.HopTraffic{h}, []evidence.HopRhythm{{Is: evidence.RhythmFixed, Sums: []evidence.Duration{1800}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{8 * time.Hour, 8*time.Hour + 10*time.Minute, 8*time.Hour + 20*time.Minute, 8*time.Hour + 30*time.Minute}
	if !slices.Equal(f.Question.Mail.Came, want) || f.Question.Mail.Day != time.Monday || f.Seen.Count != 2 || f.Count != 4 || !f.Part || f.Mean.Round(time.Millisecond) != 480150*time.Millisecond {
		t.Errorf("%+v, mean %v", f, f.Mean)
	}
	if f.Question.Trouble.Fails != 0.5 {
		t.Errorf("%v fail", f.Question.Trouble.Fails)
	}
	h.Count = 4
	if f, _ = Fitted([]evidence.HopTraffic{h}, []evidence.HopRhythm{{Is: evidence.RhythmFixed, Sums: []evidence.Duration{1800}}}, ""); f.Part {
		t.Error("all of its messages are there")
	}
}

// TestFittedAgain: of the attempts after a failure, as many failed as waits went on to
// a later rung; a wait belongs to the rung that is next to it.
func TestFittedAgain(t *testing.T) {
	s := Sender{Steps: mins(10, 20)}
	for name, story := range map[string]struct {
		waits []time.Duration
		want  string
	}{
		"all at the first":      {mins(10, 10), "[0]"},
		"half at the second":    {mins(10, 30), "[0.5 0]"},
		"one, two and three":    {mins(10, 10, 30, 50), "[0.5 0.5 0]"},
		"nearer to the first":   {mins(20), "[0]"},
		"nearer to the second":  {mins(21), "[1 0]"},
		"the last step repeats": {mins(70), "[1 1 1 0]"},
	} {
		if got := fmt.Sprint(again(s, story.waits)); got != story.want {
			t.Errorf("%s: %s, want %s", name, got, story.want)
		}
	}
}

// TestFittedClock: where fewer waited than a closed gate makes wait, the others went
// another way; two other settings are played beside it.
func TestFittedClock(t *testing.T) {
	for waits, want := range map[int]string{9: "0.00", 6: "0.33", 3: "0.67", 10: "0.00"} {
		var minutes []float64
		for i := range 10 {
			minutes = append(minutes, map[bool]float64{true: 5, false: 0}[i < waits])
		}
		f, err := Fitted([]evidence.HopTraffic{waited("a", minutes...)}, []evidence.HopRhythm{{Is: evidence.RhythmClock, Period: 600, Phases: []evidence.Duration{60}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%.2f", f.Question.Trouble.Spares); got != want {
			t.Errorf("%d of 10 waited: %s go another way, want %s", waits, got, want)
		}
		if len(f.Others) != 2 || f.Others[0].Name != "twice as often" || f.Others[0].Opens.Every != 5*time.Minute || f.Others[0].Opens.At != nil || f.Others[1].Name != "always open" || f.Others[1].Opens.Every != 0 {
			t.Errorf("%+v", f.Others)
		}
	}
	open, err := Fitted([]evidence.HopTraffic{waited("a", 5, 0)}, []evidence.HopRhythm{{Is: evidence.RhythmClock, Period: 600, Window: 300, Phases: []evidence.Duration{60}}}, "")
	if err != nil || open.Question.Trouble.Spares != 0 {
		t.Errorf("open half of the time: %+v, %v", open.Question.Trouble, err)
	}
}

// TestFittedBacklog: the pace is that of messages that waited, without the gaps between
// two backlogs.
func TestFittedBacklog(t *testing.T) {
	h := evidence.HopTraffic{Server: "HUB01", To: "a"}
	left := monday(8 * time.Hour)
	for i := range 41 {
		left = left.Add(30 * time.Second)
		if i == 20 {
			left = left.Add(5 * time.Hour)
		}
		h.Passages = append(h.Passages, evidence.Passage{Came: left.Add(-10 * time.Minute), Left: left}, evidence.Passage{Came: left.Add(time.Second), Left: left.Add(2 * time.Second)})
	}
	f, err := Fitted([]evidence.HopTraffic{h}, []evidence.HopRhythm{{Is: evidence.RhythmBacklog}}, "")
	if err != nil || f.Question.Trouble.Rate != 30*time.Second || len(f.Others) != 2 || f.Others[0].Name != "half as fast again" || f.Others[0].Pace != 20*time.Second || f.Others[1].Name != "twice as fast" || f.Others[1].Pace != 15*time.Second {
		t.Errorf("%+v, %v", f, err)
	}
	f, err = Fitted([]evidence.HopTraffic{waited("a", 0, 9)}, []evidence.HopRhythm{{Is: evidence.RhythmBacklog}}, "")
	if err != nil || f.Question.Trouble.Rate != time.Minute {
		t.Errorf("one message: %+v, %v", f.Question.Trouble, err)
	}
}

// TestFittedQueue: connections fail so often that as many messages wait as were seen.
func TestFittedQueue(t *testing.T) {
	var minutes []float64
	for i := range 2000 {
		minutes = append(minutes, map[bool]float64{true: 15, false: 0}[i%4 == 0])
	}
	f, err := Fitted([]evidence.HopTraffic{waited("a", minutes...)}, []evidence.HopRhythm{{Is: evidence.RhythmRetry, Period: 1200}}, "")
	if err != nil {
		t.Fatal(err)
	}
	r := f.Play(f.Sender)
	if share := float64(r.Late.Count) / float64(r.Count); share < 0.23 || share > 0.27 {
		t.Errorf("%.2f of messages wait, want a quarter", share)
	}
	if len(f.Others) != 2 || f.Others[0].Name != Known()[0].Name || f.Others[1].Name != "every 5 minutes" || f.Others[1].Steps[0] != 5*time.Minute || !f.Others[1].Queue {
		t.Errorf("%+v", f.Others)
	}
}

// TestFittedWords: the play is like what was seen where its middle and its ninetieth
// are within a quarter and half a minute; what luck makes of it is said.
func TestFittedWords(t *testing.T) {
	seen := Quantiles{Median: 10 * time.Minute, P90: 40 * time.Minute}
	for name, story := range map[string]struct {
		median, p90 time.Duration
		like        bool
	}{
		"the same":          {10 * time.Minute, 40 * time.Minute, true},
		"within":            {10*time.Minute + 240*time.Second, 40*time.Minute - 10*time.Minute - 30*time.Second, true},
		"further":           {10*time.Minute + 241*time.Second, 40 * time.Minute, false},
		"the tail, further": {10 * time.Minute, 40*time.Minute - 10*time.Minute - 31*time.Second, false},
		"much quicker":      {time.Minute, 40 * time.Minute, false},
	} {
		f := Fit{Hop: "HUB01 to a", Rhythm: evidence.RhythmRetry, Seen: seen, Count: 7, Part: true, Question: Question{Mail: evenly(9), Trouble: Trouble{Fails: 0.1}}}
		text := strings.Join(f.Lines([]Result{{Sender: Sender{Name: "x", Steps: mins(10)}, Late: Quantiles{Median: story.median, P90: story.p90}}}, 1000), "\n")
		for word, want := range map[string]bool{"A is like what was seen": story.like, "does not explain all": !story.like, "by its own luck": story.like, "Only 7 of its messages are kept": true, "HUB01 to a: retry ladder": true} {
			if strings.Contains(text, word) != want {
				t.Errorf("%s: %q is not as it should be in\n%s", name, word, text)
			}
		}
	}
	if text := (Fit{Seen: seen}).verdict(Result{Late: seen}); strings.Contains(text, "luck") {
		t.Errorf("nothing fails by luck: %s", text)
	}
}

// TestWhatBecomesOfMail: what is at once, noticed, returned and open, to the second.
func TestWhatBecomesOfMail(t *testing.T) {
	const hour = time.Hour
	q := Question{Mail: Mail{Came: []time.Duration{hour}}, Trouble: Trouble{DownFrom: 0, Down: 3 * hour}}
	for name, story := range map[string]struct {
		step, notice, gives time.Duration
		want                string // at once, later, noticed, returned, open
	}{
		"within a minute":        {0, 0, 0, "1 0 0 0 0"},
		"two hours":              {hour, 0, 0, "0 1 0 0 0"},
		"noticed after that":     {hour, 2*hour - time.Second, 0, "0 1 1 0 0"},
		"noticed, but in time":   {hour, 2 * hour, 0, "0 1 0 0 0"},
		"returned before that":   {hour, 0, 2*hour - time.Second, "0 0 0 1 0"},
		"passed at the last":     {hour, 0, 2 * hour, "0 1 0 0 0"},
		"noticed, then returned": {hour, hour, 2*hour - time.Second, "0 0 1 1 0"},
	} {
		play := q
		if story.step == 0 {
			play.Trouble, story.step = Trouble{}, hour
		}
		r := Play(play, Sender{Steps: []time.Duration{story.step}, Notice: story.notice, GivesUp: story.gives})
		if got := fmt.Sprint(r.AtOnce, r.Late.Count, r.Noticed, r.Returned, r.Open); got != story.want {
			t.Errorf("%s: %s, want %s", name, got, story.want)
		}
	}
	for wait, want := range map[time.Duration]int{time.Minute: 1, time.Minute + 1: 0} {
		play := q
		play.Trouble = Trouble{DownFrom: 0, Down: hour + time.Second}
		if r := Play(play, Sender{Steps: []time.Duration{wait}}); r.AtOnce != want {
			t.Errorf("after %v: %d at once", wait, r.AtOnce)
		}
	}
}

// TestQuantiles: the wait that a share did not exceed is one that was.
func TestQuantiles(t *testing.T) {
	var all []time.Duration
	for i := range 20 {
		all = append(all, time.Duration(i+1)*time.Minute)
	}
	if got := quantiles(all); got != (Quantiles{Count: 20, Mean: 630 * time.Second, Median: 10 * time.Minute, P90: 18 * time.Minute, P95: 19 * time.Minute, P99: 20 * time.Minute, Longest: 20 * time.Minute}) {
		t.Errorf("%+v", got)
	}
	if got := quantiles(all[:1]); got.Median != time.Minute || got.P99 != time.Minute {
		t.Errorf("%+v", got)
	}
}
