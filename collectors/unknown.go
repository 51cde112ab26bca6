package collectors

import (
	"bytes"

	"mailflow/internal/charset"
)

// unknownFormat is why a file is not read that is none of the known ones.
const unknownFormat = "no reader here knows this format yet"

// unknown says why a file that begins so is not read, and what would help where
// that is known: files that people give, and that are nearly right.
func unknown(start []byte) string {
	text := charset.Head(start)
	switch {
	case crOnly(start):
		return "lines of it end with CR only, as a Mac of old or a transfer in the wrong mode leaves them: convert it (tr '\\r' '\\n' < FILE > NEW) and name the new file"
	case bytes.HasPrefix(start, []byte("ElfFile\x00")), bytes.HasPrefix(start, []byte("\x30\x00\x00\x00LfLe")): // knowledge/evidence-formats.md: .evtx, .evt
		return "a binary event log: export it, best on the server that wrote it (wevtutil qe FILE.evtx /lf:true /f:RenderedXml > app.xml; of an .evt in Event Viewer \"Save All Events As\" CSV), and name that"
	case isReport(text):
		return "a report of mailflow, and no evidence by itself: mailflow run REPORT.xml, with no other file, judges it anew"
	}
	return unknownFormat
}

// crOnly says whether a file would be known if a CR ended its lines where no line
// feed is behind it.
func crOnly(start []byte) bool {
	return bytes.Contains(start, []byte("\r")) && recognise(bytes.ReplaceAll(start, []byte("\r"), []byte("\n"))) != ""
}

// isReport recognises what this program writes (docs/report.md).
func isReport(text []byte) bool {
	text = text[:min(len(text), 1<<10)]
	for _, sign := range []string{"<report xmlns=\"urn:mailflow:report:", "\"schema\":\"mailflow-case/", "\"schema\": \"mailflow-report/", "<title>mailflow report"} {
		if bytes.Contains(text, []byte(sign)) {
			return true
		}
	}
	return false
}
