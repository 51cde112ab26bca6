package whatif

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mailflow/diag"
)

// Lines tells one result as text, no wider than width where that is 60 or more.
func Lines(q Question, r Result, width int) []string {
	lines := append(fold(q.senderLines(r.Sender), width), fold([]string{q.Words()}, width)...)
	lines = append(append(lines, ""), table([]Result{r}, nil)...)
	lines = append(append(lines, ""), chart(r, q.Trouble.fails(), width)...)
	return append(append(lines, cut([]Result{r})...), aside(q.moot([]Result{r}), width)...)
}

// Compared tells results side by side.
func Compared(q Question, all []Result, width int) []string {
	return append(compared(q, all, nil, width), aside(q.moot(all), width)...)
}

// aside is a sentence by itself, nothing where there is none.
func aside(words string, width int) []string {
	if words == "" {
		return nil
	}
	return append([]string{""}, fold([]string{words}, width)...)
}

// compared sets them behind columns that are ready.
func compared(q Question, all []Result, first []cell, width int) []string {
	var lines []string
	for i, r := range all {
		for j, l := range q.senderLines(r.Sender) {
			mark := "   "
			if j == 0 {
				mark = letter(i) + ": "
			}
			lines = append(lines, fold([]string{mark + l}, width)...)
		}
	}
	lines = append(lines, fold([]string{q.Words()}, width)...)
	return append(append(append(lines, ""), table(all, first)...), cut(all)...)
}

func letter(i int) string { return string(rune('A' + i%26)) }

// senderLines say how a sender tries again.
func (q Question) senderLines(s Sender) []string {
	name := s.Name
	if s.Unproved {
		name += " (intervals from memory)"
	}
	lines := []string{name}
	if q.Trouble.breaks() {
		lines = append(lines, "  tries again after "+inWords(s.Steps)+", and so on", "  "+rule(s))
	}
	if q.Trouble.putsOff() {
		words := "  a message that is put off: again after " + inWords(s.single()) + ", and so on"
		if s.Scan > 0 && !q.Trouble.breaks() {
			words += ", when the queue is looked at every " + diag.Seconds(s.Scan)
		}
		lines = append(lines, words)
	}
	if s.Pace > 0 {
		lines = append(lines, "  sends "+pace(s.Pace))
	}
	if words := s.Opens.words(); words != "" {
		lines = append(lines, "  sends "+words)
	}
	if s.Pool > 1 {
		lines = append(lines, fmt.Sprintf("  from a pool of %d addresses", s.Pool))
	}
	return lines
}

// rule says whose timer it is.
func rule(s Sender) string {
	words := "a timer for each message"
	if s.Queue {
		words = "one timer for all mail for the next hop"
	}
	if s.Scan > 0 {
		words += ", looked at every " + diag.Seconds(s.Scan)
	}
	return words
}

func (g Gate) words() string {
	switch {
	case g.Week != nil && g.Name != "":
		return "over " + g.Name + ": " + g.Week.Words()
	case g.Week != nil:
		return g.Week.Words()
	case g.Every == 0:
		return ""
	}
	words := "every " + diag.Seconds(g.Every)
	if g.For > 0 {
		words += " for " + diag.Seconds(g.For)
	}
	for i, at := range g.At {
		words += [2]string{" and", " at"}[1-min(i, 1)] + " " + hourOf(at)
	}
	return words
}

// Words say what comes, and what stands in its way.
func (q Question) Words() string {
	m, words := q.Mail, ""
	switch {
	case len(m.Came) > 0:
		words = fmt.Sprintf("%d messages, as they came", len(m.Came))
	case m.Over == 0:
		words = fmt.Sprintf("%d messages at %s", m.Count, hourOf(m.From))
	case m.Over == day:
		words = fmt.Sprintf("%d messages, evenly over a day", m.Count)
	default:
		words = fmt.Sprintf("%d messages, evenly over %s from %s", m.Count, diag.Seconds(m.Over), hourOf(m.From))
	}
	return strings.Join(append([]string{words}, q.Trouble.words()...), "; ")
}

func (t Trouble) words() []string {
	var all []string
	say := func(on bool, format string, args ...any) {
		if on {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	say(t.Down > 0, "the next hop is down for %s from %s", diag.Seconds(t.Down), hourOf(t.DownFrom))
	say(t.Greylist > 0, "greylisting lets pass after %s", diag.Seconds(t.Greylist))
	say(t.Greylist > 0 && t.OneNet, "it takes all addresses of a /24 as one")
	say(t.Fails > 0, "%s of connections fail", percent(t.Fails))
	say(len(t.FailsAgain) > 0, "of further attempts %s", percents(t.FailsAgain))
	say(t.Refuses > 0, "%s of messages are put off at each attempt", percent(t.Refuses))
	say(t.Pressure > 0, "%s of each %s no mail is taken", diag.Seconds(t.Pressure), diag.Seconds(t.PressureEvery))
	say(t.Rate > 0, "the next hop takes %s", pace(t.Rate))
	say(t.Spares > 0, "%s of messages go another way", percent(t.Spares))
	return all
}

func percent(f float64) string { return fmt.Sprintf("%.3g %%", 100*f) }

// percents lists shares, cut where there are many.
func percents(all []float64) string {
	var words []string
	for i, f := range all {
		if i == 4 {
			words = append(words, "...")
			break
		}
		words = append(words, percent(f))
	}
	return strings.Join(words, ", ")
}

func pace(every time.Duration) string {
	if perMinute := float64(time.Minute) / float64(every); perMinute >= 1 {
		return fmt.Sprintf("%.3g messages a minute", perMinute)
	}
	return fmt.Sprintf("%.3g messages an hour", float64(time.Hour)/float64(every))
}

func hourOf(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// inWords lists steps, the same ones together: "4 x 1 min, 6 x 5 min, 10 min".
func inWords(steps []time.Duration) string {
	var words []string
	for i := 0; i < len(steps); {
		n := 1
		for i+n < len(steps) && steps[i+n] == steps[i] {
			n++
		}
		word := Length(steps[i])
		if n > 1 {
			word = fmt.Sprintf("%d x %s", n, word)
		}
		if words = append(words, word); len(words) == 12 && i+n < len(steps) {
			return strings.Join(words, ", ") + ", ..."
		}
		i += n
	}
	return strings.Join(words, ", ")
}

// Length is a wait for people: to the second below ten minutes, then to the minute.
func Length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < 10*time.Minute && d.Round(time.Second)%time.Minute != 0:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 48*time.Hour:
		d = d.Round(time.Minute)
		if d%time.Hour == 0 {
			return fmt.Sprintf("%d h", d/time.Hour)
		}
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%.3g days", d.Hours()/24)
}

func pad(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}

// fold breaks lines at spaces; what follows stands a little to the right.
func fold(lines []string, width int) []string {
	var all []string
	for _, l := range lines {
		indent := strings.Repeat(" ", len(l)-len(strings.TrimLeft(l, " ")))
		line := ""
		for _, word := range strings.Fields(l) {
			switch {
			case line == "":
				line = indent + word
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
				all = append(all, line)
				line = indent + "  " + word
			default:
				line += " " + word
			}
		}
		all = append(all, line)
	}
	return all
}
