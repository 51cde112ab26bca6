package walltime

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestRead: the same minute as programs of several countries write it.
func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"11/4/2019 2:30:00 PM":          "day 2019-04-11T14:30:00, month 2019-11-04T14:30:00",
		"11/4/2019 2:30:00\u202fPM":     "day 2019-04-11T14:30:00, month 2019-11-04T14:30:00",
		"11/14/2019 12:05:00 AM":        "month 2019-11-14T00:05:00",
		"11/14/2019 12:05:00 p.m.":      "month 2019-11-14T12:05:00",
		"04.11.2019 13:31:03":           "day 2019-11-04T13:31:03",
		"4.11.2019 13.31.03":            "day 2019-11-04T13:31:03",
		"2019. 11. 04. 13:31:03":        "year 2019-11-04T13:31:03",
		"2019/11/4 13:31:03":            "year 2019-11-04T13:31:03",
		"2019/11/4 下午 1:31:03":          "year 2019-11-04T13:31:03",
		"2019-11-04 오전 12:31:03":        "year 2019-11-04T00:31:03",
		"2019-11-04T13:31:03.1234567":   "year 2019-11-04T13:31:03.1234567",
		"4-Nov-19 13:31":                "day 2019-11-04T13:31:00",
		"04 November 2019 13:31:03":     "day 2019-11-04T13:31:03",
		"15-01-21 23:50:05":             "year 2015-01-21T23:50:05, day 2021-01-15T23:50:05",
		"2019-11-04T13:31:03.5+01:00":   "2019-11-04T12:31:03.5Z",
		"2019-11-04 13:31:03Z":          "2019-11-04T13:31:03Z",
		"11/4/2019":                     "none",
		"31/31/2019 10:00:00":           "no day",
		"11/4/2019 14:30:00 PM":         "none",
		"11/4/2019 24:30:00":            "none",
		"11/4-2019 12:30:00":            "none",
		"11/4/19x 12:30:00":             "none",
		"":                              "none",
		"System.DateTime":               "none",
		"11/4/2019 12:30:00 CET":        "none",
		"0011/4/2019 12:30:00":          "no day",
		strings.Repeat("1", maxText+10): "none",
	} {
		if got := told(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// told is what a text may mean.
func told(text string) string {
	s, ok := Read(text)
	if !ok {
		return "none"
	}
	if at, ok := s.Exact(); ok {
		return time.Unix(0, at).UTC().Format(time.RFC3339Nano)
	}
	var all []string
	for _, o := range orders() {
		if at, ok := s.In(o); ok {
			word, _, _ := strings.Cut(string(o), "-")
			word, _, _ = strings.Cut(word, "/")
			all = append(all, word+" "+time.Unix(0, at).UTC().Format("2006-01-02T15:04:05.999999999"))
		}
	}
	if len(all) == 0 {
		return "no day"
	}
	return strings.Join(all, ", ")
}

// TestOrders: all dates of a file together tell their order, or that they do not.
func TestOrders(t *testing.T) {
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		texts []string
		want  Order
		sure  bool
		why   string
	}{
		"a day above twelve":          {[]string{"3/4/2026 10:00", "3/13/2026 10:00"}, MonthFirst, true, ""},
		"a day above twelve, in turn": {[]string{"3/2/2026 10:00", "13/2/2026 10:00"}, DayFirst, true, ""},
		"points":                      {[]string{"5.1.2026 10:00"}, DayFirst, true, ""},
		"the year first":              {[]string{"2026/01/05 10:00"}, YearFirst, true, ""},
		"the same number twice":       {[]string{"2/2/2026 10:00", "2/2/2026 11:00"}, MonthFirst, true, ""},
		"not in the future":           {[]string{"5/1/2026 10:00"}, DayFirst, true, ""},
		"days in a row":               {[]string{"1/2/2026 23:59", "1/3/2026 0:01"}, MonthFirst, true, "stand up to"},
		"one day":                     {[]string{"1/2/2026 10:00", "1/2/2026 11:00"}, "", false, "nothing in the file tells"},
		"both":                        {[]string{"13/2/2026 10:00", "2/13/2026 10:00"}, DayFirst, false, "no order"},
	} {
		var o Orders
		for _, text := range c.texts {
			s, ok := Read(text)
			if !ok {
				t.Fatal(text)
			}
			o.See(s)
		}
		order, sure, why := o.Settle(now)
		if sure != c.sure || c.want != "" && order != c.want && !o.same || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
			t.Errorf("%s: %s %v %q", name, order, sure, why)
		}
	}
}

// TestOrdersOfCountries: a week of rows, written in any order, is read in that
// order, or told to be open.
func TestOrdersOfCountries(t *testing.T) {
	formats := map[Order]string{YearFirst: "2006/1/2 15:04:05", DayFirst: "2/1/2006 15:04:05", MonthFirst: "1/2/2006 15:04:05"}
	dice := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(dice.Int64N(int64(3 * 365 * 24 * time.Hour))))
		var walls []time.Time
		for range 40 {
			at = at.Add(time.Duration(dice.Int64N(int64(8 * time.Hour)))).Truncate(time.Second)
			walls = append(walls, at)
		}
		for order, layout := range formats {
			var o Orders
			for _, w := range walls {
				s, _ := Read(w.Format(layout))
				o.See(s)
			}
			got, sure, why := o.Settle(at)
			if !sure || got != order && !o.same {
				t.Fatalf("%s from %v: %s, %s", order, walls[0], got, why)
			}
		}
	}
}

// TestClock: what a clock on the wall showed is the instant that it was, through
// the hours that come twice or not at all.
func TestClock(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 2))
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu", "America/Sao_Paulo"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := NewClock(loc)
		at := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)
		for at.Year() < 2027 {
			at = at.Add(time.Duration(1+dice.Int64N(25*60)) * time.Second)
			local := at.In(loc)
			wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
			if got := c.UTC(wall.UnixNano()); got != at.UnixNano() {
				t.Fatalf("%s: %v is %v", name, local, time.Unix(0, got).In(loc))
			}
		}
	}
	c := NewClock(time.UTC)
	if got := c.UTC(-5); got != -5 {
		t.Error(got)
	}
}

// FuzzRead: whatever a text says, its time lies in the range, and is the same
// when it is written and read again.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"11/4/2019 2:30:00 PM", "2019. 11. 04. 13:31:03", "4-Nov-19 13.31", "2019-11-04T13:31:03.5+01:00", "15-01-21 23:50:05", "下午 1/2/3 1:2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := Read(text)
		if !ok {
			return
		}
		var o Orders
		o.See(s)
		if order, _, _ := o.Settle(time.Time{}); order == "" && o.Zoneless() {
			t.Error("no order")
		}
		for _, order := range orders() {
			at, ok := s.In(order)
			if !ok {
				continue
			}
			again, ok := Read(time.Unix(0, at).UTC().Format("2006-01-02 15:04:05.999999999"))
			if back, sure := again.In(YearFirst); !ok || !sure || back != at {
				t.Errorf("%q: %d, %d", text, at, back)
			}
			for _, loc := range []*time.Location{time.UTC, time.FixedZone("", 20700)} {
				if got := NewClock(loc).UTC(at); got > at || got < at-15*hour {
					t.Error(fmt.Sprint(got, at))
				}
			}
		}
	})
}
