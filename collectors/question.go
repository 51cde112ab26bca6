package collectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
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

// An asking is one look-up under way. Over UDP all its packets leave from one
// port, as a resolver library's do: a late answer to the first counts too.
type asking struct {
	w    diag.World
	l    *evidence.Lookup
	conn *dns.Conn
	ids  []uint16 // of the questions whose answer is waited for
}

// ask puts one question to one server over one transport, repeating it as a
// resolver library would, and keeps what came.
func ask(ctx context.Context, w diag.World, q question, server, transport string) evidence.Lookup {
	l := evidence.Lookup{Name: q.name, Type: q.typ, Server: server, Transport: transport, Began: time.Now().UTC().Round(0)}
	begin := time.Now()
	a := &asking{w: w, l: &l}
	if transport == "tcp" {
		a.overTCP(ctx)
	} else {
		a.overUDP(ctx)
	}
	a.hangUp()
	l.TookNS = int64(time.Since(begin))
	return l
}

// overUDP repeats the question. The last packet goes without EDNS: a stub
// resolver asks so, and an old server or a filter may drop anything else.
func (a *asking) overUDP(ctx context.Context) {
	for i, limit := range udpLimits {
		fault := a.attempt(ctx, "udp", limit, i == len(udpLimits)-1)
		if fault == "" || fault == "canceled" || fault == "local" {
			break
		}
	}
	if a.l.TC { // RFC 7766: a truncated answer is asked for again over TCP
		a.hangUp()
		a.overTCP(ctx)
	}
}

// overTCP asks without EDNS where a connection came about and no answer.
func (a *asking) overTCP(ctx context.Context) {
	if fault := a.attempt(ctx, "tcp", tcpLimit, false); fault == "timeout" && a.conn != nil {
		a.attempt(ctx, "tcp", tcpLimit, true)
	}
}

// attempt is one packet or connection of a look-up. It returns its fault. A
// server that does not know EDNS is asked again without (RFC 6891 6.2.2).
func (a *asking) attempt(ctx context.Context, transport string, limit time.Duration, plain bool) string {
	begin := time.Now()
	reply, err := a.exchange(ctx, transport, limit, plain)
	kept := evidence.Attempt{Transport: transport, TookNS: int64(time.Since(begin)), Plain: plain}
	if err != nil {
		kept.Err, kept.Fault = err.Error(), dnsFault(ctx, transport, err)
	} else {
		keep(a.l, reply)
	}
	a.l.Attempts = append(a.l.Attempts, kept)
	if err == nil && !plain && (reply.Rcode == dns.RcodeFormatError || reply.Rcode == dns.RcodeNotImplemented) {
		a.ids = nil // what answers the question with EDNS says the same again
		return a.attempt(ctx, transport, limit, true)
	}
	return kept.Fault
}

// exchange sends the question and waits for its answer. miekg/dns obeys a
// deadline but not a cancelled context; AfterFunc mends that.
func (a *asking) exchange(ctx context.Context, transport string, limit time.Duration, plain bool) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if a.conn == nil {
		conn, err := a.w.Dial(ctx, transport, a.l.Server)
		if err != nil {
			return nil, err
		}
		a.conn = &dns.Conn{Conn: conn, UDPSize: udpSize}
	}
	a.conn.SetDeadline(time.Time{})
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		a.conn.SetDeadline(time.Unix(1, 0))
		close(ended)
	})
	defer func() {
		if !stop() {
			<-ended // or it would end the next attempt
		}
	}()
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(a.l.Name), dns.StringToType[a.l.Type])
	m.AuthenticatedData = true // asks a validating resolver to say so (RFC 6840 5.7)
	if !plain {
		m.SetEdns0(udpSize, false)
	}
	a.ids = append(a.ids, m.Id)
	if err := a.conn.WriteMsg(m); err != nil {
		return nil, err
	}
	return a.answer()
}

// answer reads until an answer to one of our packets comes.
func (a *asking) answer() (*dns.Msg, error) {
	for {
		reply, err := a.conn.ReadMsg()
		if err != nil {
			return nil, err
		}
		if reply.Response && slices.Contains(a.ids, reply.Id) {
			return reply, nil
		}
	}
}

func (a *asking) hangUp() {
	if a.conn != nil {
		a.conn.Close()
		a.conn, a.ids = nil, nil
	}
}

// dnsFault names what ended an attempt.
func dnsFault(ctx context.Context, transport string, err error) string {
	var timeout net.Error
	var errno syscall.Errno
	switch {
	case ctx.Err() != nil:
		return "canceled"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case errors.As(err, &errno):
		return errnoFault(errno, transport)
	}
	return "malformed"
}

// errnoFault names an error of the system. Windows has numbers of its own for
// sockets (winsock2.h), and calls an ICMP "port unreachable" a reset.
func errnoFault(errno syscall.Errno, transport string) string {
	const wsaReset, wsaRefused, wsaHostUnreach = 10054, 10061, 10065
	switch errno {
	case syscall.ECONNREFUSED, wsaRefused:
		return "refused"
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, wsaReset:
		if transport == "udp" {
			return "refused"
		}
		return "closed"
	case syscall.EHOSTUNREACH, wsaHostUnreach:
		return "unreachable"
	}
	return "local" // no route, no such family, not permitted
}

// keep takes the answer over into the record. After a truncated answer the
// complete one replaces it, and TC stays.
func keep(l *evidence.Lookup, m *dns.Msg) {
	l.Rcode = dns.RcodeToString[m.Rcode]
	l.AA, l.AD, l.TC = m.Authoritative, m.AuthenticatedData, l.TC || m.Truncated
	l.Answers, l.Extra, l.EDE = records(m.Answer), records(m.Extra), nil
	l.Referral = referral(m)
	if opt := m.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if ede, ok := o.(*dns.EDNS0_EDE); ok { // RFC 8914
				l.EDE = append(l.EDE, reason(ede))
			}
		}
	}
}

// referral says whether a reply without an answer only names other servers (RFC
// 2308 2.2): a server that does not look up for others, as Windows DNS without
// recursion refers to the root. That a name has no data, it does not say.
func referral(m *dns.Msg) bool {
	if m.Rcode != dns.RcodeSuccess || len(m.Answer) > 0 || m.Authoritative {
		return false
	}
	servers := false
	for _, rr := range m.Ns {
		switch rr.Header().Rrtype {
		case dns.TypeSOA:
			return false
		case dns.TypeNS:
			servers = true
		}
	}
	return servers
}

// reason is an extended error in words, its number for looking it up, and what
// the server adds.
func reason(ede *dns.EDNS0_EDE) string {
	words := fmt.Sprintf("extended error %d", ede.InfoCode)
	if name, ok := dns.ExtendedErrorCodeToString[ede.InfoCode]; ok {
		words = fmt.Sprintf("%s (%s)", name, words)
	}
	if ede.ExtraText != "" {
		words += fmt.Sprintf(" %q", ede.ExtraText)
	}
	return words
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
