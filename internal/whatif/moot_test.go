package whatif

import (
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// TestMoot: where nothing fails, the comparison of retry timers is said to be none.
func TestMoot(t *testing.T) {
	half := Gate{Every: 30 * time.Minute}
	timer := func(minutes int, g Gate, pace time.Duration) Result {
		return Result{Sender: Sender{Steps: []time.Duration{time.Duration(minutes) * time.Minute}, Opens: g, Pace: pace}}
	}
	at := func(all ...Result) []Result { return all }
	for name, story := range map[string]struct {
		trouble Trouble
		all     []Result
		want    string // a word of it, "" for silence
	}{
		"one is down":                     {Trouble{Down: time.Hour}, at(timer(10, Gate{}, 0), timer(5, Gate{}, 0)), ""},
		"greylisting":                     {Trouble{Greylist: time.Minute}, at(timer(10, half, 0), timer(5, half, 0)), ""},
		"a clock, and another timer":      {Trouble{}, at(timer(10, half, 0), timer(5, half, 0)), "(B) changes nothing"},
		"a clock, a schedule and a timer": {Trouble{}, at(timer(10, half, 0), timer(10, Gate{}, 0), timer(5, half, 0)), "(C) changes nothing"},
		"a clock, and other schedules":    {Trouble{}, at(timer(10, half, 0), timer(10, Gate{}, 0), timer(10, Gate{Every: time.Hour}, 0)), ""},
		"a clock alone":                   {Trouble{}, at(timer(10, half, 0)), ""},
		"a slow hop, and another timer":   {Trouble{Rate: time.Second}, at(timer(10, Gate{}, 0), timer(5, Gate{}, 0)), "more comes than the next hop takes"},
		"a slow hop, and another pace":    {Trouble{Rate: time.Second}, at(timer(10, Gate{}, 0), timer(10, Gate{}, time.Millisecond)), ""},
		"nothing at all":                  {Trouble{}, at(timer(10, Gate{}, 0)), "Nothing stands in the way"},
		"nothing, and another timer":      {Trouble{}, at(timer(10, Gate{}, 0), timer(5, Gate{}, 0)), "Nothing stands in the way"},
		"nothing, and a schedule":         {Trouble{}, at(timer(10, Gate{}, 0), timer(5, half, 0)), ""},
	} {
		got := Question{Trouble: story.trouble}.moot(story.all)
		if got == "" != (story.want == "") || !strings.Contains(got, story.want) {
			t.Errorf("%s: %q", name, got)
		}
		if text := strings.Join(Compared(Question{Trouble: story.trouble}, story.all, 1000), "\n"); !strings.Contains(text, got) {
			t.Errorf("%s: not in\n%s", name, text)
		}
	}
}

// TestWhyNothingIsPlayed: nothing late, or which hop has the late mail and why its
// rhythm says too little.
func TestWhyNothingIsPlayed(t *testing.T) {
	traffic := []evidence.HopTraffic{{Server: "HUB01", To: "a", Count: 40}, {Server: "HUB01", To: "b", Count: 50, Late: 3}}
	rhythms := []evidence.HopRhythm{{Is: evidence.RhythmPrompt}, {Is: evidence.RhythmLittle, Why: "3 were late"}}
	_, err := Fitted(traffic, rhythms, "")
	if err == nil || !strings.Contains(err.Error(), `3 of 50, has HUB01 to b, "too little data": 3 were late`) || !strings.Contains(err.Error(), "--down 45m") {
		t.Error(err)
	}
	traffic[1].Late = 0
	if _, err = Fitted(traffic, rhythms, ""); err == nil || !strings.Contains(err.Error(), "no message was late at any of 2 hops") {
		t.Error(err)
	}
	if _, err = Fitted(nil, nil, ""); err == nil || !strings.Contains(err.Error(), "of 0 hops") {
		t.Error(err)
	}
}
