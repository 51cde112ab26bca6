package whatif

import (
	"fmt"
	"math"
	"slices"
	"time"

	"mailflow/evidence"
)

// A Fit is a hop whose logs were read, and the question that makes its delay.
type Fit struct {
	Hop      string
	Rhythm   string
	Question Question
	Sender   Sender
	Seen     Quantiles // of messages that waited longer than a minute
	Mean     time.Duration
	Count    int
	Part     bool     // the case keeps only a part of the messages
	Others   []Sender // other settings to try
}

// Fitted finds the hop in which most messages were late and whose rhythm can be
// played. name chooses another: "HUB01 to Internet".
func Fitted(traffic []evidence.HopTraffic, rhythms []evidence.HopRhythm, name string) (Fit, error) {
	best, hops := -1, []string{}
	for i := range min(len(traffic), len(rhythms)) {
		h := traffic[i].Server + " to " + traffic[i].To
		if h == name && !playable(rhythms[i]) {
			return Fit{}, fmt.Errorf("%s: its rhythm is %q (%s), which cannot be played", h, rhythms[i].Is, rhythms[i].Why)
		}
		if !playable(rhythms[i]) {
			continue
		}
		hops = append(hops, h)
		if h == name || name == "" && (best < 0 || traffic[i].Late > traffic[best].Late) {
			best = i
		}
	}
	switch {
	case best >= 0:
		return fit(traffic[best], rhythms[best]), nil
	case name != "":
		return Fit{}, fmt.Errorf("no hop %q has a rhythm that can be played; these have: %q", name, hops)
	}
	return Fit{}, unplayable(traffic, rhythms)
}

// playable says whether a rhythm says enough.
func playable(r evidence.HopRhythm) bool {
	switch r.Is {
	case evidence.RhythmBacklog:
		return true
	case evidence.RhythmClock, evidence.RhythmRetry, evidence.RhythmFixed, evidence.RhythmMixed:
		return r.Period > 0 || len(r.Sums) > 0
	}
	return false
}

func fit(h evidence.HopTraffic, r evidence.HopRhythm) Fit {
	f := Fit{Hop: h.Server + " to " + h.To, Rhythm: r.Is, Count: len(h.Passages), Part: h.Count > len(h.Passages)}
	waits := f.arrivals(h)
	f.Seen = quantiles(waits)
	f.Sender = Sender{Name: "as fitted to the logs", Steps: []time.Duration{15 * time.Minute}}
	switch {
	case r.Is == evidence.RhythmBacklog:
		f.backlog(h)
	case len(r.Sums) > 0:
		f.ladder(r, waits)
	case r.Is == evidence.RhythmRetry || r.Is == evidence.RhythmMixed && len(r.Phases) == 0:
		f.queue(r)
	default:
		f.clock(r)
	}
	return f
}

// arrivals takes over when messages came, and gives the waits of the late ones.
func (f *Fit) arrivals(h evidence.HopTraffic) (waits []time.Duration) {
	if len(h.Passages) == 0 {
		return nil
	}
	first := h.Passages[0].Came.UTC().Truncate(day)
	f.Question.Mail.Day = first.Weekday()
	for _, p := range h.Passages[:min(len(h.Passages), MostMail)] {
		if at := p.Came.Sub(first); at >= 0 && at < 2*longest {
			f.Question.Mail.Came = append(f.Question.Mail.Came, at)
		}
		w := p.Left.Sub(p.Came)
		f.Mean += w / time.Duration(len(h.Passages))
		if w > Prompt {
			waits = append(waits, w)
		}
	}
	slices.Sort(waits)
	return waits
}

// share is the part of messages that waited.
func (f *Fit) share() float64 { return float64(f.Seen.Count) / float64(max(1, f.Count)) }

// clock opens at the phases that were found. Messages that left at once although the
// gate was closed went another way.
func (f *Fit) clock(r evidence.HopRhythm) {
	g := Gate{Every: r.Period.Duration(), For: r.Window.Duration()}
	for _, p := range r.Phases[:min(len(r.Phases), mostOpenings)] {
		g.At = append(g.At, p.Duration())
	}
	f.Sender.Opens = g
	closed := 1 - float64(max(g.For, Prompt))/float64(max(g.Every, 1))
	if closed > 0 {
		f.Question.Trouble.Spares = max(0, 1-f.share()/closed)
	}
	always, half := f.Sender, f.Sender
	always.Name, always.Opens = "always open", Gate{}
	half.Name, half.Opens.Every, half.Opens.At, half.Opens.For = "twice as often", g.Every/2, nil, 0
	f.Others = []Sender{half, always}
}

// ladder lets single messages fail as often as was seen.
func (f *Fit) ladder(r evidence.HopRhythm, waits []time.Duration) {
	f.Sender.Steps = stepsOf(r)
	f.Question.Trouble = Trouble{Fails: f.share(), FailsAgain: again(f.Sender, waits)}
	f.others()
}

// stepsOf are the steps of a ladder, known or from the sums of waits.
func stepsOf(r evidence.HopRhythm) []time.Duration {
	var all []time.Duration
	for _, d := range r.Steps[:min(len(r.Steps), mostSteps)] {
		all = append(all, max(leastStep, d.Duration()))
	}
	if len(all) > 0 {
		return all
	}
	sums := slices.Clone(r.Sums[:min(len(r.Sums), mostSteps)])
	slices.Sort(sums)
	before := evidence.Duration(0)
	for _, s := range sums {
		if s-before >= 1 {
			all = append(all, (s - before).Duration())
			before = s
		}
	}
	if len(all) == 0 {
		all = []time.Duration{leastStep}
	}
	return all
}

// again is which part of the attempts after one failure failed too, after two, and
// so on: each wait ends at the rung next to it, and the attempts below failed.
func again(s Sender, waits []time.Duration) []float64 {
	var made, failed []int // attempts after so many failures
	for _, w := range waits {
		at := step(s.Steps, 1)
		for n := 1; n < mostSteps; n++ {
			if len(made) < n {
				made, failed = append(made, 0), append(failed, 0)
			}
			made[n-1]++
			next := at + step(s.Steps, n+1)
			if w <= at+(next-at)/2 {
				break
			}
			failed[n-1]++
			at = next
		}
	}
	var all []float64
	for i := range made {
		all = append(all, float64(failed[i])/float64(made[i]))
	}
	return all
}

// queue finds the share of failing connections that lets as many messages wait as
// were seen. All that comes while the timer runs waits with the first.
func (f *Fit) queue(r evidence.HopRhythm) {
	f.Sender.Steps, f.Sender.Queue = []time.Duration{max(leastStep, r.Period.Duration())}, true
	low, high := 0.0, 1.0
	for range 12 {
		f.Question.Trouble = Trouble{Fails: (low + high) / 2, FailsAgain: []float64{0}}
		got := Play(f.Question, f.Sender)
		if float64(got.Late.Count) < f.share()*float64(got.Count) {
			low = f.Question.Trouble.Fails
		} else {
			high = f.Question.Trouble.Fails
		}
	}
	f.others()
}

// others are retry settings that are worth a look: that of Exchange 2007 and later,
// and one short interval.
func (f *Fit) others() {
	short := f.Sender
	short.Name, short.Steps = "every 5 minutes", []time.Duration{5 * time.Minute}
	hub := f.Sender
	hub.Name, hub.Steps = Known()[0].Name, Known()[0].Steps
	f.Others = []Sender{hub, short}
}

// backlog takes the pace from how messages follow each other that waited.
func (f *Fit) backlog(h evidence.HopTraffic) {
	var left []time.Time
	for _, p := range h.Passages {
		if p.Left.Sub(p.Came) > Prompt {
			left = append(left, p.Left)
		}
	}
	slices.SortFunc(left, time.Time.Compare)
	var gaps []time.Duration
	for i := 1; i < len(left); i++ {
		gaps = append(gaps, left[i].Sub(left[i-1]))
	}
	slices.Sort(gaps)
	pace := time.Minute
	if len(gaps) > 0 { // the middle half: between two backlogs lie hours
		pace = mean(gaps[len(gaps)/10 : max(1, len(gaps)-len(gaps)/10)])
	}
	f.Question.Trouble.Rate = max(time.Microsecond, pace)
	half := f.Sender
	half.Name, half.Pace = "half as fast again", f.Question.Trouble.Rate*2/3
	twice := f.Sender
	twice.Name, twice.Pace = "twice as fast", f.Question.Trouble.Rate/2
	f.Others = []Sender{half, twice}
}

func mean(all []time.Duration) time.Duration {
	sum := 0.0
	for _, d := range all {
		sum += float64(d)
	}
	return time.Duration(math.Round(sum / float64(max(1, len(all)))))
}

// leastPlayed is about how many messages are played, so that luck evens out.
const leastPlayed = 20_000

// Play plays the fit with one of its senders, as often as its few messages need.
func (f Fit) Play(s Sender) Result {
	return Repeated(f.Question, s, min(200, 1+leastPlayed/max(1, len(f.Question.Mail.Came))))
}

// Lines tell what was seen at the hop, what explains it, and what other settings
// would give. The first result is of the fit itself.
func (f Fit) Lines(all []Result, width int) []string {
	lines := []string{f.Hop + ": " + f.Rhythm}
	if f.Part {
		lines = append(lines, fmt.Sprintf("Only %d of its messages are kept in the case, most of them late ones: shares are too high.", f.Count))
	}
	seen := told("seen", f.Count, f.Count-f.Seen.Count, f.Seen, f.Mean)
	lines = append(append(fold(lines, width), ""), compared(f.Question, all, []cell{seen}, width)...)
	lines = append(append(lines, ""), fold([]string{f.verdict(all[0])}, width)...)
	return append(lines, aside(f.Question.moot(all), width)...)
}

// verdict says whether the play is like what was seen, and what it leaves out.
func (f Fit) verdict(r Result) string {
	near := func(a, b time.Duration) bool { return (a - b).Abs() <= max(a, b)/4+30*time.Second }
	if !near(f.Seen.Median, r.Late.Median) || !near(f.Seen.P90, r.Late.P90) {
		return "A is not like what was seen: the rhythm that was found does not explain all of the delay, and the others are to be doubted."
	}
	words := "A is like what was seen, so that the rhythm explains the delay."
	if f.Question.Trouble.fails() {
		words += " The others hold if each attempt fails by its own luck: a failure that lasts is not shortened by trying more often."
	}
	return words
}
