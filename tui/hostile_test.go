package tui

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// hostile would clear the screen, set the title, turn text round and more.
const hostile = "\x1b[2J\x1b]0;owned\x07\r\n\u202e\u200b\x9b31m\xff\x00 250 ok"

// raw says whether a view holds what acts on a terminal.
func raw(view string) bool {
	return strings.ContainsFunc(view, func(r rune) bool { return r != '\n' && diag.Unprintable(r) })
}

// TestHostileTexts puts such a text wherever one can come from.
func TestHostileTexts(t *testing.T) {
	founding(t, func(d *driver) {
		m := d.m
		m.label, m.id = hostile, hostile
		check := func(where string) {
			t.Helper()
			if v := m.View(); raw(v) {
				t.Errorf("%s shows %q", where, v)
			}
			d.fits()
		}
		d.send(stateMsg{cases: []savedCase{{path: hostile, label: hostile, id: hostile, symptom: hostile}}, folder: hostile})
		m.at = atSaved
		check("the list of cases")
		m.goTo(atComplaint)
		check("the complaint")
		m.answers = map[string]string{"recipient": hostile, "evidence": hostile, "next-hop": hostile}
		m.goTo(atQuestions)
		check("the questions")
		d.keys(hostile, "enter", hostile)
		check("typed questions")
		m.goTo(atConsent)
		check("the plan")
		m.report = diag.NewReport(catalog())
		hostileRun(m)
		check("a run")
		m.results.set(m)
		m.goTo(atResults)
		for _, tab := range []string{"1", "2", "3", "4", "5", "6", "7", "+", "+", "8", "enter"} {
			d.keys(tab)
			check("results " + tab)
		}
		d.sees("[8")
		m.goTo(atExport)
		check("the export")
		d.send(writtenMsg{paths: []string{hostile}, err: fmt.Errorf("%s", hostile)})
		check("what was written")
		m.leaving, m.run.file = true, hostile
		check("leaving")
		m.leaving, m.run = false, nil
		m.picker = &picker{title: "x", folder: hostile, names: []string{hostile}, err: fmt.Errorf("%s", hostile)}
		check("the picker")
	})
}

// hostileRun is a run in which everything says the hostile text.
func hostileRun(m *Model) {
	plan := diag.Plan{Analyzers: []string{"reach"}, Touches: []diag.Touch{{Collector: "sessions", Does: hostile, Words: []string{hostile}}}}
	m.at, m.running = atRunning, runningScreen{tree: newTree(m.opt.Catalog, plan), live: newLive(), began: time.Now()}
	m.run = &runner{board: newSwitchboard(diag.World{}), done: make(chan struct{}), cancel: func() {}}
	close(m.run.done)
	addr := "10.0.0.7:25"
	m.run.board.hosts[addr] = &host{addr: addr, at: netip.MustParseAddrPort(addr)}
	for _, ev := range []diag.Event{
		{Started: &diag.Started{Node: "sessions"}},
		{Noted: &diag.Noted{Node: "sessions", Text: hostile + " [" + addr + "] " + hostile}},
		{Noted: &diag.Noted{Node: "sessions", Text: hostile}},
		{Judged: &diag.Judged{Analyzer: "reach", Findings: []diag.Finding{{Code: "ADDRESS-DEAD", Verdict: diag.Confirmed, Subject: hostile}}}},
		{Gathered: &diag.Item{Kind: "smtp.sessions", Failed: []diag.Failure{{By: "sessions", Why: hostile}}}},
		gathered("org", orgOf(hostile)),
		gathered("org.path", pathOf(hostile)),
	} {
		m.report.Add(ev)
		m.running.tree.add(ev)
		m.running.live.add(ev)
	}
}

func gathered(kind string, v any) diag.Event {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return diag.Event{Gathered: &diag.Item{Kind: kind, By: "test", Value: b}}
}

// orgOf is an organization in which every text is s.
func orgOf(s string) evidence.Org {
	times := evidence.Timetable{Style: new(evidence.StyleSelected), Schedule: &evidence.Schedule{20: 0xa7}}
	return evidence.Org{Name: s, Problems: []string{s}, RoutingGroups: []evidence.RoutingGroup{{Name: s, DN: "CN=" + s, Members: []string{s}}},
		Servers:    []evidence.Server{{Name: s, DN: s, Generation: "exchange-2003", Virtual: []evidence.VirtualServer{{Name: s, Retries: s, Where: evidence.Where{File: s}}, {Name: s}}}, {Name: s, Generation: s}},
		Connectors: []evidence.Connector{{Name: s, Kind: s, RoutingGroup: "CN=" + s, Delivery: times, Oversize: times, Where: evidence.Where{File: s}}}}
}

// pathOf is a path in which every text is s.
func pathOf(s string) evidence.Path {
	leg := evidence.Leg{Kind: evidence.OverLink, Link: s, Connector: s, From: []string{s}, To: []string{s}, FromGroup: s, ToGroup: s, Opens: s, Notes: []string{s}, Where: &evidence.Where{File: s}}
	closed := leg
	closed.Closed = true
	return evidence.Path{From: s, To: s, Zone: s, Outcome: evidence.Stuck, Why: s, Legs: []evidence.Leg{leg, closed}, Unsure: []string{s}, Others: []evidence.Detour{{Over: []string{s}, Why: s}}}
}

// crowd is a run with many hosts and notes.
func crowd(hosts, notes int) *Model {
	m := New(Options{Catalog: catalog(), State: "state"})
	m.w, m.h = 200, 60
	m.report = diag.NewReport(m.opt.Catalog)
	hostileRun(m)
	for i := range hosts {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 25)
		m.run.board.hosts[at.String()] = &host{addr: at.String(), at: at, stage: stage(i % 4)}
		for j := range notes / hosts {
			ev := diag.Event{At: m.running.began.Add(time.Duration(j) * time.Millisecond),
				Noted: &diag.Noted{Node: "sessions", Text: fmt.Sprintf("mx%d.example.com [%s] rcpt: 250 after 0.1 s", i, at)}}
			m.running.live.add(ev)
		}
	}
	m.running.cursor, m.running.moved = hosts/2, true
	return m
}

// BenchmarkFrame is the cost of one frame of a run with 500 hosts and 50,000
// lines of dialogue.
func BenchmarkFrame(b *testing.B) {
	m := crowd(500, 50000)
	for b.Loop() {
		m.View()
	}
}

// BenchmarkStart is the cost of the first frame without the terminal.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		New(Options{Catalog: catalog(), State: "state"}).View()
	}
}
