package evidence

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	mostWindows = 3 // a week with no more is told window by window, any other day by day
	mostRanges  = 6 // a day with more windows is summed up
)

// Words says when the schedule is open: "every 30 minutes, at :00 and :30 for 15
// minutes, all week". Hours are GMT, as the directory keeps them.
func (s Schedule) Words() string { return s.words("GMT") }

// WordsIn says it in a time zone, as the clocks there stand at a moment: the
// directory keeps GMT, so that summer time moves the hours by one.
func (s Schedule) WordsIn(z TimeZone, at time.Time) string {
	name, offset := at.In(z.Location()).Zone()
	if offset == 0 && (z.name == "" || z.name == "UTC") {
		return s.Words()
	}
	by := time.Duration(offset) * time.Second
	if by%Quarter != 0 { // no zone of our days
		return s.Words()
	}
	if strings.ContainsAny(name, "+-0123456789") {
		name = "UTC" + at.In(z.Location()).Format("-07:00")
	}
	return s.later(by).words(name)
}

// later is the schedule with each opening later by so much.
func (s Schedule) later(by time.Duration) Schedule {
	var moved Schedule
	shift := int(by / Quarter)
	for slot := range slots {
		if s.on(slot) {
			to := ((slot+shift)%slots + slots) % slots
			moved[to/8] |= 0x80 >> (to % 8)
		}
	}
	return moved
}

func (s Schedule) words(zone string) string {
	switch {
	case s.Always():
		return "all the time"
	case s.Never():
		return "at no time"
	}
	each := ""
	if every, ok := s.Every(); ok && every < 7*24*time.Hour {
		each = "every " + strings.TrimPrefix(lengthWords(int(every/Quarter)), "1 ") + ", "
	}
	switch period := s.period(); {
	case period <= 4:
		return each + s.hourWords(period) + ", all week"
	case period < slotsPerDay && len(s.windows(period)) == 1:
		w := s.windows(period)[0]
		return each + "first at " + clock(w.from) + " " + zone + " for " + lengthWords(w.length) + ", all week"
	case period <= slotsPerDay:
		return "every day " + s.dayWords(0) + " " + zone
	}
	return s.weekWords(zone)
}

// period is after how many quarter hours the schedule repeats itself.
func (s Schedule) period() int {
	for _, p := range []int{1, 2, 4, 8, 12, 16, 24, 32, 48, slotsPerDay} {
		if !slices.ContainsFunc(upTo(slots), func(slot int) bool { return s.on(slot) != s.on(slot+p) }) {
			return p
		}
	}
	return slots
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// hourWords tells a schedule that is the same every hour.
func (s Schedule) hourWords(period int) string {
	var parts []string
	for repeat := 0; repeat < 4; repeat += period {
		for _, w := range s.windows(period) {
			minute := fmt.Sprintf(":%02d", 15*(w.from+repeat))
			if n := len(parts); n > 0 && strings.HasSuffix(parts[n-1], lengthWords(w.length)) {
				parts[n-1] = strings.Replace(parts[n-1], " for ", " and "+minute+" for ", 1)
				continue
			}
			parts = append(parts, minute+" for "+lengthWords(w.length))
		}
	}
	return "at " + strings.Join(parts, " and ")
}

// weekWords tells a schedule that is not the same every day.
func (s Schedule) weekWords(zone string) string {
	open := s.windows(slots)
	if len(open) > mostWindows {
		return s.daysWords(zone)
	}
	var parts []string
	for _, w := range open {
		end := (w.from + w.length) % slots
		parts = append(parts, day(w.from)+" "+clock(w.from%slotsPerDay)+" to "+day(end)+" "+clock(end%slotsPerDay))
	}
	return strings.Join(parts, ", ") + " " + zone
}

// daysWords tells day by day, days that are the same together.
func (s Schedule) daysWords(zone string) string {
	var parts []string
	for first := 0; first < 7; {
		last := first
		for last < 6 && s.sameDay(first, last+1) {
			last++
		}
		name := day(first * slotsPerDay)
		if last > first {
			name += "-" + day(last*slotsPerDay)
		}
		parts = append(parts, name+" "+s.dayWords(first))
		first = last + 1
	}
	return strings.Join(parts, "; ") + "; " + zone
}

func (s Schedule) sameDay(a, b int) bool {
	const bytes = slotsPerDay / 8
	return slices.Equal(s[a*bytes:(a+1)*bytes], s[b*bytes:(b+1)*bytes])
}

// dayWords tells one day, cut off at midnight: the schedule of a week in which
// every day is like it, but for what reaches over midnight.
func (s Schedule) dayWords(of int) string {
	var ranges []string
	var hours int
	for slot := 0; slot < slotsPerDay; slot++ {
		if !s.on(of*slotsPerDay + slot) {
			continue
		}
		from := slot
		for slot < slotsPerDay && s.on(of*slotsPerDay+slot) {
			slot++
		}
		hours += slot - from
		ranges = append(ranges, clock(from)+"-"+clock(slot))
	}
	alike := s.everyDayLike(of)
	switch {
	case hours == 0:
		return "closed"
	case hours == slotsPerDay:
		return "open all day"
	case alike.period() <= 4:
		return alike.hourWords(alike.period())
	case len(ranges) > mostRanges:
		return fmt.Sprintf("in %d windows from %s to %s, %s in all", len(ranges), ranges[0][:5], ranges[len(ranges)-1][6:], lengthWords(hours))
	}
	return strings.Join(ranges, ", ")
}

// everyDayLike is a week of the same day.
func (s Schedule) everyDayLike(of int) Schedule {
	const bytes = slotsPerDay / 8
	var week Schedule
	for d := range 7 {
		copy(week[d*bytes:], s[of*bytes:(of+1)*bytes])
	}
	return week
}

func day(slot int) string { return time.Weekday(slot / slotsPerDay % 7).String()[:3] }

// clock is the time of day; a day ends at 24:00.
func clock(slot int) string {
	return fmt.Sprintf("%02d:%02d", slot/4, slot%4*15)
}

// lengthWords says how long so many quarter hours are.
func lengthWords(quarters int) string {
	switch {
	case quarters < 4:
		return fmt.Sprintf("%d minutes", 15*quarters)
	case quarters == 4:
		return "1 hour"
	case quarters%4 == 0:
		return fmt.Sprintf("%d hours", quarters/4)
	}
	return fmt.Sprintf("%d h %d min", quarters/4, quarters%4*15)
}

// Grid is the week as a picture: a line for each day, a character for each hour.
// '#' is open throughout, '.' closed, and any other hour is a hexadecimal digit
// of its four quarters, the first one counting 8: 'a' is :00 and :30.
func (s Schedule) Grid(z TimeZone, at time.Time) [7]string {
	_, offset := at.In(z.Location()).Zone()
	moved := s.later(time.Duration(offset) * time.Second)
	var lines [7]string
	for d := range lines {
		var line strings.Builder
		for hour := range 24 {
			line.WriteByte(moved.hour(d*24 + hour))
		}
		lines[d] = line.String()
	}
	return lines
}

// hour is one hour of the week as a character.
func (s Schedule) hour(of int) byte {
	bits := 0
	for quarter := range 4 {
		bits <<= 1
		if s.on(of*4 + quarter) {
			bits |= 1
		}
	}
	switch bits {
	case 0:
		return '.'
	case 15:
		return '#'
	}
	return "0123456789abcdef"[bits]
}
