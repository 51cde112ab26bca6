package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"

	"github.com/go-ldap/ldap/v3"
)

// wrap puts host and port before an error.
func (c *Conn) wrap(doing string, err error) error {
	return fmt.Errorf("%s: %s: %w", c.target.address(), doing, err)
}

// fault translates what went wrong in a job. A time that is over comes first:
// it is why the connection was closed, which is all the library saw.
func (c *Conn) fault(ctx context.Context, doing string, err error) error {
	var said *ldap.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return c.wrap(doing, context.Cause(ctx))
	case errors.As(err, &said) && said.Packet != nil: // the server's, not the library's
		return c.wrap(doing, c.refusal(said))
	}
	return c.wrap(doing, c.broken(err))
}

// broken says why a connection ended. The library's own error holds the text of
// the guard's, and no more.
func (c *Conn) broken(err error) error {
	if c.guard == nil || errors.As(err, new(*ticketError)) || errors.As(err, new(*challengeError)) {
		return err
	}
	notice, cause := c.guard.end()
	switch {
	case notice != nil:
		return fmt.Errorf("the server hung up: %w", c.refusal(notice))
	case cause == nil, !ended(err) && !errors.Is(err, cause):
		return errors.New(clean(c.hide(err.Error())))
	case cause == io.EOF, errors.Is(cause, io.ErrUnexpectedEOF):
		return errors.New("the server hung up without an answer (one without NTLM does that, and one that is too busy)")
	}
	return cause
}

// ended tells whether an error of the library stands for the end of the
// connection; it has no types for that.
func ended(err error) bool {
	return ldap.IsErrorWithCode(err, ldap.ErrorNetwork) || strings.HasPrefix(err.Error(), "unable to ")
}

// refusal is what the server answered, and what to do about it here.
func (c *Conn) refusal(said *ldap.Error) error {
	return errors.New(c.advice(said.ResultCode, c.hide(said.Err.Error())))
}

// advice is the meaning of a result, and what to do about it here.
func (c *Conn) advice(code uint16, said string) string {
	text := meaning(code, said)
	if code != ldap.LDAPResultStrongAuthRequired && code != ldap.LDAPResultConfidentialityRequired {
		return text
	}
	if c.target.Security != "none" {
		return text + "; this connection is encrypted already: use a simple login, as NTLM and Kerberos logins are not signed here"
	}
	return text + fmt.Sprintf("; use ldaps://%s with a simple login", c.target.bracketed())
}

// results are what the result codes of RFC 4511 appendix A mean here.
func results(code uint16) string {
	switch code {
	case ldap.LDAPResultOperationsError:
		return "the server cannot do that now"
	case ldap.LDAPResultProtocolError:
		return "the server does not understand the request"
	case ldap.LDAPResultTimeLimitExceeded:
		return "the server's time limit is over; what it gave until then was read, the rest is missing"
	case ldap.LDAPResultSizeLimitExceeded:
		return "the server's size limit is reached; what it gave until then was read, the rest is missing"
	case ldap.LDAPResultAdminLimitExceeded:
		return "an administrative limit of the server is reached; what it gave until then was read, the rest is missing"
	case ldap.LDAPResultAuthMethodNotSupported:
		return "the server does not offer this kind of login: try another, simple over ldaps:// works nearly everywhere"
	case ldap.LDAPResultStrongAuthRequired:
		return "the server wants a connection that is encrypted or signed"
	case ldap.LDAPResultConfidentialityRequired:
		return "the server wants an encrypted connection"
	case ldap.LDAPResultReferral:
		return "this server does not hold that part of the directory and names another: ask a domain controller of that domain"
	case ldap.LDAPResultUnavailableCriticalExtension:
		return "the server cannot do what the request needs"
	case ldap.LDAPResultNoSuchObject:
		return "no such object, or this account may not know of it"
	case ldap.LDAPResultInvalidDNSyntax:
		return "the server takes this for no DN"
	}
	return moreResults(code)
}

func moreResults(code uint16) string {
	switch code {
	case ldap.LDAPResultInappropriateAuthentication:
		return "the server does not allow this login, perhaps no anonymous one"
	case ldap.LDAPResultInvalidCredentials:
		return "the user or the password is wrong"
	case ldap.LDAPResultInsufficientAccessRights:
		return "this account may not read that: use one with Exchange view rights"
	case ldap.LDAPResultBusy:
		return "the server is too busy: try again, or another one"
	case ldap.LDAPResultUnavailable:
		return "the server is not available, or has no certificate for TLS"
	case ldap.LDAPResultUnwillingToPerform:
		return "the server refuses to"
	}
	if code >= ldap.ErrorNetwork { // the library's own
		return "what the server answered cannot be understood"
	}
	return fmt.Sprintf("the server answers with error %d", code)
}

// denials are the system error codes (winerror.h) that a domain controller puts
// as "data 52e" behind a login it refuses.
func denial(data string) string {
	switch data {
	case "525":
		return "the user does not exist (data 525)"
	case "52e":
		return "the user or the password is wrong (data 52e)"
	case "52f":
		return "the account is restricted, an empty password for instance (data 52f)"
	case "530":
		return "the account may not log in at this hour (data 530)"
	case "531":
		return "the account may not log in from this computer (data 531)"
	case "532":
		return "the password is expired (data 532)"
	case "533":
		return "the account is disabled (data 533)"
	case "534", "569":
		return "the account may not log in this way (data " + data + ")"
	case "701":
		return "the account is expired (data 701)"
	case "773":
		return "the password must be changed before the first login (data 773)"
	case "775":
		return "the account is locked out (data 775)"
	case "80090346":
		return "the server requires channel binding, which this login does not have (data 80090346): use a simple login over ldaps://"
	}
	return ""
}

// meaning puts a result into words, the server's own behind them.
func meaning(code uint16, said string) string {
	text := results(code)
	data := regexp.MustCompile(`\bdata ([0-9a-f]+)`).FindStringSubmatch(strings.ToLower(said))
	switch {
	case code == ldap.LDAPResultInvalidCredentials && data != nil && denial(data[1]) != "":
		return denial(data[1])
	case strings.Contains(said, "successful bind must be completed"), strings.Contains(said, "without authentication"): // Windows, Samba
		text = "the server tells that only to who is logged in: give a user"
	case strings.Contains(said, "Sign or Seal are required"):
		text = "the server wants signed messages"
	}
	if said = clean(said); said == "" {
		return text
	}
	return text + " (it said: " + said + ")"
}

// clean makes a server's words fit for a line of a report.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "") + "..."
	}
	return s
}

// show is clean for the name of an object.
func show(dn string) string {
	if dn == "" {
		return "the root"
	}
	return clean(dn)
}
