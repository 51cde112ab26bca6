package analyzers

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var hopDelay = &diag.Cause{
	Code: "HOP-DELAY", Title: "Mail waits at one server for its next hop", Severity: diag.Delayed,
	Text:   "{subject}[: {stuck}][: {late} of {count} messages waited longer than 2 minutes there][, half of all about {median} or less, one in twenty about {twentieth} or more, the longest {longest}][: {because}][; {place}][; most of the time went to {part}][; attempts were put off: {deferred}][; {waiting} had not left when the log ended] ({where})",
	Ruled:  "{subject}[: {count} messages were passed on], none of them late[ (the longest wait {longest})]",
	About:  "The log of one server says when a message came to it and when it left. Both times are of the same clock, so that no clock can pretend a delay. Where the time went says where to look; why it went there is for the other causes.",
	Read:   "Message tracking of Exchange (RECEIVE or SUBMIT to SEND or DELIVER at the same server), mail logs of Postfix (first line of a queue id to status=sent). A message is late that waits longer than 2 minutes at one hop. Confirmed where at least three are, or one in a hundred.",
	Remedy: "Look at this server and its next hop: the queue's last error, the connector's schedule, the retry intervals, the load at these hours.",
	Refs:   []string{"Exchange Server documentation: Message tracking logs", "Postfix: the delays= record"},
	Place:  true,
	Tests:  []diag.Test{{Do: "List the queues of that server while mail waits, and give the list as evidence: Get-Queue | Export-Clixml queues.xml; postqueue -j > queue.json; exim -bp > queue.txt.", Takes: 2 * time.Minute}},
	Behind: []*diag.Cause{agentSlow, connectorSchedule, periodicSchedule, periodicRetry, backlogCause, smtpDeferred, greylisted, pressureCause},
}

// hopDelays judges at which hop mail waits, by the logs of its server.
func hopDelays() *diag.Analyzer {
	return &diag.Analyzer{Name: "hop-delay",
		Doc:    "Judges at which server, and for which next hop, mail waits, by that server's own log.",
		Needs:  []diag.AnyKey{evidence.Traffic},
		Causes: []*diag.Cause{hopDelay},
		Run: func(e diag.Evidence) []diag.Finding {
			var found []diag.Finding
			all := evidence.Traffic.In(e)
			left := map[string]int{}
			for _, h := range all {
				left[h.Server] += h.Count
			}
			for i, h := range all {
				found = append(found, lingered(h, ref(evidence.Traffic.Kind().Name, i), left[h.Server]))
			}
			return sift(found, "hops")
		}}
}

// online is the server of messages that a message trace speaks of.
const online = "Exchange Online"

// hopName names a hop as findings do: "HUB01 to Internet".
func hopName(h evidence.HopTraffic) string {
	if h.To == evidence.NoHopYet {
		return clip(h.Server, 80)
	}
	return clip(h.Server, 80) + " to " + clip(h.To, 80)
}

func lingered(h evidence.HopTraffic, from string, left int) diag.Finding {
	d := func(name string, v evidence.Duration) diag.Arg {
		return diag.Duration(name, v.Duration().Round(time.Second))
	}
	if h.Count == 0 {
		return unfinishedHop(h, from, left)
	}
	f := diag.Finding{Code: hopDelay.Code, Verdict: diag.Confirmed, Subject: hopName(h), From: []string{from}, Args: []diag.Arg{
		diag.Number("late", h.Late), diag.Number("count", h.Count), d("median", h.Median), d("twentieth", h.P95), d("longest", h.Longest), diag.Text("where", h.Where.String())}}
	switch {
	case h.Waiting > 0 && h.Late == 0:
		f.Args = []diag.Arg{diag.Text("stuck", fmt.Sprintf("%d of %d messages had not left when the log ended, the others waited for %s at most", h.Waiting, h.Count+h.Waiting,
			diag.Seconds(h.Longest.Duration().Round(time.Second)))), diag.Text("where", h.Where.String())}
	case h.Waiting > 0:
		f.Args = append(f.Args, diag.Number("waiting", h.Waiting))
	}
	if place := lateFor(h); place != "" {
		f.Args = append(f.Args, diag.Text("place", place))
	}
	if part := slowest(h); part != "" {
		f.Args = append(f.Args, diag.Text("part", part))
	}
	if text := deferred(h.Deferrals); text != "" {
		f.Args = append(f.Args, diag.Text("deferred", text))
	}
	switch {
	case h.Late == 0 && h.Waiting == 0:
		f.Verdict = diag.Excluded
	case h.Late < 3 && 100*h.Late < h.Count:
		f.Verdict = diag.Suspected
	}
	f.Wait = longest(h.Passages)
	if putForward(h) {
		return undecided(f, fmt.Sprintf("%s stood still for an hour each, by a log that names no zone and says nothing of that hour: where a clock is put forward, an hour passes in no time", messages(h.Late)),
			"the zone of the clock: --input zone=Europe/Berlin; for later logs of Exim log_timezone = yes and log_selector = +queue_time")
	}
	if h.Local && f.Verdict == diag.Suspected { // where clocks are put forward, an hour passes in no time
		return undecided(f, "the log names no zone, so that so few may have waited only by a clock that was put forward", "the zone of the clock: --input zone=Europe/Berlin")
	}
	return f
}

// putForward says whether all late messages of a log without a zone waited from before
// one hour of which it says nothing until after it, and for hardly longer.
func putForward(h evidence.HopTraffic) bool {
	var from, until time.Time
	late := 0
	for _, p := range h.Passages {
		wait := p.Left.Sub(p.Came)
		if wait <= evidence.LateFrom {
			continue
		}
		if late++; wait < time.Hour || wait > time.Hour+evidence.LateFrom {
			return false
		}
		if p.Came.After(from) {
			from = p.Came
		}
		if until.IsZero() || p.Left.Before(until) {
			until = p.Left
		}
	}
	within := func(t time.Time) bool {
		return t.After(from.Add(evidence.LateFrom)) && t.Before(until.Add(-evidence.LateFrom))
	}
	return h.Local && late > 0 && late == h.Late && until.Sub(from) >= time.Hour-evidence.LateFrom &&
		!slices.ContainsFunc(h.Passages, func(p evidence.Passage) bool { return within(p.Came) || within(p.Left) })
}

// unfinishedHop is of messages that came and of which the log tells no more. They
// may wait, or their leaving stands in a log that was not given.
func unfinishedHop(h evidence.HopTraffic, from string, left int) diag.Finding {
	f := diag.Finding{Code: hopDelay.Code, Verdict: diag.Unknown, Subject: hopName(h), From: []string{from},
		Args: []diag.Arg{diag.Number("waiting", h.Waiting), diag.Text("where", h.Where.String())}}
	if h.Server == online {
		return undecided(f, fmt.Sprintf("%d messages were on their way when the message trace was made; it does not say why", h.Waiting),
			"Get-MessageTraceDetailV2 for one of them, or the extended report of the message trace")
	}
	if stuck := stuckHop(h, f, left); stuck.Verdict >= diag.Suspected {
		return stuck
	}
	return undecided(f, fmt.Sprintf("%d messages came, and the log says of none that it left", h.Waiting), "the next log of "+clip(h.Server, 80)+", and a listing of its queues")
}

// stuckHop is of messages for which attempts were put off, that being the last
// that the log says of them while it goes on: they wait, and it says why.
func stuckHop(h evidence.HopTraffic, f diag.Finding, left int) diag.Finding {
	text, tried := deferred(h.Deferrals), 0
	for _, m := range h.Open {
		if m.Tries > 0 {
			tried++
		}
	}
	if text == "" || tried == 0 {
		return f
	}
	f.Verdict = diag.Confirmed
	words := "none of the messages that came has left"
	if h.To == evidence.NoHopYet && left > 0 {
		words = fmt.Sprintf("%d of %d messages had not left", h.Waiting, left+h.Waiting)
	}
	f.Args = append(f.Args, diag.Text("stuck", words), diag.Text("deferred", text))
	last := slices.MaxFunc(h.Deferrals, func(a, b evidence.Deferral) int { return a.Last.Compare(b.Last) }).Last
	first := slices.MinFunc(h.Open, func(a, b evidence.OpenMessage) int { return a.Came.Compare(b.Came) }).Came
	if last.Sub(first) >= evidence.LateFrom {
		f.Wait = &diag.Span{From: first, To: last}
	}
	if tried < 3 || last.Sub(first) < 10*time.Minute || h.To == evidence.NoHopYet && left > 0 { // greylisting takes as long
		f.Verdict = diag.Suspected
	}
	return f
}

// deferred tells the reason for which most attempts were put off.
func deferred(all []evidence.Deferral) string {
	if len(all) == 0 {
		return ""
	}
	most := slices.MaxFunc(all, func(a, b evidence.Deferral) int { return cmp.Compare(a.Count, b.Count) })
	text := fmt.Sprintf("%s %q", times(most.Count), clip(most.Text, 200))
	if means := speaksOf(most.Text); means != "" {
		text += " (" + means + ")"
	}
	return text
}

// longest is the time that the message stood still that waited longest.
func longest(all []evidence.Passage) *diag.Span {
	if len(all) == 0 {
		return nil
	}
	most := slices.MaxFunc(all, func(a, b evidence.Passage) int { return cmp.Compare(a.Left.Sub(a.Came), b.Left.Sub(b.Came)) })
	if most.Left.Sub(most.Came) < evidence.LateFrom {
		return nil
	}
	return &diag.Span{From: most.Came, To: most.Left}
}
