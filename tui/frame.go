package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/report"
)

// The least window that holds every screen.
const (
	leastWidth  = 60
	leastHeight = 20
)

func (m *Model) small() bool { return m.w < leastWidth || m.h < leastHeight }

// chrome is how many lines are not the screen's: title, rule, notice, keys.
const chrome = 4

// body is the size of the screen's part of the window.
func (m *Model) body() (x, w, h int) {
	x = 0
	if p := m.panelWidth(); p > 0 {
		x = p + 3
	}
	return x, m.w - x - 1, m.h - chrome
}

// View draws the window. Every line is cut to its width here, whatever a screen
// does, so that no text can break the layout.
func (m *Model) View() string {
	if m.small() {
		return m.tooSmall()
	}
	_, w, h := m.body()
	m.below = false
	lines := append([]string{m.headline(), m.strip()}, m.middle(w, h)...)
	lines = append(lines, m.noticeLine(), keyLine(m.look, m.shownKeys(), m.w-2))
	for i, l := range lines {
		lines[i] = cut(l, m.w)
	}
	return strings.Join(lines, "\n")
}

func (m *Model) tooSmall() string {
	text := fmt.Sprintf("This window has %d columns and %d lines. mailflow needs %d by %d: please make it larger. Nothing is lost.", m.w, m.h, leastWidth, leastHeight)
	lines := wrap(text, max(m.w, 1))
	return strings.Join(lines[:min(len(lines), max(m.h, 1))], "\n")
}

// middle is the panel and the screen, h lines.
func (m *Model) middle(w, h int) []string {
	rows := m.front(w, h)
	var panel []row
	pw := m.panelWidth()
	if pw > 0 {
		panel = m.panel(pw)
	}
	lines := make([]string, h)
	for i := range lines {
		text := ""
		if i < len(rows) {
			text = cut(rows[i].text, w)
		}
		if pw == 0 {
			lines[i] = " " + text
			continue
		}
		left := ""
		if i < len(panel) {
			left = panel[i].text
		}
		lines[i] = fit(left, pw) + " │ " + text
	}
	return lines
}

// front is what the operator has to do with now.
func (m *Model) front(w, h int) []row {
	switch {
	case m.leaving:
		return m.leavingRows(w)
	case m.help:
		return m.helpRows(w, h)
	case m.picker != nil:
		return m.picker.rows(m.look, w, h)
	}
	return m.screen().rows(m, w, h)
}

func (m *Model) headline() string {
	title := m.look.bold.Render(" mailflow") + "  " + m.screen().title()
	about := joined(": ", m.id, m.label)
	if about == "" || m.at == atStart || m.at == atSaved {
		return title
	}
	return title + m.look.faint.Render("  ("+report.Visible(about)+")")
}

func joined(by string, parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, by)
}

func (m *Model) noticeLine() string {
	switch {
	case m.notice == "" && m.below:
		return m.look.faint.Render("── more below " + strings.Repeat("─", m.w-14))
	case m.notice == "":
		return m.look.faint.Render(strings.Repeat("─", m.w))
	}
	return m.look.bad.Render(" * " + report.Visible(m.notice))
}

// mouse gives a click to the row under it, and the wheel to the screen.
func (m *Model) mouse(ev tea.MouseEvent) tea.Cmd {
	if m.small() || m.leaving || m.help {
		return nil
	}
	x, w, h := m.body()
	line := ev.Y - 2
	if m.at == atResults && m.picker == nil && ev.X >= x-2 {
		return m.results.mouse(m, ev, max(x, 1))
	}
	switch {
	case ev.Button == tea.MouseButtonWheelUp:
		m.wheel(-3)
	case ev.Button == tea.MouseButtonWheelDown:
		m.wheel(3)
	case ev.Action != tea.MouseActionPress || ev.Button != tea.MouseButtonLeft || line < 0 || line >= h:
	case ev.X < x-2:
		return m.panelClick(line)
	default:
		return m.click(m.front(w, h), line)
	}
	return nil
}

func (m *Model) wheel(lines int) {
	if m.picker != nil {
		m.picker.move(lines)
		return
	}
	m.screen().wheel(m, lines)
}

func (m *Model) click(rows []row, line int) tea.Cmd {
	if line >= len(rows) || rows[line].id == 0 {
		return nil
	}
	if m.picker != nil {
		return m.pickerClick(rows[line].id)
	}
	return m.screen().click(m, rows[line].id)
}
