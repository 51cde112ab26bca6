package eventlog

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"mailflow/internal/charset"
	"mailflow/internal/walltime"
)

// A layout is the order of the columns. Event Viewer translates their names, and
// not their order; some of its tables have no names at all.
type layout struct {
	separator    byte
	date, clock  int // clock is -1 where one column has both
	source, id   int
	level        int
	server, text int // -1 where there is none
	columns      int // at least
}

// layouts lists what Event Viewer saves: that of Windows Vista and later ("Save All
// Events As": level, date and time, source, number, category, and a message that
// has no name above it), and those of 2000 and 2003 ("Save Log File As", which has
// no names: date, time, source, type, category, number, user, computer, message;
// "Export List": type, date, time, source, category, number, user, computer).
func layouts(separator byte) [3]layout {
	return [3]layout{
		{separator: separator, level: 0, date: 1, clock: -1, source: 2, id: 3, server: -1, text: 5, columns: 5},
		{separator: separator, date: 0, clock: 1, source: 2, level: 3, id: 5, server: 7, text: 8, columns: 8},
		{separator: separator, level: 0, date: 1, clock: 2, source: 3, id: 5, server: 7, text: -1, columns: 8},
	}
}

// layoutOf finds the layout of a table by the first row that fits one; nil where
// none of the first does, or where the first line has names that only tables of
// message tracking have: some columns of these, in some order, look the same.
func layoutOf(text []byte) *layout {
	head, _, _ := bytes.Cut(text, []byte("\n"))
	if head = bytes.ToLower(head); bytes.Contains(head, []byte("timestamp")) || bytes.Contains(head, []byte("messageid")) {
		return nil
	}
	n := 0
	for line := range bytes.Lines(text) {
		if n++; n > 40 {
			return nil
		}
		for _, separator := range []byte(",\t;") {
			for _, l := range layouts(separator) {
				if _, ok := l.event(string(charset.UTF8(bytes.TrimRight(line, "\r\n")))); ok {
					return &l
				}
			}
		}
	}
	return nil
}

// event reads a row.
func (l *layout) event(row string) (*Event, bool) {
	f := l.split(row)
	if len(f) < l.columns {
		return nil, false
	}
	when := f[l.date]
	if l.clock >= 0 {
		when += " " + f[l.clock]
	}
	id, err := strconv.Atoi(strings.TrimSpace(f[l.id]))
	if err != nil || id < 0 || id > 0xFFFF || !isWord(f[l.level]) || !strings.ContainsFunc(f[l.source], isLetter) {
		return nil, false
	}
	at, ok := walltime.Read(when)
	if !ok {
		return nil, false
	}
	e := &Event{Source: field(f[l.source]), ID: id, Level: levelOf(f[l.level]), Time: at}
	if l.server >= 0 {
		e.Server = field(f[l.server])
	}
	if l.text >= 0 && l.text < len(f) {
		e.Text = oneLine(strings.Join(f[l.text:], string(l.separator)))
	}
	return e, true
}

// isWord tells the word for a level from other things: it has no digits.
func isWord(s string) bool {
	return len(s) <= 60 && strings.ContainsFunc(s, isLetter) && !strings.ContainsAny(s, "0123456789:/\\")
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7F }

// split cuts a row into columns. Between quotation marks separators and line ends
// count as text, and two marks are one.
func (l *layout) split(row string) []string {
	var all []string
	for more := true; more; {
		var cell string
		cell, row, more = l.cell(row)
		all = append(all, cell)
		if len(all) > 50 { // the message is the rest
			return append(all, row)
		}
	}
	return all
}

func (l *layout) cell(row string) (cell, rest string, more bool) {
	if !strings.HasPrefix(row, `"`) {
		return strings.Cut(row, string(l.separator))
	}
	row = row[1:]
	var b strings.Builder
	for {
		text, after, closed := strings.Cut(row, `"`)
		b.WriteString(text)
		if !closed {
			return b.String(), "", false
		}
		if !strings.HasPrefix(after, `"`) {
			behind, rest, more := strings.Cut(after, string(l.separator))
			return b.String() + behind, rest, more
		}
		b.WriteByte('"')
		row = after[1:]
	}
}

// open says whether a row ends between quotation marks, when it begins so or not.
// A mark opens a column only at its beginning.
func (l *layout) open(row string, inside bool) bool {
	start := !inside
	for i := 0; i < len(row); i++ {
		switch {
		case !inside:
			inside = start && row[i] == '"'
		case row[i] == '"' && i+1 < len(row) && row[i+1] == '"':
			i++
		case row[i] == '"':
			inside = false
		}
		start = !inside && row[i] == l.separator
	}
	return inside
}

// A table reads rows, of which a message may take several lines: between
// quotation marks, or in tables separated by tabs without any.
type table struct {
	*layout
	journal *journal
	yield   func(*Event) bool
	row     strings.Builder
	at      int  // line that the row begins on
	inside  bool // between quotation marks
	held    *Event
	ended   bool
}

func readTable(r io.Reader, j *journal, yield func(*Event) bool) {
	in := charset.NewReader(r)
	head, _ := in.Peek(charset.BufferSize / 2)
	l := layoutOf(head)
	if l == nil {
		j.add(1, "no row that Event Viewer would have saved")
		return
	}
	t := &table{layout: l, journal: j, yield: yield}
	lines := &liner{in: in}
	for !t.ended && lines.next() {
		if lines.long {
			j.add(lines.n, "a line longer than 256 KiB: left out")
			continue
		}
		t.line(string(charset.UTF8(lines.text)), lines.n)
	}
	t.finish(lines.n)
	if lines.err != io.EOF && lines.err != nil {
		j.add(lines.n, "reading stopped: "+lines.err.Error())
	}
}

// line takes one line. One that is an event by itself begins one, even between
// quotation marks: a mark that is never closed costs no more than its event.
func (t *table) line(text string, n int) {
	if t.inside {
		if _, fits := t.event(text); !fits && t.row.Len()+len(text) <= maxEvent {
			t.row.WriteString("\n" + text)
			t.inside = t.open(text, true)
			t.close()
			return
		}
		t.journal.add(t.at, "a quotation mark is never closed: what of this event could be read is taken")
		t.inside = false
		t.close()
	}
	t.row.Reset()
	t.row.WriteString(text)
	t.at, t.inside = n, t.open(text, false)
	t.close()
}

// close ends a row that is whole.
func (t *table) close() {
	if t.inside {
		return
	}
	row := t.row.String()
	e, ok := t.event(row)
	switch {
	case ok:
		t.give()
		e.Line = t.at
		t.held = e
	case strings.TrimSpace(row) == "":
	case t.held != nil && t.text >= 0 && t.separator == '\t':
		if len(t.held.Text) < maxText {
			t.held.Text = oneLine(t.held.Text + " " + row)
		}
	case t.at > 1: // the first has the names of the columns
		t.journal.add(t.at, "no event: left out")
	}
	t.row.Reset()
}

func (t *table) give() {
	if t.held != nil && !t.ended {
		t.ended = !t.yield(t.held)
	}
	t.held = nil
}

func (t *table) finish(n int) {
	if t.inside && !t.ended {
		t.journal.add(t.at, fmt.Sprintf("the file ends inside of a quotation (line %d): what of this event could be read is taken", n))
		t.inside = false
		t.close()
	}
	t.give()
}

// A liner reads lines within the bound of an event.
type liner struct {
	in   *bufio.Reader
	text []byte
	n    int
	long bool
	err  error
}

func (l *liner) next() bool {
	l.text, l.long = l.text[:0], false
	for l.err == nil {
		piece, err := l.in.ReadSlice('\n')
		if l.long = l.long || len(l.text)+len(piece) > maxEvent; !l.long {
			l.text = append(l.text, piece...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		l.err = err
		if err != nil && len(l.text) == 0 && !l.long {
			return false
		}
		l.n++
		l.text = bytes.TrimRight(l.text, "\r\n")
		return true
	}
	return false
}
