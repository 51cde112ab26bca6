package regfile

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"mailflow/internal/charset"
)

// exported takes a line of an export.
func (p *parser) exported(line string) {
	line = strings.TrimLeft(line, " \t")
	switch {
	case passed(line):
	case line[0] == '[':
		p.section(strings.TrimRight(line, " \t"))
	case p.syntax == unknown || p.key == "" && !p.lost:
		p.add(p.line, "a line before any key: left out")
		p.lost = p.syntax != unknown
	case p.lost:
	case line[0] == '@' || line[0] == '"':
		p.pair(line)
	default:
		p.add(p.line, "neither a key nor a value: left out")
	}
}

// section takes the header of a key.
func (p *parser) section(line string) {
	key, closed := strings.CutSuffix(line[1:], "]")
	deletion := strings.HasPrefix(key, "-")
	switch {
	case !closed || !isHive(strings.TrimPrefix(key, "-")):
		p.lost = true
		p.add(p.line, "a damaged header of a key: left out with its values")
	case deletion:
		p.lost = true
		p.add(p.line, "deletes a key: this file is made to change the registry and does not show it")
	case p.enter("", key):
		p.whole = true
		p.give(Value{Key: key, Kind: "key", Line: p.line})
	}
}

// pair takes "name"=data. Whatever is wrong costs this value only.
func (p *parser) pair(line string) {
	v := Value{Key: p.key, Line: p.line}
	rest, named := line[1:], true
	if line[0] == '"' {
		v.Name, rest, named = unquote(line)
	}
	rest, equals := strings.CutPrefix(strings.TrimLeft(rest, " \t"), "=")
	what := "a damaged name of a value: left out"
	if named && equals && len(v.Name) <= maxKey {
		what = p.data(&v, strings.TrimLeft(rest, " \t"))
	}
	if what != "" {
		p.add(v.Line, what)
		return
	}
	p.give(v)
}

// uncommented cuts a comment off the end of data that is not quoted.
func uncommented(data string) string {
	data, _, _ = strings.Cut(data, ";")
	return strings.TrimSpace(data)
}

// data reads what stands behind the equals sign. It tells what is wrong with it,
// or "".
func (p *parser) data(v *Value, data string) string {
	switch {
	case uncommented(data) == "-":
		return "deletes a value: this file is made to change the registry and does not show it"
	case strings.HasPrefix(data, `"`):
		return p.quoted(v, data[1:])
	case strings.HasPrefix(data, "dword:"):
		return v.dword(uncommented(data[len("dword:"):]), p.torn)
	case strings.HasPrefix(data, "hex"):
		return p.digits(v, data[len("hex"):])
	}
	return "data of a kind that exports do not have: left out"
}

// quoted reads a text up to its closing mark. A line feed inside of it is
// written as it is.
func (p *parser) quoted(v *Value, data string) string {
	v.Kind = "string"
	var text strings.Builder
	for {
		rest, closed := unescape(&text, data)
		switch {
		case text.Len() > maxValue:
			return "a value larger than 1 MiB: left out"
		case closed && uncommented(rest) != "":
			return "something stands behind the closing quotation mark: left out"
		case closed:
			v.Text = text.String()
			return ""
		case !p.next():
			return "the file ends inside this value: left out"
		}
		if data = p.current(); p.long || resumes(data) {
			p.back()
			return "a quotation mark is never closed: left out"
		}
		text.WriteByte('\n')
	}
}

// resumes recognises a line that begins a key or another value, where an open
// quotation mark or a backslash promised more of this one.
func resumes(line string) bool {
	if isHeader(line) {
		return true
	}
	if !strings.HasPrefix(line, `"`) {
		return false
	}
	_, rest, ok := unquote(line)
	return ok && strings.HasPrefix(rest, "=")
}

// unquote reads a text in quotation marks that ends on its line.
func unquote(s string) (text, rest string, ok bool) {
	var b strings.Builder
	rest, ok = unescape(&b, s[1:])
	return b.String(), rest, ok
}

// unescape reads up to the closing quotation mark. A backslash stands for itself
// unless another or a quotation mark follows.
func unescape(b *strings.Builder, s string) (rest string, closed bool) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", false
}

// dword reads the eight digits of a number. A file that ends among them would
// give another number.
func (v *Value) dword(digits string, torn bool) string {
	v.Kind = "dword"
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || torn && len(digits) < 8 {
		return "damaged digits of a dword: left out"
	}
	v.Number = n
	return ""
}

// digits reads hex:0a,0b or hex(7):61,00,\ with the lines that continue it.
func (p *parser) digits(v *Value, data string) string {
	kind, data, ok := strings.Cut(data, ":")
	var raw []byte
	for {
		line, more := strings.CutSuffix(strings.TrimRight(data, " \t"), `\`)
		if ok && len(raw) <= maxValue {
			raw, ok = octets(raw, line)
		}
		if !more {
			break
		}
		var what string
		if data, what = p.continued(); what != "" {
			return what
		}
	}
	switch {
	case !ok:
		return "damaged hexadecimal digits: left out"
	case len(raw) > maxValue:
		return "a value larger than 1 MiB: left out"
	case p.torn:
		return "the file ends inside this value: left out"
	}
	return v.decode(kind, raw, p.syntax)
}

// continued is the line behind a backslash. It tells what is wrong, or "".
func (p *parser) continued() (line, what string) {
	if !p.next() {
		return "", "the file ends inside this value: left out"
	}
	if line = strings.TrimLeft(p.current(), " \t"); p.long || resumes(line) {
		p.back()
		return "", "the lines that continue this value are missing: left out"
	}
	return line, ""
}

// octets appends what pairs of digits with commas between them stand for.
func octets(raw []byte, digits string) ([]byte, bool) {
	for part := range strings.SplitSeq(uncommented(digits), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.ParseUint(part, 16, 8)
		if err != nil {
			return raw, false
		}
		raw = append(raw, byte(n))
	}
	return raw, true
}

// decode makes a value of its octets. The numbers in brackets are those of the
// registry's types (winnt.h, REG_SZ = 1 and so on); those without a meaning here
// are binary.
func (v *Value) decode(kind string, raw []byte, s syntax) string {
	size := 0
	switch kind {
	case "(1)", "(6)":
		v.Kind, v.Text = "string", upToZero(text(raw, s))
	case "(2)":
		v.Kind, v.Text = "expand", upToZero(text(raw, s))
	case "(7)":
		v.Kind, v.Text = "multi", strings.ReplaceAll(strings.TrimRight(text(raw, s), "\x00"), "\x00", "\n")
	case "(4)", "(5)":
		v.Kind, size = "dword", 4
	case "(b)":
		v.Kind, size = "qword", 8
	default:
		v.Kind, v.Text = "binary", hex.EncodeToString(raw)
	}
	if size == 0 {
		return ""
	}
	if len(raw) != size {
		return fmt.Sprintf("a %s of %d bytes: left out", v.Kind, len(raw))
	}
	v.Number = number(raw, kind == "(5)")
	return ""
}

func number(raw []byte, big bool) uint64 {
	switch {
	case big:
		return uint64(binary.BigEndian.Uint32(raw))
	case len(raw) == 4:
		return uint64(binary.LittleEndian.Uint32(raw))
	}
	return binary.LittleEndian.Uint64(raw)
}

// text reads octets as the syntax of the file writes texts.
func text(raw []byte, s syntax) string {
	if s == regedit4 {
		return string(charset.UTF8(raw))
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}

// upToZero cuts a text where Windows would.
func upToZero(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}
