package collectors

import (
	"cmp"
	"maps"
	"slices"
)

// An attendance says which hours of which server are in which log.
type attendance struct {
	pieces map[home]*stretch
	last   struct { // of the row before: most are of the same file and server
		home
		*stretch
	}
}

// A home is a file, and a server that wrote in it.
type home struct{ file, server int32 }

// A stretch is from when to when rows were read.
type stretch struct {
	first, last place
	from, to    int64
	before      []stretch // with nothing between for a while
}

// here tells of the time of a row of a server, whichever message it is about.
func (a *attendance) here(e *entry) {
	key := home{e.place.file, e.server}
	s := a.last.stretch
	if s == nil || a.last.home != key {
		s = a.piece(key, e)
	}
	switch {
	case e.at > s.to+silence:
		before := append(s.before, stretch{first: s.first, last: s.last, from: s.from, to: s.to})
		*s = stretch{first: e.place, last: e.place, from: e.at, to: e.at, before: before[max(0, len(before)-maxTold):]}
	case e.at > s.to:
		s.to, s.last = e.at, e.place
	case e.at < s.from && s.from-e.at < silence:
		s.from, s.first = e.at, e.place
	}
}

func (a *attendance) piece(key home, e *entry) *stretch {
	s := a.pieces[key]
	if s == nil {
		s = &stretch{first: e.place, last: e.place, from: e.at, to: e.at}
		if a.pieces == nil {
			a.pieces = map[home]*stretch{}
		}
		a.pieces[key] = s
	}
	a.last.home, a.last.stretch = key, s
	return s
}

// keys are in the order of files.
func (a *attendance) keys() []home {
	return slices.SortedFunc(maps.Keys(a.pieces), func(a, b home) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.server, b.server))
	})
}

// earliest is when the first row was written, as far back as is known.
func (s *stretch) earliest() int64 {
	if len(s.before) > 0 {
		return s.before[0].from
	}
	return s.from
}
