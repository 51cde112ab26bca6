package directory

import (
	"context"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// FuzzReply is a server that answers each request with the next part of what
// was made up. Whatever it says, Open and Walk come back in the time that was
// said, without a panic, and what they give keeps the limits. The bubble fails
// if a goroutine stays behind.
func FuzzReply(f *testing.F) {
	ok := message(1, result(1, 0, ""))
	f.Add(ok, message(2, entry("CN=A", "cn", "A")), message(2, page(0, "x")), false)
	f.Add(ok, message(2, slices.Concat(entry("CN=A", "member;range=0-1", "A\x00B"))), message(2, result(5, 0, "")), false)
	f.Add(message(1, result2(1, 0, string(challenge()), "")), message(2, result(1, 0, "")), []byte{}, true)
	f.Add(message(1, result2(1, 0, string(challenge()), "")), []byte{}, []byte{}, true)
	f.Add(message(1, result(1, 49, "data 52e")), []byte("\x30\x84\x7f\xff\xff\xff"), message(0, result(24, 52, "")), true)
	f.Add(ok, message(2, element(0x73, octets("ldap://x"))), message(3, result(5, 10, "")), false)
	f.Fuzz(func(t *testing.T, first, second, third []byte, ntlm bool) {
		synctest.Test(t, func(t *testing.T) {
			client, server := net.Pipe()
			go answer(server, first, second, third)
			login := Login{How: "simple", User: `CONTOSO\tester`, Password: secret, ClearText: true}
			if ntlm {
				login.How = "ntlm"
			}
			begin := time.Now()
			checkReply(t, client, login)
			if took := time.Since(begin); took > bindTime+2*pageTime+closeTime {
				t.Error(took)
			}
			_ = client.Close()
		})
	})
}

// answer speaks when it is asked, and then says nothing more.
func answer(conn net.Conn, parts ...[]byte) {
	defer conn.Close()
	for _, part := range parts {
		if _, err := conn.Read(make([]byte, 4096)); err != nil {
			return
		}
		if _, err := conn.Write(part); err != nil {
			return
		}
	}
	_, _ = io.Copy(io.Discard, conn)
}

func checkReply(t *testing.T, client net.Conn, login Login) {
	c, err := Open(t.Context(), func(context.Context, string, string) (net.Conn, error) { return client, nil },
		Target{Host: "dc1", Port: 389, Security: "none"}, login)
	if err != nil {
		return
	}
	_ = c.Walk(t.Context(), configuration, "(cn=*)", nil, func(e Entry) error {
		for _, a := range e.Attrs {
			if a.Name == "" && len(a.Values) == 0 || len(a.Values) > maxValues {
				t.Error(e)
			}
		}
		return nil
	})
	_ = c.Close()
}

// FuzzInspect holds the check of a message to what it is for: what passes is
// one whole message, and counting ends.
func FuzzInspect(f *testing.F) {
	f.Add(message(1, entry("CN=A", "cn", "A")))
	f.Add(message(1, page(0, "x")))
	f.Fuzz(func(t *testing.T, in []byte) {
		pieces, err := inspect(in)
		if err == nil && (pieces < 1 || pieces > len(in)/2 || in[0] != tagSequence) {
			t.Error(pieces)
		}
	})
}

// FuzzTarget holds ParseTarget to giving nothing that cannot be dialled.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{"dc1", "ldap://[::1]:389/", "gc://dc1:1", "ldap+plain://192.0.2.1", "a:b:c", "ldaps://u:p@h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := ParseTarget(s)
		if err != nil {
			return
		}
		host, _, splitErr := net.SplitHostPort(target.address())
		if splitErr != nil || host != target.Host || target.Port == 0 || !isHost(target.Host) || target.Security == "" {
			t.Errorf("%q: %+v", s, target)
		}
	})
}
