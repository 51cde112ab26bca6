package cmdlet

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Exports of real servers are read without a problem. They are no part of the
// project; the test is left out where they are not at hand.
func TestSamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/samples/clixml*/*.xml")
	if len(files) == 0 {
		t.Skip("no samples")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if f := Sniff(text[:1024]); f != CLIXML {
			t.Errorf("%s: %q", file, f)
		}
		n := 0
		for o := range Objects(bytes.NewReader(text), CLIXML, func(p Problem) { t.Errorf("%s:%d: %s", file, p.Line, p.What) }) {
			if n++; o.Type == "" || len(o.Props) < 20 {
				t.Errorf("%s:%d: %q, %d properties", file, o.Line, o.Type, len(o.Props))
			}
		}
		if n == 0 {
			t.Errorf("%s: no objects", file)
		}
	}
}
