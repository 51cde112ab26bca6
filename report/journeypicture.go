package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"mailflow/evidence"
)

// Measures of the picture of journeys, in its own units.
const (
	laneHeight  = 20.0
	barHeight   = 16.0
	labelHeight = 20.0
	mostLanes   = 6    // of one journey: mail to many servers at once
	nudge       = 4.0  // bars that overlap by so little are drawn one after the other
	pushed      = 24.0 // by so much short bars, drawn longer so that they can be seen, may push what follows
	tipWidth    = 9.0  // the point of a bar that has no end yet
	colours     = 6    // of servers; more share one
)

// A journeyPicture is where messages stood over time: a row for each journey, a
// bar for each stop, all rows from the moment on that their journey began.
type journeyPicture struct {
	Width, Height, Axis float64
	Ticks               []tick
	Rows                []journeyRow
	Servers             []serverColour
	Others              bool   // there are servers without a colour of their own
	Left                string // what is not drawn
	Title, Desc         string
	Clocks              []string
}

type serverColour struct{ Class, Name string }

type journeyRow struct {
	Y        float64
	Label    string
	End, Mid float64 // behind the bars of the first lane
	Total    string
	Items    []journeyItem
	Envelope string
	Facts    []stopFacts
	Notes    []string
	lanes    int
}

// A journeyItem is a bar. Kind is "wait", "travel", "missing" (hatched) or "mark",
// where only one of its ends is known.
type journeyItem struct {
	Kind, Class string
	X, Y, W, H  float64
	Tip, Text   string
	Point       string // the points of its open end; "" where it ended
	Hatch       string // a path of slanting lines
	Error       string // a path: how wrong the clock may be
	from, to    float64
	lane        int
	off         float64 // half the length of Error
}

// stopFacts is a stop for the table under the picture.
type stopFacts struct{ Server, Came, Waited, Travelled, What, Where string }

func newJourneyPicture(t traced) *journeyPicture {
	worst, left := worstOf(t.journeys, drawnJourneys)
	p := &journeyPicture{Width: chartWidth, Title: "Where each message was, from the moment on that it began"}
	if left > 0 {
		p.Left = journeysLeft(t.journeys, left)
	}
	longest := longestOf(worst)
	scale := plotWidth / max(longest.Seconds(), 1)
	class := p.colour(worst)
	y := 4.0
	for _, j := range worst {
		r := newJourneyRow(j, t.times, scale, class)
		r.place(y)
		y += labelHeight + laneHeight*float64(r.lanes) + 6
		p.Rows = append(p.Rows, r)
	}
	p.Axis, p.Height, p.Ticks = y, y+axisHeight, timeTicks(longest, scale)
	p.Desc = p.describe()
	for _, c := range firstOf(t.clocks, mostClocks) {
		p.Clocks = append(p.Clocks, ClockLine(c))
	}
	return p
}

// longestOf is the time that the axis has to hold.
func longestOf(all []evidence.Journey) time.Duration {
	longest := time.Second
	for _, j := range all {
		longest = max(longest, clamped(j.Total))
		for _, s := range firstOf(j.Stops, mostStops) {
			_, to := stopSpan(j, s)
			longest = max(longest, to)
		}
		for _, m := range firstOf(j.Missing, mostMissing) {
			if !foreign(m) {
				longest = max(longest, since(j, m.From), since(j, m.To))
			}
		}
	}
	return longest
}

// since is how long after a journey began something was; none before it, nor
// beyond what clamped lets through.
func since(j evidence.Journey, at time.Time) time.Duration {
	return clamped(evidence.Duration(at.Sub(j.Began).Seconds()))
}

// stopSpan is from when to when a message was at a stop, since its journey began.
func stopSpan(j evidence.Journey, s evidence.Stop) (from, to time.Duration) {
	switch {
	case s.Came != nil && s.Left != nil:
		from = since(j, *s.Came)
		return from, max(from, since(j, *s.Left))
	case s.Came != nil:
		from = since(j, *s.Came)
		return from, since(j, s.Came.Add(clamped(s.Wait)))
	case s.Left != nil:
		return since(j, *s.Left), since(j, *s.Left)
	}
	return 0, 0
}

// colour gives colours to the servers where messages waited longest.
func (p *journeyPicture) colour(all []evidence.Journey) map[string]string {
	waited := map[string]time.Duration{}
	for _, j := range all {
		for _, s := range firstOf(j.Stops, mostStops) {
			waited[s.Server] += clamped(s.Wait) / time.Duration(len(all))
		}
	}
	var names []string
	for name := range waited {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(waited[b], waited[a]), cmp.Compare(a, b)) })
	class := map[string]string{}
	for i, name := range firstOf(names, colours) {
		class[name] = fmt.Sprintf("s%d", i)
		p.Servers = append(p.Servers, serverColour{class[name], name})
	}
	p.Others = len(names) > colours
	return class
}

func newJourneyRow(j evidence.Journey, t Times, scale float64, class map[string]string) journeyRow {
	r := journeyRow{Label: j.Message + ": " + JourneySummary(j), Total: lasting(j.Total), Envelope: JourneyEnvelope(j, t), Notes: firstOf(j.Notes, mostMissing)}
	t = t.within(j)
	for i, s := range firstOf(j.Stops, mostStops) {
		r.Items = append(r.Items, stopItems(j, i, t, scale, cmp.Or(class[s.Server], "s-more"))...)
		f := stopFacts{Server: s.Server, Waited: amountOf(s), What: stopWords(j, i), Where: s.Where.String()}
		if s.Came != nil {
			f.Came = t.Of(*s.Came)
		}
		if s.Travel > 0 {
			f.Travelled = lasting(s.Travel)
		}
		r.Facts = append(r.Facts, f)
	}
	if more := len(j.Stops) - mostStops; more > 0 {
		r.Notes = append(slices.Clone(r.Notes), "and "+count(more, "more stop"))
	}
	for _, m := range firstOf(j.Missing, mostMissing) {
		if !foreign(m) {
			r.Items = append(r.Items, missingItem(j, m, t, scale))
		}
		r.Facts = append(r.Facts, stopFacts{Server: m.Server, Waited: "no log", What: MissingLine(m, t)})
	}
	return r
}

// stopItems are the bars of a stop: how the message came, and how long it stayed.
func stopItems(j evidence.Journey, i int, t Times, scale float64, class string) []journeyItem {
	s := j.Stops[i]
	if s.Came == nil && s.Left == nil {
		return nil
	}
	from, to := stopSpan(j, s)
	bar := journeyItem{Kind: "wait", Class: class, from: from.Seconds() * scale, to: to.Seconds() * scale, Tip: StopLine(j, i, t), Text: Visible(s.Server) + " " + lasting(s.Wait)}
	if s.Came == nil {
		bar.Kind = "mark"
	}
	if stays(s) {
		bar.Point = "open"
	}
	if s.Error > 0 && s.Came != nil && ClockWords(s) != "" {
		bar.off = max(3, min(float64(s.Error)*scale, plotWidth/4))
	}
	if s.Travel < 1 || s.Came == nil {
		return []journeyItem{bar}
	}
	travel := journeyItem{Kind: "travel", Class: class, from: max(0, bar.from-clamped(s.Travel).Seconds()*scale), to: bar.from, Tip: "on the way to " + s.Server + " for " + lasting(s.Travel)}
	return []journeyItem{travel, bar}
}

// foreign says whether a log is of somebody else: it is asked for in words, and what
// happened there is no part of the picture.
func foreign(m evidence.Missing) bool { return strings.HasPrefix(m.Get, evidence.AskPostmaster) }

// missingItem is the hours that a log would have to cover; where they begin before the
// last that is known of the message, from then on.
func missingItem(j evidence.Journey, m evidence.Missing, t Times, scale float64) journeyItem {
	from, to := since(j, m.From), since(j, m.To)
	if end := clamped(j.Total); from < end && to > end {
		from = end
	}
	return journeyItem{Kind: "missing", from: from.Seconds() * scale, to: max(from, to).Seconds() * scale, Tip: MissingLine(m, t), Text: "no log of " + Visible(m.Server)}
}

// place finds a lane for each bar, and works out where it stands.
func (r *journeyRow) place(y float64) {
	r.Y = y + 13
	slices.SortStableFunc(r.Items, func(a, b journeyItem) int { return cmp.Compare(a.from, b.from) })
	var ends, times []float64 // of each lane: where its bars end, and where they would if short ones were not drawn longer
	var drawn []journeyItem
	for _, b := range r.Items {
		lane := slices.IndexFunc(times, func(end float64) bool { return b.from >= end-nudge })
		if lane >= 0 && ends[lane]-b.from > pushed {
			lane = -1
		}
		if lane < 0 && len(ends) == mostLanes {
			continue // the table has it
		}
		if lane < 0 {
			lane, ends, times = len(ends), append(ends, 0), append(times, 0)
		}
		b.lane = lane
		b.put(y, ends[lane])
		ends[lane], times[lane] = b.X+b.W, max(times[lane], b.to)
		drawn = append(drawn, b)
	}
	r.Items, r.lanes = drawn, max(1, len(ends))
	if len(ends) > 0 {
		r.End = round(ends[0] + tipWidth + 4)
	}
	r.Mid = y + labelHeight + 12
}

// put draws a bar in its lane, behind what is there.
func (b *journeyItem) put(y, end float64) {
	b.X = round(max(b.from, end))
	b.W, b.H = round(max(b.to-b.X, minBar)), barHeight
	b.Y = y + labelHeight + laneHeight*float64(b.lane)
	if len([]rune(b.Text)) > int((b.W-8)/6.4) {
		b.Text = ""
	}
	if b.Point != "" {
		b.Point = fmt.Sprintf("%g,%g %g,%g %g,%g", b.X+b.W, b.Y, b.X+b.W+tipWidth, b.Y+barHeight/2, b.X+b.W, b.Y+barHeight)
	}
	if b.off > 0 {
		low := b.Y + barHeight + 2
		b.Error = fmt.Sprintf("M%g %gv4M%g %gv4M%g %gh%g", round(max(0, b.X-b.off)), low-2, round(b.X+b.off), low-2, round(max(0, b.X-b.off)), low, round(b.X+b.off-max(0, b.X-b.off)))
	}
	switch b.Kind {
	case "travel":
		b.Y, b.H = b.Y+barHeight/4, barHeight/2
	case "missing":
		b.Hatch = hatched(b.X, b.Y, b.W, b.H)
	}
}

// hatched is slanting lines within a rectangle.
func hatched(x, y, w, h float64) string {
	const step = 6.0
	var path strings.Builder
	for at := step; at < w+h; at += step {
		x0, y0 := x+math.Min(at, w), y+math.Max(0, at-w)
		x1, y1 := x+math.Max(0, at-h), y+math.Min(at, h)
		fmt.Fprintf(&path, "M%g %gL%g %g", round(x0), round(y0), round(x1), round(y1))
	}
	return path.String()
}

// timeTicks divides an axis of time at round lengths.
func timeTicks(longest time.Duration, scale float64) []tick {
	const most = 8
	step := time.Second
	for _, s := range []time.Duration{2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400, 30 * 86400, 365 * 86400, 3650 * 86400} {
		if longest/step < most {
			break
		}
		step = s * time.Second
	}
	var list []tick
	for at := time.Duration(0); at <= longest && len(list) <= most; at += step {
		list = append(list, tick{round(at.Seconds() * scale), lasting(evidence.Duration(at.Seconds()))})
	}
	return list
}

// describe says in words what the picture shows, for those who cannot see it.
func (p *journeyPicture) describe() string {
	var parts []string
	for _, r := range p.Rows {
		words := []string{clip(r.Label, 160)}
		for _, f := range firstOf(r.Facts, 8) {
			words = append(words, joined(" ", clip(f.Server, 40), f.Waited))
		}
		parts = append(parts, strings.Join(words, ", "))
	}
	return clip(strings.Join(parts, ". "), 6000)
}
