//go:build integration

package rig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"strings"
	"time"
)

// A signer is a certificate that signs others.
type signer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// makeCertificates makes the lab's authority (pki/ca.pem) and the servers'
// certificates. Those for Postfix and Exim are one file, key first.
func (l *lab) makeCertificates() error {
	ca, err := newSigner("Lab CA")
	if err != nil {
		return err
	}
	if err := l.writePEM("ca.pem", block("CERTIFICATE", ca.cert.Raw)); err != nil {
		return err
	}
	names, err := zoneNames()
	if err != nil {
		return err
	}
	now := time.Now()
	for _, c := range []struct {
		file  string
		names []string
		until time.Time
		by    *signer // nil: signed by itself
	}{
		{"good.pem", names, now.AddDate(1, 0, 0), ca},
		{"expired.pem", []string{"mx.expired.test"}, now.AddDate(0, -1, 0), ca},
		{"wrongname.pem", []string{"some.other.example"}, now.AddDate(1, 0, 0), ca},
		{"selfsigned.pem", []string{"mx.selfsigned.test"}, now.AddDate(1, 0, 0), nil},
	} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		cert, keyPEM, err := leaf(key, c.names, c.until, c.by)
		if err != nil {
			return err
		}
		if err := l.writePEM(c.file, keyPEM+cert); err != nil {
			return err
		}
	}
	return errors.Join(l.makeRSA(ca), l.makeForDomain(ca))
}

// makeForDomain is for Samba: it takes its key out of a file that nobody else
// may read, and OpenLDAP is happy with good.pem.
func (l *lab) makeForDomain(ca *signer) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	cert, keyPEM, err := leaf(key, []string{controller}, time.Now().AddDate(1, 0, 0), ca)
	if err != nil {
		return err
	}
	return errors.Join(l.writePEM("dc1.pem", cert), os.WriteFile(l.path("samba/dc1.key"), []byte(keyPEM), 0o600))
}

// makeRSA is for OpenSMTPD: it takes no other, and in two files.
func (l *lab) makeRSA(ca *signer) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	cert, keyPEM, err := leaf(key, []string{"mx.starttls.test"}, time.Now().AddDate(1, 0, 0), ca)
	if err != nil {
		return err
	}
	if err := l.writePEM("rsa.pem", cert); err != nil {
		return err
	}
	return l.writePEM("rsa.key", keyPEM)
}

func newSigner(name string) (*signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &signer{cert, key}, err
}

// leaf makes a server's certificate and prints it and its key.
func leaf(key crypto.Signer, names []string, until time.Time, by *signer) (certPEM, keyPEM string, err error) {
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: strings.TrimPrefix(names[0], "*.")}, DNSNames: names,
		NotBefore: until.AddDate(-1, -1, 0), NotAfter: until,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if by == nil {
		by = &signer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		return "", "", err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	return block("CERTIFICATE", der), block("PRIVATE KEY", keyDER), err
}

func serial() *big.Int {
	n, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	return n
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// writePEM writes for all to read: the servers read their keys after they have
// given up root. The keys are for the lab alone and go with it.
func (l *lab) writePEM(name, text string) error {
	return os.WriteFile(l.path("pki/"+name), []byte(text), 0o644)
}
