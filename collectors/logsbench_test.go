package collectors

import (
	"bytes"
	"encoding/csv"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"mailflow/evidence"
	"mailflow/internal/exlog"
	"mailflow/internal/exlog/exlogtest"
	"mailflow/internal/maillog"
	"mailflow/internal/maillog/maillogtest"
)

// BenchmarkLogs reads 100 MB of message tracking and of Postfix: the reader alone with the
// same columns, the collector, and encoding/csv splitting the same rows.
func BenchmarkLogs(b *testing.B) {
	var text bytes.Buffer
	if _, err := exlogtest.Tracking(&text, 1, 100e6); err != nil {
		b.Fatal(err)
	}
	data := text.Bytes()
	var mails bytes.Buffer
	if _, err := maillogtest.Postfix(&mails, 1, 100e6); err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func(){
		"Postfix, reader alone": func() {
			for r := maillog.NewReader(bytes.NewReader(mails.Bytes()), maillog.Postfix); r.Next(); {
			}
		},
		"Postfix, collector": func() {
			l := newLedger()
			l.files = []string{"x"}
			l.mail(&evidence.Export{}, 0, maillog.Postfix, time.UTC, time.Now(), bytes.NewReader(mails.Bytes()))
			if len(l.done()) < 1 {
				b.Fatal(l.done())
			}
		},
		"reader alone": func() {
			r, sum := exlog.NewReader(bytes.NewReader(data), columns()), 0
			for r.Next() {
				at, _ := r.Time()
				sum += len(r.Field(colEvent)) + int(at)
			}
		},
		"collector": func() {
			l := newLedger()
			l.files = []string{"x"}
			l.tracking(&evidence.Export{}, 0, bytes.NewReader(data))
			if len(l.done()) < 4 {
				b.Fatal(l.done())
			}
		},
		"encoding csv": func() {
			r := csv.NewReader(bytes.NewReader(data))
			r.Comment, r.ReuseRecord, r.FieldsPerRecord = '#', true, -1
			for sum := 0; ; {
				row, err := r.Read()
				if err == io.EOF {
					break
				}
				sum += len(row[8])
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			peak := watched(func() {
				for b.Loop() {
					read()
				}
			})
			b.ReportMetric(float64(peak)/1e6, "MB-heap")
		})
	}
}

// watched is how much the heap grew at most meanwhile.
func watched(do func()) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, atomic.Uint64{}
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapAlloc))
			}
		}
	}()
	do()
	close(stop)
	return max(peak.Load(), before) - before
}
