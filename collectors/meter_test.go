package collectors

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"mailflow/diag"
)

// slow gives 100 MB in a second.
type slow struct{ left int }

func (s *slow) Read(b []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	s.left--
	time.Sleep(time.Millisecond * 500)
	return len(b), nil
}

func TestAMeterTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		w := diag.World{Note: func(text string) { told = append(told, text) }}
		m := newMeter(w, &slow{12}, "mail.log", 1_000_000_000)
		for buf := make([]byte, 50_000_000); ; {
			if _, err := m.Read(buf); err != nil {
				break
			}
		}
		want := []string{"mail.log: 200 MB of 1.00 GB read, 100 MB/s, 8 s left", "mail.log: 400 MB of 1.00 GB read, 100 MB/s, 6 s left", "mail.log: 600 MB of 1.00 GB read, 100 MB/s, 4 s left"}
		if !slices.Equal(told, want) {
			t.Errorf("%q", told)
		}
	})
}
