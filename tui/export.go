package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
	"mailflow/report"
)

// exportScreen writes the report: which formats, and where.
type exportScreen struct {
	form  *form
	wrote []string
}

// A writtenMsg is what was written, and what went wrong.
type writtenMsg struct {
	paths []string
	err   error
}

func (s *exportScreen) enter(m *Model) {
	s.wrote = nil
	if s.form != nil {
		return
	}
	s.form = &form{groups: []string{"", "Which formats?"}, button: "Write the files"}
	folder := textField("folder", "Into which folder?")
	folder.browse, folder.example = true, "/home/me/reports"
	folder.set(m.exportFolder())
	s.form.fields = append(s.form.fields, folder)
	for _, f := range []struct{ ending, words, standard string }{
		{".xml", "XML: to attach to the case; can be opened again", "yes"},
		{".html", "HTML: to read, in any browser", "yes"},
		{".txt", "Text: to paste into a mail", ""},
		{".json", "JSON: for other programs", ""},
		{".jsonl", "Case file: everything, to go on with later", ""},
	} {
		fd := &field{name: f.ending, prompt: f.words, group: "Which formats?", choices: []choice{{"", "no", ""}, {"yes", "yes", ""}}}
		fd.set(f.standard)
		s.form.fields = append(s.form.fields, fd)
	}
}

func (m *Model) exportFolder() string {
	if m.folder != "" {
		return m.folder
	}
	folder, err := os.Getwd()
	if err != nil {
		return m.opt.State
	}
	return folder
}

func (s *exportScreen) title() string             { return "Export" }
func (s *exportScreen) typing() bool              { return s.form.typing() }
func (s *exportScreen) keys() []key.Binding       { return s.form.keys() }
func (s *exportScreen) wheel(_ *Model, lines int) { s.form.wheel(lines) }

func (s *exportScreen) rows(m *Model, w, h int) []row {
	s.form.lead = []string{""}
	for i, path := range s.wrote {
		if i == 0 {
			s.form.lead = append(s.form.lead, m.look.good.Render("Written:"))
		}
		s.form.lead = append(s.form.lead, hang("  + ", path, w)...)
	}
	if len(s.wrote) > 0 {
		s.form.lead = append(s.form.lead, "Esc goes back to the results, ctrl+c leaves.", "")
	}
	return s.form.rows(m, w, h)
}

func (s *exportScreen) key(m *Model, k tea.KeyMsg) tea.Cmd { return s.grant(m, s.form.key(k)) }
func (s *exportScreen) click(m *Model, id int) tea.Cmd     { return s.grant(m, s.form.click(id)) }

func (s *exportScreen) grant(m *Model, w wish) tea.Cmd {
	folder := s.form.fields[0]
	switch w {
	case browse:
		return m.browse("Which folder? Space takes it", folder.add)
	case submit:
		paths := s.paths(m)
		if len(paths) == 0 {
			m.notice = "Choose at least one format."
			return nil
		}
		m.folder = cleanPath(folder.value())
		return writeAll(m.report, paths, m.settingsFile(), m.folder)
	}
	return nil
}

// paths names the files: after the case, and never one that is there already.
func (s *exportScreen) paths(m *Model) []string {
	base := joined("-", fileName(m.id, ""), fileName(m.label, ""))
	if base == "" {
		base = "mailflow"
	}
	folder := cleanPath(s.form.fields[0].value())
	var all []string
	for _, f := range s.form.fields[1:] {
		if f.value() == "yes" {
			all = append(all, unused(filepath.Join(folder, base), f.name))
		}
	}
	return all
}

func unused(base, ending string) string {
	path := base + ending
	for n := 2; n < 1000; n++ {
		if _, err := os.Lstat(path); err != nil {
			break
		}
		path = fmt.Sprintf("%s-%d%s", base, n, ending)
	}
	return path
}

func writeAll(r *diag.Report, paths []string, file, folder string) tea.Cmd {
	return func() tea.Msg {
		var msg writtenMsg
		for _, path := range paths {
			if err := writeReport(path, r); err != nil {
				msg.err = errors.Join(msg.err, err)
				continue
			}
			msg.paths = append(msg.paths, path)
		}
		if msg.err == nil {
			_ = writeSettings(file, settings{folder}) // it is only remembered for comfort
		}
		return msg
	}
}

// writeReport writes beside the file and then puts it in place, so that a
// report is never half there.
func writeReport(path string, r *diag.Report) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".mailflow-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(report.Write(path, tmp, r), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}

func (s *exportScreen) written(m *Model, msg writtenMsg) tea.Cmd {
	s.wrote, s.form.focus = msg.paths, 0
	if msg.err != nil {
		m.notice = "Not everything was written: " + strings.ReplaceAll(msg.err.Error(), "\n", "; ")
		return nil
	}
	m.unsaved = false
	return nil
}
