package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// Measures of the chart, in its own units.
const (
	chartWidth = 960.0
	plotWidth  = 720.0 // the rest is for what is printed behind the bars
	rowHeight  = 38.0
	axisHeight = 22.0
	minBar     = 3.0 // so that a step of a millisecond can be seen
	maxRows    = 40  // of sessions, and of look-ups
)

// A chart is where the time went: a row for each look-up and each session, a
// bar for each of its steps. The scale is linear; every row begins at 0.
type chart struct {
	Width, Height, Plot float64
	Axis                float64
	Ticks               []tick
	Rows                []row
	Left                int // rows that are not drawn
	Desc                string
}

type tick struct {
	X    float64
	Text string
}

type row struct {
	Label, Note string
	Y, End      float64
	Bars        []bar
	total       time.Duration
}

type bar struct {
	X, Y, W     float64
	Class, Text string // Text is what fits into the bar
	Tip         string
	Failed      bool
	name        string
	took        time.Duration
}

func newChart(r *diag.Report) chart {
	c := chart{Width: chartWidth, Plot: plotWidth}
	route, _ := diag.Value(r, evidence.Route)
	var lookups, talks []row
	for _, l := range route {
		lookups = append(lookups, lookupRow(l))
	}
	for _, s := range sessions(r) {
		talks = append(talks, sessionRow(s))
	}
	for _, rows := range [][]row{lookups, talks} {
		c.Left += max(0, len(rows)-maxRows)
		c.Rows = append(c.Rows, rows[:min(len(rows), maxRows)]...)
	}
	c.place()
	return c
}

// sessionRow makes a bar of each step. Where steps were sent in one group, a
// step has only the time that it took longer than the one before.
func sessionRow(s smtpprobe.Session) row {
	line := row{Label: who(s)}
	var end time.Time
	for _, st := range s.Steps {
		took := st.Took()
		if st.Grouped && !end.IsZero() {
			took = st.End().Sub(end)
		}
		end = st.End()
		line.add(bar{Class: classOf(st.Name), name: st.Name, took: max(took, 0), Failed: st.Fault != "" || st.Code >= 400}, outcome(st))
	}
	return line
}

// outcome is what is worth saying behind the bars of a session.
func outcome(st smtpprobe.Step) string {
	switch {
	case st.Fault != "":
		return st.Name + ": " + st.Fault
	case st.Code >= 400:
		return fmt.Sprintf("%s: %d", st.Name, st.Code)
	}
	return ""
}

func lookupRow(l evidence.Lookup) row {
	line := row{Label: fmt.Sprintf("%s %s at %s (%s)", l.Type, l.Name, l.Server, l.Transport)}
	for _, a := range l.Attempts {
		line.add(bar{Class: "dns", name: "ask", took: max(time.Duration(a.TookNS), 0), Failed: a.Fault != ""}, a.Fault)
	}
	if len(l.Attempts) == 0 {
		line.add(bar{Class: "dns", name: "ask", took: max(l.Took(), 0)}, "")
	}
	if l.Rcode != "" && l.Rcode != "NOERROR" {
		line.Note = joined(", ", line.Note, l.Rcode)
	}
	return line
}

func (line *row) add(b bar, note string) {
	line.Bars = append(line.Bars, b)
	line.total += b.took
	if note != "" && !strings.Contains(line.Note, note) {
		line.Note = joined(", ", line.Note, note)
	}
}

// place works out where everything stands.
func (c *chart) place() {
	longest, most := time.Duration(0), 0
	for _, line := range c.Rows {
		longest, most = max(longest, line.total), max(most, len(line.Bars))
	}
	scale := max(plotWidth-minBar*float64(most), plotWidth/2) / max(longest.Seconds(), 1e-9)
	c.Axis = rowHeight*float64(len(c.Rows)) + 4
	c.Height = c.Axis + axisHeight
	c.Ticks = ticks(longest.Seconds(), scale)
	for i := range c.Rows {
		c.Rows[i].place(rowHeight*float64(i), scale)
	}
	c.Desc = c.describe()
}

func (line *row) place(y, scale float64) {
	line.Y = y + 13
	x := 0.0
	for i := range line.Bars {
		b := &line.Bars[i]
		b.X, b.Y, b.W = round(x), y+18, round(max(minBar, b.took.Seconds()*scale))
		x += b.W
		words := b.name + " " + diag.Seconds(b.took)
		b.Tip = words
		for _, text := range []string{words, b.name} {
			if b.Text == "" && float64(len(text))*6.4+8 < b.W {
				b.Text = text
			}
		}
	}
	line.End = round(x + 6)
	line.Note = joined("; ", diag.Seconds(line.total), line.slowest(), line.Note)
}

// slowest names the step that took longest, where no bar has room to say it.
func (line *row) slowest() string {
	var most bar
	for _, b := range line.Bars {
		if b.Text != "" {
			return ""
		}
		if b.took > most.took {
			most = b
		}
	}
	if len(line.Bars) < 2 || most.took == 0 {
		return ""
	}
	return "longest " + most.Tip
}

// short cuts what would leave the chart.
func short(s string, most int) string {
	if runes := []rune(Visible(s)); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return Visible(s)
}

func round(x float64) float64 { return math.Round(x*10) / 10 }

// ticks divides the axis into about six parts of 1, 2 or 5.
func ticks(longest, scale float64) []tick {
	if longest <= 0 {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(longest/6)))
	for _, f := range []float64{1, 2, 5, 10} {
		if longest/(step*f) <= 7 {
			step *= f
			break
		}
	}
	var list []tick
	for i := 0; float64(i)*step <= longest*1.0001 && i < 12; i++ {
		at := float64(i) * step
		list = append(list, tick{round(at * scale), diag.Seconds(time.Duration(math.Round(at * 1e9)))})
	}
	return list
}

// describe says in words what the chart shows, for those who cannot see it.
func (c *chart) describe() string {
	var parts []string
	for _, line := range c.Rows {
		parts = append(parts, clip(line.Label, 80)+": "+line.Note)
	}
	return strings.Join(parts, ". ")
}

// classOf is the colour of a step.
func classOf(step string) string {
	switch step {
	case smtpprobe.Connect:
		return "connect"
	case smtpprobe.Greeting:
		return "greeting"
	case smtpprobe.EHLO, smtpprobe.HELO:
		return "ehlo"
	case smtpprobe.STARTTLS, smtpprobe.Handshake:
		return "tls"
	case smtpprobe.MAIL, smtpprobe.RCPT:
		return "envelope"
	case smtpprobe.DATA, smtpprobe.Body:
		return "message"
	}
	return "other"
}
