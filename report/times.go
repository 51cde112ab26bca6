package report

import (
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// Times is how views tell moments: in which zone, and of which day they leave the
// date out. Zero tells all in UTC, with dates.
type Times struct {
	Zone  evidence.TimeZone
	Day   time.Time
	local bool // of a server whose zone nobody named
}

// TimesOf is the zone that the operator asked for, and the day of the run.
func TimesOf(r *diag.Report) Times {
	c := clockOf(r)
	return Times{Zone: c.zone, Day: c.at}
}

// HopTimes is how the times of a hop are told: daylight saving counts as it stood
// when its last message left, and a log that names no zone is told by its own
// clock.
func HopTimes(t Times, h evidence.HopTraffic) Times {
	if h.Local {
		return Times{Day: h.Last, local: true}
	}
	if !h.Last.IsZero() {
		t.Day = h.Last
	}
	return t
}

// Of tells a moment to the second: "10:02:11", "24 Nov 10:02:11". Of another year
// than that of Day it has the year, too.
func (t Times) Of(at time.Time) string { return t.tell(at, "15:04:05") }

// Minute tells a moment to the minute: "10:02", "24 Nov 10:02".
func (t Times) Minute(at time.Time) string { return t.tell(at, "15:04") }

func (t Times) tell(at time.Time, clock string) string {
	at = at.In(t.Zone.Location())
	day := t.Day.In(t.Zone.Location())
	switch {
	case at.Year() != day.Year():
		return at.Format("2 Jan 2006 " + clock)
	case at.YearDay() != day.YearDay():
		return at.Format("2 Jan " + clock)
	}
	return at.Format(clock)
}

// Name is what the zone is called at a moment: "UTC", "CET", "UTC+05:45".
func (t Times) Name(at time.Time) string {
	if t.local {
		return "its server's clock"
	}
	if name := (weekClock{t.Zone, at}).name(); name != "GMT" || t.Zone.String() != "" && t.Zone.String() != "UTC" {
		return name
	}
	return "UTC"
}

// span tells a stretch of time; the second moment has no date of its own where it
// is of the same day.
func (t Times) span(from, to time.Time) string {
	return t.Of(from) + " to " + Times{Zone: t.Zone, Day: from}.Of(to)
}
