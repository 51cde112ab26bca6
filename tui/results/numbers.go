package results

import "strconv"

// grouped is a number with its thousands apart, as the report has it.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// ordinal is the number of the thing at an index.
func ordinal(i int) string { return strconv.Itoa(i + 1) }

// prefixed puts words before a text, if there is one.
func prefixed(words, s string) string {
	if s == "" {
		return ""
	}
	return words + s
}
