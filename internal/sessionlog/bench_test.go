package sessionlog

import (
	"strings"
	"testing"

	"mailflow/internal/exlog"
)

// BenchmarkBook reads 100 MB of a send log, with the reader of rows alone to
// compare with.
func BenchmarkBook(b *testing.B) {
	for _, kind := range []exlog.Kind{exlog.Send, exlog.Receive} {
		text := busy(1, kind == exlog.Send, 100e6)
		b.Run(string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				book := New()
				if r := book.Read("a.log", kind, strings.NewReader(text)); r.Rows < 100_000 || len(r.Problems) > 0 {
					b.Fatal(r)
				}
				if len(book.Done()) == 0 {
					b.Fatal("nothing")
				}
			}
		})
		b.Run(string(kind)+", reader alone", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				sum := 0
				r := exlog.NewReader(strings.NewReader(text), []string{"connector-id", "session-id", "sequence-number", "local-endpoint", "remote-endpoint", "event", "data", "context"})
				for r.Next() {
					at, _ := r.Time()
					sum += int(at) + len(r.Field(colSession)) + len(r.Field(colRemote)) + len(r.Field(colEvent)) + len(r.Field(colData))
				}
			}
		})
	}
}
