package analyzers

import (
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	bannerSlow = &diag.Cause{
		Code: "SMTP-BANNER-SLOW", Title: "The greeting comes late", Severity: diag.Degraded,
		Text:   "{subject} greets only {took} after the connection[ (again: {again})]; {shape}[; {because}]",
		Ruled:  "{subject} greets within {took}",
		About:  "Before it greets, a server may look up who connects (reverse DNS, block lists), pause on purpose to catch spammers, or be short of processes. Every message pays the pause, and a sender with a shorter patience gives up and tries again at its next interval.",
		Read:   "The time from the connection to the end of the greeting, over 5 s, in two sessions. Equal times speak for a fixed pause or a DNS time-out; times that differ, for load. PTR of the address that we connect from tells whether the server may be waiting for just that.",
		Remedy: "On the receiving server: check that its DNS servers answer for PTR of the sender's address (or exempt internal senders from the look-up), its block lists, and its greet pause. Exempt your own servers.",
		Refs:   []string{"RFC 5321 section 4.5.3.2.1", "KB 286375"},
		Tests:  []diag.Test{{Do: "On the server that greets late: nslookup of the address of the sender. If that takes as long, it waits for reverse DNS.", Takes: 2 * time.Minute}},
		Behind: []*diag.Cause{smtpTarpit}, // a server that pauses before each reply pauses before its greeting too
	}
	noGreeting = &diag.Cause{
		Code: "SMTP-NO-GREETING", Title: "The connection is accepted, but no greeting comes", Severity: diag.Stopped,
		Text:   "{subject} accepts the connection but {how}[; {because}]",
		Ruled:  "{subject} greets",
		About:  "Something accepts connections, but no mail server speaks: the service hangs, all its slots are taken and the connection waits in the kernel's backlog, or a device in between answers for a server that is down. A test that only connects calls it healthy.",
		Read:   "The TCP connection succeeded; no greeting within the limit (at least 35 s), or the connection ended before one, in two sessions.",
		Remedy: "On the receiving server look at the SMTP service, its connection limits and the device in front of it. From the sending server repeat it with the limits of RFC 5321: --input patience=rfc.",
		Refs:   []string{"RFC 5321 sections 3.1 and 4.5.3.2.1"},
	}
	notSMTP = &diag.Cause{
		Code: "SMTP-NOT-SMTP", Title: "What answers is no mail server", Severity: diag.Stopped,
		Text:   "{subject} does not speak SMTP: it said {reply}",
		Ruled:  "{subject} speaks SMTP",
		About:  "Another service, or a device's error page, answers on this port. Senders treat it as a failed attempt and keep the mail.",
		Read:   "What came instead of a greeting.",
		Remedy: "Check the address and the port translation of the firewall: port 25 must lead to the mail server.",
		Refs:   []string{"RFC 5321 section 4.2"},
	}
)

// greeting judges the first thing that a server says, and when.
func greeting() *diag.Analyzer {
	return &diag.Analyzer{Name: "greeting",
		Doc:    "Judges whether and how soon each server greets, and why it is late.",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.OurName, evidence.Vantage},
		Causes: []*diag.Cause{bannerSlow, noGreeting, notSMTP},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range talks(e) {
				if st, ok := t.first.Step(smtpprobe.Greeting); ok {
					found = append(found, greeted(e, t, st)...)
				}
			}
			return found
		}}
}

// lateAfter is when a greeting counts as late, in seconds as 3.5 of
// knowledge/exchange.md proposes; longAfter is when impatient senders give up.
const (
	lateAfter = 5 * time.Second
	longAfter = 30 * time.Second
)

func greeted(e diag.Evidence, t talk, st smtpprobe.Step) []diag.Finding {
	switch {
	case st.Fault == smtpprobe.FaultCanceled:
		return nil
	case st.Fault == smtpprobe.FaultProtocol:
		f := t.on(notSMTP, diag.Confirmed, says(st))
		return []diag.Finding{f}
	case st.Fault == smtpprobe.FaultTimeout && strings.HasSuffix(t.first.Addr, ":465"):
		return []diag.Finding{t.on(noGreeting, diag.Unknown, diag.Text("because", "port 465 expects TLS before the greeting (RFC 8314 section 3.3), and this program begins in the clear"),
			diag.Text("how", "name port 25, which servers hand mail to each other on"))}
	case st.Fault != smtpprobe.FaultNone:
		return []diag.Finding{mute(e, t, st)}
	}
	ok := []diag.Finding{t.on(noGreeting, diag.Excluded), t.on(notSMTP, diag.Excluded)}
	if st.Took() <= lateAfter {
		return append(ok, t.on(bannerSlow, diag.Excluded, diag.Duration("took", round(st.Took()))))
	}
	return append(ok, late(e, t, st))
}

// mute: silence for the whole limit is what senders meet too. A connection
// that is closed at once may be closed because of who we are.
func mute(e diag.Evidence, t talk, st smtpprobe.Step) diag.Finding {
	how := "says nothing for " + diag.Seconds(round(st.Took()))
	if st.Fault != smtpprobe.FaultTimeout {
		how = "ends it (" + st.Fault + ") after " + diag.Seconds(round(st.Took())) + " without a greeting"
	}
	f := t.on(noGreeting, diag.Suspected, diag.Text("how", how))
	f.Wait = span(st)
	twice := len(t.again) > 0
	for _, s := range t.again {
		again, ok := s.Step(smtpprobe.Greeting)
		twice = twice && ok && again.Fault == st.Fault
	}
	if twice && (st.Fault == smtpprobe.FaultTimeout || fromSender(e)) {
		f.Verdict = diag.Confirmed
	} else if !twice {
		f.Args = append(f.Args, diag.Text("because", "it was not so, or not tried, a second time"))
	} else {
		f.Args = append(f.Args, diag.Text("because", "it may treat only this client so: run this on the sending server, and say --input vantage=sender"))
	}
	return f
}

// late is confirmed when the second session was as late; when it was not, the
// first may have filled a cache, and that is what a first sender meets too.
func late(e diag.Evidence, t talk, st smtpprobe.Step) diag.Finding {
	f := t.on(bannerSlow, diag.Suspected, diag.Duration("took", round(st.Took())))
	f.Wait = span(st)
	if st.Took() >= longAfter {
		f.Severity = diag.Delayed
	}
	again, ok := secondGreeting(t)
	if ok {
		f.Args = append(f.Args, diag.Duration("again", round(again.Took())))
		if again.Took() > lateAfter {
			f.Verdict = diag.Confirmed
		}
	}
	shape, basis := shapeOf(e, t, st, again, ok)
	f.Args = append(f.Args, diag.Text("shape", shape))
	f.Basis = basis
	if reverseFails(e) && !fromSender(e) {
		f.Verdict = diag.Suspected
		f.Args = append(f.Args, diag.Text("because", "that is this machine's address, and the sender's may be found at once: run this on the sending server, and say --input vantage=sender"))
	}
	return f
}

func secondGreeting(t talk) (smtpprobe.Step, bool) {
	for _, s := range t.again {
		if st, ok := s.Step(smtpprobe.Greeting); ok && st.Code != 0 {
			return st, true
		}
	}
	return smtpprobe.Step{}, false
}

// shapeOf tells a reverse-DNS wait, a greet pause and load apart. All of it is
// inference from the shape; the server alone knows.
func shapeOf(e diag.Evidence, t talk, st, again smtpprobe.Step, repeated bool) (shape, basis string) {
	const inference = "inference"
	drift := (st.Took() - again.Took()).Abs()
	switch {
	case reverseFails(e):
		return "reverse DNS for the address that we connect from does not answer, and the server probably waits for it", inference
	case len(st.Reply) > 1 && st.FirstByte() < st.Took()/2:
		return "the first line came after " + diag.Seconds(round(st.FirstByte())) + " and the rest late: a deliberate pause for clients that talk too soon", inference
	case !repeated:
		return "it was measured once only", ""
	case again.Took() <= lateAfter:
		return "the second session was greeted at once: a cache that was filled, a first-contact test, or chance", inference
	case drift <= st.Took()/10+200*time.Millisecond:
		return "the same pause twice: a fixed wait (greet pause, or a DNS or block-list look-up that times out) rather than load", inference
	}
	return "pauses that differ: load, or a shortage of processes, rather than a fixed wait", inference
}

// reverseFails says whether PTR of the address that we connect from fails by
// time-out or SERVFAIL.
func reverseFails(e diag.Evidence) bool {
	ours, _ := evidence.OurName.Lookup(e)
	for _, l := range ours {
		if l.Usable() {
			return false
		}
	}
	return len(ours) > 0
}
