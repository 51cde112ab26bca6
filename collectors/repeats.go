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

// repeat holds the same session again; without TLS where that never came about,
// because senders that may go on in the clear do.
func repeat(ctx context.Context, p smtpprobe.Prober, s smtpprobe.Session, later time.Duration) []smtpprobe.Session {
	last := s.Last()
	p.NoTLS = last.Fault != smtpprobe.FaultNone && (last.Name == smtpprobe.Handshake || last.Name == smtpprobe.STARTTLS)
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

// deferred says whether the session was put off, at whatever command: some
// servers greylist at the greeting.
func deferred(s smtpprobe.Session) bool {
	return slices.ContainsFunc(s.Steps, func(st smtpprobe.Step) bool {
		return st.Code/100 == 4 && st.Name != smtpprobe.STARTTLS && st.Name != smtpprobe.RSET && st.Name != smtpprobe.QUIT
	})
}

func slowGreeting(s smtpprobe.Session) bool {
	st, ok := s.Step(smtpprobe.Greeting)
	return ok && st.Took() > slowAfter
}

// again says whether a session is worth a second look: a step was slow, was put
// off, or broke off. How QUIT and RSET end is nobody's worry, a peer that does
// not speak SMTP does not learn it, and a second message is not sent to time
// the end of the first.
func again(s smtpprobe.Session) bool {
	for _, st := range s.Steps {
		switch {
		case st.Fault == smtpprobe.FaultLocal || st.Fault == smtpprobe.FaultCanceled:
		case st.Name == smtpprobe.Connect || st.Name == smtpprobe.RSET || st.Name == smtpprobe.QUIT:
		case st.Name == smtpprobe.Greeting && st.Fault == smtpprobe.FaultProtocol:
		case st.Code/100 == 4 || st.Fault != smtpprobe.FaultNone || slowStep(st):
			return true
		}
	}
	return false
}

func slowStep(st smtpprobe.Step) bool {
	if st.Name == smtpprobe.Greeting {
		return st.Took() > slowAfter
	}
	return st.Name != smtpprobe.Body && !st.Grouped && st.Took() > slowStepAfter
}
