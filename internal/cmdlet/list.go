package cmdlet

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"mailflow/internal/charset"
)

// listing reads the text of Format-List: lines "Name      : value" whose colons
// stand in one column, an empty line behind each object, and values too long for
// the console going on below themselves.
type listing struct {
	in      *bufio.Reader
	journal *journal
	draft   draft
	yield   func(*Object) bool
	line    int // lines read
	room    []byte
	class   string
	block   block
	gap     bool // an empty line came after the last line of the block
	damaged bool // up to the next empty line
	lossy   bool // the names of types were reported
	ended   bool // nobody wants more
}

// block is an object that is being read. It is put together at its end, when the
// width of the console is known.
type block struct {
	line   int // it begins on, 0: there is none
	column int // of the colons
	size   int
	width  int // of its widest line
	fields []field
	names  map[string]bool
	torn   bool // the last line may be cut short
}

type field struct {
	name  string
	parts []part
}

// part is what one line has of a value.
type part struct {
	text  string
	width int  // of the whole line
	blank bool // one blank ends it
}

func readList(r io.Reader, j *journal, yield func(*Object) bool) {
	l := &listing{in: charset.NewReader(r), journal: j, draft: draft{journal: j}, yield: yield}
	for !l.ended {
		text, whole, err := l.read()
		if err != nil && err != io.EOF {
			j.add(l.line, "reading stopped: "+err.Error())
		}
		if whole || len(text) > 0 {
			l.take(string(charset.UTF8(text)))
		}
		if err != nil {
			l.block.torn = !whole && len(text) > 0
			break
		}
	}
	l.flush()
	j.close(l.line)
}

// read reads a line and says whether it has its end. A line over the bound is
// reported, and comes as one that fits nowhere.
func (l *listing) read() (text []byte, whole bool, err error) {
	text = l.room[:0]
	long := false
	for {
		var piece []byte
		piece, err = l.in.ReadSlice('\n')
		if long = long || len(text)+len(piece) > maxObject; !long {
			text = append(text, piece...)
		}
		if err != bufio.ErrBufferFull {
			break
		}
	}
	l.room = text
	if whole = err == nil; whole || len(text) > 0 || long {
		l.line++
	}
	if long {
		l.journal.add(l.line, "a line longer than 4 MiB: left out")
		return []byte("-"), true, err
	}
	return text, whole, err
}

// take reads a line.
func (l *listing) take(text string) {
	raw := strings.TrimRight(text, "\r\n")
	text = strings.TrimRightFunc(raw, unicode.IsSpace)
	p := part{width: utf8.RuneCountInString(text), blank: raw == text+" "}
	class, isPrompt := prompt(text)
	switch {
	case text == "":
		l.gap, l.damaged = true, false
	case isPrompt:
		l.flush()
		l.class, l.damaged = class, false
	case l.damaged || isNotice(text):
	case l.block.line > 0 && l.block.below(text):
		if l.gap {
			l.block.more(part{}) // an empty line inside of a value
		}
		p.text = text[offset(text, l.block.column+2):]
		l.block.more(p)
		l.gap = false
	default:
		l.named(text, p)
	}
}

// named reads a line that must begin with a name.
func (l *listing) named(text string, p part) {
	name, value, column := property(text)
	if column < 0 && !l.gap && l.block.wrapped() {
		p.text = text
		l.block.more(p)
		return
	}
	if l.block.line > 0 && !l.gap && column != l.block.column {
		l.journal.add(l.line, fmt.Sprintf("does not line up with the names above: the object that begins on line %d is left out", l.block.line))
		l.block, l.damaged = block{}, true
		return
	}
	if l.gap || column < 0 {
		l.flush()
	}
	if column < 0 {
		return // what stands around the objects
	}
	if l.block.names[strings.ToLower(name)] {
		l.journal.add(l.line, "no empty line before this object")
		l.flush()
	}
	if l.ended {
		return
	}
	l.gap = false
	p.text = value
	l.block.add(l.line, column, name, p)
}

// isNotice recognises what a cmdlet says beside its objects.
func isNotice(text string) bool {
	return strings.HasPrefix(text, "WARNING: ") || strings.HasPrefix(text, "VERBOSE: ")
}

// property takes a line "Name  : value" apart. The column of its colon is -1 when
// it is none.
func property(text string) (name, value string, column int) {
	at := strings.Index(text, " :")
	for at >= 0 && at+2 < len(text) && text[at+2] != ' ' {
		next := strings.Index(text[at+2:], " :")
		if next < 0 {
			return "", "", -1
		}
		at += 2 + next
	}
	if at < 0 {
		return "", "", -1
	}
	name = strings.TrimSpace(text[:at])
	if !isName(name) || len(text)-len(strings.TrimLeft(text, " ")) > maxIndent {
		return "", "", -1
	}
	return name, text[min(at+3, len(text)):], utf8.RuneCountInString(text[:at+1])
}

// maxIndent is how far a pasted list may be moved to the right.
const maxIndent = 8

// isName recognises the name of a property, also one that a script gave: "Queue
// Length (MB)".
func isName(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || !strings.ContainsRune(" _-.()/", r)) {
			return false
		}
	}
	return true
}

// below says that a line goes on with the value above it.
func (b *block) below(text string) bool {
	indent := 0
	for _, r := range text {
		if r != ' ' {
			return indent >= b.column+2
		}
		indent++
	}
	return false
}

// wrapped says that the last line is as wide as a console: what stands below it
// without a name may be the rest of it, moved to the left by whatever it was
// pasted through (knowledge/evidence-formats.md, section 2, "| fl").
func (b *block) wrapped() bool {
	const console = 72
	if b.line == 0 || len(b.fields) == 0 {
		return false
	}
	parts := b.fields[len(b.fields)-1].parts
	return len(parts) > 0 && parts[len(parts)-1].width >= max(b.width, console)
}

// offset gives the byte at which the nth character begins.
func offset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// add begins a property.
func (b *block) add(line, column int, name string, p part) {
	if b.line == 0 {
		*b = block{line: line, column: column, names: map[string]bool{}}
	}
	b.grow(len(name), p)
	if b.size <= maxObject && len(b.fields) <= maxProps {
		b.names[strings.ToLower(name)] = true
		b.fields = append(b.fields, field{name, []part{p}})
	}
}

// more goes on with a value.
func (b *block) more(p part) {
	b.grow(0, p)
	if last := len(b.fields) - 1; b.size <= maxObject && last >= 0 {
		b.fields[last].parts = append(b.fields[last].parts, p)
	}
}

func (b *block) grow(n int, p part) {
	b.size += n + len(p.text) + 16
	b.width = max(b.width, p.width)
}

// flush ends the object that is being read and gives it away.
func (l *listing) flush() {
	b := l.block
	l.block = block{}
	if b.line == 0 || l.ended {
		return
	}
	l.draft.begin(b.line)
	l.draft.grow(b.size)
	for i, f := range b.fields {
		p := fromText(f.name, f.join(b.width))
		if p.Null && !l.lossy {
			l.journal.add(b.line, shown(f.name)+" holds the name of a type instead of values: export with Export-Clixml")
			l.lossy = true
		}
		if b.torn && i == len(b.fields)-1 {
			l.journal.add(l.line, "the file ends inside this line; its value may be cut short")
			p.Lost = true
		}
		l.draft.add(p)
	}
	if o := l.draft.finish(); o != nil {
		o.Type = l.class
		l.ended = !l.yield(o)
	}
}

// minWidth is less than any console has; lines that are shorter end of themselves.
const minWidth = 40

// join puts the lines of a value together. PowerShell cuts lines at blanks, which
// stay at their ends, and inside of words that are longer than a line; in other
// languages than some western ones it cuts anywhere (StringManipulationHelper of
// its public source). Programs that text is pasted through take blanks at line
// ends away: then a line as wide as the widest of its object is taken for one cut
// inside of a word, another one for one cut at a blank. A value of several lines
// of its own comes with blanks for line ends, too.
func (f *field) join(width int) string {
	var b strings.Builder
	for i, p := range f.parts {
		if i > 0 && b.Len() > 0 && p.text != "" && f.parts[i-1].parted(p.text, width) {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return strings.TrimSpace(b.String())
}

// parted says that a blank stood between a line and the next one. The comma of a
// list has a blank behind it, but for one inside of a directory name.
func (p part) parted(next string, width int) bool {
	comma := strings.HasSuffix(p.text, ",") && !isRDN(next)
	return !strings.HasPrefix(next, " ") && (p.blank || comma || p.width < max(width, minWidth))
}

// prompt recognises the line of a console that a command was typed on, and tells
// from the command what its objects are.
func prompt(text string) (class string, ok bool) {
	rest := strings.TrimSpace(text)
	host, inside, _ := strings.Cut(rest, "]")
	if strings.HasPrefix(host, "[") {
		rest = strings.TrimSpace(strings.TrimPrefix(inside, ":"))
		rest = strings.TrimSpace(strings.TrimPrefix(rest, "PS "))
	} else if rest, ok = strings.CutPrefix(rest, "PS "); !ok {
		return "", false
	}
	path, command, found := strings.Cut(rest, ">")
	if !found || !strings.ContainsAny(path, `:\/`) || strings.Contains(path, " : ") {
		return "", false
	}
	return commandClass(command), true
}

// commandClass tells which cmdlet of a pipeline made the objects: the last Get-.
func commandClass(command string) string {
	class := ""
	for stage := range strings.SplitSeq(command, "|") {
		stage = strings.ToLower(strings.TrimSpace(stage))
		for _, loop := range []string{"foreach-object", "foreach", "%", "{"} {
			stage = strings.TrimSpace(strings.TrimPrefix(stage, loop))
		}
		noun, ok := strings.CutPrefix(stage, "get-")
		if !ok {
			continue
		}
		if end := strings.IndexFunc(noun, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
			noun = noun[:end]
		}
		class = typeName(noun)
	}
	return class
}
