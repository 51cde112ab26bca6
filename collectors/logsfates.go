package collectors

import (
	"cmp"
	"slices"

	"mailflow/evidence"
)

// fork takes a message that was made of another on the same server, with some of
// its recipients. It waits since the other came.
func (l *ledger) fork(e *entry, from []byte) {
	parent := l.find(&entry{server: e.server, queue: from, mail: e.mail})
	if parent == nil || !parent.came {
		return
	}
	to, at, depth := e.to, parent.at, parent.depth
	parent.to -= to
	if parent.to <= 0 {
		l.finish(parent)
	}
	l.servers[e.server].saw(e.at)
	m := l.arrive(&entry{server: e.server, queue: e.queue, mail: e.mail, at: at, to: to, place: e.place})
	m.depth, m.seen = depth, max(m.seen, e.at)
}

// grow takes recipients that a message got in exchange for one: a group's.
func (l *ledger) grow(e *entry) {
	if m := l.find(e); m != nil {
		m.to += e.to - 1
	}
}

// stop takes recipients for which a message ended without leaving: it failed, was
// dropped, or had been delivered before.
func (l *ledger) stop(e *entry) {
	l.servers[e.server].saw(e.at)
	m := l.find(e)
	if m == nil {
		return
	}
	m.late = false
	if m.to -= e.to; m.to <= 0 && m.came {
		l.finish(m)
		return
	}
	l.settle(m)
}

func (l *ledger) finish(m *message) {
	l.settle(m)
	l.end(m)
}

// settle says that something became of a message.
func (l *ledger) settle(m *message) {
	if m.store && !m.gone {
		l.servers[m.server].storesLeft++
	}
	l.left(m)
}

// done ends the reading of the logs: what is open is waiting, if its log goes on.
func (l *ledger) done() []evidence.HopTraffic {
	l.nameless.name(l)
	for at, s := range l.servers {
		for i := s.oldest; i != none; i = l.message(i).next {
			l.remains(int32(at), l.message(i))
		}
	}
	var all []evidence.HopTraffic
	told := map[int32]bool{}
	for _, h := range l.sorted() {
		s := l.servers[h.server]
		t := h.traffic(s.name, s.source)
		t.Local = s.local
		if !told[h.server] {
			told[h.server] = true
			t.Problems, t.Filter = s.troubles(), s.filter
		}
		all = append(all, t)
	}
	return append(all, l.trace.traffic()...)
}

// remains counts a message that is open at the end.
func (l *ledger) remains(at int32, m *message) {
	s := l.servers[at]
	waits := m.came && (!m.gone || m.late)
	if waits && s.last-m.seen > horizon {
		s.lost++
		waits = false
	}
	unclear := m.store && !m.late && s.storesUnclear()
	if waits = waits && s.last-m.at >= int64(evidence.LateFrom) && m.seen >= s.unbroken && !unclear; waits || m.late && m.more != nil {
		h := m.goes
		if h == none {
			h = l.hopTo(at, m.toward())
		}
		l.putOff(m, l.hops[h])
		if waits {
			l.hops[h].holds(m)
			l.hops[h].begin(l.where(m.place))
		}
	}
}

// toward is the next hop of a message that was never bound for one: the domain that it
// is for, if an attempt was put off.
func (m *message) toward() []byte {
	if m.more == nil || m.more.toward == "" {
		return []byte(evidence.NoHopYet)
	}
	return []byte(m.more.toward)
}

// sorted lists the next hops that something is said of, by server.
func (l *ledger) sorted() []*hop {
	list := slices.DeleteFunc(slices.Clone(l.hops), func(h *hop) bool {
		return h.waits.n == 0 && h.waiting == 0 && len(h.deferrals) == 0
	})
	slices.SortFunc(list, func(a, b *hop) int {
		return cmp.Or(cmp.Compare(l.servers[a.server].name, l.servers[b.server].name), cmp.Compare(b.waits.n, a.waits.n), cmp.Compare(a.to, b.to))
	})
	return list
}
