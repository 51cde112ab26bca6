package evidence

import (
	"time"

	"mailflow/diag"
)

// MailPath is the path that one message would take.
var MailPath = diag.NewKey[Path]("org.path", "the path that a message would take through the organization: --input from=EX03A --input to=user@contoso.com, beside an export of the configuration")

// A Path is the way of one message through the organization, as the
// configuration says it.
type Path struct {
	From      string    `json:"from"` // the server it starts from
	To        string    `json:"to"`   // the server or address it goes to
	SizeBytes int64     `json:"size_bytes,omitempty"`
	At        time.Time `json:"at"`   // when it is submitted
	Zone      string    `json:"zone"` // the time zone to show times in, by its IANA name
	Outcome   string    `json:"outcome"`
	Why       string    `json:"why,omitempty"` // of an outcome other than Arrives
	Legs      []Leg     `json:"legs,omitempty"`
	Cost      int       `json:"cost"` // of connectors and address spaces, by which paths are chosen; where no connector leads on, of site links too
	Wait      Wait      `json:"wait"`
	Others    []Detour  `json:"not_taken,omitempty"` // other paths, and why not these
	Unsure    []string  `json:"unsure,omitempty"`    // what the export lacks or nobody has documented, that may change the path
}

// The outcomes of a path.
const (
	Arrives   = "arrives"        // at the server
	Leaves    = "leaves"         // the organization, over the last leg
	Stuck     = "stuck"          // it comes as far as the last leg and no farther
	NoPath    = "no path"        // nothing leads there
	Returned  = "comes back"     // to its sender, as the last leg does not take it
	Undecided = "could not tell" // the evidence does not reach
)

// The kinds of legs.
const (
	SameServer   = "same server"
	SameGroup    = "same routing group" // directly, or to a server of the same site
	OverLink     = "connector"          // a connector of Exchange 2000/2003, or a routing group connector
	BetweenSites = "between sites"
	OverSend     = "send connector"
	OverSMTP     = "SMTP virtual server" // of Exchange 2000/2003, which sends by itself, over no connector
)

// A Leg is one hop of a path: from a server, or one of several, to the next.
type Leg struct {
	Kind       string   `json:"kind"`
	From       []string `json:"from"`                 // names of the servers that may send
	To         []string `json:"to,omitempty"`         // names of the servers that may take it; smart hosts
	FromGroup  string   `json:"from_group,omitempty"` // routing group or site
	ToGroup    string   `json:"to_group,omitempty"`
	Connector  string   `json:"connector,omitempty"`
	Link       string   `json:"link,omitempty"` // what sort of connector: its Kind; "" without one
	Cost       int      `json:"cost"`
	LimitBytes int64    `json:"limit_bytes,omitempty"` // 0: none known
	Opens      string   `json:"opens,omitempty"`       // its schedule in words, in the path's zone
	Wait       Wait     `json:"wait"`
	Closed     bool     `json:"closed,omitempty"` // not crossed: the path ends before it
	Notes      []string `json:"notes,omitempty"`  // restrictions, dead bridgeheads, guesses
	Where      *Where   `json:"where,omitempty"`  // where the connector was read
}

// A Wait is how long a schedule holds a message. Zero is none.
type Wait struct {
	Now     Duration   `json:"now_s"`     // of this message
	Longest Duration   `json:"longest_s"` // of any
	Mean    Duration   `json:"mean_s"`
	Until   *time.Time `json:"until,omitempty"` // when this message may leave; nil: at once, or never
}

// A Detour is a path that was not taken.
type Detour struct {
	Over []string `json:"over"` // names of its connectors or sites
	Cost int      `json:"cost"`
	Why  string   `json:"why"`
}
