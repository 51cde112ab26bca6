package results

import (
	"fmt"
	"slices"
	"strings"
)

// A search is a text and where it stands in the transcript.
type search struct {
	text string
	hits []int32 // entries, in order; never changed once made
	at   int     // the hit that is shown
}

// renewed searches again in another layout, and stays at its entry.
func (s search) renewed(l list, m Model) search {
	if m.tab != transcript || s.text == "" {
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

// seek searches for a text from the top of the window on.
func (m Model) seek(text string) Model {
	p := &m.pages[transcript]
	m.search = search{text: text}
	if text == "" {
		return m
	}
	m.search.hits = hits(p.list, text)
	if p.list.top < len(p.list.source) {
		m.search.at, _ = slices.BinarySearch(m.search.hits, p.list.source[p.list.top])
	}
	if m.search.at == len(m.search.hits) {
		m.search.at = 0
	}
	return m.toHit(0)
}

// toHit goes on or back among the hits, and round at the ends.
func (m Model) toHit(d int) Model {
	n := len(m.search.hits)
	if n == 0 {
		return m
	}
	m.search.at = (m.search.at + d + n) % n
	p := &m.pages[transcript]
	at, h := p.list.first(m.search.hits[m.search.at]), m.room()
	if at < p.list.top || at >= p.list.top+h {
		p.list.top = at - h/3
		p.list = p.list.bound(h)
	}
	return m
}

// hitMarker stands '>' before the hit that is shown and '*' before the others.
func (m Model) hitMarker(n int) byte {
	l := m.pages[transcript].list
	if n >= len(l.source) || n > 0 && l.source[n-1] == l.source[n] {
		return ' '
	}
	i, hit := slices.BinarySearch(m.search.hits, l.source[n])
	switch {
	case !hit:
		return ' '
	case i == m.search.at:
		return '>'
	}
	return '*'
}

// found says how the search went.
func (m Model) found() string {
	switch {
	case m.search.text == "":
		return ""
	case len(m.search.hits) == 0:
		return fmt.Sprintf("%q is not there", m.search.text)
	}
	return fmt.Sprintf("%q: %d of %d", m.search.text, m.search.at+1, len(m.search.hits))
}
