// Package queuelist reads what mail servers print of their queues: postqueue -j
// and mailq of Postfix, mailq of Sendmail, exim -bp. It reads message by message
// in bounded memory, and text copied from a terminal with the prompts around it.
// It is lenient, because a listing is evidence: what cannot be read is left out
// and reported, and reading goes on behind it.
//
// The formats are those of the programs that print them: showq_json.c and
// showq_compat.c of Postfix, print_single_queue in queue.c of Sendmail 8.17,
// queue_list in queue.c of Exim.
package queuelist

import (
	"fmt"
	"io"
	"iter"
	"time"
)

// Bounds on what one listing may ask for, whoever wrote it.
const (
	maxMessage    = 1 << 20 // bytes that are read of a message, and so of a line
	maxRecipients = 10_000  // recipients of a message that are kept; Postfix lists 50,000 for a mailing
	maxProblems   = 1000    // problems reported one by one
)

// Format is a way to print a queue.
type Format string

// The formats that are read.
const (
	PostqueueJSON Format = "postqueue -j" // Postfix 3.1 and later; also behind jq
	PostfixMailq  Format = "postfix mailq"
	SendmailMailq Format = "sendmail mailq"
	EximBP        Format = "exim -bp" // and -bpr, -bpu, -bpa
)

// Message is one message of a queue.
type Message struct {
	ID string
	// Queue is what the server says of it, in lower case: "active", "deferred",
	// "hold", "incoming" and others of Postfix, "frozen" of Exim, and "active",
	// "too young", "load too high", "lost", "quarantined" for the marks of Sendmail
	// (mailq(1)). It is "" where the server says nothing: mailq of Postfix does not
	// tell "deferred" from "incoming".
	Queue string
	// Arrived is zero where the listing does not say it with year and zone.
	// postqueue -j does; for Exim it is the time in the message id (see eximTime),
	// when the message began to come.
	Arrived     time.Time
	ArrivedText string // as written, without a year and zone: "Tue Nov 17 10:02:11"; see ArrivedAt
	// AgeSeconds is the age as Exim prints it, -1 where none is printed. AgeGrain is
	// its unit: whole minutes passed up to 90; then hours, and above 72 of them days,
	// both rounded.
	AgeSeconds int64
	AgeGrain   time.Duration
	Size       int64 // in bytes, -1 unknown; Exim rounds from 1 KiB on, Sendmail counts the body alone
	// Sender is without angle brackets. The null sender is "", but Postfix prints
	// "MAILER-DAEMON" for it.
	Sender     string
	SenderCut  bool // the listing may have cut the sender short; see Recipient.Cut
	Recipients []Recipient
	More       int // recipients behind those, counted only
	Line       int // where it begins, counted from 1
}

// Recipient is one recipient of a message.
type Recipient struct {
	Address string // without angle brackets
	// Cut says that Address may be only the start of the address: Sendmail's columns
	// take 38 characters of it, and a file may end inside of a line.
	Cut       bool
	Reason    string // why it waits, "" not said; Sendmail prints 60 characters of it
	Delivered bool   // Exim: it has its copy, and another recipient waits
}

// Problem is something that was left out, or that is doubtful.
type Problem struct {
	Line int // counted from 1
	What string
}

// Summary is what a listing says of itself, summed over the listings of a file.
type Summary struct {
	Requests int   // messages, as the server counts them
	Bytes    int64 // Postfix only, in whole KiB
	Said     bool  // false: there is no total in the file
}

// Messages reads a listing. s and problems may be nil; s is complete when the
// last message has come. Problems of a message come before it. A message is the
// caller's to keep.
func Messages(r io.Reader, f Format, s *Summary, problems func(Problem)) iter.Seq[*Message] {
	return func(yield func(*Message) bool) {
		p := newParser(r, yield, problems)
		p.read(f)
		p.close(p.number)
		if s != nil {
			*s = p.summary
		}
	}
}

// read reads a listing in one of the formats.
func (p *parser) read(f Format) {
	switch f {
	case PostqueueJSON:
		(&jsonList{parser: p}).run()
		p.finish(false)
	case PostfixMailq:
		p.run((&postfixList{p}).line)
		p.last()
		p.finish(true)
	case SendmailMailq:
		m := &sendmailList{parser: p}
		p.run(m.line)
		p.last()
		m.total()
		p.finish(true)
	case EximBP:
		p.run((&eximList{p}).line)
		p.last()
		p.finish(false)
	default:
		p.add(0, fmt.Sprintf("%q is no format of a queue listing", f))
	}
}

// journal hands problems on, but not without end: a file of another kind has
// one on every line.
type journal struct {
	report func(Problem)
	count  int
}

func (j *journal) add(line int, what string) {
	j.count++
	if j.report != nil && j.count <= maxProblems {
		j.report(Problem{line, what})
	}
}

// close says how many problems were not reported.
func (j *journal) close(line int) {
	if more := j.count - maxProblems; j.report != nil && more > 0 {
		j.report(Problem{line, fmt.Sprintf("%d more problems up to here are not listed", more)})
	}
}
