//go:build unix

package collectors

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe in a folder has no end; to open it would wait for its writer.
func TestFilesLeaveAPipeAlone(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	found := walked(t.Context(), Live(""), dir)
	if len(found) != 1 || found[0].Unread != "no ordinary file" {
		t.Errorf("%+v", found)
	}
}
