package report

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"mailflow/diag"
)

// A format is one way to print a report, chosen by the ending of a file name.
type format struct {
	endings []string
	write   func(io.Writer, *diag.Report) error
}

func formats() []format {
	plain := func(w io.Writer, r *diag.Report) error { return Text(w, r, TextOptions{}) }
	return []format{
		{[]string{".xml"}, XML},
		{[]string{".html", ".htm"}, HTML},
		{[]string{".json"}, JSON},
		{[]string{".jsonl"}, Lines},
		{[]string{".txt"}, plain},
	}
}

// formatOf finds the format of a file by the ending of its name; the error
// names the endings that there are.
func formatOf(name string) (format, error) {
	var known []string
	for _, f := range formats() {
		if slices.Contains(f.endings, strings.ToLower(path.Ext(name))) {
			return f, nil
		}
		known = append(known, f.endings...)
	}
	return format{}, fmt.Errorf("%s: the ending chooses the format, one of %s", Visible(name), strings.Join(known, " "))
}

// Known says whether Write can write a file of that name; the error names the
// endings that it knows.
func Known(name string) error {
	_, err := formatOf(name)
	return err
}

// Write prints the report in the format that the ending of the name asks for.
func Write(name string, w io.Writer, r *diag.Report) error {
	f, err := formatOf(name)
	if err != nil {
		return err
	}
	return f.write(w, r)
}

// Lines prints the events of the run, one JSON object a line. This is the case
// file: it can be read back and replayed.
func Lines(w io.Writer, r *diag.Report) error {
	out := bufio.NewWriter(w)
	for _, ev := range r.Events() {
		if err := diag.WriteEvent(out, withoutSecrets(ev)); err != nil {
			return err
		}
	}
	return out.Flush()
}

// withoutSecrets drops the values of secrets. A run never records one; a case
// file that somebody made by hand may.
func withoutSecrets(ev diag.Event) diag.Event {
	if ev.Gathered != nil && ev.Gathered.Secret && len(ev.Gathered.Value) > 0 {
		item := *ev.Gathered
		item.Value = nil
		ev.Gathered = &item
	}
	if ev.Opened != nil {
		opened := *ev.Opened
		opened.Inputs = append([]diag.Answer(nil), opened.Inputs...)
		for i := range opened.Inputs {
			if opened.Inputs[i].Secret {
				opened.Inputs[i].Value = ""
			}
		}
		ev.Opened = &opened
	}
	return ev
}
