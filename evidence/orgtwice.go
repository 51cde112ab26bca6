package evidence

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
)

// once lists the objects of the directory, each once: of one that several exports
// hold, the one that was changed last.
func (m *model) once(d Directory) []object {
	var all []object
	at := map[string]int{}
	for i := range d.Entries {
		o := newObject(d, i)
		if o.class == "" {
			continue
		}
		was, twice := at[o.key]
		switch {
		case !twice:
			at[o.key] = len(all)
			all = append(all, o)
		case o.changed() != "" && all[was].changed() != "" && o.changed() != all[was].changed():
			all[was] = m.later(all[was], o)
		default:
			m.twice(all[was], o)
		}
	}
	return all
}

// later is the one of two that was changed last. What it does not show is unknown
// then, even where the other shows it: it may have been changed since.
func (m *model) later(a, b object) object {
	if b.changed() < a.changed() {
		a, b = b, a
	}
	for _, name := range Attributes() {
		if _, shown := b.attrs[name]; len(a.attrs[name].words()) > 0 && !shown && !b.whole() {
			m.unfit(fmt.Sprintf("%s: %s is later than %s and counts, and does not show its %s", b.what(), b.where, a.where, name))
			break
		}
	}
	return b
}

// what is the name of an object, with its server where it stands on one.
func (o object) what() string {
	name := NameOf(o.dn)
	if s := ServerName(o.dn); s != name {
		name += " on " + s
	}
	return name
}

// changed is when an object was changed, for comparing: the fourteen digits of a
// generalized time (RFC 4517 section 3.3.13), which Active Directory writes in
// UTC. "" when unknown.
func (o object) changed() string {
	s := o.text("whenChanged")
	if len(s) < 14 || strings.Trim(s[:14], "0123456789") != "" || strings.ContainsAny(s[14:], "+-") {
		return ""
	}
	return s[:14]
}

// twice says what two exports tell differently of one object. An export that
// shows only some attributes does not deny the others.
func (m *model) twice(first, second object) {
	for _, name := range Attributes() {
		a, b := first.attrs[name], second.attrs[name]
		switch {
		case name == "whenchanged" || name == "instancetype" || strings.HasPrefix(name, "object"):
		case len(b.Values)+len(b.Bytes) == 0 && !second.whole():
		case !maps.Equal(a.set(), b.set()):
			m.differ(first.what(), name, first.where, reflect.ValueOf(a.words()), second.where, reflect.ValueOf(b.words()))
		}
	}
}

// words are the values for a reader: bytes by their digits.
func (a Attribute) words() []string {
	all := a.Values[:len(a.Values):len(a.Values)]
	for _, b := range a.Bytes {
		all = append(all, fmt.Sprintf("%x", b))
	}
	return all
}

// set is for comparing values, in whatever order they stand.
func (a Attribute) set() map[string]bool { return set(a.Name, a.words()) }
