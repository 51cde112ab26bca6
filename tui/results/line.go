package results

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"mailflow/report"
)

// A look is how a text is drawn where there is colour. The words and letters
// carry the meaning without it.
type look uint8

const (
	plain  look = iota
	strong      // headings, the chosen row
	alarm       // what stops or delays mail, and faults
	faint       // what is said beside
	hue         // the first of the hues of the phases
	hues   = 6
	looks  = hue + hues
)

// Styles are the looks as the terminal shows them.
type styles struct {
	of    [looks]lipgloss.Style
	plain bool // the terminal shows none of them, and may know ASCII only
}

func newStyles() *styles {
	s := styles{plain: lipgloss.ColorProfile() == termenv.Ascii}
	for i := range s.of {
		s.of[i] = lipgloss.NewStyle()
	}
	s.of[strong] = s.of[strong].Bold(true)
	s.of[alarm] = s.of[alarm].Bold(true).Foreground(lipgloss.Color("9"))
	s.of[faint] = s.of[faint].Faint(true)
	for i, colour := range []string{"6", "3", "2", "5", "4", "7"} {
		s.of[int(hue)+i] = s.of[int(hue)+i].Foreground(lipgloss.Color(colour))
	}
	return &s
}

// A span is a piece of a line in one look. Only say makes one from a text that
// is not ours.
type span struct {
	look look
	text string
}

type line []span

// say is the one way from a text into a line.
func say(l look, s string) line { return line{{l, report.Visible(s)}} }

// and puts a further piece behind.
func (l line) and(k look, s string) line { return append(l, span{k, report.Visible(s)}) }

// fit cuts a line to w cells. A line that is too wide, which is rare, loses its
// inner looks: its width is only certain as a whole, as characters combine.
func (l line) fit(w int) line {
	n, simple := 0, true
	for _, s := range l {
		n += len(s.text)
		simple = simple && ascii(s.text)
	}
	if simple && n <= w || len(l) == 0 {
		return l
	}
	if whole := l.String(); cells(whole) > w {
		return line{{l[0].look, cut(whole, w)}}
	}
	return l
}

// String is the line without its looks.
func (l line) String() string {
	if len(l) == 1 {
		return l[0].text
	}
	var out strings.Builder
	for _, s := range l {
		out.WriteString(s.text)
	}
	return out.String()
}

// draw makes the bytes for the terminal. A chosen line is bold where nothing
// else is said.
func (s *styles) draw(l line, chosen bool) string {
	var out strings.Builder
	for _, p := range l {
		k := p.look
		if chosen && (k == plain || k == faint) {
			k = strong
		}
		if k == plain {
			out.WriteString(p.text)
		} else {
			out.WriteString(s.of[k].Render(p.text))
		}
	}
	return out.String()
}
