package collectors

import (
	"context"
	"slices"
	"sync"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

const (
	slowAfter     = 5 * time.Second // a greeting later than this is looked at twice (knowledge/exchange.md 3.5)
	slowStepAfter = time.Second     // and a command
)

// repeats talks a second time to each address that was slow or put us off:
// what is seen once may be chance. A deferred recipient is tried again at
// once, which tells a first-contact test (postscreen) from greylisting, and
// once more after the time that the operator allowed.
func repeats() *diag.Collector {
	return diag.NewCollector("repeats", "opens a second session with each address that was slow or put mail off", evidence.Repeats,
		[]diag.AnyKey{evidence.Sessions, evidence.Identity}, append([]diag.AnyKey{evidence.RetryAfter}, sessionKeys...),
		func(ctx context.Context, w diag.World, e diag.Evidence) ([]smtpprobe.Session, error) {
			p, err := prober(w, e, evidence.Identity.In(e).Name)
			if err != nil {
				return nil, err
			}
			later, _ := evidence.RetryAfter.Lookup(e)
			first := evidence.Sessions.In(e)
			more := make([][]smtpprobe.Session, len(first))
			var wg sync.WaitGroup
			for i, s := range first {
				if again(s) {
					wg.Go(func() { more[i] = repeat(ctx, *p, s, later) })
				}
			}
			wg.Wait()
			return slices.Concat(more...), nil
		})
}

// repeat holds the same session again; without TLS where the handshake failed,
// because senders that may go on in the clear do.
func repeat(ctx context.Context, p smtpprobe.Prober, s smtpprobe.Session, later time.Duration) []smtpprobe.Session {
	p.NoTLS = s.Last().Fault == smtpprobe.FaultHandshake
	more := []smtpprobe.Session{p.Probe(ctx, s.Host, s.Addr, s.From, s.To)}
	if later == 0 || !deferred(more[0]) {
		return more
	}
	select {
	case <-time.After(later):
		return append(more, p.Probe(ctx, s.Host, s.Addr, s.From, s.To))
	case <-ctx.Done():
		return more
	}
}

// deferred says whether the sender or the recipient was put off.
func deferred(s smtpprobe.Session) bool {
	return slices.ContainsFunc(s.Steps, func(st smtpprobe.Step) bool {
		return (st.Name == smtpprobe.MAIL || st.Name == smtpprobe.RCPT) && st.Code/100 == 4
	})
}

func slowGreeting(s smtpprobe.Session) bool {
	st, ok := s.Step(smtpprobe.Greeting)
	return ok && st.Took() > slowAfter
}

// again says whether a session is worth a second look.
func again(s smtpprobe.Session) bool {
	for _, st := range s.Steps {
		switch {
		case st.Name == smtpprobe.Connect || st.Fault == smtpprobe.FaultLocal || st.Fault == smtpprobe.FaultCanceled:
		case st.Name == smtpprobe.Greeting && st.Took() > slowAfter, st.Name != smtpprobe.Greeting && !st.Grouped && st.Took() > slowStepAfter:
			return true
		case st.Code/100 == 4, st.Fault == smtpprobe.FaultHandshake:
			return true
		}
	}
	return false
}
