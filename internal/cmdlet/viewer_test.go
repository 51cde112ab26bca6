package cmdlet

import (
	"fmt"
	"strings"
	"testing"
)

// TestQueueViewer: a list of Queue Viewer gives the objects that Get-Queue gives.
func TestQueueViewer(t *testing.T) {
	for in, want := range map[string]string{
		"Next Hop Domain\tStatus\tMessage Count\tLast Error\r\nmx.example.com\tRetry\t3\t421 \"busy, try\" later\r\n": `queue [{NextHopDomain mx.example.com} {Status Retry} {MessageCount 3} {LastError 421 "busy, try" later}]`,
		"Name,State,Number of Messages,Time Next Connection Retry\r\nex2,Scheduled,3,\r\n":                            `queue [{Identity ex2} {Status Scheduled} {MessageCount 3} {NextRetryTime }]`,
		"From Address;Queue ID;Size (KB)\r\na@example.com;HUB\\3;7\r\n":                                               `message [{FromAddress a@example.com} {Queue HUB\3} {Size (KB) 7}]`,
	} {
		var got []string
		for o := range Objects(strings.NewReader(in), CSV, func(p Problem) { got = append(got, fmt.Sprint(p)) }) {
			props := ""
			for _, p := range o.Props {
				props += fmt.Sprintf(" {%s %s}", p.Name, o.Text(p.Name))
			}
			got = append(got, o.Type+" ["+strings.TrimSpace(props)+"]")
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%q:\n%s, want\n%s", in, text, want)
		}
	}
}
