package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

// TestColourChangesNothing: with colours the words stand in the same places,
// but for the cursor.
func TestColourChangesNothing(t *testing.T) {
	founding(t, func(d *driver) {
		d.toQuestions()
		d.keys("alice@contoso.com", "enter", "tab")
		grey := d.m.View()
		lipgloss.SetColorProfile(termenv.ANSI)
		defer lipgloss.SetColorProfile(termenv.Ascii)
		d.m.look = newLook()
		colour := d.m.View()
		if colour == grey || ansi.Strip(colour) != grey {
			t.Errorf("with colours:\n%s\nwithout:\n%s", ansi.Strip(colour), grey)
		}
		d.keys("shift+tab", "hub")
		d.fits()
		if !strings.Contains(d.m.View(), "hub\x1b[7m ") {
			t.Errorf("no cursor in %q", d.m.View())
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"", 5, ""},
		{"one two", 7, "one two"},
		{"one two", 6, "one|two"},
		{"a/long-path here", 6, "a/long|-path|here"},
		{"日本語 text", 4, "日本|語|text"},
		{"x", 0, "x"},
	} {
		if got := strings.Join(wrap(c.text, c.w), "|"); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.text, c.w, got, c.want)
		}
	}
	if got := cutLeft("/a/long/path/file.log", 9); got != "~file.log" {
		t.Errorf("cutLeft gives %q", got)
	}
}
