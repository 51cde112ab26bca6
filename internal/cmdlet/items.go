package cmdlet

import "strings"

// more is what stands in the place of the items that Format-List left out.
const more = "..."

// List gives the items of a list that is one text: "{a, b}" as Format-List
// writes it, "a, b" or "a,b" as a script joins it. Values that are several
// already, or whose one text is no list, come back as they are; the name of a
// directory object ("CN=a,DC=b") is one item.
//
// Nothing marks a comma that belongs to an item. Commas behind a backslash and
// inside of brackets or quotation marks do not part items, nor do those inside
// of a name ("{CN=a, OU=b, CN=c}" has two items); "{Smith, John, Doe, Jane}"
// has four. Where Truncated is true, the last item is "...".
func List(values []string) []string {
	if len(values) != 1 {
		return values
	}
	s := strings.TrimSpace(values[0])
	if body, ok := braced(s); ok {
		return items(body)
	}
	if isDN(s) {
		return values
	}
	if parts := cut(s, ", "); len(parts) > 1 {
		return trimmed(parts)
	}
	if parts := cut(s, ","); len(parts) > 1 {
		return trimmed(parts)
	}
	return values
}

// Truncated says that a list was cut short: Windows PowerShell ends it with
// "...", PowerShell 7 with "…" ($FormatEnumerationLimit). Then nobody may
// conclude anything from what the list does not hold.
func Truncated(values []string) bool {
	if len(values) == 0 {
		return false
	}
	last := strings.TrimSpace(values[len(values)-1])
	if body, ok := braced(last); ok {
		return cutShort(body)
	}
	return last == more || last == "…"
}

func cutShort(body string) bool {
	return strings.HasSuffix(body, more) || strings.HasSuffix(body, "…")
}

// braced takes the braces off a list. A GUID in braces is no list.
func braced(s string) (string, bool) {
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return "", false
	}
	return strings.TrimSpace(s[1 : len(s)-1]), !isGUID(s[1 : len(s)-1])
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (s[i] == '-') || !hyphen && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}

// items cuts the inside of braces. An item that is only a part of a name, as
// OU= is behind CN=, stays with the one before it.
func items(body string) []string {
	short := cutShort(body)
	body = strings.TrimSuffix(strings.TrimSuffix(body, more), "…")
	var all []string
	for _, part := range cut(body, ", ") {
		switch part = strings.TrimSpace(part); {
		case part == "":
		case len(all) > 0 && isRDN(part) && !hasName(part, "CN") && isRDN(all[len(all)-1]):
			all[len(all)-1] += ", " + part
		case len(all) < maxValues:
			all = append(all, part)
		default:
			short = true
		}
	}
	if short {
		all = append(all, more)
	}
	return all
}

// cut parts a text at a separator that stands in no brackets or quotation marks.
// Where those do not match, they are taken for text.
func cut(s, separator string) []string {
	parts, depth := cutOutside(s, separator)
	if depth != 0 {
		return strings.Split(s, separator)
	}
	return parts
}

func cutOutside(s, separator string) (parts []string, depth int) {
	quoted, from := false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '{' || c == '[':
			depth++
		case c == ')' || c == '}' || c == ']':
			depth--
		case depth == 0 && strings.HasPrefix(s[i:], separator) && (i == 0 || s[i-1] != '\\'):
			parts, from = append(parts, s[from:i]), i+len(separator)
			i = from - 1
		}
		if depth < 0 {
			return nil, depth
		}
	}
	if quoted {
		depth++
	}
	return append(parts, s[from:]), depth
}

func trimmed(parts []string) []string {
	var all []string
	for _, part := range parts[:min(len(parts), maxValues)] {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// isDN recognises the name of a directory object or of a certificate.
func isDN(s string) bool {
	for _, part := range cut(s, ",") {
		if !isRDN(strings.TrimSpace(part)) {
			return false
		}
	}
	return true
}

// isRDN recognises a part of a name: CN=x. The list is RFC 4514, section 3, and
// what certificates have besides.
func isRDN(s string) bool {
	for _, name := range [...]string{"CN", "OU", "DC", "O", "L", "ST", "S", "C", "E", "STREET", "UID", "SERIALNUMBER"} {
		if hasName(s, name) {
			return true
		}
	}
	return false
}

func hasName(s, name string) bool {
	return len(s) > len(name) && s[len(name)] == '=' && strings.EqualFold(s[:len(name)], name)
}
