package queuelist

import (
	"bufio"
	"bytes"
	"io"

	"mailflow/internal/charset"
)

// lines cuts a text into lines, in UTF-8 whatever the file is in: a listing that
// was fetched with Windows PowerShell is UTF-16.
type lines struct {
	in     *bufio.Reader
	text   []byte // the line without its end, good until the next one
	number int    // of it
	torn   bool   // the file ends without ending the line
	long   bool   // it is longer than maxMessage, and text is its start
	token  []byte // is counted in what is dropped of a long line
	found  int    // how often it was there
	room   []byte
	err    error
}

// next reads a line.
func (l *lines) next() bool {
	if l.err != nil {
		return false
	}
	piece, err := l.in.ReadSlice('\n')
	l.torn, l.long, l.found = false, false, 0
	if err == bufio.ErrBufferFull {
		piece, err = l.rest(piece)
	}
	if l.err = err; err != nil && len(piece) == 0 {
		return false
	}
	l.number++
	l.torn = err != nil
	l.text = charset.UTF8(trimEnd(piece))
	return true
}

// rest reads on behind the first piece of a line that the buffer does not hold.
func (l *lines) rest(piece []byte) ([]byte, error) {
	l.room = append(l.room[:0], piece...)
	var err error = bufio.ErrBufferFull
	for err == bufio.ErrBufferFull && len(l.room) < maxMessage {
		piece, err = l.in.ReadSlice('\n')
		l.room = append(l.room, piece...)
	}
	if err == bufio.ErrBufferFull {
		l.long = true
		err = l.drop()
	}
	return l.room, err
}

// drop reads the end of a long line and counts in it. A token may lie across two
// pieces, or across what is kept and what is dropped.
func (l *lines) drop() error {
	over := max(len(l.token)-1, 0)
	window := bytes.Clone(l.room[len(l.room)-over:])
	for {
		piece, err := l.in.ReadSlice('\n')
		window = append(window, piece...)
		if len(l.token) > 0 {
			l.found += bytes.Count(window, l.token)
		}
		window = append(window[:0], window[len(window)-min(over, len(window)):]...)
		if err != bufio.ErrBufferFull {
			return err
		}
	}
}

func trimEnd(s []byte) []byte {
	return bytes.TrimRight(s, "\r\n")
}

// reading gives the error that ended it, nil for the end of the file.
func (l *lines) reading() error {
	if l.err == io.EOF {
		return nil
	}
	return l.err
}
