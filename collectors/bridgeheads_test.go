package collectors

import (
	"fmt"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// twoGroups is an organization with two routing groups and a connector each way.
func twoGroups() evidence.Org {
	legacy := evidence.Server{Name: "EX03A", DN: "CN=EX03A,CN=Servers", FQDN: "ex03a.contoso.com", RoutingGroup: "CN=First",
		Virtual: []evidence.VirtualServer{{Name: "1", DN: "CN=1,CN=SMTP,CN=Protocols,CN=EX03A,CN=Servers", FQDN: "mail.contoso.com"}}}
	hub := evidence.Server{Name: "EX07HUB", DN: "CN=EX07HUB,CN=Servers", FQDN: "ex07hub.contoso.com", RoutingGroup: "CN=Second"}
	return evidence.Org{Servers: []evidence.Server{legacy, hub},
		RoutingGroups: []evidence.RoutingGroup{{Name: "First", DN: "CN=First"}, {Name: "Second", DN: "CN=Second"}},
		Connectors: []evidence.Connector{
			{Name: "there", RoutingGroup: "CN=First", Sources: []string{legacy.Virtual[0].DN}, Targets: []string{hub.DN}},
			{Name: "back", RoutingGroup: "CN=Second", Sources: []string{hub.DN}, Targets: []string{legacy.Virtual[0].DN}},
			{Name: "out", RoutingGroup: "CN=First", Sources: []string{legacy.Virtual[0].DN}},
		}}
}

func roles(all []evidence.Bridgehead) string {
	var words []string
	for _, b := range all {
		does := "takes"
		if b.Sends {
			does = "sends"
		}
		words = append(words, fmt.Sprintf("%s %s %s", b.Host, does, strings.Join(b.Via, "+")))
	}
	return strings.Join(words, ", ")
}

// A virtual server is known by the name that it calls itself, a server of 2007
// by its computer's; who sends over a connector that leads nowhere inside is
// none.
func TestBridgeheads(t *testing.T) {
	o := twoGroups()
	for from, want := range map[string]string{
		"":                    "ex07hub.contoso.com takes there, mail.contoso.com sends there, mail.contoso.com takes back, ex07hub.contoso.com sends back",
		"ex03a":               "ex07hub.contoso.com takes there, mail.contoso.com sends there",
		"EX07HUB.contoso.com": "mail.contoso.com takes back, ex07hub.contoso.com sends back",
		"laptop.example.net":  "ex07hub.contoso.com takes there, mail.contoso.com sends there, mail.contoso.com takes back, ex07hub.contoso.com sends back",
	} {
		if got := roles(bridgesOf(&o, from)); got != want {
			t.Errorf("from %q: %s", from, got)
		}
	}
}

// Names that are none are not looked up, and no organization makes one run knock
// at hundreds of doors.
func TestBridgeheadsAreBounded(t *testing.T) {
	o := twoGroups()
	o.Connectors = o.Connectors[:1]
	for i, name := range []string{"", "short", "..", "192.0.2.7", strings.Repeat("a", 300) + ".com"} {
		s := evidence.Server{Name: fmt.Sprint(i), DN: fmt.Sprintf("CN=%d,CN=Servers", i), FQDN: name}
		o.Servers = append(o.Servers, s)
		o.Connectors[0].Targets = append(o.Connectors[0].Targets, s.DN)
	}
	if got := roles(bridgesOf(&o, "")); got != "ex07hub.contoso.com takes there, mail.contoso.com sends there" {
		t.Error(got)
	}
	for i := range 1000 {
		s := evidence.Server{Name: fmt.Sprint("m", i), DN: fmt.Sprintf("CN=m%d,CN=Servers", i), FQDN: fmt.Sprintf("m%d.contoso.com", i)}
		o.Servers = append(o.Servers, s)
		o.Connectors = append(o.Connectors, evidence.Connector{Name: s.Name, Sources: []string{s.DN}, Targets: []string{s.DN}})
	}
	takes, sends := 0, 0
	for _, b := range bridgesOf(&o, "") {
		if b.Sends {
			sends++
		} else {
			takes++
		}
	}
	if takes != maxBridgeheads || takes+sends > 2*maxBridgeheads {
		t.Errorf("%d take, %d send", takes, sends)
	}
}

// An export may come from anybody: what it names is tried on the operator's word,
// or not at all. What a domain controller names that was asked is tried, and
// nothing that files say beside it.
func TestOnWhoseWordBridgeheadsAreTried(t *testing.T) {
	entries := func(format string) evidence.Directory {
		d := evidence.Directory{Exports: []evidence.Export{{Path: "x", Format: format}}}
		add := func(dn, class string, attrs ...string) {
			x := evidence.Entry{DN: dn, Attrs: []evidence.Attribute{{Name: "objectClass", Values: []string{class}}}}
			for i := 0; i+1 < len(attrs); i += 2 {
				x.Attrs = append(x.Attrs, evidence.Attribute{Name: attrs[i], Values: []string{attrs[i+1]}})
			}
			d.Entries = append(d.Entries, x)
		}
		const admin = "CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
		const group = "CN=RG,CN=Routing Groups," + admin
		add("CN=HUB,CN=Servers,"+admin, "msExchExchangeServer", "networkAddress", "ncacn_ip_tcp:hub.contoso.com")
		add(group, "msExchRoutingGroup")
		add("CN=there,CN=Connections,"+group, "msExchRoutingGroupConnector", "msExchTargetBridgeheadServersDN", "CN=HUB,CN=Servers,"+admin)
		return d
	}
	stranger := evidence.Cmdlets{Exports: []evidence.Export{{Path: "y"}}, Objects: []evidence.CmdletObject{
		{Type: "exchangeserver", Props: []evidence.Attribute{{Name: "Name", Values: []string{"TRAP"}}, {Name: "Fqdn", Values: []string{"tracker.example.net"}}}},
		{Type: "routinggroupconnector", Props: []evidence.Attribute{{Name: "Name", Values: []string{"trap"}}, {Name: "TargetTransportServers", Values: []string{"TRAP"}}, {Name: "SourceTransportServers", Values: []string{"TRAP"}}}}}}
	for _, c := range []struct {
		name   string
		format string
		files  evidence.Cmdlets
		given  []diag.Given
		want   string
	}{
		{"an export", "LDIF", stranger, nil, ""},
		{"an export, on the sending server", "LDIF", stranger, []diag.Given{diag.Give(evidence.Vantage, "sender")}, ""},
		{"a directory that did not answer, and an export", "LDIF", stranger, []diag.Given{diag.Give(evidence.DirServer, "dc01.contoso.com")}, ""},
		{"a directory", "LDAP", evidence.Cmdlets{}, nil, "hub.contoso.com takes there"},
		{"a directory, and files beside it", "LDAP", stranger, nil, "hub.contoso.com takes there"},
		{"a directory, against the operator's word", "LDAP", evidence.Cmdlets{}, []diag.Given{diag.Give(evidence.Bridges, false)}, ""},
		{"an export, by the operator's word", "LDIF", evidence.Cmdlets{}, []diag.Given{diag.Give(evidence.Bridges, true)}, "hub.contoso.com takes there"},
	} {
		d := entries(c.format)
		given := append(c.given, diag.Give(evidence.OrgEntries, d), diag.Give(evidence.Organization, evidence.NewOrg(d, c.files)))
		got, err := tried(diag.NewEvidence([]diag.AnyKey{evidence.Bridges, evidence.PathFrom, evidence.Identity}, given...))
		if roles(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v", c.name, roles(got), err)
		}
	}
}
