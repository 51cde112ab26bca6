package report

import (
	"fmt"
	"strings"

	"mailflow/evidence"
)

// Measures of the picture of a path, in its own units.
const (
	stopHeight   = 30.0
	lineHeight   = 16.0
	arrowAt      = 24.0
	drawnLegs    = 15 // the text has the others
	drawnLines   = 7  // of one leg
	wordsPerRow  = 140
	printedWidth = 76 // columns of the text that paper has room for
)

// A pathPicture is the path of a message from top to bottom: a box for each stop,
// an arrow for each leg with what is to be said of it.
type pathPicture struct {
	Width, Height float64
	Stops         []pathStop
	Arrows        []pathArrow
	Left          int // legs that are not drawn
	Title, Desc   string
	Summary       string
	Lines         []string // all of it as text
}

type pathStop struct {
	Y      float64
	Text   string
	Beyond bool // the message does not get there
}

// A pathArrow leads from one stop to the next. Style says in which line it is
// drawn; the words say the same.
type pathArrow struct {
	X, From, To float64
	Head        string // the points of its head; "" where the message stays
	Style       string // "", "waits" or "ends"
	Words       []pathWords
}

type pathWords struct {
	X, Y   float64
	Text   string
	Strong bool
}

func newPathPicture(p evidence.Path) *pathPicture {
	d := &pathPicture{Width: chartWidth, Title: pathTitle(p), Summary: PathSummary(p), Left: max(0, len(p.Legs)-drawnLegs), Lines: PathLines(p, printedWidth)}
	y := 1.0
	for i, l := range p.Legs[:min(len(p.Legs), drawnLegs)] {
		if i == 0 {
			y = d.stop(y, start(p), false)
		}
		y = d.arrow(y, p, l)
		if l.Kind != evidence.SameServer {
			y = d.stop(y, landing(p, i), l.Closed)
		}
	}
	if strands(p) && d.Left == 0 {
		if len(p.Legs) == 0 {
			y = d.stop(y, start(p), false)
		}
		y = d.end(y, endWords(p, evidence.Leg{}))
	}
	d.Height = y + 2
	d.Desc = clip(strings.Join(d.told(), ". "), 4000)
	return d
}

func (d *pathPicture) stop(y float64, text string, beyond bool) float64 {
	d.Stops = append(d.Stops, pathStop{y, text, beyond})
	return y + stopHeight
}

// end marks that the message stays at the last stop.
func (d *pathPicture) end(y float64, words string) float64 {
	a := pathArrow{X: arrowAt, From: y, To: y + lineHeight + 6, Style: "ends"}
	a.Words = []pathWords{{arrowAt + 18, y + lineHeight, "X " + words, true}}
	d.Arrows = append(d.Arrows, a)
	return a.To
}

// arrow draws one leg, as long as its words need.
func (d *pathPicture) arrow(y float64, p evidence.Path, l evidence.Leg) float64 {
	a := pathArrow{X: arrowAt, From: y, Style: arrowStyle(l)}
	for _, s := range pictureWords(p, l) {
		for _, row := range firstLines(wrap("", s, wordsPerRow), 2) {
			y += lineHeight
			a.Words = append(a.Words, pathWords{arrowAt + 18, y, row, strings.HasPrefix(s, "this message waits") || strings.HasPrefix(s, "X ")})
		}
	}
	a.To = y + 14
	if l.Kind != evidence.SameServer {
		a.Head = fmt.Sprintf("%g,%g %g,%g %g,%g", arrowAt-5, a.To-9, arrowAt+5, a.To-9, arrowAt, a.To)
	}
	d.Arrows = append(d.Arrows, a)
	return a.To
}

func arrowStyle(l evidence.Leg) string {
	switch {
	case l.Closed:
		return "ends"
	case l.Wait.Longest > 0:
		return "waits"
	}
	return ""
}

// pictureWords are the words of a leg without the notes that only the text has
// room for.
func pictureWords(p evidence.Path, l evidence.Leg) []string {
	words := legWords(p, l)
	if len(words) > drawnLines {
		words = append(words[:drawnLines-1:drawnLines-1], "more is in the text below")
	}
	if l.Closed {
		words = append(words, "X "+endWords(p, evidence.Leg{}))
	}
	return words
}

// firstLines cuts what takes more rows, and shows that.
func firstLines(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	lines = lines[:most:most]
	lines[most-1] += " ..."
	return lines
}

// told is the picture for those who cannot see it.
func (d *pathPicture) told() []string {
	words := []string{d.Summary}
	for i, s := range d.Stops {
		words = append(words, fmt.Sprintf("%d: %s", i+1, s.Text))
		if s.Beyond {
			words[len(words)-1] += " (the message does not get there)"
		}
		if i < len(d.Arrows) {
			for _, w := range d.Arrows[i].Words {
				words = append(words, w.Text)
			}
		}
	}
	return words
}
