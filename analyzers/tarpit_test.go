package analyzers

import (
	"testing"

	"mailflow/smtpprobe"
)

// A pause is compared with that before the same kind of reply to the same
// command: one in TLS, or before a refusal, is another.
func TestCounterpart(t *testing.T) {
	slow := smtpprobe.Step{Name: smtpprobe.EHLO, Code: 250, TLS: true}
	for _, c := range []struct {
		again smtpprobe.Step
		want  bool
	}{
		{smtpprobe.Step{Name: smtpprobe.EHLO, Code: 250, TLS: true}, true},
		{smtpprobe.Step{Name: smtpprobe.EHLO, Code: 250}, false},
		{smtpprobe.Step{Name: smtpprobe.EHLO, Code: 550, TLS: true}, false},
		{smtpprobe.Step{Name: smtpprobe.MAIL, Code: 250, TLS: true}, false},
	} {
		in := talk{again: []smtpprobe.Session{{Steps: []smtpprobe.Step{c.again}}}}
		if _, got := counterpart(in, slow); got != c.want {
			t.Errorf("%+v: %v, want %v", c.again, got, c.want)
		}
	}
}
