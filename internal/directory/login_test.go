package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

const secret = "Geheim-4711"

var tester = Login{How: "simple", User: `CONTOSO\tester`, Password: secret}

func TestPasswordIsNeverPrinted(t *testing.T) {
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "login", tester)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "login", tester, "pointer", &tester)
	coded, err := json.Marshal(tester)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{logged.String(), string(coded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%T", "%!", "%10.3v"} {
		texts = append(texts, fmt.Sprintf(verb, tester), fmt.Sprintf(verb, &tester), fmt.Sprintf(verb, []Login{tester}), fmt.Sprintf(verb, struct{ L Login }{tester}))
	}
	c := &Conn{hide: tester.hide}
	texts = append(texts, fmt.Sprintf("%v %+v %#v", c, c, *c))
	for _, text := range texts {
		if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) || strings.Contains(text, strings.Trim(fmt.Sprint([]byte(secret)), "[]")) {
			t.Error(text)
		}
	}
	if got := tester.String(); got != `simple as CONTOSO\tester` {
		t.Error(got)
	}
}

// What must not be sent is refused before there is a connection.
func TestLoginRefused(t *testing.T) {
	dial := (&fake{}).dial
	tests := []struct {
		name, security string
		login          Login
		want           string
	}{
		{"clear text", "none", tester, "login: a simple login would send the password unencrypted: use ldaps:// or ldap:// (StartTLS), or an NTLM or Kerberos login"},
		{"empty password", "tls", Login{How: "simple", User: "tester"}, "login: the password is empty: a server takes that for an anonymous login and lets it succeed"},
		{"empty password of NTLM", "tls", Login{How: "ntlm", User: "tester"}, "login: the password is empty: a server takes that for an anonymous login and lets it succeed"},
		{"no user", "tls", Login{How: "simple", Password: secret}, "login: a simple login needs a user"},
		{"no user for Kerberos", "tls", Login{How: "kerberos", Password: secret}, "login: a Kerberos login by password needs a user"},
		{"unknown way", "tls", Login{How: "digest"}, `login: login "digest" is not known: simple, ntlm, kerberos or anonymous`},
		{"unknown security", "ssl", Login{How: "anonymous"}, `login: security "ssl" is not known: tls, starttls or none`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), dial, Target{Host: "dc1", Port: 389, Security: tt.security}, tt.login)
			if err == nil || err.Error() != "dc1:389: "+tt.want {
				t.Error(err)
			}
		})
	}
}

// Whatever the way in, the bytes of the password are on the line only where it
// was said twice that they may.
func TestPasswordOnTheWire(t *testing.T) {
	ca := newAuthority(t)
	wide := string(utf16Bytes(secret))
	tests := []struct {
		name, security, how string
		clear, onWire       bool
	}{
		{"simple over LDAPS", "tls", "simple", false, false},
		{"simple over StartTLS", "starttls", "simple", false, false},
		{"simple in clear, with consent", "none", "simple", true, true},
		{"simple over LDAPS, with consent", "tls", "simple", true, false},
		{"simple over StartTLS, with consent", "starttls", "simple", true, false},
		{"NTLM over LDAPS", "tls", "ntlm", false, false},
		{"NTLM in clear", "none", "ntlm", false, false},
		{"anonymous in clear", "none", "anonymous", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{start: ca.server(t)}
			if tt.security == "tls" {
				f.ldaps = f.start
			}
			var got string
			f.bind = func(_, password string) (int, string) { got = password; return 0, "" }
			c, err := Open(t.Context(), f.dial, Target{"dc1.contoso.com", 636, tt.security, ca.roots()}, Login{How: tt.how, User: `CONTOSO\tester`, Password: secret, ClearText: tt.clear})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			f.done.Wait()
			if on := strings.Contains(f.sent(), secret) || strings.Contains(f.sent(), wide); on != tt.onWire {
				t.Errorf("on the wire: %v", on)
			}
			if (got == secret) != (tt.how == "simple") || !strings.HasSuffix(f.heard(), "\nunbind\n") {
				t.Errorf("the server got %q\n%s", got, f.heard())
			}
		})
	}
}

func utf16Bytes(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// A refused StartTLS ends the connection before anything else is said.
func TestStartTLSRefused(t *testing.T) {
	f := &fake{}
	login := tester
	login.ClearText = true // consent was for ldap+plain, not for this
	_, err := Open(t.Context(), f.dial, Target{Host: "dc1", Port: 389, Security: "starttls"}, login)
	f.done.Wait()
	const want = "dc1:389: StartTLS: refused, so nothing was sent: try ldaps://dc1, or ldap+plain://dc1 with an NTLM or Kerberos login " +
		"(the server is not available, or has no certificate for TLS (it said: 00000000: LdapErr: DSID-0C090F78, comment: Error initializing SSL/TLS, data 0, vece))"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
	if diff := cmp.Diff("tcp dc1:389\nStartTLS\n", f.heard()); diff != "" {
		t.Error(diff)
	}
}

func TestLoginDenied(t *testing.T) {
	const ad = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data "
	tests := []struct {
		name, security, how string
		code                int
		said, want          string
	}{
		{"wrong password", "tls", "simple", 49, ad + "52e, v3839\x00", "the user or the password is wrong (data 52e)"},
		{"no such user", "tls", "simple", 49, ad + "525, v893", "the user does not exist (data 525)"},
		{"hour", "tls", "simple", 49, ad + "530, v893", "the account may not log in at this hour (data 530)"},
		{"computer", "tls", "simple", 49, ad + "531, v893", "the account may not log in from this computer (data 531)"},
		{"expired password", "tls", "simple", 49, ad + "532, v893", "the password is expired (data 532)"},
		{"disabled", "tls", "ntlm", 49, ad + "533, v893", "the account is disabled (data 533)"},
		{"expired account", "tls", "simple", 49, ad + "701, v893", "the account is expired (data 701)"},
		{"must change", "tls", "simple", 49, ad + "773, v893", "the password must be changed before the first login (data 773)"},
		{"locked out", "tls", "simple", 49, ad + "775, v893", "the account is locked out (data 775)"},
		{"channel binding", "tls", "ntlm", 49, "80090346: LdapErr: DSID-0C0905F0, comment: AcceptSecurityContext error, data 80090346, v4563",
			"the server requires channel binding, which this login does not have (data 80090346): use a simple login over ldaps://"},
		{"OpenLDAP", "tls", "simple", 49, "", "the user or the password is wrong"},
		{"unknown data", "tls", "simple", 49, ad + "999", "the user or the password is wrong (it said: " + ad + "999)"},
		{"signing", "none", "ntlm", 8, "00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity checking",
			"the server wants a connection that is encrypted or signed (it said: 00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity checking); use ldaps://dc1.contoso.com with a simple login"},
		{"signing, though encrypted", "tls", "ntlm", 8, "SASL:[GSSAPI]: Sign or Seal are required.",
			"the server wants signed messages (it said: SASL:[GSSAPI]: Sign or Seal are required.); this connection is encrypted already: use a simple login, as NTLM and Kerberos logins are not signed here"},
		{"not offered", "tls", "ntlm", 7, "", "the server does not offer this kind of login: try another, simple over ldaps:// works nearly everywhere"},
		{"repeats the password", "tls", "simple", 53, "no " + secret + "\r\n\x1b[31m here", "the server refuses to (it said: no (password) [31m here)"},
		{"long words", "tls", "simple", 77, strings.Repeat("ä", 200), "the server answers with error 77 (it said: " + strings.Repeat("ä", 150) + "...)"},
		{"beyond LDAP", "tls", "simple", 210, secret, "what the server answered cannot be understood (it said: invalid result code in packet)"},
	}
	ca := newAuthority(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{bind: func(string, string) (int, string) { return tt.code, tt.said }}
			if tt.security == "tls" {
				f.ldaps = ca.server(t)
			}
			login := tester
			login.How = tt.how
			_, err := Open(t.Context(), f.dial, Target{"dc1.contoso.com", 636, tt.security, ca.roots()}, login)
			f.done.Wait()
			want := "dc1.contoso.com:636: login " + login.String() + ": " + tt.want
			if err == nil || err.Error() != want {
				t.Errorf("%v\nwant %s", err, want)
			}
		})
	}
}

// A server that does not know NTLM says so in several ways; none holds anybody up.
func TestNTLMFails(t *testing.T) {
	negotiate := message(1, result2(1, 0, string(challenge()), ""))
	tests := []struct {
		name    string
		answers [][]byte
		want    string
	}{
		{"Samba hangs up", nil, "the server hung up without an answer (one without NTLM does that, and one that is too busy)"},
		{"hangs up at the second step", [][]byte{negotiate}, "the server hung up without an answer (one without NTLM does that, and one that is too busy)"},
		{"hangs up with a word", [][]byte{message(0, element(0x78, element(0x0a, []byte{51}), octets(""), octets("")))}, "the server hung up: the server is too busy: try again, or another one"},
		{"no challenge", [][]byte{message(1, result(1, 0, ""))}, "the server does not speak NTLM as it should: use a simple login over ldaps:// ("},
		{"another number", [][]byte{message(7, result(1, 0, ""))}, "what came is not LDAP"},
		{"another answer", [][]byte{message(1, result(5, 0, ""))}, "what came is not LDAP"},
		{"no result", [][]byte{message(1, element(0x61))}, "what the server answered cannot be understood"},
		{"not offered", [][]byte{message(1, result(1, 7, "auth method not supported"))}, "the server does not offer this kind of login"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{hello: func(c net.Conn) {
				for _, answer := range append(tt.answers, nil) {
					_, _ = c.Read(make([]byte, 4096))
					_, _ = c.Write(answer)
				}
			}}
			_, err := Open(t.Context(), f.dial, Target{Host: "dc1", Port: 389, Security: "none"}, Login{How: "ntlm", User: "tester@contoso.com", Password: secret})
			if err == nil || !strings.HasPrefix(err.Error(), "dc1:389: login ntlm as tester@contoso.com: "+tt.want) {
				t.Errorf("%v\nwant %s", err, tt.want)
			}
			f.done.Wait()
		})
	}
}

func TestNoConnection(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &fake{}
	c, err := Open(ctx, f.dial, Target{Host: "dc1", Port: 389, Security: "none"}, Login{How: "anonymous"})
	if c != nil || err == nil || err.Error() != "dc1:389: login anonymous: context canceled" {
		t.Error(err)
	}
	f.done.Wait()
}
