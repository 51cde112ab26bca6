package directory

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

var (
	errMuch  = errors.New("the server sends more than one answer can hold")
	errWrite = errors.New("only bind, search and unbind may be sent")
)

// A guard stands between the LDAP library and the connection. Out it lets only
// requests that change nothing; in it lets only whole messages that were looked
// through, and of them only so many for each request.
type guard struct {
	net.Conn
	in      *bufio.Reader
	message bytes.Buffer // what of the last message was not handed on yet

	mu     sync.Mutex  // of what follows: the library reads on a goroutine of its own
	bytes  int         // that may still come
	pieces int         // likewise
	failed error       // why reading ended
	notice *ldap.Error // of disconnection, RFC 4511 section 4.4.1
}

func newGuard(conn net.Conn) *guard {
	return &guard{Conn: conn, in: bufio.NewReader(conn)}
}

// allow sets how much may come for the next request.
func (g *guard) allow(bytes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bytes, g.pieces = bytes, searchPieces
}

// end tells what the server said last and why reading ended.
func (g *guard) end() (notice *ldap.Error, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.notice, g.failed
}

// Read hands on what was looked through.
func (g *guard) Read(p []byte) (int, error) {
	if g.message.Len() == 0 {
		if err := g.next(); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.failed = err
			return 0, err
		}
	}
	return g.message.Read(p)
}

// next reads and judges one message.
func (g *guard) next() error {
	if g.message.Cap() > maxValue { // one long reply need not cost memory for ever
		g.message = bytes.Buffer{}
	}
	if err := readMessage(g.in, g.room, &g.message); err != nil {
		return err
	}
	pieces, err := inspect(g.message.Bytes())
	if err != nil {
		return err
	}
	g.hear(g.message.Bytes())
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bytes -= g.message.Len()
	if g.pieces -= pieces; g.bytes < 0 || g.pieces < 0 {
		return errMuch
	}
	return nil
}

// room is how long the next message may be.
func (g *guard) room() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return min(maxMessage, max(g.bytes, 0)+maxControls) // a notice may come at any time
}

// hear keeps what a server says before it hangs up: a message with number 0,
// which the library drops.
func (g *guard) hear(message []byte) {
	_, body, _, _ := cut(message)
	_, id, rest, _ := cut(body)
	if number(id) != 0 || len(rest) == 0 || rest[0] != 0x78 || len(rest) > maxControls {
		return
	}
	packet, err := ber.DecodePacketErr(message)
	if err != nil {
		return
	}
	var said *ldap.Error
	if errors.As(ldap.GetLDAPError(packet), &said) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.notice = said
	}
}

// Write lets out a bind, a search and an unbind. The library writes one message
// at a time.
func (g *guard) Write(p []byte) (int, error) {
	_, body, rest, ok := cut(p)
	if !ok || len(rest) > 0 {
		return 0, errWrite
	}
	_, _, operation, ok := cut(body)
	if !ok || len(operation) == 0 {
		return 0, errWrite
	}
	switch operation[0] {
	case 0x60, 0x63, 0x42: // RFC 4511 appendix B: BindRequest, SearchRequest, UnbindRequest
		return g.Conn.Write(p)
	}
	return 0, errWrite
}
