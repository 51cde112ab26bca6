package analyzers

import (
	"slices"
	"strconv"
	"strings"

	"mailflow/diag"
	"mailflow/evidence"
)

var sendDisabled = &diag.Cause{
	Code: "CONNECTOR-SEND-DISABLED", Title: "A send connector is switched off, and Exchange 2000/2003 does not see that", Severity: diag.Delayed,
	Text:   "the send connector {subject} for {spaces} is switched off; servers of Exchange 2000/2003 ({legacy}) go on sending mail for it to Exchange 2007 or later[; {because}] ({where})",
	Ruled:  "the send connector {subject} is switched on[, or nobody here overlooks that it is not]",
	About:  "Exchange 2000 and 2003 know no send connector that is switched off: for them it stays a way out. They hand their mail to the servers of Exchange 2007 or later, which may not use it and hand the mail back: it loops until it has passed too many servers.",
	Read:   "Enabled of each send connector (Get-SendConnector), and whether servers of Exchange 2000 or 2003 stand in the organization. Confirmed where no other connector has the same address space at the same or a lower cost; otherwise 2000/2003 may take that one, and it is suspected.",
	Remedy: "Remove the send connector (Remove-SendConnector), or switch it on (Set-SendConnector NAME -Enabled $true). To keep mail off it without removing it, raise the cost in its address space.",
	Refs:   []string{"Exchange Best Practices Analyzer help: Send connector is disabled"},
}

// sendConnectors judges the send connectors of Exchange 2007 and later.
func sendConnectors() *diag.Analyzer {
	return &diag.Analyzer{Name: "send-connectors",
		Doc:    "Judges whether servers of Exchange 2000 or 2003 still route over send connectors that are switched off.",
		Needs:  []diag.AnyKey{evidence.Organization},
		Causes: []*diag.Cause{sendDisabled},
		Run: func(e diag.Evidence) []diag.Finding {
			o := org(e)
			legacy, whole := o.legacyServers()
			var found []diag.Finding
			for _, c := range o.Org.Connectors {
				if c.Kind == evidence.SendLink && c.Enabled != nil {
					found = append(found, o.switchedOff(c, legacy, whole))
				}
			}
			return sift(found, "send connectors")
		}}
}

// legacyServers names the servers of Exchange 2000 and 2003; whole says whether
// the version of every server is known, and there are any.
func (o organization) legacyServers() (names []string, whole bool) {
	whole = len(o.Org.Servers) > 0
	for _, s := range o.Org.Servers {
		if s.Legacy() {
			names = append(names, s.Name)
		}
		whole = whole && s.Generation != ""
	}
	return names, whole
}

func (o organization) switchedOff(c evidence.Connector, legacy []string, whole bool) diag.Finding {
	where := c.Where
	if from, other := c.Told["enabled"]; other {
		where = from
	}
	f := of(sendDisabled, diag.Confirmed, o.named(c), where, diag.Text("spaces", join(c.Spaces)), diag.Text("legacy", join(legacy)))
	switch {
	case *c.Enabled || len(legacy) == 0 && whole:
		f.Verdict = diag.Excluded
		return f
	case len(legacy) == 0:
		return undecided(f, "whether Exchange 2000 or 2003 servers stand in the organization is not known from what was given", "also give Get-ExchangeServer | Export-Clixml servers.xml")
	case len(c.Spaces) == 0:
		return lessSure(f, "what was given does not tell its address spaces", "")
	}
	if other := o.covers(c); other != "" {
		return lessSure(f, "they may take "+other+" instead, which has the same address space and costs no more", "")
	}
	return f
}

// covers finds a connector that is on and leads to each address space of another
// at no higher cost; "" if there is none for some space.
func (o organization) covers(c evidence.Connector) string {
	name := ""
	for _, space := range c.Spaces {
		i := slices.IndexFunc(o.Org.Connectors, func(x evidence.Connector) bool {
			return x.DN != c.DN && (x.Enabled == nil || *x.Enabled) && slices.ContainsFunc(x.Spaces, func(s string) bool { return noDearer(s, space) })
		})
		if i < 0 {
			return ""
		}
		name = o.named(o.Org.Connectors[i])
	}
	return name
}

// noDearer says whether an address space ("SMTP:*;1") is for the same addresses
// as another and costs no more.
func noDearer(a, b string) bool {
	typeA, patternA, costA := space(a)
	typeB, patternB, costB := space(b)
	return strings.EqualFold(typeA, typeB) && strings.EqualFold(patternA, patternB) && costA <= costB
}

// space takes an address space apart; without a cost it costs 1.
func space(s string) (kind, pattern string, cost int) {
	s, number, _ := strings.Cut(s, ";")
	kind, pattern, _ = strings.Cut(s, ":")
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 16)
	if err != nil {
		n = 1
	}
	return strings.TrimSpace(kind), strings.TrimSpace(pattern), int(n)
}
