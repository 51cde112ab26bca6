package cmdlet

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Bool reads "True", "true" and "$true", and their opposites; ok is false for
// anything else.
func Bool(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "$")) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Size reads an amount of bytes as Exchange writes it: "35 MB (36,700,160 bytes)"
// with the separators of any language, "10240KB", "10 MB", "36700160"; and
// "Unlimited", which has no bytes. A number such as "1.024 KB" can mean two
// things, so it is not ok; nor is anything else, and nothing below zero.
func Size(s string) (bytes int64, unlimited, ok bool) {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "unlimited") {
		return 0, true, true
	}
	if _, exact, found := strings.Cut(s, "("); found {
		bytes, ok = exactBytes(exact)
		return bytes, false, ok
	}
	number := strings.TrimRightFunc(s, unicode.IsLetter)
	factor, ok := map[string]float64{"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}[strings.ToUpper(s[len(number):])]
	if !ok {
		return 0, false, false
	}
	bytes, ok = scaled(strings.TrimSpace(number), factor)
	return bytes, false, ok
}

// exactBytes reads "36,700,160 bytes)", whatever stands between the digits.
func exactBytes(s string) (int64, bool) {
	s, closed := strings.CutSuffix(s, ")")
	number, word, found := strings.Cut(s, "byte")
	if !closed || !found || len(word) > 1 {
		return 0, false
	}
	return grouped(strings.TrimSpace(number))
}

// grouped reads digits in groups of three: "36,700,160", "36.700.160",
// "36 700 160" (also with the narrow blanks of French) or "36'700'160".
func grouped(s string) (int64, bool) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return !isDigit(r) })
	digits := strings.Join(groups, "")
	first, last := isDigit(firstRune(s)), len(s) > 0 && isDigit(rune(s[len(s)-1]))
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return 0, false
		}
	}
	separators := len([]rune(s)) - len(digits)
	if !first || !last || separators != len(groups)-1 || strings.ContainsFunc(s, unicode.IsLetter) {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}

// scaled reads a number in front of a unit. One separator before three digits
// may be a decimal point or not; two of them are no decimal points.
func scaled(s string, factor float64) (int64, bool) {
	at := strings.IndexFunc(s, func(r rune) bool { return !isDigit(r) })
	if at < 0 || strings.IndexFunc(s[at+1:], func(r rune) bool { return !isDigit(r) }) >= 0 {
		n, ok := grouped(s)
		if !ok || float64(n)*factor >= math.MaxInt64 {
			return 0, false
		}
		return n * int64(factor), true
	}
	if at == 0 || len(s)-at-1 == 3 || len(s) == at+1 || s[at] != '.' && s[at] != ',' {
		return 0, false
	}
	f, err := strconv.ParseFloat(s[:at]+"."+s[at+1:], 64)
	if err != nil || f*factor >= math.MaxInt64 {
		return 0, false
	}
	return int64(f * factor), true
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// Duration reads a time span of .NET ("00:10:00", "2.00:00:00", "-00:00:30.5")
// or of XML ("PT10M", "P2DT1H"). A span that counts in months or years, or is
// longer than the 292 years of a time.Duration, is not ok.
func Duration(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	rest, negative := strings.CutPrefix(s, "-")
	var seconds, fraction int64
	var ok bool
	if text, found := strings.CutPrefix(rest, "P"); found {
		seconds, fraction, ok = spanISO(text)
	} else {
		seconds, fraction, ok = spanNET(rest)
	}
	if !ok || seconds > int64(math.MaxInt64/time.Second)-1 {
		return 0, false
	}
	d := time.Duration(seconds)*time.Second + time.Duration(fraction)
	if negative {
		d = -d
	}
	return d, true
}

// spanNET reads [days.]hours:minutes:seconds[.fraction].
func spanNET(s string) (seconds, nanos int64, ok bool) {
	clock := strings.Split(s, ":")
	if len(clock) != 3 {
		return 0, 0, false
	}
	days, hours, found := strings.Cut(clock[0], ".")
	if !found {
		days, hours = "0", clock[0]
	}
	whole, fraction, dotted := strings.Cut(strings.Replace(clock[2], ",", ".", 1), ".")
	d, ok1 := count(days, math.MaxInt32)
	h, ok2 := count(hours, 23)
	m, ok3 := count(clock[1], 59)
	sec, ok4 := count(whole, 59)
	nanos, ok5 := nanoseconds(fraction, dotted)
	return ((d*24+h)*60+m)*60 + sec, nanos, ok1 && ok2 && ok3 && ok4 && ok5
}

// spanISO reads what follows the P of an XML duration (XML Schema part 2, 3.2.6).
func spanISO(s string) (seconds, nanos int64, ok bool) {
	date, clock, timed := strings.Cut(s, "T")
	if s == "" || timed && clock == "" {
		return 0, 0, false
	}
	if date != "" {
		n, good := count(strings.TrimSuffix(date, "D"), math.MaxInt32)
		if !good || !strings.HasSuffix(date, "D") {
			return 0, 0, false
		}
		seconds = n * 24 * 60 * 60
	}
	for i, unit := range []string{"H", "M", "S"} {
		number, rest, found := strings.Cut(clock, unit)
		if !found {
			continue
		}
		clock = rest
		whole, fraction, dotted := strings.Cut(number, ".")
		n, good := count(whole, math.MaxInt32)
		if nanos, ok = nanoseconds(fraction, dotted); !good || !ok || dotted && unit != "S" {
			return 0, 0, false
		}
		seconds += n * [3]int64{60 * 60, 60, 1}[i]
	}
	return seconds, nanos, clock == ""
}

// count reads digits and nothing else.
func count(s string, most int64) (int64, bool) {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !isDigit(r) }) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n <= most
}

// nanoseconds reads the digits of a fraction; what is finer is cut off.
func nanoseconds(s string, dotted bool) (int64, bool) {
	if !dotted {
		return 0, true
	}
	if _, ok := count(s[:min(len(s), 9)], math.MaxInt64); !ok || len(s) > 32 {
		return 0, false
	}
	n, err := strconv.ParseInt((s + "000000000")[:9], 10, 64)
	return n, err == nil
}

// span writes the duration of an XML element as .NET shows it to people, so that
// all formats have the same text. What is no duration stays as it is.
func span(s string) string {
	d, ok := Duration(s)
	if !ok {
		return s
	}
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	days, ticks := d/(24*time.Hour), d%time.Second/100
	var b strings.Builder
	b.WriteString(sign)
	if days > 0 {
		b.WriteString(strconv.FormatInt(int64(days), 10) + ".")
	}
	for i, n := range []time.Duration{d / time.Hour % 24, d / time.Minute % 60, d / time.Second % 60} {
		b.WriteString([]string{"", ":", ":"}[i] + strconv.FormatInt(int64(100+n), 10)[1:])
	}
	if ticks > 0 {
		b.WriteString("." + strconv.FormatInt(int64(10_000_000+ticks), 10)[1:])
	}
	return b.String()
}

// instant writes the time of an XML element in UTC. Without a zone it stays as
// it is: nothing says which one was meant.
func instant(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// normal gives a text the form that all formats share: truth in lower case, a
// line end that is one character.
func normal(s string) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	if len(s) == 4 && strings.EqualFold(s, "true") || len(s) == 5 && strings.EqualFold(s, "false") {
		return strings.ToLower(s)
	}
	return s
}
