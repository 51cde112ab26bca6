package analyzers

import (
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

var (
	smtpTarpit = &diag.Cause{
		Code: "SMTP-TARPIT", Title: "The server pauses before its replies", Severity: diag.Degraded,
		Text:   "{subject} pauses for a fixed time: {pauses}[ (again: {again})]",
		Ruled:  "{subject} answers each command[ within {took}]",
		About:  "A tarpit holds replies back for a fixed time, for every command or only after errors, to slow spammers down. Every message through it pays; a queue of many messages for one destination backs up.",
		Read:   "The time of each command by itself, over 1 s, and equal in a second session (within a tenth). Times that differ speak for load.",
		Remedy: "Exempt the sending server (Exchange: Set-ReceiveConnector -TarpitInterval 00:00:00 on a connector of its own; Windows 2003: TarpitTime; Postfix: smtpd_error_sleep_time, sleep restrictions; Exim: delay).",
		Refs:   []string{"KB 842851", "Set-ReceiveConnector, TarpitInterval"},
		Tests:  []diag.Test{{Do: "On the server that paused: Get-ReceiveConnector | fl Identity,TarpitInterval,MaxAcknowledgementDelay.", Takes: 2 * time.Minute}},
		Behind: []*diag.Cause{pressureCause}, // Exchange holds its replies back while pressure lasts
	}
	smtpSlow = &diag.Cause{
		Code: "SMTP-SLOW", Title: "The server answers slowly", Severity: diag.Degraded,
		Text:   "{subject} takes its time: {pauses}[ (again: {again})][; {because}]",
		Ruled:  "{subject} answers each command[ within {took}]",
		About:  "Replies that take seconds, and not always the same, come from a server under load, or one that asks something slow (directory, DNS, scanner) before it answers.",
		Read:   "The time of each command by itself, over 1 s, in two sessions: not equal. With a test message, also the time to the reply to its end, over 5 s; that is measured once only.",
		Remedy: "Look at the receiving server's load and at what it asks for each recipient: directory, DNS, block lists, policy services.",
		Refs:   []string{"RFC 5321 section 4.5.3.2"},
		Behind: []*diag.Cause{pressureCause},
	}
)

const slowCommand = time.Second // knowledge/exchange.md 3.5

// tarpit judges the pauses before replies.
func tarpit() *diag.Analyzer {
	return &diag.Analyzer{Name: "tarpit",
		Doc:    "Judges pauses before replies: fixed ones (tarpit) and others (load).",
		Needs:  []diag.AnyKey{evidence.Sessions},
		Uses:   []diag.AnyKey{evidence.Repeats, evidence.Generation},
		Causes: []*diag.Cause{smtpTarpit, smtpSlow},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			for _, t := range spoken(e) {
				found = append(found, pauses(e, t)...)
			}
			return found
		}}
}

// commands lists the steps whose time is their own and a reply's.
func commands(s smtpprobe.Session) []smtpprobe.Step {
	var all []smtpprobe.Step
	for _, st := range s.Steps {
		switch st.Name {
		case smtpprobe.EHLO, smtpprobe.HELO, smtpprobe.STARTTLS, smtpprobe.MAIL, smtpprobe.RCPT, smtpprobe.DATA:
			if st.Code != 0 && !st.Grouped {
				all = append(all, st)
			}
		}
	}
	return all
}

func pauses(e diag.Evidence, t talk) []diag.Finding {
	var slow []smtpprobe.Step
	longest := time.Duration(0)
	way := roundTrip(t.first)
	for _, st := range commands(t.first) {
		longest = max(longest, st.Took())
		if st.Took()-way >= slowCommand {
			slow = append(slow, st)
		}
	}
	if body, ok := slowBody(e, t); ok {
		slow = append(slow, body)
	}
	if len(slow) == 0 {
		took := diag.Duration("took", round(longest))
		return []diag.Finding{t.on(smtpTarpit, diag.Excluded, took), t.on(smtpSlow, diag.Excluded, took)}
	}
	return []diag.Finding{paused(t, slow)}
}

// roundTrip is at most what the way there and back takes: the quickest of the
// connection and the replies. A long way is no pause of the server's.
func roundTrip(s smtpprobe.Session) time.Duration {
	quickest, _ := s.Step(smtpprobe.Connect)
	way := quickest.Took()
	for _, st := range commands(s) {
		way = min(way, st.Took())
	}
	return way
}

// slowBody is the end of the message, where the reply to it was slow and no
// delayed acknowledgement of Exchange 2010 may explain that. It is sent once
// only, so it has no counterpart.
func slowBody(e diag.Evidence, t talk) (smtpprobe.Step, bool) {
	st, ok := t.first.Step(smtpprobe.Body)
	return st, ok && st.Code != 0 && st.Took() >= slowAck && !mayDelayAck(e, t.first)
}

func paused(t talk, slow []smtpprobe.Step) diag.Finding {
	var first, second []string
	compared, equal := 0, 0
	for _, st := range slow {
		first = append(first, verbOf(st)+" "+diag.Seconds(round(st.Took())))
		if again, ok := counterpart(t, st); ok {
			compared++
			second = append(second, again.Name+" "+diag.Seconds(round(again.Took())))
			if (again.Took() - st.Took()).Abs() <= st.Took()/10+100*time.Millisecond {
				equal++
			}
		}
	}
	f := t.on(smtpSlow, diag.Suspected, diag.Text("pauses", strings.Join(first, ", ")))
	if compared > 0 {
		f.Args = append(f.Args, diag.Text("again", strings.Join(second, ", ")))
	} else {
		f.Args = append(f.Args, diag.Text("because", "it was measured once only"))
	}
	if compared == len(slow) && equal == compared {
		f.Code, f.Verdict = smtpTarpit.Code, diag.Confirmed
	} else if compared > 0 && allSlow(t, slow) {
		f.Verdict = diag.Confirmed
	}
	f.Wait = span(slow...)
	return f
}

func verbOf(st smtpprobe.Step) string {
	if st.Name == smtpprobe.Body {
		return "the end of the message"
	}
	return st.Name
}

// counterpart is the same command in the second session. The reply must be of
// the same class: a refusal is not comparable to an acceptance.
func counterpart(t talk, st smtpprobe.Step) (smtpprobe.Step, bool) {
	for _, s := range t.again {
		for _, again := range commands(s) {
			if again.Name == st.Name && again.TLS == st.TLS && again.Code/100 == st.Code/100 {
				return again, true
			}
		}
	}
	return smtpprobe.Step{}, false
}

func allSlow(t talk, slow []smtpprobe.Step) bool {
	for _, st := range slow {
		if again, ok := counterpart(t, st); !ok || again.Took() < slowCommand {
			return false
		}
	}
	return true
}
