package collectors

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"mailflow/diag"
	"mailflow/evidence"
)

// trafficIn reads logs the way a run does, in a zone that the operator named.
func trafficIn(t *testing.T, zone string, named map[string][]byte) []evidence.HopTraffic {
	t.Helper()
	r := reported(t, worldOf(named), map[string]string{"evidence": strings.Join(slices.Sorted(maps.Keys(named)), "\n"), "zone": zone}, evidence.Traffic)
	all, _ := diag.Value(r, evidence.Traffic)
	return all
}

// A trackedRow is a row of message tracking, whatever it is written as.
type trackedRow struct {
	at    time.Time
	cells [colEnd]string
}

// trackedRows are rows of two servers over two days, of whole seconds: messages
// for two, groups, splits, attempts put off, some that fail and some that stay.
func trackedRows(n int) []trackedRow {
	dice := rand.New(rand.NewPCG(5, 5))
	var rows []trackedRow
	day := time.Date(2026, 2, 11, 20, 0, 0, 0, time.UTC)
	add := func(s int, event, source, client, server, connector string, queue, mail int, to string, more ...string) {
		r := trackedRow{at: day.Add(time.Duration(s) * time.Second)}
		r.cells = [colEnd]string{client, server, "", connector, source, event, fmt.Sprint(queue), fmt.Sprintf("<m%d@example.com>", mail), to}
		r.cells[colSender] = "bob@example.com"
		copy(r.cells[colReference:], more)
		if event == "DEFER" {
			r.cells[colContext] = "451 4.4.1 timed out, again"
		}
		rows = append(rows, r)
	}
	for i := range n {
		hub, at, queue := fmt.Sprintf("HUB%d", 1+i%2), i*173+dice.IntN(60), 2*i+10
		two := "al@contoso.com;bo@example.com"
		add(at, "RECEIVE", "SMTP", "mx.example.com", hub, hub+`\Default`, queue, i, two)
		switch i % 7 {
		case 0:
			add(at+1, "FAIL", "QUEUE", hub, "", "", queue, i, two)
			continue
		case 1:
			add(at+1, "TRANSFER", "ROUTING", "", hub, "", queue+1, i, "bo@example.com", fmt.Sprint(queue))
			add(at+2, "DELIVER", "STOREDRIVER", hub, "MBX1", "", queue, i, "al@contoso.com")
			queue++
		default:
			add(at+2, "DELIVER", "STOREDRIVER", hub, "MBX1", "", queue, i, "al@contoso.com")
		}
		for at += 3; dice.IntN(3) == 0; at += 1 + dice.IntN(900) {
			add(at, "DEFER", "QUEUE", hub, "", "To Internet", queue, i, "bo@example.com")
		}
		if dice.IntN(20) > 0 {
			add(at+1, "SEND", "SMTP", hub, "out.example.com", "To Internet", queue, i, "bo@example.com")
		}
	}
	slices.SortStableFunc(rows, func(a, b trackedRow) int { return a.at.Compare(b.at) })
	return rows
}

func asLog(rows []trackedRow) []byte {
	var b bytes.Buffer
	head, _, _ := strings.Cut(trackingHeader, "#Fields:")
	b.WriteString(head + "#Fields: date-time," + strings.Join(columns(), ",") + "\r\n")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, r := range rows {
		_ = w.Write(append([]string{r.at.Format("2006-01-02T15:04:05.000Z")}, r.cells[:]...))
	}
	w.Flush()
	return b.Bytes()
}

// exported names the columns as Get-MessageTrackingLog does, in the order of columns().
func exportedNames() []string {
	return []string{"ClientHostname", "ServerHostname", "SourceContext", "ConnectorId", "Source", "EventId", "InternalMessageId", "MessageId", "Recipients", "RecipientStatus", "Reference", "MessageInfo", "EventData", "Sender", "NetworkMessageId"}
}

// asCSV writes what Export-Csv does: lists as the name of their type.
func asCSV(rows []trackedRow, zone *time.Location, layout string) []byte {
	var b bytes.Buffer
	b.WriteString("#TYPE Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent\r\n")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write(slices.Concat([]string{"Timestamp", "RecipientCount"}, exportedNames()))
	for _, r := range rows {
		cells := r.cells
		cells[colTo], cells[colStatus], cells[colReference] = "System.String[]", "System.String[]", "System.String[]"
		_ = w.Write(slices.Concat([]string{r.at.In(zone).Format(layout), fmt.Sprint(1 + strings.Count(r.cells[colTo], ";"))}, cells[:]))
	}
	w.Flush()
	return b.Bytes()
}

func asList(rows []trackedRow, zone *time.Location) []byte {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "\r\n%-17s : %s\r\n", "Timestamp", r.at.In(zone).Format("2006/1/2 15:04:05"))
		for i, name := range exportedNames() {
			value := r.cells[i]
			if i == colTo || i == colReference {
				value = "{" + strings.ReplaceAll(value, ";", ", ") + "}"
			}
			fmt.Fprintf(&b, "%-17s : %s\r\n", name, value)
		}
	}
	return []byte(b.String())
}

func asCLIXML(rows []trackedRow, zone *time.Location) []byte {
	var b strings.Builder
	b.WriteString(`<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">`)
	escape := strings.NewReplacer("<", "&lt;", ">", "&gt;")
	for _, r := range rows {
		fmt.Fprintf(&b, "\n<Obj RefId=\"0\"><TN RefId=\"0\"><T>Microsoft.Exchange.Management.TransportLogSearchTasks.MessageTrackingEvent</T></TN><Props><DT N=\"Timestamp\">%s</DT>", r.at.In(zone).Format(time.RFC3339))
		for i, name := range exportedNames() {
			value := escape.Replace(r.cells[i])
			if i == colTo || i == colReference {
				fmt.Fprintf(&b, "<Obj N=\"%s\" RefId=\"1\"><LST><S>%s</S></LST></Obj>", name, strings.ReplaceAll(value, ";", "</S><S>"))
			} else {
				fmt.Fprintf(&b, "<S N=\"%s\">%s</S>", name, value)
			}
		}
		b.WriteString("</Props></Obj>")
	}
	return []byte(b.String() + "</Objs>")
}

// asReport writes the extended report of Exchange Online: UTF-16, names in small
// letters, times in UTC.
func asReport(rows []trackedRow) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	names := []string{"date_time_utc"}
	for _, name := range columns() {
		names = append(names, strings.ReplaceAll(name, "-", "_"))
	}
	_ = w.Write(names)
	for _, r := range rows {
		_ = w.Write(append([]string{r.at.Format("2006-01-02T15:04:05.0000000Z")}, r.cells[:]...))
	}
	w.Flush()
	return wideBytes(b.String(), binary.LittleEndian, true)
}

// wideBytes is a text in UTF-16.
func wideBytes(text string, order binary.ByteOrder, mark bool) []byte {
	if mark {
		text = "\uFEFF" + text
	}
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		var two [2]byte
		order.PutUint16(two[:], unit)
		b = append(b, two[:]...)
	}
	return b
}

func zstdPacked(t testing.TB, content []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(content, nil)
}

// bare is traffic without where it was read and what was said of it.
func bare(all []evidence.HopTraffic) string {
	list := slices.Clone(all)
	for i := range list {
		list[i].Problems = nil
	}
	return placeless(list)
}

// TestTrackingInAllForms: the same rows say the same, whatever they are written as.
func TestTrackingInAllForms(t *testing.T) {
	rows := trackedRows(300)
	log := asLog(rows)
	all := trafficIn(t, "", map[string][]byte{"x": log})
	want := bare(all)
	if len(all) < 4 || !strings.Contains(hopsSaid(all), " late") || !strings.Contains(hopsSaid(all), "waiting") {
		t.Fatal(hopsSaid(all))
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	turned := slices.Clone(rows)
	slices.Reverse(turned)
	byMail := slices.Clone(rows)
	slices.SortStableFunc(byMail, func(a, b trackedRow) int { return strings.Compare(a.cells[colMail], b.cells[colMail]) })
	us := "1/2/2006 3:04:05 PM"
	for name, c := range map[string]struct {
		content []byte
		zone    string
	}{
		"UTF-16, little-endian":       {wideBytes(string(log), binary.LittleEndian, true), ""},
		"UTF-16, no mark":             {wideBytes(string(log), binary.LittleEndian, false), ""},
		"UTF-16, big-endian":          {wideBytes(string(log), binary.BigEndian, true), ""},
		"UTF-16, big-endian, no mark": {wideBytes(string(log), binary.BigEndian, false), ""},
		"zstd":                        {zstdPacked(t, log), ""},
		"zstd in two frames":          {append(zstdPacked(t, log[:1000]), zstdPacked(t, log[1000:])...), ""},
		"zstd in a zip":               {zipped(t, part{"a.zst", zstdPacked(t, log)}), ""},
		"CSV":                         {asCSV(rows, berlin, us), "Europe/Berlin"},
		"CSV, German":                 {asCSV(rows, berlin, "02.01.2006 15:04:05"), "Europe/Berlin"},
		"CSV, British, wide":          {wideBytes(string(asCSV(rows, berlin, "02/01/2006 15:04:05")), binary.LittleEndian, true), "Europe/Berlin"},
		"CSV, the latest first":       {asCSV(turned, berlin, us), "Europe/Berlin"},
		"CSV, in UTC":                 {asCSV(rows, time.UTC, us), "Etc/UTC"},
		"list":                        {asList(rows, berlin), "Europe/Berlin"},
		"CLIXML":                      {asCLIXML(rows, berlin), ""},
		"CLIXML, sorted by message":   {asCLIXML(byMail, time.UTC), ""},
		"a report of Exchange Online": {asReport(rows), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := trafficIn(t, c.zone, map[string][]byte{"x": c.content})
			if bare(got) != want {
				t.Errorf("%swant\n%s", hopsSaid(got), hopsSaid(all))
			}
		})
	}
}

// TestExportWithoutAZone: the zone of an export comes from the log beside it, or
// else waits are all that is told.
func TestExportWithoutAZone(t *testing.T) {
	rows := trackedRows(120)
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	export := asCSV(rows, kolkata, "2/1/2006 15:04:05")
	exact := trafficIn(t, "", map[string][]byte{"log": asLog(rows)})
	alone := trafficIn(t, "", map[string][]byte{"x.csv": export})
	if len(alone) == 0 || !alone[0].Local || hopsSaid(alone) != hopsSaid(exact) || alone[0].First.Sub(exact[0].First) != 330*time.Minute {
		t.Errorf("alone: %s%+v", hopsSaid(alone), alone)
	}
	if said := fmt.Sprint(alone[0].Problems); !strings.Contains(said, "--input zone=") {
		t.Error(said)
	}
	half := trafficIn(t, "", map[string][]byte{"log": asLog(rows[:len(rows)/2]), "x.csv": export})
	if said := fmt.Sprint(half); strings.Contains(said, "Local:true") || hopsSaid(half) != hopsSaid(exact) || half[0].First != exact[0].First {
		t.Errorf("beside half of the log: %swant %s%v", hopsSaid(half), hopsSaid(exact), half[0].Problems)
	}
	if said := fmt.Sprint(half[0].Problems); !strings.Contains(said, "5 h 30 min ahead of UTC") || !strings.Contains(said, "counted once") {
		t.Error(said)
	}
}

// TestExportSaysItself: message-info and latency of a row together say in UTC when
// it was written.
func TestExportSaysItself(t *testing.T) {
	var b strings.Builder
	b.WriteString("Timestamp,ClientHostname,ServerHostname,ConnectorId,Source,EventId,InternalMessageId,MessageId,RecipientCount,MessageInfo,MessageLatency,MessageLatencyType\r\n")
	for i := range 5 {
		at := time.Date(2026, 2, 13, 10, i, 0, 0, time.UTC)
		wall := func(d time.Duration) string { return at.Add(d - 5*time.Hour).Format("1/2/2006 3:04:05 PM") }
		fmt.Fprintf(&b, "%s,mx,HUB1,,SMTP,RECEIVE,%d,<m%d>,1,,,None\r\n", wall(0), i+1, i)
		fmt.Fprintf(&b, "%s,HUB1,MBX1,,STOREDRIVER,DELIVER,%d,<m%d>,1,%s,00:05:00.2000000,EndToEnd\r\n", wall(5*time.Minute), i+1, i, at.Format("2006-01-02T15:04:05.000Z")+";LSRV=HUB1:TOTAL-HUB=300.200")
	}
	all := trafficIn(t, "", map[string][]byte{"x.csv": []byte(b.String())})
	if hopsSaid(all) != "HUB1 > mailboxes: 5, longest 300, 5 late\n" || all[0].Local || all[0].First.Hour() != 10 {
		t.Errorf("%+v", all)
	}
}

// TestExportOfASelection: with few columns the message id ties rows, and what an
// export cannot say is said.
func TestExportOfASelection(t *testing.T) {
	all := trafficIn(t, "Etc/UTC", map[string][]byte{"x.csv": []byte("Timestamp,EventId,Source,ClientHostname,ServerHostname,MessageId\r\n" +
		"13.2.2026 10:00:00,RECEIVE,SMTP,mx,HUB1,<a>\r\n13.2.2026 10:05:00,DELIVER,STOREDRIVER,HUB1,MBX1,<a>\r\n13.2.2026 99:05:00,DELIVER,STOREDRIVER,HUB1,MBX1,<a>\r\n")})
	if hopsSaid(all) != "HUB1 > mailboxes: 1, longest 300, 1 late\n" {
		t.Fatal(hopsSaid(all))
	}
	if said := fmt.Sprint(all[0].Problems); !strings.Contains(said, "tied by the Message-ID") || !strings.Contains(said, "cannot") && !strings.Contains(said, "without a time") {
		t.Error(said)
	}
}

// TestDaysInDoubt: dates that may be of two orders are not guessed in silence.
func TestDaysInDoubt(t *testing.T) {
	all := trafficIn(t, "Europe/Berlin", map[string][]byte{"x.csv": []byte("Timestamp,EventId,Source,ClientHostname,ServerHostname,MessageId\r\n" +
		"1/2/2026 10:00:00,RECEIVE,SMTP,mx,HUB1,<a>\r\n1/2/2026 10:05:00,DELIVER,STOREDRIVER,HUB1,MBX1,<a>\r\n")})
	if hopsSaid(all) != "HUB1 > mailboxes: 1, longest 300, 1 late\n" || !all[0].Local || !strings.Contains(fmt.Sprint(all[0].Problems), "nothing in the file tells which") {
		t.Errorf("%+v", all)
	}
}

// TestMailLogZones: the zone of a log without one is the operator's, else that in
// which it agrees with a server whose times are exact.
func TestMailLogZones(t *testing.T) {
	var exim, hub strings.Builder
	for i := range 6 {
		at := time.Date(2026, 2, 13, 10, 7*i, 0, 0, time.UTC)
		wall := func(d time.Duration) string { return at.Add(d - 3*time.Hour).Format("2006-01-02 15:04:05") }
		fmt.Fprintf(&exim, "%s 1vcabc-00000%d-AB <= x@example.com H=a [192.0.2.1] P=esmtp S=1200 id=m%d@example.com\n", wall(0), i, i)
		fmt.Fprintf(&exim, "%s 1vcabc-00000%d-AB => y@contoso.com R=dnslookup T=remote_smtp H=hub1 [198.51.100.4] C=\"250 ok\"\n", wall(time.Duration(i)*4*time.Minute), i)
		fmt.Fprintf(&exim, "%s 1vcabc-00000%d-AB Completed\n", wall(time.Duration(i)*4*time.Minute), i)
		fmt.Fprintf(&hub, "%s,relay,hub1,,,SMTP,RECEIVE,%d,<m%d@example.com>,y@contoso.com,,,,\r\n", at.Add(time.Duration(i)*4*time.Minute+time.Second).Format("2006-01-02T15:04:05.000Z"), i+1, i)
	}
	files := map[string][]byte{"mainlog": []byte(exim.String()), "msgtrk.log": []byte(trackingHeader + hub.String())}
	first := func(all []evidence.HopTraffic) evidence.HopTraffic {
		return all[slices.IndexFunc(all, func(h evidence.HopTraffic) bool { return h.Source == "exim" })]
	}
	if h := first(trafficIn(t, "", files)); h.Local || h.First.Hour() != 10 || !strings.Contains(fmt.Sprint(h.Problems), "3 h behind UTC") {
		t.Errorf("%+v", h)
	}
	delete(files, "msgtrk.log")
	if h := first(trafficIn(t, "America/Sao_Paulo", files)); h.Local || h.First.Hour() != 10 {
		t.Errorf("%+v", h)
	}
	if h := first(trafficIn(t, "", files)); !h.Local || h.First.Hour() != 7 || !strings.Contains(fmt.Sprint(h.Problems), "taken as UTC") {
		t.Errorf("%+v", h)
	}
}

// TestOverlaps: rows that stand in several files count once, however the files
// overlap; and rows that only look alike within one file count each.
func TestOverlaps(t *testing.T) {
	rows := trackedRows(200)
	want := bare(trafficIn(t, "", map[string][]byte{"x": asLog(rows)}))
	dice := rand.New(rand.NewPCG(8, 8))
	for range 40 {
		named := map[string][]byte{}
		upTo := 0
		for n := 0; upTo < len(rows); n++ {
			from := max(0, upTo-dice.IntN(120))
			upTo = min(len(rows), max(upTo+1, from+dice.IntN(160)))
			named[fmt.Sprintf("%02d", n)] = asLog(rows[from:upTo])
		}
		at := dice.IntN(len(rows) - 50)
		named["piece"] = asLog(rows[at : at+50])
		if got := trafficIn(t, "", named); bare(got) != want {
			t.Fatalf("%d files: %s", len(named), hopsSaid(got))
		}
	}
	both := trafficIn(t, "", map[string][]byte{"x": asLog(rows), "x.xml": asCLIXML(rows, time.UTC)})
	if bare(both) != want || !strings.Contains(fmt.Sprint(both), "counted once") {
		t.Errorf("a log and its export: %s", hopsSaid(both))
	}
}
