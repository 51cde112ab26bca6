package analyzers

import (
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// Addresses that no session was held with are never passed over: neither are
// they all called alive, nor all dead.
func TestAddressesThatWereNotTried(t *testing.T) {
	hops := []evidence.Hop{{Target: "contoso.com", How: evidence.ByMX, Host: "mx.contoso.com", Port: 25, Addrs: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}}}
	for fault, want := range map[string]string{
		smtpprobe.FaultNone:    "TCP-REFUSED excluded; TCP-TIMEOUT excluded; TCP-UNREACHABLE excluded; ADDRESS-DEAD could-not-tell 2 of its",
		smtpprobe.FaultRefused: "ADDRESS-DEAD could-not-tell 2 of its",
	} {
		tried := smtpprobe.Session{Host: "mx.contoso.com", Addr: "192.0.2.1:25", Steps: []smtpprobe.Step{{Name: smtpprobe.Connect, Fault: fault}}}
		e := diag.NewEvidence([]diag.AnyKey{evidence.Patience, evidence.ConnectFor}, diag.Give(evidence.Hops, hops), diag.Give(evidence.Sessions, []smtpprobe.Session{tried}), diag.Give(evidence.Vantage, "sender"))
		var got []string
		for _, f := range reach().Run(e) {
			words := f.Code + " " + f.Verdict.String()
			if f.Verdict == diag.Unknown {
				words += " " + f.Args[0].Text[:8]
			}
			got = append(got, words)
		}
		if all := strings.Join(got, "; "); all != want {
			t.Errorf("%q: %s\nwant %s", fault, all, want)
		}
	}
}

// Nolisting is a first exchanger that is dead on purpose: one of several of the
// same preference is none.
func TestNolisting(t *testing.T) {
	on := func(pref uint16) attempt { return attempt{hop: evidence.Hop{How: evidence.ByMX, Pref: pref}} }
	for good, want := range map[uint16]bool{5: false, 10: false, 20: true} {
		if got := (reached{good: []attempt{on(good)}}).nolisting(on(10)); got != want {
			t.Errorf("dead at 10, alive at %d: %v, want %v", good, got, want)
		}
	}
}
