package routing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"mailflow/evidence"
)

// A dice makes choices of the bytes of a fuzz input; 0 when they are used up.
type dice struct{ data []byte }

func (d *dice) roll(n int) int {
	if len(d.data) == 0 {
		return 0
	}
	v := int(d.data[0]) % n
	d.data = d.data[1:]
	return v
}

func (d *dice) number() *int {
	return []*int{nil, new(0), new(1), new(7), new(-1), new(math.MaxInt), new(math.MinInt), new(2), new(3)}[d.roll(9)]
}

func (d *dice) bytes() *int64 {
	if n := d.number(); n != nil {
		return new(int64(*n))
	}
	return nil
}

func (d *dice) name() string {
	return []string{"", "A", "B", "C", "Site0", "Site1", "a.contoso.com", later, "CN=", "=,", `CN=A\,B,CN=Servers`, "x\nDEL:1"}[d.roll(12)]
}

func (d *dice) ref() string {
	switch n := d.name(); d.roll(5) {
	case 0:
		return n
	case 1:
		return bridgehead(n)
	case 2:
		return groupDN(n)
	default:
		return serverDN(n)
	}
}

func (d *dice) refs() []string {
	var all []string
	for range d.roll(4) {
		all = append(all, d.ref())
	}
	return all
}

func (d *dice) flag() *bool { return []*bool{nil, new(true), new(false)}[d.roll(3)] }

func (d *dice) timetable() evidence.Timetable {
	t := evidence.Timetable{Style: d.number()}
	if d.roll(2) == 1 {
		t.Schedule = new(everyByte(byte(d.roll(256))))
		t.Schedule[d.roll(84)] ^= byte(d.roll(256))
	}
	return t
}

func (d *dice) group() string {
	return []string{"", groupDN("A"), groupDN("B"), groupDN(later)}[d.roll(4)]
}

func (d *dice) org() *evidence.Org {
	o := &evidence.Org{}
	for range d.roll(4) {
		o.RoutingGroups = append(o.RoutingGroups, evidence.RoutingGroup{Name: d.name(), DN: d.group(), Connectors: d.roll(2) == 1})
	}
	for range d.roll(6) {
		n := d.name()
		o.Servers = append(o.Servers, evidence.Server{Name: n, DN: serverDN(n), RoutingGroup: d.group(), Roles: d.number(), Site: d.name(), FQDN: d.name(),
			Generation: []string{"", "exchange-2003", e2007, e2010, e2016, "exchange-5.5"}[d.roll(6)],
			Virtual:    []evidence.VirtualServer{{Name: "1", DN: bridgehead(n), SmartHost: d.name(), SmartHostType: d.number()}}})
		o.Seen = append(o.Seen, evidence.Seen{DN: serverDN(n), Class: evidence.ClassServer}, evidence.Seen{DN: "CN=Servers," + agDN, Class: "x"})
	}
	for range d.roll(7) {
		o.Connectors = append(o.Connectors, d.connector())
	}
	for range d.roll(4) {
		o.Sites = append(o.Sites, evidence.Site{Name: d.name(), DN: d.name(), Hub: d.flag()})
	}
	for range d.roll(5) {
		o.SiteLinks = append(o.SiteLinks, evidence.ADSiteLink{Name: d.name(), Sites: []string{d.name(), d.name(), d.name()}[:d.roll(4)], Cost: d.number(), ExchangeCost: d.number(), LimitBytes: d.bytes()})
	}
	for range d.roll(2) {
		o.AcceptedDomains = append(o.AcceptedDomains, d.name())
	}
	return o
}

func (d *dice) connector() evidence.Connector {
	kinds := []string{evidence.RoutingGroupLink, evidence.SMTPLink, evidence.X400Link, evidence.SiteLink, evidence.GatewayLink, evidence.SendLink, ""}
	c := evidence.Connector{Name: d.name(), DN: d.ref(), Kind: kinds[d.roll(7)], RoutingGroup: d.group(), Destination: d.group(), Sources: d.refs(), Targets: d.refs(),
		Delivery: d.timetable(), Oversize: d.timetable(), Cost: d.number(), ContentKB: d.number(), LimitKB: d.number(), LimitBytes: d.bytes(), Priorities: d.number(),
		Enabled: d.flag(), Scoped: d.flag(), ByDNS: d.flag(), Joins: d.refs(), Allowed: d.roll(2), Whole: d.roll(2) == 1, SmartHost: d.name()}
	for range d.roll(3) {
		c.Spaces = append(c.Spaces, []string{"SMTP:*;1", "SMTP:*.com;-1", "SMTP:a*b*c;99999999999999999999", "X400:;", ";", "SMTP:**;3"}[d.roll(6)])
	}
	return c
}

// FuzzWalk takes small organizations of every kind of nonsense: it never panics,
// and what it says holds together.
func FuzzWalk(f *testing.F) {
	for seed := range 20 {
		data := make([]byte, 400)
		for i := range data {
			data[i] = byte((i*i + 31*seed*i + seed) >> 2)
		}
		f.Add("A", "B", int64(seed), data)
	}
	f.Add("EX03A", "user@example.com", int64(math.MaxInt64), []byte("x"))
	f.Fuzz(func(t *testing.T, from, to string, bytes int64, data []byte) {
		d := &dice{data}
		q := Question{From: from, To: to, Size: bytes, At: time.Unix(int64(d.roll(256))*12345, int64(d.roll(256))), Zone: berlin}
		if d.roll(2) == 0 {
			q.From, q.To = d.name(), []string{d.name(), "user@example.com", "B", "Site1"}[d.roll(4)]
		}
		sound(t, Walk(d.org(), q))
	})
}

func TestNonsenseIsSurvived(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 5000 {
		data := make([]byte, 600)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		d := &dice{data}
		q := Question{From: d.name(), To: []string{d.name(), "user@example.com", "a@b.com", "B"}[d.roll(4)], Size: int64(d.roll(9)), At: nine(d.roll(256)), Zone: berlin}
		sound(t, Walk(d.org(), q))
	}
}

// large is as large as organizations get: 5,000 servers, 20,000 connectors.
func large(modern bool) *orgOf {
	o := &orgOf{}
	const groups, servers, connectors = 500, 5000, 20000
	for i := range servers {
		g := fmt.Sprintf("G%d", i%groups)
		s := evidence.Server{Name: fmt.Sprintf("S%d", i), DN: serverDN(fmt.Sprintf("S%d", i)), RoutingGroup: groupDN(g), Generation: "exchange-2003"}
		if modern && i%2 == 0 {
			s.RoutingGroup, s.Generation, s.Site, s.Roles = groupDN(later), e2007, site(i%groups), new(roleHub)
		}
		o.Servers = append(o.Servers, s)
	}
	for i := range connectors {
		from, to := fmt.Sprintf("G%d", i%groups), fmt.Sprintf("G%d", (i*7+i/groups)%groups)
		if modern && i%3 == 0 {
			from = later
		}
		c := evidence.Connector{Name: fmt.Sprintf("C%d", i), DN: fmt.Sprintf("CN=C%d,CN=Connections,%s", i, groupDN(from)), Kind: evidence.RoutingGroupLink, RoutingGroup: groupDN(from), Destination: groupDN(to),
			Sources: bridgeheads(fmt.Sprintf("S%d", i%servers)), Targets: bridgeheads(fmt.Sprintf("S%d", (i*7)%servers)), Cost: new(1 + i%100)}
		if i%10 == 0 {
			c.Kind, c.Destination, c.Spaces = evidence.SMTPLink, "", []string{fmt.Sprintf("SMTP:*.com;%d", i%100)}
		}
		o.Connectors = append(o.Connectors, c)
	}
	for i := range groups * 4 {
		o.SiteLinks = append(o.SiteLinks, evidence.ADSiteLink{Name: fmt.Sprint(i), Sites: []string{site(i % groups), site((i*3 + i/groups) % groups)}, Cost: new(i % 50)})
	}
	return o
}

func BenchmarkWalk(b *testing.B) {
	for name, x := range map[string]struct {
		modern   bool
		from, to string
	}{
		"2003": {false, "S1", "S499"}, "2003 out": {false, "S1", "user@example.com"},
		"2007": {true, "S2", "S499"}, "2007 sites": {true, "S2", "S248"}, "2007 out": {true, "S2", "user@example.com"},
	} {
		o := large(x.modern)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if p := o.ask(x.from, x.to); p.Outcome == evidence.Undecided {
					b.Fatal(p.Why)
				}
			}
		})
	}
}
