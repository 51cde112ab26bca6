//go:build !windows

package collectors

import (
	"fmt"
	"net"
	"slices"

	"github.com/miekg/dns"

	"mailflow/diag"
	"mailflow/evidence"
)

// resolvConf is where Unix systems name their resolvers. macOS keeps it up to
// date for programs like this one, but may use others for single domains.
const resolvConf = "/etc/resolv.conf"

func systemServers(w diag.World) ([]evidence.Resolver, error) {
	f, err := w.Open(resolvConf)
	if err != nil {
		return nil, fmt.Errorf("%w: name a DNS server with --resolver", err)
	}
	defer f.Close()
	conf, err := dns.ClientConfigFromReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", resolvConf, err)
	}
	var all []evidence.Resolver
	for _, s := range conf.Servers {
		one := evidence.Resolver{Addr: net.JoinHostPort(s, conf.Port), From: resolvConf}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all, nil
}
