package maillog

import (
	"testing"
	"time"
)

// stampOf reads "Nov 17 10:02:11" or a stamp with a year.
func stampOf(t *testing.T, text string) Stamp {
	t.Helper()
	var c clock
	var s Stamp
	if c.read([]byte(text+" host"), &s) != len(text) {
		t.Fatal("not a stamp:", text)
	}
	return s
}

func TestYears(t *testing.T) {
	tests := []struct {
		name, anchor string
		stamps       []string
		want         []string
		over         int
	}{
		{"one year", "2026-11-20", []string{"Nov 17 10:02:11", "Nov 18 00:00:00"}, []string{"2026-11-17", "2026-11-18"}, 0},
		{"over new year", "2027-01-03", []string{"Dec 30 10:00:00", "Dec 31 23:59:59", "Jan  1 00:00:00"}, []string{"2026-12-30", "2026-12-31", "2027-01-01"}, 0},
		{"a late line of December", "2027-01-03", []string{"Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:58", "Jan  1 00:00:02"}, []string{"2026-12-31", "2027-01-01", "2026-12-31", "2027-01-01"}, 0},
		{"the month goes back", "2027-05-01", []string{"Jul 20 00:00:00", "Mar  1 00:00:00"}, []string{"2026-07-20", "2027-03-01"}, 0},
		{"older file behind", "2026-11-20", []string{"Nov 17 00:00:00", "Nov  1 00:00:00", "Nov 10 00:00:00"}, []string{"2026-11-17", "2026-11-01", "2026-11-10"}, 0},
		{"server ahead of the anchor", "2026-11-20", []string{"Nov 20 23:00:00"}, []string{"2026-11-20"}, 0},
		{"behind the anchor is last year", "2026-11-20", []string{"Nov 22 00:00:00"}, []string{"2025-11-22"}, 0},
		{"leap day", "2026-11-20", []string{"Feb 29 12:00:00", "Mar  1 00:00:00"}, []string{"2024-02-29", "2024-03-01"}, 0},
		{"two new years", "2026-03-01", []string{"Jan 10 00:00:00", "Aug  1 00:00:00", "Jan 10 00:00:00", "Feb  1 00:00:00"}, []string{"2026-01-10", "2026-08-01", "2027-01-10", "2027-02-01"}, 1},
		{"a year in between", "2026-11-20", []string{"2025-12-31 23:00:00", "Dec 31 23:30:00", "Jan  1 00:10:00"}, []string{"2025-12-31", "2025-12-31", "2026-01-01"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			anchor, err := time.Parse(time.DateOnly, test.anchor)
			if err != nil {
				t.Fatal(err)
			}
			y := NewYears(anchor)
			for i, text := range test.stamps {
				s := stampOf(t, text)
				placed := y.Place(s)
				if got := placed.In(time.UTC).Format(time.DateOnly); got != test.want[i] || !placed.HasYear || placed.Inferred == s.HasYear {
					t.Errorf("%s is %s, want %s; %+v", text, got, test.want[i], placed)
				}
			}
			if y.over() != test.over {
				t.Errorf("over by %d years, want %d", y.over(), test.over)
			}
		})
	}
}

// TestAgain reads a file of three years once more, and then the years fit.
func TestAgain(t *testing.T) {
	y := NewYears(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	place := func() (at Stamp) {
		for _, text := range []string{"Jan 10 00:00:00", "Jun 10 00:00:00", "Jan 10 00:00:00", "Jul  1 00:00:00", "Feb  2 00:00:00"} {
			at = y.Place(stampOf(t, text))
		}
		return at
	}
	place()
	if y = y.Again(); y == nil {
		t.Fatal("three years fit")
	}
	if got := place().In(time.UTC).Format(time.DateOnly); got != "2026-02-02" || y.Again() != nil {
		t.Error(got, y.Again())
	}
}

func TestIn(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	if got := stampOf(t, "2026-11-17 10:02:11").In(berlin).UTC().Hour(); got != 9 {
		t.Error("a wall clock in another zone:", got)
	}
	if got := stampOf(t, "2026-11-17T10:02:11-02:00").In(berlin).UTC().Hour(); got != 12 {
		t.Error("a stamp that names its zone:", got)
	}
}

// A time of the year 2000 in another year is what the calendar says.
func TestInYear(t *testing.T) {
	for at := time.Date(noYear, 1, 1, 0, 0, 0, 5, time.UTC); at.Year() == noYear; at = at.Add(7 * time.Hour) {
		for _, year := range []int{1970, 1999, 2000, 2004, 2026, 2100} {
			want := time.Date(year, at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
			if got := inYear(at.UnixNano(), year); got != want.UnixNano() {
				t.Fatalf("%s in %d: %s", at, year, time.Unix(0, got).UTC())
			}
		}
	}
}
