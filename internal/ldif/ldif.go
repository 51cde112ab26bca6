package ldif

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"iter"
	"unicode/utf8"

	"mailflow/internal/charset"
)

// Entries reads an LDIF export: ANSI, UTF-8 or UTF-16, content or
// "changetype: add". problems, which may be nil, hears what was left out of an
// entry before the entry comes. An entry is good until the next one; Clone keeps it.
func Entries(r io.Reader, problems func(Problem)) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		p := &parser{in: charset.NewReader(r), journal: journal{report: problems}, yield: yield}
		p.run()
		p.close(p.line)
	}
}

// parser puts physical lines together to logical ones at the end of the entry's
// text, and turns each into a value in place when the next one begins.
type parser struct {
	journal
	in    *bufio.Reader
	yield func(*Entry) bool

	line    int   // physical lines begun
	entry   Entry // the entry being read; its Line is 0 outside of one
	from    int   // where the logical line begins in entry.text
	at      int   // the physical line it begins on, 0 for none
	skip    bool  // its continuation is of no interest
	lost    bool  // values are ignored up to the next dn, as was reported
	stopped bool  // the caller wants no more
	scratch []byte
}

// run reads to the end of the file. A line longer than the buffer comes in
// pieces, of which only the last ends in a line feed.
func (p *parser) run() {
	inside := false // the last piece left its line open
	for !p.stopped {
		if !inside {
			p.buffered()
		}
		piece, err := p.in.ReadSlice('\n')
		whole := len(piece) > 0 && piece[len(piece)-1] == '\n'
		if whole {
			piece = trimCR(piece[:len(piece)-1])
		} else if err == io.EOF {
			piece = trimCR(piece)
		}
		switch {
		case p.stopped:
			return
		case inside:
			p.extend(piece)
			p.mend(whole)
		case whole || len(piece) > 0:
			p.line++
			p.physical(piece)
		}
		inside = !whole && (inside || len(piece) > 0)
		if err != nil && err != bufio.ErrBufferFull {
			p.finish(inside, err)
			return
		}
	}
}

// buffered takes the lines that are in the buffer as a whole: nearly all of
// them, and without asking for each.
func (p *parser) buffered() {
	chunk, _ := p.in.Peek(p.in.Buffered())
	rest := chunk
	for !p.stopped {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		p.line++
		p.physical(trimCR(rest[:end]))
		rest = rest[end+1:]
	}
	_, _ = p.in.Discard(len(chunk) - len(rest)) // peeked before
}

// finish gives the last entry what it has.
func (p *parser) finish(torn bool, err error) {
	if err != io.EOF {
		p.add(p.line, "reading stopped: "+err.Error())
	} else if torn && p.at > 0 {
		p.add(p.line, "the file ends inside this line; its value may be cut short")
	}
	p.emit()
}

// physical takes a line, or the first piece of a long one.
func (p *parser) physical(s []byte) {
	switch {
	case len(s) == 0:
		p.emit()
		p.lost = false
	case s[0] == ' ':
		p.fold(s[1:])
	case s[0] == '#':
		p.logical()
		p.skip = true
	default:
		p.logical()
		p.from, p.at, p.skip = len(p.entry.text), p.line, false
		p.extend(s)
	}
}

// fold takes the continuation of a line.
func (p *parser) fold(s []byte) {
	if p.at == 0 && !p.skip && !p.lost && len(bytes.TrimSpace(s)) > 0 {
		p.add(p.line, "a continuation of nothing: left out")
		p.skip = true
	}
	p.extend(s)
}

// extend adds to the logical line.
func (p *parser) extend(s []byte) {
	if p.skip || p.at == 0 {
		return
	}
	if len(p.entry.text)+len(s) > maxEntry {
		p.add(p.at, "the entry is larger than 16 MiB: this line is left out")
		p.drop()
		p.skip = true
		return
	}
	p.entry.text = append(p.entry.text, s...)
}

// mend takes off the carriage return that came in the piece before the line feed.
func (p *parser) mend(whole bool) {
	if whole && p.at > 0 {
		p.entry.text = p.entry.text[:p.from+len(trimCR(p.entry.text[p.from:]))]
	}
}

// drop forgets the logical line.
func (p *parser) drop() {
	p.entry.text, p.at = p.entry.text[:p.from], 0
}

// logical judges the logical line that has just ended.
func (p *parser) logical() {
	p.skip = false
	if p.at == 0 {
		return
	}
	line := p.entry.text[p.from:]
	colon := description(line)
	switch {
	case colon <= 0 || colon == len(line) || line[colon] != ':':
		p.damaged()
	case colon == 2 && sameName(line[:2], "dn"):
		p.begin(line[3:])
	case p.lost:
		p.drop()
	case p.entry.Line == 0:
		p.outside(line[:colon])
	case len(p.entry.attrs) == 0 && p.directive(line, colon):
		p.drop()
	default:
		p.value(colon, len(line))
	}
	p.at = 0
}

// damaged reports a line, unless its whole entry was.
func (p *parser) damaged() {
	if !p.lost {
		p.add(p.at, "not an attribute and a value: left out")
	}
	p.drop()
}

// begin starts an entry at its dn, also when no empty line ended the one before.
func (p *parser) begin(raw []byte) {
	at, end := p.at, p.from+3+len(raw)
	from, to, problem := p.decode(p.from+3, end)
	dn := name(p.entry.text[from:to])
	p.drop()
	if p.entry.Line > 0 {
		p.add(at, "no empty line before this entry")
		p.emit()
	}
	p.lost = problem != ""
	if p.lost {
		p.add(at, "the name of this entry: "+problem)
		return
	}
	p.entry.DN, p.entry.Line = dn, at
}

// name is a DN in UTF-8, also when somebody coded it in ANSI.
func name(dn []byte) string {
	if utf8.Valid(dn) {
		return string(dn)
	}
	return string(charset.AppendANSI(nil, dn))
}

// outside is a line that belongs to no entry. ldapsearch frames its entries
// with some.
func (p *parser) outside(desc []byte) {
	known := sameName(desc, "version") || sameName(desc, "search") || sameName(desc, "result")
	if !known {
		p.add(p.at, "values without a dn: left out up to the next entry")
		p.lost = true
	}
	p.drop()
}

// directive takes the lines between a dn and its values that are no values.
func (p *parser) directive(line []byte, colon int) bool {
	if sameName(line[:colon], "control") {
		return true
	}
	if !sameName(line[:colon], "changetype") {
		return false
	}
	if !sameName(bytes.TrimSpace(line[colon+1:]), "add") {
		p.add(p.at, "a change, not an export: the entry is left out")
		p.entry.reset()
		p.from, p.lost = 0, true
	}
	return true
}

// value keeps the logical line as a value of the entry.
func (p *parser) value(colon, length int) {
	if len(p.entry.attrs) >= maxValues {
		p.add(p.at, "the entry has more than a million values: the rest is left out")
		p.drop()
		p.lost = true
		return
	}
	nameEnd := p.from + colon
	from, to, problem := p.decode(nameEnd+1, p.from+length)
	if problem != "" {
		p.add(p.at, problem)
		p.drop()
		return
	}
	p.entry.text = p.entry.text[:to]
	p.entry.attrs = append(p.entry.attrs, attr{uint32(p.from), uint32(nameEnd), uint32(from), uint32(to)})
}

// decode turns what stands behind the colon at text[from:to] into the value, in
// its place, and says where that is.
func (p *parser) decode(from, to int) (int, int, string) {
	text := p.entry.text
	if from < to && text[from] == '<' {
		return from, from, "a reference to a file elsewhere: left out"
	}
	coded := from < to && text[from] == ':'
	if coded {
		from++
	}
	for from < to && text[from] == ' ' {
		from++
	}
	if coded {
		return p.decode64(from, to)
	}
	if raw := text[from:to]; !utf8.Valid(raw) {
		return p.replace(from, charset.AppendANSI(p.scratch[:0], raw))
	}
	return from, to, ""
}

func (p *parser) decode64(from, to int) (int, int, string) {
	raw := bytes.TrimRight(p.entry.text[from:to], " ")
	plain, err := base64.StdEncoding.AppendDecode(p.scratch[:0], raw)
	if err != nil {
		return from, from, "damaged base64: left out"
	}
	return p.replace(from, plain)
}

// replace puts the value where the line had it coded.
func (p *parser) replace(from int, by []byte) (int, int, string) {
	p.scratch = by
	p.entry.text = append(p.entry.text[:from], by...)
	return from, len(p.entry.text), ""
}

// emit hands the entry on, if there is one, and starts afresh.
func (p *parser) emit() {
	p.logical()
	if p.entry.Line > 0 && !p.stopped {
		p.stopped = !p.yield(&p.entry)
	}
	p.entry.reset()
	p.from = 0
}

// description measures the attribute description, options and all, that a line
// begins with.
func description(s []byte) int {
	for i, c := range s {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9':
		case i > 0 && (c == '-' || c == ';' || c == '=' || c == '*' || c == '.' || c == '_'):
		default:
			return i
		}
	}
	return len(s)
}

func trimCR(s []byte) []byte {
	for len(s) > 0 && s[len(s)-1] == '\r' {
		s = s[:len(s)-1]
	}
	return s
}
