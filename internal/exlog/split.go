package exlog

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// splitter finds the separators of a row. It notes where they stand only up to
// the last column that is asked of most rows and counts the others, which is many
// times faster; where those stand is found when it is asked.
type splitter struct {
	sep     []byte // one byte: a comma, a tab or a blank
	quotes  bool   // values may stand between quotation marks
	dash    bool   // "-" stands for no value
	columns int    // of the table; 0 while no header has been seen
	soon    int    // separators whose places are found in each row
	need    int    // and in this row

	text     []byte // the buffer with the row
	from, to int    // the row, without its line end
	count    int    // separators found
	at       [maxColumns + block]int32
}

// How a row came apart.
type split int

const (
	whole   split = iota
	open          // a quotation mark is not closed in the row
	strayed       // text behind a closing quotation mark
)

// split cuts the row text[from:to]. The text must go on for a block behind it.
func (s *splitter) split(text []byte, from, to int) split {
	s.need = s.soon
	return s.again(text, from, to)
}

func (s *splitter) again(text []byte, from, to int) split {
	s.text, s.from, s.to, s.count = text, from, to, 0
	if s.quotes {
		if mark := bytes.IndexByte(text[from:to], '"'); mark >= 0 {
			return s.splitQuoted(from + mark)
		}
	}
	s.cut(from, to)
	return whole
}

// splitQuoted cuts a row whose first quotation mark is known. A mark inside a
// value that does not begin with one is text.
func (s *splitter) splitQuoted(mark int) split {
	from := s.from
	for {
		if mark > s.from && s.text[mark-1] != s.sep[0] {
			mark++
			s.cut(from, mark)
			from = mark
		} else {
			s.cut(from, mark)
			if from = closing(s.text, mark+1, s.to); from < 0 {
				return open
			}
			if from < s.to && s.text[from] != s.sep[0] {
				return strayed
			}
		}
		next := bytes.IndexByte(s.text[from:s.to], '"')
		if next < 0 {
			s.cut(from, s.to)
			return whole
		}
		mark = from + next
	}
}

// closing finds the end of a quoted value that begins at from: the place behind
// its closing mark, or -1. Two marks stand for one.
func closing(text []byte, from, to int) int {
	for {
		i := bytes.IndexByte(text[from:to], '"')
		if i < 0 {
			return -1
		}
		if from += i + 1; from == to || text[from] != '"' {
			return from
		}
		from++
	}
}

// cut finds the separators in text[from:to], which holds no quoted value. It is
// where the time goes: a block of 64 bytes becomes 64 bits, of which those at a
// separator are set, so that the processor need not guess the length of each
// value.
func (s *splitter) cut(from, to int) {
	pattern := 0x0101010101010101 * uint64(s.sep[0])
	for from < to && s.count < s.need {
		set := marks((*[block]byte)(s.text[from:]), pattern)
		if left := to - from; left < block {
			set &= 1<<left - 1
		}
		n := s.count
		for ; set != 0; set &= set - 1 {
			s.at[n] = int32(from + bits.TrailingZeros64(set))
			n++
		}
		s.count = n
		from += block
	}
	if from < to {
		s.count += bytes.Count(s.text[from:to], s.sep)
	}
}

// marks says which bytes of a block equal those of the pattern.
func marks(b *[block]byte, pattern uint64) uint64 {
	return same(b[0:8], pattern)>>56 | same(b[8:16], pattern)>>56<<8 |
		same(b[16:24], pattern)>>56<<16 | same(b[24:32], pattern)>>56<<24 |
		same(b[32:40], pattern)>>56<<32 | same(b[40:48], pattern)>>56<<40 |
		same(b[48:56], pattern)>>56<<48 | same(b[56:64], pattern)>>56<<56
}

// same has in its uppermost byte a bit for each of eight bytes that equals the
// pattern's. The sum carries into the top bit of a byte unless its lower seven
// bits are zero, so no byte disturbs its neighbour; the product gathers the top
// bits.
func same(b []byte, pattern uint64) uint64 {
	const low7 = 0x7f7f7f7f7f7f7f7f
	x := binary.LittleEndian.Uint64(b) ^ pattern
	return ^((x&low7 + low7) | x | low7) * 0x0002040810204081
}

// bounds says where a column stands in the text.
func (s *splitter) bounds(c int) (from, to int) {
	if c >= s.need && s.count > s.need {
		s.need = maxColumns
		s.again(s.text, s.from, s.to)
	}
	from, to = s.from, s.to
	if c > 0 {
		from = int(s.at[c-1]) + 1
	}
	if c < s.count {
		to = int(s.at[c])
	}
	return from, to
}

// surplus says that the row has values behind its last column.
func (s *splitter) surplus() bool {
	empty := string(s.sep) + " "
	if s.dash {
		empty += "-"
	}
	s.need = maxColumns
	s.again(s.text, s.from, s.to)
	rest := s.text[s.at[s.columns-1]:s.to]
	return s.count >= maxColumns || len(bytes.Trim(rest, empty)) > 0
}
