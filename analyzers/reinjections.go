package analyzers

import (
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var reinjected = &diag.Cause{
	Code: "REINJECTED", Title: "A program sent the message again", Severity: diag.Note,
	Text:   "{subject}: {count} messages were handed in again with the id that they had, one of them {gap} after it had left[ ({marker})]: that time is not transport[; {because}] ({where})",
	Ruled:  "{subject}: none of {count} was handed in anew with its old id",
	About:  "Mailing lists, archives, replay and pickup folders and client programs put a message back into the mail with its old Message-ID and Date. Headers and logs then look as if it had been under way for the whole time, but it was with that program.",
	Read:   "A message that came to a server with nothing before it, when it had already left, or been delivered, elsewhere. Confirmed where the log says that a program of the host handed it in (pickup), suspected else. Reported from 2 minutes on.",
	Remedy: "Look at the program, not at the servers: its own log, how often it runs, what it waits for (moderation, scanning).",
	Refs:   []string{"RFC 5321 section 3.9", "RFC 5322 section 3.6.6"},
}

var sentTwice = &diag.Cause{
	Code: "SENT-TWICE", Title: "The sender's server sent the message twice", Severity: diag.Note,
	Text:   "{subject}: {count} messages came a second time, with the same id, one of them from {peer} {gap} after it had come from there first: a copy that the sender's server made[; {because}] ({where})",
	Ruled:  "{subject}: none of {count} came twice from the same host",
	About:  "A server that does not see the reply to the end of a message, because the connection broke or it waited too briefly, must send it again. The receiver that had taken it has it twice. The time between the two is no delay: the first has arrived.",
	Read:   "A message that came to a server over SMTP, from the host and for a recipient for which it had come before. Never confirmed: whether the first session was cut off stands in the sender's log, or in a protocol log of that hour. A program that gives one id to several messages looks the same. Reported from 2 minutes on.",
	Remedy: "Look at the first session in the protocol log of the receiver: how long it took to answer after the end of the message (anti-virus, content filters, delayed acknowledgement), and who closed the connection. Mail that is checked for long after DATA makes such copies.",
	Refs:   []string{"RFC 1047", "RFC 5321 section 4.5.3.2.6"},
}

// reinjections judges whether messages were put back into the mail.
func reinjections() *diag.Analyzer {
	return &diag.Analyzer{Name: "reinjections",
		Doc:    "Judges whether the time of a message was spent with a program that sent it again.",
		Needs:  []diag.AnyKey{evidence.Journeys},
		Uses:   []diag.AnyKey{evidence.Sightings},
		Causes: []*diag.Cause{reinjected, sentTwice},
		Run: func(e diag.Evidence) []diag.Finding {
			all := evidence.Journeys.In(e)
			rows, _ := evidence.Sightings.Lookup(e)
			var found []diag.Finding
			by := map[string]int{}
			for i, j := range all {
				f, ok := restarted(j, rows, ref(evidence.Journeys.Kind().Name, i))
				if !ok {
					continue
				}
				key := f.Code + f.Subject
				if at, known := by[key]; known { // those that took longest come first
					found[at].Args[0].Number++
					continue
				}
				by[key] = len(found)
				found = append(found, f)
			}
			for _, c := range []*diag.Cause{reinjected, sentTwice} {
				if !slices.ContainsFunc(found, func(f diag.Finding) bool { return f.Code == c.Code }) {
					found = append(found, noneOf(c, all)...)
				}
			}
			return found
		}}
}

// restarted finds the stop at which a journey begins anew.
func restarted(j evidence.Journey, rows []evidence.Sighting, from string) (diag.Finding, bool) {
	for at, s := range j.Stops {
		if at == 0 || s.From >= 0 || s.Came == nil {
			continue
		}
		gone, ok := goneBefore(j.Stops[:at], *s.Came)
		if !ok || s.Came.Sub(gone) < evidence.LateFrom {
			continue
		}
		how := cameBy(s.Where, rows)
		switch first, again := sameSender(j.Stops[:at], how, rows); {
		case how.What == evidence.SawAgain: // the server's own copy
			continue
		case again && len(first.To) > 0 && !sharesAny(first.To, how.To): // for others
			continue
		case again:
			return copied(j, s, first, how, from), true
		}
		f := diag.Finding{Code: reinjected.Code, Verdict: diag.Confirmed, Subject: clip(s.Server, 80), Message: j.Message, From: []string{from}, Wait: &diag.Span{From: gone, To: *s.Came},
			Args: []diag.Arg{diag.Number("count", 1), diag.Duration("gap", s.Came.Sub(gone).Round(time.Second)), diag.Text("where", s.Where.String())}}
		if how.What != evidence.SawSubmitted {
			return lessSure(f, "the log does not say who handed it in", ""), true
		}
		if how.Text != "" {
			f.Args = append(f.Args, diag.Text("marker", clip(how.Text, 80)))
		}
		return f, true
	}
	return diag.Finding{}, false
}

// sameSender is how a message came first from the host from which it came again.
func sameSender(stops []evidence.Stop, how evidence.Sighting, rows []evidence.Sighting) (evidence.Sighting, bool) {
	for _, s := range stops {
		first := cameBy(s.Where, rows)
		if s.From < 0 && how.What == evidence.SawCame && first.What == evidence.SawCame && how.Peer != "" && strings.EqualFold(first.Peer, how.Peer) {
			return first, true
		}
	}
	return evidence.Sighting{}, false
}

func sharesAny(a, b []string) bool {
	return len(b) == 0 || slices.ContainsFunc(a, func(to string) bool { return slices.Contains(b, to) })
}

// copied says that the sender's server sent a message twice.
func copied(j evidence.Journey, s evidence.Stop, first, how evidence.Sighting, from string) diag.Finding {
	f := diag.Finding{Code: sentTwice.Code, Verdict: diag.Confirmed, Subject: clip(s.Server, 80), Message: j.Message, From: []string{from},
		Args: []diag.Arg{diag.Number("count", 1), diag.Text("peer", clip(how.Peer, 80)), diag.Duration("gap", how.At.Sub(first.At).Round(time.Second)), diag.Text("where", s.Where.String())}}
	return lessSure(f, "why, the log of the receiver does not say", "")
}

// goneBefore is when a message had last left the stops before, or been delivered.
// One that still waited there was not with a program.
func goneBefore(stops []evidence.Stop, at time.Time) (gone time.Time, ok bool) {
	for _, s := range stops {
		if s.Left == nil {
			return time.Time{}, false
		}
		if s.Left.After(gone) && !s.Left.After(at) {
			gone, ok = *s.Left, true
		}
	}
	return gone, ok
}

// cameBy is the row with which a stop begins.
func cameBy(w evidence.Where, rows []evidence.Sighting) evidence.Sighting {
	for _, r := range rows {
		if r.Where == w && (r.What == evidence.SawCame || r.What == evidence.SawSubmitted || r.What == evidence.SawAgain) {
			return r
		}
	}
	return evidence.Sighting{}
}
