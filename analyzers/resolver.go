package analyzers

import (
	"slices"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	serverDown = &diag.Cause{
		Code: "DNS-SERVER-DOWN", Title: "A configured DNS server does not answer", Severity: diag.Delayed,
		Text:   "the DNS server {subject} gave no answer in {attempts} attempts ({fault}, {waited} in all)[; {other} answers][; {because}]",
		Ruled:  "the DNS server {subject} answers",
		About:  "A server asks its DNS servers in order. A dead one costs every look-up its time-out, 5 s or more in most resolver libraries, before the next is asked; delivery of one message takes several look-ups.",
		Read:   "The same questions put to each configured resolver by itself over UDP and TCP, each repeated three times; a further question about the root, so that a slow zone is not taken for a dead server.",
		Remedy: "Take the dead server out of the list on the sending server (network adapter, resolv.conf, and the SMTP service's own list if it has one), or bring it back.",
		Refs:   []string{"resolv.conf(5)", "RFC 5321 section 4.5.4.1"},
	}
	udpFails = &diag.Cause{
		Code: "DNS-UDP-FAILS", Title: "A DNS server answers over TCP but not over UDP", Severity: diag.Degraded,
		Text:   "the DNS server {subject} answers[ {question}] over TCP but not over UDP ({fault}); look-ups wait for their time-out first[; {short}]",
		Ruled:  "the DNS server {subject} answers over UDP",
		About:  "Resolvers ask over UDP first and turn to TCP only for truncated answers; some never do. A filter that drops UDP port 53 makes look-ups slow or lets them fail.",
		Read:   "The same questions over both transports at each resolver: all of them got no answer over UDP and one over TCP, or a single one whose answer is large.",
		Remedy: "Let UDP port 53 through between the sending server and this DNS server; where only large answers get lost, fragments of them too.",
		Refs:   []string{"RFC 7766 section 5"},
	}
	tcpFails = &diag.Cause{
		Code: "DNS-TCP-FAILS", Title: "A DNS server answers over UDP but not over TCP", Severity: diag.Degraded,
		Text:   "the DNS server {subject} answers over UDP but not over TCP ({fault}); answers that do not fit a UDP packet fail[; that is so for {truncated}]",
		Ruled:  "the DNS server {subject} answers over TCP",
		About:  "An answer that does not fit into a UDP packet is asked for again over TCP. Where TCP port 53 is blocked, domains with many MX records cannot be looked up, and mail for just those waits.",
		Read:   "The same questions over both transports at each resolver, and which UDP answers were truncated.",
		Remedy: "Let TCP port 53 through between the sending server and this DNS server.",
		Refs:   []string{"RFC 7766 section 5", "RFC 5966"},
	}
	dnsSlow = &diag.Cause{
		Code: "DNS-SLOW", Title: "Look-ups are slow", Severity: diag.Degraded,
		Text:   "the DNS server {subject} takes {took} for {question}, also when asked again[; {edns}]",
		Ruled:  "the DNS server {subject} answers within {took}, at the latest when asked again",
		About:  "Each delivery needs several look-ups, and an SMTP server often makes some more before it greets. Seconds for each add up, and past a sender's own limit they become a failed attempt.",
		Read:   "The time of each look-up, at the first and at a second question to the same server: over 1 s in both. The first alone says little, because nothing was in the cache yet.",
		Remedy: "Look at that DNS server's forwarders and its path to the zone's own servers; meanwhile ask a nearer one.",
		Refs:   []string{"RFC 1035 section 7.2"},
		Tests:  []diag.Test{{Do: "Ask the same name once more at each resolver: mailflow probe shows the time of each; a second answer at once means that only the first had to be fetched.", Takes: time.Minute}},
		Behind: []*diag.Cause{serverDown, tcpFails},
	}
)

// slowLookup is when a look-up counts as slow.
const slowLookup = time.Second

// resolver judges the DNS servers themselves.
func resolver() *diag.Analyzer {
	return &diag.Analyzer{Name: "resolver",
		Doc:    "Judges each configured DNS server by itself: whether it answers, over which transport and how fast.",
		Needs:  []diag.AnyKey{evidence.Survey, evidence.Route, evidence.Servers},
		Causes: []*diag.Cause{serverDown, udpFails, tcpFails, dnsSlow},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, s := range evidence.Servers.In(e) {
				d := desk{server: s.Addr, survey: evidence.Survey.In(e), route: evidence.Route.In(e)}
				found = append(found, d.alive()...)
				found = append(found, d.fast()...)
			}
			return found
		}}
}

// A desk is one DNS server, as the survey saw it.
type desk struct {
	server        string
	survey, route []evidence.Lookup
}

func (d desk) over(transport string) (all []evidence.Lookup, answered bool) {
	for _, l := range d.survey {
		if l.Server == d.server && l.Transport == transport {
			all = append(all, l)
			answered = answered || l.Answered()
		}
	}
	return all, answered
}

func (d desk) alive() []diag.Finding {
	udp, udpOK := d.over("udp")
	tcp, tcpOK := d.over("tcp")
	switch {
	case len(udp) == 0 || len(tcp) == 0:
		return nil // not asked
	case ours(udp[0]) || ours(tcp[0]):
		return d.unasked(udp[0], tcp[0])
	case !udpOK && !tcpOK:
		return []diag.Finding{d.down(udp[0])}
	case !udpOK:
		return []diag.Finding{d.noUDP(udp[0])}
	case !tcpOK:
		return []diag.Finding{d.noTCP(udp, tcp[0])}
	}
	found := []diag.Finding{{Code: serverDown.Code, Subject: server(d.server)}, {Code: tcpFails.Code, Subject: server(d.server)}}
	if l, ok := lost(udp, tcp); ok {
		f := d.noUDP(l)
		f.Args = append(f.Args, diag.Text("question", l.Type+" of "+l.Name), diag.Text("short", "other answers arrive: it is large ones that get lost"))
		return append(found, f)
	}
	return append(found, diag.Finding{Code: udpFails.Code, Subject: server(d.server)})
}

// ours says whether it was this machine, or the operator, that ended it.
func ours(l evidence.Lookup) bool { return l.Fault() == "local" || l.Fault() == "canceled" }

// unasked says so where this machine could not ask.
func (d desk) unasked(all ...evidence.Lookup) []diag.Finding {
	for _, l := range all {
		if l.Fault() == "local" {
			return []diag.Finding{{Code: serverDown.Code, Verdict: diag.Unknown, Subject: server(d.server), Args: []diag.Arg{
				diag.Text("because", "this machine could not ask it ("+l.Attempts[len(l.Attempts)-1].Err+")"),
				diag.Text("how", "run this on the sending server")}}}
		}
	}
	return nil
}

// blocks says whether mail has nowhere to go because a look-up came to nothing
// here, and at no other server to more.
func (d desk) blocks(failed func(evidence.Lookup) bool) diag.Severity {
	for _, l := range d.route {
		best, _ := evidence.Best(d.route, l.Name, l.Type)
		if l.Server == d.server && l.Type != "AAAA" && failed(l) && !best.Usable() {
			return diag.Stopped
		}
	}
	return diag.Unset
}

func unanswered(l evidence.Lookup) bool { return !l.Answered() }

// down is confirmed by answers at another server; where none answers, it may
// be the path from here. A port that is refused costs no time.
func (d desk) down(first evidence.Lookup) diag.Finding {
	f := diag.Finding{Code: serverDown.Code, Verdict: diag.Suspected, Subject: server(d.server), Wait: period(first), Severity: d.blocks(unanswered),
		Args: []diag.Arg{diag.Number("attempts", len(first.Attempts)), diag.Text("fault", fault(first)), diag.Duration("waited", round(first.Took()))}}
	if first.Took() < slowLookup && f.Severity == diag.Unset {
		f.Severity = diag.Degraded
	}
	for _, l := range d.survey {
		if l.Answered() {
			f.Verdict = diag.Confirmed
			f.Args = append(f.Args, diag.Text("other", server(l.Server)))
			return f
		}
	}
	f.Args = append(f.Args, diag.Text("because", "no other DNS server answers either, so that it may be the path from here"))
	return f
}

func (d desk) noUDP(l evidence.Lookup) diag.Finding {
	return diag.Finding{Code: udpFails.Code, Verdict: diag.Confirmed, Subject: server(d.server), Wait: period(l), Severity: d.blocks(unanswered),
		Args: []diag.Arg{diag.Text("fault", fault(l))}}
}

func (d desk) noTCP(udp []evidence.Lookup, l evidence.Lookup) diag.Finding {
	f := diag.Finding{Code: tcpFails.Code, Verdict: diag.Confirmed, Subject: server(d.server), Severity: d.blocks(evidence.Lookup.Cut),
		Args: []diag.Arg{diag.Text("fault", fault(l))}}
	for _, l := range udp {
		if l.TC {
			f.Args = append(f.Args, diag.Text("truncated", l.Type+" of "+l.Name))
			break
		}
	}
	return f
}

// fault is why a look-up got no answer, in words.
func fault(l evidence.Lookup) string {
	what := l.Fault()
	if what == "" && len(l.Attempts) > 0 {
		what = l.Attempts[0].Fault
	}
	switch what {
	case "timeout":
		return "no packet came back"
	case "refused":
		return "the port is refused"
	case "unreachable":
		return "the network says that it is unreachable"
	case "closed":
		return "the connection was closed"
	}
	return what
}

// firstReply is the first attempt over UDP that was answered.
func firstReply(l evidence.Lookup) (evidence.Attempt, bool) {
	for _, a := range l.Attempts {
		if a.Fault == "" && a.Transport == "udp" {
			return a, true
		}
	}
	return evidence.Attempt{}, false
}

func period(l evidence.Lookup) *diag.Span {
	return &diag.Span{From: l.Began, To: l.Began.Add(l.Took())}
}

// lost finds a question whose answer gets lost over UDP, and over TCP comes at
// once: nothing came, or only a cut answer when asked without EDNS, where other
// questions with EDNS are answered.
func lost(udp, tcp []evidence.Lookup) (evidence.Lookup, bool) {
	edns := slices.ContainsFunc(udp, func(l evidence.Lookup) bool { at, ok := firstReply(l); return ok && !at.Plain })
	for _, u := range udp {
		at, ok := firstReply(u)
		if u.Fault() != "timeout" && !(edns && ok && at.Plain && u.TC && u.Attempts[0].Fault == "timeout") {
			continue
		}
		for _, t := range tcp {
			if t.Name == u.Name && t.Type == u.Type && t.Usable() && t.Took() < slowLookup {
				return u, true
			}
		}
	}
	return evidence.Lookup{}, false
}

// fast judges the question that was slowest in the better of its times.
func (d desk) fast() []diag.Finding {
	var worst *evidence.Lookup
	asked := d.best()
	for i, l := range asked {
		if worst == nil || l.Took() > worst.Took() {
			worst = &asked[i]
		}
	}
	if worst == nil {
		return nil
	}
	f := diag.Finding{Code: dnsSlow.Code, Subject: server(d.server), Args: []diag.Arg{diag.Duration("took", round(worst.Took()))}}
	if worst.Took() < slowLookup {
		return []diag.Finding{f}
	}
	f.Verdict, f.Wait = diag.Confirmed, period(*worst)
	f.Args = append(f.Args, diag.Text("question", worst.Type+" of "+worst.Name))
	if reply, ok := firstReply(*worst); ok && reply.Plain && time.Duration(reply.TookNS) < slowLookup {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("edns", "it answered at once when asked without EDNS, and senders that ask so do not wait"))
	}
	return []diag.Finding{f}
}

// best lists the usable look-ups over UDP, of each question the fastest. The
// survey asks twice what took long, so that none is a first time only.
func (d desk) best() []evidence.Lookup {
	var all []evidence.Lookup
	udp, _ := d.over("udp")
	tcp, _ := d.over("tcp")
	large, gone := lost(udp, tcp) // has a cause of its own
	for _, l := range udp {
		i := slices.IndexFunc(all, func(b evidence.Lookup) bool { return b.Name == l.Name && b.Type == l.Type })
		switch {
		case !l.Usable() || gone && l.Name == large.Name && l.Type == large.Type:
		case i < 0:
			all = append(all, l)
		case l.Took() < all[i].Took():
			all[i] = l
		}
	}
	return all
}
