package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mailflow/evidence"
)

// barsAt is where the rows of characters begin; mostRhythms how many hops text
// shows.
const (
	barsAt      = 11
	mostRhythms = 6
)

// RhythmLines tells the rhythm of a hop: in a sentence, then when messages that
// waited left it and how long they waited, each as a row of characters over its
// scale. No line is wider than width, which is at least 40.
func RhythmLines(h evidence.HopRhythm, t Times, width int) []string {
	width = max(width, leastWidth)
	lines := hang("", "  ", joined(": ", HopName(h.Server, h.To), RhythmSentence(h, t)), width)
	if d := dialOf(h, t); d.Turn > 0 && most(d.Minutes) > 0 {
		bars, marks := RhythmBars(h, t)
		lines = append(lines, barLines("  left", bars, width, append([]string{marks}, d.scale(10, width-barsAt)...)...)...)
	}
	if len(lateBins(h)) > 0 {
		bars, marks := WaitBars(h)
		lines = append(lines, barLines("  waited", bars, width, marks, waitScale(h))...)
	}
	return lines
}

func most(counts []int) int {
	n := 0
	for _, c := range counts {
		n = max(n, c)
	}
	return n
}

// barLines are a row of bars, and under it its marks and its scale; nothing where
// they have no room.
func barLines(heading, bars string, width int, under ...string) []string {
	if barsAt+utf8.RuneCountInString(bars) > width {
		return nil
	}
	lines := []string{fmt.Sprintf("%-*s%s", barsAt, heading, bars)}
	for _, row := range under {
		if row != "" {
			lines = append(lines, cut(strings.Repeat(" ", barsAt)+row, width))
		}
	}
	return lines
}

// cut is what of a text fits.
func cut(s string, width int) string {
	runes := []rune(s)
	return strings.TrimRight(string(runes[:min(len(runes), width)]), " ")
}

// A label is a text at a place of a scale.
type label struct {
	at   int
	text string
}

// scaled writes labels where they belong, those that have room.
func scaled(labels []label) string {
	row := ""
	for _, l := range labels {
		if l.at == 0 || l.at > len(row) {
			row += strings.Repeat(" ", l.at-len(row)) + l.text
		}
	}
	return row
}

// scale is the clock under a dial, each so many parts, and whose clock that is: beside
// it, or beneath where there is no room.
func (d dial) scale(each, width int) []string {
	var labels []label
	for i := 0; i < len(d.Minutes); i += each {
		labels = append(labels, label{i, d.clock(i)})
	}
	row := scaled(labels)
	if utf8.RuneCountInString(row)+2+utf8.RuneCountInString(d.Zone) > width {
		return []string{row, d.Zone}
	}
	return []string{row + "  " + d.Zone}
}

// clock is where a part of the dial begins: a minute of the hour, a time of the
// day where all turns of a day are alike, else how long after the turn began.
func (d dial) clock(part int) string {
	at := d.Turn / dialParts * time.Duration(part)
	switch {
	case d.Turn == time.Hour:
		return fmt.Sprintf(":%02d", int(at.Minutes()))
	case day%d.Turn == 0:
		return fmt.Sprintf("%02d:%02d", int(at.Hours()), int(at.Minutes())%60)
	}
	return "+" + compact(evidence.Duration(at.Seconds()))
}

// compact is a length of time for a scale: "15m", "1h30m".
func compact(d evidence.Duration) string {
	return strings.NewReplacer(" ", "", "min", "m").Replace(lasting(d))
}

// roundWaits are the lengths that a scale of waits names.
func roundWaits() []evidence.Duration {
	return []evidence.Duration{120, 300, 900, 3600, 4 * 3600, 86400, 4 * 86400, 30 * 86400}
}

// waitScale is the scale under the lengths of waits.
func waitScale(h evidence.HopRhythm) string {
	bins := lateBins(h)
	var labels []label
	for _, d := range roundWaits() {
		for i, b := range bins {
			if b.From <= d && d < b.To {
				labels = append(labels, label{i, compact(d)})
				break
			}
		}
	}
	return scaled(labels)
}

// rhythmText tells the rhythms of hops that let mail wait; of each the clock of
// its own time.
func rhythmText(all []hopRhythm, most, width int) []string {
	var lines []string
	for i, h := range all {
		if i == most {
			return append(lines, "  and "+count(len(all)-i, "more hop"))
		}
		for _, l := range RhythmLines(h.HopRhythm, h.times, width-2) {
			lines = append(lines, "  "+l)
		}
	}
	return lines
}
