package results

import "sort"

// A row is what can be chosen on a tab: one line or several.
type row struct {
	id       string // finds it again in a later report
	from, to int    // its lines
}

// A list is a tab laid out: lines, of which a window is shown. Some begin rows
// that can be chosen; a list without rows only scrolls. The slices are never
// changed once they are made, so a copy of a list is a list of its own.
type list struct {
	lines  []line
	rows   []row
	source []int32          // which entry each line shows, where the entries are no rows
	late   func(n int) line // makes a line when it is drawn, where they are too many to make all
	at     int              // the chosen row
	top    int              // the first line shown
}

// add puts lines behind that belong to no row.
func (l *list) add(w int, lines ...line) {
	for _, n := range lines {
		l.lines = append(l.lines, n.fit(w))
	}
}

// addRow puts a row behind.
func (l *list) addRow(id string, w int, lines ...line) {
	from := len(l.lines)
	l.add(w, lines...)
	l.rows = append(l.rows, row{id, from, len(l.lines)})
}

// chosen is the chosen row, if there is any.
func (l list) chosen() (row, bool) {
	if l.at < 0 || l.at >= len(l.rows) {
		return row{}, false
	}
	return l.rows[l.at], true
}

// like chooses what was chosen in an older layout, and keeps it at the same
// place of the window.
func (l list) like(old list) list {
	was, ok := old.chosen()
	if !ok {
		l.top = l.lineOf(old)
		return l
	}
	l.at = min(old.at, max(0, len(l.rows)-1))
	for i, r := range l.rows {
		if r.id == was.id {
			l.at = i
			break
		}
	}
	if now, ok := l.chosen(); ok {
		l.top = now.from - (was.from - old.top)
	}
	return l
}

// lineOf finds the line that shows what the older layout had on top.
func (l list) lineOf(old list) int {
	if old.top >= len(old.source) || len(l.source) == 0 {
		return old.top
	}
	return l.first(old.source[old.top])
}

// first is the first line of an entry, or of the next that is shown.
func (l list) first(entry int32) int {
	return sort.Search(len(l.source), func(i int) bool { return l.source[i] >= entry })
}

// bound keeps the window on the list.
func (l list) bound(h int) list {
	l.top = max(0, min(l.top, len(l.lines)-h))
	return l
}

// scroll moves the window alone.
func (l list) scroll(d, h int) list {
	l.top += d
	return l.bound(h)
}

// show moves the window so that the chosen row is in it.
func (l list) show(h int) list {
	r, ok := l.chosen()
	switch {
	case !ok:
	case l.at == 0 && r.to <= h:
		l.top = 0
	case r.from < l.top || r.to-r.from > h:
		l.top = r.from
	case r.to > l.top+h:
		l.top = r.to - h
	}
	return l.bound(h)
}

// step goes one row on or back. A row that is taller than the window is
// scrolled through first, so that none of it is skipped.
func (l list) step(d, h int) list {
	r, ok := l.chosen()
	if !ok {
		return l.scroll(d, h)
	}
	seen := r.from < l.top+h && r.to > l.top
	if seen && (d > 0 && r.to > l.top+h || d < 0 && r.from < l.top && r.to-r.from > h) {
		return l.scroll(d, h)
	}
	at := l.at
	l.at = max(0, min(l.at+d, len(l.rows)-1))
	if l.at == at {
		return l.scroll(d, h) // what stands before the first row or behind the last
	}
	return l.show(h)
}

// turn goes a page on or back.
func (l list) turn(d, h int) list {
	l = l.scroll(d*max(1, h-1), h)
	if len(l.rows) == 0 {
		return l
	}
	last := l.top+h >= len(l.lines)
	if d > 0 && last {
		l.at = len(l.rows) - 1
		return l
	}
	l.at = min(len(l.rows)-1, sort.Search(len(l.rows), func(i int) bool { return l.rows[i].from >= l.top }))
	return l
}

// end goes to the first or the last row.
func (l list) end(d, h int) list {
	l.at, l.top = 0, 0
	if d > 0 {
		l.at, l.top = max(0, len(l.rows)-1), len(l.lines)
	}
	return l.bound(h)
}

// rowAt is the row that a line belongs to, or -1.
func (l list) rowAt(n int) int {
	i := sort.Search(len(l.rows), func(i int) bool { return l.rows[i].to > n })
	if i < len(l.rows) && l.rows[i].from <= n {
		return i
	}
	return -1
}

// marker is what stands before a line: '>' before the chosen row.
func (l list) marker(n int) byte {
	if r, ok := l.chosen(); ok && r.from == n {
		return '>'
	}
	return ' '
}

// line is what stands in a place of the list.
func (l list) line(n int) line {
	switch {
	case n < 0 || n >= len(l.lines):
		return nil
	case l.late != nil:
		return l.late(n)
	}
	return l.lines[n]
}

// window draws h lines. mark says what stands before each.
func (l list) window(s *styles, h int, mark func(n int) byte) []string {
	out := make([]string, h)
	r, ok := l.chosen()
	for i := range out {
		n := l.top + i
		at := l.line(n)
		if len(at) == 0 {
			continue
		}
		chosen := ok && n == r.from
		out[i] = string([]byte{mark(n), ' '}) + s.draw(at, chosen)
	}
	return out
}
