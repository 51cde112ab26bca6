package bpa

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

// sample is a data file as the engine's help describes it, made up for these tests.
const sample = `<?xml version="1.0" encoding="utf-8"?>
<ObjectCollector>
  <Configuration ConfigName="Mail Flow Troubleshooter" ConfigVersion="8.0.17.0" StartTime="07/14/2010 09:30:00" Label="queue on EX03A" Completed="OK">
    <Run AppVersion="8.0.535.0" ConfigName="Mail Flow Troubleshooter" StartTime="07/14/2010 09:30:00" EndTime="07/14/2010 09:34:10" Operations="collect,analyze" DC="dc1.contoso.com" Completed="OK">
      <Log Time="09:30:00.120">started</Log>
    </Run>
    <Substitution Name="SERVER">EX03A</Substitution>
  </Configuration>
  <Object Type="Directory" Name="Servers" Class="Server" GroupingClass="True" ProcessTime="31.25">
    <Instance Name="EX03A" Key1="LDAP://dc1.contoso.com">
      <Setting Key1="serialNumber"><Value>Version 6.5 (Build 7638.2: Service Pack 2)</Value></Setting>
      <Object Type="Registry" Name="Queuing">
        <Instance Key1="EX03A" Key2="HKEY_LOCAL_MACHINE" Key3="SYSTEM\CurrentControlSet\Services\SMTPSVC\Queuing">
          <Setting Key1="GlitchRetrySeconds">
            <Value>600</Value>
            <Rule Name="glitch" Pass="True"><Result><Value>7</Value></Result></Rule>
            <Message Name="GlitchRetryChanged" Error="NonDefault" Sev="3" Title="SMTP glitch retry" GUID="5830498c">Glitch retry is 600 &amp; not 60.</Message>
          </Setting>
          <Setting Key1="Unrelated"><Value>1</Value></Setting>
        </Instance>
      </Object>
      <Object Type="Protocol">
        <Instance Key1="ex07a.contoso.com" Key2="TCP" Key3="25">
          <Setting Key1="Connect"><Value>16</Value><Value>220 ex07a.contoso.com ready</Value></Setting>
          <Setting Key1="EHLO ex03a.contoso.com"><Value>21000</Value><Value>Respond = Remote socket is not available</Value></Setting>
        </Instance>
      </Object>
    </Instance>
  </Object>
</ObjectCollector>
`

// show writes what the reader makes of a text, problems first.
func show(r io.Reader) string {
	var b strings.Builder
	doc, err := Read(r, func(p Problem) { fmt.Fprintf(&b, "! %d %s\n", p.Line, p.What) })
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	fmt.Fprintf(&b, "%s|%s|%s objects=%d more=%d\n", doc.ConfigName, doc.ConfigVersion, doc.Label, doc.Objects, doc.More)
	for _, r := range doc.Runs {
		fmt.Fprintf(&b, "run %s|%s|%s-%s|%s|%s|%s\n", r.AppVersion, r.ConfigName, r.Start, r.End, r.Completed, r.Operations, r.DC)
	}
	for _, i := range doc.Issues {
		fmt.Fprintf(&b, "%d issue %s|%s|%s|%s|%s|%s|%s|%s|%s\n", i.Line, i.Name, i.Error, i.Sev, i.Title, i.Text, i.GUID, i.Group, i.Object, i.Setting)
	}
	for _, f := range doc.Facts {
		fmt.Fprintf(&b, "%d fact %s|%s|%s|%s|%q\n", f.Line, f.Group, f.Object, f.Instance, f.Setting, f.Values)
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

func TestSample(t *testing.T) {
	want := lines("Mail Flow Troubleshooter|8.0.17.0|queue on EX03A objects=3 more=0",
		"run 8.0.535.0|Mail Flow Troubleshooter|07/14/2010 09:30:00-07/14/2010 09:34:10|OK|collect,analyze|dc1.contoso.com",
		"17 issue GlitchRetryChanged|NonDefault|3|SMTP glitch retry|Glitch retry is 600 & not 60.|5830498c|Server EX03A|Directory EX03A / Registry Queuing|GlitchRetrySeconds",
		`11 fact Server EX03A|directory|EX03A|serialNumber|["Version 6.5 (Build 7638.2: Service Pack 2)"]`,
		`14 fact Server EX03A|registry|EX03A HKEY_LOCAL_MACHINE SYSTEM\CurrentControlSet\Services\SMTPSVC\Queuing|GlitchRetrySeconds|["600"]`,
		`24 fact Server EX03A|protocol|ex07a.contoso.com TCP 25|Connect|["16" "220 ex07a.contoso.com ready"]`,
		`25 fact Server EX03A|protocol|ex07a.contoso.com TCP 25|EHLO ex03a.contoso.com|["21000" "Respond = Remote socket is not available"]`)
	declared := strings.Replace(sample, "utf-8", "utf-16", 1)
	for name, in := range map[string]string{
		"UTF-8": sample, "UTF-8 with mark": "\uFEFF" + sample, "CRLF": strings.ReplaceAll(sample, "\n", "\r\n"),
		"UTF-16LE": wideText(declared, true, false), "UTF-16BE": wideText(declared, true, true), "UTF-16LE without mark": wideText(declared, false, false),
		"declared UTF-16 and saved as UTF-8": declared, "any root": strings.ReplaceAll(sample, "ObjectCollector", "x:y"),
	} {
		t.Run(name, func(t *testing.T) {
			if !Sniff([]byte(in)[:1200]) {
				t.Error("not recognised")
			}
			if diff := cmp.Diff(want, show(strings.NewReader(in))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want, show(iotest.OneByteReader(strings.NewReader(in)))); diff != "" {
				t.Error("byte by byte:", diff)
			}
		})
	}
}

func TestRead(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"the tool was killed", `<r><Configuration ConfigName="a" ConfigVersion="1.2"><Run StartTime="07/14/2010 09:30:00"></Configuration><Object Type="WMI"/></r>`,
			lines("! 1 the end of <Run> is missing before that of <Configuration>", "a|1.2| objects=1 more=0", "run ||07/14/2010 09:30:00-|||")},
		{"the user stopped it", `<r><Configuration ConfigName="a" StartTime="07/14/2010 09:30:00" Completed="Aborted" Operations="collect"/></r>`,
			lines("a|| objects=0 more=0", "run |a|07/14/2010 09:30:00-|Aborted|collect|")},
		{"two runs", `<r><Configuration StartTime="07/14/2010 09:30:00"><Run StartTime="1" EndTime="2"/><Run StartTime="3" Completed="Failed"/></Configuration></r>`,
			lines("|| objects=0 more=0", "run ||1-2|||", "run ||3-|Failed||")},
		{"cut short in a message", `<r><Object Type="WMI" Name="Queues"><Instance Name="Q"><Setting Key1="State"><Message Name="n" Error="Error">In ret`,
			lines("! 1 the file ends inside of <Message>: what followed is missing", "|| objects=1 more=0", "1 issue n|Error|||In ret|||WMI Q|State")},
		{"cut short in a tag", `<r><Object Type="Port"><Instance Key1="a"><Setting Key1="25" Key2="TCP"><Value>3</Value></Setting><Setting Key1="69`,
			lines("! 1 reading stops here, what follows is left out: XML syntax error on line 1: unexpected EOF", "|| objects=1 more=0", `1 fact |port|a|25 TCP|["3"]`)},
		{"end tags missing", `<r><Object Type="DNS"><Instance Key1="192.0.2.53" Key2="contoso.com"><Setting Key1="MX"><Value>10 mx1.contoso.com</Object><Object Type="If"/></a></r>`,
			lines("! 1 the end of <Value> is missing before that of <Object>", "! 1 an end of <a> without a start", "|| objects=2 more=0", `1 fact |dns|192.0.2.53 contoso.com|MX|["10 mx1.contoso.com"]`)},
		{"asked for and not found", `<r><Object Type="Registry"><Instance Name="p"><Setting Key1="suppressstatechanges"/></Instance></Object></r>`,
			lines("|| objects=1 more=0", "1 fact |registry|p|SuppressStateChanges|[]")},
		{"numbers for names in the metabase", `<r><Object Type="Metabase"><Instance Name="LM/SmtpSvc/1"><Setting Key1="1" Key2="GlitchRetrySeconds"><Message Name="a"/></Setting></Instance></Object></r>`,
			lines("|| objects=1 more=0", "1 issue a|||||||Metabase LM/SmtpSvc/1|GlitchRetrySeconds", "1 fact |metabase|LM/SmtpSvc/1|GlitchRetrySeconds|[]")},
		{"no object around", `<r><Setting Key1="x"><Message Name="n"/></Setting><Message Name="m"/><Object/></r>`, lines("|| objects=1 more=0", "1 issue n||||||||x", "1 issue m||||||||")},
		{"a setting with a name to show only", `<r><Object Type="WMI"><Instance><Setting DisplayName="SerialNumber"><Message Name="n"/></Setting></Instance></Object></r>`,
			lines("|| objects=1 more=0", "1 issue n|||||||WMI|SerialNumber", "1 fact |wmi||serialNumber|[]")},
		{"the same name elsewhere", `<r><Object Type="File"><Instance Name="f"><Setting Key1="serialNumber"><Value>1</Value></Setting></Instance></Object></r>`, "|| objects=1 more=0\n"},
		{"unknown elements and attributes", `<r><New A="1"><Object Type="AD" Odd="1"><Odd><Instance Name="i"><Setting Key1="serialNumber" B='2'><Value>a<b>c</b>d</Value></Setting></Instance></Odd></Object></New></r>`,
			lines("|| objects=1 more=0", `1 fact |directory|i|serialNumber|["ad"]`)},
		{"groups", `<r><Object Class="Org" GroupingClass="True" Type="Directory"><Instance Name="Contoso"><Object Type="Group"><Instance Name="g"><Message Name="a"/><Object Class="Queue" GroupingClass="true" Type="WMI" Name="q"><Message Name="b"/>` +
			`<Instance Name="1"><Message Name="c"/></Instance><Instance Name="2"><Message Name="d"/></Instance></Object></Instance></Object></Instance></Object></r>`,
			lines("|| objects=3 more=0", "1 issue a||||||Org Contoso|Directory Contoso / Group g|", "1 issue b||||||Queue|Directory Contoso / Group g / WMI q|",
				"1 issue c||||||Queue 1|Directory Contoso / Group g / WMI 1|", "1 issue d||||||Queue 2|Directory Contoso / Group g / WMI 2|")},
		{"half a character in UTF-16", wideText("<r><Object Type='Port'><Instance Name='", true, false) + "\x00\xd8" + wideText("𝄞'><Setting Key1='1'/></Instance></Object></r>", false, false),
			lines("|| objects=1 more=0", "1 fact |port|\uFFFD𝄞|1|[]")},
		{"characters that XML does not have", "<r><Object Type='Port'><Instance Name='\x01&#x1;'><Setting Key1='25'><Value>&#xFFFF;\x00\xff&#65;&#x41;&lt;&odd;</Value></Setting></Instance></Object></r>",
			lines("|| objects=1 more=0", "1 fact |port|\uFFFD\uFFFD|25|[\"\uFFFD\uFFFD\uFFFDAA<&odd;\"]")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(strings.NewReader(tt.in))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.want, show(iotest.OneByteReader(strings.NewReader(tt.in)))); diff != "" {
				t.Error("byte by byte:", diff)
			}
		})
	}
}

// Nothing of a password, or of what the file marks as not for export, is kept.
func TestSecretsAreNotKept(t *testing.T) {
	const secret = "hunter2"
	around := func(s string) string {
		return `<r><Object Type="Protocol"><Instance Key1="mail.contoso.com">` + s + `</Instance></Object></r>`
	}
	tests := []struct{ name, in string }{
		{"not for export", around(`<Setting Key1="Connect" NotForExport="True"><Value>` + secret + `</Value><Message Name="n" Error="Error" Title="is ` + secret + `">is ` + secret + `</Message></Setting>`)},
		{"an instance that is not for export", strings.Replace(around(`<Setting Key1="Connect"><Value>`+secret+`</Value><Message>`+secret+`</Message></Setting>`), "<Instance", `<Instance NotForExport="true"`, 1)},
		{"named a password", around(`<Setting Key1="Connect" DisplayName="Anonymous Password"><Value>` + secret + `</Value><Message>` + secret + `</Message></Setting>`)},
		{"in a command", around(`<Setting Key1="AUTH PLAIN ` + secret + `"><Value>5</Value><Value>235 ok</Value><Message Name="n"/></Setting>`)},
		{"as a command", around(`<Setting Key1="` + secret + `"><Value>5</Value><Value>235 ok</Value><Message Name="n"/></Setting>`)},
	}
	for _, tt := range tests {
		if got := show(strings.NewReader(tt.in)); strings.Contains(got, secret) {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
	doc, _ := Read(strings.NewReader(tests[0].in), nil)
	if len(doc.Facts) != 0 || len(doc.Issues) != 1 || doc.Issues[0].Text != Withheld || doc.Issues[0].Error != "Error" {
		t.Errorf("%+v", doc)
	}
}

// A file can be analysed again, or have a second head.
func TestOneHead(t *testing.T) {
	in := `<r><Configuration ConfigName="a" Label="one"/><Configuration ConfigName="b" Label="two"/>` + strings.Repeat(`<Run StartTime="1"/>`, maxRuns+1) + `</r>`
	problems := 0
	doc, err := Read(strings.NewReader(in), func(Problem) { problems++ })
	if err != nil || doc.Label != "one" || len(doc.Runs) != maxRuns || problems != 1 {
		t.Error(err, doc.Label, len(doc.Runs), problems)
	}
}

func TestErrors(t *testing.T) {
	for _, in := range []string{"", "words", "<html><body>Object</body></html>", "<r><Configuration/></r>"} {
		if _, err := Read(strings.NewReader(in), nil); !errors.Is(err, errForeign) {
			t.Errorf("%q: %v", in, err)
		}
	}
	gone := errors.New("the disk is gone")
	doc, err := Read(io.MultiReader(strings.NewReader(sample[:len(sample)/2]), iotest.ErrReader(gone)), nil)
	if !errors.Is(err, gone) || !strings.Contains(err.Error(), "on line 1") || doc.Objects == 0 {
		t.Error(err, doc.Objects)
	}
}

func TestSniff(t *testing.T) {
	tests := []struct {
		head string
		want bool
	}{
		{`<x><Configuration ConfigVersion="1.1.2.3" StartTime="07/14/2010 09:30:00"`, false}, // the tag is cut off
		{`<x><Configuration ConfigVersion="1.1.2.3" StartTime="07/14/2010 09:30:00">`, true},
		{`<x><Configuration ConfigVersion="1.1.2.3"><Run AppVersion="2.8" StartTime="07.14.2010 09:30:00">`, true},
		{`<!-- a note --><x><Object Type="Directory"><Instance Name="a">`, true},
		{`<x><Configuration ConfigName="rules" ConfigVersion="1.1.2.3"><Object Type="Directory"><Setting Key1="a">`, false},
		{`<x><Run ConfigVersion="1.1" StartTime="2010-07-14T09:30:00Z">`, false},
		{`<Objects><Object Type="System.String"><Property Name="a">`, false},
		{`words <Object Type="a"><Instance>`, false},
		{"", false}, {"dn: DC=x\n", false}, {"<html><body>", false},
	}
	for _, tt := range tests {
		if got := Sniff([]byte(tt.head)); got != tt.want {
			t.Errorf("%q: %v", tt.head, got)
		}
	}
}

func TestBounds(t *testing.T) {
	big := strings.Repeat("ä", maxText/2+1)
	doc, _ := Read(strings.NewReader(`<r><Object Type="Port"><Instance Name="a"><Setting Key1="25">`+strings.Repeat("<Value>"+big+"</Value>", maxValues+2)+
		`</Setting></Instance></Object></r>`), nil)
	if f := doc.Facts[0]; len(f.Values) != maxValues || f.Values[0] != big[:maxText] {
		t.Error(len(f.Values), "values of", len(f.Values[0]), "bytes")
	}
	doc, _ = Read(strings.NewReader("<r><Object>"+strings.Repeat("<Message/>", maxIssues+7)+"</Object></r>"), nil)
	if len(doc.Issues) != maxIssues || doc.More != 7 {
		t.Error(len(doc.Issues), "issues and", doc.More)
	}
	wide := strings.Repeat("x", maxText) // as a heading and as a path each issue costs it twice
	doc, _ = Read(strings.NewReader(`<r><Object Type="`+wide+`" Class="`+wide+`" GroupingClass="True">`+strings.Repeat("<Message/>", maxKept/maxText/2+3)+"</Object></r>"), nil)
	if len(doc.Issues) != maxKept/maxText/2 || doc.More != 3 {
		t.Error(len(doc.Issues), "large issues and", doc.More)
	}
	problems := 0
	setting := `<Setting Key1="25"/>`
	doc, _ = Read(strings.NewReader(`<r><Object Type="Port">`+strings.Repeat(setting, maxFacts+2)+"</Object></r>"), func(Problem) { problems++ })
	if len(doc.Facts) != maxFacts || problems != 2 {
		t.Error(len(doc.Facts), "facts", problems, "problems")
	}
	var last Problem
	n := 0
	_, _ = Read(strings.NewReader("<r>"+strings.Repeat("</x>", 5000)), func(p Problem) { last, n = p, n+1 })
	if want := (Problem{1, "4001 more problems up to here are not listed"}); last != want || n != maxProblems+1 {
		t.Error(last, n)
	}
	deep := strings.Repeat("<Object>", 10_000)
	if got := show(strings.NewReader("<r>" + deep + strings.Repeat("</Object>", 10_000) + "<Object/></r>")); got != lines("! 1 elements more than 64 deep: left out", "|| objects=64 more=0") {
		t.Error(got)
	}
	if got := show(strings.NewReader("<r><Object/><!--" + strings.Repeat("-x", maxToken/2) + "--></r>")); !strings.HasPrefix(got, "! 1 reading stops here, what follows is left out: a tag, text or comment larger than 4 MiB\n") {
		t.Error(got)
	}
}
