package tui

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
)

// runningScreen shows a run while it goes on.
type runningScreen struct {
	tree     *tree
	live     *live
	began    time.Time
	cursor   int
	top      int
	moved    bool // by the operator: it no longer follows what goes on
	stopping bool
}

// begin is the yes: from here on the world is touched.
func (s *runningScreen) begin(m *Model) tea.Cmd {
	c := m.theCase()
	now := m.opt.Now()
	m.goTo(atRunning)
	*s = runningScreen{tree: newTree(m.opt.Catalog, m.opt.Catalog.Plan(c)), live: newLive(), began: now}
	m.report = diag.NewReport(m.opt.Catalog)
	m.unsaved = false
	m.run = startRun(m.ctx, m.opt.World(c.Answers["source"]), m.opt.Catalog, c, m.casesFolder(), caseName(now, c.Label))
	return m.run.tick()
}

func (m *Model) casesFolder() string { return filepath.Join(m.opt.State, "cases") }

// tick takes in what has come; at the end it goes on to the results.
func (s *runningScreen) tick(m *Model, t tickMsg) tea.Cmd {
	if t.of != m.run {
		return nil
	}
	events, ended := m.run.take()
	for _, ev := range events {
		m.report.Add(ev)
		s.tree.add(ev)
		s.live.add(ev)
	}
	if !ended {
		return m.run.tick()
	}
	m.unsaved = true
	return s.finished(m)
}

func (s *runningScreen) finished(m *Model) tea.Cmd {
	m.results.renew(m)
	cmd := m.goTo(atResults)
	if _, err := m.run.savedAt(); err != nil {
		m.notice = "This case could not be saved by itself: " + err.Error() + ". Please export it."
	} else if closed, _ := m.report.Closed(); closed.Interrupted {
		m.notice = "Ended before its time. What was there is judged and saved."
	}
	return tea.Batch(cmd, m.readState())
}

// stop ends the run early; what it has is judged and shown.
func (s *runningScreen) stop(m *Model) {
	if m.run != nil {
		s.stopping = true
		m.run.cancel()
	}
}

func (s *runningScreen) title() string { return "Running" }
func (s *runningScreen) typing() bool  { return false }
func (s *runningScreen) keys() []key.Binding {
	return []key.Binding{bind("s", "s", "skip this host"), bind("esc", "esc", "end, keep what is there"), bind("up", "up/down", "choose")}
}

func (s *runningScreen) rows(m *Model, w, h int) []row {
	rows := plain(s.bar(m, w), "")
	h -= len(rows)
	lines := s.lines(m)
	s.follow(lines)
	addr := lines[s.cursor].addr
	if w >= 100 {
		lw := w * 45 / 100
		return append(rows, beside(s.steps(m, lines, h), lw, s.news(m, addr, w-lw-3, h, h/3), h)...)
	}
	th := h * 6 / 10
	rows = append(rows, pad(s.steps(m, lines, th-1), th)...)
	return append(rows, s.news(m, addr, w, h-th, (h-th)*2/5)...)
}

// news is what was found, and what is said with the chosen host.
func (s *runningScreen) news(m *Model, addr string, w, h, fh int) []row {
	return append(pad(s.live.findingRows(m.opt.Catalog, m.look, w, fh), fh), s.live.noteRows(addr, s.began, m.look, w, h-fh)...)
}

func pad(rows []row, h int) []row {
	for len(rows) < h {
		rows = append(rows, row{})
	}
	return rows[:h]
}

// bar is how far the run is.
func (s *runningScreen) bar(m *Model, w int) string {
	behind, all := s.tree.progress()
	const width = 20
	full := width * behind / max(all, 1)
	text := fmt.Sprintf("[%s%s] %d of %d steps, %s", strings.Repeat("#", full), strings.Repeat(".", width-full), behind, all,
		m.opt.Now().Sub(s.began).Truncate(time.Second))
	if s.stopping {
		text += ", ending: what is there is kept"
	}
	return m.look.bold.Render(cut(text, w))
}

// A stepLine is a step or host in the tree; its text is made only when it is in
// the window.
type stepLine struct {
	addr string // of a host
	busy bool
	text func() string
}

// lines are the steps, with the hosts under the one that talks to them.
func (s *runningScreen) lines(m *Model) []stepLine {
	now := m.opt.Now()
	var all []stepLine
	for _, n := range s.tree.collect {
		all = append(all, stepLine{"", n.state == busy, func() string { return n.line(now) }})
		if n.name == talker(s.tree) {
			for _, h := range m.run.board.list() {
				goesOn := !h.skipped && (h.stage == dialling || h.stage == talking)
				all = append(all, stepLine{h.addr, goesOn, func() string { return "    " + h.line() }})
			}
		}
	}
	for _, n := range s.tree.judge {
		all = append(all, stepLine{"", n.state == busy, func() string { return n.line(now) }})
	}
	return append(all, stepLine{text: func() string { return "" }})[:max(len(all), 1)]
}

// follow keeps the cursor in its place, or on what goes on until the operator
// moves it: a host first.
func (s *runningScreen) follow(lines []stepLine) {
	s.cursor = max(min(s.cursor, len(lines)-1), 0)
	if s.moved {
		return
	}
	for i, l := range lines {
		if l.busy && l.addr != "" {
			s.cursor = i
			return
		}
	}
	for i, l := range lines {
		if l.busy {
			s.cursor = i
			return
		}
	}
}

// talker is the step under which the hosts are shown: the one that holds the
// sessions, else the last.
func talker(t *tree) string {
	name := ""
	for _, n := range t.collect {
		if name = n.name; name == "sessions" {
			break
		}
	}
	return name
}

func (h host) line() string {
	if h.skipped {
		return "[-] " + h.addr + ": skipped"
	}
	return map[stage]string{dialling: "[~] ", talking: "[~] ", hungUp: "[x] ", notReached: "[!] "}[h.stage] + h.addr + ": " + h.stage.String()
}

// steps draws only the lines that are in the window: there may be hundreds.
func (s *runningScreen) steps(m *Model, lines []stepLine, h int) []row {
	s.top = scroll(s.top, s.cursor, s.cursor, h, len(lines))
	var rows []row
	for i := s.top; i < min(s.top+h, len(lines)); i++ {
		rows = append(rows, row{m.look.point(i == s.cursor, lines[i].text()), i + 1})
	}
	return rows
}

func (s *runningScreen) key(m *Model, k tea.KeyMsg) tea.Cmd {
	switch {
	case hit(k, "up", "k"):
		s.move(-1)
	case hit(k, "down", "j"):
		s.move(1)
	case hit(k, "pgup"):
		s.move(-10)
	case hit(k, "pgdown"):
		s.move(10)
	case hit(k, "s"):
		s.skip(m)
	}
	return nil
}

func (s *runningScreen) move(by int) { s.cursor, s.moved = s.cursor+by, true }

func (s *runningScreen) skip(m *Model) {
	lines := s.lines(m)
	s.follow(lines)
	addr := lines[s.cursor].addr
	if addr == "" {
		m.notice = "Choose a host first: they stand under \"" + talker(s.tree) + "\"."
		return
	}
	if m.notice = "Skipped " + addr + "."; !m.run.board.skip(addr) {
		m.notice = "Nothing goes on with " + addr + "."
	}
}

func (s *runningScreen) wheel(_ *Model, lines int) { s.move(sign(lines)) }

func (s *runningScreen) click(_ *Model, id int) tea.Cmd {
	s.cursor, s.moved = id-1, true
	return nil
}
