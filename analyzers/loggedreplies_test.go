package analyzers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// saidOf is what an analyzer says of one cause, as a reader has it: "suspected: b
// puts mail off ...". It is "" where it says nothing.
func saidOf(a *diag.Analyzer, code string, given ...diag.Given) string {
	var all []string
	c := a.Causes[slices.IndexFunc(a.Causes, func(c *diag.Cause) bool { return c.Code == code })]
	for _, f := range a.Run(diag.NewEvidence(append(slices.Clone(a.Needs), a.Uses...), given...)) {
		if f.Code == code {
			all = append(all, f.Verdict.String()+": "+diag.Sentence(c, f))
		}
	}
	return strings.Join(all, "\n")
}

// lacks tells what a sentence does not have of what it should: the verdict first
// ("" is silence), words after it. What begins with "not: " must not be there.
func lacks(got, verdict string, words ...string) []string {
	var all []string
	if first, _, _ := strings.Cut(got, ":"); first != verdict {
		all = append(all, fmt.Sprintf("the verdict %q", verdict))
	}
	for _, w := range words {
		not, denied := strings.CutPrefix(w, "not: ")
		if denied && strings.Contains(got, not) || !denied && !strings.Contains(got, w) {
			all = append(all, w)
		}
	}
	return all
}

func nine() time.Time { return time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC) }

// heardFrom is a server that was called, by the log of EX01, which called it, in so many sessions.
func heardFrom(sessions, messages int, replies ...evidence.LoggedReply) evidence.LoggedPeer {
	return evidence.LoggedPeer{Server: "EX01", Source: evidence.LogSend, Out: true, Host: "mx.example.com", Addr: "192.0.2.1:25", Sessions: sessions, Messages: messages, Replies: replies}
}

// saidTo is a reply that was logged n times.
func saidTo(verb, text string, n int) evidence.LoggedReply {
	code := 0
	fmt.Sscan(text[:3], &code)
	return evidence.LoggedReply{Verb: verb, Code: code, Text: text, Count: n, Sessions: n, First: nine(), Last: nine().Add(time.Hour)}
}

// ownLog is the same server by its own log.
func ownLog(p evidence.LoggedPeer) evidence.LoggedPeer {
	p.Out, p.Source, p.Name, p.Local, p.Host, p.Addr = false, evidence.LogReceive, "mx.example.com", "192.0.2.1:25", "client.example.org", "198.51.100.7:40000"
	return p
}

func inLogs(peers ...evidence.LoggedPeer) diag.Given {
	return diag.Give(evidence.SMTPLogs, evidence.SessionLogs{Peers: peers})
}

// TestDeferredOrGreylisted: a deferral without words is greylisting only where it
// meets recipients, is of policy or of no class, and nearly all of several pairs
// pass later.
func TestDeferredOrGreylisted(t *testing.T) {
	for name, story := range map[string]struct {
		verb, text    string
		pairs, passed int
		grey, put     string
	}{
		"four of five pass":               {"RCPT", "451 please come later", 5, 4, "suspected", ""},
		"three of four pass":              {"RCPT", "451 please come later", 4, 3, "", "confirmed"},
		"eight of nine pass":              {"RCPT", "451 please come later", 9, 8, "suspected", ""},
		"three pairs, and all pass":       {"RCPT", "451 please come later", 3, 3, "suspected", ""},
		"two pairs":                       {"RCPT", "451 please come later", 2, 2, "", "confirmed"},
		"none passes":                     {"RCPT", "451 please come later", 5, 0, "", "confirmed"},
		"nobody knows":                    {"RCPT", "451 please come later", 0, 0, "", "confirmed"},
		"of policy":                       {"RCPT", "451 4.7.1 please come later", 5, 5, "suspected", ""},
		"of the mailbox":                  {"RCPT", "451 4.2.1 please come later", 5, 5, "", "confirmed"},
		"of the sender":                   {"MAIL", "451 please come later", 5, 5, "", "confirmed"},
		"it says so":                      {"RCPT", "451 greylisted", 2, 2, "confirmed", ""},
		"it says so, and nothing passes":  {"RCPT", "451 greylisted", 2, 0, "suspected", ""},
		"too many recipients":             {"RCPT", "452 4.5.3 too many recipients", 5, 5, "", ""},
		"of a logon":                      {"AUTH", "451 please come later", 0, 0, "", ""},
		"of TLS":                          {"STARTTLS", "454 4.7.0 TLS not available", 0, 0, "", ""},
		"what nothing asked for":          {evidence.LoggedUnasked, "451 please come later", 0, 0, "", ""},
		"of TLS, in no words of its own ": {"STARTTLS", "451 please come later", 0, 0, "", ""},
	} {
		r := saidTo(story.verb, story.text, 5)
		r.Pairs, r.Passed, r.Latest, r.Until = story.pairs, story.passed, 600, nine().Add(20*time.Minute)
		for code, want := range map[string]string{greylisted.Code: story.grey, smtpDeferred.Code: story.put} {
			got := saidOf(loggedSessions(), code, inLogs(heardFrom(10, 5, r)))
			if len(lacks(got, want)) > 0 {
				t.Errorf("%s: %q, want %s %q", name, got, code, want)
			}
			if wordless := "it does not say that it is greylisting"; strings.Contains(got, wordless) != (want == "suspected" && !strings.Contains(story.text, "greylisted")) {
				t.Errorf("%s: %q: wordless?", name, got)
			}
		}
	}
}

// TestPassedLater: how long what is put off waits, and how much of it passed.
func TestPassedLater(t *testing.T) {
	one, two := saidTo("RCPT", "451 greylisted", 5), saidTo("RCPT", "450 4.7.1 greylisted for 300 s", 3)
	one.Pairs, one.Passed, one.Latest, one.Until = 5, 4, 300, nine().Add(time.Hour)
	two.Pairs, two.Passed, two.Latest, two.Until = 3, 2, 900, nine().Add(2*time.Hour)
	for _, replies := range [][]evidence.LoggedReply{{one, two}, {two, one}} {
		got := saidOf(loggedSessions(), greylisted.Code, inLogs(heardFrom(10, 5, replies...)))
		for _, word := range lacks(got, "confirmed", "15 min later", "logged 8 times") {
			t.Errorf("%q lacks %s", got, word)
		}
		for _, f := range loggedSessions().Run(diag.NewEvidence([]diag.AnyKey{evidence.SMTPLogs, evidence.Recipients}, inLogs(heardFrom(10, 5, replies...)))) {
			if again := told(f, "again"); f.Code == greylisted.Code && again != "6 pairs of sender and recipient that it had put off" {
				t.Errorf("%s", again)
			}
			if f.Code == greylisted.Code && (f.Wait == nil || !f.Wait.From.Equal(nine().Add(105*time.Minute)) || !f.Wait.To.Equal(nine().Add(2*time.Hour))) {
				t.Errorf("mail stood still %v", f.Wait)
			}
		}
	}
}

// TestSeldomSaid: from how many replies in how many sessions on a reply says
// something of the others.
func TestSeldomSaid(t *testing.T) {
	for _, story := range []struct {
		replies, sessions int
		put, refused      string
	}{
		{1, 100, "suspected", "confirmed"}, // in one session only
		{1, 101, "", "suspected"},
		{2, 200, "confirmed", "confirmed"},
		{2, 201, "", "suspected"},
		{3, 301, "confirmed", "confirmed"},
		{3, 3000, "confirmed", "confirmed"},
		{3, 3001, "", "suspected"},
	} {
		put := saidOf(loggedSessions(), smtpDeferred.Code, inLogs(heardFrom(story.sessions, 5, saidTo("MAIL", "451 later", story.replies))))
		if len(lacks(put, story.put)) > 0 {
			t.Errorf("%d of %d put off: %q, want %q", story.replies, story.sessions, put, story.put)
		}
		refused := saidOf(loggedSessions(), smtpRefused.Code, inLogs(heardFrom(story.sessions, 5, saidTo("greeting", "554 no", story.replies))))
		words := []string{fmt.Sprintf("%d of %d sessions", story.replies, story.sessions), "by the log of the server that sends (EX01)"}
		if not := lacks(refused, story.refused, words...); len(not) > 0 {
			t.Errorf("%d of %d refused: %q lacks %q", story.replies, story.sessions, refused, not)
		}
	}
	several := saidTo("MAIL", "451 later", 4)
	several.Sessions = 1
	if got := saidOf(loggedSessions(), smtpDeferred.Code, inLogs(heardFrom(50, 5, several))); len(lacks(got, "suspected", "in one session only")) > 0 {
		t.Errorf("four times in one session: %q", got)
	}
}

// TestTurnedAwayAtTimes: a server that takes mail in other sessions only holds it
// up; one that takes none stops it.
func TestTurnedAwayAtTimes(t *testing.T) {
	for messages, want := range map[int]diag.Severity{0: 0, 1: diag.Delayed, 7: diag.Delayed} {
		peer := heardFrom(10, messages, saidTo("greeting", "554 no", 5))
		for _, f := range loggedSessions().Run(diag.NewEvidence([]diag.AnyKey{evidence.SMTPLogs, evidence.Recipients}, inLogs(peer))) {
			hint, also := told(f, "hint"), fmt.Sprintf("it took %d messages in others", messages)
			if f.Code == smtpRefused.Code && (f.Severity != want || strings.Contains(hint, also) != (messages > 0)) {
				t.Errorf("%d messages: severity %v, %q", messages, f.Severity, hint)
			}
		}
	}
}

// TestLimitsOnConnections: 421 4.3.2 is a limit for certain only where it says so,
// and in the server's own log only where those who were stopped are its own side.
func TestLimitsOnConnections(t *testing.T) {
	const plain, worded = "421 4.3.2 try later", "421 4.3.2 too many connections"
	for name, story := range map[string]struct {
		text, from string // "" is the log of the caller
		atOnce     int
		want       []string
	}{
		"in words":                     {worded, "", 0, []string{"confirmed", "not: sessions at once", "not: not active"}},
		"in words, with many":          {worded, "", 2, []string{"confirmed", "up to 2 sessions at once"}},
		"in words, with one":           {worded, "", 1, []string{"confirmed", "not: sessions at once"}},
		"without words":                {plain, "", 0, []string{"suspected", "may also mean that the service is not active"}},
		"its own log, and a stranger":  {worded, "198.51.100.7:1111", 0, []string{"suspected", "holds nobody else up"}},
		"its own log, and a colleague": {worded, "10.0.0.7:1111", 0, []string{"confirmed", "not: holds nobody else up"}},
		"its own log, and itself":      {worded, "127.0.0.1:1111", 0, []string{"confirmed", "not: holds nobody else up"}},
		"its own log, and many":        {worded, evidence.OtherHosts, 0, []string{"suspected", "holds nobody else up"}},
	} {
		p := heardFrom(10, 5, saidTo("MAIL", story.text, 5))
		p.AtOnce = story.atOnce
		if story.from != "" {
			p = ownLog(p)
			p.Addr = story.from
		}
		if got := saidOf(loggedSessions(), limitCause.Code, inLogs(p)); len(lacks(got, story.want[0], story.want[1:]...)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestRefusedForGood: a server refuses some mail every day. It is told where the
// operator's recipient is among it, or where hardly anything else is said.
func TestRefusedForGood(t *testing.T) {
	for name, story := range map[string]struct {
		replies, accepted int // recipients
		asked             string
		want              []string
	}{
		"as much as it accepts":      {3, 3, "", []string{"confirmed", "3 were accepted in the same log"}},
		"less than it accepts":       {3, 4, "", []string{""}},
		"twice":                      {2, 0, "", []string{""}},
		"once, of the operator's":    {1, 900, "Carol@example.com", []string{"confirmed", "900 were accepted in the same log", "carol@example.com", "not: dan@example.com"}},
		"once, and another is asked": {1, 900, "erin@example.com", []string{""}},
	} {
		r := saidTo("RCPT", "550 5.1.1 user unknown", story.replies)
		r.To = []string{"carol@example.com", "dan@example.com"}
		p := heardFrom(10, 2, r)
		p.Recipients = story.accepted
		given := []diag.Given{inLogs(p)}
		if story.asked != "" {
			given = append(given, diag.Give(evidence.Recipients, []evidence.Mailbox{{Address: story.asked}}))
		}
		if got := saidOf(loggedSessions(), recipientRefused.Code, given...); len(lacks(got, story.want[0], story.want[1:]...)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
	sender := heardFrom(10, 2, saidTo("MAIL", "550 5.1.8 bad sender", 3))
	sender.Recipients = 50 // that more recipients than messages were accepted says nothing of senders
	if got := saidOf(loggedSessions(), senderRefused.Code, inLogs(sender)); len(lacks(got, "confirmed", "2 were accepted")) > 0 {
		t.Errorf("senders: %q", got)
	}
}

// TestNeverSaid: what a log with enough messages does not have is ruled out, but
// not by inference, and not where some other deferral may be the same.
func TestNeverSaid(t *testing.T) {
	inferred := heardFrom(30, 20)
	inferred.Source = evidence.LogService
	ownInferred := ownLog(heardFrom(30, 20))
	ownInferred.Source = evidence.LogService
	const all, some = "PCDG", "PC"
	for name, story := range map[string]struct {
		p    evidence.LoggedPeer
		want string // of these, what is excluded
	}{
		"enough":                            {heardFrom(30, 20), all},
		"too few":                           {heardFrom(30, 19), ""},
		"its own log":                       {ownLog(heardFrom(30, 20)), all},
		"its own log, of the service":       {ownInferred, ""},
		"the sender's log, of the service":  {inferred, all},
		"refused for good":                  {heardFrom(3000, 20, saidTo("RCPT", "550 5.1.1 user unknown", 1)), all},
		"too many recipients at once":       {heardFrom(3000, 20, saidTo("RCPT", "452 4.5.3 too many recipients", 1)), some},
		"put off, but seldom":               {heardFrom(3000, 20, saidTo("RCPT", "451 later", 1)), some},
		"put off for the lack of resources": {heardFrom(30, 20, saidTo("MAIL", "452 4.3.1 no resources", 3)), "C"},
	} {
		got := ""
		for _, c := range []*diag.Cause{pressureCause, limitCause, smtpDeferred, greylisted} {
			if strings.HasPrefix(saidOf(loggedSessions(), c.Code, inLogs(story.p)), "excluded") {
				got += map[*diag.Cause]string{pressureCause: "P", limitCause: "C", smtpDeferred: "D", greylisted: "G"}[c]
			}
		}
		if got != story.want {
			t.Errorf("%s: excludes %q, want %q", name, got, story.want)
		}
	}
}

// TestWhatRepliesSay goes on with replies whose words or steps matter, beside those
// of TestLoggedRefusals.
func TestWhatRepliesSay(t *testing.T) {
	for _, story := range []struct {
		own              bool
		verb, text, want string
	}{
		{false, "MAIL", "450 4.7.1 Your IP is on a blocklist", "SMTP-DEFERRED"},
		{false, "EHLO", "450 4.7.1 Your IP is on a blocklist", "SMTP-REFUSED"},
		{false, "MAIL", "550 5.7.1 Your IP is on a blocklist", "SMTP-REFUSED"},
		{true, "MAIL", "550 5.7.1 Your IP is on a blocklist", ""},
		{false, "greeting", "421 closing", "SMTP-REFUSED"},
		{false, "X-ANONYMOUSTLS", "454 4.7.0 Temporary authentication failure", "SMTP-EXCHANGE-AUTH"},
		{true, "MAIL", "451 4.7.0 Cannot achieve Exchange Server authentication", "SMTP-EXCHANGE-AUTH"},
	} {
		l := &loggedHost{own: story.own, sessions: 10, peers: []evidence.LoggedPeer{heardFrom(10, 5, saidTo(story.verb, story.text, 5))}}
		got := ""
		if c := l.causeOf(l.heardBy()[0]); c != nil {
			got = c.Code
		}
		if got != story.want {
			t.Errorf("own %v, %s: %s: %s, want %s", story.own, story.verb, story.text, got, story.want)
		}
	}
}

// TestLoggedWhen: how often, from when to when, and what was said most.
func TestLoggedWhen(t *testing.T) {
	most, early, next := saidTo("MAIL", "451 busy", 5), saidTo("MAIL", "451 go away", 2), saidTo("MAIL", "451 later", 1)
	early.First, early.Last = nine().Add(-time.Hour), nine()
	next.First, next.Last = nine().Add(20*time.Hour), nine().Add(20*time.Hour)
	for name, story := range map[string]struct {
		replies []evidence.LoggedReply
		want    []string
	}{
		"once":        {[]evidence.LoggedReply{next}, []string{"logged once, 2026-02-04 05:00:00 UTC"}},
		"one day":     {[]evidence.LoggedReply{early, most}, []string{"451 busy", "logged 7 times, 2026-02-03 08:00:00 to 10:00:00 UTC"}},
		"other order": {[]evidence.LoggedReply{most, early}, []string{"451 busy", "logged 7 times, 2026-02-03 08:00:00 to 10:00:00 UTC"}},
		"two days":    {[]evidence.LoggedReply{most, early, next}, []string{"451 busy", "logged 8 times, 2026-02-03 08:00:00 to 2026-02-04 05:00:00 UTC"}},
	} {
		got := saidOf(loggedSessions(), smtpDeferred.Code, inLogs(heardFrom(20, 5, story.replies...)))
		if strings.HasPrefix(got, "confirmed") != (name != "once") || len(lacks("x: "+got, "x", story.want...)) > 0 {
			t.Errorf("%s: %q, want %q", name, got, story.want)
		}
	}
}

// TestBothLogsSay: the logs of both sides of a hop make one finding; the surer one
// stays, then the one that saw the longer wait, with the evidence of both.
func TestBothLogsSay(t *testing.T) {
	sender, receiver := heardFrom(20, 5, saidTo("MAIL", "452 4.3.1 no resources", 5)), ownLog(heardFrom(9999, 5, saidTo("MAIL", "452 4.3.1 no resources", 5)))
	receiver.Host, sender.Host = "EX01", "mx.example.com"
	for _, peers := range [][]evidence.LoggedPeer{{sender, receiver}, {receiver, sender}} {
		found := loggedSessions().Run(diag.NewEvidence([]diag.AnyKey{evidence.SMTPLogs, evidence.Recipients}, inLogs(peers...)))
		i := slices.IndexFunc(found, func(f diag.Finding) bool { return f.Code == pressureCause.Code })
		if i < 0 || found[i].Verdict != diag.Confirmed || len(found[i].From) != 2 || strings.Contains(told(found[i], "because"), "only 5 in 9999") {
			t.Errorf("%+v", found)
		}
	}
	longer := sender
	longer.Replies = []evidence.LoggedReply{saidTo("MAIL", "452 4.3.1 no resources", 6)}
	longer.Replies[0].Passed, longer.Replies[0].Latest, longer.Replies[0].Until = 1, 900, nine().Add(time.Hour)
	receiver.Sessions = 20
	receiver.Replies = []evidence.LoggedReply{saidTo("MAIL", "452 4.3.1 no resources", 7)}
	receiver.Replies[0].Passed, receiver.Replies[0].Latest, receiver.Replies[0].Until = 1, 60, nine().Add(time.Hour)
	for _, peers := range [][]evidence.LoggedPeer{{longer, receiver}, {receiver, longer}} {
		if got := saidOf(loggedSessions(), pressureCause.Code, inLogs(peers...)); len(lacks(got, "confirmed", "logged 6 times")) > 0 {
			t.Errorf("not the longer wait: %q", got)
		}
	}
}
