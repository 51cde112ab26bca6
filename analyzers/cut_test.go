package analyzers

import (
	"testing"

	"mailflow/smtpprobe"
)

// A session breaks off again only where it broke off before: the EHLO in TLS is
// another step than the one before it.
func TestCutAgain(t *testing.T) {
	cut := func(name string, tls bool) smtpprobe.Step {
		return smtpprobe.Step{Name: name, TLS: tls, Fault: smtpprobe.FaultClosed}
	}
	for _, c := range []struct {
		again smtpprobe.Step
		want  bool
	}{{cut(smtpprobe.EHLO, true), true}, {cut(smtpprobe.EHLO, false), false}, {cut(smtpprobe.MAIL, true), false}} {
		in := talk{again: []smtpprobe.Session{{Steps: []smtpprobe.Step{c.again}}}}
		if got, _ := cutAgain(in, cut(smtpprobe.EHLO, true)); got != c.want {
			t.Errorf("%+v: %v, want %v", c.again, got, c.want)
		}
	}
}
