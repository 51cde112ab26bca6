package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailflow/diag"
)

// Visible writes what a remote side said so that it cannot act on what shows
// it: control characters, marks that reorder or hide text and bytes that are
// not UTF-8 become \x1b, \u202e and the like. It is for reading; backslashes
// are left alone.
func Visible(s string) string {
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	each(s, func(r rune, raw string) {
		if hidden(r) || notUTF8(r, raw) {
			escapeRune(&out, r, raw)
		} else {
			out.WriteString(raw)
		}
	})
	return out.String()
}

// each calls f with every character of s, or byte where s is not UTF-8.
func each(s string, f func(r rune, raw string)) {
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		f(r, s[:n])
		s = s[n:]
	}
}

func notUTF8(r rune, raw string) bool { return r == utf8.RuneError && len(raw) == 1 }

// hidden says whether a character must not be shown as it is. Beyond what diag
// names these are the other format characters and the non-characters, some of
// which XML cannot carry.
func hidden(r rune) bool {
	return diag.Unprintable(r) || r >= 0x80 && unicode.Is(unicode.Cf, r) || r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

// escapeRune writes one escape. \x is a byte, \u and \U are characters, so the
// byte 85 and the character U+0085 stay apart.
func escapeRune(out *strings.Builder, r rune, raw string) {
	switch {
	case r == '\n':
		out.WriteString(`\n`)
	case r == '\r':
		out.WriteString(`\r`)
	case r == '\t':
		out.WriteString(`\t`)
	case len(raw) == 1:
		fmt.Fprintf(out, `\x%02x`, raw[0])
	case r <= 0xffff:
		fmt.Fprintf(out, `\u%04x`, r)
	default:
		fmt.Fprintf(out, `\U%08x`, r)
	}
}

// escape is Visible made reversible: backslashes are doubled, and spaces at
// either end, which tools like to trim, are escaped too. It says whether
// anything changed.
func escape(s string) (string, bool) {
	plain := utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || hidden(r) })
	if plain && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") {
		return s, false
	}
	var out strings.Builder
	at := 0
	each(s, func(r rune, raw string) {
		edge := at == 0 || at == len(s)-1
		at += len(raw)
		switch {
		case r == '\\':
			out.WriteString(`\\`)
		case hidden(r), notUTF8(r, raw), r == ' ' && edge:
			escapeRune(&out, r, raw)
		default:
			out.WriteString(raw)
		}
	})
	return out.String(), true
}

// unescape undoes escape.
func unescape(s string) (string, error) {
	var out strings.Builder
	for {
		plain, rest, found := strings.Cut(s, `\`)
		out.WriteString(plain)
		if !found {
			return out.String(), nil
		}
		var err error
		if s, err = unescapeOne(&out, rest); err != nil {
			return "", err
		}
	}
}

// unescapeOne reads what stands after a backslash and returns the rest.
func unescapeOne(out *strings.Builder, s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("a backslash at the end escapes nothing")
	}
	kind, digits := s[0], 0
	switch kind {
	case '\\', 'n', 'r', 't':
		out.WriteByte(map[byte]byte{'\\': '\\', 'n': '\n', 'r': '\r', 't': '\t'}[kind])
		return s[1:], nil
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits == 0 || len(s) < 1+digits {
		return "", fmt.Errorf(`\%s is no escape`, Visible(clip(s, 10)))
	}
	n, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil || kind != 'x' && !utf8.ValidRune(rune(n)) {
		return "", fmt.Errorf(`\%s is no escape`, Visible(s[:1+digits]))
	}
	if kind == 'x' {
		out.WriteByte(byte(n))
	} else {
		out.WriteRune(rune(n))
	}
	return s[1+digits:], nil
}

// clip shortens what would fill the page: reports for people show the start of
// a text, the case file has all of it.
func clip(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + fmt.Sprintf(" ... (%d bytes more)", len(s)-i)
		}
		n++
	}
	return s
}
