package results

import (
	"fmt"
	"slices"
	"strings"
)

// A search is a text and where it stands on a tab.
type search struct {
	text string
	hits []int32 // entries, in order; never changed once made
	at   int     // the hit that is shown
}

// searchable says on which tabs a text can be searched for.
func (t tab) searchable() bool { return t == transcript || t == organization || t == path }

// renewed searches again in another layout, and stays at its entry.
func (s search) renewed(l list) search {
	if s.text == "" {
		return s
	}
	was := int32(0)
	if s.at < len(s.hits) {
		was = s.hits[s.at]
	}
	s.hits = hits(l, s.text)
	s.at, _ = slices.BinarySearch(s.hits, was)
	s.at = max(0, min(s.at, len(s.hits)-1))
	return s
}

// hits finds the entries with the text, whatever its case. An entry that takes
// several lines is read as one.
func hits(l list, text string) []int32 {
	text = strings.ToLower(text)
	var found []int32
	for i := 0; i < len(l.lines); {
		entry, whole := l.source[i], l.lines[i].String()
		for i++; i < len(l.lines) && l.source[i] == entry; i++ {
			whole += strings.TrimPrefix(l.lines[i].String(), more)
		}
		if contains(whole, text) {
			found = append(found, entry)
		}
	}
	return found
}

// contains says whether s holds the lower-case text. What is all ASCII is
// compared in place: 50,000 lines are searched at every key.
func contains(s, lower string) bool {
	if !ascii(s) || !ascii(lower) || lower == "" {
		return strings.Contains(strings.ToLower(s), lower)
	}
	first := lower[0]
	for i := 0; i+len(lower) <= len(s); i++ {
		if s[i]|0x20 != first|0x20 {
			continue
		}
		if strings.EqualFold(s[i:i+len(lower)], lower) {
			return true
		}
	}
	return false
}

// seek searches for a text from the top of the window on. The tree of the
// organization is laid out anew for it: what is folded is searched too.
func (m Model) seek(text string) Model {
	top := m.pages[m.tab].list.top
	m.search[m.tab] = search{text: text}
	if m.tab == organization {
		m.pages[m.tab].fresh = false
		m = m.laid()
		top = m.pages[m.tab].list.top
	}
	if text == "" {
		return m
	}
	l, s := m.pages[m.tab].list, &m.search[m.tab]
	s.hits = hits(l, text)
	if top < len(l.source) {
		s.at, _ = slices.BinarySearch(s.hits, l.source[top])
	}
	if s.at == len(s.hits) {
		s.at = 0
	}
	return m.toHit(0)
}

// toHit goes on or back among the hits, and round at the ends.
func (m Model) toHit(d int) Model {
	s := &m.search[m.tab]
	n := len(s.hits)
	if n == 0 {
		return m
	}
	s.at = (s.at + d + n) % n
	p := &m.pages[m.tab]
	at, h := p.list.first(s.hits[s.at]), m.room()
	if row := p.list.rowAt(at); row >= 0 {
		p.list.at = row
	}
	if at < p.list.top || at >= p.list.top+h {
		p.list.top = at - h/3
		p.list = p.list.bound(h)
	}
	return m
}

// hitMarker stands '>' before the hit that is shown, or the row that is chosen,
// and '*' before the other hits.
func (m Model) hitMarker(n int) byte {
	l, s := m.pages[m.tab].list, m.search[m.tab]
	if len(l.rows) > 0 && l.marker(n) == '>' {
		return '>'
	}
	if n >= len(l.source) || n > 0 && l.source[n-1] == l.source[n] {
		return ' '
	}
	i, hit := slices.BinarySearch(s.hits, l.source[n])
	switch {
	case !hit:
		return ' '
	case i == s.at && len(l.rows) == 0:
		return '>'
	}
	return '*'
}

// found says how the search went.
func (m Model) found() string {
	s := m.search[m.tab]
	switch {
	case s.text == "":
		return ""
	case len(s.hits) == 0:
		return fmt.Sprintf("%q is not there", s.text)
	}
	return fmt.Sprintf("%q: %d of %d", s.text, s.at+1, len(s.hits))
}
