package evidence

import (
	"time"

	"mailflow/diag"
)

// Events is what the event logs of servers say that bears on mail flow.
var Events = diag.NewKey[EventLogs]("events", `event logs of the servers that the mail passes, for the hours in question. On each server: wevtutil qe Application /f:RenderedXml > app.xml, and the same for System; `+
	`or in Event Viewer "Save All Events As" CSV; or Get-WinEvent -LogName Application | Export-Clixml app.xml. Name the files as evidence`)

// EventLogs sums up the exports of event logs: of thousands of entries, which
// events there were.
type EventLogs struct {
	Exports []Export      `json:"exports"`
	Covers  []EventSpan   `json:"covers"` // what the exports cover, by server
	Groups  []EventGroup  `json:"groups,omitempty"`
	Passed  []SourceCount `json:"passed_over,omitempty"` // sources that do not bear on mail flow, those with most events first
}

// An EventSpan is from when to when an export has events of a server.
type EventSpan struct {
	Server string    `json:"server,omitempty"` // "" where the export does not say
	File   string    `json:"file"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Count  int       `json:"count"`
}

// An EventGroup is all events of one server, source and number.
type EventGroup struct {
	Server string         `json:"server,omitempty"` // "" where the export does not say
	Source string         `json:"source"`
	ID     int            `json:"id"`
	Count  int            `json:"count"`
	Levels map[string]int `json:"levels"` // how many are "error", "warning", ...
	First  time.Time      `json:"first"`
	Last   time.Time      `json:"last"`
	Times  []time.Time    `json:"times,omitempty"` // in order; not all where there are very many
	Texts  []EventText    `json:"texts,omitempty"` // the messages, the most frequent first
	Local  bool           `json:"local,omitempty"` // the times are of the server's own clock, as if that showed UTC: nobody said its zone
	Why    string         `json:"why"`             // this source bears on mail flow
	Where  Where          `json:"where"`           // the first of the file
}

// An EventText is a message of an event, and how many have it. Messages that differ
// in numbers and addresses only count as one.
type EventText struct {
	Text  string `json:"text"` // of the first
	Count int    `json:"count"`
}

// A SourceCount is how many events one source has.
type SourceCount struct {
	Source string `json:"source"` // OtherSources for all that have no row
	Count  int    `json:"count"`
}

// OtherSources is the row of all sources that have none of their own.
const OtherSources = "all others"
