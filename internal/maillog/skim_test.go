package maillog

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mailflow/internal/maillog/maillogtest"
)

// TestSkimOthers: in logs of Exim and Sendmail, too, the events of a message that is
// asked for are what they are without skimming, as are those of any message that
// comes; of the rest there is what tells when, where and of which message.
func TestSkimOthers(t *testing.T) {
	for kind, make := range map[Kind]func(io.Writer, uint64, int64) (maillogtest.Counts, error){Exim: maillogtest.Exim, Sendmail: maillogtest.Sendmail} {
		t.Run(string(kind), func(t *testing.T) {
			var log bytes.Buffer
			if _, err := make(&log, 2, 1_500_000); err != nil {
				t.Fatal(err)
			}
			followed := func(e *Event) bool { return len(e.Queue) > 0 && e.Queue[len(e.Queue)-1]%4 == 0 }
			all, some := NewReader(bytes.NewReader(log.Bytes()), kind), NewReader(bytes.NewReader(log.Bytes()), kind)
			some.Skim(followed)
			skimmed, deferred := 0, 0
			for all.Next() {
				want := *all.Event()
				if !some.Next() {
					t.Fatal("an event less")
				}
				if some.Event().What == Skimmed {
					if skimmed++; followed(&want) || want.What == Received {
						t.Fatalf("skimmed: %s", want.Raw)
					}
					want = Event{Line: want.Line, Raw: want.Raw, Stamp: want.Stamp, Host: want.Host, Process: want.Process, PID: want.PID, Queue: want.Queue, What: Skimmed}
				} else if want.What == Deferred {
					deferred++
				}
				if diff := cmp.Diff(&want, some.Event()); diff != "" {
					t.Fatal(diff)
				}
			}
			if some.Next() || skimmed < 1000 || deferred == 0 {
				t.Error("an event more, or too few of a kind", skimmed, deferred)
			}
		})
	}
}
