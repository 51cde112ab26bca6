// Package walltime reads times that were written for people: in the order of a
// country, and without a zone. Export-Csv and Format-List write them so
// (knowledge/evidence-formats.md, section 2, "Exports of the same data").
//
// One text alone often does not say whether 5/1/2026 is a day in January or in
// May; all texts of a file together mostly do (Orders). Nor does it name a zone:
// where that is known, Clock finds the instant, through daylight saving.
package walltime

import (
	"strings"
	"time"
)

// Order is in which order a date names its parts.
type Order string

// The orders that are in use.
const (
	YearFirst  Order = "year-month-day"
	DayFirst   Order = "day/month/year"
	MonthFirst Order = "month/day/year"
)

func orders() [3]Order { return [3]Order{YearFirst, DayFirst, MonthFirst} }

// maxText bounds the text of a time; the longest known has some 30 bytes.
const maxText = 64

// A Stamp is a time as it was written.
type Stamp struct {
	parts  [3]int
	digits [3]int
	month  int   // which part is a month by its name, -1 for none
	dotted bool  // 5.1.2026
	clock  int64 // since midnight, in nanoseconds
	exact  int64 // since 1970
	zoned  bool  // exact holds
}

// Read reads a time such as 11/4/2019 2:30:00 PM, 04.11.2019 13:31, 2019-11-04T13:31:03.123,
// 4-Nov-19 13.31.03, 2019/11/4 下午 1:31:03. False is for anything else.
func Read(s string) (Stamp, bool) {
	if len(s) > maxText {
		return Stamp{}, false
	}
	s = strings.TrimSpace(strings.NewReplacer("\u202f", " ", "\u00a0", " ", "\u200e", "", "\u200f", "").Replace(s))
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil && inRange(t.Year()) {
		return Stamp{zoned: true, exact: t.UnixNano()}, true
	}
	s, half := halfOf(strings.ToLower(s))
	p := &reader{text: s}
	st := Stamp{month: -1}
	ok := p.date(&st) && p.gap() && p.clock(&st.clock, half)
	p.blanks()
	if ok && p.text == "z" { // "2026-01-05 10:00:00Z" says UTC, too
		st.exact, st.zoned = st.In(YearFirst)
		return st, st.zoned
	}
	return st, ok && p.text == ""
}

// Exact is the time in nanoseconds since 1970, if the text names its zone.
func (s Stamp) Exact() (unixNano int64, ok bool) { return s.exact, s.zoned }

// In is the time in an order, as if the clock on the wall showed UTC. It is false
// where that order gives no such day.
func (s Stamp) In(o Order) (unixNano int64, ok bool) {
	y, m, d := 2, 1, 0
	switch o {
	case YearFirst:
		y, m, d = 0, 1, 2
	case MonthFirst:
		y, m, d = 2, 0, 1
	}
	if s.zoned || s.digits[y] != 2 && s.digits[y] != 4 || s.digits[m] > 2 || s.digits[d] > 2 || s.month >= 0 && s.month != m || s.dotted && o == MonthFirst {
		return 0, false
	}
	year := s.parts[y]
	if s.digits[y] <= 2 {
		year += 2000 // no program that is read here is older
	}
	t := time.Date(year, time.Month(s.parts[m]), s.parts[d], 0, 0, 0, 0, time.UTC)
	if !inRange(year) || t.Day() != s.parts[d] || int(t.Month()) != s.parts[m] {
		return 0, false
	}
	return t.UnixNano() + s.clock, true
}

// inRange keeps years in the range of nanoseconds since 1970, and of mail.
func inRange(year int) bool { return year >= 1970 && year < 2200 }

// halfOf takes the word for a half of the day out of a text: 1 the first, 2 the
// second, 0 none.
func halfOf(s string) (rest string, half int) {
	for i, words := range [][]string{{"a. m.", "a.m.", "am", "上午", "午前", "오전"}, {"p. m.", "p.m.", "pm", "下午", "午後", "오후"}} {
		for _, word := range words {
			if before, after, found := strings.Cut(s, word); found {
				return before + " " + after, i + 1
			}
		}
	}
	return s, 0
}
