package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTarget(t *testing.T) {
	tests := []struct {
		in       string
		host     string
		port     uint16
		security string
	}{
		{"dc1.contoso.com", "dc1.contoso.com", 636, "tls"},
		{" DC_1 ", "DC_1", 636, "tls"},
		{"dc1:10636", "dc1", 10636, "tls"},
		{"dc1.contoso.com.", "dc1.contoso.com", 636, "tls"},
		{"ldaps://dc1", "dc1", 636, "tls"},
		{"LDAPS://dc1:637/", "dc1", 637, "tls"},
		{"ldap://dc1", "dc1", 389, "starttls"},
		{"ldap://dc1:3268", "dc1", 3268, "starttls"},
		{"ldap+plain://dc1", "dc1", 389, "none"},
		{"ldap+plain://192.0.2.1:390", "192.0.2.1", 390, "none"},
		{"gc://dc1", "dc1", 3269, "tls"},
		{"2001:db8::1", "2001:db8::1", 636, "tls"},
		{"ldap://[2001:db8::1]", "2001:db8::1", 389, "starttls"},
		{"ldap://[2001:db8::1]:390", "2001:db8::1", 390, "starttls"},
	}
	for _, tt := range tests {
		got, err := ParseTarget(tt.in)
		if want := (Target{Host: tt.host, Port: tt.port, Security: tt.security}); err != nil || !cmp.Equal(want, got) {
			t.Errorf("%q: %+v, %v", tt.in, got, err)
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `"" is no host name and no IP address`},
		{"http://dc1", "the directory server is written as dc1.contoso.com, ldaps://, ldap://, ldap+plain:// or gc://"},
		{"ldaps://tester:s3cret@dc1", "only a host and a port may follow ldaps://; user and base have inputs of their own"},
		{"ldap://dc1/DC=contoso,DC=com", "only a host and a port may follow ldap://; user and base have inputs of their own"},
		{"dc1:0", `port "0" of the directory server is no number from 1 to 65535`},
		{"dc1:65536", `port "65536" of the directory server is no number from 1 to 65535`},
		{"dc1:389", "port 389 does not begin with TLS: write ldap://dc1:389 for StartTLS"},
		{"dc 1", `"dc 1" is no host name and no IP address`},
		{"ldap://[dc1", `"[dc1" is no host name and no IP address`},
		{"-dc1", `"-dc1" is no host name and no IP address`},
		{"a..b", `"a..b" is no host name and no IP address`},
	}
	for _, tt := range tests {
		if _, err := ParseTarget(tt.in); err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v", tt.in, err)
		}
	}
}
