package tui

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"mailflow/diag"
	"mailflow/report"
)

// A choice is one answer to choose.
type choice struct {
	value, words string
	more         string // said beside it
}

// A field is one question of a form: a text, one of several choices, or a list
// of files.
type field struct {
	name, group, prompt string
	example, standard   string // standard is the answer when none is given
	lacking             string // what to do without an answer
	parse               func(string) error

	more    bool   // asked only when the operator wants more
	only    string // asked only when the field of this name has an answer
	secret  bool
	many    bool // several files, one answer each
	browse  bool // the file picker helps
	upright bool // choices below each other
	choices []choice

	input   textinput.Model
	items   []string // of many
	chosen  int      // of choices
	without bool     // "I don't have it"
	lines   []int    // which choice was drawn on which line, for clicks

	known  []string         // paths of an earlier run
	faults map[string]error // of paths, when the field was left
}

// textField makes a field with an input line.
func textField(name, prompt string) *field {
	f := &field{name: name, prompt: prompt, input: textinput.New()}
	f.input.CharLimit = 2048
	f.input.Focus()
	return f
}

func (f *field) text() bool { return f.choices == nil }

// value is the answer as the engine takes it.
func (f *field) value() string {
	if !f.text() {
		return f.choices[f.chosen].value
	}
	if f.many {
		return strings.Join(append(append([]string{}, f.items...), f.pending()...), "\n")
	}
	return strings.TrimSpace(f.input.Value())
}

func (f *field) pending() []string {
	if path := cleanPath(f.input.Value()); path != "" {
		return []string{path}
	}
	return nil
}

func (f *field) set(v string) {
	switch {
	case !f.text():
		for i, c := range f.choices {
			if c.value == v {
				f.chosen = i
			}
		}
	case f.many:
		f.items = nil
		f.input.Reset()
		if v != "" {
			f.items = strings.Split(v, "\n")
		}
	default:
		f.input.SetValue(v)
	}
}

// problem says why the answer cannot be right.
func (f *field) problem() error {
	if v := f.value(); v != "" && f.parse != nil {
		if err := f.parse(v); err != nil {
			return err
		}
	}
	return f.missing()
}

// add takes a file from the picker.
func (f *field) add(path string) {
	f.without = false
	if f.many {
		f.items = append(f.items, path)
		return
	}
	f.input.SetValue(path)
	f.input.CursorEnd()
}

// renounce is "I don't have it": the answer stays empty and the operator is
// told how to get it.
func (f *field) renounce() {
	f.items, f.chosen, f.without = nil, 0, true
	if f.text() {
		f.input.Reset()
	}
}

// key edits the answer; used says whether the key meant something here.
func (f *field) key(k tea.KeyMsg) (used bool) {
	if !f.text() {
		return f.choose(k)
	}
	switch {
	case k.Paste && f.many && strings.ContainsAny(string(k.Runes), "\r\n"):
		f.pasteLines(string(k.Runes))
		return true
	case hit(k, "backspace") && f.many && f.input.Value() == "" && len(f.items) > 0:
		f.items = f.items[:len(f.items)-1]
		return true
	case hit(k, "enter") && f.many && len(f.pending()) > 0:
		f.items = append(f.items, f.pending()...)
		f.input.Reset()
		return true
	}
	before := f.input.Value()
	k.Runes = []rune(strings.Map(printable, string(k.Runes)))
	f.input, _ = f.input.Update(k)
	if f.input.Value() != before {
		f.without = false
	}
	return true
}

// printable drops what would act on the terminal from what is typed or pasted.
func printable(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	if diag.Unprintable(r) {
		return -1
	}
	return r
}

func (f *field) pasteLines(text string) {
	for _, l := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if path := cleanPath(strings.Map(printable, l)); path != "" {
			f.items = append(f.items, path)
		}
	}
}

// cleanPath undoes what terminals do to a file that is dropped on them: quotes,
// file: URLs, backslashes before spaces; and what a shell would do to ~.
func cleanPath(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && (s[0] == '\'' || s[0] == '"') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	if u, err := url.Parse(s); err == nil && u.Scheme == "file" {
		s = u.Path
		if runtime.GOOS == "windows" {
			s = strings.TrimPrefix(s, "/") // of /C:/logs
		}
		return s
	}
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			s = filepath.Join(home, rest)
		}
	}
	if runtime.GOOS != "windows" {
		s = strings.ReplaceAll(s, `\ `, " ")
	}
	return s
}

func (f *field) choose(k tea.KeyMsg) bool {
	by := 0
	switch {
	case hit(k, "left"), f.upright && hit(k, "up", "k"):
		by = -1
	case hit(k, "right", " "), f.upright && hit(k, "down", "j"):
		by = 1
	default:
		return f.letter(k)
	}
	next := f.chosen + by
	if hit(k, " ") {
		next %= len(f.choices)
	}
	if next < 0 || next >= len(f.choices) {
		return !f.upright // at the end an upright list lets go
	}
	f.chosen, f.without = next, false
	return true
}

// letter chooses by the first letter, or by number.
func (f *field) letter(k tea.KeyMsg) bool {
	if len(k.Runes) != 1 || k.Paste {
		return false
	}
	r := string(k.Runes)
	for i := range f.choices {
		i = len(f.choices) - 1 - i // backwards: "no" before "not known"
		c := f.choices[i]
		byName := !f.upright && (strings.HasPrefix(c.value, r) || strings.HasPrefix(c.words, r))
		if byName || f.upright && k.Runes[0] == rune('1'+i) {
			f.chosen, f.without = i, false
			return true
		}
	}
	return false
}

// shown is the answer in one line.
func (f *field) shown() string {
	if !f.text() {
		return f.choices[f.chosen].words
	}
	v := f.value()
	if f.secret && v != "" {
		return "********"
	}
	if n := len(f.items); f.many && n > 1 {
		v = strings.Join(strings.Split(v, "\n"), "  |  ")
	}
	return report.Visible(v)
}
