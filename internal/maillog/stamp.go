package maillog

import "time"

// Stamp is the time of a line in its own terms.
type Stamp struct {
	// Nano counts nanoseconds since 1970. With a zone it is UTC. Without one it
	// is what a clock on the wall of the server showed, taken as if it were UTC.
	// Without a year it lies in the leap year 2000, until Years has placed it.
	Nano     int64
	HasYear  bool
	HasZone  bool
	Inferred bool // the year is from Years, not from the line
}

// In is the time of a stamp whose year is known, on a server in the zone loc. A
// stamp that names its zone needs no loc. In the hour that a clock goes through
// twice, it takes one of the two times, as time.Date does.
func (s Stamp) In(loc *time.Location) time.Time {
	t := time.Unix(0, s.Nano).UTC()
	if s.HasZone {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
}

const (
	second = int64(time.Second)
	day    = 86400 * second
	noYear = 2000 // leap, so that it has each day a stamp without year may name
)

// clock reads stamps. It remembers the last of each shape, since a busy server
// writes many lines in one second.
type clock struct {
	short   [15]byte // "Nov 17 10:02:11"
	shortAt int64
	long    [19]byte // "2026-11-17T10:02:11"
	longAt  int64
}

// read reads the stamp at the beginning of a line and gives its length, 0 when
// there is none.
func (c *clock) read(s []byte, to *Stamp) int {
	if len(s) < 16 {
		return 0
	}
	if s[0] > '9' {
		return c.readShort(s, to)
	}
	return c.readLong(s, to)
}

// readShort reads "Nov 17 10:02:11", RFC 3164, with a fraction from journalctl
// -o short-precise, or with the year behind the day as some daemons write it.
func (c *clock) readShort(s []byte, to *Stamp) int {
	if *(*[15]byte)(s) != c.short {
		at, ok := shortTime(s)
		if !ok {
			return c.readDated(s, to)
		}
		c.short, c.shortAt = *(*[15]byte)(s), at
	}
	if s[15] == ' ' && len(s) > 21 && s[16] == '2' && s[20] == ' ' && fourDigits(s[16:]) >= 2000 {
		return c.readYearLast(s, to)
	}
	n, fraction := fraction(s, 15)
	to.Nano = c.shortAt + fraction
	return n
}

// readYearLast reads "Nov 17 10:02:11 2026", as some appliances write it.
func (c *clock) readYearLast(s []byte, to *Stamp) int {
	year, month, d := fourDigits(s[16:]), monthNumber(s), twoDigits(s[4], s[5])
	if !validDate(year, month, d) {
		return 0
	}
	to.Nano, to.HasYear = daysSince1970(year, month, d)*day+c.shortAt%day, true
	return 20
}

// shortTime reads the 15 bytes of a stamp without year.
func shortTime(s []byte) (int64, bool) {
	month, d := monthNumber(s), twoDigits(s[4], s[5])
	at, ok := timeOfDay(s[7:])
	if month == 0 || d < 1 || d > daysIn(noYear, month) || s[3] != ' ' || s[6] != ' ' || !ok {
		return 0, false
	}
	return daysSince1970(noYear, month, d)*day + at, true
}

// readDated reads "Nov 17 2026 10:02:11".
func (c *clock) readDated(s []byte, to *Stamp) int {
	if len(s) < 21 || s[11] != ' ' {
		return 0
	}
	year, month, d := fourDigits(s[7:]), monthNumber(s), twoDigits(s[4], s[5])
	at, ok := timeOfDay(s[12:])
	if !validDate(year, month, d) || s[3] != ' ' || s[6] != ' ' || !ok {
		return 0
	}
	n, fraction := fraction(s, 20)
	to.Nano, to.HasYear = daysSince1970(year, month, d)*day+at+fraction, true
	return n
}

// readLong reads RFC 3339, and "2026-11-17 10:02:11.345 +0100" of Exim, where
// fraction and zone may be missing.
func (c *clock) readLong(s []byte, to *Stamp) int {
	if len(s) < 20 {
		return 0
	}
	if *(*[19]byte)(s) != c.long {
		at, ok := longTime(s)
		if !ok {
			return 0
		}
		c.long, c.longAt = *(*[19]byte)(s), at
	}
	n, fraction := fraction(s, 19)
	to.Nano, to.HasYear = c.longAt+fraction, true
	return readZone(s, n, to)
}

// longTime reads the 19 bytes of a date and a time.
func longTime(s []byte) (int64, bool) {
	year, month, d := fourDigits(s), twoDigits(s[5], s[6]), twoDigits(s[8], s[9])
	at, ok := timeOfDay(s[11:])
	if !ok || !validDate(year, month, d) || s[4] != '-' || s[7] != '-' || s[10] != 'T' && s[10] != ' ' || s[8] == ' ' || s[5] == ' ' {
		return 0, false
	}
	return daysSince1970(year, month, d)*day + at, true
}

// readZone reads Z, +01:00 or +0100, the last also behind a blank, at s[n:] and
// gives where it ends.
func readZone(s []byte, n int, to *Stamp) int {
	if n >= len(s) {
		return n
	}
	if s[n] == 'Z' {
		to.HasZone = true
		return n + 1
	}
	at := n
	if s[n] == ' ' && len(s) > n+6 && s[n+6] == ' ' {
		at++
	}
	if len(s) < at+5 || s[at] != '+' && s[at] != '-' {
		return n
	}
	minutes := at + 3
	if s[minutes] == ':' {
		minutes++
	}
	if len(s) < minutes+2 {
		return n
	}
	h, m := twoDigits(s[at+1], s[at+2]), twoDigits(s[minutes], s[minutes+1])
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return n
	}
	offset := int64(h*3600+m*60) * second
	if s[at] == '+' {
		offset = -offset
	}
	to.Nano, to.HasZone = to.Nano+offset, true
	return minutes + 2
}

// fraction reads ".123" at s[n:] and gives where it ends and its nanoseconds.
func fraction(s []byte, n int) (int, int64) {
	if n >= len(s) || s[n] != '.' {
		return n, 0
	}
	unit, sum := second, int64(0)
	for n++; n < len(s) && s[n]-'0' < 10; n++ {
		unit /= 10
		sum += int64(s[n]-'0') * unit
	}
	return n, sum
}

// timeOfDay reads "10:02:11". A leap second is taken as the one behind it.
func timeOfDay(s []byte) (int64, bool) {
	h, m, sec := twoDigits(s[0], s[1]), twoDigits(s[3], s[4]), twoDigits(s[6], s[7])
	ok := h >= 0 && h < 24 && m >= 0 && m < 60 && sec >= 0 && sec < 61 && s[2] == ':' && s[5] == ':'
	return int64(h*3600+m*60+sec) * second, ok
}

// twoDigits reads "17" or " 7", -1 for anything else.
func twoDigits(a, b byte) int {
	if a == ' ' {
		a = '0'
	}
	if a -= '0'; a > 9 {
		return -1
	}
	if b -= '0'; b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

func fourDigits(s []byte) int {
	if s[0] == ' ' || s[2] == ' ' {
		return -1
	}
	a, b := twoDigits(s[0], s[1]), twoDigits(s[2], s[3])
	if a < 0 || b < 0 {
		return -1
	}
	return a*100 + b
}

// validDate also keeps the year in the range of nanoseconds since 1970, and of
// mail logs.
func validDate(year, month, d int) bool {
	return year >= 1970 && year < 2200 && month >= 1 && month <= 12 && d >= 1 && d <= daysIn(year, month)
}

// monthNumber reads "Nov", 0 for anything else. Syslog does not translate it.
func monthNumber(s []byte) int {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := 0; i < len(names); i += 3 {
		if s[0] == names[i] && s[1] == names[i+1] && s[2] == names[i+2] {
			return i/3 + 1
		}
	}
	return 0
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int) int {
	if month == 2 && leap(year) {
		return 29
	}
	return int("\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"[month-1])
}

// daysSince1970 counts in years that begin in March: those end with their leap
// day, so that months need no table.
func daysSince1970(year, month, d int) int64 {
	if month += 9; month >= 12 {
		month -= 12
	} else {
		year--
	}
	return int64(year*365 + year/4 - year/100 + year/400 + (month*153+2)/5 + d - 719469)
}
