package cmdlet

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"
)

// maxTag bounds a tag with its attributes. Those of CLIXML are a number and the
// name of a property.
const maxTag = 64 << 10

// tags reads XML tag by tag. It knows what Export-Clixml writes and stops at
// anything else; encoding/xml would hold a text of any length in memory, and
// takes several times as long.
type tags struct {
	in   *bufio.Reader
	line int // of what is read next, counted from 1
	err  error
	torn bool // the file ended inside a tag
	bad  string

	at     int    // the line the tag begins on
	name   []byte // without a prefix
	closes bool   // </name>
	empty  bool   // <name/>
	n      []byte // attribute N
	ref    []byte // attribute RefId
	stream []byte // attribute S
	text   []byte // what stands before the tag
	long   bool   // the text was too long and is not there
	tag    []byte
}

// next reads a tag and the text before it. False: there is none.
func (t *tags) next() bool {
	t.text, t.long = t.text[:0], false
	for t.bad == "" && t.words() {
		t.at = t.line
		head, _ := t.in.Peek(len("![CDATA["))
		switch {
		case bytes.HasPrefix(head, []byte("!--")):
			t.until("-->", nil)
		case bytes.HasPrefix(head, []byte("![CDATA[")):
			t.until("]]>", &t.text)
		case bytes.HasPrefix(head, []byte("?")):
			t.until("?>", nil)
		case bytes.HasPrefix(head, []byte("!")):
			t.bad = "a document type, which no export has"
		default:
			return t.markup()
		}
	}
	return false
}

// words reads text up to the next tag and behind its "<".
func (t *tags) words() bool {
	from := len(t.text)
	for {
		piece, err := t.in.ReadSlice('<')
		t.line += bytes.Count(piece, []byte("\n"))
		if len(t.text)+len(piece) > maxObject {
			t.long, t.text, from = true, t.text[:0], 0
		} else {
			t.text = append(t.text, piece...)
		}
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull {
			t.err = err
			return false
		}
	}
	if len(t.text) > from {
		t.text = t.text[:from+entities(t.text[from:len(t.text)-1])]
	}
	return true
}

// until reads up to an end mark. What stands between the two marks of CDATA is
// kept as text.
func (t *tags) until(end string, keep *[]byte) {
	if keep != nil {
		_, _ = t.in.Discard(len("![CDATA[")) // peeked before
	}
	last := make([]byte, 0, len(end)) // what was read last
	for string(last) != end {
		c, err := t.in.ReadByte()
		if err != nil {
			t.err, t.torn, t.bad = err, true, "the file ends here"
			return
		}
		if c == '\n' {
			t.line++
		}
		if len(last) == len(end) {
			last = append(last[:0], last[1:]...)
		}
		if last = append(last, c); keep == nil {
			continue
		}
		if *keep = append(*keep, c); len(*keep) > maxObject {
			t.long, *keep = true, (*keep)[:0]
		}
	}
	if keep != nil {
		*keep = (*keep)[:max(0, len(*keep)-len(end))]
	}
}

// markup reads a tag from behind its "<".
func (t *tags) markup() bool {
	t.tag = t.tag[:0]
	for quote := byte(0); ; {
		c, err := t.in.ReadByte()
		if err != nil {
			t.err, t.torn = err, true
			return false
		}
		switch {
		case c == '\n':
			t.line++
		case quote == c:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == '>':
			return t.parse(t.tag)
		case quote == 0 && c == '<' || len(t.tag) == maxTag:
			t.bad = "a tag that is not closed"
			return false
		}
		t.tag = append(t.tag, c)
	}
}

// parse takes a tag apart: </name>, <name a="b">, <name/>.
func (t *tags) parse(s []byte) bool {
	t.n, t.ref, t.stream = nil, nil, nil
	s, t.closes = bytes.CutPrefix(s, []byte("/"))
	s, t.empty = bytes.CutSuffix(s, []byte("/"))
	end := bytes.IndexAny(s, " \t\r\n")
	if end < 0 {
		end = len(s)
	}
	t.name = s[:end]
	t.name = t.name[bytes.LastIndexByte(t.name, ':')+1:]
	if len(t.name) == 0 || t.closes && t.empty {
		t.bad = "a tag without a name"
		return false
	}
	for s = bytes.TrimSpace(s[end:]); len(s) > 0 && t.bad == ""; s = bytes.TrimSpace(s) {
		s = t.attribute(s)
	}
	return t.bad == ""
}

// attribute reads one and gives the rest.
func (t *tags) attribute(s []byte) []byte {
	name, rest, _ := bytes.Cut(s, []byte("="))
	rest = bytes.TrimSpace(rest)
	if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
		t.bad = "a damaged attribute"
		return nil
	}
	value, rest, closed := bytes.Cut(rest[1:], rest[:1])
	if !closed {
		t.bad = "a damaged attribute"
	}
	switch value = value[:entities(value)]; string(bytes.TrimSpace(name)) {
	case "N":
		t.n = value
	case "RefId":
		t.ref = value
	case "S":
		t.stream = value
	}
	return rest
}

// entities writes characters in the place of their entities, which are longer,
// and gives the new length. XML knows five by name; a document type, which could
// declare others, is not read. What is no entity stays.
func entities(s []byte) int {
	n := bytes.IndexByte(s, '&')
	if n < 0 {
		return len(s)
	}
	for i := n; i < len(s); {
		if s[i] == '&' {
			if r, length := entity(s[i:]); length > 0 {
				n += utf8.EncodeRune(s[n:i+length], r)
				i += length
				continue
			}
		}
		s[n] = s[i]
		n++
		i++
	}
	return n
}

// entity reads one: &lt; &#60; &#x3C;
func entity(s []byte) (r rune, length int) {
	end := bytes.IndexByte(s[:min(len(s), len("&#x10FFFF;"))], ';')
	if end < 2 {
		return 0, 0
	}
	name := string(s[1:end])
	if r = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}[name]; r != 0 {
		return r, end + 1
	}
	if name[0] != '#' {
		return 0, 0
	}
	digits, base := name[1:], 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	code, err := strconv.ParseUint(digits, base, 21)
	if r = rune(code); err != nil || !utf8.ValidRune(r) || utf8.RuneLen(r) > end+1 {
		return 0, 0
	}
	return r, end + 1
}

// skip reads up to the end of the element whose tag was read.
func (t *tags) skip() bool {
	if t.empty {
		return true
	}
	for depth := 1; depth > 0; {
		if !t.next() {
			return false
		}
		switch {
		case t.closes:
			depth--
		case !t.empty:
			depth++
		}
	}
	return true
}

// why says what ended the reading.
func (t *tags) why() string {
	switch {
	case t.err != nil && t.err != io.EOF:
		return "reading stopped: " + t.err.Error()
	case t.torn:
		return "the file ends inside of a tag"
	case t.bad != "":
		return t.bad
	}
	return "the file ends here"
}
