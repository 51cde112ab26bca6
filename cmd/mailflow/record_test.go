package main

import (
	"bytes"
	"io"
	"testing"

	"mailflow/diag"
	"mailflow/report"
)

// TestARunIsShownAsItsRecordIs: views of a run take its evidence as it is, those of
// a case file what was written of it. Both have to say the same.
func TestARunIsShownAsItsRecordIs(t *testing.T) {
	views := map[string]func(io.Writer, *diag.Report) error{"JSON": report.JSON,
		"text": func(w io.Writer, r *diag.Report) error { return report.Text(w, r, report.TextOptions{Verbose: true}) }}
	for _, file := range storyFiles(t) {
		run, read := diag.NewReport(catalog()), diag.NewReport(catalog())
		var record bytes.Buffer
		for _, ev := range storyRecord(t, story(t, file)) {
			run.Add(ev)
			if err := diag.WriteEvent(&record, ev); err != nil {
				t.Fatal(file, err)
			}
		}
		events, err := diag.ReadEvents(&record)
		if err != nil {
			t.Fatal(file, err)
		}
		for _, ev := range events {
			read.Add(ev)
		}
		for name, view := range views {
			var a, b bytes.Buffer
			if view(&a, run) != nil || view(&b, read) != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
				at := 0
				for at < min(a.Len(), b.Len()) && a.Bytes()[at] == b.Bytes()[at] {
					at++
				}
				t.Errorf("%s, %s: %.200q of the run, %.200q of the record", file, name, a.Bytes()[max(0, at-80):], b.Bytes()[max(0, at-80):])
			}
		}
	}
}
