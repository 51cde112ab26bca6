package lab

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"mailflow/diag"
)

// asking is one question to the server at 10.0.0.53.
type asking struct {
	network string
	name    string
	qtype   uint16
	edns    uint16
	do      bool
	limit   time.Duration // 5s if zero
}

func (a asking) ask(t *testing.T, w diag.World) (*dns.Msg, error) {
	t.Helper()
	if a.network == "" {
		a.network = "udp"
	}
	if a.limit == 0 {
		a.limit = 5 * time.Second
	}
	c := &dns.Conn{Conn: dial(t, w, a.network, "10.0.0.53:53"), UDPSize: a.edns}
	defer c.Close()
	q := new(dns.Msg)
	q.SetQuestion(a.name, a.qtype)
	if a.edns > 0 {
		q.SetEdns0(a.edns, a.do)
	}
	_ = c.SetDeadline(time.Now().Add(a.limit))
	if err := c.WriteMsg(q); err != nil {
		return nil, err
	}
	r, err := c.ReadMsg()
	if err == nil && r.Id != q.Id {
		t.Errorf("answer %d to question %d", r.Id, q.Id)
	}
	return r, err
}

// brief is what a test compares of an answer.
func brief(r *dns.Msg, err error) string {
	if err != nil {
		return err.Error()
	}
	words := []string{dns.RcodeToString[r.Rcode]}
	for flag, on := range map[string]bool{"aa": r.Authoritative, "tc": r.Truncated, "ad": r.AuthenticatedData} {
		if on {
			words = append(words, flag)
		}
	}
	for _, rr := range r.Answer {
		words = append(words, strings.Join(strings.Fields(rr.String()), " "))
	}
	for _, rr := range r.Ns {
		words = append(words, "soa="+rr.Header().Name)
	}
	if opt := r.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			words = append(words, fmt.Sprintf("ede=%v", o))
		}
	}
	return strings.Join(words, "; ")
}

const zones = `
-- zone contoso.com --
@	MX	10 hub07
	MX	20 hub03.contoso.com.
hub07	A	10.0.0.7
	600 AAAA	2001:db8::7
hub03	A	10.0.0.3
www	CNAME	web.fabrikam.com.
loop1	CNAME	loop2
loop2	CNAME	loop1
gone	CNAME	nowhere.contoso.com.
a.b	TXT	"deep"
-- zone fabrikam.com --
$TTL 60
@	SOA	ns1 root 7 3600 600 86400 60
web	A	10.0.1.1
-- zone 0.0.10.in-addr.arpa --
7	PTR	hub07.contoso.com.
-- case --
resolver: 10.0.0.53
`

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		kind uint16
		want string
	}{
		{"contoso.com.", dns.TypeMX, "NOERROR; contoso.com. 300 IN MX 10 hub07.contoso.com.; contoso.com. 300 IN MX 20 hub03.contoso.com."},
		{"HUB07.Contoso.com.", dns.TypeA, "NOERROR; hub07.contoso.com. 300 IN A 10.0.0.7"},
		{"hub07.contoso.com.", dns.TypeAAAA, "NOERROR; hub07.contoso.com. 600 IN AAAA 2001:db8::7"},
		{"hub03.contoso.com.", dns.TypeAAAA, "NOERROR; soa=contoso.com."},
		{"no.contoso.com.", dns.TypeA, "NXDOMAIN; soa=contoso.com."},
		{"b.contoso.com.", dns.TypeA, "NOERROR; soa=contoso.com."},
		{"com.", dns.TypeA, "NOERROR; soa=."},
		{"example.org.", dns.TypeA, "NXDOMAIN; soa=."},
		{"www.contoso.com.", dns.TypeA, "NOERROR; www.contoso.com. 300 IN CNAME web.fabrikam.com.; web.fabrikam.com. 60 IN A 10.0.1.1"},
		{"www.contoso.com.", dns.TypeAAAA, "NOERROR; www.contoso.com. 300 IN CNAME web.fabrikam.com.; soa=fabrikam.com."},
		{"www.contoso.com.", dns.TypeCNAME, "NOERROR; www.contoso.com. 300 IN CNAME web.fabrikam.com."},
		{"gone.contoso.com.", dns.TypeA, "NXDOMAIN; gone.contoso.com. 300 IN CNAME nowhere.contoso.com.; soa=contoso.com."},
		{"loop1.contoso.com.", dns.TypeA, "SERVFAIL" + strings.Repeat("; loop1.contoso.com. 300 IN CNAME loop2.contoso.com.; loop2.contoso.com. 300 IN CNAME loop1.contoso.com.", 5)},
		{"7.0.0.10.in-addr.arpa.", dns.TypePTR, "NOERROR; 7.0.0.10.in-addr.arpa. 300 IN PTR hub07.contoso.com."},
		{".", dns.TypeNS, "NOERROR; . 300 IN NS a.root-servers.net."},
		{"contoso.com.", dns.TypeSOA, "NOERROR; contoso.com. 300 IN SOA ns.contoso.com. hostmaster.contoso.com. 1 3600 600 86400 300"},
		{"fabrikam.com.", dns.TypeSOA, "NOERROR; fabrikam.com. 60 IN SOA ns1.fabrikam.com. root.fabrikam.com. 7 3600 600 86400 60"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(c.name+dns.TypeToString[c.kind]+network, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got := brief(asking{network: network, name: c.name, qtype: c.kind, edns: 1232}.ask(t, begin(t, zones)))
					if d := cmp.Diff(c.want, got); d != "" {
						t.Error(d)
					}
				})
			})
		}
	}
}

func TestDNSHabits(t *testing.T) {
	const ok = "NOERROR; hub07.contoso.com. 300 IN A 10.0.0.7"
	const udpTimeout = "read udp 10.0.0.100:40001->10.0.0.53:53: i/o timeout"
	for _, c := range []struct {
		habits string
		asking asking
		took   time.Duration
		want   string
	}{
		{"", asking{}, 0, ok},
		{"silent", asking{}, 5 * time.Second, udpTimeout},
		{"udp: silent", asking{network: "tcp"}, 0, ok},
		{"tcp: silent", asking{}, 0, ok},
		{"udp: refused", asking{}, 0, "read udp 10.0.0.100:40001->10.0.0.53:53: read: connection refused"},
		{"wait 3s", asking{}, 3 * time.Second, ok},
		{"wait 3s", asking{network: "tcp"}, 3 * time.Second, ok},
		{"wait 3s", asking{limit: time.Second}, time.Second, udpTimeout},
		{"aa", asking{}, 0, strings.Replace(ok, ";", "; aa;", 1)},
		{"ad", asking{}, 0, ok},
		{"ad", asking{edns: 1232, do: true}, 0, strings.Replace(ok, ";", "; ad;", 1)},
		{"lossy 1", asking{}, 5 * time.Second, udpTimeout},
		{"lossy 1", asking{network: "tcp"}, 0, ok},
		{"hub07.contoso.com A: servfail", asking{}, 0, "SERVFAIL"},
		{"HUB07.contoso.com. a: refused", asking{}, 0, "REFUSED"},
		{"hub07.contoso.com MX: servfail", asking{}, 0, ok},
		{"hub07.contoso.com *: notauth", asking{}, 0, "NOTAUTH"},
		{"* A: nxdomain", asking{}, 0, "NXDOMAIN; soa=contoso.com."},
		{"* A: nodata", asking{}, 0, "NOERROR; soa=contoso.com."},
		{"* *: silent", asking{}, 5 * time.Second, udpTimeout},
		{"* *: truncated", asking{}, 0, "NOERROR; tc"},
		{"* *: truncated", asking{network: "tcp"}, 0, ok},
		{"wait 1s\n* *: wait 2s", asking{}, 3 * time.Second, ok},
		{"* *: wait 2s servfail", asking{}, 2 * time.Second, "SERVFAIL"},
		{"* A: servfail\n* *: refused", asking{}, 0, "SERVFAIL"},
		{`* *: servfail ede 22 "no reachable authority"`, asking{edns: 1232}, 0, "SERVFAIL; ede=22 (No Reachable Authority): (no reachable authority)"},
		{`* *: servfail ede 22 "no reachable authority"`, asking{}, 0, "SERVFAIL"},
		{"edns: formerr", asking{edns: 1232}, 0, "FORMERR"},
		{"edns: formerr", asking{}, 0, ok},
		{"edns: silent", asking{edns: 1232}, 5 * time.Second, udpTimeout},
		{"truncate over 20", asking{}, 0, "NOERROR; tc"},
		{"truncate over 20", asking{network: "tcp"}, 0, ok},
		{"drop over 20", asking{}, 5 * time.Second, udpTimeout},
		{"drop over 20", asking{network: "tcp"}, 0, ok},
	} {
		t.Run(c.habits+" "+c.asking.network, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := begin(t, "-- dns 10.0.0.53 --\n"+c.habits+strings.Replace(zones, "resolver: 10.0.0.53\n", "", 1))
				c.asking.name, c.asking.qtype = "hub07.contoso.com.", dns.TypeA
				at := newWatch(t)
				got := brief(c.asking.ask(t, w))
				at.lap(c.took, "question")
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// A retry of a lost question is answered, on another connection too; each
// question is counted by itself.
func TestLossy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, "-- dns 10.0.0.53 --\nlossy 2\n-- zone contoso.com --\n@ A 10.0.0.1\n@ MX 0 contoso.com.\n")
		for _, q := range []uint16{dns.TypeA, dns.TypeMX} {
			for i, lost := range []bool{true, true, false, false} {
				_, err := asking{name: "contoso.com.", qtype: q}.ask(t, w)
				if (err != nil) != lost {
					t.Errorf("packet %d of %d: %v", i+1, q, err)
				}
			}
		}
	})
}

func TestTruncation(t *testing.T) {
	text := "-- dns 10.0.0.53 --\n-- zone contoso.com --\n"
	for i := range 60 {
		text += fmt.Sprintf("big A 10.0.0.%d\n", i)
	}
	for _, c := range []struct {
		asking asking
		tc     bool
		n      int
	}{
		{asking{}, true, 0},
		{asking{edns: 600}, true, 0},
		{asking{edns: 1232}, false, 60},
		{asking{network: "tcp"}, false, 60},
	} {
		synctest.Test(t, func(t *testing.T) {
			c.asking.name, c.asking.qtype = "big.contoso.com.", dns.TypeA
			r, err := c.asking.ask(t, begin(t, text))
			if err != nil || r.Truncated != c.tc || len(r.Answer) != c.n {
				t.Errorf("%+v: %v", c.asking, brief(r, err))
			}
		})
	}
}

// One server may know another version of a zone than all the rest.
func TestOwnVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, "-- dns 10.0.0.53 --\n-- zone a.com --\n@ A 10.0.0.1\n@ MX 0 a.com.\n-- zone a.com at 10.0.0.54 --\n@ A 10.0.0.2\n")
		for addr, want := range map[string]string{"10.0.0.53:53": "10.0.0.1", "10.0.0.54:53": "10.0.0.2"} {
			c := &dns.Conn{Conn: dial(t, w, "udp", addr)}
			_ = c.WriteMsg(new(dns.Msg).SetQuestion("a.com.", dns.TypeA))
			r, err := c.ReadMsg()
			if err != nil || r.Answer[0].(*dns.A).A.String() != want {
				t.Errorf("%s: %v", addr, brief(r, err))
			}
		}
	})
}

// Two questions on one connection do not wait for each other.
func TestAnswersOutOfOrder(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		synctest.Test(t, func(t *testing.T) {
			w := begin(t, "-- network --\nrtt: 100ms\n-- dns 10.0.0.53 --\nslow.a.com A: wait 4s\n-- zone a.com --\nslow A 10.0.0.1\nfast A 10.0.0.2\n")
			at := newWatch(t)
			c := &dns.Conn{Conn: dial(t, w, network, "10.0.0.53:53")}
			at.lap(map[string]time.Duration{"udp": 0, "tcp": 100 * time.Millisecond}[network], network+" dial")
			_ = c.WriteMsg(new(dns.Msg).SetQuestion("slow.a.com.", dns.TypeA))
			_ = c.WriteMsg(new(dns.Msg).SetQuestion("fast.a.com.", dns.TypeA))
			for _, want := range []time.Duration{100 * time.Millisecond, 4 * time.Second} {
				if _, err := c.ReadMsg(); err != nil {
					t.Error(err)
				}
				at.lap(want, "answer over "+network)
			}
		})
	}
}

// A port that nobody has says so to UDP; an address that nobody has is silent.
func TestUDPNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, "-- network --\nrtt: 20ms\n-- smtp 10.0.0.1 --\n")
		at := newWatch(t)
		c := dial(t, w, "udp", "10.0.0.1:53")
		_, _ = c.Write([]byte("x"))
		_, err := c.Read(make([]byte, 10))
		at.lap(20*time.Millisecond, "refusal")
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
		c = dial(t, w, "udp", "10.0.0.2:53")
		_, _ = c.Write([]byte("x"))
		_ = c.SetDeadline(time.Now().Add(9 * time.Second))
		_, err = c.Read(make([]byte, 10))
		at.lap(9*time.Second, "silence")
		if err == nil {
			t.Error("an answer from nobody")
		}
	})
}

// What is no question gets no answer, or an error; the server lives on.
func TestBadQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, zones)
		c := &dns.Conn{Conn: dial(t, w, "udp", "10.0.0.53:53")}
		_, _ = c.Conn.Write([]byte{1, 2, 3})
		_ = c.WriteMsg(&dns.Msg{MsgHdr: dns.MsgHdr{Response: true}})
		_ = c.WriteMsg(&dns.Msg{MsgHdr: dns.MsgHdr{Opcode: dns.OpcodeNotify}})
		_ = c.WriteMsg(&dns.Msg{})
		chaos := new(dns.Msg).SetQuestion("version.bind.", dns.TypeTXT)
		chaos.Question[0].Qclass = dns.ClassCHAOS
		_ = c.WriteMsg(chaos)
		for _, want := range []string{"NOTIMP", "FORMERR", "REFUSED"} {
			if got := brief(c.ReadMsg()); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}
