package queuelist

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// jsonList reads what postqueue -j prints: an object on a line for each message.
// jq prints them over many lines, and with -s as one array; that is read too.
type jsonList struct {
	*parser
	scan   scan
	buffer []byte // an object whose end is not read yet, nil outside of one
	at     int    // the line that the text being read begins on
	level  int    // brackets that are open in the buffer
	over   bool   // the text is longer than maxMessage and cut there
	extra  int    // recipients that begin behind the cut
	now    Recipient
	named  bool // the recipient has an address, whole or not
}

// lastTime is the last second of the year 9999, behind which no time is printed.
const lastTime = 253402300799

// What a message and a recipient of postqueue begin with. Neither can stand in a
// string, where the quotation mark has a backslash.
const (
	messageStart   = `{"queue_name"`
	recipientStart = `{"address"`
)

func (p *jsonList) run() {
	p.token = []byte(recipientStart)
	for !p.stopped && p.next() {
		p.line(p.text)
	}
	if p.buffer != nil && !p.stopped {
		p.flush()
	}
}

func (p *jsonList) line(line []byte) {
	if p.buffer != nil && len(line) > 0 && line[0] == '{' { // jq indents what is inside of an object
		p.flush()
	}
	if p.buffer != nil {
		p.more(line)
		return
	}
	text := bytes.TrimLeft(line, " \t[,")
	if len(text) == 0 || text[0] != '{' {
		p.noise(text)
		return
	}
	p.at, p.over, p.extra = p.number, p.long, p.found
	level, inside := depth(text)
	if level <= 0 || inside || p.long {
		p.objects(text)
		return
	}
	p.buffer, p.level = append(make([]byte, 0, 4<<10), text...), level
}

// more adds a line to an object. A line that ends inside of a string is torn.
func (p *jsonList) more(line []byte) {
	level, inside := depth(line)
	p.level += level
	if p.over = p.over || len(p.buffer)+len(line) >= maxMessage; !p.over {
		p.buffer = append(append(p.buffer, '\n'), line...)
	} else if bytes.HasPrefix(trimLeft(line), []byte(`"address"`)) {
		p.extra++
	}
	if p.level <= 0 || inside {
		p.flush()
	}
}

// flush reads the object that was collected, whole or not.
func (p *jsonList) flush() {
	text := p.buffer
	p.buffer = nil
	p.objects(text)
}

// noise is silent about prompts, but not about the rest of a damaged message.
func (p *jsonList) noise(text []byte) {
	for _, name := range []string{`"queue_id"`, `"queue_name"`, `"address"`} {
		if bytes.Contains(text, []byte(name)) {
			p.add(p.number, "a part of a message without its beginning: left out")
			return
		}
	}
}

// objects reads the objects of a text.
func (p *jsonList) objects(text []byte) {
	p.scan.rest = text
	for p.scan.peek() == '{' && !p.stopped {
		p.begin("").Line = p.at
		if !p.scan.object(p.field) {
			p.incomplete()
		}
		p.hand()
		p.scan.take(',')
	}
	if rest := bytes.Trim(p.scan.rest, " \t\n],"); len(rest) > 0 && !p.stopped {
		p.add(p.at, fmt.Sprintf("text behind a message is left out: %.40q", rest))
	}
}

// incomplete reports an object that ends too early, and goes to the next one, as
// two lines can have become one.
func (p *jsonList) incomplete() {
	next := bytes.Index(p.scan.rest, []byte(messageStart))
	if next >= 0 {
		p.scan.rest = p.scan.rest[next:]
	} else {
		p.scan.rest = nil
	}
	if p.over && next < 0 {
		p.message.More += p.extra
		p.add(p.at, "a message longer than 1 MiB: it is read up to there")
		return
	}
	p.add(p.at, "the message is torn or damaged; it is read up to there")
}

// hand gives a message to the caller, if it is one.
func (p *jsonList) hand() {
	if p.message.ID == "" {
		p.add(p.at, "a message without a queue_id: left out")
		p.message = nil
		return
	}
	p.end()
}

// field reads a value of a message.
func (p *jsonList) field(key []byte) (ok bool) {
	m := p.message
	switch string(key) {
	case "queue_name":
		m.Queue, ok = p.quoted("queue_name")
		m.Queue = strings.ToLower(m.Queue)
	case "queue_id":
		if m.ID != "" {
			return false // two messages have become one
		}
		m.ID, ok = p.quoted("queue_id")
	case "sender":
		m.Sender, ok = p.quoted("sender")
	case "arrival_time":
		var seconds int64
		if seconds, ok = p.whole("arrival_time", 1, lastTime); ok && seconds > 0 {
			m.Arrived = time.Unix(seconds, 0).UTC()
		}
	case "message_size":
		m.Size, ok = p.whole("message_size", 0, 1<<62)
	case "recipients":
		m.Recipients, m.More, p.size = nil, 0, 0
		return p.value('[', "recipients", func() bool { return p.scan.array(p.recipient) })
	default:
		return p.scan.skip(0)
	}
	return ok
}

// value reads a value if it begins as it has to, and otherwise skips it.
func (p *jsonList) value(start byte, name string, read func() bool) bool {
	if p.scan.peek() == start {
		return read()
	}
	return p.skip(name)
}

// skip leaves a value out that postqueue does not write so.
func (p *jsonList) skip(name string) bool {
	if !p.scan.skip(0) {
		return false
	}
	p.add(p.at, "the value of "+name+" is not what postqueue writes: left out")
	return true
}

func (p *jsonList) quoted(name string) (string, bool) {
	if p.scan.peek() != '"' {
		return "", p.skip(name)
	}
	text, ok := p.scan.text()
	return string(text), ok
}

// whole reads a number between two bounds; -1 stands for any other value.
func (p *jsonList) whole(name string, from, to int64) (int64, bool) {
	before := p.scan.rest
	n, ok := p.scan.whole()
	if ok && n >= from && n <= to {
		return n, true
	}
	p.scan.rest = before
	return -1, p.skip(name)
}

// recipient reads one recipient, and what there is of a torn one.
func (p *jsonList) recipient() bool {
	p.now, p.named = Recipient{}, false
	ok := p.value('{', "recipients", func() bool { return p.scan.object(p.detail) })
	switch {
	case p.now.Address != "":
		p.keep(p.now)
	case p.named:
		p.message.More++
	}
	return ok
}

// detail reads a value of a recipient.
func (p *jsonList) detail(key []byte) (ok bool) {
	switch string(key) {
	case "address":
		p.named = true
		p.now.Address, ok = p.quoted("address")
	case "delay_reason":
		if p.scan.peek() != '"' {
			return p.skip("delay_reason")
		}
		why, whole := p.scan.text()
		p.because(why)
		p.now.Reason, ok = p.reason, whole
	default:
		return p.scan.skip(0)
	}
	return ok
}
