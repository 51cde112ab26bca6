package report

import (
	"bufio"
	"cmp"
	"io"

	"mailflow/diag"
)

// Transcript prints the SMTP sessions alone, each step with its time.
func Transcript(w io.Writer, r *diag.Report, opt TextOptions) error {
	t := &textWriter{w: bufio.NewWriter(w), width: max(cmp.Or(opt.Width, 80), 40), color: opt.Color}
	t.sessions(r)
	return t.w.Flush()
}
