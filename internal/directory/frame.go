package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// RFC 4511 section 5.1 allows LDAP only the definite form of lengths, and no
// tag above 30 is used. The decoder underneath takes a length of up to 2 GiB, a
// depth of 1000 and keeps a copy of the content on each level, so each reply is
// looked through before.
const (
	tagBoolean     = 0x01
	tagInteger     = 0x02
	tagOctetString = 0x04
	tagEnumerated  = 0x0a
	tagSequence    = 0x30
	tagSet         = 0x31
	tagControls    = 0xa0
	constructed    = 0x20
)

var (
	errNotLDAP = errors.New("what came is not LDAP")
	errPieces  = errors.New("a reply has more pieces than an object can have")
	errDeep    = errors.New("a reply is nested deeper than LDAP is")
)

// readMessage reads one message and not a byte more, header included. What it
// holds grows with what comes, not with what was announced. The limit is asked
// for when the length is known: waiting began perhaps before the request.
func readMessage(r io.Reader, limit func() int, into *bytes.Buffer) error {
	into.Reset()
	if _, err := io.CopyN(into, r, 2); err != nil {
		return err
	}
	if into.Bytes()[0] != tagSequence {
		return errNotLDAP
	}
	length := int(into.Bytes()[1])
	if length >= 0x80 {
		n := length & 0x7f
		if n == 0 || n > 4 {
			return errNotLDAP
		}
		if _, err := io.CopyN(into, r, int64(n)); err != nil {
			return unexpected(err)
		}
		length = number(into.Bytes()[2:])
	}
	if most := limit(); length < 0 || length > most {
		return fmt.Errorf("a reply of %d bytes was announced, more than the %d that may come", uint32(length), most)
	}
	_, err := io.CopyN(into, r, int64(length))
	return unexpected(err)
}

// unexpected is what an end inside of a message is.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// number reads at most four bytes.
func number(b []byte) (n int) {
	for _, digit := range b {
		n = n<<8 | int(digit)
	}
	return n
}

// cut takes the first element of b apart.
func cut(b []byte) (tag byte, content, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return 0, nil, nil, false
	}
	tag, length, head := b[0], int(b[1]), 2
	if length >= 0x80 {
		n := length & 0x7f
		if n == 0 || n > 4 || len(b) < 2+n {
			return 0, nil, nil, false
		}
		length, head = number(b[2:2+n]), 2+n
	}
	if length < 0 || length > len(b)-head {
		return 0, nil, nil, false
	}
	return tag, b[head : head+length], b[head+length:], true
}

// inspect looks a whole message through and counts its elements.
func inspect(message []byte) (pieces int, err error) {
	tag, body, rest, ok := cut(message)
	if !ok || tag != tagSequence || len(rest) > 0 {
		return 0, errNotLDAP
	}
	for i := 0; i < 2 || len(body) > 0; i++ {
		var content []byte
		start := body
		if tag, content, body, ok = cut(body); !ok || !wellPlaced(i, tag, content) {
			return 0, errNotLDAP
		}
		if err := count(start[:len(start)-len(body)], 2, &pieces); err != nil {
			return 0, err
		}
	}
	return pieces, nil
}

// wellPlaced checks the outer parts: a number, an operation, and controls.
func wellPlaced(i int, tag byte, content []byte) bool {
	switch i {
	case 0:
		return tag == tagInteger && len(content) > 0 && len(content) <= 4
	case 1:
		return tag&0xc0 == 0x40
	case 2:
		return tag == tagControls && len(content) <= maxControls
	}
	return false
}

// count goes through the elements in b.
func count(b []byte, depth int, pieces *int) error {
	if depth > maxDepth {
		return errDeep
	}
	for len(b) > 0 {
		tag, content, rest, ok := cut(b)
		if !ok || !known(tag) {
			return errNotLDAP
		}
		if *pieces++; *pieces > maxElements {
			return errPieces
		}
		if tag&constructed != 0 {
			if err := count(content, depth+1, pieces); err != nil {
				return err
			}
		}
		b = rest
	}
	return nil
}

// known tells whether LDAP uses the tag. Of the universal ones it uses six.
func known(tag byte) bool {
	switch tag {
	case tagBoolean, tagInteger, tagOctetString, tagEnumerated, tagSequence, tagSet:
		return true
	}
	return tag&0xc0 != 0
}
