package collectors

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestInputs gives each input answers, and what is made of them as JSON; an
// error is what it says.
func TestInputs(t *testing.T) {
	for _, c := range []struct{ input, answer, want string }{
		{"recipient", "bob@contoso.com", `[{"address":"bob@contoso.com","domain":"contoso.com"}]`},
		{"recipient", "Bob@CONTOSO.com.", `[{"address":"Bob@contoso.com","domain":"contoso.com"}]`},
		{"recipient", "contoso.com; alice@example.com", `[{"domain":"contoso.com"},{"address":"alice@example.com","domain":"example.com"}]`},
		{"recipient", "info@bücher.example", `[{"address":"info@xn--bcher-kva.example","domain":"xn--bcher-kva.example"}]`},
		{"recipient", "bu\u0308cher.example", `[{"domain":"xn--bcher-kva.example"}]`},
		{"recipient", "STRASSE.example, straße.example", `[{"domain":"strasse.example"},{"domain":"xn--strae-oqa.example"}]`},
		{"recipient", "bob@ex_01.contoso.local", `[{"address":"bob@ex_01.contoso.local","domain":"ex_01.contoso.local"}]`},
		{"recipient", "", "error: name an address or a domain"},
		{"recipient", "@contoso.com", "error: "},
		{"recipient", "bob@", "error: "},
		{"recipient", "bob@contoso..com", "error: "},
		{"recipient", "bob@contoso.com\r\nRCPT", "error: "},
		{"recipient", "<bob@contoso.com>", "error: "},
		{"recipient", "bob@[192.0.2.1]", "error: "},
		{"next-hop", "hub01.contoso.com", `[{"host":"hub01.contoso.com","port":25}]`},
		{"next-hop", "HUB01:2525, 192.0.2.7", `[{"host":"hub01","port":2525},{"host":"192.0.2.7","port":25}]`},
		{"next-hop", "[192.0.2.7]", `[{"host":"192.0.2.7","port":25}]`},
		{"next-hop", "192.0.2.7:26", `[{"host":"192.0.2.7","port":26}]`},
		{"next-hop", "2001:db8::7", `[{"host":"2001:db8::7","port":25}]`},
		{"next-hop", "[2001:db8::7]:26", `[{"host":"2001:db8::7","port":26}]`},
		{"next-hop", "::ffff:192.0.2.7", `[{"host":"192.0.2.7","port":25}]`},
		{"next-hop", "192.0.2.700", `error: "192.0.2.700" is neither a domain name nor an IP address`},
		{"next-hop", "hub01:0", "error: "},
		{"next-hop", "hub01:99999", "error: "},
		{"next-hop", "hub01:", "error: "},
		{"next-hop", "http://hub01", "error: "},
		{"next-hop", "", "error: name a server"},
		{"internal", "Yes", "true"},
		{"internal", "n", "false"},
		{"internal", "maybe", "error: "},
		{"vantage", "Sender", `"sender"`},
		{"vantage", "home", "error: "},
		{"generation", "Exchange-2007", `"exchange-2007"`},
		{"sender", "<bob@contoso.com>", `"bob@contoso.com"`},
		{"sender", "<>", `""`},
		{"sender", "bob", "error: "},
		{"sender", "bob@contoso.com SIZE=1", "error: "},
		{"sender", "a@b\r\nDATA", "error: "},
		{"ehlo", "Mail.Contoso.com.", `"mail.contoso.com"`},
		{"ehlo", "[192.0.2.1]", `"[192.0.2.1]"`},
		{"ehlo", "mail contoso", "error: "},
		{"resolver", "192.0.2.53, 2001:db8::53", `["192.0.2.53:53","[2001:db8::53]:53"]`},
		{"resolver", "[2001:db8::53]:5353 192.0.2.53:5353", `["[2001:db8::53]:5353","192.0.2.53:5353"]`},
		{"resolver", "192.0.2.53,192.0.2.53:53", `["192.0.2.53:53"]`},
		{"resolver", "192.0.2.53:0", "error: "},
		{"resolver", "dns.contoso.com", "error: "},
		{"source", " 192.0.2.1 ", `"192.0.2.1"`},
		{"source", "eth0", "error: "},
		{"patience", "RFC", "0"},
		{"patience", "35s", "35000000000"},
		{"patience", "34s", "error: "},
		{"connect-limit", "30s", "30000000000"},
		{"connect-limit", "30", "error: "},
		{"connect-limit", "11m", "error: "},
		{"retry-after", "5m", "300000000000"},
		{"send", "no", "false"},
		{"roots", " ca.pem ", `"ca.pem"`},
		{"evidence", "a, b.log\nc.xml", `["a, b.log","c.xml"]`},
	} {
		got := answered(t, c.input, c.answer)
		if got != c.want && !(strings.HasPrefix(c.want, "error: ") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s %q: %s, want %s", c.input, c.answer, got, c.want)
		}
	}
}

func answered(t *testing.T, input, answer string) string {
	t.Helper()
	for _, in := range Inputs() {
		if in.Provides.Kind().Name != input {
			continue
		}
		v, err := in.Parse(answer)
		if err != nil {
			return "error: " + err.Error()
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	t.Fatalf("no input %s", input)
	return ""
}

// Each example and default is an answer that its own input takes.
func TestExamplesParse(t *testing.T) {
	for _, in := range Inputs() {
		for _, answer := range []string{in.Example, in.Default} {
			if _, err := in.Parse(answer); answer != "" && err != nil {
				t.Errorf("%s: %q: %v", in.Provides.Kind().Name, answer, err)
			}
		}
	}
}

func FuzzInputs(f *testing.F) {
	for _, s := range []string{"bob@contoso.com", "[2001:db8::7]:26", "192.0.2.7", "bücher.example", "rfc", "a,b;c", "\x00", "xn--", "1.2.3.4.5", "[", "::ffff:1.2.3.4", "30s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, in := range Inputs() {
			v, err := in.Parse(s)
			if err != nil {
				continue
			}
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatalf("%s %q cannot be recorded: %v", in.Provides.Kind().Name, s, err)
			}
			if name := in.Provides.Kind().Name; name != "evidence" && name != "roots" && strings.ContainsAny(string(b), "\r\n") {
				t.Errorf("%s %q holds a line end", name, s)
			}
			if d, ok := v.(time.Duration); ok && (d < 0 || d > time.Hour) {
				t.Errorf("%q: %v", s, d)
			}
		}
	})
}

// A name that was read reads the same again: nothing further is to be done to
// it before it is asked for.
func FuzzHostName(f *testing.F) {
	for _, s := range []string{"contoso.com", "BÜCHER.example.", "a_b.c", "xn--bcher-kva.example", "..", "1.2.3.4", "-", "ß.example", "a。b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := hostName(s)
		if err != nil {
			return
		}
		if again, err := hostName(name); err != nil || again != name {
			t.Errorf("%q is %q, and that %q, %v", s, name, again, err)
		}
		if _, err := netip.ParseAddr(name); err == nil {
			t.Errorf("%q is an address", s)
		}
	})
}

func FuzzResolvers(f *testing.F) {
	f.Add("192.0.2.53, [2001:db8::53]:53")
	f.Add("fe80::1%eth0")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseResolvers(s)
		if err != nil {
			return
		}
		for _, addr := range v.([]string) {
			if at, err := netip.ParseAddrPort(addr); err != nil || at.Port() == 0 {
				t.Errorf("%q: %q: %v", s, addr, err)
			}
		}
	})
}
