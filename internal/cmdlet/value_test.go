package cmdlet

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSize(t *testing.T) {
	tests := []struct {
		in        string
		bytes     int64
		unlimited bool
		ok        bool
	}{
		{"35 MB (36,700,160 bytes)", 36700160, false, true},
		{"35 MB (36.700.160 bytes)", 36700160, false, true},
		{"35 MB (36\u00A0700\u00A0160 bytes)", 36700160, false, true},
		{"35 MB (36\u202F700\u202F160 bytes)", 36700160, false, true},
		{"35 MB (36'700'160 bytes)", 36700160, false, true},
		{"1.5 GB (1,610,612,736 bytes)", 1610612736, false, true},
		{"0 B (0 bytes)", 0, false, true},
		{"1 B (1 byte)", 1, false, true},
		{"Unlimited", 0, true, true},
		{" unlimited ", 0, true, true},
		{"10240KB", 10240 << 10, false, true},
		{"10MB", 10 << 20, false, true},
		{"10 mb", 10 << 20, false, true},
		{"1.5GB", 3 << 29, false, true},
		{"1,5 GB", 3 << 29, false, true},
		{"1,024,000 KB", 1024000 << 10, false, true},
		{"512B", 512, false, true},
		{"36700160", 36700160, false, true},
		{"1.024 KB", 0, false, false}, // one KB or a thousand
		{"35 MB (36,70,160 bytes)", 0, false, false},
		{"35 MB (36,700,160 bytes", 0, false, false},
		{"35 MB (bytes)", 0, false, false},
		{"35 MB (-1 bytes)", 0, false, false},
		{"35 MB (36x700 bytes)", 0, false, false},
		{"35 MB (9,999,999,999,999,999,999 bytes)", 0, false, false},
		{"9223372036854775807TB", 0, false, false},
		{"99999999.5TB", 0, false, false},
		{"-1", 0, false, false},
		{"10 PB", 0, false, false},
		{"MB", 0, false, false},
		{".5MB", 0, false, false},
		{"5.MB", 0, false, false},
		{"5:5MB", 0, false, false},
		{"1 2", 0, false, false},
		{"", 0, false, false},
		{"...", 0, false, false},
	}
	for _, tt := range tests {
		if n, u, ok := Size(tt.in); n != tt.bytes || u != tt.unlimited || ok != tt.ok {
			t.Errorf("%q: %d %v %v", tt.in, n, u, ok)
		}
	}
}

func TestDuration(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"00:10:00", 10 * time.Minute, true},
		{"2.00:00:00", 2 * day, true},
		{"00:00:30.5", 30*time.Second + 500*time.Millisecond, true},
		{"00:00:30.1234567", 30*time.Second + 123456700, true},
		{"-1.02:03:04", -(day + 2*time.Hour + 3*time.Minute + 4*time.Second), true},
		{" 1:02:03 ", time.Hour + 2*time.Minute + 3*time.Second, true},
		{"PT10M", 10 * time.Minute, true},
		{"PT5M30.25S", 5*time.Minute + 30*time.Second + 250*time.Millisecond, true},
		{"P2DT1H", 2*day + time.Hour, true},
		{"P2D", 2 * day, true},
		{"-PT1S", -time.Second, true},
		{"PT0S", 0, true},
		{"PT90M", 90 * time.Minute, true},
		{"P1M", 0, false}, // of how many days
		{"P1Y", 0, false},
		{"P", 0, false}, {"PT", 0, false}, {"P1DT", 0, false}, {"PT1", 0, false}, {"PT1M1H", 0, false}, {"PT1.5M", 0, false}, {"PTS", 0, false},
		{"00:10", 0, false}, {"24:00:00", 0, false}, {"00:60:00", 0, false}, {"00:00:60", 0, false}, {"00:00:00.", 0, false}, {"00:00:-1", 0, false}, {"+1:00:00", 0, false},
		{"999999.00:00:00", 0, false}, // .NET has room for it
		{"99999999999.00:00:00", 0, false},
		{"10", 0, false}, {"Unlimited", 0, false}, {"", 0, false}, {"a:b:c", 0, false},
	}
	for _, tt := range tests {
		if d, ok := Duration(tt.in); d != tt.want || ok != tt.ok {
			t.Errorf("%q: %v %v", tt.in, d, ok)
		}
	}
}

func TestBool(t *testing.T) {
	for in, want := range map[string]bool{"True": true, "true": true, "$true": true, " TRUE ": true, "False": false, "$False": false} {
		if v, ok := Bool(in); !ok || v != want {
			t.Errorf("%q: %v %v", in, v, ok)
		}
	}
	for _, in := range []string{"", "1", "0", "yes", "$", "$$true", "truee"} {
		if v, ok := Bool(in); v || ok {
			t.Errorf("%q: %v %v", in, v, ok)
		}
	}
}

func TestItems(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"{}", nil},
		{"{a}", []string{"a"}},
		{"{a, b, c}", []string{"a", "b", "c"}},
		{"{a,b}", []string{"a,b"}},
		{"{a, b...}", []string{"a", "b", more}},
		{"{a, b, ...}", []string{"a", "b", more}},
		{"{a, b…}", []string{"a", "b", more}},
		{"{...}", []string{more}},
		{"{SMTP:*;1, SMTP:example.com;5}", []string{"SMTP:*;1", "SMTP:example.com;5"}},
		{"{CN=a,DC=b, CN=c,DC=b}", []string{"CN=a,DC=b", "CN=c,DC=b"}},
		{"{CN=a, OU=b, C=US, CN=c, O=d}", []string{"CN=a, OU=b, C=US", "CN=c, O=d"}},
		{`{Smith\, John, Doe}`, []string{`Smith\, John`, "Doe"}},
		{`{"a, b", c}`, []string{`"a, b"`, "c"}},
		{"{[k, v], [l, w]}", []string{"[k, v]", "[l, w]"}},
		{"{(a, b}", []string{"(a", "b"}},
		{"{b), c}", []string{"b)", "c"}},
		{"a,b", []string{"a", "b"}},
		{"a, b,c", []string{"a", "b,c"}},
		{"Tls, Integrated", []string{"Tls", "Integrated"}},
		{"CN=a,OU=b,DC=c", []string{"CN=a,OU=b,DC=c"}},
		{"plain", []string{"plain"}},
		{"{01234567-89ab-cdef-0123-456789abcdef}", []string{"{01234567-89ab-cdef-0123-456789abcdef}"}},
		{"", []string{""}},
	}
	for _, tt := range tests {
		got := List([]string{tt.in})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: %s", tt.in, diff)
		}
		if short := strings.HasSuffix(tt.in, "...}") || strings.HasSuffix(tt.in, "…}"); Truncated([]string{tt.in}) != short || Truncated(got) != short {
			t.Errorf("%q: cut short: %v", tt.in, !short)
		}
	}
	if got := List([]string{"a, b", "c"}); len(got) != 2 || List(nil) != nil || Truncated(nil) || Truncated([]string{"to be continued..."}) {
		t.Error(got)
	}
}

func TestSniff(t *testing.T) {
	table := "\"Name\",\"SmartHosts\"\r\n\"a\",\"b\"\r\n"
	list := "\r\n\r\nName          : a\r\nAddressSpaces : {SMTP:*;1}\r\n"
	tests := []struct {
		name, in string
		want     Format
	}{
		{"clixml", doc(), CLIXML},
		{"clixml with all in front", "\uFEFF\r\n<?xml version=\"1.0\"?>\n<!-- x --><Objs>", CLIXML},
		{"clixml of powershell.exe", "#< CLIXML\r\n" + opening, CLIXML},
		{"clixml in UTF-16", wideText(doc(), true, false), CLIXML},
		{"another XML", `<?xml version="1.0"?><Objects>`, ""},
		{"HTML that speaks of it", "<html><Objs>", ""},
		{"an open comment", "<!-- <Objs>", ""},
		{"csv", table, CSV},
		{"csv in UTF-16 without mark", wideText(table, false, false), CSV},
		{"csv big-endian", wideText(table, true, true), CSV},
		{"csv in ANSI", "\"Name\";\"Smarthosts\";\"Gr\xF6\xDFe\"\r\n", CSV},
		{"csv with its type", "#TYPE Microsoft.Exchange.Data.X\r\n\"a\",\"b\"\r\n", CSV},
		{"a table of anything", "Name,Cost,Comment\r\n", ""},
		{"csvde", "DN,objectClass,Name,adminDisplayName\r\n", ""},
		{"a tracking log", "#Software: Microsoft Exchange Server\r\n#Fields: date-time,client-ip\r\n", ""},
		{"tracking events", "\"PSComputerName\",\"RunspaceId\",\"Timestamp\",\"EventId\",\"MessageId\",\"Identity\"\r\n", CSV},
		{"tracking events of a selection", "Timestamp,EventId,MessageId\r\n", CSV},
		{"a message trace", "\"MessageTraceId\",\"Received\",\"MessageId\",\"Status\"\r\n", CSV},
		{"a report of Exchange Online", wideText("origin_timestamp_utc,sender_address,recipient_status,message_subject,message_id\r\n", true, false), CSV},
		{"a table with one such column", "Timestamp,EventId,Computer\r\n", ""},
		{"a list of tracking events", "Timestamp         : 1/5/2026 10:00:00 AM\r\nInternalMessageId : 5\r\n", FL},
		{"a list of Queue Viewer", "Next Hop Domain\tDelivery Type\tStatus\tMessage Count\r\n", CSV},
		{"queues of Exchange 2000", wideText("Name\tConnection State\tTotal # of Msgs\tTime of Next Connection Retry\r\n", true, false), CSV},
		{"messages in Queue Viewer", "From Address,Status,Received Time,Queue ID,Subject\r\n", CSV},
		{"a table with one such title", "Name,Message Count\r\n", ""},
		{"a comment", "#TYPE\r\n", ""},
		{"ldif", "dn: CN=a\r\nname: a\r\n", ""},
		{"list", list, FL},
		{"list in UTF-16", wideText(list, true, false), FL},
		{"list below a prompt", "[PS] C:\\>Get-X | fl\r\n\r\nName : a\r\nCost : 1\r\n", FL},
		{"list below words", "Hello, here it is:\r\n\r\n" + list, FL},
		{"list whose values go on", "Identity : a\r\nSmartHosts    : {b,\r\n                c}\r\nAddressSpaces : x\r\n", FL},
		{"colons that do not line up", "Name : a\r\nAddressSpaces : b\r\n", ""},
		{"a list of anything", "Name : a\r\nCost : 1\r\n", ""},
		{"a mail", "From: a@example.com\r\nSubject: AddressSpaces : x\r\n", ""},
		{"empty", "", ""},
		{"binary", "\x00\x00\x00\x01\xFF", ""},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.in)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTypeNames(t *testing.T) {
	for class, want := range map[string]string{
		"Microsoft.Exchange.Data.Directory.SystemConfiguration.ReceiveConnector":                        "receiveconnector",
		"Deserialized.Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig":    "sendconnector",
		"Selected.System.Management.Automation.PSCustomObject":                                          "",
		"Microsoft.Exchange.Data.Directory.Management.TransportServer":                                  "transportserver",
		"Microsoft.Exchange.Data.MultiValuedProperty`1[[System.String, mscorlib, Version=4.0.0.0]]":     "multivaluedproperty",
		"Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig+AuthMechanisms ": "authmechanisms",
		"": "",
	} {
		if got := typeName(class); got != want {
			t.Errorf("%s: %q, want %q", class, got, want)
		}
	}
	for _, text := range []string{"System.Mailbox", "Microsoft Exchange", "Microsoft.Exchange.Store", "System", "a System.String[]", "", "System.Collections/x", "Microsoft.Exchange.Data@example.com"} {
		if isClass(text) {
			t.Errorf("%q is no class", text)
		}
	}
}

// What goes over a bound is left out and said so; what is beside it stays.
func TestBounds(t *testing.T) {
	big := strings.Repeat("x", maxObject)
	many := strings.Repeat("<S>v</S>", maxValues+1)
	columns := strings.Repeat("a,", maxProps+1)
	deep := strings.Repeat(`<Obj N="a"><Props>`, maxDepth+3) + `<S N="a">v</S>` + strings.Repeat("</Props></Obj>", maxDepth+3)
	tests := []struct {
		name string
		f    Format
		in   string
		want string
	}{
		{"a long text", CLIXML, doc(props(`<S N="a">`+big+`</S>`), props(`<S N="b">c</S>`)), lines("! 2 an object with a text longer than 4 MiB: left out", "3 ", `  b=["c"]`)},
		{"long texts", CLIXML, doc(props(strings.Repeat(`<S N="a">`+big[:1<<20]+`</S>`, 5)), props(`<S N="b">c</S>`)), lines("! 2 an object with more than 4 MiB: left out", "3 ", `  b=["c"]`)},
		{"many properties", CLIXML, doc(props(strings.Repeat(`<S N="a">b</S>`, maxProps+1)), props(`<S N="b">c</S>`)), lines("! 2 an object with more than 2000 properties: left out", "3 ", `  b=["c"]`)},
		{"deep", CLIXML, doc(props(deep), props(`<S N="b">c</S>`)), lines("! 2 more than 32 objects inside of each other: the inner ones are left out", "2 ", `  a=[]`, `  a.a=[]`, "3 ", `  b=["c"]`)},
		{"a long line in a table", CSV, lines("a,b", "1,"+big, "2,3"), lines("! 2 longer than 4 MiB: left out", "3 ", `  a=["2"]`, `  b=["3"]`)},
		{"a long value of many lines", CSV, lines("a,b", `1,"`+strings.Repeat("x\n", maxRow), "2,3"), "! 2 a quotation mark is never closed"},
		{"many columns", CSV, lines(columns, columns), "! 1 a column without a name, or one too many"},
		{"a long line in a list", FL, lines("a : 1", "", "b : "+big, "", "c : 2"), lines("! 3 a line longer than 4 MiB: left out", "1 ", `  a=["1"]`, "5 ", `  c=["2"]`)},
		{"a long object in a list", FL, lines("a : 1", strings.Repeat("    x\n", 1<<18)+"b : 2", "", "c : 2"), lines("! 1 an object with more than 4 MiB: left out", strconv.Itoa(1<<18+4)+" ", `  c=["2"]`)},
	}
	for _, tt := range tests {
		if got := show(strings.NewReader(tt.in), tt.f); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %.300s\nwant %s", tt.name, got, tt.want)
		}
	}
	n, said := 0, 0
	for o := range Objects(strings.NewReader(doc(props(`<Obj N="a"><LST>`+many+`</LST></Obj>`))), CLIXML, func(Problem) { said++ }) {
		if n = len(o.Get("a")); !o.Lost("a") {
			t.Error("not said to be cut short")
		}
	}
	if n != maxValues || said != 1 {
		t.Errorf("%d values, %d problems", n, said)
	}
}

// A file of another kind has a problem on every line; not all of them are told.
func TestManyProblems(t *testing.T) {
	last, n := Problem{}, 0
	for range Objects(strings.NewReader("a,b\n"+strings.Repeat("x\n", 3000)), CSV, func(p Problem) { last, n = p, n+1 }) {
	}
	if n != maxProblems+1 || last != (Problem{3001, "2000 more problems up to here are not listed"}) {
		t.Error(n, last)
	}
}
