package report

import "mailflow/diag"

// A nextTest is what to try next, and which causes it tells apart.
type nextTest struct {
	Of      string  `json:"of"`
	Against *string `json:"against"` // null where only one cause is open
	Do      string  `json:"do"`
	Takes   seconds `json:"takes_seconds"`
}

func newNextTest(r *diag.Report) *nextTest {
	n, ok := r.NextTest()
	if !ok {
		return nil
	}
	return viewOf(n)
}

func viewOf(n diag.NextTest) *nextTest {
	view := &nextTest{Of: n.Of, Do: n.Do, Takes: seconds(n.Takes)}
	if n.Against != "" {
		view.Against = &n.Against
	}
	return view
}

// NextTestHead says what a test is for: "tells CONNECTOR-SCHEDULE from
// RETRY-INTERVAL, takes about 2 min".
func NextTestHead(n diag.NextTest) string { return headOf(viewOf(n)) }

func headOf(n *nextTest) string {
	words := "settles " + n.Of
	if n.Against != nil {
		words = "tells " + n.Of + " from " + *n.Against
	}
	return words + ", takes about " + n.Takes.String()
}

// next tells the cheapest next test.
func (t *textWriter) next(d document) {
	if n := d.NextTest; n != nil {
		t.heading("CHEAPEST NEXT TEST (" + headOf(n) + ")")
		t.para("  ", n.Do)
	}
}
