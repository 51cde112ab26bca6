package collectors

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"mailflow/diag"
	"mailflow/evidence"
)

// udpLimits are how long each packet of a question is waited for. Resolver
// libraries wait 5 s and ask twice (resolv.conf(5)); asking again sooner finds
// a lost packet sooner, and the sum is theirs. Some resolvers drop a question
// that takes them longer than two seconds and answer its repetition from the
// cache (rig/README.md), so one packet is never enough.
var udpLimits = [...]time.Duration{2 * time.Second, 3 * time.Second, 5 * time.Second}

const (
	tcpLimit = 5 * time.Second
	udpSize  = 1232 // what passes every network unfragmented (DNS flag day 2020)
)

// A question is one name and type.
type question struct{ name, typ string }

// ask puts one question to one server over one transport, repeating it as a
// resolver library would, and keeps what came.
func ask(ctx context.Context, w diag.World, q question, server, transport string) evidence.Lookup {
	l := evidence.Lookup{Name: q.name, Type: q.typ, Server: server, Transport: transport, Began: time.Now().UTC().Round(0)}
	begin := time.Now()
	if transport == "tcp" {
		attempt(ctx, w, &l, "tcp", tcpLimit)
	} else {
		overUDP(ctx, w, &l)
	}
	l.TookNS = int64(time.Since(begin))
	return l
}

func overUDP(ctx context.Context, w diag.World, l *evidence.Lookup) {
	for _, limit := range udpLimits {
		fault := attempt(ctx, w, l, "udp", limit)
		if fault == "" || fault == "canceled" || fault == "local" {
			break
		}
	}
	if l.TC { // RFC 7766: a truncated answer is asked for again over TCP
		attempt(ctx, w, l, "tcp", tcpLimit)
	}
}

// attempt is one packet or connection of a look-up. It returns its fault.
func attempt(ctx context.Context, w diag.World, l *evidence.Lookup, transport string, limit time.Duration) string {
	begin := time.Now()
	reply, err := exchange(ctx, w, *l, transport, limit)
	a := evidence.Attempt{Transport: transport, TookNS: int64(time.Since(begin))}
	if err != nil {
		a.Err, a.Fault = err.Error(), dnsFault(ctx, err)
	} else {
		keep(l, reply)
	}
	l.Attempts = append(l.Attempts, a)
	return a.Fault
}

// exchange sends the question and waits for its answer. miekg/dns obeys a
// deadline but not a cancelled context; AfterFunc mends that.
func exchange(ctx context.Context, w diag.World, l evidence.Lookup, transport string, limit time.Duration) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := w.Dial(ctx, transport, l.Server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	co := &dns.Conn{Conn: conn, UDPSize: udpSize}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(l.Name), dns.StringToType[l.Type])
	m.AuthenticatedData = true // asks a validating resolver to say so (RFC 6840 5.7)
	m.SetEdns0(udpSize, false)
	if err := co.WriteMsg(m); err != nil {
		return nil, err
	}
	for {
		reply, err := co.ReadMsg()
		if err != nil {
			return nil, err
		}
		if reply.Id == m.Id && reply.Response { // a late answer to an earlier packet is not ours
			return reply, nil
		}
	}
}

// dnsFault names what ended an attempt.
func dnsFault(ctx context.Context, err error) string {
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return "canceled"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return "local"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "unreachable"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "malformed"
}

// keep takes the answer over into the record. After a truncated answer the
// complete one replaces it, and TC stays.
func keep(l *evidence.Lookup, m *dns.Msg) {
	l.Rcode = dns.RcodeToString[m.Rcode]
	l.AA, l.AD, l.TC = m.Authoritative, m.AuthenticatedData, l.TC || m.Truncated
	l.Answers, l.Extra, l.EDE = records(m.Answer), records(m.Extra), nil
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if ede, ok := o.(*dns.EDNS0_EDE); ok { // RFC 8914
				l.EDE = append(l.EDE, ede.String())
			}
		}
	}
}

// maxRecords bounds what is kept of one answer.
const maxRecords = 256

func records(rrs []dns.RR) []evidence.RR {
	var all []evidence.RR
	for _, rr := range rrs {
		h := rr.Header()
		kept := evidence.RR{Name: plain(h.Name), Type: dns.TypeToString[h.Rrtype], TTL: h.Ttl}
		switch rr := rr.(type) {
		case *dns.MX:
			kept.Pref, kept.Data = rr.Preference, plain(rr.Mx)
		case *dns.A:
			kept.Data = rr.A.String()
		case *dns.AAAA:
			kept.Data = rr.AAAA.String()
		case *dns.CNAME:
			kept.Data = plain(rr.Target)
		case *dns.PTR:
			kept.Data = plain(rr.Ptr)
		default:
			continue
		}
		if all = append(all, kept); len(all) == maxRecords {
			break
		}
	}
	return all
}

// plain is a name without its final dot; the root stays ".".
func plain(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// A panel is the DNS servers of a case, in the order in which a mail server
// would ask them.
type panel struct {
	w       diag.World
	servers []evidence.Resolver
}

// headStart is how long an earlier resolver is waited for when a later one has
// answered. A mail server asks the next resolver only after a time-out; all
// are asked at once here, so that a dead one costs little.
const headStart = 2 * time.Second

// first asks every server at once and takes what a mail server would act on:
// the usable answer of the earliest server. It returns that look-up first,
// then the others that had ended by then.
func (p panel) first(ctx context.Context, q question) []evidence.Lookup {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		i int
		l evidence.Lookup
	}
	answers := make(chan answer, len(p.servers))
	for i, s := range p.servers {
		go func() { answers <- answer{i, ask(ctx, p.w, q, s.Addr, "udp")} }()
	}
	got := make([]*evidence.Lookup, len(p.servers))
	grace := time.NewTimer(headStart)
	defer grace.Stop()
	open := len(p.servers)
	for late := false; open > 0 && chosen(got, late) < 0; {
		select {
		case a := <-answers:
			got[a.i], open = &a.l, open-1
		case <-grace.C:
			late = true
		}
	}
	best := chosen(got, true)
	cancel()
	for ; open > 0; open-- { // nothing outlives the call
		<-answers
	}
	return ordered(got, best)
}

// chosen is the index of the answer to act on, or -1: the first usable one,
// for which no earlier server is still being waited for, unless it is late.
func chosen(got []*evidence.Lookup, late bool) int {
	for i, l := range got {
		if l != nil && l.Usable() {
			return i
		}
		if l == nil && !late {
			return -1
		}
	}
	return -1
}

func ordered(got []*evidence.Lookup, best int) []evidence.Lookup {
	var all []evidence.Lookup
	if best >= 0 {
		all = append(all, *got[best])
	}
	for i, l := range got {
		if l != nil && i != best {
			all = append(all, *l)
		}
	}
	return all
}

// prefer puts the server that answered first at the head of the panel.
func (p panel) prefer(addr string) panel {
	next := panel{w: p.w}
	for _, s := range p.servers {
		if s.Addr == addr {
			next.servers = append([]evidence.Resolver{s}, next.servers...)
		} else {
			next.servers = append(next.servers, s)
		}
	}
	return next
}
