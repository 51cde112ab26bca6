package report

import (
	"testing"

	"mailflow/evidence"
)

// TestSessionsInWords: what a stop says of the sessions in which its message came
// and left; "" where they were quick, or were not this message's alone.
func TestSessionsInWords(t *testing.T) {
	line := func(n int) evidence.Where { return evidence.Where{File: "x.log", Line: n} }
	left := evidence.SessionTalk{Session: "A", Log: evidence.TalkSend, Took: 31, Messages: 1, Silence: 30, Where: line(12)}
	with := func(change func(s *evidence.SessionTalk)) evidence.SessionTalk {
		s := left
		change(&s)
		return s
	}
	waiting := func(what, after, until string) evidence.SessionTalk {
		return with(func(s *evidence.SessionTalk) { s.Awaited, s.After, s.Until = what, after, until })
	}
	const took = "the SMTP session in which it left took 31 s, 30 s of it silent "
	connect := evidence.SessionTalk{Session: "A", Log: evidence.TalkConnect, Took: 45, Messages: 3, Whole: true, Silence: 42, After: "> mx.example.com[192.0.2.1]", Until: "> Established connection to 192.0.2.1", Where: line(3)}
	for want, all := range map[string][]evidence.SessionTalk{
		"": {with(func(s *evidence.SessionTalk) { s.Took = 4 }), with(func(s *evidence.SessionTalk) { s.Whole, s.Messages = true, 40 })},
		took + "before the reply to RCPT (send log line 12)":                                                        {waiting("RCPT", "", "")},
		took + "until the greeting (send log line 12)":                                                              {waiting(evidence.LoggedGreeting, "", "")},
		took + "until it was connected (send log line 12)":                                                          {waiting(evidence.TalkConnecting, "", "")},
		took + "until TLS was agreed on (send log line 12)":                                                         {waiting(evidence.LoggedHandshake, "", "")},
		took + "while the message was sent, or its end was not yet answered (send log line 12)":                     {waiting(evidence.LoggedBody, "", "")},
		took + "before the client said \"MAIL FROM:<a@example.com>\" (send log line 12)":                            {waiting(evidence.LoggedPause, "< 250 OK", "> MAIL FROM:<a@example.com>")},
		took + "before the reply to RCPT (send log line 12); " + took + "until it was connected (send log line 12)": {waiting("RCPT", "", ""), waiting(evidence.TalkConnecting, "", "")},
		"its part of the SMTP session in which it left took 31 s (send log line 12)":                                {with(func(s *evidence.SessionTalk) { s.Messages, s.Silence = 7, 0.5 })},
		"the SMTP session in which it left took 2 s, with 3 replies 4xx or 5xx, the first \"450 later\" (send log)": {
			with(func(s *evidence.SessionTalk) {
				s.Took, s.Silence, s.Refused, s.Refusal, s.Where = 2, 0, 3, "450 later", evidence.Where{}
			})},
		"the SMTP session in which it left with 2 others took 45 s, 42 s of it silent between \"mx.example.com[192.0.2.1]\" and \"Established connection to 192.0.2.1\" (connectivity log line 3)": {connect},
		took + "before the reply to DATA (send log line 12)": {waiting("DATA", "", ""), connect},
		took + "while the message was sent, or its end was not yet answered, by the server's own word DelayedAck 5 s (send log line 12)": {with(func(s *evidence.SessionTalk) {
			s.Awaited, s.Pauses = evidence.LoggedBody, []evidence.TalkPause{{Reason: "DelayedAck", Took: 5}} // a large message took the rest
		})},
	} {
		if got := sessionsOf(evidence.Stop{Sessions: all}); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
