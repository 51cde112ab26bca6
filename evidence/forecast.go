package evidence

import (
	"time"

	"mailflow/diag"
)

// Forecasts are when mail in queues will be tried again, and given up, in the
// order of QueueListings and their queues.
var Forecasts = diag.NewKey[[]Forecast]("queues.forecast", "when the mail in the queues will be tried again and given up: a listing of the queues, and the retry settings of the server where they are not the defaults")

// A Forecast is what becomes of a queue if attempts go on failing.
type Forecast struct {
	Listing int        `json:"listing"` // which of QueueListings
	Queue   string     `json:"queue"`
	Server  string     `json:"server,omitempty"`
	Oldest  *time.Time `json:"oldest,omitempty"`   // when its oldest message came
	Next    *time.Time `json:"next,omitempty"`     // the next attempt
	Notice  *time.Time `json:"notice,omitempty"`   // when the sender of the oldest is told that it is late
	GivesUp *time.Time `json:"gives_up,omitempty"` // when the oldest is returned
	Drains  *time.Time `json:"drains,omitempty"`   // when it is empty, at the speed it now has
	By      []string   `json:"by,omitempty"`       // what these follow from: "NextRetryTime", "default of Exchange 2007 and later"
	Unknown []string   `json:"unknown,omitempty"`  // what could not be worked out, and what would tell
}

// AgeEdges are the upper edges of the columns of an age table; the last column is
// what is older.
func AgeEdges() []time.Duration {
	var edges []time.Duration
	for m := 5; m <= 1280; m *= 2 {
		edges = append(edges, time.Duration(m)*time.Minute)
	}
	return edges
}

// An AgeRow is how old the mail for one domain is: destination by age, as
// Postfix's qshape shows it.
type AgeRow struct {
	Domain string `json:"domain"`
	Total  int    `json:"total"`
	Counts []int  `json:"counts"` // as many as AgeEdges, and one more
}
