package exlog

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// lines joins what stands on lines of its own.
func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

// show writes what a reader makes of a file, one row a line, the problems behind.
func show(in io.Reader, want ...string) string {
	var b strings.Builder
	r := newReader(in, want, 64) // a small buffer meets more ends of it
	kind := Kind("none")
	for r.Next() {
		if h := r.Header(); h.Kind != kind {
			kind = h.Kind
			fmt.Fprintf(&b, "[%s]\n", kind)
		}
		fmt.Fprint(&b, r.Line())
		for i := range r.Len() {
			if f := r.Field(i); f == nil {
				b.WriteString(" nil")
			} else {
				fmt.Fprintf(&b, " %q", f)
			}
		}
		b.WriteString("\n")
	}
	for _, p := range r.Problems() {
		fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What)
	}
	if r.Skipped() > 0 {
		fmt.Fprintf(&b, "skipped %d\n", r.Skipped())
	}
	if r.Err() != nil {
		fmt.Fprintln(&b, r.Err())
	}
	return b.String()
}

const (
	day1  = "2026-01-02T03:04:05.678Z"
	day2  = "2026-01-02T03:04:06.000Z"
	head3 = "#Software: Microsoft Exchange Server\n#Version: 15.0.0.0\n#Log-Type: Some Log\n#Fields: date-time,a,b\n"
)

func TestRows(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"header only", head3, ""},
		{"rows", head3 + day1 + ",x,y\n" + day2 + ",,\n", lines("[]", `5 "`+day1+`" "x" "y"`, `6 "`+day2+`" "" ""`)},
		{"CRLF, mark and empty lines", "\uFEFF" + strings.ReplaceAll(head3+"\n"+day1+",x,y\n", "\n", "\r\n"), lines("[]", `6 "`+day1+`" "x" "y"`)},
		{"quotes", head3 + day1 + `,"x, ""y""",""` + "\n" + day1 + `,"""","a"` + "\n", lines("[]", `5 "`+day1+`" "x, \"y\"" ""`, `6 "`+day1+`" "\"" "a"`)},
		{"a mark inside a value", head3 + day1 + `,19" rack,"q"` + "\n", lines("[]", `5 "`+day1+`" "19\" rack" "q"`)},
		{"line end in a value", head3 + day1 + ",\"1\r\n2\n\n3\",y\n" + day2 + ",,\n", lines("[]", `5 "`+day1+`" "1\r\n2\n\n3" "y"`, `9 "`+day2+`" "" ""`)},
		{"line end in two values", head3 + day1 + ",\"1\n2\",\"3\n4\"\n" + day2 + ",,\n", lines("[]", `5 "`+day1+`" "1\n2" "3\n4"`, `8 "`+day2+`" "" ""`)},
		{"a number sign begins a line of a value", head3 + day1 + ",\"1\n#2\",y\n", lines("[]", `5 "`+day1+`" "1\n#2" "y"`)},
		{"an open mark costs its row", head3 + day1 + ",\"x,y\n" + day2 + ",\"x\",y\n", lines("[]", `6 "`+day2+`" "x" "y"`,
			"! 5 a quotation mark is never closed: left out", "skipped 1")},
		{"an open mark before a header", head3 + day1 + ",\"x,y\n" + head3 + day2 + ",\"x\",y\n", lines("[]", `10 "`+day2+`" "x" "y"`,
			"! 5 a quotation mark is never closed: left out", "skipped 1")},
		{"an open mark that a later row seems to close", head3 + day1 + ",x,\"y\n" + day2 + ",x,19\"\n", lines("[]", `6 "`+day2+`" "x" "19\""`,
			"! 5 a quotation mark is never closed: left out", "skipped 1")},
		{"an open mark that a header seems to close", head3 + day1 + ",x,\"y\n#Software: 19\"\n" + day2 + ",x,y\n", lines("[]", `7 "`+day2+`" "x" "y"`,
			"! 5 a quotation mark is never closed: left out", "skipped 1")},
		{"two lines with too few values", head3 + day1 + ",\"x\ny\"\n" + day2 + ",x,y\n", lines("[]", `7 "`+day2+`" "x" "y"`,
			"! 5 has 2 fields where the header names 3: left out", "skipped 1")},
		{"a mark second in its row", "#Fields: a,b\nx\"y,z\n", lines("[]", `2 nil "x\"y" "z"`)},
		{"text behind a mark", head3 + day1 + `,"x"z,y` + "\n" + day2 + ",x,y\n", lines("[]", `6 "`+day2+`" "x" "y"`,
			"! 5 text behind a closing quotation mark: left out", "skipped 1")},
		{"too few, too many", head3 + day1 + ",x\n" + day1 + ",x,y,z\n" + day2 + ",x,y,,\n", lines("[]", `7 "`+day2+`" "x" "y"`,
			"! 5 has 2 fields where the header names 3: left out", "! 6 has 4 fields where the header names 3: left out", "skipped 2")},
		{"no time", head3 + "x,y,z\n" + day2 + ",x,y\n", lines("[]", `6 "`+day2+`" "x" "y"`, "! 5 does not begin with a time: left out", "skipped 1")},
		{"torn in the last value", head3 + day1 + ",x,y", lines("[]", `5 "`+day1+`" "x" "y"`, "! 5 the file ends inside this line; its last value may be cut short")},
		{"torn", head3 + day1 + ",x", lines("! 5 the file ends inside this line: left out", "skipped 1")},
		{"torn in quotes", head3 + day1 + ",x,\"y\nz", lines("! 5 a quotation mark is never closed: left out", "! 6 does not begin with a time: left out", "skipped 2")},
		{"no header", day1 + ",x,y\n" + head3 + day2 + ",x,y\n", lines("[]", `6 "`+day2+`" "x" "y"`,
			"! 1 no #Fields line before it, and the columns are not clear from its shape: left out", "skipped 1")},
		{"another header", head3 + day1 + ",x,y\n#Fields: date-time,c,b,a\n" + day2 + ",z,y,x\n#Fields: date-time,c\n" + day2 + ",z\n",
			lines("[]", `5 "`+day1+`" "x" "y"`, `7 "`+day2+`" "x" "y"`, `9 "`+day2+`" nil nil`)},
		{"a comma behind the names", "#Fields: date-time, a ,b,\n" + day1 + ",x,y,\n" + day2 + ",x,y\n", lines("[]", `2 "`+day1+`" "x" "y"`, `3 "`+day2+`" "x" "y"`)},
		{"zero bytes behind", head3 + day1 + ",x,y\n\x00\x00\x00", lines("[]", `5 "`+day1+`" "x" "y"`, "! 6 3 zero bytes, as a crash leaves them")},
		{"zero bytes before a header", head3 + day1 + ",x,y\n\x00\x00" + head3 + day2 + ",x,y\n",
			lines("[]", `5 "`+day1+`" "x" "y"`, `10 "`+day2+`" "x" "y"`, "! 6 2 zero bytes, as a crash leaves them")},
		{"zero bytes inside a row", head3 + day1 + ",x\x00\x00\r\n" + day2 + ",x,y\x00z\n" + day2 + ",x,y\n", lines("[]", `7 "`+day2+`" "x" "y"`,
			"! 5 zero bytes break this line off: left out", "! 5 2 zero bytes, as a crash leaves them",
			"! 6 zero bytes break this line off: left out", "! 6 1 zero bytes, as a crash leaves them", "! 6 does not begin with a time: left out", "skipped 3")},
		{"zero bytes where a value goes on", head3 + day1 + ",\"x\n\x00\x00\"\n" + day2 + ",x,y\n", lines("[]", `7 "`+day2+`" "x" "y"`,
			"! 5 a quotation mark is never closed: left out", "! 6 2 zero bytes, as a crash leaves them", "! 6 does not begin with a time: left out", "skipped 2")},
		{"bytes that differ from a comma in one bit", head3 + day1 + ",€\xAC.-(,\x0C\x6C\n", lines("[]", `5 "`+day1+`" "€\xac.-(" "\fl"`)},
		{"ANSI stays", head3 + day1 + ",K\xF6ln,\xFF\n", lines("[]", `5 "`+day1+`" "K\xf6ln" "\xff"`)},
		{"UTF-16", "\xFF\xFE#\x00F\x00i\x00\n\x00", "the log is UTF-16 text: convert it to UTF-8 first\n"},
		{"a header of nothing", head3 + "#Fields:\n" + day1 + ",x,y\n", lines("! 5 0 columns: this header is not used, and the rows below it are left out",
			"! 6 no #Fields line before it, and the columns are not clear from its shape: left out", "skipped 1")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(strings.NewReader(tt.in), "Date-Time", "a", "b")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.want, show(iotest.OneByteReader(strings.NewReader(tt.in)), "Date-Time", "a", "b")); diff != "" {
				t.Error("byte by byte:", diff)
			}
		})
	}
}

// What the reader tells of a file and of a row besides its fields.
func TestHeader(t *testing.T) {
	in := "\uFEFF" + head3 + "#Date: 2026-01-02T00:00:00.000Z\r\n" + day1 + ",\"x\",y\r\n"
	r := NewReader(strings.NewReader(in), nil)
	if !r.Next() {
		t.Fatal(r.Problems())
	}
	want := Header{Software: "Microsoft Exchange Server", Version: "15.0.0.0", LogType: "Some Log", Date: "2026-01-02T00:00:00.000Z", Fields: []string{"date-time", "a", "b"}}
	if diff := cmp.Diff(want, r.Header()); diff != "" {
		t.Error(diff)
	}
	if row := day1 + `,"x",y`; string(r.Row()) != row || r.Offset() != int64(strings.Index(in, row)) || r.Line() != 6 {
		t.Errorf("%q at %d, line %d", r.Row(), r.Offset(), r.Line())
	}
	if at, ok := r.Time(); !ok || at != 1767323045678e6 {
		t.Error(at, ok)
	}
	if r.Next() || r.Err() != nil {
		t.Error(r.Err())
	}
}

// A row that a failing disk cut short is not a row, and the failure is told.
func TestReadError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(head3+day1+",x,y\n"+day2+",x"), iotest.ErrReader(errors.New("the disk is gone")))
	want := lines("[]", `5 "`+day1+`" "x" "y"`, "! 6 the file ends inside this line: left out", "skipped 1", "the disk is gone")
	if diff := cmp.Diff(want, show(broken)); diff != "" {
		t.Error(diff)
	}
	if r := NewReader(silent{}, nil); r.Next() || r.Err() != io.ErrNoProgress {
		t.Error(r.Err())
	}
}

type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

// A long row is read; one beyond the bound is left out, in bounded memory, and
// the next one is there. So it is behind zero bytes of any number.
func TestBounds(t *testing.T) {
	long, beyond := strings.Repeat("x", maxLine-40), strings.Repeat("x", 3*maxLine)
	r := NewReader(strings.NewReader(head3+day1+","+long+",\n"+day1+","+beyond+",\n"+day1+",\""+beyond+"\",\n"+
		strings.Repeat("\x00", 3*maxLine)+day2+",z,\n"+beyond+"\x00\x00"+head3+day2+",end,"), []string{"a"})
	var got []string
	for r.Next() {
		got = append(got, fmt.Sprint(r.Line(), " ", string(r.Field(0)[:1]), " ", len(r.Field(0))))
	}
	want := []string{fmt.Sprint("5 x ", len(long)), "8 z 1", "13 e 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	problems := []Problem{{6, "longer than 1 MiB: left out"}, {7, "longer than 1 MiB: left out"}, {8, "3145728 zero bytes, as a crash leaves them"},
		{9, "longer than 1 MiB: left out"}, {9, "2 zero bytes, as a crash leaves them"}, {13, "the file ends inside this line; its last value may be cut short"}}
	if diff := cmp.Diff(problems, r.Problems()); diff != "" {
		t.Error(diff)
	}
	if len(r.buf) > maxLine+block || r.Skipped() != 3 {
		t.Error(len(r.buf), "bytes,", r.Skipped(), "skipped")
	}
}

func TestManyProblems(t *testing.T) {
	r := NewReader(strings.NewReader(head3+strings.Repeat("x\n", 5000)), nil)
	if r.Next() || r.Skipped() != 5000 || len(r.Problems()) != maxProblems+1 {
		t.Error(r.Skipped(), len(r.Problems()))
	}
	want := Problem{104, "4900 more problems behind this line are not listed"}
	if got := r.Problems()[maxProblems]; got != want {
		t.Error(got)
	}
	wide := "#Fields: date-time" + strings.Repeat(",x", maxColumns) + "\n"
	got := show(strings.NewReader(wide + "#" + strings.Repeat("x", maxHeader) + "\n"))
	if want := lines("! 1 257 columns: this header is not used, and the rows below it are left out", "! 2 a header line of 16385 bytes is not read"); got != want {
		t.Error(got)
	}
}

// A row as wide as a table may be, with more behind: no place runs out.
func TestWidest(t *testing.T) {
	in := "#Fields: date-time" + strings.Repeat(",x", maxColumns-1) + "\n" + day1
	for _, surplus := range []int{0, 1, 200, 5000} {
		r := NewReader(strings.NewReader(in+strings.Repeat(",", maxColumns-1+surplus)+"\n"), nil)
		if got, want := r.Next(), surplus == 0; got != want {
			t.Errorf("%d commas more: %v, %v", surplus, got, r.Problems())
		}
	}
}
