package evidence

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// repeated is a schedule of one byte over and over.
func repeated(b byte) Schedule {
	s, _ := ParseSchedule(bytes.Repeat([]byte{b}, slots/8))
	return s
}

// open is a schedule with these quarter hours, by day, from and to.
func open(days []time.Weekday, from, to int) Schedule {
	var s Schedule
	for _, d := range days {
		for q := from; q < to; q++ {
			slot := int(d)*slotsPerDay + q
			s[slot/8] |= 0x80 >> (slot % 8)
		}
	}
	return s
}

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

func TestScheduleWords(t *testing.T) {
	weekdays := everyDay[1:6]
	for _, c := range []struct {
		s             Schedule
		words         string
		longest, mean time.Duration
	}{
		{repeated(0xff), "all the time", 0, 0},
		{repeated(0), "at no time", 0, 0},
		{repeated(0xaa), "every 30 minutes, at :00 and :30 for 15 minutes, all week", 15 * time.Minute, 225 * time.Second},
		{repeated(0x55), "every 30 minutes, at :15 and :45 for 15 minutes, all week", 15 * time.Minute, 225 * time.Second},
		{repeated(0x88), "every hour, at :00 for 15 minutes, all week", 45 * time.Minute, 45 * 45 * time.Minute / 120},
		{repeated(0x80), "every 2 hours, first at 00:00 GMT for 15 minutes, all week", 105 * time.Minute, 105 * 105 * time.Minute / 240},
		{repeated(0xdd), "every hour, at :45 for 45 minutes, all week", 15 * time.Minute, 15 * 15 * time.Minute / 120},
		{open(everyDay, 13, 36), "every day 03:15-09:00 GMT", 18*time.Hour + 15*time.Minute, 0},
		{open(weekdays, 32, 72), "Sun closed; Mon-Fri 08:00-18:00; Sat closed; GMT", 62 * time.Hour, 0},
		{open(everyDay[:1], 13, 36), "Sun 03:15 to Sun 09:00 GMT", 7*24*time.Hour - 23*Quarter, 0},
		{open(weekdays, 0, 96), "Mon 00:00 to Sat 00:00 GMT", 48 * time.Hour, 0},
	} {
		if got := c.s.Words(); got != c.words {
			t.Errorf("words %q, want %q", got, c.words)
		}
		if got := c.s.Longest(); got != c.longest {
			t.Errorf("%s: longest %v, want %v", c.words, got, c.longest)
		}
		if got := c.s.Mean(); c.mean != 0 && got != c.mean {
			t.Errorf("%s: mean %v, want %v", c.words, got, c.mean)
		}
	}
}

// The worked example of the documentation: 00 07 FF FF F0 on Sunday is 03:15 to
// 09:00 GMT.
func TestScheduleBits(t *testing.T) {
	var s Schedule
	copy(s[:], []byte{0x00, 0x07, 0xff, 0xff, 0xf0})
	sunday := time.Date(2010, 7, 18, 0, 0, 0, 0, time.UTC)
	for at, want := range map[time.Duration]bool{3*time.Hour + 14*time.Minute: false, 3*time.Hour + 15*time.Minute: true, 9*time.Hour - 1: true, 9 * time.Hour: false, 27 * time.Hour: false} {
		if got := s.Open(sunday.Add(at)); got != want {
			t.Errorf("open at %v: %v", at, got)
		}
	}
	east := sunday.In(time.FixedZone("", 5*3600+1800)).Add(10 * time.Hour)
	if next, ok := s.Next(east); !ok || !next.Equal(sunday.Add(7*24*time.Hour+3*time.Hour+15*time.Minute)) {
		t.Errorf("next after %v is %v", east, next)
	}
}

func TestScheduleOfAnotherLength(t *testing.T) {
	for _, n := range []int{0, 83, 85, 168, 672} {
		if _, err := ParseSchedule(make([]byte, n)); err == nil {
			t.Errorf("%d bytes were taken", n)
		}
	}
}

// What must hold of every schedule, whatever its bits.
func checkSchedule(t *testing.T, s Schedule, at time.Time) {
	t.Helper()
	next, ok := s.Next(at)
	switch {
	case ok == s.Never():
		t.Fatalf("next: %v, never: %v", ok, s.Never())
	case ok && (!s.Open(next) || next.Before(at) || next.Sub(at) > s.Longest() || s.Open(at) != next.Equal(at)):
		t.Fatalf("next after %v is %v, open %v, longest %v", at, next, s.Open(next), s.Longest())
	case s.Mean() > s.Longest(), s.Always() && s.Longest() != 0, !s.Always() && ok && s.Longest() < Quarter:
		t.Fatalf("mean %v, longest %v", s.Mean(), s.Longest())
	case s.Words() == "" || len(s.Words()) > 1000 || strings.Contains(s.Words(), "%!"):
		t.Fatalf("words %q", s.Words())
	}
	text, _ := s.MarshalText()
	var back Schedule
	if err := back.UnmarshalText(text); err != nil || back != s {
		t.Fatalf("%s reads back as %v, %v", text, back, err)
	}
}

func TestScheduleProperties(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2010, 7, 18, 0, 0, 0, 0, time.UTC)
	for range 2000 {
		var s Schedule
		for i := range s {
			s[i] = byte(dice.Uint32() & 0xA7) // more closed than open
		}
		checkSchedule(t, s, begin.Add(time.Duration(dice.Int64N(int64(30*24*time.Hour)))))
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0xaa}, 84), int64(0))
	f.Add(make([]byte, 84), int64(1))
	f.Add([]byte("short"), int64(2))
	f.Fuzz(func(t *testing.T, b []byte, seconds int64) {
		s, err := ParseSchedule(b)
		if (err == nil) != (len(b) == 84) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
		if err == nil {
			checkSchedule(t, s, time.Unix(seconds%(1<<33), 0))
		}
	})
}

// A schedule is kept in GMT; in Berlin its hours are one later in winter and two
// in summer, and days move with them.
func TestScheduleWordsInAZone(t *testing.T) {
	berlin, err := LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	kathmandu, err := LoadZone("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	winter, summer := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	night := open(everyDay, 0, 8)
	for _, c := range []struct {
		s     Schedule
		zone  TimeZone
		at    time.Time
		words string
	}{
		{night, TimeZone{}, winter, "every day 00:00-02:00 GMT"},
		{night, berlin, winter, "every day 01:00-03:00 CET"},
		{night, berlin, summer, "every day 02:00-04:00 CEST"},
		{night, kathmandu, winter, "every day 05:45-07:45 UTC+05:45"},
		{open(everyDay[6:], 92, 96), berlin, winter, "Sun 00:00 to Sun 01:00 CET"},
		{repeated(0xaa), berlin, winter, "every 30 minutes, at :00 and :30 for 15 minutes, all week"},
		{repeated(0xaa), kathmandu, winter, "every 30 minutes, at :15 and :45 for 15 minutes, all week"},
	} {
		if got := c.s.WordsIn(c.zone, c.at); got != c.words {
			t.Errorf("%s: %q, want %q", c.zone, got, c.words)
		}
	}
}

// The grid shows the same in every cell as Open says of its quarter hours.
func TestScheduleGrid(t *testing.T) {
	sunday := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	var s Schedule
	rnd := rand.New(rand.NewPCG(3, 4))
	for i := range s {
		s[i] = byte(rnd.Uint32())
	}
	const digits = ".123456789abcde#"
	for d, line := range s.Grid(TimeZone{}, sunday) {
		for hour, c := range line {
			bits := strings.IndexRune(digits, c)
			for quarter := range 4 {
				at := sunday.Add(time.Duration(d*24+hour)*time.Hour + time.Duration(quarter)*Quarter)
				if open := bits&(8>>quarter) != 0; open != s.Open(at) {
					t.Errorf("%s shows %c", at, c)
				}
			}
		}
	}
	berlin, _ := LoadZone("Europe/Berlin")
	if got := repeated(0).Grid(berlin, sunday)[0]; got != strings.Repeat(".", 24) {
		t.Errorf("never open: %s", got)
	}
	if got := open(everyDay[:1], 0, 6).Grid(berlin, sunday)[0]; got != ".#c"+strings.Repeat(".", 21) {
		t.Errorf("midnight to half past one in GMT: %s", got)
	}
}
