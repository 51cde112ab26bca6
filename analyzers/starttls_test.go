package analyzers

import "testing"

// What this program cannot do, or is asked for, is no proof against a server.
func TestOldPeer(t *testing.T) {
	for err, want := range map[string]bool{
		"remote error: tls: handshake failure":                                              true,
		"tls: server selected unsupported protocol version 300":                             true,
		"remote error: tls: certificate required":                                           true,
		"remote error: tls: bad certificate":                                                true,
		"tls: failed to parse certificate from server: x509: negative serial number":        true,
		"crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Min)": true,
		"remote error: tls: internal error":                                                 false,
		"tls: first record does not look like a TLS handshake":                              false,
	} {
		if got := oldPeer.MatchString(err); got != want {
			t.Errorf("%s: %v, want %v", err, got, want)
		}
	}
}
