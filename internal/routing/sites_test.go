package routing

import (
	"testing"

	"mailflow/evidence"
)

const e2007, e2010, e2016 = "exchange-2007", "exchange-2010", "exchange-2016"

// line is four sites in a row: Athens - Berlin - Cairo - Dublin, a hub in each.
func line() *orgOf {
	o := &orgOf{}
	for _, s := range []string{"Athens", "Berlin", "Cairo", "Dublin"} {
		o.hub(e2007, s, "HUB"+s[:1], roleHub)
	}
	o.hub(e2007, "Athens", "MBXA", roleMailbox)
	o.hub(e2007, "Dublin", "MBXD", roleMailbox)
	o.joined(10, "Athens", "Berlin")
	o.joined(10, "Berlin", "Cairo")
	o.joined(10, "Cairo", "Dublin")
	return o
}

func TestMailGoesStraightToTheSiteOfTheMailbox(t *testing.T) {
	p := line().ask("MBXA", "MBXD")
	wants(t, p, evidence.Arrives, "MBXA -> HUBA, HUBA ~> HUBD, HUBD -> MBXD", 30)
	says(t, notes(p), "hands its mail to a hub of its site", "least-cost path Athens - Berlin - Cairo - Dublin", "back-off", "delivers to the mailbox server")
	if l := p.Legs[1]; l.FromGroup != "Athens" || l.ToGroup != "Dublin" {
		t.Errorf("leg %+v", l)
	}
}

func TestAHubSiteOnTheWayTakesTheMail(t *testing.T) {
	says(t, told(line().ask("HUBA", "MBXD")), "whether Berlin on the way is a hub site", "whether Cairo on the way")
	o := line()
	o.Sites = []evidence.Site{{Name: "Berlin", Hub: new(false)}}
	o.hubSite("Cairo")
	o.hubSite("Dublin") // the end of the way anyhow
	p := o.ask("HUBA", "MBXD")
	wants(t, p, evidence.Arrives, "HUBA ~> HUBC, HUBC ~> HUBD, HUBD -> MBXD", 30)
	if len(p.Unsure) != 0 {
		t.Errorf("unsure %q", p.Unsure)
	}
	if p.Legs[0].Cost != 20 || p.Legs[1].Cost != 10 {
		t.Errorf("costs %d and %d", p.Legs[0].Cost, p.Legs[1].Cost)
	}
}

func TestAHubSiteBesideTheWayDoesNot(t *testing.T) {
	o := line()
	o.hub(e2007, "Essen", "HUBE", roleHub)
	o.hubSite("Essen")
	o.joined(16, "Athens", "Essen")
	o.joined(15, "Essen", "Dublin")
	p := o.ask("HUBA", "HUBD")
	wants(t, p, evidence.Arrives, "HUBA ~> HUBD", 30)
	says(t, told(p), "Essen+Dublin: costs 31 instead of 30")
}

func TestSitesOfTheSameCost(t *testing.T) {
	o := line()
	o.joined(30, "Athens", "Zagreb")
	o.joined(0, "Zagreb", "Dublin")
	p := o.ask("HUBA", "HUBD") // two links are fewer than three
	says(t, notes(p)+told(p), "least-cost path Athens - Zagreb - Dublin", "the same cost, but 3 links instead of 2")
	o.joined(15, "Athens", "Essen")
	o.joined(15, "Essen", "Dublin")
	p = o.ask("HUBA", "HUBD") // as many links; Essen comes before Zagreb
	says(t, notes(p)+told(p), "least-cost path Athens - Essen - Dublin", "has the name that comes later")
}

func TestTheCostForExchangeReplacesTheOther(t *testing.T) {
	o := line()
	o.joined(100, "Athens", "Dublin").ExchangeCost = new(5)
	p := o.ask("HUBA", "HUBD")
	wants(t, p, evidence.Arrives, "HUBA ~> HUBD", 5)
	if p.Legs[0].Connector != "Athens-Dublin" {
		t.Errorf("leg %+v", p.Legs[0])
	}
	o.SiteLinks[3].ExchangeCost, o.SiteLinks[3].Cost = nil, nil
	wants(t, o.ask("HUBA", "HUBD"), evidence.Arrives, "HUBA ~> HUBD", 30)
}

func TestALinkOfManySitesJoinsEachTwo(t *testing.T) {
	o := line()
	o.SiteLinks = nil
	o.joined(100, "Athens", "Berlin", "Cairo", "Dublin")
	wants(t, o.ask("HUBA", "HUBD"), evidence.Arrives, "HUBA ~> HUBD", 100)
}

func TestASiteLinkReturnsLargeMessages(t *testing.T) {
	o := line()
	o.SiteLinks[1].LimitBytes = new(int64(10 * mb))
	o.joined(50, "Athens", "Dublin")
	p := o.askSized("HUBA", "HUBD", 12*mb)
	wants(t, p, evidence.Returned, "HUBA ~| HUBD", 30)
	says(t, p.Why, "larger than the site link Berlin-Cairo takes (10 MB)", "no other path")
	wants(t, o.askSized("HUBA", "HUBD", 10*mb), evidence.Arrives, "HUBA ~> HUBD", 30)
}

func TestWhatTheExportLacksOfSites(t *testing.T) {
	o := line()
	o.SiteLinks = nil
	p := o.ask("HUBA", "HUBD")
	wants(t, p, evidence.Arrives, "HUBA ~> HUBD", 0)
	says(t, told(p), "holds no site links")
	o = line()
	o.SiteLinks = o.SiteLinks[:2]
	p = o.ask("HUBA", "HUBD")
	wants(t, p, evidence.NoPath, "", 0)
	says(t, told(p), "no site links lead from Athens to Dublin", "may not be whole")
	o = line()
	o.Servers[0].Site = ""
	p = o.ask("HUBA", "HUBD")
	wants(t, p, evidence.Arrives, "HUBA -> HUBD", 0)
	says(t, told(p), "does not tell the site of HUBA")
	o = line()
	o.hubSite("Cairo")
	o.Servers[2].Site = ""
	p = o.ask("HUBA", "HUBD")
	wants(t, p, evidence.Arrives, "HUBA ~> HUBD", 30)
	says(t, told(p), "Cairo is a hub site on the way, and no transport server of it")
}

func TestAMailboxServerAloneInItsSite(t *testing.T) {
	o := line()
	o.hub(e2007, "Essen", "MBXE", roleMailbox)
	o.joined(10, "Dublin", "Essen")
	p := o.ask("MBXE", "HUBA")
	wants(t, p, evidence.Stuck, "", 0)
	says(t, p.Why, "MBXE routes no mail itself, and no Hub Transport server of its version in its site Essen")
	p = o.ask("HUBA", "MBXE")
	wants(t, p, evidence.Stuck, "", 0)
	says(t, p.Why, "no transport server that delivers to MBXE")
}

func TestMailToTheSameServerPassesAHub(t *testing.T) {
	wants(t, line().ask("MBXA", "MBXA"), evidence.Arrives, "MBXA -> HUBA, HUBA -> MBXA", 0)
	wants(t, line().ask("HUBA", "HUBA"), evidence.Arrives, "HUBA -> HUBA", 0)
}

func TestVersionsDeliverToTheirOwn(t *testing.T) {
	o := line()
	o.hub(e2016, "Athens", "EX16", roleMailbox)
	o.hub(e2016, "Dublin", "EX16D", roleMailbox)
	wants(t, o.ask("EX16", "MBXA"), evidence.Arrives, "EX16 -> HUBA, HUBA -> MBXA", 0)
	wants(t, o.ask("EX16", "MBXD"), evidence.Arrives, "EX16 ~> HUBD, HUBD -> MBXD", 30)
	p := o.ask("MBXA", "EX16D")
	wants(t, p, evidence.Arrives, "MBXA -> HUBA, HUBA ~> EX16D", 30)
	says(t, told(p), "database availability group")
}

func TestToASite(t *testing.T) {
	wants(t, line().ask("MBXA", "dublin"), evidence.Arrives, "MBXA -> HUBA, HUBA ~> HUBD", 30)
	wants(t, line().ask("MBXA", "Athens"), evidence.Arrives, "MBXA -> HUBA", 0)
	o := line()
	o.joined(10, "Dublin", "Essen")
	wants(t, o.ask("HUBA", "Essen"), evidence.NoPath, "", 0)
}

func TestSitesInAllTheirSpellings(t *testing.T) {
	for _, s := range []string{"Berlin", " berlin ", "CN=Berlin,CN=Sites,CN=Configuration,DC=contoso,DC=com", "contoso.com/Configuration/Sites/Berlin"} {
		if got := siteKey(s); got != "berlin" {
			t.Errorf("%q: %q", s, got)
		}
	}
	if got := siteName("Berlin, Mitte"); got != "Berlin, Mitte" {
		t.Errorf("%q", got)
	}
}

// between worlds: two servers of 2003 in groups of their own, and the line of
// sites; connectors at Berlin and at Dublin.
func worlds() *orgOf {
	o := line()
	o.legacy("Old", "EX03A")
	o.legacy("Older", "EX03B")
	o.link("to 07", "Old", later, "EX03A", "HUBB", 5)
	o.link("from Berlin", later, "Old", "HUBB", "EX03A", 20)
	o.link("from Dublin", later, "Older", "HUBD", "EX03B", 10)
	o.link("old to older", "Old", "Older", "EX03A", "EX03B", 5)
	o.link("older to old", "Older", "Old", "EX03B", "EX03A", 5)
	return o
}

func TestFrom2003IntoASiteBehind(t *testing.T) {
	p := worlds().ask("EX03A", "MBXD")
	wants(t, p, evidence.Arrives, "EX03A =to 07=> HUBB, HUBB ~> HUBD, HUBD -> MBXD", 5)
}

func TestConnectorsDecideBeforeSites(t *testing.T) {
	// Over Berlin it costs 20 and one site link, over Dublin 15 and three.
	p := worlds().ask("MBXA", "EX03A")
	wants(t, p, evidence.Arrives, "MBXA -> HUBA, HUBA ~> HUBD, HUBD =from Dublin=> EX03B, EX03B =older to old=> EX03A", 15)
	says(t, told(p), "from Berlin: costs 20 instead of 15")
}

func TestSitesDecideBetweenConnectorsOfTheSameCost(t *testing.T) {
	o := worlds()
	o.link("a from Dublin", later, "Old", "HUBD", "EX03A", 15)
	o.link("z from Berlin", later, "Old", "HUBB", "EX03A", 15)
	p := o.ask("HUBA", "EX03A")
	wants(t, p, evidence.Arrives, "HUBA ~> HUBB, HUBB =z from Berlin=> EX03A", 15)
	says(t, told(p), "farther by site links (30 instead of 10)")
}

func TestMailMayPassLaterServersBetweenGroupsOf2003(t *testing.T) {
	o := line()
	o.legacy("Old", "EX03A")
	o.legacy("Older", "EX03B")
	o.link("in", "Old", later, "EX03A", "HUBA", 1)
	o.link("out", later, "Older", "HUBC", "EX03B", 1)
	p := o.ask("EX03A", "EX03B")
	wants(t, p, evidence.Arrives, "EX03A =in=> HUBA, HUBA ~> HUBC, HUBC =out=> EX03B", 2)
	o.link("small", later, "Older", "HUBA", "EX03B", 0).LimitBytes = new(int64(mb))
	p = o.askSized("EX03A", "EX03B", 2*mb)
	wants(t, p, evidence.Arrives, "EX03A =in=> HUBA, HUBA ~> HUBC, HUBC =out=> EX03B", 2)
	says(t, told(p), "without regard to the size")
}

func TestBridgeheadsInSeveralSites(t *testing.T) {
	o := worlds()
	o.Connectors[0].Targets = bridgeheads("HUBB HUBC")
	p := o.ask("EX03A", "MBXD")
	wants(t, p, evidence.Arrives, "EX03A =to 07=> HUBB|HUBC, HUBB|HUBC ~> HUBD, HUBD -> MBXD", 5)
	says(t, told(p), "HUBB and HUBC stand in different sites")
}

func TestAnEdgeServerRoutesForItself(t *testing.T) {
	o := line()
	o.hub(e2007, "Athens", "EDGE", roleEdge)
	says(t, o.ask("EDGE", "HUBA").Why, "EDGE is an Edge Transport server")
	o.out("internet", later, "EDGE", "SMTP:*;1")
	wants(t, o.ask("HUBB", "user@example.com"), evidence.Leaves, "HUBB ~> HUBA, HUBA -> EDGE, EDGE =internet=> ", 11)
}
