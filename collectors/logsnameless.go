package collectors

import (
	"path"
	"strings"

	"mailflow/internal/maillog"
)

// nobodyNamed is what the server is called whose log does not name it: the main log
// of Exim does not.
const nobodyNamed = "the Exim server"

// overhang is for how long processes that began before a log was put away write on
// in it.
const overhang = int64(60 * 60 * 1e9)

// nameless are the servers whose logs do not name them. Which files are of one of
// them, their hours tell: files of the same hours are of several servers, unless
// one has a message that the other has.
type nameless struct {
	servers []unnamed
	wanted  map[string]int // ids of messages with which files begin: one more than the place of the server that knows it, 0 for none yet
}

// An unnamed is a server whose logs do not name it.
type unnamed struct {
	server int32
	file   string // its first
	series string // of its latest
	local  bool
	last   int64 // the latest row
}

// unnamed is the server of a line that names none.
func (t *mailLog) unnamed(m *maillog.Event, at int64) int32 {
	n := &t.nameless
	if t.mine < 0 {
		if t.mine = n.pick(t.ledger, int(t.file), at); t.mine < 0 {
			return none
		}
	}
	s := &n.servers[t.mine]
	s.last = max(s.last, at)
	if owner, wanted := n.wanted[string(m.Queue)]; wanted && owner == 0 {
		n.wanted[string(m.Queue)] = t.mine + 1
	}
	return s.server
}

// pick finds the server of a file, or makes one. -1 means that there are too many.
func (n *nameless) pick(l *ledger, file int, at int64) int {
	if n.wanted == nil {
		n.wanted = map[string]int{}
		for _, f := range l.copies.files {
			if f.message != "" {
				n.wanted[f.message] = 0
			}
		}
	}
	name, first := l.files[file], ""
	if file < len(l.copies.files) {
		first = l.copies.files[file].message
	}
	mine := n.wanted[first] - 1
	if mine < 0 || n.servers[mine].local != l.local {
		mine = n.goesOn(seriesOf(name), l.local, at)
	}
	if mine < 0 {
		server := l.serverOf([]byte(nobodyNamed + strings.Repeat("'", len(n.servers))))
		if server == none {
			return -1
		}
		n.servers = append(n.servers, unnamed{server: server, file: name, local: l.local})
		mine = len(n.servers) - 1
	}
	n.servers[mine].series = seriesOf(name)
	return mine
}

// goesOn finds the server whose log ended before this one begins: of several that
// whose files have the same name, but for a number or a date. With none such the
// only one goes on; of two nobody knows which.
func (n *nameless) goesOn(series string, local bool, at int64) int {
	found, ended := -1, 0
	for i, s := range n.servers {
		if s.local != local || s.last > at+overhang {
			continue
		}
		if s.series == series {
			return i
		}
		found, ended = i, ended+1
	}
	if ended == 1 && len(n.servers) == 1 {
		return found
	}
	return -1
}

// seriesOf is the name of a log without what tells it from earlier ones: mainlog,
// mainlog.1 and mainlog.2.gz are one series.
func seriesOf(name string) string {
	dir, base := path.Split(strings.ReplaceAll(name, `\`, "/"))
	for _, end := range []string{".gz", ".bz2", ".xz", ".zst", ".log", ".txt"} {
		base = strings.TrimSuffix(base, end)
	}
	return dir + strings.TrimRight(base, "0123456789.-_")
}

// name gives each of several its own name, by its first file.
func (n *nameless) name(l *ledger) {
	if len(n.servers) < 2 {
		return
	}
	for _, s := range n.servers {
		l.servers[s.server].name = nobodyNamed + " of " + clipped([]byte(s.file), maxLabel)
	}
}
