package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"mailflow/evidence"
)

// Measures of a map, in its own units, and its bounds: with more boxes or arrows
// nobody could read it.
const (
	wideBox    = 240.0 // of a few; of more the narrow one, so that none covers another
	narrowBox  = 176.0
	fewBoxes   = 6
	boxHeight  = 58.0
	letter     = 6.8 // of bold type, about
	leastBoxes = 2
	mostBoxes  = 12
	mostArrows = 40
	fewArrows  = 12 // up to so many between few boxes have their names in the picture
)

// An orgMap is a picture of routing groups and connectors, or of sites and the
// links between them. Each arrow has a number, and a line in words under it.
type orgMap struct {
	Title, Desc   string
	ID            string // tells the maps of a page apart
	Width, Height float64
	Boxes         []mapBox
	Arrows        []mapArrow
	Left          int // arrows that are not drawn
	Key           string
}

type mapBox struct {
	X, Y, W, H, CX, CY float64 // its corner, its size, its middle
	Name, Note         string
	Rows               []pathWords
}

// A mapArrow is a connector or a link. Style "waits" or "never" chooses how its
// line is drawn; its words say the same.
type mapArrow struct {
	N          int
	Line, Head string // a path, the points of its head
	X, Y       float64
	Style      string
	Label      string
	Back       float64 // the width of what is behind the label
	Words      string
	from, to   int
	name       string
	turn       int // of several between the same boxes
}

// organizationMaps draws the routing groups and the sites, where there are enough
// of them and not too many.
func organizationMaps(b beside) []orgMap {
	t := newTeller(b, mostShown)
	var all []orgMap
	for _, m := range []*orgMap{t.groupMap(), t.siteMap()} {
		if n := len(m.Boxes); n >= leastBoxes && n <= mostBoxes {
			m.place()
			all = append(all, *m)
		}
	}
	return all
}

func (t *teller) groupMap() *orgMap {
	m := &orgMap{ID: "groups", Title: "Routing groups and the connectors between them", Key: "A dashed line opens at selected times, a dotted line never."}
	if len(t.o.RoutingGroups) > mostBoxes {
		return m
	}
	at, modern := map[string]int{}, map[int]bool{}
	for i := range t.o.RoutingGroups {
		g := &t.o.RoutingGroups[i]
		at[t.ix.Key(g.DN)], modern[i] = i, t.modern(g)
		m.Boxes = append(m.Boxes, mapBox{Name: g.Name, Note: cmp.Or(some(len(g.Members), "server"), "no server known")})
	}
	for i := range t.o.Connectors {
		c := &t.o.Connectors[i]
		from, ok := at[t.ix.Key(c.RoutingGroup)]
		if !ok {
			continue
		}
		for _, dn := range append([]string{c.Destination}, c.Joins[:min(len(c.Joins), 200)]...) {
			if to, ok := at[t.ix.Key(dn)]; ok && to != from {
				m.Arrows = append(m.Arrows, t.groupArrow(c, from, to, modern[from]))
			}
		}
	}
	return m
}

func (t *teller) groupArrow(c *evidence.Connector, from, to int, modern bool) mapArrow {
	a := mapArrow{from: from, to: to, name: c.Name}
	switch {
	case neverOpens(c):
		a.Style = "never"
	case c.Delivery.Is(evidence.StyleSelected) && (c.Delivery.Schedule == nil || waits(c.Delivery)):
		a.Style = "waits"
	}
	a.Words = joined(", ", quoted(c.Name)+" from "+t.o.RoutingGroups[from].Name+" to "+t.o.RoutingGroups[to].Name, costOf(c), t.opening(c.Delivery, modern))
	return a
}

func (t *teller) siteMap() *orgMap {
	m := &orgMap{ID: "sites", Title: "Sites of Active Directory and the links between them"}
	if len(t.o.Sites) > mostBoxes {
		return m
	}
	servers := map[string]int{}
	for _, s := range t.o.Servers {
		servers[siteKey(s.Site)]++
	}
	at := map[string]int{}
	for i, s := range t.o.Sites {
		at[siteKey(s.Name)] = i
		m.Boxes = append(m.Boxes, mapBox{Name: s.Name, Note: joined(", ", cmp.Or(some(servers[siteKey(s.Name)], "server"), "no server"), oneOf(s.Hub, "hub site", ""))})
	}
	for _, l := range t.o.SiteLinks {
		m.Arrows = append(m.Arrows, siteArrows(l, at)...)
	}
	return m
}

// siteArrows joins each two sites of a link.
func siteArrows(l evidence.ADSiteLink, at map[string]int) []mapArrow {
	var ends []int
	for _, dn := range l.Sites {
		if i, ok := at[siteKey(dn)]; ok && !slices.Contains(ends, i) {
			ends = append(ends, i)
		}
	}
	var all []mapArrow
	for i, from := range ends {
		for _, to := range ends[i+1:] {
			all = append(all, mapArrow{from: from, to: to, name: l.Name, Style: "both", Words: joined(", ", quoted(l.Name), linkCost(l), sized("up to ", l.LimitBytes))})
		}
	}
	return all
}

// place works out where everything stands: two boxes in a row, more on a ring.
func (m *orgMap) place() {
	n := float64(len(m.Boxes))
	width := wideBox
	if len(m.Boxes) > fewBoxes {
		width = narrowBox
	}
	rx, ry := (chartWidth-width)/2-2, 60.0+24*n
	if len(m.Boxes) == 2 {
		ry = 0
	}
	m.Width, m.Height = chartWidth, 2*ry+boxHeight+72
	for i := range m.Boxes {
		angle := math.Pi + 2*math.Pi*float64(i)/n
		m.Boxes[i].put(m.Width/2+rx*math.Cos(angle), m.Height/2+ry*math.Sin(angle), width)
	}
	m.Left = max(0, len(m.Arrows)-mostArrows)
	m.Arrows = m.Arrows[:min(len(m.Arrows), mostArrows)]
	turns := map[[2]int]int{}
	for i := range m.Arrows {
		a := &m.Arrows[i]
		a.N, a.turn = i+1, turns[[2]int{a.from, a.to}]
		turns[[2]int{a.from, a.to}]++
		a.draw(m.Boxes[a.from], m.Boxes[a.to], len(m.Arrows) <= fewArrows && len(m.Boxes) <= fewBoxes)
	}
	m.Desc = clip(m.described(), 4000)
}

// put gives a box its place and lays its words out.
func (b *mapBox) put(x, y, width float64) {
	b.CX, b.CY, b.W, b.H = round(x), round(y), width, boxHeight
	b.X, b.Y = round(x-width/2), round(y-boxHeight/2)
	rows := firstLines(wrap("", b.Name, int((width-12)/letter)), 2)
	top := b.CY + 4 - 7.5*float64(len(rows))
	for i, s := range append(rows, short(b.Note, int((width-12)/letter))) {
		b.Rows = append(b.Rows, pathWords{b.CX, round(top + 15*float64(i)), s, i < len(rows)})
	}
}

// draw bends the arrow to its right hand, so that the one back and others beside
// it are told apart.
func (a *mapArrow) draw(from, to mapBox, named bool) {
	dx, dy := to.CX-from.CX, to.CY-from.CY
	length := math.Max(math.Hypot(dx, dy), 1)
	bend := 34 + 34*float64(a.turn%4)
	mx, my := (from.CX+to.CX)/2-dy/length*bend, (from.CY+to.CY)/2+dx/length*bend
	x1, y1 := edge(from, mx, my)
	x2, y2 := edge(to, mx, my)
	a.Line = fmt.Sprintf("M%g %g Q%g %g %g %g", round(x1), round(y1), round(mx), round(my), round(x2), round(y2))
	if a.Style != "both" {
		a.Head = arrowHead(mx, my, x2, y2)
	}
	a.X, a.Y = round((x1+2*mx+x2)/4), round((y1+2*my+y2)/4)
	a.Label = fmt.Sprint(a.N)
	if named {
		a.Label += " " + short(a.name, 26)
	}
	a.Label += map[string]string{"waits": " (selected times)", "never": " (never opens)"}[a.Style]
	a.Back = round(6.2*float64(utf8.RuneCountInString(a.Label)) + 6)
}

// Half is half of what is behind the label.
func (a mapArrow) Half() float64 { return a.Back / 2 }

// edge is where a line from the middle of a box to a point leaves the box.
func edge(b mapBox, x, y float64) (float64, float64) {
	dx, dy := x-b.CX, y-b.CY
	scale := math.Min(b.W/2/math.Max(math.Abs(dx), 1e-9), b.H/2/math.Max(math.Abs(dy), 1e-9))
	return b.CX + dx*scale, b.CY + dy*scale
}

// arrowHead is a triangle at the end of a line that comes from a point.
func arrowHead(fx, fy, x, y float64) string {
	length := math.Max(math.Hypot(x-fx, y-fy), 1e-9)
	ux, uy := (x-fx)/length, (y-fy)/length
	bx, by := x-10*ux, y-10*uy
	return fmt.Sprintf("%g,%g %g,%g %g,%g", round(x), round(y), round(bx-5*uy), round(by+5*ux), round(bx+5*uy), round(by-5*ux))
}

func (m *orgMap) described() string {
	var words []string
	for _, b := range m.Boxes {
		words = append(words, b.Name+": "+b.Note)
	}
	for _, a := range m.Arrows {
		words = append(words, fmt.Sprintf("%d: %s", a.N, a.Words))
	}
	return strings.Join(words, ". ")
}
