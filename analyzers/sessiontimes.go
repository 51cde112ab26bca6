package analyzers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// delayedAckReason is how the receive log of Exchange 2010 calls it
// (knowledge/exchange.md, RC-03).
const delayedAckReason = "DelayedAck"

// delayedAck judges the time until a message was acknowledged: by the word of the
// server's own log, or by what the sender's log shows of one that offers XSHADOW.
func (l *loggedHost) delayedAck() []diag.Finding {
	if l.own {
		return l.ownAck()
	}
	var found []diag.Finding
	for _, p := range l.peers {
		for _, t := range p.Times {
			if !isBody(t.Verb) || t.Refused || t.Count < 3 || t.Median.Duration() < slowAck || !p.XShadow {
				continue
			}
			f := l.on(delayedAckCause, diag.Suspected, diag.Duration("took", round(t.Median.Duration())), diag.Duration("rest", round(l.quickest())))
			f.Wait = &diag.Span{From: t.At, To: t.At.Add(t.Longest.Duration())}
			found = append(found, because(f, fmt.Sprintf("it offers XSHADOW, as Exchange 2010 does, and took that long for half of %d messages; DelayedAck in its own receive log would show it", t.Count)))
		}
	}
	return found
}

func isBody(verb string) bool { return verb == evidence.LoggedBody || verb == evidence.LoggedBDATLast }

// ownAck goes by the pauses that the server itself notes.
func (l *loggedHost) ownAck() []diag.Finding {
	var longest evidence.LoggedTarpit
	count := 0
	for _, p := range l.peers {
		for _, t := range p.Tarpits {
			if t.Reason == delayedAckReason {
				count += t.Count
				if t.Longest > longest.Longest {
					longest = t
				}
			}
		}
	}
	took := longest.Longest.Duration()
	switch {
	case count == 0 && l.messages >= enoughLogged && !l.inferred():
		return []diag.Finding{l.on(delayedAckCause, diag.Excluded, diag.Text("why", fmt.Sprintf("its receive log has %d messages and no such pause", l.messages)))}
	case count == 0:
		return nil
	case took < slowAck:
		return []diag.Finding{l.on(delayedAckCause, diag.Excluded, diag.Text("why", "its receive log has such pauses, the longest of "+diag.Seconds(round(took))))}
	}
	f := l.on(delayedAckCause, diag.Confirmed, diag.Duration("took", round(took)), diag.Duration("rest", round(l.quickest())))
	f.Wait = &diag.Span{From: longest.At.Add(-took), To: longest.At}
	return []diag.Finding{because(f, fmt.Sprintf("its receive log says DelayedAck for %d messages, half of them %s or less (sessions from %s)", count, diag.Seconds(round(longest.Median.Duration())), l.callers()))}
}

// quickest is within which time nearly all commands before the message were
// answered.
func (l *loggedHost) quickest() time.Duration {
	rest := time.Duration(0)
	for _, p := range l.peers {
		for _, t := range p.Times {
			if !t.Refused && isCommand(t.Verb) {
				rest = max(rest, t.P95.Duration())
			}
		}
	}
	return max(rest, 100*time.Millisecond) // less is not told apart
}

func isCommand(verb string) bool {
	return slices.Contains([]string{"EHLO", "STARTTLS", "MAIL", "RCPT", "DATA"}, verb)
}

// pauses judges how long the server took for its replies. A pause before an error
// is there on purpose, and holds no mail up that is wanted.
func (l *loggedHost) pauses() []diag.Finding {
	if noted := l.notedPauses(); len(noted) > 0 {
		return []diag.Finding{l.on(smtpTarpit, diag.Confirmed, diag.Text("pauses", strings.Join(noted, ", ")+", by its own receive log"))}
	}
	fixed, slow, worst := l.slowReplies()
	if len(fixed)+len(slow) == 0 {
		return l.prompt()
	}
	f := l.on(smtpTarpit, diag.Confirmed, diag.Text("pauses", strings.Join(distinct(append(fixed, slow...)), ", ")))
	f.Wait = &diag.Span{From: worst.At, To: worst.At.Add(worst.Longest.Duration())}
	if len(slow) == 0 {
		return []diag.Finding{f}
	}
	f.Code, f.Verdict = smtpSlow.Code, diag.Suspected
	return []diag.Finding{because(f, "by the log of "+l.whose(), transferIn(worst.Verb))}
}

// slowReplies lists the kinds of replies that are slow too often to be chance:
// those with equal pauses, and others.
func (l *loggedHost) slowReplies() (fixed, slow []string, worst evidence.LoggedTimes) {
	for _, p := range l.peers {
		for _, t := range p.Times {
			if t.Refused || !isCommand(t.Verb) && (!isBody(t.Verb) || l.mayDelay(p)) {
				continue
			}
			words, steady, is := pauseOf(t, p.Source)
			if !is {
				continue
			}
			if worst.Longest < t.Longest {
				worst = t
			}
			if steady {
				fixed = append(fixed, words)
			} else {
				slow = append(slow, words)
			}
		}
	}
	return fixed, slow, worst
}

// prompt rules pauses out where there was none in enough replies.
func (l *loggedHost) prompt() []diag.Finding {
	longest, measured := time.Duration(0), 0
	for _, p := range l.peers {
		for _, t := range p.Times {
			if isCommand(t.Verb) && !t.Refused {
				measured += t.Count
				longest = max(longest, t.Longest.Duration())
			}
		}
	}
	if measured < enoughLogged || longest >= slowCommand || l.paused() {
		return nil
	}
	took := diag.Duration("took", round(longest))
	return []diag.Finding{l.on(smtpTarpit, diag.Excluded, took), l.on(smtpSlow, diag.Excluded, took)}
}

// paused says whether there was any pause, if only before errors.
func (l *loggedHost) paused() bool {
	return slices.ContainsFunc(l.peers, func(p evidence.LoggedPeer) bool {
		return len(p.Tarpits) > 0 || slices.ContainsFunc(p.Times, func(t evidence.LoggedTimes) bool { return t.Refused && t.Slow > 0 })
	})
}

// mayDelay says whether slow acknowledgements are judged as those of Exchange 2010:
// by its own log where that is there.
func (l *loggedHost) mayDelay(p evidence.LoggedPeer) bool {
	if !l.own {
		return p.XShadow
	}
	return slices.ContainsFunc(p.Tarpits, func(t evidence.LoggedTarpit) bool { return t.Reason == delayedAckReason })
}

// transferIn says what else is in a time.
func transferIn(verb string) string {
	if isBody(verb) {
		return "the time that the message took to be sent is in it"
	}
	return ""
}

// notedPauses lists the pauses before replies that accepted, which the server
// itself notes. Those for DelayedAck are judged apart.
func (l *loggedHost) notedPauses() []string {
	var all []string
	for _, p := range l.peers {
		for _, t := range p.Tarpits {
			if !t.Refused && t.Verb != "" && t.Reason != delayedAckReason && t.Count >= 3 && t.Median.Duration() >= slowCommand {
				all = append(all, fmt.Sprintf("%s %s (%d times)", spokenVerb(t.Verb), diag.Seconds(round(t.Median.Duration())), t.Count))
			}
		}
	}
	return distinct(all)
}

// pauseOf tells a kind of reply that is slow too often to be chance, and whether
// the pauses are equal. Times of the SMTP service of Windows have whole seconds:
// equal ones prove nothing there.
func pauseOf(t evidence.LoggedTimes, source string) (words string, steady, is bool) {
	if isBody(t.Verb) {
		if t.Count < 3 || t.Median.Duration() < slowAck {
			return "", false, false
		}
		return fmt.Sprintf("%s %s (half of %d)", spokenVerb(t.Verb), diag.Seconds(round(t.Median.Duration())), t.Count), false, true
	}
	if t.Slow < 3 || 20*t.Slow < t.Count {
		return "", false, false
	}
	steady = t.Slow >= 10 && 10*t.FixedFor >= 9*t.Slow && source != evidence.LogService
	return fmt.Sprintf("%s %s (%d of %d)", t.Verb, diag.Seconds(round(t.P95.Duration())), t.Slow, t.Count), steady, true
}

func spokenVerb(verb string) string {
	if isBody(verb) {
		return "the end of the message"
	}
	return verb
}

// cuts judges sessions that ended while the server owed a reply. The log of one
// side cannot tell a server that hangs from packets that are lost, nor from a
// device between: never more than a suspicion.
func (l *loggedHost) cuts() []diag.Finding {
	var found []diag.Finding
	for _, p := range l.peers {
		for _, c := range p.Cuts {
			if c.Count < 2 || 100*c.Count < p.Sessions || !isCommand(c.Verb) && !isContent(c.Verb) && c.Verb != evidence.LoggedHandshake {
				continue
			}
			if f, ok := l.vanished(p, c); ok {
				found = append(found, f)
			}
			if l.own && !isContent(c.Verb) || c.Verb == evidence.LoggedHandshake {
				continue // a client that hangs up is no fault of the server
			}
			f := l.on(sessionCut, diag.Suspected, diag.Text("how", cutWords(c)))
			f.Wait = &diag.Span{From: c.At, To: c.At.Add(c.Longest.Duration())}
			found = append(found, because(f, fmt.Sprintf("%d of %d sessions, by the log of %s (%s)", c.Count, p.Sessions, l.whose(), c.Where)))
		}
	}
	return found
}

func isContent(verb string) bool { return isBody(verb) || verb == evidence.LoggedBDAT }

func cutWords(c evidence.LoggedCut) string {
	what, after := spokenVerb(c.Verb), diag.Seconds(round(c.Longest.Duration()))
	switch {
	case c.Remote >= c.Local && c.Remote >= c.Broken:
		return "the connection is closed at " + what + " without a reply, after " + after + " at most"
	case c.Broken >= c.Local:
		return "the connection breaks off at " + what + ", after a silence of " + after + " at most"
	}
	return "no reply comes to " + what + " within " + after
}

// vanished looks for stalls that depend on size: what is large gets no reply, and
// nothing as large ever passed.
func (l *loggedHost) vanished(p evidence.LoggedPeer, c evidence.LoggedCut) (diag.Finding, bool) {
	const patient, packet = 30 * time.Second, 1200 // bytes: less fits into any packet
	large := c.Least > packet && p.Largest < c.Least || c.Least == 0 && p.Messages == 0
	if !isContent(c.Verb) || c.Longest.Duration() < patient || c.Count < 2 || !large {
		return diag.Finding{}, false
	}
	size := "a message"
	if c.Least > 0 {
		size = fmt.Sprintf("messages of %d bytes and more", c.Least)
	}
	f := l.on(pathMTUCause, diag.Suspected, diag.Text("stalled", size), diag.Duration("waited", round(c.Longest.Duration())))
	f.Wait = &diag.Span{From: c.At, To: c.At.Add(c.Longest.Duration())}
	return because(f, fmt.Sprintf("%d sessions ended so (%s); a server that is slow to take the message looks the same", c.Count, c.Where)), true
}
