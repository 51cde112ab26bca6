package exlog

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzSplitter reads rows that encoding/csv can read as it does.
func FuzzSplitter(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "\"a,\"\"b\",\"c\nd\"\r\n,\r\n", "a,\"\n\n\"\n", "a,b\r\n\r\n\"\",\"\"\"\"", strings.Repeat("a,", 70) + "\n", "a,\"" + strings.Repeat("\"\"", 70) + "\"\n", "a,b\rc\n", "\"a\n\",b\nc,d\r",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(against)
}

// FuzzReader holds the reader to what it promises for any input: it ends, its
// rows lie in the input one behind the other, and neither the chunks that the
// input comes in nor the columns that are asked for change them.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		head3 + day1 + ",\"x\"\"\",y\n", head3 + day1 + ",\"x\n" + day2 + ",x,y", "\uFEFF" + head2003 + row2003, headIIS + fieldsIIS + "2006-10-05 23:50:01 - - SMTPSVC1 QUIT - 240 \r\n",
		"#Fields: time x\n3:4:5 -\n", head3 + "\x00\x00" + head3 + day1 + ",x\x00,y\n", openRow + sendRow, trackingRow(27), connectRow, "\xFF\xFE\x00", "#Fields: ,\n\"\n\n#\n,",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		promises(t, in)
		if show(bytes.NewReader(in)) != show(iotest.OneByteReader(bytes.NewReader(in))) {
			t.Errorf("%q: another reading byte by byte", in)
		}
		columns(t, in, []string{"date-time", "a", "z", "event", "Time", "sender-address"})
		Sniff(in)
	})
}

func promises(t *testing.T, in []byte) {
	r := newReader(bytes.NewReader(in), nil, 64)
	end, line, rows := int64(0), int64(0), int64(0)
	for r.Next() {
		at, row := r.Offset(), r.Row()
		if at < end || r.Line() <= line && in[at-1] != 0 || !bytes.HasPrefix(in[at:], row) || len(row) == 0 {
			t.Fatalf("%q: row %q at %d, line %d, behind %d, line %d", in, row, at, r.Line(), end, line)
		}
		end, line = at+int64(len(row)), r.Line()
		rows++
		r.Time()
	}
	if rows+r.Skipped() > int64(bytes.Count(in, []byte("\n"))+bytes.Count(in, []byte{0}))+1 || len(r.Problems()) > maxProblems+1 {
		t.Errorf("%q: %d rows, %d skipped, %d problems", in, rows, r.Skipped(), len(r.Problems()))
	}
}

// FuzzTime holds both readers of times to the standard library's.
func FuzzTime(f *testing.F) {
	f.Add([]byte(day1), []byte("3:04:05 GMT"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		sameTime(t, a)
		ParseDateTime(a, b)
	})
}

func TestTimeOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 200000 {
		b := []byte(day1)
		for range 1 + r.IntN(2) {
			b[r.IntN(len(b))] = "0123456789-:.TZ +"[r.IntN(17)]
		}
		sameTime(t, b)
	}
}
