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

// bridgeheads works out which servers the connectors hand mail to. They are
// tried only where this runs inside their network: from anywhere else their
// names do not resolve, or to something else, and that says nothing. It does so
// where a domain controller was named, or this is the sending server, unless the
// operator says no; anywhere else only if he says yes.
func bridgeheads() *diag.Collector {
	return diag.Derive("bridgeheads", evidence.Bridgeheads,
		[]diag.AnyKey{evidence.Organization}, []diag.AnyKey{evidence.Bridges, evidence.DirServer, evidence.Vantage, evidence.PathFrom, evidence.Identity},
		func(e diag.Evidence) ([]evidence.Bridgehead, error) {
			o := evidence.Organization.In(e)
			from, _ := evidence.PathFrom.Lookup(e)
			if self, _ := evidence.Identity.Lookup(e); from == "" && start(&o, self.Name) != nil {
				from = self.Name
			}
			all := bridgesOf(&o, from)
			if !inside(e) {
				return nil, fmt.Errorf("not tried, because this may not run inside their network (there say --input bridgeheads=yes): %s", hosts(all))
			}
			if len(all) == 0 {
				return nil, errors.New("no connector names a bridgehead whose full name is known")
			}
			return all[:min(len(all), 2*maxBridgeheads)], nil
		})
}

// inside says whether to try the bridgeheads.
func inside(e diag.Evidence) bool {
	if say, said := evidence.Bridges.Lookup(e); said {
		return say
	}
	vantage, _ := evidence.Vantage.Lookup(e)
	_, live := evidence.DirServer.Lookup(e)
	return live || vantage == "sender"
}

// bridgeWords says in a plan that bridgeheads are tried; "" where they are not.
func bridgeWords(e diag.Evidence, what string) []string {
	_, live := evidence.DirServer.Lookup(e)
	_, files := evidence.Paths.Lookup(e)
	if !inside(e) || !live && !files {
		return nil
	}
	return []string{what + fmt.Sprintf(" the bridgeheads that connectors in the evidence name (at most %d)", maxBridgeheads)}
}

// insideKeys are what inside and bridgeWords read.
func insideKeys() []diag.AnyKey {
	return []diag.AnyKey{evidence.Bridges, evidence.DirServer, evidence.Vantage, evidence.Paths}
}

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
