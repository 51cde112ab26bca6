package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	agDN = "CN=First Administrative Group,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
	rgDN = "CN=First Routing Group,CN=Routing Groups," + agDN
	srDN = "CN=EX03A,CN=Servers," + agDN
	vsDN = "CN=1,CN=SMTP,CN=Protocols," + srDN
)

// entry makes an object: name, values, name, values ...
func entry(dn, class string, attrs ...string) Entry {
	e := Entry{DN: dn, Line: 1, Attrs: []Attribute{{Name: "objectClass", Values: []string{"top", class}}}}
	for i := 0; i < len(attrs); i += 2 {
		e.Attrs = append(e.Attrs, Attribute{Name: attrs[i], Values: []string{attrs[i+1]}})
	}
	return e
}

func small(more ...Entry) Org {
	entries := append([]Entry{
		entry(vsDN, "protocolCfgSMTPServer", "msExchSmtpFullyQualifiedDomainName", "EX03A.contoso.com."),
		entry(srDN, "msExchExchangeServer", "SERIALNUMBER", "Version 6.5 (Build 7638.2: Service Pack 2)", "networkAddress", "ncacn_ip_tcp:ex03a.contoso.com"),
		entry("CN=Servers,"+agDN, "msExchServersContainer"),
		entry("CN=SMTP,CN=Protocols,"+srDN, "msExchProtocolCfgSMTPContainer"),
		entry(agDN, "msExchAdminGroup"),
		entry(rgDN, "msExchRoutingGroup", "msExchRoutingGroupMembersBL", "cn=ex03a, cn=servers, "+agDN),
	}, more...)
	return NewOrg(Directory{Exports: []Export{{Path: "org.ldf"}}, Entries: entries}, Cmdlets{})
}

func TestOrg(t *testing.T) {
	o := small(entry("CN=x,CN=Connections,"+rgDN, "msExchRoutingGroupConnector", "activationStyle", "1", "activationSchedule", string(make([]byte, 84)), "cost", "many"),
		entry("CN=unrelated,DC=contoso,DC=com", "user"), entry(srDN, "msExchExchangeServer", "serialNumber", "Version 8.0 (Build 685)"))
	s, c := o.Servers[0], o.Connectors[0]
	if len(o.Servers) != 1 || s.Generation != "exchange-2003" || s.Build != 7638 || s.FQDN != "ex03a.contoso.com" || s.Virtual[0].FQDN != s.FQDN || s.RoutingGroup != rgDN {
		t.Errorf("server %+v", s)
	}
	if c.Kind != RoutingGroupLink || !c.Delivery.Is(StyleSelected) || !c.Delivery.Schedule.Never() || c.Cost != nil || c.RoutingGroup != rgDN || c.Whole {
		t.Errorf("connector %+v", c)
	}
	if len(o.Problems) != 0 || len(o.Differs) != 1 || !o.RoutingGroups[0].Connectors || len(o.RoutingGroups[0].Members) != 1 {
		t.Errorf("%q, %q, %+v", o.Problems, o.Differs, o.RoutingGroups)
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]string{
		"Version 5.5 (Build 2653.23: Service Pack 4)": "exchange-5.5",
		"Version 6.0 (Build 6249.4: Service Pack 3)":  "exchange-2000",
		"Version 6.5 (Build 6944.4)":                  "exchange-2003",
		"Version 8.1 (Build 30240.6)":                 "exchange-2007",
		"Version 14.3 (Build 30123.4)":                "exchange-2010",
		"Version 15.1 (Build 32507.6)":                "exchange-2016",
		"Version 15.2 (Build 31748.10)":               "exchange-2019",
		"Version 15.2 (Build 32562.17)":               "exchange-se",
		"Exchange":                                    "",
	} {
		o := NewOrg(Directory{Entries: []Entry{entry(srDN, "msExchExchangeServer", "serialNumber", text)}}, Cmdlets{})
		if got := o.Servers[0].Generation; got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	for number, want := range map[string]string{"6944": "exchange-2003", "1912701168": "exchange-2007", "1937866970": "exchange-2010", "17": ""} {
		s := NewOrg(Directory{Entries: []Entry{entry(srDN, "msExchExchangeServer", "versionNumber", number)}}, Cmdlets{}).Servers[0]
		if s.Generation != want || !s.Guessed {
			t.Errorf("%s is %q, guessed %v", number, s.Generation, s.Guessed)
		}
	}
}

func TestFind(t *testing.T) {
	o := small()
	ix := o.Index()
	for dn, want := range map[string]Presence{
		"cn=1, cn=smtp,CN=Protocols," + srDN:                                    Here,
		"CN=2,CN=SMTP,CN=Protocols," + srDN:                                     Gone,
		"CN=EX03B,CN=Servers," + agDN:                                           Gone,
		"CN=1,CN=SMTP,CN=Protocols,CN=EX03B,CN=Servers," + agDN:                 Gone,
		"CN=EX03B,CN=Servers,CN=Other,CN=Administrative Groups,CN=Fabrikam":     Unseen,
		"CN=Microsoft MTA," + srDN:                                              Unseen, // no MTA was exported at all
		"CN=EX03B\nDEL:6f1b3c1e-8a40-4b64-b3a1-0d4f0f0c9f11,CN=Deleted Objects": Deleted,
		`CN=EX03B\0ADEL:6f1b3c1e-8a40-4b64-b3a1-0d4f0f0c9f11,CN=x`:              Deleted,
	} {
		if got := ix.Find(dn); got != want {
			t.Errorf("%q is %v, want %v", dn, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for dn, want := range map[string]string{`CN=Sales\, North,CN=x`: "Sales, North", `cn = A \2B B ,CN=x`: "A + B", "CN=EX03B\nDEL:1,CN=x": "EX03B", "": "", "nonsense": "nonsense"} {
		if got := NameOf(dn); got != want {
			t.Errorf("%q is called %q, want %q", dn, got, want)
		}
	}
	if keyDN(`CN=Sales\, North , CN=x`) != keyDN(`cn=sales\2c north,cn=X`) || keyDN(`CN=a\,b`) == keyDN("CN=a,b") {
		t.Error("spellings of a name")
	}
	if got := ServerName(vsDN); got != "EX03A" {
		t.Errorf("server %q", got)
	}
}

// FuzzOrg makes models of arbitrary entries: nothing may crash, and the model
// survives the case file.
func FuzzOrg(f *testing.F) {
	f.Add(srDN, "msExchExchangeServer", "serialNumber", "Version 6.5 (Build 7638.2)", rgDN)
	f.Add("CN=x,CN=Connections,"+rgDN, "msExchRoutingGroupConnector", "activationStyle", "1", vsDN)
	f.Add(`CN=\`, "mTA", "a", "b", ",=;")
	f.Fuzz(func(t *testing.T, dn, class, name, value, other string) {
		for _, s := range []*string{&dn, &class, &name, &value, &other} {
			*s = strings.ToValidUTF8(*s, "?") // as the collector hands them on
		}
		o := small(entry(dn, class, name, value, "msExchSourceBridgeheadServersDN", other), entry(other, class, name, dn), entry(dn+","+other, "msExchStorageGroup"))
		ix := o.Index()
		for _, c := range o.Connectors {
			ix.Find(c.Destination)
			ix.Server(c.RoutingGroup)
			ServerName(c.DN)
		}
		if ix.Find(dn) == Gone && Class([]string{class}, "") != "" {
			t.Fatalf("%q was exported, and is said to be gone", dn)
		}
		b, err := json.Marshal(o)
		var back Org
		if err != nil || json.Unmarshal(b, &back) != nil {
			t.Fatalf("no round trip: %v", err)
		}
		if again, _ := json.Marshal(back); !bytes.Equal(again, b) {
			t.Fatalf("another model after the round trip:\n%s\n%s", b, again)
		}
	})
}

// FuzzNewOrg makes models of entries and objects that say the same names in all
// ways: nothing may crash, and the model survives the case file.
func FuzzNewOrg(f *testing.F) {
	f.Add("sendconnector", "Name", "Out", "SourceTransportServers", "EX07HUB|{a, b...}", srDN)
	f.Add("exchangeserver", "AdminDisplayVersion", "Version 8.1 (Build 240.6)", "Site", "contoso.com/Configuration/Sites/Berlin", "EX03A")
	f.Add("receiveconnector", "Identity", `EX07HUB\Default`, "Bindings", "0.0.0.0:25|[::]:25", vsDN)
	f.Add("mailboxdatabase", "Name", "DB1", "StorageGroup", `EX07HUB\SG1`, "a=,b")
	f.Add("transportserver", "MessageRetryInterval", "P1DT1S", "MaxPerDomainOutboundConnections", "Unlimited", `\=`)
	f.Fuzz(func(t *testing.T, kind, name, value, second, more, dn string) {
		for _, s := range []*string{&kind, &name, &value, &second, &more, &dn} {
			*s = strings.ToValidUTF8(*s, "?")
		}
		d := Directory{Entries: []Entry{entry(dn, kind, name, value), entry("CN=a,"+dn, "msExchSmtpReceiveConnector", "msExchSmtpReceiveBindings", more), entry(srDN, "msExchExchangeServer")}}
		o := NewOrg(d, asked(gave(kind, name, value, second, more), gave(kind, "Name", "EX03A", "Server", value, second, dn), gave("", name, more, "DistinguishedName", dn),
			gave("sendconnector", "Name", value, "DistinguishedName", dn), gave("receiveconnector", "Name", value, "Server", more), gave("adsitelink", "Name", dn, "Sites", more)))
		ix := o.Index()
		for _, s := range o.Servers {
			if ix.Server(s.DN) == nil && s.DN != "" {
				t.Fatalf("the server %q is not found", s.DN)
			}
		}
		for _, c := range o.Connectors {
			ix.Find(c.DN)
		}
		b, err := json.Marshal(o)
		var back Org
		if err != nil || json.Unmarshal(b, &back) != nil {
			t.Fatalf("no round trip: %v", err)
		}
		if again, _ := json.Marshal(back); !bytes.Equal(again, b) {
			t.Fatalf("another model after the round trip:\n%s\n%s", b, again)
		}
	})
}

// BenchmarkNewOrg is a large organization: 5,000 servers, 20,000 connectors, of
// which the cmdlets tell the half, too.
func BenchmarkNewOrg(b *testing.B) {
	d, c := large(5000)
	for b.Loop() {
		if o := NewOrg(d, c); len(o.Servers) != 5000 || len(o.Receive) != 10000 || len(o.Connectors) != 10000 {
			b.Fatalf("%d servers, %d receive connectors, %d connectors", len(o.Servers), len(o.Receive), len(o.Connectors))
		}
	}
}

func large(servers int) (d Directory, c Cmdlets) {
	d.Exports, c.Exports = []Export{{Path: "org.ldf"}}, []Export{{Path: "cmdlets.xml"}}
	for i := range servers {
		name := fmt.Sprintf("EX%04d", i)
		at := "CN=" + name + ",CN=Servers," + newAG
		d.Entries = append(d.Entries, entry(at, "msExchExchangeServer", "serialNumber", "Version 15.2 (Build 1118.7)"))
		for j := range 2 {
			receive := fmt.Sprintf("Receive %d", j)
			send := fmt.Sprintf("Send %d of %s", j, name)
			d.Entries = append(d.Entries, entry("CN="+receive+",CN=SMTP Receive Connectors,CN=Protocols,"+at, "msExchSmtpReceiveConnector", "msExchSmtpReceiveBindings", "0.0.0.0:25"),
				entry("CN="+send+",CN=Connections,"+newRG, "msExchRoutingSMTPConnector", "routingList", "SMTP:*;1", "msExchSourceBridgeheadServersDN", at))
			c.Objects = append(c.Objects, gave("receiveconnector", "Identity", name+`\`+receive, "Enabled", "true", "Bindings", "0.0.0.0:25"),
				gave("sendconnector", "Name", send, "AddressSpaces", "SMTP:*;1", "SourceTransportServers", name, "Enabled", "true"))
		}
		c.Objects = append(c.Objects, gave("exchangeserver", "Name", name, "AdminDisplayVersion", "Version 15.2 (Build 1118.7)", "Edition", "Enterprise"))
	}
	return d, c
}
