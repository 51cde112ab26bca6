//go:build !windows

package directory

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-ldap/ldap/v3/gssapi"
	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
)

// portable logs in through gokrb5, which dials the KDC by itself. It sends no
// channel binding.
type portable struct{ *gssapi.Client }

func newInitiator(l Login, _ *x509.Certificate) (initiator, error) {
	user, realm := l.principal()
	settings, err := krb5Conf(l, realm)
	if err != nil {
		return nil, err
	}
	if l.Password != "" {
		// FAST is off: domain controllers before 2012 refuse the request (gokrb5 documents it for Active Directory).
		if realm == "" {
			realm = settings.LibDefaults.DefaultRealm
		}
		by := client.NewWithPassword(user, realm, l.Password, settings, client.DisablePAFXFAST(true))
		return portable{&gssapi.Client{Client: by}}, nil
	}
	path, err := ccachePath(l)
	if err != nil {
		return nil, err
	}
	return fromCache(path, settings)
}

func fromCache(path string, settings *config.Config) (initiator, error) {
	cache, err := safely(func() (*credentials.CCache, error) { return credentials.LoadCCache(path) }) // it panics on a damaged file
	if err != nil {
		return nil, fmt.Errorf("no Kerberos tickets in %s: get one by kinit, or give user and password: %w", path, err)
	}
	by, err := client.NewFromCCache(cache, settings, client.DisablePAFXFAST(true))
	if err != nil {
		return nil, fmt.Errorf("the Kerberos tickets in %s: %w", path, err)
	}
	return portable{&gssapi.Client{Client: by}}, nil
}

// krb5Conf reads the configuration. Where there is none, the realm is enough:
// DNS names its KDCs. What gokrb5 does not know in the file it leaves out.
func krb5Conf(l Login, realm string) (*config.Config, error) {
	path := l.Krb5Conf
	if path == "" {
		path = os.Getenv("KRB5_CONFIG")
	}
	given := path != ""
	if !given {
		path = "/etc/krb5.conf"
	}
	if _, err := os.Stat(path); !given && errors.Is(err, os.ErrNotExist) && realm != "" {
		settings := config.New()
		settings.LibDefaults.DefaultRealm, settings.LibDefaults.DNSLookupKDC = realm, true
		return settings, nil
	}
	settings, err := config.Load(path)
	var left config.UnsupportedDirective
	if err != nil && !errors.As(err, &left) {
		return nil, fmt.Errorf("reading the Kerberos configuration: %w", err)
	}
	return settings, nil
}

// ccachePath is where the tickets are. Only files can be read.
func ccachePath(l Login) (string, error) {
	path := l.CCache
	if path == "" {
		path = os.Getenv("KRB5CCNAME")
	}
	if path == "" {
		return fmt.Sprintf("/tmp/krb5cc_%d", os.Getuid()), nil
	}
	kind, file, ok := strings.Cut(path, ":")
	switch {
	case !ok:
		return path, nil
	case kind == "FILE":
		return file, nil
	}
	return "", fmt.Errorf("tickets in %s cannot be read: run kinit -c FILE:/tmp/tickets and name that file", kind)
}

// Ticket gets the ticket from the cache or the KDC.
func (p portable) Ticket(service string) error {
	_, _, err := p.GetServiceTicket(service)
	return err
}

// NegotiateSaslAuth turns the server's token to where go-ldap can read it.
func (p portable) NegotiateSaslAuth(token []byte, authzid string) ([]byte, error) {
	return p.Client.NegotiateSaslAuth(unrotate(token), authzid)
}

// unknownService knows KDC_ERR_S_PRINCIPAL_UNKNOWN.
func unknownService(err error) bool {
	return err != nil && strings.Contains(err.Error(), "S_PRINCIPAL_UNKNOWN")
}
