package sessionlog

import (
	"bytes"
	"slices"
	"strings"
)

// maxTo is how many recipients a kind of refusal names.
const maxTo = 5

// refusal counts a 4xx or 5xx reply with the others of its kind. The example that
// is kept is the earliest.
func (p *peer) refusal(v verb, n int, line []byte, at int64, s *session) *Reply {
	key := v.String() + " " + shape(line)
	x := p.refusals[key]
	if x == nil {
		if len(p.refusals) >= maxKinds {
			return nil
		}
		if p.refusals == nil {
			p.refusals = map[string]*Reply{}
		}
		x = &Reply{Verb: v.String(), Code: n, First: at, Last: at, Line: -1}
		p.refusals[key] = x
	}
	x.Count++
	if x.last != s || x.rank != s.began {
		x.Sessions++
		x.last, x.rank = s, s.began
	}
	if x.Line < 0 || at < x.First {
		x.First, x.file, x.Line, x.Text, x.Rows = at, s.in, s.at, fit(line), s.rows.excerpt()
	}
	x.Last = max(x.Last, at)
	return x
}

// shape is what replies have in common that differ in numbers, names and
// addresses.
func shape(line []byte) string {
	var out strings.Builder
	for word := range bytes.FieldsFuncSeq(line[:min(len(line), maxText)], apart) {
		if bytes.ContainsAny(word, "0123456789@.") && !status(word) {
			word = []byte("#")
		}
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.Write(bytes.ToLower(word))
	}
	return out.String()
}

func apart(r rune) bool { return strings.ContainsRune(" \t;,:()[]{}<>\"'=", r) }

// status recognises 451 and 4.4.1, which tell replies apart.
func status(w []byte) bool {
	return len(w) >= 3 && len(w) <= 7 && (w[0] == '4' || w[0] == '5') && len(bytes.Trim(w, "0123456789.")) == 0 && (len(w) == 3 || w[1] == '.')
}

// A putOff is a pair of sender and recipient that was put off.
type putOff struct {
	by *Reply
	at int64
}

// putOff notes that one was.
func (b *Book) putOff(s *session, p pending, by *Reply, at int64) {
	key := b.pair(s, p)
	if old, known := b.putOffs[key]; known {
		old.by.Again++
		return
	}
	if len(b.putOffs) < maxPutOffs {
		by.Pairs++
		b.putOffs[key] = putOff{by, at}
	}
}

// pair is a sender and a recipient, as the server that logs has them.
func (b *Book) pair(s *session, p pending) uint64 {
	return mix(mix(s.from, p.to), uint64(b.servers.root(s.peer.server))<<1|truth(s.peer.out))
}

// passed notes that a pair was accepted which may have been put off before.
func (b *Book) passed(s *session, p pending, at int64) {
	if len(b.putOffs) == 0 || p.to == 0 {
		return
	}
	key := b.pair(s, p)
	old, known := b.putOffs[key]
	if !known || old.by.Verb == Body && p.verb == vRcpt || old.by.Verb == BDATLast && p.verb == vRcpt {
		return
	}
	delete(b.putOffs, key)
	took := at - old.at
	x := old.by
	if x.Passed == 0 || took < x.Soonest {
		x.Soonest = took
	}
	if took > x.Latest || x.Passed == 0 {
		x.Latest, x.PassedAt = took, at
	}
	x.Passed++
}

// about keeps an example of whom a refusal is about.
func (x *Reply) about(b *Book, s *session, p pending) {
	if len(x.To) < maxTo {
		if to := s.rows.recipient(b, p.to); to != "" && !slices.Contains(x.To, to) {
			x.To = append(x.To, to)
		}
	}
}

// recipient finds the address in the rows that has this hash, "" where it is no
// longer there.
func (r *rows) recipient(b *Book, hash uint64) string {
	for i := range min(r.count, keptRows) {
		k := &r.list[i]
		if text := k.text[:k.len]; command(text) == vRcpt && b.hash(address(text)) == hash {
			return fit(address(text))
		}
	}
	return ""
}
