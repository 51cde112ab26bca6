package cmdlet

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"mailflow/internal/charset"
)

// said is what an element of CLIXML says as a value.
type said struct {
	values  []string
	names   []string // of the directory objects, one for each value, or none
	null    bool
	lost    bool
	text    bool   // it has a text of its own, be it empty
	members []Prop // the properties of an object without one
}

// maxMembers bounds what an object without a text puts in its place.
const maxMembers = 64

// member takes notice of a property of an object inside of another.
func (v *said) member(name string, m said) {
	if len(m.values) == 1 && name == "DistinguishedName" {
		v.names = m.values
	}
	if !v.text && len(v.members) < maxMembers {
		v.members = append(v.members, Prop{Name: name, Values: m.values, Null: m.null, Lost: m.lost})
	}
}

// join adds an item to a list.
func (v *said) join(item said) {
	if len(item.values) == 0 && item.members != nil {
		item.values = []string{inline(item.members)}
	}
	v.lost = v.lost || item.lost
	if len(v.values) > maxValues {
		return // reported where the property is added
	}
	if v.names != nil || item.names != nil {
		v.names = append(padded(v.names, len(v.values)), padded(item.names, len(item.values))...)
	}
	v.values = append(v.values, item.values...)
}

func padded(s []string, n int) []string {
	return append(s, make([]string, n-len(s))...)
}

// under is an entry of a dictionary as one text.
func (v said) under(key string) said {
	if len(v.values) == 0 && v.members != nil {
		v.values = []string{inline(v.members)}
	}
	return said{values: []string{key + "=" + strings.Join(v.values, ", ")}, lost: v.lost}
}

// inline writes an object without a text as PowerShell does: @{a=b; c=d}.
func inline(members []Prop) string {
	var parts []string
	for _, m := range members {
		parts = append(parts, m.Name+"="+strings.Join(m.Values, " "))
	}
	return "@{" + strings.Join(parts, "; ") + "}"
}

// scalar reads a text, a number, a time.
func (c *clixml) scalar() (said, bool) {
	kind := string(c.name)
	text, ok := c.leaf()
	switch kind {
	case "DT":
		text = instant(text)
	case "TS":
		text = span(text)
	case "C":
		if code, err := strconv.ParseUint(text, 10, 16); err == nil {
			text = string(rune(code))
		}
	}
	if text == "" {
		return said{lost: c.draft.over != ""}, ok
	}
	return said{values: []string{normal(text)}}, ok
}

// leaf reads the text of an element without others in it. Nothing is kept for
// an object that is too large already.
func (c *clixml) leaf() (string, bool) {
	if c.empty {
		return "", true
	}
	name := string(c.name)
	for c.next() {
		if !c.closes {
			if !c.skip() {
				return "", false
			}
			continue
		}
		if c.long {
			c.draft.over = "a text longer than 4 MiB"
		}
		if c.draft.grow(len(c.text)); c.draft.over != "" {
			return "", c.closed(name)
		}
		return string(charset.UTF8(unescape(c.text))), c.closed(name)
	}
	return "", false
}

// unescape writes characters in the place of what CLIXML writes for those that
// XML does not have: _x000D_ (MS-PSRP 2.2.5.3.2); _x005F_ is the underscore of a
// text that looks so itself. It writes over s.
func unescape(s []byte) []byte {
	at := bytes.Index(s, []byte("_x"))
	if at < 0 {
		return s
	}
	n := at
	for i := at; i < len(s); {
		unit, ok := escape(s[i:])
		if !ok {
			s[n] = s[i]
			n, i = n+1, i+1
			continue
		}
		i += escapeLength
		if low, ok := escape(s[i:]); ok && utf16.IsSurrogate(unit) && utf16.DecodeRune(unit, low) != utf8.RuneError {
			unit, i = utf16.DecodeRune(unit, low), i+escapeLength
		}
		n += utf8.EncodeRune(s[n:n+utf8.UTFMax], unit) // half a pair becomes U+FFFD
	}
	return s[:n]
}

const escapeLength = len("_x0000_")

func escape(s []byte) (rune, bool) {
	if len(s) < escapeLength || s[0] != '_' || s[1] != 'x' || s[escapeLength-1] != '_' {
		return 0, false
	}
	for _, c := range s[2:6] {
		if !isDigit(rune(c)) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return 0, false
		}
	}
	unit, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(unit), err == nil
}

// reference gives what the object said that a Ref names.
func (c *clixml) reference() said {
	v, ok := c.kept.get(string(c.ref))
	if !ok {
		if !c.dangles {
			c.journal.add(c.at, "refers to an object that encloses it, is too far back or is not there: the value is left out")
		}
		c.dangles = true
		return said{lost: true}
	}
	if c.draft.grow(v.size()); c.draft.over != "" {
		return said{lost: true}
	}
	return v.clone()
}

// keep remembers what an object said.
func (c *clixml) keep(ref string, v said) {
	if ref != "" {
		c.kept.put(ref, v)
	}
}

func (v said) size() int {
	n := 64
	for _, list := range [][]string{v.values, v.names} {
		for _, s := range list {
			n += len(s) + 16
		}
	}
	for _, m := range v.members {
		n += said{values: m.Values}.size() + len(m.Name)
	}
	return n
}

// clone copies the lists: an object that is given away may be written to.
func (v said) clone() said {
	v.values, v.names, v.members = slices.Clone(v.values), slices.Clone(v.names), slices.Clone(v.members)
	for i := range v.members {
		v.members[i].Values = slices.Clone(v.members[i].Values)
	}
	return v
}

// Bounds on what is remembered of former objects.
const (
	maxKept      = 4 << 20 // bytes
	maxKeptCount = 1 << 14
)

// table remembers objects by their RefId. Most references lead to the same
// object, but all objects of a long export can refer to one in the first of them
// (the organization), so what is asked for stays longer than the rest.
type table struct {
	all   map[string]*memory
	order []string // of their RefIds, the next to be forgotten first
	size  int
}

type memory struct {
	said
	asked bool // since it was last spared
}

func (t *table) get(ref string) (said, bool) {
	m := t.all[ref]
	if m == nil {
		return said{}, false
	}
	m.asked = true
	return m.said, true
}

// put remembers an object, and forgets others where there is no room. A number
// that is used again means the later object.
func (t *table) put(ref string, v said) {
	if v.size()+len(ref) > maxKept {
		return
	}
	if t.all == nil {
		t.all = map[string]*memory{}
	}
	if old := t.all[ref]; old != nil {
		t.size -= old.size() + len(ref)
	} else {
		t.order = append(t.order, ref)
	}
	t.all[ref] = &memory{said: v.clone()}
	t.size += v.size() + len(ref)
	for t.size > maxKept || len(t.order) > maxKeptCount {
		t.drop()
	}
}

func (t *table) drop() {
	ref := t.order[0]
	t.order = t.order[1:]
	if m := t.all[ref]; m.asked {
		m.asked = false
		t.order = append(t.order, ref)
		return
	}
	t.size -= t.all[ref].size() + len(ref)
	delete(t.all, ref)
}
