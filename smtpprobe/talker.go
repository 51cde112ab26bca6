package smtpprobe

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// A talker is the connection on which go-smtp's client runs. What the client
// writes begins a step; when it reads, the wire reads the server's reply, ends
// the step and tells the client what it needs to know of it, no more. So no
// reply can confuse the client, and the record is made in one place.
type talker struct {
	net.Conn
	wire *wire
	told strings.Reader
}

// newTalker has a greeting for the client that no server said: the real one is
// in the record, and within TLS there is none (RFC 3207 4.2).
func newTalker(w *wire) *talker {
	t := &talker{Conn: w.conn, wire: w}
	t.told.Reset("220 \r\n")
	return t
}

var errOver = errors.New("the session is over: the record says why")

// Write begins a step, or goes on with what is sent in it.
func (t *talker) Write(b []byte) (int, error) {
	last := t.wire.session.Last()
	switch {
	case t.wire.waiting:
	case last.Name == DATA && last.Code == codeStart:
		t.wire.begin(Body, ".")
	default:
		t.wire.begin(verb(string(b)), strings.TrimRight(string(b), "\r\n"))
	}
	t.wire.send(b)
	return len(b), nil
}

// Read tells the reply.
func (t *talker) Read(b []byte) (int, error) {
	if t.told.Len() == 0 {
		if !t.wire.waiting {
			return 0, errOver
		}
		t.wire.finish()
		if !t.wire.alive() {
			return 0, errOver
		}
		t.told.Reset(tell(t.wire.session.Last()))
	}
	return t.told.Read(b)
}

// codeStart is the reply to DATA that bids the client go on (RFC 5321 4.3.2).
const codeStart = 354

// tell is a reply in the client's terms. It falls back to HELO on 500 only, and
// we do on any 5xx. Of the extensions it hears of SMTPUTF8 only: BODY=8BITMIME
// would be untrue of what we send.
func tell(step Step) string {
	code := step.Code
	switch {
	case step.Name == EHLO && code >= 500:
		code = 500
	case step.Ok() && step.Name != DATA:
		code = 250
	}
	if _, offered := step.offers()["SMTPUTF8"]; offered {
		return "250-\r\n250 SMTPUTF8\r\n"
	}
	return fmt.Sprintf("%d \r\n", code)
}

// The client may neither close nor set deadlines: its limits are not the step's,
// and QUIT is said after what it thinks fatal.

func (t *talker) Close() error                     { return nil }
func (t *talker) SetDeadline(time.Time) error      { return nil }
func (t *talker) SetReadDeadline(time.Time) error  { return nil }
func (t *talker) SetWriteDeadline(time.Time) error { return nil }
