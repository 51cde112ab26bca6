package bpa

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// errToken ends the reading of a file with a tag or a text beyond maxToken.
var errToken = errors.New("a tag, text or comment larger than 4 MiB")

// cleaner makes of any bytes characters that XML allows. What a server answered
// on a port can hold anything, and the XML reader would stop there for good.
type cleaner struct {
	in    *bufio.Reader
	ready []byte // cleaned and not yet read
	room  []byte
	left  int // bytes that the token being read may still have
}

// ReadByte keeps the XML reader from reading ahead.
func (c *cleaner) ReadByte() (byte, error) {
	if len(c.ready) == 0 {
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	if c.left--; c.left < 0 {
		return 0, errToken
	}
	b := c.ready[0]
	c.ready = c.ready[1:]
	return b, nil
}

// Read is there because the XML reader wants it; it asks for bytes only.
func (c *cleaner) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := c.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// longestRef is the longest reference to a character that is looked at: &#x10FFFF;
const longestRef = 10

// fill cleans what the input has at hand. A character or a reference that the
// buffer cuts off waits for the next time.
func (c *cleaner) fill() error {
	head, err := c.in.Peek(longestRef)
	if len(head) == 0 {
		return err
	}
	last := err != nil
	raw, _ := c.in.Peek(c.in.Buffered())
	c.room = c.room[:0]
	done := 0
	for done < len(raw) {
		rest := raw[done:]
		if !last && done > 0 && len(rest) < longestRef {
			break
		}
		done += c.one(rest)
	}
	_, _ = c.in.Discard(done)
	c.ready = c.room
	return nil
}

// one cleans the character or reference that s begins with and says how long it is.
func (c *cleaner) one(s []byte) int {
	if s[0] == '&' {
		if n := badReference(s); n > 0 {
			c.room = utf8.AppendRune(c.room, utf8.RuneError)
			return n
		}
	}
	if s[0] < utf8.RuneSelf {
		c.room = utf8.AppendRune(c.room, allowed(rune(s[0])))
		return 1
	}
	r, n := utf8.DecodeRune(s)
	c.room = utf8.AppendRune(c.room, allowed(r)) // U+FFFD for what is not UTF-8
	return n
}

// allowed is the character itself if XML 1.0 (section 2.2) has it.
func allowed(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return utf8.RuneError
	}
	return r
}

// badReference measures a reference to a character that XML does not have, such
// as &#x1;. Other references are 0 long.
func badReference(s []byte) int {
	s = s[:min(len(s), longestRef)]
	end := bytes.IndexByte(s, ';')
	if end < 4 || s[1] != '#' {
		return 0
	}
	digits, base := s[2:end], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 21)
	if err != nil || allowed(rune(n)) == rune(n) {
		return 0
	}
	return end + 1
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
