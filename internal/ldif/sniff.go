package ldif

import (
	"bytes"

	"mailflow/internal/charset"
)

// Sniff tells from its first kilobytes what a file is: "ldif", "csvde" or "".
func Sniff(head []byte) string {
	first := true // no line but empty ones and comments before
	named := false
	for line := range bytes.Lines(charset.Head(head)) {
		line = trimCR(bytes.TrimSuffix(line, []byte("\n")))
		switch {
		case len(line) == 0 || line[0] == '#' || line[0] == ' ':
			continue
		case first && columns(line):
			return "csvde"
		case first && (versioned(line) || isName(line)), named && opens(line):
			return "ldif"
		}
		first, named = false, isName(line)
	}
	return ""
}

// columns recognises the first line of a csvde export.
func columns(line []byte) bool {
	name, rest, comma, closed := cutField(line)
	if !closed || !comma || !sameName(name, "DN") {
		return false
	}
	for comma {
		name, rest, comma, closed = cutField(rest)
		if !closed || len(name) == 0 || description(name) < len(name) {
			return len(rest) == 0 && !comma && len(name) == 0 // cut off by the end of the head
		}
	}
	return true
}

func versioned(line []byte) bool {
	value, ok := bytes.CutPrefix(line, []byte("version:"))
	return ok && string(bytes.TrimSpace(value)) == "1"
}

// isName recognises the line that begins an entry: dn: DC=example or dn:: REM9
func isName(line []byte) bool {
	return len(line) > 3 && sameName(line[:3], "dn:") && (line[3] == ':' || bytes.IndexByte(line, '=') > 0)
}

// opens recognises what follows the name of an entry.
func opens(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	return ok && (sameName(name, "changetype") || sameName(name, "objectClass"))
}
