package queuelist

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// scan reads JSON (RFC 8259) from memory. It is here because a torn message has
// to be read as far as it goes, and encoding/json reads all or nothing.
type scan struct {
	rest []byte
	room string
}

// maxDepth bounds how deep values lie that are skipped.
const maxDepth = 32

// peek gives the next character behind blanks, 0 at the end.
func (c *scan) peek() byte {
	for i, b := range c.rest {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			c.rest = c.rest[i:]
			return b
		}
	}
	c.rest = nil
	return 0
}

// take takes a character if it is the next.
func (c *scan) take(want byte) bool {
	if c.peek() != want {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// token takes a string as it is written, with its quotation marks. A line feed
// is not part of one: there the line is torn.
func (c *scan) token() (token []byte, escaped, ok bool) {
	if c.peek() != '"' {
		return nil, false, false
	}
	for i := 1; i < len(c.rest); i++ {
		switch c.rest[i] {
		case '"':
			token, c.rest = c.rest[:i+1], c.rest[i+1:]
			return token, escaped, true
		case '\\':
			escaped = true
			i++
		case '\n':
			return nil, false, false
		}
	}
	return nil, false, false
}

// text takes a string. With a damaged escape it is what is written.
func (c *scan) text() ([]byte, bool) {
	token, escaped, ok := c.token()
	if !ok {
		return nil, false
	}
	if escaped {
		if err := json.Unmarshal(token, &c.room); err == nil {
			return []byte(c.room), true
		}
	}
	return token[1 : len(token)-1], true
}

// whole takes a number without a fraction.
func (c *scan) whole() (int64, bool) {
	c.peek()
	end := 0
	for end < len(c.rest) && (c.rest[end] >= '0' && c.rest[end] <= '9' || c.rest[end] == '-') {
		end++
	}
	if end < len(c.rest) && bytes.IndexByte([]byte(".eE"), c.rest[end]) >= 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(c.rest[:end]), 10, 64)
	if err != nil {
		return 0, false
	}
	c.rest = c.rest[end:]
	return n, true
}

// object gives every field of an object; field takes its value. The key is good
// until the value is read.
func (c *scan) object(field func(key []byte) bool) bool {
	if !c.take('{') {
		return false
	}
	if c.take('}') {
		return true
	}
	for {
		key, ok := c.text()
		if !ok || !c.take(':') || !field(key) {
			return false
		}
		if !c.take(',') {
			return c.take('}')
		}
	}
}

// array gives every item of an array; item takes it.
func (c *scan) array(item func() bool) bool {
	if !c.take('[') {
		return false
	}
	if c.take(']') {
		return true
	}
	for item() {
		if !c.take(',') {
			return c.take(']')
		}
	}
	return false
}

// skip takes any value.
func (c *scan) skip(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch c.peek() {
	case '{':
		return c.object(func([]byte) bool { return c.skip(depth + 1) })
	case '[':
		return c.array(func() bool { return c.skip(depth + 1) })
	case '"':
		_, _, ok := c.token()
		return ok
	}
	end := 0
	for end < len(c.rest) && (alphanumeric(c.rest[end]) || bytes.IndexByte([]byte("+-."), c.rest[end]) >= 0) {
		end++
	}
	c.rest = c.rest[end:]
	return end > 0
}

// depth follows the brackets of a line. inside says that it ends inside of a
// string.
func depth(line []byte) (n int, inside bool) {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			inside = !inside
		case c == '\\' && inside:
			i++
		case inside:
		case c == '{' || c == '[':
			n++
		case c == '}' || c == ']':
			n--
		}
	}
	return n, inside
}
