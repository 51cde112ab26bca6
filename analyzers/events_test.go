package analyzers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// eventGroup is a group of events at these minutes after ten.
func eventGroup(source string, id int, text string, minutes ...int) evidence.EventGroup {
	g := evidence.EventGroup{Server: "ex1", Source: source, ID: id, Count: len(minutes), Levels: map[string]int{"error": len(minutes)}, Texts: []evidence.EventText{{Text: text, Count: len(minutes)}},
		Where: evidence.Where{File: "app.xml", Line: 1}}
	for _, m := range minutes {
		g.Times = append(g.Times, ten(m))
	}
	g.First, g.Last = g.Times[0], g.Times[len(g.Times)-1]
	return g
}

func ten(m int) time.Time {
	return time.Date(2026, 2, 10, 10, 0, 0, 0, time.UTC).Add(time.Duration(m) * time.Minute)
}

// judgedEvents tells what is found in one line each.
func judgedEvents(end int, groups ...evidence.EventGroup) string {
	h := history{evidence.EventLogs{Groups: groups, Exports: []evidence.Export{{Path: "app.xml", Objects: 9}},
		Covers: []evidence.EventSpan{{Server: "ex1", File: "app.xml", First: ten(0), Last: ten(end)}}}}
	var b strings.Builder
	for _, f := range h.findings() {
		fmt.Fprintf(&b, "%s %s %s", f.Code, f.Verdict, f.Subject)
		if f.Wait != nil {
			fmt.Fprintf(&b, " %v", f.Wait.Length())
		}
		if f.Basis != "" {
			b.WriteString(" " + f.Basis)
		}
		for _, a := range f.Args {
			if a.Name == "agent" {
				b.WriteString(" " + a.Text)
			}
		}
		b.WriteString("\n")
		if err := diag.CheckFinding(eventLogs(), f); err != nil {
			b.WriteString(err.Error())
		}
	}
	return b.String()
}

func TestEvents(t *testing.T) {
	const transport, day = "MSExchangeTransport", 24 * 60
	up := func(m ...int) evidence.EventGroup { return eventGroup(transport, 15004, "rose", m...) }
	down := func(m ...int) evidence.EventGroup { return eventGroup(transport, 15005, "fell", m...) }
	mixed := eventGroup(transport, 1035, "LogonDenied ... Login", 1, 2, 3, 4, 5, 6)
	mixed.Texts = append(mixed.Texts, evidence.EventText{Text: "x ExchangeAuth y", Count: 2})
	harmless := eventGroup("Disk", 7, "x", 1)
	harmless.Levels = map[string]int{"information": 1}
	for name, c := range map[string]struct {
		end    int
		groups []evidence.EventGroup
		want   string
	}{
		"an hour under pressure":             {90, []evidence.EventGroup{up(0, 1, 2), down(60)}, "SMTP-BACK-PRESSURE confirmed ex1 1h0m0s\n"},
		"a short one":                        {90, []evidence.EventGroup{up(0), down(3)}, "SMTP-BACK-PRESSURE suspected ex1 3m0s\n"},
		"three short ones on one day":        {900, []evidence.EventGroup{up(0, 100, 200), down(3, 103, 203)}, "SMTP-BACK-PRESSURE confirmed ex1 3m0s\n"},
		"three short ones in three weeks":    {30 * day, []evidence.EventGroup{up(0, 7*day, 14*day), down(3, 7*day+3, 14*day+3)}, "SMTP-BACK-PRESSURE suspected ex1 3m0s\n"},
		"pressure until the log ends":        {30, []evidence.EventGroup{up(0)}, "SMTP-BACK-PRESSURE confirmed ex1 30m0s\n"},
		"pressure, and the log ends":         {1, []evidence.EventGroup{up(0)}, "SMTP-BACK-PRESSURE suspected ex1 1m0s\n"},
		"falls step by step":                 {90, []evidence.EventGroup{up(0), down(3, 20)}, "SMTP-BACK-PRESSURE confirmed ex1 20m0s\n"},
		"a fall before any rise":             {90, []evidence.EventGroup{down(3)}, "EVENT-LOG excluded the event log in app.xml\n"},
		"another program's number":           {90, []evidence.EventGroup{eventGroup("Other", 15004, "x", 0, 60)}, "EVENT-LOG excluded the event log in app.xml\n"},
		"connections turned away":            {90, []evidence.EventGroup{eventGroup(transport, 1021, "x", 0, 1, 2)}, "SMTP-CONNECTION-LIMIT confirmed ex1\n"},
		"connections turned away in a month": {90, []evidence.EventGroup{eventGroup(transport, 1021, "x", 0, 10*day, 20*day)}, "SMTP-CONNECTION-LIMIT suspected ex1\n"},
		"servers among guessers":             {90, []evidence.EventGroup{mixed}, "SMTP-EXCHANGE-AUTH suspected ex1\n"},
		"guessers alone":                     {90, []evidence.EventGroup{eventGroup(transport, 1035, "Login", 1, 2, 3)}, "EVENT-LOG excluded the event log in app.xml\n"},
		"a smart host that wants a password": {90, []evidence.EventGroup{eventGroup(transport, 2017, "BasicAuth", 1, 2, 3)}, "EVENT-LOG suspected ex1\n"},
		"an agent":                           {90, []evidence.EventGroup{eventGroup("MSExchange Extensibility", 1050, "The agent 'A b' took 90000 ms at 'OnX' of '<m>'", 1, 20, 30)}, "AGENT-SLOW confirmed ex1 agent \"A b\" at OnX\n"},
		"an agent, as the service starts":    {90, []evidence.EventGroup{eventGroup("MSExchange Extensibility", 1050, "The agent 'A b' took 90000 ms at 'OnX' of '<m>'", 1, 2, 3)}, "AGENT-SLOW suspected ex1 agent \"A b\" at OnX\n"},
		"an agent once":                      {90, []evidence.EventGroup{eventGroup("MSExchange Extensibility", 1050, "Agent", 1)}, "AGENT-SLOW suspected ex1 agent that the text does not name\n"},
		"a number of 2003 in 2010":           {90, []evidence.EventGroup{eventGroup(transport, 7004, "The activation took longer", 1)}, "EVENT-LOG excluded the event log in app.xml\n"},
		"known from memory":                  {90, []evidence.EventGroup{eventGroup(transport, 16025, "x", 1)}, "EVENT-LOG suspected ex1 from memory\n"},
		"a disk":                             {90, []evidence.EventGroup{eventGroup("Disk", 7, "x", 1)}, "EVENT-LOG suspected ex1 from memory\n"},
		"a disk without an error":            {90, []evidence.EventGroup{harmless}, "EVENT-LOG excluded the event log in app.xml\n"},
	} {
		if got := judgedEvents(c.end, c.groups...); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestWordsNameNoFamilies: what a reader is told names a cause in full, or none.
func TestWordsNameNoFamilies(t *testing.T) {
	var all []string
	for _, m := range eventMeanings() {
		all = append(all, m.means)
	}
	for _, r := range readings {
		all = append(all, r.means)
	}
	for _, words := range all {
		if strings.Contains(words, "-...") || strings.HasSuffix(words, ": DNS") {
			t.Errorf("%q names a family of causes", words)
		}
	}
}

// TestManyEventsAreFewFindings: what is quoted of one server is bounded.
func TestManyEventsAreFewFindings(t *testing.T) {
	var groups []evidence.EventGroup
	for i := range 3 * mostQuoted {
		g := eventGroup("MSExchangeTransport", 4006, "x", i)
		g.Where.Line = i
		groups = append(groups, g)
	}
	if got := strings.Count(judgedEvents(90, groups...), "\n"); got != mostQuoted {
		t.Errorf("%d findings", got)
	}
}

func TestComponents(t *testing.T) {
	const agent, other = "CATRT-Transport Rule Agent", "CATRS-Other Agent"
	part := func(name, within string, total float64, count int) evidence.LatentPart {
		return evidence.LatentPart{Name: name, Within: within, Total: evidence.Duration(total), Count: count}
	}
	old := part(agent, "CAT|CATRT", 90, 5)
	old.Whole = true
	for name, c := range map[string]struct {
		late  int
		parts []evidence.LatentPart
		want  string
	}{
		"an agent":                     {5, []evidence.LatentPart{part(agent, "CAT|CATORT|CATRT", 90, 5), part("QDE", "", 10, 5)}, "AGENT-SLOW confirmed"},
		"an agent of another stage":    {5, []evidence.LatentPart{part(other, "CAT|CATORES|CATRS", 90, 5), part("QDE", "", 10, 5)}, "AGENT-SLOW suspected"},
		"an agent at two stages":       {5, []evidence.LatentPart{part(agent, "CAT|CATRT", 40, 5), part("CATRS-Transport Rule Agent", "CAT|CATRS", 20, 5), part("QDE", "", 40, 5)}, "AGENT-SLOW suspected"},
		"with two messages":            {2, []evidence.LatentPart{part(agent, "CAT|CATRT", 90, 2)}, ""},
		"in whole seconds":             {5, []evidence.LatentPart{old}, "AGENT-SLOW suspected"},
		"measured for few of the late": {50, []evidence.LatentPart{part(agent, "CAT|CATRT", 90, 5)}, "AGENT-SLOW suspected"},
		"less than half":               {5, []evidence.LatentPart{part(agent, "CAT|CATRT", 40, 5), part("QDE", "", 60, 5)}, ""},
		"two agents together":          {5, []evidence.LatentPart{part(agent, "CAT|CATRT", 40, 5), part(other, "CAT|CATRS", 40, 5), part("QDE", "", 20, 5)}, "CATEGORIZER-SLOW suspected"},
		"looking up recipients":        {5, []evidence.LatentPart{part("CATRESL", "CAT", 90, 5), part("QDE", "", 10, 5)}, "CATEGORIZER-SLOW suspected"},
		"the queue to mailboxes":       {5, []evidence.LatentPart{part("QDM", "", 90, 5)}, "DELIVERY-SLOW suspected"},
		"the queue to the next server": {5, []evidence.LatentPart{part("QDE", "", 90, 5)}, ""},
		"nobody accounts for the time": {5, []evidence.LatentPart{part("TOTAL-HUB", "", 90, 5), part(agent, "CAT|CATRT", 10, 5)}, ""},
		"nothing":                      {5, nil, ""},
	} {
		measured := 0
		for _, p := range c.parts {
			measured = max(measured, p.Count)
		}
		h := evidence.HopTraffic{Server: "ex1", To: "Internet", Late: c.late, Measured: measured, Slow: c.parts}
		var found []string
		for _, f := range anatomyOf(h, "logs[0]").findings() {
			if err := diag.CheckFinding(components(), f); err != nil && f.Verdict > diag.Excluded {
				t.Error(err)
			}
			if f.Verdict > diag.Excluded {
				found = append(found, f.Code+" "+f.Verdict.String())
			}
		}
		if got := strings.Join(found, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
