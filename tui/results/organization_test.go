package results

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// withPath adds an organization of 2003 beside 2007, and a path through it, to a
// report.
func withPath(t testing.TB, r *diag.Report) *diag.Report {
	const first, second = "CN=First Routing Group,CN=Routing Groups,CN=AG", "CN=Exchange Routing Group (DWBGZMFD01QNBJR),CN=Routing Groups,CN=AG"
	var half evidence.Schedule
	for i := range half {
		half[i] = 0x55
	}
	org := evidence.Org{Name: "Contoso", Mixed: new(true), AdminGroups: []evidence.AdminGroup{{Name: "AG", DN: "CN=AG"}},
		RoutingGroups: []evidence.RoutingGroup{{Name: "First Routing Group", DN: first, Members: []string{"EX03A"}, Connectors: true}, {Name: "Exchange Routing Group (DWBGZMFD01QNBJR)", DN: second, Members: []string{"EX07HUB"}, Connectors: true}},
		Servers:       []evidence.Server{{Name: "EX03A", DN: "CN=EX03A,CN=Servers,CN=AG", Generation: "exchange-2003"}, {Name: "EX07HUB", DN: "CN=EX07HUB,CN=Servers,CN=AG", Generation: "exchange-2007"}},
		Connectors: []evidence.Connector{{Name: "Interop RGC 03-07", Kind: evidence.RoutingGroupLink, RoutingGroup: first, Destination: second, Cost: new(100), Delivery: evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: &half}},
			{Name: "Interop RGC 07-03", Kind: evidence.RoutingGroupLink, RoutingGroup: second, Destination: first, Cost: new(100), Delivery: evidence.Timetable{Style: new(evidence.StyleAlways)}},
			{Name: "Laboratory", Kind: evidence.X400Link, RoutingGroup: first, Delivery: evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: &evidence.Schedule{13: 0xf5}}}}}
	sent := time.Date(2026, 11, 23, 8, 5, 0, 0, time.UTC)
	until := sent.Add(10 * time.Minute)
	wait := evidence.Wait{Now: 600, Longest: 900, Mean: 225, Until: &until}
	path := evidence.Path{From: "EX03A", To: "user@contoso.com", At: sent, Zone: "UTC", Outcome: evidence.Arrives, Cost: 100, Wait: wait,
		Legs: []evidence.Leg{{Kind: evidence.OverLink, From: []string{"EX03A"}, To: []string{"EX07HUB"}, FromGroup: "First Routing Group", ToGroup: "Exchange Routing Group (DWBGZMFD01QNBJR)",
			Connector: "Interop RGC 03-07", Link: evidence.RoutingGroupLink, Cost: 100, Opens: half.Words(), Wait: wait}},
		Unsure: []string{"what was given does not show the connectors of Second Routing Group"}}
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "org", By: "organization", Value: rawOf(t, org)}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "org.path", By: "mail path", Value: rawOf(t, path)}})
	return r
}

// plainReport is one without sessions or findings.
func plainReport(t testing.TB) *diag.Report { return smallReport(t, &diag.Catalog{}, nil, nil) }

// TestTheTabsComeWithTheirEvidence: without it there is neither the tab nor its
// number, and a report that lost it does not show an empty one.
func TestTheTabsComeWithTheirEvidence(t *testing.T) {
	m := New(plainReport(t)).SetSize(120, 30)
	lacksText(t, m, "Organization")
	shows(t, press(m, "7"), "[1 Root cause]")
	m = New(withPath(t, plainReport(t))).SetSize(120, 30)
	shows(t, press(m, "7"), "[7 Organization]")
	shows(t, press(m, "8"), "[8 Path]")
	shows(t, press(m, "left"), "[8 Path]")
	shows(t, press(m, "8", "tab"), "[1 Root cause]")
	shows(t, press(m, "8").SetReport(plainReport(t)), "[1 Root cause]")
	only := plainReport(t)
	only.Add(diag.Event{Gathered: &diag.Item{Kind: "org.path", Value: rawOf(t, evidence.Path{From: "EX03A"})}})
	shows(t, press(New(only).SetSize(120, 30), "7"), "[7 Path]")
}

func TestOrganizationFoldsAndUnfolds(t *testing.T) {
	m := press(New(withPath(t, plainReport(t))).SetSize(120, 60), "7")
	shows(t, m, "OPENS AT SELECTED TIMES: every 30 minutes")
	shows(t, m, "a routing group stands inside the container")
	lacksText(t, m, "always open")
	shows(t, press(m, "+"), `routing group connector "Interop RGC 07-03"`)
	shows(t, press(m, "+", "+"), "always open")
	m = press(m, "-")
	lacksText(t, m, "First Routing Group")
	shows(t, press(m, "down", "enter"), "routing groups:")
}

// TestWeeksAndRetriesAreShown: a line for each day, in the zone that was asked
// for; and each way to try again once.
func TestWeeksAndRetriesAreShown(t *testing.T) {
	r := withPath(t, plainReport(t))
	m := press(New(r).SetSize(120, 100), "7", "+", "+", "+")
	shows(t, m, "its week, hour by hour (GMT)")
	shows(t, m, "Mon ..#5.. ...... ...... ......")
	shows(t, m, "# is open all hour")
	shows(t, m, "EX07HUB tries again after 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44 min, then every 10 min")
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "zone", By: "operator", Value: rawOf(t, "Asia/Kolkata")}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "clock", By: "clock", Value: rawOf(t, time.Date(2026, 11, 23, 8, 5, 0, 0, time.UTC))}})
	m = press(New(r).SetSize(120, 100), "7", "+", "+", "+")
	shows(t, m, "its week, hour by hour (IST)")
	shows(t, m, "Mon ...... .3d4.. ...... ......")
}

// TestWhatCannotBeReadIsSearched: evidence of another version has the tabs, and
// nothing on them.
func TestWhatCannotBeReadIsSearched(t *testing.T) {
	r := plainReport(t)
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "org", Value: rawOf(t, "of another version")}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "org.path", Value: rawOf(t, 7)}})
	for _, tab := range []string{"7", "8"} {
		m := press(New(r).SetSize(80, 24), tab, "/", "r", "e", "a", "d", "enter", "n")
		shows(t, m, "cannot be read from this evidence")
		shows(t, m, `"read": 1 of 1`)
	}
}

// TestLeavingATabEndsTheSearch by the mouse, or as its evidence goes.
func TestLeavingATabEndsTheSearch(t *testing.T) {
	m := press(New(withPath(t, plainReport(t))).SetSize(120, 20), "7", "/", "r")
	if there := press(click(m, 1, 0), "g", "c"); there.Typing() {
		t.Error("a click on another tab goes on typing")
	}
	gone := m.SetReport(plainReport(t))
	shows(t, gone, "[1 Root cause]")
	if press(gone, "g", "c").Typing() {
		t.Error("a search of a tab that is gone goes on")
	}
}

// TestOrganizationIsSearched: what is folded is found, and esc folds it again.
func TestOrganizationIsSearched(t *testing.T) {
	m := press(New(withPath(t, plainReport(t))).SetSize(120, 20), "7", "/")
	for _, letter := range "always" {
		m = press(m, string(letter))
	}
	m = press(m, "enter")
	shows(t, m, `"always": 1 of 1`)
	if l := marked(t, m); !strings.Contains(l, "always open") {
		t.Errorf("marked is %q", l)
	}
	m = press(m, "esc")
	lacksText(t, m, "always open")
	m = press(m, "/", "r", "g", "c", "enter")
	one := marked(t, m)
	if two := marked(t, press(m, "n")); two == one {
		t.Errorf("n stays at %q", one)
	}
	if _, back := emitted(press(m, "esc"), "esc"); back != (Back{}) {
		t.Errorf("esc without a search gives %T", back)
	}
}

func TestPathIsSearched(t *testing.T) {
	m := press(New(withPath(t, plainReport(t))).SetSize(80, 24), "8")
	shows(t, m, "waits 10 min")
	m = press(m, "/", "1", "5", "enter")
	shows(t, m, `"15": 1 of `)
	if l := marked(t, m); !strings.Contains(l, "15") {
		t.Errorf("marked is %q", l)
	}
}

// TestSearchesAreApart: what was searched for on one tab is not on another.
func TestSearchesAreApart(t *testing.T) {
	m := press(New(withPath(t, plainReport(t))).SetSize(120, 30), "8", "/", "1", "5", "enter", "7")
	lacksText(t, m, `"15"`)
	shows(t, press(m, "8"), `"15": 1 of `)
}

func TestOrganizationScreens(t *testing.T) {
	for _, screen := range []struct {
		name string
		keys []string
	}{
		{"organization", []string{"7"}},
		{"organization-search", []string{"7", "/", "r", "g", "c", "enter", "n"}},
		{"path", []string{"8"}},
	} {
		for _, size := range [][2]int{{60, 20}, {80, 24}, {120, 40}} {
			m := press(New(withPath(t, plainReport(t))).SetSize(size[0], size[1]), screen.keys...)
			golden(t, fmt.Sprintf("%s-%dx%d", screen.name, size[0], size[1]), m.View()+"\n")
		}
	}
}
