package analyzers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	queueRetry = &diag.Cause{
		Code: "QUEUE-RETRY", Title: "A queue waits for its next attempt", Severity: diag.Delayed,
		Text:   "{subject}: {count} messages wait because the last attempt failed[ ({error})][; {means}][; they are for {target}][; the next attempt comes {next}][; its sender is told {notice}][; the oldest is returned {returned}][; {speed}][; {because}] ({where})",
		Ruled:  "no message in {subject} waits after a failed attempt",
		About:  "The server tried to hand these messages on and failed. It waits for its retry timer and tries again: every message of the queue waits with it. The last error says what failed; the timer only says how long that costs.",
		Read:   "The state of each queue (Retry) with LastError, LastRetryTime and NextRetryTime (Get-Queue), or the reason beside each message (postqueue, mailq, exim -bp).",
		Remedy: "Find what the last error names; that is the cause to mend. To see whether it is over: force one attempt (Retry-Queue; Force Connection; postqueue -i ID; exim -M ID).",
		Refs:   []string{"Exchange Server documentation: Queues", "KB 264273", "postqueue(1)"},
		Place:  true,
		Tests:  []diag.Test{{Do: "On the server that holds the queue: mailflow run --input next-hop=THE-NEXT-HOP --input vantage=sender tries that hop step by step and names what fails.", Takes: 3 * time.Minute}},
	}
	queueFrozen = &diag.Cause{
		Code: "QUEUE-FROZEN", Title: "Messages are held by an administrator", Severity: diag.Stopped,
		Text:   "{subject}: {count} messages are held ({state}): they stay until somebody lets them go ({where})",
		Ruled:  "nothing is held in {subject}",
		About:  "Suspended, frozen or on hold: somebody, or a rule, has stopped the queue or the messages. No timer ever moves them.",
		Read:   "The state of each queue (Suspended), of messages in Postfix (hold) and Exim (frozen).",
		Remedy: "Find out why they were held, then Resume-Queue or Resume-Message; postsuper -H ID; exim -Mt ID. Exim freezes bounces that it cannot deliver: these may be left to expire.",
		Refs:   []string{"Exchange Server documentation: Queues", "postsuper(1)", "Exim specification: Frozen messages"},
	}
	queueScheduled = &diag.Cause{
		Code: "QUEUE-SCHEDULED", Title: "A queue waits for the schedule of its connector", Severity: diag.Delayed,
		Text:   "{subject}: {count} messages wait for a scheduled connection[; {because}] ({where})",
		Ruled:  "{subject} waits for no schedule",
		About:  "Exchange 2000/2003 shows a queue as Scheduled while its connector is closed: nothing failed, the connector opens at selected times.",
		Read:   "The state of the queue.",
		Remedy: "Look at the connection time of the queue's connector (Delivery Options), or give an export of the configuration, which has it.",
		Refs:   []string{"KB 264273", "KB 264054"},
	}
	queueUnreachable = &diag.Cause{
		Code: "QUEUE-UNREACHABLE", Title: "Messages have no way to their destination", Severity: diag.Stopped,
		Text:   "{subject}: {count} messages have no route ({where})",
		Ruled:  "every message in {subject} has a route",
		About:  "The server found no path to the recipient: no connector, a routing group or site without a way to it, or a mailbox database that cannot be read from the directory. The messages are looked at again when the configuration changes.",
		Read:   "The Unreachable queue (Get-Queue), or \"Messages with an unreachable destination\" (2000/2003), with messages in it.",
		Remedy: "Get-Message -Queue SERVER\\Unreachable | fl Recipients, LastError names who and why. Then look at connectors and at the path: mailflow route.",
		Refs:   []string{"Exchange Server documentation: Queues", "KB 823489"},
	}
	queuePoison = &diag.Cause{
		Code: "QUEUE-POISON", Title: "Messages are set aside because the server crashed over them", Severity: diag.Stopped,
		Text:   "{subject}: {count} messages are set aside as poison ({where})",
		Ruled:  "{subject} holds no poison message",
		About:  "A message that the transport service was working on each time it crashed is set aside, so that the rest can go on. It stays until somebody decides.",
		Read:   "The Poison message queue (Get-Queue), with messages in it.",
		Remedy: "Export-Message for the support case, look for the crash in the application log, then Resume-Message or Remove-Message. A crash slows everything: look at what crashed.",
		Refs:   []string{"Exchange Server documentation: Queues"},
	}
	directoryLookup = &diag.Cause{
		Code: "QUEUE-DIRECTORY-LOOKUP", Title: "The categorizer falls behind", Severity: diag.Delayed,
		Text:   "{subject}: {count} messages wait to be categorized, more than {limit} ({where})",
		Ruled:  "hardly anything in {subject} waits to be categorized",
		About:  "Before a message is routed, its recipients are looked up and groups expanded. A slow or unreachable global catalogue, very large groups, or an agent that hangs makes all mail wait here.",
		Read:   "The Submission queue (2007 and later), or \"Messages awaiting directory lookup\" (2000/2003): more than 50 messages.",
		Remedy: "Look again after a minute: does it shrink? Check the global catalogue servers in reach of this server (event 2080 of MSExchangeDSAccess), their response times, and transport agents.",
		Refs:   []string{"Exchange Troubleshooting Assistant help: Messages pending submission or awaiting directory lookup", "KB 823489"},
	}
	oneDestination = &diag.Cause{
		Code: "QUEUE-ONE-DESTINATION", Title: "Much of what waits goes to one destination, or comes from one sender", Severity: diag.Delayed,
		Text:   "{share} of the {total} messages that wait in {listing} have the same {by}: {subject}[, which is {target}] ({where})",
		Ruled:  "what waits in {subject} is spread over many destinations",
		About:  "When a large part of the waiting mail is for one domain or server, the trouble is there or on the way to it. When it comes from one sender, it is a mailing, a loop or a compromised account.",
		Read:   "The messages counted by next hop, recipient domain and sender: from a quarter on it is suspected, from a half on it is confirmed; fewer than 20 messages say nothing.",
		Remedy: "For a destination: look at its last error, and run this with --input recipient=ADDRESS there. For a sender: look at what it sends before letting it go on.",
		Refs:   []string{"Exchange Troubleshooting Assistant help: Queues", "Postfix QSHAPE_README"},
		Place:  true,
		Behind: []*diag.Cause{queueRetry, queueFrozen},
	}
)

// Thresholds (knowledge/extra.md, MF-Q).
const (
	lookupBacklog = 50
	fewWaiting    = 20
)

// queues judges listings of queues.
func queues() *diag.Analyzer {
	return &diag.Analyzer{Name: "queues",
		Doc:    "Judges the queues of mail servers: what waits, for what, and until when.",
		Needs:  []diag.AnyKey{evidence.QueueListings},
		Uses:   []diag.AnyKey{evidence.Organization, evidence.Forecasts, evidence.Clock},
		Causes: []*diag.Cause{queueRetry, queueFrozen, queueScheduled, queueUnreachable, queuePoison, directoryLookup, oneDestination},
		Run: func(e diag.Evidence) []diag.Finding {
			forecasts, _ := evidence.Forecasts.Lookup(e)
			now, _ := evidence.Clock.Lookup(e)
			var found []diag.Finding
			for i, l := range evidence.QueueListings.In(e) {
				q := queued{l, ref(evidence.QueueListings.Kind().Name, i), i, forecasts, now}
				found = append(found, q.states()...)
				found = append(found, q.mails()...)
				found = append(found, q.shares()...)
			}
			return clearedQueues(found, evidence.QueueListings.In(e))
		}}
}

// A queued is one listing.
type queued struct {
	evidence.QueueListing
	from      string
	at        int
	forecasts []evidence.Forecast
	now       time.Time
}

// moment is a time to come; one that is over says that the list is old.
func (q queued) moment(at time.Time) string {
	text := "at " + at.UTC().Format("2006-01-02 15:04:05 UTC")
	if !q.now.IsZero() && at.Before(q.now.Add(-time.Hour)) {
		text += " (which is past: the list is older than this analysis)"
	}
	return text
}

// ahead tells what comes next for a queue, or for the mail of a domain.
func (q queued) ahead(f *diag.Finding, name string) {
	i := slices.IndexFunc(q.forecasts, func(c evidence.Forecast) bool { return c.Listing == q.at && c.Queue == name })
	if i < 0 {
		return
	}
	given := ""
	if by := q.forecasts[i].By; len(by) > 0 && strings.HasPrefix(by[len(by)-1], "the defaults") {
		given = " if the server has its defaults"
	}
	say := func(name string, at *time.Time) {
		if at != nil {
			f.Args = append(f.Args, diag.Text(name, q.moment(*at)+given))
		}
	}
	say("notice", q.forecasts[i].Notice)
	say("returned", q.forecasts[i].GivesUp)
	if q.forecasts[i].Grows {
		f.Args = append(f.Args, diag.Text("speed", "more comes into it than leaves"))
	}
}

func (q queued) on(c *diag.Cause, v diag.Verdict, subject string, line, count int, args ...diag.Arg) diag.Finding {
	args = append(args, diag.Number("count", count), diag.Text("where", evidence.Where{File: q.Export.Path, Line: line}.String()))
	return diag.Finding{Code: c.Code, Verdict: v, Subject: subject, Args: args, From: []string{q.from}}
}

// states judges each queue of Exchange by its state and kind.
func (q queued) states() []diag.Finding {
	var found []diag.Finding
	for _, x := range q.Queues {
		if x.Messages <= 0 {
			continue
		}
		name := clip(x.Name, 100)
		switch kind := systemQueue(x); {
		case kind == "unreachable":
			found = append(found, q.on(queueUnreachable, diag.Confirmed, name, x.Line, x.Messages))
		case kind == "poison":
			found = append(found, q.on(queuePoison, diag.Confirmed, name, x.Line, x.Messages))
		case kind == "submission" && x.Messages > lookupBacklog:
			found = append(found, q.on(directoryLookup, diag.Confirmed, name, x.Line, x.Messages, diag.Number("limit", lookupBacklog)))
		case x.State == evidence.QueueRetrying:
			found = append(found, q.retrying(x))
		case x.State == evidence.QueueHeld:
			found = append(found, q.on(queueFrozen, diag.Confirmed, name, x.Line, x.Messages, diag.Text("state", x.Said)))
		case x.State == evidence.QueueScheduled:
			found = append(found, q.on(queueScheduled, diag.Confirmed, name, x.Line, x.Messages))
		}
	}
	return found
}

// systemQueue tells the queues that lead nowhere: by their names, which the
// cmdlets do not translate, and those of 2000/2003 by their titles.
func systemQueue(x evidence.Queue) string {
	name := strings.ToLower(x.Name[strings.LastIndexByte(x.Name, '\\')+1:])
	switch {
	case name == "unreachable" || strings.EqualFold(x.Type, "Unreachable") || name == "messages with an unreachable destination":
		return "unreachable"
	case name == "poison" || name == "poison message":
		return "poison"
	case name == "submission" || name == "messages awaiting directory lookup":
		return "submission"
	}
	return ""
}

func (q queued) retrying(x evidence.Queue) diag.Finding {
	subject := clip(x.Name, 100)
	if x.NextHop != "" {
		subject += " to " + clip(x.NextHop, 100)
	}
	f := q.on(queueRetry, diag.Confirmed, subject, x.Line, x.Messages)
	if x.Error != "" {
		f.Args = append(f.Args, diag.Text("error", clip(x.Error, 300)))
		if means := speaksOf(x.Error); means != "" {
			f.Args = append(f.Args, diag.Text("means", means))
		}
	}
	switch {
	case x.NextTry.Known():
		f.Args = append(f.Args, diag.Text("next", q.moment(*x.NextTry.Time)))
	case x.NextTry.Text != "":
		f.Args = append(f.Args, diag.Text("next", "at "+clip(x.NextTry.Text, 40)+" of the server's time"))
	}
	if target := mailboxesOf(x); target != "" {
		f.Args = append(f.Args, diag.Text("target", target))
	}
	q.ahead(&f, x.Name)
	if x.LastTry.Known() && x.NextTry.Known() {
		f.Wait = &diag.Span{From: *x.LastTry.Time, To: *x.NextTry.Time}
	}
	return f
}

// mails judges what is listed message by message.
func (q queued) mails() []diag.Finding {
	var found []diag.Finding
	for _, r := range q.Reasons {
		if r.State != evidence.QueueRetrying {
			continue
		}
		f := q.on(queueRetry, diag.Confirmed, clip(r.Domain, 100), r.Line, r.Count)
		if r.Text != "" {
			f.Args = append(f.Args, diag.Text("error", clip(r.Text, 300)))
		}
		if means := speaksOf(r.Text); means != "" {
			f.Args = append(f.Args, diag.Text("means", means))
		}
		q.ahead(&f, r.Domain)
		found = append(found, f)
	}
	if n := q.States[evidence.QueueHeld]; n > 0 {
		found = append(found, q.on(queueFrozen, diag.Confirmed, q.Export.Path, 0, n, diag.Text("state", "frozen or on hold")))
	}
	return found
}

// shares judges whether one destination or sender has much of what waits.
func (q queued) shares() []diag.Finding {
	var found []diag.Finding
	inQueues := 0
	for _, x := range q.Queues {
		inQueues += max(x.Messages, 0)
	}
	for _, g := range q.Groups {
		total := q.Messages
		if g.By == evidence.ByQueue {
			total = inQueues
		}
		if total < fewWaiting || 4*g.Count < total || g.Name == "" {
			continue
		}
		v := diag.Suspected
		if 2*g.Count >= total {
			v = diag.Confirmed
		}
		f := q.on(oneDestination, v, clip(g.Name, 100), 0, g.Count, diag.Text("share", fmt.Sprintf("%d %%", 100*g.Count/total)),
			diag.Number("total", total), diag.Text("listing", q.Export.Path), diag.Text("by", g.By))
		if target := q.mailboxesOf(g); target != "" {
			f.Args = append(f.Args, diag.Text("target", target))
		}
		found = append(found, f)
	}
	return found
}

// clearedQueues adds what the listings rule out, once for all of them. A list of
// messages does not show the queues of Exchange; and one that has neither state nor
// reason for a message (exim -bp) does not show whether an attempt failed.
func clearedQueues(found []diag.Finding, all []evidence.QueueListing) []diag.Finding {
	guilty := map[string]bool{}
	for _, f := range found {
		guilty[f.Code] = true
	}
	ruled := []*diag.Cause{queueFrozen}
	if slices.ContainsFunc(all, func(l evidence.QueueListing) bool { return len(l.Queues) > 0 }) {
		ruled = append(ruled, queueUnreachable, queuePoison, directoryLookup)
	}
	i := slices.IndexFunc(all, func(l evidence.QueueListing) bool { return l.States[evidence.QueueOther] > 0 })
	switch {
	case guilty[queueRetry.Code]:
	case i < 0:
		ruled = append(ruled, queueRetry)
	default:
		f := diag.Finding{Code: queueRetry.Code, Subject: clip(all[i].Export.Path, 100), From: []string{ref(evidence.QueueListings.Kind().Name, i)}}
		found = append(found, undecided(f, fmt.Sprintf("the list has neither a state nor a reason for %d messages", all[i].States[evidence.QueueOther]), "the log of that server for these hours"))
	}
	for _, c := range ruled {
		if !guilty[c.Code] {
			found = append(found, diag.Finding{Code: c.Code, Subject: "the queues listed"})
		}
	}
	return found
}
