package analyzers

import (
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

// reinjections judges whether messages were put back into the mail.
func reinjections() *diag.Analyzer {
	return &diag.Analyzer{Name: "reinjections",
		Doc:    "Judges whether the time of a message was spent with a program that sent it again.",
		Needs:  []diag.AnyKey{evidence.Journeys},
		Uses:   []diag.AnyKey{evidence.Sightings},
		Causes: []*diag.Cause{reinjected},
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
				if at, known := by[f.Subject]; known { // those that took longest come first
					found[at].Args[0].Number++
					continue
				}
				by[f.Subject] = len(found)
				found = append(found, f)
			}
			if len(found) == 0 {
				return noneOf(reinjected, all)
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
		if r.Where == w && (r.What == evidence.SawCame || r.What == evidence.SawSubmitted) {
			return r
		}
	}
	return evidence.Sighting{}
}
