package queuelist

import (
	"bytes"
	"fmt"
	"io"

	"mailflow/internal/charset"
)

// parser holds the message that is being read, and what all formats have in
// common.
type parser struct {
	journal
	lines
	yield   func(*Message) bool
	stopped bool // the caller wants no more
	summary Summary

	message *Message // nil outside of one
	size    int      // bytes of its texts
	reason  string   // of the recipients that follow
	open    int      // the line of a reason that has no end yet, 0 for none
	spread  int      // lines that it has taken

	seen    int    // messages since the last total, with those that are left out
	untold  bool   // messages were read, and no total yet
	lost    int    // the line of what may be the damaged first line of a message, 0 for none
	told    bool   // that was reported
	lastWhy string // the reason that was held last
}

func newParser(r io.Reader, yield func(*Message) bool, problems func(Problem)) *parser {
	return &parser{journal: journal{report: problems}, lines: lines{in: charset.NewReader(r)}, yield: yield}
}

// run gives every line to a format.
func (p *parser) run(line func([]byte)) {
	for !p.stopped && p.next() {
		if p.long {
			p.add(p.number, "a line longer than 1 MiB: left out")
			continue
		}
		line(p.text)
	}
}

// last ends the last message.
func (p *parser) last() {
	if p.message != nil && p.torn && !p.stopped {
		p.add(p.number, "the file ends inside this line; its end may be missing")
	}
	p.end()
}

// finish tells how reading ended. A format with a total ends with it.
func (p *parser) finish(total bool) {
	if err := p.reading(); err != nil {
		p.add(p.number, "reading stopped: "+err.Error())
	} else if total && p.untold && !p.stopped {
		p.add(p.number, "the listing ends without its total: messages may be missing")
	}
}

// begin starts a message on this line.
func (p *parser) begin(id string) *Message {
	p.end()
	p.message = &Message{ID: id, AgeSeconds: -1, Size: -1, Line: p.number}
	p.size, p.reason, p.lost, p.told, p.untold = len(id), "", 0, false, true
	p.seen++
	return p.message
}

// end hands the message over.
func (p *parser) end() {
	p.unclosed()
	m := p.message
	p.message = nil
	if m == nil || p.stopped {
		return
	}
	if m.More > 0 {
		p.add(m.Line, fmt.Sprintf("%d recipients behind the first %d are counted only", m.More, len(m.Recipients)))
	}
	p.stopped = !p.yield(m)
}

// recipient adds one that waits for the reason above it.
func (p *parser) recipient(r Recipient) {
	r.Cut = r.Cut || p.torn
	r.Reason = p.reason
	p.keep(r)
}

// keep adds a recipient to the message, within the bounds.
func (p *parser) keep(r Recipient) {
	m := p.message
	if p.size += len(r.Address); len(m.Recipients) >= maxRecipients || p.size > maxMessage {
		m.More++
		return
	}
	m.Recipients = append(m.Recipients, r)
}

// because sets the reason of the recipients that follow. In a long queue many
// messages have the same, which is held once.
func (p *parser) because(text []byte) {
	if p.reason == string(text) {
		return
	}
	if p.size += len(text); p.size > maxMessage { // recipients that follow are counted only
		p.reason = ""
		return
	}
	if p.lastWhy != string(text) {
		p.lastWhy = string(text)
	}
	p.reason = p.lastWhy
}

// stray judges a line that is nothing the format knows. At the left edge it ends
// the message: it may be a prompt, or the damaged first line of a message.
func (p *parser) stray(line []byte) {
	if !blank(line[0]) {
		broken := p.message != nil
		p.end()
		p.lost, p.told = p.number, false
		if word, _ := cutWord(line); isID(bytes.TrimRight(word, "*!#")) {
			p.damaged()
		} else if broken {
			p.add(p.number, "this line breaks a message off: what follows of the message is left out")
		}
		return
	}
	if p.message != nil {
		p.add(p.number, "neither a recipient nor a reason: left out")
		return
	}
	p.damaged()
}

// damaged reports a message whose first line cannot be read, once.
func (p *parser) damaged() {
	if p.told {
		return
	}
	p.told = true
	if p.lost == 0 {
		p.add(p.number, "lines of a message without its first line: left out")
		return
	}
	p.seen++
	p.add(p.lost, "the first line of a message cannot be read: the message is left out")
}

// gap ends a message at an empty line.
func (p *parser) gap() {
	p.end()
	p.lost, p.told = 0, false
}

// totals compares what a listing says of itself with what was read.
func (p *parser) totals(requests int, size int64) {
	p.gap()
	p.summary.Requests += requests
	p.summary.Bytes += size
	p.summary.Said = true
	if p.seen != requests {
		p.add(p.number, fmt.Sprintf("the total says %d messages, the listing above it has %d", requests, p.seen))
	}
	p.seen, p.untold = 0, false
}
