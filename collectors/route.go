package collectors

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"mailflow/diag"
	"mailflow/evidence"
)

// maxHosts bounds the next hops of one case.
const maxHosts = 100

// route asks what leads from the case to addresses: for a domain MX first and
// then the addresses of its hosts; for a server that the operator named its
// addresses only, because its MX does not matter for that hop.
func route() *diag.Collector {
	col := diag.NewCollector("route", "asks the DNS servers for MX, A and AAAA of the next hops", evidence.Route,
		[]diag.AnyKey{evidence.Servers}, append(bridgeKeys(), evidence.Recipients, evidence.NextHops, evidence.Bridgeheads),
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.Lookup, error) {
			recipients, _ := evidence.Recipients.Lookup(e)
			named, _ := evidence.NextHops.Lookup(e)
			bridges, _ := evidence.Bridgeheads.Lookup(e)
			if len(recipients)+len(named)+len(bridges) == 0 {
				return nil, fmt.Errorf("needs a recipient or a next hop: --input recipient=user@example.com or --input next-hop=hub01.contoso.com")
			}
			p := panel{w, evidence.Servers.In(e)}
			return follow(ctx, p, recipients, named, bridges), nil
		})
	col.Plan = routeWords
	return col
}

// routeWords says which look-ups matter, and why: the question that every
// customer asks.
func routeWords(e diag.Evidence) []string {
	var words []string
	named, _ := evidence.NextHops.Lookup(e)
	for _, h := range named {
		if _, err := netip.ParseAddr(h.Host); err == nil {
			words = append(words, h.Host+" is an address: nothing is looked up for it")
		} else {
			words = append(words, "asks for A and AAAA of "+h.Host+": mail is handed to this server by name, so its MX does not matter for this hop")
		}
	}
	words = append(words, bridgeWords(e, "asks for A and AAAA of")...)
	recipients, _ := evidence.Recipients.Lookup(e)
	if len(named) > 0 {
		return words
	}
	for _, domain := range domains(recipients) {
		words = append(words, "asks for MX of "+domain+", then for A and AAAA of each mail exchanger; without MX for A and AAAA of "+domain+" itself (RFC 5321 5.1)")
	}
	return words
}

func domains(recipients []evidence.Mailbox) []string {
	var all []string
	for _, r := range recipients {
		if !slices.Contains(all, r.Domain) {
			all = append(all, r.Domain)
		}
	}
	return all
}

// follow asks the two rounds. When the operator named next hops, mail goes to
// them and the recipient's MX does not come into it.
func follow(ctx context.Context, p panel, recipients []evidence.Mailbox, named []evidence.HostPort, bridges []evidence.Bridgehead) []evidence.Lookup {
	var all []evidence.Lookup
	if len(named) == 0 {
		var questions []question
		for _, d := range domains(recipients) {
			questions = append(questions, question{d, "MX"})
		}
		all = together(ctx, p, questions)
		if len(all) > 0 && all[0].Usable() {
			p = p.prefer(all[0].Server)
		}
	}
	var questions []question
	for _, host := range hostsOf(nextHops(recipients, named, bridges, all), bridges) {
		if _, err := netip.ParseAddr(host); err != nil {
			questions = append(questions, question{host, "A"}, question{host, "AAAA"})
		}
	}
	slices.SortFunc(questions, func(a, b question) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.typ, b.typ))
	})
	return append(all, together(ctx, p, slices.Compact(questions))...)
}

// hostsOf names the next hops, and the bridgeheads that send to them.
func hostsOf(hops []evidence.Hop, bridges []evidence.Bridgehead) []string {
	var all []string
	for _, h := range hops {
		all = append(all, h.Host)
	}
	for _, b := range bridges {
		all = append(all, b.Host)
	}
	return all
}

// together asks several questions at once.
func together(ctx context.Context, p panel, questions []question) []evidence.Lookup {
	answers := make([][]evidence.Lookup, len(questions))
	var wg sync.WaitGroup
	for i, q := range questions {
		wg.Go(func() { answers[i] = p.first(ctx, q) })
	}
	wg.Wait()
	return slices.Concat(answers...)
}

// hops works out the next hops and their addresses from the look-ups.
func hops() *diag.Collector {
	return diag.Derive("hops", evidence.Hops,
		[]diag.AnyKey{evidence.Route}, []diag.AnyKey{evidence.Recipients, evidence.NextHops, evidence.Bridgeheads},
		func(e diag.Evidence) ([]evidence.Hop, error) {
			recipients, _ := evidence.Recipients.Lookup(e)
			named, _ := evidence.NextHops.Lookup(e)
			bridges, _ := evidence.Bridgeheads.Lookup(e)
			lookups := evidence.Route.In(e)
			all := nextHops(recipients, named, bridges, lookups)
			for i := range all {
				all[i].Addrs = addresses(all[i].Host, lookups)
			}
			return all, nil
		})
}

// nextHops lists the servers that mail may be handed to, best first, without
// their addresses.
func nextHops(recipients []evidence.Mailbox, named []evidence.HostPort, bridges []evidence.Bridgehead, lookups []evidence.Lookup) []evidence.Hop {
	all := pointed(recipients, named, lookups)
	for _, b := range bridges {
		known := slices.ContainsFunc(all, func(h evidence.Hop) bool { return h.Host == b.Host && h.Port == 25 })
		if !b.Sends && !known {
			all = append(all, evidence.Hop{Target: b.Host, How: evidence.ByConnector, Host: b.Host, Port: 25, Via: b.Via})
		}
	}
	return all[:min(len(all), maxHosts)]
}

// pointed lists the next hops that the operator's answers lead to.
func pointed(recipients []evidence.Mailbox, named []evidence.HostPort, lookups []evidence.Lookup) []evidence.Hop {
	var all []evidence.Hop
	for _, h := range named {
		all = append(all, evidence.Hop{Target: h.Host, How: evidence.ByName, Host: h.Host, Port: h.Port})
	}
	if len(named) > 0 {
		return all
	}
	for _, d := range domains(recipients) {
		all = append(all, exchangers(d, lookups)...)
	}
	return all
}

// exchangers follows RFC 5321 5.1: the MX hosts by preference; without MX the
// domain itself; nothing where the domain does not exist, says that it takes
// no mail (RFC 7505), or could not be looked up.
func exchangers(domain string, lookups []evidence.Lookup) []evidence.Hop {
	l, ok := evidence.Best(lookups, domain, "MX")
	if !ok || l.Rcode != "NOERROR" || !l.Usable() {
		return nil
	}
	mx := l.Records("MX")
	if len(mx) == 0 {
		return []evidence.Hop{{Target: domain, How: evidence.ByFallback, Host: domain, Port: 25}}
	}
	slices.SortStableFunc(mx, func(a, b evidence.RR) int { return cmp.Compare(a.Pref, b.Pref) })
	var all []evidence.Hop
	for _, rr := range mx {
		if _, err := netip.ParseAddr(rr.Data); err == nil || rr.Data == "." {
			continue // no host name: the analyzers say so
		}
		host := strings.ToLower(rr.Data)
		if !slices.ContainsFunc(all, func(h evidence.Hop) bool { return h.Host == host }) {
			all = append(all, evidence.Hop{Target: domain, How: evidence.ByMX, Host: host, Port: 25, Pref: rr.Pref})
		}
	}
	return all
}

// addresses lists the addresses of a host: IPv6 first, as RFC 6724 has it for
// hosts that have both.
func addresses(host string, lookups []evidence.Lookup) []string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []string{addr.String()}
	}
	var all []string
	for _, typ := range []string{"AAAA", "A"} {
		l, _ := evidence.Best(lookups, host, typ)
		for _, rr := range l.Records(typ) {
			if !slices.Contains(all, rr.Data) {
				all = append(all, rr.Data)
			}
		}
	}
	return all
}
