package sessionlog

import (
	"cmp"
	"slices"
)

// Done ends the reading: what is open is torn. Peers are listed by server, those
// with most sessions first. The book is not to be used any more.
func (b *Book) Done() []Peer {
	var left []*session
	for _, s := range b.open {
		left = append(left, s)
	}
	slices.SortFunc(left, bySilence)
	for _, s := range left {
		b.tear(s)
	}
	b.land()
	b.adopt()
	b.join()
	var all []Peer
	for _, p := range b.peers {
		all = append(all, b.result(p))
	}
	slices.SortFunc(all, func(x, y Peer) int {
		return cmp.Or(cmp.Compare(x.Server, y.Server), cmp.Compare(x.Kind, y.Kind), cmp.Compare(y.Sessions, x.Sessions), cmp.Compare(x.Connector, y.Connector), cmp.Compare(x.Addr, y.Addr))
	})
	return all
}

// Lost counts sessions that were given up because too many were open at once.
func (b *Book) Lost() int { return b.lost }

// adopt gives what no server is known of to the only one that is.
func (b *Book) adopt() {
	only := int32(-1)
	for at := range b.servers.list {
		root := b.servers.root(int32(at))
		if b.servers.list[root].label() == "" || root == only {
			continue
		}
		if only >= 0 {
			return
		}
		only = root
	}
	for _, p := range b.peers {
		if root := b.servers.root(p.server); only >= 0 && b.servers.list[root].label() == "" {
			p.server = only
		}
	}
}

// join puts together what turned out to be of one server.
func (b *Book) join() {
	type same struct {
		server          int32
		kind            byte
		out             bool
		connector, addr string
	}
	first := map[same]*peer{}
	kept := b.peers[:0]
	for _, p := range b.peers {
		key := same{b.servers.root(p.server), p.kind, p.out, p.connector, p.addr}
		if q := first[key]; q != nil {
			q.merge(p)
			continue
		}
		first[key] = p
		kept = append(kept, p)
	}
	b.peers = kept
}

// merge adds what another peer has that is the same.
func (p *peer) merge(o *peer) {
	if o.line >= 0 && (p.line < 0 || o.firstAt < p.firstAt) {
		p.file, p.line, p.firstAt = o.file, o.line, o.firstAt
	}
	p.end = max(p.end, o.end)
	p.host, p.domain, p.local = cmp.Or(p.host, o.host), cmp.Or(p.domain, o.domain), cmp.Or(p.local, o.local)
	p.sessions, p.unused, p.torn, p.unended = p.sessions+o.sessions, p.unused+o.unused, p.torn+o.torn, p.unended+o.unended
	p.messages, p.recipients = p.messages+o.messages, p.recipients+o.recipients
	p.largest, p.most, p.queue, p.offers = max(p.largest, o.largest), max(p.most, o.most), max(p.queue, o.queue), p.offers|o.offers
	for v := range p.taken {
		for i := range p.taken[v] {
			p.taken[v][i].merge(&o.taken[v][i])
		}
	}
	p.refusals = merged(p.refusals, o.refusals, mergeReply)
	p.events = merged(p.events, o.events, mergeEvent)
	p.tarpits = merged(p.tarpits, o.tarpits, (*tally).merge)
	p.cuts = merged(p.cuts, o.cuts, mergeCut)
	p.calls = merged(p.calls, o.calls, mergeCall)
	for _, x := range o.worst {
		i, _ := slices.BinarySearchFunc(p.worst, x, worse)
		p.worst = slices.Insert(p.worst, i, x)
	}
	p.worst = p.worst[:min(len(p.worst), maxWorst)]
}

func merged[K comparable, V any](to, from map[K]*V, add func(to, from *V)) map[K]*V {
	if to == nil {
		return from
	}
	for k, x := range from {
		if y := to[k]; y != nil {
			add(y, x)
		} else {
			to[k] = x
		}
	}
	return to
}

func mergeReply(x, y *Reply) {
	if y.First < x.First {
		x.First, x.file, x.Line, x.Text, x.Rows = y.First, y.file, y.Line, y.Text, y.Rows
	}
	x.Count, x.Sessions, x.Last = x.Count+y.Count, x.Sessions+y.Sessions, max(x.Last, y.Last)
	x.Pairs, x.Again = x.Pairs+y.Pairs, x.Again+y.Again
	for _, to := range y.To {
		if len(x.To) < maxTo && !slices.Contains(x.To, to) {
			x.To = append(x.To, to)
		}
	}
	if y.Passed > 0 {
		if x.Passed == 0 || y.Soonest < x.Soonest {
			x.Soonest = y.Soonest
		}
		if x.Passed == 0 || y.Latest > x.Latest {
			x.Latest, x.PassedAt = y.Latest, y.PassedAt
		}
		x.Passed += y.Passed
	}
}

func mergeEvent(x, y *Event) {
	if y.First < x.First {
		x.First, x.file, x.Line, x.Text = y.First, y.file, y.Line, y.Text
	}
	x.Count, x.Last = x.Count+y.Count, max(x.Last, y.Last)
}

func mergeCut(x, y *Cut) {
	x.Count, x.Local, x.Remote, x.Broken = x.Count+y.Count, x.Local+y.Local, x.Remote+y.Remote, x.Broken+y.Broken
	x.First, x.Last = min(x.First, y.First), max(x.Last, y.Last)
	if y.Least > 0 && (x.Least == 0 || y.Least < x.Least) {
		x.Least = y.Least
	}
	if y.Longest > x.Longest || y.Longest == x.Longest && y.At < x.At {
		x.Longest, x.At, x.file, x.Line, x.Rows = y.Longest, y.At, y.file, y.Line, y.Rows
	}
}

func mergeCall(x, y *Call) {
	if y.Line >= 0 && (x.Line < 0 || y.First < x.First) {
		x.First, x.file, x.Line, x.Text = y.First, y.file, y.Line, y.Text
	}
	x.Host, x.Last = cmp.Or(x.Host, y.Host), max(x.Last, y.Last)
	x.Worked, x.Refused, x.TimedOut, x.Unreachable, x.Other = x.Worked+y.Worked, x.Refused+y.Refused, x.TimedOut+y.TimedOut, x.Unreachable+y.Unreachable, x.Other+y.Other
	if y.Longest > x.Longest {
		x.Longest, x.At = y.Longest, y.At
	}
}

// result is a peer as it is given out.
func (b *Book) result(p *peer) Peer {
	s := b.servers.list[b.servers.root(p.server)]
	out := Peer{Server: s.label(), Name: s.full(), Kind: logOf(p.kind), Out: p.out, Connector: p.connector, Host: p.host, Addr: p.addr, Local: p.local, Domain: p.domain,
		File: b.name(p.file), Line: p.line, First: p.firstAt, Last: p.end,
		Sessions: p.sessions, Unused: p.unused, Torn: p.torn, Unended: p.unended, Messages: p.messages, Recipients: p.recipients, AtOnce: p.most, Largest: p.largest,
		Queue: p.queue, Offers: p.offers}
	for v := range p.taken {
		for i := range p.taken[v] {
			if t := &p.taken[v][i]; t.n > 0 {
				out.Times = append(out.Times, t.times(verb(v), i == 1))
			}
		}
	}
	b.lists(p, &out)
	return out
}

// lists gives what a peer has several of, in an order of its own.
func (b *Book) lists(p *peer, out *Peer) {
	for _, x := range p.refusals {
		x.File, x.last = b.name(x.file), nil
		out.Replies = append(out.Replies, *x)
	}
	slices.SortFunc(out.Replies, func(x, y Reply) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.First, y.First), cmp.Compare(x.Verb, y.Verb), cmp.Compare(x.Text, y.Text))
	})
	for _, x := range p.events {
		x.File = b.name(x.file)
		out.Events = append(out.Events, *x)
	}
	slices.SortFunc(out.Events, func(x, y Event) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Text, y.Text))
	})
	for k, t := range p.tarpits {
		out.Tarpits = append(out.Tarpits, Tarpit{k.reason, k.verb.String(), k.refused, int(t.n), min(t.quantile(0.5), t.longest), t.longest, t.at})
	}
	slices.SortFunc(out.Tarpits, func(x, y Tarpit) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.Verb, y.Verb), cmp.Compare(truth(x.Refused), truth(y.Refused)))
	})
	for _, x := range p.cuts {
		x.File = b.name(x.file)
		out.Cuts = append(out.Cuts, *x)
	}
	slices.SortFunc(out.Cuts, func(x, y Cut) int { return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Verb, y.Verb)) })
	for _, x := range p.calls {
		x.File = b.name(x.file)
		out.Calls = append(out.Calls, *x)
	}
	slices.SortFunc(out.Calls, func(x, y Call) int { return cmp.Compare(x.Addr, y.Addr) })
	for _, x := range p.worst {
		x.File = b.name(x.file)
		out.Silences = append(out.Silences, x)
	}
}

func (b *Book) name(file int32) string {
	if int(file) < len(b.files) {
		return b.files[file]
	}
	return ""
}
