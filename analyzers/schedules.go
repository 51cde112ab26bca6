package analyzers

import (
	"strconv"
	"strings"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	connectorSchedule = &diag.Cause{
		Code: "CONNECTOR-SCHEDULE", Title: "A connector opens at selected times only", Severity: diag.Delayed,
		Text:   "{subject}[ ({kind} from {from}][ to {to}][) opens {words}: a message waits up to {longest} for it ({strict} where the server connects only as a quarter hour begins), {mean} on average][: mail waits for the connector {connector}, which opens {hours}: {fits}][; {path}][; {seen}][; {because}] ({where})",
		Ruled:  "{subject} opens at any time[; the schedule that was left behind in it ({left}) does not count]",
		About:  "Connectors of Exchange 2000 and 2003 have a delivery schedule. Mail that comes while the connector is closed waits in its queue, state Scheduled, without any error: deliveries stand on the clock, at the same minutes of every hour, whenever a message was sent. Whether what comes in the middle of an open quarter hour leaves at once or as the next one begins is documented nowhere; then the longest wait is 15 minutes longer.",
		Read:   "activationStyle of the connector (1: selected times) and activationSchedule: 84 bytes, one bit for each quarter hour of the week from Sunday 00:00 GMT on. Confirmed where the style is 1 and some bits are off. With style 2 (always) a schedule left behind does not count. With logs of a server that sends over it: whether mail that waited left as it opens, four of five messages or more.",
		Remedy: "In the System Manager of Exchange 2003: the connector's properties, Delivery Options, Connection time: Always run. The cmdlets of Exchange 2007 and later do not show this setting; there, make the connector anew (New-RoutingGroupConnector) or set activationStyle to 2 in the directory. Then wait for replication to the sending server. To try it first: Force Connection in the queue must move the mail at once.",
		Refs:   []string{"KB 264273", "KB 264054", "Exchange 2003 help: Delivery options of an SMTP connector"},
		Tests:  []diag.Test{{Do: "In System Manager, the queue of the connector: Force Connection. Mail that leaves at once has waited for the schedule; mail that turns to Retry has another trouble.", Takes: 2 * time.Minute}},
	}
	connectorNever = &diag.Cause{
		Code: "CONNECTOR-NEVER", Title: "A connector never opens", Severity: diag.Stopped,
		Text:   "{subject} ({kind} from {from}[ to {to}]) is set never to open[: {because}] ({where})",
		Ruled:  "{subject} is not set never to open",
		About:  "A connector whose connection time is \"never run\" takes mail into its queue and keeps it: the queue turns Active, then Scheduled, and the mail expires unless somebody forces a connection.",
		Read:   "activationStyle of the connector: 0.",
		Remedy: "In the System Manager of Exchange 2003: the connector's properties, Delivery Options (X.400: Schedule): Always run. If the connector shall be out of use, remove it, so that mail takes another path.",
		Refs:   []string{"KB 890739"},
	}
	oversizeSchedule = &diag.Cause{
		Code: "CONNECTOR-OVERSIZE-SCHEDULE", Title: "Large messages wait for a schedule of their own", Severity: diag.Delayed,
		Text:   "{subject} ({kind} from {from}[ to {to}]) opens for large messages[ (above {kb} KB)] {words}[: they wait up to {longest}, {mean} on average][; {because}] ({where})",
		Ruled:  "{subject} has no schedule of its own for large messages",
		About:  "A connector may hold large messages back until a quiet time, while small ones pass at once. Then only some messages are late, and always the large ones.",
		Read:   "msExchRoutingOversizedStyle and msExchRoutingOversizedSchedule of the connector, read like activationStyle and activationSchedule. That they are read so, and which attribute holds the size, is concluded from their names: this is never more than a suspicion.",
		Remedy: "In the System Manager of Exchange 2003: the connector's properties, Delivery Options: take \"Use different delivery times for oversize messages\" off, or choose Always run there too.",
		Refs:   []string{"Exchange 2003 help: Delivery options of an SMTP connector"},
	}
)

// schedules judges when connectors open.
func schedules() *diag.Analyzer {
	return &diag.Analyzer{Name: "connector-schedule",
		Doc:    "Judges when each connector of the organization opens, for all messages and for large ones.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Uses:   []diag.AnyKey{evidence.Zone, evidence.Clock, evidence.MailPath, evidence.Traffic, evidence.Rhythms},
		Causes: []*diag.Cause{connectorSchedule, connectorNever, oversizeSchedule},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			o.zone, _ = evidence.Zone.Lookup(e)
			o.now, _ = evidence.Clock.Lookup(e)
			path, _ := evidence.MailPath.Lookup(e)
			found, seen := o.gated(e)
			for _, c := range o.Org.Connectors {
				found = append(found, onPath(asLogged(o.opening(c), seen[c.Where]), path, c)...)
				found = append(found, o.openingForLarge(c)...)
			}
			return sift(found, "connectors")
		}}
}

// asLogged says of a connector that opens at selected times what the logs show.
func asLogged(found []diag.Finding, seen []string) []diag.Finding {
	for i := range found {
		if found[i].Code == connectorSchedule.Code && found[i].Verdict >= diag.Suspected && len(seen) > 0 {
			found[i].Args = append(found[i].Args, diag.Text("seen", strings.Join(unique(seen), "; ")))
		}
	}
	return found
}

// onPath says of a connector that opens at selected times what that means for
// the message that was asked about.
func onPath(found []diag.Finding, path evidence.Path, c evidence.Connector) []diag.Finding {
	for _, leg := range path.Legs {
		if leg.Where == nil || *leg.Where != c.Where {
			continue
		}
		words := "the message from " + path.From + " to " + path.To + " takes it, and"
		if leg.Wait.Until != nil {
			words += " leaves at " + leg.Wait.Until.Format("2006-01-02 15:04 MST") + ", " + diag.Seconds(leg.Wait.Now.Duration().Round(time.Second)) + " after it came"
		} else {
			words += " leaves at once"
		}
		for i := range found {
			if found[i].Code == connectorSchedule.Code && found[i].Verdict >= diag.Suspected {
				found[i].Args = append(found[i].Args, diag.Text("path", words))
			}
		}
	}
	return found
}

// opening judges the connection time of a connector.
func (o organization) opening(c evidence.Connector) []diag.Finding {
	t := c.Delivery
	unread := o.about(connectorSchedule, diag.Unknown, c)
	switch {
	case t.Style == nil && c.Kind == evidence.SendLink:
		return nil // these have no connection time
	case t.Style == nil && (t.Schedule != nil && !t.Schedule.Always() || !c.Whole):
		return []diag.Finding{undecided(unread, "the export lacks activationStyle, which says whether it opens always or at selected times", reexport)}
	case t.Style == nil:
		f := o.about(connectorSchedule, diag.Excluded, c)
		f.Basis = "inference" // what is not set is at its default, always
		return []diag.Finding{f}
	case t.Is(evidence.StyleNever):
		return []diag.Finding{o.bySender(o.about(connectorNever, diag.Confirmed, c), c)}
	case t.Is(evidence.StyleSelected):
		return o.selected(c)
	case t.Is(evidence.StyleRemote):
		return []diag.Finding{undecided(unread, "it opens when the other side asks for its mail (activationStyle 3)", "find out when the other side asks")}
	case !t.Is(evidence.StyleAlways):
		return []diag.Finding{undecided(unread, "activationStyle is "+strconv.Itoa(*t.Style)+", which means nothing to us", "look at the connector in System Manager")}
	}
	f := o.about(connectorSchedule, diag.Excluded, c)
	if t.Schedule != nil && !t.Schedule.Always() && !t.Schedule.Never() {
		f.Args = append(f.Args, diag.Text("left", t.Schedule.WordsIn(o.zone, o.now)))
	}
	return []diag.Finding{f, o.about(connectorNever, diag.Excluded, c)}
}

// selected judges a connector that opens at selected times.
func (o organization) selected(c evidence.Connector) []diag.Finding {
	s := c.Delivery.Schedule
	switch {
	case s == nil:
		why := "it opens at selected times, and the export lacks the schedule"
		if c.Delivery.Fault != "" {
			why = "it opens at selected times that cannot be read (" + c.Delivery.Fault + ")"
		}
		return []diag.Finding{undecided(o.about(connectorSchedule, diag.Unknown, c), why, reexport)}
	case s.Never():
		f := o.about(connectorNever, diag.Confirmed, c)
		return []diag.Finding{lessSure(f, "it opens at selected times, of which none is selected", "inference")}
	case s.Always():
		return []diag.Finding{o.about(connectorSchedule, diag.Excluded, c), o.about(connectorNever, diag.Excluded, c)}
	}
	f := o.about(connectorSchedule, diag.Confirmed, c, o.waits(*s)...)
	return []diag.Finding{o.bySender(f, c), o.about(connectorNever, diag.Excluded, c)}
}

// waits is what a schedule means for a message.
func (o organization) waits(s evidence.Schedule) []diag.Arg {
	args := []diag.Arg{diag.Text("words", s.WordsIn(o.zone, o.now)), diag.Duration("longest", s.Longest()), diag.Duration("strict", s.Longest()+evidence.Quarter), diag.Duration("mean", s.Mean())}
	if every, ok := s.Every(); ok {
		args = append(args, diag.Duration("every", every))
	}
	return args
}

// bySender makes a suspicion of what no source says that the sender heeds.
func (o organization) bySender(f diag.Finding, c evidence.Connector) diag.Finding {
	if o.sender(c) != sentByModern {
		return f
	}
	return lessSure(f, "only servers of Exchange 2007 or later send over it; their tools have no such setting, and whether they heed this one is documented nowhere", "inference")
}

// openingForLarge judges the connection time for large messages.
func (o organization) openingForLarge(c evidence.Connector) []diag.Finding {
	t := c.Oversize
	f := o.about(oversizeSchedule, diag.Confirmed, c)
	size := c.ContentKB
	if size == nil || *size <= 0 {
		size = c.LimitKB
	}
	if size != nil && *size > 0 {
		f.Args = append(f.Args, diag.Number("kb", *size))
	}
	const meaning = "that these attributes are meant so is concluded from their names"
	switch {
	case t.Style == nil && c.Whole, t.Is(evidence.StyleAlways), t.Is(evidence.StyleSelected) && t.Schedule != nil && t.Schedule.Always():
		f.Verdict = diag.Excluded
		return []diag.Finding{f}
	case t.Is(evidence.StyleNever), t.Is(evidence.StyleSelected) && t.Schedule != nil && t.Schedule.Never():
		f.Args = append(f.Args, diag.Text("words", "at no time"))
		return []diag.Finding{lessSure(f, meaning, "inference")}
	case !t.Is(evidence.StyleSelected):
		return nil
	case t.Schedule == nil:
		return []diag.Finding{undecided(f, "large messages have selected times, which the export lacks or which cannot be read", reexport)}
	}
	f.Args = append(f.Args, o.waits(*t.Schedule)...)
	return []diag.Finding{lessSure(f, meaning, "inference")}
}
