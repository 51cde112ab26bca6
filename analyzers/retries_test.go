package analyzers

import (
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

func told(f diag.Finding, name string) string {
	for _, a := range f.Args {
		if a.Name == name {
			return a.Text
		}
	}
	return ""
}

// The glitch retries come before the list, so that they are in the sums; what
// one message waits by itself is no step.
func TestRetrySums(t *testing.T) {
	hour, ten := evidence.Duration(3600), evidence.Duration(600)
	o := evidence.Org{Servers: []evidence.Server{
		{Name: "EX03A", DN: "CN=EX03A", Generation: "exchange-2003", Virtual: []evidence.VirtualServer{{Name: "1", DN: "CN=1", Retries: "15,30"}}},
		{Name: "EX07", DN: "CN=EX07", Generation: "exchange-2007", Retry: &evidence.RetryTimes{Message: &hour, Outbound: &ten}},
	}}
	for _, f := range run(retryIntervals(), o) {
		minutes, sums, because := told(f, "minutes"), told(f, "sums"), told(f, "because")
		switch {
		case strings.HasPrefix(f.Subject, "EX03A"):
			if minutes != "3 x 1, 15, 30 minutes" || sums != "60 s, 2 min, 3 min, 18 min, 48 min" {
				t.Errorf("%s: %q, %q", f.Subject, minutes, sums)
			}
		case minutes != "4 x 1, 6 x 5, 10 minutes" || !strings.Contains(because, "MessageRetryInterval"):
			t.Errorf("%s: %q, %q, %q", f.Subject, minutes, sums, because)
		}
	}
}
