package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// A weekClock says in which time zone the hours of schedules are told, as the
// clocks there stand at a moment. Zero is GMT, as the directory keeps them.
type weekClock struct {
	zone evidence.TimeZone
	at   time.Time
}

// clockOf is the zone that the operator asked for, at the time of the run. A run
// that judges nothing gathers no zone; then what was said counts.
func clockOf(r *diag.Report) weekClock {
	z, asked := diag.Value(r, evidence.Zone)
	for _, in := range r.Opened().Inputs {
		if !asked && in.Name == evidence.Zone.Kind().Name {
			z, _ = evidence.LoadZone(in.Value)
		}
	}
	now, ok := diag.Value(r, evidence.Clock)
	if !ok {
		now = r.Began()
	}
	c := weekClock{z, now}
	if _, offset := now.In(z.Location()).Zone(); time.Duration(offset)*time.Second%evidence.Quarter != 0 {
		return weekClock{} // no zone of our days: Schedule.WordsIn tells GMT, too
	}
	return c
}

// name is how words and weeks call the zone: "CET", "UTC+05:45".
func (c weekClock) name() string {
	at := c.at.In(c.zone.Location())
	name, offset := at.Zone()
	switch {
	case offset == 0 && (c.zone.String() == "" || c.zone.String() == "UTC"):
		return "GMT"
	case strings.ContainsAny(name, "+-0123456789"):
		return "UTC" + at.Format("-07:00")
	}
	return name
}

func (c weekClock) words(s *evidence.Schedule) string { return s.WordsIn(c.zone, c.at) }

// A Week is when a connector is open: a line for each day from Sunday on, a
// character for each hour (evidence.Schedule.Grid).
type Week struct {
	Zone string // the name of its clocks
	Days [7]string
}

// What the characters of weeks mean, and what their pictures do.
const (
	weekKey     = ": # is open all hour, . is closed, a digit adds up its open quarters (8 for :00, 4 for :15, 2 for :30, 1 for :45; a is 10, e is 14)"
	weekDrawn   = ": what is filled is open, to the quarter of an hour"
	weekChanges = "; the directory keeps GMT, so that these hours move as clocks are changed"
)

// week is a schedule hour by hour, under its words; none where it is the same
// every hour, so that the words tell it all. The first says how weeks are read.
func (t *teller) week(heading string, d evidence.Timetable) Branch {
	if !waits(d) {
		return Branch{}
	}
	w := Week{t.clock.name(), d.Schedule.Grid(t.clock.zone, t.clock.at)}
	if all := strings.Join(w.Days[:], ""); strings.Trim(all, all[:1]) == "" {
		return Branch{}
	}
	b := Branch{Text: heading + ", hour by hour (" + w.Zone + ")", Week: &w, Open: true}
	b.Drawn = b.Text
	if t.weeks++; t.weeks == 1 {
		b.Text, b.Drawn = b.Text+weekKey+changes(w.Zone), b.Drawn+weekDrawn+changes(w.Zone)
	}
	for d, line := range w.Days {
		b.Kids = append(b.Kids, leaf(time.Weekday(d).String()[:3]+" "+line[:6]+" "+line[6:12]+" "+line[12:18]+" "+line[18:]))
	}
	return b
}

// changes says of another zone than that of the directory that it may change.
func changes(zone string) string {
	if zone == "GMT" {
		return ""
	}
	return weekChanges
}

// quarters says of each quarter hour of a day whether it is open.
func quarters(line string) [96]bool {
	var day [96]bool
	for i := range min(len(line), 24) {
		bits := strings.IndexByte("0123456789abcdef", line[i])
		if line[i] == '#' {
			bits = 15
		}
		for q := range 4 {
			day[4*i+q] = bits > 0 && bits&(8>>q) != 0
		}
	}
	return day
}

// A run is some quarter hours of a day that are open one after the other.
type run struct{ from, to int }

func runs(line string) []run {
	var all []run
	for q, open := range quarters(line) {
		switch n := len(all); {
		case open && n > 0 && all[n-1].to == q:
			all[n-1].to++
		case open:
			all = append(all, run{q, q + 1})
		}
	}
	return all
}

// Measures of the picture of a week, in its own units.
const (
	weekLeft    = 34.0
	weekTop     = 16.0
	weekQuarter = 5.0
	weekRow     = 15.0
)

// A weekPicture is a week as rows of quarter hours.
type weekPicture struct {
	Width, Height, Right, Bottom float64
	Rows                         []weekLabel // days
	Hours                        []weekLabel
	Open                         string // a path around what is open
	Desc                         string
}

type weekLabel struct {
	X, Y float64
	Text string
}

func newWeekPicture(w Week) weekPicture {
	p := weekPicture{Right: weekLeft + 96*weekQuarter, Bottom: weekTop + 7*weekRow}
	p.Width, p.Height = p.Right+12, p.Bottom+2
	for hour := 0; hour <= 24; hour += 3 {
		p.Hours = append(p.Hours, weekLabel{weekLeft + 4*weekQuarter*float64(hour), weekTop, fmt.Sprint(hour)})
	}
	var path strings.Builder
	for d, line := range w.Days {
		y := weekTop + weekRow*float64(d)
		p.Rows = append(p.Rows, weekLabel{0, y, time.Weekday(d).String()[:3]})
		for _, r := range runs(line) {
			wide := weekQuarter * float64(r.to-r.from)
			fmt.Fprintf(&path, "M%g %gh%gv%gh%gz", weekLeft+weekQuarter*float64(r.from), y+2, wide, weekRow-4, -wide)
		}
	}
	p.Open, p.Desc = path.String(), w.told()
	return p
}

// told is a week for those who cannot see it.
func (w Week) told() string {
	var days []string
	for d, line := range w.Days {
		days = append(days, time.Weekday(d).String()+" "+ranges(runs(line)))
	}
	return "Open, " + w.Zone + ": " + strings.Join(slices.Compact(days), "; ")
}

func ranges(all []run) string {
	const most = 6
	if len(all) == 0 {
		return "never"
	}
	var words []string
	for _, r := range all[:min(len(all), most)] {
		words = append(words, quarterClock(r.from)+" to "+quarterClock(r.to))
	}
	if more := len(all) - most; more > 0 {
		words = append(words, fmt.Sprintf("and %d times more, until %s", more, quarterClock(all[len(all)-1].to)))
	}
	return strings.Join(words, ", ")
}

// quarterClock is the time of day; a day ends at 24:00.
func quarterClock(quarter int) string { return fmt.Sprintf("%02d:%02d", quarter/4, quarter%4*15) }
