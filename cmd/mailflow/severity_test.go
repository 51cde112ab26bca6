package main

import (
	"testing"
	"testing/synctest"

	"mailflow/diag"
)

// TestStorySeverity checks what a story's want cannot say: how bad the worst
// cause is. One exchanger of several costs time, the only one stops mail.
func TestStorySeverity(t *testing.T) {
	for name, want := range map[string]diag.Severity{
		"address-dead":               diag.Delayed,
		"dns-mx-is-ip":               diag.Degraded,
		"dns-mx-is-ip-only":          diag.Stopped,
		"dns-mx-no-address":          diag.Degraded,
		"dns-mx-no-address-all":      diag.Stopped,
		"dns-mx-no-address-near":     diag.Degraded, // the zone of one exchanger fails, the other works
		"dns-ptr-missing":            diag.Note,
		"dns-server-down":            diag.Delayed,
		"dns-server-down-alone":      diag.Stopped,
		"dns-server-down-refused":    diag.Degraded,
		"dns-tcp-fails":              diag.Stopped,
		"dns-udp-fails":              diag.Degraded,
		"dns-zone-fails":             diag.Stopped,
		"dns-zone-fails-one":         diag.Degraded,
		"dns-zone-fails-other-alive": diag.Degraded,
	} {
		s := story(t, "../../testdata/cases/"+name+".txtar")
		synctest.Test(t, func(t *testing.T) {
			w, stop, err := s.World()
			if err != nil {
				t.Fatal(err)
			}
			r := play(t, storyCase(s), w)
			stop()
			if got := r.Worst(); got != want {
				t.Errorf("%s: worst is %v, want %v", name, got, want)
			}
		})
	}
}
