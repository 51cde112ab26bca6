// Package ldif reads what ldifde and csvde export from a directory, entry by
// entry and in bounded memory. It is lenient, because an export is evidence: a
// damaged line is left out and reported, and reading goes on behind it.
package ldif

import (
	"bytes"
	"iter"
	"slices"
	"strings"
)

// Bounds on what one file may ask for, whoever wrote it.
const (
	maxEntry    = 16 << 20 // bytes of an entry, and so of a line when it is unfolded
	maxValues   = 1 << 20  // values of an entry
	maxProblems = 1000     // problems reported one by one
)

// Entry is one object of a directory export. The readers use its memory again
// for the next entry; Clone keeps it.
type Entry struct {
	DN   string
	Line int // the line its dn stands on, counted from 1

	text  []byte // names and values, one behind the other
	attrs []attr
}

// attr says where a name and a value stand in the text of an entry. Offsets
// instead of slices: a million of them are nothing to the garbage collector.
type attr struct{ name, nameEnd, value, valueEnd uint32 }

// Problem is something that a reader left out, or that it doubts.
type Problem struct {
	Line int // counted from 1
	What string
}

// All walks the attribute descriptions ("member;range=0-1499") and values of an
// entry in the order of the file.
func (e *Entry) All() iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for _, a := range e.attrs {
			if !yield(e.text[a.name:a.nameEnd:a.nameEnd], e.text[a.value:a.valueEnd:a.valueEnd]) {
				return
			}
		}
	}
}

// Get gives the values of an attribute in the order of the file. Upper and lower
// case are the same. A name without options finds the attribute under any
// options; a name with options ("member;range=0-1499") finds exactly that one.
func (e *Entry) Get(name string) [][]byte {
	var values [][]byte
	for desc, value := range e.All() {
		if matches(desc, name) {
			values = append(values, value)
		}
	}
	return values
}

// Text is the first value of an attribute, or "".
func (e *Entry) Text(name string) string {
	for desc, value := range e.All() {
		if matches(desc, name) {
			return string(value)
		}
	}
	return ""
}

// Partial says that the server gave only a range of an attribute's values and
// the range that ends them ("member;range=1500-*") is not in the entry.
func (e *Entry) Partial(name string) bool {
	ranged := false
	for desc := range e.All() {
		if !matches(desc, name) {
			continue
		}
		_, options, _ := strings.Cut(strings.ToLower(string(desc)), ";")
		for option := range strings.SplitSeq(options, ";") {
			if bounds, ok := strings.CutPrefix(option, "range="); ok {
				if strings.HasSuffix(bounds, "-*") {
					return false
				}
				ranged = true
			}
		}
	}
	return ranged
}

// Clone copies an entry, so that it outlives the reader's next step.
func (e *Entry) Clone() *Entry {
	c := *e
	c.text, c.attrs = bytes.Clone(e.text), slices.Clone(e.attrs)
	return &c
}

// Base strips the options off an attribute description: "member" of
// "member;range=0-1499".
func Base(desc string) string {
	base, _, _ := strings.Cut(desc, ";")
	return base
}

// add puts a copy of a name and a value at the end of an entry.
func (e *Entry) add(name string, value []byte) {
	from := len(e.text)
	e.text = append(e.text, name...)
	mid := len(e.text)
	e.text = append(e.text, value...)
	e.attrs = append(e.attrs, attr{uint32(from), uint32(mid), uint32(mid), uint32(len(e.text))})
}

// reset makes room for the next entry.
func (e *Entry) reset() {
	e.DN, e.Line, e.text, e.attrs = "", 0, e.text[:0], e.attrs[:0]
}

func matches(desc []byte, name string) bool {
	if len(desc) > len(name) && desc[len(name)] == ';' && strings.IndexByte(name, ';') < 0 {
		desc = desc[:len(name)]
	}
	return sameName(desc, name)
}

// sameName compares as attribute names compare: in ASCII, whatever the case.
func sameName(a []byte, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
