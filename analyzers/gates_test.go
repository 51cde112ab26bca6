package analyzers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// opens is a schedule of which the first quarter hour of every so many is open.
func opens(every int) evidence.Schedule {
	var s evidence.Schedule
	for i := 0; i < len(s)*8; i += every {
		s[i/8] |= 0x80 >> (i % 8)
	}
	return s
}

// leaving is a hop whose mail leaves so many minutes after each full period, whatever
// it came, and its rhythm.
func leaving(server, to string, period, at, from, until int) (evidence.HopTraffic, evidence.HopRhythm) {
	h := evidence.HopTraffic{Server: server, To: to}
	midnight := time.Date(2010, 9, 14, 0, 0, 0, 0, time.UTC)
	for came := from; came < until; came += 7 {
		left := (came-at+period-1)/period*period + at
		h.Passages = append(h.Passages, evidence.Passage{Came: midnight.Add(time.Duration(came) * time.Minute), Left: midnight.Add(time.Duration(left)*time.Minute + 3*time.Second)})
	}
	h.Count, h.Late = len(h.Passages), len(h.Passages)
	return h, evidence.HopRhythm{Is: evidence.RhythmClock, Count: h.Count, Waited: h.Late, Period: evidence.Duration(60 * period), Phases: []evidence.Duration{evidence.Duration(60 * at)}, Strength: 1}
}

// atGates tells what is said of hops with a connector's schedule, and of the connector
// with the logs.
func atGates(c evidence.Connector, h evidence.HopTraffic, r evidence.HopRhythm) string {
	o := lab([]evidence.Connector{c}, labOld, labNew)
	given := []diag.Given{diag.Give(evidence.Organization, o), diag.Give(evidence.Traffic, []evidence.HopTraffic{h}), diag.Give(evidence.Rhythms, []evidence.HopRhythm{r})}
	var all []string
	for _, f := range schedules().Run(diag.NewEvidence(append(schedules().Needs, schedules().Uses...), given...)) {
		if f.Subject == hopName(h) {
			all = append(all, f.Verdict.String())
		}
		if strings.Contains(diag.Sentence(connectorSchedule, f), "do not explain it") {
			all = append(all, "not by it")
		}
	}
	for _, f := range rhythms().Run(diag.NewEvidence(append(rhythms().Needs, rhythms().Uses...), given...)) {
		if f.Code == periodicSchedule.Code && strings.Contains(diag.Sentence(periodicSchedule, f), "over the connector") {
			all = append(all, "named")
		}
	}
	return fmt.Sprint(all)
}

// TestConnectorsOfHops: a hop of a log is joined to a connector by its name, by who
// takes its mail and by its addresses, if the server sends over it.
func TestConnectorsOfHops(t *testing.T) {
	style, half := evidence.StyleSelected, opens(2)
	selected := func(change func(*evidence.Connector)) evidence.Connector {
		c := exits("Gate", labOld, true)
		c.Delivery = evidence.Timetable{Style: &style, Schedule: &half}
		change(&c)
		return c
	}
	const yes, no, unlike = "[confirmed named]", "[]", "[not by it named]"
	for name, story := range map[string]struct {
		server, to string
		change     func(*evidence.Connector)
		want       string
	}{
		"its name":                   {"EX0", "gate", func(*evidence.Connector) {}, yes},
		"its name at another server": {"EX7", "gate", func(*evidence.Connector) {}, no},
		"its bridgehead":             {"EX0", "ex1.contoso.com", func(c *evidence.Connector) { c.Targets = []string{"CN=EX1" + labOwner} }, yes},
		"not from its bridgehead": {"EX0", "ex1.contoso.com", func(c *evidence.Connector) {
			c.Sources, c.Targets = []string{"CN=EX5" + labOwner}, []string{"CN=EX1" + labOwner}
		}, no},
		"another server's host":             {"EX0", "ex2.contoso.com", func(c *evidence.Connector) { c.Targets = []string{"CN=EX1" + labOwner} }, no},
		"a server of its group":             {"EX0", "EX1", func(c *evidence.Connector) { c.Destination = labNew }, yes},
		"its smart host":                    {"EX0", "relay.example.com", func(c *evidence.Connector) { c.SmartHost = "[192.0.2.1],relay.example.com" }, yes},
		"a domain of its":                   {"EX0", "mx1.example.com", func(c *evidence.Connector) { c.Spaces = []string{"SMTP:example.com;1"} }, yes},
		"any domain":                        {"EX0", "mx1.example.com", func(c *evidence.Connector) { c.Spaces = []string{"SMTP:*;1"} }, yes},
		"another domain":                    {"EX0", "mx1.example.com", func(c *evidence.Connector) { c.Spaces = []string{"SMTP:example.org;1"} }, no},
		"any domain, but a server of ours":  {"EX0", "ex1.contoso.com", func(c *evidence.Connector) { c.Spaces = []string{"SMTP:*;1"} }, no},
		"any domain, but to mailboxes":      {"EX0", "mailboxes", func(c *evidence.Connector) { c.Spaces = []string{"SMTP:*;1"} }, no},
		"always, with a schedule left over": {"EX0", "gate", func(c *evidence.Connector) { *c.Delivery.Style = evidence.StyleAlways }, no},
		"half as often":                     {"EX0", "gate", func(c *evidence.Connector) { s := opens(4); c.Delivery.Schedule = &s }, unlike},
		"all but one quarter of the night":  {"EX0", "gate", func(c *evidence.Connector) { s := opens(1); s[0] = 0; c.Delivery.Schedule = &s }, unlike},
	} {
		style = evidence.StyleSelected
		h, r := leaving(story.server, story.to, 30, 0, 6*60, 18*60)
		if got := atGates(selected(story.change), h, r); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}

// TestTimesOfGates: period and phase must be those of the connector, and what is said
// is no surer than the rhythm.
func TestTimesOfGates(t *testing.T) {
	style, half, hourly, quarters := evidence.StyleSelected, opens(2), opens(4), opens(1)
	copy(quarters[:], make([]byte, 3)) // closed on Sunday until 06:00
	failed := []evidence.Deferral{{Text: "421 too busy", Count: 3}}
	for name, story := range map[string]struct {
		schedule    evidence.Schedule
		period, at  int
		from, until int
		change      func(*evidence.HopTraffic, *evidence.HopRhythm)
		want        string
	}{
		"as it opens":                  {half, 30, 0, 360, 1080, nil, "[confirmed named]"},
		"each hour":                    {hourly, 60, 0, 360, 1080, nil, "[confirmed named]"},
		"another phase":                {half, 30, 10, 360, 1080, nil, "[not by it named]"},
		"another period":               {half, 60, 0, 360, 1080, nil, "[not by it named]"},
		"by the day, when it is open":  {quarters, 15, 0, 360, 1080, nil, "[]"},
		"and attempts failed":          {half, 30, 0, 360, 1080, func(h *evidence.HopTraffic, _ *evidence.HopRhythm) { h.Deferrals = failed }, "[suspected named]"},
		"a part of it":                 {half, 30, 0, 360, 1080, func(_ *evidence.HopTraffic, r *evidence.HopRhythm) { r.Is = evidence.RhythmMixed }, "[suspected named]"},
		"by a clock of unknown zone":   {half, 30, 0, 360, 1080, func(h *evidence.HopTraffic, _ *evidence.HopRhythm) { h.Local = true }, "[named]"},
		"a timer of each message":      {half, 30, 0, 360, 1080, func(_ *evidence.HopTraffic, r *evidence.HopRhythm) { r.Is = evidence.RhythmRetry }, "[]"},
		"a case without its messages":  {half, 30, 0, 360, 1080, func(h *evidence.HopTraffic, _ *evidence.HopRhythm) { h.Passages = nil }, "[]"},
		"too few to tell, all as open": {half, 30, 0, 360, 370, nil, "[]"},
	} {
		c := exits("Gate", labOld, true)
		c.Delivery = evidence.Timetable{Style: &style, Schedule: &story.schedule}
		h, r := leaving("EX0", "gate", story.period, story.at, story.from, story.until)
		if story.change != nil {
			story.change(&h, &r)
		}
		if got := atGates(c, h, r); got != story.want {
			t.Errorf("%s: %s, not %s", name, got, story.want)
		}
	}
}
