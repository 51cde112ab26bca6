package report

import (
	"slices"
	"strconv"
	"strings"

	"mailflow/evidence"
)

// Bounds of what a stop says of its SMTP sessions.
const (
	longTalk     = 5 // seconds; a session over a slow line takes one or two
	mostTalks    = 3
	mostLine     = 80 // characters of a line of a session
	mostPauses   = 3
	leastSilence = 1 // second
)

// sessionsOf tells of the SMTP sessions of a stop, where they took long or a reply
// was 4xx or 5xx: "the SMTP session in which it came took 31 s, 30 s of it silent
// until the end of the message was acknowledged: DelayedAck (receive log line 12)".
func sessionsOf(s evidence.Stop) string {
	var words []string
	for _, t := range s.Sessions {
		if tells(t, s.Sessions) && len(words) < mostTalks {
			words = append(words, talkWords(t))
		}
	}
	return strings.Join(words, "; ")
}

// tells says whether a session has something to say. Of one with several messages,
// nothing is said unless it is known which part was this one's; and a connectivity
// log says less than the protocol log of the same session.
func tells(t evidence.SessionTalk, all []evidence.SessionTalk) bool {
	if t.Log == evidence.TalkConnect {
		return t.Took >= longTalk && !slices.ContainsFunc(all, func(o evidence.SessionTalk) bool { return o.Session == t.Session && o.Log == evidence.TalkSend })
	}
	return t.Refused > 0 || t.Took >= longTalk && (!t.Whole || t.Messages <= 1)
}

func talkWords(t evidence.SessionTalk) string {
	what, how := "the SMTP session", " in which it left"
	if t.Log == evidence.TalkReceive {
		how = " in which it came"
	}
	switch {
	case t.Whole && t.Messages > 1:
		how += " with " + count(t.Messages-1, "other")
	case t.Messages > 1:
		what = "its part of " + what
	}
	where := clip(t.Log, mostLine) + " log"
	if t.Where.Line > 0 {
		where += " line " + strconv.Itoa(t.Where.Line)
	}
	return joined(", ", what+how+" took "+short1(max(0, t.Took)), silenceWords(t), pauseWords(t), refusalWords(t)) + " (" + where + ")"
}

// silenceWords says for how long nobody said anything, and what was waited for.
func silenceWords(t evidence.SessionTalk) string {
	if t.Silence < leastSilence {
		return ""
	}
	words := short1(t.Silence) + " of it silent "
	switch t.Awaited {
	case evidence.TalkConnecting:
		return words + "until it was connected"
	case evidence.LoggedGreeting:
		return words + "until the greeting"
	case evidence.LoggedHandshake:
		return words + "until TLS was agreed on"
	case evidence.LoggedBody, evidence.LoggedBDATLast:
		if slices.ContainsFunc(t.Pauses, func(p evidence.TalkPause) bool { return p.Reason == delayedAck && p.Took > 0.9*t.Silence }) {
			return words + "after the end of the message"
		}
		return words + "while the message was sent, or its end was not yet answered"
	case evidence.LoggedPause:
		return words + "before the client said " + spoken(t.Until)
	case "", evidence.LoggedUnasked:
		return words + "between " + spoken(t.After) + " and " + spoken(t.Until)
	}
	return words + "before the reply to " + clip(t.Awaited, mostLine)
}

// delayedAck is why Exchange 2010 and later waits before it acknowledges a message
// (knowledge/exchange.md 3.5).
const delayedAck = "DelayedAck"

// spoken is a line without the sign of who said it.
func spoken(line string) string {
	if len(line) > 2 && line[1] == ' ' {
		line = line[2:]
	}
	return `"` + clip(line, mostLine) + `"`
}

// pauseWords are the pauses that a server says it made.
func pauseWords(t evidence.SessionTalk) string {
	var list []string
	for _, p := range t.Pauses[:min(len(t.Pauses), mostPauses)] {
		list = append(list, strings.TrimSpace(clip(p.Reason, mostLine)+" "+short1(max(0, p.Took))))
	}
	return prefixed("by the server's own word ", strings.Join(list, ", "))
}

func refusalWords(t evidence.SessionTalk) string {
	switch {
	case t.Refused == 1:
		return `with the reply "` + clip(t.Refusal, mostReason) + `"`
	case t.Refused > 1:
		return "with " + grouped(t.Refused) + ` replies 4xx or 5xx, the first "` + clip(t.Refusal, mostReason) + `"`
	}
	return ""
}
