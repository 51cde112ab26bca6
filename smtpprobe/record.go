package smtpprobe

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The names of the steps of a session, in the order in which they come.
const (
	Connect   = "connect"   // TCP
	Greeting  = "greeting"  // the server's first reply
	EHLO      = "EHLO"      // once before TLS and once after
	HELO      = "HELO"      // only when EHLO was refused
	STARTTLS  = "STARTTLS"  // the command
	Handshake = "handshake" // the TLS handshake
	MAIL      = "MAIL"
	RCPT      = "RCPT"
	DATA      = "DATA" // the command; only with Send
	Body      = "body" // the message, its final dot and the reply to that
	RSET      = "RSET"
	QUIT      = "QUIT"
)

// The kinds of fault that end a step. A 4xx or 5xx reply is no fault: it is a
// reply.
const (
	FaultNone        = ""
	FaultTimeout     = "timeout"     // nothing came within the limit
	FaultRefused     = "refused"     // the connection was refused (RST)
	FaultReset       = "reset"       // the connection was reset in the middle
	FaultClosed      = "closed"      // the peer closed where a reply was due
	FaultUnreachable = "unreachable" // the network or the host says it cannot be reached (ICMP)
	FaultLocal       = "local"       // this machine cannot even try: no route, no such address family, no permission
	FaultProtocol    = "protocol"    // what came is not SMTP, or is longer than any reply
	FaultHandshake   = "handshake"   // TLS failed
	FaultCanceled    = "canceled"    // the caller ended it
)

// A Session is the record of one SMTP session with one address. It is never an
// error: a failure is part of the record.
type Session struct {
	Host  string    `json:"host"` // the name that was asked for; certificates are judged against it
	Addr  string    `json:"addr"` // "192.0.2.25:25", "[2001:db8::25]:25"
	Local string    `json:"local,omitempty"`
	Began time.Time `json:"began"` // UTC
	Name  string    `json:"name"`  // the name said with EHLO
	From  string    `json:"from"`  // the reverse-path of MAIL
	To    string    `json:"to,omitempty"`
	Steps []Step    `json:"steps"`
	TLS   *TLS      `json:"tls,omitempty"`
	Sent  *Sent     `json:"sent,omitempty"` // the test message, with Send only
}

// A Step is one step of a session.
type Step struct {
	Name        string    `json:"name"`
	TLS         bool      `json:"tls,omitempty"`  // said inside TLS
	Sent        Line      `json:"sent,omitempty"` // the command line, without its end
	Reply       []Line    `json:"reply,omitempty"`
	Code        int       `json:"code,omitempty"`      // reply code; 0 when no valid reply came
	CutBytes    int64     `json:"cut_bytes,omitempty"` // bytes of the reply that were not kept
	Began       time.Time `json:"began"`               // UTC; when the command was sent, or the wait began
	TookNS      int64     `json:"took_ns"`             // until the last byte of the reply, or the fault
	FirstByteNS int64     `json:"first_byte_ns,omitempty"`
	Grouped     bool      `json:"grouped,omitempty"` // sent in one group with the step before it (RFC 2920): its time is not its own
	Fault       string    `json:"fault,omitempty"`
	Err         string    `json:"err,omitempty"` // the fault in the words of the system
	LimitNS     int64     `json:"limit_ns,omitempty"`
}

// TLS is what the handshake showed.
type TLS struct {
	Version    string   `json:"version,omitempty"` // "TLS 1.3"
	Cipher     string   `json:"cipher,omitempty"`
	Chain      [][]byte `json:"chain,omitempty"`      // DER, leaf first, as sent
	Unreadable string   `json:"unreadable,omitempty"` // why the leaf does not parse
	Untrusted  string   `json:"untrusted,omitempty"`  // why the chain leads to no trusted root, its dates and names left out of account; "" when it does
}

// Sent is the test message of a session with Send.
type Sent struct {
	MessageID string `json:"message_id"`
	Bytes     int64  `json:"bytes"`
}

// Took is how long the step took.
func (s Step) Took() time.Duration { return time.Duration(s.TookNS) }

// FirstByte is how long it took until the first byte of the reply came.
func (s Step) FirstByte() time.Duration { return time.Duration(s.FirstByteNS) }

// Limit is how long the prober would have waited.
func (s Step) Limit() time.Duration { return time.Duration(s.LimitNS) }

// End is when the step ended.
func (s Step) End() time.Time { return s.Began.Add(s.Took()) }

// Ok says whether the step had a positive reply (2xx or 3xx), or for connect
// and handshake no fault.
func (s Step) Ok() bool {
	if s.Name == Connect || s.Name == Handshake {
		return s.Fault == FaultNone
	}
	return s.Fault == FaultNone && s.Code >= 200 && s.Code < 400
}

// Text is the reply without its codes, lines joined by a space.
func (s Step) Text() string {
	var parts []string
	for _, l := range s.Reply {
		text := string(l)
		if len(text) >= 4 {
			text = text[4:]
		} else {
			text = ""
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// Whole is the reply as it came, lines joined by a space.
func (s Step) Whole() string {
	var parts []string
	for _, l := range s.Reply {
		parts = append(parts, string(l))
	}
	return strings.Join(parts, " ")
}

// Enhanced is the enhanced status code of the reply, "4.7.1", or "" (RFC 3463,
// RFC 2034).
func (s Step) Enhanced() string {
	if len(s.Reply) == 0 || len(s.Reply[0]) < 9 {
		return ""
	}
	word, _, _ := strings.Cut(string(s.Reply[0][4:]), " ")
	word = strings.TrimPrefix(word, "#") // as IronPort writes it
	parts := strings.Split(word, ".")
	if len(parts) != 3 || len(parts[0]) != 1 || !strings.Contains("245", parts[0]) {
		return ""
	}
	for _, p := range parts[1:] {
		if _, err := strconv.ParseUint(p, 10, 10); err != nil {
			return ""
		}
	}
	return word
}

// Step returns the first step of that name, and whether there is one.
func (s Session) Step(name string) (Step, bool) {
	for _, st := range s.Steps {
		if st.Name == name {
			return st, true
		}
	}
	return Step{}, false
}

// Last returns the step at which the session ended; a zero Step if it has none.
func (s Session) Last() Step {
	if len(s.Steps) == 0 {
		return Step{}
	}
	return s.Steps[len(s.Steps)-1]
}

// Connected says whether the TCP connection came about.
func (s Session) Connected() bool {
	st, ok := s.Step(Connect)
	return ok && st.Ok()
}

// Keywords lists what EHLO offered: the last EHLO that was answered, or with
// beforeTLS the first. Keys are upper case; the values are the parameters as
// sent. Nil when no EHLO succeeded.
func (s Session) Keywords(beforeTLS bool) map[string]string {
	var found *Step
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.Name == EHLO && st.Ok() && (found == nil || !beforeTLS) {
			found = st
		}
	}
	if found == nil {
		return nil
	}
	return found.offers()
}

// offers lists what the reply to an EHLO offers; nil if it is none.
func (s Step) offers() map[string]string {
	if s.Name != EHLO || !s.Ok() || len(s.Reply) == 0 {
		return nil
	}
	offers := map[string]string{}
	for _, l := range s.Reply[1:] {
		if len(l) > 4 {
			key, params, _ := strings.Cut(string(l[4:]), " ")
			offers[strings.ToUpper(key)] = params
		}
	}
	return offers
}

// A Line is a line as a peer sent it, which need not be valid text. In JSON it
// is a string, or where it is not valid UTF-8 an object {"base64": "..."}.
type Line string

// MarshalJSON keeps every byte.
func (l Line) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(l)) {
		return json.Marshal(string(l))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(l))})
}

// UnmarshalJSON reads both forms.
func (l *Line) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = Line(s)
		return nil
	}
	var raw struct {
		Base64 []byte `json:"base64"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("a line is a string or {\"base64\": ...}: %w", err)
	}
	*l = Line(raw.Base64)
	return nil
}
