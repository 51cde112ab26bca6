// Package sessionlog rebuilds SMTP sessions from the logs of mail servers: the
// protocol logs of Exchange 2007 and later, its connectivity logs, and the W3C
// logs of the SMTP service of Windows (Exchange 2000 and 2003). It sums up, for
// each server and each host that it talked to, what was said, what was refused,
// and who kept whom waiting.
//
// It reads each row once, in bounded memory: sessions lie interleaved in a log,
// and of each only the last few rows are kept until it ends. What a log leaves
// open stays open: a session whose beginning or end is in no file is counted as
// torn, and is no broken one. Layout facts are from
// knowledge/evidence-formats.md, sections 3 and 4.
package sessionlog

import (
	"hash/maphash"
	"io"
	"slices"

	"mailflow/internal/exlog"
)

// Bounds on what logs may ask for, whoever wrote them.
const (
	maxOpen    = 20_000 // sessions at once; a receive connector allows 5000 (Set-ReceiveConnector, MaxInboundConnection)
	maxPeers   = 20_000 // pairs of connector and host that are told apart; the rest is counted together
	maxKinds   = 100    // different refusals, events or addresses of one peer
	maxPutOffs = 50_000 // refused recipients of which the later acceptance is watched for
	maxText    = 300    // bytes of a text that is kept
	maxName    = 255    // bytes of a name (RFC 1035 section 2.3.4)
	maxWorst   = 5      // silences of one peer that are kept with their rows
)

// OtherHosts is the address of what is counted together because there are more
// hosts than are told apart.
const OtherHosts = "other hosts"

// A Book sums up sessions over any number of files. Files of one server are to be
// read in the order in which they were written: a session may go on in the next.
type Book struct {
	seed    maphash.Seed
	open    map[uint64]*session
	idle    []*session // used up, to be used again
	last    *session   // of the row before
	peers   []*peer
	peerOf  map[uint64]*peer
	servers servers
	putOffs map[uint64]putOff
	flights map[uint64]*flight // delivery connections of connectivity logs
	files   []string
	lost    int // sessions for which there was no room
	most    int // room for sessions; tests have less
}

// New makes an empty book.
func New() *Book {
	return &Book{seed: maphash.MakeSeed(), open: map[uint64]*session{}, peerOf: map[uint64]*peer{}, putOffs: map[uint64]putOff{},
		flights: map[uint64]*flight{}, servers: newServers(), most: maxOpen}
}

// A Reading is how reading one file went.
type Reading struct {
	Rows     int64 // that were taken
	Problems []exlog.Problem
	Err      error // why reading stopped before the end of the file
}

// Read takes one log. kind is what the file is (exlog.Sniff); a protocol log that
// does not say who opened its sessions cannot be judged and gives no rows.
func (b *Book) Read(name string, kind exlog.Kind, in io.Reader) Reading {
	f := &file{book: b, at: int32(len(b.files)), kind: kind, server: b.servers.add()}
	b.files = append(b.files, name)
	take, columns := f.reader()
	if take == nil {
		return Reading{}
	}
	r := exlog.NewReader(in, columns)
	var rows int64
	for r.Next() {
		if at, ok := r.Time(); ok {
			rows++
			take(r, at)
		}
	}
	b.last = nil
	return Reading{rows, r.Problems(), r.Err()}
}

// A file is a log while it is read.
type file struct {
	book   *Book
	at     int32 // which of the files
	kind   exlog.Kind
	server int32  // the server that wrote it
	said   uint64 // the name or address last said to be its own

	scratch []byte
}

// reader is what takes the rows of a file, and the columns it needs.
func (f *file) reader() (take func(r *exlog.Reader, at int64), columns []string) {
	switch f.kind {
	case exlog.Receive, exlog.Send:
		return f.protocol, []string{"connector-id", "session-id", "sequence-number", "local-endpoint", "remote-endpoint", "event", "data", "context"}
	case exlog.W3CSMTP:
		return f.w3c, []string{"c-ip", "cs-username", "s-computername", "s-ip", "s-port", "cs-method", "cs-uri-query", "sc-status", "time-taken"}
	case exlog.Connectivity:
		return f.connectivity, []string{"session", "source", "destination", "direction", "description"}
	}
	return nil, nil
}

// find gives the open session of a key, nil for none.
func (b *Book) find(key uint64) *session {
	if b.last != nil && b.last.key == key {
		return b.last
	}
	s := b.open[key]
	if s != nil {
		b.last = s
	}
	return s
}

// begin opens a session.
func (b *Book) begin(key uint64) *session {
	if len(b.open) >= b.most {
		b.makeRoom()
	}
	var s *session
	if n := len(b.idle); n > 0 {
		s, b.idle = b.idle[n-1], b.idle[:n-1]
		s.reset()
	} else {
		s = &session{}
	}
	s.key = key
	b.open[key], b.last = s, s
	return s
}

// makeRoom gives up the tenth of the sessions that have been silent for longest.
func (b *Book) makeRoom() {
	all := make([]*session, 0, len(b.open))
	for _, s := range b.open {
		all = append(all, s)
	}
	slices.SortFunc(all, bySilence)
	for _, s := range all[:len(all)/10+1] {
		b.lost++
		b.tear(s)
	}
}

// drop forgets a session that has ended.
func (b *Book) drop(s *session) {
	delete(b.open, s.key)
	if b.last == s {
		b.last = nil
	}
	b.idle = append(b.idle, s)
}

func (b *Book) hash(text []byte) uint64 { return maphash.Bytes(b.seed, text) }

// mix makes one key of two.
func mix(a, b uint64) uint64 {
	a = (a ^ b*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	return a ^ a>>32
}
