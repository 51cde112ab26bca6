package tui

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"mailflow"
	"mailflow/diag"
	"mailflow/internal/lab"
)

// TestAccessible goes the whole way in plain lines.
func TestAccessible(t *testing.T) {
	s, err := lab.Read(mailflow.FoundingCase)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	answers := []string{"1", "2003 to 2007", "201007-0001", "", // the task, label, case, complaint
		"not a name!", "?", "alice@contoso.com", "ex07hub.contoso.com", "2", "2", "", // where, who, files
		"2", "", "10.0.0.53", "bob@contoso.com", "ex03a.contoso.com", "", "", "", "", "", "", "", "", "5s", "", "", "", // more
		"2",                         // begin
		"1", "", "", "", "", "", "", // export as it stands
		"3", "3"}
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		w, stop, err := s.World()
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		opt := Options{Catalog: catalog(), World: func(string) diag.World { return w }, Tool: "mailflow test", State: "state"}
		if err := Accessible(context.Background(), opt, strings.NewReader(strings.Join(answers, "\n")+"\n"), &out); err != nil {
			t.Fatal(err)
		}
	})
	text := out.String()
	for _, want := range []string{"That cannot be right", "Begin? Nothing was touched yet.", "FOUND, confirmed: ADDRESS-DEAD", "MOST LIKELY", "Written: "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r > 0x7e || r < 0x20 && r != '\n' }); i >= 0 {
		t.Errorf("not plain: %q", text[i:min(i+40, len(text))])
	}
	if xml, _ := filepath.Glob("*.xml"); len(xml) != 1 {
		t.Errorf("exported %q", xml)
	}
}
