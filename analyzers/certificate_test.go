package analyzers

import (
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// Inside an organization nobody checks the certificate that Exchange made for
// itself.
func TestUntrustedInsideIsANote(t *testing.T) {
	in := talk{first: smtpprobe.Session{TLS: &smtpprobe.TLS{Untrusted: "unknown authority"}}}
	for internal, want := range map[bool]diag.Severity{true: diag.Note, false: diag.Unset} {
		e := diag.NewEvidence([]diag.AnyKey{evidence.Identity, evidence.RootsFile, evidence.Hops}, diag.Give(evidence.Internal, internal))
		if f := trusted(e, in); f.Severity != want || f.Verdict != diag.Confirmed {
			t.Errorf("internal=%v: %+v", internal, f)
		}
	}
}
