package collectors

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/exlog/exlogtest"
	"mailflow/internal/maillog/maillogtest"
)

// damage takes bytes out of a log and puts others in, and begins its tables anew.
func damage(r *rand.Rand, text []byte) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for range 30 {
		at := r.IntN(len(lines))
		switch n := len(lines[at]); r.IntN(4) {
		case 0:
			lines[at] = lines[at][:n/2]
		case 1:
			lines[at] = append(bytes.Repeat([]byte{0}, r.IntN(5000)), lines[at]...)
		case 2:
			lines[at] = append([]byte("#Software: Other\r\n#Fields: date-time,a,b\r\n2026-01-05T00:00:00.000Z,x\r\n"+fmt.Sprintf(exlogtest.Header, "x")), lines[at]...)
		case 3:
			lines[at] = append([]byte("\"\r\n"), lines[at]...)
		}
	}
	return slices.Concat(lines...)
}

// piecesOf writes a log to a disk in pieces, between lines or inside of them.
func piecesOf(t *testing.T, r *rand.Rand, text []byte) (names []string) {
	t.Helper()
	dir := t.TempDir()
	for n := 0; len(text) > 0; n++ {
		size := min(len(text), 300_000+r.IntN(len(text)))
		if r.IntN(2) == 0 && size < len(text) {
			size += bytes.IndexByte(text[size:], '\n') + 1
		}
		names = append(names, filepath.Join(dir, fmt.Sprintf("%d.log", n)))
		if err := os.WriteFile(names[n], text[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		text = text[size:]
	}
	return names
}

// followed reads logs twice: for what waits, and then for those messages.
func followed(t *testing.T, names []string, least int64) (rows []string, bytes int64) {
	t.Helper()
	w := diag.World{Open: func(name string) (io.ReadCloser, error) { return os.Open(name) }, Note: func(string) {}}
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	files, left := walked(t.Context(), w, names...), &trails{}
	first, shelf := newLedger(), newExports(t.Context(), w)
	first.least, first.room = least, maxTrails
	first.readAll(shelf, inOrder(shelf, files, evidence.TimeZone{}, now), now)
	ids := toFollow(first.done(), "")
	left.leave(first)
	second := newLedger()
	second.follow, second.trails = newFollower(second, ids[:min(20, len(ids))]), left.take()
	logs := inOrder(shelf, files, evidence.TimeZone{}, now)
	second.follow.learn(shelf, logs)
	second.readAll(shelf, logs, now)
	for _, s := range second.follow.done() {
		rows = append(rows, fmt.Sprintf("%+v", s))
	}
	slices.Sort(rows)
	for _, only := range second.follow.only {
		bytes += only.Bytes()
	}
	return rows, bytes
}

// TestTrails: what is said of a few messages is the same whether a log is read again
// as a whole or only where it speaks of them, whatever is damaged.
func TestTrails(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 3))
		var log bytes.Buffer
		_, err := exlogtest.Tracking(&log, seed, 5e6)
		if seed%2 == 0 {
			log.Reset()
			_, err = maillogtest.Postfix(&log, seed, 5e6)
		}
		if err != nil {
			t.Fatal(err)
		}
		names := piecesOf(t, r, damage(r, log.Bytes()))
		whole, _ := followed(t, names, 0)
		parts, read := followed(t, names, 1)
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		if len(whole) < 30 || read == 0 || read >= int64(log.Len()) {
			t.Errorf("seed %d: %d rows of %d bytes", seed, len(whole), read)
		}
	}
}

// TestTrailIsGone: a log that was written on, or is another, is read as a whole.
func TestTrailIsGone(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l := newLedger()
	l.least, l.room = 1, maxTrails
	left := l.newTrail(evidence.File{Path: name, Format: formatPostfix}, f)
	follow := newFollower(l, []string{"x"})
	if left == nil || follow.narrow(name, f) == nil || follow.narrow("b.log", f) != nil {
		t.Fatal(left)
	}
	left.changed = left.changed.Add(time.Second)
	if follow.narrow(name, f) != nil {
		t.Error("changed")
	}
	left.changed, left.size = left.changed.Add(-time.Second), 4
	if follow.narrow(name, f) != nil {
		t.Error("grown")
	}
	for _, format := range []string{formatExim, formatTracking2003} {
		if l.newTrail(evidence.File{Path: name, Format: format}, f) != nil {
			t.Error(format)
		}
	}
	if l.newTrail(evidence.File{Path: name, Format: formatPostfix}, bytes.NewReader(nil)) != nil {
		t.Error("in an archive")
	}
}
