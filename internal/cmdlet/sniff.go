package cmdlet

import (
	"bytes"
	"strings"

	"mailflow/internal/charset"
)

// Sniff tells from the start of a file, a few kilobytes of it, how it is written,
// and "" for anything else. The name of the file is not asked. start may be
// UTF-8, UTF-16 or ANSI. A table is taken for Export-Csv only when it says so or
// names properties of Exchange; csvde tables are not. Exports of message tracking are
// tables like any other.
func Sniff(start []byte) Format {
	text := charset.Head(start)
	switch {
	case isCLIXML(text):
		return CLIXML
	case isCSV(text):
		return CSV
	case isListing(string(text)):
		return FL
	}
	return ""
}

// isCLIXML looks at the first element.
func isCLIXML(text []byte) bool {
	text = bytes.TrimSpace(text)
	if rest, ok := bytes.CutPrefix(text, []byte(outputMark)); ok {
		text = bytes.TrimSpace(rest)
	}
	for bytes.HasPrefix(text, []byte("<?")) || bytes.HasPrefix(text, []byte("<!--")) {
		end := "?>"
		if text[1] == '!' {
			end = "-->"
		}
		_, rest, found := bytes.Cut(text, []byte(end))
		if !found {
			return false
		}
		text = bytes.TrimSpace(rest)
	}
	after, ok := bytes.CutPrefix(text, []byte("<Objs"))
	return ok && len(after) > 0 && strings.IndexByte(" \t\r\n>/", after[0]) >= 0
}

// isCSV looks at the line above the table, or at the names of the columns.
func isCSV(text []byte) bool {
	text = bytes.TrimLeft(text, "\r\n")
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	class, typed := bytes.CutPrefix(line, []byte("#TYPE "))
	if typed {
		line, _, _ = bytes.Cut(rest, []byte("\n"))
		typed = bytes.IndexByte(class, '.') > 0
	}
	r := rows{record: bytes.Clone(bytes.TrimRight(line, "\r\n"))}
	r.separator = separator(r.record)
	r.split()
	identity, known, tracking := 0, 0, 0
	var titles []string
	for i, field := range r.fields {
		name := strings.ToLower(strings.TrimSpace(string(field)))
		titles = append(titles, name)
		switch {
		case i == 0 && name == "dn":
			return false // csvde
		case isTracking(name):
			tracking++
		case isIdentity(name):
			identity++
		case isKnown(name):
			known++
		}
	}
	return typed || tracking > 1 || viewerList(titles) != "" || len(r.fields) > 1 && identity > 0 && known > 0
}

// isTracking recognises columns of message tracking and of message traces, of
// which a table has two at least. The reports of Exchange Online write message_id
// where cmdlets write MessageId; the logs themselves write message-id.
func isTracking(name string) bool {
	switch strings.ReplaceAll(name, "_", "") {
	case "messageid", "eventid", "messagetraceid", "recipientstatus", "networkmessageid", "internalmessageid":
		return true
	}
	return false
}

// isListing looks for two lines with their colons in one column, and for a sign
// that Exchange is behind it: a property's name, or a prompt with a Get- cmdlet.
func isListing(text string) bool {
	aligned, known, last := false, false, -1
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		if class, ok := prompt(line); ok {
			known = known || class != ""
		}
		name, _, column := property(line)
		if column >= 0 {
			aligned = aligned || column == last
			known = known || isKnown(name)
		}
		if column >= 0 || !strings.HasPrefix(line, " ") { // a value that goes on changes nothing
			last = column
		}
		if aligned && known {
			return true
		}
	}
	return false
}
