package report

import (
	"encoding/json"
	"io"

	"mailflow/diag"
)

// JSON prints the report as one object, for programs. It cannot be read back:
// the case file and the XML report can.
func JSON(w io.Writer, r *diag.Report) error {
	b, err := json.MarshalIndent(newDocument(r), "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(diag.PlainJSON(b), '\n'))
	return err
}
