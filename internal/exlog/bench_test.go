package exlog

import (
	"bytes"
	"encoding/csv"
	"io"
	"testing"

	"mailflow/internal/exlog/exlogtest"
)

// wanted are the columns that the delay of each hop needs.
func wanted() []string {
	return []string{"date-time", "client-hostname", "server-hostname", "connector-id", "source", "event-id", "message-id"}
}

func tracking(tb testing.TB, size int64) []byte {
	var b bytes.Buffer
	if _, err := exlogtest.Tracking(&b, 1, size); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkReader reads 100 MB of message tracking: rows with the columns of
// wanted touched, the same with times, and all columns.
func BenchmarkReader(b *testing.B) {
	data := tracking(b, 100e6)
	for _, bench := range []struct {
		name  string
		want  []string
		times bool
	}{{"wanted", wanted(), false}, {"wanted, times", wanted(), true}, {"all", nil, false}} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			sum := 0
			for b.Loop() {
				r := NewReader(bytes.NewReader(data), bench.want)
				for r.Next() {
					for i := range r.Len() {
						sum += len(r.Field(i))
					}
					if bench.times {
						at, _ := r.Time()
						sum += int(at)
					}
				}
				if r.Skipped() > 0 {
					b.Fatal(r.Skipped(), r.Problems()[0])
				}
			}
		})
	}
}

// BenchmarkEncodingCSV is what a first program would do with the same bytes.
func BenchmarkEncodingCSV(b *testing.B) {
	data := tracking(b, 100e6)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(data))
		r.Comment, r.ReuseRecord, r.FieldsPerRecord = '#', true, -1
		sum := 0
		for {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			for _, i := range []int{0, 2, 4, 6, 7, 8, 10} {
				sum += len(row[i])
			}
		}
	}
}
