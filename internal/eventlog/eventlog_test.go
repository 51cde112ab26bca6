package eventlog

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"mailflow/internal/walltime"
)

// show writes what is read from a text, problems in their place.
func show(r io.Reader, f Format) string {
	var b strings.Builder
	for e := range Events(r, f, func(p Problem) { fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What) }) {
		fmt.Fprintf(&b, "%d %s\n", e.Line, line(e))
	}
	return b.String()
}

// line tells an event; a time without a zone has the day first.
func line(e *Event) string {
	at, zoned := e.Time.Exact()
	if !zoned {
		if at, zoned = e.Time.In(walltime.DayFirst); !zoned {
			at, _ = e.Time.In(walltime.YearFirst)
		}
	}
	return fmt.Sprintf("%s %q %s %d %s %q", time.Unix(0, at).UTC().Format("2006-01-02T15:04:05"), e.Server, e.Source, e.ID, e.Level, e.Text)
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

func wide(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune("\uFEFF" + s)) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.String()
}

type reading struct{ name, in, want string }

func run(t *testing.T, f Format, tests []reading) {
	t.Helper()
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"at once": strings.NewReader(c.in), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in)), "in UTF-16": strings.NewReader(wide(c.in))} {
				if diff := cmp.Diff(c.want, show(r, f)); diff != "" {
					t.Error(how, diff)
				}
			}
			if got := Sniff([]byte(c.in)); strings.Contains(c.want, "\"") && got != f {
				t.Errorf("taken for %q", got)
			}
		})
	}
}

func TestTable(t *testing.T) {
	const up = `2026-02-10T10:00:05 "" MSExchangeTransport 15004 error "Pressure went up. From Normal to Medium"`
	run(t, Table, []reading{
		{"English", lines("Level,Date and Time,Source,Event ID,Task Category", `Error,10/2/2026 10:00:05 AM,MSExchangeTransport,15004,ResourceManager,"Pressure went up.`, ``, `From Normal to Medium"`), lines("2 " + up)},
		{"German, with semicolons", lines("Ebene;Datum und Uhrzeit;Quelle;Ereignis-ID;Aufgabenkategorie", `Fehler;10.02.2026 10:00:05;MSExchangeTransport;15004;Ressourcen;"Pressure went up. From Normal to Medium"`), lines("2 " + up)},
		{"French", lines("Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche", `Erreur,10/02/2026 10:00:05,MSExchangeTransport,15004,Gestionnaire,"Pressure went up. From Normal to Medium"`), lines("2 " + up)},
		{"of a language that nobody here knows", lines("Xyz,A,B,C,D", `Virhe,10.2.2026 10.00.05,MSExchangeTransport,15004,Muu,Pressure went up. From Normal to Medium`), lines("2 " + strings.Replace(up, " error ", " other ", 1))},
		{"as text, with a message of several lines", lines("Level\tDate and Time\tSource\tEvent ID\tTask Category", "Error\t10/02/2026 10:00:05\tMSExchangeTransport\t15004\tResourceManager\tPressure went up.", "", "From Normal", "to Medium", "Warning\t10/02/2026 10:00:06\tMSExchangeTransport\t1021\tSmtpReceive\tx"),
			lines("2 "+up, `6 2026-02-10T10:00:06 "" MSExchangeTransport 1021 warning "x"`)},
		{"of Windows 2003", lines(`10/02/2006,10:00:05 AM,MSExchangeTransport,Warning,SMTP Protocol,7004,N/A,EX03A,"a, ""b"""`), lines(`1 2006-02-10T10:00:05 "EX03A" MSExchangeTransport 7004 warning "a, \"b\""`)},
		{"of Windows 2003, a list", lines("Type\tDate\tTime\tSource\tCategory\tEvent\tUser\tComputer", "Warning\t10/02/2006\t10:00:05 AM\tMSExchangeTransport\tSMTP Protocol\t7004\tN/A\tEX03A"), lines(`2 2006-02-10T10:00:05 "EX03A" MSExchangeTransport 7004 warning ""`)},
		{"separators in a message without marks", lines("Level,Date and Time,Source,Event ID,Task Category", `Error,10/02/2026 10:00:05,X,1,None,a,b, c`), lines(`2 2026-02-10T10:00:05 "" X 1 error "a,b, c"`)},
		{"no message", lines("Level,Date and Time,Source,Event ID,Task Category", `Error,10/02/2026 10:00:05,X,1,None`), lines(`2 2026-02-10T10:00:05 "" X 1 error ""`)},
		{"a mark that is never closed", lines("Level,Date and Time,Source,Event ID,Task Category", `Error,10/02/2026 10:00:05,X,1,None,"a`, `b`, `Error,10/02/2026 10:00:06,X,2,None,c`),
			lines("! 2 a quotation mark is never closed: what of this event could be read is taken", `2 2026-02-10T10:00:05 "" X 1 error "a b"`, `4 2026-02-10T10:00:06 "" X 2 error "c"`)},
		{"cut off", "Level,Date and Time,Source,Event ID,Task Category\nError,10/02/2026 10:00:05,X,1,None,\"a\nb", lines("! 2 the file ends inside of a quotation (line 3): what of this event could be read is taken", `2 2026-02-10T10:00:05 "" X 1 error "a b"`)},
		{"a damaged row", lines("Level,Date and Time,Source,Event ID,Task Category", `Error,10/02/2026 10:00:05,X,1,None,a`, `Error,someday,X,1,None,b`, `Error,10/02/2026 10:00:06,X,1,None,c`),
			lines("! 3 no event: left out", `2 2026-02-10T10:00:05 "" X 1 error "a"`, `4 2026-02-10T10:00:06 "" X 1 error "c"`)},
		{"no table", lines("a,b,c", "1,2,3"), lines("! 1 no row that Event Viewer would have saved")},
		{"message tracking", lines("EventId,Timestamp,Source,RecipientCount,MessageId", `RECEIVE,10/02/2026 10:00:05,SMTP,1,a`), lines("! 1 no row that Event Viewer would have saved")},
	})
}

const (
	systemXML = `<System><Provider Name='MSExchangeTransport'/><EventID Qualifiers='49156'>15004</EventID><Level>2</Level><TimeCreated SystemTime='2026-02-10T10:00:05.000000000Z'/><Channel>Application</Channel><Computer>EX19A.contoso.com</Computer></System>`
	dataXML   = `<EventData><Data>a</Data><Data>b &lt;c&gt;</Data></EventData>`
	openXML   = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>`
)

func TestXML(t *testing.T) {
	const want = `2026-02-10T10:00:05 "EX19A.contoso.com" MSExchangeTransport 15004 error `
	run(t, XML, []reading{
		{"wevtutil, without a root", openXML + systemXML + dataXML + "</Event>\n" + openXML + systemXML + dataXML + "</Event>\n", lines(`1 `+want+`"a | b <c>"`, `2 `+want+`"a | b <c>"`)},
		{"with a root", lines(`<?xml version="1.0" encoding="utf-8" standalone="yes"?>`, `<Events>`, openXML+systemXML+dataXML+"</Event>", `</Events>`), lines(`3 ` + want + `"a | b <c>"`)},
		{"rendered", openXML + systemXML + dataXML + "<RenderingInfo Culture='en-US'><Message>Pressure\r\nwent up</Message><Level>Error</Level></RenderingInfo></Event>", lines(`1 ` + want + `"Pressure went up"`)},
		{"a name for people", openXML + strings.Replace(systemXML, "Name='MSExchangeTransport'", "Name='Microsoft-X' EventSourceName='MSExchangeTransport'", 1) + "</Event>", lines(`1 ` + want + `""`)},
		{"one without an end", openXML + systemXML + "\n" + openXML + systemXML + "</Event>", lines("! 1 an event without an end: left out", `2 `+want+`""`)},
		{"cut off", openXML + systemXML + "</Event>" + openXML + "<Sys", lines(`1 `+want+`""`, "! 1 the file ends inside of this event: it is left out")},
		{"damaged", openXML + "<System></x></Event>\n" + openXML + systemXML + "</Event>", lines("! 1 an event that is damaged (XML syntax error on line 1: element <System> closed by </x>): left out", `2 `+want+`""`)},
		{"without a time", openXML + strings.Replace(systemXML, "2026-", "", 1) + "</Event>", lines("! 1 an event without a time or a source: left out")},
		{"a document type", "<!DOCTYPE x [<!ENTITY a 'b'>]>" + openXML + systemXML + "<EventData><Data>&a;</Data></EventData></Event>", lines("! 1 an event that is damaged (XML syntax error on line 1: invalid character entity &a;): left out")},
		{"nothing", "<Events></Events>", ""},
	})
}

func TestObjects(t *testing.T) {
	run(t, List, []reading{
		{"Get-WinEvent", lines("", "TimeCreated  : 10/02/2026 10:00:05", "ProviderName : MSExchangeTransport", "Id           : 15004", "Message      : Pressure went up.", "               From Normal to Medium", ""),
			lines(`2 2026-02-10T10:00:05 "" MSExchangeTransport 15004 other "Pressure went up. From Normal to Medium"`)},
		{"Get-EventLog", lines("Index         : 5", "EntryType     : Warning", "InstanceId    : 2147746797", "Message       : x", "Source        : MSExchangeTransport", "TimeGenerated : 10/02/2026 10:00:05", "MachineName   : EX19A.contoso.com", ""),
			lines(`1 2026-02-10T10:00:05 "EX19A.contoso.com" MSExchangeTransport 1005 warning "x"`)},
	})
	run(t, CSV, []reading{
		{"Get-EventLog", lines("#TYPE System.Diagnostics.EventLogEntry#Application/MSExchangeTransport/1021", `"EventID","MachineName","EntryType","Message","Source","InstanceId","TimeGenerated"`, `"1021","EX19A","Warning","a`, `b","MSExchangeTransport","2147746797","10/02/2026 10:00:05"`),
			lines(`3 2026-02-10T10:00:05 "EX19A" MSExchangeTransport 1021 warning "a b"`)},
		{"an object of another kind", lines(`"Id","ProviderName","TimeCreated"`, `"x","a","b"`), lines("! 2 an object without source, number or time of an event: left out")},
	})
}

func TestSniffLeavesOthers(t *testing.T) {
	for name, s := range map[string]string{
		"nothing": "", "a queue": "Identity : EX\\3\nStatus   : Retry\n", "CLIXML of another kind": `<Objs Version="1.1.0.1" xmlns="x"><Obj RefId="0"><TN RefId="0"><T>System.Diagnostics.Eventing.Reader.EventLogConfiguration</T></TN></Obj></Objs>`,
		"XML": "<?xml version='1.0'?><ObjectCollector><Event x='1'/></ObjectCollector>", "a tracking log": "#Software: Microsoft Exchange Server\n#Fields: date-time,client-ip\n2026-01-05T10:00:00.000Z,192.0.2.1\n",
		"LDIF": "dn: DC=contoso\na: b\n", "a mail log": "Jan  5 10:00:00 mx1 postfix/smtp[1]: 4: to=<a@example.com>, relay=x, delay=1, status=sent\n",
	} {
		if f := Sniff([]byte(s)); f != "" {
			t.Errorf("%s: %q", name, f)
		}
	}
}

// An entry is an event that a test writes in all forms.
type entry struct {
	at     time.Time
	source string
	id     int
	level  int // 2 to 4
	text   []string
}

func (e entry) word() string {
	return map[int]string{2: "Error", 3: "Warning", 4: "Information"}[e.level]
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// written is the same events in each form.
func written(all []entry) map[Format][]string {
	const day = "02/01/2006 15:04:05"
	csv := "Level,Date and Time,Source,Event ID,Task Category\r\n"
	tsv := "Level\tDate and Time\tSource\tEvent ID\tTask Category\r\n"
	old, x, cli, list := "", "", `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">`, ""
	table := "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"Message\",\"Id\",\"Level\",\"ProviderName\",\"LogName\",\"MachineName\",\"TimeCreated\"\r\n"
	for i, e := range all {
		text := strings.Join(e.text, "\r\n")
		csv += fmt.Sprintf("%s,%s,%s,%d,None,%s\r\n", e.word(), e.at.Format(day), e.source, e.id, quoted(text))
		tsv += fmt.Sprintf("%s\t%s\t%s\t%d\tNone\t%s\r\n", e.word(), e.at.Format(day), e.source, e.id, quoted(text))
		old += fmt.Sprintf("%s,%s,%s,%s,None,%d,N/A,EX19A,%s\r\n", e.at.Format("02/01/2006"), e.at.Format("15:04:05"), e.source, e.word(), e.id, quoted(text))
		x += fmt.Sprintf("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='%s'/><EventID Qualifiers='0'>%d</EventID><Level>%d</Level><TimeCreated SystemTime='%s'/><Computer>EX19A</Computer></System><RenderingInfo Culture='en-US'><Message>%s</Message></RenderingInfo></Event>\r\n",
			e.source, e.id, e.level, e.at.Format("2006-01-02T15:04:05.0000000Z"), escaped(text))
		cli += fmt.Sprintf(`<Obj RefId="%d"><TN RefId="%d"><T>System.Diagnostics.Eventing.Reader.EventLogRecord</T></TN><Props><I32 N="Id">%d</I32><By N="Level">%d</By><S N="ProviderName">%s</S><S N="MachineName">EX19A</S><DT N="TimeCreated">%s</DT></Props><MS><S N="Message">%s</S></MS></Obj>`,
			i, i, e.id, e.level, e.source, e.at.Format(time.RFC3339), strings.NewReplacer("\r", "_x000D_", "\n", "_x000A_").Replace(escaped(text)))
		table += fmt.Sprintf("%s,\"%d\",\"%d\",\"%s\",\"Application\",\"EX19A\",\"%s\"\r\n", quoted(text), e.id, e.level, e.source, e.at.Format(day))
		list += fmt.Sprintf("TimeCreated      : %s\r\nProviderName     : %s\r\nId               : %d\r\nLevelDisplayName : %s\r\nMachineName      : EX19A\r\nMessage          : %s\r\n\r\n",
			e.at.Format(day), e.source, e.id, e.word(), strings.Join(e.text, "\r\n                   "))
	}
	return map[Format][]string{Table: {csv, tsv, old}, XML: {x, "<Events>\r\n" + x + "</Events>"}, CLIXML: {cli + "</Objs>"}, CSV: {table}, List: {list}}
}

// TestSameInAllForms: the same events out of each form are the same, but for the
// server where Event Viewer leaves it out, and for blanks where Format-List may have
// cut a line.
func TestSameInAllForms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := []string{"The", "queue", "of", `"fabrikam.com"`, "<a@b>", "a, b;", "größer", "452 4.3.1", "'Agent'", "&"}
	sentence := func() string {
		var s []string
		for range 1 + r.IntN(8) {
			s = append(s, words[r.IntN(len(words))])
		}
		return strings.Join(s, " ")
	}
	for range 100 {
		var all []entry
		at := time.Date(2026, 2, 13, 10, 0, 0, 0, time.UTC)
		for range 1 + r.IntN(6) {
			at = at.Add(time.Duration(r.IntN(100_000)) * time.Second)
			e := entry{at: at, source: []string{"MSExchangeTransport", "MSExchange Extensibility", "ESE"}[r.IntN(3)], id: r.IntN(65536), level: 2 + r.IntN(3)}
			for range 1 + r.IntN(3) {
				e.text = append(e.text, "Text "+sentence())
			}
			all = append(all, e)
		}
		var want strings.Builder
		for _, e := range all {
			fmt.Fprintf(&want, "%s %s %d %s %q\n", e.at.Format("2006-01-02T15:04:05"), e.source, e.id, strings.ToLower(e.word()), strings.Join(e.text, " "))
		}
		for f, texts := range written(all) {
			for i, text := range texts {
				for _, in := range []string{text, wide(text)} {
					if got := Sniff([]byte(in)); got != f {
						t.Fatalf("%s %d is taken for %q:\n%s", f, i, got, text)
					}
					var got strings.Builder
					for e := range Events(strings.NewReader(in), f, func(p Problem) { t.Errorf("%s %d: %+v\n%s", f, i, p, text) }) {
						if e.Server != "EX19A" && (f != Table || i == 2) {
							t.Errorf("%s %d: server %q", f, i, e.Server)
						}
						e.Server = ""
						got.WriteString(strings.Replace(line(e), ` ""`, "", 1) + "\n")
					}
					same := strings.NewReplacer()
					if f == List {
						same = strings.NewReplacer(" ", "")
					}
					if diff := cmp.Diff(same.Replace(want.String()), same.Replace(got.String())); diff != "" {
						t.Fatalf("%s %d: %s\n%s", f, i, diff, text)
					}
				}
			}
		}
	}
}
