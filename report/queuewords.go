package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"mailflow/evidence"
)

// ForecastLine says what becomes of a queue if attempts go on failing: "earliest
// 14:05, delay notice 18:02, gives up 24 Nov 09:00". What was before the run is
// marked; "" where nothing is known.
func ForecastLine(f evidence.Forecast, t Times) string {
	grows := ""
	if f.Grows {
		grows = "grows"
	}
	return joined(", ", prefixed("earliest ", t.due(f.Next)), prefixed("delay notice ", t.due(f.Notice)), prefixed("gives up ", t.due(f.GivesUp)),
		prefixed("empty in ", drains(f.Drains)), grows)
}

// due tells when something comes, or that its time is past.
func (t Times) due(at *time.Time) string {
	switch {
	case at == nil:
		return ""
	case at.Before(t.Day):
		return t.Minute(*at) + " (past)"
	}
	return t.Minute(*at)
}

func drains(d evidence.Duration) string {
	if d <= 0 {
		return ""
	}
	return lasting(d) + " at this speed"
}

// Speed says how fast a queue grows or shrinks: Velocity is what leaves less what
// comes, in messages a second. "" where the listing has none.
func Speed(velocity *float64) string {
	switch {
	case velocity == nil:
		return ""
	case math.Abs(*velocity) < 0.0005:
		return "stands still"
	case *velocity < 0:
		return "grows by " + rate(-*velocity)
	}
	return "shrinks by " + rate(*velocity)
}

// rate is in the unit that gives a number people can read.
func rate(perSecond float64) string {
	unit, n := "a second", perSecond
	if n < 1 {
		unit, n = "a minute", n*60
	}
	if n < 1 {
		unit, n = "an hour", n*60
	}
	return strconv.FormatFloat(n, 'g', 2, 64) + " " + unit
}

// QueueState is how a queue stands, in our word and in that of its server where
// they differ.
func QueueState(q evidence.Queue) string {
	if q.Said == "" || strings.EqualFold(q.Said, q.State) {
		return q.State
	}
	return q.State + " (" + q.Said + ")"
}

// InstantText tells a time of a listing; one whose zone nobody knows stands as
// the listing has it.
func InstantText(i evidence.Instant, t Times) string {
	switch {
	case i.Known():
		return t.Minute(*i.Time)
	case i.Text != "":
		return i.Text + " (by its server's clock)"
	}
	return ""
}

// AgeColumns are the heads of an age table: minutes up to which messages are
// counted, as Postfix's qshape shows them; the last is what is older.
func AgeColumns() []string {
	var heads []string
	last := ""
	for _, edge := range evidence.AgeEdges() {
		last = fmt.Sprint(int(edge / time.Minute))
		heads = append(heads, last)
	}
	return append(heads, last+"+")
}

// ReasonLine is a reason that messages wait for, with how many do.
func ReasonLine(e evidence.QueueError) string {
	return joined(": ", joined(" ", messages(e.Count), prefixed("for ", e.Domain), inBrackets(e.State)), e.Text)
}
