package evidence

import (
	"encoding/hex"
	"fmt"
	"time"
)

// Quarter is the grain of a schedule: one bit stands for a quarter of an hour.
const (
	Quarter     = 15 * time.Minute
	slotsPerDay = 24 * 4
	slots       = 7 * slotsPerDay
)

// A Schedule is the week of a connector, as the directory keeps it in
// activationSchedule: 84 bytes, one bit for each quarter of an hour, the most
// significant first, beginning on Sunday at 00:00 GMT.
type Schedule [slots / 8]byte

// ParseSchedule takes the bytes of the attribute. Another length is another
// layout, and is not guessed at.
func ParseSchedule(b []byte) (Schedule, error) {
	var s Schedule
	if len(b) != len(s) {
		return s, fmt.Errorf("a schedule has %d bytes, this has %d", len(s), len(b))
	}
	copy(s[:], b)
	return s, nil
}

// MarshalText writes the bytes in hexadecimal.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Schedule) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return err
	}
	*s, err = ParseSchedule(b)
	return err
}

// on says whether a quarter hour is open; slots count on from one week into the
// next.
func (s Schedule) on(slot int) bool {
	slot %= slots
	return s[slot/8]&(0x80>>(slot%8)) != 0
}

// slotOf is the quarter hour of a moment.
func slotOf(t time.Time) int {
	t = t.UTC()
	return int(t.Weekday())*slotsPerDay + t.Hour()*4 + t.Minute()/15
}

// Open says whether a connection may begin at this moment.
func (s Schedule) Open(t time.Time) bool { return s.on(slotOf(t)) }

// Next is the first moment, not before t, at which a connection may begin; false
// when none ever may.
func (s Schedule) Next(t time.Time) (time.Time, bool) {
	if s.Open(t) {
		return t, true
	}
	now := slotOf(t)
	quarter := t.Truncate(Quarter) // GMT has no quarter hour that begins elsewhere
	for n := 1; n < slots; n++ {
		if s.on(now + n) {
			return quarter.Add(time.Duration(n) * Quarter), true
		}
	}
	return time.Time{}, false
}

// Always says whether every quarter hour is open.
func (s Schedule) Always() bool { return s.count() == slots }

// Never says whether none is.
func (s Schedule) Never() bool { return s.count() == 0 }

func (s Schedule) count() int {
	n := 0
	for slot := range slots {
		if s.on(slot) {
			n++
		}
	}
	return n
}

// A window is a run of open quarter hours.
type window struct{ from, length int }

// windows lists the runs that begin in the first so many quarter hours, where
// that is a period of the schedule. A schedule that is always open has none.
func (s Schedule) windows(period int) []window {
	var all []window
	for slot := range period {
		if !s.on(slot) || s.on(slot+slots-1) {
			continue
		}
		w := window{from: slot}
		for s.on(slot + w.length) {
			w.length++
		}
		all = append(all, w)
	}
	return all
}

// closed lists how many quarter hours lie between one window and the next.
func (s Schedule) closed() []int {
	open := s.windows(slots)
	var gaps []int
	for i, w := range open {
		next := open[(i+1)%len(open)].from
		if next <= w.from {
			next += slots
		}
		gaps = append(gaps, next-w.from-w.length)
	}
	return gaps
}

// Longest is the longest that a message waits for an open quarter hour; 0 when
// it never waits, or for ever.
func (s Schedule) Longest() time.Duration {
	most := 0
	for _, gap := range s.closed() {
		most = max(most, gap)
	}
	return time.Duration(most) * Quarter
}

// Mean is how long messages wait on average, if they come evenly over the week;
// 0 when they never wait, or for ever.
func (s Schedule) Mean() time.Duration {
	sum := 0
	for _, gap := range s.closed() {
		sum += gap * gap // those that come in this gap wait half of it
	}
	return time.Duration(sum) * Quarter / (2 * slots)
}

// Every is the time from one opening to the next, where it is the same all week.
func (s Schedule) Every() (time.Duration, bool) {
	open := s.windows(slots)
	if len(open) == 0 || slots%len(open) != 0 {
		return 0, false
	}
	step := slots / len(open)
	for i, w := range open {
		if w.from != open[0].from+i*step {
			return 0, false
		}
	}
	return time.Duration(step) * Quarter, true
}
