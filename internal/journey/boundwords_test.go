package journey

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

// A crossing is one message between hub01 and hub02: when it was handed over, when it
// came, each by the server's own clock, in seconds after ten.
type crossing struct {
	back       bool    // from hub02 to hub01
	came, left float64 // at the first server
	there      float64
	took       float64 // of the transaction, where the log says so
}

// crossings are the rows of such messages, one a minute. The clock of hub02 is ahead by
// what the numbers make it.
func crossings(all []crossing) []evidence.Sighting {
	var b strings.Builder
	for i, c := range all {
		at := func(s float64) string {
			return time.Date(2026, 1, 5, 10, i, 0, 0, time.UTC).Add(time.Duration(math.Round(1000*s)) * time.Millisecond).Format("15:04:05.000")
		}
		from, to := "hub01", "hub02"
		if c.back {
			from, to = to, from
		}
		fmt.Fprintf(&b, "%s %s came %d id=m%d peer=mx.example.com n=1\n", at(c.came), from, 2*i, i)
		fmt.Fprintf(&b, "%s %s left %d id=m%d peer=%s next=%d n=1 took=%g\n", at(c.left), from, 2*i, i, to, 2*i+1, c.took)
		fmt.Fprintf(&b, "%s %s came %d id=m%d peer=%s n=1\n", at(c.there), to, 2*i+1, i, from)
		fmt.Fprintf(&b, "%s %s delivered %d id=m%d n=1\n", at(c.there+1), to, 2*i+1, i)
	}
	return read(b.String())
}

// times is a list of so many equal ones.
func times(n int, c crossing) []crossing {
	var all []crossing
	for range n {
		all = append(all, c)
	}
	return all
}

// offsetTold is how far hub02 is ahead of hub01 in words.
func offsetTold(all ...[]crossing) string {
	var list []crossing
	for _, part := range all {
		list = append(list, part...)
	}
	offsets := Offsets(crossings(list))
	if len(offsets) != 1 {
		return fmt.Sprint(len(offsets), " offsets")
	}
	o := offsets[0]
	sign := 1.0
	low, high := float64(o.Low), float64(o.High)
	if o.Server == "hub01" {
		sign, low, high = -1, -float64(o.High), -float64(o.Low)
	}
	switch {
	case o.Steps:
		return "steps"
	case !o.Bounded:
		return fmt.Sprintf("unbounded %.2f to %.2f", low, high)
	}
	return fmt.Sprintf("%.2f, from %.2f to %.2f", sign*float64(o.Ahead), low, high)
}

// TestBoundsOfClocks: a transaction began after its message had come, or as long before
// its end as the log says, and ended behind the coming of the message there.
func TestBoundsOfClocks(t *testing.T) {
	there, back := crossing{came: 1.001, left: 2.001, there: 12.001}, crossing{back: true, came: 21.001, left: 22.001, there: 11.001}
	briefly, backBriefly := there, back
	briefly.took, backBriefly.took = 0.25, 0.25
	wholly, backWholly := crossing{came: 1, left: 2, there: 12}, crossing{back: true, came: 21, left: 22, there: 11}
	endless := there
	endless.took = 25 * 3600
	for name, story := range map[string]struct {
		all  [][]crossing
		want string
	}{
		"both ways":               {[][]crossing{times(3, there), times(3, back)}, "10.50, from 9.50 to 11.50"},
		"with what they took":     {[][]crossing{times(3, briefly), times(3, backBriefly)}, "10.50, from 10.25 to 10.75"},
		"with what one side took": {[][]crossing{times(3, briefly), times(3, back)}, "10.50, from 9.50 to 10.75"},
		"and the other":           {[][]crossing{times(3, there), times(3, backBriefly)}, "10.50, from 10.25 to 11.50"},
		"in whole seconds":        {[][]crossing{times(3, wholly), times(3, backWholly)}, "10.50, from 8.50 to 12.50"},
		"one way":                 {[][]crossing{times(3, there)}, "10.00, from 9.50 to 11.50"},
		"the other way":           {[][]crossing{times(3, back)}, "11.00, from 9.50 to 11.50"},
		"more than a day is none": {[][]crossing{times(3, endless)}, "10.00, from 9.50 to 11.50"},
		"agreeing":                {[][]crossing{times(3, crossing{came: 1.001, left: 2.001, there: 1.801}), times(3, crossing{back: true, came: 1.001, left: 2.001, there: 1.801})}, "0.00, from -0.70 to 0.70"},
	} {
		if got := offsetTold(story.all...); got != story.want {
			t.Errorf("%s: %s, want %s", name, got, story.want)
		}
	}
}

// TestCrossingsThatCount: the word of a mailbox server that it has something to fetch
// is no reply, what a client handed in did not cross, and neither did what stayed. The
// messages of each direction are counted.
func TestCrossingsThatCount(t *testing.T) {
	rows := crossings(append(times(2, crossing{came: 1.001, left: 2.001, there: 12.001}), times(3, crossing{back: true, came: 21.001, left: 22.001, there: 11.001})...))
	o := Offsets(rows)[0]
	sent, back := o.Sent, o.Back // of Server
	if o.Server == "hub01" {
		sent, back = back, sent
	}
	if sent != 3 || back != 2 || o.Guessed {
		t.Errorf("%+v", o)
	}
	for name, change := range map[string]func(*evidence.Sighting){
		"fetched":     func(s *evidence.Sighting) { s.Text = Submit },
		"by a client": func(s *evidence.Sighting) { s.What = evidence.SawSubmitted },
	} {
		changed := crossings(times(3, crossing{came: 1.001, left: 2.001, there: 12.001}))
		for i := range changed {
			if name == "fetched" && changed[i].What == evidence.SawLeft || name == "by a client" && changed[i].What == evidence.SawCame && changed[i].Server == "hub02" {
				change(&changed[i])
			}
		}
		if all := Offsets(changed); len(all) != 0 {
			t.Errorf("%s: %+v", name, all)
		}
	}
	for _, server := range []string{"hub01", "hub02"} {
		zone := evidence.Sighting{Server: server, What: evidence.SawLogBegins, Text: evidence.ZoneGuessed, At: rows[0].At.Add(-time.Hour), Source: tracking, Where: evidence.Where{File: server, Line: 999}}
		if all := Offsets(append([]evidence.Sighting{zone}, rows...)); len(all) != 1 || !all[0].Guessed {
			t.Errorf("the zone of %s: %+v", server, all)
		}
	}
}

// TestWrongCrossings: of twenty messages and more, one in thirty may be wrong, and one
// in any case; of fewer each counts.
func TestWrongCrossings(t *testing.T) {
	right, wrong := crossing{came: 1.001, left: 2.001, there: 1.901}, crossing{came: 1.001, left: 2.001, there: 400.001}
	for _, story := range []struct {
		right, wrong int
		fine         bool
	}{{20, 0, true}, {19, 1, true}, {18, 1, false}, {18, 2, false}, {32, 2, false}, {65, 2, true}, {64, 3, false}} {
		got := offsetTold(times(story.right/2, right), times(story.wrong, wrong), times(story.right-story.right/2, right))
		if fine := strings.HasPrefix(got, "0.00, from"); fine != story.fine {
			t.Errorf("%d right and %d wrong: %s", story.right, story.wrong, got)
		}
	}
}

// TestStepsOfClocks: a clock was set where three messages or more agree before and
// after, over at most six stretches; two say nothing.
func TestStepsOfClocks(t *testing.T) {
	at := func(offset float64, n int) []crossing {
		return times(n, crossing{came: 1.001, left: 2.001, there: 1.901 + offset})
	}
	for name, story := range map[string]struct {
		all   [][]crossing
		steps bool
	}{
		"three and three":     {[][]crossing{at(0, 3), at(30, 3)}, true},
		"three and two":       {[][]crossing{at(0, 3), at(30, 2)}, false},
		"two and three":       {[][]crossing{at(0, 2), at(30, 3)}, false},
		"back and forth":      {[][]crossing{at(0, 3), at(30, 3), at(0, 3)}, true},
		"with two between":    {[][]crossing{at(0, 9), at(30, 2), at(0, 9)}, false},
		"six stretches":       {[][]crossing{at(0, 3), at(5, 3), at(10, 3), at(15, 3), at(20, 3), at(25, 3)}, true},
		"seven stretches":     {[][]crossing{at(0, 3), at(5, 3), at(10, 3), at(15, 3), at(20, 3), at(25, 3), at(29, 3)}, false},
		"never":               {[][]crossing{at(0, 9)}, false},
		"less than they tell": {[][]crossing{at(0, 3), at(0.5, 3)}, false},
	} {
		if got := offsetTold(story.all...); (got == "steps") != story.steps {
			t.Errorf("%s: %s", name, got)
		}
	}
}
