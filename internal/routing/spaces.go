package routing

import (
	"strconv"
	"strings"

	"mailflow/evidence"
)

// A space is an address space for SMTP: "SMTP:*.contoso.com;5".
type space struct {
	pattern string
	cost    int
	notes   []string
}

// parseSpace takes an address space apart; false for other types of address.
// Without a cost it costs 1.
func parseSpace(text string) (space, bool) {
	kind, rest, ok := strings.Cut(text, ":")
	if !ok || !strings.EqualFold(strings.TrimSpace(kind), "SMTP") {
		return space{}, false
	}
	s := space{cost: 1}
	pattern, cost, ok := cutLast(rest, ";")
	if n, err := strconv.Atoi(strings.TrimSpace(cost)); ok && err == nil {
		s.cost, s.notes = clamp(n)
	}
	s.pattern = cleanPattern(pattern)
	return s, s.pattern != ""
}

// cleanPattern takes off what stands before an at sign: an address space is of
// domains.
func cleanPattern(p string) string {
	if _, after, ok := cutLast(p, "@"); ok {
		p = after
	}
	return fold(p)
}

// matches says whether a domain is in a pattern. "*.contoso.com" is for the
// domains below contoso.com; whether for contoso.com too, sources differ
// (aa998825: yes; PowerShell book: no), so that it counts.
func matches(pattern, domain string) bool {
	p := cleanPattern(pattern)
	return p == domain || "*."+domain == p || wild(p, domain)
}

// doubtful says whether that a domain is in a pattern is disputed.
func doubtful(pattern, domain string) bool { return pattern == "*."+domain }

// wild matches a pattern in which a star stands for any letters. It keeps only
// the place of the last star, so that its time is bounded by the product of the
// lengths.
func wild(pattern, s string) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p, i = p+1, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// specific says how much of a domain a pattern spells out: the more letters, the
// more specific (PowerShell book), and whole names before patterns.
func (s space) specific() int {
	letters := 2 * len(strings.ReplaceAll(s.pattern, "*", ""))
	if strings.Contains(s.pattern, "*") {
		return letters
	}
	return letters + 1
}

// bestSpace is the address space of a connector that fits a domain best: the most
// specific, then the cheapest.
func bestSpace(c *evidence.Connector, domain string) (best space, found bool) {
	for _, text := range c.Spaces {
		s, ok := parseSpace(text)
		if !ok || !matches(s.pattern, domain) {
			continue
		}
		if !found || s.specific() > best.specific() || s.specific() == best.specific() && (s.cost < best.cost || s.cost == best.cost && s.pattern < best.pattern) {
			best, found = s, true
		}
	}
	return best, found
}
