package queuelist

import (
	"io"
	"math/rand/v2"
	"testing"
)

// endless repeats a listing until so many bytes are read.
type endless struct {
	text string
	at   int
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), e.left*len(e.text))], e.text[e.at:])
	if e.at += n; e.at == len(e.text) {
		e.at, e.left = 0, e.left-1
	}
	return n, nil
}

// BenchmarkMessages reads a queue of a million messages.
func BenchmarkMessages(b *testing.B) {
	for _, w := range writers() {
		r := rand.New(rand.NewPCG(3, 3))
		var some []Message
		for len(some) < 1000 {
			some = append(some, queue(r)...)
		}
		text, held := w.write(r, some)
		b.Run(string(w.format), func(b *testing.B) {
			times := 1_000_000 / len(held)
			b.SetBytes(int64(len(text) * times))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for range Messages(&endless{text: text, left: times}, w.format, nil, nil) {
					n++
				}
				if n != times*len(held) {
					b.Fatal(n)
				}
			}
		})
	}
}
