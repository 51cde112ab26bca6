package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"mailflow/diag"
)

// Transcript prints the SMTP sessions alone, each step with its time.
func Transcript(w io.Writer, r *diag.Report, opt TextOptions) error {
	t := &textWriter{w: bufio.NewWriter(w), width: max(cmp.Or(opt.Width, 80), 40), color: opt.Color}
	t.sessions(r)
	return t.w.Flush()
}

// Known says whether Write can write a file of that name; the error names the
// endings that it knows.
func Known(name string) error {
	var known []string
	for _, f := range formats() {
		if slices.Contains(f.endings, strings.ToLower(path.Ext(name))) {
			return nil
		}
		known = append(known, f.endings...)
	}
	return fmt.Errorf("the ending chooses the format: %s", strings.Join(known, " "))
}
