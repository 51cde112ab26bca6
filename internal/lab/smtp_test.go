package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"mailflow/diag"
)

// A client speaks to a host of a story line by line.
type client struct {
	t *testing.T
	*textproto.Conn
	net net.Conn
	*watch
}

func call(t *testing.T, w diag.World, addr string) *client {
	t.Helper()
	c := dial(t, w, "tcp", addr)
	return &client{t, textproto.NewConn(c), c, newWatch(t)}
}

// wants reads lines, joined by "|", and the time they took.
func (c *client) wants(want string, took time.Duration) {
	c.t.Helper()
	var got []string
	for range strings.Split(want, "|") {
		line, err := c.ReadLine()
		if err != nil {
			line = err.Error()
		}
		got = append(got, line)
	}
	if g := strings.Join(got, "|"); g != want {
		c.t.Errorf("got %q, want %q", g, want)
	}
	c.lap(took, fmt.Sprintf("%q", want))
}

// says sends a line and wants an answer.
func (c *client) says(line, want string, took time.Duration) {
	c.t.Helper()
	if err := c.PrintfLine("%s", line); err != nil {
		c.t.Error(err)
	}
	c.wants(want, took)
}

// in plays f with a client that has called a host with a script.
func in(t *testing.T, script string, f func(*client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(call(t, begin(t, "-- smtp 10.0.0.7 --\n"+script), "10.0.0.7:25"))
	})
}

func TestDefaultsOfAHost(t *testing.T) {
	in(t, "-- zone contoso.com --\nhub07 A 10.0.0.7\n", func(c *client) {
		c.wants("220 hub07.contoso.com ESMTP", 0)
		c.says("EHLO me", "250-hub07.contoso.com Hello|250-PIPELINING|250-SIZE 36700160|250-8BITMIME|250 ENHANCEDSTATUSCODES", 0)
		c.says("helo me", "250 hub07.contoso.com Hello", 0)
		c.says("STARTTLS", "500 5.5.2 Command unrecognized", 0)
		c.says("", "500 5.5.2 Command unrecognized", 0)
		c.says("DATA", "503 5.5.2 Need RCPT command", 0)
		c.says("MAIL FROM:<>", "250 2.1.0 Sender OK", 0)
		c.says("RCPT TO:<bob@contoso.com>", "250 2.1.5 Recipient OK", 0)
		c.says("DATA", "354 Start mail input; end with <CRLF>.<CRLF>", 0)
		c.says("Subject: x\r\n\r\n..\r\nQUIT\r\n.", "250 2.6.0 Queued mail for delivery", 0)
		c.says("DATA", "503 5.5.2 Need RCPT command", 0)
		c.says("RSET", "250 2.0.0 OK", 0)
		c.says("NOOP", "250 2.0.0 OK", 0)
		c.says("QUIT", "221 2.0.0 Service closing transmission channel|EOF", 0)
	})
	in(t, "", func(c *client) { c.wants("220 [10.0.0.7] ESMTP", 0) })
}

func TestScript(t *testing.T) {
	const script = `
greeting: wait 12s 220 ex07hub.contoso.com Microsoft ESMTP MAIL Service ready
EHLO: 250-ex07hub.contoso.com Hello
EHLO: wait 1s 250-SIZE 10485760
EHLO: 250 DSN
HELO: 502 no
MAIL <>: 501 5.1.7 no null sender
RCPT: wait 5s 450 4.7.1 Greylisted, please try again
RCPT Bob@contoso.com: 550 5.1.1 User unknown
RCPT carol@contoso.com: 250 ok
DATA: 354 go ahead
body: wait 10s 250 2.6.0 queued
QUIT: 500 stay
other: 500 5.3.3 Unrecognized command
`
	in(t, script, func(c *client) {
		c.wants("220 ex07hub.contoso.com Microsoft ESMTP MAIL Service ready", 12*time.Second)
		c.says("EHLO me", "250-ex07hub.contoso.com Hello", 0)
		c.wants("250-SIZE 10485760|250 DSN", time.Second)
		c.says("HELO me", "502 no", 0)
		c.says("MAIL FROM:<>", "501 5.1.7 no null sender", 0)
		c.says("MAIL FROM:<a@b.c> SIZE=100", "250 2.1.0 Sender OK", 0)
		c.says("RCPT TO:<dave@contoso.com>", "450 4.7.1 Greylisted, please try again", 5*time.Second)
		c.says("rcpt to: <BOB@contoso.com> NOTIFY=NEVER", "550 5.1.1 User unknown", 0)
		c.says("RCPT TO:carol@contoso.com", "250 ok", 0)
		c.says("DATA", "354 go ahead", 0)
		c.says("x\r\n.", "250 2.6.0 queued", 10*time.Second)
		c.says("XEXCH50 1 2", "500 5.3.3 Unrecognized command", 0)
		c.says("QUIT", "500 stay", 0)
		c.says("NOOP", "250 2.0.0 OK", 0)
	})
}

func TestActions(t *testing.T) {
	in(t, "greeting: 220 hi\ngreeting: close\n", func(c *client) { c.wants("220 hi|EOF", 0) })
	in(t, "greeting: wait 2s close\n", func(c *client) { c.wants("EOF", 2*time.Second) })
	in(t, "greeting: drip 100ms 220 hi\n", func(c *client) { c.wants("220 hi", 800*time.Millisecond) })
	in(t, `greeting: raw "220-one\r\n220 " wait 3s raw "two\n"`, func(c *client) {
		c.wants("220-one", 0)
		c.wants("220 two", 3*time.Second)
	})
	in(t, "NOOP: 250-a\nNOOP: 250 b\nNOOP: wait 1s\nNOOP: close\n", func(c *client) {
		c.wants("220 [10.0.0.7] ESMTP", 0)
		c.says("NOOP", "250-a|250 b", 0)
		c.wants("EOF", time.Second)
	})
	in(t, "greeting: wait 1s reset\n", func(c *client) {
		_, err := c.net.Read(make([]byte, 1))
		if !errors.Is(err, syscall.ECONNRESET) || err.Error() != "read tcp 10.0.0.100:40001->10.0.0.7:25: read: connection reset by peer" {
			t.Error(err)
		}
		c.lap(time.Second, "reset")
		_, _ = c.net.Write([]byte("x"))
		if _, err = c.net.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Error(err)
		}
	})
	in(t, "greeting: silent\n", func(c *client) {
		_ = c.net.SetReadDeadline(time.Now().Add(5 * time.Minute))
		_, err := c.net.Read(make([]byte, 1))
		var ne net.Error
		if !errors.As(err, &ne) || !ne.Timeout() || err.Error() != "read tcp 10.0.0.100:40001->10.0.0.7:25: i/o timeout" {
			t.Error(err)
		}
		c.lap(5*time.Minute, "silence")
	})
}

// A flood fills the window, not the memory, and comes whole when it is read.
func TestRepeat(t *testing.T) {
	in(t, `greeting: raw "220-" repeat 2000001 "xyz" raw "\r\n" close`, func(c *client) {
		time.Sleep(time.Second)
		end := c.net.(*conn)
		end.mu.Lock()
		size := end.in.size
		end.mu.Unlock()
		if size < window || size > window+8192 {
			t.Errorf("%d bytes wait", size)
		}
		all, err := io.ReadAll(c.net)
		want := "220-" + strings.Repeat("xyz", 2000001) + "\r\n"
		if err != nil || !bytes.Equal(all, []byte(want)) {
			t.Errorf("%d bytes, want %d: %v", len(all), len(want), err)
		}
	})
}

// A client that closes ends the host's script, whatever it waits for.
func TestHangUp(t *testing.T) {
	for _, script := range []string{"greeting: wait 4m 220 hi", "greeting: silent", `greeting: repeat 1000000 "x"`, "greeting: drip 1h 220 hi", "handshake: silent"} {
		in(t, script, func(c *client) {
			time.Sleep(time.Second)
			c.net.Close()
			c.net.Close()
			synctest.Wait()
			if _, err := c.net.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			c.lap(time.Second, "hang up")
		})
	}
}

func TestPipelining(t *testing.T) {
	in(t, "RCPT bob@b.c: wait 2s 450 4.7.1 later\n", func(c *client) {
		c.wants("220 [10.0.0.7] ESMTP", 0)
		c.says("MAIL FROM:<a@b.c>\r\nRCPT TO:<bob@b.c>\r\nRCPT TO:<al@b.c>\r\nDATA", "250 2.1.0 Sender OK", 0)
		c.wants("450 4.7.1 later", 2*time.Second)
		c.wants("250 2.1.5 Recipient OK|354 Start mail input; end with <CRLF>.<CRLF>", 0)
		c.says("hello\r\n.\r\nQUIT", "250 2.6.0 Queued mail for delivery|221 2.0.0 Service closing transmission channel|EOF", 0)
	})
}

// Connect takes one round trip, the greeting and each command one more; what
// is sent in a group takes one together.
func TestRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rtt = 50 * time.Millisecond
		w := begin(t, "-- network --\nrtt: 50ms\n-- smtp 10.0.0.7 --\nMAIL: wait 1s 250 ok\nRCPT: 250 ok\nQUIT: 221 bye\n")
		at := newWatch(t)
		c := call(t, w, "10.0.0.7:25")
		at.lap(rtt, "connect")
		c.wants("220 [10.0.0.7] ESMTP", rtt)
		c.says("NOOP", "250 2.0.0 OK", rtt)
		c.says("MAIL FROM:<a@b.c>", "250 ok", rtt+time.Second)
		c.says("RSET\r\nRCPT TO:<a@b.c>\r\nRCPT TO:<b@b.c>", "250 2.0.0 OK|250 ok|250 ok", rtt)
		_ = c.PrintfLine("NOOP")
		time.Sleep(20 * time.Millisecond)
		_ = c.PrintfLine("RCPT TO:<c@b.c>")
		c.wants("250 2.0.0 OK", rtt)
		c.wants("250 ok", 20*time.Millisecond)
		c.says("QUIT", "221 bye|EOF", rtt)
	})
}

// A later connection meets what stands under its number.
func TestLayers(t *testing.T) {
	const story = `
-- smtp 10.0.0.7 10.0.0.8 --
greeting: 220 first
RCPT: 450 4.7.1 later
RCPT bob@b.c: 550 no
[2]
RCPT: 250 ok
[4]
greeting: 220 fourth
`
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, story)
		for i, want := range [][]string{
			{"220 first", "450 4.7.1 later", "550 no"},
			{"220 first", "250 ok", "250 ok"},
			{"220 first", "250 ok", "250 ok"},
			{"220 fourth", "250 ok", "250 ok"},
		} {
			t.Log("connection", i+1)
			c := call(t, w, "10.0.0.7:25")
			c.wants(want[0], 0)
			c.says("RCPT TO:<al@b.c>", want[1], 0)
			c.says("RCPT TO:<bob@b.c>", want[2], 0)
		}
		call(t, w, "10.0.0.8:25").says("RCPT TO:<al@b.c>", "220 first|450 4.7.1 later", 0)
	})
}

// Many clients at once, in real time: for the race detector.
func TestRealTime(t *testing.T) {
	w := begin(t, "-- network --\nrtt: 2ms\n-- zone a.b --\n@ A 10.0.0.7\n-- dns 10.0.0.53 --\nlossy 1\n-- smtp 10.0.0.7 --\nNOOP: drip 1ms 250 ok\n")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			c := call(t, w, "10.0.0.7:25")
			for _, line := range []string{"", "NOOP", "MAIL FROM:<>", "QUIT"} {
				if line != "" {
					_ = c.PrintfLine("%s", line)
				}
				if _, _, err := c.ReadResponse(2); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for _, network := range []string{"udp", "tcp"} {
				_, _ = asking{network: network, name: "a.b.", qtype: dns.TypeA, limit: 50 * time.Millisecond}.ask(t, w)
			}
		})
	}
	wg.Wait()
}

// A line longer than any command is cut, not kept.
func TestLongLine(t *testing.T) {
	in(t, "", func(c *client) {
		c.wants("220 [10.0.0.7] ESMTP", 0)
		c.says("NOOP "+strings.Repeat("x", 1<<20), "250 2.0.0 OK", 0)
	})
}
