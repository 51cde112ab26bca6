package mailworld_test

import (
	"os"
	"path/filepath"
	"testing"

	"mailflow/internal/mailworld"
)

// save writes the logs of a world to a folder, to look at them with the program.
func save(t *testing.T, w mailworld.World) {
	t.Helper()
	for _, f := range w.Files {
		name := filepath.Join(*keep, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
