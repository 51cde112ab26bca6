package queuelist

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf8"
)

// hold holds a reader to what it promises for any input: it ends, messages come
// in the order of their lines and are no more than the input has.
func hold(t *testing.T, f Format, in []byte) {
	size, last, problems := 0, 0, 0
	for m := range Messages(bytes.NewReader(in), f, nil, func(p Problem) {
		if problems++; p.Line < 0 || p.Line > len(in)+1 || p.What == "" {
			t.Error(p)
		}
	}) {
		if m.Line < last || m.Line > len(in) || m.ID == "" || m.Size < -1 || m.AgeSeconds < -1 || len(m.Recipients) > maxRecipients {
			t.Errorf("line %d: %+v", last, m)
		}
		last = m.Line
		size += len(m.ID) + len(m.Sender)
		for _, r := range m.Recipients {
			size += len(r.Address)
			if r.Address == "" || !utf8.ValidString(r.Address+r.Reason) {
				t.Errorf("%+v", r)
			}
		}
		if at, ok := m.ArrivedAt(time.Unix(1795377274, 0), time.UTC); ok && at.IsZero() {
			t.Error("arrived at no time")
		}
	}
	if size > 3*len(in) || problems > maxProblems+1 { // a byte of ANSI is up to three of UTF-8
		t.Errorf("%d bytes of addresses, %d problems from %d bytes", size, problems, len(in))
	}
	Sniff(in)
}

func fuzz(f *testing.F, format Format, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	for _, w := range writers() {
		r := rand.New(rand.NewPCG(7, 7))
		for range 3 {
			text, _ := w.write(r, queue(r))
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) { hold(t, format, in) })
}

func FuzzPostqueue(f *testing.F) {
	fuzz(f, PostqueueJSON, first+"\n"+second, jqed, "{\n{\"queue_id\":\"x\"", "[{\"queue_id\":\"\\ud800\",\"recipients\":[{\"address\":\"\xff")
}

func FuzzPostfix(f *testing.F) {
	fuzz(f, PostfixMailq, postfixListing, "1A2B3C*! 1 Nov 1 1:1\n(a\nb\n(c)\nx@y\n")
}

func FuzzSendmail(f *testing.F) {
	fuzz(f, SendmailMailq, sendmailListing, "AAA123456X 1 2+Nov 17 10:02 <\\377\n 7BIT (\n")
}

func FuzzExim(f *testing.F) {
	fuzz(f, EximBP, "25m  2.9K 1vLM5i-0000c8-00 <a@b> (c) *** frozen ***\n  +D x\n  D y\n", " 1vLM5i-0000c8-00\n *** spool read error\n")
}
