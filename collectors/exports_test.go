package collectors

import (
	"strings"
	"testing"

	"mailflow/diag"
	"mailflow/evidence"
)

// What each format looks like, in a file whose name says nothing of it.
func samples() map[string]string {
	return map[string]string{
		formatLDIF:  export,
		formatCSVDE: "DN,objectClass,cn\r\n\"" + connectorDN + "\",msExchRoutingGroupConnector,A to B\r\n",
		formatCLIXML: `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0"><T>Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig</T><T>System.Object</T></TN>
    <Props>
      <S N="Name">To the internet</S>
      <B N="Enabled">true</B>
      <S N="Comment">of no interest</S>
      <Obj N="SmartHosts" RefId="1"><LST><S>relay.example.com</S></LST></Obj>
    </Props>
  </Obj>
</Objs>`,
		formatCSV: "#TYPE Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig\r\n" +
			"\"Name\",\"Enabled\",\"SmartHosts\",\"DNSRoutingEnabled\",\"AddressSpaces\"\r\n\"To the internet\",\"True\",\"relay.example.com\",\"False\",\"SMTP:*;1\"\r\n",
		formatList: "\r\n\r\nName              : To the internet\r\nEnabled           : True\r\nSmartHosts        : {relay.example.com}\r\n" +
			"DNSRoutingEnabled : False\r\nAddressSpaces     : {SMTP:*;1}\r\n\r\n\r\n",
		formatRegistry: "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\RESvc\\Parameters]\r\n\"SuppressStateChanges\"=dword:00000001\r\n\r\n" +
			"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Dnscache]\r\n\"Start\"=dword:00000002\r\n",
		formatBPA: `<?xml version="1.0" encoding="utf-8"?>
<ObjectCollector><Configuration ConfigName="ExBPA" ConfigVersion="2.8.7.1" StartTime="03/14/2008 09:30:00" Label="before the move">
<Run StartTime="03/14/2008 09:30:00" Operations="collect,analyze" Completed="OK"/></Configuration>
<Object Type="Directory"><Instance Name="EX03A"><Setting Key1="x"><Message Name="fSmtpSmartHost" Error="Warning" Title="Smart host set on the SMTP virtual server">The SMTP virtual server has a smart host.</Message>
<Message Name="fPagefile" Error="Warning" Title="Page file is small">The page file is small.</Message></Setting></Instance></Object></ObjectCollector>`,
	}
}

// TestFormatsByContent: each format is known by what it says, plain, as UTF-16,
// in an archive and compressed; and by nothing else.
func TestFormatsByContent(t *testing.T) {
	for format, text := range samples() {
		for how, c := range map[string]struct{ content []byte }{
			"plain":         {[]byte(text)},
			"wide":          {wideText(strings.Replace(text, "utf-8", "utf-16", 1))},
			"in an archive": {zipped(t, part{"a/holiday.jpg", []byte(text)})},
			"compressed":    {gzipped(t, []byte(text))},
		} {
			found := walked(t.Context(), worldOf(map[string][]byte{"holiday.jpg": c.content}), "holiday.jpg")
			if last := found[len(found)-1]; last.Format != format || last.Unread != "" {
				t.Errorf("%s, %s: %s", format, how, told(found))
			}
		}
	}
	for name, text := range map[string]string{
		"a log":     "#Software: Microsoft Internet Information Services 6.0\n#Fields: date time c-ip\n",
		"a table":   "Name,Amount\nBob,3\n",
		"a letter":  "Subject: why is it late\nDate: today\n\nPlease look.\n",
		"a page":    "<html><body>Microsoft Exchange</body></html>",
		"a picture": "\x89PNG\r\n\x1a\n\x00\x00",
		"rules":     `<?xml version="1.0"?><ObjectCollector><Configuration><Rule Name="x"/></Configuration></ObjectCollector>`,
	} {
		if found := walked(t.Context(), worldOf(map[string][]byte{"x": []byte(text)}), "x"); found[0].Format != "" || found[0].Unread == "" {
			t.Errorf("%s is taken for %s", name, told(found))
		}
	}
}

// allIn is one archive with a file of each format.
func allIn(t *testing.T) map[string][]byte {
	var parts []part
	for _, format := range []string{formatLDIF, formatCLIXML, formatCSV, formatList, formatRegistry, formatBPA} {
		parts = append(parts, part{format + "/x", []byte(samples()[format])})
	}
	return map[string][]byte{"case.zip": zipped(t, parts...)}
}

func TestExportsInAnArchive(t *testing.T) {
	named := allIn(t)
	r := reported(t, worldOf(named), evidenceOf(named), evidence.OrgEntries, evidence.OrgCmdlets, evidence.OrgRegistry, evidence.BPAReports, evidence.Organization)
	if gaps := gapsOf(r); gaps != "" {
		t.Error(gaps)
	}
	d, _ := diag.Value(r, evidence.OrgEntries)
	if len(d.Entries) != 1 || d.Exports[0].Path != "case.zip//LDIF/x" {
		t.Errorf("%+v", d)
	}
	registry, _ := diag.Value(r, evidence.OrgRegistry)
	set := registry.Suppressed()
	if len(registry.Values) != 2 || len(set) != 1 || !set[0].Set || set[0].Value != 1 || registry.Exports[0].Objects != 4 {
		t.Errorf("%+v", registry)
	}
	o, _ := diag.Value(r, evidence.Organization)
	if len(o.Connectors) < 2 {
		t.Errorf("%+v", o.Connectors)
	}
}

func TestCmdletExports(t *testing.T) {
	named := allIn(t)
	r := reported(t, worldOf(named), evidenceOf(named), evidence.OrgCmdlets)
	c, _ := diag.Value(r, evidence.OrgCmdlets)
	if len(c.Objects) != 3 || len(c.Exports) != 3 {
		t.Fatalf("%+v", c)
	}
	for _, o := range c.Objects {
		props := map[string]string{}
		for _, p := range o.Props {
			props[strings.ToLower(p.Name)] = strings.Join(p.Values, "|")
		}
		if o.Type != "sendconnector" || props["name"] != "To the internet" || props["smarthosts"] != "relay.example.com" || o.Line == 0 {
			t.Errorf("%s: %+v", c.Exports[o.Export].Path, o)
		}
		if _, kept := props["comment"]; kept {
			t.Errorf("%s: a comment was kept", c.Exports[o.Export].Path)
		}
	}
}

// What the cmdlets say is bounded, and what an export cut off is marked as such.
func TestCmdletExportsAreBounded(t *testing.T) {
	long := strings.Repeat("x", maxBytesOfValue+1)
	list := "Name              : A\r\nAddressSpaces     : {SMTP:a;1, SMTP:b;1, SMTP:c;1, SMTP:d;1...}\r\nDNSRoutingEnabled : True\r\nSmartHosts        : " + long + "\r\n\r\n" +
		"Name           : neither\r\nMaxMessageSize : 10 MB (10,485,760 bytes)\r\nRunspaceId     : 1\r\n\r\n"
	named := map[string][]byte{"fl.txt": []byte(list)}
	r := reported(t, worldOf(named), evidenceOf(named), evidence.OrgCmdlets)
	c, _ := diag.Value(r, evidence.OrgCmdlets)
	if len(c.Objects) != 1 || c.Exports[0].Objects != 2 {
		t.Fatalf("%+v", c)
	}
	if cut := strings.Join(c.Objects[0].Cut, " "); cut != "AddressSpaces SmartHosts" {
		t.Errorf("cut are %q", cut)
	}
	if p := c.Exports[0].Problems; len(p) < 2 || !strings.Contains(p[len(p)-1].Text, "which cmdlet") || p[len(p)-1].Line == 0 {
		t.Errorf("%+v", p)
	}
}

// A key that an export need not show with all its values does not say that one
// of them is not set.
func TestRegistryExports(t *testing.T) {
	const key = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\RESvc\\Parameters"
	for name, c := range map[string]struct {
		text          string
		exported, set int
	}{
		"exported and set":     {"REGEDIT4\r\n\r\n[" + key + "]\r\n\"SuppressStateChanges\"=dword:00000001\r\n", 1, 1},
		"exported and not set": {"REGEDIT4\r\n\r\n[" + key + "]\r\n\"Other\"=dword:00000001\r\n", 1, 0},
		"another one asked":    {"\r\n" + key + "\r\n    Other    REG_DWORD    0x1\r\n\r\n", 0, 0},
		"only this one asked":  {"\r\n" + key + "\r\n    SuppressStateChanges    REG_DWORD    0x1\r\n\r\n", 1, 1},
		"printed as a subkey":  {"\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\RESvc\r\n    Start    REG_DWORD    0x2\r\n    Type    REG_DWORD    0x10\r\n\r\n" + key + "\r\n", 0, 0},
	} {
		named := map[string][]byte{"x": []byte(c.text)}
		r := reported(t, worldOf(named), evidenceOf(named), evidence.OrgRegistry)
		registry, _ := diag.Value(r, evidence.OrgRegistry)
		exported, set := 0, 0
		for _, s := range registry.Suppressed() {
			exported++
			if s.Set {
				set++
			}
		}
		if exported != c.exported || set != c.set {
			t.Errorf("%s: exported %d, set %d of %+v", name, exported, set, registry.Values)
		}
	}
}

func TestEarlierAnalyses(t *testing.T) {
	named := map[string][]byte{"x": []byte(samples()[formatBPA]), "half": []byte(samples()[formatBPA][:600])}
	r := reported(t, worldOf(named), evidenceOf(named), evidence.BPAReports)
	all, _ := diag.Value(r, evidence.BPAReports)
	if len(all) != 2 {
		t.Fatalf("%+v; %s", all, gapsOf(r))
	}
	half, whole := all[0], all[1]
	if whole.Tool != "ExBPA 2.8.7.1" || whole.Label != "before the move" || whole.Began != "03/14/2008 09:30:00" || whole.Done != "OK" || len(whole.Damage) != 0 {
		t.Errorf("%+v", whole)
	}
	if len(whole.Issues) != 1 || whole.Issues[0].Class != "Warning" || whole.Issues[0].Line == 0 || !strings.Contains(whole.Issues[0].About, "EX03A") || whole.Others != 1 || len(whole.Titles) != 1 {
		t.Errorf("%+v", whole)
	}
	if half.Tool != whole.Tool || len(half.Damage) == 0 {
		t.Errorf("half: %+v", half)
	}
}

// TestLacksExports: who gave other files is told what these had to be, and how
// to get them.
func TestLacksExports(t *testing.T) {
	for _, c := range []struct {
		key    diag.AnyKey
		format string // of a file that is of no use
		text   string
		want   string
	}{
		{evidence.OrgCmdlets, "a log", "#Software: x\n", "cmdlet exports: none of the evidence files is the output of an Exchange cmdlet"},
		{evidence.OrgCmdlets, "another cmdlet", strings.ReplaceAll(samples()[formatCLIXML], "SmtpSendConnectorConfig", "Mailbox"), "x has 1 objects, and none of them is about mail flow"},
		{evidence.OrgRegistry, "a log", "#Software: x\n", "registry exports: none of the evidence files is an export of the registry"},
		{evidence.OrgRegistry, "another key", "REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\x]\r\n\"a\"=\"b\"\r\n", "x has 2 keys and values, and none of them is of the routing engine"},
		{evidence.BPAReports, "a log", "#Software: x\n", "earlier analyses: none of the evidence files is a data file of the Best Practices Analyzer"},
	} {
		named := map[string][]byte{"x": []byte(c.text)}
		r := reported(t, worldOf(named), evidenceOf(named), c.key)
		if gaps := gapsOf(r); !strings.Contains(gaps, c.want) || !strings.Contains(gaps, c.key.Kind().Doc) {
			t.Errorf("%s of %s: %q", c.key.Kind().Name, c.format, gaps)
		}
	}
}

// The organization is made of what the cmdlets say alone, too; without either
// the operator is told how to export it.
func TestOrganizationOfCmdletsAlone(t *testing.T) {
	named := map[string][]byte{"send.xml": []byte(samples()[formatCLIXML])}
	r := reported(t, worldOf(named), evidenceOf(named), evidence.Organization)
	o, ok := diag.Value(r, evidence.Organization)
	if !ok || len(o.Connectors) != 1 || o.Connectors[0].Name != "To the internet" {
		t.Errorf("%+v; %s", o, gapsOf(r))
	}
	r = reported(t, worldOf(nil), nil, evidence.Organization)
	if gaps := gapsOf(r); !strings.Contains(gaps, "ldifde -f org.ldf") {
		t.Errorf("%q", gaps)
	}
}
