package smtpprobe

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bounded checks what holds of every record, whatever the server did.
func bounded(t *testing.T, s Session) {
	t.Helper()
	total := 0
	for i, st := range s.Steps {
		size := 0
		for _, l := range st.Reply {
			size += len(l)
			if len(l) > maxLine {
				t.Errorf("%s keeps a line of %d bytes", st.Name, len(l))
			}
		}
		if total += size; size > maxKept || len(st.Reply) > maxLines || len(st.Err) > maxErr+3 {
			t.Errorf("%s keeps %d bytes in %d lines, error of %d", st.Name, size, len(st.Reply), len(st.Err))
		}
		if st.TookNS < 0 || st.FirstByteNS > st.TookNS || st.LimitNS == 0 || (st.Fault == "") != (st.Err == "") {
			t.Errorf("%s: %+v", st.Name, st)
		}
		if st.Fault != "" && i != len(s.Steps)-1 {
			t.Errorf("the session went on after %s: %s", st.Name, steps(s))
		}
	}
	if total > maxSession || len(s.Steps) > 15 {
		t.Errorf("the session keeps %d bytes in %d steps", total, len(s.Steps))
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Session
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Errorf("JSON (-had +got):\n%s", diff)
	}
}

// endless says the same for ever.
func endless(p *peer, text string, pause time.Duration) {
	for {
		time.Sleep(pause)
		if _, err := p.Write([]byte(text)); err != nil {
			return
		}
	}
}

func TestHostileGreeting(t *testing.T) {
	big := strings.Repeat("x", 2<<20)
	for name, tt := range map[string]struct {
		serve func(p *peer)
		want  string
		took  time.Duration // of the last step
		first Line          // of its reply, or the beginning of it
		lines int
	}{
		"silence":        {func(p *peer) { time.Sleep(time.Hour) }, "greeting timeout", time.Minute, "", 0},
		"slow drip":      {func(p *peer) { p.raw("220-"); endless(p, "x", 9*time.Second) }, "greeting timeout", time.Minute, "220-xxxxxx", 1},
		"drip of lines":  {func(p *peer) { endless(p, "220-x\r\n", 9*time.Second) }, "greeting timeout", time.Minute, "220-x", 6},
		"close":          {func(p *peer) {}, "greeting closed", 0, "", 0},
		"half a line":    {func(p *peer) { p.raw("220 hu") }, "greeting closed", 0, "220 hu", 1},
		"half a reply":   {func(p *peer) { p.say("220-hub07", "220-more") }, "greeting closed", 0, "220-hub07", 2},
		"no line end":    {func(p *peer) { p.raw(big) }, "greeting protocol", 0, Line(big[:maxLine]), 1},
		"endless line":   {func(p *peer) { endless(p, big[:1000], 0) }, "greeting protocol", 0, Line(big[:maxLine]), 1},
		"endless reply":  {func(p *peer) { endless(p, "220-x\r\n", 0) }, "greeting protocol", 0, "220-x", maxLines},
		"endless blanks": {func(p *peer) { p.raw("220-\r\n"); endless(p, "\n", 0) }, "greeting protocol", 0, "220-", maxLines},
		"long lines":     {func(p *peer) { endless(p, "220-"+big[:3000]+"\r\n", 0) }, "greeting protocol", 0, Line("220-" + big[:3000]), 21},
		"HTTP": {func(p *peer) { p.raw("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\nhello") }, "greeting protocol", 0,
			"HTTP/1.1 400 Bad Request", 4},
		"SSH":              {func(p *peer) { p.say("SSH-2.0-OpenSSH_9.6") }, "greeting protocol", 0, "SSH-2.0-OpenSSH_9.6", 1},
		"blank line first": {func(p *peer) { p.say("", "220 hub07") }, "greeting protocol", 0, "", 2},
		"code 999":         {func(p *peer) { p.say("999 hub07") }, "greeting protocol", 0, "999 hub07", 1},
		"code of four":     {func(p *peer) { p.say("2200 hub07") }, "greeting protocol", 0, "2200 hub07", 1},
		"binary":           {func(p *peer) { p.raw("\x00\xff\xfe\x1b[2J\n") }, "greeting protocol", 0, "\x00\xff\xfe\x1b[2J", 1},
		"TLS at once":      {func(p *peer) { p.raw("\x15\x03\x01\x00\x02\x02\x28\n") }, "greeting protocol", 0, "\x15\x03\x01\x00\x02\x02(", 1},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := probe(t, Prober{}, func(c net.Conn) { tt.serve(newPeer(c)) })
				want(t, s, "connect, "+tt.want)
				last := s.Last()
				if last.Took() != tt.took || len(last.Reply) != tt.lines {
					t.Errorf("took %v, %d lines", last.Took(), len(last.Reply))
				}
				if tt.lines > 0 && last.Reply[0] != tt.first {
					t.Errorf("first line %.80q of %d bytes", last.Reply[0], len(last.Reply[0]))
				}
				bounded(t, s)
			})
		})
	}
}

// What is odd but an answer all the same.
func TestOddReplies(t *testing.T) {
	const rest = ", MAIL 250, RCPT 250, RSET 250, QUIT 221"
	for name, tt := range map[string]struct{ greeting, ehlo, want string }{
		"bare LF":       {"220 hub07\n", "250-hub07\n250 SIZE\n", "greeting 220, EHLO 250" + rest},
		"a tab":         {"220\thub07\r\n", "250 hub07\r\n", "greeting 220, EHLO 250" + rest},
		"stars":         {"220 ****************\r\n", "250 hub07\r\n", "greeting 220, EHLO 250" + rest},
		"a long line":   {"220 " + strings.Repeat("x", 9000) + "\r\n", "250 hub07\r\n", "greeting 220, EHLO 250" + rest},
		"many offers":   {"220 x\r\n", strings.Repeat("250-X\r\n", 1000) + "250 PIPELINING\r\n", "greeting 220, EHLO 250" + rest},
		"garbage after": {"220 hub07\r\nhello?\r\n", "", "greeting 220, EHLO protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := probe(t, Prober{}, func(c net.Conn) {
					p := newPeer(c)
					p.raw(tt.greeting)
					p.hear()
					p.raw(tt.ehlo)
					for range 3 {
						p.hear()
						p.say("250 fine")
					}
					p.hear()
					p.say("221 bye")
				})
				want(t, s, "connect, "+tt.want)
				bounded(t, s)
			})
		})
	}
}

// The most that every reply may have stays within the bounds of the session.
func TestManyLongReplies(t *testing.T) {
	bubble(t, func(t *testing.T) {
		long := strings.Repeat("250-"+strings.Repeat("x", 200)+"\n", 1000)
		srv := &server{replies: map[string]string{EHLO: "550-no\n" + strings.ReplaceAll(long, "250-", "550-") + "550 no"}}
		for _, verb := range []string{HELO, MAIL, RCPT, RSET, ".", QUIT} {
			srv.replies[verb] = long + "250 end"
		}
		s := probe(t, Prober{Send: true}, srv.serve)
		want(t, s, "connect, greeting 220, EHLO 550, HELO 250, MAIL 250, RCPT 250, DATA 354, body 250, QUIT 250")
		rcpt, _ := s.Step(RCPT)
		if rcpt.CutBytes < 100_000 {
			t.Errorf("%d bytes cut", rcpt.CutBytes)
		}
		bounded(t, s)
	})
}

// The server has said why and closed by the time we speak: its words count, not
// that ours could not be sent.
func TestReasonBeforeClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := probe(t, Prober{OnStep: func(_ Session, st Step) { synctest.Wait() }}, func(c net.Conn) {
			newPeer(c).say("220 hub07", "421 4.3.2 shutting down")
		})
		want(t, s, "connect, greeting 220, EHLO 421, QUIT reset")
	})
}

// A broken connection fails all reading and writing with err once it is armed.
type broken struct {
	net.Conn
	err   error
	armed bool
}

func (b *broken) Read(p []byte) (int, error) {
	if b.armed {
		return 0, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", b.err)}
	}
	return b.Conn.Read(p)
}

func TestBreaksInTheMiddle(t *testing.T) {
	for err, kind := range map[error]string{
		syscall.ECONNRESET: FaultReset, syscall.EPIPE: FaultReset, syscall.EHOSTUNREACH: FaultUnreachable,
		syscall.ETIMEDOUT: FaultTimeout,
	} {
		for _, at := range []string{Connect, Greeting, EHLO, MAIL} {
			bubble(t, func(t *testing.T) {
				client, srv := newLine(0)
				go (&server{}).serve(srv)
				conn := &broken{Conn: client, err: err}
				p := Prober{Dial: fixed(conn, nil), OnStep: func(_ Session, st Step) { conn.armed = conn.armed || st.Name == at }}
				s := probe(t, p, nil)
				if last := s.Last(); last.Fault != kind || !strings.Contains(last.Err, err.Error()) {
					t.Errorf("%v after %s: %s: %s", err, at, steps(s), last.Err)
				}
			})
		}
	}
}

func TestCodeOf(t *testing.T) {
	for code, want := range map[string]string{
		"250": "250 true", "250 x": "250 true", "250-x": "250 false", "25": "0 false", "099 x": "0 false",
		"600 x": "0 false", "250x": "0 false", "2 0 x": "0 false", "\xff50 x": "0 false", "250\xff": "0 false",
	} {
		n, last := codeOf(code)
		if got := fmt.Sprint(n, " ", last); got != want {
			t.Errorf("%q: %s, want %s", code, got, want)
		}
	}
}
