package exlogtest

import (
	"bufio"
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Counts is what a log holds, for a reader to be checked against. Only what was
// written counts: a log ends in the middle of a day's work.
type Counts struct {
	Bytes    int64
	Rows     int64 // without those of headers
	Sessions int64 // that began; 0 in message tracking
	Messages int64 // that came, in message tracking; elsewhere those that were taken over
	Refused  int64 // replies of 4xx
	Failed   int64 // connections that did not come about
	Late     int64 // of Messages, those of the slow hop
}

const part = 10 << 20 // bytes of a log file, behind which a new one begins

// A flow makes the rows of a log in the order of time.
type flow struct {
	rand   *rand.Rand
	now    time.Time
	every  time.Duration // from one beginning to the next, on average
	begin  func()        // makes all rows of what begins now
	head   func(at time.Time) string
	rows   rows
	number int64 // of what began last
	Counts
}

func newFlow(seed uint64, every time.Duration) *flow {
	return &flow{rand: rand.New(rand.NewPCG(seed, 1)), every: every, now: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
}

// write writes at least size bytes, and ends with a whole row.
func (f *flow) write(w io.Writer, size int64) (Counts, error) {
	out := bufio.NewWriterSize(w, 1<<20)
	for left := int64(0); f.Bytes < size; {
		r := f.next()
		if left <= 0 {
			left = part
			out.WriteString(f.head(r.at)) // an error stays with the writer until Flush
			f.Bytes += int64(len(f.head(r.at)))
		}
		if _, err := out.WriteString(r.text); err != nil {
			return f.Counts, err
		}
		f.Rows++
		f.Bytes, left = f.Bytes+int64(len(r.text)), left-int64(len(r.text))
		for _, n := range r.counts {
			*n++
		}
	}
	return f.Counts, out.Flush()
}

// next gives the next row. Others begin until one begins behind it.
func (f *flow) next() row {
	for len(f.rows) == 0 || !f.rows[0].at.Before(f.now) {
		f.number++
		f.begin()
		f.now = f.now.Add(f.about(f.every))
	}
	return heap.Pop(&f.rows).(row)
}

// about is a time of this order.
func (f *flow) about(scale time.Duration) time.Duration {
	return time.Duration(f.rand.ExpFloat64() * float64(scale))
}

// put takes a row; the counts grow when it is written.
func (f *flow) put(at time.Time, text string, counts []*int64) {
	heap.Push(&f.rows, row{at, text, counts})
}

// among gives one of a few words.
func (f *flow) among(words ...string) string { return words[f.rand.IntN(len(words))] }

func (f *flow) insider() string  { return fmt.Sprintf("user%d@contoso.com", f.rand.IntN(4000)) }
func (f *flow) stranger() string { return fmt.Sprintf("person%d@example.com", f.rand.IntN(90000)) }
