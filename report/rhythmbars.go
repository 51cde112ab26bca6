package report

import (
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

// A dial is when messages that waited left a hop, over one turn: an hour, or the
// period where that is longer. It begins on the full hour of Zone, or at its
// midnight.
type dial struct {
	Minutes []int
	Grid    []float64 // openings of the rhythm that was found, as shares of the turn
	Turn    time.Duration
	Zone    string
}

// dialParts is how many parts a turn has (evidence.HopRhythm).
const dialParts = 60

// mostGrid is how many openings a turn may have, so that a chart shows more than
// these.
const mostGrid = 60

// dialOf turns the counts, which are of UTC, to the zone of t. Where that is not
// by whole bars they stay in UTC.
func dialOf(h evidence.HopRhythm, t Times) dial {
	d := dial{Minutes: h.Minutes, Turn: clamped(h.Turn), Zone: Times{local: t.local}.Name(t.Day)}
	if d.Turn <= 0 || len(d.Minutes) != dialParts {
		return dial{}
	}
	offset, by := t.offset(), time.Duration(0)
	if h.Wall {
		by = -offset
	}
	if part := d.Turn / dialParts; part > 0 && offset%part == 0 && !t.Day.IsZero() {
		d.Minutes, d.Zone, by = rotated(d.Minutes, int(offset/part)), t.Name(t.Day), by+offset
	}
	for _, at := range gridAt(h, by, d.Turn) {
		d.Grid = append(d.Grid, float64(at)/float64(d.Turn))
	}
	return d
}

// offset is how far the clocks of the zone were ahead of UTC on the day.
func (t Times) offset() time.Duration {
	_, seconds := t.Day.In(t.Zone.Location()).Zone()
	return time.Duration(seconds) * time.Second
}

// rotated is a turn whose parts are so many places later.
func rotated(counts []int, by int) []int {
	n := len(counts)
	by = (by%n + n) % n
	return slices.Concat(counts[n-by:], counts[:n-by])
}

// gridAt is when a hop opens within a turn, later by so much: its phases, repeated
// each period, in order. None where openings stand at other places in each turn.
func gridAt(h evidence.HopRhythm, by, turn time.Duration) []time.Duration {
	period := clamped(h.Period)
	if !onClock(h) || period <= 0 || turn%period != 0 || int64(turn/period) > mostGrid {
		return nil
	}
	var all []time.Duration
	for _, p := range h.Phases[:min(len(h.Phases), mostGrid)] {
		first := ((clamped(p)+by)%period + period) % period
		for at := first; at < turn; at += period {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// onClock says whether the period of a rhythm is one of openings: that of a retry
// timer begins with a failure.
func onClock(h evidence.HopRhythm) bool {
	return h.Is == evidence.RhythmClock || h.Is == evidence.RhythmMixed && len(h.Sums) == 0
}

// RhythmBars shows in one row of block characters when messages that waited left:
// a character for each minute of the hour, or for each part of a longer turn; ^
// in the second row is an opening of the rhythm that was found. Both are empty
// where nothing waited.
func RhythmBars(h evidence.HopRhythm, t Times) (bars, marks string) {
	d := dialOf(h, t)
	row := make([]int, len(d.Grid))
	for i, at := range d.Grid {
		row[i] = int(at * float64(len(d.Minutes)))
	}
	return blocks(d.Minutes), marked(len(d.Minutes), row)
}

// WaitBars shows in one row how long messages waited, on a scale on which each
// character is a quarter longer than the one before it; ^ in the second row is
// where the rhythm that was found says that waits gather. What waited less than
// two minutes is not in it: healthy mail would hide the rest.
func WaitBars(h evidence.HopRhythm) (bars, marks string) {
	bins := lateBins(h)
	counts, row := make([]int, len(bins)), []int{}
	for i, b := range bins {
		counts[i] = b.Count
	}
	for _, s := range h.Sums {
		if i := slices.IndexFunc(bins, func(b evidence.WaitBin) bool { return b.From <= s && s < b.To }); i >= 0 {
			row = append(row, i)
		}
	}
	return blocks(counts), marked(len(bins), row)
}

// mostBins is how many lengths of waits are drawn: more than any collector makes.
const mostBins = 100

// lateBins are the waits that count as late.
func lateBins(h evidence.HopRhythm) []evidence.WaitBin {
	late := slices.DeleteFunc(slices.Clone(h.Waits), func(b evidence.WaitBin) bool { return b.To <= evidence.Duration(evidence.LateFrom.Seconds()) })
	return late[:min(len(late), mostBins)]
}

// promptOf counts those that waited less.
func promptOf(h evidence.HopRhythm) int {
	n := 0
	for _, b := range h.Waits {
		if b.To <= evidence.Duration(evidence.LateFrom.Seconds()) {
			n += max(0, b.Count)
		}
	}
	return n
}

// blocks draws counts as characters of eight heights; none at all is a point.
func blocks(counts []int) string {
	const heights = "▁▂▃▄▅▆▇█"
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	var row strings.Builder
	for _, n := range counts {
		if n <= 0 {
			row.WriteByte('.')
			continue
		}
		row.WriteRune([]rune(heights)[min(7, int(8*float64(n-1)/float64(most)))])
	}
	return row.String()
}

// marked has a ^ at each of the places.
func marked(width int, at []int) string {
	row := []byte(strings.Repeat(" ", width))
	for _, i := range at {
		if i >= 0 && i < width {
			row[i] = '^'
		}
	}
	return strings.TrimRight(string(row), " ")
}
