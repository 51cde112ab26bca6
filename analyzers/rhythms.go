package analyzers

import (
	"fmt"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	periodicSchedule = &diag.Cause{
		Code: "PERIODIC-SCHEDULE", Title: "Mail leaves on the clock", Severity: diag.Delayed,
		Text:   "{subject}: mail leaves every {period}, at {phase}[, for {window}], whenever it came: {share} of the {late} messages that waited[; {match}][; {because}] ({where})",
		Ruled:  "{subject}: mail does not leave on the clock[ ({why})]",
		About:  "Departures stand at the same minutes of the clock, whatever the time at which a message came. So something opens on the clock: the schedule of a connector, a task that runs a queue, a script, a program that fetches mail. A retry timer does not do that: it begins with the message, or with its queue.",
		Read:   "When each message came to the hop and when it left it (logs of that server). Circular statistics over the departures of messages that waited, against chance and with every other period tried; at least four openings and eight messages that waited. Where arrivals themselves stand on the clock, it cannot be told from a retry timer.",
		Remedy: "Look for what runs at these minutes: the connector's connection time (System Manager, Delivery Options), scheduled tasks, queue runs (crontab, sendmail -q, exim -q), fetchmail or POP connectors.",
		Refs:   []string{"KB 264273", "Exchange 2003 help: Delivery options of an SMTP connector"},
		Place:  true,
		Behind: []*diag.Cause{connectorSchedule},
		Tests:  []diag.Test{{Do: "Look at the queue while mail waits in it (Get-Queue | fl Identity,Status,LastError,NextRetryTime; the state in System Manager; postqueue -p). Scheduled: it waits for the connection time of its connector. Retry with a last error: it waits for a timer. Neither: a task runs it at these minutes.", Takes: 2 * time.Minute}},
	}
	periodicRetry = &diag.Cause{
		Code: "PERIODIC-RETRY", Title: "Mail leaves when a retry timer says so", Severity: diag.Delayed,
		Text:   "{subject}: late messages wait {sums}, counted from when each came or its queue failed: {share} of the {late} that waited[; {place}][; these are the steps of {ladder}][; beneath it: {deferred}][; {because}] ({where})",
		Ruled:  "{subject}: waits do not follow a retry timer[ ({why})]",
		About:  "Waits gather at a few lengths, counted from when each message came, or all messages of a queue leave together a fixed time after a failure. So first attempts fail, and later ones succeed: the timer sets how late that is, and the failure beneath it is the cause.",
		Read:   "When each message came to the hop and when it left it, and attempts that failed where the log has them. The lengths of waits, gathered without knowing any ladder, then held against those of known products.",
		Remedy: "Find what fails first: the reason for which attempts were put off, every address of the next hop, greylisting, limits on connections. Shorter retry intervals only lessen the damage.",
		Refs:   []string{"RFC 5321 section 4.5.4.1"},
		Place:  true,
		Tests:  []diag.Test{{Do: "Look at the queue while mail waits in it (Get-Queue | fl Identity,Status,LastError,NextRetryTime; postqueue -p; exim -bp): the last error names what fails beneath the timer.", Takes: 2 * time.Minute}},
		Behind: []*diag.Cause{retryInterval, smtpDeferred, greylisted, pressureCause},
	}
	backlogCause = &diag.Cause{
		Code: "BACKLOG", Title: "The hop is slower than the mail that comes", Severity: diag.Delayed,
		Text:   "{subject}: the wait grows and shrinks with the queue ({late} of {count} messages waited, the longest {longest})[; {place}] ({where})",
		Ruled:  "{subject}: the wait does not follow the length of the queue[ ({why})]",
		About:  "Every attempt works, but messages come faster than they leave: the queue grows at busy hours and drains afterwards. There is no timer to find; what takes the time of each message, or how many may go at once, is.",
		Read:   "The length of the queue when each message came against how long it then waited (rank correlation), and how evenly messages leave.",
		Remedy: "Find what one message costs here: a slow next hop (time of each session), a content filter, few connections at once, DNS look-ups. Compare the hours at which mail is late with those at which it is sent.",
		Refs:   []string{"Postfix QSHAPE_README"},
		Tests:  []diag.Test{{Do: "Send one message in a quiet hour, with nothing in the queue: if it leaves at once, volume is what makes others wait.", Takes: 5 * time.Minute}},
	}
)

// rhythms judges in what rhythm each hop lets mail go.
func rhythms() *diag.Analyzer {
	return &diag.Analyzer{Name: "rhythm",
		Doc:    "Judges whether mail leaves a hop on the clock, by a retry timer, as fast as the hop can, or at once.",
		Needs:  []diag.AnyKey{evidence.Traffic, evidence.Rhythms},
		Uses:   []diag.AnyKey{evidence.Organization, evidence.Zone},
		Causes: []*diag.Cause{periodicSchedule, periodicRetry, backlogCause},
		Run: func(e diag.Evidence) []diag.Finding {
			o := organization{}
			if _, ok := evidence.Organization.Lookup(e); ok {
				o = org(e)
			}
			zone, _ := evidence.Zone.Lookup(e)
			rhythms := evidence.Rhythms.In(e)
			var found []diag.Finding
			for i, h := range evidence.Traffic.In(e) {
				if i >= len(rhythms) { // a recorded case of other making
					break
				}
				t := tempo{h, rhythms[i], ref(evidence.Traffic.Kind().Name, i)}
				found = append(found, t.findings(o, zone)...)
			}
			return sift(found, "hops")
		}}
}

// A tempo is a hop and its rhythm.
type tempo struct {
	evidence.HopTraffic
	is   evidence.HopRhythm
	from string
}

func (t tempo) on(c *diag.Cause, v diag.Verdict, args ...diag.Arg) diag.Finding {
	args = append(args, diag.Text("why", t.is.Why), diag.Number("late", t.is.Waited), diag.Number("count", t.is.Count), diag.Text("where", t.Where.String()))
	if place := lateFor(t.HopTraffic); place != "" {
		args = append(args, diag.Text("place", place))
	}
	return diag.Finding{Code: c.Code, Verdict: v, Subject: hopName(t.HopTraffic), Args: args, From: []string{t.from}}
}

// findings says what the rhythm is, and what it is not. Nothing late, nothing to
// say.
func (t tempo) findings(o organization, zone evidence.TimeZone) []diag.Finding {
	if t.Late == 0 {
		return nil
	}
	schedule, retry, backlog := t.on(periodicSchedule, diag.Excluded), t.on(periodicRetry, diag.Excluded), t.on(backlogCause, diag.Excluded)
	switch t.is.Is {
	case evidence.RhythmClock:
		schedule, retry, backlog = t.grid(o, zone), t.orRetry(retry), t.orLimit(backlog)
	case evidence.RhythmRetry, evidence.RhythmFixed:
		retry = t.ladder()
		if t.is.Period > 0 && len(t.is.Sums) > 0 { // each step ends at a look at the queue, which is by a clock
			return []diag.Finding{retry, backlog}
		}
	case evidence.RhythmBacklog:
		backlog = t.on(backlogCause, diag.Confirmed, diag.Duration("longest", t.Longest.Duration().Round(time.Second)))
	case evidence.RhythmMixed:
		return t.partly(o, zone)
	case evidence.RhythmPrompt:
	default:
		return []diag.Finding{undecided(t.on(periodicSchedule, diag.Unknown), t.is.Why, "logs of more hours of "+clip(t.Server, 80))}
	}
	return []diag.Finding{schedule, retry, backlog}
}

// orRetry does not rule a retry timer out where attempts failed at a hop that lets
// mail go on the clock: a run of the queue on the clock ends the wait of each timer.
func (t tempo) orRetry(f diag.Finding) diag.Finding {
	text := deferred(t.Deferrals)
	if text == "" {
		return f
	}
	return undecided(f, "mail that waited left on the clock, and attempts failed there, too ("+text+"): where a run of the queue ends each timer, both are so", "the retry intervals of "+clip(t.Server, 80)+", and when it runs its queue")
}

// orLimit does not rule a backlog out where much mail left at once between the
// openings: a limit on messages for each hour looks so, counted by the clock. A hop
// that stays open for a while lets so much of the mail go at once.
func (t tempo) orLimit(f diag.Finding) diag.Finding {
	const few = 0.2
	open, prompt := 0.0, 1-float64(t.is.Waited)/float64(max(1, t.is.Count))
	if t.is.Period > 0 {
		open = float64(t.is.Window / t.is.Period)
	}
	if prompt <= open+few {
		return f
	}
	return undecided(f, "mail that waited left on the clock, while other mail left at once: so it is, too, where only so many messages may leave in an hour", "limits on messages or connections for each hour, at "+clip(t.Server, 80)+" and its next hop")
}

// partly says what a part of the messages follows; the rest speaks against it.
func (t tempo) partly(o organization, zone evidence.TimeZone) []diag.Finding {
	if t.onClock() {
		return []diag.Finding{t.grid(o, zone)}
	}
	return []diag.Finding{lessSure(t.ladder(), onlyPart, "")}
}

func (t tempo) grid(o organization, zone evidence.TimeZone) diag.Finding {
	f := t.on(periodicSchedule, diag.Confirmed, diag.Duration("period", t.is.Period.Duration()), diag.Text("phase", t.phase(zone)), t.share())
	if t.is.Window > 0 {
		f.Args = append(f.Args, diag.Duration("window", t.is.Window.Duration()))
	}
	if match := o.atGate(t); match != "" {
		f.Args = append(f.Args, diag.Text("match", match))
	}
	f.Wait = longest(t.Passages)
	if why := t.unsure(); why != "" {
		return lessSure(f, why, "")
	}
	return f
}

// unsure is why mail that leaves on the clock need not leave by it; "" where it does.
func (t tempo) unsure() string {
	if text := deferred(t.Deferrals); text != "" {
		return "attempts failed there, too, and the timer of a queue that does not drift would look the same: " + text
	}
	if t.is.Is == evidence.RhythmMixed {
		return onlyPart
	}
	return ""
}

// onlyPart is why a rhythm is no more than suspected.
const onlyPart = "only a part of the late messages follows it"

func (t tempo) share() diag.Arg {
	_, percent := t.is.Follow()
	return diag.Text("share", fmt.Sprintf("%d %%", percent))
}

// phase says when the hop opens, in a time zone.
func (t tempo) phase(zone evidence.TimeZone) string {
	name, offset := t.Last.In(zone.Location()).Zone()
	if t.is.Wall {
		name, offset = "by the clock on the wall", 0
	}
	if t.Local {
		name, offset = "by the clock of the log, whose zone nobody named (--input zone=Europe/Berlin)", 0
	}
	var words []string
	period := t.is.Period.Duration()
	for _, p := range t.is.Phases {
		words = append(words, minuteOf(p.Duration()+time.Duration(offset)*time.Second, period))
	}
	if period <= time.Hour && !t.Local {
		return strings.Join(words, " and ")
	}
	return strings.Join(words, " and ") + " " + name
}

// minuteOf is an opening as the minutes of each hour where it is the same in
// every hour, else as the first time of the day.
func minuteOf(p, period time.Duration) string {
	p = (p%period + period) % period
	if period > time.Hour || time.Hour%period != 0 {
		return fmt.Sprintf("%02d:%02d", int(p.Hours()), int(p.Minutes())%60)
	}
	var words []string
	for ; p < time.Hour; p += period {
		words = append(words, fmt.Sprintf(":%02d", int(p.Minutes())))
	}
	return join(words)
}

func (t tempo) ladder() diag.Finding {
	f := t.on(periodicRetry, diag.Confirmed, diag.Text("sums", t.gaps()), t.share())
	if t.is.Ladder != "" {
		f.Args = append(f.Args, diag.Text("ladder", t.is.Ladder))
	}
	if text := deferred(t.Deferrals); text != "" {
		f.Args = append(f.Args, diag.Text("deferred", text))
	}
	f.Wait = longest(t.Passages)
	if t.is.Is == evidence.RhythmFixed {
		return lessSure(f, "one wait of the same length is a retry, a time-out, or clocks that differ", "")
	}
	return f
}
