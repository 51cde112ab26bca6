package directory

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// nested is an element that many deep.
func nested(levels int) []byte {
	b := octets("x")
	for range levels {
		b = element(0x30, b)
	}
	return b
}

func TestHostileReplies(t *testing.T) {
	tests := []struct {
		name   string
		answer []byte // as it goes on the line
		want   string
	}{
		{"a length of 2 GiB", []byte("\x30\x84\x7f\xff\xff\xff\x02\x01\x02"), "a reply of 2147483647 bytes was announced, more than the 16777216 that may come"},
		{"a length of 4 GiB", []byte("\x30\x84\xff\xff\xff\xff\x02\x01\x02"), "a reply of 4294967295 bytes was announced, more than the 16777216 that may come"},
		{"a length of 8 bytes", []byte("\x30\x88\x7f\xff\xff\xff\xff\xff\xff\xff"), "what came is not LDAP"},
		{"no length", []byte("\x30\x80\x02\x01\x02\x00\x00"), "what came is not LDAP"},
		{"a value longer than its message", element(0x30, element(0x02, []byte{2}), []byte("\x64\x84\x00\xff\xff\xff")), "what came is not LDAP"},
		{"a long tag", element(0x30, element(0x02, []byte{2}), []byte("\x7f\x84\x00")), "what came is not LDAP"},
		{"a tag LDAP has no use for", message(2, element(0x64, element(0x09, []byte("1.5E3")))), "what came is not LDAP"},
		{"another protocol", []byte("HTTP/1.1 400 Bad Request\r\n"), "what came is not LDAP"},
		{"deep", message(2, element(0x64, nested(30))), "a reply is nested deeper than LDAP is"},
		{"many pieces", message(2, element(0x64, octets("CN=A"), element(0x30, bytes.Repeat([]byte{0x04, 0x00}, maxElements)))), "a reply has more pieces than an object can have"},
		{"long controls", message(2, slices.Concat(result(5, 0, ""), element(0xa0, octets(strings.Repeat("x", maxControls))))), "what came is not LDAP"},
		{"more than a message", message(2, slices.Concat(result(5, 0, ""), element(0xa0), octets("x"))), "what came is not LDAP"},
		{"half a message", message(2, entry("CN=A", "cn", "A"))[:20], "the server hung up without an answer (one without NTLM does that, and one that is too busy)"},
		{"nothing", nil, "the server hung up without an answer (one without NTLM does that, and one that is too busy)"},
		{"a goodbye", message(0, slices.Concat(element(0x78, element(0x0a, []byte{52}), octets(""), octets("closing"), element(0x8a, []byte("1.3.6.1.4.1.1466.20036"))))),
			"the server hung up: the server is not available, or has no certificate for TLS (it said: closing)"},
		{"an entry without attributes", message(2, element(0x64, octets("CN=A"))), "LDAP Result Code 207 \"Malformed Packet\": ldap: malformed packet: child index 1 out of range, packet has 1 children"},
		{"a cookie that is none", message(2, slices.Concat(result(5, 0, ""), element(0xa0, element(0x30, octets("1.2.840.113556.1.4.319"), octets("\x30\x01\x00"))))), "failed to decode child control: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{hello: func(c net.Conn) {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write(message(1, result(1, 0, "")))
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write(tt.answer)
			}}
			c := open(t, f)
			got := read(t.Context(), c)
			if want := "! dc1:389: reading " + configuration + ": " + tt.want; !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 1 {
				t.Errorf("%s\nwant %s", got, want)
			}
			_ = c.Close()
			f.done.Wait()
		})
	}
}

// A server that sends objects without end is cut off, and costs no more memory
// than was allowed.
func TestFlood(t *testing.T) {
	f := &fake{hello: func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write(message(1, result(1, 0, "")))
		_, _ = c.Read(make([]byte, 4096))
		for flood := message(2, entry("CN=A", "cn", strings.Repeat("x", 1<<20))); ; {
			if _, err := c.Write(flood); err != nil {
				return
			}
		}
	}}
	c := open(t, f)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := read(t.Context(), c)
	runtime.ReadMemStats(&after)
	_ = c.Close()
	f.done.Wait()
	if !strings.HasSuffix(got, ": the server sends more than one answer can hold\n") {
		t.Error(got[max(0, len(got)-200):])
	}
	if used := (after.Sys - before.Sys) >> 20; used > 12*searchBytes>>20 {
		t.Errorf("%d MiB", used)
	}
}

// A length that was only announced costs nothing.
func TestAnnouncedLength(t *testing.T) {
	var into bytes.Buffer
	err := readMessage(strings.NewReader("\x30\x84\x00\xff\xff\xff\x02"), func() int { return maxMessage }, &into)
	if !errors.Is(err, io.ErrUnexpectedEOF) || into.Cap() > 1<<16 {
		t.Error(err, into.Cap())
	}
}

// stuck is a connection on which nothing comes and nothing goes.
func stuck(context.Context, string, string) (net.Conn, error) {
	client, _ := net.Pipe()
	return client, nil
}

// A server that hangs is waited for as long as was said, in virtual time, and
// leaves nothing running behind.
func TestHangs(t *testing.T) {
	answer := func(q query) [][]byte { return nil }
	tests := []struct {
		name string
		dial func(*fake) Dial
		want string
		took time.Duration
	}{
		{"TLS", func(*fake) Dial { return stuck }, "TLS: no answer within 15s", tlsTime},
		{"StartTLS", func(*fake) Dial { return stuck }, "StartTLS: no answer within 15s", tlsTime},
		{"bind", func(*fake) Dial { return stuck }, `login simple as CONTOSO\tester: no answer within 15s`, bindTime},
		{"page", func(f *fake) Dial { return f.dial }, "reading " + configuration + ": no answer within 1m0s", pageTime},
	}
	security := map[string]string{"TLS": "tls", "StartTLS": "starttls", "bind": "none", "page": "none"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, begin, login := &fake{search: answer}, time.Now(), tester
				login.ClearText = true
				c, err := Open(t.Context(), tt.dial(f), Target{Host: "dc1", Port: 389, Security: security[tt.name]}, login)
				if err == nil {
					err = c.Walk(t.Context(), configuration, "(cn=*)", nil, func(Entry) error { return nil })
					_ = c.Close()
				}
				if err == nil || err.Error() != "dc1:389: "+tt.want || time.Since(begin) != tt.took {
					t.Error(err, time.Since(begin))
				}
				f.done.Wait()
			})
		})
	}
}

// A connection that does not come about is waited for as long as was said, and
// no longer than the caller has time.
func TestDialHangs(t *testing.T) {
	deaf := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, errors.New("dial tcp 192.0.2.1:389: i/o timeout")
	}
	for patience, want := range map[time.Duration]string{
		time.Hour:   "no connection to dc1:389 within 20 s: dial tcp 192.0.2.1:389: i/o timeout",
		time.Second: "dc1:389: no connection: dial tcp 192.0.2.1:389: i/o timeout",
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			begin := time.Now()
			_, err := Open(ctx, deaf, Target{Host: "dc1", Port: 389, Security: "none"}, Login{How: "anonymous"})
			if err == nil || !strings.HasPrefix(err.Error(), want) || time.Since(begin) != min(patience, dialTime) {
				t.Error(err, time.Since(begin))
			}
		})
	}
}

// A server whose every page comes in time, and never the last, is left.
func TestWalkHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{search: func(query) [][]byte {
			time.Sleep(35 * time.Second) // of virtual time
			return [][]byte{entry("CN=A", "cn", "A"), page(0, "more")}
		}}
		c := open(t, f)
		objects, begin := 0, time.Now()
		err := c.Walk(t.Context(), configuration, "(cn=*)", nil, func(Entry) error { objects++; return nil })
		if err == nil || err.Error() != "dc1:389: reading "+configuration+": stopped after 10m0s" || time.Since(begin) != walkTime || objects != 17 {
			t.Error(err, time.Since(begin), objects)
		}
		_ = c.Close()
		f.done.Wait()
	})
}

// The caller's context ends a walk at once, and closing does not hang either.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{search: func(query) [][]byte { return [][]byte{entry("CN=A", "cn", "A")} }} // and no end
		c := open(t, f)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		err := c.Walk(ctx, configuration, "(cn=*)", nil, func(Entry) error { return nil })
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Error(err, time.Since(begin))
		}
		if _, err := c.Root(t.Context()); err == nil {
			t.Error("a dead connection answers")
		}
		_ = c.Close()
		f.done.Wait()
	})
}

// A server that does not even read the goodbye holds nobody up.
func TestCloseHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		go func() {
			_, _ = server.Read(make([]byte, 4096))
			_, _ = server.Write(message(1, result(1, 0, "")))
		}()
		c, err := Open(t.Context(), func(context.Context, string, string) (net.Conn, error) { return client, nil },
			Target{Host: "dc1", Port: 389, Security: "none"}, Login{How: "anonymous"})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_ = c.Close()
		if took := time.Since(begin); took > closeTime {
			t.Error(took)
		}
	})
}
