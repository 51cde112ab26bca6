package evidence

import (
	"time"

	"mailflow/diag"
)

// SMTPLogs is what the protocol and connectivity logs of mail servers say of the
// sessions that passed.
var SMTPLogs = diag.NewKey[SessionLogs]("smtp.logs", `logs of the SMTP sessions of the servers that the mail passes, for the hours in question. Exchange 2007 and later: protocol logs `+
	`(folders ProtocolLog\SmtpSend and ProtocolLog\SmtpReceive beneath TransportRoles\Logs) and connectivity logs (Connectivity); protocol logs are off until switched on for a connector: `+
	`Set-SendConnector or Set-ReceiveConnector NAME -ProtocolLoggingLevel Verbose. Exchange 2000/2003: the logs of the SMTP virtual server (System32\LogFiles\SMTPSVC1). Name the files, folders or a zip of them as evidence`)

// SessionLogs are the sessions in all of these logs.
type SessionLogs struct {
	Exports []Export     `json:"exports"`
	Peers   []LoggedPeer `json:"peers"`
	Lost    int          `json:"lost,omitempty"` // sessions given up because too many were open at once
}

// The kinds of log that sessions are rebuilt from.
const (
	LogReceive = "smtp receive"
	LogSend    = "smtp send"
	LogService = "smtp service" // of Windows; its sessions are told apart by inference
	LogConnect = "connectivity"
)

// OtherHosts is the address of what is counted together because there are more
// hosts than are told apart.
const OtherHosts = "other hosts"

// A LoggedPeer is what one server's logs say of its sessions with one host, by
// one connector.
type LoggedPeer struct {
	Server    string    `json:"server,omitempty"` // that wrote the log; "" where it does not say
	Name      string    `json:"name,omitempty"`   // its full name
	Source    string    `json:"source"`           // the kind of log
	Out       bool      `json:"out,omitempty"`    // the server opened the sessions; else the host did
	Connector string    `json:"connector,omitempty"`
	Host      string    `json:"host,omitempty"`   // the other host as it calls itself
	Addr      string    `json:"addr"`             // its address, with its port where it was called; OtherHosts for several
	Local     string    `json:"local,omitempty"`  // an address of the server's own, with its port
	Domain    string    `json:"domain,omitempty"` // what the sessions were opened for, where the log says so
	Where     Where     `json:"where"`            // the first row
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`

	Sessions   int   `json:"sessions"`
	Unused     int   `json:"unused,omitempty"` // opened and never used: nothing was refused, and no message begun
	Torn       int   `json:"torn,omitempty"`   // the beginning is in no file
	Unended    int   `json:"unended,omitempty"`
	Messages   int   `json:"messages"` // taken over
	Recipients int   `json:"recipients"`
	AtOnce     int   `json:"at_once,omitempty"` // most sessions at one time
	Largest    int64 `json:"largest_bytes,omitempty"`
	Queue      int   `json:"queue,omitempty"`    // most messages that waited when a connection began
	XShadow    bool  `json:"xshadow,omitempty"`  // the server that was called offers XSHADOW, and not as Exchange 2013 and later do
	StartTLS   bool  `json:"starttls,omitempty"` // it offers STARTTLS
	Exps       bool  `json:"x_exps,omitempty"`   // it offers the logon of Exchange servers

	Times    []LoggedTimes   `json:"times,omitempty"`
	Replies  []LoggedReply   `json:"replies,omitempty"` // 4xx and 5xx, the most frequent first
	Events   []LoggedEvent   `json:"events,omitempty"`
	Tarpits  []LoggedTarpit  `json:"tarpits,omitempty"`
	Cuts     []LoggedCut     `json:"cuts,omitempty"`
	Calls    []LoggedCall    `json:"calls,omitempty"`
	Silences []LoggedSilence `json:"silences,omitempty"` // the longest
}

// What a reply is for, where that is no command.
const (
	LoggedGreeting  = "greeting"
	LoggedHandshake = "handshake"
	LoggedBody      = "body"      // a message behind DATA, and the reply to its end
	LoggedBDAT      = "BDAT"      // a part of a message
	LoggedBDATLast  = "BDAT LAST" // the last part of a message, and the reply to it
	LoggedPause     = "pause"     // no reply: the client waited before its next command
	LoggedUnasked   = "unasked"   // a reply that nothing asked for
)

// LoggedTimes are how long one kind of reply took.
type LoggedTimes struct {
	Verb     string    `json:"verb"`
	Refused  bool      `json:"refused,omitempty"` // these were 4xx or 5xx
	Count    int       `json:"count"`
	Slow     int       `json:"slow,omitempty"` // a second or more
	Median   Duration  `json:"median_s"`       // to a twentieth; 0 for less than 0.1 s
	P95      Duration  `json:"p95_s"`
	Longest  Duration  `json:"longest_s"`
	At       time.Time `json:"at,omitzero"`         // when the longest began
	Fixed    Duration  `json:"fixed_s,omitempty"`   // what most of the slow ones took, a tenth more or less
	FixedFor int       `json:"fixed_for,omitempty"` // how many did
}

// A LoggedReply is refusals of one kind: the same command, code and shape of text.
type LoggedReply struct {
	Verb     string      `json:"verb"`
	Code     int         `json:"code"`
	Text     string      `json:"text"` // of the first, whole
	Count    int         `json:"count"`
	Sessions int         `json:"sessions"`
	First    time.Time   `json:"first"`
	Last     time.Time   `json:"last"`
	Where    Where       `json:"where"`
	To       []string    `json:"to,omitempty"`   // some of the recipients
	Rows     []LoggedRow `json:"rows,omitempty"` // of the first, and what went before

	Pairs   int       `json:"pairs,omitempty"`  // different pairs of sender and recipient that it put off
	Again   int       `json:"again,omitempty"`  // how often one of them came again and was put off again
	Passed  int       `json:"passed,omitempty"` // pairs that the same server got accepted later
	Soonest Duration  `json:"soonest_s,omitempty"`
	Latest  Duration  `json:"latest_s,omitempty"`
	Until   time.Time `json:"until,omitzero"` // when that which took longest passed
}

// A LoggedEvent is what a log notes besides what was said.
type LoggedEvent struct {
	Kind  string    `json:"kind"`
	Text  string    `json:"text"` // of the first
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Where Where     `json:"where"`
}

// The kinds of events.
const (
	EventAuth = "logon fails"
	EventTLS  = "TLS fails"
	EventDNS  = "DNS fails"
	EventDone = "attempt ended" // of a connectivity log, with its reason
)

// A LoggedTarpit is a pause that the server that made it noted.
type LoggedTarpit struct {
	Reason  string    `json:"reason,omitempty"` // "DelayedAck"
	Verb    string    `json:"verb,omitempty"`   // what the reply behind the pause was for
	Refused bool      `json:"refused,omitempty"`
	Count   int       `json:"count"`
	Median  Duration  `json:"median_s"`
	Longest Duration  `json:"longest_s"`
	At      time.Time `json:"at"` // when the longest ended
}

// A LoggedCut is sessions that ended while a reply was due.
type LoggedCut struct {
	Verb    string      `json:"verb"`
	Count   int         `json:"count"`
	Local   int         `json:"local,omitempty"`  // the server that logs ended them
	Remote  int         `json:"remote,omitempty"` // the other side did
	Broken  int         `json:"broken,omitempty"` // the connection broke
	Longest Duration    `json:"longest_s"`        // wait for the reply
	At      time.Time   `json:"at"`
	Least   int64       `json:"least_bytes,omitempty"` // the smallest message that was on its way
	First   time.Time   `json:"first"`
	Last    time.Time   `json:"last"`
	Where   Where       `json:"where"`
	Rows    []LoggedRow `json:"rows,omitempty"`
}

// A LoggedCall is how connecting to one address went.
type LoggedCall struct {
	Addr        string    `json:"addr"`
	Host        string    `json:"host,omitempty"`
	Worked      int       `json:"worked"`
	Refused     int       `json:"refused,omitempty"`
	TimedOut    int       `json:"timed_out,omitempty"`
	Unreachable int       `json:"unreachable,omitempty"`
	Other       int       `json:"other,omitempty"`
	First       time.Time `json:"first,omitzero"` // of the failures
	Last        time.Time `json:"last,omitzero"`
	Longest     Duration  `json:"longest_s,omitempty"` // that a failure took, where the log shows it
	At          time.Time `json:"at,omitzero"`
	Text        string    `json:"text,omitempty"`
	Where       Where     `json:"where"`
}

// Failed counts the failures.
func (c LoggedCall) Failed() int { return c.Refused + c.TimedOut + c.Unreachable + c.Other }

// Whose turn it was in a silence.
const (
	TurnServer = "server" // of that which was called
	TurnClient = "client" // of that which called
	TurnEither = "either" // a message or a handshake was on its way
)

// A LoggedSilence is a long time in which neither side said a thing.
type LoggedSilence struct {
	Verb  string      `json:"verb"`
	Turn  string      `json:"turn"`
	From  time.Time   `json:"from"`
	Took  Duration    `json:"took_s"`
	Ended bool        `json:"ended,omitempty"` // by the end of the session
	Bytes int64       `json:"bytes,omitempty"`
	Where Where       `json:"where"`
	Rows  []LoggedRow `json:"rows,omitempty"` // before it, and the one that ended it
}

// A LoggedRow is one row of a session.
type LoggedRow struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"` // ">" was said by the server that logs, "<" to it
	Text  string    `json:"text,omitempty"`
}
