package diag

import (
	"cmp"
	"slices"
	"time"
)

// A Test is something to try or to look at that tells one cause from another.
type Test struct {
	Against []string      // codes of the causes that it tells this one from; none: from any
	Do      string        // what to do, and what each outcome means
	Takes   time.Duration // of the operator's time, roughly
}

// A NextTest is the cheapest test that would separate the causes that stand first.
type NextTest struct {
	Of      string        `json:"of"`                // code of the first of them
	Against string        `json:"against,omitempty"` // code of the second; "" where only one is open
	Do      string        `json:"do"`
	Takes   time.Duration `json:"takes_ns"`
}

// NextTest finds the cheapest test that would separate the first two causes that
// are open: suspected, or confirmed to be the place where mail waits, but not why,
// or undecided. With one of them open it is the test that would settle that one.
// Nothing is open behind a cause that is confirmed to hold mail up.
func (r *Report) NextTest() (NextTest, bool) {
	first, second := r.open()
	if first == nil {
		return NextTest{}, false
	}
	tests := testsOf(first, second)
	if second != nil {
		tests = append(tests, testsOf(second, first)...)
	}
	if len(tests) == 0 {
		return NextTest{}, false
	}
	best := slices.MinFunc(tests, func(a, b Test) int { return cmp.Compare(a.Takes, b.Takes) })
	next := NextTest{Of: first.Code, Do: best.Do, Takes: best.Takes}
	if second != nil {
		next.Against = second.Code
	}
	return next, true
}

// open gives the first two causes that are open, nil for none.
func (r *Report) open() (first, second *Hypothesis) {
	all := r.Hypotheses()
	for i := range all {
		h := &all[i]
		switch {
		case h.settles():
			return first, nil
		case !h.isOpen():
		case first != nil:
			return first, h
		default:
			first = h
		}
	}
	return first, nil
}

// settles says whether the cause is known that holds mail up, and nothing has to
// be tried any more.
func (h *Hypothesis) settles() bool {
	return h.Verdict == Confirmed && h.holdsUp() && h.ExplainedBy == "" && !h.Cause.Place
}

func (h *Hypothesis) isOpen() bool {
	if h.ExplainedBy != "" || h.Severity < Delayed {
		return false
	}
	return h.Verdict == Suspected || len(h.Cause.Tests) > 0 && (h.Verdict == Unknown || h.Verdict == Confirmed)
}

// testsOf lists the tests of a cause that tell it from another: those made for the
// two, else those that settle it whatever else there is.
func testsOf(h, other *Hypothesis) []Test {
	var made, any []Test
	for _, t := range h.Cause.Tests {
		switch {
		case len(t.Against) == 0:
			any = append(any, t)
		case other != nil && slices.Contains(t.Against, other.Code):
			made = append(made, t)
		}
	}
	if len(made) > 0 {
		return made
	}
	return any
}
