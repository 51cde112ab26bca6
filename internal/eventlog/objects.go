package eventlog

import (
	"io"
	"strconv"

	"mailflow/internal/cmdlet"
	"mailflow/internal/walltime"
)

// readObjects reads what Get-WinEvent and Get-EventLog gave out.
func readObjects(r io.Reader, f Format, j *journal, yield func(*Event) bool) {
	format := map[Format]cmdlet.Format{CLIXML: cmdlet.CLIXML, CSV: cmdlet.CSV, List: cmdlet.FL}[f]
	for o := range cmdlet.Objects(r, format, func(p cmdlet.Problem) { j.add(p.Line, p.What) }) {
		e, ok := object(o)
		if !ok {
			j.add(o.Line, "an object without source, number or time of an event: left out")
			continue
		}
		if !yield(e) {
			return
		}
	}
}

func object(o *cmdlet.Object) (*Event, bool) {
	e := &Event{Line: o.Line, Server: field(o.Text("MachineName")), Log: field(o.Text("LogName")), Text: oneLine(o.Text("Message"))}
	id, at := o.Text("Id"), o.Text("TimeCreated")
	if o.Has("ProviderName") {
		e.Source = field(o.Text("ProviderName"))
		e.Level = recordLevel(o)
	} else {
		e.Source, id = field(o.Text("Source")), or(o.Text("EventID"), o.Text("InstanceId"))
		at = or(o.Text("TimeGenerated"), o.Text("TimeWritten"))
		e.Level = levelOf(o.Text("EntryType"))
	}
	n, err := strconv.ParseInt(id, 10, 64)
	e.ID = int(n & 0xFFFF) // InstanceId has qualifiers above
	var timed bool
	e.Time, timed = walltime.Read(at)
	return e, err == nil && timed && e.Source != ""
}

func recordLevel(o *cmdlet.Object) Level {
	if l, ok := levelNumber(o.Text("Level")); ok {
		return l
	}
	return levelOf(o.Text("LevelDisplayName"))
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
