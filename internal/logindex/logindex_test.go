package logindex

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// A written log has a header now and then, and rows of several lines.
type written struct {
	text string
	rows []row
}

type row struct {
	key    uint32
	line   int64
	text   string
	header bool
}

func write(r *rand.Rand, x *Index, keys uint32) written {
	var w written
	line := int64(1)
	for range 2000 {
		one := row{key: key(r.Uint32N(keys)), line: line, header: r.IntN(300) == 0}
		one.text = fmt.Sprintf("%d %s\n%s", line, strings.Repeat("x", r.IntN(80)), strings.Repeat("more\n", r.IntN(20)/19))
		if one.header {
			one.text = fmt.Sprintf("#%d\n", line)
			x.Header()
		} else {
			x.Row(int64(len(w.text)), line)
			x.Add(one.key)
		}
		line += int64(strings.Count(one.text, "\n"))
		w.text += one.text
		w.rows = append(w.rows, one)
	}
	return w
}

// key is the hash of a message.
func key(n uint32) uint32 { return n * 2654435761 }

// Every row about a message that is sought is among those found, every header too,
// and each line is known by its number.
func TestFind(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		room := int64(r.IntN(12000))
		x := newIndex(&room, 1+r.Int64N(2000))
		w := write(r, x, 1+r.Uint32N(3000))
		wanted := []uint32{w.rows[r.IntN(len(w.rows))].key, w.rows[0].key, 77}
		s := x.Find(wanted, int64(len(w.text)))
		text, err := io.ReadAll(s.Reader(strings.NewReader(w.text)))
		if err != nil || int64(len(text)) != s.Bytes() {
			t.Fatal(len(text), s.Bytes(), err)
		}
		found(t, w, wanted, string(text))
		for n, line := range bytes.Split(text, []byte("\n")) {
			if len(line) > 0 && line[0] != 'm' && strings.Trim(strings.SplitN(string(line), " ", 2)[0], "#") != fmt.Sprint(s.Line(int64(n)+1)) {
				t.Fatalf("seed %d: line %d is said to be %d: %q", seed, n+1, s.Line(int64(n)+1), line)
			}
		}
	}
}

func found(t *testing.T, w written, wanted []uint32, text string) {
	t.Helper()
	for _, one := range w.rows {
		if (one.header || one.key == wanted[0] || one.key == wanted[1]) && !strings.Contains("\n"+text, "\n"+one.text) {
			t.Fatalf("not found: %+v", one)
		}
	}
}

// Few of a large log's parts are read for a few messages, and little is kept.
func TestFewParts(t *testing.T) {
	room := int64(1 << 20)
	x := New(&room)
	for i := range int64(200_000) {
		x.Row(i*500, i+1)
		x.Add(key(uint32(i / 4)))
	}
	s := x.Find([]uint32{key(0), key(1000), key(49_000)}, 100e6)
	if s.Bytes() > 10*partSize || len(x.parts) < 1000 || room < 800_000 {
		t.Error(s.Bytes(), len(x.parts), room)
	}
}

// Where there is no room any more, the rest is read as a whole.
func TestNoRoom(t *testing.T) {
	room := int64(100 * width)
	x := New(&room)
	for i := range int64(10_000) {
		x.Row(i*1000, i+1)
		x.Add(uint32(i))
	}
	if s := x.Find([]uint32{9_999}, 10e6); s.Bytes() < 9e6 || s.Line(1) != 1 {
		t.Error(s.Bytes(), s.Line(1))
	}
	if s := new(Spans); s.Line(3) != 3 || s.Bytes() != 0 {
		t.Error(s.Line(3))
	}
}
