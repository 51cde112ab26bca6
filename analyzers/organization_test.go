package analyzers

import (
	"fmt"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

const (
	labRoot  = ",CN=Routing Groups,CN=First Administrative Group,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
	labOld   = "CN=Old" + labRoot
	labNew   = "CN=" + modernRoutingGroup + labRoot
	labTwo   = "CN=Two" + labRoot
	labOwner = ",CN=Servers,CN=Contoso"
)

// lab is an organization of these routing groups, with one server each, of
// Exchange 2007 in the group of that and of 2003 in all others.
func lab(connectors []evidence.Connector, groups ...string) evidence.Org {
	o := evidence.Org{Name: "Contoso", Connectors: connectors}
	for i, dn := range groups {
		s := evidence.Server{Name: fmt.Sprintf("EX%d", i), RoutingGroup: dn, Generation: "exchange-2003"}
		if dn == labNew {
			s.Generation = "exchange-2007"
		}
		s.DN = "CN=" + s.Name + labOwner
		o.Servers = append(o.Servers, s)
		o.RoutingGroups = append(o.RoutingGroups, evidence.RoutingGroup{Name: evidence.NameOf(dn), DN: dn, Members: []string{s.DN}, Connectors: true, Whole: true})
	}
	return o
}

// run lets an analyzer judge an organization.
func run(a *diag.Analyzer, o evidence.Org) []diag.Finding {
	return a.Run(diag.NewEvidence(a.Uses, diag.Give(evidence.Organization, o)))
}

func leads(from, to string, cost int) evidence.Connector {
	return evidence.Connector{Name: "To " + to, DN: "CN=To " + evidence.NameOf(to) + "," + from, Kind: evidence.RoutingGroupLink, RoutingGroup: from, Destination: to, Cost: &cost, Whole: true}
}

func exits(name, group string, on bool, spaces ...string) evidence.Connector {
	c := evidence.Connector{Name: name, DN: "CN=" + name + "," + group, Kind: evidence.SMTPLink, RoutingGroup: group, Spaces: spaces, Whole: true}
	if group == labNew {
		c.Kind, c.Enabled = evidence.SendLink, &on
	}
	return c
}

// Exchange 2003 takes the connector that costs least, the way to it included.
func TestWhereASendConnectorThatIsOffIsTaken(t *testing.T) {
	off := func(spaces ...string) evidence.Connector { return exits("Off", labNew, false, spaces...) }
	for name, c := range map[string]struct {
		connectors []evidence.Connector
		want       diag.Verdict
	}{
		"no other":                          {[]evidence.Connector{leads(labOld, labNew, 100), off("SMTP:*;1")}, diag.Confirmed},
		"no way":                            {[]evidence.Connector{leads(labNew, labOld, 100), off("SMTP:*;1")}, diag.Excluded},
		"a way over a third":                {[]evidence.Connector{leads(labOld, labTwo, 1), leads(labTwo, labNew, 1), off("SMTP:*;1")}, diag.Confirmed},
		"one of its own that costs less":    {[]evidence.Connector{leads(labOld, labNew, 100), off("*;1"), exits("Own", labOld, true, "SMTP:*;5")}, diag.Suspected},
		"one of its own that costs as much": {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*"), exits("Own", labOld, true, "smtp:*;5")}, diag.Suspected},
		"one of its own that costs more":    {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*"), exits("Own", labOld, true, "smtp:*;6")}, diag.Confirmed},
		"one for other addresses":           {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*.example.com"), exits("Own", labOld, true, "smtp:*;1")}, diag.Confirmed},
		"one that nobody gets to":           {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*"), exits("Far", labTwo, true, "*")}, diag.Confirmed},
		"one beside it that costs more":     {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*;1"), exits("On", labNew, true, "*;2")}, diag.Confirmed},
		"one beside it that costs as much":  {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*;2"), exits("On", labNew, true, "*;2")}, diag.Suspected},
		"one for one of two spaces":         {[]evidence.Connector{leads(labOld, labNew, 4), off("SMTP:*;1", "X400:c=DE;a= ;p=X;1"), exits("Own", labOld, true, "*;1", "X400:c=DE;a= ;p=Y;1")}, diag.Confirmed},
		"one that joins groups":             {[]evidence.Connector{off("SMTP:*;1"), {Name: "J", DN: "CN=J," + labOld, RoutingGroup: labOld, Joins: []string{"x"}, Whole: true}}, diag.Suspected},
	} {
		groups := []string{labOld, labNew}
		for _, x := range c.connectors {
			if (x.RoutingGroup == labTwo || x.Destination == labTwo) && len(groups) == 2 {
				groups = append(groups, labTwo)
			}
		}
		o := lab(c.connectors, groups...)
		if name == "one that nobody gets to" { // nor starts from
			o.Servers[2].Generation = "exchange-2007"
		}
		for _, f := range run(sendConnectors(), o) {
			if f.Subject == "Off" && f.Verdict != c.want {
				t.Errorf("%s: %v, want %v: %+v", name, f.Verdict, c.want, f.Args)
			}
		}
	}
}

// What is quadratic in the routing groups, or in the connectors, does not end
// with these numbers.
func TestOrganizationsOfManyGroups(t *testing.T) {
	var groups []string
	for i := range 4000 {
		groups = append(groups, fmt.Sprintf("CN=G%d%s", i, labRoot))
	}
	o := lab(nil, append(groups, labNew)...)
	if found := run(paths(), o); len(found) != 4001 || found[0].Verdict != diag.Confirmed {
		t.Errorf("without connectors: %d findings", len(found))
	}
	for i, g := range groups {
		o.Connectors = append(o.Connectors, leads(g, labNew, 1), leads(labNew, g, 1), leads(g, groups[(i+1)%4000], 1))
	}
	if found := run(paths(), o); len(found) != 1 || found[0].Verdict != diag.Excluded {
		t.Errorf("with all connectors: %d findings", len(found))
	}
	if found := run(linkStates(), o); len(found) != 1 || found[0].Verdict != diag.Suspected {
		t.Errorf("link state: %v", found)
	}
}

// Twenty thousand connectors that are off, beside as many that are on.
func TestManySendConnectorsThatAreOff(t *testing.T) {
	connectors := []evidence.Connector{leads(labOld, labNew, 1)}
	for i := range 20_000 {
		connectors = append(connectors, exits(fmt.Sprintf("C%d", i), labNew, false, fmt.Sprintf("SMTP:d%d.example.com;1", i)),
			exits(fmt.Sprintf("D%d", i), labOld, true, fmt.Sprintf("SMTP:d%d.example.com;1", i)))
	}
	found := run(sendConnectors(), lab(connectors, labOld, labNew))
	if len(found) != 20_000 || found[0].Verdict != diag.Suspected || found[19_999].Verdict != diag.Suspected {
		t.Errorf("%d findings", len(found))
	}
}
