package tui

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
	"mailflow/report"
)

// A savedCase is a case file in the list of saved cases.
type savedCase struct {
	path, label, id, symptom string
	at                       time.Time
	whole                    bool // it came to its end
}

// A stateMsg is what is kept between two uses of the program.
type stateMsg struct {
	cases  []savedCase
	folder string // where reports were written last
}

// settings is the file in the state folder.
type settings struct {
	ExportFolder string `json:"export_folder"`
}

func (m *Model) settingsFile() string { return filepath.Join(m.opt.State, "settings.json") }

// readState reads the saved cases and settings. What cannot be read is left
// out: the front end works without.
func (m *Model) readState() tea.Cmd {
	folder, file := m.casesFolder(), m.settingsFile()
	return func() tea.Msg {
		var set settings
		if b, err := os.ReadFile(file); err == nil {
			_ = json.Unmarshal(b, &set) // a broken one counts as none
		}
		return stateMsg{savedCases(folder), set.ExportFolder}
	}
}

func writeSettings(file string, set settings) error {
	b, err := json.Marshal(set)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}

// mostCases bounds the list; the newest are kept in it.
const mostCases = 200

// savedCases lists the case files, newest first. Their names begin with the
// time, so the order of the names is the order in time.
func savedCases(folder string) []savedCase {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	slices.Reverse(entries)
	var all []savedCase
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".jsonl" || len(all) == mostCases {
			continue
		}
		if c, ok := readHead(filepath.Join(folder, e.Name())); ok {
			all = append(all, c)
		}
	}
	return all
}

// mostHead bounds the first line of a case file, which has the plan in it.
const mostHead = 1 << 20

// readHead reads the first line, and whether the last one closes the case.
func readHead(path string) (savedCase, bool) {
	f, err := os.Open(path)
	if err != nil {
		return savedCase{}, false
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, mostHead)).ReadBytes('\n')
	var ev diag.Event
	if err != nil || json.Unmarshal(line, &ev) != nil || ev.Opened == nil {
		return savedCase{}, false
	}
	o := ev.Opened
	c := savedCase{path: path, label: o.Label, id: o.Case, symptom: o.Symptom, at: ev.At}
	tail := make([]byte, 256)
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		n, _ := f.ReadAt(tail, max(size-int64(len(tail)), 0))
		c.whole = bytes.Contains(tail[:n], []byte(`"closed":`))
	}
	return c, true
}

// caseName names a case file: the time, then the label as far as file names
// allow.
func caseName(at time.Time, label string) string {
	return at.UTC().Format("20060102-150405") + "-" + fileName(label, "case")
}

// fileName makes a part of a file name that every system takes.
func fileName(text, otherwise string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
		if out.Len() >= 40 {
			break
		}
	}
	if name := strings.Trim(out.String(), "-"); name != "" {
		return name
	}
	return otherwise
}

// A loadedMsg is a case that was read, or why it could not be.
type loadedMsg struct {
	path   string
	report *diag.Report
	err    error
}

// load reads a case file or an XML report.
func load(cat *diag.Catalog, path string) tea.Cmd {
	return func() tea.Msg {
		f, err := os.Open(path)
		if err != nil {
			return loadedMsg{path, nil, err}
		}
		defer f.Close()
		events, err := report.Read(f)
		if len(events) == 0 {
			return loadedMsg{path, nil, err}
		}
		r := diag.NewReport(cat)
		for _, ev := range events {
			r.Add(ev)
		}
		return loadedMsg{path, r, nil}
	}
}
