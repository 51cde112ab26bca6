package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

var tlsVersions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

const day = 24 * time.Hour

// A certSpec is what a "certificate:" line asks for.
type certSpec struct {
	names  []string      // none: the name of the host
	begins time.Duration // from now
	ends   time.Duration
	signer string // "", "self-signed" or "unknown-ca"
}

func newCertSpec() *certSpec { return &certSpec{begins: -30 * day, ends: 335 * day} }

func parseCert(words []string) (*certSpec, error) {
	spec := newCertSpec()
	for _, word := range words {
		left, isLeft := strings.CutPrefix(word, "expires=")
		switch {
		case word == "expired":
			spec.begins, spec.ends = -366*day, -day
		case word == "not-yet":
			spec.begins, spec.ends = day, 366*day
		case word == "self-signed" || word == "unknown-ca":
			spec.signer = word
		case isLeft:
			d, err := duration(left)
			if err != nil {
				return nil, err
			}
			spec.ends = d
		case net.ParseIP(word) == nil && !isHostName(word):
			return nil, fmt.Errorf("%q is neither a name with a dot, an IP address, expired, not-yet, expires=, self-signed nor unknown-ca", word)
		default:
			spec.names = append(spec.names, word)
		}
	}
	return spec, nil
}

// isHostName says whether a word can be a name in a certificate. It has a dot,
// so that a mistyped option is not taken for one.
func isHostName(word string) bool {
	legal := func(r rune) bool { return r >= '!' && r <= '~' }
	return strings.Contains(word, ".") && strings.IndexFunc(word, func(r rune) bool { return !legal(r) }) < 0
}

// A certKey tells the certificates of a world apart.
type certKey struct {
	spec *certSpec
	name string // of the host, where the spec has no name
}

type certificates map[certKey]tls.Certificate

// of is the certificate for a spec at a host of that name.
func (cs certificates) of(spec *certSpec, name string) tls.Certificate {
	if len(spec.names) > 0 {
		name = ""
	}
	return cs[certKey{spec, name}]
}

// An issuer signs certificates; without a certificate of its own they sign
// themselves.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// certify makes the story's CA and every certificate that its hosts may show.
func (p *play) certify(now time.Time) error {
	trusted, err := newCA("mailflow lab CA", now)
	if err != nil {
		return err
	}
	unknown, err := newCA("unknown CA", now)
	if err != nil {
		return err
	}
	p.files[caFile] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.cert.Raw})
	issuers := map[string]issuer{"": trusted, "unknown-ca": unknown, "self-signed": {}}
	p.certs = certificates{}
	for at, h := range p.story.hosts {
		for _, la := range h.layers {
			if la.cert == nil {
				continue
			}
			if err := p.certs.add(la.cert, p.story.nameOf(at.Addr()), issuers[la.cert.signer], now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (cs certificates) add(spec *certSpec, name string, by issuer, now time.Time) error {
	key, names := certKey{spec, name}, []string{strings.Trim(name, "[]")}
	if len(spec.names) > 0 {
		key.name, names = "", spec.names
	}
	if _, made := cs[key]; made {
		return nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(cs) + 2)),
		Subject:      pkix.Name{CommonName: names[0]},
		NotBefore:    now.Add(spec.begins),
		NotAfter:     now.Add(spec.ends),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	made, err := by.sign(template)
	if err != nil {
		return fmt.Errorf("certificate for %s: %w", names[0], err)
	}
	cs[key] = tls.Certificate{Certificate: [][]byte{made.cert.Raw}, PrivateKey: made.key, Leaf: made.cert}
	return nil
}

func newCA(name string, now time.Time) (issuer, error) {
	return issuer{}.sign(&x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-5 * 365 * day),
		NotAfter:              now.Add(5 * 365 * day),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	})
}

// sign makes a key and its certificate.
func (by issuer) sign(template *x509.Certificate) (issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return issuer{}, err
	}
	if by.key == nil {
		by = issuer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &key.PublicKey, by.key)
	if err != nil {
		return issuer{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return issuer{cert, key}, err
}
