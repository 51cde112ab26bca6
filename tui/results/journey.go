package results

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
	"mailflow/report"
)

// journeyDetail is the way of one message, stop by stop.
func (m Model) journeyDetail(id string) (list, bool) {
	ways := m.facts.journeys()
	at := slices.Index(ways.ids, id)
	if at < 0 {
		return list{}, false
	}
	j, p := ways.all[at], newProse(m.inner())
	p.para(strong, "", "Message <"+j.Message+">")
	p.para(cmp.Or(lookOfJourney(j), strong), "", report.JourneySummary(j))
	p.para(plain, "", report.JourneyEnvelope(j, m.facts.times))
	p.course(j, m.facts.times)
	p.stops(j, m.facts.times)
	p.missing(j.Missing, m.facts.times)
	p.points("What is doubtful", j.Notes)
	p.points("Clocks", ways.clockOf(j))
	return p.list(), true
}

// stops tells what each server did.
func (p *prose) stops(j evidence.Journey, t report.Times) {
	for i, s := range j.Stops[:min(len(j.Stops), mostStops)] {
		if i == 0 {
			p.heading("Stop by stop (" + t.Name(j.Began) + ", clocks corrected where it says so)")
		}
		p.para(plain, pad(ordinal(i), 4), report.StopLine(j, i, t))
		p.parts(s)
		if s.Where.File != "" {
			p.para(faint, "    ", "read in "+joined(", ", s.Where.String(), joined(" ", s.Source, words(s.Source != "", "log"))))
		}
	}
	if more := len(j.Stops) - mostStops; more > 0 {
		p.para(faint, "    ", "and "+count(more, "more stop"))
	}
}

// Bounds of the parts of the time at a server: its line tells some already.
const (
	toldParts = 3
	mostParts = 20
)

// parts tells where a server says that the time went, where its line has not
// room for all.
func (p *prose) parts(s evidence.Stop) {
	parts := slices.DeleteFunc(slices.Clone(s.Parts), func(l evidence.Latency) bool { return l.Own < 1 })
	if len(parts) <= toldParts {
		return
	}
	slices.SortStableFunc(parts, func(a, b evidence.Latency) int { return cmp.Compare(b.Own, a.Own) })
	for _, l := range parts[:min(len(parts), mostParts)] {
		within := ""
		if l.Seconds > l.Own {
			within = "of " + lasts(l.Seconds) + " with what is inside of it"
		}
		words := joined(", ", joined(" ", l.Server, strings.Join(l.Path, "/")), joined(" ", lasts(l.Own), within), words(l.Running, "not ended"))
		p.para(faint, "      - ", words)
	}
}

// missing says which logs to fetch.
func (p *prose) missing(all []evidence.Missing, t report.Times) {
	var lines []string
	for _, x := range all {
		lines = append(lines, report.MissingLine(x, t))
	}
	p.points("Logs that would say more", lines)
}

// mostPoints bounds a list under a heading.
const mostPoints = 100

func (p *prose) points(heading string, all []string) {
	if len(all) == 0 {
		return
	}
	p.heading(heading)
	for _, s := range all[:min(len(all), mostPoints)] {
		p.para(plain, "  - ", s)
	}
}

// A course is the time of a journey as cells: each stop has its own line on one
// scale.
type course struct {
	name, wait, cells int
	from, to          time.Time
}

// Signs of a course.
const (
	waitSign   = '#'
	travelSign = '-'
	staysSign  = '>'
	pointSign  = '*' // a moment: no time passed there, or when it came is not known
)

const courseKey = "Where the time went (# waited, - on the way, > waits still, * a moment, ~ clock corrected)"

// course draws how long the message was where.
func (p *prose) course(j evidence.Journey, t report.Times) {
	c := newCourse(j, p.w)
	if c.cells < 4 || len(j.Stops) == 0 {
		return
	}
	p.heading(courseKey)
	_, longest, _ := most(j)
	for i, s := range j.Stops[:min(len(j.Stops), mostStops)] {
		k := plain
		if i == longest {
			k = alarm
		}
		mark := words(report.ClockWords(s) != "", "~")
		head := pad(ordinal(i)+" "+mark+clean(clip(s.Server)), c.name) + gap + padLeft(lasts(s.Wait), c.wait) + " |"
		p.lines = append(p.lines, say(plain, head).and(k, c.row(s)).fit(p.w))
	}
	p.lines = append(p.lines, say(faint, c.ends(t)).fit(p.w))
}

func newCourse(j evidence.Journey, w int) course {
	c := course{name: min(max(w/4, 8), 26), wait: 11, from: j.Began, to: j.Ended}
	c.cells = min(w, maxProse) - c.name - c.wait - 5
	reach := func(at time.Time) {
		if c.from.IsZero() || at.Before(c.from) {
			c.from = at
		}
		if at.After(c.to) {
			c.to = at
		}
	}
	for _, s := range j.Stops {
		came, left := stay(s)
		reach(came.Add(-clamped(s.Travel)))
		reach(left)
	}
	return c
}

// stay is when a message came and went; of a stop without times the zero time.
func stay(s evidence.Stop) (came, left time.Time) {
	switch {
	case s.Came != nil && s.Left != nil:
		return *s.Came, *s.Left
	case s.Came != nil:
		return *s.Came, s.Came.Add(clamped(s.Wait))
	case s.Left != nil:
		return *s.Left, *s.Left
	}
	return time.Time{}, time.Time{}
}

// clamped is a length of time in Go's units, of what a case file claims.
func clamped(d evidence.Duration) time.Duration {
	return time.Duration(min(max(float64(d), 0), mostTook.Seconds()) * float64(time.Second))
}

// at is the cell of a moment.
func (c course) at(t time.Time) int {
	whole := c.to.Sub(c.from)
	if whole <= 0 {
		return 0
	}
	return min(max(int(float64(t.Sub(c.from))/float64(whole)*float64(c.cells)), 0), c.cells-1)
}

// row is one stop on the scale.
func (c course) row(s evidence.Stop) string {
	came, left := stay(s)
	if came.IsZero() {
		return ""
	}
	row := []byte(spaces(c.cells))
	from, to := c.at(came), c.at(left)
	for i := c.at(came.Add(-clamped(s.Travel))); i < from; i++ {
		row[i] = travelSign
	}
	for i := from; i <= to; i++ {
		row[i] = waitSign
	}
	switch {
	case from == to && left.Sub(came) < c.to.Sub(c.from)/time.Duration(2*c.cells):
		row[to] = pointSign
	case s.Left == nil && !ended(s.Outcome):
		row[to] = staysSign
	}
	return strings.TrimRight(string(row), " ")
}

// ended says whether nothing of a message is left at a stop, though no departure
// was seen.
func ended(outcome string) bool {
	return outcome == evidence.SawDelivered || outcome == evidence.SawFailed || outcome == evidence.SawDropped || outcome == evidence.SawDone
}

// ends tells the moments at both ends of the scale.
func (c course) ends(t report.Times) string {
	from, to := t.Of(c.from), t.Of(c.to)+" "+t.Name(c.to)
	room := c.cells - cells(from) - cells(to)
	if room < 1 {
		return from + " - " + to
	}
	return spaces(c.name+c.wait+4) + from + spaces(room) + to
}
