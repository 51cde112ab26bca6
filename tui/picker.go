package tui

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/report"
)

// A picker looks for a file or folder. It is our own and not the one of
// bubbles, which draws file names as they are: a name may hold control
// characters.
type picker struct {
	title  string
	folder string
	names  []string // folders end with a slash
	err    error
	cursor int
	top    int
	take   func(path string)
	after  func() tea.Cmd // what to do when a file was taken
}

// A folderMsg is what is in a folder.
type folderMsg struct {
	folder string
	names  []string
	err    error
}

// browse opens the picker; take gets what is chosen.
func (m *Model) browse(title string, take func(string)) tea.Cmd {
	folder, err := os.Getwd()
	if err != nil {
		folder = string(filepath.Separator)
	}
	m.picker = &picker{title: title, folder: folder, take: take}
	return readFolder(folder)
}

// mostNames bounds what is listed of a folder.
const mostNames = 5000

func readFolder(folder string) tea.Cmd {
	return func() tea.Msg {
		entries, err := os.ReadDir(folder)
		var folders, files []string
		for _, e := range entries[:min(len(entries), mostNames)] {
			switch {
			case e.IsDir():
				folders = append(folders, e.Name()+"/")
			default:
				files = append(files, e.Name())
			}
		}
		return folderMsg{folder, append(folders, files...), err}
	}
}

func (p *picker) show(msg folderMsg) {
	p.folder, p.names, p.err, p.cursor, p.top = msg.folder, msg.names, msg.err, 0, 0
}

func (p *picker) keys() []key.Binding {
	return []key.Binding{bind("enter", "enter", "open"), bind("space", "space", "take"), bind("left", "left", "above"), bind("esc", "esc", "cancel"), bind("up", "up/down", "choose")}
}

func (p *picker) rows(l look, w, h int) []row {
	rows := plain("", l.bold.Render(p.title), cut(report.Visible(p.folder), w), "")
	h -= len(rows)
	list := []row{{l.point(p.cursor == 0, "../  (the folder above)"), 1}}
	for i, name := range p.names {
		text := report.Visible(name)
		list = append(list, row{l.point(p.cursor == i+1, cut(text, w-2)), i + 2})
	}
	if p.err != nil {
		list = append(list, row{text: l.bad.Render("! " + report.Visible(p.err.Error()))})
	}
	p.top = scroll(p.top, p.cursor, p.cursor, h, len(list))
	return append(rows, window(list, p.top, h)...)
}

func (p *picker) move(by int) { p.cursor = max(min(p.cursor+by, len(p.names)), 0) }

func (m *Model) pickerKey(k tea.KeyMsg) tea.Cmd {
	p := m.picker
	switch {
	case hit(k, "esc"):
		m.picker = nil
	case hit(k, "up", "k"):
		p.move(-1)
	case hit(k, "down", "j"):
		p.move(1)
	case hit(k, "pgup"):
		p.move(-10)
	case hit(k, "pgdown"):
		p.move(10)
	case hit(k, "left", "h", "backspace"):
		return readFolder(filepath.Dir(p.folder))
	case hit(k, "enter", "right", "l"):
		return m.pickerOpen()
	case hit(k, " "):
		return m.pickerTake()
	}
	return nil
}

func (m *Model) pickerClick(id int) tea.Cmd {
	m.picker.cursor = id - 1
	return m.pickerOpen()
}

// pickerOpen goes into a folder, or takes a file.
func (m *Model) pickerOpen() tea.Cmd {
	p := m.picker
	if p.cursor == 0 {
		return readFolder(filepath.Dir(p.folder))
	}
	if name := p.names[p.cursor-1]; strings.HasSuffix(name, "/") {
		return readFolder(filepath.Join(p.folder, name))
	}
	return m.pickerTake()
}

// pickerTake takes what the cursor is on; on the first line that is the folder
// itself.
func (m *Model) pickerTake() tea.Cmd {
	p := m.picker
	m.picker = nil
	path := p.folder
	if p.cursor > 0 {
		path = filepath.Join(p.folder, p.names[p.cursor-1])
	}
	p.take(path)
	if p.after != nil {
		return p.after()
	}
	return nil
}
