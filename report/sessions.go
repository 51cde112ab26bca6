package report

import (
	"mailflow/diag"
	"mailflow/evidence"
	"mailflow/smtpprobe"
)

// sessions lists the SMTP sessions of a run: the first with each address, then
// the repeats.
func sessions(r *diag.Report) []smtpprobe.Session {
	first, _ := diag.Value(r, evidence.Sessions)
	again, _ := diag.Value(r, evidence.Repeats)
	return append(first[:len(first):len(first)], again...)
}
