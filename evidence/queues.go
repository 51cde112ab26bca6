package evidence

import (
	"time"

	"mailflow/diag"
)

// QueueListings is what mail servers say of their queues.
var QueueListings = diag.NewKey[[]QueueListing]("queues", `listings of the queues on the servers that send. Exchange 2007 and later, in the Exchange Management Shell: Get-Queue | Export-Clixml queues.xml and `+
	`Get-Message -ResultSize Unlimited | Export-Clixml messages.xml. Postfix: postqueue -j > queue.json. Exim: exim -bp > queue.txt. Sendmail: mailq > queue.txt. Name the files as evidence`)

// A QueueListing is what one file says.
type QueueListing struct {
	Export   Export         `json:"export"`
	Queues   []Queue        `json:"queues,omitempty"`
	Messages int            `json:"messages"`         // that the file lists one by one
	States   map[string]int `json:"states,omitempty"` // how many of them are in each state
	Groups   []QueueGroup   `json:"groups,omitempty"`
	Oldest   []QueuedMail   `json:"oldest,omitempty"`
	Reasons  []QueueError   `json:"reasons,omitempty"`
	Ages     []AgeRow       `json:"ages,omitempty"` // those with most messages first; the rest together as OtherDomains
}

// The states of a queue or message, in the words of today's Exchange; the first
// line is also what other servers have.
const (
	QueueActive    = "active" // being sent, or ready to be
	QueueRetrying  = "retry"  // an attempt failed, and the next one waits
	QueueHeld      = "held"   // by an administrator: suspended, frozen, on hold
	QueueScheduled = "scheduled"
	QueueOther     = "other"
)

// A Queue is one queue of a server.
type Queue struct {
	Name      string   `json:"name"` // "EX07HUB\\17", "Submission"
	Server    string   `json:"server,omitempty"`
	Line      int      `json:"line"`
	Type      string   `json:"type,omitempty"`     // DeliveryType: "SmtpRelayToTiRg"
	NextHop   string   `json:"next_hop,omitempty"` // NextHopDomain
	Connector string   `json:"connector,omitempty"`
	State     string   `json:"state"`
	Said      string   `json:"said,omitempty"` // the state in the server's own word
	Messages  int      `json:"messages"`
	Error     string   `json:"last_error,omitempty"`
	LastTry   Instant  `json:"last_try"`
	NextTry   Instant  `json:"next_try"`
	Retries   *int     `json:"retries,omitempty"`
	Velocity  *float64 `json:"velocity,omitempty"` // out minus in, messages a second
}

// An Instant is a time as an export has it: exact, or only as text whose zone or
// order of day and month nobody knows.
type Instant struct {
	Time *time.Time `json:"time,omitempty"`
	Text string     `json:"text,omitempty"`
}

// Known says whether the time is exact.
func (i Instant) Known() bool { return i.Time != nil }

// OtherDomains is the row of an age table for all that have none.
const OtherDomains = "all others"

// The kinds of groups that messages are counted by.
const (
	ByDomain = "recipient domain"
	BySender = "sender"
	ByQueue  = "next hop"
)

// A QueueGroup is how many messages have something in common.
type QueueGroup struct {
	By    string `json:"by"`
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// A QueuedMail is one message that waits.
type QueuedMail struct {
	ID     string     `json:"id"`
	State  string     `json:"state"`
	Since  *time.Time `json:"since,omitempty"`
	Age    Duration   `json:"age_s"` // since it came, by the newest time in the listing; 0 unknown
	Sender string     `json:"sender,omitempty"`
	To     string     `json:"to,omitempty"` // the first recipient
	Reason string     `json:"reason,omitempty"`
	Line   int        `json:"line"`
}

// A QueueError is a reason that several messages wait for.
type QueueError struct {
	Domain string `json:"domain"` // of the recipients
	Text   string `json:"text"`   // of the first of them
	Count  int    `json:"count"`
	State  string `json:"state"`
	Line   int    `json:"line"`
}
