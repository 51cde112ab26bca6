package collectors

import (
	"context"
	"errors"

	"mailflow/diag"
	"mailflow/evidence"
)

// namedResolvers takes the DNS servers that the operator named.
func namedResolvers() *diag.Collector {
	return diag.Derive("resolvers named by the operator", evidence.Servers, []diag.AnyKey{evidence.Resolvers}, nil,
		func(e diag.Evidence) ([]evidence.Resolver, error) {
			var all []evidence.Resolver
			for _, addr := range evidence.Resolvers.In(e) {
				all = append(all, evidence.Resolver{Addr: addr, From: "operator"})
			}
			return all, nil
		})
}

// systemResolvers takes those that this machine is set to ask.
func systemResolvers() *diag.Collector {
	return diag.NewCollector("resolvers of this machine", "reads which DNS servers this machine is set to ask", evidence.Servers, nil, nil,
		func(_ context.Context, w diag.World, _ diag.Evidence) ([]evidence.Resolver, error) {
			all, err := systemServers(w)
			if err == nil && len(all) == 0 {
				err = errors.New("this machine is set to ask no DNS server: name one with --resolver")
			}
			return all, err
		})
}
