package evidence

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		text, inside, outside string
	}{
		{"0.0.0.0-255.255.255.255", "192.0.2.7", "2001:db8::7"},
		{"192.0.2.7", "192.0.2.7", "192.0.2.8"},
		{"192.0.2.10 - 192.0.2.20", "192.0.2.20", "192.0.2.21"},
		{"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
		{"192.0.2.77/24", "192.0.2.1", "192.0.1.255"},
		{"192.0.2.0(255.255.255.0)", "192.0.2.200", "192.0.3.1"},
		{"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1", "192.0.2.1"},
		{"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
		{"::ffff:192.0.2.1-::ffff:192.0.2.9", "192.0.2.5", "192.0.2.10"},
		{"::ffff:10.0.0.0/104", "10.255.255.255", "11.0.0.0"},
		{"::ffff:10.0.0.0/104", "::ffff:10.1.2.3", "::1"},
		{"::ffff:192.0.2.0(255.255.255.0)", "192.0.2.200", "192.0.3.1"},
		{"::/64", "::1", "192.0.2.1"},
		{"fe80::1", "fe80::1%eth0", "fe80::2%eth0"},
		{"fe80::/10", "fe80::1%eth0", "2001:db8::1%eth0"},
	} {
		r, err := ParseRange(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if !r.Holds(netip.MustParseAddr(c.inside)) || r.Holds(netip.MustParseAddr(c.outside)) {
			t.Errorf("%s: %+v", c.text, r)
		}
	}
	for _, text := range []string{"", "-", "192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1", "192.0.2.0/33", "192.0.2.0(255.0.255.0)", "fe80::1%eth0", "2001:db8::(255.255.255.0)", "any", "192.0.2.1-192.0.2.2-192.0.2.3"} {
		if r, err := ParseRange(text); err == nil {
			t.Errorf("%q: %+v", text, r)
		}
	}
}

// ranged is an organization with one server and these connectors on it, each
// "name bindings ranges", lists with commas.
func ranged(connectors ...string) *Index {
	o := &Org{Servers: []Server{{Name: "HUB", DN: "CN=HUB"}, {Name: "OTHER", DN: "CN=OTHER"}}}
	for _, c := range connectors {
		f := strings.Fields(c)
		r := ReceiveConnector{Name: f[0], Server: "CN=HUB", Bindings: strings.Split(f[1], ","), Ranges: strings.Split(f[2], ",")}
		if len(f) > 3 {
			r.Enabled = new(f[3] == "on")
		}
		o.Receive = append(o.Receive, r)
	}
	return o.Index()
}

func TestWinner(t *testing.T) {
	const all = "0.0.0.0-255.255.255.255"
	for _, c := range []struct {
		name       string
		ix         *Index
		client     string
		winner, no string
	}{
		{"the only one", ranged("default 0.0.0.0:25 " + all), "192.0.2.7", "default", ""},
		{"the narrower range", ranged("default 0.0.0.0:25 "+all, "scanner 0.0.0.0:25 192.0.2.0/28"), "192.0.2.7", "scanner", ""},
		{"its range ends before", ranged("default 0.0.0.0:25 "+all, "scanner 0.0.0.0:25 192.0.2.0/28"), "192.0.2.77", "default", ""},
		{"one of several ranges", ranged("default 0.0.0.0:25 "+all, "relay 0.0.0.0:25 198.51.100.1,192.0.2.7"), "192.0.2.7", "relay", ""},
		{"another port", ranged("default 0.0.0.0:25 "+all, "client 0.0.0.0:587 192.0.2.7"), "192.0.2.7", "default", ""},
		{"another address of the server", ranged("default 0.0.0.0:25 "+all, "inside 10.0.0.9:25 192.0.2.7"), "192.0.2.7", "default", ""},
		{"this address of the server", ranged("default 0.0.0.0:25 "+all, "inside 10.0.0.1:25 192.0.2.0/24"), "192.0.2.7", "inside", ""},
		{"switched off", ranged("default 0.0.0.0:25 "+all, "scanner 0.0.0.0:25 192.0.2.7 off"), "192.0.2.7", "default", ""},
		{"two alike", ranged("a 0.0.0.0:25 192.0.2.0/28", "b 0.0.0.0:25 192.0.2.4-192.0.2.19"), "192.0.2.7", "", "equally"},
		{"none fits", ranged("scanner 0.0.0.0:25 192.0.2.7"), "192.0.2.8", "", "no receive connector"},
		{"a range that nobody can read", ranged("default 0.0.0.0:25 "+all, "odd 0.0.0.0:25 everybody"), "192.0.2.8", "", "odd"},
		{"IPv6 where only IPv4 ranges are", ranged("default 0.0.0.0:25 " + all), "2001:db8::7", "", "no receive connector"},
	} {
		got, why := c.ix.Winner("CN=HUB", netip.MustParseAddr(c.client), netip.MustParseAddr("10.0.0.1"), 25)
		name := ""
		if got != nil && why == "" {
			name = got.Name
		}
		if name != c.winner || !strings.Contains(why, c.no) {
			t.Errorf("%s: %q (%s), want %q (%s)", c.name, name, why, c.winner, c.no)
		}
	}
	if c, why := ranged("local [fe80::9]:25 fe80::1").Winner("CN=HUB", netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("fe80::9%eth0"), 25); c == nil {
		t.Errorf("addresses with a zone: %s", why)
	}
	cut := ranged("default 0.0.0.0:25 "+all, "cut 0.0.0.0:25 192.0.2.7")
	cut.Org.Receive[1].Ranges = nil
	if c, why := cut.Winner("CN=HUB", netip.MustParseAddr("198.51.100.9"), netip.Addr{}, 25); c != nil || !strings.Contains(why, "cut") {
		t.Errorf("a connector whose ranges are unknown may win: %v, %s", c, why)
	}
	if c, _ := ranged("default 0.0.0.0:25 "+all).Winner("CN=OTHER", netip.MustParseAddr("192.0.2.7"), netip.Addr{}, 25); c != nil {
		t.Errorf("a connector of another server: %s", c.Name)
	}
}

// FuzzRange: what is read as a range holds both of its ends and has a size.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"0.0.0.0-255.255.255.255", "192.0.2.0/24", "192.0.2.0(255.255.255.0)", "::1", "::/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRange(s)
		if err == nil && (!r.Holds(r.From) || !r.Holds(r.To) || r.size().Sign() <= 0) {
			t.Errorf("%q: %+v", s, r)
		}
	})
}

// TestAdmits: a group that is not listed may have rights all the same where some
// were set by hand.
func TestAdmits(t *testing.T) {
	for _, c := range []struct {
		name, groups string
		yes, known   bool
	}{
		{"listed", "AnonymousUsers ExchangeServers", true, true},
		{"not listed", "AnonymousUsers ExchangeUsers", false, true},
		{"listed beside rights by hand", "exchangeservers custom", true, true},
		{"rights by hand", "AnonymousUsers Custom", false, false},
		{"unknown", "", false, false},
	} {
		r := ReceiveConnector{Permissions: strings.Fields(c.groups)}
		if c.groups == "" {
			r.Permissions = nil
		}
		if yes, known := r.Admits("ExchangeServers"); yes != c.yes || known != c.known {
			t.Errorf("%s: %v, known %v", c.name, yes, known)
		}
	}
}

// TestManyReceiveConnectors: a question is answered from those of its server,
// and no range is read twice.
func TestManyReceiveConnectors(t *testing.T) {
	const servers, each = 2000, 10
	o := &Org{}
	for i := range servers {
		name := fmt.Sprint("CN=HUB", i)
		o.Servers = append(o.Servers, Server{Name: name[3:], DN: name})
		for j := range each {
			o.Receive = append(o.Receive, ReceiveConnector{Name: fmt.Sprint(i, "-", j), Server: name, Ranges: []string{fmt.Sprintf("192.0.2.0/%d", 20+j)}})
		}
	}
	ix := o.Index()
	client := netip.MustParseAddr("192.0.2.1")
	if c, why := ix.Winner("CN=HUB7", client, netip.Addr{}, 25); c == nil || c.Name != "7-9" {
		t.Fatal(c, why)
	}
	if n := testing.AllocsPerRun(3, func() { ix.Winner("CN=HUB7", client, netip.Addr{}, 25) }); n > 40*each {
		t.Errorf("%v allocations for %d connectors", n, each)
	}
}
