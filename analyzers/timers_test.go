package analyzers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

// ladderWaits is a hop whose late mail waits so long, by such a rhythm.
func ladderWaits(is string, period evidence.Duration, sums ...evidence.Duration) []diag.Given {
	h := evidence.HopTraffic{Server: "EX07", To: "Internet", Count: 100, Late: 50, Passages: []evidence.Passage{{Came: nine(), Left: nine().Add(time.Hour)}}}
	r := evidence.HopRhythm{Server: "EX07", To: "Internet", Is: is, Count: 100, Waited: 50, Period: period, Sums: sums}
	return []diag.Given{diag.Give(evidence.Traffic, []evidence.HopTraffic{h}), diag.Give(evidence.Rhythms, []evidence.HopRhythm{r})}
}

// TestTimersOfTheServer: the waits of a log against what is set on its server. Only a
// setting that was read, and that all late mail follows, is confirmed or ruled out.
func TestTimersOfTheServer(t *testing.T) {
	minutes := func(n float64) *evidence.Duration { d := evidence.Duration(60 * n); return &d }
	count := 1
	set := evidence.Server{Name: "EX07", FQDN: "ex07.contoso.com", Generation: "exchange-2007", Retry: &evidence.RetryTimes{TransientCount: &count, Transient: minutes(20), Outbound: minutes(25), Message: minutes(22)}}
	half := set
	half.Retry = &evidence.RetryTimes{TransientCount: &count, Transient: minutes(20), Outbound: minutes(25)}
	plain := evidence.Server{Name: "EX07", Generation: "exchange-2007"}
	other := set
	other.Name, other.FQDN = "EX08", "ex08.contoso.com"
	far := set
	far.Name, far.FQDN = "EX07.example.com", "ex07.example.com"
	short := set
	short.Name = "elsewhere"
	virtual := func(retries ...string) evidence.Server {
		s := evidence.Server{Name: "EX07", Generation: "exchange-2003"}
		for i, r := range retries {
			s.Virtual = append(s.Virtual, evidence.VirtualServer{Name: fmt.Sprint(i + 1), DN: fmt.Sprint("CN=", i+1), Retries: r})
		}
		return s
	}
	const ladder, fixed, mixed = evidence.RhythmRetry, evidence.RhythmFixed, evidence.RhythmMixed
	waits := []evidence.Duration{1440, 2940} // four glitches, then 20 and 25 minutes
	for name, story := range map[string]struct {
		s      evidence.Server
		given  []diag.Given
		glitch uint64
		want   []string
	}{
		"set":                        {set, ladderWaits(ladder, 0, waits...), 0, []string{"confirmed", "late mail waits 24 min, 49 min", "what is set on the server", "4 x 1, 20, 25 minutes", "does not say which attempt failed"}},
		"one wait":                   {set, ladderWaits(fixed, 0, 1440), 0, []string{"suspected", "not all late mail follows them"}},
		"a part":                     {set, ladderWaits(mixed, 0, waits...), 0, []string{"suspected", "not all late mail follows them"}},
		"a part, on the clock":       {set, ladderWaits(mixed, 1500), 0, []string{""}},
		"on the clock":               {set, ladderWaits(evidence.RhythmClock, 1500), 0, []string{""}},
		"other waits":                {set, ladderWaits(ladder, 0, 2000, 2700), 0, []string{"excluded", "the intervals set there do not make the waits of 33 min 20 s, 45 min"}},
		"other waits, a part":        {set, ladderWaits(mixed, 0, 2000), 0, []string{""}},
		"other waits, and one":       {set, ladderWaits(fixed, 0, 2000), 0, []string{""}},
		"other waits, not all set":   {half, ladderWaits(ladder, 0, 2000, 2700), 0, []string{""}},
		"other waits, by default":    {plain, ladderWaits(ladder, 0, 2000, 2700), 0, []string{""}},
		"the single message":         {set, ladderWaits(ladder, 0, 1320, 3960), 0, []string{"confirmed", "MessageRetryInterval", "(22 minutes)"}},
		"the single one by default":  {half, ladderWaits(ladder, 0, 900, 1800), 0, []string{"suspected", "the default of MessageRetryInterval", "product's defaults"}},
		"none set, by default":       {plain, ladderWaits(ladder, 0, 900, 1800), 0, []string{"suspected", "the default of MessageRetryInterval"}},
		"bursts":                     {set, ladderWaits(ladder, 1500), 0, []string{"confirmed", "late mail waits up to 25 min"}},
		"other bursts":               {set, ladderWaits(ladder, 2000), 0, []string{"excluded", "up to 33 min 20 s"}},
		"another server":             {other, ladderWaits(ladder, 0, waits...), 0, []string{""}},
		"of another domain":          {far, ladderWaits(ladder, 0, waits...), 0, []string{"confirmed"}},
		"by its full name":           {short, ladderWaits(ladder, 0, waits...), 0, []string{"confirmed"}},
		"a virtual server":           {virtual("15,30"), ladderWaits(ladder, 0, 1080, 2880), 0, []string{"confirmed", "3 x 1, 15, 30 minutes"}},
		"the other virtual server":   {virtual("20,40", "15,30"), ladderWaits(ladder, 0, 1080, 2880), 0, []string{"confirmed", "3 x 1, 15, 30 minutes"}},
		"two that do not":            {virtual("20,25", "25,28"), ladderWaits(ladder, 0, 1080, 2000), 0, []string{"excluded", "3 x 1, 20, 25 minutes"}},
		"a virtual server by memory": {virtual(""), ladderWaits(ladder, 0, 780, 1380, 1980), 0, []string{"suspected", "known from memory"}},
		"a virtual server, glitched": {virtual("15,30"), ladderWaits(ladder, 0, 1800, 3600), 300, []string{"confirmed", "3 x 5, 15, 30 minutes"}},
	} {
		given := append(story.given, diag.Give(evidence.Organization, evidence.Org{Servers: []evidence.Server{story.s}}))
		if story.glitch > 0 {
			given = append(given, diag.Give(evidence.OrgRegistry, glitchFor("EX07", story.glitch)))
		}
		got := ""
		for _, line := range strings.Split(saidOf(retryIntervals(), retryInterval.Code, given...), "\n") {
			if strings.Contains(line, "EX07 to Internet") { // by the log
				got = line
			}
		}
		if not := lacks(got, story.want[0], story.want[1:]...); len(not) > 0 {
			t.Errorf("%s: %q lacks %q", name, got, not)
		}
	}
}

// glitchFor is a registry in which a machine has GlitchRetrySeconds.
func glitchFor(machine string, seconds uint64) evidence.Registry {
	return evidence.Registry{Values: []evidence.RegistryValue{
		{Machine: machine, Key: `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SMTPSVC\Queuing`, Name: "GlitchRetrySeconds", Kind: "dword", Number: seconds}}}
}

// TestBeneathTheTimer: what failed is told where the log says it, with how long mail
// stood still; the glitches of another machine are not those of this one.
func TestBeneathTheTimer(t *testing.T) {
	v := evidence.Server{Name: "EX03", FQDN: "ex03.contoso.com", Generation: "exchange-2003", Virtual: []evidence.VirtualServer{{Name: "1", DN: "CN=1", Retries: "15,25"}}}
	h := evidence.HopTraffic{Server: "ex03.contoso.com", To: "Internet", Count: 100, Late: 50, Passages: []evidence.Passage{{Came: nine(), Left: nine().Add(time.Hour)}},
		Deferrals: []evidence.Deferral{{Text: "421 too busy", Count: 3}}}
	r := evidence.HopRhythm{Is: evidence.RhythmRetry, Count: 100, Waited: 50, Sums: []evidence.Duration{1080, 2580}}
	timed := func(h evidence.HopTraffic, glitch evidence.Registry, rhythms ...evidence.HopRhythm) (found []diag.Finding) {
		given := []diag.Given{diag.Give(evidence.Organization, evidence.Org{Servers: []evidence.Server{v}}), diag.Give(evidence.Traffic, []evidence.HopTraffic{h}),
			diag.Give(evidence.Rhythms, rhythms), diag.Give(evidence.OrgRegistry, glitch)}
		return retryIntervals().Run(diag.NewEvidence(retryIntervals().Uses, given...))
	}
	found := timed(h, glitchFor("EX04", 300), r)
	if len(found) != 1 || found[0].Verdict != diag.Confirmed || !strings.Contains(told(found[0], "beneath"), "3 times \"421 too busy\"") || found[0].Wait == nil || found[0].Wait.Length() != time.Hour {
		t.Errorf("%+v", found)
	}
	if found := timed(h, evidence.Registry{}); len(found) != 0 {
		t.Errorf("no rhythm: %+v", found)
	}
	unset := glitchFor("EX03", 300)
	unset.Values[0].Kind, unset.Values[0].Name, unset.Values[0].Number = "key", "", 0
	if found := timed(h, unset, r); len(found) != 1 || found[0].Verdict != diag.Confirmed {
		t.Errorf("glitches that are not set: %+v", found)
	}
}

// TestSameHost: a name without its domain may be of any, two with one may not.
func TestSameHost(t *testing.T) {
	for _, story := range []struct {
		a, b string
		want bool
	}{
		{"EX03", "ex03", true}, {"EX03", "ex03.contoso.com", true}, {"ex03.contoso.com", "EX03", true}, {"ex03.contoso.com", "EX03.Contoso.com", true},
		{"ex03.contoso.com", "ex03.example.com", false}, {"EX03", "EX04", false}, {"EX03", "EX03A", false}, {"", "", false},
	} {
		if got := sameHost(story.a, story.b); got != story.want {
			t.Errorf("%q and %q: %v", story.a, story.b, got)
		}
	}
}
