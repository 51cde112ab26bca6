package report

import (
	"fmt"
	"strings"
)

// A Branch is one line of a tree in words, with what hangs under it. Its text is
// as the evidence gave it: whoever shows it puts it through Visible.
type Branch struct {
	Text  string
	Kids  []Branch
	Open  bool   // unfolded at first, where branches can be folded
	Week  *Week  // a week that Kids tell in characters; nil for none
	Drawn string // what a view that draws weeks says instead of Text; "" for the same
}

func leaf(text string) Branch { return Branch{Text: text} }

// leaves makes a branch of each text that is not empty.
func leaves(texts ...string) []Branch {
	var all []Branch
	for _, s := range texts {
		if s != "" {
			all = append(all, leaf(s))
		}
	}
	return all
}

// few tells the first of many, and how many there are beyond.
func few[T any](all []T, most int, tell func(T) Branch) []Branch {
	var list []Branch
	for i, one := range all {
		if i == most && len(all) > most+1 { // the line that says "and 1 more" can as well be the one
			return append(list, leaf(fmt.Sprintf("and %s more", grouped(len(all)-i))))
		}
		list = append(list, tell(one))
	}
	return list
}

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// listing lists names in a sentence, a few of them.
func listing(names []string) string {
	const most = 4
	if more := len(names) - most; more > 1 {
		return strings.Join(names[:most], ", ") + " and " + grouped(more) + " more"
	}
	return strings.Join(names, ", ")
}

// leastWidth is the narrowest that a tree is laid out.
const leastWidth = 40

// treeLines lays branches out, each a step to the right of what it hangs under.
func treeLines(all []Branch, depth, width int) []string {
	var lines []string
	for _, b := range all {
		indent := strings.Repeat("  ", depth)
		lines = append(lines, hang(indent, indent+"  ", b.Text, width)...)
		lines = append(lines, treeLines(b.Kids, depth+1, width)...)
	}
	return lines
}

// hang breaks a text behind a prefix of its first line and one of the others.
func hang(first, rest, s string, width int) []string {
	lines := wrap("", s, width-max(len(first), len(rest)))
	for i, l := range lines {
		prefix := rest
		if i == 0 {
			prefix = first
		}
		lines[i] = strings.TrimRight(prefix+l, " ")
	}
	return lines
}
