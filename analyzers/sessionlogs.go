package analyzers

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// loggedSessions judges the sessions of protocol and connectivity logs, by the
// causes that live sessions have. What a server answered stands in the log of the
// server that got the answer, or of that which gave it: it is a fact either way.
// Whether that answer meets the operator's message is not known; so one of its
// kind among thousands is no finding.
func loggedSessions() *diag.Analyzer {
	return &diag.Analyzer{Name: "logged-sessions",
		Doc: "Judges the SMTP sessions that protocol and connectivity logs show: what was refused, what was slow, who kept whom waiting, and which address was never reached.\n\n" +
			"A session that was opened and never used is no fault: load balancers and monitoring do so all the time; where a log has no others, that is said. Where a message was on its way in a silence, the log does not show which side waited for the other. " +
			"The log of the SMTP service of Windows (Exchange 2000/2003) has no names for sessions: its rows are put together by address and order, an inference.",
		Needs: []diag.AnyKey{evidence.SMTPLogs},
		Uses:  []diag.AnyKey{evidence.Recipients},
		Causes: []*diag.Cause{delayedAckCause, smtpTarpit, smtpSlow, greylisted, postscreenCause, smtpDeferred, pressureCause, limitCause, smtpRefused, sessionCut, pathMTUCause,
			exchangeAuthCause, tlsFails, recipientRefused, relayDenied, senderRefused, messageRefused, sizeLimit, tcpRefused, tcpTimeout, tcpUnreachable, addressDead, noAddress},
		Run: func(e diag.Evidence) []diag.Finding {
			logs := evidence.SMTPLogs.In(e)
			var found []diag.Finding
			for _, l := range loggedHosts(logs.Peers) {
				found = append(found, l.refusals(e)...)
				found = append(found, l.delayedAck()...)
				found = append(found, l.pauses()...)
				found = append(found, l.cuts()...)
				found = append(found, l.security()...)
			}
			found = append(append(found, calls(logs.Peers)...), unusedSessions(logs.Peers)...)
			return sift(onceEach(found), "hosts")
		}}
}

// onceEach keeps one finding of a cause for a host: the logs of both sides of a hop
// say the same. The stronger stays, with the evidence of both.
func onceEach(found []diag.Finding) []diag.Finding {
	type about struct{ code, subject string }
	at := map[about]int{}
	var kept []diag.Finding
	for _, f := range found {
		key := about{f.Code, f.Subject}
		i, known := at[key]
		if !known {
			at[key] = len(kept)
			kept = append(kept, f)
			continue
		}
		first := kept[i]
		if f.Verdict > first.Verdict || f.Verdict == first.Verdict && waitOf(f) > waitOf(first) {
			kept[i], f = f, first
		}
		kept[i].From = distinct(append(slices.Clone(kept[i].From), f.From...))
	}
	return kept
}

func waitOf(f diag.Finding) time.Duration {
	if f.Wait == nil {
		return 0
	}
	return f.Wait.Length()
}

// A loggedHost is all that logs say of one server that was called: in its own
// log, or in those of the servers that called it.
type loggedHost struct {
	subject  string
	own      bool // its own log says so
	peers    []evidence.LoggedPeer
	from     []string
	sessions int
	messages int
}

// loggedHosts lists the servers that were called.
func loggedHosts(peers []evidence.LoggedPeer) []*loggedHost {
	var all []*loggedHost
	for i, p := range peers {
		subject := calledHost(p)
		if subject == "" || p.Source == evidence.LogConnect {
			continue
		}
		at := slices.IndexFunc(all, func(l *loggedHost) bool { return l.subject == subject && l.own == !p.Out })
		if at < 0 {
			at = len(all)
			all = append(all, &loggedHost{subject: subject, own: !p.Out})
		}
		l := all[at]
		l.peers = append(l.peers, p)
		l.sessions, l.messages = l.sessions+p.Sessions, l.messages+p.Messages
		if len(l.from) < mostNames {
			l.from = append(l.from, fmt.Sprintf("%s.peers[%d]", evidence.SMTPLogs.Kind().Name, i))
		}
	}
	return all
}

// calledHost names the server that was called, as findings about live sessions
// do; "" where the log has no name and no address of it.
func calledHost(p evidence.LoggedPeer) string {
	name, addr := p.Host, p.Addr
	if !p.Out {
		name, addr = p.Name, p.Local
	}
	if addr == evidence.OtherHosts && p.Out {
		return ""
	}
	plain, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		plain, addr = addr, net.JoinHostPort(addr, "25")
	}
	switch {
	case plain == "":
		return clip(name, 100)
	case name == "":
		name = plain
	}
	return at(clip(name, 100), addr)
}

func (l *loggedHost) on(c *diag.Cause, v diag.Verdict, args ...diag.Arg) diag.Finding {
	return diag.Finding{Code: c.Code, Verdict: v, Subject: l.subject, Args: args, From: l.from}
}

// rare says whether something was seen so seldom that it says nothing of the
// others.
func (l *loggedHost) rare(n int) bool { return rarely(n, l.sessions) }

// rarely: less than three in less than a hundred as for late messages of a hop,
// and less than one in a thousand however often.
func rarely(n, of int) bool { return n < 3 && 100*n < of || 1000*n < of }

// inferred says whether the sessions were told apart by inference.
func (l *loggedHost) inferred() bool {
	return slices.ContainsFunc(l.peers, func(p evidence.LoggedPeer) bool { return p.Source == evidence.LogService })
}

// callers lists who called, those with most sessions first.
func (l *loggedHost) callers() string {
	if !l.own {
		var servers []string
		for _, p := range l.peers {
			servers = append(servers, cmp.Or(p.Name, p.Server, "the server that logs"))
		}
		return join(servers)
	}
	peers := slices.Clone(l.peers)
	slices.SortStableFunc(peers, func(a, b evidence.LoggedPeer) int { return cmp.Compare(b.Sessions, a.Sessions) })
	var hosts []string
	for _, p := range peers {
		hosts = append(hosts, cmp.Or(p.Host, p.Addr))
	}
	return join(hosts)
}

// A loggedRefusal is one kind of refusal, with what it is about.
type loggedRefusal struct {
	evidence.LoggedReply
	about meaning
	step  smtpprobe.Step
	peer  evidence.LoggedPeer
}

// stepOf makes a step of a logged reply, so that one reader reads both.
func stepOf(r evidence.LoggedReply) smtpprobe.Step {
	name := r.Verb
	switch r.Verb {
	case evidence.LoggedGreeting:
		name = smtpprobe.Greeting
	case evidence.LoggedBody, evidence.LoggedBDAT, evidence.LoggedBDATLast:
		name = smtpprobe.Body
	}
	return smtpprobe.Step{Name: name, Code: r.Code, Reply: []smtpprobe.Line{smtpprobe.Line(r.Text)}, Began: r.First}
}

// heardBy lists the refusals of all peers, with their meaning.
func (l *loggedHost) heardBy() []loggedRefusal {
	var all []loggedRefusal
	for _, p := range l.peers {
		for _, r := range p.Replies {
			st := stepOf(r)
			all = append(all, loggedRefusal{r, meaningOf(st), st, p})
		}
	}
	return all
}

// quoted is a reply with how often and when it was logged.
func quoted(all []loggedRefusal) diag.Arg {
	first := slices.MaxFunc(all, func(a, b loggedRefusal) int { return cmp.Or(cmp.Compare(a.Count, b.Count), b.First.Compare(a.First)) })
	count, from, to := 0, all[0].First, all[0].Last
	for _, h := range all {
		count += h.Count
		if h.First.Before(from) {
			from = h.First
		}
		if h.Last.After(to) {
			to = h.Last
		}
	}
	return diag.Text("reply", clip(valid(first.Text), 300)+" ("+logged(count, from, to)+"; "+first.Where.String()+")")
}

// logged says how often and when.
func logged(n int, from, to time.Time) string {
	const stamp = "2006-01-02 15:04:05"
	switch {
	case n == 1:
		return "logged once, " + from.UTC().Format(stamp) + " UTC"
	case from.UTC().Format(stamp[:10]) == to.UTC().Format(stamp[:10]):
		return fmt.Sprintf("logged %d times, %s to %s UTC", n, from.UTC().Format(stamp), to.UTC().Format(stamp[11:]))
	}
	return fmt.Sprintf("logged %d times, %s to %s UTC", n, from.UTC().Format(stamp), to.UTC().Format(stamp))
}

// count adds up.
func countOf(all []loggedRefusal) (replies, sessions int) {
	for _, h := range all {
		replies += h.Count
		sessions += h.Sessions
	}
	return replies, sessions
}

// because adds reasons to a finding, if there are any.
func because(f diag.Finding, reasons ...string) diag.Finding {
	reasons = slices.DeleteFunc(reasons, func(s string) bool { return s == "" })
	if len(reasons) > 0 {
		f.Args = append(f.Args, diag.Text("because", strings.Join(reasons, "; ")))
	}
	return f
}

// callersAreOurs says whether all sessions come from private addresses.
func (l *loggedHost) callersAreOurs() bool {
	return !slices.ContainsFunc(l.peers, func(p evidence.LoggedPeer) bool {
		a, err := netip.ParseAddr(plainAddr(p.Addr))
		return err != nil || !a.IsPrivate() && !a.IsLoopback()
	})
}
