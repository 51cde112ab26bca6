package collectors

import (
	"testing"
)

// TestAskedFirst: the message that was asked for comes before those that took
// longer, and is marked.
func TestAskedFirst(t *testing.T) {
	logs := map[string][]byte{"hub.log": tracked(`
		10:00:00,mbx1,hub1,,,STOREDRIVER,RECEIVE,1,<late@example.com>,bob@contoso.com
		10:00:01,mbx1,hub1,,,STOREDRIVER,RECEIVE,2,<asked@example.com>,bob@contoso.com
		10:00:02,hub1,mbx1,,,STOREDRIVER,DELIVER,2,<asked@example.com>,bob@contoso.com
		10:30:00,hub1,mbx1,,,STOREDRIVER,DELIVER,1,<late@example.com>,bob@contoso.com`)}
	for asked, want := range map[string]string{"": "late@example.com", "<asked@example.com>": "asked@example.com", "none@example.com": "late@example.com"} {
		all := journeysOf(t, logs, asked)
		if len(all) != 2 || all[0].Message != want || all[0].Asked != (asked == "<asked@example.com>") || all[1].Asked {
			t.Errorf("%q: %+v", asked, all)
		}
	}
}
