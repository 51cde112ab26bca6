package cmdlet

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// show writes what is read from a text, problems in their place.
func show(r io.Reader, f Format) string {
	var b strings.Builder
	problem := func(p Problem) { fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What) }
	for o := range Objects(r, f, problem) {
		fmt.Fprintf(&b, "%d %s\n", o.Line, o.Type)
		for _, p := range o.Props {
			fmt.Fprintf(&b, "  %s=%q%s%s\n", p.Name, p.Values, map[bool]string{true: " null"}[p.Null], map[bool]string{true: " lost"}[p.Lost])
		}
	}
	return b.String()
}

// lines joins lines.
func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

// wideText is UTF-16 with or without its mark.
func wideText(s string, mark, big bool) string {
	if mark {
		s = "\uFEFF" + s
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		pair := [2]byte{byte(u), byte(u >> 8)}
		if big {
			pair[0], pair[1] = pair[1], pair[0]
		}
		b.Write(pair[:])
	}
	return b.String()
}

type reading struct{ name, in, want string }

// run reads each text at once and byte by byte.
func run(t *testing.T, f Format, tests []reading) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(strings.NewReader(tt.in), f)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.want, show(iotest.OneByteReader(strings.NewReader(tt.in)), f)); diff != "" {
				t.Error("byte by byte:", diff)
			}
		})
	}
}

// The same text in all encodings that Windows writes.
func encodings(in, want string) []reading {
	return []reading{
		{"UTF-8", in, want},
		{"UTF-8 with mark", "\uFEFF" + in, want},
		{"CRLF", strings.ReplaceAll(in, "\n", "\r\n"), want},
		{"UTF-16LE", wideText(in, true, false), want},
		{"UTF-16BE", wideText(in, true, true), want},
		{"UTF-16LE without mark", wideText(in, false, false), want},
		{"UTF-16BE without mark", wideText(in, false, true), want},
		{"ANSI", strings.NewReplacer("ö", "\xF6", "€", "\x80").Replace(in), want},
	}
}

const opening = `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">`

// doc is a document with these elements, each on a line of its own from line 2.
func doc(s ...string) string { return opening + "\n" + lines(s...) + "</Objs>" }

// props is an object with these properties on one line.
func props(s ...string) string {
	return `<Obj RefId="0"><Props>` + strings.Join(s, "") + `</Props></Obj>`
}

func TestCLIXML(t *testing.T) {
	connector := doc(`<Obj RefId="0">`, `<TN RefId="0"><T>Deserialized.Contoso.Data.SendConnector</T><T>System.Object</T></TN>`, `<ToString>Köln €</ToString>`,
		`<Props>`, `<S N="Name">Köln €</S>`, `</Props>`, `</Obj>`)
	run(t, CLIXML, encodings(connector, lines("2 sendconnector", `  Name=["Köln €"]`)))
	run(t, CLIXML, []reading{
		{"nothing in it", doc(), ""},
		{"no file of this kind", "Name,Guid\n", lines("! 1 no <Objs>: not what Export-Clixml writes")},
		{"empty", "", lines("! 1 no <Objs>: not what Export-Clixml writes")},
		{"behind a mark of powershell.exe", "#< CLIXML\r\n" + doc(props(`<S N="a">b</S>`)), lines("3 ", `  a=["b"]`)},
		{"two documents in one file", doc(props(`<S N="a">b</S>`)) + doc(props(`<S N="c">d</S>`)), lines("2 ", `  a=["b"]`, "4 ", `  c=["d"]`)},
		{"scalars", doc(props(`<S N="s">t</S><B N="b">true</B><I32 N="i">-5</I32><Nil N="n" /><S N="e"></S><S N="e2"/><C N="c">65</C><G N="g">0</G><Db N="d">1.5</Db><S N="t">False</S>`)),
			lines("2 ", `  s=["t"]`, `  b=["true"]`, `  i=["-5"]`, `  n=[] null`, `  e=[]`, `  e2=[]`, `  c=["A"]`, `  g=["0"]`, `  d=["1.5"]`, `  t=["false"]`)},
		{"times", doc(props(`<DT N="zone">2021-08-21T10:43:54.25+02:00</DT><DT N="utc">2021-08-21T08:43:54Z</DT><DT N="local">2021-08-21T10:43:54</DT><TS N="span">P2DT1H0.5S</TS><TS N="odd">P1M</TS>`)),
			lines("2 ", `  zone=["2021-08-21T08:43:54.25Z"]`, `  utc=["2021-08-21T08:43:54Z"]`, `  local=["2021-08-21T10:43:54"]`, `  span=["2.01:00:00.5000000"]`, `  odd=["P1M"]`)},
		{"escapes", doc(props(`<S N="a_x0020_b">1_x000D__x000A_2 _xD83D__xDE00_ _x005F_x0041_ _xD83D_ _xZZZZ_ &lt;&amp;&#65;&#x42;&unknown;&gt;<![CDATA[<&lt;>]]></S>`)),
			lines("2 ", `  a b=["1\n2 😀 _x0041_ � _xZZZZ_ <&AB&unknown;><&lt;>"]`)},
		{"comments and instructions", "<?xml version='1.0'?>\n<!-- <Objs> -->" + doc(`<!-- a`, `b -->`+props(`<!-- c --><S N="a"><!-- d -->b<!-- e -->c</S>`)), lines("4 ", `  a=["bc"]`)},
		{"types by reference", doc(`<Obj RefId="0"><TN RefId="0"><T>Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig</T></TN><Props><S N="a">b</S></Props></Obj>`,
			`<Obj RefId="1"><TNRef RefId="0" /><Props><S N="a">c</S></Props></Obj>`), lines("2 sendconnector", `  a=["b"]`, "3 sendconnector", `  a=["c"]`)},
		{"selected", doc(`<Obj RefId="0"><TN RefId="0"><T>Selected.Microsoft.Exchange.Data.Directory.Management.ExchangeServer</T></TN><MS><S N="a">b</S></MS></Obj>`), lines("2 exchangeserver", `  a=["b"]`)},
		{"lists", doc(props(`<Obj N="a" RefId="1"><LST><S>x</S><S>y, z</S><Nil/></LST></Obj><Obj N="e" RefId="2"><LST/></Obj><Obj N="i" RefId="3"><IE><I32>1</I32></IE></Obj><Obj N="n" RefId="4"><STK><Obj RefId="5"><QUE><S>q</S></QUE></Obj></STK></Obj>`)),
			lines("2 ", `  a=["x" "y, z"]`, `  e=[]`, `  i=["1"]`, `  n=["q"]`)},
		{"dictionary", doc(props(`<Obj N="a" RefId="1"><DCT><En><S N="Key">k</S><I32 N="Value">1</I32></En><En><S N="Key">l</S><Nil N="Value"/></En></DCT></Obj>`)), lines("2 ", `  a=["k=1" "l="]`)},
		{"a dictionary exported itself", doc(`<Obj RefId="0"><DCT><En><S N="Key">k</S><I32 N="Value">1</I32></En></DCT></Obj>`), lines("2 ", `  k=["1"]`)},
		{"enumeration", doc(props(`<Obj N="a" RefId="1"><ToString>None</ToString><I32>0</I32></Obj><Obj N="b" RefId="2"><I32>7</I32></Obj>`)), lines("2 ", `  a=["None"]`, `  b=["7"]`)},
		{"directory object", doc(props(`<Obj N="Home" RefId="1"><ToString>EX1</ToString><Props><S N="Rdn">CN=EX1</S><S N="DistinguishedName">CN=EX1,DC=contoso,DC=com</S></Props></Obj>`)),
			lines("2 ", `  Home=["EX1"]`, `  Home.DistinguishedName=["CN=EX1,DC=contoso,DC=com"]`)},
		{"list of directory objects", doc(props(`<Obj N="To" RefId="1"><LST><S>x</S><Obj RefId="2"><ToString>EX1</ToString><Props><S N="DistinguishedName">CN=EX1</S></Props></Obj><S>y</S></LST></Obj>`)),
			lines("2 ", `  To=["x" "EX1" "y"]`, `  To.DistinguishedName=["" "CN=EX1" ""]`)},
		{"object without a text", doc(props(`<Obj N="a" RefId="1"><TN RefId="1"><T>System.X</T></TN><ToString>System.X</ToString><Props><S N="b">c</S><Nil N="d"/><Obj N="e" RefId="2"><Props><S N="deeper">f</S></Props></Obj></Props></Obj>`)),
			lines("2 ", `  a=[]`, `  a.b=["c"]`, `  a.d=[] null`, `  a.e=[]`)},
		{"list of objects without a text", doc(props(`<Obj N="a" RefId="1"><LST><Obj RefId="2"><MS><S N="b">c</S><S N="d">e</S></MS></Obj></LST></Obj>`)), lines("2 ", `  a=["@{b=c; d=e}"]`)},
		{"reference back", doc(props(`<Obj N="a" RefId="7"><LST><S>x</S><S>y</S></LST></Obj><Ref N="b" RefId="7" />`)), lines("2 ", `  a=["x" "y"]`, `  b=["x" "y"]`)},
		{"reference to what encloses it", doc(props(`<Ref N="b" RefId="0" />`)), lines("! 2 refers to an object that encloses it, is too far back or is not there: the value is left out", "2 ", `  b=[] lost`)},
		{"the object once more for .NET", doc(props(`<S N="a">b</S><BA N="SerializationData">AAEA</BA>`)), lines("2 ", `  a=["b"]`)},
		{"a list exported itself", doc(`<Obj RefId="0"><LST>`, props(`<S N="a">b</S>`), props(`<S N="a">c</S>`), `</LST><MS><S N="x">y</S></MS></Obj>`), lines("3 ", `  a=["b"]`, "4 ", `  a=["c"]`)},
		{"progress and texts beside objects", doc(`<Obj S="progress" RefId="0"><MS><S N="a">b</S></MS></Obj>`, `<S>text</S>`, props(`<S N="a">c</S>`)), lines("4 ", `  a=["c"]`)},
		{"the layout of a list", doc(`<Obj RefId="0"><TN RefId="0"><T>Microsoft.PowerShell.Commands.Internal.Format.FormatStartData</T></TN><Props><S N="a">b</S></Props></Obj>`),
			lines("! 2 what Format-List or Format-Table made, not objects: export again without it")},
		{"cut between objects", strings.TrimSuffix(doc(props(`<S N="a">b</S>`)), "</Objs>"), lines("2 ", `  a=["b"]`, "! 3 the file ends here, without </Objs>: what follows is missing")},
		{"cut in an object", opening + "\n" + props(`<S N="a">b</S>`) + "\n<Obj><Props>\n<S N=\"a\">c",
			lines("2 ", `  a=["b"]`, "! 4 the file ends here in the middle of the object that begins on line 3: it and what follows is left out")},
		{"cut in a tag", opening + "\n<Obj><Pro", lines("! 2 the file ends inside of a tag in the middle of the object that begins on line 2: it and what follows is left out")},
		{"cut in a comment", opening + "\n<!-- ", lines("! 2 the file ends inside of a tag, without </Objs>: what follows is missing")},
		{"tags that do not match", doc(props(`<S N="a">b</S>`), `<Obj><Props><S N="a">c</I32></Props></Obj>`, props(`<S N="a">d</S>`)),
			lines("2 ", `  a=["b"]`, "! 3 </I32> instead of </S> in the middle of the object that begins on line 3: it and what follows is left out")},
		{"a document type", `<!DOCTYPE x [<!ENTITY a "b">]>` + doc(props(`<S N="a">&a;</S>`)), lines("! 1 a document type, which no export has, without </Objs>: what follows is missing")},
		{"a bare angle bracket", doc(props(`<S N="a">1 < 2</S>`)), lines("! 2 a tag that is not closed in the middle of the object that begins on line 2: it and what follows is left out")},
		{"a damaged attribute", doc(props(`<S N=a>1</S>`)), lines("! 2 a damaged attribute in the middle of the object that begins on line 2: it and what follows is left out")},
	})
}

func TestCSV(t *testing.T) {
	table := lines(`#TYPE Deserialized.Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig`, `"Name","Enabled","Fqdn"`, `"Köln €","True",`)
	run(t, CSV, encodings(table, lines("3 sendconnector", `  Name=["Köln €"]`, `  Enabled=["true"]`, `  Fqdn=[]`)))
	run(t, CSV, []reading{
		{"empty", "", lines("! 1 no line with the names of the columns: not what Export-Csv writes")},
		{"no type", lines("Name,Guid", "a,b"), lines("2 ", `  Name=["a"]`, `  Guid=["b"]`)},
		{"semicolons", lines(`"Name";"Guid"`, `"a,b";"c"`), lines("2 ", `  Name=["a,b"]`, `  Guid=["c"]`)},
		{"tabs", lines("Name\tGuid", "a;b,c\td"), lines("2 ", `  Name=["a;b,c"]`, `  Guid=["d"]`)},
		{"several lines and quotation marks", lines(`"Name","Comment"`, `"a","b`, ``, `c ""d"""`, `"e","f"`), lines("2 ", `  Name=["a"]`, "  Comment=[\"b\\n\\nc \\\"d\\\"\"]", "5 ", `  Name=["e"]`, `  Comment=["f"]`)},
		{"selected", lines("#TYPE Selected.Microsoft.Exchange.Data.Directory.Management.TransportServer", "Name", "a"), lines("3 transportserver", `  Name=["a"]`)},
		{"made anew", lines("#TYPE System.Management.Automation.PSCustomObject", "Name", "a"), lines("3 ", `  Name=["a"]`)},
		{"types instead of values", lines(`"Name","To","More"`, `a,System.Collections.ArrayList,Microsoft.Exchange.Data.AddressSpace[]`, "b,System.String[],x",
			"c,\"Microsoft.Exchange.Data.MultiValuedProperty`1[[System.String, mscorlib, Version=4.0.0.0]]\",y"),
			lines("! 2 column To holds the name of a type instead of values: export with Export-Clixml", "! 2 column More holds the name of a type instead of values: export with Export-Clixml",
				"2 ", `  Name=["a"]`, `  To=[] null lost`, `  More=[] null lost`, "3 ", `  Name=["b"]`, `  To=[] null lost`, `  More=["x"]`, "4 ", `  Name=["c"]`, `  To=[] null lost`, `  More=["y"]`)},
		{"lists in braces", lines(`"Name","To"`, `a,"{EX1, EX2}"`, `b,"{EX1, EX2...}"`, `c,{}`), lines("2 ", `  Name=["a"]`, `  To=["EX1" "EX2"]`, "3 ", `  Name=["b"]`, `  To=["EX1" "EX2" "..."] lost`, "4 ", `  Name=["c"]`, `  To=[]`)},
		{"two exports in one file", lines("#TYPE A.B", "Name,x", "a,1", "#TYPE A.C", "Name", "b"), lines("3 b", `  Name=["a"]`, `  x=["1"]`, "6 c", `  Name=["b"]`)},
		{"names once more", lines("Name,x", "a,1", "Name,x", "b,2"), lines("2 ", `  Name=["a"]`, `  x=["1"]`, "4 ", `  Name=["b"]`, `  x=["2"]`)},
		{"another number of fields", lines("Name,x", "a", "b,2", "c,3,4"), lines("! 2 1 fields under 2 columns: the object is left out", "3 ", `  Name=["b"]`, `  x=["2"]`, "! 4 3 fields under 2 columns: the object is left out")},
		{"a mark that stays open", lines(`Name,x`, `a,"1`, `b,2`, `c,3`), lines("! 2 a quotation mark is never closed: the object on this line is left out", "3 ", `  Name=["b"]`, `  x=["2"]`, "4 ", `  Name=["c"]`, `  x=["3"]`)},
		{"a mark that was lost", lines(`"Name","x"`, `"a","1`, `"b","2"`, `"c","3"`), lines("! 2 3 fields under 2 columns: the object is left out", "4 ", `  Name=["c"]`, `  x=["3"]`)},
		{"torn", "Name,Cost\na,100\nb,10", lines("2 ", `  Name=["a"]`, `  Cost=["100"]`, "! 3 the file ends inside this line; its value may be cut short", "3 ", `  Name=["b"]`, `  Cost=["10"] lost`)},
		{"no line end, but whole", "Name,Cost\n\"a\",\"100\"", lines("2 ", `  Name=["a"]`, `  Cost=["100"]`)},
		{"a column without a name", lines("Name,,x", "a,b,c"), lines("! 1 a column without a name, or one too many: left out", "2 ", `  Name=["a"]`, `  x=["c"]`)},
		{"names that are never closed", `"Name,x`, lines("! 1 the line with the names of the columns is damaged: nothing can be read")},
	})
}

func TestList(t *testing.T) {
	list := lines("", "[PS] C:\\>Get-SendConnector | fl", "", "", "Name    : Köln €", "Enabled : True", "Fqdn    :", "", "")
	run(t, FL, encodings(list, lines("5 sendconnector", `  Name=["Köln €"]`, `  Enabled=["true"]`, `  Fqdn=[]`)))
	run(t, FL, []reading{
		{"empty", "", ""},
		{"two objects", lines("Name : a", "Cost : 1", "", "Name : b", "Cost : 2"), lines("1 ", `  Name=["a"]`, `  Cost=["1"]`, "4 ", `  Name=["b"]`, `  Cost=["2"]`)},
		{"lists", lines("To    : {EX1, EX2}", "Spaces: x", "", "To : {}", "By : {a, b...}", "Of : {a, b…}", "At : {0.0.0.0-255.255.255.255, ::-ffff:ffff}", "G  : {01234567-89ab-cdef-0123-456789abcdef}"),
			lines("! 2 does not line up with the names above: the object that begins on line 1 is left out", "4 ", `  To=[]`, `  By=["a" "b" "..."] lost`, `  Of=["a" "b" "..."] lost`,
				`  At=["0.0.0.0-255.255.255.255" "::-ffff:ffff"]`, `  G=["{01234567-89ab-cdef-0123-456789abcdef}"]`)},
		{"cut inside of words", lines("Name : a", "DN   : CN=A Very Very Long Name,CN=Connec", "       tions,CN=Routing Groups,DC=example", "       ,DC=com", "To   : x"), lines("1 ", `  Name=["a"]`,
			`  DN=["CN=A Very Very Long Name,CN=Connections,CN=Routing Groups,DC=example,DC=com"]`, `  To=["x"]`)},
		{"cut at blanks", lines("Name : a long line that makes the width", "Auth : Tls, Integrated, BasicAuth,", "       ExchangeServer", "Text : one two three four", "       five"),
			lines("1 ", `  Name=["a long line that makes the width"]`, `  Auth=["Tls, Integrated, BasicAuth, ExchangeServer"]`, `  Text=["one two three four five"]`)},
		{"a blank at the cut", lines("Name : {abcdefghijklmnopqrstuvwxyzabcdefgh,", "        ijk}"), lines("1 ", `  Name=["abcdefghijklmnopqrstuvwxyzabcdefgh" "ijk"]`)},
		{"an empty line in a value", lines("Name : a", "Text : one", "", "       two", "Cost : 1"), lines("1 ", `  Name=["a"]`, `  Text=["one two"]`, `  Cost=["1"]`)},
		{"prompts tell the type", lines("PS C:\\Users\\x> Get-TransportService EX1 | Format-List", "Name : a", "", "[ex1.contoso.com]: PS C:\\> $c | fl", "Name : b", "[PS] C:\\Windows\\system32>Get-MailboxServer | % { Get-Queue } | fl", "Name : c",
			"[PS] C:\\>Get-ReceiveConnector | ? {$_.Server -eq (Get-ExchangeServer)} | fl", "Name : d", "[PS] C:\\>"),
			lines("2 transportserver", `  Name=["a"]`, "5 ", `  Name=["b"]`, "7 queue", `  Name=["c"]`, "9 receiveconnector", `  Name=["d"]`)},
		{"no empty line between objects", lines("Name : a", "Cost : 1", "Name : b", "Cost : 2"), lines("! 3 no empty line before this object", "1 ", `  Name=["a"]`, `  Cost=["1"]`, "3 ", `  Name=["b"]`, `  Cost=["2"]`)},
		{"types instead of values", lines("To : {Microsoft.Exchange.Data.X, Microsoft.Exchange.Data.X}", "By : System.Object[]", "X  : ..."),
			lines("! 1 To holds the name of a type instead of values: export with Export-Clixml", "1 ", `  To=[] null lost`, `  By=[] null lost`, `  X=["..."] lost`)},
		{"damage", lines("Name : a", "wrapped by a mail program", "Cost : 1", "", "Name : b"), lines("! 2 does not line up with the names above: the object that begins on line 1 is left out", "5 ", `  Name=["b"]`)},
		{"words around it", lines("Here it is:", "", "Name : a", "", "Regards, and: thank you", "WARNING: more results are there", "Name : b", "WARNING: odd", "Cost : 1"), lines("3 ", `  Name=["a"]`, "7 ", `  Name=["b"]`, `  Cost=["1"]`)},
		{"moved to the right", lines("    Name : a", "           b", "    Cost : 1"), lines("1 ", `  Name=["a b"]`, `  Cost=["1"]`)},
		{"names that a script gave", lines("Size (MB)  : 1", "Last Error : 421 4.4.2 : x"), lines("1 ", `  Size (MB)=["1"]`, `  Last Error=["421 4.4.2 : x"]`)},
		{"torn", "Name : a\nCost : 10", lines("! 2 the file ends inside this line; its value may be cut short", "1 ", `  Name=["a"]`, `  Cost=["10"] lost`)},
	})
}

func TestReadingStops(t *testing.T) {
	for f, in := range map[Format]string{CLIXML: doc(props(`<S N="a">b</S>`))[:len(opening)+56], CSV: "a,b\n1,2\n", FL: "a : b\n"} {
		r := io.MultiReader(strings.NewReader(in), iotest.ErrReader(errors.New("disk on fire")))
		if got := show(r, f); !strings.Contains(got, "reading stopped: disk on fire") || !strings.Contains(got, "=[") {
			t.Errorf("%s: %s", f, got)
		}
	}
	if got := show(strings.NewReader(""), "pst"); got != "! 1 \"pst\" is no format that can be read\n" {
		t.Error(got)
	}
}

func TestSomeAreEnough(t *testing.T) {
	for f, in := range map[Format]string{CLIXML: doc(props(`<S N="a">b</S>`), `<Obj><LST>`+props(`<S N="a">c</S>`), "<damage"), CSV: "a,b\n1,2\n3\n", FL: "a : b\n\na : b\na :b\n"} {
		for o := range Objects(strings.NewReader(in), f, func(p Problem) { t.Error(f, p) }) {
			if o == nil {
				t.Error(f)
			}
			break
		}
	}
}

func TestObject(t *testing.T) {
	o := &Object{Props: []Prop{{Name: "Name", Values: []string{"a", "b"}}, {Name: "Fqdn", Null: true}, {Name: "To", Lost: true}}}
	if o.Text("NAME") != "a" || len(o.Get("name")) != 2 || !o.Has("fqdn") || o.Text("Fqdn") != "" || o.Get("none") != nil || o.Has("none") || o.Text("none") != "" {
		t.Error(o)
	}
	if !o.Lost("to") || o.Lost("Name") || o.Lost("none") {
		t.Error(o)
	}
}
