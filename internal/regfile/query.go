package regfile

import (
	"strconv"
	"strings"
)

// queried takes a line that reg query printed.
func (p *parser) queried(line string) {
	if machine, key, ok := queryKey(line); ok {
		p.flush("listed")
		if p.enter(machine, key) {
			p.header = Value{Machine: machine, Key: key, Line: p.line}
		}
		return
	}
	if strings.TrimSpace(line) == "" {
		return
	}
	name, kind, data, ok := columns(line)
	switch {
	case !ok && passed(line):
	case !ok && strings.HasPrefix(line, "End of search"):
		p.add(p.line, "the result of a search: what it does not show may still be set; give the output of reg query KEY /s")
	case !ok:
		p.add(p.line, "neither a key nor a value: left out; was all of the value on one line?")
	case p.key == "" && !p.lost:
		p.add(p.line, "a value before any key: left out")
	case !p.lost:
		p.row(name, kind, data)
	}
}

// queryKey recognises the line that names a key.
func queryKey(line string) (machine, key string, ok bool) {
	line = strings.TrimRight(line, " \t")
	if rest, remote := strings.CutPrefix(line, `\\`); remote {
		machine, line, _ = strings.Cut(rest, `\`)
	}
	return machine, strings.TrimRight(line, `\`), isHive(line)
}

// columns parts the line of a value: a name, a type and the data, with a tab
// (Windows 2003) or several blanks between them. A name may hold blanks itself.
func columns(line string) (name, kind, data string, ok bool) {
	if line[0] != ' ' && line[0] != '\t' {
		return "", "", "", false
	}
	line = strings.TrimLeft(line, " \t")
	for from := 0; ; {
		at := strings.Index(line[from:], "REG_")
		if at < 0 {
			return "", "", "", false
		}
		at += from
		end := at + strings.IndexAny(line[at:]+"\t", " \t")
		if kind = kindOf(line[at:end]); kind != "" && parted(line[:at]) {
			return strings.TrimRight(line[:at], " \t"), kind, strings.TrimLeft(line[end:], " \t"), true
		}
		from = end
	}
}

// parted says whether a column ends here.
func parted(before string) bool {
	return strings.HasSuffix(before, "\t") || strings.HasSuffix(before, "  ")
}

// kindOf names a type as reg query prints it.
func kindOf(name string) string {
	switch name {
	case "REG_SZ", "REG_LINK":
		return "string"
	case "REG_EXPAND_SZ":
		return "expand"
	case "REG_MULTI_SZ":
		return "multi"
	case "REG_DWORD", "REG_DWORD_LITTLE_ENDIAN", "REG_DWORD_BIG_ENDIAN":
		return "dword"
	case "REG_QWORD", "REG_QWORD_LITTLE_ENDIAN":
		return "qword"
	case "REG_BINARY", "REG_NONE", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR", "REG_RESOURCE_REQUIREMENTS_LIST":
		return "binary"
	}
	return ""
}

// row takes the columns of a value.
func (p *parser) row(name, kind, data string) {
	if len(data) > maxValue && kind != "binary" || len(data) > 2*maxValue || len(name) > maxKey {
		p.add(p.line, "a value larger than 1 MiB: left out")
		return
	}
	v := Value{Machine: p.machine, Key: p.key, Name: name, Kind: kind, Text: data, Line: p.line}
	if name == "(Default)" || name == "<NO NAME>" {
		v.Name = ""
		if data == "(value not set)" {
			return
		}
	}
	if what := v.shape(); what != "" {
		p.add(p.line, what)
		return
	}
	if p.torn {
		p.add(p.line, "the file ends inside this line; its value may be cut short")
	}
	p.hold(v)
}

// shape makes of the printed data what the kind says. It tells what is wrong
// with it, or "".
func (v *Value) shape() string {
	switch v.Kind {
	case "dword", "qword":
		return v.number()
	case "multi":
		v.Text = strings.TrimRight(strings.ReplaceAll(v.Text, `\0`, "\n"), "\n")
	case "binary":
		v.Text = strings.ToLower(v.Text)
		if len(v.Text)%2 != 0 || strings.Trim(v.Text, "0123456789abcdef") != "" {
			return "damaged hexadecimal digits: left out"
		}
	}
	return ""
}

func (v *Value) number() string {
	bits := 32
	if v.Kind == "qword" {
		bits = 64
	}
	digits, ok := strings.CutPrefix(v.Text, "0x")
	n, err := strconv.ParseUint(strings.TrimSpace(digits), 16, bits)
	if !ok || err != nil {
		return "not a number as reg query prints it (0x1f): left out"
	}
	v.Number, v.Text = n, ""
	return ""
}

// hold keeps the first value of a key back, until a second one shows that all of
// them are printed.
func (p *parser) hold(v Value) {
	switch {
	case p.header.Line == 0:
		p.give(v)
	case len(p.first) == 0:
		p.first = append(p.first, v)
	default:
		p.flush("key")
		p.give(v)
	}
}

// flush hands on the header that waited, as the kind it turned out to be, and
// what waited behind it.
func (p *parser) flush(kind string) {
	if p.header.Line > 0 {
		if p.doubted {
			kind = "listed"
		}
		p.whole = kind == "key"
		p.header.Kind = kind
		p.give(p.header)
	}
	for _, v := range p.first {
		p.give(v)
	}
	p.header, p.first = Value{}, p.first[:0]
}
