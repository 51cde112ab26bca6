package collectors

import (
	"fmt"
	"strings"
	"testing"

	"mailflow/evidence"
)

// TestCutRanges: where some of a receive connector's ranges were left out, none
// is known: those that are left would name another connector.
func TestCutRanges(t *testing.T) {
	const dn = "CN=Default,CN=SMTP Receive Connectors,CN=Protocols,CN=HUB,CN=Servers,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
	const name = "msExchSmtpReceiveRemoteIPRanges"
	ranges := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s: 198.18.%d.%d\n", name, i/256, i%256)
		}
		return b.String()
	}
	for _, c := range []struct {
		name, lines string
		kept        int
	}{
		{"as many as are kept", ranges(maxLinksOfOne), maxLinksOfOne},
		{"one more", ranges(maxLinksOfOne + 1), 0},
		{"one too long", ranges(2) + name + ": " + strings.Repeat("x", maxBytesOfValue+1) + "\n", 0},
		{"a server that gave a part", name + ";range=0-1: 192.0.2.1\n" + name + ";range=0-1: 192.0.2.2\n", 0},
	} {
		d, _, _ := gathered(t, map[string][]byte{"org.ldf": []byte("dn: " + dn + "\nchangetype: add\nobjectClass: msExchSmtpReceiveConnector\n" + c.lines + "\n")})
		o := evidence.NewOrg(d, evidence.Cmdlets{})
		if len(o.Receive) != 1 || len(o.Receive[0].Ranges) != c.kept || len(o.Problems) == 0 != (c.kept > 0) {
			t.Errorf("%s: %+v, %q", c.name, len(o.Receive[0].Ranges), o.Problems)
		}
	}
}
