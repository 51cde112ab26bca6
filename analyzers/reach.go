package analyzers

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	tcpRefused = &diag.Cause{
		Code: "TCP-REFUSED", Title: "The connection is refused at every address", Severity: diag.Stopped,
		Text:   "every address of {subject} refuses TCP connections on port {port}: {addresses}[; {because}]",
		Ruled:  "{subject} accepts connections",
		About:  "A refusal (RST) says at once that nobody listens there, or that a filter answers in the host's stead. Mail waits in the sender's queue in state Retry.",
		Read:   "One TCP connection to every address of every next hop: each was refused. That it is not a filter on our own side which refuses port 25 is known only when this runs on the sending server, or another server was reached on that port from here.",
		Remedy: "Start the SMTP service or receive connector on the target, check that it listens on this address and port, and that no filter on the way refuses.",
		Refs:   []string{"RFC 5321 section 4.5.4.1", "RFC 9293 section 3.5.2"},
	}
	tcpTimeout = &diag.Cause{
		Code: "TCP-TIMEOUT", Title: "No address answers", Severity: diag.Stopped,
		Text:   "no address of {subject} accepts a connection on TCP port {port}: {addresses}[; {because}]",
		Ruled:  "{subject} answers",
		About:  "Packets vanish: the host is down, the address is wrong, or a filter drops them. Every attempt costs the sender its whole connect time-out (21 s on Windows, 30 s in Postfix), then its retry interval.",
		Read:   "One TCP connection to every address of every next hop; none was made within the limit. That it is not our own side which filters port 25 is known only when this runs on the sending server, or another server was reached on that port from here.",
		Remedy: "From the sending server, follow the route to the address (tracert, traceroute -T -p 25); look at the host itself and at the filters between the two.",
		Refs:   []string{"RFC 5321 section 4.5.4.1"},
		Tests:  []diag.Test{{Do: "From the server that sends, not from here: Test-NetConnection HOST -Port 25, or telnet HOST 25. If that connects, our own network is what is closed.", Takes: time.Minute}},
	}
	tcpUnreachable = &diag.Cause{
		Code: "TCP-UNREACHABLE", Title: "The network reports every address as unreachable", Severity: diag.Stopped,
		Text:   "the network reports every address of {subject} as unreachable: {addresses}[; {because}]",
		Ruled:  "{subject} can be reached",
		About:  "A router answers that the host or its network cannot be reached, or that the way is forbidden. Mail waits in the sender's queue in state Retry.",
		Read:   "One TCP connection to every address of every next hop: each ended with an ICMP error.",
		Remedy: "Look at the routes and filters between the sending server and the address; the router that answers knows why.",
		Refs:   []string{"RFC 792", "RFC 1812 section 5.2.7.1"},
	}
	addressDead = &diag.Cause{
		Code: "ADDRESS-DEAD", Title: "One of several addresses is dead", Severity: diag.Delayed,
		Text:   "{subject} {how}, while {works} works[: every sender that picks the dead address first loses its whole connect time-out (21 s on Windows, 30 s in Postfix; here {cost} were waited), or a whole retry interval][: {quick}][; {nolisting}][; {role}][; {because}]",
		Ruled:  "every address of {subject} answers",
		About:  "A host with several addresses (a second network card, an address left behind, an IPv6 address without a route) or a domain with several exchangers works whenever the sender happens to pick a good one. One that tries a single address at each attempt, as older servers do, keeps the mail for a whole retry interval whenever it picks the dead one. A test that stops at the first success never sees it.",
		Read:   "One TCP connection to every address, also after one worked: this one failed, another of the same host or domain was accepted.",
		Remedy: "Take the dead address out of DNS (A or AAAA record, dynamic registration of the second network card), or make the host listen there.",
		Refs:   []string{"RFC 5321 section 5.1", "RFC 5321 section 4.5.4.1"},
		Tests:  []diag.Test{{Do: "From the server that sends: mailflow probe HOST tries each address, with the time that each costs.", Takes: 2 * time.Minute}},
	}
)

// reach judges whether the next hops can be connected to.
func reach() *diag.Analyzer {
	return &diag.Analyzer{Name: "reach",
		Doc:    "Judges whether every address of every next hop accepts a connection.",
		Needs:  []diag.AnyKey{evidence.Hops, evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Vantage},
		Causes: []*diag.Cause{tcpRefused, tcpTimeout, tcpUnreachable, addressDead},
		Run: func(e diag.Evidence) []diag.Finding {
			hops, sessions := evidence.Hops.In(e), evidence.Sessions.In(e)
			var found []diag.Finding
			for _, h := range doors(hops) {
				d := destination(h, hops, sessions)
				found = append(found, d.findings(e, sessions)...)
			}
			return found
		}}
}

// An attempt is one address of a destination and how connecting to it went.
type attempt struct {
	hop     evidence.Hop
	session smtpprobe.Session
	connect smtpprobe.Step
	from    string
}

// A reached is one target with the attempts at all of its addresses.
type reached struct {
	target            string
	port              uint16
	good, dead, unset []attempt // unset: this machine could not try
	left              int       // addresses without a session: there are too many
}

// doors lists the targets, each with its port once: another port of the same
// name is another service, and no second address of the first.
func doors(hops []evidence.Hop) []evidence.Hop {
	var all []evidence.Hop
	for _, h := range hops {
		if !slices.ContainsFunc(all, func(o evidence.Hop) bool { return o.Target == h.Target && o.Port == h.Port }) {
			all = append(all, h)
		}
	}
	return all
}

func destination(door evidence.Hop, hops []evidence.Hop, sessions []smtpprobe.Session) reached {
	d := reached{target: door.Target, port: door.Port}
	if d.port != 25 {
		d.target += ":" + strconv.Itoa(int(d.port))
	}
	for _, h := range hops {
		if h.Target != door.Target || h.Port != door.Port {
			continue
		}
		for _, a := range h.Addrs {
			addr := net.JoinHostPort(a, strconv.Itoa(int(h.Port)))
			i := slices.IndexFunc(sessions, func(s smtpprobe.Session) bool { return s.Addr == addr })
			if i < 0 {
				d.left++
				continue
			}
			d.add(attempt{hop: h, session: sessions[i], from: ref("smtp.sessions", i)})
		}
	}
	return d
}

// add sorts an attempt. One that this machine could not even make, or that the
// operator ended, says nothing about the address.
func (d *reached) add(a attempt) {
	st, ok := a.session.Step(smtpprobe.Connect)
	a.connect = st
	switch {
	case !ok || st.Fault == smtpprobe.FaultCanceled:
	case st.Fault == smtpprobe.FaultLocal:
		d.unset = append(d.unset, a)
	case st.Ok():
		d.good = append(d.good, a)
	default:
		d.dead = append(d.dead, a)
	}
}

func (d reached) findings(e diag.Evidence, sessions []smtpprobe.Session) []diag.Finding {
	switch {
	case d.left > 0 && len(d.good) == 0:
		return []diag.Finding{d.unfinished()}
	case len(d.good)+len(d.dead)+len(d.unset) == 0:
		return nil
	case len(d.good)+len(d.dead) == 0:
		return []diag.Finding{d.untried(tcpTimeout, d.target, d.unset[0])}
	case len(d.good) == 0:
		return []diag.Finding{d.allDead(e, sessions)}
	}
	var found []diag.Finding
	for _, c := range []*diag.Cause{tcpRefused, tcpTimeout, tcpUnreachable} {
		found = append(found, diag.Finding{Code: c.Code, Verdict: diag.Excluded, Subject: d.target})
	}
	for _, a := range d.dead {
		found = append(found, d.oneDead(a, e, sessions))
	}
	for _, a := range d.unset {
		found = append(found, d.untried(addressDead, at(a.hop.Host, a.session.Addr), a))
	}
	if d.left > 0 {
		found = append(found, d.unfinished())
	} else if len(d.dead)+len(d.unset) == 0 {
		found = append(found, diag.Finding{Code: addressDead.Code, Verdict: diag.Excluded, Subject: d.target})
	}
	return found
}

// unfinished says so when there were more addresses than one run tries.
func (d reached) unfinished() diag.Finding {
	return diag.Finding{Code: addressDead.Code, Verdict: diag.Unknown, Subject: d.target, Args: []diag.Arg{
		diag.Text("because", strconv.Itoa(d.left)+" of its addresses were not tried: there are more than one run tries"),
		diag.Text("how", "name the server that matters: --input next-hop=NAME")}}
}

// untried says so when this machine could not make the attempt.
func (d reached) untried(c *diag.Cause, subject string, a attempt) diag.Finding {
	return diag.Finding{Code: c.Code, Verdict: diag.Unknown, Subject: subject, From: []string{a.from}, Args: []diag.Arg{
		diag.Text("because", "this machine could not try to connect ("+a.connect.Err+")"),
		diag.Text("how", "run this on the sending server, or where the network leads to "+subject)}}
}

// allDead is confirmed when all fail in one way, and it cannot be our own side
// that lets nothing out.
func (d reached) allDead(e diag.Evidence, sessions []smtpprobe.Session) diag.Finding {
	f := diag.Finding{Verdict: diag.Confirmed, Subject: d.target}
	kinds := map[string]int{}
	var addresses []string
	longest := d.dead[0].connect
	for _, a := range d.dead {
		kinds[a.connect.Fault]++
		addresses = append(addresses, at(a.hop.Host, a.session.Addr)+" "+failure(a.connect))
		f.From = append(f.From, a.from)
		if a.connect.Took() > longest.Took() {
			longest = a.connect
		}
	}
	c := tcpRefused
	switch {
	case kinds[smtpprobe.FaultTimeout] > 0:
		c = tcpTimeout
	case kinds[smtpprobe.FaultUnreachable] > 0:
		c = tcpUnreachable
	}
	f.Code, f.Wait = c.Code, span(longest)
	f.Args = []diag.Arg{diag.Number("port", d.port), diag.List("addresses", distinct(addresses))}
	switch {
	case !fromSender(e) && !anyReached(d.port, sessions): // some filters answer with a reset in the host's stead
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "it may also be our own side that lets no connection to port "+strconv.Itoa(int(d.port))+" out: run this on the sending server, and say --input vantage=sender"))
	case len(kinds) > 1:
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "they fail in different ways, so that there is more than one cause"))
	}
	return f
}

// anyReached says whether any server was reached on this port from here.
func anyReached(port uint16, sessions []smtpprobe.Session) bool {
	for _, s := range sessions {
		_, p, _ := net.SplitHostPort(s.Addr)
		if p == strconv.Itoa(int(port)) && s.Connected() {
			return true
		}
	}
	return false
}

func failure(st smtpprobe.Step) string {
	switch st.Fault {
	case smtpprobe.FaultRefused:
		return "refused the connection"
	case smtpprobe.FaultUnreachable:
		return "is unreachable, the network says"
	case smtpprobe.FaultTimeout:
		return "did not answer within " + diag.Seconds(round(st.Took()))
	}
	return "failed (" + st.Fault + ")"
}

func (d reached) oneDead(a attempt, e diag.Evidence, sessions []smtpprobe.Session) diag.Finding {
	works := d.good[0]
	f := diag.Finding{Code: addressDead.Code, Verdict: diag.Confirmed, Subject: at(a.hop.Host, a.session.Addr),
		Wait: span(a.connect), From: []string{a.from, works.from},
		Args: []diag.Arg{diag.Text("how", failure(a.connect)), diag.Text("works", at(works.hop.Host, works.session.Addr))}}
	if cost := round(a.connect.Took()); cost >= time.Second {
		f.Args = append(f.Args, diag.Duration("cost", cost))
	} else {
		f.Args = append(f.Args, diag.Text("quick", "that is known at once, but a sender that then tries no other address keeps the mail for a whole retry interval"))
	}
	if d.nolisting(a) {
		f.Args = append(f.Args, diag.Text("nolisting", "a first exchanger that is dead on purpose (nolisting) looks just like this, and delays every sender all the same"))
	}
	if a.private() && a.connect.Fault != smtpprobe.FaultRefused && !fromSender(e) {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "it is in a private network, to which this machine may have no way and the sender may: run this on the sending server, and say --input vantage=sender"))
		return f
	}
	if !overIPv6(a.session) {
		return f
	}
	f.Args = append(f.Args, diag.Text("role", "it is an IPv6 address, which senders with IPv6 try first"))
	if a.connect.Fault != smtpprobe.FaultRefused && !fromSender(e) && !slices.ContainsFunc(sessions, reachedOverIPv6) {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "it may also be IPv6 on our own side that does not work: run this on the sending server, and say --input vantage=sender"))
	}
	return f
}

// private says whether the address is one that only its own network leads to
// (RFC 1918, RFC 4193, link-local).
func (a attempt) private() bool {
	at, err := netip.ParseAddrPort(a.session.Addr)
	return err == nil && (at.Addr().IsPrivate() || at.Addr().IsLinkLocalUnicast())
}

func overIPv6(s smtpprobe.Session) bool { return strings.HasPrefix(s.Addr, "[") }

func reachedOverIPv6(s smtpprobe.Session) bool { return overIPv6(s) && s.Connected() }

// nolisting says whether the dead address is all of the most preferred MX.
func (d reached) nolisting(a attempt) bool {
	if a.hop.How != evidence.ByMX {
		return false
	}
	for _, g := range d.good {
		if g.hop.Pref <= a.hop.Pref {
			return false
		}
	}
	return true
}
