package directory

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// A Target is where the directory is and how to protect the way there.
type Target struct {
	Host     string // a name or an IP address, without brackets
	Port     uint16
	Security string         // "tls" (LDAPS), "starttls" or "none"
	Roots    *x509.CertPool // whom to trust; nil: what this machine trusts
}

// address is the host and the port.
func (t Target) address() string {
	return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
}

// schemes are the ways to write a target, with the port each goes to.
func scheme(name string) (security string, port uint16, ok bool) {
	switch strings.ToLower(name) {
	case "ldaps":
		return "tls", 636, true
	case "gc": // the global catalog, MS-ADTS 3.1.1.3.1.10
		return "tls", 3269, true
	case "ldap":
		return "starttls", 389, true
	case "ldap+plain":
		return "none", 389, true
	}
	return "", 0, false
}

// ParseTarget reads "dc1.contoso.com" (LDAPS on port 636), "ldaps://dc1",
// "ldap://dc1" (StartTLS on 389), "ldap+plain://dc1" (no encryption) or
// "gc://dc1" (global catalog by TLS, 3269), each with an optional port. An IPv6
// address with a port stands in brackets.
func ParseTarget(s string) (Target, error) {
	name, rest, found := strings.Cut(strings.TrimSpace(s), "://")
	if !found {
		name, rest = "ldaps", name
	}
	security, port, ok := scheme(name)
	if !ok {
		return Target{}, errors.New("the directory server is written as dc1.contoso.com, ldaps://, ldap://, ldap+plain:// or gc://")
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, "@/?#") { // not repeated: a password may stand before the @
		return Target{}, errors.New("only a host and a port may follow " + strings.ToLower(name) + "://; user and base have inputs of their own")
	}
	t := Target{Port: port, Security: security}
	if err := t.place(rest); err != nil {
		return Target{}, err
	}
	if !found && (t.Port == 389 || t.Port == 3268) {
		return Target{}, fmt.Errorf("port %d does not begin with TLS: write ldap://%s for StartTLS", t.Port, t.address())
	}
	return t, nil
}

// place reads the host and, if it is there, the port.
func (t *Target) place(s string) error {
	host, port := s, ""
	if addr, err := netip.ParseAddr(s); err == nil && addr.Is6() {
		host = s
	} else if h, p, err := net.SplitHostPort(s); err == nil {
		host, port = h, p
	} else if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		host = s[1 : len(s)-1]
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("port %q of the directory server is no number from 1 to 65535", port)
		}
		t.Port = uint16(n)
	}
	if !isHost(host) {
		return fmt.Errorf("%q is no host name and no IP address", host)
	}
	t.Host = strings.TrimSuffix(host, ".")
	return nil
}

// isHost tells whether s can be the name of a host or its address. Names of
// Windows may have an underscore.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if s = strings.TrimSuffix(s, "."); s == "" || len(s) > 253 || s[0] == '-' {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return false
		}
	}
	return true
}
