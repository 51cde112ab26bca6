package tui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// A form is a list of fields, a fold with the ones that are rarely needed, and
// a button. It is our own and not huh's, whose forms do not let go backwards
// while an answer is invalid.
type form struct {
	lead     []string // said above the fields
	fields   []*field
	groups   []string // their order
	unfolded bool
	focus    int // of stops
	top      int
	button   string
}

// What a key asked of the form's owner.
type wish int

const (
	noWish wish = iota
	submit
	browse
)

// A stop is something that the cursor stands on: a field, the fold, the button.
type stop struct {
	field *field
	fold  bool
}

func (f *form) stops() []stop {
	var all []stop
	all = f.of(all, false)
	if f.folds() > 0 {
		all = append(all, stop{fold: true})
		if f.unfolded {
			all = f.of(all, true)
		}
	}
	return append(all, stop{})
}

// of adds the fields group by group.
func (f *form) of(all []stop, more bool) []stop {
	for _, g := range f.groups {
		for _, fd := range f.fields {
			if fd.group == g && fd.more == more && f.asks(fd) {
				all = append(all, stop{field: fd})
			}
		}
	}
	return all
}

func (f *form) folds() int {
	n := 0
	for _, fd := range f.fields {
		if fd.more && f.asks(fd) {
			n++
		}
	}
	return n
}

// asks says whether a field is to be asked: some mean nothing until another has
// an answer.
func (f *form) asks(fd *field) bool {
	return fd.only == "" || slices.ContainsFunc(f.fields, func(other *field) bool { return other.name == fd.only && other.value() != "" })
}

func (f *form) here() stop {
	all := f.stops()
	f.focus = max(min(f.focus, len(all)-1), 0)
	return all[f.focus]
}

// typing says whether a letter goes into a text; an empty one lets ? through.
func (f *form) typing() bool {
	fd := f.here().field
	return fd != nil && fd.text() && fd.input.Value() != ""
}

func (f *form) keys() []key.Binding {
	keys := []key.Binding{bind("enter", "enter", "next"), bind("ctrl+d", "ctrl+d", "done"), bind("esc", "esc", "back")}
	if fd := f.here().field; fd != nil && fd.lacking != "" {
		keys = append(keys, bind("ctrl+n", "ctrl+n", "I don't have it"))
	}
	if fd := f.here().field; fd != nil && fd.browse {
		keys = append(keys, bind("ctrl+o", "ctrl+o", "files"))
	}
	if fd := f.here().field; fd != nil && !fd.text() {
		keys = append(keys, bind("space", "space", "choose"))
	}
	return append(keys, bind("up", "up/down", "move"))
}

func (f *form) key(k tea.KeyMsg) wish {
	defer f.leaving(f.here().field)
	return f.press(k)
}

// leaving looks, if a field was left, whether its files are there.
func (f *form) leaving(from *field) {
	if from != nil && f.here().field != from {
		from.look()
	}
}

func (f *form) press(k tea.KeyMsg) wish {
	at := f.here()
	switch {
	case hit(k, "tab"):
		f.focus++
	case hit(k, "shift+tab"):
		f.focus--
	case hit(k, "ctrl+d"):
		return f.done()
	case hit(k, "pgdown"):
		f.focus += 4
	case hit(k, "pgup"):
		f.focus -= 4
	case at.field != nil:
		return f.fieldKey(at.field, k)
	case hit(k, "up"):
		f.focus--
	case hit(k, "down"):
		f.focus++
	case hit(k, "enter", " "):
		return f.push(at)
	}
	f.here()
	return noWish
}

func (f *form) fieldKey(fd *field, k tea.KeyMsg) wish {
	switch {
	case hit(k, "ctrl+n") && fd.lacking != "":
		fd.renounce()
	case hit(k, "ctrl+o") && fd.browse:
		return browse
	case hit(k, "up", "down") && fd.upright && fd.key(k):
	case hit(k, "up"):
		f.focus--
	case hit(k, "down"):
		f.focus++
	case hit(k, "enter"):
		f.enter(fd, k)
	default:
		fd.key(k)
	}
	f.here()
	return noWish
}

// enter takes a path into a list, else goes on to the next field; an answer
// that cannot be right is held on to.
func (f *form) enter(fd *field, k tea.KeyMsg) {
	if fd.many && len(fd.pending()) > 0 {
		fd.key(k)
		fd.look()
		return
	}
	fd.look()
	if fd.problem() == nil {
		f.focus++
	}
}

// push is Enter or a click on the fold or the button.
func (f *form) push(at stop) wish {
	if at.fold {
		f.unfolded = !f.unfolded
		return noWish
	}
	return f.done()
}

// done submits, or stands on the first answer that cannot be right.
func (f *form) done() wish {
	for _, fd := range f.fields {
		fd.look()
		if f.asks(fd) && fd.problem() != nil {
			f.unfolded = f.unfolded || fd.more
			f.to(fd)
			return noWish
		}
	}
	return submit
}

func (f *form) to(fd *field) {
	for i, s := range f.stops() {
		if s.field == fd {
			f.focus = i
		}
	}
}

// rows draws the part of the form around the cursor.
func (f *form) rows(m *Model, w, h int) []row {
	l := m.look
	rows := plain(f.lead...)
	from, to, group := 0, 0, ""
	f.here()
	for i, s := range f.stops() {
		if s.field != nil && s.field.group != group && s.field.group != "" {
			rows = append(rows, plain("", l.bold.Render(s.field.group))...)
		}
		if s.field != nil {
			group = s.field.group
		}
		start := len(rows)
		for n, line := range f.draw(s, l, w, i == f.focus) {
			rows = append(rows, row{line, clickID(i, n)})
		}
		if i == f.focus {
			from, to = start, len(rows)-1
		}
	}
	if from <= len(f.lead)+2 {
		from = 0 // the first field is shown with what stands above it
	}
	f.top = scroll(f.top, from, to, h, len(rows))
	m.below = len(rows) > f.top+h
	return window(rows, f.top, h)
}

func (f *form) draw(s stop, l look, w int, focused bool) []string {
	switch {
	case s.field != nil:
		return s.field.rows(l, w, focused)
	case s.fold && f.unfolded:
		return []string{"", l.point(focused, "[-] fewer questions")}
	case s.fold:
		return []string{"", l.point(focused, fmt.Sprintf("[+] %d more questions, rarely needed", f.folds()))}
	}
	return []string{"", l.point(focused, "[ "+f.button+" ]")}
}

func (f *form) wheel(lines int) {
	defer f.leaving(f.here().field)
	f.focus += sign(lines)
	f.here()
}

// clickID tells a stop and its line in one number.
func clickID(stop, line int) int { return stop*1000 + min(line, 998) + 1 }

// click puts the cursor where the click was; it presses the fold or the button
// and takes the choice under it.
func (f *form) click(id int) wish {
	defer f.leaving(f.here().field)
	f.focus = (id - 1) / 1000
	at := f.here()
	if at.field == nil {
		return f.push(at)
	}
	if line := (id - 1) % 1000; line < len(at.field.lines) {
		at.field.chosen = at.field.lines[line]
	}
	return noWish
}
