package ldif

import (
	"bytes"
	"encoding/hex"
	"io"
	"iter"
	"unicode/utf8"

	"mailflow/internal/charset"
)

// CSV reads a csvde export: the first line names the attributes, the column DN
// the object, semicolons part the values of an attribute and X'0a0b' is binary.
// A value's own semicolon is one behind a backslash; where the export did not
// write that, an address space such as SMTP:*;1 comes in two. An entry is good
// until the next one; Clone keeps it.
func CSV(r io.Reader, problems func(Problem)) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		t := &table{journal: journal{report: problems}, rows: rows{in: charset.NewReader(r)}}
		if t.header() {
			t.run(yield)
		}
		t.finish()
	}
}

type table struct {
	journal
	rows
	names   []string // of the columns, "" for one that is left out
	dn      int      // the column of the name
	fields  [][]byte // of the row
	entry   Entry
	scratch []byte
}

// header reads the names of the columns.
func (t *table) header() bool {
	if !t.next() {
		return false
	}
	t.split()
	t.dn = -1
	for i, field := range t.fields {
		field = bytes.TrimSpace(field)
		switch {
		case sameName(field, "DN"):
			t.dn = i
		case len(field) == 0 || description(field) < len(field):
			t.add(t.at, "a column without the name of an attribute: left out")
			field = nil
		}
		t.names = append(t.names, string(field))
	}
	if t.dn < 0 {
		t.add(t.at, "no column DN: not what csvde writes")
	}
	return t.dn >= 0
}

func (t *table) run(yield func(*Entry) bool) {
	for t.next() {
		if t.row() && !yield(&t.entry) {
			return
		}
	}
}

// finish tells how reading ended.
func (t *table) finish() {
	if t.err != nil && t.err != io.EOF {
		t.add(t.line, "reading stopped: "+t.err.Error())
	}
	t.close(t.line)
}

// row makes an entry of a row.
func (t *table) row() bool {
	if t.long {
		t.add(t.at, "longer than 16 MiB: left out")
		return false
	}
	if len(t.record) == 0 {
		return false
	}
	if !t.split() {
		t.add(t.at, "a quotation mark is never closed: the rest of this line is left out")
	} else if t.torn {
		t.add(t.at, "the file ends inside this line; its value may be cut short")
	} else if len(t.fields) != len(t.names) {
		t.add(t.at, "another number of fields than the first line has columns")
	}
	t.entry.reset()
	if t.dn >= len(t.fields) || len(t.fields[t.dn]) == 0 {
		t.add(t.at, "a line without a DN: left out")
		return false
	}
	t.entry.DN, t.entry.Line = string(t.text(t.fields[t.dn])), t.at
	for i := range min(len(t.fields), len(t.names)) {
		if i != t.dn && t.names[i] != "" {
			t.values(t.names[i], t.fields[i])
		}
	}
	return true
}

// values adds what a field holds.
func (t *table) values(name string, field []byte) {
	for len(field) > 0 {
		var value []byte
		value, field = cutValue(field)
		if len(value) == 0 {
			continue
		}
		if len(t.entry.attrs) >= maxValues {
			t.add(t.at, "the entry has more than a million values: the rest is left out")
			return
		}
		if digits, ok := bytes.CutPrefix(value, []byte("X'")); ok && bytes.HasSuffix(digits, []byte("'")) {
			t.binary(name, digits[:len(digits)-1])
		} else {
			t.entry.add(name, t.text(value))
		}
	}
}

func (t *table) binary(name string, digits []byte) {
	plain, err := hex.AppendDecode(t.scratch[:0], digits)
	if err != nil {
		t.add(t.at, "damaged hexadecimal digits: left out")
		return
	}
	t.scratch = plain
	t.entry.add(name, plain)
}

// text is a value in UTF-8.
func (t *table) text(value []byte) []byte {
	if utf8.Valid(value) {
		return value
	}
	t.scratch = charset.AppendANSI(t.scratch[:0], value)
	return t.scratch
}

// cutValue takes the first value of a field and writes over it.
func cutValue(s []byte) (value, rest []byte) {
	n := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ';':
			return s[:n], s[i+1:]
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ';':
			i++
		}
		s[n] = s[i]
		n++
	}
	return s[:n], nil
}

// split cuts the row into fields. False says that the last of them was never
// closed; it is not among them.
func (t *table) split() bool {
	t.fields = t.fields[:0]
	rest, more := t.record, true
	for more {
		field, after, comma, closed := cutField(rest)
		if !closed {
			return false
		}
		if t.fields, rest, more = append(t.fields, field), after, comma; len(t.fields) > maxValues {
			return false
		}
	}
	return true
}

// cutField takes the first field of a row and writes over it. Two quotation
// marks inside of two stand for one.
func cutField(s []byte) (field, rest []byte, comma, closed bool) {
	if len(s) == 0 || s[0] != '"' {
		field, rest, comma = bytes.Cut(s, []byte(","))
		return field, rest, comma, true
	}
	n := 0
	for i := 1; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 == len(s) || s[i+1] != '"' {
				var behind []byte // no writer has anything here; it is kept
				behind, rest, comma = bytes.Cut(s[i+1:], []byte(","))
				n += copy(s[n:], behind)
				return s[:n], rest, comma, true
			}
			i++
		}
		s[n] = s[i]
		n++
	}
	return nil, nil, false, false
}
