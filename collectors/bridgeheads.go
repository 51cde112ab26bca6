package collectors

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

// maxBridgeheads bounds how many bridgeheads one run tries: it is polite, and
// more than that answer no question about one mail.
const maxBridgeheads = 40

// bridgeheads works out which servers the connectors hand mail to. To try them
// takes the operator's word (bridgeheads=yes), or that a domain controller of
// theirs was asked: then only those that it named itself. An export may come from
// anybody, and must not send us anywhere; and from outside their network names
// lead nowhere, which says nothing.
func bridgeheads() *diag.Collector {
	return diag.Derive("bridgeheads", evidence.Bridgeheads,
		[]diag.AnyKey{evidence.Organization}, []diag.AnyKey{evidence.Bridges, evidence.OrgEntries, evidence.PathFrom, evidence.Identity},
		tried)
}

// tried lists the bridgeheads to try, or says why there are none.
func tried(e diag.Evidence) ([]evidence.Bridgehead, error) {
	o := evidence.Organization.In(e)
	say, said := evidence.Bridges.Lookup(e)
	if d, _ := evidence.OrgEntries.Lookup(e); !said && asLive(d) {
		o, say = evidence.NewOrg(d, evidence.Cmdlets{}), true // what cmdlets say came in files
	}
	all := bridgesOf(&o, origin(e, &o))
	switch {
	case !say:
		return nil, fmt.Errorf("not tried; inside their network say --input bridgeheads=yes: %s", hosts(all))
	case len(all) == 0:
		return nil, errors.New("no connector names a bridgehead whose full name is known")
	}
	return all, nil
}

// asLive says whether a directory was asked, and not an export read.
func asLive(d evidence.Directory) bool {
	return len(d.Exports) > 0 && !slices.ContainsFunc(d.Exports, func(x evidence.Export) bool { return x.Format != formatLDAP })
}

// origin is the server that mail starts from: the one named, or this machine if
// the organization knows it.
func origin(e diag.Evidence, o *evidence.Org) string {
	from, _ := evidence.PathFrom.Lookup(e)
	if self, _ := evidence.Identity.Lookup(e); from == "" && start(o, self.Name) != nil {
		from = self.Name
	}
	return from
}

// bridgeWords says in a plan that bridgeheads are tried; nil where they are not.
func bridgeWords(e diag.Evidence, what string) []string {
	say, said := evidence.Bridges.Lookup(e)
	_, live := evidence.DirServer.Lookup(e)
	whose := "evidence"
	if !said && live {
		say, whose = true, "directory"
	}
	if !say {
		return nil
	}
	return []string{fmt.Sprintf("%s the bridgeheads that connectors in the %s name (at most %d)", what, whose, maxBridgeheads)}
}

// bridgeKeys are what bridgeWords reads.
func bridgeKeys() []diag.AnyKey { return []diag.AnyKey{evidence.Bridges, evidence.DirServer} }

func hosts(all []evidence.Bridgehead) string {
	var names []string
	for _, b := range all {
		if !b.Sends {
			names = append(names, b.Host)
		}
	}
	if more := len(names) - 5; more > 0 {
		names = append(names[:5], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// bridgesOf lists what the connectors name: the takers, and behind each connector's
// its senders, whose addresses tell which receive connector fits. With a server
// to start from, as this machine may be one, only the connectors that lead out of its routing group.
func bridgesOf(o *evidence.Org, from string) []evidence.Bridgehead {
	ix := o.Index()
	group := ""
	if s := start(o, from); s != nil {
		group = s.RoutingGroup
	}
	var all []evidence.Bridgehead
	takers := 0
	for _, c := range o.Connectors {
		if group != "" && !ix.Same(c.RoutingGroup, group) || len(c.Targets) == 0 {
			continue
		}
		for _, dn := range c.Targets {
			if host := fqdn(ix, dn); host != "" && takers < maxBridgeheads {
				before := len(all)
				all = add(all, host, c.Name, false)
				takers += len(all) - before
			}
		}
		for _, dn := range c.Sources {
			if host := fqdn(ix, dn); host != "" && len(all) < 2*maxBridgeheads {
				all = add(all, host, c.Name, true)
			}
		}
	}
	return all
}

// start finds the server that a message starts from, by its name.
func start(o *evidence.Org, name string) *evidence.Server {
	for i, s := range o.Servers {
		if name != "" && (strings.EqualFold(s.Name, name) || strings.EqualFold(s.FQDN, name)) {
			return &o.Servers[i]
		}
	}
	return nil
}

func add(all []evidence.Bridgehead, host, connector string, sends bool) []evidence.Bridgehead {
	i := slices.IndexFunc(all, func(b evidence.Bridgehead) bool { return b.Host == host && b.Sends == sends })
	if i < 0 {
		return append(all, evidence.Bridgehead{Host: host, Sends: sends, Via: []string{connector}})
	}
	if via := all[i].Via; !slices.Contains(via, connector) && len(via) < maxBridgeheads {
		all[i].Via = append(via, connector)
	}
	return all
}

// fqdn is the name that a bridgehead is looked up by: what its virtual server
// calls itself, else its computer's name; "" where the evidence has no full one.
// A name that is none would become a look-up of something else.
func fqdn(ix *evidence.Index, dn string) string {
	name := ""
	if v := ix.Virtual(dn); v != nil {
		name = v.FQDN
	}
	if s := ix.Server(dn); name == "" && s != nil {
		name = s.FQDN
	}
	host, err := hostName(name)
	if err != nil || !strings.Contains(host, ".") {
		return ""
	}
	return host
}
