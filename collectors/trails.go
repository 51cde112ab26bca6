package collectors

import (
	"hash/maphash"
	"io"
	"io/fs"
	"slices"
	"sync"
	"time"

	"mailflow/evidence"
	"mailflow/internal/charset"
	"mailflow/internal/logindex"
	"mailflow/internal/maillog"
)

// Bounds of what the first reading of logs leaves for the second.
const (
	leastTrail = 4 << 20              // bytes of a log that is worth it
	maxTrails  = 16 << 20             // bytes of all
	maxOfYear  = 300 * 24 * time.Hour // beyond, lines without a year need those before them
)

// trails are what the first reading of logs leaves for the second: which parts of
// which log speak of which messages. A log that has changed since, or is packed, or
// of a format that is not indexed, is read again as a whole.
type trails struct {
	mutex sync.Mutex
	least int64
	files map[string]*trail // by path; nil once they are taken
}

// A trail is that of one log.
type trail struct {
	*logindex.Index
	size    int64
	changed time.Time
	seed    maphash.Seed // of the keys
	heads   int64        // lines of headers seen
	hours   []hours
	// messages got new ids in the queue
	requeues bool
}

// hours say that rows of a server stand in a log, and from when to when.
type hours struct {
	server, source string
	stretch
}

// leave replaces what an earlier run left.
func (t *trails) leave(l *ledger) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.files = l.trails
	for _, key := range l.attendance.keys() {
		left, s := l.trails[l.files[key.file]], l.attendance.pieces[key]
		if left == nil {
			continue
		}
		left.hours = append(left.hours, hours{l.servers[key.server].name, l.servers[key.server].source, *s})
		if time.Duration(s.to-s.earliest()) > maxOfYear {
			delete(t.files, l.files[key.file])
		}
	}
}

// take hands them over, once.
func (t *trails) take() map[string]*trail {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	all := t.files
	t.files = nil
	return all
}

// A disk file is one that can be read from any place, and tells when it was changed.
type diskFile interface {
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}

// onDisk gives a file of this size on a disk, nil for others.
func onDisk(f io.Reader, least int64) (diskFile, fs.FileInfo) {
	file, ok := f.(diskFile)
	if !ok {
		return nil, nil
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < least || info.ModTime().IsZero() {
		return nil, nil
	}
	return file, info
}

// newTrail begins the trail of a log, nil where there is to be none: where the places
// of rows in the text are not those in the file.
func (l *ledger) newTrail(f evidence.File, from io.Reader) *trail {
	file, info := onDisk(from, l.least)
	if l.least == 0 || file == nil || f.Format != formatTracking && f.Format != formatPostfix {
		return nil
	}
	start := make([]byte, 4)
	if _, err := file.ReadAt(start, 0); err != nil || !charset.Bytewise(start) {
		return nil
	}
	if l.trails == nil {
		l.trails = map[string]*trail{}
	}
	t := &trail{Index: logindex.New(&l.room), size: info.Size(), changed: info.ModTime(), seed: l.seed}
	l.trails[f.Path] = t
	return t
}

// row begins a row of a log of Exchange.
func (t *trail) row(offset, line, heads int64) {
	if heads != t.heads {
		t.heads = heads
		t.Header()
	}
	t.Row(offset, line)
}

// The keys of message ids and of ids in queues.
func (l *ledger) mailKey(e *entry) uint32 {
	if len(e.mail) > maxID {
		return keyOfMail(l.seed, e.mail)
	}
	return l.mailOf(e) >> 8
}

func keyOfMail(seed maphash.Seed, mail []byte) uint32 {
	return uint32(maphash.Bytes(seed, mail[:min(len(mail), maxID)])) >> 8
}

func keyOfQueue(seed maphash.Seed, queue []byte) uint32 {
	return uint32(maphash.Bytes(seed, queue) >> 32)
}

// A narrowed log is one without the parts that do not matter.
type narrowed struct {
	*trail
	*logindex.Spans
}

// narrow finds the parts of a log that speak of messages that are followed; nil where
// no trail of it was left, or it is another by now.
func (f *follower) narrow(path string, from io.Reader) *narrowed {
	t := f.trails[path]
	if t == nil {
		return nil
	}
	file, info := onDisk(from, 0)
	if file == nil || info.Size() != t.size || !info.ModTime().Equal(t.changed) {
		return nil
	}
	var keys []uint32
	for id := range f.want {
		keys = append(keys, keyOfMail(t.seed, []byte(id)), keyOfQueue(t.seed, []byte(id)))
	}
	for queue := range f.queues {
		keys = append(keys, keyOfQueue(t.seed, []byte(queue)))
	}
	return &narrowed{t, t.Find(keys, t.size)}
}

// file reads a log, or the parts of it that matter.
func (f *follower) file(shelf *exports, x *evidence.Export, log logFile, now time.Time, in io.Reader) (owner int32) {
	only := f.narrow(log.Path, shelf.file)
	if only == nil {
		return f.family(x, log, now, in)
	}
	f.only[int32(len(f.files)-1)] = only
	parts := &stoppable{shelf.ctx, only.Reader(shelf.file.(diskFile))}
	owner = f.family(x, log, now, newMeter(shelf.w, parts, log.Path, only.Bytes()))
	for i := range x.Problems {
		x.Problems[i].Line = int(only.Line(int64(x.Problems[i].Line)))
	}
	return owner
}

// learn finds the ids that the messages have in the queues of Postfix, by which most
// lines call them. Where a filter gives them new ones, those are looked for, too.
func (f *follower) learn(shelf *exports, files []logFile) {
	again := func(file logFile) bool { return f.trails[file.Path] != nil && f.trails[file.Path].requeues }
	for round, known := 0, -1; round < maxRequeued && known < len(f.queues); round++ {
		known = len(f.queues)
		f.learnOnce(shelf, files)
		if !slices.ContainsFunc(files, again) {
			return
		}
	}
}

// maxRequeued is how often a message may get a new id: filters stand in a chain.
const maxRequeued = 8

func (f *follower) learnOnce(shelf *exports, files []logFile) {
	for _, file := range files {
		if f.trails[file.Path] == nil || file.Format != formatPostfix {
			continue
		}
		if in, err := shelf.openEvidence(file.Path); err == nil {
			if n := f.narrow(file.Path, in); n != nil {
				f.queuesIn(n.Reader(in.(diskFile)))
			}
			in.Close()
		}
	}
}

func (f *follower) queuesIn(in io.Reader) {
	r := maillog.NewReader(in, maillog.Postfix)
	r.Skim(func(*maillog.Event) bool { return false })
	for r.Next() {
		m := r.Event()
		switch {
		case len(f.queues) >= maxSightings:
		case len(m.MessageID) > 0 && f.wants(m.MessageID):
			f.queues[clipped(m.Queue, maxID)] = true
		case m.What == maillog.Requeued && f.queues[string(m.Queue)]:
			f.queues[clipped(m.QueuedAs, maxID)] = true
		}
	}
}
