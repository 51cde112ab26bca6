package directory

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// An initiator holds the credentials of a Kerberos login. On Windows it is the
// system, elsewhere gokrb5.
type initiator interface {
	ldap.GSSAPIClient
	Ticket(service string) error // gets the ticket, where that is a step of its own
	Close() error
}

var _ func(Login, *x509.Certificate) (initiator, error) = newInitiator

// kerberos logs in by Kerberos (RFC 4752): first as the service of the host as
// it was given, then as that of the name the server gives itself. That name is
// unproven; on TLS the certificate vouches for the host, and without it nothing
// protects what is read anyway. What talks to the KDC knows no contexts: it
// ends by itself, at the latest some 10 s for each KDC after the context.
func (c *Conn) kerberos(ctx context.Context, l Login) error {
	_, err := do(ctx, c, job{"login " + l.String(), ticketTime + bindTime, bindBytes}, func() (struct{}, error) {
		who, err := newInitiator(l, c.leaf)
		if err != nil {
			return struct{}{}, ticketWords(err)
		}
		defer func() { _ = who.Close() }()
		return struct{}{}, c.serve(ctx, who)
	})
	return err
}

// serve tries the names of the service.
func (c *Conn) serve(ctx context.Context, who initiator) (err error) {
	if _, isAddr := netip.ParseAddr(c.target.Host); isAddr != nil {
		if err = c.present(ctx, who, c.target.Host); !unknownService(err) {
			return err
		}
	}
	root, rootErr := c.Root(ctx)
	switch known := isHost(root.DNSName) && !strings.EqualFold(root.DNSName, c.target.Host); {
	case known:
		return c.present(ctx, who, root.DNSName)
	case err != nil:
		return err
	case rootErr != nil:
		return rootErr
	}
	return &ticketError{"Kerberos needs the server's name, not its address", errors.New("the server does not tell its name")}
}

// present gets the ticket for one name and shows it to the server.
func (c *Conn) present(ctx context.Context, who initiator, host string) error {
	service := "ldap/" + host
	if err := who.Ticket(service); err != nil {
		return fmt.Errorf("ticket for %s: %w", service, ticketWords(err))
	}
	ctx, done := c.within(ctx, bindTime)
	defer done()
	c.guard.allow(bindBytes)
	err := c.ldap.GSSAPIBind(who, service, "")
	if err != nil && ctx.Err() != nil {
		return &ticketError{"login as " + service, context.Cause(ctx)}
	}
	if _, ended := c.guard.end(); err == nil || ended != nil || errors.As(err, new(*ldap.Error)) {
		return err
	}
	return fmt.Errorf("login as %s: %w", service, ticketWords(err))
}

// A ticketError is a Kerberos error with its advice.
type ticketError struct {
	advice string
	err    error
}

func (e *ticketError) Error() string { return e.advice + " (" + clean(e.err.Error()) + ")" }
func (e *ticketError) Unwrap() error { return e.err }

func ticketWords(err error) error {
	advice := kerberosAdvice(err.Error())
	if advice == "" {
		advice = "Kerberos failed"
	}
	return &ticketError{advice, err}
}

// kerberosAdvice knows the errors of RFC 4120 section 7.5.9 by the names that
// gokrb5 writes.
func kerberosAdvice(text string) string {
	for _, known := range []struct{ sign, advice string }{
		{"KRB_AP_ERR_SKEW", "the clocks differ by more than Kerberos allows, usually 5 minutes: set this machine's clock by the domain controller"},
		{"S_PRINCIPAL_UNKNOWN", "the KDC does not know the server by this name: use the name it has in Active Directory, in full"},
		{"C_PRINCIPAL_UNKNOWN", "the KDC does not know the user: check user and realm"},
		{"PREAUTH_FAILED", "the password is wrong"},
		{"KEY_EXPIRED", "the password is expired"},
		{"CLIENT_REVOKED", "the account is disabled, expired or locked out"},
		{"KRB_AP_ERR_TKT_EXPIRED", "the ticket is expired: get a new one by kinit"},
		{"ETYPE_NOSUPP", "the KDC and this machine share no kind of encryption"},
		{"WRONG_REALM", "the realm is wrong: it is the domain's name in capitals"},
		{"KRB_AP_ERR_MODIFIED", "the server cannot read the ticket: the name leads to another machine, or its key in Active Directory is not the one it has"},
		{"ommunicat", "no KDC answers: is port 88 of a domain controller reachable, and does DNS (_kerberos._tcp) or krb5.conf name one?"},
		{"no KDC", "no KDC is known for the realm: krb5.conf or DNS (_kerberos._tcp) must name one"},
		{"TGT not found", "there is no valid ticket: get one by kinit, or give a password"},
	} {
		if strings.Contains(text, known.sign) {
			return known.advice
		}
	}
	return ""
}

// unrotate turns the body of a wrap token so that the checksum comes first,
// where go-ldap looks for it. RFC 4121 section 4.2.5: without encryption the
// body is the text and then the checksum of EC bytes, the whole rotated right
// by RRC. A domain controller rotates by EC, MIT by nothing.
func unrotate(token []byte) []byte {
	const head, acceptorSealed = 16, 0x02
	if len(token) <= head || token[2]&acceptorSealed != 0 {
		return token
	}
	body := token[head:]
	ec, rrc := int(binary.BigEndian.Uint16(token[4:])), int(binary.BigEndian.Uint16(token[6:]))
	turn := ((ec-rrc)%len(body) + len(body)) % len(body)
	return slices.Concat(token[:head], body[len(body)-turn:], body[:len(body)-turn])
}
