package sessionlog

// A Peer is what one server's logs say of its sessions with one host, by one
// connector. Times are in nanoseconds, since 1970 or as lengths.
type Peer struct {
	Server    string // that wrote the log: its name as connectors have it, its full name, or its address; "" where the log has none
	Name      string // its full name, where the log has it
	Kind      string // of the log: LogReceive, LogSend, LogService, LogConnect
	Out       bool   // the server opened the sessions
	Connector string
	Host      string // the other host as it calls itself
	Addr      string // its address, with the port where it was called; OtherHosts for several
	Local     string // the address of the server's own, with its port
	Domain    string // what the sessions were opened for, where the log says so
	File      string // of the first row
	Line      int64
	First     int64
	Last      int64

	Sessions   int
	Unused     int   // begun and ended without a message, and nothing was refused
	Torn       int   // the beginning is not in the log
	Unended    int   // the end is not in the log
	Messages   int   // taken over
	Recipients int   // accepted
	AtOnce     int   // most sessions at one time
	Largest    int64 // of the messages that were taken over, where the log has sizes
	Queue      int   // most messages that waited when a connection began
	Offers     Offers

	Times    []Times
	Replies  []Reply
	Events   []Event
	Tarpits  []Tarpit
	Cuts     []Cut
	Calls    []Call
	Silences []Silence
}

// The kinds of log that sessions were rebuilt from.
const (
	LogReceive = "smtp receive"
	LogSend    = "smtp send"
	LogService = "smtp service" // of Windows; its sessions are told apart by inference
	LogConnect = "connectivity"
)

func logOf(kind byte) string {
	switch kind {
	case kindReceive:
		return LogReceive
	case kindSend:
		return LogSend
	case kindService:
		return LogService
	}
	return LogConnect
}

// The kinds of log in short.
const (
	kindReceive = 'r'
	kindSend    = 's'
	kindService = 'w'
	kindConnect = 'c'
)

// A Reply is a refusal of one kind: the same command, code and shape of text.
type Reply struct {
	Verb     string
	Code     int
	Text     string // of the first, without the code's line end
	Count    int
	Sessions int
	First    int64
	Last     int64
	File     string
	Line     int64
	To       []string // some of the recipients it was about
	Rows     []Row    // of the first, and what went before

	Pairs    int   // 4xx: pairs of sender and recipient that it put off
	Again    int   // and how often one of them came again and was put off again
	Passed   int   // of the pairs, those that the same server got accepted later
	Soonest  int64 // how long after their first refusal
	Latest   int64
	PassedAt int64 // when the one that took longest passed

	file int32
	last *session
	rank int64 // of the first
}

// An Event is something other than a reply that the log notes.
type Event struct {
	Kind  string
	Text  string // of the first
	Count int
	First int64
	Last  int64
	File  string
	Line  int64

	file int32
}

// The kinds of events.
const (
	EventAuth = "logon fails"
	EventTLS  = "TLS fails"
	EventDNS  = "DNS fails"
	EventDone = "attempt ended" // of a connectivity log, with its reason
)

// A Tarpit is a pause that the log itself tells of.
type Tarpit struct {
	Reason  string // "DelayedAck"; "" for none
	Verb    string // what the reply behind the pause was for, "" where none came
	Refused bool   // that reply was 4xx or 5xx
	Count   int
	Median  int64
	Longest int64
	At      int64 // when the longest ended
}

type tarpitKey struct {
	reason  string
	verb    verb
	refused bool
}

// A Cut is sessions that ended while a reply was due.
type Cut struct {
	Verb    string
	Count   int
	Local   int // the server that logs ended them
	Remote  int // the other side did
	Broken  int // the connection broke
	Longest int64
	At      int64 // when the longest wait began
	Least   int64 // size of the smallest message that was on its way, 0 unknown
	First   int64
	Last    int64
	File    string
	Line    int64
	Rows    []Row // of the longest

	file int32
}

// A Call is how connecting to one address went.
type Call struct {
	Addr        string
	Host        string // its name, where the log has it
	Worked      int
	Refused     int
	TimedOut    int
	Unreachable int
	Other       int
	First       int64 // failures
	Last        int64
	Longest     int64  // that a failure took, 0 unknown
	At          int64  // when that began
	Text        string // of the first failure
	File        string
	Line        int64

	file int32
}

// Failed counts the failures.
func (c Call) Failed() int { return c.Refused + c.TimedOut + c.Unreachable + c.Other }

// A Silence is a long time in which neither side said a thing.
type Silence struct {
	Verb  string // what was waited for
	Side  Side   // whose turn it was
	From  int64
	Took  int64
	Ended bool  // by the end of the session
	Bytes int64 // size of the message, where the log says it
	File  string
	Line  int64
	Rows  []Row

	file int32
}
