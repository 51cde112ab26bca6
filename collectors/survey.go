package collectors

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// surveyed bounds the names that every resolver is asked for again.
const surveyed = 12

// survey asks each resolver by itself, over UDP and over TCP, what the route
// already asked. It runs beside the SMTP sessions and holds nothing up.
func survey() *diag.Collector {
	return diag.NewCollector("survey", "asks each DNS server the same questions over UDP and over TCP", evidence.Survey,
		[]diag.AnyKey{evidence.Servers, evidence.Route}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.Lookup, error) {
			questions := asked(evidence.Route.In(e))
			servers := evidence.Servers.In(e)
			answers := make([][]evidence.Lookup, 2*len(servers))
			var wg sync.WaitGroup
			for i, s := range servers {
				wg.Go(func() { answers[2*i] = interview(ctx, w, s.Addr, "udp", questions) })
				wg.Go(func() { answers[2*i+1] = interview(ctx, w, s.Addr, "tcp", questions) })
			}
			wg.Wait()
			return slices.Concat(answers...), nil
		})
}

// asked lists the questions of the route, each once.
func asked(lookups []evidence.Lookup) []question {
	var all []question
	for _, l := range lookups {
		q := question{l.Name, l.Type}
		if !slices.Contains(all, q) && len(all) < 2*surveyed {
			all = append(all, q)
		}
	}
	return all
}

// root is a question that every resolver can answer. It is asked only where
// another came to nothing: then it tells a dead server from a dead zone.
var root = question{".", "NS"}

// interview asks one server over one transport: the first question alone, and
// the rest at once if it answers at all.
func interview(ctx context.Context, w diag.World, server, transport string, questions []question) []evidence.Lookup {
	if len(questions) == 0 {
		return nil
	}
	all := opening(ctx, w, questions[0], server, transport)
	if control := all[len(all)-1]; control.Name == root.name && !control.Answered() {
		return all
	}
	rest := make([][]evidence.Lookup, len(questions)-1)
	var wg sync.WaitGroup
	for i, q := range questions[1:] {
		wg.Go(func() { rest[i] = twice(ctx, w, q, server, transport) })
	}
	wg.Wait()
	return append(all, slices.Concat(rest...)...)
}

// opening asks the first question, and the control question behind it if that
// came to nothing: beside it once the answer is late, so that a dead server
// costs little more than one time-out.
func opening(ctx context.Context, w diag.World, q question, server, transport string) []evidence.Lookup {
	control := make(chan evidence.Lookup, 1)
	begin := make(chan struct{}) // closed when the first question has come to nothing
	beside, needless := context.WithCancel(ctx)
	defer needless()
	go func() {
		select {
		case <-begin:
		case <-time.After(headStart):
		case <-beside.Done():
			control <- evidence.Lookup{}
			return
		}
		control <- ask(beside, w, root, server, transport)
	}()
	all := twice(ctx, w, q, server, transport)
	if all[0].Usable() {
		needless()
		<-control
		return all
	}
	close(begin)
	return append(all, <-control)
}

// twice asks, and asks again over UDP what took long: the first time the server
// may have had to find the answer, the second time it has it in its cache.
func twice(ctx context.Context, w diag.World, q question, server, transport string) []evidence.Lookup {
	l := ask(ctx, w, q, server, transport)
	if transport == "udp" && l.Usable() && l.Took() >= time.Second {
		return []evidence.Lookup{l, ask(ctx, w, q, server, transport)}
	}
	return []evidence.Lookup{l}
}

// reverse looks up the name of each address and whether that name leads back.
// It tells about the next hop's tidiness only; it runs beside the sessions.
func reverse() *diag.Collector {
	return diag.NewCollector("reverse", "asks the DNS servers for PTR of each address, and for the addresses of those names", evidence.Reverse,
		[]diag.AnyKey{evidence.Servers, evidence.Hops}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.Lookup, error) {
			var addrs []string
			for _, h := range evidence.Hops.In(e) {
				addrs = append(addrs, h.Addrs...)
			}
			return backAndForth(ctx, panel{w, evidence.Servers.In(e)}, addrs), nil
		})
}

// ourName looks up the name of the address that we connect from, when a server
// was slow to greet: it may have been waiting for just that.
func ourName() *diag.Collector {
	return diag.NewCollector("our name", "asks the DNS servers for PTR of the address that we connect from, when a greeting was slow", evidence.OurName,
		[]diag.AnyKey{evidence.Servers, evidence.Sessions}, nil,
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]evidence.Lookup, error) {
			var ours []string
			for _, s := range evidence.Sessions.In(e) {
				at, err := netip.ParseAddrPort(s.Local)
				if err == nil && slowGreeting(s) && !at.Addr().IsLoopback() {
					ours = append(ours, at.Addr().Unmap().String())
				}
			}
			var questions []question
			for _, a := range unique(ours) {
				questions = append(questions, pointer(a))
			}
			return together(ctx, panel{w, evidence.Servers.In(e)}, questions), nil
		})
}

func unique(all []string) []string {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}

func pointer(addr string) question { return question{evidence.PointerName(addr), "PTR"} }

func backAndForth(ctx context.Context, p panel, addrs []string) []evidence.Lookup {
	addrs = unique(addrs)
	var questions []question
	for _, a := range addrs[:min(len(addrs), 4*surveyed)] {
		questions = append(questions, pointer(a))
	}
	back := together(ctx, p, questions)
	var forth []question
	for _, l := range back {
		for _, rr := range l.Records("PTR") {
			for _, q := range []question{{rr.Data, "A"}, {rr.Data, "AAAA"}} {
				if !slices.Contains(forth, q) && len(forth) < 8*surveyed {
					forth = append(forth, q)
				}
			}
		}
	}
	return append(back, together(ctx, p, forth)...)
}
