package queuelist

import (
	"strconv"
	"strings"
	"time"
)

// maxYears is how far back a 29 February is looked for: none in 2100.
const maxYears = 8

// ArrivedAt is when a message arrived. Where the listing has no year, it is the
// last one in which the time, in the zone of the server, is not after near, the
// time of the listing. It gives false where that cannot be: no time, another
// weekday, or an hour that a clock change left out or made twice.
func (m *Message) ArrivedAt(near time.Time, loc *time.Location) (time.Time, bool) {
	if !m.Arrived.IsZero() {
		return m.Arrived, true
	}
	words := strings.Fields(m.ArrivedText)
	weekday := -1
	if len(words) == 4 {
		weekday = named(weekdays, words[0])
		words = words[1:]
	}
	if len(words) != 3 {
		return time.Time{}, false
	}
	day, err := strconv.Atoi(words[1])
	month := named(months, words[0])
	at, ok := readClock(words[2])
	if err != nil || month < 0 || !ok {
		return time.Time{}, false
	}
	t, ok := latest(near, loc, time.Month(month+1), day, at)
	if !ok || weekday >= 0 && t.Weekday() != time.Weekday(weekday) {
		return time.Time{}, false
	}
	return t, once(t)
}

// latest finds the last year that has a date and time not after near.
func latest(near time.Time, loc *time.Location, month time.Month, day int, at clock) (time.Time, bool) {
	this := near.In(loc).Year()
	for year := this; year > this-maxYears; year-- {
		t := time.Date(year, month, day, at.hour, at.minute, at.second, 0, loc)
		if t.Day() != day || t.After(near) {
			continue
		}
		h, m, s := t.Clock()
		return t, clock{h, m, s} == at // another: the clocks went over it
	}
	return time.Time{}, false
}

// once says that no other moment near has the same date and time.
func once(t time.Time) bool {
	const wall = "2006-01-02 15:04:05"
	for _, shift := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} { // Lord Howe Island changes by half an hour
		if t.Add(shift).Format(wall) == t.Format(wall) {
			return false
		}
	}
	return true
}
