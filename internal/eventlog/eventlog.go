// Package eventlog reads exports of the Windows event logs: what Event Viewer saves
// as CSV or as text, in any language; wevtutil and Event Viewer as XML; and
// Get-WinEvent and Get-EventLog through Export-Clixml, Export-Csv and Format-List.
// All give the same events, one after the other and in bounded memory. The binary
// files (.evt, .evtx) are no exports, and are not read (knowledge/evidence-formats.md,
// section 9).
package eventlog

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"mailflow/internal/walltime"
)

// Bounds on what one file may ask for.
const (
	maxEvent    = 256 << 10 // bytes of one; the service cuts a message at 32 KiB characters
	maxText     = 8 << 10   // bytes of a message that are kept
	maxField    = 300       // bytes of a name
	maxProblems = 200       // reported one by one
)

// An Event is one entry of a log. It is the caller's to keep.
type Event struct {
	Line   int    // it begins on, counted from 1
	Server string // "" where the export does not say
	Log    string // "Application"; "" where the export does not say
	Source string // "MSExchangeTransport"
	ID     int    // without qualifiers: 0 to 65535
	Level  Level
	Time   walltime.Stamp // without a zone in what was written for people
	Text   string         // the message on one line; of XML without it, what it was to be made of
}

// Level is how bad the log says that an event is.
type Level string

// The levels. What is in none of the languages known is Other.
const (
	Critical    Level = "critical"
	Error       Level = "error"
	Warning     Level = "warning"
	Information Level = "information"
	Other       Level = "other"
)

// Problem is something that was left out, or is doubtful.
type Problem struct {
	Line int
	What string
}

// Format is how an export is written.
type Format string

// The formats that Events reads.
const (
	Table  Format = "table"  // Event Viewer, separated by commas, semicolons or tabs
	XML    Format = "xml"    // wevtutil qe /f:xml or /f:RenderedXml, Event Viewer
	CLIXML Format = "clixml" // Get-WinEvent or Get-EventLog | Export-Clixml
	CSV    Format = "csv"    // ... | Export-Csv
	List   Format = "list"   // ... | Format-List
)

// Events reads an export. Reading that fails is a problem, too: what came before
// it stays good. problems may be nil.
func Events(r io.Reader, f Format, problems func(Problem)) iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		j := &journal{report: problems}
		switch f {
		case Table:
			readTable(r, j, yield)
		case XML:
			readXML(r, j, yield)
		case CLIXML, CSV, List:
			readObjects(r, f, j, yield)
		default:
			j.add(1, fmt.Sprintf("%q is no format that can be read", string(f)))
		}
		j.close()
	}
}

// journal hands problems on, but not without end.
type journal struct {
	report func(Problem)
	count  int
	line   int
}

func (j *journal) add(line int, what string) {
	j.line = max(j.line, line)
	if j.count++; j.report != nil && j.count <= maxProblems {
		j.report(Problem{line, what})
	}
}

func (j *journal) close() {
	if more := j.count - maxProblems; j.report != nil && more > 0 {
		j.report(Problem{j.line, fmt.Sprintf("%d more problems up to here are not listed", more)})
	}
}

// oneLine brings a message to one line with single blanks, so that it is the same
// out of each export.
func oneLine(s string) string {
	if len(s) > 2*maxText {
		s = strings.ToValidUTF8(s[:2*maxText], "")
	}
	s = strings.Join(strings.Fields(s), " ")
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "")
}

// field bounds a name.
func field(s string) string {
	s = strings.TrimSpace(s)
	return strings.ToValidUTF8(s[:min(len(s), maxField)], "")
}

// levelOf reads a level in the languages that logs were seen or are likely in, by
// how its word begins.
func levelOf(word string) Level {
	word = strings.ToLower(strings.TrimSpace(word))
	for _, l := range []struct {
		level Level
		words string
	}{
		{Critical, "critical kriti critique crític critico критич kritisch 重大 严重"},
		{Error, "error fehler erreur erro fout błąd ошибка fel fejl chyba hiba エラー 错误 失敗"},
		{Warning, "warn avertissement advertencia avviso aviso waarschuwing ostrzeżenie предупреждение varning advarsel upozorn figyelmeztet 警告"},
		{Information, "information informaç informac informaz informatie сведения információ 情報 信息"},
	} {
		for w := range strings.FieldsSeq(l.words) {
			if strings.HasPrefix(word, w) {
				return l.level
			}
		}
	}
	return Other
}

// levelNumber reads a level of Windows Vista and later (winmeta.xml). Information
// is 4, and 0 where the source says none.
func levelNumber(number string) (Level, bool) {
	switch number {
	case "1":
		return Critical, true
	case "2":
		return Error, true
	case "3":
		return Warning, true
	case "0", "4":
		return Information, true
	case "5":
		return Other, true
	}
	return "", false
}
