package analyzers

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var clientSide = &diag.Cause{
	Code: "CLIENT-SIDE", Title: "The servers passed the mail on at once", Severity: diag.Note,
	Text:   "{subject}: taken from the sender's mailbox or client and delivered to the recipient's mailbox within {longest}, by the logs of each server on the way ({count} messages)[; {because}] ({where})",
	Ruled:  "{subject}: mail waits at servers ({late} of {count} messages that were followed)",
	About:  "Where the servers have a message for seconds only, the time was spent before the first or behind the last of them: a client that was offline or set to send later, one that fetches mail every so often, a rule, a cached view, or a clock that is wrong at the client.",
	Read:   "The whole way of each message that was followed, from a mailbox or a client that logged in to a mailbox: every stop known, no log missing, nowhere late. Suspected on all of the messages that were followed; confirmed for the one that was asked for by its id.",
	Remedy: "Look at the message at the recipient: its Received lines against the time at which it was seen. Look at the clients: send/receive schedule, cached mode, offline folders, deferred delivery, rules, and the clock.",
	Refs:   []string{"RFC 5321 section 4.4"},
}

var evidenceIncomplete = &diag.Cause{
	Code: "EVIDENCE-INCOMPLETE", Title: "A log that would tell more is not here", Severity: diag.Note,
	Text:   "{subject}: {why} ({count} messages). What to fetch: {get}",
	Ruled:  "{subject}: every server that they passed has its log here ({count} messages)",
	About:  "A message that was handed over in time by every server whose log is here may still wait at the next one. Only that one's log tells.",
	Read:   "The way of each message that was followed: where it goes on at a server of the organization whose log for that hour is not here. Reported where the logs that are here do not already show where the message waited.",
	Remedy: "Fetch the log that is named, and add it to the case: the message is then followed on.",
	Refs:   []string{"Exchange Server documentation: Message tracking logs"},
}

// followed is the subject of what is said of all journeys.
const followed = "the messages that were followed"

// clientSides judges whether the servers were slow at all.
func clientSides() *diag.Analyzer {
	return &diag.Analyzer{Name: "client-side",
		Doc:    "Judges whether mail was late at servers at all, where its whole way is known.",
		Needs:  []diag.AnyKey{evidence.Journeys, evidence.Traffic},
		Uses:   []diag.AnyKey{evidence.Sightings},
		Causes: []*diag.Cause{clientSide},
		Run: func(e diag.Evidence) []diag.Finding {
			all := evidence.Journeys.In(e)
			rows, _ := evidence.Sightings.Lookup(e)
			if n := lateOnes(all); n > 0 {
				return []diag.Finding{{Code: clientSide.Code, Subject: followed, From: []string{ref(evidence.Journeys.Kind().Name, 0)},
					Args: []diag.Arg{diag.Number("late", n), diag.Number("count", len(all))}}}
			}
			for i, j := range all {
				if j.Asked && whole(j, rows) {
					return []diag.Finding{quick(diag.Confirmed, clip(j.Message, 120), all[i:i+1], i)}
				}
			}
			return everywhere(all, rows, evidence.Traffic.In(e))
		}}
}

// lateOnes counts the messages that waited at a server, or do.
func lateOnes(all []evidence.Journey) (n int) {
	for _, j := range all {
		if stoodStill(j) {
			n++
		}
	}
	return n
}

// stoodStill says whether the logs show where a message was late.
func stoodStill(j evidence.Journey) bool {
	late := evidence.Duration(evidence.LateFrom.Seconds())
	return j.State == evidence.JourneyWaiting || j.State == evidence.JourneyPartly ||
		slices.ContainsFunc(j.Stops, func(s evidence.Stop) bool { return s.Wait > late })
}

// whole says whether the way of a message is known from a mailbox or a client that
// logged in to a mailbox, and was quick.
func whole(j evidence.Journey, rows []evidence.Sighting) bool {
	return j.State == evidence.JourneyArrived && j.Sample && len(j.Missing) == 0 && len(j.Notes) == 0 && len(j.Stops) > 0 &&
		cameBy(j.Stops[0].Where, rows).What == evidence.SawSubmitted && !slices.ContainsFunc(j.Stops, func(s evidence.Stop) bool {
		return s.Outcome == evidence.SawFailed || s.Outcome == evidence.SawDropped
	}) && fromHere(cameBy(j.Stops[0].Where, rows))
}

// everywhere suspects the clients, where nothing at all was late.
func everywhere(all []evidence.Journey, rows []evidence.Sighting, traffic []evidence.HopTraffic) []diag.Finding {
	for _, h := range traffic {
		if h.Late > 0 || h.Waiting > 0 {
			return nil
		}
	}
	for _, j := range all {
		if !whole(j, rows) {
			return nil
		}
	}
	if len(all) == 0 {
		return nil
	}
	return []diag.Finding{lessSure(quick(diag.Confirmed, followed, all, 0), "of the message that is complained about, the id is not known here: give it as message", "")}
}

func quick(v diag.Verdict, subject string, all []evidence.Journey, at int) diag.Finding {
	longest := slices.MaxFunc(all, func(a, b evidence.Journey) int { return cmp.Compare(a.Total, b.Total) })
	return diag.Finding{Code: clientSide.Code, Verdict: v, Subject: subject, From: []string{ref(evidence.Journeys.Kind().Name, at)},
		Args: []diag.Arg{diag.Duration("longest", longest.Total.Duration().Round(time.Second/10)), diag.Number("count", len(all)), diag.Text("where", whereOf(longest).String())}}
}

// incomplete judges which log would tell more.
func incomplete() *diag.Analyzer {
	return &diag.Analyzer{Name: "evidence-incomplete",
		Doc:    "Judges whether the log of a server is missing that would decide where a message was.",
		Needs:  []diag.AnyKey{evidence.Journeys},
		Uses:   []diag.AnyKey{evidence.Message},
		Causes: []*diag.Cause{evidenceIncomplete},
		Run: func(e diag.Evidence) []diag.Finding {
			all := evidence.Journeys.In(e)
			asked, _ := evidence.Message.Lookup(e)
			var found []diag.Finding
			if asked != "" && !slices.ContainsFunc(all, func(j evidence.Journey) bool { return j.Asked }) {
				found = append(found, inNoLog(asked))
			}
			list := wanted(all)
			if len(list) == 0 && len(found) == 0 {
				return nothingMissing(all)
			}
			for i, g := range list {
				if i == mostGaps {
					break
				}
				found = append(found, g.finding(len(list)-mostGaps))
			}
			return found
		}}
}

// inNoLog says that no log names the message that was asked for. It may have another
// id, so that nothing says for certain that a log is missing.
func inNoLog(asked string) diag.Finding {
	return diag.Finding{Code: evidenceIncomplete.Code, Verdict: diag.Suspected, Subject: clip(asked, 120), Message: clip(asked, 120), From: []string{ref(evidence.Journeys.Kind().Name, 0)},
		Args: []diag.Arg{diag.Text("why", "no log has a row about "+clip(asked, 120)), diag.Number("count", 1),
			diag.Text("get", "the logs of the servers that it passed, for the hours after it was sent. See that the id is that of its header Message-ID, or the one that it has in a queue")}}
}

// mostGaps is how many missing logs are named, those that would tell of most
// messages first.
const mostGaps = 5

// A gap is a log that is missing.
type gap struct {
	evidence.Missing
	count int
	at    int // the journey that wants it most
}

// wanted lists the logs that are missing, by server. Messages that were late count;
// if the logs show where each of them waited, nothing is missing, and if none was,
// all count. The message that was asked for always does, unless it waited.
func wanted(all []evidence.Journey) []gap {
	late := slices.ContainsFunc(all, func(j evidence.Journey) bool { return !j.Sample })
	by := map[string]*gap{}
	for i, j := range all {
		if late && j.Sample && !j.Asked || stoodStill(j) {
			continue
		}
		for _, m := range j.Missing {
			if strings.HasPrefix(m.Get, evidence.AskPostmaster) {
				continue
			}
			key := strings.ToLower(m.Server)
			if g := by[key]; g != nil {
				g.add(m)
			} else {
				by[key] = &gap{m, 1, i}
			}
		}
	}
	var list []gap
	for _, g := range by {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b gap) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.Server, b.Server)) })
	return list
}

func (g *gap) add(m evidence.Missing) {
	g.count++
	if m.From.Before(g.From) {
		g.From = m.From
	}
	if m.To.After(g.To) {
		g.To = m.To
	}
}

func (g gap) finding(more int) diag.Finding {
	get := clip(g.Get, 500)
	if g.count > 1 {
		get += fmt.Sprintf(" (for all of them: from %s to %s UTC)", g.From.UTC().Format("2006-01-02 15:04"), g.To.UTC().Format("2006-01-02 15:04"))
	}
	if more > 0 {
		get += fmt.Sprintf("; logs of %d more servers would tell of fewer messages", more)
	}
	return diag.Finding{Code: evidenceIncomplete.Code, Verdict: diag.Confirmed, Subject: clip(g.Server, 80), From: []string{ref(evidence.Journeys.Kind().Name, g.at)},
		Args: []diag.Arg{diag.Text("why", clip(g.Why, 300)), diag.Number("count", g.count), diag.Text("get", get)}}
}

// nothingMissing excludes it where messages were followed to a mailbox, or to where
// no log is named as missing, not even that of a server outside the organization.
func nothingMissing(all []evidence.Journey) []diag.Finding {
	n := 0
	for _, j := range all {
		if (j.State == evidence.JourneyArrived || j.State == evidence.JourneyLeft) && len(j.Missing) == 0 { // not even one of a stranger
			n++
		}
	}
	if n == 0 || n < len(all) {
		return nil
	}
	return []diag.Finding{{Code: evidenceIncomplete.Code, Subject: followed, From: []string{ref(evidence.Journeys.Kind().Name, 0)}, Args: []diag.Arg{diag.Number("count", n)}}}
}

// fromHere says whether a message was taken from the server's own mailboxes or
// clients. What another server's mailboxes handed over may have waited there.
func fromHere(s evidence.Sighting) bool {
	_, err := netip.ParseAddr(s.Peer)
	return s.Text != "STOREDRIVER" || s.Peer == "" || err == nil || sameHost(s.Peer, s.Server)
}
