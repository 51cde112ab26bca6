package results

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
)

// A keyMap is every key that the tabs know.
type keyMap struct {
	tabs, next, prev, up, down, pageUp, pageDown, home, end, open key.Binding
	add, export, back                                             key.Binding
	unfold, fold, search, hit, hitBack, host, filter, state       key.Binding
	accept, cancel, rub, clear                                    key.Binding
}

func bind(help, what string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, what))
}

func newKeys() *keyMap {
	return &keyMap{
		tabs:     bind("1-9", "tab", strings.Split(digits, "")...),
		next:     bind("tab", "next tab", "tab", "right"),
		prev:     bind("shift+tab", "tab before", "shift+tab", "left"),
		up:       bind("up/down", "choose", "up", "k"),
		down:     bind("down", "next", "down", "j"),
		pageUp:   bind("pgup/pgdn", "scroll", "pgup", "ctrl+b"),
		pageDown: bind("pgdn", "page on", "pgdown", "ctrl+f", " "),
		home:     bind("home", "first", "home", "g"),
		end:      bind("end", "last", "end", "G"),
		open:     bind("enter", "open", "enter"),
		add:      bind("a", "add evidence", "a"),
		export:   bind("x", "export", "x"),
		back:     bind("esc", "back", "esc"),
		unfold:   bind("+", "open all", "+"),
		fold:     bind("-", "close all", "-"),
		search:   bind("/", "search", "/"),
		hit:      bind("n/N", "next/previous", "n"),
		hitBack:  bind("N", "previous", "N"),
		host:     bind("f", "filter by host", "f"),
		filter:   bind("f", "filter", "f", "/"),
		state:    bind("s", "late, waiting, failed ...", "s"),
		accept:   bind("enter", "done", "enter"),
		cancel:   bind("esc", "cancel", "esc"),
		rub:      bind("backspace", "rub out", "backspace", "ctrl+h"),
		clear:    bind("ctrl+u", "clear", "ctrl+u"),
	}
}

// Keys lists the keys that do something now, the most useful first.
func (m Model) Keys() []key.Binding {
	k := m.keys
	tabs := k.tabs
	n := len(m.shown())
	tabs.SetHelp(strings.TrimSpace("1-"+digit(min(n, 9)-1)+" "+strings.Join(strings.Split(digits[min(n, 9):n], ""), " ")), "tab")
	switch {
	case m.typing != nothing:
		return []key.Binding{k.accept, k.cancel, k.clear}
	case m.open && m.tab.leafed():
		return []key.Binding{k.back, k.hit, k.pageUp, tabs, k.add, k.export}
	case m.open:
		return []key.Binding{k.back, k.pageUp, tabs, k.add, k.export}
	}
	general := []key.Binding{tabs, k.pageUp, k.add, k.export, k.back}
	switch m.tab {
	case timeline:
		return append([]key.Binding{k.up, k.open, k.unfold, k.fold}, general...)
	case tree:
		return append([]key.Binding{k.up, k.open, k.unfold, k.fold}, general...)
	case transcript:
		return append([]key.Binding{k.search, k.hit, k.host}, general...)
	case organization:
		return append([]key.Binding{k.up, k.open, k.search, k.hit, k.unfold, k.fold}, general...)
	case path:
		return append([]key.Binding{k.search, k.hit}, general...)
	case journeys:
		return append([]key.Binding{k.up, k.open, k.filter, k.state}, general...)
	case rhythm:
		return append([]key.Binding{k.up, k.open, k.filter}, general...)
	case queues:
		return append([]key.Binding{k.up, k.open, k.filter, k.unfold, k.fold}, general...)
	case unchecked:
		return append([]key.Binding{k.up}, general...)
	}
	return append([]key.Binding{k.up, k.open}, general...)
}
