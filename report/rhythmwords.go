package report

import (
	"fmt"
	"strings"
	"time"

	"mailflow/evidence"
)

// HopName names a hop by both its ends.
func HopName(server, to string) string { return joined(" -> ", server, to) }

// RhythmSentence is the verdict about a hop in one sentence, without its name:
// "mail leaves on the clock, every 15 min at :00, :15, :30 and :45: 41 of 44
// messages that waited".
func RhythmSentence(h evidence.HopRhythm, t Times) string {
	switch h.Is {
	case evidence.RhythmClock:
		return joined(": ", "mail leaves on the clock, "+openings(h, t), followers(h))
	case evidence.RhythmRetry:
		return joined(": ", "mail waits for a retry timer, "+retryWords(h), followers(h))
	case evidence.RhythmFixed:
		return joined(": ", "all that wait do so for one time"+prefixed(", ", sumWords(h))+", which may be a retry, a time-out, or clocks that differ", followers(h))
	case evidence.RhythmBacklog:
		return "the hop is slower than the mail that comes: waits grow and shrink with the queue"
	case evidence.RhythmPrompt:
		return "nothing waits here"
	case evidence.RhythmMixed:
		return joined(": ", "a part of what waits follows a rhythm, "+mixedWords(h, t), followers(h))
	}
	return joined(": ", h.Is, h.Why)
}

func mixedWords(h evidence.HopRhythm, t Times) string {
	if len(h.Sums) > 0 || h.Period <= 0 {
		return "as of a retry timer, " + retryWords(h)
	}
	return openings(h, t)
}

// followers says how many of the messages that waited follow the rhythm.
func followers(h evidence.HopRhythm) string {
	n, percent := h.Follow()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s of the %s that waited (%d %%)", grouped(n), messages(h.Waited), percent)
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return grouped(n) + " messages"
}

// retryWords says for how long mail waits, and whose timer that would be.
func retryWords(h evidence.HopRhythm) string {
	every := ""
	if h.Period > 0 {
		every = "every " + lasting(h.Period) + " after a failure"
	}
	return joined(", ", prefixed("waits are ", sumWords(h)), every, prefixed("as of ", h.Ladder))
}

// mostSums is how many lengths of waits a sentence names.
const mostSums = 8

func sumWords(h evidence.HopRhythm) string {
	var words []string
	for i, s := range h.Sums {
		if i == mostSums {
			words = append(words, "...")
			break
		}
		words = append(words, lasting(s))
	}
	return strings.Join(words, ", ")
}

// openings says how often mail leaves, and when that is on the clock.
func openings(h evidence.HopRhythm, t Times) string {
	words := "every " + lasting(h.Period)
	if at := phaseWords(h, t); at != "" {
		words += " at " + at
	}
	if h.Window > 0 {
		words += " for " + lasting(h.Window)
	}
	return words
}

// mostPhases is how many openings a sentence names.
const mostPhases = 6

// phaseWords names the openings: minutes of the hour where these are the same in
// each, else times of the day; "" where they are different every day.
func phaseWords(h evidence.HopRhythm, t Times) string {
	period := h.Period.Duration()
	if period < time.Minute || day%period != 0 {
		return ""
	}
	form, turn := "%02d:%02d", day
	if time.Hour%period == 0 {
		form, turn = ":%02[2]d", time.Hour
	}
	by := t.offset()
	if h.Wall {
		by = 0
	}
	var words []string
	for _, p := range gridAt(h, by, turn) {
		if len(words) == mostPhases {
			words = append(words, "...")
			break
		}
		words = append(words, fmt.Sprintf(form, int(p.Hours()), int(p.Minutes())%60))
	}
	if len(words) == 0 {
		return ""
	}
	return joined(" ", listed(words), phaseZone(h, t, turn == day))
}

// phaseZone says by which clock openings are told; the minutes are the same by
// the clocks of most zones.
func phaseZone(h evidence.HopRhythm, t Times, hours bool) string {
	switch {
	case h.Wall && hours:
		return "by the clock on the wall"
	case hours || t.offset()%time.Hour != 0:
		return t.Name(t.Day)
	}
	return ""
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if n := len(words); n > 1 && words[n-1] != "..." {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, ", ")
}

const day = 24 * time.Hour
