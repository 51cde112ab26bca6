package collectors

import (
	"fmt"
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// eventsOf reads event logs the way a run does.
func eventsOf(t *testing.T, zone string, named map[string][]byte) (evidence.EventLogs, string) {
	t.Helper()
	var order []string
	for _, name := range []string{"a", "b"} {
		if named[name] != nil {
			order = append(order, name)
		}
	}
	answers := map[string]string{"evidence": strings.Join(order, "\n")}
	if zone != "" {
		answers["zone"] = zone
	}
	r := reported(t, worldOf(named), answers, evidence.Events)
	all, _ := diag.Value(r, evidence.Events)
	return all, gapsOf(r)
}

// eventsSaid tells groups in one line each.
func eventsSaid(all evidence.EventLogs) string {
	var b strings.Builder
	for _, g := range all.Groups {
		fmt.Fprintf(&b, "%s %s %d: %d, %s to %s", g.Server, g.Source, g.ID, g.Count, g.First.UTC().Format("0102 15:04:05"), g.Last.UTC().Format("0102 15:04:05"))
		if g.Local {
			b.WriteString(" local")
		}
		for _, text := range g.Texts {
			fmt.Fprintf(&b, ", %d x %q", text.Count, text.Text)
		}
		fmt.Fprintf(&b, " (%s)\n", g.Where)
	}
	return b.String()
}

const (
	tableHead = "Level,Date and Time,Source,Event ID,Task Category\r\n"
	eventXML  = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='%s'/><EventID Qualifiers='0'>%d</EventID><Level>2</Level><TimeCreated SystemTime='%s.0000000Z'/><Computer>EX19A</Computer></System><RenderingInfo Culture='en-US'><Message>%s</Message></RenderingInfo></Event>\r\n"
)

// TestEventsAreSummedUp: by server, source and number, with messages that differ in
// numbers only as one; what does not bear on mail flow is counted.
func TestEventsAreSummedUp(t *testing.T) {
	all, _ := eventsOf(t, "", map[string][]byte{"a": []byte(
		fmt.Sprintf(eventXML, "MSExchangeTransport", 1021, "2026-02-10T10:00:00", "turned away 192.0.2.1") +
			fmt.Sprintf(eventXML, "MSExchangeTransport", 1021, "2026-02-10T09:00:00", "turned away 192.0.2.2") +
			fmt.Sprintf(eventXML, "msexchangetransport", 1021, "2026-02-10T11:00:00", "something else") +
			fmt.Sprintf(eventXML, "Group Policy", 1, "2026-02-10T12:00:00", "x") +
			fmt.Sprintf(eventXML, "Group Policy", 2, "2026-02-10T08:00:00", "x") +
			fmt.Sprintf(eventXML, "Disk", 7, "2026-02-10T10:30:00", ""))})
	want := "EX19A Disk 7: 1, 0210 10:30:00 to 0210 10:30:00 (a line 6)\n" +
		"EX19A MSExchangeTransport 1021: 3, 0210 09:00:00 to 0210 11:00:00, 2 x \"turned away 192.0.2.1\", 1 x \"something else\" (a line 1)\n"
	if got := eventsSaid(all); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(all.Passed); got != "[{Group Policy 2}]" {
		t.Error(got)
	}
	if got := fmt.Sprint(all.Covers); got != "[{EX19A a 2026-02-10 08:00:00 +0000 UTC 2026-02-10 12:00:00 +0000 UTC 6}]" {
		t.Error(got)
	}
	if x := all.Exports[0]; x.Objects != 6 || x.Kept != 4 || x.Format != formatEventXML {
		t.Errorf("%+v", x)
	}
}

// TestTimesOfEvents: without a zone they are those of the server's clock, and said
// to be; with one they are instants. The order of day and month is that in which
// all dates of the file are days.
func TestTimesOfEvents(t *testing.T) {
	row := func(at string) string { return "Error," + at + ",MSExchangeTransport,15004,None,x\r\n" }
	for name, c := range map[string]struct{ zone, table, want, said string }{
		"nobody said the zone":   {"", row("2/10/2026 9:00:00 AM") + row("2/13/2026 10:00:00 AM"), "0210 09:00:00 to 0213 10:00:00 local", "no zone"},
		"a zone":                 {"Europe/Berlin", row("10.02.2026 09:00:00") + row("13.07.2025 10:00:00"), "0713 08:00:00 to 0210 08:00:00", ""},
		"day and month in doubt": {"Europe/Berlin", row("02/03/2026 09:00:00") + row("05/03/2026 09:00:00"), "", "read as"},
		"years first":            {"Europe/Berlin", row("2026-02-10 09:00:00"), "0210 08:00:00 to 0210 08:00:00", ""},
	} {
		all, _ := eventsOf(t, c.zone, map[string][]byte{"a": []byte(tableHead + c.table)})
		if got := eventsSaid(all); !strings.Contains(got, c.want) || strings.Contains(c.want, "local") != strings.Contains(got, "local") {
			t.Errorf("%s: %s", name, got)
		}
		if said := fmt.Sprint(all.Exports[0].Problems); !strings.Contains(said, c.said) || c.said == "" && len(all.Exports[0].Problems) > 0 {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestTwoTablesAreTwoServers: where Event Viewer leaves the server out, each file
// is of one.
func TestTwoTablesAreTwoServers(t *testing.T) {
	table := []byte(tableHead + "Error,2/13/2026 9:00:00 AM,MSExchangeTransport,15004,None,x\r\n")
	all, _ := eventsOf(t, "", map[string][]byte{"a": table, "b": table})
	if len(all.Groups) != 2 || len(all.Covers) != 2 {
		t.Errorf("%+v", all)
	}
}

// TestBoundsOfEvents: a log of any number of different events stays small.
func TestBoundsOfEvents(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, eventXML, fmt.Sprintf("MSExchangeTransport%d", i%2500), 15004, "2026-02-10T10:00:00", strings.Repeat("word ", 1+i%400))
		fmt.Fprintf(&b, eventXML, "MSExchangeTransport", 1, "2026-02-10T10:00:00", strings.Repeat("other ", 1+i%300))
		fmt.Fprintf(&b, eventXML, fmt.Sprint("Source", i), 1, "2026-02-10T10:00:00", "")
	}
	all, _ := eventsOf(t, "", map[string][]byte{"a": []byte(b.String())})
	if len(all.Groups) != maxEventGroups || len(all.Passed) != maxEventSources+1 || all.Exports[0].Objects != 9000 {
		t.Errorf("%d groups, %d sources, %d events", len(all.Groups), len(all.Passed), all.Exports[0].Objects)
	}
	for _, g := range all.Groups {
		if len(g.Times) > maxEventTimes || len(g.Texts) > maxEventTexts || len(g.Texts) > 0 && len(g.Texts[0].Text) > maxEventText {
			t.Errorf("%d times, %d texts", len(g.Times), len(g.Texts))
		}
	}
}

func TestNoEventLog(t *testing.T) {
	_, gaps := eventsOf(t, "", map[string][]byte{"a": []byte("dn: DC=contoso\nobjectClass: top\n")})
	if !strings.Contains(gaps, "none of the evidence files is an export of an event log") {
		t.Error(gaps)
	}
}
