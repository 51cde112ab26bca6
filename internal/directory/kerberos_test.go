package directory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/quick"
)

// wrapToken is a wrap token without encryption, rotated (RFC 4121 4.2.6.2).
func wrapToken(text, checksum []byte, rotated int) []byte {
	head := make([]byte, 16)
	copy(head, "\x05\x04\x01\xff")
	binary.BigEndian.PutUint16(head[4:], uint16(len(checksum)))
	binary.BigEndian.PutUint16(head[6:], uint16(rotated))
	body := slices.Concat(text, checksum)
	if n := len(body); n > 0 {
		r := rotated % n
		body = slices.Concat(body[n-r:], body[:n-r])
	}
	return append(head, body...)
}

// However the server rotated, the checksum comes first, as from a domain
// controller.
func TestUnrotate(t *testing.T) {
	text, checksum := []byte("\x07\x00\xff\xff"), []byte("twelve bytes")
	want := slices.Concat(checksum, text)
	for _, rotated := range []int{0, 1, 4, 12, 16, 28, 65535} {
		if got := unrotate(wrapToken(text, checksum, rotated)); !bytes.Equal(got[16:], want) {
			t.Errorf("rotated by %d: %q", rotated, got[16:])
		}
	}
	ad := wrapToken(text, checksum, len(checksum))
	if got := unrotate(ad); !bytes.Equal(got, ad) {
		t.Errorf("of a domain controller: %q", got)
	}
}

func TestUnrotateTakesAnything(t *testing.T) {
	same := func(token []byte) bool { return len(unrotate(token)) == len(token) }
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	for n := range 20 {
		if !same(bytes.Repeat([]byte{0xff}, n)) || !same(make([]byte, n)) {
			t.Error(n)
		}
	}
}

func TestPrincipal(t *testing.T) {
	tests := []struct{ user, realm, wantUser, wantRealm string }{
		{"tester", "", "tester", ""},
		{"tester", "CONTOSO.COM", "tester", "CONTOSO.COM"},
		{"tester@contoso.com", "", "tester", "CONTOSO.COM"},
		{"tester@contoso.com", "EXAMPLE.COM", "tester", "EXAMPLE.COM"},
		{`CONTOSO\tester`, "CONTOSO.COM", "tester", "CONTOSO.COM"},
	}
	for _, tt := range tests {
		if user, realm := (Login{User: tt.user, Realm: tt.realm}).principal(); user != tt.wantUser || realm != tt.wantRealm {
			t.Errorf("%+v: %q %q", tt, user, realm)
		}
	}
}

func TestKerberosAdvice(t *testing.T) {
	tests := []struct{ text, want string }{
		{"KRB Error: (37) KRB_AP_ERR_SKEW Clock skew too great", "the clocks differ"},
		{"[Root cause: KDC_Error] KDC_Error: TGS Exchange Error: (7) KDC_ERR_S_PRINCIPAL_UNKNOWN Server not found in Kerberos database", "the KDC does not know the server"},
		{"[Root cause: KDC_Error] (6) KDC_ERR_C_PRINCIPAL_UNKNOWN", "the KDC does not know the user"},
		{"[Root cause: Networking_Error] Networking_Error: AS Exchange Error: failed sending AS_REQ to KDC: failed to communicate with KDC.", "no KDC answers"},
		{"communication error with KDC via TCP", "no KDC answers"},
		{"TGT not found in CCache", "there is no valid ticket"},
		{"anything else", "Kerberos failed"},
	}
	for _, tt := range tests {
		if got := ticketWords(errors.New(tt.text)).Error(); !strings.HasPrefix(got, tt.want) || !strings.HasSuffix(got, "("+tt.text+")") {
			t.Errorf("%s: %s", tt.text, got)
		}
	}
}

// No ticket, no KDC, no configuration: each is said, and nothing but the bind
// that was never sent is missing on the line.
func TestKerberosFails(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there the system gets the tickets")
	}
	dir := t.TempDir()
	conf, junk := filepath.Join(dir, "krb5.conf"), filepath.Join(dir, "tickets")
	write(t, conf, "[libdefaults]\n default_realm = CONTOSO.COM\n dns_lookup_kdc = false\n[realms]\n CONTOSO.COM = {\n  kdc = 127.0.0.1:1\n }\n")
	write(t, junk, "")
	tests := []struct {
		name  string
		login Login
		want  string
	}{
		{"no tickets", Login{CCache: filepath.Join(dir, "none"), Krb5Conf: conf}, "no Kerberos tickets in " + filepath.Join(dir, "none") + ": get one by kinit, or give user and password"},
		{"damaged tickets", Login{CCache: junk, Krb5Conf: conf}, "no Kerberos tickets in " + junk + ": get one by kinit, or give user and password: what came cannot be decoded"},
		{"tickets in the kernel", Login{CCache: "KEYRING:persistent:0", Krb5Conf: conf}, "tickets in KEYRING cannot be read: run kinit -c FILE:/tmp/tickets and name that file"},
		{"no configuration", Login{CCache: junk, Krb5Conf: filepath.Join(dir, "none.conf")}, "reading the Kerberos configuration"},
		{"no KDC", Login{User: "tester", Password: secret, Krb5Conf: conf}, "ticket for ldap/dc1.contoso.com: no KDC answers"},
		{"unknown realm", Login{User: "tester", Password: secret, Realm: "EXAMPLE.COM", Krb5Conf: conf}, "ticket for ldap/dc1.contoso.com: no KDC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{}
			tt.login.How = "kerberos"
			_, err := Open(t.Context(), f.dial, Target{Host: "dc1.contoso.com", Port: 389, Security: "none"}, tt.login)
			f.done.Wait()
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "dc1.contoso.com:389: login kerberos") {
				t.Error(err)
			}
			if got := f.heard(); got != "tcp dc1.contoso.com:389\n" || strings.Contains(err.Error(), secret) {
				t.Error(got, err)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
