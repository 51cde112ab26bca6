package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mailflow/diag"
	"mailflow/evidence"
)

func legacy(name string, lists ...string) evidence.Server {
	s := evidence.Server{Name: name, Generation: "exchange-2003", FQDN: strings.ToLower(name) + ".contoso.com"}
	for i, list := range lists {
		s.Virtual = append(s.Virtual, evidence.VirtualServer{Name: fmt.Sprint(i + 1), Retries: list, Where: line(10 * (i + 1))})
	}
	return s
}

func modern(name string, roles int, r *evidence.RetryTimes) evidence.Server {
	return evidence.Server{Name: name, Generation: "exchange-2010", Roles: &roles, Retry: r}
}

// TestRetriesAreToldOnce for servers that do alike, with how certain that is.
func TestRetriesAreToldOnce(t *testing.T) {
	const hub, mailbox, edge = 32, 2, 64
	hours := &evidence.RetryTimes{TransientCount: new(1), Transient: new(evidence.Duration(90)), Outbound: new(evidence.Duration(7200)), Where: line(7)}
	some := &evidence.RetryTimes{Outbound: new(evidence.Duration(1800)), Where: line(8)}
	for _, c := range []struct {
		name     string
		servers  []evidence.Server
		glitches map[string]time.Duration
		want     []string
		lacks    string
	}{
		{"a list of its own", []evidence.Server{legacy("EX03A", "15,30,240")}, nil, []string{"EX03A tries again after 1, 2, 3, 18, 48, 288 min, then every 4 h (configured: msExchSmtpRemoteQueueRetries)\n", "read in org.ldf line 10", "GlitchRetrySeconds apart"}, "2007"},
		{"the default", []evidence.Server{legacy("EX03A", "")}, nil, []string{"after 1, 2, 3, 13, 23, 33, 48 min, then every 15 min (msExchSmtpRemoteQueueRetries is not in the evidence: its default, from memory)"}, "read in"},
		{"another form", []evidence.Server{legacy("EX03A", "10m")}, nil, []string{"has a form that cannot be read (10m): the default, from memory", "read in org.ldf line 10"}, "configured"},
		{"a glitch of the registry", []evidence.Server{legacy("EX03A", "10")}, map[string]time.Duration{"ex03a.contoso.com": 30 * time.Second}, []string{"after 30 s, 1 min, 1 min 30 s, 11 min 30 s, then every 10 min (configured: msExchSmtpRemoteQueueRetries; the first three by GlitchRetrySeconds in its registry)"}, ""},
		{"a glitch of nothing", []evidence.Server{legacy("EX03A", "10")}, map[string]time.Duration{"ex03a": 0}, []string{"after 0, 0, 0, 10 min, then every 10 min"}, ""},
		{"all alike", []evidence.Server{legacy("EX03B", "5", "5"), legacy("EX03A", "5")}, nil, []string{"all 3 SMTP virtual servers try again after 1, 2, 3, 8 min", "EX03A: read in", "EX03B (SMTP virtual server 2): read in org.ldf line 20"}, "EX03B, "},
		{"some alike", []evidence.Server{legacy("EX03B", "5"), legacy("EX03A", "5"), legacy("EX03C", "9")}, nil, []string{"EX03A, EX03B try again after 1, 2, 3, 8 min", "EX03C tries again after 1, 2, 3, 12 min"}, "all "},
		{"hubs without settings", []evidence.Server{modern("H1", hub, nil), modern("H2", hub|mailbox, nil), modern("M", mailbox, nil), legacy("EX03A")}, nil, []string{"all 2 servers of Exchange 2007 and later try again after 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44 min, then every 10 min (default by Microsoft's documentation: what is set is not in the evidence)"}, "SMTP virtual"},
		{"a hub with settings", []evidence.Server{modern("H1", hub, hours)}, nil, []string{"after 1 min, 2 min, 3 min, 4 min, 5 min 30 s, 2 h 5 min, then every 2 h (configured: TransientFailureRetryInterval, OutboundConnectionFailureRetryInterval)", "read in org.ldf line 7"}, "default"},
		{"a hub with some", []evidence.Server{modern("H1", hub, some), modern("E", edge, nil)}, nil, []string{"H1 tries again after 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 64 min, then every 30 min (configured as far as it is in the evidence, else default by Microsoft's documentation)", "E tries again after 1, 2, 3, 4, 14,"}, "all "},
		{"none with a queue", []evidence.Server{modern("M", mailbox, nil), legacy("EX03A")}, nil, nil, "retries"},
	} {
		got := strings.Join(organizationLines(beside{org: &evidence.Org{Servers: c.servers}, glitches: c.glitches}, 400), "\n")
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", c.name, w, got)
			}
		}
		if c.lacks != "" && strings.Contains(got, c.lacks) {
			t.Errorf("%s: %q in\n%s", c.name, c.lacks, got)
		}
	}
}

func TestGlitchesOfRegistries(t *testing.T) {
	r := evidence.Registry{Exports: []evidence.Export{{Path: "a.txt"}}, Values: []evidence.RegistryValue{
		{Machine: "EX03A", Key: `HKLM\SYSTEM\CurrentControlSet\Services\SMTPSvc\Queuing`, Name: "GlitchRetrySeconds", Kind: "dword", Number: 30},
		{Machine: "EX03B", Key: `HKLM\SYSTEM\CurrentControlSet\Services\SMTPSvc\Queuing`, Name: "GlitchRetrySeconds", Kind: "dword", Number: 1 << 63},
		{Key: `HKLM\SYSTEM\CurrentControlSet\Services\SMTPSvc\Queuing`, Name: "GlitchRetrySeconds", Kind: "dword", Number: 7}}}
	got := glitchesOf(reportOf([]diag.Event{gathered(1, diag.Item{Kind: "org.registry", Value: raw(t, r)})}))
	if len(got) != 2 || got["ex03a"] != 30*time.Second || got["ex03b"] < 0 {
		t.Errorf("%v", got)
	}
}

// TestLaddersOfNonsense neither overflow nor go on for ever.
func TestLaddersOfNonsense(t *testing.T) {
	s := legacy("EX03A", strings.Repeat("65535,", 10000)+"1")
	odd := modern("H", 32, &evidence.RetryTimes{TransientCount: new(-1), Transient: new(evidence.Duration(-1e300)), Outbound: new(evidence.Duration(1e300))})
	got := strings.Join(organizationLines(beside{org: &evidence.Org{Servers: []evidence.Server{s, odd}}}, 4000), "\n")
	if len(got) > 2000 || strings.Contains(got, "-") || !strings.Contains(got, "and so on, then every 1 min") {
		t.Error(clip(got, 4000))
	}
}
