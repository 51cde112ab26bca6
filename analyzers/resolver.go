package analyzers

import (
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	serverDown = &diag.Cause{
		Code: "DNS-SERVER-DOWN", Title: "A configured DNS server does not answer", Severity: diag.Delayed,
		Text:   "the DNS server {subject} gave no answer in {attempts} attempts ({waited})[; {other} answers]",
		Ruled:  "the DNS server {subject} answers",
		About:  "A server asks its DNS servers in order. A dead one costs every look-up its time-out, 5 s or more in most resolver libraries, before the next is asked; delivery of one message takes several look-ups.",
		Read:   "The same questions put to each configured resolver by itself over UDP and TCP, each repeated three times; a further question about the root, so that a slow zone is not taken for a dead server.",
		Remedy: "Take the dead server out of the list on the sending server (network adapter, resolv.conf, and the SMTP service's own list if it has one), or bring it back.",
		Refs:   []string{"resolv.conf(5)", "RFC 5321 section 4.5.4.1"},
	}
	udpFails = &diag.Cause{
		Code: "DNS-UDP-FAILS", Title: "A DNS server answers over TCP but not over UDP", Severity: diag.Degraded,
		Text:   "the DNS server {subject} answers over TCP but not over UDP ({fault}); look-ups wait for their time-out first",
		Ruled:  "the DNS server {subject} answers over UDP",
		About:  "Resolvers ask over UDP first and turn to TCP only for truncated answers; some never do. A filter that drops UDP port 53 makes look-ups slow or lets them fail.",
		Read:   "The same questions over both transports at each resolver.",
		Remedy: "Let UDP port 53 through between the sending server and this DNS server.",
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
		Text:   "{subject} takes {took} for {question}, also when asked again[, in {attempts} attempts]",
		Ruled:  "{subject} answers within {took}",
		About:  "Each delivery needs several look-ups, and an SMTP server often makes some more before it greets. Seconds for each add up, and past a sender's own limit they become a failed attempt.",
		Read:   "The time of each look-up, at the first and at a second question to the same server: over 1 s in both. The first alone says little, because nothing was in the cache yet.",
		Remedy: "Look at that DNS server's forwarders and its path to the zone's own servers; meanwhile ask a nearer one.",
		Refs:   []string{"RFC 1035 section 7.2"},
		Behind: []*diag.Cause{serverDown},
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
			survey := evidence.Survey.In(e)
			answering := answers(survey)
			var found []diag.Finding
			for _, s := range evidence.Servers.In(e) {
				d := desk{server: s.Addr, survey: survey, route: evidence.Route.In(e)}
				found = append(found, d.alive(answering)...)
				found = append(found, d.fast()...)
			}
			return found
		}}
}

// answers lists the servers that answered anything.
func answers(survey []evidence.Lookup) map[string]bool {
	all := map[string]bool{}
	for _, l := range survey {
		if l.Answered() {
			all[l.Server] = true
		}
	}
	return all
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

func (d desk) alive(answering map[string]bool) []diag.Finding {
	udp, udpOK := d.over("udp")
	tcp, tcpOK := d.over("tcp")
	name := server(d.server)
	if len(udp) == 0 || len(tcp) == 0 || ours(udp[0]) {
		return nil // not asked, or it is this machine that could not ask
	}
	switch {
	case !udpOK && !tcpOK:
		return []diag.Finding{down(name, udp, answering)}
	case !udpOK:
		return []diag.Finding{{Code: udpFails.Code, Verdict: diag.Confirmed, Subject: name, Args: []diag.Arg{diag.Text("fault", udp[0].Fault())},
			Wait: &diag.Span{From: udp[0].Began, To: udp[0].Began.Add(udp[0].Took())}}}
	case !tcpOK && !ours(tcp[0]):
		args := []diag.Arg{diag.Text("fault", tcp[0].Fault())}
		if cut := truncated(udp); cut != "" {
			args = append(args, diag.Text("truncated", cut))
		}
		return []diag.Finding{{Code: tcpFails.Code, Verdict: diag.Confirmed, Subject: name, Args: args}}
	}
	var found []diag.Finding
	for _, c := range []*diag.Cause{serverDown, udpFails, tcpFails} {
		found = append(found, diag.Finding{Code: c.Code, Verdict: diag.Excluded, Subject: name})
	}
	return found
}

// ours says whether it was this machine, or the operator, that ended it.
func ours(l evidence.Lookup) bool { return l.Fault() == "local" || l.Fault() == "canceled" }

func truncated(udp []evidence.Lookup) string {
	for _, l := range udp {
		if l.TC {
			return l.Type + " of " + l.Name
		}
	}
	return ""
}

// down is confirmed by answers at another server; where none answers, it may
// be the path from here.
func down(name string, udp []evidence.Lookup, answering map[string]bool) diag.Finding {
	first := udp[0]
	f := diag.Finding{Code: serverDown.Code, Verdict: diag.Suspected, Subject: name,
		Wait: &diag.Span{From: first.Began, To: first.Began.Add(first.Took())},
		Args: []diag.Arg{diag.Number("attempts", len(first.Attempts)), diag.Duration("waited", round(first.Took()))}}
	for other := range answering {
		f.Verdict = diag.Confirmed
		f.Args = append(f.Args, diag.Text("other", server(other)))
		break
	}
	return f
}

// fast judges the slowest question that was slow both times.
func (d desk) fast() []diag.Finding {
	udp, ok := d.over("udp")
	if !ok {
		return nil
	}
	var worst *evidence.Lookup
	longest := time.Duration(0)
	for i, l := range udp {
		if !l.Answered() {
			continue
		}
		longest = max(longest, l.Took())
		if l.Took() >= slowLookup && d.slowBefore(l) && (worst == nil || l.Took() > worst.Took()) {
			worst = &udp[i]
		}
	}
	if worst == nil {
		return []diag.Finding{{Code: dnsSlow.Code, Verdict: diag.Excluded, Subject: server(d.server), Args: []diag.Arg{diag.Duration("took", round(longest))}}}
	}
	args := []diag.Arg{diag.Duration("took", round(worst.Took())), diag.Text("question", worst.Type+" of "+worst.Name)}
	if n := len(worst.Attempts); n > 1 {
		args = append(args, diag.Number("attempts", n))
	}
	return []diag.Finding{{Code: dnsSlow.Code, Verdict: diag.Confirmed, Subject: server(d.server), Args: args,
		Wait: &diag.Span{From: worst.Began, To: worst.Began.Add(worst.Took())}}}
}

// slowBefore says whether the same server was slow with the same question the
// first time too.
func (d desk) slowBefore(l evidence.Lookup) bool {
	for _, r := range d.route {
		if r.Server == l.Server && r.Name == l.Name && r.Type == l.Type {
			return r.Took() >= slowLookup
		}
	}
	return false
}
