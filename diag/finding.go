package diag

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Verdict says what the evidence says of a cause. It is apart from Severity
// on purpose: severity belongs to the cause, verdict to the evidence.
type Verdict int

// The verdicts, weakest first.
const (
	Excluded  Verdict = iota // the evidence speaks against it
	Unknown                  // could not tell; the finding says why
	Suspected                // one sign of it
	Confirmed                // what must be seen was seen
)

var verdictNames = []string{"excluded", "could-not-tell", "suspected", "confirmed"}

// String gives the verdict's name in reports.
func (v Verdict) String() string { return nameOf(verdictNames, int(v)) }

// MarshalText writes the verdict's name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a verdict's name.
func (v *Verdict) UnmarshalText(b []byte) error { return fromName(verdictNames, b, (*int)(v)) }

// A Severity says how bad a cause is for mail.
type Severity int

// The severities, mildest first. Unset is for Finding.Severity only.
const (
	Unset    Severity = iota // the finding keeps its cause's severity
	Note                     // worth knowing
	Degraded                 // works, at a risk or a cost
	Delayed                  // mail waits
	Stopped                  // mail does not move
)

var severityNames = []string{"", "note", "degraded", "delayed", "stopped"}

// String gives the severity's name in reports.
func (s Severity) String() string { return nameOf(severityNames, int(s)) }

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(b []byte) error { return fromName(severityNames, b, (*int)(s)) }

func nameOf(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return strconv.Itoa(i)
	}
	return names[i]
}

func fromName(names []string, b []byte, to *int) error {
	for i, n := range names {
		if n == string(b) {
			*to = i
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", b, strings.TrimSpace(strings.Join(names, " ")))
}

// A Finding is one conclusion: this cause is confirmed, suspected, excluded or
// undecided, here, because of that. It carries a code and typed arguments; the
// sentence is made in the views.
type Finding struct {
	Code     string   `json:"code"`
	Verdict  Verdict  `json:"verdict"`
	Subject  string   `json:"subject"`            // host, "host [address]", connector, hop
	Severity Severity `json:"severity,omitempty"` // where it differs from the cause's
	Message  string   `json:"message,omitempty"`  // Message-ID, when it is about one message
	Args     []Arg    `json:"args,omitempty"`
	Wait     *Span    `json:"wait,omitempty"`  // when mail stood still for it, if known
	From     []string `json:"from,omitempty"`  // evidence that says so: "smtp.sessions[2]"
	Basis    string   `json:"basis,omitempty"` // "inference", "from memory": a fact behind it that no source proves
}

// A Span is a stretch of time in which mail stood still.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Length is the span's duration.
func (s Span) Length() time.Duration { return s.To.Sub(s.From) }

// An Arg is one typed argument of a finding. Exactly one value is set, as
// Type says: text, number, duration, time or list.
type Arg struct {
	Name       string    `json:"name"`
	Type       string    `json:"type"`
	Text       string    `json:"text,omitempty"`
	Number     float64   `json:"number,omitempty"`
	DurationNS int64     `json:"duration_ns,omitempty"`
	Time       time.Time `json:"time,omitzero"`
	List       []string  `json:"list,omitempty"`
}

// Text makes a text argument.
func Text(name, v string) Arg { return Arg{Name: name, Type: "text", Text: v} }

// Number makes a number argument.
func Number[N int | int64 | uint16 | uint32 | float64](name string, v N) Arg {
	return Arg{Name: name, Type: "number", Number: float64(v)}
}

// Duration makes a duration argument.
func Duration(name string, v time.Duration) Arg {
	return Arg{Name: name, Type: "duration", DurationNS: int64(v)}
}

// Time makes an argument that is a point in time.
func Time(name string, v time.Time) Arg { return Arg{Name: name, Type: "time", Time: v.UTC()} }

// List makes an argument of several texts.
func List(name string, v []string) Arg { return Arg{Name: name, Type: "list", List: v} }

// String prints the value for a sentence: durations in seconds, times in UTC.
func (a Arg) String() string {
	switch a.Type {
	case "number":
		return strconv.FormatFloat(a.Number, 'f', -1, 64)
	case "duration":
		return Seconds(time.Duration(a.DurationNS))
	case "time":
		return a.Time.UTC().Format("2006-01-02 15:04:05 UTC")
	case "list":
		return strings.Join(a.List, ", ")
	}
	return a.Text
}

// Seconds prints a duration the way every view does: "0.004 s", "12.3 s",
// "3 min 45 s", "30 min", "4 h 5 min", "9 d 3 h". From two minutes on, parts of a second say nothing.
func Seconds(d time.Duration) string {
	if d >= 2*time.Minute {
		d = d.Round(time.Second)
	}
	s := d.Seconds()
	switch {
	case s == 0:
		return "0 s"
	case s < 1 && s > -1:
		return strconv.FormatFloat(s, 'f', 3, 64) + " s"
	case d >= 72*time.Hour:
		return twoUnits(int64(d/(24*time.Hour)), " d", int64(d%(24*time.Hour)/time.Hour), " h")
	case d >= 3*time.Hour:
		return twoUnits(int64(d/time.Hour), " h", int64(d%time.Hour/time.Minute), " min")
	case d >= 2*time.Minute:
		return twoUnits(int64(d/time.Minute), " min", int64(d%time.Minute/time.Second), " s")
	case d%time.Second == 0:
		return strconv.FormatFloat(s, 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(s, 'f', 1, 64) + " s"
}

// twoUnits leaves the smaller unit out where there is none of it.
func twoUnits(large int64, of string, small int64, smaller string) string {
	text := strconv.FormatInt(large, 10) + of
	if small > 0 {
		text += " " + strconv.FormatInt(small, 10) + smaller
	}
	return text
}
