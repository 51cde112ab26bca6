// Package exlog reads the log files that Exchange and the SMTP service of
// Windows write: message tracking (2000 to 2019), SMTP protocol logs,
// connectivity logs and W3C extended logs. It streams, in bounded memory and
// without an allocation per row, because these files are read by the gigabyte.
//
// It is lenient, because a log is evidence: a row that cannot be trusted is left
// out, counted and reported with its line, and reading goes on behind it. Layout
// facts are from knowledge/evidence-formats.md, sections 1 to 4.
//
// Bytes are taken as they stand, in UTF-8 or an ANSI code page; UTF-16 has to be
// converted before.
package exlog

import (
	"io"
)

// Bounds on what one file may ask for, whoever wrote it.
const (
	maxLine      = 1 << 20  // bytes of a row; message tracking truncates far below
	maxLines     = 16       // lines that one row with quoted line ends may span
	maxHeader    = 16 << 10 // bytes of a header line; the longest known has 600
	maxColumns   = 256      // columns of a table; the widest known has 30
	maxProblems  = 100      // problems listed one by one
	maxUnsettled = 1000     // rows looked at to tell the direction or the service of a log

	bufferSize = 256 << 10
	block      = 64 // bytes that the splitter looks at in one go; the buffer has as many to spare
)

// Kind is a family of log files with one layout, as the file itself says.
type Kind string

// The kinds that are told apart. A table of any other kind has the kind "" and
// is read all the same, if it has a #Fields line.
const (
	Tracking     Kind = "tracking"      // message tracking, 2007 and later
	Tracking2003 Kind = "tracking-2003" // message tracking, 2000 and 2003
	Receive      Kind = "smtp-receive"  // protocol log of SMTP sessions that others opened
	Send         Kind = "smtp-send"     // protocol log of SMTP sessions opened here
	Protocol     Kind = "smtp-protocol" // protocol log without its header, direction not yet seen
	Connectivity Kind = "connectivity"  // one line for each step of a delivery connection
	W3CSMTP      Kind = "w3c-smtp"      // W3C extended log of the Windows SMTP service
	W3C          Kind = "w3c"           // W3C extended log of another service, or not yet seen which
)

// Header is what a file says about itself. It may change from row to row: a
// restarted service writes a new one into the same file.
type Header struct {
	Kind     Kind
	Software string   // "Microsoft Exchange Server"
	Version  string   // build of the server, or of the format: both occur
	LogType  string   // "Message Tracking Log"; the W3C logs and 2000/2003 have none
	Date     string   // as written; rows may be older than it
	Fields   []string // names of the columns as written; not to be changed
	Guessed  bool     // the file has no such header: the columns follow from the shape of the rows
}

// Problem is something that the reader left out, or that it doubts.
type Problem struct {
	Line int64 // counted from 1
	What string
}

// Reader gives the rows of a log one by one. What it hands out lies in its
// buffer and is good until the next row.
type Reader struct {
	input
	splitter
	journal
	want    []string
	often   int // of want, how many are asked of most rows
	header  Header
	cols    []int32 // the column of each wanted name, -1 when the table lacks it
	date    int32   // the columns of the time of a row, -1 for none
	clock   int32
	stamped bool // each row has to begin with a time such as 2026-01-02T03:04:05.678Z
	looked  int  // rows looked at for the kind
	days    days
	last    moment
	heads   int64
	scratch []byte
}

// NewReader reads a log and splits out the columns with the names in want, or
// all when there are none. Upper and lower case are the same.
func NewReader(r io.Reader, want []string) *Reader { return newReader(r, want, bufferSize) }

func newReader(r io.Reader, want []string, size int) *Reader {
	return &Reader{input: input{in: r, buf: make([]byte, size+block), zero: noZero}, want: want, often: maxColumns, date: -1, clock: -1}
}

// Often says that only the first n wanted columns are asked of most rows. It is
// for speed: the others are found when Field asks for them.
func (r *Reader) Often(n int) *Reader {
	r.often = n
	return r
}

// Next goes to the next row. False means that there is none; see Err.
func (r *Reader) Next() bool {
	r.scratch = r.scratch[:0]
	for r.advance() {
		if r.accept() {
			return true
		}
	}
	return false
}

// Field is the value of the i-th wanted column, or of the i-th column of the
// header when all are wanted. It is nil when the header lacks the column, and
// empty when the row has no value: in the tables that write "-" for none, too.
// Quotation marks around a value are taken off. W3C logs write "+" for a blank
// and for a plus sign; that stays, since it cannot be told apart.
func (r *Reader) Field(i int) []byte {
	if c := r.cols[i]; c >= 0 {
		return r.cell(c)
	}
	return nil
}

// Len is the number of fields that Field knows: of wanted names, or of columns.
func (r *Reader) Len() int { return len(r.cols) }

// Row is the whole row as it stands in the file, without its line end.
func (r *Reader) Row() []byte { return r.buf[r.from:r.to:r.to] }

// Line is the line that the row begins on, counted from 1.
func (r *Reader) Line() int64 { return r.line }

// Offset is where the row begins, in bytes from the beginning of the input.
func (r *Reader) Offset() int64 { return r.base + int64(r.from) }

// Header is what the file last said about itself before the row.
func (r *Reader) Header() Header { return r.header }

// Heads is how many lines of headers and comments stand before the row.
func (r *Reader) Heads() int64 { return r.heads }

// Err is why reading stopped, nil at the end of the file.
func (r *Reader) Err() error {
	if r.err == io.EOF {
		return nil
	}
	return r.err
}
