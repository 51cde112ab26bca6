package analyzers

import (
	"fmt"

	"mailflow/diag"
	"mailflow/evidence"
)

var (
	connectorSize = &diag.Cause{
		Code: "CONNECTOR-SIZE-LIMIT", Title: "A connector limits the size of messages", Severity: diag.Degraded,
		Text:   "{subject} ({kind} from {from}[ to {to}]) has a size limit of {kb} KB[; {because}] ({where})",
		Ruled:  "{subject} has no size limit",
		About:  "A message above a connector's limit does not pass it: it takes a dearer path, if there is one, or comes back. Others are not held up.",
		Read:   "delivContLength and messageSizeLimit of the connector, in KB. Which of the two is the limit, and which the size from which a message counts as large for its own schedule, is documented nowhere: this is never more than a suspicion.",
		Remedy: "In the connector's properties, Content Restrictions: raise \"Only messages less than\", or take it off (Exchange 2007 and later: Set-RoutingGroupConnector -MaxMessageSize).",
		Refs:   []string{"Exchange 2003 help: Content restrictions of a connector"},
	}
	connectorRestricted = &diag.Cause{
		Code: "CONNECTOR-RESTRICTED", Title: "A connector is not open to every message", Severity: diag.Degraded,
		Text:   "{subject} ({kind} from {from}[ to {to}]) {how}[; {because}] ({where})",
		Ruled:  "{subject} is open to every sender and priority",
		About:  "A connector may take mail only from some senders or groups, or refuse some priorities. Mail of others takes another path or none. Where the check is switched on, every message expands the groups named, and mail waits to be routed.",
		Read:   "authOrig, unauthOrig, dLMemSubmitPerms and dLMemRejectPerms of the connector (senders and groups), msExchRoutingDisallowPriority (a bit for each refused priority, by memory). The lists count only where CheckConnectorRestrictions is set in the registry of the bridgehead, which no export of the directory tells: this is never more than a suspicion.",
		Remedy: "In the connector's properties, Delivery Restrictions and Content Restrictions: take off what is not needed; keep lists to single senders or small groups.",
		Refs:   []string{"Exchange 2007 help: Exchange Best Practices Analyzer, restrictions on a connector"},
	}
)

// connectorLimits judges which messages each connector lets pass.
func connectorLimits() *diag.Analyzer {
	return &diag.Analyzer{Name: "connector-limits",
		Doc:    "Judges whether connectors turn messages away by size, sender or priority.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{connectorSize, connectorRestricted},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			var found []diag.Finding
			for _, c := range o.Org.Connectors {
				found = append(found, o.limited(c)...)
				found = append(found, o.restricted(c)...)
			}
			return sift(found, "connectors")
		}}
}

func (o organization) limited(c evidence.Connector) []diag.Finding {
	for _, kb := range []*int{c.ContentKB, c.LimitKB} {
		if kb == nil || *kb <= 0 {
			continue
		}
		why := "which attribute is the limit is known from memory only"
		if c.Oversize.Is(evidence.StyleSelected) {
			why = "it may instead be the size from which the schedule for large messages holds"
		}
		return []diag.Finding{lessSure(o.about(connectorSize, diag.Confirmed, c, diag.Number("kb", *kb)), why, "from memory")}
	}
	if !c.Whole {
		return nil
	}
	return []diag.Finding{o.about(connectorSize, diag.Excluded, c)}
}

func (o organization) restricted(c evidence.Connector) []diag.Finding {
	f := o.about(connectorRestricted, diag.Confirmed, c)
	const registry = `the lists count only where the registry of the bridgehead says so: reg query HKLM\System\CurrentControlSet\Services\RESvc\Parameters /v CheckConnectorRestrictions`
	switch {
	case c.Allowed > 0:
		f.Args = append(f.Args, diag.Text("how", fmt.Sprintf("is open to %d senders and groups only", c.Allowed)))
		return []diag.Finding{lessSure(f, registry, "")}
	case c.Refused > 0:
		f.Args = append(f.Args, diag.Text("how", fmt.Sprintf("refuses %d senders and groups", c.Refused)))
		return []diag.Finding{lessSure(f, registry, "")}
	case c.Priorities != nil && *c.Priorities != 0:
		f.Args = append(f.Args, diag.Text("how", "refuses messages of some priorities"))
		return []diag.Finding{lessSure(f, "the meaning of msExchRoutingDisallowPriority is known from memory only", "from memory")}
	case !c.Whole:
		return nil
	}
	f.Verdict = diag.Excluded
	return []diag.Finding{f}
}
