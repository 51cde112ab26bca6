package results

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

func shows(t *testing.T, m Model, want string) {
	t.Helper()
	if !strings.Contains(m.View(), want) {
		t.Errorf("the view does not show %q:\n%s", want, m.View())
	}
}

func lacksText(t *testing.T, m Model, unwanted string) {
	t.Helper()
	if strings.Contains(m.View(), unwanted) {
		t.Errorf("the view shows %q:\n%s", unwanted, m.View())
	}
}

// marked is the line with the marker of what is chosen.
func marked(t *testing.T, m Model) string {
	t.Helper()
	found := ""
	for l := range strings.SplitSeq(m.View(), "\n") {
		if strings.HasPrefix(l, ">") {
			if found != "" {
				t.Errorf("two lines are marked:\n%s", m.View())
			}
			found = l
		}
	}
	return found
}

func TestTabs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := New(founding(t)).SetSize(80, 24)
		for _, c := range []struct{ keys, want string }{
			{"", "[1 Root cause]"}, {"tab", "[2 All findings]"}, {"right right", "[3 Timeline]"}, {"left", "[6 Not checked]"},
			{"shift+tab left", "[5 Transcript]"}, {"4", "[4 Tree]"}, {"6 tab", "[1 Root cause]"},
		} {
			shows(t, press(m, strings.Fields(c.keys)...), c.want)
		}
		bar, _, _ := strings.Cut(m.View(), "\n")
		for name, want := range map[string]string{"Tree": "[4 Tree]", "Not checked": "[6 Not checked]", "Root": "[1 Root cause]"} {
			shows(t, click(m, strings.Index(bar, name), 0), want)
		}
	})
}

func TestAsksItsCaller(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := New(founding(t)).SetSize(80, 24)
		for key, want := range map[string]tea.Msg{"a": AddEvidence{}, "x": Export{}, "esc": Back{}, "down": nil} {
			if _, got := emitted(m, key); got != want {
				t.Errorf("%s gives %T, want %T", key, got, want)
			}
		}
		m = press(m, "enter")
		shows(t, m, "Why it matters")
		if _, got := emitted(m, "x"); got != (Export{}) {
			t.Errorf("x in a detail gives %T", got)
		}
		m, got := emitted(m, "esc")
		if got != nil {
			t.Errorf("esc in a detail gives %T: it only closes it", got)
		}
		lacksText(t, m, "Why it matters")
	})
}

// TestTheEvidenceFollowsTheCause walks down the causes: what is told below is
// about the marked one.
func TestTheEvidenceFollowsTheCause(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := founding(t)
		m := New(r).SetSize(120, 40)
		for _, h := range r.Hypotheses() {
			if !strings.Contains(marked(t, m), h.Code) {
				t.Fatalf("%s is not marked:\n%s", h.Code, m.View())
			}
			shows(t, m, h.Cause.Title+" ["+h.Code+"]")
			m = press(m, "down")
		}
	})
}

func TestDetailOfAFinding(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := press(New(founding(t)).SetSize(120, 60), "2", "enter")
		for _, want := range []string{"CONFIRMED, delayed: mail waits", "What was seen", "Mail stood still for 5 s", "Why it matters", "How it is judged", "What to do", "Sources", "RFC 5321"} {
			shows(t, m, want)
		}
	})
}

func TestMouseChoosesAndOpens(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := press(New(founding(t)).SetSize(80, 24), "2")
		m = click(m, 10, 4)
		if !strings.Contains(marked(t, m), "DNS-ZONE-FAILS") {
			t.Errorf("a click on the third row marks %q", marked(t, m))
		}
		shows(t, click(m, 10, 4), "What was seen")
		m = turnWheel(m, 10, 10, tea.MouseButtonWheelDown)
		shows(t, m, "lines 4-24")
	})
}

func TestFolding(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := press(New(founding(t)).SetSize(100, 60), "3", "end")
		shows(t, m, "MAIL         0.040 s |")
		m = press(m, "enter")
		lacksText(t, m, "MAIL         0.040 s |")
		shows(t, m, "+ ex07hub.contoso.com [10.0.0.7:25]")
		shows(t, press(m, "enter"), "MAIL         0.040 s |")
		tree := press(m, "4")
		lacksText(t, tree, "symptom:")
		shows(t, press(tree, "enter"), "symptom: Messages destined to recipients are delayed")
		shows(t, press(tree, "+", "+", "+"), "case began")
		lacksText(t, press(tree, "-"), "192.168.77.7")
	})
}

func TestSearch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := press(New(founding(t)).SetSize(80, 24), "5", "/")
		if !m.Typing() {
			t.Fatal("it does not say that it takes letters")
		}
		m = press(m, "x", "a", "1") // no export, no added evidence, no first tab
		shows(t, m, "/xa1_  \"xa1\" is not there")
		m = press(m, "ctrl+u", "2", "5", "0", " ", "2", ".", "1")
		shows(t, m, `"250 2.1": 1 of 2`) // while it is typed
		m = press(m, "enter")
		if m.Typing() {
			t.Error("it still takes letters")
		}
		first := marked(t, m)
		if !strings.Contains(first, "Sender OK") {
			t.Errorf("the first hit is %q", first)
		}
		if next := marked(t, press(m, "n")); !strings.Contains(next, "Recipient OK") {
			t.Errorf("the next hit is %q", next)
		}
		if round := marked(t, press(m, "n", "n")); round != first {
			t.Errorf("the search does not go round: %q", round)
		}
		if back := marked(t, press(m, "N", "N")); back != first {
			t.Errorf("and not back: %q", back)
		}
		m, got := emitted(m, "esc")
		if got != nil || marked(t, m) != "" {
			t.Errorf("esc does not close the search only: %T", got)
		}
	})
}

func TestHostFilter(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := press(New(founding(t)).SetSize(80, 24), "5", "f", "7", "7", ".", "7", "enter")
		shows(t, m, "192.168.77.7")
		lacksText(t, m, "10.0.0.7:25")
		shows(t, m, `only hosts with "77.7"`)
		shows(t, press(m, "f", "z", "enter"), "No SMTP session was held with a host of that name.")
		shows(t, press(m, "esc"), "10.0.0.7:25")
	})
	m := press(New(talks(t, 50, 30)).SetSize(80, 24), "5", "/", "2", "5", "0", "enter", "f", "m", "x", "0", "4", "2", "enter")
	shows(t, m, "of 30") // only what is shown is searched
	m = press(m, "esc", "esc")
	shows(t, m, "of 1850")
	shows(t, m, "of host 42,") // and the window stays at it
}

// TestScrollsNoMoreThanItMust: the row below the window comes into it, and the
// window moves by that row.
func TestScrollsNoMoreThanItMust(t *testing.T) {
	m := press(New(talks(t, 100, 1)).SetSize(80, 24), "2")
	for range 20 {
		m = press(m, "down")
	}
	shows(t, m, "lines 1-21 of 100")
	m = press(m, "down")
	shows(t, m, "lines 2-22 of 100")
	shows(t, press(m, "up"), "lines 2-22 of 100")
	shows(t, press(m, "pgdown"), "lines 22-42 of 100")
	shows(t, press(m, "end"), "finding 100 of 100")
	shows(t, press(m, "end", "home"), "lines 1-21 of 100")
}

// TestTimesThatACaseFileClaims do not overflow.
func TestTimesThatACaseFileClaims(t *testing.T) {
	long := smtpprobe.Step{Name: smtpprobe.RCPT, TookNS: 1 << 62}
	track := sessionTrack(smtpprobe.Session{Steps: []smtpprobe.Step{long, long, long}}, "x", 0)
	if track.total != 3*mostTook {
		t.Errorf("three endless steps take %s", track.total)
	}
}

// TestStaysWhereItWas adds evidence: the tab, what is chosen, what is open and
// what is searched for stay.
func TestStaysWhereItWas(t *testing.T) {
	few, more := talks(t, 3, 5), talks(t, 40, 5)
	m := press(New(few).SetSize(80, 24), "2", "down", "down")
	was := marked(t, m)
	if got := marked(t, m.SetReport(more)); got != was || was == "" {
		t.Errorf("%q was chosen, and now %q is", was, got)
	}
	open := press(m, "enter")
	shows(t, open, "What was seen")
	shows(t, open.SetReport(more), "What was seen")
	lacksText(t, open.SetReport(talks(t, 1, 5)), "What was seen") // that finding is gone
	found := press(New(few).SetSize(80, 24), "5", "/", "2", "5", "0", "enter", "n", "n", "n")
	was = marked(t, found)
	if got := marked(t, found.SetReport(more)); got != was || was == "" {
		t.Errorf("%q was found, and now %q is", was, got)
	}
	shows(t, found.SetReport(more), "4 of 200")
	if got := marked(t, found.SetSize(100, 30)); strings.TrimSpace(got) != strings.TrimSpace(was) {
		t.Errorf("%q was found, and in another size %q is", was, got)
	}
	tree := press(New(few).SetSize(80, 24), "4", "down", "enter")
	if got := marked(t, tree.SetReport(more)); !strings.Contains(got, "- smtp.sessions") && !strings.Contains(got, "+ smtp.sessions") {
		t.Errorf("%q was chosen in the tree, and now %q is", marked(t, tree), got)
	}
}

// TestSmallAndEmpty: no report, an empty one, and sizes that nobody can use.
func TestSmallAndEmpty(t *testing.T) {
	for _, r := range []*diag.Report{nil, diag.NewReport(&diag.Catalog{}), talks(t, 2, 3)} {
		m := New(r)
		if m.View() != "" {
			t.Error("it draws without a size")
		}
		for _, w := range []int{1, 2, 5, 23, 24, 40, 60, 300} {
			for _, h := range []int{1, 2, 5, 6, 7, 20, 100} {
				for _, k := range []string{"1", "2", "3", "4", "5", "6"} {
					checkFrame(t, press(m.SetSize(w, h), k), w, h)
				}
			}
		}
	}
	shows(t, New(nil).SetSize(60, 20), "No cause was judged")
}

// TestEveryKeyIsShown says that what a tab can do stands in its help.
func TestEveryKeyIsShown(t *testing.T) {
	m := New(talks(t, 2, 3)).SetSize(80, 24)
	for k, want := range map[string]string{"1": "open", "3": "close all", "5": "search", "6": "add evidence"} {
		help := ""
		for _, b := range press(m, k).Keys() {
			help += b.Help().Desc + ", "
		}
		if !strings.Contains(help, want) {
			t.Errorf("tab %s: %q does not name %q", k, help, want)
		}
	}
}

// talks is a report with sessions, each with so many lines of replies to EHLO,
// and a finding about each.
func talks(t testing.TB, sessions, lines int) *diag.Report {
	t.Helper()
	cause := &diag.Cause{Code: "SMTP-SLOW", Title: "It is slow", Severity: diag.Delayed, Text: "{subject} is slow", Ruled: "{subject} is quick", About: "Mail waits.", Remedy: "Make it quick."}
	symptom := &diag.Symptom{Name: "s", Analyzers: []*diag.Analyzer{{Name: "slow", Needs: []diag.AnyKey{evidence.Sessions}, Causes: []*diag.Cause{cause}}}}
	var list []smtpprobe.Session
	var found []diag.Finding
	for i := range sessions {
		s := smtpprobe.Session{Host: fmt.Sprintf("mx%03d.example.com", i), Addr: fmt.Sprintf("10.0.%d.%d:25", i/250, i%250)}
		s.Steps = []smtpprobe.Step{{Name: smtpprobe.Connect, TookNS: 4e6}, {Name: smtpprobe.Greeting, TookNS: 3e9, Code: 220, Reply: []smtpprobe.Line{"220 ready"}}}
		ehlo := smtpprobe.Step{Name: smtpprobe.EHLO, Sent: "EHLO probe", TookNS: 5e6, Code: 250}
		for j := range lines {
			ehlo.Reply = append(ehlo.Reply, smtpprobe.Line(fmt.Sprintf("250-KEYWORD-%d of host %d, with a few more words behind it", j, i)))
		}
		s.Steps = append(s.Steps, ehlo)
		list = append(list, s)
		found = append(found, diag.Finding{Code: "SMTP-SLOW", Verdict: diag.Suspected, Subject: s.Host})
	}
	return smallReport(t, &diag.Catalog{Symptoms: []*diag.Symptom{symptom}}, list, found)
}

// TestEmptyTabsSayWhy: which evidence would fill them, in words that no narrow
// window cuts off.
func TestEmptyTabsSayWhy(t *testing.T) {
	for _, w := range []int{60, 80, 120} {
		m := New(plainReport(t)).SetSize(w, 30)
		for key, want := range map[string]string{
			"1": "tab 6, Not checked, says what would help.", "2": "tab 6, Not checked, says which evidence would help.",
			"3": "stands in the tabs Journeys and Rhythm.", "5": "Sessions out of logs are told with the causes, and in the tab Journeys.",
		} {
			if got := strings.Join(strings.Fields(press(m, key).View()), " "); !strings.Contains(got, want) {
				t.Errorf("%d wide, tab %s: no %q in\n%s", w, key, want, got)
			}
		}
	}
}

// TestTreeShowsLinesBesideEachOther: an answer of several lines has a sign between
// them, and no escape.
func TestTreeShowsLinesBesideEachOther(t *testing.T) {
	r := diag.NewReport(&diag.Catalog{})
	r.Add(diag.Event{Opened: &diag.Opened{Inputs: []diag.Answer{{Name: "evidence", Value: "/case/hub\n/case/edge"}}}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "evidence", By: "operator", Value: rawOf(t, "/case/hub\n/case/edge")}})
	r.Add(diag.Event{Gathered: &diag.Item{Kind: "words", By: "test", Value: rawOf(t, []string{"one\r\ntwo\r\n"})}})
	m := press(New(r).SetSize(80, 24), "4", "+", "+")
	shows(t, m, "evidence: /case/hub | /case/edge")
	shows(t, m, "one | two")
	lacksText(t, m, `\n`)
}

// TestManyUnreadFilesAreFewRows: the one for a reason of its own stands before the
// thousand that are alike.
func TestManyUnreadFilesAreFewRows(t *testing.T) {
	var files []evidence.File
	for i := range 1000 {
		files = append(files, evidence.File{Path: fmt.Sprintf("d%d.txt", i), Unread: "unknown"})
	}
	files = append(files, evidence.File{Path: "hub.log", Unread: "line 7 is broken"})
	m := press(New(withKind(t, plainReport(t), evidence.Files, files)).SetSize(80, 30), "6")
	shows(t, m, "hub.log")
	shows(t, m, "d5.txt")
	shows(t, m, "and 994 more")
	lacksText(t, m, "d6.txt")
}
