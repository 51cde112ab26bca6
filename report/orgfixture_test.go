package report

import (
	"fmt"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

const (
	firstAG  = "CN=First Administrative Group,CN=Administrative Groups,CN=Contoso"
	newAG    = "CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,CN=Contoso"
	firstRG  = "CN=First Routing Group,CN=Routing Groups," + firstAG
	newRG    = "CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups," + newAG
	ex03a    = "CN=EX03A,CN=Servers," + firstAG
	hub      = "CN=EX07HUB,CN=Servers," + newAG
	mailbox  = "CN=EX07MBX,CN=Servers," + newAG
	berlin   = "CN=Berlin,CN=Sites,CN=Configuration"
	munich   = "CN=Munich,CN=Sites,CN=Configuration"
	exported = "org.ldf"
)

// halfHourly opens at :15 and :45, for a quarter of an hour.
func halfHourly() *evidence.Schedule {
	var s evidence.Schedule
	for i := range s {
		s[i] = 0x55
	}
	return &s
}

// office is open from Monday to Friday, 08:15 to 18:00 GMT, and on Saturday at
// :00 and :30 of the hours from 9 to 11.
func office() *evidence.Schedule {
	var s evidence.Schedule
	open := func(day, from, to, step int) {
		for q := from; q < to; q += step {
			slot := 96*day + q
			s[slot/8] |= 0x80 >> (slot % 8)
		}
	}
	for day := 1; day <= 5; day++ {
		open(day, 33, 72, 1)
	}
	open(6, 36, 48, 2)
	return &s
}

func line(n int) evidence.Where { return evidence.Where{File: exported, Line: n} }

// contoso is an organization of 2003 beside 2007, in two sites.
func contoso() evidence.Org {
	timed := evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: halfHourly()}
	o := evidence.Org{Name: "Contoso", DN: "CN=Contoso", Mixed: new(true), AcceptedDomains: []string{"contoso.com"},
		AdminGroups:   []evidence.AdminGroup{{Name: "First Administrative Group", DN: firstAG}, {Name: "Exchange Administrative Group (FYDIBOHF23SPDLT)", DN: newAG}},
		RoutingGroups: []evidence.RoutingGroup{{Name: "First Routing Group", DN: firstRG, Master: ex03a, Members: []string{ex03a}, Connectors: true}, {Name: "Exchange Routing Group (DWBGZMFD01QNBJR)", DN: newRG, Members: []string{hub, mailbox}, Connectors: true}},
		Servers: []evidence.Server{
			{Name: "EX03A", DN: ex03a, AdminGroup: firstAG, RoutingGroup: firstRG, Serial: "Version 6.5 (Build 7638.2: Service Pack 2)", Generation: "exchange-2003",
				Virtual: []evidence.VirtualServer{{Name: "1", Where: line(40), Retries: "15,30,240"}, {Name: "2"}}},
			{Name: "EX07HUB", DN: hub, AdminGroup: newAG, RoutingGroup: newRG, Serial: "Version 8.1 (Build 30240.6)", Generation: "exchange-2007", Roles: new(36), Site: berlin},
			{Name: "EX07MBX", DN: mailbox, AdminGroup: newAG, RoutingGroup: newRG, Generation: "exchange-2007", Guessed: true, Roles: new(2), Site: munich, Edition: "Standard",
				StorageGroups: []evidence.StorageGroup{{Name: "First Storage Group", Databases: 1, Copies: "local"}, {Name: "Second Storage Group", Databases: 2}}}},
		Connectors: []evidence.Connector{
			{Name: "Interop RGC 03-07", Kind: evidence.RoutingGroupLink, RoutingGroup: firstRG, Destination: newRG, Sources: []string{"CN=1,CN=SMTP,CN=Protocols," + ex03a}, Targets: []string{hub}, Delivery: timed, Cost: new(100), Where: line(90), LimitKB: new(10240)},
			{Name: "Interop RGC 07-03", Kind: evidence.RoutingGroupLink, RoutingGroup: newRG, Destination: firstRG, Sources: []string{hub}, Targets: []string{"CN=EX03Z,CN=Servers," + firstAG}, Delivery: evidence.Timetable{Style: new(evidence.StyleAlways)}, Cost: new(100), Where: line(120)},
			{Name: "Old X.400", Kind: evidence.X400Link, RoutingGroup: firstRG, Delivery: evidence.Timetable{Style: new(evidence.StyleNever)}, Spaces: []string{"X400:c=de;1"}, Where: line(150), Allowed: 2},
			{Name: "Laboratory", Kind: evidence.X400Link, RoutingGroup: firstRG, Delivery: evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: office()}, Where: line(170)},
			{Name: "Internet", Kind: evidence.SendLink, RoutingGroup: newRG, Sources: []string{hub}, Spaces: []string{"SMTP:*;1"}, ByDNS: new(false), SmartHosts: []string{"[192.0.2.80]"}, Enabled: new(false), Where: evidence.Where{File: "sendconnector.xml"}}},
		Sites:     []evidence.Site{{Name: "Berlin", DN: berlin, Hub: new(true)}, {Name: "Munich", DN: munich}},
		SiteLinks: []evidence.ADSiteLink{{Name: "Berlin-Munich", Sites: []string{berlin, munich}, Cost: new(20), ExchangeCost: new(5)}},
		Receive: []evidence.ReceiveConnector{{Name: "Default EX07HUB", Server: hub, Bindings: []string{"0.0.0.0:25"}, Ranges: []string{"0.0.0.0-255.255.255.255"}, Auth: []string{"Tls", "ExchangeServer"}, Permissions: []string{"ExchangeUsers", "ExchangeLegacyServers"}},
			{Name: "Relay", Server: hub, Enabled: new(false), Bindings: []string{"0.0.0.0:25"}, Ranges: []string{"198.51.100.7"}, Permissions: []string{}}},
		Limits:  &evidence.TransportLimits{ReceiveBytes: new(int64(10 << 20)), Shadow: new(false)},
		Differs: []string{"EX03A stands twice; the first counts and not that of org.ldf line 400"},
	}
	return o
}

// interop is the path from EX03A to a mailbox beyond, which waits ten minutes.
func interop() evidence.Path {
	sent := time.Date(2026, 11, 23, 8, 5, 0, 0, time.UTC)
	until := sent.Add(10 * time.Minute)
	wait := evidence.Wait{Now: 600, Longest: 900, Mean: 225, Until: &until}
	return evidence.Path{From: "EX03A", To: "user@contoso.com", SizeBytes: 2 << 20, At: sent, Zone: "Europe/Berlin", Outcome: evidence.Arrives, Cost: 100, Wait: wait,
		Legs: []evidence.Leg{
			{Kind: evidence.OverLink, From: []string{"EX03A"}, To: []string{"EX07HUB"}, FromGroup: "First Routing Group", ToGroup: "Exchange Routing Group (DWBGZMFD01QNBJR)", Connector: "Interop RGC 03-07", Link: evidence.RoutingGroupLink, Cost: 100,
				LimitBytes: 10 << 20, Opens: "every 30 minutes, at :15 and :45 for 15 minutes, all week", Wait: wait, Where: &evidence.Where{File: exported, Line: 90}, Notes: []string{"EX99 does not exist any more and is left out"}},
			{Kind: evidence.SameGroup, From: []string{"EX07HUB"}, To: []string{"EX07MBX"}, FromGroup: "Berlin", ToGroup: "Berlin", Notes: []string{"a transport server of the site delivers to the mailbox server"}}},
		Others: []evidence.Detour{{Over: []string{"Interop RGC slow", "Interop RGC 99-07"}, Cost: 300, Why: "costs 300 in all instead of 100"}},
		Unsure: []string{"what was given does not show the connectors of Second Routing Group"}}
}

// stuck is a path over a connector that never opens.
func stuck() evidence.Path {
	p := interop()
	p.Outcome, p.Why = evidence.Stuck, "Interop RGC 03-07 never opens: the message stays in its queue"
	p.Legs = p.Legs[:1]
	p.Legs[0].Opens, p.Legs[0].Wait, p.Wait = "at no time", evidence.Wait{}, evidence.Wait{}
	p.Legs[0].Closed = true
	return p
}

// routed is a run that shows a path and the organization, and judges nothing.
func routed(t testing.TB, p evidence.Path) []diag.Event {
	o := opened()
	o.Opened.Symptom, o.Opened.Offline, o.Opened.Plan = "", true, diag.Plan{}
	return []diag.Event{o,
		gathered(0, diag.Item{Kind: "zone", By: "operator", Value: raw(t, "Europe/Berlin")}),
		gathered(1, diag.Item{Kind: "org", By: "organization", Derived: true, Value: raw(t, contoso())}),
		gathered(2, diag.Item{Kind: "org.path", By: "mail path", Derived: true, Value: raw(t, p)}),
		{At: at(3), Closed: &diag.Closed{TookNS: 3e6}},
	}
}

// orgSaying is an organization and a path in which every text is s.
func orgSaying(s string) (evidence.Org, evidence.Path) {
	dn := func(name string) string { return "CN=" + s + name + ",CN=Routing Groups,CN=" + s }
	wait := evidence.Wait{Now: 1, Longest: 2, Mean: 1}
	all := []string{s, s + "."}
	o := evidence.Org{Name: s, Mixed: new(false), AcceptedDomains: all, Problems: all, Differs: all,
		AdminGroups:   []evidence.AdminGroup{{Name: s, DN: s}},
		RoutingGroups: []evidence.RoutingGroup{{Name: s, DN: dn("a"), Master: s, Members: all}, {Name: s, DN: dn("b"), Members: all}},
		Servers: []evidence.Server{{Name: s, DN: s, Serial: s, Generation: s, Site: s, Edition: s, FQDN: s, StorageGroups: []evidence.StorageGroup{{Name: s, Copies: s, Databases: -1}},
			Retry: &evidence.RetryTimes{Where: evidence.Where{File: s}, TransientCount: new(1 << 40), Transient: new(evidence.Duration(1e300)), Outbound: new(evidence.Duration(-3.5))}},
			{Name: s, DN: s, Generation: "exchange-2003", Virtual: []evidence.VirtualServer{{Name: s, Retries: s, Where: evidence.Where{File: s}}, {Name: s, Retries: s + "1"}}}},
		Connectors: []evidence.Connector{{Name: s, Kind: s, RoutingGroup: dn("a"), Delivery: evidence.Timetable{Style: new(1), Schedule: office()}, Oversize: evidence.Timetable{Style: new(1), Schedule: office()}},
			{Name: s, Kind: s, RoutingGroup: dn("a"), Destination: dn("b"), Sources: all, Targets: all, Spaces: all, Joins: all, SmartHost: s, FQDN: s, LimitKB: new(1 << 62), Delivery: evidence.Timetable{Style: new(1), Fault: s}, Where: evidence.Where{File: s}},
			{Name: s, Kind: evidence.SendLink, SmartHosts: all, Spaces: all, ByDNS: new(false)}},
		Sites: []evidence.Site{{Name: s}, {Name: s + "b"}}, SiteLinks: []evidence.ADSiteLink{{Name: s, Sites: []string{s, s + "b"}, Cost: new(-1)}},
		Receive: []evidence.ReceiveConnector{{Name: s, Server: s, Bindings: all, Ranges: all, Auth: all, Permissions: all, FQDN: s}}}
	leg := evidence.Leg{Kind: s, From: all, To: all, FromGroup: s, ToGroup: s, Connector: s, Link: s, Opens: s, Wait: wait, Notes: all, Where: &evidence.Where{File: s}}
	closed := leg
	closed.Closed = true
	p := evidence.Path{From: s, To: s, Zone: s, Outcome: s, Why: s, Wait: wait, Legs: []evidence.Leg{leg, closed}, Others: []evidence.Detour{{Over: all, Why: s}}, Unsure: all}
	return o, p
}

// large is an organization as the largest have it.
func large() evidence.Org {
	o := evidence.Org{Name: "Contoso", DN: "CN=Contoso"}
	for i := range 5000 {
		g := fmt.Sprintf("CN=RG%d,CN=Routing Groups,CN=AG%d,CN=Administrative Groups", i/2, i/100)
		s := fmt.Sprintf("CN=EX%d,CN=Servers,CN=AG%d,CN=Administrative Groups", i, i/100)
		if i%2 == 0 {
			o.RoutingGroups = append(o.RoutingGroups, evidence.RoutingGroup{Name: fmt.Sprintf("RG%d", i/2), DN: g, Connectors: true})
		}
		rg := &o.RoutingGroups[len(o.RoutingGroups)-1]
		rg.Members = append(rg.Members, s)
		o.Servers = append(o.Servers, evidence.Server{Name: fmt.Sprintf("EX%d", i), DN: s, RoutingGroup: g, Site: fmt.Sprintf("Site%d", i/10), Generation: "exchange-2007"})
		for n := range 4 {
			o.Connectors = append(o.Connectors, evidence.Connector{Name: fmt.Sprintf("C%d-%d", i, n), Kind: evidence.RoutingGroupLink, RoutingGroup: g, Destination: g, Sources: []string{s}})
		}
		o.Receive = append(o.Receive, evidence.ReceiveConnector{Name: "Default", Server: s})
	}
	return o
}
