package report

import (
	"fmt"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// crowded is a case with thousands of servers: of findings, of what could not be
// told, and of files that were not read, one of these a log.
func crowded(t testing.TB) []diag.Event {
	const servers = 5000
	j := &diag.Judged{Analyzer: "hop-delay"}
	for i := range servers {
		name := fmt.Sprintf("hub%d.contoso.com", i)
		j.Findings = append(j.Findings,
			diag.Finding{Code: "ADDRESS-DEAD", Subject: name, Verdict: diag.Confirmed},
			diag.Finding{Code: "TCP-TIMEOUT", Subject: name, Verdict: diag.Unknown, Args: []diag.Arg{diag.Text("how", "logs of more hours of "+name)}})
	}
	var files []evidence.File
	for i := range 2 * servers {
		files = append(files, evidence.File{Path: fmt.Sprintf("/case/all.zip//d%d/a.txt", i), Bytes: 3, Unread: "no reader here knows this format yet"})
	}
	files = append(files, evidence.File{Path: "/case/zz/hub.log", Bytes: 9, Unread: "line 7 is broken"})
	return []diag.Event{opened(), gathered(1, diag.Item{Kind: "files", By: "files", Value: raw(t, files)}), {At: at(2), Judged: j}, {At: at(3), Closed: &diag.Closed{}}}
}

// TestThousandsOfServersStayReadable: what is for people has some dozens of lines
// for each list and says how many more there are; what is for programs has all.
func TestThousandsOfServersStayReadable(t *testing.T) {
	events := crowded(t)
	most := map[string]int{"txt": 150, "verbose.txt": 200, "html": 500}
	for _, v := range views() {
		out := printed(t, v, events)
		wants := []string{"hub4999.contoso.com", "logs of more hours of hub4998.contoso.com", "d9999/a.txt"}
		if n, people := most[v.ending]; people {
			if lines := strings.Count(out, "\n"); lines > n {
				t.Errorf("%s has %d lines", v.ending, lines)
			}
			wants = []string{"TCP-TIMEOUT at 4,994 more (all in the JSON and XML)", "and 9,994 more (all in the JSON and XML)", "line 7 is broken", "/case/zz/hub.log"}
		}
		flat := strings.Join(strings.Fields(out), " ")
		for _, want := range wants {
			if !strings.Contains(flat, want) {
				t.Errorf("%s: no %q", v.ending, want)
			}
		}
	}
}
