package routing

import (
	"testing"

	"mailflow/evidence"
)

func TestThe2003ServerSendsOutOverTheConnectorOfAnotherGroup(t *testing.T) {
	o := &orgOf{}
	o.legacy("Branch", "EXB", "EXB2")
	o.legacy("Head", "EXH", "EXH2")
	o.link("up", "Branch", "Head", "EXB", "EXH2", 10)
	o.out("internet", "Head", "EXH", "SMTP:*;2").SmartHost = "relay.example.com; [192.0.2.25]"
	o.out("fax", "Head", "EXH", "X400:c=us;1", "FAX:*;1")
	p := o.ask("EXB2", "user@example.com")
	wants(t, p, evidence.Leaves, "EXB2 -> EXB, EXB =up=> EXH2, EXH2 -> EXH, EXH =internet=> relay.example.com|[192.0.2.25]", 12)
	says(t, told(p), "does not tell the scope of internet", "does not tell the organization's own domains")
	if len(p.Others) != 0 {
		t.Errorf("others %+v", p.Others)
	}
}

func TestTheMostSpecificAddressSpaceWinsAtAnyCost(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	o.AcceptedDomains = []string{"contoso.com"}
	o.out("any", "A", "EXA", "SMTP:*;1")
	o.out("com", "A", "EXA", "SMTP:*.com;1")
	o.out("below", "A", "EXA", "smtp:*.example.com;50", "SMTP:*.example.org;1")
	o.out("exact", "A", "EXA", "SMTP:mail.example.com;90")
	for domain, want := range map[string]string{"mail.example.com": "exact", "x.example.com": "below", "other.com": "com", "other.net": "any"} {
		if p := o.ask("EXA", "user@"+domain); len(p.Legs) != 1 || p.Legs[0].Connector != want {
			t.Errorf("%s: %s, want over %s", domain, route(p), want)
		}
	}
	p := o.ask("EXA", "user@mail.example.com")
	says(t, told(p), "below: its address space *.example.com is less specific than mail.example.com", "any: its address space *")
	p = o.ask("EXA", "user@example.com") // the top of *.example.com
	says(t, route(p)+told(p), "=below=>", "sources differ")
}

func Test2003SpreadsMailOverConnectorsOfTheSameCost(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	o.out("one", "A", "EXA", "SMTP:*;1")
	o.out("two", "A", "EXA", "SMTP:*;1")
	p := o.ask("EXA", "user@example.com")
	wants(t, p, evidence.Leaves, "EXA =one=> ", 1)
	says(t, told(p), "two: the same cost: the message may take this connector as well", "spreads its load")
}

func TestALargeMessageLeavesByALessSpecificConnector(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	o.out("partner", "A", "EXA", "SMTP:example.com;1").ContentKB = new(100)
	o.out("any", "A", "EXA", "SMTP:*;1")
	wants(t, o.askSized("EXA", "user@example.com", 100<<10), evidence.Leaves, "EXA =partner=> ", 1)
	p := o.askSized("EXA", "user@example.com", 101<<10)
	wants(t, p, evidence.Leaves, "EXA =any=> ", 1)
	says(t, told(p), "partner: the message is larger than its limit of 100 KB", "known from memory only")
}

func Test2003WithoutAConnectorSendsItself(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	p := o.ask("EXA", "user@example.com")
	wants(t, p, evidence.Leaves, "EXA => ", 0)
	says(t, notes(p)+told(p), "SMTP virtual server", "DNS names")
}

// TestALegSaysWhatItsConnectorIs: "connector" alone does not tell whose help to
// read.
func TestALegSaysWhatItsConnectorIs(t *testing.T) {
	o := founding()
	o.out("internet", later, "EX07A", "SMTP:*;1")
	o.out("partner", first, "EX03A", "SMTP:example.org;1")
	for to, want := range map[string]string{"EX07A": evidence.RoutingGroupLink, "user@example.com": evidence.SendLink, "user@example.org": evidence.SMTPLink, "EX03A": ""} {
		p := o.ask("EX03A", to)
		if got := p.Legs[len(p.Legs)-1].Link; got != want {
			t.Errorf("%s: %s, %q, want %q", to, route(p), got, want)
		}
	}
}

// outward is the line of sites with send connectors at Berlin and Dublin.
func outward() *orgOf {
	o := line()
	o.AcceptedDomains = []string{"contoso.com"}
	o.out("berlin", later, "HUBB", "SMTP:*;10")
	o.out("dublin", later, "HUBD", "SMTP:*;1")
	return o
}

func TestSendConnectorsByTheCostOfSitesAndSpace(t *testing.T) {
	p := outward().ask("MBXA", "user@example.com") // 10 + 10 against 30 + 1
	wants(t, p, evidence.Leaves, "MBXA -> HUBA, HUBA ~> HUBB, HUBB =berlin=> ", 20)
	says(t, told(p), "dublin: costs 31 in all instead of 20")
	if p.Legs[2].Kind != evidence.OverSend {
		t.Errorf("kind %s", p.Legs[2].Kind)
	}
	wants(t, outward().ask("HUBC", "user@example.com"), evidence.Leaves, "HUBC ~> HUBD, HUBD =dublin=> ", 11)
}

func TestSendConnectorsThatMayNotBeUsed(t *testing.T) {
	for name, x := range map[string]struct {
		set  func(c *evidence.Connector)
		says string
	}{
		"switched off":     {func(c *evidence.Connector) { c.Enabled = new(false) }, "berlin: it is switched off"},
		"of another site":  {func(c *evidence.Connector) { c.Scoped = new(true) }, "berlin: it is for the servers of the site Berlin only"},
		"for small mail":   {func(c *evidence.Connector) { c.LimitBytes = new(int64(mb)) }, "berlin: the message is larger than its limit of 1 MB"},
		"for other places": {func(c *evidence.Connector) { c.Spaces = []string{"SMTP:*.net;1"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := outward()
			x.set(&o.Connectors[0])
			p := o.askSized("HUBA", "user@example.com", 2*mb)
			wants(t, p, evidence.Leaves, "HUBA ~> HUBD, HUBD =dublin=> ", 31)
			says(t, told(p), x.says)
		})
	}
}

func TestSendConnectorsOfTheSameCost(t *testing.T) {
	o := line()
	o.out("z here", later, "HUBA", "SMTP:*;20")
	o.out("a there", later, "HUBB", "SMTP:*;10")
	p := o.ask("HUBA", "user@example.com") // the server itself is nearest
	wants(t, p, evidence.Leaves, "HUBA =z here=> ", 20)
	says(t, told(p), "a there: the same cost, but its source servers are farther away")
	o.hub(e2007, "Athens", "HUBA2", roleHub)
	o.Connectors[0].Sources = []string{serverDN("HUBA2")}
	wants(t, o.ask("HUBA", "user@example.com"), evidence.Leaves, "HUBA -> HUBA2, HUBA2 =z here=> ", 20) // then its site
	o.out("y here", later, "HUBA2", "SMTP:*;20")
	p = o.ask("HUBA", "user@example.com") // then the lower name
	wants(t, p, evidence.Leaves, "HUBA -> HUBA2, HUBA2 =y here=> ", 20)
	says(t, told(p), "z here: the same cost and distance, but the name y here comes first")
}

func TestSmartHostsCountOnlyWithoutDNSRouting(t *testing.T) {
	o := outward()
	o.Connectors[0].SmartHosts = []string{"relay.example.com"}
	wants(t, o.ask("HUBB", "user@example.com"), evidence.Leaves, "HUBB =berlin=> relay.example.com", 10)
	o.Connectors[0].ByDNS = new(true)
	wants(t, o.ask("HUBB", "user@example.com"), evidence.Leaves, "HUBB =berlin=> ", 10)
}

func TestNoSendConnectorAtAll(t *testing.T) {
	p := line().ask("HUBA", "user@example.com")
	wants(t, p, evidence.NoPath, "", 0)
	says(t, p.Why, "Unreachable")
	o := line() // by cmdlets, which name no routing group
	o.RoutingGroups = nil
	for i := range o.Servers {
		o.Servers[i].RoutingGroup = ""
	}
	p = o.ask("HUBA", "user@example.com")
	wants(t, p, evidence.Undecided, "", 0)
	says(t, p.Why, "Get-SendConnector")
	o.Asked = []string{"sendconnector"}
	wants(t, o.ask("HUBA", "user@example.com"), evidence.NoPath, "", 0)
	wants(t, o.ask("HUBA", "MBXD"), evidence.Arrives, "HUBA ~> HUBD, HUBD -> MBXD", 30)
	o = outward()
	for i := range o.Connectors {
		o.Connectors[i].LimitBytes = new(int64(mb))
	}
	p = o.askSized("HUBA", "user@example.com", 2*mb)
	wants(t, p, evidence.Returned, "", 0)
	says(t, told(p), "larger than any connector for example.com takes", "berlin: the message is larger")
}

func TestLaterServersStayInTheirGroupAsLongAsTheyCan(t *testing.T) {
	o := worlds()
	o.out("old way", "Older", "EX03B", "SMTP:*;1")
	p := o.ask("HUBD", "user@example.com")
	wants(t, p, evidence.Leaves, "HUBD =from Dublin=> EX03B, EX03B =old way=> ", 11)
	o.out("new way", later, "HUBA", "SMTP:*;1")
	p = o.ask("HUBD", "user@example.com")
	wants(t, p, evidence.Leaves, "HUBD ~> HUBA, HUBA =new way=> ", 31)
	says(t, told(p), "old way: it leads over routing group connectors", "by cost alone old way would be taken")
}

func Test2003DoesNotSeeThatASendConnectorIsSwitchedOff(t *testing.T) {
	o := founding()
	o.Connectors[0].Delivery = evidence.Timetable{Style: new(evidence.StyleAlways)}
	o.out("internet", later, "EX07A", "SMTP:*;1").Enabled = new(false)
	p := o.ask("EX03A", "user@example.com")
	wants(t, p, evidence.Stuck, "EX03A =03 to 07=> EX07A", 1)
	says(t, told(p), "internet is switched off", "loops")
	o.out("spare", later, "EX07A", "SMTP:*;50")
	p = o.ask("EX03A", "user@example.com")
	wants(t, p, evidence.Leaves, "EX03A =03 to 07=> EX07A, EX07A =spare=> ", 51)
	says(t, told(p), "internet is switched off")
}

func TestAddressSpaces(t *testing.T) {
	for _, x := range []struct {
		space, domain string
		fits          bool
		cost          int
	}{
		{"SMTP:*;1", "example.com", true, 1},
		{"smtp: *.Example.com ; 7", "a.example.com", true, 7},
		{"SMTP:*.example.com;1", "example.com", true, 1},
		{"SMTP:*.example.com;1", "badexample.com", false, 0},
		{"SMTP:example.com", "example.com", true, 1},
		{"SMTP:example.com;1", "a.example.com", false, 0},
		{"SMTP:@example.com;1", "example.com", true, 1},
		{"SMTP:*@example.com;1", "example.com", true, 1},
		{"SMTP:*exa*le.c*;1", "my.example.com", true, 1},
		{"SMTP:*;-3", "example.com", true, 0},
		{"SMTP:;1", "example.com", false, 0},
		{"SMTP:--;1", "example.com", false, 0},
		{"X400:c=us;a= ;p=contoso;5", "example.com", false, 0},
		{"*;1", "example.com", false, 0},
	} {
		s, ok := bestSpace(&evidence.Connector{Spaces: []string{x.space}}, x.domain)
		if ok != x.fits || s.cost != x.cost {
			t.Errorf("%q for %s: %v, %+v", x.space, x.domain, ok, s)
		}
	}
}

func TestEveryConnectorOf2003ClosedToTheSize(t *testing.T) {
	o := &orgOf{}
	o.legacy("A", "EXA")
	o.out("any", "A", "EXA", "SMTP:*;1").LimitBytes = new(int64(mb))
	p := o.askSized("EXA", "user@example.com", 2*mb)
	wants(t, p, evidence.NoPath, "", 0)
	says(t, told(p), "any: the message is larger than its limit of 1 MB", "not found documented")
}
