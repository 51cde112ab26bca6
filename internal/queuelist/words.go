package queuelist

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// cutWord takes the first word of a line.
func cutWord(s []byte) (word, rest []byte) {
	s = trimLeft(s)
	end := bytes.IndexAny(s, " \t")
	if end < 0 {
		return s, nil
	}
	return s[:end], s[end:]
}

func trimLeft(s []byte) []byte {
	for len(s) > 0 && blank(s[0]) {
		s = s[1:]
	}
	return s
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// cutRun takes the letters and digits that a text begins with.
func cutRun(s []byte) (run, rest []byte) {
	n := 0
	for n < len(s) && alphanumeric(s[n]) {
		n++
	}
	return s[:n], s[n:]
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isID says whether a word may be the queue id of a Postfix or Sendmail: letters
// and digits, and at least one digit.
func isID(s []byte) bool {
	run, rest := cutRun(s)
	return len(run) >= 6 && len(run) <= 32 && len(rest) == 0 && bytes.ContainsAny(run, "0123456789")
}

// cutNumber takes a number that is not below -1, which Sendmail prints for a size
// it does not know.
func cutNumber(s []byte) (n int64, rest []byte, ok bool) {
	s = trimLeft(s)
	end := 0
	for end < len(s) && ('0' <= s[end] && s[end] <= '9' || end == 0 && s[end] == '-') {
		end++
	}
	n, err := strconv.ParseInt(string(s[:end]), 10, 64)
	return n, s[end:], err == nil && n >= -1
}

const weekdays = "Sun Mon Tue Wed Thu Fri Sat "
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec "

// cutDate takes a time as asctime(3) prints it, without year and perhaps without
// weekday and seconds: "Tue Nov  7 10:02:11", "Nov 17 10:02". It is English in
// every locale.
func cutDate(s []byte) (date, rest []byte, ok bool) {
	s = trimLeft(s)
	word, rest := cutWord(s)
	if named(weekdays, word) >= 0 {
		word, rest = cutWord(rest)
	}
	day, rest := cutWord(rest)
	clock, rest := cutWord(rest)
	_, valid := readClock(string(clock))
	n, err := strconv.Atoi(string(day))
	ok = valid && named(months, word) >= 0 && err == nil && n >= 1 && n <= 31
	return s[:len(s)-len(rest)], rest, ok
}

// named gives the place of a name in a list of names of three letters, or -1.
func named[text string | []byte](list string, name text) int {
	if len(name) != 3 {
		return -1
	}
	if at := strings.Index(list, string(name)); at >= 0 && at%4 == 0 {
		return at / 4
	}
	return -1
}

// clock is a time of day.
type clock struct{ hour, minute, second int }

// readClock reads "10:02" or "10:02:11".
func readClock(s string) (c clock, ok bool) {
	if len(s) != 5 && len(s) != 8 || s[2] != ':' || len(s) == 8 && s[5] != ':' {
		return c, false
	}
	var parts [3]int
	for i := 0; i < len(s); i += 3 {
		if s[i] < '0' || s[i] > '9' || s[i+1] < '0' || s[i+1] > '9' {
			return c, false
		}
		parts[i/3] = int(s[i]-'0')*10 + int(s[i+1]-'0')
	}
	c = clock{parts[0], parts[1], parts[2]}
	return c, c.hour < 24 && c.minute < 60 && c.second < 60
}

// isAddress says whether a text can be an address: it has no blank outside of
// quotation marks (RFC 5321, section 4.1.2).
func isAddress(s []byte) bool {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case blank(s[i]) && !quoted:
			return false
		}
	}
	return len(s) > 0
}

// isPlainAddress says whether a text is surely an address, and no prompt such as
// "root@mail:~#": the listings that people paste may have lost their indentation.
func isPlainAddress(s []byte) bool {
	at := bytes.LastIndexByte(s, '@')
	if at < 1 || !isAddress(s) {
		return false
	}
	domain := bytes.TrimSuffix(s[at+1:], []byte(">"))
	if inner, ok := bytes.CutPrefix(domain, []byte("[")); ok && bytes.HasSuffix(inner, []byte("]")) {
		domain = inner[:len(inner)-1] // an address of a host, with colons in IPv6
		return len(domain) > 0 && !slices.ContainsFunc(domain, func(c byte) bool {
			return !alphanumeric(c) && c != '.' && c != ':'
		})
	}
	return len(domain) > 0 && !slices.ContainsFunc(domain, func(c byte) bool {
		return !alphanumeric(c) && c != '.' && c != '-' && c < 0x80
	})
}
