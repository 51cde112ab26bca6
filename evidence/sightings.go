package evidence

import (
	"time"

	"mailflow/diag"
)

// Message is the id of a message that the operator wants to follow.
var Message = diag.NewKey[string]("message", "the Message-ID of a message to follow: --input message=abc@contoso.com")

// Sightings are what the logs of all servers say of the messages that are
// followed: those that waited longest, some that did not, and the one asked for.
var Sightings = diag.NewKey[[]Sighting]("logs.messages", "the rows about the messages that waited longest, out of the logs of each server that they passed")

// A Sighting is what one row of a log says of one message. Times are those of the
// server's own clock.
type Sighting struct {
	Message string    `json:"message"`           // Message-ID without <>
	Network string    `json:"network,omitempty"` // network-message-id: one for all copies that a message was split into
	Server  string    `json:"server"`
	Source  string    `json:"source"` // family of the log: "tracking", "postfix", ...
	At      time.Time `json:"at"`
	What    string    `json:"what"`              // one of the Saw words
	Queue   string    `json:"queue,omitempty"`   // id of the message on this server
	Next    string    `json:"next,omitempty"`    // id that it got at the next server, or of the message made of it
	Peer    string    `json:"peer,omitempty"`    // the other server: it came from, or left to
	Hop     string    `json:"hop,omitempty"`     // connector or next hop
	Session string    `json:"session,omitempty"` // of SMTP, where logs share it
	Sender  string    `json:"sender,omitempty"`
	To      []string  `json:"to,omitempty"`     // recipients, the first few
	Count   int       `json:"count,omitempty"`  // recipients that the row is about
	Text    string    `json:"text,omitempty"`   // reply of the other side, or why
	Took    Duration  `json:"took_s,omitempty"` // the attempt that ended so, where the log says it
	Parts   []Latency `json:"parts,omitempty"`  // where the server says that the time went
	Where   Where     `json:"where"`

	Talks []SessionTalk `json:"talks,omitempty"` // the session itself, where a log of sessions of the same server has it
}

// What a sighting may say.
const (
	SawSubmitted = "submitted" // by a client or a program, at this server
	SawCame      = "came"      // over SMTP, from another server
	SawLeft      = "left"      // over SMTP, to another server
	SawDelivered = "delivered" // to a mailbox
	SawPutOff    = "put off"
	SawFailed    = "failed"   // given up, returned
	SawDropped   = "dropped"  // without a word
	SawExpanded  = "expanded" // a group's members took its place
	SawSplit     = "split"    // made of another message on this server
	SawHeld      = "held"
	SawAgain     = "submitted again" // by the server itself, out of the copies that it keeps of delivered mail (Safety Net)
	SawDone      = "done"            // nothing of it is left on this server

	SawLogBegins = "log begins" // of no message: from here on, what is not in the log did not happen
	SawLogEnds   = "log ends"   // to here
)

// ZoneGuessed is the text of SawLogBegins where nobody said in which zone the log is
// written: the zone is the one that messages show, or UTC.
const ZoneGuessed = "zone guessed"

// A Latency is what a component of a server took, by the server's own word.
type Latency struct {
	Server  string   `json:"server,omitempty"`
	Path    []string `json:"path"` // of names, from the total downwards: "TOTAL-HUB", "SMR", "SMRC"
	Seconds Duration `json:"s"`    // with all that is inside of it
	Own     Duration `json:"own_s"`
	Running bool     `json:"running,omitempty"` // it had not ended
	Whole   bool     `json:"whole,omitempty"`   // in whole seconds, cut off: the form of Exchange 2007 and 2010
}

// A SessionTalk is what a log of sessions tells of the one in which a message came
// or left. Where a session was of several messages, the times are those of the part
// that was this message's: from connecting, or from its MAIL, to the reply to its end.
type SessionTalk struct {
	Session  string    `json:"session"`
	Log      string    `json:"log"` // one of the Talk words
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended"`
	Took     Duration  `json:"took_s"`
	Torn     bool      `json:"torn,omitempty"`     // the beginning or the end of the session is not in the log
	Messages int       `json:"messages,omitempty"` // accepted in the session
	Whole    bool      `json:"whole,omitempty"`    // the times are the session's: which part was this message's the log does not show

	Silence Duration    `json:"silence_s,omitempty"` // the longest in that time
	Silent  time.Time   `json:"silent,omitzero"`     // when it began
	Awaited string      `json:"awaited,omitempty"`   // a command, whose reply was due, TalkConnecting, or one of the Logged words
	After   string      `json:"after,omitempty"`     // the line before the silence, with its sign
	Until   string      `json:"until,omitempty"`     // the line that ended it
	Refused int         `json:"refused,omitempty"`   // replies 4xx and 5xx
	Refusal string      `json:"refusal,omitempty"`   // the first of them
	Pauses  []TalkPause `json:"pauses,omitempty"`
	Where   Where       `json:"where"` // the line before the silence; without one, where the session begins
}

// The logs that a session may stand in, and what it waits for before it is one.
const (
	TalkReceive    = "receive"
	TalkSend       = "send"
	TalkConnect    = "connectivity"
	TalkConnecting = "connection"
)

// A TalkPause is a pause that a server made, by its own word.
type TalkPause struct {
	Reason string   `json:"reason"` // "DelayedAck"
	Took   Duration `json:"took_s"`
}
