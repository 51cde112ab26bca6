package analyzers

import (
	"cmp"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// security judges logons and TLS handshakes that failed by the word of the log.
func (l *loggedHost) security() []diag.Finding {
	var found []diag.Finding
	for _, p := range l.peers {
		for _, x := range p.Events {
			switch {
			case x.Kind == evidence.EventTLS && (!l.own || p.Messages > 0 && 10*x.Count >= p.Sessions):
				found = append(found, l.noTLS(p, x))
			case x.Kind == evidence.EventAuth && p.Out && p.Exps && !passwordLogon.MatchString(x.Text):
				f := l.on(exchangeAuthCause, diag.Confirmed, diag.Text("how", "does not let the sending server log on: "+clip(valid(x.Text), 200)+" ("+logged(x.Count, x.First, x.Last)+"; "+x.Where.String()+")"))
				found = append(found, l.seldom(f, x.Count))
			}
		}
	}
	return found
}

// passwordLogon is a logon with a name and a password, as at a smart host: no matter
// of Exchange servers with each other.
var passwordLogon = regexp.MustCompile(`(?i)mechanism is (login|basic|plain)`)

// noTLS: in a server's own log the fault may as well be the client's.
func (l *loggedHost) noTLS(p evidence.LoggedPeer, x evidence.LoggedEvent) diag.Finding {
	f := l.on(tlsFails, diag.Confirmed, diag.Text("how", clip(valid(x.Text), 200)+" ("+logged(x.Count, x.First, x.Last)+"; "+x.Where.String()+")"))
	if p.Messages > 0 {
		f.Args = append(f.Args, diag.Text("clear", fmt.Sprintf("%d messages went over in other sessions", p.Messages)))
	}
	if l.own {
		f.Verdict = diag.Suspected
		return because(f, "with "+cmp.Or(p.Host, p.Addr)+", and the log does not say whose fault it is")
	}
	if p.Messages > 20*x.Count {
		f.Verdict = diag.Suspected
		return because(f, "seldom enough to be chance")
	}
	return l.seldom(f, x.Count)
}

// seldom takes back what was seen once, or once in hundreds.
func (l *loggedHost) seldom(f diag.Finding, n int) diag.Finding {
	if n < 2 || l.rare(n) {
		f.Verdict = diag.Suspected
		return because(f, fmt.Sprintf("%d in %d sessions", n, l.sessions))
	}
	return f
}

// A called is one destination with the addresses that it was tried at.
type called struct {
	name   string
	sure   bool // a connectivity log says which addresses it has
	seen   bool // its failures stand in an SMTP log, too
	calls  []evidence.LoggedCall
	from   []string
	server string
}

// calls judges connections that did not come about.
func calls(peers []evidence.LoggedPeer) []diag.Finding {
	var found []diag.Finding
	for _, d := range destinations(peers) {
		found = append(found, d.findings()...)
	}
	for i, p := range peers {
		for _, x := range p.Events {
			if x.Kind == evidence.EventDNS {
				found = append(found, nameless(p, x, fmt.Sprintf("%s.peers[%d]", evidence.SMTPLogs.Kind().Name, i))...)
			}
		}
	}
	return found
}

// destinations puts the calls of all logs together: by what a connectivity log
// says they were for, by the domain that a send log names with a failure, and
// else each address for itself.
func destinations(peers []evidence.LoggedPeer) []*called {
	var all []*called
	of := map[string]*called{}
	for i, p := range peers {
		if len(p.Calls) == 0 {
			continue
		}
		name := cmp.Or(p.Domain, p.Host, plainAddr(p.Addr))
		key := fmt.Sprint(name, " ", p.Source == evidence.LogConnect)
		d := of[key]
		if d == nil {
			d = &called{name: name}
			of[key] = d
			all = append(all, d)
		}
		d.sure = d.sure || p.Source == evidence.LogConnect
		d.server = cmp.Or(d.server, p.Name, p.Server)
		d.from = append(d.from, fmt.Sprintf("%s.peers[%d]", evidence.SMTPLogs.Kind().Name, i))
		for _, c := range p.Calls {
			if c.Host == "" && p.Source != evidence.LogConnect {
				c.Host = p.Host
			}
			d.calls = append(d.calls, c)
		}
	}
	for _, d := range all {
		d.learn(all)
	}
	return slices.DeleteFunc(all, func(d *called) bool { return !d.sure && overlaps(d, all) })
}

// learn takes over what a send log knows of the same address: that it failed, and
// how long a failure took.
func (d *called) learn(all []*called) {
	for _, o := range all {
		if !d.sure || o.sure {
			continue
		}
		for i := range d.calls {
			for _, c := range o.calls {
				d.seen = d.seen || plainAddr(c.Addr) == plainAddr(d.calls[i].Addr) && c.Failed() > 0
				if plainAddr(c.Addr) == plainAddr(d.calls[i].Addr) && d.calls[i].Longest < c.Longest {
					d.calls[i].Longest, d.calls[i].At = c.Longest, c.At
				}
			}
		}
	}
}

// overlaps says whether a connectivity log tells of the same addresses.
func overlaps(d *called, all []*called) bool {
	return slices.ContainsFunc(all, func(o *called) bool {
		return o.sure && slices.ContainsFunc(o.calls, func(c evidence.LoggedCall) bool {
			return slices.ContainsFunc(d.calls, func(x evidence.LoggedCall) bool { return plainAddr(x.Addr) == plainAddr(c.Addr) })
		})
	})
}

func plainAddr(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}

// findings: an address that never worked is dead where another did; one that
// works at times is neither.
func (d *called) findings() []diag.Finding {
	var dead, good []evidence.LoggedCall
	for _, c := range d.calls {
		switch {
		case c.Worked > 0:
			good = append(good, c)
		case c.Failed() > 0 && c.Addr != evidence.OtherHosts:
			dead = append(dead, c)
		}
	}
	var found []diag.Finding
	switch {
	case len(dead) == 0:
		return nil
	case len(good) == 0:
		return []diag.Finding{d.unreached(dead)}
	}
	for _, c := range dead {
		found = append(found, d.deadAddress(c, good[0]))
	}
	return found
}

// addressOf names an address of a destination as live findings do.
func (d *called) addressOf(c evidence.LoggedCall) string {
	addr := c.Addr
	if plainAddr(addr) == addr {
		addr = net.JoinHostPort(addr, "25")
	}
	return at(clip(cmp.Or(c.Host, d.name), 100), addr)
}

// aWhile is how long an address has to be dead: a restart takes less.
const aWhile = 15 * time.Minute

func (d *called) deadAddress(c, works evidence.LoggedCall) diag.Finding {
	f := diag.Finding{Code: addressDead.Code, Verdict: diag.Confirmed, Subject: d.addressOf(c), From: d.from, Args: []diag.Arg{
		diag.Text("how", failedHow(c)), diag.Text("works", d.addressOf(works))}}
	if cost := c.Longest.Duration(); cost >= time.Second {
		f.Args = append(f.Args, diag.Duration("cost", round(cost)))
		f.Wait = &diag.Span{From: c.At, To: c.At.Add(cost)}
	}
	if d.sure && !d.seen {
		return because(byMemory(f), c.Where.String())
	}
	if c.Failed() < 3 || c.Last.Sub(c.First) < aWhile {
		f.Verdict = diag.Suspected
		return because(f, "seldom enough, or within minutes, so that it may have been chance ("+c.Where.String()+")")
	}
	return because(f, c.Where.String())
}

// failedHow says how connecting failed, and how often.
func failedHow(c evidence.LoggedCall) string {
	how := "did not let the sending server connect"
	switch c.Failed() {
	case c.Refused:
		how = "refused the connection"
	case c.TimedOut:
		how = "did not answer"
	case c.Unreachable:
		how = "was unreachable, the network said"
	}
	return how + " (" + logged(c.Failed(), c.First, c.Last) + ", and never connected)"
}

// unreached is a destination of which no address was ever reached.
func (d *called) unreached(dead []evidence.LoggedCall) diag.Finding {
	var sum evidence.LoggedCall
	var addresses []string
	longest := dead[0]
	for _, c := range dead {
		sum.Refused, sum.TimedOut, sum.Unreachable, sum.Other = sum.Refused+c.Refused, sum.TimedOut+c.TimedOut, sum.Unreachable+c.Unreachable, sum.Other+c.Other
		addresses = append(addresses, d.addressOf(c)+" "+failedHow(c))
		if c.Longest > longest.Longest {
			longest = c
		}
	}
	c := tcpRefused
	switch {
	case sum.TimedOut > 0 || sum.Other > 0:
		c = tcpTimeout
	case sum.Unreachable > 0:
		c = tcpUnreachable
	}
	port := 25
	f := diag.Finding{Code: c.Code, Verdict: diag.Confirmed, Subject: clip(d.name, 100), From: d.from, Args: []diag.Arg{diag.Number("port", port), diag.List("addresses", distinct(addresses))}}
	if longest.Longest > 0 {
		f.Wait = &diag.Span{From: longest.At, To: longest.At.Add(longest.Longest.Duration())}
	}
	return d.certain(f, sum, longest)
}

// certain takes back what the log does not prove.
func (d *called) certain(f diag.Finding, sum, longest evidence.LoggedCall) diag.Finding {
	reasons := []string{"by the log of the server that sends (" + longest.Where.String() + ")"}
	most := max(sum.Refused, sum.TimedOut, sum.Unreachable)
	if d.sure && !d.seen {
		return because(byMemory(f), reasons...)
	}
	switch {
	case sum.Failed() < 3:
		reasons = append(reasons, fmt.Sprintf("%d attempts only", sum.Failed()))
	case most < sum.Failed():
		reasons = append(reasons, "attempts failed in different ways")
	case !d.sure:
		reasons = append(reasons, "the log does not say whether the host has other addresses, which may work: its connectivity log does")
	default:
		return because(f, reasons...)
	}
	f.Verdict = diag.Suspected
	return because(f, reasons...)
}

// byMemory is what only a connectivity log says: how it words a failure is known
// from memory.
func byMemory(f diag.Finding) diag.Finding {
	f.Verdict, f.Basis = diag.Suspected, "from memory"
	return f
}

// nameless is a next hop whose name was not found by the sending server. The
// words of the log are known from memory only.
func nameless(p evidence.LoggedPeer, x evidence.LoggedEvent, from string) []diag.Finding {
	if !strings.Contains(x.Text, "InfoDomainNonexistent") && !strings.Contains(x.Text, "InfoNoRecords") {
		return nil
	}
	f := diag.Finding{Code: noAddress.Code, Verdict: diag.Suspected, Subject: clip(p.Domain, 100), From: []string{from}, Basis: "from memory",
		Args: []diag.Arg{diag.Text("how", "was not found in DNS by the sending server: "+clip(valid(x.Text), 200))}}
	return []diag.Finding{because(f, logged(x.Count, x.First, x.Last)+"; "+x.Where.String())}
}
