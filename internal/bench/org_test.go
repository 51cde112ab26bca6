package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mailflow/collectors"
	"mailflow/diag"
	"mailflow/evidence"
)

// The organization of the benchmark.
const (
	orgServers    = 5000
	orgConnectors = 20000
	orgGroups     = 400
)

const (
	orgRoot  = "CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"
	orgAdmin = "CN=AG,CN=Administrative Groups," + orgRoot
)

// A maker writes an organization that hangs together: servers in routing groups,
// each group joined with the next and with others by chance, both ways.
type maker struct {
	*bufio.Writer
	*rand.Rand
}

func (m maker) entry(dn, class string, attrs ...string) {
	fmt.Fprintf(m, "dn: %s\nchangetype: add\nobjectClass: top\nobjectClass: %s\ninstanceType: 4\n", dn, class)
	for i := 0; i+1 < len(attrs); i += 2 {
		fmt.Fprintf(m, "%s: %s\n", attrs[i], attrs[i+1])
	}
	fmt.Fprintln(m)
}

func groupDN(i int) string {
	return fmt.Sprintf("CN=RG%03d,CN=Routing Groups,%s", i%orgGroups, orgAdmin)
}

func serverDN(i int) string { return fmt.Sprintf("CN=EX%04d,CN=Servers,%s", i%orgServers, orgAdmin) }

func virtualDN(i int) string { return "CN=1,CN=SMTP,CN=Protocols," + serverDN(i) }

func (m maker) server(i int) {
	name := fmt.Sprintf("ex%04d.contoso.com", i)
	m.entry(serverDN(i), "msExchExchangeServer", "serialNumber", "Version 6.5 (Build 7638.2: Service Pack 2)",
		"networkAddress", "ncacn_ip_tcp:"+name, "msExchHomeRoutingGroup", groupDN(i))
	m.entry(virtualDN(i), "protocolCfgSMTPServer", "msExchSmtpFullyQualifiedDomainName", name, "msExchServerAutoStart", "TRUE")
}

// connector joins the group of its number with one near it, or with any.
func (m maker) connector(i int) {
	from, to := i%orgGroups, (i+1)%orgGroups
	switch i / orgGroups {
	case 0:
	case 1:
		from, to = to, from
	default:
		to = m.IntN(orgGroups)
	}
	attrs := []string{"cost", fmt.Sprint(1 + m.IntN(100)), "activationStyle", fmt.Sprint(1 + i%2), "msExchDestinationRGDN", groupDN(to),
		"msExchSourceBridgeheadServersDN", virtualDN(from), "msExchTargetBridgeheadServersDN", virtualDN(to)}
	if i%2 == 0 {
		attrs = append(attrs, "activationSchedule:", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq")
	}
	m.entry(fmt.Sprintf("CN=RGC%05d,CN=Connections,%s", i, groupDN(from)), "msExchRoutingGroupConnector", attrs...)
}

// organization writes it to a file.
func organization(tb testing.TB) (path string, size int64) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "org.ldf")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	m := maker{bufio.NewWriterSize(f, 1<<20), rand.New(rand.NewPCG(5000, 20000))}
	m.entry(orgRoot, "msExchOrganizationContainer")
	m.entry(orgAdmin, "msExchAdminGroup")
	for i := range orgGroups {
		m.entry(groupDN(i), "msExchRoutingGroup", "msExchRoutingMasterDN", serverDN(i))
		m.entry("CN=Connections,"+groupDN(i), "msExchConnectors")
	}
	for i := range orgServers {
		m.server(i)
	}
	for i := range orgConnectors {
		m.connector(i)
	}
	if err := m.Flush(); err != nil {
		tb.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return path, info.Size()
}

// BenchmarkOrganization reads 5,000 servers and 20,000 connectors, judges them
// with every analyzer, walks a message from one end to the other, and replays
// the case from its file.
func BenchmarkOrganization(b *testing.B) {
	path, size := organization(b)
	c := diag.Case{Symptom: "outbound-delayed", Offline: true, Answers: map[string]string{
		"evidence": path, "from": "EX0001", "to": "EX0200", "at": "2026-11-23T09:05", "zone": "Europe/Berlin"}}
	for b.Loop() {
		before := heap()
		begin := time.Now()
		r, file := solved(b, &c)
		b.ReportMetric(time.Since(begin).Seconds(), "s/run")
		b.ReportMetric(float64(heap()-min(before, heap()))/1e6, "heap-MB")
		if p, ok := diag.Value(r, evidence.MailPath); !ok || p.Outcome != evidence.Arrives {
			b.Fatalf("no path: %+v", p)
		}
		begin = time.Now()
		replayed(b, file)
		b.ReportMetric(time.Since(begin).Seconds(), "s/replay")
		b.ReportMetric(float64(file.Len())/1e6, "case-MB")
	}
	b.ReportMetric(float64(size)/1e6, "export-MB")
	b.ReportMetric(0, "ns/op") // the sum of unlike things
}

// solved runs a case and writes its case file.
func solved(tb testing.TB, c *diag.Case) (*diag.Report, *bytes.Buffer) {
	cat := catalog()
	r, file := diag.NewReport(cat), &bytes.Buffer{}
	for ev := range diag.Run(context.Background(), collectors.Live(""), cat, c) {
		r.Add(ev)
		if err := diag.WriteEvent(file, ev); err != nil {
			tb.Fatal(err)
		}
	}
	if len(r.Hypotheses()) == 0 {
		tb.Fatal("nothing was judged")
	}
	return r, file
}

// replayed reads a case file and judges it anew.
func replayed(tb testing.TB, file *bytes.Buffer) {
	cat := catalog()
	old := diag.NewReport(cat)
	events, err := diag.ReadEvents(bytes.NewReader(file.Bytes()))
	if err != nil {
		tb.Fatal(err)
	}
	for _, ev := range events {
		old.Add(ev)
	}
	var again diag.Case
	again.Resume(old)
	r := diag.NewReport(cat)
	for ev := range diag.Run(context.Background(), collectors.Live(""), cat, &again) {
		r.Add(ev)
	}
	if len(r.Hypotheses()) != len(old.Hypotheses()) {
		tb.Errorf("%d hypotheses, %d when replayed", len(old.Hypotheses()), len(r.Hypotheses()))
	}
}
