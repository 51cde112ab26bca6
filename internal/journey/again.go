package journey

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/net/publicsuffix"

	"mailflow/evidence"
)

// byHold ties a message that a program took out of the queue, and put back under an
// id of its own: the first id ends without a word about where it went, and a later
// one begins at a program of the same host. Where the log has the program's own word
// for it (MailScanner: Requeue), that is a split.
func (s *scene) byHold(t *trip) {
	for at, to := range t.stops {
		came, ok := to.arrival()
		if to.from >= 0 || !ok || came.What == evidence.SawAgain || came.Peer != "" && !loopback(came.Peer) {
			continue
		}
		if from := t.vanished(to, came.At); from >= 0 {
			f := t.stops[from]
			f.exits = append(f.exits, exit{first: came.At, last: came.At, row: len(f.rows) - 1, next: to.queue, split: true, taken: at})
			f.gone = came.At
			to.from, to.out, to.tie = from, len(f.exits)-1, relayed
		}
	}
}

// vanished is the last stop on the same server of which nothing was said any more
// before a time, and that did not go anywhere; -1 for none.
func (t *trip) vanished(to *stop, at time.Time) (best int) {
	best = -1
	for i, s := range t.stops {
		last := s.outcome()
		mails := last.Source == postfix || last.Source == exim || last.Source == sendmail
		idle := last.What == evidence.SawHeld || last.What == evidence.SawCame || last.What == evidence.SawSubmitted
		if s == to || s.server != to.server || s.queue == "" || !mails || !idle || len(s.exits) > 0 || s.rows[len(s.rows)-1].At.After(at) {
			continue
		}
		if best < 0 || s.rows[0].At.After(t.stops[best].rows[0].At) {
			best = i
		}
	}
	return best
}

// What Exchange names as the source where it submits again what it keeps of mail
// that was delivered or passed on.
const (
	safetyNet = "SAFETYNET"
	shadow    = "REDUNDANCY"
)

// keptCopies takes out what a server did with a copy that it had kept of a message
// which had arrived: its journey ends with the first delivery.
func (s *scene) keptCopies(t *trip) {
	out := map[int]bool{}
	for at, stop := range t.stops {
		first := stop.rows[0]
		kept := first.What == evidence.SawAgain && (first.Text == safetyNet || first.Text == shadow)
		twice := stop.from < 0 && first.What == evidence.SawDropped && first.Text == DuplicateDeliver && len(stop.exits) == 0
		if (kept || twice) && t.deliveredBefore(first) {
			out[at] = true
			t.remarks = append(t.remarks, tellCopy(stop, first, kept))
		}
	}
	if len(out) == 0 {
		return
	}
	for at := range t.stops { // and what came of it
		for n, from := 0, at; n <= len(t.stops) && from >= 0; n, from = n+1, t.stops[from].from {
			if out[from] {
				out[at] = true
				break
			}
		}
	}
	*t = *t.without(out)
}

// DuplicateDeliver is the text of a message that was dropped because the mailbox
// had it already.
const DuplicateDeliver = "DUPLICATEDELIVER"

func tellCopy(s *stop, first evidence.Sighting, kept bool) string {
	at := first.At.UTC().Format(dayTime)
	if !kept {
		return fmt.Sprintf("%s had another copy at %s, and dropped it: the mailbox had the message already", s.server, at)
	}
	end := ""
	if s.said(evidence.SawDropped) {
		end = "; the copy was dropped, as the mailbox had the message already"
	}
	return fmt.Sprintf("%s submitted a kept copy again (%s) at %s, after it had been delivered: that is no part of its way%s", s.server, first.Text, at, end)
}

// deliveredBefore says whether a message had been delivered, to all of these
// recipients, before a time.
func (t *trip) deliveredBefore(r evidence.Sighting) bool {
	any, to := false, map[string]bool{}
	for _, s := range t.stops {
		for _, o := range s.rows {
			if o.What == evidence.SawDelivered && o.At.Before(r.At) {
				any = true
				for _, name := range o.To {
					to[name] = true
				}
			}
		}
	}
	return any && !slices.ContainsFunc(r.To, func(name string) bool { return !to[name] })
}

// without is a trip without some of its stops, and without what led from them.
func (t *trip) without(out map[int]bool) *trip {
	return t.part(func(at int) bool { return !out[at] })
}

// part is a trip with some of its stops, which are all that their ways lead over.
func (t *trip) part(in func(at int) bool) *trip {
	place := map[int]int{-1: -1}
	p := &trip{message: t.message, remarks: t.remarks}
	for at, s := range t.stops {
		if in(at) {
			place[at] = len(p.stops)
			p.stops = append(p.stops, s)
		}
	}
	move := func(at int) int {
		if to, here := place[at]; here {
			return to
		}
		return -1
	}
	for _, s := range p.stops {
		s.from = move(s.from)
		for i := range s.exits {
			s.exits[i].taken = move(s.exits[i].taken)
		}
	}
	return p
}

// uses takes messages apart that have one id: scanners, printers and monitors may
// give the same to all that they send. Each coming from the same host at the same
// server is one, if there are three over some time, or if two differ in what
// servers tell messages by. Two that are alike may be one that was sent twice.
func (s *scene) uses(t *trip) []*trip {
	roots := s.comings(t)
	switch {
	case len(roots) < 2:
		return []*trip{t}
	case len(roots) == 2 && !t.differ(roots):
		second := t.stops[roots[1]]
		t.remarks = append(t.remarks, fmt.Sprintf("it came a second time, from %s, at %s: its sender sent it again, or gave its id to another message", second.rows[second.came].Peer, second.rows[0].At.UTC().Format(clockTime)))
		return []*trip{t}
	}
	of := map[int]int{} // the coming that each stop belongs to
	for at := range t.stops {
		of[at] = t.coming(at, roots)
	}
	first, last := t.stops[roots[0]], t.stops[roots[len(roots)-1]]
	meaning := "several messages have it, or one was sent again and again"
	if len(roots) == 2 && !shares(first.rows[first.came].To, last.rows[last.came].To) {
		meaning = "for other recipients each time"
	}
	t.remarks = append(t.remarks, fmt.Sprintf("this id came %d times to %s from %s, from %s to %s: %s. Each is told by itself", len(roots), first.server,
		first.rows[first.came].Peer, first.rows[0].At.UTC().Format(dayTime), last.rows[0].At.UTC().Format(dayTime), meaning))
	var all []*trip
	for i, root := range roots {
		p := t.part(func(at int) bool { return of[at] == root })
		if i == len(roots)-1 {
			p.more = t.more
		}
		all = append(all, p)
	}
	return all
}

// coming is that of these to which a stop belongs: on its way, or else the last
// before it.
func (t *trip) coming(at int, roots []int) int {
	root := at
	for n := 0; n <= len(t.stops) && t.stops[root].from >= 0; n++ {
		root = t.stops[root].from
	}
	best := roots[0]
	for _, r := range roots {
		if r == root {
			return r
		}
		if !t.stops[r].rows[0].At.After(t.stops[root].rows[0].At) {
			best = r
		}
	}
	return best
}

// comings lists the stops at which a message came in, in the order of time, if they
// are of several; else none.
func (s *scene) comings(t *trip) []int {
	var roots []int
	for at, stop := range t.stops {
		if stop.from >= 0 {
			continue
		}
		came, ok := stop.arrival()
		if !ok || came.Peer == "" || came.What == evidence.SawAgain || loopback(came.Peer) {
			return nil
		}
		if len(roots) > 0 {
			first := t.stops[roots[0]]
			if other, _ := first.arrival(); first.server != stop.server || plain(other.Peer) != plain(came.Peer) {
				return nil
			}
		}
		roots = append(roots, at)
	}
	slices.SortStableFunc(roots, func(a, b int) int { return t.stops[a].rows[0].At.Compare(t.stops[b].rows[0].At) })
	if len(roots) < 2 || !t.apart(roots) || s.returns(t, roots) {
		return nil
	}
	return roots
}

// apart says whether comings are spread over some time: a sender may hand a message
// over for each recipient by itself.
func (t *trip) apart(roots []int) bool {
	first, last := t.stops[roots[0]], t.stops[roots[len(roots)-1]]
	return last.rows[0].At.Sub(first.rows[0].At) > evidence.LateFrom
}

// differ says whether two comings are surely of two messages, or for other
// recipients.
func (t *trip) differ(roots []int) bool {
	first, last := t.stops[roots[0]], t.stops[roots[len(roots)-1]]
	a, b := first.rows[first.came], last.rows[last.came]
	return a.Network != "" && b.Network != "" && a.Network != b.Network || len(a.To) > 0 && len(b.To) > 0 && !shares(a.To, b.To)
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(to string) bool { return slices.Contains(b, to) })
}

// returns says whether a message may have come back from where it was sent: to
// where it left, and from where it came, are of one owner.
func (s *scene) returns(t *trip, roots []int) bool {
	from := s.owner(t.stops[roots[0]].rows[t.stops[roots[0]].came].Peer)
	return slices.ContainsFunc(t.stops, func(stop *stop) bool {
		return slices.ContainsFunc(stop.exits, func(x exit) bool {
			return x.taken < 0 && !x.split && !loopback(x.peer) && s.owner(x.peer) == from
		})
	})
}

// owner is the domain of a host that somebody registered. A host here, or one
// without such a domain, is its own.
func (s *scene) owner(host string) string {
	name := plain(host)
	if s.ours(name) || isAddress(name) {
		return name
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return domain
	}
	return name
}
