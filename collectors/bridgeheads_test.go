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

// Bridgeheads are tried where that says something, unless the operator says
// otherwise.
func TestInside(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []diag.Given
		want  bool
	}{
		{"a desk anywhere", nil, false},
		{"the sending server", []diag.Given{diag.Give(evidence.Vantage, "sender")}, true},
		{"elsewhere", []diag.Given{diag.Give(evidence.Vantage, "elsewhere")}, false},
		{"beside a domain controller", []diag.Given{diag.Give(evidence.DirServer, "dc01.contoso.com")}, true},
		{"by consent", []diag.Given{diag.Give(evidence.Bridges, true)}, true},
		{"against it", []diag.Given{diag.Give(evidence.Bridges, false), diag.Give(evidence.Vantage, "sender"), diag.Give(evidence.DirServer, "dc01")}, false},
	} {
		if got := inside(diag.NewEvidence(insideKeys(), c.given...)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
