package exlog

import "bytes"

const (
	second = int64(1e9)
	day    = 86400 * second
)

// ParseTime reads the time that Exchange writes, such as
// 2026-01-02T03:04:05.678Z, always UTC: in nanoseconds since 1970. The fraction
// may have up to nine digits, or be missing.
func ParseTime(b []byte) (unixNano int64, ok bool) {
	return new(moment).time(b)
}

// A moment is the last second that was read: a busy server writes many rows in
// one.
type moment struct {
	text [19]byte // 2026-01-02T03:04:05
	at   int64
}

func (m *moment) time(b []byte) (unixNano int64, ok bool) {
	if len(b) < 20 || b[len(b)-1] != 'Z' {
		return 0, false
	}
	if text := [19]byte(b); text != m.text {
		at, ok := seconds(b)
		if !ok {
			return 0, false
		}
		m.text, m.at = text, at
	}
	part, ok := fraction(b[19 : len(b)-1])
	return m.at + part, ok
}

// seconds reads 2026-01-02T03:04:05 at the beginning of b.
func seconds(b []byte) (int64, bool) {
	if b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	year := 100*pair(b[0:2]) + pair(b[2:4])
	d, okDate := date(year, pair(b[5:7]), pair(b[8:10]))
	c, okClock := clock(pair(b[11:13]), pair(b[14:16]), pair(b[17:19]))
	return d + c, okDate && okClock
}

// pair reads two digits; anything else gives a number that no part of a time has.
func pair(b []byte) int {
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return 1e6
	}
	return 10*int(tens) + int(ones)
}

// ParseDateTime reads a date and a time of day from two columns: 2006-10-05 and
// 14:03:09 as in W3C logs, 2003-8-5 and 0:58:14 GMT as in Exchange 2003. Both
// are UTC; the result is in nanoseconds since 1970.
func ParseDateTime(date, clock []byte) (unixNano int64, ok bool) {
	d, okDate := parseDate(date)
	c, okClock := parseClock(bytes.TrimSuffix(clock, []byte(" GMT")))
	return d + c, okDate && okClock
}

// Time is when the row was written: in nanoseconds since 1970, UTC. It is false
// when the row has no readable time.
func (r *Reader) Time() (unixNano int64, ok bool) {
	switch {
	case r.stamped:
		return r.last.time(r.cell(0))
	case r.clock < 0:
		return 0, false
	case r.date >= 0:
		return ParseDateTime(r.cell(r.date), r.cell(r.clock))
	}
	return r.days.now, r.days.known
}

// days gives dates to the times of day of a W3C log that was told not to write
// them. The header has the date; when the clock runs back, the date is no longer
// known.
type days struct {
	date  int64
	last  int64 // latest time of day
	now   int64 // of the row
	run   bool  // the date is known, and the clock has not run back
	known bool  // the time of the row is
}

// restart takes the date of a new header.
func (d *days) restart(header string) {
	date, clock, _ := bytes.Cut([]byte(header), []byte(" "))
	*d = days{}
	if at, ok := ParseDateTime(date, clock); ok {
		d.run, d.date, d.last = true, at-at%day, at%day
	}
}

// see takes the time of day of the next row. Rows stand in the order in which
// commands ended, so a little back is no new day; and a row that seems to be most
// of a day ahead may as well be a late one of the day before.
func (d *days) see(clock []byte) {
	const disorder = 3600 * second
	c, ok := parseClock(clock)
	if late := c > d.last+day-disorder; !ok || late {
		d.known = false
		return
	}
	d.run = d.run && c >= d.last-disorder
	d.last = max(d.last, c)
	d.now, d.known = d.date+c, d.run
}

// parseDate reads 2026-01-02 or 2026-1-2.
func parseDate(b []byte) (int64, bool) {
	year, b, ok1 := number(b, '-', 4)
	month, b, ok2 := number(b, '-', 2)
	dom, b, ok3 := number(b, 0, 2)
	at, ok := date(year, month, dom)
	return at, ok && ok1 && ok2 && ok3 && len(b) == 0
}

// date is the beginning of a day, and whether there is such a day.
func date(year, month, dom int) (int64, bool) {
	ok := year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && dom >= 1 && dom <= length(year, month)
	return int64(daysTo(year, month, dom)) * day, ok
}

// daysTo counts the days from 1970-01-01. Years that begin in March end with
// their leap day, so that months need no table.
func daysTo(year, month, dom int) int {
	if month += 9; month >= 12 {
		month -= 12
	} else {
		year--
	}
	return year*365 + year/4 - year/100 + year/400 + (month*153+2)/5 + dom - 719469
}

func length(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// parseClock reads 03:04:05, 3:04:05 or 03:04:05.678.
func parseClock(b []byte) (int64, bool) {
	hour, b, ok1 := number(b, ':', 2)
	minute, b, ok2 := number(b, ':', 2)
	sec, b, ok3 := number(b, 0, 2)
	at, ok := clock(hour, minute, sec)
	part, okPart := fraction(b)
	return at + part, ok && ok1 && ok2 && ok3 && okPart
}

// clock is a time of day.
func clock(hour, minute, sec int) (int64, bool) {
	return int64(hour*3600+minute*60+sec) * second, hour < 24 && minute < 60 && sec < 60
}

// number takes up to so many digits, and the sign behind them unless it is 0.
func number(b []byte, sign byte, digits int) (n int, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < digits && b[i]-'0' <= 9; i++ {
		n = 10*n + int(b[i]-'0')
	}
	if i == 0 {
		return 0, nil, false
	}
	if sign == 0 {
		return n, b[i:], true
	}
	if i == len(b) || b[i] != sign {
		return 0, nil, false
	}
	return n, b[i+1:], true
}

// fraction reads what may stand behind the seconds: .678
func fraction(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	if b[0] != '.' || len(b) < 2 || len(b) > 10 {
		return 0, false
	}
	n, unit := int64(0), second
	for _, c := range b[1:] {
		if c-'0' > 9 {
			return 0, false
		}
		unit /= 10
		n += int64(c-'0') * unit
	}
	return n, true
}
