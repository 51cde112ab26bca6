// Package regfile reads what regedit and reg export write (REGEDIT4 and Windows
// Registry Editor Version 5.00) and what reg query prints, value by value and in
// bounded memory. A damaged line is left out and reported, and reading goes on
// behind it.
package regfile

import (
	"bytes"
	"io"
	"iter"
	"strings"

	"mailflow/internal/charset"
)

// Bounds on what one file may ask for, whoever wrote it.
const (
	maxKey      = 32 << 10 // bytes of a key's path and of a value's name; Windows allows 255 characters a step and 16,383 a name
	maxValue    = 1 << 20  // bytes of a value: what the registry should hold at most
	maxLine     = 4 << 20  // bytes of a line: a value of 1 MiB in hexadecimal digits and commas
	maxProblems = 1000     // problems reported one by one
)

// Value is one value of a key, or the header of a key.
//
// The header comes before the values of its key and has the kind "key" or
// "listed". Under a "key" the file shows every value, so that one which does not
// follow was not set when the file was written. A "listed" key exists, but the
// file need not show its values: reg query prints the names of subkeys without
// their values, and with /v one value of many. What reg query prints is "key"
// from two values on. A search (reg query /f) cannot be told from that until its
// last line, which is reported as a problem. Where something below a "key" was
// left out, or the file ends inside a line, a second header of the same key, of
// the kind "listed", takes the promise back.
type Value struct {
	Machine string // as in \\EX03A\HKEY_LOCAL_MACHINE, "" for the computer reg query ran on and for any export
	Key     string // full path as written, without the machine
	Name    string // "" is the default value
	Kind    string // "dword", "qword", "string", "binary", "multi" or "expand"; of a header "key" or "listed"
	Text    string // strings; multi joined with \n; binary in hexadecimal digits
	Number  uint64 // of dword and qword
	Line    int    // where it begins, counted from 1
}

// Problem is something that the reader left out, or that it doubts.
type Problem struct {
	Line int // counted from 1
	What string
}

// Values reads an export or the output of reg query: ANSI, UTF-8 or UTF-16.
// problems, which may be nil, hears what was left out. A file made to change the
// registry (with deletions) says what somebody wanted, not what is: its deletions
// are problems and not values.
func Values(r io.Reader, problems func(Problem)) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		p := &parser{feed: feed{in: charset.NewReader(r)}, journal: journal{report: problems}, yield: yield}
		p.run()
		if p.err != nil && p.err != io.EOF {
			p.add(p.line, "reading stopped: "+p.err.Error())
		}
		p.close(p.line)
	}
}

// parser keeps the state between lines. The syntax of a file is known from its
// first line that is neither empty nor a comment.
type parser struct {
	feed
	journal
	yield   func(Value) bool
	syntax  syntax
	stopped bool // the caller wants no more

	machine string
	key     string // of the values that come, "" before the first
	lost    bool   // values are ignored up to the next key, as was reported
	whole   bool   // the header said that all values are shown
	doubted bool   // and that it must not, or no longer

	header Value   // of reg query, until its kind is known; Line 0 for none
	first  []Value // the first value below it
}

type syntax int

const (
	unknown  syntax = iota
	regedit4        // REGEDIT4: hex(2) and hex(7) hold ANSI
	version5        // version 5: they hold UTF-16LE
	regQuery        // the output of reg query
)

// run reads to the end of the file.
func (p *parser) run() {
	for !p.stopped && p.next() {
		line, at, before := p.current(), p.line, p.count
		switch {
		case p.long:
			p.add(p.line, "a line longer than 4 MiB: left out")
		case p.begins(line):
		case p.syntax == regQuery:
			p.queried(line)
		default:
			p.exported(line)
		}
		if p.count > before || p.torn && !passed(p.current()) {
			p.doubt(at)
		}
	}
	p.flush("listed")
}

// begins takes the line that names the syntax. Files put together have several.
func (p *parser) begins(line string) bool {
	if s := named(line); s != unknown {
		p.flush("listed")
		p.syntax, p.key, p.machine, p.lost, p.whole = s, "", "", false, false
		return true
	}
	if p.syntax == unknown {
		p.syntax = guess(line)
	}
	return false
}

// named tells the syntax from the line that begins a file.
func named(line string) syntax {
	line = strings.TrimSpace(line)
	switch {
	case line == "REGEDIT4":
		return regedit4
	case line == "Windows Registry Editor Version 5.00":
		return version5
	case strings.HasPrefix(line, "! REG.EXE VERSION "):
		return regQuery
	}
	return unknown
}

// guess tells the syntax where the line that begins a file is missing.
func guess(line string) syntax {
	if _, _, ok := queryKey(line); ok {
		return regQuery
	}
	if strings.HasPrefix(line, "[") {
		return version5
	}
	return unknown
}

// give hands a value on.
func (p *parser) give(v Value) {
	if !p.stopped {
		p.stopped = !p.yield(v)
	}
}

// enter begins a key.
func (p *parser) enter(machine, key string) bool {
	p.machine, p.key, p.lost, p.whole, p.doubted = machine, key, len(key) > maxKey, false, false
	if p.lost {
		p.key = ""
		p.add(p.line, "the path of a key is longer than 32 KiB: left out with its values")
	}
	return !p.lost
}

// doubt takes back that the file shows all values of the key.
func (p *parser) doubt(at int) {
	if p.whole {
		p.give(Value{Machine: p.machine, Key: p.key, Kind: "listed", Line: at})
	}
	p.whole, p.doubted = false, true
}

// Sniff tells from its first kilobytes whether a file is an export of the
// registry or the output of reg query.
func Sniff(start []byte) bool {
	in := feed{in: charset.NewReader(bytes.NewReader(start[:min(len(start), charset.BufferSize)]))}
	for in.next() {
		line := in.current()
		if named(line) != unknown {
			return true
		}
		if passed(line) {
			continue
		}
		_, _, ok := queryKey(line)
		return ok || isHeader(line)
	}
	return false
}

// passed are lines that say nothing: empty ones, comments, and the prompts in
// what was copied off a console, such as C:\Temp>reg query HKLM\SYSTEM.
func passed(line string) bool {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == ';' {
		return true
	}
	drive, command, prompt := strings.Cut(line, ">")
	command = strings.ToLower(strings.TrimSpace(command))
	return prompt && len(drive) > 2 && drive[1:3] == `:\` && (command == "" || strings.HasPrefix(command, "reg"))
}

// isHeader recognises [HKEY_LOCAL_MACHINE\SYSTEM] without minding deletions.
func isHeader(line string) bool {
	rest, ok := strings.CutPrefix(line, "[")
	return ok && isHive(strings.TrimPrefix(rest, "-")) && strings.HasSuffix(strings.TrimSpace(rest), "]")
}

// isHive says whether a path begins at one of the roots, as all writers spell them.
func isHive(path string) bool {
	root, _, _ := strings.Cut(strings.TrimRight(path, "] \t"), `\`)
	switch root {
	case "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS", "HKEY_CURRENT_CONFIG":
		return true
	}
	return false
}

// Under says whether a key is path or below it. Case does not matter, HKLM is
// HKEY_LOCAL_MACHINE, and ControlSet001 is CurrentControlSet, which it nearly
// always is: only HKLM\SYSTEM\Select knows. A machine before either is ignored.
func Under(key, path string) bool {
	key, path = bare(key), bare(path)
	system := true // both are in HKEY_LOCAL_MACHINE\SYSTEM so far
	for depth := 0; path != ""; depth++ {
		var a, b string
		a, key, _ = strings.Cut(key, `\`)
		b, path, _ = strings.Cut(path, `\`)
		a, b = step(a, depth, system), step(b, depth, system)
		if !strings.EqualFold(a, b) {
			return false
		}
		system = system && (depth == 0 && strings.EqualFold(a, "HKEY_LOCAL_MACHINE") || depth == 1 && strings.EqualFold(a, "SYSTEM"))
	}
	return true
}

// step spells out what has two names.
func step(name string, depth int, system bool) string {
	if depth == 2 && system && strings.EqualFold(name, "ControlSet001") {
		return "CurrentControlSet"
	}
	if depth > 0 {
		return name
	}
	switch strings.ToUpper(name) {
	case "HKLM":
		return "HKEY_LOCAL_MACHINE"
	case "HKCU":
		return "HKEY_CURRENT_USER"
	case "HKCR":
		return "HKEY_CLASSES_ROOT"
	case "HKU":
		return "HKEY_USERS"
	case "HKCC":
		return "HKEY_CURRENT_CONFIG"
	}
	return name
}

// bare takes off the machine and a backslash at the end.
func bare(path string) string {
	if rest, ok := strings.CutPrefix(path, `\\`); ok {
		_, path, _ = strings.Cut(rest, `\`)
	}
	return strings.TrimRight(path, `\`)
}
