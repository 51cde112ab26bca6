package routing

import (
	"testing"

	"mailflow/evidence"
)

func TestServersAreFoundByEachOfTheirNames(t *testing.T) {
	o := founding()
	for _, from := range []string{"EX03A", "ex03a", " EX03A ", "ex03a.contoso.com", "EX03A.Contoso.Com.", serverDN("ex03a"), bridgehead("EX03A")} {
		if p := o.ask(from, "ex07a.contoso.com"); p.Outcome != evidence.Arrives || p.From != "EX03A" || p.To != "EX07A" {
			t.Errorf("%q: %s, %s, from %s to %s", from, p.Outcome, p.Why, p.From, p.To)
		}
	}
}

func TestUnknownNamesAndNearMisses(t *testing.T) {
	for _, x := range []struct{ from, to, says string }{
		{"EX03X", "EX07A", `no server "EX03X" is in what was given (did you mean EX03A?)`},
		{"EXO3A", "EX07A", "did you mean EX03A?"},
		{"EX03", "EX07A", "did you mean EX03A?"},
		{"mars", "EX07A", `no server "mars" is in what was given`},
		{"", "EX07A", "--input from=SERVER"},
		{"EX03A", "", "--input to=SERVER"},
		{"EX03A", "EX07", "did you mean EX07A?"},
		{"EX03A", "Frist Routing Group", "did you mean First Routing Group?"},
		{"EX03A", "ex07b.contoso.com", "did you mean EX07A?); if it is a domain"},
		{"EX03A", "user@", "is no address"},
		{"EX03A", "Munich", `no server, routing group or site "Munich"`},
		{serverDN("EX03B"), "EX07A", "did you mean EX03A"},
	} {
		p := founding().ask(x.from, x.to)
		if p.Outcome != evidence.Undecided {
			t.Errorf("%q to %q: %s", x.from, x.to, p.Outcome)
		}
		says(t, p.Why, x.says)
	}
}

func TestAnAddressOfTheOrganizationNeedsTheServer(t *testing.T) {
	o := founding()
	o.AcceptedDomains = []string{"contoso.com", "*.example.com"}
	for _, to := range []string{"user@contoso.com", "USER@Contoso.com", "a@mail.example.com", "contoso.com"} {
		p := o.ask("EX03A", to)
		wants(t, p, evidence.Undecided, "", 0)
		says(t, p.Why, "homeMDB", "msExchHomeServerName", "Get-Mailbox", "--input to=SERVER")
	}
}

func TestAServerWithoutARoutingGroup(t *testing.T) {
	o := founding()
	o.Servers[0].RoutingGroup = ""
	p := o.ask("EX03A", "EX07A")
	wants(t, p, evidence.Undecided, "", 0)
	says(t, p.Why, "does not tell the routing group of EX03A")
	says(t, o.ask("EX07A", "EX03A").Why, "does not tell the routing group of EX03A")
}

func TestNothingAtAll(t *testing.T) {
	if p := Walk(nil, Question{}); p.Outcome != evidence.Undecided || p.Zone != "UTC" {
		t.Errorf("%+v", p)
	}
}

func TestDistance(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ex03a", "ex03a", 0}, {"ex03a", "ex3a", 1}, {"ex03a", "ex30a", 2}, {"abc", "xyz", 3}} {
		if got := distance(x.a, x.b); got != x.want {
			t.Errorf("%q %q: %d, want %d", x.a, x.b, got, x.want)
		}
	}
}
