package evidence

import (
	"time"

	"mailflow/diag"
)

// Traffic is what the logs of mail servers say of the mail that passed.
var Traffic = diag.NewKey[[]HopTraffic]("logs", `logs of the servers that the mail passes, for the hours in question. Exchange 2007 and later: the message tracking logs `+
	`(folder TransportRoles\Logs\MessageTracking) of each server. Postfix: mail.log. Exim: mainlog. Name the files, folders or a zip of them as evidence`)

// HopTraffic is what one server did with the mail for one next hop.
type HopTraffic struct {
	Server    string        `json:"server"`
	To        string        `json:"to"`              // the next hop: a connector, a server, "mailboxes"
	Source    string        `json:"source"`          // the family of the log: "tracking", "postfix", ...
	Where     Where         `json:"where"`           // the first row
	Local     bool          `json:"local,omitempty"` // its times are of a clock whose zone nobody named, taken as UTC: waits are right, hours of the day are that clock's
	First     time.Time     `json:"first"`           // when the first and the last of these left
	Last      time.Time     `json:"last"`
	Count     int           `json:"count"` // messages that left
	Late      int           `json:"late"`  // of these, how many waited longer than LateFrom
	Median    Duration      `json:"median_s"`
	P95       Duration      `json:"p95_s"`
	Longest   Duration      `json:"longest_s"`
	Passages  []Passage     `json:"passages,omitempty"` // a sample: every late one as long as there is room, and some of the others
	Deferrals []Deferral    `json:"deferrals,omitempty"`
	Waiting   int           `json:"still_waiting,omitempty"` // came and had not left when the log ended
	Open      []OpenMessage `json:"open,omitempty"`          // of these the first few
	Measured  int           `json:"late_measured,omitempty"` // late ones of which the server says where their time went
	Slow      []LatentPart  `json:"components,omitempty"`    // where that was; what no component accounts for has the name of the total
	Peers     []Peer        `json:"peers,omitempty"`         // who took them over, where a next hop is several; those with most late ones first
	Databases []Peer        `json:"databases,omitempty"`     // mailbox databases of late messages, where the log names them
	Filter    *FilterOutage `json:"filter_outage,omitempty"` // of this server's mail filters; with the first of its hops only
	Problems  []Problem     `json:"problems,omitempty"`      // of this server's logs; with the first of its hops only
}

// ToMailboxes is the next hop of what is delivered to mailboxes.
const ToMailboxes = "mailboxes"

// NoHopYet is the next hop of messages that came and of which nothing said where
// they were to go.
const NoHopYet = "no next hop yet"

// LateFrom is from when on a message counts as late at one hop. Healthy servers
// pass mail on within seconds; content filters may take a minute.
const LateFrom = 2 * time.Minute

// A Passage is one message at one hop.
type Passage struct {
	Came  time.Time  `json:"came"`
	Left  time.Time  `json:"left"`
	Depth int        `json:"depth"` // how many messages for this hop waited when it came
	Tries int        `json:"tries,omitempty"`
	Tried []Duration `json:"tried_s,omitempty"` // the first attempts that failed for this hop, counted from Came
	ID    string     `json:"id,omitempty"`      // Message-ID, or the id in the queue where the log has no other; of late ones and of some others
}

// An OpenMessage is one that had not left when the log ended.
type OpenMessage struct {
	Came  time.Time  `json:"came"`
	Tries int        `json:"tries,omitempty"`
	Tried []Duration `json:"tried_s,omitempty"` // the first attempts that failed, counted from Came
	ID    string     `json:"id,omitempty"`      // Message-ID
}

// A Deferral is a reason for which attempts were put off.
type Deferral struct {
	Text  string    `json:"text"` // of the first
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Where Where     `json:"where"`
}

// A Peer is a server that took messages over.
type Peer struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Late  int    `json:"late,omitempty"`
}

// A FilterOutage is a mail filter (milter) of a server itself that gave no answer, and
// what came of that at its door.
type FilterOutage struct {
	Service string    `json:"service,omitempty"` // the first of them: "inet:127.0.0.1:8891"; "" where the log names none
	Reason  string    `json:"reason,omitempty"`  // of the first
	Failed  int       `json:"failed"`            // connections to a filter that failed
	PutOff  int       `json:"put_off"`           // mail that clients shall bring again
	Reply   string    `json:"reply,omitempty"`   // what the first of them were told
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Where   Where     `json:"where"`
}

// A LatentPart is a part of a server that took time with late messages, without
// its own parts.
type LatentPart struct {
	Name   string   `json:"name"`             // "CATRT-Transport Rule Agent"
	Within string   `json:"within,omitempty"` // names from below the total down to it: "CAT|CATORT|CATRT"
	Total  Duration `json:"total_s"`
	Count  int      `json:"count"`           // late messages that it took time with
	Whole  bool     `json:"whole,omitempty"` // in whole seconds, the form of Exchange 2007 and 2010
}
