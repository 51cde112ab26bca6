package collectors

import (
	"fmt"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// A zone may name thousands of addresses; one run knocks at few doors.
func TestCallsAreBounded(t *testing.T) {
	hop := evidence.Hop{Target: "contoso.com", How: evidence.ByMX, Host: "mx.contoso.com", Port: 25}
	for i := range 10000 {
		hop.Addrs = append(hop.Addrs, fmt.Sprintf("10.0.%d.%d", i/250, i%250))
	}
	all := calls([]evidence.Hop{hop, hop}, diag.NewEvidence([]diag.AnyKey{evidence.Recipients, evidence.Sender, evidence.Send}))
	if len(all) != maxCalls || all[0].addr != "10.0.0.0:25" {
		t.Errorf("%d calls, the first to %s", len(all), all[0].addr)
	}
}

// A server is asked about a recipient of its own domain, and no other's: that it
// would refuse.
func TestRecipientFor(t *testing.T) {
	recipients := []evidence.Mailbox{{Address: "bob@contoso.com", Domain: "contoso.com"}, {Domain: "example.com"}}
	for target, want := range map[string]string{"contoso.com": "bob@contoso.com", "example.com": "postmaster@example.com", "fabrikam.com": ""} {
		if got := recipientFor(evidence.Hop{Target: target, How: evidence.ByMX}, recipients); got != want {
			t.Errorf("at an exchanger of %s: %q, want %q", target, got, want)
		}
	}
	if got := recipientFor(evidence.Hop{Target: "hub01", How: evidence.ByName}, recipients); got != "bob@contoso.com" {
		t.Errorf("at the server named: %q", got)
	}
	for _, target := range []string{"hub01.contoso.com", "contoso.com"} {
		if got := recipientFor(evidence.Hop{Target: target, How: evidence.ByConnector}, recipients); got != "" {
			t.Errorf("a name in an export hears of %q", got)
		}
	}
}
