package ldif

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestCSV(t *testing.T) {
	export := lines("DN,objectClass,cn,schedule", `"CN=A,DC=x",top;msExchConnector,Überseegroße,X'00ff'`, `"CN=B,DC=x",top,"says ""hi"", 𝄞",`)
	exported := lines("2 CN=A,DC=x", `  objectClass="top"`, `  objectClass="msExchConnector"`, `  cn="Überseegroße"`, `  schedule="\x00\xff"`,
		"3 CN=B,DC=x", `  objectClass="top"`, `  cn="says \"hi\", 𝄞"`)
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"header only", "DN,a\n", ""},
		{"UTF-8", export, exported},
		{"UTF-8 with mark", "\uFEFF" + export, exported},
		{"CRLF", strings.ReplaceAll(export, "\n", "\r\n"), exported},
		{"UTF-16LE", wideText(export, true, false), exported},
		{"UTF-16BE", wideText(export, true, true), exported},
		{"ANSI", "DN,a\nCN=K\xF6ln,5 \x80\n", lines("2 CN=Köln", `  a="5 €"`)},
		{"DN elsewhere", "a, dn ,b\n1,x,2\n", lines("2 x", `  a="1"`, `  b="2"`)},
		{"semicolons", "DN,a\nx,\"SMTP:*\\;1;b;;\\,c\\\"\nx;y,\n", lines("2 x", `  a="SMTP:*;1"`, `  a="b"`, `  a="\\,c\\"`, "3 x;y")},
		{"many binary values", "DN,a\nx,X'00';X'01'\n", lines("2 x", `  a="\x00"`, `  a="\x01"`)},
		{"no binary", "DN,a\nx,X';X'0';X'0g'\n", lines("! 2 damaged hexadecimal digits: left out", "! 2 damaged hexadecimal digits: left out", "2 x", `  a="X'"`)},
		{"line feed in a value", "DN,a,b\nx,\"1\n2\",3\ny,,\n", lines("2 x", `  a="1\n2"`, `  b="3"`, "4 y")},
		{"marks inside", "DN,a,b\nx,19\" rack,\"q\"z\ny,2,3\n", lines("2 x", `  a="19\" rack"`, `  b="qz"`, "3 y", `  a="2"`, `  b="3"`)},
		{"open mark", "DN,a,b\nx,1,\"2\ny,2,3\nz,4,5\n", lines("! 2 a quotation mark is never closed: the rest of this line is left out", "2 x", `  a="1"`, "3 y", `  a="2"`, `  b="3"`, "4 z", `  a="4"`, `  b="5"`)},
		{"torn", "DN,a,b\nx,1,2\ny,1", lines("2 x", `  a="1"`, `  b="2"`, "! 3 the file ends inside this line; its value may be cut short", "3 y", `  a="1"`)},
		{"torn in quotes", "DN,a,b\ny,1,\"2", lines("! 2 a quotation mark is never closed: the rest of this line is left out", "2 y", `  a="1"`)},
		{"too few and too many", "DN,a\nx\n\nx,1,2\n,1\n\"\"\n", lines("! 2 another number of fields than the first line has columns", "2 x",
			"! 4 another number of fields than the first line has columns", "4 x", `  a="1"`, "! 5 a line without a DN: left out",
			"! 6 another number of fields than the first line has columns", "! 6 a line without a DN: left out")},
		{"no DN", "Name,a\nx,1\n", "! 1 no column DN: not what csvde writes\n"},
		{"bad columns", "DN,,a b,c\nx,1,2,3\n", lines("! 1 a column without the name of an attribute: left out", "! 1 a column without the name of an attribute: left out", "2 x", `  c="3"`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(CSV, strings.NewReader(tt.in))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.want, show(CSV, iotest.OneByteReader(strings.NewReader(tt.in)))); diff != "" {
				t.Error("byte by byte:", diff)
			}
		})
	}
}

// A mark that stays open costs its own line, not those behind it.
func TestOpenMark(t *testing.T) {
	rows := strings.Repeat("x,1\n", 3*maxLines)
	n := 0
	for e := range CSV(strings.NewReader("DN,a\ny,\"2\n"+rows), nil) {
		if n++; e.Line != n+1 {
			t.Fatalf("entry %d stands on line %d", n, e.Line)
		}
	}
	if n != 1+3*maxLines {
		t.Error(n, "entries")
	}
}

func TestCSVBounds(t *testing.T) {
	big := strings.Repeat("x", maxEntry-8)
	got := show(CSV, strings.NewReader("DN,a\nx,"+big+"\nx,"+big+big+"\ny,1\n"))
	if want := lines("2 x", fmt.Sprintf("  a=%q", big), "! 3 longer than 16 MiB: left out", "4 y", `  a="1"`); got != want {
		t.Errorf("a long line: %d bytes, %.300q", len(got), strings.ReplaceAll(got, big, "BIG"))
	}
	for e := range CSV(strings.NewReader("DN,a\nx,"+strings.Repeat("b;", maxValues+2)+"\n"), nil) {
		if n := len(e.Get("a")); n != maxValues {
			t.Error(n, "values")
		}
	}
}

func TestSniff(t *testing.T) {
	tests := []struct{ head, want string }{
		{"", ""},
		{"dn: DC=x\r\nchangetype: add\r\n", "ldif"},
		{"dn:: REM9eA==\n", "ldif"},
		{"\uFEFF# comment\n\nversion: 1\n", "ldif"},
		{wideText("dn: DC=x\n", true, false), "ldif"},
		{wideText("dn: DC=x\n", false, false), "ldif"},
		{"torn: off\nb: c\n\ndn: DC=x\n folded\nobjectClass: top\n", "ldif"},
		{"DN,objectClass,cn\n", "csvde"},
		{wideText("DN,objectClass,msExchRouting", true, false), "csvde"},
		{"DN,objectClass,", "csvde"},
		{"\"DN\",\"cn\"\r\n", "csvde"},
		{"DN\n", ""},
		{"DN,some words,cn\n", ""},
		{"dn: down\nup: up\n", ""},
		{"version: 2.0\n", ""},
		{"#Fields: date,time\n", ""},
		{"Name,DN\n", ""},
		{"\x1f\x8b\x08\x00", ""},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.head)); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.head, got, tt.want)
		}
	}
}
