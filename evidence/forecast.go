package evidence

import (
	"slices"
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
	Oldest  *time.Time `json:"oldest,omitempty"`      // when its oldest message came
	Next    *time.Time `json:"next,omitempty"`        // the next attempt
	Notice  *time.Time `json:"notice,omitempty"`      // when the sender of the oldest is told that it is late
	GivesUp *time.Time `json:"gives_up,omitempty"`    // when the oldest is returned
	Drains  Duration   `json:"drains_in_s,omitempty"` // how long until it is empty, at the speed it has
	Grows   bool       `json:"grows,omitempty"`       // more comes than goes
	By      []string   `json:"by,omitempty"`          // what these follow from: "NextRetryTime", "default of Exchange 2007 and later"
	Unknown []string   `json:"unknown,omitempty"`     // what could not be worked out, and what would tell
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
	Domain string     `json:"domain"`
	Total  int        `json:"total"`
	Counts []int      `json:"counts"`           // as many as AgeEdges, and one more
	Oldest *time.Time `json:"oldest,omitempty"` // of what nobody holds back
}

// Add counts one message of this age.
func (r *AgeRow) Add(age time.Duration) {
	at, _ := slices.BinarySearch(AgeEdges(), age)
	r.Counts[at]++
	r.Total++
}
