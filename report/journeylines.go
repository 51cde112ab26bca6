package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"mailflow/evidence"
)

// Bounds of what text shows of journeys.
const (
	mostJourneys = 5
	mostStops    = 30
	mostMissing  = 6 // and notes
	widestText   = 100
	widestName   = 20 // of a server in a column
	roomy        = 60 // from here on there are such columns
)

// Bounds of what pictures show, and text that shows everything.
const (
	drawnJourneys = 20
	drawnRhythms  = 20
	mostClocks    = 20
)

// worstOf is the first of the journeys, which come with the one that was asked for
// and those that took longest first, and how many are left. Others that were not
// late are shown only where there are none that were.
func worstOf(all []evidence.Journey, most int) (worst []evidence.Journey, left int) {
	for _, j := range all {
		if (!j.Sample || j.Asked) && len(worst) < most {
			worst = append(worst, j)
		}
	}
	if len(worst) == 0 {
		worst = all[:min(len(all), most)]
	}
	return worst, len(all) - len(worst)
}

// JourneyLines tells one journey: how it stands, then each stop in a line that
// begins with how long the message was there, or on the way; > is longer than
// that. No line is wider than width, which is at least 40.
func JourneyLines(j evidence.Journey, t Times, width int) []string {
	return journeyLines(j, t, width, func(m evidence.Missing) string { return MissingLine(m, t.within(j)) })
}

// journeyLines tells of a log that is missing what is to be said of it, if anything.
func journeyLines(j evidence.Journey, t Times, width int, lacks func(evidence.Missing) string) []string {
	width = max(width, leastWidth)
	lines := hang("", "  ", j.Message+": "+JourneySummary(j), width)
	lines = append(lines, hang("  ", "  ", JourneyEnvelope(j, t), width)...)
	t = t.within(j)
	column := nameColumn(j)
	for i, s := range j.Stops {
		if i == mostStops {
			lines = append(lines, hang("  ", "  ", "and "+count(len(j.Stops)-i, "more stop"), width)...)
			break
		}
		if s.Travel >= 1 {
			lines = append(lines, amountLines(lasting(s.Travel), "", column, "on the way", width)...)
		}
		lines = append(lines, amountLines(amountOf(s), s.Server, column, joined("; ", stopTimes(s, t), stopWords(j, i)), width)...)
	}
	for _, m := range j.Missing[:min(len(j.Missing), mostMissing)] {
		if words := lacks(m); words != "" {
			lines = append(lines, amountLines("no log", m.Server, column, words, width)...)
		}
	}
	for _, n := range j.Notes[:min(len(j.Notes), mostMissing)] {
		lines = append(lines, hang("  note: ", "    ", n, width)...)
	}
	return lines
}

// amountOf is how long a message was at a stop.
func amountOf(s evidence.Stop) string {
	switch {
	case stays(s) && s.Came != nil:
		return "> " + lasting(s.Wait)
	case s.Came == nil:
		return "?"
	}
	return lasting(s.Wait)
}

// nameColumn is how wide the names of the servers are.
func nameColumn(j evidence.Journey) int {
	widest := 1
	for _, s := range j.Stops[:min(len(j.Stops), mostStops)] {
		widest = max(widest, utf8.RuneCountInString(Visible(s.Server)))
	}
	return min(widest, widestName)
}

// amountLines is a length of time in a column of its own, then a name and words.
// Where the name is wider than its column, or all too narrow, it stands in the
// words.
func amountLines(amount, name string, column int, words string, width int) []string {
	first := fmt.Sprintf("  %13s  ", amount)
	shown := Visible(clip(name, maxShown))
	if n := utf8.RuneCountInString(shown); n <= column && width >= roomy {
		first += shown + strings.Repeat(" ", column-n) + "  "
	} else {
		words = joined(": ", name, words)
	}
	return hang(first, strings.Repeat(" ", utf8.RuneCountInString(first)), words, width)
}

// journeyText tells the worst journeys. How to get the logs that are missing is said
// once for each server, behind them.
func journeyText(all []evidence.Journey, t Times, most, width int) []string {
	worst, left := worstOf(all, most)
	var lines []string
	for i, j := range worst {
		for k, l := range journeyLines(j, t, width-5, whyMissing) {
			prefix := "     "
			if k == 0 {
				prefix = fmt.Sprintf(" %2d. ", i+1)
			}
			lines = append(lines, strings.TrimRight(prefix+l, " "))
		}
	}
	if left > 0 {
		lines = append(lines, "     and "+journeysLeft(all, left))
	}
	return append(lines, missingText(all, width)...)
}

// journeysLeft counts those that are not shown.
func journeysLeft(all []evidence.Journey, left int) string {
	samples := 0
	for _, j := range all {
		if j.Sample {
			samples++
		}
	}
	switch {
	case samples == left:
		return count(left, "message") + " that " + map[bool]string{true: "was", false: "were"}[left == 1] + " not late"
	case samples > 0 && samples < left:
		return count(left, "more message") + fmt.Sprintf(", %d of them not late", samples)
	}
	return count(left, "more message")
}

// clockText tells how far clocks differ.
func clockText(all []evidence.ClockOffset, width int) []string {
	var lines []string
	for _, c := range all[:min(len(all), mostClocks)] {
		lines = append(lines, hang("  - ", "    ", ClockLine(c), width)...)
	}
	if more := len(all) - mostClocks; more > 0 {
		lines = append(lines, "  and "+grouped(more)+" more")
	}
	return lines
}
