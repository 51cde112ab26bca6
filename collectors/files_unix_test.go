//go:build unix

package collectors

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe has no end, in a folder or named by itself; to open it would wait for
// its writer.
func TestFilesLeaveAPipeAlone(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	found := walked(t.Context(), Live(""), dir, filepath.Join(dir, "pipe"), "/dev/zero")
	if len(found) != 3 {
		t.Fatalf("%+v", found)
	}
	for _, f := range found {
		if !strings.HasSuffix(f.Unread, "no ordinary file") {
			t.Errorf("%+v", f)
		}
	}
}
