package bench

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	peer "github.com/go-ldap/ldif"

	"mailflow/internal/ldif"
)

// exported is the configuration partition of a large organization as ldifde
// writes it, the same for the same seed: servers, virtual servers and connectors
// with folded names, schedules and permissions in base64.
type exported struct {
	*bufio.Writer
	*rand.Rand
}

const container = "CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=corp,DC=contoso,DC=com"

func (x exported) attr(name, value string) {
	line := name + ": " + value
	for len(line) > 80 {
		_, _ = x.WriteString(line[:80] + "\r\n ") // Flush tells
		line = line[80:]
	}
	_, _ = x.WriteString(line + "\r\n")
}

func (x exported) binary(name string, size int) {
	raw := make([]byte, size)
	for i := range raw {
		raw[i] = byte(x.Uint32())
	}
	x.attr(name+":", base64.StdEncoding.EncodeToString(raw))
}

// server and group are DNs of other objects, for links.
func (x exported) server(i int) string {
	return fmt.Sprintf("CN=1,CN=SMTP,CN=Protocols,CN=EXCH%05d,CN=Servers,CN=AG%03d,%s", i, i/50, container)
}

func (x exported) group(i int) string {
	return fmt.Sprintf("CN=RG%04d,CN=Routing Groups,CN=AG%03d,%s", i, i%100, container)
}

// object writes what every object of a directory has, in the order of a server.
func (x exported) object(name, parent, class string, i int) {
	dn, day := "CN="+name+","+parent, fmt.Sprintf("2009%02d%02d", 1+i%12, 1+i%28)
	for _, a := range [][2]string{
		{"dn", dn}, {"changetype", "add"}, {"objectClass", "top"}, {"objectClass", class}, {"cn", name}, {"distinguishedName", dn},
		{"instanceType", "4"}, {"whenCreated", day + "141429.0Z"}, {"whenChanged", day + "151430.0Z"}, {"uSNCreated", fmt.Sprint(90000 + i)},
		{"uSNChanged", fmt.Sprint(100000 + i)}, {"showInAdvancedViewOnly", "TRUE"}, {"adminDisplayName", name}, {"name", name},
	} {
		x.attr(a[0], a[1])
	}
	x.binary("objectGUID", 16)
	x.attr("systemFlags", "1610612736")
	x.attr("objectCategory", "CN=ms-Exch-"+class+",CN=Schema,CN=Configuration,DC=corp,DC=contoso,DC=com")
	x.attr("dSCorePropagationData", "16010101000000.0Z")
}

func (x exported) connector(i int) {
	x.object(fmt.Sprintf("To RG%04d (%d)", i%997, i), "CN=Connections,"+x.group(i%400), "msExchRoutingGroupConnector", i)
	x.attr("cost", fmt.Sprint(1+i%100))
	x.attr("activationStyle", fmt.Sprint(1+i%2))
	x.binary("activationSchedule", 84)
	x.attr("msExchDestinationRGDN", x.group(i%997))
	for range 1 + x.IntN(4) {
		x.attr("msExchSourceBridgeheadServersDN", x.server(x.IntN(5000)))
		x.attr("msExchTargetBridgeheadServersDN", x.server(x.IntN(5000)))
	}
	x.attr("routingList", fmt.Sprintf("SMTP:*.site%d.contoso.com;%d", i, 1+i%9))
	_, _ = x.WriteString("\r\n")
}

func (x exported) exchange(i int) {
	x.object(fmt.Sprintf("EXCH%05d", i), fmt.Sprintf("CN=Servers,CN=AG%03d,%s", i/50, container), "msExchExchangeServer", i)
	x.attr("serialNumber", "Version 6.5 (Build 7638.2: Service Pack 2)")
	x.attr("legacyExchangeDN", fmt.Sprintf("/o=Contoso/ou=AG%03d/cn=Configuration/cn=Servers/cn=EXCH%05d", i/50, i))
	for _, protocol := range []string{"ncacn_ip_tcp", "netbios", "smtp"} {
		x.attr("networkAddress", fmt.Sprintf("%s:EXCH%05d.corp.contoso.com", protocol, i))
	}
	for range x.IntN(12) {
		x.attr("proxyAddresses", fmt.Sprintf("smtp:exch%05d-%x@contoso.com", i, x.Uint32()))
	}
	x.attr("msExchHomeRoutingGroup", x.group(i%400))
	x.binary("msExchMailboxSecurityDescriptor", 100+x.IntN(400))
	_, _ = x.WriteString("\r\n")
}

// export writes at least so many bytes to a file: were they in memory, the
// collector would wait for the readers to take as much again.
func export(tb testing.TB, size int64) (path string, written int64) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "export.ldf")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	x := exported{bufio.NewWriterSize(f, 1<<20), rand.New(rand.NewPCG(2009, 10))}
	for i := 0; written < size; i++ {
		x.exchange(i)
		for j := range 4 {
			x.connector(4*i + j)
		}
		if written, err = f.Seek(0, io.SeekCurrent); err != nil {
			tb.Fatal(err)
		}
	}
	if err := x.Flush(); err != nil {
		tb.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return path, info.Size()
}

// use is what reading a file takes, and what it finds.
type use struct {
	time                   time.Duration
	heap                   uint64 // at its peak, above what it was before
	entries, values, bytes int
}

func (u *use) value(n int) { u.values, u.bytes = u.values+1, u.bytes+n }

// measure reads a file and watches the heap meanwhile.
func measure(tb testing.TB, path string, read func(io.Reader, *use) error) use {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	runtime.GC()
	before := heap()
	done, watched := make(chan struct{}), make(chan uint64)
	go func() {
		peak := heap()
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-tick.C:
				peak = max(peak, heap())
			case <-done:
				watched <- max(peak, heap())
				return
			}
		}
	}()
	var u use
	begin := time.Now()
	err = read(f, &u)
	u.time = time.Since(begin)
	close(done)
	u.heap = max(<-watched, before+1) - before
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func ours(r io.Reader, u *use) (err error) {
	for e := range ldif.Entries(r, func(p ldif.Problem) { err = fmt.Errorf("line %d: %s", p.Line, p.What) }) {
		u.entries++
		for _, value := range e.All() {
			u.value(len(value))
		}
	}
	return err
}

// kept is ours, but every entry stays, as the peer keeps them.
func kept(r io.Reader, u *use) error {
	var all []*ldif.Entry
	for e := range ldif.Entries(r, nil) {
		all = append(all, e.Clone())
	}
	u.entries = len(all)
	return nil
}

func theirs(r io.Reader, u *use) error {
	var l peer.LDIF
	if err := peer.Unmarshal(r, &l); err != nil {
		return err
	}
	for _, e := range l.Entries {
		count(e, u)
	}
	return nil
}

// streamed is theirs without keeping the entries.
func streamed(r io.Reader, u *use) error {
	for e, err := range peer.UnmarshalEntries(r, &peer.LDIF{}) {
		if err != nil {
			return err
		}
		count(e, u)
	}
	return nil
}

func count(e *peer.Entry, u *use) {
	u.entries++
	for _, a := range e.Add.Attributes {
		for _, v := range a.Vals {
			u.value(len(v))
		}
	}
}

// BenchmarkLDIF reads the same 100 MB with this project's reader and with
// go-ldap/ldif in turns, and gives the median of the rounds.
func BenchmarkLDIF(b *testing.B) {
	path, size := export(b, 100<<20)
	rounds := map[string][]float64{}
	for b.Loop() {
		our, their := measure(b, path, ours), measure(b, path, theirs)
		if our.entries != their.entries || our.values != their.values || our.bytes != their.bytes {
			b.Fatalf("%+v, the peer %+v", our, their)
		}
		keep, stream := measure(b, path, kept), measure(b, path, streamed)
		for name, value := range map[string]float64{
			"MB/s":             float64(size) / 1e6 / our.time.Seconds(),
			"peer-MB/s":        float64(size) / 1e6 / their.time.Seconds(),
			"times-faster":     float64(their.time) / float64(our.time),
			"heap-MB":          float64(our.heap) / 1e6,
			"peer-heap-MB":     float64(their.heap) / 1e6,
			"times-less-heap":  float64(their.heap) / float64(our.heap),
			"kept-heap-MB":     float64(keep.heap) / 1e6,
			"streamed-heap-MB": float64(stream.heap) / 1e6,
			"streamed-faster":  float64(stream.time) / float64(our.time),
			"kept-faster":      float64(their.time) / float64(keep.time),
		} {
			rounds[name] = append(rounds[name], value)
		}
	}
	for name, values := range rounds {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], name)
	}
	b.ReportMetric(0, "ns/op") // the sum of unlike things
}
