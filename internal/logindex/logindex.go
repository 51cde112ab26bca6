// Package logindex remembers which parts of a large log speak of which messages,
// so that a few messages are found again without reading the whole of it. An index
// is made while a log is read from its beginning to its end, and lives as long as
// the run.
//
// It never leaves a part out that speaks of a message. It keeps 24 bits of each
// key, so that it names a part that does not: with 300 messages sought and 200 in
// each part, one part in 280.
package logindex

// Bounds of what is kept.
const (
	partSize = 64 << 10 // bytes: some hundred rows of message tracking, five hundred lines of Postfix
	width    = 3        // bytes of a key
)

// A part of a log begins with a row.
type part struct {
	from, line int64  // of that row: in bytes from the beginning, and counted from 1
	keys       []byte // of its messages, width bytes each
	always     bool   // it has a header, without which other rows are not understood
}

// An Index is of one log.
type Index struct {
	size  int64 // bytes of a part
	room  *int64
	parts []part
	begun []byte // keys of the last part
	seen  [1024]uint64
}

// New makes the index of a log. Room is how many bytes keys may take, which several
// logs may share; where it ends, the rest of the log is one part that is always read.
func New(room *int64) *Index { return newIndex(room, partSize) }

func newIndex(room *int64, size int64) *Index {
	return &Index{size: size, room: room, parts: []part{{line: 1, always: true}}}
}

// Row begins a row: its place in bytes from the beginning, and its line.
func (x *Index) Row(offset, line int64) {
	if last := &x.parts[len(x.parts)-1]; offset-last.from >= x.size && *x.room > 0 {
		last.keys = append([]byte(nil), x.begun...)
		x.begun = x.begun[:0]
		x.parts = append(x.parts, part{from: offset, line: line})
	}
}

// Header says that what stands between the row before and the next one is needed to
// understand others. It comes before Row.
func (x *Index) Header() { x.parts[len(x.parts)-1].always = true }

// Add says that the row is about a message, of which the key is a hash.
func (x *Index) Add(key uint32) {
	key &= 1<<(8*width) - 1
	mark := uint64(len(x.parts))<<32 | uint64(key)
	if slot := &x.seen[key%uint32(len(x.seen))]; *slot != mark {
		*slot = mark
		x.keep(key)
	}
}

func (x *Index) keep(key uint32) {
	if *x.room -= width; *x.room < 0 {
		x.Header()
		return
	}
	x.begun = append(x.begun, byte(key), byte(key>>8), byte(key>>16))
}

// Find gives the parts that speak of messages, or are needed for those that do.
// Length is that of the log in bytes.
func (x *Index) Find(wanted []uint32, length int64) *Spans {
	sought := newKeys(wanted)
	s := &Spans{}
	for i, p := range x.parts {
		keys, end := p.keys, part{from: length, line: p.line}
		if i+1 < len(x.parts) {
			end = x.parts[i+1]
		} else {
			keys = x.begun
		}
		if p.always || sought.any(keys) {
			s.add(p, end)
		}
	}
	return s
}

// keys are those that are sought. Most others are told from them by two bytes.
type keys struct {
	all   map[uint32]bool
	first [1 << 16]bool
}

func newKeys(wanted []uint32) *keys {
	k := &keys{all: map[uint32]bool{}}
	for _, key := range wanted {
		k.all[key&(1<<(8*width)-1)] = true
		k.first[uint16(key)] = true
	}
	return k
}

func (k *keys) any(list []byte) bool {
	for ; len(list) >= width; list = list[width:] {
		low := uint32(list[0]) | uint32(list[1])<<8
		if k.first[low] && k.all[low|uint32(list[2])<<16] {
			return true
		}
	}
	return false
}
