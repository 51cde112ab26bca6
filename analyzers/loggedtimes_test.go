package analyzers

import (
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// took is how long one kind of reply took: so many, of which so many were slow, half
// of them so long or less.
func took(verb string, count, slow int, median evidence.Duration) evidence.LoggedTimes {
	t := evidence.LoggedTimes{Verb: verb, Count: count, Slow: slow, Median: median, P95: median, Longest: median, At: nine()}
	if slow > 0 {
		t.P95, t.Longest = median+1, median+2
	}
	return t
}

// paced is a server of which a log tells these times.
func paced(times ...evidence.LoggedTimes) evidence.LoggedPeer {
	p := heardFrom(100, 30)
	p.Times = times
	return p
}

// TestSlowReplies: which pauses of a log are too many to be chance, which are equal
// enough to be made, and what enough quick ones rule out.
func TestSlowReplies(t *testing.T) {
	fixed := func(t evidence.LoggedTimes, n int) evidence.LoggedTimes { t.FixedFor = n; return t }
	refused := func(t evidence.LoggedTimes) evidence.LoggedTimes { t.Refused = true; return t }
	service := func(p evidence.LoggedPeer) evidence.LoggedPeer { p.Source = evidence.LogService; return p }
	shadow := func(p evidence.LoggedPeer) evidence.LoggedPeer { p.XShadow = true; return p }
	for name, story := range map[string]struct {
		p            evidence.LoggedPeer
		tarpit, slow string
	}{
		"one in twenty":                       {paced(took("RCPT", 60, 3, 0)), "", "suspected"},
		"fewer":                               {paced(took("RCPT", 61, 3, 0)), "", ""},
		"two":                                 {paced(took("RCPT", 10, 2, 0)), "", ""},
		"equal, nine of ten":                  {paced(fixed(took("RCPT", 20, 10, 5), 9)), "confirmed", ""},
		"equal, eight of ten":                 {paced(fixed(took("RCPT", 20, 10, 5), 8)), "", "suspected"},
		"equal, all of nine":                  {paced(fixed(took("RCPT", 20, 9, 5), 9)), "", "suspected"},
		"equal, in whole seconds":             {service(paced(fixed(took("RCPT", 20, 10, 5), 10))), "", "suspected"},
		"equal, and others that are not":      {paced(fixed(took("RCPT", 20, 10, 5), 9), took("MAIL", 20, 5, 2)), "", "suspected"},
		"before errors":                       {paced(refused(took("RCPT", 20, 10, 5)), took("MAIL", 20, 0, 0)), "", ""},
		"quick errors":                        {paced(refused(took("RCPT", 20, 0, 0)), took("MAIL", 20, 0, 0)), "excluded", "excluded"},
		"of nothing that was asked":           {paced(took("QUIT", 20, 10, 5), took("MAIL", 20, 0, 0)), "excluded", "excluded"},
		"the end of three messages":           {paced(took(evidence.LoggedBody, 3, 3, 5)), "", "suspected"},
		"the end of two messages":             {paced(took(evidence.LoggedBody, 2, 2, 5)), "", ""},
		"the end of messages, nearly":         {paced(took(evidence.LoggedBody, 3, 3, 4.9)), "", ""},
		"the last part of a message":          {paced(took(evidence.LoggedBDATLast, 3, 3, 5)), "", "suspected"},
		"the end, with shadow redundancy":     {shadow(paced(took(evidence.LoggedBody, 3, 3, 5))), "", ""},
		"prompt":                              {paced(took("RCPT", 18, 0, 0), took("EHLO", 2, 0, 0)), "excluded", "excluded"},
		"prompt, but too few":                 {paced(took("RCPT", 18, 0, 0), took("EHLO", 1, 0, 0)), "", ""},
		"prompt, with quick errors":           {paced(took("RCPT", 10, 0, 0), refused(took("RCPT", 20, 0, 0))), "", ""},
		"prompt, but for one":                 {paced(evidence.LoggedTimes{Verb: "RCPT", Count: 30, Slow: 1, Longest: 1}), "", ""},
		"prompt, and the longest nearly slow": {paced(evidence.LoggedTimes{Verb: "RCPT", Count: 30, Longest: 0.99}), "excluded", "excluded"},
	} {
		for code, want := range map[string]string{smtpTarpit.Code: story.tarpit, smtpSlow.Code: story.slow} {
			if got := saidOf(loggedSessions(), code, inLogs(story.p)); len(lacks(got, want)) > 0 {
				t.Errorf("%s: %q, want %s %q", name, got, code, want)
			}
		}
	}
}

// TestSlowWords: what is told of slow replies is the number, the twentieth and the
// wait of the longest of all.
func TestSlowWords(t *testing.T) {
	first, later := paced(took("RCPT", 60, 30, 3)), paced(took("MAIL", 60, 40, 9))
	later.Connector = "other"
	for _, peers := range [][]evidence.LoggedPeer{{first, later}, {later, first}} {
		got := saidOf(loggedSessions(), smtpSlow.Code, inLogs(peers...))
		if not := lacks(got, "suspected", "RCPT 4 s (30 of 60)", "MAIL 10 s (40 of 60)", "by the log of the server that sends", "not: to be sent"); len(not) > 0 {
			t.Errorf("%q lacks %q", got, not)
		}
		for _, f := range loggedSessions().Run(diag.NewEvidence([]diag.AnyKey{evidence.SMTPLogs, evidence.Recipients}, inLogs(peers...))) {
			if f.Code == smtpSlow.Code && (f.Wait == nil || f.Wait.Length().Seconds() != 11) {
				t.Errorf("mail stood still %v", f.Wait)
			}
		}
	}
	body := saidOf(loggedSessions(), smtpSlow.Code, inLogs(paced(took(evidence.LoggedBody, 8, 8, 7))))
	if not := lacks(body, "suspected", "the end of the message 7 s (half of 8)", "the time that the message took to be sent is in it"); len(not) > 0 {
		t.Errorf("%q lacks %q", body, not)
	}
}

// TestNotedPauses: pauses that the receive log itself notes are a tarpit from three
// of a second on, before replies that accepted; those of delayed acknowledgements
// are not.
func TestNotedPauses(t *testing.T) {
	for name, story := range map[string]struct {
		pause evidence.LoggedTarpit
		want  string
	}{
		"three":         {evidence.LoggedTarpit{Verb: "RCPT", Count: 3, Median: 1}, "confirmed"},
		"two":           {evidence.LoggedTarpit{Verb: "RCPT", Count: 2, Median: 1}, ""},
		"short":         {evidence.LoggedTarpit{Verb: "RCPT", Count: 3, Median: 0.9}, ""},
		"before errors": {evidence.LoggedTarpit{Verb: "RCPT", Count: 3, Median: 5, Refused: true}, ""},
		"of nothing":    {evidence.LoggedTarpit{Count: 3, Median: 5}, ""},
		"delayed":       {evidence.LoggedTarpit{Verb: evidence.LoggedBody, Count: 3, Median: 5, Reason: "DelayedAck"}, ""},
	} {
		p := ownLog(paced(took("MAIL", 30, 0, 0)))
		p.Tarpits = []evidence.LoggedTarpit{story.pause}
		if got := saidOf(loggedSessions(), smtpTarpit.Code, inLogs(p)); len(lacks(got, story.want)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
	p := ownLog(paced())
	p.Tarpits = []evidence.LoggedTarpit{{Verb: evidence.LoggedBody, Count: 4, Median: 5}}
	if got := saidOf(loggedSessions(), smtpTarpit.Code, inLogs(p)); len(lacks(got, "confirmed", "the end of the message 5 s (4 times), by its own receive log")) > 0 {
		t.Errorf("%q", got)
	}
}

// TestDelayedByLogs: a late acknowledgement is Exchange 2010's by the word of its own
// log; the sender's log shows only that it was late, at a server that may do so.
func TestDelayedByLogs(t *testing.T) {
	sender := func(shadow bool, times ...evidence.LoggedTimes) evidence.LoggedPeer {
		p := paced(append(times, took("RCPT", 30, 0, 0.2), took("NOOP", 30, 30, 8))...)
		p.XShadow = shadow
		return p
	}
	own := func(messages int, pauses ...evidence.LoggedTarpit) evidence.LoggedPeer {
		p := ownLog(paced(took("RCPT", 30, 0, 0.2), took("NOOP", 30, 30, 8)))
		p.Messages, p.Tarpits = messages, pauses
		return p
	}
	inferred := own(20)
	inferred.Source = evidence.LogService
	refused := took(evidence.LoggedBody, 3, 3, 9)
	refused.Refused = true
	ack := func(n int, longest evidence.Duration) evidence.LoggedTarpit {
		return evidence.LoggedTarpit{Reason: "DelayedAck", Verb: evidence.LoggedBody, Count: n, Median: longest / 2, Longest: longest, At: nine()}
	}
	for name, story := range map[string]struct {
		p    evidence.LoggedPeer
		want []string
	}{
		"three, by the sender":      {sender(true, took(evidence.LoggedBody, 3, 3, 5)), []string{"suspected", "half of 3 messages", "after 5 s", "within 0.200 s"}},
		"the last part":             {sender(true, took(evidence.LoggedBDATLast, 3, 3, 5)), []string{"suspected"}},
		"two":                       {sender(true, took(evidence.LoggedBody, 2, 2, 5)), []string{""}},
		"not so late":               {sender(true, took(evidence.LoggedBody, 3, 3, 4.9)), []string{""}},
		"refused":                   {sender(true, refused), []string{""}},
		"without XSHADOW":           {sender(false, took(evidence.LoggedBody, 3, 3, 5)), []string{""}},
		"a command":                 {sender(true, took("MAIL", 3, 3, 5)), []string{""}},
		"by its own word":           {own(0, ack(1, 3), ack(2, 5)), []string{"confirmed", "DelayedAck for 3 messages, half of them 2.5 s or less", "after 5 s", "sessions from client.example.org"}},
		"by its own word, and less": {own(0, ack(2, 5), ack(1, 3)), []string{"confirmed", "DelayedAck for 3 messages, half of them 2.5 s or less"}},
		"short":                     {own(0, ack(5, 4.9)), []string{"excluded", "the longest of 4.9 s"}},
		"never":                     {own(20), []string{"excluded", "20 messages and no such pause"}},
		"never, in too few":         {own(19), []string{""}},
		"never, by inference":       {inferred, []string{""}},
	} {
		if got := saidOf(loggedSessions(), delayedAckCause.Code, inLogs(story.p)); len(lacks(got, story.want[0], story.want[1:]...)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
	for _, f := range loggedSessions().Run(diag.NewEvidence([]diag.AnyKey{evidence.SMTPLogs, evidence.Recipients}, inLogs(sender(true, took(evidence.LoggedBody, 3, 3, 5))))) {
		if f.Code == delayedAckCause.Code && (f.Wait == nil || !f.Wait.From.Equal(nine()) || f.Wait.Length().Seconds() != 7) {
			t.Errorf("mail stood still %v", f.Wait)
		}
	}
	quick := own(0, ack(3, 9))
	quick.Times = []evidence.LoggedTimes{{Verb: "RCPT", Count: 9, P95: 0.01}, {Verb: "MAIL", Count: 9, P95: 7, Refused: true}}
	if got := saidOf(loggedSessions(), delayedAckCause.Code, inLogs(quick)); len(lacks(got, "confirmed", "within 0.100 s")) > 0 {
		t.Errorf("less than a tenth of a second is not told apart: %q", got)
	}
}

// TestCutSessions: from how many sessions on an end without a reply is told, on
// which side, and in which words.
func TestCutSessions(t *testing.T) {
	for name, story := range map[string]struct {
		own      bool
		sessions int
		cut      evidence.LoggedCut
		want     []string
	}{
		"two in two hundred":     {false, 200, evidence.LoggedCut{Verb: "MAIL", Count: 2, Longest: 40, Remote: 2}, []string{"suspected", "closed at MAIL without a reply, after 40 s at most", "2 of 200 sessions"}},
		"two in more":            {false, 201, evidence.LoggedCut{Verb: "MAIL", Count: 2, Longest: 40, Remote: 2}, []string{""}},
		"one":                    {false, 10, evidence.LoggedCut{Verb: "MAIL", Count: 1, Longest: 40, Remote: 1}, []string{""}},
		"at the end":             {false, 10, evidence.LoggedCut{Verb: "QUIT", Count: 5, Longest: 40, Remote: 5}, []string{""}},
		"in the handshake":       {false, 10, evidence.LoggedCut{Verb: evidence.LoggedHandshake, Count: 5, Longest: 40, Remote: 5}, []string{""}},
		"its own log, a command": {true, 10, evidence.LoggedCut{Verb: "MAIL", Count: 5, Longest: 40, Remote: 5}, []string{""}},
		"its own log, a message": {true, 10, evidence.LoggedCut{Verb: evidence.LoggedBody, Count: 5, Longest: 40, Remote: 5}, []string{"suspected", "at the end of the message"}},
		"its own log, a part":    {true, 10, evidence.LoggedCut{Verb: evidence.LoggedBDAT, Count: 5, Longest: 40, Remote: 5}, []string{"suspected", "at BDAT"}},
		"as much broken":         {false, 10, evidence.LoggedCut{Verb: "MAIL", Count: 4, Longest: 40, Remote: 2, Broken: 2, Local: 2}, []string{"suspected", "is closed at MAIL"}},
		"more broken":            {false, 10, evidence.LoggedCut{Verb: "MAIL", Count: 4, Longest: 40, Remote: 1, Broken: 2, Local: 2}, []string{"suspected", "breaks off at MAIL"}},
		"given up":               {false, 10, evidence.LoggedCut{Verb: "MAIL", Count: 4, Longest: 40, Remote: 2, Broken: 1, Local: 3}, []string{"suspected", "no reply comes to MAIL within 40 s"}},
		"more broken than given": {false, 10, evidence.LoggedCut{Verb: "MAIL", Count: 9, Longest: 40, Remote: 3, Broken: 4, Local: 2}, []string{"suspected", "breaks off at MAIL"}},
	} {
		p := heardFrom(story.sessions, 5)
		if story.own {
			p = ownLog(p)
		}
		p.Cuts = []evidence.LoggedCut{story.cut}
		if got := saidOf(loggedSessions(), sessionCut.Code, inLogs(p)); len(lacks(got, story.want[0], story.want[1:]...)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestVanishedBySize: only what is too large for one packet, gets no reply for long,
// and is larger than all that passed, may have been lost for its size.
func TestVanishedBySize(t *testing.T) {
	for name, story := range map[string]struct {
		verb     string
		least    int64
		longest  evidence.Duration
		largest  int64
		messages int
		want     []string
	}{
		"larger than a packet":           {evidence.LoggedBody, 1201, 30, 1200, 5, []string{"suspected", "messages of 1201 bytes and more", "30 s", "3 sessions ended so"}},
		"as large as a packet":           {evidence.LoggedBody, 1200, 30, 900, 5, []string{""}},
		"as large as one that passed":    {evidence.LoggedBody, 5000, 30, 5000, 5, []string{""}},
		"less than half a minute":        {evidence.LoggedBody, 5000, 29.9, 900, 5, []string{""}},
		"a command":                      {"RCPT", 5000, 60, 900, 5, []string{""}},
		"a part":                         {evidence.LoggedBDAT, 5000, 60, 900, 5, []string{"suspected"}},
		"of unknown size, none passed":   {evidence.LoggedBody, 0, 60, 0, 0, []string{"suspected", "a message"}},
		"of unknown size, others passed": {evidence.LoggedBody, 0, 60, 0, 5, []string{""}},
		"of a known size, none passed":   {evidence.LoggedBody, 700, 60, 0, 0, []string{""}},
	} {
		p := heardFrom(100, story.messages)
		p.Largest = story.largest
		p.Cuts = []evidence.LoggedCut{{Verb: story.verb, Count: 3, Remote: 3, Longest: story.longest, Least: story.least, At: nine()}}
		if got := saidOf(loggedSessions(), pathMTUCause.Code, inLogs(p)); len(lacks(got, story.want[0], story.want[1:]...)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestWhichServers: each server is judged by what its own sessions say, and not by
// calls that came to nothing, nor by the sessions of hosts that are counted together.
func TestWhichServers(t *testing.T) {
	busy := saidTo("MAIL", "452 4.3.1 no resources", 5)
	one, two := heardFrom(10, 5, busy), heardFrom(10, 5)
	two.Host, two.Addr = "mx2.example.com", "192.0.2.2:25"
	calls := heardFrom(10, 5, busy)
	calls.Source = evidence.LogConnect
	many := heardFrom(10, 5, busy)
	many.Addr = evidence.OtherHosts
	nameless := heardFrom(10, 5, busy)
	nameless.Host = ""
	bare := ownLog(heardFrom(10, 5, busy))
	bare.Local = ""
	unheard := ownLog(heardFrom(10, 5, busy))
	unheard.Local, unheard.Name = "", ""
	odd := heardFrom(10, 5, busy)
	odd.Addr = "192.0.2.1:2525"
	all := ownLog(heardFrom(10, 5, busy))
	all.Addr = evidence.OtherHosts
	for name, story := range map[string]struct {
		peers []evidence.LoggedPeer
		want  string
	}{
		"two":               {[]evidence.LoggedPeer{one, two}, "confirmed mx.example.com [192.0.2.1]"},
		"two, the other":    {[]evidence.LoggedPeer{two, one}, "confirmed mx.example.com [192.0.2.1]"},
		"calls":             {[]evidence.LoggedPeer{calls}, ""},
		"counted together":  {[]evidence.LoggedPeer{many}, ""},
		"without a name":    {[]evidence.LoggedPeer{nameless}, "confirmed 192.0.2.1"},
		"without address":   {[]evidence.LoggedPeer{bare}, "confirmed mx.example.com"},
		"without both":      {[]evidence.LoggedPeer{unheard}, ""},
		"at another port":   {[]evidence.LoggedPeer{odd}, "confirmed mx.example.com [192.0.2.1]:2525"},
		"called by so many": {[]evidence.LoggedPeer{all}, "confirmed mx.example.com [192.0.2.1]"},
	} {
		if got := judged(loggedSessions(), inLogs(story.peers...)); got != story.want {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}
