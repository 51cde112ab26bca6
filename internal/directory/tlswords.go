package directory

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
)

const (
	giveRoot = "give the CA's certificate by --input roots=ca.pem"
	tooOld   = "the server has no TLS 1.2 (Windows Server 2003 and 2008 end at TLS 1.0): export with ldifde there, or use ldap+plain:// with an NTLM or Kerberos login"
)

// tlsWords says what was wrong with TLS and what to do. The cause stays inside.
func tlsWords(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", tlsAdvice(err), err)
}

func tlsAdvice(err error) string {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		weak      x509.InsecureAlgorithmError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &name):
		return "the certificate is for another name: give the server by a name that is in it"
	case errors.As(err, &invalid):
		return invalidAdvice(invalid.Reason)
	case errors.As(err, &weak):
		return "the certificate has a signature that is not accepted any more, such as SHA-1"
	case errors.As(err, &authority):
		return "the certificate is from an authority this machine does not know: " + giveRoot
	case errors.As(err, &record):
		return "what answers there does not speak TLS: is it the LDAPS port?"
	}
	return linkAdvice(err)
}

func invalidAdvice(reason x509.InvalidReason) string {
	switch reason {
	case x509.Expired:
		return "the certificate is expired or not valid yet: renew it, and compare the clocks"
	case x509.IncompatibleUsage:
		return "the certificate is not for servers: the server needs one for server authentication"
	}
	return "the certificate is not valid"
}

// linkAdvice is for what happens before a certificate is seen.
func linkAdvice(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "protocol version"):
		return tooOld
	case strings.Contains(text, "handshake failure"):
		return "the server has no cipher that is safe today; if it is Windows Server 2003 or 2008, " + tooOld
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "the server hung up during the handshake: a domain controller without a certificate does that, and one without TLS 1.2"
	case strings.Contains(text, "x509:"), strings.Contains(text, "certificate"):
		return "the certificate was not accepted: " + giveRoot + " if it is the CA that is missing"
	}
	return "the handshake failed"
}
