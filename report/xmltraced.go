package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// traced writes what is known of mail on its way and mail that waits; each section
// where there is anything to say.
func (x *xmlWriter) traced(v tracedView) {
	section(x, "journeys", v.Journeys, x.journey)
	section(x, "clocks", v.Clocks, x.clock)
	section(x, "rhythms", v.Rhythms, x.rhythm)
	section(x, "queues", v.Queues, x.listing)
}

// section writes a list within an element of its own; none where it is empty.
func section[T any](x *xmlWriter, name string, all []T, write func(T)) {
	if len(all) == 0 {
		return
	}
	x.open(name)
	for _, one := range all {
		write(one)
	}
	x.shut(name)
}

func span(s seconds) string { return exact(time.Duration(s)) }

// float is a number as XML Schema's double has it.
func float(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// numbers are whole numbers with spaces between.
func numbers(all []int) string { return strings.Trim(fmt.Sprint(all), "[]") }

func (x *xmlWriter) journey(j journeyView) {
	x.open("journey", with([]attr{{"state", j.State}, {"total_seconds", span(j.Total)}}, attr{"began", utc(j.Began)}, attr{"ended", utc(j.Ended)},
		attr{"recipient_count", number(int64(j.Count))}, attr{"sample", yes(j.Sample)}, attr{"asked", yes(j.Asked)})...)
	x.text("message", j.Message)
	x.optional("sender", j.Sender)
	x.list("recipient", j.Recipients)
	x.text("summary", j.Summary)
	for _, s := range j.Stops {
		x.stop(s)
	}
	for _, m := range j.Missing {
		x.open("missing", with([]attr{{"server", m.Server}}, attr{"from", utc(m.From)}, attr{"to", utc(m.To)})...)
		x.text("why", m.Why)
		x.optional("get", m.Get)
		x.shut("missing")
	}
	x.list("note", j.Notes)
	x.shut("journey")
}

func (x *xmlWriter) stop(s stopView) {
	x.open("stop", with([]attr{{"server", s.Server}, {"source", s.Source}, {"from", strconv.Itoa(s.From)}, {"wait_seconds", span(s.Wait)}, {"travel_seconds", span(s.Travel)},
		{"shift_seconds", span(s.Shift)}, {"error_seconds", span(s.Error)}}, attr{"came", utc(s.Came)}, attr{"left", utc(s.Left)}, attr{"still_waits", yes(s.Waits)},
		attr{"peer", s.Peer}, attr{"hop", s.Hop}, attr{"outcome", s.Outcome}, attr{"tries", number(int64(s.Tries))}, attr{"expanded", number(int64(s.Expanded))})...)
	x.optional("reason", s.Reason)
	for _, p := range s.Parts {
		x.open("part", with([]attr{{"took_seconds", span(p.Took)}, {"own_seconds", span(p.Own)}}, attr{"server", p.Server}, attr{"running", yes(p.Running)})...)
		x.list("name", p.Path)
		x.shut("part")
	}
	for _, t := range s.Sessions {
		x.talk(t)
	}
	x.optional("where", s.Where)
	x.shut("stop")
}

func (x *xmlWriter) clock(c clockView) {
	x.open("clock", with([]attr{{"server", c.Server}, {"against", c.Against}, {"sent", strconv.Itoa(c.Sent)}, {"back", strconv.Itoa(c.Back)}},
		attr{"ahead_seconds", maybe(c.Ahead)}, attr{"low_seconds", maybe(c.Low)}, attr{"high_seconds", maybe(c.High)}, attr{"steps", yes(c.Steps)})...)
	x.list("via", c.Via)
	x.optional("where", c.Where)
	x.shut("clock")
}

func (x *xmlWriter) rhythm(h rhythmView) {
	x.open("hop", with([]attr{{"server", h.Server}, {"to", h.To}, {"is", h.Is}, {"count", strconv.Itoa(h.Count)}, {"waited", strconv.Itoa(h.Waited)},
		{"strength", float(h.Strength)}, {"chance", float(h.Chance)}, {"period_seconds", span(h.Period)}, {"window_seconds", span(h.Window)}, {"turn_seconds", span(h.Turn)}},
		attr{"wall", yes(h.Wall)})...)
	x.text("sentence", h.Sentence)
	x.optional("why", h.Why)
	x.optional("ladder", h.Ladder)
	for _, l := range []struct {
		name string
		all  []seconds
	}{{"phase", h.Phases}, {"step", h.Steps}, {"sum", h.Sums}} {
		for _, s := range l.all {
			x.text(l.name, span(s))
		}
	}
	x.optional("minutes", numbers(h.Minutes))
	for _, b := range h.Waits {
		x.empty("waits", attr{"from_seconds", span(b.From)}, attr{"to_seconds", span(b.To)}, attr{"count", strconv.Itoa(b.Count)})
	}
	x.shut("hop")
}

func (x *xmlWriter) listing(l listingView) {
	x.open("listing", with([]attr{{"file", l.File}, {"messages", strconv.Itoa(l.Messages)}}, attr{"format", l.Format})...)
	for _, name := range slices.Sorted(maps.Keys(l.States)) {
		x.empty("state", attr{"name", name}, attr{"count", strconv.Itoa(l.States[name])})
	}
	for _, q := range l.Queues {
		x.queue(q)
	}
	for _, f := range l.Forecasts {
		x.forecast(f)
	}
	for _, e := range l.Reasons {
		x.text("reason", e.Text, with([]attr{{"count", strconv.Itoa(e.Count)}}, attr{"domain", e.Domain}, attr{"state", e.State}, attr{"line", number(int64(e.Line))})...)
	}
	for _, g := range l.Groups {
		x.text("group", g.Name, attr{"by", g.By}, attr{"count", strconv.Itoa(g.Count)})
	}
	for _, m := range l.Oldest {
		x.queued(m)
	}
	x.ages(l)
	x.shut("listing")
}

func (x *xmlWriter) queue(q queueView) {
	retries, velocity := "", ""
	if q.Retries != nil {
		retries = strconv.Itoa(*q.Retries)
	}
	if q.Velocity != nil {
		velocity = float(*q.Velocity)
	}
	x.open("queue", with([]attr{{"name", q.Name}, {"state", q.State}, {"messages", strconv.Itoa(q.Messages)}}, attr{"server", q.Server}, attr{"type", q.Type}, attr{"next_hop", q.NextHop},
		attr{"connector", q.Connector}, attr{"said", q.Said}, attr{"retries", retries}, attr{"velocity", velocity}, attr{"line", number(int64(q.Line))})...)
	x.optional("last_error", q.Error)
	for _, i := range []struct {
		name string
		at   instantView
	}{{"last_try", q.LastTry}, {"next_try", q.NextTry}} {
		if i.at.Time != nil || i.at.Text != "" {
			x.text(i.name, i.at.Text, with(nil, attr{"time", utc(i.at.Time)})...)
		}
	}
	x.shut("queue")
}

func (x *xmlWriter) forecast(f forecastView) {
	x.open("forecast", with([]attr{{"queue", f.Queue}}, attr{"server", f.Server}, attr{"oldest", utc(f.Oldest)}, attr{"next", utc(f.Next)}, attr{"notice", utc(f.Notice)},
		attr{"gives_up", utc(f.GivesUp)}, attr{"drains_in_seconds", maybe(f.Drains)}, attr{"grows", yes(f.Grows)})...)
	x.optional("sentence", f.Line)
	x.list("by", f.By)
	x.list("unknown", f.Unknown)
	x.shut("forecast")
}

func (x *xmlWriter) queued(m queuedView) {
	x.open("oldest", with([]attr{{"id", m.ID}, {"state", m.State}, {"age_seconds", span(m.Age)}}, attr{"since", utc(m.Since)}, attr{"line", number(int64(m.Line))})...)
	x.optional("sender", m.Sender)
	x.optional("to", m.To)
	x.optional("reason", m.Reason)
	x.shut("oldest")
}

// ages writes an age table: the upper edges of its columns, then its rows.
func (x *xmlWriter) ages(l listingView) {
	if len(l.Ages) == 0 {
		return
	}
	x.open("ages")
	for _, e := range l.AgeEdges {
		x.text("edge", span(e))
	}
	for _, r := range l.Ages {
		x.text("age", numbers(r.Counts), with([]attr{{"domain", r.Domain}, {"total", strconv.Itoa(r.Total)}}, attr{"oldest", utc(r.Oldest)})...)
	}
	x.shut("ages")
}
