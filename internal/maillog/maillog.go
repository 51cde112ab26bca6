// Package maillog reads the logs of Postfix, Exim and Sendmail as a stream of
// events, in bounded memory and without an allocation per line, because these
// files are read by the gigabyte.
//
// It is lenient, because a log is evidence: a line that cannot be trusted is left
// out, counted and reported with its number, and reading goes on behind it. Lines
// of other programs, and lines that bear on no message (warnings, statistics,
// TLS details), pass without an event. Layout facts are from
// knowledge/evidence-formats.md, section 11, and the manuals of the three
// servers. Bytes are taken as they stand; gzip and UTF-16 are for the caller.
//
// What the other side of a session said or chose (addresses, HELO names, reply
// texts, subjects) is never searched for keys: each line is read from its
// beginning, in the order in which the server writes it. An address that has not
// been put into quotation marks by the server (Postfix before 3.5) can still hold
// a whole forged tail; nothing in such a line tells the two apart.
package maillog

import (
	"io"
	"time"
)

// Bounds on what one file may ask for, whoever wrote it.
const (
	maxLine     = 64 << 10 // bytes of a line; Postfix and syslog daemons cut far below
	maxProblems = 100      // problems listed one by one
	maxQueueID  = 32       // bytes of a queue id; the longest known, of Exim 4.97, has 23
	maxEnds     = 8        // places looked at for the end of an address, if those before prove to be inside it
	maxOptions  = 64       // of a line of Exim; some twenty are known
	bufferSize  = 256 << 10
)

// Kind is the mail server that wrote a log.
type Kind string

// The kinds that can be read.
const (
	Postfix  Kind = "postfix"
	Exim     Kind = "exim"
	Sendmail Kind = "sendmail"
)

// Event is one line that bears on a message, or on a connection that one could
// have come or gone through. Its slices lie in the buffer of the reader and are
// good until the next call of Next. A value that the line does not have is nil;
// an empty From that is not nil is the null sender <>.
type Event struct {
	Line    int64  // counted from 1
	Raw     []byte // the whole line, without its end
	Stamp   Stamp
	Host    []byte // that logged; nil in an Exim main log
	Process []byte // "postfix-out/smtp", "sm-mta"; nil in an Exim main log
	PID     []byte
	Queue   []byte // queue id, nil when the line has none. Short ids are used again
	What    Action

	From       []byte // without <>
	To         []byte // without <>. Several, as written, in one line of Sendmail, or where Exim lists those of a new message
	OrigTo     []byte // as it was before aliases, when the line says so
	Relay      []byte // next hop as written: "mx.example.com[192.0.2.1]:25", "mx.example.com. [192.0.2.1]", "local", "none"
	Client     []byte // that handed the message over: "name[address]", "uid=0", "U=www-data"
	User       []byte // that it logged in as
	Reason     []byte // the reply of the relay, or why not
	MessageID  []byte // without <>
	DSN        []byte // enhanced status code: "4.4.1"
	QueuedAs   []byte // queue id that the message, or the notice of it, got at the next step
	Parent     []byte // queue id that this message was made from
	Size       int64  // bytes, 0 when not said
	Recipients int64  // how many, 0 when not said

	HasDelay  bool
	Delay     time.Duration // since the message arrived at this server
	Attempt   time.Duration // of it, this attempt: c+d of Postfix, DT of Exim, xdelay of Sendmail
	HasDelays bool
	Delays    [4]time.Duration // Postfix: before the queue manager, in it, connection set-up, transmission

	Temporary bool // Rejected: the client may come again (4xx)
}

// Reader gives the events of a log one by one.
type Reader struct {
	lines
	journal
	kind  Kind
	clock clock
	event Event
	head  head
	slash bool  // in the name of the process
	ours  int64 // lines written by the server that the reader is for
	skim  func(*Event) bool
}

// NewReader reads the log of a server of kind k. With any other kind it gives no
// events.
func NewReader(r io.Reader, k Kind) *Reader { return newReader(r, k, bufferSize) }

func newReader(r io.Reader, k Kind, size int) *Reader {
	return &Reader{lines: lines{in: r, buf: make([]byte, size)}, kind: k}
}

// Skim makes the reader ask about each line of Postfix that bears on a message, and
// about those of Exim and Sendmail that tell what became of one, once its time, host
// and queue id are read: false means that no more of it is needed, and its event is
// Skimmed. It does not ask where a message came or has its Message-ID. Where few
// messages are followed this halves the time.
func (r *Reader) Skim(wanted func(*Event) bool) { r.skim = wanted }

// Next goes to the next event. False means that there is none; see Err.
func (r *Reader) Next() bool {
	for {
		line, found := r.lines.next()
		switch found {
		case endFound:
			return false
		case longFound:
			r.skip(r.number, "longer than 65536 bytes")
			continue
		}
		if len(line) > 0 && r.read(line) {
			return true
		}
	}
}

// read makes an event of a line, or says why not in the journal.
func (r *Reader) read(line []byte) bool {
	e := &r.event
	*e = Event{Line: r.number, Raw: line}
	if line[0] == 0 || r.number == 1 || r.torn {
		if line = r.trim(line); len(line) == 0 {
			return false
		}
	}
	if has(line, "-- ") { // journalctl marks its beginning and each boot
		return false
	}
	said := clean
	switch r.kind {
	case Postfix:
		said = r.postfix(line)
	case Exim:
		said = r.exim(line)
	case Sendmail:
		said = r.sendmail(line)
	}
	switch said {
	case unstamped:
		r.skip(e.Line, "no time at its beginning")
	case damaged:
		r.skip(e.Line, "not laid out as this server writes it, or cut short")
	case clean:
		return e.What != 0
	}
	return false
}

// verdict is what became of a line.
type verdict int

const (
	clean verdict = iota // read; there is an event if it has an action
	unstamped
	damaged
)

// Event is the event that Next went to. It is overwritten by the next.
func (r *Reader) Event() *Event { return &r.event }

// Offset is where the line of the event begins, in bytes from the beginning of the
// input.
func (r *Reader) Offset() int64 { return r.start }

// Err is why reading stopped, nil at the end of the file.
func (r *Reader) Err() error {
	if r.err == io.EOF {
		return nil
	}
	return r.err
}
