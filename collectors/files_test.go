package collectors

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

func walked(ctx context.Context, w diag.World, paths ...string) []evidence.File {
	k := &walk{ctx: ctx, w: w}
	for _, p := range paths {
		k.named(p)
	}
	return k.found
}

func TestFilesOfAStory(t *testing.T) {
	inLab(t, "-- file queue.txt --\nIdentity : HUB01\\3\n-- file empty --\n", func(t *testing.T, w diag.World) {
		found := walked(t.Context(), w, "queue.txt", "empty", "gone")
		if len(found) != 3 || found[0].Bytes != 19 || found[1].Unread != "empty" || !strings.Contains(found[2].Unread, "not exist") {
			t.Errorf("%+v", found)
		}
	})
}

func TestFilesOfAFolder(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, strings.Repeat("d/", maxDepth+2))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b.log", "a.log", "d/c.log"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir, filepath.Join(dir, "again")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	var names []string
	found := walked(t.Context(), Live(""), dir)
	for _, f := range found[:3] {
		name, _ := filepath.Rel(dir, f.Path)
		names = append(names, filepath.ToSlash(name))
	}
	if got := strings.Join(names, " "); got != "a.log again b.log" || !strings.Contains(found[1].Unread, "symbolic link") {
		t.Errorf("found %s, %+v", got, found[1])
	}
	if last := found[len(found)-1]; len(found) != 5 || !strings.HasSuffix(found[3].Path, "c.log") || !strings.Contains(last.Unread, "levels down") {
		t.Errorf("at the end: %+v", last)
	}
}

func TestFilesEndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found := walked(ctx, Live(""), t.TempDir()); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}
