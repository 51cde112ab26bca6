package logindex

import "io"

// Spans are parts of a log, read as if nothing stood between them.
type Spans struct {
	list  []span
	bytes int64
}

// A span is one part, or several that stand together.
type span struct {
	from, to   int64 // bytes
	line       int64 // of its first row in the log
	lines      int64 // that it has; of no use for the last
	linesAhead int64 // of spans before
}

func (s *Spans) add(p, end part) {
	s.bytes += end.from - p.from
	if n := len(s.list); n > 0 && s.list[n-1].to == p.from {
		s.list[n-1].to = end.from
		s.list[n-1].lines += end.line - p.line
		return
	}
	ahead := int64(0)
	if n := len(s.list); n > 0 {
		ahead = s.list[n-1].linesAhead + s.list[n-1].lines
	}
	s.list = append(s.list, span{p.from, end.from, p.line, end.line - p.line, ahead})
}

// Bytes is how many there are to read.
func (s *Spans) Bytes() int64 { return s.bytes }

// Reader reads them from the log.
func (s *Spans) Reader(log io.ReaderAt) io.Reader {
	all := make([]io.Reader, len(s.list))
	for i, p := range s.list {
		all[i] = io.NewSectionReader(log, p.from, p.to-p.from)
	}
	return io.MultiReader(all...)
}

// Line is the line of the log that was read as the n-th, counted from 1.
func (s *Spans) Line(n int64) int64 {
	from, to := 0, len(s.list)
	for from+1 < to {
		if mid := (from + to) / 2; s.list[mid].linesAhead < n {
			from = mid
		} else {
			to = mid
		}
	}
	if to == 0 {
		return n
	}
	return s.list[from].line + n - 1 - s.list[from].linesAhead
}
