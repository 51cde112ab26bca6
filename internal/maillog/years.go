package maillog

import "time"

// How far stamps may be out of order before they mean another year. A line may
// stand a little late, and rotated files may be put together in the wrong order;
// but a log does not go back by more than a month, and a gap of eleven months is
// a late line of December behind the first of January.
const (
	backwards = 31 * day
	forwards  = 334 * day
)

// Years gives a year to stamps without one, by their order: when the months go
// back, a new year has begun.
type Years struct {
	anchor int64
	before int // years to begin earlier than the anchor says
	year   int
	from   int64 // that the year begins, and ends
	to     int64
	last   int64 // the last stamp, placed
	begun  bool
	latest int64
}

// NewYears begins with the last year in which the first stamp is not behind the
// anchor: the time of the file, or the clock of the case. A day is allowed for
// zones and clocks that are wrong.
func NewYears(anchor time.Time) *Years {
	return &Years{anchor: anchor.UnixNano()}
}

// Place gives the stamp its year, and marks it as inferred. A stamp with a year
// stays as it is, and the order goes on from it.
func (y *Years) Place(s Stamp) Stamp {
	if s.HasYear {
		year := y.year
		if s.Nano < y.from || s.Nano >= y.to { // to work the year out each time would cost as much as to read the line
			year = time.Unix(0, s.Nano).UTC().Year()
		}
		y.note(s.Nano, year)
		return s
	}
	year := y.yearOf(s)
	s.Nano, s.HasYear, s.Inferred = inYear(s.Nano, year), true, true
	y.note(s.Nano, year)
	return s
}

// Again is for a file that spans more than one year: all years given were too
// late, since the last stamps ran past the anchor. It begins earlier by as many
// years, for the file to be read once more. It is nil when the years fit.
func (y *Years) Again() *Years {
	over := y.over()
	if over == 0 {
		return nil
	}
	return &Years{anchor: y.anchor, before: y.before + over}
}

// over is by how many years the stamps ran past the anchor.
func (y *Years) over() int {
	if !y.begun || y.latest <= y.anchor+day {
		return 0
	}
	return int((y.latest-y.anchor-day)/(366*day)) + 1
}

func (y *Years) note(at int64, year int) {
	if !y.begun || at > y.latest {
		y.latest = at
	}
	if year != y.year {
		y.from, y.to = daysSince1970(year, 1, 1)*day, daysSince1970(year+1, 1, 1)*day
	}
	y.begun, y.last, y.year = true, at, year
}

// yearOf is the year of a stamp without one.
func (y *Years) yearOf(s Stamp) int {
	if !y.begun {
		return y.first(s)
	}
	switch ahead := inYear(s.Nano, y.year) - y.last; {
	case ahead < -backwards:
		return y.year + 1
	case ahead > forwards:
		return y.year - 1
	}
	return y.year
}

// first is the year of the first stamp.
func (y *Years) first(s Stamp) int {
	year := time.Unix(0, y.anchor).UTC().Year() + 1
	for inYear(s.Nano, year) > y.anchor+day {
		year--
	}
	for year -= y.before; !dayExists(s.Nano, year); {
		year--
	}
	return year
}

// inYear moves a time of the year 2000 to another year. A 29 February becomes the
// first of March where there is none.
func inYear(nano int64, year int) int64 {
	const beforeMarch = 60 // days of a leap year
	begin := daysSince1970(noYear, 1, 1) * day
	at := nano - begin
	if at >= beforeMarch*day && daysIn(year, 2) == 28 {
		at -= day
	}
	return daysSince1970(year, 1, 1)*day + at
}

func dayExists(nano int64, year int) bool {
	t := time.Unix(0, nano).UTC()
	return t.Day() <= daysIn(year, int(t.Month()))
}
