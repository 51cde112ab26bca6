package results

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

func rawOf(t testing.TB, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// smallReport is a report with some sessions and findings.
func smallReport(t testing.TB, cat *diag.Catalog, list []smtpprobe.Session, found []diag.Finding) *diag.Report {
	r := diag.NewReport(cat)
	r.Add(diag.Event{Opened: &diag.Opened{Tool: "test"}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: evidence.Sessions.Kind().Name, By: "test", Value: rawOf(t, list)}})
	r.Add(diag.Event{Judged: &diag.Judged{Analyzer: "slow", Findings: found}})
	return r
}

// checkFrame holds a view to its promise: exactly h lines, none wider than w,
// and no control byte but the colours that are ours.
func checkFrame(t *testing.T, m Model, w, h int) {
	t.Helper()
	view := m.View()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Fatalf("%d lines, want %d, tab %d", len(lines), h, m.tab)
	}
	for i, l := range lines {
		if n := lipgloss.Width(l); n > w {
			t.Fatalf("line %d is %d wide, want %d, tab %d: %q", i, n, w, m.tab, l)
		}
		if n := ansi.StringWidth(ansi.Strip(l)); n > w {
			t.Fatalf("line %d is %d wide without its colours, want %d, tab %d: %q", i, n, w, m.tab, l)
		}
		if rest := ours(l); !utf8.ValidString(rest) || strings.ContainsFunc(rest, diag.Unprintable) {
			t.Fatalf("line %d has a control byte, tab %d: %q", i, m.tab, l)
		}
	}
}

// ours takes the colours away that this package uses; others stay and are
// found.
func ours(l string) string {
	for _, sgr := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;91m", "\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[37m"} {
		l = strings.ReplaceAll(l, sgr, "")
	}
	return l
}

// hostile makes a text as a server might send it to do harm.
func hostile(rng *rand.Rand) string {
	pieces := []string{"\x1b[2J", "\x1b]0;title\x07", "\x1b[31m", "\r", "\n", "\t", "\x00", "\x9b31m", "\u009b2J", "\x7f", "\u202e", "\u200d", "\u200b", "\ufeff",
		"漢字漢字漢字", "ｗｉｄｅ", "👩‍👩‍👧‍👦", "🇩🇪🇫", "❤\ufe0f", "e\u0301\u0302\u0303", "\u0301\u0301", "กำ", "한국어", "\u1100\u1161", "\xff\xfe", "\U000e0041", "\u2028",
		" ", "  ", "a", "word", "250-", "-----", "\\x1b", "\u3164", "\u00ad", "☺", "\u0600", "नमस्ते", "\U0001f3fb", "\u20e3", "1\ufe0f\u20e3"}
	var out strings.Builder
	for range rng.IntN(30) {
		p := pieces[rng.IntN(len(pieces))]
		if rng.IntN(20) == 0 {
			p = strings.Repeat(p, rng.IntN(300))
		}
		out.WriteString(p)
	}
	return out.String()
}

// hostileReport says hostile things wherever a server, a file or a case file
// can.
func hostileReport(t testing.TB, rng *rand.Rand) *diag.Report {
	s := func() string { return hostile(rng) }
	took := func() int64 { return []int64{0, 5e6, 3e10, -4, 1 << 62, rng.Int64N(1e12)}[rng.IntN(6)] }
	at := time.Unix(rng.Int64N(1<<33), 0)
	var list []smtpprobe.Session
	for range rng.IntN(12) {
		talk := smtpprobe.Session{Host: s(), Addr: s(), Began: at, Name: s(), From: s(), To: s(), TLS: &smtpprobe.TLS{Version: s(), Untrusted: s()}}
		for range rng.IntN(15) {
			st := smtpprobe.Step{Name: s(), TookNS: took(), Began: at, Code: rng.IntN(600), Sent: smtpprobe.Line(s()), Reply: []smtpprobe.Line{smtpprobe.Line(s()), smtpprobe.Line(s())}, Grouped: rng.IntN(2) == 0, CutBytes: 3}
			if rng.IntN(3) == 0 {
				st.Name, st.Fault, st.Err = phases()[rng.IntN(13)], s(), s()
			}
			talk.Steps = append(talk.Steps, st)
		}
		list = append(list, talk)
	}
	var found []diag.Finding
	for range rng.IntN(20) {
		found = append(found, diag.Finding{Code: s(), Verdict: diag.Verdict(rng.IntN(4)), Subject: s(), Message: s(), Basis: s(), From: []string{s()},
			Args: []diag.Arg{diag.Text(s(), s()), diag.Text("because", s()), diag.Text("how", s())}, Wait: &diag.Span{From: at, To: at.Add(time.Second)}})
	}
	r := smallReport(t, &diag.Catalog{}, list, found)
	r.Add(diag.Event{Opened: &diag.Opened{Tool: s(), Label: s(), Case: s(), Symptom: s(), Inputs: []diag.Answer{{Name: s(), Value: s()}}, Plan: diag.Plan{Title: s(), Gaps: []string{s()}}}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "odd" + s(), By: s(), Value: rawOf(t, map[string]any{s(): []any{s(), nil, 1.5, map[string]any{"a": s()}}})}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: s(), Failed: []diag.Failure{{By: s(), Why: s(), Bug: true}}}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "files", By: s(), Value: rawOf(t, []evidence.File{{Path: s(), Unread: s() + "."}})}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "dns.route", By: s(), TookNS: took(), Value: rawOf(t, []evidence.Lookup{{Name: s(), Type: s(), Server: s(), Transport: s(), Rcode: s(), EDE: []string{s()},
		Answers: []evidence.RR{{Name: s(), Type: s(), Data: s()}}, Attempts: []evidence.Attempt{{Transport: s(), TookNS: took(), Fault: s(), Err: s()}}}})}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "dns.hops", By: s(), Value: rawOf(t, []evidence.Hop{{Target: s(), How: s(), Host: s(), Addrs: []string{s()}}})}})
	for range rng.IntN(2) {
		org, path := hostileOrg(s)
		r.Add(diag.Event{Gathered: &diag.Item{Kind: "org", By: s(), Value: rawOf(t, org)}})
		r.Add(diag.Event{Gathered: &diag.Item{Kind: "org.path", By: s(), Value: rawOf(t, path)}})
	}
	for range rng.IntN(2) {
		hostileMail(t, r, rng, s)
	}
	return r
}

// hostileMail adds journeys, rhythms and queues of such texts, and of such
// numbers.
func hostileMail(t testing.TB, r *diag.Report, rng *rand.Rand, s func() string) {
	d := func() evidence.Duration {
		return []evidence.Duration{0, -1e300, 1e300, 0.4, 900, evidence.Duration(rng.Float64() * 1e6)}[rng.IntN(6)]
	}
	n := func() int { return []int{0, -5, 7, 1 << 62, -1 << 63, rng.IntN(1000)}[rng.IntN(6)] }
	when := func() *time.Time {
		return []*time.Time{nil, {}, new(time.Unix(rng.Int64N(1<<33), 0)), new(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))}[rng.IntN(4)]
	}
	some := func() (all []evidence.Duration) {
		for range rng.IntN(14) {
			all = append(all, d())
		}
		return all
	}
	counts := func(most int) (all []int) {
		for range rng.IntN(most) {
			all = append(all, n())
		}
		return all
	}
	where := evidence.Where{File: s(), Line: n()}
	states := []string{evidence.JourneyWaiting, evidence.JourneyFailed, evidence.JourneyLost, evidence.JourneyPartly, s()}
	var ways []evidence.Journey
	var hops []evidence.HopRhythm
	for range rng.IntN(6) {
		j := evidence.Journey{Message: s(), Sender: s(), Recipients: []string{s(), s()}[:rng.IntN(3)], Count: n(), Total: d(), State: states[rng.IntN(5)], Sample: rng.IntN(3) == 0,
			Missing: []evidence.Missing{{Server: s(), Why: s(), Get: s()}}, Notes: []string{s()}}
		for range rng.IntN(4) {
			j.Stops = append(j.Stops, evidence.Stop{Server: s(), Source: s(), From: n(), Came: when(), Left: when(), Wait: d(), Travel: d(), Shift: d(), Error: d(), Peer: s(), Hop: s(), Outcome: s(), Tries: n(), Reason: s(), Expanded: n(), Where: where,
				Parts: []evidence.Latency{{Path: []string{s(), s()}, Own: d(), Seconds: d()}, {Own: 5}, {Own: 6}, {Own: 7, Server: s()}}})
		}
		ways = append(ways, j)
		is := []string{evidence.RhythmClock, evidence.RhythmRetry, evidence.RhythmMixed, evidence.RhythmFixed, s()}
		h := evidence.HopRhythm{Server: s(), To: s(), Is: is[rng.IntN(5)], Why: s(), Count: n(), Waited: n(), Period: d(), Phases: some(), Wall: rng.IntN(2) == 0, Window: d(), Strength: float64(d()), Chance: float64(d()), Ladder: s(), Steps: some(), Sums: some(), Minutes: counts(300), Turn: d()}
		for range rng.IntN(40) {
			h.Waits = append(h.Waits, evidence.WaitBin{From: d(), To: d(), Count: n()})
		}
		hops = append(hops, h)
	}
	q := evidence.QueueListing{Export: evidence.Export{Path: s()}, Ages: []evidence.AgeRow{{Domain: s(), Total: n(), Counts: counts(20)}}, Reasons: []evidence.QueueError{{Domain: s(), Text: s(), Count: n(), State: s()}},
		Oldest: []evidence.QueuedMail{{ID: s(), State: s(), Since: when(), Age: d(), Sender: s(), To: s(), Reason: s()}}}
	var told []evidence.Forecast
	for range rng.IntN(9) {
		x := evidence.Queue{Name: s(), Server: s(), Type: s(), NextHop: s(), Connector: s(), State: s(), Said: s(), Messages: n(), Error: s(), LastTry: evidence.Instant{Text: s()}, NextTry: evidence.Instant{Time: when(), Text: s()}, Velocity: new(float64(d())), Retries: new(n())}
		q.Queues = append(q.Queues, x)
		told = append(told, evidence.Forecast{Listing: rng.IntN(2), Queue: []string{x.Name, s()}[rng.IntN(2)], Server: s(), Oldest: when(), Next: when(), Notice: when(), GivesUp: when(), Drains: d(), By: []string{s()}, Unknown: []string{s()}})
	}
	withKind(t, r, evidence.Journeys, ways)
	withKind(t, r, evidence.Clocks, []evidence.ClockOffset{{Server: s(), Against: s(), Ahead: d(), Low: d(), High: d(), Bounded: true, Via: []string{s()}}})
	withKind(t, r, evidence.Rhythms, hops)
	withKind(t, r, evidence.Traffic, []evidence.HopTraffic{{Last: time.Unix(rng.Int64N(1<<33), 0)}})
	withKind(t, r, evidence.QueueListings, []evidence.QueueListing{q, {}})
	withKind(t, r, evidence.Forecasts, told)
}

// hostileOrg is an organization and a path of such texts.
func hostileOrg(s func() string) (evidence.Org, evidence.Path) {
	wait := evidence.Wait{Now: 1e300, Longest: -5, Mean: 3}
	odd := evidence.Schedule{7: 0xf0, 30: 0x2d}
	org := evidence.Org{Name: s(), Problems: []string{s()}, AcceptedDomains: []string{s()}, AdminGroups: []evidence.AdminGroup{{Name: s(), DN: s()}},
		Connectors: []evidence.Connector{{Name: s(), Kind: s(), RoutingGroup: "CN=" + s(), Destination: s(), Sources: []string{s()}, SmartHost: s(), Delivery: evidence.Timetable{Style: new(1), Fault: s()}},
			{Name: s(), Kind: s(), Delivery: evidence.Timetable{Style: new(1), Schedule: &odd}, Oversize: evidence.Timetable{Style: new(1), Schedule: &odd}}}}
	for range 3 {
		org.RoutingGroups = append(org.RoutingGroups, evidence.RoutingGroup{Name: s(), DN: s(), Master: s(), Members: []string{s(), s()}})
		org.Servers = append(org.Servers, evidence.Server{Name: s(), DN: s(), Serial: s(), Generation: s(), Site: s(), Retry: &evidence.RetryTimes{Transient: new(evidence.Duration(-1e300)), Outbound: new(evidence.Duration(0.5)), Where: evidence.Where{File: s()}}},
			evidence.Server{Name: s(), Virtual: []evidence.VirtualServer{{Name: s(), Retries: s(), Where: evidence.Where{File: s()}}, {Retries: "65535,65535"}}})
	}
	leg := evidence.Leg{Kind: s(), From: []string{s(), s()}, To: []string{s()}, FromGroup: s(), ToGroup: s(), Connector: s(), Link: s(), Opens: s(), Wait: wait, Notes: []string{s()}, LimitBytes: 1 << 62}
	closed := leg
	closed.Closed = true
	return org, evidence.Path{From: s(), To: s(), Zone: s(), Outcome: s(), Why: s(), Wait: wait, Legs: []evidence.Leg{leg, closed}, Unsure: []string{s()}, Others: []evidence.Detour{{Over: []string{s()}, Why: s()}}}
}

// TestNothingBreaksTheFrame drives random keys over random hostile reports at
// random sizes, with and without colour.
func TestNothingBreaksTheFrame(t *testing.T) {
	defer lipgloss.SetColorProfile(termenv.Ascii)
	keys := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "=", "7", "8", "9", "0", "=", "s", "tab", "left", "up", "down", "down", "pgup", "pgdown", "home", "end", "enter", "enter", "esc", "+", "-", "/", "f", "n", "N", "ctrl+u", "backspace"}
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		lipgloss.SetColorProfile([]termenv.Profile{termenv.Ascii, termenv.TrueColor}[seed%2])
		w, h := 24+rng.IntN(277), 6+rng.IntN(95)
		m := New(hostileReport(t, rng)).SetSize(w, h)
		for range 60 {
			switch rng.IntN(12) {
			case 0:
				w, h = 24+rng.IntN(277), 6+rng.IntN(95)
				m = m.SetSize(w, h)
			case 1:
				m = click(m, rng.IntN(w), rng.IntN(h))
			case 2:
				m = turnWheel(m, rng.IntN(w), rng.IntN(h), tea.MouseButtonWheelDown)
			case 3:
				m = press(m, hostile(rng)) // a paste
			default:
				m = press(m, keys[rng.IntN(len(keys))])
			}
			checkFrame(t, m, w, h)
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		m = m.SetReport(hostileReport(t, rng))
		checkFrame(t, m, w, h)
	}
}

// TestNothingIsLost: a wrapped text has every character of it.
func TestNothingIsLost(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 2))
		text, w := clean(hostile(rng)), 2+rng.IntN(40)
		if got := strings.Join(chop(text, w), ""); got != text {
			t.Fatalf("seed %d: chop(%q, %d) loses something: %q", seed, text, w, got)
		}
		bare := strings.Join(strings.Fields(text), "")
		if got := strings.Join(strings.Fields(strings.Join(wrap(text, w), " ")), ""); got != bare {
			t.Fatalf("seed %d: wrap(%q, %d) loses something: %q", seed, text, w, got)
		}
	}
}
