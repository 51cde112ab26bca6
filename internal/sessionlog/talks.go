package sessionlog

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"mailflow/internal/exlog"
)

// Bounds on the rows of sessions that are looked for, whoever wrote them.
const (
	maxTalkRows  = 5000    // of one session in one file: some thousand messages
	maxTalksRows = 100_000 // of all of them, some 30 MB
	introduced   = 1000    // rows of each file by which it is known whose log it is
)

// Talks looks up single sessions by their ids, which are those that message
// tracking has in source-context (knowledge/evidence-formats.md, sections 2 and 3).
// The rows of other sessions are passed over. Ids are each server's own: whose log
// a session is from is told with it.
type Talks struct {
	want    map[string]bool
	rows    map[talkKey]*said
	files   []talkFile
	servers servers
	kept    int // rows of all sessions
	most    int // room for rows; tests have less
}

// A talkKey is a session in one file.
type talkKey struct {
	file       int32
	id, remote string
}

type talkFile struct {
	name   string
	kind   exlog.Kind
	server int32
}

// A said is what was kept of a session in a file.
type said struct {
	rows []line
	more bool // there was no room for the rest
}

// A line is one row.
type line struct {
	at, sequence, line int64
	file               int32
	event              byte
	text               string
}

// NewTalks makes one that looks for these ids.
func NewTalks(ids []string) *Talks {
	t := &Talks{want: map[string]bool{}, rows: map[talkKey]*said{}, servers: newServers(), most: maxTalksRows}
	for _, id := range ids {
		t.want[id] = id != ""
	}
	return t
}

// Read reads one protocol log, of which it is known who opened its sessions, or one
// connectivity log; of other kinds nothing. The error is why reading stopped before
// the end of the file.
func (t *Talks) Read(name string, kind exlog.Kind, in io.Reader) error {
	f := talkFile{name, kind, t.servers.add()}
	columns, take := []string{"session-id", "connector-id", "sequence-number", "local-endpoint", "remote-endpoint", "event", "data", "context"}, t.protocol
	switch kind {
	case exlog.Receive, exlog.Send:
	case exlog.Connectivity:
		columns, take = []string{"session", "source", "destination", "direction", "description"}, t.connectivity
	default:
		return nil
	}
	t.files = append(t.files, f)
	r := exlog.NewReader(in, columns)
	for n := 0; r.Next(); n++ {
		if id := r.Field(0); t.want[string(id)] {
			take(r, string(id))
		} else if n < introduced && kind != exlog.Connectivity {
			t.introduce(r)
		}
	}
	return r.Err()
}

// The columns of a protocol log, behind that of the session.
const (
	talkConnector = 1 + iota
	talkSequence
	talkLocal
	talkRemote
	talkEvent
	talkData
	talkContext
)

func (t *Talks) protocol(r *exlog.Reader, id string) {
	event, text := r.Field(talkEvent), r.Field(talkData)
	t.introduce(r)
	if len(event) != 1 {
		return
	}
	if len(text) == 0 {
		text = r.Field(talkContext)
	}
	t.keep(r, id, r.Field(talkRemote), line{sequence: number(r.Field(talkSequence)), event: event[0], text: fit(text)})
}

// connectivity takes a row about SMTP. Deliveries into mailboxes open no session.
func (t *Talks) connectivity(r *exlog.Reader, id string) {
	if direction := r.Field(3); len(direction) == 1 && bytes.EqualFold(r.Field(1), []byte("SMTP")) {
		t.keep(r, id, r.Field(2), line{event: direction[0], text: fit(r.Field(4))})
	}
}

func (t *Talks) keep(r *exlog.Reader, id string, remote []byte, l line) {
	at, ok := r.Time()
	if !ok {
		return
	}
	key := talkKey{int32(len(t.files) - 1), id, fit(remote)}
	s := t.rows[key]
	if s == nil {
		s = &said{}
		t.rows[key] = s
	}
	if s.more = s.more || len(s.rows) == maxTalkRows || t.kept >= t.most; s.more {
		return
	}
	t.kept++
	l.at, l.line, l.file = at, r.Line(), key.file
	s.rows = append(s.rows, l)
}

// introduce takes from a row of a protocol log whose log it is.
func (t *Talks) introduce(r *exlog.Reader) {
	f := t.files[len(t.files)-1]
	if name := owner(r.Field(talkConnector)); name != nil && f.kind == exlog.Receive {
		t.servers.is(f.server, fit(name))
		if s := t.server(f); s.name == "" {
			s.name = fit(name)
		}
	}
	if addr := host(r.Field(talkLocal)); !loopback(addr) {
		t.servers.is(f.server, fit(addr))
	}
	event, text := r.Field(talkEvent), r.Field(talkData)
	switch s := t.server(f); {
	case len(event) != 1:
	case f.kind == exlog.Receive && event[0] == '>' && s.fqdn == "" && bytes.HasPrefix(text, []byte("220 ")):
		s.fqdn = called(text[4:])
	case f.kind == exlog.Send && event[0] == '>' && s.helo == "" && command(text) == vHello:
		s.helo = called(behind(text, 5))
	}
}

func (t *Talks) server(f talkFile) *server { return &t.servers.list[t.servers.root(f.server)] }

// called is the full name that a greeting begins with.
func called(text []byte) string {
	word, _, _ := bytes.Cut(text, []byte(" "))
	if len(word) > maxName || !isName(word) {
		return ""
	}
	return fit(word)
}

// Done gives the sessions that were found, the rows of one that goes from one file
// of its server to the next put together. They are in no order to rely on but that
// it is the same for the same logs.
func (t *Talks) Done() []Talk {
	type whole struct {
		server     int32
		kind       exlog.Kind
		id, remote string
	}
	all := map[whole]*said{}
	for key, s := range t.rows {
		f := t.files[key.file]
		w := whole{t.servers.root(f.server), f.kind, key.id, key.remote}
		if all[w] == nil {
			all[w] = &said{}
		}
		all[w].rows, all[w].more = append(all[w].rows, s.rows...), all[w].more || s.more
	}
	var list []Talk
	for w, s := range all {
		for _, rows := range s.sessions() {
			talk := t.talk(w.kind, w.id, w.remote, rows)
			talk.Torn = talk.Torn || s.more
			list = append(list, talk)
		}
	}
	slices.SortFunc(list, func(a, b Talk) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Began, b.Began), cmp.Compare(b.Kind, a.Kind), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return list
}

// sessions parts the rows of an id that was used more than once: another session
// begins where it connects again, behind its end, and where its numbers begin anew.
// Rows that stand in two copies of a log count once.
func (s *said) sessions() (all [][]line) {
	slices.SortStableFunc(s.rows, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.sequence, b.sequence), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	var one []line
	talked := false
	for i, l := range s.rows {
		last := s.rows[max(i-1, 0)]
		if i > 0 && l.at == last.at && l.sequence == last.sequence && l.event == last.event && l.text == last.text {
			continue
		}
		if begins := l.event == '+' || attempt(l); len(one) > 0 && (last.event == '-' || begins && talked || l.sequence > 0 && l.sequence < last.sequence) {
			all, one, talked = append(all, one), nil, false
		}
		one = append(one, l)
		talked = talked || l.event != '*'
	}
	if len(one) > 0 {
		all = append(all, one)
	}
	return all
}
