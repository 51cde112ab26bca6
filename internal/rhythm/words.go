package rhythm

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The findings and their sentences. Nothing is decided here but what to call it.

func (f Finding) little(why string) Finding {
	f.Verdict, f.Why = TooLittle, why
	return f
}

func (f Finding) prompt() Finding {
	f.Verdict, f.Strength = Prompt, 1-float64(f.Waited)/float64(f.N)
	f.Why = fmt.Sprintf("%s of %s messages left at once: there is no rhythm to explain", count(f.N-f.Waited), count(f.N))
	return f
}

func (f Finding) fewWaited(h *hop) Finding {
	if 10*f.Waited <= f.N {
		return f.prompt()
	}
	return f.little(fmt.Sprintf("only %s messages waited longer than %s; %d would be needed", count(f.Waited), span(h.least), least))
}

func (f Finding) backlog() Finding {
	f.Verdict, f.Strength, f.P = Backlog, f.Correlation, min(1, correlated(f.Correlation, f.Waited))
	f.Why = "the more messages are in the queue, the longer each waits, in the order in which they came: the hop is slower than what comes"
	return f
}

func (f Finding) grid(h *hop, g grid) Finding {
	f.Verdict, f.Strength, f.P = ClockGrid, g.mass, g.p
	f.Wall = h.wall
	f.Period = duration(g.period)
	for _, p := range h.phases(g) {
		f.Phases = append(f.Phases, duration(p))
	}
	f.Phase = f.Phases[0]
	if len(g.starts) == 1 {
		f.Window = duration(h.window(g, f.Phase.Microseconds()))
	}
	f.Why = fmt.Sprintf("the clock: mail that waited left at %s, whenever it had come", f.times())
	if g.mass < onTime {
		f.Verdict = Mixed
		f.Why = fmt.Sprintf("%.0f %% of the mail that waited left at %s, whenever it had come; the rest follows something else", 100*g.mass, f.times())
	}
	return f
}

// times is "every 30 min, at 7 min".
func (f Finding) times() string {
	var at []string
	for _, p := range f.Phases {
		at = append(at, p.Round(time.Second).String())
	}
	zone := "UTC"
	if f.Wall {
		zone = "on the clock on the wall"
	}
	return fmt.Sprintf("%s after midnight %s and every %s from there", strings.Join(at, " and "), zone, span(f.Period.Microseconds()))
}

func (f Finding) doubtful(g grid, d doubt) Finding {
	f.Period = 0
	if d == halves {
		return f.little(fmt.Sprintf("mail left by the clock, but too few openings are known to tell whether it opens every %s or more often", span(g.period)))
	}
	f.Verdict = NoRhythm
	f.Why = fmt.Sprintf("mail left every %s, but a clock and a retry timer of the queue would look the same: failed attempts would tell", span(g.period))
	return f
}

func (f Finding) eitherWay(g grid) Finding {
	f.Verdict = NoRhythm
	f.Why = fmt.Sprintf("mail comes by the clock, every %s or a part of it, so that a hop that opens by the clock and one that retries look the same: failed attempts, or mail sent at other times, would tell", span(g.period))
	return f
}

func (f Finding) ladder(found []cluster, in float64, o Options) Finding {
	var sums []int64
	f.P = 1
	for _, c := range found {
		sums = append(sums, c.sum)
		f.Sums = append(f.Sums, duration(c.sum))
		f.P = min(f.P, c.p)
	}
	f.Strength = in
	f.Ladder, f.Steps = match(sums, o.Ladders)
	if f.Steps == nil {
		f.Steps = differences(sums)
	}
	switch {
	case in < share:
		f.Verdict = Mixed
		f.Why = fmt.Sprintf("%.0f %% of the mail that waited did so for %s, whatever the clock, as in retries; the rest follows something else", 100*in, spans(sums))
	case len(sums) == 1:
		f.Verdict, f.Steps = FixedWait, differences(sums)
		f.Why = "a timer of " + span(sums[0]) + " that starts with each message: a first retry or a time-out, or, if both times are not of one server, clocks that differ; failed attempts would tell"
	default:
		f.Verdict = RetryLadder
		f.Why = "a timer that starts when a message fails: waits cluster at " + spans(sums) + ", whatever the clock" + f.known()
	}
	return f
}

func (f Finding) known() string {
	if f.Ladder == "" {
		return ""
	}
	return ", as with " + f.Ladder
}

func (f Finding) attempted(h *hop, steps []int64, n int, o Options) Finding {
	f.Verdict, f.Strength, f.P = RetryLadder, float64(n)/float64(len(h.late)), tail(float64(n), 0.8*float64(n), 0.2)
	var sums []int64
	sum := int64(0)
	for _, s := range steps {
		sum += s
		sums = append(sums, sum)
		f.Steps = append(f.Steps, duration(s))
		f.Sums = append(f.Sums, duration(sum))
	}
	f.Ladder, _ = match(sums, o.Ladders)
	f.Why = "retries: failed attempts are followed by the next after " + spans(steps) + f.known()
	return f
}

func (f Finding) backoff(in, n int, b *Backoff) Finding {
	f.Verdict, f.Strength, f.P = RetryLadder, float64(in)/float64(n), tail(float64(n), float64(in), 0.5)
	f.Ladder, f.Period = b.Name, b.Scan
	sum := time.Duration(0)
	for step := b.Least; len(f.Steps) < 5; step = min(max(sum, b.Least), b.Most) {
		sum += step
		f.Steps, f.Sums = append(f.Steps, step), append(f.Sums, sum)
	}
	f.Why = fmt.Sprintf("retries: an attempt that failed is followed by the next when the message is as old again (%s at least, %s at most), at the look at the queue that comes then, every %s, as with %s",
		span(b.Least.Microseconds()), span(b.Most.Microseconds()), span(b.Scan.Microseconds()), b.Name)
	return f
}

func (f Finding) queue(r retry) Finding {
	f.Verdict, f.Strength, f.P = RetryLadder, r.mass, r.p
	f.Period = duration(r.interval)
	f.Steps = []time.Duration{f.Period}
	f.Why = fmt.Sprintf("a retry timer of the queue: mail leaves in bursts every %s or so, and %s", span(r.interval), r.why)
	return f
}

func differences(sums []int64) (steps []time.Duration) {
	last := int64(0)
	for _, s := range sums {
		steps = append(steps, duration(s-last))
		last = s
	}
	return steps
}

func count(n int) string { return strconv.Itoa(n) }

func spans(us []int64) string {
	var all []string
	for _, u := range us {
		all = append(all, span(u))
	}
	return strings.Join(all, ", ")
}

// span is "30m" or "1h30m", to the second.
func span(us int64) string {
	s := duration(us).Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
