package maillog

import (
	"strings"
	"testing"
)

// TestRequeue: what MailScanner says of the id that it gives a message anew, and
// what only looks like it.
func TestRequeue(t *testing.T) {
	for text, want := range map[string]string{
		"MailScanner[99]: Requeue: 4XkA2b3FgCz1.A1B2C to 4XkA2b3FgCz2":                  "4XkA2b3FgCz1 > 4XkA2b3FgCz2",
		"MailScanner[99]: Requeue: A0B1C2D3E4.A1B2C to F0B1C2D3E4\r":                    "A0B1C2D3E4 > F0B1C2D3E4",
		"MailScanner[99]: Requeue: A0B1C2D3E4 to F0B1C2D3E4":                            "A0B1C2D3E4 > F0B1C2D3E4",
		"MailScanner[99]: Requeue: A0B1C2D3E4.A1B2C":                                    "",
		"MailScanner[99]: Requeue: to ":                                                 "",
		"MailScanner[99]: Requeue: .1 to .2":                                            "",
		"another[99]: Requeue: A0B1C2D3E4.A1B2C to F0B1C2D3E4":                          "",
		"MailScanner[99]: Message A0B1C2D3E4.A1B2C from 192.0.2.1 (Requeue: 1 to 2)":    "",
		"postfix/cleanup[9]: Requeue: A0B1C2D3E4.A1B2C to F0B1C2D3E4":                   "",
		"MailScanner[99]: Requeue: " + strings.Repeat("A", 99) + ".A1B2C to F0B1C2D3E4": "",
	} {
		r := NewReader(strings.NewReader("Jan  5 10:00:00 mx1 "+text+"\n"), Postfix)
		got := ""
		if r.Next() && r.Event().What == Requeued {
			got = string(r.Event().Queue) + " > " + string(r.Event().QueuedAs)
		}
		if got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}
