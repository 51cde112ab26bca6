package exlog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"mailflow/internal/exlog/exlogtest"
)

// chunks gives an input in pieces of random length.
type chunks struct {
	rand *rand.Rand
	in   io.Reader
}

func (c chunks) Read(p []byte) (int, error) {
	return c.in.Read(p[:min(len(p), c.rand.IntN(1<<c.rand.IntN(12)))])
}

// damaged is a log of some files with all that may happen to one.
func damaged(r *rand.Rand) string {
	pieces := []string{",", ",", ",", ",,,,", "x", "connector", `"a,b"`, `"say ""hi"""`, `"`, "\"1\n2\"", "\n", "\n", "\r\n", "\x00\x00", " ", "\t", "-", "\uFEFF",
		day1 + ",", day2 + ",", head3, "#Fields: date-time,x,y,z\n", "#Fields: date time cs-method\n", head2003, row2003, sendRow, connectRow,
		trackingRow(21), trackingRow(30), "#", logType("Message Tracking Log", tracking2010), trackingRow(26), strings.Repeat("long ", 90), head3 + day1 + ",x,y\n"}
	var b strings.Builder
	for range r.IntN(60) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// However the input arrives, the rows and the problems are the same.
func TestChunks(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(1, seed))
		in := damaged(r)
		want := show(strings.NewReader(in))
		for name, again := range map[string]io.Reader{"chunks": chunks{r, strings.NewReader(in)}, "end with the data": iotest.DataErrReader(strings.NewReader(in))} {
			if diff := cmp.Diff(want, show(again)); diff != "" {
				t.Fatalf("seed %d, %s: %s\n%q", seed, name, diff, in)
			}
		}
	}
}

// Columns that are asked for are those of the whole table.
func TestColumns(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(2, seed))
		columns(t, []byte(damaged(r)), []string{"date-time", "z", "no such", "Y", "event-id", "MSGID", "cs-method", "a", "data", "z"}[r.IntN(10):])
	}
}

// columns reads an input with some columns, of which half are asked for often, and
// with all.
func columns(t *testing.T, in []byte, want []string) {
	some, all := NewReader(bytes.NewReader(in), want).Often(len(want)/2), newReader(bytes.NewReader(in), nil, 1)
	for all.Next() {
		if !some.Next() {
			t.Fatalf("%q: a row less: %v", in, some.Problems())
		}
		compare(t, some, all, want)
	}
	if some.Next() {
		t.Fatalf("%q: a row more", in)
	}
	if diff := cmp.Diff(all.Problems(), some.Problems()); diff != "" {
		t.Fatalf("%q: %s", in, diff)
	}
}

func compare(t *testing.T, some, all *Reader, want []string) {
	t.Helper()
	if diff := cmp.Diff(all.Header(), some.Header()); diff != "" || some.Line() != all.Line() || some.Offset() != all.Offset() || !bytes.Equal(some.Row(), all.Row()) {
		t.Fatalf("line %d and %d: %s", some.Line(), all.Line(), diff)
	}
	for i, name := range want {
		got, c := some.Field(i), column(all.Header().Fields, name)
		if c < 0 && got != nil || c >= 0 && (got == nil || !bytes.Equal(got, all.Field(int(c)))) {
			t.Fatalf("line %d, %s: %q of %q", some.Line(), name, got, some.Row())
		}
	}
	at, ok := some.Time()
	if again, okAgain := all.Time(); at != again || ok != okAgain {
		t.Fatalf("line %d: %d %v, %d %v", some.Line(), at, ok, again, okAgain)
	}
}

// oracle reads what encoding/csv reads without complaint: at least two columns,
// of values whose line ends it has made line feeds.
func oracle(in []byte) [][]string {
	r := csv.NewReader(bytes.NewReader(in))
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 || len(all[0]) < 2 || len(all[0]) > maxColumns {
		return nil
	}
	return all
}

// against holds the reader to what encoding/csv makes of the same rows.
func against(t *testing.T, in []byte) {
	want := oracle(in)
	if want == nil || bytes.ContainsAny(in, "\x00#\uFEFF") || tall(want) {
		return // not well formed, or with a meaning that only a log gives it
	}
	head := "#Fields: " + strings.Repeat("x,", len(want[0])-1) + "x\n"
	r := newReader(strings.NewReader(head+string(in)), nil, 64)
	for _, row := range want {
		if !r.Next() {
			t.Fatalf("%q: no row %q: %v", in, row, r.Problems())
		}
		for i := range row {
			if got := strings.ReplaceAll(string(r.cell(int32(i))), "\r\n", "\n"); got != row[i] {
				t.Fatalf("%q: field %d is %q, want %q", in, i, got, row[i])
			}
		}
	}
	if r.Next() || r.Skipped() > 0 {
		t.Fatalf("%q: another row %q, %v", in, r.Row(), r.Problems())
	}
}

// tall says that a row spans more lines than the reader follows.
func tall(rows [][]string) bool {
	for _, row := range rows {
		if strings.Count(strings.Join(row, ""), "\n") >= maxLines {
			return true
		}
	}
	return false
}

func TestOracle(t *testing.T) {
	values := []string{"", "", "x", "connector", "a,b", `"`, `say "hi"`, "1\n2", "1\r\n2", " ", "é", "€", strings.Repeat("long ", 40)}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(3, seed))
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = r.IntN(2) == 0
		for columns := 2 + r.IntN(40); b.Len() < 2000; w.Flush() {
			row := make([]string, columns)
			for i := range row {
				row[i] = values[r.IntN(len(values))]
			}
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if oracle(b.Bytes()) == nil {
			t.Fatalf("seed %d: the oracle cannot read its own: %q", seed, b.Bytes())
		}
		against(t, b.Bytes())
	}
}

// What the generator writes is whole, in the order of time, the same each time,
// and read as encoding/csv reads it.
func TestGenerated(t *testing.T) {
	data := tracking(t, 3e6)
	if again := tracking(t, 3e6); !bytes.Equal(data, again) {
		t.Error("not the same again")
	}
	peer := csv.NewReader(bytes.NewReader(data))
	peer.Comment = '#'
	last, events := int64(0), map[string]int{}
	r := NewReader(bytes.NewReader(data), nil)
	for r.Next() {
		row, err := peer.Read()
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range row {
			if got := string(r.Field(i)); got != want {
				t.Fatalf("line %d, field %d: %q, want %q", r.Line(), i, got, want)
			}
		}
		at, ok := r.Time()
		if !ok || at < last {
			t.Fatalf("line %d: %d behind %d", r.Line(), at, last)
		}
		last = at
		events[string(r.Field(8))]++
	}
	if len(r.Problems()) > 0 || r.Header().Kind != Tracking || len(events) < 6 {
		t.Error(r.Problems(), r.Header().Kind, events)
	}
}

func TestGeneratorFails(t *testing.T) {
	if _, err := exlogtest.Tracking(full{}, 1, 3e6); err == nil {
		t.Error("a full disk goes unnoticed")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("full") }

// Reading costs no allocation a row.
func TestAllocations(t *testing.T) {
	data := tracking(t, 1e6)
	r := NewReader(bytes.NewReader(data), []string{"message-subject"})
	for r.Next() {
		r.Field(0)
	}
	if n := cap(r.scratch); n == 0 || n > 100 {
		t.Error(n, "bytes for values whose quotation marks were doubled")
	}
	got := testing.AllocsPerRun(3, func() {
		sum := 0
		for r := NewReader(bytes.NewReader(data), wanted()); r.Next(); {
			sum += len(r.Field(3))
		}
		if sum == 0 {
			t.Error("no connector")
		}
	})
	if got > 100 {
		t.Error(got, "allocations for", bytes.Count(data, []byte("\n")), "rows")
	}
}
