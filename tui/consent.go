package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
)

// consentScreen says what will be touched. Nothing is before the yes.
type consentScreen struct {
	plan  diag.Plan
	top   int
	most  int  // the last line to scroll to, from the last drawing
	again bool // evidence of an earlier run is used
}

func (s *consentScreen) enter(m *Model) {
	s.plan, s.top, s.again = m.opt.Catalog.Plan(m.theCase()), 0, m.before != nil
}

func (s *consentScreen) title() string { return "What will be done" }
func (s *consentScreen) typing() bool  { return false }
func (s *consentScreen) keys() []key.Binding {
	keys := []key.Binding{bind("y", "y", "yes, begin"), bind("esc", "esc", "no, back"), bind("up", "up/down", "scroll")}
	if s.again {
		keys = append(keys, bind("r", "r", "gather all anew"))
	}
	return keys
}

func (s *consentScreen) rows(m *Model, w, h int) []row {
	text := plain(s.text(m, w)...)
	foot := []row{{}, {m.look.picked.Render("> [ y  Yes, begin ]") + "    [ esc  No, back ]", 1}}
	h -= len(foot)
	s.most = max(len(text)-h, 0)
	s.top = min(s.top, s.most)
	shown := window(text, s.top, h)
	if s.top < s.most {
		foot[0].text = m.look.faint.Render("  ... more below: press down")
	}
	return append(shown, foot...)
}

func (s *consentScreen) text(m *Model, w int) []string {
	lines := []string{""}
	if s.plan.Title != "" {
		lines = append(lines, hang("Symptom: ", s.plan.Title, w)...)
	}
	lines = append(lines, "", m.look.bold.Render("These things will be touched, and nothing else:"))
	for _, t := range s.plan.Touches {
		if len(t.Lacks) == 0 {
			lines = append(lines, touchLines(m.look, t, w)...)
		}
	}
	if len(s.plan.Touches) == 0 {
		lines = append(lines, "  nothing: only the evidence at hand is judged")
	}
	lines = append(lines, s.lacking(m.look, w)...)
	if m.before != nil {
		lines = append(lines, "")
		lines = append(lines, hang("", "What was gathered before is used again. Press r to gather everything anew.", w)...)
	}
	for i, g := range s.plan.Gaps {
		if i == 0 {
			lines = append(lines, "", m.look.bold.Render("Not looked at, because nothing here can judge it yet:"))
		}
		lines = append(lines, hang("  - ", g, w)...)
	}
	return lines
}

func touchLines(l look, t diag.Touch, w int) []string {
	lines := hang("  - ", t.Collector+": "+t.Does, w)
	for _, words := range t.Words {
		more := hang("      ", words, w)
		if strings.HasPrefix(words, "SENDS") {
			paint(l.bad.Render, more)
		}
		lines = append(lines, more...)
	}
	return lines
}

// lacking names what will not be done for want of an answer.
func (s *consentScreen) lacking(l look, w int) []string {
	var lines []string
	for _, t := range s.plan.Touches {
		if len(t.Lacks) == 0 {
			continue
		}
		if lines == nil {
			lines = append(lines, "", l.bold.Render("Not done without another answer:"))
		}
		lines = append(lines, hang("  - ", t.Collector+": needs "+strings.Join(t.Lacks, ", "), w)...)
	}
	return lines
}

func (s *consentScreen) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch {
	case hit(k, "y", "Y"):
		return m.running.begin(m)
	case hit(k, "enter"):
		m.notice = "Nothing was touched yet. Press y to begin, Esc to go back."
	case hit(k, "n"):
		return m.back()
	case hit(k, "r") && m.before != nil:
		m.before = nil
		s.enter(m)
	case hit(k, "up", "k"):
		s.wheel(m, -1)
	case hit(k, "down", "j"):
		s.wheel(m, 1)
	case hit(k, "pgup"):
		s.wheel(m, -10)
	case hit(k, "pgdown", " "):
		s.wheel(m, 10)
	}
	return nil
}

func (s *consentScreen) wheel(_ *Model, lines int)     { s.top = max(min(s.top+lines, s.most), 0) }
func (s *consentScreen) click(m *Model, _ int) tea.Cmd { return m.running.begin(m) }
