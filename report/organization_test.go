package report

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"mailflow/evidence"
)

func inWords(o evidence.Org) string {
	return strings.Join(organizationLines(beside{org: &o}, 400), "\n")
}

func TestOrganizationTellsFlowAndManagementApart(t *testing.T) {
	got := inWords(contoso())
	flow, manage, ok := strings.Cut(got, "Who may manage it")
	if !ok {
		t.Fatalf("no second part:\n%s", got)
	}
	for _, want := range []string{
		"Exchange organization Contoso: 3 servers, 2 routing groups, 2 administrative groups",
		"mixed mode", "First Routing Group: 1 server, 3 connectors", "master EX03A",
		"server EX03A: Exchange 2003, version 6.5, Build 7638.2: Service Pack 2",
		"server EX07HUB: Exchange 2007, version 8.1, Build 30240.6, Client Access + Hub Transport",
		"server EX07MBX: probably Exchange 2007, Mailbox",
		`routing group connector "Interop RGC 03-07" to Exchange Routing Group (DWBGZMFD01QNBJR), cost 100`,
		"OPENS AT SELECTED TIMES: every 30 minutes, at :15 and :45 for 15 minutes, all week; mail waits at most 15 min, on average 3 min 45 s",
		`X.400 connector "Old X.400"`, "NEVER OPENS", "only for 2 senders or groups",
		"sends from EX03A, to EX07HUB", "EX03Z (not in the evidence)",
		"site Berlin: 1 server, hub site", `site link "Berlin-Munich" joins Berlin, Munich, cost 5 for mail`,
		`"Internet", for SMTP:*;1, SWITCHED OFF`, "over smart host [192.0.2.80]",
		`"Default EX07HUB", listens on 0.0.0.0:25, for clients from 0.0.0.0-255.255.255.255`,
		"who may use it: users who sign in, Exchange servers of 2000 and 2003", "who may use it: nobody by permission groups",
		"receives up to 10 MB, shadow redundancy off",
	} {
		if !strings.Contains(flow, want) {
			t.Errorf("how mail flows does not say %q:\n%s", want, flow)
		}
	}
	for _, want := range []string{
		"cannot be given on a routing group", "Mixed mode (msExchMixedMode is TRUE): a routing group holds servers of its own administrative group only",
		"administrative group First Administrative Group: 1 server, 1 routing group", "routing groups that stand in it: First Routing Group",
		"EX07MBX: edition Standard, 2 storage groups, 3 databases", "storage group First Storage Group: 1 database, local continuous replication",
		"EX03A stands twice",
	} {
		if !strings.Contains(manage, want) {
			t.Errorf("who may manage does not say %q:\n%s", want, manage)
		}
	}
}

func TestModes(t *testing.T) {
	o := contoso()
	for want, mixed := range map[string]*bool{"Mixed mode": new(true), "Native mode": new(false), "is not in the evidence. In mixed mode": nil} {
		o.Mixed = mixed
		if got := inWords(o); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestEmptyPartsAreLeftOut: what the evidence does not hold is no heading.
func TestEmptyPartsAreLeftOut(t *testing.T) {
	got := inWords(evidence.Org{Name: "Contoso", Sites: []evidence.Site{{Name: "Berlin"}}})
	for _, unwanted := range []string{"routing group", "manage", "Editions", "send connectors", "receive", "doubtful", "0 "} {
		if strings.Contains(got, unwanted) {
			t.Errorf("%q in\n%s", unwanted, got)
		}
	}
	if got := inWords(evidence.Org{}); strings.Count(got, "\n") != 0 {
		t.Errorf("an empty organization: %q", got)
	}
}

// TestServersOf2007DoNotHeedTimes: no wait is claimed for what they send.
func TestServersOf2007DoNotHeedTimes(t *testing.T) {
	o := contoso()
	o.Connectors[1].Delivery = o.Connectors[0].Delivery
	got := inWords(o)
	if strings.Count(got, "mail waits at most") != 2 || !strings.Contains(got, "said not to heed that") {
		t.Error(got)
	}
}

func TestLargeOrganizationIsBounded(t *testing.T) {
	o := large()
	o.Connectors[19999].Delivery = evidence.Timetable{Style: new(evidence.StyleNever)}
	began := time.Now()
	lines := organizationLines(beside{org: &o}, 80)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if len(lines) > 3000 {
		t.Errorf("%d lines", len(lines))
	}
	got := strings.Join(lines, "\n")
	for _, want := range []string{"and 2,470 more", "and 4,970 more", "NEVER OPENS"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q", want)
		}
	}
	if maps := organizationMaps(beside{org: &o}); len(maps) != 0 {
		t.Errorf("%d maps of what nobody could read", len(maps))
	}
}

// TestMapsMarkWhatWaits by words and by the line, for two groups up to twelve.
func TestMapsMarkWhatWaits(t *testing.T) {
	o := contoso()
	maps := organizationMaps(beside{org: &o})
	if len(maps) != 2 || len(maps[0].Arrows) != 2 || len(maps[1].Arrows) != 1 {
		t.Fatalf("%+v", maps)
	}
	a := maps[0].Arrows[0]
	if a.Style != "waits" || !strings.HasSuffix(a.Label, "Interop RGC 03-07 (selected times)") || !strings.Contains(a.Words, "mail waits at most 15 min") {
		t.Errorf("%+v", a)
	}
	if b := maps[0].Arrows[1]; b.Style != "" || b.Line == a.Line {
		t.Errorf("%+v", b)
	}
	o.Connectors[0].Delivery = evidence.Timetable{Style: new(evidence.StyleNever)}
	if a := organizationMaps(beside{org: &o})[0].Arrows[0]; a.Style != "never" || !strings.HasSuffix(a.Label, "(never opens)") {
		t.Errorf("%+v", a)
	}
}

func TestMapsHaveTheirBounds(t *testing.T) {
	for n, want := range map[int]int{1: 0, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1, 9: 1, 10: 1, 11: 1, 12: 1, 13: 0} {
		var o evidence.Org
		for i := range n {
			dn := fmt.Sprintf("CN=RG%d,CN=Routing Groups", i)
			o.RoutingGroups = append(o.RoutingGroups, evidence.RoutingGroup{Name: dn, DN: dn})
			for j := range n {
				o.Connectors = append(o.Connectors, evidence.Connector{Name: "C", RoutingGroup: dn, Destination: fmt.Sprintf("CN=RG%d,CN=Routing Groups", j)})
			}
		}
		maps := organizationMaps(beside{org: &o})
		if len(maps) != want {
			t.Errorf("%d groups: %d maps", n, len(maps))
		}
		for _, m := range maps {
			if len(m.Arrows) > mostArrows || len(m.Arrows)+m.Left != n*(n-1) {
				t.Errorf("%d groups: %d arrows and %d", n, len(m.Arrows), m.Left)
			}
			for _, b := range m.Boxes {
				for _, c := range m.Boxes {
					if b.CX != c.CX && math.Abs(b.CX-c.CX) < b.W && math.Abs(b.CY-c.CY) < b.H {
						t.Errorf("%d groups: two boxes cover each other: %+v %+v", n, b, c)
					}
				}
				if b.X < 0 || b.X+b.W > m.Width || b.Y < 0 || b.Y+b.H > m.Height {
					t.Errorf("%d groups: a box outside: %+v", n, b)
				}
			}
		}
	}
}
