package regfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// show writes what the reader makes of a text, problems in their place.
func show(r io.Reader) string {
	var b strings.Builder
	for v := range Values(r, func(p Problem) { fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What) }) {
		switch v.Kind {
		case "key", "listed":
			fmt.Fprintf(&b, "%d %s %s\n", v.Line, v.Kind, strings.TrimSpace(v.Machine+" "+v.Key))
		case "dword", "qword":
			fmt.Fprintf(&b, "%d  %s=%s %d\n", v.Line, v.Name, v.Kind, v.Number)
		default:
			fmt.Fprintf(&b, "%d  %s=%s %q\n", v.Line, v.Name, v.Kind, v.Text)
		}
	}
	return b.String()
}

// lines joins lines.
func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

// crlf joins lines as Windows does.
func crlf(s ...string) string { return strings.Join(s, "\r\n") + "\r\n" }

// wideText is UTF-16 with or without its mark.
func wideText(s string, mark, big bool) string {
	if mark {
		s = "\uFEFF" + s
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		pair := [2]byte{byte(u), byte(u >> 8)}
		if big {
			pair[0], pair[1] = pair[1], pair[0]
		}
		b.Write(pair[:])
	}
	return b.String()
}

const (
	version5Line = "Windows Registry Editor Version 5.00"
	services     = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services`
	deleted      = "this file is made to change the registry and does not show it"
)

// check compares what comes of a text, also byte by byte.
func check(t *testing.T, in, want string) {
	t.Helper()
	if diff := cmp.Diff(want, show(strings.NewReader(in))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, show(iotest.OneByteReader(strings.NewReader(in)))); diff != "" {
		t.Error("byte by byte:", diff)
	}
}

func TestEncodings(t *testing.T) {
	export := crlf(version5Line, "", `[HKEY_LOCAL_MACHINE\SOFTWARE\Größe]`, `"Ü"="€ 𝄞"`, "")
	want := lines(`3 key HKEY_LOCAL_MACHINE\SOFTWARE\Größe`, `4  Ü=string "€ 𝄞"`)
	for name, in := range map[string]string{
		"UTF-16LE": wideText(export, true, false), "UTF-16BE": wideText(export, true, true), "UTF-16LE without mark": wideText(export, false, false),
		"UTF-8": export, "UTF-8 with mark": "\uFEFF" + export, "LF": strings.ReplaceAll(export, "\r", ""),
	} {
		t.Run(name, func(t *testing.T) { check(t, in, want) })
	}
	t.Run("ANSI", func(t *testing.T) {
		check(t, crlf("REGEDIT4", "", `[HKEY_LOCAL_MACHINE\SOFTWARE\Gr`+"\xF6\xDF"+`e]`, "\"Price\"=\"5 \x80\"", "\"List\"=hex(7):f6,00,62,00,00"),
			lines(`3 key HKEY_LOCAL_MACHINE\SOFTWARE\Größe`, `4  Price=string "5 €"`, `5  List=multi "ö\nb"`))
	})
}

func TestExport(t *testing.T) {
	head := "1 key " + services
	tests := []struct{ name, in, want string }{
		{"a value of each kind", lines(`"D"=dword:0000003c`, `"S"="text"`, `@="default"`, `"B"=hex:0A,ff`, `"N"=hex(0):`, `"Q"=hex(b):01,00,00,00,00,00,00,80`,
			`"E"=hex(2):25,00,61,00,25,00,00,00`, `"M"=hex(7):61,00,00,00,62,00,00,00,00,00`, `"T"=hex(1):61,00,00,00,62,00`, `"L"=hex(4):02,01,00,00`, `"G"=hex(5):00,00,01,02`, `"O"=hex(ffff0011):01`),
			lines("2  D=dword 60", `3  S=string "text"`, `4  =string "default"`, `5  B=binary "0aff"`, `6  N=binary ""`, "7  Q=qword 9223372036854775809",
				`8  E=expand "%a%"`, `9  M=multi "a\nb"`, `10  T=string "a"`, "11  L=dword 258", "12  G=dword 258", `13  O=binary "01"`)},
		{"a value over several lines", lines(`"M"=hex(7):61,00,\`, `  62,00,\`, "\t00,00,00,00", `"D"=dword:1`), lines(`2  M=multi "ab"`, "5  D=dword 1")},
		{"escapes", lines(`"a\"b\\c=d"="C:\\Program Files\\x \"y\" \new"`), lines(`2  a"b\c=d=string "C:\\Program Files\\x \"y\" \\new"`)},
		{"a text with a line feed", lines(`"T"="one`, ``, `[two]`, `"three" \"`, `"`, `"D"=dword:1`), lines("! 2 something stands behind the closing quotation mark: left out",
			"! 6 a damaged name of a value: left out", "7  D=dword 1")},
		{"a text with line feeds and no quotation mark inside", lines(`"T"="one`, ``, `[two]`, `three\\"`, `"D"=dword:1`), lines(`2  T=string "one\n\n[two]\nthree\\"`, "6  D=dword 1")},
		{"a text that is never closed costs no other value", lines(`"T"="one`, `"D"=dword:1`), lines("! 2 a quotation mark is never closed: left out", "3  D=dword 1")},
		{"a text that is never closed costs no key", lines(`"T"="one`, `[HKEY_CURRENT_USER\X]`), lines("! 2 a quotation mark is never closed: left out", `3 key HKEY_CURRENT_USER\X`)},
		{"comments", lines(`; "A"=dword:1`, `"B"=dword:2 ; why`, `"C"="x;y" ;z`, "  ; indented", ` "D"=dword:4`), lines("3  B=dword 2", `4  C=string "x;y"`, "6  D=dword 4")},
		{"deletion of a value", lines(`"A"=-`, `@=- ; gone`, `"B"="-"`), lines("! 2 deletes a value: "+deleted, "! 3 deletes a value: "+deleted, `4  B=string "-"`)},
		{"deletion of a key takes what stands below", lines(`[-HKEY_LOCAL_MACHINE\SOFTWARE\X]`, `"A"=dword:1`, `[HKEY_USERS]`, `"B"=dword:2`),
			lines("! 2 deletes a key: "+deleted, "4 key HKEY_USERS", "5  B=dword 2")},
		{"damaged values", lines(`"A"=dword:12345678f`, `"B"=dword:xyz`, `"C"=hex:0g`, `"D"=hex(4):01`, `"E"=hex(b):01,02,03,04`, `"F"=word:1`, `"G"`, `"H`, "junk", `"I"="a"b`, `"J"=hex(7:00`),
			lines("! 2 damaged digits of a dword: left out", "! 3 damaged digits of a dword: left out", "! 4 damaged hexadecimal digits: left out", "! 5 a dword of 1 bytes: left out",
				"! 6 a qword of 4 bytes: left out", "! 7 data of a kind that exports do not have: left out", "! 8 a damaged name of a value: left out", "! 9 a damaged name of a value: left out",
				"! 10 neither a key nor a value: left out", "! 11 something stands behind the closing quotation mark: left out", `12  J=binary "00"`)},
		{"lines that should continue a value are missing", lines(`"A"=hex:01,\`, `"B"=dword:1`, `"C"=hex:zz,\`, `  01`, `"D"=dword:2`),
			lines("! 2 the lines that continue this value are missing: left out", "3  B=dword 1", "! 4 damaged hexadecimal digits: left out", "6  D=dword 2")},
		{"damaged header", lines(`[HKEY_LOCAL_MACHINE\X`, `"A"=dword:1`, `[SOFTWARE\X]`, `"A"=dword:1`, `[HKEY_USERS\]x]]`),
			lines("! 2 a damaged header of a key: left out with its values", "! 4 a damaged header of a key: left out with its values", `6 key HKEY_USERS\]x]`)},
		{"the file ends inside a number", `"A"=dword:000000`, "! 2 damaged digits of a dword: left out\n"},
		{"the file ends behind a number", `"A"=dword:0000003c`, "2  A=dword 60\n"},
		{"the file ends inside a text", `"A"="abc`, "! 2 the file ends inside this value: left out\n"},
		{"the file ends inside octets", `"A"=hex:01,0`, "! 2 the file ends inside this value: left out\n"},
		{"the file ends before more octets", "\"A\"=hex:01,\\\n", "! 2 the file ends inside this value: left out\n"},
		{"two files in one", lines(`"A"=dword:1`, "\uFEFF"+version5Line, "", "[HKEY_USERS]", `"B"=dword:2`), lines("2  A=dword 1", "5 key HKEY_USERS", "6  B=dword 2")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := show(strings.NewReader("[" + services + "]\n" + tt.in))
			doubts := "2 listed " + services + "\n" // see TestSetMissingOrNotAsked
			if diff := cmp.Diff(head+"\n"+tt.want, strings.Replace(got, doubts, "", 1)); diff != "" {
				t.Error(diff)
			}
			if again := show(iotest.OneByteReader(strings.NewReader("[" + services + "]\n" + tt.in))); again != got {
				t.Error("byte by byte:", again)
			}
		})
	}
}

// The question behind the package: was the value set, was it missing, or was its
// key not in the file at all?
func TestSetMissingOrNotAsked(t *testing.T) {
	path := services + `\RESvc\Parameters`
	tests := []struct{ name, in, want string }{
		{"set in an export", lines(version5Line, "["+path+"]", `"SuppressStateChanges"=dword:00000001`), "set 1"},
		{"missing in an export", lines(version5Line, "["+path+"]", `"Other"=dword:00000001`), "missing"},
		{"missing in an export of an empty key", lines(version5Line, "["+path+"]"), "missing"},
		{"damaged in an export", lines(version5Line, "["+path+"]", `"SuppressStateChanges"=dword:x`, `"B"=dword:1`), "not asked"},
		{"deleted by a file that is no export", lines(version5Line, "["+path+"]", `"SuppressStateChanges"=-`), "not asked"},
		{"in an export that is cut short", version5Line + "\n[" + path + "]\n\"Other\"=dword:1", "not asked"},
		{"in an export with a long line", lines(version5Line, "["+path+"]", `"A"="`+strings.Repeat("x", maxLine)+`"`), "not asked"},
		{"missing before another key that is damaged", lines(version5Line, "["+path+"]", "[HKEY_USERS]", "?"), "missing"},
		{"damaged as printed", lines(path, "    SuppressStateChanges    REG_DWORD    1", "    A    REG_SZ    x", "    B    REG_SZ    y"), "not asked"},
		{"damaged as printed behind others", lines(path, "    A    REG_SZ    x", "    B    REG_SZ    y", "    SuppressStateChanges    REG_DWORD    1"), "not asked"},
		{"in the result of a search", lines(path, "    A    REG_SZ    x", "    B    REG_SZ    y", "", "End of search: 2 match(es) found."), "not asked"},
		{"missing in what a console showed", lines(path, "    A    REG_SZ    x", "    B    REG_SZ    y", "") + `C:\>`, "missing"},
		{"another key in an export", lines(version5Line, "["+services+`\SMTPSVC]`), "not asked"},
		{"set in a control set", lines(version5Line, `[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\RESvc\Parameters]`, `"SUPPRESSSTATECHANGES"=dword:1`), "set 1"},
		{"set as printed", lines(path, "    SuppressStateChanges    REG_DWORD    0x0"), "set 0"},
		{"missing as printed", lines(path, "    A    REG_DWORD    0x1", "    B    REG_DWORD    0x1"), "missing"},
		{"one value of perhaps many printed", lines(path, "    A    REG_DWORD    0x1"), "not asked"},
		{"a subkey printed by name only", lines(services+`\RESvc`, "    A    REG_SZ    x", "    B    REG_SZ    y", "", path, services+`\RESvc\Performance`), "not asked"},
	}
	for _, tt := range tests {
		got := "not asked"
		for v := range Values(strings.NewReader(tt.in), nil) {
			switch {
			case !Under(v.Key, path):
			case v.Kind == "key":
				got = "missing"
			case v.Kind == "listed":
				got = "not asked"
			case v.Kind == "dword" && strings.EqualFold(v.Name, "SuppressStateChanges"):
				got = fmt.Sprint("set ", v.Number)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestQuery(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"Windows 2003", crlf("", "! REG.EXE VERSION 3.0", "", services+`\SMTPSVC\Queuing`, "    <NO NAME>\tREG_SZ\t", "    GlitchRetrySeconds\tREG_DWORD\t0x3c", ""),
			lines(`4 key `+services+`\SMTPSVC\Queuing`, `5  =string ""`, "6  GlitchRetrySeconds=dword 60")},
		{"later Windows", crlf("", services, "    (Default)    REG_SZ    (value not set)", "    A  b    REG_EXPAND_SZ    %SystemRoot%  x", "    Q    REG_QWORD    0x100000000",
			`    M    REG_MULTI_SZ    a\0b c\0`, "    B    REG_BINARY    0AFF", "    E    REG_BINARY    ", "    N    REG_NONE"),
			lines("2 key "+services, `4  A  b=expand "%SystemRoot%  x"`, "5  Q=qword 4294967296", `6  M=multi "a\nb c"`, `7  B=binary "0aff"`, `8  E=binary ""`, `9  N=binary ""`)},
		{"another computer", lines(`\\EX03A\HKEY_LOCAL_MACHINE\SYSTEM\Select`, "    Current    REG_DWORD    0x1"),
			lines(`1 listed EX03A HKEY_LOCAL_MACHINE\SYSTEM\Select`, "2  Current=dword 1")},
		{"names of subkeys", lines(services, services+`\A`, services+`\B`, ""), lines("1 listed "+services, "2 listed "+services+`\A`, "3 listed "+services+`\B`)},
		{"copied off a console", lines(`C:\>reg query HKLM\SYSTEM\Select`, "", `HKEY_LOCAL_MACHINE\SYSTEM\Select`, "    Current    REG_DWORD    0x1", "    Failed    REG_DWORD    0x0", "", `C:\>`),
			lines(`3 key HKEY_LOCAL_MACHINE\SYSTEM\Select`, "4  Current=dword 1", "5  Failed=dword 0")},
		{"a search", lines(services, "    A    REG_SZ    x", "", "End of search: 1 match(es) found."), lines(
			"! 4 the result of a search: what it does not show may still be set; give the output of reg query KEY /s", "1 listed "+services, `2  A=string "x"`)},
		{"damaged values", lines(services, "    A    REG_DWORD    7", "    B    REG_DWORD    0x1ffffffff", "    C    REG_BINARY    0", "    D REG_SZ x", "    E", "    REG_SZ    REG_SZ    x"),
			lines("! 2 not a number as reg query prints it (0x1f): left out", "! 3 not a number as reg query prints it (0x1f): left out", "! 4 damaged hexadecimal digits: left out",
				"! 5 neither a key nor a value: left out; was all of the value on one line?", "! 6 neither a key nor a value: left out; was all of the value on one line?",
				"1 listed "+services, `7  REG_SZ=string "x"`)},
		{"a value before any key", lines("! REG.EXE VERSION 3.0", "    A    REG_SZ    x"), "! 2 a value before any key: left out\n"},
		{"cut short", services + "\n    A    REG_SZ    x", lines("! 2 the file ends inside this line; its value may be cut short", "1 listed "+services, `2  A=string "x"`)},
		{"an export behind it", lines(services, "    A    REG_SZ    x", "REGEDIT4", "[HKEY_USERS]"), lines("1 listed "+services, `2  A=string "x"`, "4 key HKEY_USERS")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.in, tt.want) })
	}
}

func TestSniff(t *testing.T) {
	tests := []struct {
		head string
		want bool
	}{
		{"", false},
		{"REGEDIT4\r\n", true},
		{wideText(version5Line+"\r\n", true, false), true},
		{"; a note\n\n" + version5Line + "\n", true},
		{"\r\n! REG.EXE VERSION 3.0\r\n", true},
		{"\r\n" + services + "\r\n", true},
		{`\\EX03A\HKEY_LOCAL_MACHINE\SYSTEM`, true},
		{"C:\\Temp>reg query HKLM\\SYSTEM /s\n\nHKEY_LOCAL_MACHINE\\SYSTEM\n", true},
		{"[HKEY_LOCAL_MACHINE\\SYSTEM]\n\"A\"=dword:1\n", true},
		{"[settings]\nkey=value\n", false},
		{"HKEY_ is how keys begin\n", false},
		{"Please look at\nHKEY_LOCAL_MACHINE\\SYSTEM\n", false},
		{"dn: DC=x\n", false},
		{"<xml/>", false},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.head)); got != tt.want {
			t.Errorf("%q: %v", tt.head, got)
		}
	}
}

func TestUnder(t *testing.T) {
	tests := []struct {
		key, path string
		want      bool
	}{
		{services + `\RESvc`, services, true},
		{services, services, true},
		{services, services + `\`, true},
		{services + `X`, services, false},
		{services, services + `\RESvc`, false},
		{strings.ToLower(services), `HKLM\System\CurrentControlSet\Services`, true},
		{`\\EX03A\` + services, `HKLM\SYSTEM`, true},
		{`HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services`, services, true},
		{services, `HKLM\SYSTEM\controlset001`, true},
		{`HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Services`, services, false},
		{`HKEY_LOCAL_MACHINE\SOFTWARE\ControlSet001`, `HKLM\SOFTWARE\CurrentControlSet`, false},
		{`HKEY_CURRENT_USER\X`, `HKCU\x`, true},
		{`HKEY_USERS\X`, `HKU`, true},
		{`HKEY_USERS`, `HKCR`, false},
		{`HKEY_CURRENT_CONFIG`, `HKCC`, true},
		{"", services, false},
	}
	for _, tt := range tests {
		if got := Under(tt.key, tt.path); got != tt.want {
			t.Errorf("Under(%q, %q): %v", tt.key, tt.path, got)
		}
	}
}

func TestBounds(t *testing.T) {
	key := "[" + services + "]"
	big, step := strings.Repeat("x", maxValue+1), strings.Repeat("k", maxKey)
	hex := strings.Repeat("00,", maxValue+1)
	got := show(strings.NewReader(lines(key, `"A"="`+big+`"`, `"B"=hex:`+hex, `"C"="`+strings.Repeat("x", maxLine)+`"`, `"`+step+`x"=dword:1`, `"D"=dword:1`,
		`[HKEY_USERS\`+step+`]`, `"E"=dword:1`, key, `"F"=dword:2`, "REGEDIT4", "! REG.EXE VERSION 3.0", services, "    G    REG_SZ    "+big, "    H    REG_DWORD    0x1")))
	want := lines("1 key "+services, "! 2 a value larger than 1 MiB: left out", "2 listed "+services, "! 3 a value larger than 1 MiB: left out", "! 4 a line longer than 4 MiB: left out",
		"! 5 a damaged name of a value: left out", "6  D=dword 1", "! 7 the path of a key is longer than 32 KiB: left out with its values", "9 key "+services, "10  F=dword 2",
		"! 14 a value larger than 1 MiB: left out", "13 listed "+services, "15  H=dword 1")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var last Problem
	n := 0
	for range Values(strings.NewReader(key+"\n"+strings.Repeat("?\n", 5000)), func(p Problem) { last, n = p, n+1 }) {
	}
	if want := (Problem{5001, "4000 more problems up to here are not listed"}); last != want || n != maxProblems+1 {
		t.Error(last, n)
	}
}

// An open quotation mark makes every line that follows a part of the text; the
// time it takes must grow with the file, not with its square.
func TestOpenMarkIsQuick(t *testing.T) {
	in := "[" + services + "]\n\"A\"=\"" + strings.Repeat("\n", maxValue-1) + "\"\n\"B\"=dword:1\n"
	n := 0
	for v := range Values(strings.NewReader(in), func(p Problem) { t.Error(p) }) {
		n += len(v.Text)
	}
	if n != maxValue-1 {
		t.Error(n, "bytes")
	}
}

func TestReadingStops(t *testing.T) {
	in := io.MultiReader(strings.NewReader("["+services+"]\n\"A\"=dword:1\n"), iotest.ErrReader(errors.New("the disk is gone")))
	if diff := cmp.Diff(lines("1 key "+services, "2  A=dword 1", "! 2 reading stopped: the disk is gone"), show(in)); diff != "" {
		t.Error(diff)
	}
	for range Values(strings.NewReader(lines(services, "    A    REG_SZ    x", "    B    REG_SZ    y")), nil) {
		break // the header; the values that waited behind it must not be forced on the caller
	}
}
