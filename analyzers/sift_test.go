package analyzers

import (
	"fmt"
	"regexp"
	"testing"

	"mailflow/diag"
)

// Of more than a hundred that are free of a cause, the rest is summed up without
// arguments: the sentence must do without them.
func TestRuledOutSentencesDoWithoutArguments(t *testing.T) {
	summed := map[string]bool{"HOP-DELAY": true, "PERIODIC-SCHEDULE": true, "PERIODIC-RETRY": true, "BACKLOG": true, "RETRY-INTERVAL": true,
		"CONNECTOR-RECEIVE-MISMATCH": true, "CONNECTOR-SCHEDULE": true, "CONNECTOR-BRIDGEHEAD-STALE": true, "CATEGORIZER-SLOW": true, "AGENT-SLOW": true,
		"DELIVERY-SLOW": true, "EDITION-LIMIT": true, "DNS-FQDN-MISMATCH": true, "ROUTING-MASTER-GONE": true, "CONNECTOR-SIZE-LIMIT": true,
		"SMTP-TARPIT": true, "SMTP-SLOW": true, "SMTP-DELAYED-ACK": true, "SMTP-TLS-FAILS": true, "SMTP-DEFERRED": true, "SMTP-GREYLISTED": true, "SMTP-BACK-PRESSURE": true,
		"SMTP-CONNECTION-LIMIT": true}
	seen := map[string]bool{}
	for _, s := range Symptoms() {
		for _, a := range s.Analyzers {
			for _, c := range a.Causes {
				if !summed[c.Code] || seen[c.Code] {
					continue
				}
				seen[c.Code] = true
				var found []diag.Finding
				for i := range mostRuledOut + 5 {
					found = append(found, diag.Finding{Code: c.Code, Subject: fmt.Sprint("hop ", i)})
				}
				found = sift(found, "hops")
				if err := diag.CheckFinding(a, found[len(found)-1]); err != nil {
					t.Error(err)
				}
				if text := diag.Sentence(c, found[len(found)-1]); regexp.MustCompile(`[{}\[\]]|  `).MatchString(text) {
					t.Errorf("%s: %q", c.Code, text)
				}
			}
		}
	}
}
