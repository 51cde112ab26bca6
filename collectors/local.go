package collectors

import (
	"context"
	"crypto/x509"
	"os"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// clock makes the time evidence, so that an expired certificate stays expired
// in a replay and a test never turns red by itself.
func clock() *diag.Collector {
	col := diag.NewCollector("clock", "reads this machine's clock", evidence.Clock, nil, nil,
		func(context.Context, diag.World, diag.Evidence) (time.Time, error) {
			return time.Now().UTC().Round(0), nil
		})
	col.Offline = true
	return col
}

// identity finds the name to say in EHLO: the operator's choice, else the
// machine's own name if it is a full one, else none, and then the session says
// its address literal (RFC 5321 4.1.4).
func identity() *diag.Collector {
	return diag.NewCollector("identity", "reads this machine's host name", evidence.Identity,
		nil, []diag.AnyKey{evidence.EHLOName},
		func(_ context.Context, _ diag.World, e diag.Evidence) (evidence.Self, error) {
			self := evidence.Self{From: "host name", Trustless: trustless()}
			if name, ok := evidence.EHLOName.Lookup(e); ok {
				self.Name, self.From = name, "operator"
				return self, nil
			}
			name, err := os.Hostname()
			if err != nil || !strings.Contains(strings.Trim(name, "."), ".") {
				return self, nil
			}
			if name, err = hostName(name); err == nil {
				self.Name = name
			}
			return self, nil
		})
}

// trustless: a small Linux without its ca-certificates package trusts nobody,
// which says nothing of a certificate. (Windows and macOS have a verifier of
// their own, and their pool is not empty.)
func trustless() bool {
	pool, err := x509.SystemCertPool()
	return err != nil || pool.Equal(x509.NewCertPool())
}
