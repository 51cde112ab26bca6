package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mailflow/diag"
)

// TestProgressOfThousandsOfHops: the first findings of an analyzer are told while it
// runs, and of the rest how many there are.
func TestProgressOfThousandsOfHops(t *testing.T) {
	j := &diag.Judged{Analyzer: "hop-delay"}
	for i := range 5000 {
		j.Findings = append(j.Findings, diag.Finding{Code: "HOP-DELAY", Subject: fmt.Sprint("hub", i), Verdict: diag.Confirmed}, diag.Finding{Code: "HOP-DELAY", Verdict: diag.Excluded})
	}
	var out bytes.Buffer
	newProgress(&out, false).show(diag.Event{Judged: j})
	if n := strings.Count(out.String(), "\n"); n != mostTold+1 || !strings.Contains(out.String(), "and 4988 more by hop-delay") {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}
