package collectors

import (
	"context"
	"net"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/internal/lab"
)

const zone = `-- zone contoso.com --
@    MX   10 mail
mail A    192.0.2.25
$GENERATE 1-60 big A 10.1.0.$

`

// inLab runs a test in virtual time in the world of a story.
func inLab(t *testing.T, story string, f func(t *testing.T, w diag.World)) {
	t.Helper()
	s, err := lab.Read([]byte(story))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w, stop, err := s.World()
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		f(t, w)
	})
}

// faults lists the attempts of a look-up: "udp:timeout tcp".
func faults(l evidence.Lookup) string {
	var all []string
	for _, a := range l.Attempts {
		words := a.Transport
		if a.Plain {
			words += "-plain"
		}
		if a.Fault != "" {
			words += ":" + a.Fault
		}
		all = append(all, words)
	}
	return strings.Join(all, " ")
}

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		name, habits, transport string
		q                       question
		rcode, faults           string
		took                    time.Duration
		records                 int
		usable                  bool
	}{
		{"healthy", "", "udp", question{"contoso.com", "MX"}, "NOERROR", "udp", 0, 1, true},
		{"healthy over TCP", "", "tcp", question{"contoso.com", "MX"}, "NOERROR", "tcp", 0, 1, true},
		{"no such name", "", "udp", question{"gone.contoso.com", "A"}, "NXDOMAIN", "udp", 0, 0, true},
		{"dead", "silent", "udp", question{"contoso.com", "MX"}, "", "udp:timeout udp:timeout udp-plain:timeout", 10 * time.Second, 0, false},
		{"dead over TCP", "silent", "tcp", question{"contoso.com", "MX"}, "", "tcp:timeout", 5 * time.Second, 0, false},
		{"refused", "udp: refused", "udp", question{"contoso.com", "MX"}, "", "udp:refused udp:refused udp-plain:refused", 0, 0, false},
		{"refused over TCP", "tcp: refused", "tcp", question{"contoso.com", "MX"}, "", "tcp:refused", 0, 0, false},
		{"one packet lost", "lossy 1", "udp", question{"contoso.com", "MX"}, "NOERROR", "udp:timeout udp", 2 * time.Second, 1, true},
		{"two packets lost", "lossy 2", "udp", question{"contoso.com", "MX"}, "NOERROR", "udp:timeout udp:timeout udp-plain", 5 * time.Second, 1, true},
		{"slow: the late answer to the first packet counts", "wait 3s", "udp", question{"contoso.com", "MX"}, "NOERROR", "udp:timeout udp", 3 * time.Second, 1, true},
		{"EDNS unknown", "edns: formerr", "udp", question{"contoso.com", "MX"}, "NOERROR", "udp udp-plain", 0, 1, true},
		{"EDNS unknown over TCP", "edns: formerr", "tcp", question{"contoso.com", "MX"}, "NOERROR", "tcp tcp-plain", 0, 1, true},
		{"EDNS dropped", "edns: silent", "udp", question{"contoso.com", "MX"}, "NOERROR", "udp:timeout udp:timeout udp-plain", 5 * time.Second, 1, true},
		{"EDNS dropped over TCP", "edns: silent", "tcp", question{"contoso.com", "MX"}, "NOERROR", "tcp:timeout tcp-plain", 5 * time.Second, 1, true},
		{"truncated", "truncate over 512", "udp", question{"big.contoso.com", "A"}, "NOERROR", "udp tcp", 0, 60, true},
		{"truncated and no TCP", "truncate over 512\ntcp: refused", "udp", question{"big.contoso.com", "A"}, "NOERROR", "udp tcp:refused", 0, 0, false},
		{"large answers dropped", "drop over 512", "udp", question{"big.contoso.com", "A"}, "NOERROR", "udp:timeout udp:timeout udp-plain tcp", 5 * time.Second, 60, true},
		{"a reply code of its own", "* *: refused", "udp", question{"contoso.com", "MX"}, "REFUSED", "udp", 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLab(t, zone+"-- dns 10.0.0.53 --\n"+c.habits+"\n", func(t *testing.T, w diag.World) {
				l := ask(t.Context(), w, c.q, "10.0.0.53:53", c.transport)
				if l.Rcode != c.rcode || faults(l) != c.faults || l.Took() != c.took || len(l.Records(c.q.typ)) != c.records || l.Usable() != c.usable {
					t.Errorf("%q, attempts %q, took %v, %d records, usable %v; want %q, %q, %v, %d, %v",
						l.Rcode, faults(l), l.Took(), len(l.Records(c.q.typ)), l.Usable(), c.rcode, c.faults, c.took, c.records, c.usable)
				}
			})
		})
	}
}

func TestAskKeepsTheReason(t *testing.T) {
	inLab(t, zone+"-- dns 10.0.0.53 --\ncontoso.com MX: servfail ede 7 \"expired\"\n", func(t *testing.T, w diag.World) {
		l := ask(t.Context(), w, question{"contoso.com", "MX"}, "10.0.0.53:53", "udp")
		want := []string{`Signature Expired (extended error 7) "expired"`}
		if l.Rcode != "SERVFAIL" || !slices.Equal(l.EDE, want) {
			t.Errorf("%s %q, want %q", l.Rcode, l.EDE, want)
		}
	})
}

// A cancelled question ends at once, and leaves no goroutine: synctest fails a
// test that does.
func TestAskIsCancelled(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		for _, habits := range []string{"silent", "contoso.com *: silent"} {
			inLab(t, zone+"-- dns 10.0.0.53 --\n"+habits+"\n", func(t *testing.T, w diag.World) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(2500*time.Millisecond, cancel)
				l := ask(ctx, w, question{"contoso.com", "MX"}, "10.0.0.53:53", transport)
				if late := l.Took() - 2500*time.Millisecond; late < 0 || late > 100*time.Millisecond {
					t.Errorf("%s, %s: ended %v after it was cancelled", transport, habits, late)
				}
				if l.Fault() != "canceled" {
					t.Errorf("%s, %s: %s", transport, habits, faults(l))
				}
			})
		}
	}
}

// A packet that bears another id is not the answer.
func TestAskIgnoresAnotherID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := diag.World{Dial: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				co := &dns.Conn{Conn: far}
				q, err := co.ReadMsg()
				if err != nil {
					return
				}
				wrong := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
				wrong.Id++
				echo := q.Copy() // our own question, thrown back
				right := new(dns.Msg).SetRcode(q, dns.RcodeRefused)
				for _, m := range []*dns.Msg{wrong, echo, right} {
					if co.WriteMsg(m) != nil {
						return
					}
				}
			}()
			return near, nil
		}}
		if l := ask(t.Context(), w, question{"contoso.com", "MX"}, "10.0.0.53:53", "tcp"); l.Rcode != "REFUSED" {
			t.Errorf("%q %s", l.Rcode, faults(l))
		}
	})
}

func TestErrnoFault(t *testing.T) {
	for _, c := range []struct {
		errno           syscall.Errno
		transport, want string
	}{
		{syscall.ECONNREFUSED, "udp", "refused"},
		{syscall.ECONNRESET, "tcp", "closed"},
		{10054, "udp", "refused"}, // Windows' word for an ICMP port unreachable
		{10054, "tcp", "closed"},
		{10061, "tcp", "refused"},
		{syscall.EHOSTUNREACH, "udp", "unreachable"},
		{syscall.ENETUNREACH, "udp", "local"},
		{syscall.EPERM, "udp", "local"},
	} {
		err := &net.OpError{Op: "dial", Err: c.errno}
		if got := dnsFault(t.Context(), c.transport, err); got != c.want {
			t.Errorf("%d over %s: %s, want %s", c.errno, c.transport, got, c.want)
		}
	}
}

func servers(addrs ...string) []evidence.Resolver {
	var all []evidence.Resolver
	for _, a := range addrs {
		all = append(all, evidence.Resolver{Addr: a + ":53"})
	}
	return all
}

// first acts on the answer that a mail server would act on.
func TestFirst(t *testing.T) {
	const two = "-- zone contoso.com at 10.0.0.53 --\nmail A 192.0.2.1\n-- zone contoso.com at 10.0.0.54 --\nmail A 192.0.2.2\n"
	for _, c := range []struct {
		name, habits, want string
		took               time.Duration
	}{
		{"both answer", "-- dns 10.0.0.53 --\n", "10.0.0.53:53 NOERROR", 0},
		{"the first is the slower", "-- dns 10.0.0.53 --\nwait 1s\n", "10.0.0.53:53 NOERROR", time.Second},
		{"the first is dead", "-- dns 10.0.0.53 --\nsilent\n", "10.0.0.54:53 NOERROR", headStart},
		{"the first fails", "-- dns 10.0.0.53 --\n* *: servfail\n", "10.0.0.54:53 NOERROR", 0},
		{"the first refuses", "-- dns 10.0.0.53 --\n* *: refused\n", "10.0.0.54:53 NOERROR", 0},
		{"the first says that there is no such name", "-- dns 10.0.0.53 --\n* *: nxdomain\n", "10.0.0.53:53 NXDOMAIN", 0},
		{"the first fails, the second is slow", "-- dns 10.0.0.53 --\n* *: servfail\n-- dns 10.0.0.54 --\nwait 4s\n", "10.0.0.54:53 NOERROR", 4 * time.Second},
		{"both are dead", "-- dns 10.0.0.53 10.0.0.54 --\nsilent\n", "10.0.0.53:53 ", 10 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLab(t, two+c.habits, func(t *testing.T, w diag.World) {
				p := panel{w, servers("10.0.0.53", "10.0.0.54")}
				began := time.Now()
				all := p.first(t.Context(), question{"mail.contoso.com", "A"})
				if got := all[0].Server + " " + all[0].Rcode; got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
			})
		})
	}
}

// A dead first resolver costs its head start once: the rest of the route asks
// the one that answered first.
func TestDeadResolverCostsOnce(t *testing.T) {
	inLab(t, zone+"-- dns 10.0.0.53 --\nsilent\n-- dns 10.0.0.54 --\n", func(t *testing.T, w diag.World) {
		began := time.Now()
		all := follow(t.Context(), panel{w, servers("10.0.0.53", "10.0.0.54")}, []evidence.Mailbox{{Domain: "contoso.com"}}, nil, nil)
		if took := time.Since(began); took != headStart {
			t.Errorf("the route took %v, want %v", took, headStart)
		}
		if hop := nextHops([]evidence.Mailbox{{Domain: "contoso.com"}}, nil, nil, all); len(hop) != 1 || !slices.Equal(addresses(hop[0].Host, all), []string{"192.0.2.25"}) {
			t.Errorf("%+v", hop)
		}
	})
}

func TestFollowIsCancelled(t *testing.T) {
	inLab(t, zone+"-- dns 10.0.0.53 10.0.0.54 --\nsilent\n", func(t *testing.T, w diag.World) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		follow(ctx, panel{w, servers("10.0.0.53", "10.0.0.54")}, []evidence.Mailbox{{Domain: "contoso.com"}}, nil, nil)
		if took := time.Since(began); took > 1100*time.Millisecond {
			t.Errorf("ended %v after it was cancelled", took-time.Second)
		}
	})
}

// The order of the look-ups is the evidence's, and not that of the answers.
func TestTogetherKeepsTheOrder(t *testing.T) {
	inLab(t, zone+"-- dns 10.0.0.53 --\ncontoso.com MX: wait 1s\n", func(t *testing.T, w diag.World) {
		all := together(t.Context(), panel{w, servers("10.0.0.53")}, []question{{"contoso.com", "MX"}, {"mail.contoso.com", "A"}})
		if len(all) != 2 || all[0].Type != "MX" || all[1].Type != "A" {
			t.Errorf("%+v", all)
		}
	})
}

func TestNextHops(t *testing.T) {
	mx := func(rcode string, rrs ...evidence.RR) []evidence.Lookup {
		return []evidence.Lookup{{Name: "contoso.com", Type: "MX", Rcode: rcode, Answers: rrs}}
	}
	rr := func(pref uint16, host string) evidence.RR {
		return evidence.RR{Name: "contoso.com", Type: "MX", Pref: pref, Data: host}
	}
	cut := mx("NOERROR")
	cut[0].TC, cut[0].Attempts = true, []evidence.Attempt{{Transport: "udp"}, {Transport: "tcp", Fault: "timeout"}}
	for _, c := range []struct {
		name    string
		lookups []evidence.Lookup
		want    string
	}{
		{"by preference, in the order given", mx("NOERROR", rr(20, "c"), rr(10, "b"), rr(10, "a")), "mx:b mx:a mx:c"},
		{"one host twice", mx("NOERROR", rr(10, "A"), rr(20, "a")), "mx:a"},
		{"no MX", mx("NOERROR"), "fallback:contoso.com"},
		{"no such domain", mx("NXDOMAIN"), ""},
		{"the look-up fails", mx("SERVFAIL"), ""},
		{"the look-up times out", mx(""), ""},
		{"a cut answer", cut, ""},
		{"null MX", mx("NOERROR", rr(0, ".")), ""},
		{"an address", mx("NOERROR", rr(10, "192.0.2.1"), rr(20, "a")), "mx:a"},
		{"not asked", nil, ""},
	} {
		var got []string
		for _, h := range nextHops([]evidence.Mailbox{{Domain: "contoso.com"}}, nil, nil, c.lookups) {
			got = append(got, h.How+":"+h.Host)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
	named := nextHops([]evidence.Mailbox{{Domain: "contoso.com"}}, []evidence.HostPort{{Host: "192.0.2.9", Port: 2525}}, nil, mx("NOERROR", rr(10, "a")))
	if len(named) != 1 || named[0].How != evidence.ByName || !slices.Equal(addresses(named[0].Host, nil), []string{"192.0.2.9"}) {
		t.Errorf("a named hop: %+v", named)
	}
	if got := addresses("a", []evidence.Lookup{
		{Name: "a", Type: "A", Rcode: "NOERROR", Answers: []evidence.RR{{Type: "A", Data: "192.0.2.1"}, {Type: "A", Data: "192.0.2.1"}}},
		{Name: "a", Type: "AAAA", Rcode: "NOERROR", Answers: []evidence.RR{{Type: "AAAA", Data: "2001:db8::1"}}}}); !slices.Equal(got, []string{"2001:db8::1", "192.0.2.1"}) {
		t.Errorf("addresses: %q", got)
	}
}

func TestInterview(t *testing.T) {
	questions := []question{{"contoso.com", "MX"}, {"mail.contoso.com", "A"}}
	for _, c := range []struct {
		name, habits, want string
		took               time.Duration
	}{
		{"healthy: no control question", "", "MX A", 0},
		{"dead: the two time-outs overlap, and no more questions", "silent", "MX NS", 12 * time.Second},
		{"a dead zone: the control is answered and the rest asked", "contoso.com MX: silent", "MX NS A", 10 * time.Second},
		{"slow: asked again", "wait 1500ms", "MX MX A A", 6 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLab(t, zone+"-- dns 10.0.0.53 --\n"+c.habits+"\n", func(t *testing.T, w diag.World) {
				began := time.Now()
				var types []string
				for _, l := range interview(t.Context(), w, "10.0.0.53:53", "udp", questions) {
					types = append(types, l.Type)
				}
				if got := strings.Join(types, " "); got != c.want || time.Since(began) != c.took {
					t.Errorf("%q in %v, want %q in %v", got, time.Since(began), c.want, c.took)
				}
			})
		})
	}
}

func TestSystemServers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system keeps its resolvers elsewhere")
	}
	const conf = "# by hand\nnameserver 10.0.0.53\nsearch contoso.com\nnameserver 2001:db8::53\nnameserver 10.0.0.53\n"
	inLab(t, "-- file /etc/resolv.conf --\n"+conf, func(t *testing.T, w diag.World) {
		all, err := systemServers(w)
		if err != nil || len(all) != 2 || all[0].Addr != "10.0.0.53:53" || all[1].Addr != "[2001:db8::53]:53" {
			t.Errorf("%+v, %v", all, err)
		}
	})
	inLab(t, "", func(t *testing.T, w diag.World) {
		if _, err := systemServers(w); err == nil || !strings.Contains(err.Error(), "--resolver") {
			t.Errorf("without resolv.conf: %v", err)
		}
	})
}
