package report

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mailflow/evidence"
)

// Measures of the two charts of a rhythm, in their own units.
const (
	dialLeft   = 30.0
	dialBar    = 8.0
	waitsLeft  = 590.0
	waitsWidth = 360.0
	rhythmTop  = 30.0
	rhythmBase = 130.0
	rhythmAll  = 152.0
	marksFrom  = 17.0 // where the lines over the bars begin
)

// A rhythmPicture is when messages that waited left a hop, over one turn, and how
// long they waited; what was found is drawn over both.
type rhythmPicture struct {
	Width, Height    float64
	Base, Top, Marks float64
	ID               int
	Name             string
	Sentence, Why    string
	Prompt           string
	Heads            []pathWords // over each chart
	Most             []pathWords // the height of the highest bar
	Bars             []rhythmBar
	Grid             []rhythmMark // openings, and where waits gather
	Ticks            []tick
	Desc             string
	Numbers          [][2]string
}

type rhythmBar struct {
	X, Y, W, H float64
	Tip        string
}

// A rhythmMark is a line from top to bottom with what it stands for.
type rhythmMark struct {
	X    float64
	Text string
}

func newRhythmPictures(all []hopRhythm) (pictures []rhythmPicture, left int) {
	for i, h := range firstOf(all, drawnRhythms) {
		pictures = append(pictures, newRhythmPicture(i, h.HopRhythm, h.times))
	}
	return pictures, max(0, len(all)-drawnRhythms)
}

func newRhythmPicture(id int, h evidence.HopRhythm, t Times) rhythmPicture {
	p := rhythmPicture{ID: id, Width: chartWidth, Height: rhythmAll, Top: rhythmTop, Base: rhythmBase, Marks: marksFrom,
		Name: HopName(h.Server, h.To), Sentence: capital(RhythmSentence(h, t)) + ".", Why: capital(h.Why)}
	if n := promptOf(h); n > 0 {
		p.Prompt = messages(n) + " that waited less than two minutes are not drawn."
	}
	d := dialOf(h, t)
	if most(d.Minutes) > 0 {
		p.dial(d)
	}
	if bins := lateBins(h); len(bins) > 0 {
		p.waits(h, bins)
	}
	p.Desc = strings.Join(p.told(h, d), ". ")
	p.Numbers = rhythmNumbers(h, t)
	return p
}

// dial draws when messages left.
func (p *rhythmPicture) dial(d dial) {
	p.heading(dialLeft, "departures of messages that waited, by "+d.unit(), most(d.Minutes))
	for i, n := range d.Minutes {
		p.bar(dialLeft+dialBar*float64(i), dialBar, n, most(d.Minutes), d.clock(i)+": "+messages(n))
		if i%10 == 0 {
			p.Ticks = append(p.Ticks, tick{dialLeft + dialBar*float64(i), d.clock(i)})
		}
	}
	for _, at := range d.Grid {
		x := dialLeft + dialBar*dialParts*at
		p.Grid = append(p.Grid, rhythmMark{round(x), ""})
	}
}

// unit is what a bar of a dial is.
func (d dial) unit() string {
	if d.Turn == time.Hour {
		return "minute of the hour (" + d.Zone + ")"
	}
	return lasting(evidence.Duration(d.Turn.Seconds()/dialParts)) + " of each " + lasting(evidence.Duration(d.Turn.Seconds())) + " (" + d.Zone + ")"
}

// waits draws how long messages waited.
func (p *rhythmPicture) waits(h evidence.HopRhythm, bins []evidence.WaitBin) {
	highest := 0
	for _, b := range bins {
		highest = max(highest, b.Count)
	}
	p.heading(waitsLeft, "how long they waited", highest)
	wide := min(waitsWidth/float64(len(bins)), 2*dialBar)
	for i, b := range bins {
		p.bar(waitsLeft+wide*float64(i), wide, b.Count, highest, lasting(b.From)+" to "+lasting(b.To)+": "+messages(b.Count))
	}
	for _, d := range roundWaits() {
		if x, ok := waitAt(bins, d); ok {
			p.Ticks = append(p.Ticks, tick{round(waitsLeft + wide*x), compact(d)})
		}
	}
	for _, s := range firstOf(h.Sums, mostSums) {
		if x, ok := waitAt(bins, s); ok {
			p.Grid = append(p.Grid, rhythmMark{round(waitsLeft + wide*x), compact(s)})
		}
	}
}

// waitAt is where a length stands on the scale of the bins, which is logarithmic.
func waitAt(bins []evidence.WaitBin, d evidence.Duration) (float64, bool) {
	for i, b := range bins {
		if b.From <= d && d < b.To {
			if b.From <= 0 {
				return float64(i), true
			}
			return float64(i) + math.Log(float64(d/b.From))/math.Log(float64(b.To/b.From)), true
		}
	}
	return 0, false
}

func (p *rhythmPicture) heading(x float64, words string, highest int) {
	p.Heads = append(p.Heads, pathWords{X: x, Y: 11, Text: words})
	p.Most = append(p.Most, pathWords{X: x - 4, Y: rhythmTop + 8, Text: grouped(highest)})
}

func (p *rhythmPicture) bar(x, wide float64, n, highest int, tip string) {
	if n <= 0 || highest <= 0 {
		return
	}
	tall := max(1.5, (rhythmBase-rhythmTop)*float64(n)/float64(highest))
	p.Bars = append(p.Bars, rhythmBar{round(x + 0.5), round(rhythmBase - tall), round(max(wide-1, 1)), round(tall), tip})
}

// told is the picture for those who cannot see it: the verdict and the highest
// bars.
func (p *rhythmPicture) told(h evidence.HopRhythm, d dial) []string {
	words := []string{p.Name + ": " + strings.TrimSuffix(p.Sentence, ".")}
	highest := most(d.Minutes)
	var at []string
	for i, n := range d.Minutes {
		if highest > 0 && 2*n >= highest && len(at) < 12 {
			at = append(at, fmt.Sprintf("%s (%d)", d.clock(i), n))
		}
	}
	words = append(words, firstOf([]string{"most left at " + strings.Join(at, ", ")}, len(at))...)
	if sums := sumWords(h); sums != "" {
		words = append(words, "waits gather at "+sums)
	}
	return words
}

// rhythmNumbers is the table under the charts.
func rhythmNumbers(h evidence.HopRhythm, t Times) [][2]string {
	rows := [][2]string{{"Rhythm", h.Is}, {"Messages judged", grouped(h.Count)}, {"Of these waited", grouped(h.Waited)}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	if h.Period > 0 {
		add("Period", openings(h, t))
	}
	add("Waits gather at", sumWords(h))
	add("Known ladders that fit", h.Ladder)
	var steps []string
	for _, s := range firstOf(h.Steps, 2*mostSums) {
		steps = append(steps, lasting(s))
	}
	add("Waits between attempts", strings.Join(steps, ", "))
	if h.Strength > 0 {
		_, percent := h.Follow()
		add("Share that follows it", fmt.Sprintf("%d %%", percent))
		add("Seen by chance", chanceWords(h.Chance))
	}
	return rows
}

// chanceWords is a probability as people read it.
func chanceWords(p float64) string {
	switch {
	case p <= 0:
		return ""
	case p < 1e-6:
		return "less than 1 in a million"
	case p < 0.1:
		return "at most 1 in " + grouped(int(1/p))
	}
	return fmt.Sprintf("at most %.0f %%", 100*min(p, 1))
}

// capital is a sentence as it begins.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
