package collectors

import (
	"fmt"
	"math"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/maillog"
	"mailflow/internal/rhythm"
)

// hopRhythms works out in what rhythm each hop lets mail go.
func hopRhythms() *diag.Collector {
	return diag.Derive("rhythms", evidence.Rhythms, []diag.AnyKey{evidence.Traffic}, []diag.AnyKey{evidence.Zone},
		func(e diag.Evidence) ([]evidence.HopRhythm, error) {
			zone, _ := evidence.Zone.Lookup(e)
			options := rhythm.Options{Ladders: ladders()}
			var all []evidence.HopRhythm
			for _, h := range evidence.Traffic.In(e) {
				in := zone.Location()
				if h.Local { // then its times are those of the wall already
					in = time.UTC
				}
				options.Backoff = backoffOf(h.Source)
				f := rhythm.Judge(passed(h, in), options)
				all = append(all, charted(h, f))
			}
			return all, nil
		})
}

// backoffOf is how the queue manager of Postfix tries again by default
// (postconf(5): minimal_backoff_time, maximal_backoff_time, queue_run_delay); nil
// for other servers.
func backoffOf(source string) *rhythm.Backoff {
	if source != string(maillog.Postfix) {
		return nil
	}
	return &rhythm.Backoff{Name: "Postfix, each step up to 5 min longer", Least: 300 * time.Second, Most: 4000 * time.Second, Scan: 300 * time.Second}
}

// ladders are those that a fitted one is held against.
func ladders() []rhythm.Ladder {
	var all []rhythm.Ladder
	for _, l := range evidence.KnownLadders() {
		name := l.Name
		if !l.Sure {
			name += " (from memory)"
		}
		all = append(all, rhythm.Ladder{Name: name, Steps: l.Steps})
	}
	return all
}

// passed are the passages of a hop in the zone of its servers: what opens at a
// minute of the wall clock moves with daylight saving.
func passed(h evidence.HopTraffic, zone *time.Location) []rhythm.Passage {
	all := make([]rhythm.Passage, len(h.Passages))
	for i, p := range h.Passages {
		all[i] = rhythm.Passage{Came: p.Came.In(zone), Left: p.Left.In(zone), Depth: p.Depth}
		for _, d := range p.Tried {
			all[i].Attempts = append(all[i].Attempts, p.Came.Add(d.Duration()))
		}
	}
	return all
}

// charted is a rhythm with what a chart of it needs.
func charted(h evidence.HopTraffic, f rhythm.Finding) evidence.HopRhythm {
	r := evidence.HopRhythm{Server: h.Server, To: h.To, Is: string(f.Verdict), Why: f.Why, Count: f.N, Waited: f.Waited,
		Period: inSeconds(f.Period), Phases: allInSeconds(f.Phases), Wall: f.Wall || h.Local, Window: inSeconds(f.Window), Strength: f.Strength, Chance: f.P,
		Ladder: f.Ladder, Steps: allInSeconds(f.Steps), Sums: allInSeconds(f.Sums)}
	if f.Verdict == rhythm.Prompt && h.Late > 0 {
		r.Is, r.Why = evidence.RhythmLittle, fmt.Sprintf("%d of %d messages were late: too few for a rhythm, or late for several reasons", h.Late, h.Count)
	}
	if len(r.Phases) == 0 && f.Verdict == rhythm.ClockGrid {
		r.Phases = []evidence.Duration{inSeconds(f.Phase)}
	}
	if h.Late > 0 {
		r.Turn = evidence.Duration(max(f.Period, time.Hour).Seconds())
		r.Minutes = minutesOf(h.Passages, r.Turn.Duration())
		r.Waits = waitBins(h.Passages)
	}
	return r
}

func inSeconds(d time.Duration) evidence.Duration { return evidence.Duration(d.Seconds()) }

func allInSeconds(all []time.Duration) []evidence.Duration {
	var list []evidence.Duration
	for _, d := range all {
		list = append(list, inSeconds(d))
	}
	return list
}

// dial is how many parts a turn of the chart has.
const dial = 60

// minutesOf counts when messages left that were late, over the parts of a turn.
func minutesOf(all []evidence.Passage, turn time.Duration) []int {
	counts := make([]int, dial)
	for _, p := range all {
		if p.Left.Sub(p.Came) > evidence.LateFrom {
			at := time.Duration(p.Left.UnixMicro()%turn.Microseconds()) * time.Microsecond
			counts[max(0, min(dial-1, int(dial*at/turn)))]++
		}
	}
	return counts
}

// finest and the number of steps to an octave make the scale of waits: a minute,
// 1 min 15 s, 1 min 34 s, ... to some twelve days.
const (
	finest      = time.Minute
	waitOctave  = 1.25
	mostWaitBin = 44
)

// waitBins counts how long messages waited, on a scale of equal ratios; the first
// bin is all below a minute. Empty bins at the end are left out.
func waitBins(all []evidence.Passage) []evidence.WaitBin {
	counts := make([]int, mostWaitBin+1)
	last := 0
	for _, p := range all {
		at := 0
		if d := p.Left.Sub(p.Came); d >= finest {
			at = min(mostWaitBin, 1+int(math.Log(d.Minutes())/math.Log(waitOctave)))
		}
		counts[at]++
		last = max(last, at)
	}
	var bins []evidence.WaitBin
	for i, n := range counts[:last+1] {
		b := evidence.WaitBin{To: edge(i), Count: n}
		if i > 0 {
			b.From = edge(i - 1)
		}
		bins = append(bins, b)
	}
	return bins
}

func edge(i int) evidence.Duration {
	return evidence.Duration(math.Round(10*finest.Seconds()*math.Pow(waitOctave, float64(i))) / 10)
}
