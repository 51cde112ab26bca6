package collectors

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"mailflow/diag"
	"mailflow/evidence"
)

const connectorDN = "CN=A to B,CN=Connections,CN=RG,CN=Routing Groups,CN=AG,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com"

var export = "dn: " + connectorDN + "\r\nchangetype: add\r\nobjectClass: top\r\nobjectClass: msExchRoutingGroupConnector\r\n" +
	"instanceType: 4\r\nthis is damaged\r\nnTSecurityDescriptor:: AQAB\r\nactivationStyle: 1\r\nactivationSchedule:: " + strings.Repeat("q", 60) + "\r\n " + strings.Repeat("q", 52) + "\r\n\r\n" +
	"dn: CN=Somebody,DC=contoso,DC=com\r\nchangetype: add\r\nobjectClass: user\r\n\r\n"

// wideText is UTF-16 with its mark, as ldifde -u writes it.
func wideText(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// reported runs the collectors on files, for what one analyzer reads of them.
func reported(t *testing.T, w diag.World, answers map[string]string, needs ...diag.AnyKey) *diag.Report {
	t.Helper()
	cat := reading(needs...)
	r := diag.NewReport(cat)
	for ev := range diag.Run(t.Context(), w, cat, &diag.Case{Symptom: "x", Offline: answers["directory"] == "", Answers: answers}) {
		r.Add(ev)
	}
	return r
}

// reading is a catalog with one analyzer, which reads these.
func reading(needs ...diag.AnyKey) *diag.Catalog {
	reader := &diag.Analyzer{Name: "reader", Doc: "x", Needs: needs, Run: func(diag.Evidence) []diag.Finding { return nil }}
	return &diag.Catalog{Inputs: Inputs(), Collectors: All(), Symptoms: []*diag.Symptom{{Name: "x", Analyzers: []*diag.Analyzer{reader}}}}
}

func gapsOf(r *diag.Report) string {
	gaps := ""
	for _, g := range r.NotChecked() {
		gaps += g.Why + "; " + g.How
	}
	return gaps
}

// evidenceOf names files as an operator would.
func evidenceOf(named map[string][]byte) map[string]string {
	return map[string]string{"evidence": strings.Join(slices.Sorted(maps.Keys(named)), "\n")}
}

// gathered reads files the way a run does.
func gathered(t *testing.T, named map[string][]byte) (evidence.Directory, []evidence.File, string) {
	t.Helper()
	r := reported(t, worldOf(named), evidenceOf(named), evidence.OrgEntries, evidence.Files)
	d, _ := diag.Value(r, evidence.OrgEntries)
	files, _ := diag.Value(r, evidence.Files)
	return d, files, gapsOf(r)
}

func TestDirectoryExport(t *testing.T) {
	for name, b := range map[string][]byte{"ansi.ldf": []byte(export), "unicode.ldf": wideText(export)} {
		d, files, _ := gathered(t, map[string][]byte{name: b})
		if len(files) != 1 || files[0].Format != formatLDIF || files[0].Unread != "" {
			t.Fatalf("%s is taken for %+v", name, files)
		}
		x := d.Exports[0]
		if x.Objects != 2 || x.Kept != 1 || len(x.Problems) != 1 || x.Problems[0].Line != 6 {
			t.Errorf("%s: %+v", name, x)
		}
		o := evidence.NewOrg(d, evidence.Cmdlets{})
		c := o.Connectors[0]
		if c.Name != "A to B" || !c.Whole || !c.Delivery.Is(evidence.StyleSelected) || c.Delivery.Schedule == nil || c.Where.Line != 1 || len(o.Problems) != 1 {
			t.Errorf("%s: %+v, %q", name, c, o.Problems)
		}
		for _, a := range d.Entries[0].Attrs {
			if strings.EqualFold(a.Name, "nTSecurityDescriptor") {
				t.Errorf("%s: %s was kept", name, a.Name)
			}
		}
	}
}

func TestCSVExport(t *testing.T) {
	text := "DN,objectClass,instanceType,activationStyle,activationSchedule\r\n" +
		"\"" + connectorDN + "\",top;msExchConnector;msExchRoutingGroupConnector,4,1,X'" + strings.Repeat("aa", 84) + "'\r\n"
	d, files, _ := gathered(t, map[string][]byte{"org.csv": []byte(text)})
	if len(files) != 1 || files[0].Format != formatCSVDE {
		t.Fatalf("%+v", files)
	}
	o := evidence.NewOrg(d, evidence.Cmdlets{})
	if len(o.Connectors) != 1 || o.Connectors[0].Delivery.Schedule == nil || !strings.HasPrefix(o.Connectors[0].Delivery.Schedule.Words(), "every 30 minutes") {
		t.Errorf("%+v", o)
	}
}

// TestLacksDirectoryExport: a run without an export says how to get one.
func TestLacksDirectoryExport(t *testing.T) {
	const command = `ldifde -f org.ldf -d "CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com" -p subtree`
	for name, named := range map[string]map[string][]byte{
		"nothing":   nil,
		"a log":     {"smtp.log": []byte("#Software: x\n")},
		"users":     {"users.ldf": []byte("dn: CN=Somebody,DC=contoso,DC=com\nchangetype: add\nobjectClass: user\n\n")},
		"all dirt":  {"dirt.ldf": []byte("dn: x\nchangetype: add\n" + strings.Repeat("dirt\n", 5000))},
		"empty one": {"empty.ldf": {}},
	} {
		d, _, gaps := gathered(t, named)
		if len(d.Entries) != 0 || !strings.Contains(gaps, command) {
			t.Errorf("%s: %+v, %q", name, d, gaps)
		}
	}
}

// A damaged archive gives what it has, and the place where it ends is named.
func TestHalfAnExport(t *testing.T) {
	packed := gzipped(t, []byte(strings.Repeat(export, 200)+"dn: CN=last,DC=contoso,DC=com\n"))
	d, files, _ := gathered(t, map[string][]byte{"half.gz": packed[:len(packed)/2]})
	if len(files) != 2 || files[1].Format != formatLDIF || files[1].SHA256 != "" {
		t.Fatalf("%+v", files)
	}
	x := d.Exports[0]
	if len(d.Entries) == 0 || x.Path != "half.gz//half" || x.Kept != len(d.Entries) || len(x.Problems) == 0 {
		t.Fatalf("%d entries, %+v", len(d.Entries), x)
	}
	k := x.Problems[len(x.Problems)-1]
	if x.More == 0 && (k.Line == 0 || !strings.Contains(k.Text, "EOF")) {
		t.Errorf("the end: %+v", k)
	}
}
