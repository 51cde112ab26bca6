package analyzers

import (
	"fmt"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var clockSkew = &diag.Cause{
	Code: "CLOCK-SKEW", Title: "The clocks of two servers differ", Severity: diag.Note,
	Text:   "{subject}: its times are {much} those of {against}[ ({range})][, by {count} messages][, compared over {via}][; {because}] ({where})",
	Ruled:  "{subject}: its times agree with those of {against} ({bounds}, by {count} messages)",
	About:  "Times of two servers can be compared only as far as their clocks agree. A clock that is off makes a delay where there is none, or hides one, and moves the minutes at which a schedule is seen to open. Waits that are read from one server's log alone are not touched by it.",
	Read:   "What two servers log of the same transmissions: a message cannot have come before it was sent, and the sender has the reply only when it has come. So each transmission bounds the difference from one side by its end, and from the other by its beginning. Confirmed where the bounds leave no difference below 2 s. The strictest three in a hundred are left out, against ids that were used twice.",
	Remedy: "Set the clock right (w32tm /query /status, w32tm /resync; chronyc tracking), and see that all servers follow one source. If the difference is a whole number of quarter hours, it is rather the zone in which the log is written: say it with the input zone.",
	Refs:   []string{"RFC 5321 section 4.4", "Windows Time Service tools and settings (w32tm)"},
}

// agree is the difference from which on clocks differ.
const agree = 2 * time.Second

// fewPairs is how many transmissions it takes to confirm a difference.
const fewPairs = 3

// clockSkews judges how far the clocks of servers differ.
func clockSkews() *diag.Analyzer {
	return &diag.Analyzer{Name: "clocks",
		Doc:    "Judges how far the clocks of the servers differ, by the messages that went between them.",
		Needs:  []diag.AnyKey{evidence.Clocks},
		Causes: []*diag.Cause{clockSkew},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for i, o := range evidence.Clocks.In(e) {
				found = append(found, skewed(o, ref(evidence.Clocks.Kind().Name, i)))
			}
			return sift(found, "servers")
		}}
}

func skewed(o evidence.ClockOffset, from string) diag.Finding {
	f := diag.Finding{Code: clockSkew.Code, Subject: clip(o.Server, 80), From: []string{from}, Args: []diag.Arg{
		diag.Text("against", clip(o.Against, 80)), diag.Number("count", o.Sent+o.Back), diag.Text("where", o.Where.String()), diag.Text("bounds", boundsOf(o))}}
	if len(o.Via) > 0 {
		f.Args = append(f.Args, diag.Text("via", clip(strings.Join(o.Via, ", "), 200)))
	}
	low, high := o.Low.Duration(), o.High.Duration()
	switch {
	case o.Steps:
		f.Args = append(f.Args, diag.Text("much", "at some hours other than at others, against"))
		f.Verdict = diag.Confirmed
		return lessSure(f, "the clock of one of them was set, or runs away; no time is corrected for it", "")
	case o.Bounded && low >= -agree && high <= agree && o.Jump != nil:
		return jumped(f, o)
	case o.Bounded && low >= -agree && high <= agree:
		f.Verdict = diag.Excluded
		return f
	case low > agree || high < -agree:
		return apart(f, o)
	}
	return undecided(f, unbounded(o), "logs of both servers with more mail between them, in both directions")
}

// apart says how far clocks are apart that surely are.
func apart(f diag.Finding, o evidence.ClockOffset) diag.Finding {
	f.Verdict = diag.Confirmed
	word, ahead := "ahead of", o.Ahead
	if o.High < 0 {
		word, ahead = "behind", -ahead
	}
	if !o.Bounded && o.Guessed {
		return undecided(f, "the times of one of the logs have no zone, and the messages between them bound the difference from one side only", "the zone of that log: --input zone=Europe/Berlin")
	}
	if !o.Bounded {
		least := max(o.Low, -o.High)
		f.Args = append(f.Args, diag.Text("much", "at least "+diag.Seconds(least.Duration().Round(time.Second/10))+" "+word))
		return lessSure(f, "bound from one side only, so that the times are not corrected", "")
	}
	f.Args = append(f.Args, diag.Text("much", diag.Seconds(ahead.Duration().Round(time.Second/10))+" "+word), diag.Text("range", boundsOf(o)))
	switch zone := inQuarters(ahead.Duration()); {
	case zone != "":
		return lessSure(f, "that is "+zone+": rather the zone in which one of the logs is written than a wrong clock. It is corrected", "")
	case o.Sent+o.Back < fewPairs:
		return lessSure(f, "few messages say so", "")
	case o.Guessed:
		return lessSure(f, "the times of one of the logs have no zone, and nobody said which it is, so that by whole zones it may be another difference: say it with --input zone=Europe/Berlin. Times were corrected for it", "")
	}
	f.Args = append(f.Args, diag.Text("because", "times were corrected for it"))
	return f
}

// jumped says that clocks which agree did not for a while. A few messages say so,
// and nothing says which of the two was off.
func jumped(f diag.Finding, o evidence.ClockOffset) diag.Finding {
	f.Verdict = diag.Confirmed
	word, by := "ahead of", o.Jump.By
	if by < 0 {
		word, by = "behind", -by
	}
	for i := range f.Args {
		switch f.Args[i].Name {
		case "count":
			f.Args[i] = diag.Number("count", o.Jump.Messages)
		case "where":
			f.Args[i] = diag.Text("where", o.Jump.Where.String())
		}
	}
	f.Args = append(f.Args, diag.Text("much", "for a while "+diag.Seconds(by.Duration().Round(time.Second/10))+" "+word))
	return lessSure(f, fmt.Sprintf("messages that left from %s to %s UTC say so, and all others that they agree; no time is corrected for it, so that what seems to be the way then may be the clock", o.Jump.From.Format("2006-01-02 15:04:05"), o.Jump.To.Format("15:04:05")), "")
}

// inQuarters tells a difference that zones make: a whole number of quarter hours.
func inQuarters(d time.Duration) string {
	near := d.Round(15 * time.Minute)
	if near < 30*time.Minute || near > 26*time.Hour || (d-near).Abs() > 30*time.Second {
		return ""
	}
	return fmt.Sprintf("%g hours", near.Hours())
}

func boundsOf(o evidence.ClockOffset) string {
	return fmt.Sprintf("between %s and %s", signed(o.Low), signed(o.High))
}

func signed(d evidence.Duration) string {
	text := diag.Seconds(d.Duration().Round(time.Second / 10))
	if d > 0 {
		return "+" + text
	}
	return text
}

// unbounded says why nothing can be said.
func unbounded(o evidence.ClockOffset) string {
	switch {
	case o.Bounded:
		return "the messages that went between them leave " + boundsOf(o) + " open, by which its clock may be off"
	case o.Low == 0 && o.High == 0:
		return "the messages that went between them contradict each other, or none went directly"
	}
	if o.High > 0 {
		return "the messages between them bound the difference from one side only: it is at most " + diag.Seconds(o.High.Duration().Round(time.Second/10)) + " ahead, and how much of that is the way they do not tell"
	}
	return "the messages between them bound the difference from one side only: it is at most " + diag.Seconds(-o.Low.Duration().Round(time.Second/10)) + " behind, and how much of that is the way they do not tell"
}
