package eventlog

import (
	"bytes"
	"strings"

	"mailflow/internal/charset"
)

// Sniff tells from the start of a file, a few kilobytes of it, which export of an
// event log it is, and "" for anything else. The name of the file is not asked.
// Tables are told by their shape, whatever language their names are in.
func Sniff(start []byte) Format {
	text := charset.Head(start)
	trimmed := bytes.TrimSpace(text)
	switch {
	case bytes.Contains(text, []byte("<Objs")):
		if bytes.Contains(text, []byte("EventLogRecord</T>")) || bytes.Contains(text, []byte(".EventLogEntry")) {
			return CLIXML
		}
		return ""
	case bytes.HasPrefix(trimmed, []byte("<")):
		if isEventXML(trimmed) {
			return XML
		}
		return ""
	case layoutOf(text) != nil:
		return Table
	}
	return sniffObjects(string(text))
}

// isEventXML looks for the first event, behind a prolog and a root element.
func isEventXML(text []byte) bool {
	at := bytes.Index(text, []byte("<Event "))
	if bare := bytes.Index(text, []byte("<Event>")); at < 0 || bare >= 0 && bare < at {
		at = bare
	}
	if at < 0 || at > 1<<10 {
		return false
	}
	rest := text[at:min(len(text), at+4<<10)]
	return bytes.Contains(rest, []byte("<System>")) && bytes.Contains(rest, []byte("<Provider "))
}

// sniffObjects knows what PowerShell calls the properties of an event: in the
// first line of a table, or at the beginning of lines.
func sniffObjects(text string) Format {
	text = strings.TrimLeft(text, "\r\n \uFEFF")
	head, rest, _ := strings.Cut(text, "\n")
	if strings.HasPrefix(head, "#TYPE ") {
		head, _, _ = strings.Cut(rest, "\n")
	}
	if names := strings.FieldsFunc(strings.TrimSpace(head), func(r rune) bool { return strings.ContainsRune("\",;\t", r) }); len(names) > 2 && areEventProps(names) {
		return CSV
	}
	var names []string
	n := 0
	for line := range strings.Lines(text) {
		if n++; n > 60 {
			break
		}
		if name, _, found := strings.Cut(line, " :"); found && !strings.HasPrefix(line, " ") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	if areEventProps(names) {
		return List
	}
	return ""
}

func areEventProps(names []string) bool {
	has := func(name string) bool {
		for _, n := range names {
			if strings.EqualFold(n, name) {
				return true
			}
		}
		return false
	}
	return has("TimeCreated") && has("Id") && (has("ProviderName") || has("LogName")) ||
		(has("TimeGenerated") || has("TimeWritten")) && has("Source") && (has("EventID") || has("InstanceId"))
}
