package report

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain – ü 漢 🚀":              "plain – ü 漢 🚀",
		"\x1b]0;x\x07\x00\x7f":       `\x1b]0;x\x07\x00\x7f`,
		"a\r\n\tb":                   `a\r\n\tb`,
		"\u0085 \x85 \u202e":         `\u0085 \x85 \u202e`,
		"\ufffd \xff":                "\ufffd \\xff",
		"\U000e0041\ufeff\U0001ffff": `\U000e0041\ufeff\U0001ffff`,
		`C:\mail`:                    `C:\mail`,
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnescapeRefuses(t *testing.T) {
	for _, s := range []string{`\`, `\q`, `\x1`, `\xzz`, `\u12`, `\ud800`, `\U00110000`, `a\`, `\u+123`} {
		if got, err := unescape(s); err == nil {
			t.Errorf("unescape(%q) = %q", s, got)
		}
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v := Visible(s); strings.ContainsFunc(v, hidden) || !utf8.ValidString(v) || Visible(v) != v {
			t.Errorf("Visible(%q) = %q", s, v)
		}
		e, changed := escape(s)
		if strings.ContainsFunc(e, hidden) || !utf8.ValidString(e) || changed != (e != s) || strings.TrimSpace(e) != e && strings.Trim(e, " ") != e {
			t.Errorf("escape(%q) = %q, %v", s, e, changed)
		}
		if back, err := unescape(e); changed && (err != nil || back != s) {
			t.Errorf("unescape(%q) = %q, %v; want %q", e, back, err, s)
		}
	})
}
