package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// encrypt gives the connection to speak LDAP on.
func (c *Conn) encrypt(ctx context.Context) (net.Conn, error) {
	switch c.target.Security {
	case "none":
		return c.wire, nil
	case "starttls":
		if err := c.startTLS(ctx); err != nil {
			return nil, err
		}
	}
	return c.handshake(ctx)
}

// handshake begins TLS. It is not made weaker for old servers.
func (c *Conn) handshake(ctx context.Context) (net.Conn, error) {
	name, _, _ := strings.Cut(c.target.Host, "%") // a zone is none of the certificate's business
	conn := tls.Client(c.wire, &tls.Config{ServerName: name, RootCAs: c.target.Roots, MinVersion: tls.VersionTLS12})
	_, err := do(ctx, c, job{doing: "TLS", limit: tlsTime}, func() (struct{}, error) {
		return struct{}{}, tlsWords(conn.HandshakeContext(ctx))
	})
	if err != nil {
		return nil, err
	}
	c.leaf = conn.ConnectionState().PeerCertificates[0]
	return conn, nil
}

// startTLS asks for TLS on a plain connection, RFC 4511 section 4.14. It is not
// the library's: that one loses what was wrong with a certificate. No byte
// behind the answer is read, so what somebody slipped in behind it reaches
// nobody but the TLS handshake, which fails.
func (c *Conn) startTLS(ctx context.Context) error {
	_, err := do(ctx, c, job{doing: "StartTLS", limit: tlsTime}, func() (struct{}, error) {
		name := ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "1.3.6.1.4.1.1466.20037", "")
		answer, err := exchange(c.wire, 1, operation(ldap.ApplicationExtendedRequest, name), ldap.ApplicationExtendedResponse)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, c.agreed(answer)
	})
	return err
}

// agreed reads the answer to StartTLS.
func (c *Conn) agreed(answer *ber.Packet) error {
	var said *ldap.Error
	if !errors.As(ldap.GetLDAPError(answer), &said) {
		return nil
	}
	return fmt.Errorf("refused, so nothing was sent: try ldaps://%s, or ldap+plain://%[1]s with an NTLM or Kerberos login (%s)",
		c.target.bracketed(), meaning(said.ResultCode, said.Err.Error()))
}

// bracketed is the host as it stands in an address.
func (t Target) bracketed() string {
	if strings.Contains(t.Host, ":") {
		return "[" + t.Host + "]"
	}
	return t.Host
}
