package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// A Login is who asks. It prints without its password, whatever the verb; only
// in an unexported field of another struct package fmt sees past that.
type Login struct {
	How       string // "simple", "ntlm", "kerberos" or "anonymous"
	User      string // simple: a DN, user@realm or DOMAIN\user; NTLM: DOMAIN\user or user@realm; Kerberos: user or user@REALM, "" for a ticket that is there
	Password  string `json:"-" xml:"-"`
	Realm     string // of Kerberos; "": what User or the configuration says
	CCache    string // path of the Kerberos tickets; "": KRB5CCNAME, else /tmp/krb5cc_UID
	Krb5Conf  string // path of krb5.conf; "": KRB5_CONFIG, else /etc/krb5.conf
	ClearText bool   // the second consent to send the password unencrypted
}

// String says who, and never the password.
func (l Login) String() string {
	if l.User == "" {
		return l.How
	}
	return l.How + " as " + l.User
}

// Format keeps the password out of every verb, %#v and %d too; only %p, which is
// for pointers, goes past it.
func (l Login) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// check refuses before anything is sent what must not be sent.
func (l Login) check(security string) error {
	if security != "tls" && security != "starttls" && security != "none" {
		return fmt.Errorf("security %q is not known: tls, starttls or none", security)
	}
	switch l.How {
	case "anonymous":
		return nil
	case "kerberos":
		return l.checkKerberos()
	case "simple", "ntlm":
	default:
		return fmt.Errorf("login %q is not known: simple, ntlm, kerberos or anonymous", l.How)
	}
	switch {
	case l.User == "":
		return fmt.Errorf("a %s login needs a user", l.How)
	case l.Password == "": // RFC 4513 section 5.1.2: the server would take it for anonymous, and say yes
		return errors.New("the password is empty: a server takes that for an anonymous login and lets it succeed")
	case l.How == "simple" && security == "none" && !l.ClearText:
		return errors.New("a simple login would send the password unencrypted: use ldaps:// or ldap:// (StartTLS), or an NTLM or Kerberos login")
	}
	return nil
}

func (l Login) checkKerberos() error {
	if l.Password != "" && l.User == "" {
		return errors.New("a Kerberos login by password needs a user")
	}
	return nil
}

// bind proves who asks.
func (c *Conn) bind(ctx context.Context, l Login, by func(Login) error) error {
	_, err := do(ctx, c, job{"login " + l.String(), bindTime, bindBytes}, func() (struct{}, error) {
		return struct{}{}, by(l)
	})
	return err
}

// simple sends user and password, or neither: an anonymous bind is sent too, as
// a server that allows none says so at once.
func (c *Conn) simple(l Login) error {
	if l.How == "anonymous" {
		return c.ldap.UnauthenticatedBind("")
	}
	_, err := c.ldap.SimpleBind(ldap.NewSimpleBindRequest(l.User, l.Password, nil))
	return err
}

// hide takes the password out of a text: a hostile server may repeat it.
func (l Login) hide(text string) string {
	if l.Password == "" {
		return text
	}
	return strings.ReplaceAll(text, l.Password, "(password)")
}

// principal cuts the user and the realm of Kerberos. The realms of Active
// Directory are in capitals.
func (l Login) principal() (user, realm string) {
	user, realm = l.User, l.Realm
	if _, after, ok := strings.Cut(user, `\`); ok {
		user = after
	}
	if before, after, ok := strings.Cut(user, "@"); ok {
		user = before
		if realm == "" {
			realm = strings.ToUpper(after)
		}
	}
	return user, realm
}
