package directory

import (
	"crypto/x509"
	"errors"
	"strings"
	"syscall"

	"github.com/go-ldap/ldap/v3/gssapi"
)

// system logs in through SSPI: the ticket is the one of who runs this, or is
// got by the password. Only the former comes with a channel binding.
type system struct{ *gssapi.SSPIClient }

func newInitiator(l Login, leaf *x509.Certificate) (initiator, error) {
	client, err := newSystem(l, leaf)
	if err != nil {
		return nil, err
	}
	return system{client}, nil
}

func newSystem(l Login, leaf *x509.Certificate) (*gssapi.SSPIClient, error) {
	if l.Password != "" {
		user, realm := l.principal()
		if domain, _, ok := strings.Cut(l.User, `\`); ok && realm == "" {
			realm = domain
		}
		return gssapi.NewSSPIClientWithUserCredentials(realm, user, l.Password)
	}
	if leaf != nil {
		if client, err := gssapi.NewSSPIClientWithChannelBinding(leaf); err == nil {
			return client, nil
		}
	}
	return gssapi.NewSSPIClient()
}

// Ticket does nothing: the system gets the ticket when it begins.
func (system) Ticket(string) error { return nil }

// unknownService knows SEC_E_TARGET_UNKNOWN.
func unknownService(err error) bool {
	var code syscall.Errno
	return errors.As(err, &code) && uint32(code) == 0x80090303
}
