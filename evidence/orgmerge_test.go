package evidence

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	newAG  = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
	newRG  = "CN=" + modernRoutingGroup + ",CN=Routing Groups," + newAG
	hubDN  = "CN=EX07HUB,CN=Servers," + newAG
	berlin = "CN=Berlin,CN=Sites,CN=Configuration,DC=contoso,DC=com"
	paris  = "CN=Paris,CN=Sites,CN=Configuration,DC=contoso,DC=com"
	linkDN = "CN=Berlin-Paris,CN=IP,CN=Inter-Site Transports,CN=Sites,CN=Configuration,DC=contoso,DC=com"
	outDN  = "CN=To the Internet,CN=Connections," + newRG
	rgcDN  = "CN=EX07HUB to EX03A,CN=Connections," + newRG
	rcDN   = "CN=Default EX07HUB,CN=SMTP Receive Connectors,CN=Protocols," + hubDN
)

// gave makes an object of a cmdlet: name, value, name, value ... Values of a list
// are parted by a bar.
func gave(kind string, props ...string) CmdletObject {
	o := CmdletObject{Type: kind, Line: 1}
	for i := 0; i < len(props); i += 2 {
		o.Props = append(o.Props, Attribute{Name: props[i], Values: strings.Split(props[i+1], "|")})
	}
	return o
}

func asked(objects ...CmdletObject) Cmdlets {
	return Cmdlets{Exports: []Export{{Path: "cmdlets.xml", Format: "CLIXML"}}, Objects: objects}
}

// multi is an entry one of whose attributes has several values.
func multi(e Entry, name string, values ...string) Entry {
	e.Attrs = append(e.Attrs, Attribute{Name: name, Values: values})
	return e
}

// inDirectory and inCmdlets say the same of one organization, as far as both can.
func inDirectory() Directory {
	return Directory{Exports: []Export{{Path: "org.ldf"}}, Entries: []Entry{
		entry("CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com", "msExchOrganizationContainer"),
		entry(hubDN, "msExchExchangeServer", "serialNumber", "Version 8.1 (Build 240.6)", "networkAddress", "ncacn_ip_tcp:ex07hub.contoso.com",
			"msExchCurrentServerRoles", "34", "msExchServerSite", berlin),
		entry("CN=EX07HUB,CN=Servers,"+berlin, "server"), // a domain controller's place, no Exchange
		multi(entry(outDN, "msExchRoutingSMTPConnector", "routingList", "SMTP:*;1", "msExchSmtpSmartHost", "relay1.example.com,[192.0.2.25]"), "msExchSourceBridgeheadServersDN", hubDN),
		entry(rgcDN, "msExchRoutingGroupConnector", "cost", "100", "msExchDestinationRGDN", rgDN, "msExchSourceBridgeheadServersDN", hubDN, "msExchTargetBridgeheadServersDN", srDN),
		multi(multi(entry(rcDN, "msExchSmtpReceiveConnector"), "msExchSmtpReceiveBindings", "0.0.0.0:25", "[::]:25"), "msExchSmtpReceiveRemoteIPRanges", "0.0.0.0-255.255.255.255"),
		entry(berlin, "site"), entry(paris, "site"),
		multi(entry(linkDN, "siteLink", "cost", "100", "msExchCost", "25"), "siteList", berlin, paris),
		entry(strings.Replace(linkDN, "CN=IP", "CN=SMTP", 1), "siteLink"),
		entry("CN=SG1,CN=InformationStore,"+hubDN, "msExchStorageGroup"),
		entry("CN=Mailboxes,CN=SG1,CN=InformationStore,"+hubDN, "msExchPrivateMDB"),
	}}
}

func inCmdlets() []CmdletObject {
	return []CmdletObject{
		gave("mailboxdatabase", "Name", "Mailboxes", "DistinguishedName", "CN=Mailboxes,CN=SG1,CN=InformationStore,"+hubDN, "Server", "EX07HUB", "StorageGroup", `EX07HUB\SG1`),
		gave("receiveconnector", "Identity", `EX07HUB\Default EX07HUB`, "Name", "Default EX07HUB", "DistinguishedName", rcDN, "Server", "EX07HUB", "Bindings", "0.0.0.0:25|[::]:25", "RemoteIPRanges", "0.0.0.0-255.255.255.255"),
		gave("sendconnector", "Name", "To the Internet", "DistinguishedName", outDN, "AddressSpaces", "SMTP:*;1", "SmartHosts", "relay1.example.com|[192.0.2.25]",
			"SourceTransportServers", "EX07HUB", "SourceTransportServers.DistinguishedName", hubDN),
		gave("routinggroupconnector", "Name", "EX07HUB to EX03A", "DistinguishedName", rgcDN, "Cost", "100", "SourceTransportServers", "EX07HUB", "TargetTransportServers", "EX03A",
			"TargetTransportServers.DistinguishedName", srDN, "TargetRoutingGroup", "First Routing Group", "TargetRoutingGroup.DistinguishedName", rgDN),
		gave("adsitelink", "Name", "Berlin-Paris", "DistinguishedName", linkDN, "ADCost", "100", "ExchangeCost", "25", "Sites", "contoso.com/Configuration/Sites/Berlin|contoso.com/Configuration/Sites/Paris"),
		gave("adsite", "Name", "Berlin", "DistinguishedName", berlin), gave("adsite", "Name", "Paris", "DistinguishedName", paris),
		gave("storagegroup", "Name", "SG1", "Server", "EX07HUB", "DistinguishedName", "CN=SG1,CN=InformationStore,"+hubDN),
		gave("exchangeserver", "Name", "EX07HUB", "DistinguishedName", hubDN, "AdminDisplayVersion", "Version 8.1 (Build 240.6)", "Fqdn", "EX07HUB.contoso.com",
			"ServerRole", "Mailbox, HubTransport", "Site", "contoso.com/Configuration/Sites/Berlin"),
	}
}

// values is a model without the places where it was read.
func values(t *testing.T, o Org) string {
	t.Helper()
	o.Seen, o.Asked = nil, nil
	b, err := json.Marshal(o)
	var tree any
	if err != nil || json.Unmarshal(b, &tree) != nil {
		t.Fatal(err)
	}
	b, _ = json.MarshalIndent(without(tree), "", " ")
	return string(b)
}

func without(tree any) any {
	switch x := tree.(type) {
	case map[string]any:
		delete(x, "where")
		delete(x, "told")
		for k := range x {
			x[k] = without(x[k])
		}
	case []any:
		for i := range x {
			x[i] = without(x[i])
		}
	}
	return tree
}

func TestOneOrganizationThreeWays(t *testing.T) {
	ldif := NewOrg(inDirectory(), Cmdlets{})
	shell := NewOrg(Directory{}, asked(inCmdlets()...))
	both := NewOrg(inDirectory(), asked(inCmdlets()...))
	if a, b := values(t, ldif), values(t, shell); a != b {
		t.Errorf("the directory says\n%s\nthe cmdlets\n%s", a, b)
	}
	if a, b := values(t, ldif), values(t, both); a != b {
		t.Errorf("the directory says\n%s\nboth\n%s", a, b)
	}
	s, c := ldif.Servers[0], ldif.Connectors[1]
	if c.Kind != SendLink || len(c.SmartHosts) != 2 || s.Site != berlin || *s.Roles != 34 || len(s.StorageGroups) != 1 || s.StorageGroups[0].Databases != 1 {
		t.Errorf("%+v\n%+v", s, c)
	}
	if len(ldif.Servers)+len(ldif.Sites)+len(ldif.SiteLinks)+len(ldif.Receive) != 5 || ldif.Receive[0].Server != hubDN {
		t.Errorf("%+v", ldif)
	}
	for _, s := range both.Servers {
		if s.Told != nil || s.Where.Kind != "" {
			t.Errorf("the directory said it all, but %+v", s)
		}
	}
	if w := shell.Servers[0].Where; w.Kind != "org.cmdlets" || w.File != "cmdlets.xml" || w.Entry != 8 {
		t.Errorf("%+v", w)
	}
}

// TestCmdletsAdd: what only the cmdlets tell comes to the object that the
// directory tells of, and stays known as theirs; by name, too.
func TestCmdletsAdd(t *testing.T) {
	o := NewOrg(inDirectory(), asked(
		gave("sendconnector", "Identity", "To the Internet", "Enabled", "False", "MaxMessageSize", "10 MB (10\u00a0485\u00a0760 octets)", "DNSRoutingEnabled", "true"),
		gave("transportservice", "Name", "ex07hub", "MessageRetryInterval", "PT15M", "TransientFailureRetryCount", "6", "MessageExpirationTimeout", "2.00:00:00"),
		gave("receiveconnector", "Identity", `EX07HUB\Default EX07HUB`, "AuthMechanism", "Tls, ExchangeServer", "PermissionGroups", "None", "TarpitInterval", "00:00:05"),
		gave("exchangeserver", "Identity", "EX07HUB", "Identity.DistinguishedName", hubDN, "Edition", "StandardEvaluation"),
		gave("adsite", "Identity", "contoso.com/Configuration/Sites/Berlin", "HubSiteEnabled", "True"),
		gave("storagegroup", "Identity", `EX07HUB\SG1`, "HasLocalCopy", "True"),
		gave("transportconfig", "MaxSendSize", "Unlimited", "MaxReceiveSize", "10MB", "ShadowRedundancyEnabled", "True"),
		gave("accepteddomain", "DomainName", "Contoso.com", "DomainType", "Authoritative"), gave("accepteddomain", "DomainName", "partner.example", "DomainType", "ExternalRelay"),
	))
	s, r := o.Servers[0], o.Receive[0]
	if len(o.Servers) != 1 || len(o.Connectors) != 2 || len(o.Receive) != 1 || len(o.Problems) != 0 {
		t.Fatalf("%d servers, %d connectors, %d receive connectors, %q", len(o.Servers), len(o.Connectors), len(o.Receive), o.Problems)
	}
	c := o.Connectors[1]
	if *c.Enabled || *c.LimitBytes != 10<<20 || !*c.ByDNS || c.Where.Kind != "" || c.Told["enabled"].Kind != "org.cmdlets" || c.Told["enabled"].Entry != 0 || len(c.Told) != 3 {
		t.Errorf("%+v", c)
	}
	if s.Retry.Message.Duration() != 15*time.Minute || s.Retry.Expiry.Duration() != 48*time.Hour || *s.Retry.TransientCount != 6 || s.Edition != "StandardEvaluation" || s.Told["edition"].Entry != 3 {
		t.Errorf("%+v", s)
	}
	if !reflect.DeepEqual(r.Auth, []string{"Tls", "ExchangeServer"}) || !reflect.DeepEqual(r.Permissions, []string{"None"}) || *r.Tarpit != 5 || r.Told["auth"].Entry != 2 {
		t.Errorf("%+v", r)
	}
	if !*o.Sites[0].Hub || s.StorageGroups[0].Copies != "local" || len(s.StorageGroups) != 1 || o.Limits.SendBytes != nil || *o.Limits.ReceiveBytes != 10<<20 {
		t.Errorf("%+v, %+v, %+v", o.Sites[0], s.StorageGroups, o.Limits)
	}
	if fmt.Sprint(o.AcceptedDomains) != "[contoso.com]" || fmt.Sprint(o.Asked) != "[exchangeserver transportserver transportconfig adsite sendconnector receiveconnector storagegroup accepteddomain]" {
		t.Errorf("%q, %q", o.AcceptedDomains, o.Asked)
	}
}

// TestSourcesDisagree: the directory counts, and the reader is told.
func TestSourcesDisagree(t *testing.T) {
	o := NewOrg(inDirectory(), asked(
		gave("sendconnector", "Name", "To the Internet", "AddressSpaces", "smtp:*;10", "SmartHosts", "RELAY1.example.com|192.0.2.25"),
		gave("exchangeserver", "Name", "EX07HUB", "AdminDisplayVersion", "Version 14.3 (Build 123.4)", "Site", "Paris"),
	))
	if c := o.Connectors[1]; c.Spaces[0] != "SMTP:*;1" || o.Servers[0].Generation != "exchange-2007" || o.Servers[0].Site != berlin {
		t.Errorf("%+v\n%+v", c, o.Servers[0])
	}
	want := []string{
		`server EX07HUB, site: org.ldf line 1 says "` + berlin + `", cmdlets.xml line 1 says "Paris"; the first counts`,
		`server EX07HUB, version: org.ldf line 1 says "Version 8.1 (Build 240.6)", cmdlets.xml line 1 says "Version 14.3 (Build 123.4)"; the first counts`,
		`send connector To the Internet, address spaces: org.ldf line 1 says "SMTP:*;1", cmdlets.xml line 1 says "smtp:*;10"; the first counts`,
	}
	if !reflect.DeepEqual(o.Differs, want) || o.Problems != nil {
		t.Errorf("%q, %q", o.Differs, o.Problems)
	}
}

// TestSourcesAgree: the same in another spelling is no disagreement.
func TestSourcesAgree(t *testing.T) {
	for name, object := range map[string]CmdletObject{
		"a service pack counts 30000 more":     gave("exchangeserver", "Name", "EX07HUB", "AdminDisplayVersion", "Version 8.1 (Build 30240.6)"),
		"a site by its name":                   gave("exchangeserver", "Name", "EX07HUB", "Site", "berlin"),
		"more roles than there are words for":  gave("exchangeserver", "Name", "EX07HUB", "ServerRole", "Mailbox"),
		"an address space without its cost":    gave("sendconnector", "Name", "To the Internet", "AddressSpaces", "smtp:*"),
		"a server by what stands on it":        gave("sendconnector", "Name", "To the Internet", "SourceTransportServers", "CN=Microsoft MTA,"+hubDN),
		"a server by its name":                 gave("sendconnector", "Name", "To the Internet", "SourceTransportServers", "{EX07HUB}"),
		"a network instead of a range":         gave("receiveconnector", "Identity", `EX07HUB\Default EX07HUB`, "RemoteIPRanges", "0.0.0.0/0"),
		"a list that the export cut":           gave("sendconnector", "Name", "To the Internet", "SmartHosts", "{relay1.example.com...}"),
		"a routing group by its name":          gave("routinggroupconnector", "Name", "EX07HUB to EX03A", "TargetRoutingGroup", "First Routing Group"),
		"no value":                             gave("routinggroupconnector", "Name", "EX07HUB to EX03A", "Cost", ""),
		"a virtual server for the one that is": gave("routinggroupconnector", "Name", "EX07HUB to EX03A", "TargetTransportServers", vsDN),
	} {
		o := NewOrg(inDirectory(), asked(object))
		if a, b := values(t, NewOrg(inDirectory(), Cmdlets{})), values(t, o); a != b {
			t.Errorf("%s: %q, want nothing new:\n%s\n%s", name, o.Differs, a, b)
		}
	}
}

// TestSameNames: a name that several objects have does not say which is meant.
func TestSameNames(t *testing.T) {
	other := strings.Replace(rcDN, "EX07HUB,CN=Servers", "EX07B,CN=Servers", 1)
	o := NewOrg(Directory{Entries: []Entry{entry(rcDN, "msExchSmtpReceiveConnector"), entry(other, "msExchSmtpReceiveConnector")}}, asked(
		gave("receiveconnector", "Name", "Default EX07HUB", "Server", "EX07B", "Enabled", "False"),
		gave("receiveconnector", "Name", "Default EX07HUB", "Server", "EX07C", "Enabled", "True"),
	))
	if len(o.Receive) != 3 || o.Receive[0].Enabled != nil || *o.Receive[1].Enabled || !*o.Receive[2].Enabled || o.Receive[2].Server != "EX07C" {
		t.Errorf("%+v", o.Receive)
	}
	if len(o.Servers) != 3 || o.Servers[2].DN != "EX07C" || o.Servers[2].Generation != "" {
		t.Errorf("%+v", o.Servers)
	}
	elsewhere := "CN=To the Internet,CN=Connections,CN=Second," + rgDN
	o = NewOrg(Directory{Entries: []Entry{entry(outDN, "msExchRoutingSMTPConnector"), entry(elsewhere, "msExchRoutingSMTPConnector"), entry(rgcDN, "msExchRoutingGroupConnector")}}, asked(
		gave("sendconnector", "Name", "To the Internet", "Enabled", "False"), gave("sendconnector", "Name", "EX07HUB to EX03A", "Enabled", "False"),
	))
	if len(o.Connectors) != 5 || o.Connectors[0].Enabled != nil || o.Connectors[1].Enabled != nil || o.Connectors[2].Enabled != nil || len(o.Differs) != 1 || !strings.Contains(o.Differs[0], "several have this name") {
		t.Errorf("%+v\n%q", o.Connectors, o.Differs)
	}
}

// TestBareNames: objects without distinguished names find each other, whichever
// export tells the name in full.
func TestBareNames(t *testing.T) {
	o := NewOrg(Directory{}, asked(
		gave("", "Name", "EX07, old", "ServerRole", "HubTransport", "AdminDisplayVersion", "Version 8.3 (Build 83.6)"),
		gave("transportserver", "Name", "EX07HUB", "DistinguishedName", hubDN, "MessageRetryInterval", "00:15:00"),
		gave("exchangeserver", "Name", "EX07HUB", "AdminDisplayVersion", "Version 8.3 (Build 83.6)"),
		gave("sendconnector", "Name", "Out", "SourceTransportServers", "EX07HUB|EX99", "AddressSpaces", "{SMTP:*;1, SMTP:contoso.com;5}"),
		gave("receiveconnector", "Identity", `EX07HUB\In`, "Bindings", "0.0.0.0:25"),
		gave("mailboxdatabase", "Name", "DB1", "Server", "EX07HUB"), gave("mailboxdatabase", "Name", "DB1", "Server", "EX07HUB"),
	))
	if len(o.Servers) != 2 || o.Servers[1].DN != hubDN || o.Servers[1].Retry == nil || o.Servers[1].AdminGroup != newAG || o.Servers[1].Databases != 1 || o.Servers[0].Name != "EX07, old" {
		t.Fatalf("%+v", o.Servers)
	}
	if c := o.Connectors[0]; c.Kind != SendLink || fmt.Sprint(c.Sources) != "["+hubDN+" EX99]" || len(c.Spaces) != 2 || o.Receive[0].Server != hubDN || c.DN != "Out" {
		t.Errorf("%+v\n%+v", c, o.Receive)
	}
	ix := o.Index()
	if ix.Server("ex07hub") != &o.Servers[1] || ix.Server(rcDN) != &o.Servers[1] || ix.Server(o.Servers[0].DN) != &o.Servers[0] || ix.Server("EX99") != nil {
		t.Error("servers by name")
	}
	if NameOf(o.Servers[0].DN) != "EX07, old" || ix.Find("EX99") != Unseen || ix.Find(hubDN) != Here {
		t.Errorf("%q", o.Servers[0].DN)
	}
}

// TestCutLists: a list that was cut short is unknown.
func TestCutLists(t *testing.T) {
	whole := gave("sendconnector", "Name", "Out", "SmartHosts", "a.example|b.example")
	cut := whole
	cut.Cut = []string{"SmartHosts"}
	for name, object := range map[string]CmdletObject{"said by the reader": cut, "seen in the text": gave("sendconnector", "Name", "Out", "SmartHosts", "a.example|b.example|...")} {
		if o := NewOrg(Directory{}, asked(object)); o.Connectors[0].SmartHosts != nil {
			t.Errorf("%s: %q", name, o.Connectors[0].SmartHosts)
		}
	}
	if o := NewOrg(Directory{}, asked(whole)); len(o.Connectors[0].SmartHosts) != 2 {
		t.Errorf("%+v", o.Connectors[0])
	}
}
